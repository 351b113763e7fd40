from datetime import timedelta
from typing import Any

import pytest

from app.domain.audit import Action, AuditEvent, Outcome, Source
from app.domain.errors import InvalidInput, StoreUnavailable
from app.domain.outcomes import RefusalReason, Refused, Repeated
from app.domain.permissions import Role
from app.domain.receipts import RECEIPT_KEPT_FOR, Receipt, Refusals
from app.ports import OFFICE, Key, Snapshot, Store, entries, partition
from app.stores.sqlite import SqliteStore
from app.usecases.requests import Change, Request, perform, permit
from tests.support import GUEST, HOST, asked, local

NOON = local("2026-11-23T12:00")
SECOND, MICROSECOND = timedelta(seconds=1), timedelta(microseconds=1)
REFUSED, CLOSED = (Refused(Action.UNLOCK, reason) for reason in (RefusalReason.PAST, RefusalReason.OUTSIDE_HOURS))


def done(request: Request, outcome: str = "done") -> Any:
    def act(_: Snapshot) -> Change:
        return Change(outcome, {}, [request.event(Action.LOCK, Outcome.DONE, door="front")])

    return act


def log(store: Store, door: str = "front") -> list[AuditEvent]:
    return [entry.event for entry in entries(store, partition(door))][::-1]


def lock(store: Store, request: Request, outcome: str = "done") -> object:
    return perform(store, request, Action.LOCK, "front", done(request, outcome))


def refuse(store: Store, request: Request, refused: Refused = REFUSED) -> object:
    return perform(store, request, refused.action, "front", lambda _: refused)


def refuse_often(store: Store, *seconds: float) -> list[tuple[str, object]]:
    """Reason and count of what is on record after the same refusal at these times."""
    for at in seconds:
        refuse(store, asked(NOON + at * SECOND))
    return [(event.reason, event.details.get("times")) for event in log(store)]


# Receipts


def test_the_same_delivery_again_gets_the_first_answer_and_does_nothing(store: Store) -> None:
    request = asked(NOON, delivery="trigger-1")
    assert lock(store, request, "first") == "first"
    assert lock(store, request, "second") == Repeated("first")
    assert len(log(store)) == 1


def test_the_first_answer_is_given_even_to_who_has_lost_the_right_meanwhile(store: Store) -> None:
    lock(store, asked(NOON, delivery="trigger-1"), "first")
    assert lock(store, asked(NOON, role=Role.NOBODY, delivery="trigger-1")) == Repeated("first")


def test_a_refusal_too_is_remembered(store: Store) -> None:
    request = asked(NOON, delivery="trigger-1", answer=lambda _: "no")
    refuse(store, request)
    assert refuse(store, request) == Repeated("no")
    assert refuse_often(store) == [("past", None)]


@pytest.mark.parametrize("delivery", ["", "trigger-2"])
def test_another_delivery_is_another_command(store: Store, delivery: str) -> None:
    lock(store, asked(NOON, delivery="trigger-1"))
    assert lock(store, asked(NOON, delivery=delivery), "second") == "second"
    assert len(log(store)) == 2


def test_a_command_without_a_delivery_leaves_no_receipt(store: Store) -> None:
    lock(store, asked(NOON))
    assert store.due([partition("front")], NOON + RECEIPT_KEPT_FOR, 10) == []


@pytest.mark.parametrize(("away", "is_due"), [(-MICROSECOND, False), (timedelta(0), True)])
def test_a_receipt_is_kept_for_ten_minutes(store: Store, away: timedelta, is_due: bool) -> None:
    lock(store, asked(NOON, delivery="trigger-1"))
    due = store.due([partition("front")], NOON + timedelta(minutes=10) + away, 10)
    assert [record.name for record in due] == ["receipt:trigger-1"] * is_due


def test_the_answer_that_is_kept_is_in_the_words_of_the_edge(store: Store) -> None:
    key = Key[Receipt]("receipt:trigger-1")
    lock(store, asked(NOON, delivery="trigger-1", answer=lambda outcome: f"<{outcome}>"))
    assert store.read(partition("front"), key).get(key) == Receipt("<done>", NOON)


# Rights and refusals


def test_who_may_not_is_refused_and_nothing_is_done(store: Store) -> None:
    request = asked(NOON, GUEST, Role.NOBODY, denied_because=RefusalReason.NOT_FULL_MEMBER)
    assert lock(store, request) == Refused(Action.LOCK, RefusalReason.NOT_FULL_MEMBER)
    event = log(store)[0]
    assert (event.actor, event.action, event.outcome, event.reason) == (GUEST, "lock", "refused", "not_full_member")
    assert (event.source, event.door, event.time) == (Source.SLACK, "front", NOON)


