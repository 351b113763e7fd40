from collections import Counter
from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from itertools import permutations, product
from typing import Any

import pytest

from app.domain.audit import AuditEvent, Source
from app.domain.doors import WITHHELD, AfterHours, Door, DoorState, Lockdown
from app.domain.errors import StoreUnavailable
from app.domain.tones import STANDARD
from app.domain.unlocks import Unlock
from app.domain.visits import LOST_AFTER, REMEMBERED_FOR, Visit, VisitState
from app.ports import Key, Store, entries, partition
from app.stores.sqlite import SqliteStore
from app.usecases.unlocks import STATE
from app.usecases.visits import Visits
from tests.support import HOST, INTERCOM, TELEPHONE, a_door, local
from tests.usecases.calls import Uses

MICROSECOND, SECOND = timedelta(microseconds=1), timedelta(seconds=1)
NOON = local("2026-11-23T12:00")
LATER = NOON + timedelta(minutes=5)
DOOR = a_door(channel="")  # nobody can be asked: what is not released is forwarded at once
CALL = "CA1"
FORWARDED = ["ring forwarded"]


def put(store: Store, *unlocks: Unlock, lockdown: Lockdown | None = None) -> None:
    snapshot = store.read(partition(DOOR.id), STATE)
    assert store.commit(snapshot, {STATE: DoorState(unlocks, lockdown)})


def unlock(store: Store) -> None:
    put(store, Unlock(HOST, NOON, NOON + timedelta(hours=1)))


def events(store: Store, call: str = CALL) -> list[AuditEvent]:
    return [entry.event for entry in entries(store, partition(DOOR.id)) if entry.event.visit == call][::-1]


def outcomes(store: Store, call: str = CALL) -> list[str]:
    return [f"{event.action} {event.outcome}" for event in events(store, call)]


def ring(store: Store, now: datetime = NOON, caller: str = INTERCOM, door: Door = DOOR) -> Visit:
    return Visits(store).ring(door, CALL, caller, now)


# One ring, one decision


def test_a_released_ring_is_on_record_with_who_made_it_possible(store: Store) -> None:
    unlock(store)
    assert ring(store).state is VisitState.RELEASED
    event = events(store)[0]
    assert (event.outcome, event.reason, event.actor, event.source) == ("released", "unlock", HOST, Source.VOICE)
    assert (event.time, event.door, event.visit, event.caller) == (NOON, "front", CALL, INTERCOM)


@pytest.mark.parametrize(
    ("caller", "now", "after_hours", "outcome", "reason"),
    [
        (INTERCOM, "12:00", AfterHours.FORWARD, "asked", "locked"),
        (INTERCOM, "22:00", AfterHours.FORWARD, "forwarded", "after_hours"),
        (INTERCOM, "22:00", AfterHours.ASK, "asked", "locked"),
        (INTERCOM, "22:00", AfterHours.CLOSED, "denied", "closed"),
        (WITHHELD, "12:00", AfterHours.FORWARD, "denied", "not_an_intercom"),
    ],
)
def test_every_decision_is_on_record_with_its_one_reason(
    store: Store, caller: str, now: str, after_hours: AfterHours, outcome: str, reason: str
) -> None:
    visit = ring(store, local(f"2026-11-23T{now}"), caller, a_door(after_hours=after_hours))
    assert (visit.state.value.replace("held", "asked"), visit.reason) == (outcome, reason)
    assert [(event.outcome, event.reason, event.actor) for event in events(store)] == [(outcome, reason, "")]


def test_in_lockdown_a_ring_is_forwarded_also_at_an_unlocked_door(store: Store) -> None:
    put(store, Unlock(HOST, NOON, NOON + timedelta(hours=1)), lockdown=Lockdown("U0ADMIN01", NOON))
    assert (ring(store).state, ring(store).reason) == (VisitState.FORWARDED, "lockdown")
    assert [(event.outcome, event.reason) for event in events(store)] == [("forwarded", "lockdown")]


def test_a_lockdown_takes_a_release_back_from_a_call_that_asks_again(store: Store) -> None:
    unlock(store)
    ring(store)
    put(store, Unlock(HOST, NOON, NOON + timedelta(hours=1)), lockdown=Lockdown("U0ADMIN01", NOON))
    for _ in range(2):
        assert ring(store, NOON + SECOND).state is VisitState.FORWARDED
    assert [(event.outcome, event.reason) for event in events(store)][1:] == [("forwarded", "lockdown")]
    put(store, Unlock(HOST, NOON, NOON + timedelta(hours=1)))
    assert ring(store, NOON + SECOND).state is VisitState.FORWARDED