def test_what_was_not_understood_is_a_refusal_with_its_hint(store: Store) -> None:
    def act(_: Snapshot) -> Change:
        raise InvalidInput("Try 2h.")

    outcome = perform(store, asked(NOON), Action.UNLOCK, "front", act)
    assert outcome == Refused(Action.UNLOCK, RefusalReason.NOT_UNDERSTOOD, hint="Try 2h.")
    assert [event.reason for event in log(store)] == ["not_understood"]


def test_permission_for_what_changes_nothing_leaves_no_trace(store: Store) -> None:
    assert permit(store, asked(NOON), Action.STATUS) is None
    assert log(store, "") == []


def test_a_refusal_of_what_belongs_to_no_door_is_on_record_at_the_office(store: Store) -> None:
    assert permit(store, asked(NOON), Action.LOG) == Refused(Action.LOG, RefusalReason.NOT_PERMITTED)
    assert [(event.action, event.reason, event.actor) for event in log(store, "")] == [("log", "not_permitted", HOST)]


def test_a_refusal_of_what_belongs_to_a_door_is_on_record_there(store: Store) -> None:
    assert permit(store, asked(NOON), Action.LOG, "front") == Refused(Action.LOG, RefusalReason.NOT_PERMITTED)
    assert [(event.action, event.door) for event in log(store)] == [("log", "front")]
    assert log(store, "") == []


def test_equal_refusals_within_a_minute_are_on_record_once(store: Store) -> None:
    assert refuse_often(store, 0, 1, 2, 59.999999) == [("past", None)]


def test_the_repetitions_are_counted_when_the_next_minute_begins(store: Store) -> None:
    assert refuse_often(store, 0, 1, 59.999999, 60) == [("past", None), ("past", 2), ("past", None)]


def test_a_refusal_that_was_not_repeated_has_no_count(store: Store) -> None:
    assert refuse_often(store, 0, 60, 120) == [("past", None)] * 3


def test_the_count_names_who_by_which_edge_and_what(store: Store) -> None:
    refuse_often(store, 0, 1, 60)
    count = log(store)[1]
    assert (count.actor, count.source, count.action, count.outcome) == (HOST, "slack", "unlock", "refused")


def test_two_people_or_two_actions_are_not_equal(store: Store) -> None:
    refuse(store, asked(NOON))
    refuse(store, asked(NOON, "U0OTHER01"))
    refuse(store, asked(NOON), Refused(Action.LOCK, RefusalReason.PAST))
    assert len(log(store)) == 3


def recorded(store: Store) -> list[tuple[str, object]]:
    return [(event.reason, event.details.get("times")) for event in log(store)]


def test_a_refusal_for_another_reason_is_on_record_at_once(store: Store) -> None:
    refuse_often(store, 0, 1, 2)
    refuse(store, asked(NOON + 3 * SECOND), CLOSED)
    assert recorded(store) == [("past", None), ("outside_hours", None)]


def test_reasons_that_alternate_are_each_on_record_once_and_counted_by_reason(store: Store) -> None:
    for at in range(58):
        refuse(store, asked(NOON + at * SECOND), CLOSED if at % 2 else REFUSED)
    assert recorded(store) == [("past", None), ("outside_hours", None)]
    refuse(store, asked(NOON + 60 * SECOND))
    assert recorded(store)[2:] == [("past", 28), ("outside_hours", 28), ("past", None)]


def test_the_minute_begins_with_the_first_refusal_whatever_its_reason(store: Store) -> None:
    refuse(store, asked(NOON))
    refuse(store, asked(NOON + 59 * SECOND), CLOSED)
    refuse(store, asked(NOON + 60 * SECOND), CLOSED)
    assert recorded(store) == [("past", None), ("outside_hours", None), ("outside_hours", None)]


def test_what_was_refused_is_not_refused_for_ever(store: Store) -> None:
    lock(store, asked(NOON, role=Role.MEMBER))
    assert lock(store, asked(NOON + SECOND)) == "done"


# Races


def test_the_first_writer_wins_and_the_second_decides_again(store: Store) -> None:
    key, seen = Key[Refusals](f"refusals:{HOST}:{Action.UNLOCK}"), []

    def act(snapshot: Snapshot) -> Refused:
        seen.append(snapshot.get(key))
        if len(seen) == 1:
            refuse(store, asked(NOON))
        return REFUSED

    perform(store, asked(NOON + SECOND), Action.UNLOCK, "front", act)
    assert [found is None for found in seen] == [True, False]
    assert len(log(store)) == 1


def test_who_never_gets_a_turn_is_told_that_nothing_was_changed(sqlite_store: SqliteStore) -> None:
    class Beaten(SqliteStore):
        def commit(self, *_: Any) -> bool:
            return False

    with pytest.raises(StoreUnavailable, match="nothing was changed"):
        lock(Beaten(sqlite_store._path), asked(NOON))
    assert log(sqlite_store) == []


def test_the_office_has_a_partition_of_its_own() -> None:
    assert (partition(""), partition("office")) == (OFFICE, "door:office")