def test_the_same_call_asked_again_gets_the_same_answer_though_the_door_was_locked_meanwhile(store: Store) -> None:
    unlock(store)
    first = ring(store)
    put(store)
    assert ring(store, NOON + SECOND) == first
    assert outcomes(store) == ["ring released"]


def test_the_same_call_asked_again_is_not_released_though_the_door_was_unlocked_meanwhile(store: Store) -> None:
    ring(store)
    unlock(store)
    assert ring(store, NOON + SECOND).state is VisitState.FORWARDED
    assert outcomes(store) == FORWARDED


def test_another_call_is_another_decision(store: Store) -> None:
    ring(store)
    unlock(store)
    assert Visits(store).ring(DOOR, "CA2", INTERCOM, NOON).state is VisitState.RELEASED


def test_a_lock_between_reading_and_recording_is_in_force(store: Store) -> None:
    unlock(store)

    class Locking:
        """Somebody locks the door just before the ring's commit."""

        is_locked = False

        def commit(self, *change: Any) -> bool:
            if not self.is_locked:
                self.is_locked = True
                put(store)
            return store.commit(*change)

        def __getattr__(self, name: str) -> Any:
            return getattr(store, name)

    assert ring(Locking()).state is VisitState.FORWARDED  # type: ignore[arg-type]
    assert outcomes(store) == FORWARDED


def test_a_ring_that_never_gets_its_turn_is_left_to_a_human(sqlite_store: SqliteStore) -> None:
    class Beaten(SqliteStore):
        def commit(self, *_: Any) -> bool:
            return False

    with pytest.raises(StoreUnavailable):
        ring(Beaten(sqlite_store._path))
    assert outcomes(sqlite_store) == []


# How a call goes on

Webhook = Callable[[Uses, str], object]
RANG: Webhook = lambda uses, call: uses.visits.ring(DOOR, call, INTERCOM, NOON)  # noqa: E731
POLLED: Webhook = lambda uses, call: uses.holding.poll(DOOR, call, INTERCOM, "", NOON)  # noqa: E731
HANDED_OVER: Webhook = lambda uses, call: uses.holding.hand_over(DOOR, call, NOON)  # noqa: E731
PICKED_UP: Webhook = lambda uses, call: uses.telephones.picked_up(DOOR, call, TELEPHONE, NOON)  # noqa: E731
TAKEN: Webhook = lambda uses, call: uses.telephones.pressed(DOOR, call, TELEPHONE, "1", NOON)  # noqa: E731
LET_IN: Webhook = lambda uses, call: uses.telephones.pressed(DOOR, call, TELEPHONE, "9", NOON)  # noqa: E731
MISTYPED: Webhook = lambda uses, call: uses.telephones.pressed(DOOR, call, TELEPHONE, "5", NOON)  # noqa: E731
PICKED: Webhook = lambda uses, call: uses.telephones.done(DOOR, call, "completed", False, NOON)  # noqa: E731
NOBODY: Webhook = lambda uses, call: uses.telephones.done(DOOR, call, "no-answer", False, NOON)  # noqa: E731
LEFT: Webhook = lambda uses, call: uses.telephones.done(DOOR, call, "canceled", True, NOON)  # noqa: E731
ENDED: Webhook = lambda uses, call: uses.visits.ended(DOOR, call, NOON)  # noqa: E731
WEBHOOKS = [POLLED, HANDED_OVER, PICKED_UP, TAKEN, LET_IN, MISTYPED, PICKED, NOBODY, LEFT, ENDED]
MOVING = [PICKED_UP, TAKEN, LET_IN, PICKED, NOBODY, ENDED]


@pytest.mark.parametrize(
    ("webhooks", "recorded"),
    [
        ([PICKED_UP, TAKEN, PICKED, ENDED], ["forward answered"]),
        ([TAKEN, PICKED, ENDED], ["forward answered"]),
        ([PICKED_UP, LET_IN, PICKED, ENDED], ["admit released"]),
        ([PICKED_UP, MISTYPED, TAKEN, PICKED, ENDED], ["forward answered"]),
        ([PICKED_UP, PICKED, ENDED], ["forward unanswered"]),
        ([NOBODY, ENDED], ["forward unanswered"]),
        ([LEFT, ENDED], ["end hung_up"]),
        ([ENDED], ["end hung_up"]),
        ([PICKED_UP, ENDED], ["end hung_up"]),
        ([PICKED_UP, LET_IN, ENDED], ["admit released", "end hung_up"]),
        ([PICKED_UP, LET_IN, LEFT, ENDED], ["admit released", "end hung_up"]),
        ([ENDED, PICKED_UP, TAKEN], ["end hung_up"]),
        ([ENDED, PICKED_UP, LET_IN], ["end hung_up"]),
        ([NOBODY, TAKEN], ["forward unanswered"]),
        ([NOBODY, LET_IN], ["forward unanswered"]),
        ([TAKEN, LET_IN, LEFT], ["forward answered"]),
        ([LET_IN, TAKEN, PICKED], ["admit released"]),
    ],
)
def test_what_became_of_a_forwarded_call_is_on_record(
    store: Store, webhooks: list[Webhook], recorded: list[str]
) -> None:
    ring(store)
    for webhook in webhooks:
        webhook(Uses(store), CALL)
    assert outcomes(store) == FORWARDED + recorded


@pytest.mark.parametrize("webhook", [TAKEN, LET_IN])
def test_whose_telephone_answered_is_on_record(store: Store, webhook: Webhook) -> None:
    ring(store)
    webhook(Uses(store), CALL)
    assert (events(store)[1].actor, events(store)[1].source) == (TELEPHONE, Source.VOICE)


@pytest.mark.parametrize(
    ("before", "dial_status"),
    [([], "no-answer"), ([], "busy"), ([], "failed"), ([PICKED_UP], "completed"), ([PICKED_UP], "canceled")],
)
def test_why_nobody_answered_is_on_record(store: Store, before: list[Webhook], dial_status: str) -> None:
    ring(store)
    for webhook in before:
        webhook(Uses(store), CALL)
    visit = Uses(store).telephones.done(DOOR, CALL, dial_status, False, NOON)
    assert visit is not None
    assert visit.state is VisitState.UNANSWERED
    assert events(store)[1].reason == dial_status


def settle(store: Store, orders: Iterable[tuple[Webhook, ...]]) -> dict[str, list[str]]:
    """What is on record of a call for each order of webhooks, once it is over and past all time limits."""
    uses, calls = Uses(store), []
    for number, order in enumerate(orders):
        calls.append(f"CA{number}")
        RANG(uses, calls[-1])
        for webhook in order:
            webhook(uses, calls[-1])
        uses.visits.close_if_lost(DOOR, calls[-1], NOON + LOST_AFTER)
    found: dict[str, list[str]] = {call: [] for call in calls}
    for entry in entries(store, partition(DOOR.id)):
        found[entry.event.visit].append(f"{entry.event.action} {entry.event.outcome}")
    return found


def is_settled(recorded: list[str]) -> bool:
    """One ring, one outcome; only a release may be followed by the word that the visitor had hung up."""
    counts = Counter(recorded)
    decided = sum(counts[outcome] for outcome in ("forward answered", "forward unanswered", "admit released"))
    gone = counts["end hung_up"] + counts["end lost"]
    is_one = decided == 1 or (decided == 0 and gone == 1)
    is_left_after = counts["end hung_up"] <= counts["admit released"] if decided else True
    return is_one and is_left_after and counts["ring forwarded"] == 1 and max(counts.values()) == 1


def test_webhooks_in_any_order_come_to_one_outcome(store: Store) -> None:
    found = settle(store, permutations([*MOVING, RANG], 3))
    assert len(found) == 210
    assert [recorded for recorded in found.values() if not is_settled(recorded)] == []


def test_webhooks_repeated_in_any_way_come_to_one_outcome(sqlite_store: Store) -> None:
    found = settle(sqlite_store, product(WEBHOOKS, repeat=3))
    assert len(found) == 1000
    assert [recorded for recorded in found.values() if not is_settled(recorded)] == []


@pytest.mark.parametrize("webhook", WEBHOOKS)
def test_a_webhook_for_a_call_that_nobody_knows_changes_nothing(store: Store, webhook: Webhook) -> None:
    webhook(Uses(store), "CA404")
    assert outcomes(store, "CA404") == []
    assert store.read(partition(DOOR.id), Key("visit:CA404")).get(Key("visit:CA404")) is None


@pytest.mark.parametrize("webhook", WEBHOOKS)
def test_a_released_visit_has_no_other_outcome(store: Store, webhook: Webhook) -> None:
    unlock(store)
    ring(store)
    webhook(Uses(store), CALL)
    assert outcomes(store) == ["ring released"]


# The end that nobody reported


def known(store: Store) -> Visit | None:
    key = Key[Visit](f"visit:{CALL}")
    return store.read(partition(DOOR.id), key).get(key)


@pytest.mark.parametrize(("away", "is_lost"), [(-MICROSECOND, False), (timedelta(0), True), (MICROSECOND, True)])
def test_a_visit_without_an_end_is_lost_after_ten_minutes(store: Store, away: timedelta, is_lost: bool) -> None:
    ring(store)
    Visits(store).close_if_lost(DOOR, CALL, NOON + LOST_AFTER + away)
    assert outcomes(store) == FORWARDED + ["end lost"] * is_lost


def test_a_lost_visit_is_on_record_once_and_over(store: Store) -> None:
    ring(store)
    for minutes in (10, 11, 12):
        Visits(store).close_if_lost(DOOR, CALL, NOON + timedelta(minutes=minutes))
    assert outcomes(store) == [*FORWARDED, "end lost"]
    assert ring(store, NOON + timedelta(minutes=13)).is_over


@pytest.mark.parametrize(("away", "is_known"), [(-MICROSECOND, True), (timedelta(0), False)])
def test_a_visit_is_forgotten_thirty_days_after_its_end(store: Store, away: timedelta, is_known: bool) -> None:
    ring(store)
    Visits(store).ended(DOOR, CALL, NOON + SECOND)
    Visits(store).close_if_lost(DOOR, CALL, NOON + SECOND + REMEMBERED_FOR + away)
    assert (known(store) is not None) is is_known
    assert outcomes(store) == [*FORWARDED, "end hung_up"]


def test_closing_a_visit_that_is_not_there_is_no_trouble(store: Store) -> None:
    Visits(store).close_if_lost(DOOR, CALL, NOON)
    assert outcomes(store) == []


# The backlog: rings that could not be recorded when they came


def test_a_ring_forwarded_because_of_a_fault_is_put_on_record_later_with_its_own_time(store: Store) -> None:
    visits = Visits(store)
    visits.remember(DOOR, CALL, INTERCOM, NOON)
    assert outcomes(store) == []
    visits.record_backlog(LATER)
    event = events(store)[0]
    assert (event.time, event.details) == (LATER, {"rang_at": NOON.isoformat()})
    assert (event.outcome, event.reason, event.caller, event.source) == ("forwarded", "fault", INTERCOM, Source.VOICE)


def test_the_log_stays_in_the_order_of_time_though_a_ring_is_recorded_late(store: Store) -> None:
    visits = Visits(store)
    visits.remember(DOOR, CALL, INTERCOM, NOON)
    visits.ring(DOOR, "CA2", INTERCOM, NOON + SECOND)
    visits.record_backlog(LATER)
    log = [(entry.event.visit, entry.event.time) for entry in entries(store, partition(DOOR.id))][::-1]
    assert log == [("CA2", NOON + SECOND), (CALL, LATER)]


def test_a_visit_of_the_backlog_is_lost_ten_minutes_after_it_rang(store: Store) -> None:
    visits = Visits(store)
    visits.remember(DOOR, CALL, INTERCOM, NOON)
    visits.record_backlog(LATER)
    visits.close_if_lost(DOOR, CALL, NOON + LOST_AFTER)
    assert outcomes(store) == [*FORWARDED, "end lost"]


def test_the_backlog_is_recorded_once(store: Store) -> None:
    visits = Visits(store)
    for call in ("CA1", "CA2"):
        visits.remember(DOOR, call, INTERCOM, NOON)
    visits.record_backlog(LATER)
    visits.record_backlog(LATER)
    assert [outcomes(store, call) for call in ("CA1", "CA2")] == [FORWARDED, FORWARDED]


def test_a_webhook_repeated_during_a_fault_is_recorded_once(store: Store) -> None:
    visits = Visits(store)
    visits.remember(DOOR, CALL, INTERCOM, NOON)
    visits.remember(DOOR, CALL, INTERCOM, NOON + SECOND)
    visits.record_backlog(LATER)
    assert outcomes(store) == FORWARDED


def test_the_backlog_is_kept_while_the_store_is_away(store: Store) -> None:
    class Away:
        is_away = True

        def read(self, *what: Any) -> Any:
            if self.is_away:
                raise StoreUnavailable
            return store.read(*what)

        def commit(self, *change: Any) -> bool:
            return store.commit(*change)

    away = Away()
    visits = Visits(away)  # type: ignore[arg-type]
    visits.remember(DOOR, CALL, INTERCOM, NOON)
    with pytest.raises(StoreUnavailable):
        visits.record_backlog(LATER)
    away.is_away = False
    visits.record_backlog(LATER)
    assert outcomes(store) == FORWARDED


def test_what_was_decided_before_the_fault_stays_decided(store: Store) -> None:
    unlock(store)
    ring(store)
    visits = Visits(store)
    visits.remember(DOOR, CALL, INTERCOM, NOON)
    visits.record_backlog(LATER)
    assert known(store) == Visit(CALL, NOON, VisitState.RELEASED, "unlock", tone=STANDARD.name)


def test_a_call_of_the_backlog_goes_on_like_any_other(store: Store) -> None:
    visits = Visits(store)
    visits.remember(DOOR, CALL, INTERCOM, NOON)
    visits.record_backlog(LATER)
    TAKEN(Uses(store), CALL)
    ENDED(Uses(store), CALL)
    assert outcomes(store) == [*FORWARDED, "forward answered"]
