"""What hosts answer: the first answer wins, whoever else presses, and whatever happens meanwhile."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial
from typing import Any

import pytest

from app.domain.audit import AuditEvent, Source
from app.domain.decisions import GrantSource
from app.domain.doors import AfterHours, Door, DoorState, Lockdown
from app.domain.outcomes import Answered, RefusalReason, Refused, Repeated
from app.domain.permissions import Role
from app.domain.unlocks import Terms, Unlock
from app.domain.visits import Visit, VisitState
from app.ports import Store, entries, partition
from app.usecases.answers import Answers
from app.usecases.steps import nobody, question_key, visit_key
from app.usecases.telephones import Telephones
from app.usecases.unlocks import STATE
from app.usecases.visits import Visits
from tests.support import ADMIN, HOST, INTERCOM, TELEPHONE, a_door, a_holding, asked, local

MONDAY = "2026-11-23"
NOON = local(f"{MONDAY}T12:00")
SECOND = timedelta(seconds=1)
SOON = NOON + 7 * SECOND
HALF_HOUR = timedelta(minutes=30)
TERMS = Terms(timedelta(hours=2), timedelta(hours=8))
DOOR, BACK = a_door(), a_door(id="back", name="Back door")
CALL, MESSAGE = "CA1", "1700000000.000001"
OTHER = "U0HOST002"


class Desk:
    """Hosts who answer, and what that moves: calls, and messages."""

    def __init__(self, store: Store, terms: Terms = TERMS) -> None:
        self.store = store
        self.moved: list[tuple[str, str]] = []
        self.changed: list[tuple[str, str]] = []
        self.answers = Answers(
            store,
            terms,
            lambda door, visit: self.changed.append((door.id, visit.id)),
            lambda door, call: self.moved.append((door.id, call)),
        )

    def ring(self, call: str = CALL, door: Door = DOOR, now: datetime = NOON) -> Visit:
        return Visits(self.store).ring(door, call, INTERCOM, now)

    def admit(
        self,
        who: str = HOST,
        call: str = CALL,
        door: Door = DOOR,
        now: datetime = SOON,
        unlock: bool = False,
        **more: Any,
    ) -> Any:
        return self.answers.admit(asked(now, who, **more), door, call, MESSAGE, unlock=unlock)

    def turn_away(self, who: str = HOST, call: str = CALL, door: Door = DOOR, now: datetime = SOON, **more: Any) -> Any:
        return self.answers.turn_away(asked(now, who, **more), door, call, MESSAGE)

    def visit(self, call: str = CALL, door: Door = DOOR) -> Visit:
        visit = self.store.read(partition(door.id), visit_key(call)).get(visit_key(call))
        assert visit is not None
        return visit

    def put(self, state: DoorState, door: Door = DOOR) -> None:
        assert self.store.commit(self.store.read(partition(door.id), STATE), {STATE: state})

    def unlocks(self, door: Door = DOOR) -> tuple[Unlock, ...]:
        return (self.store.read(partition(door.id), STATE).get(STATE) or DoorState()).unlocks

    def poll(self, now: datetime, call: str = CALL, door: Door = DOOR) -> Visit | None:
        return a_holding(self.store).poll(door, call, INTERCOM, "", now).visit

    def events(self, door: Door = DOOR) -> list[AuditEvent]:
        return [entry.event for entry in entries(self.store, partition(door.id))][::-1]

    def outcomes(self, door: Door = DOOR) -> list[str]:
        return [f"{event.action} {event.outcome}" for event in self.events(door)]


@pytest.fixture
def desk(store: Store) -> Desk:
    return Desk(store)


ANSWERS: dict[str, Callable[..., Any]] = {
    "admit": Desk.admit,
    "admit and unlock": partial(Desk.admit, unlock=True),
    "turn away": Desk.turn_away,
}
each_answer = pytest.mark.parametrize("answer", ANSWERS.values(), ids=list(ANSWERS))


# The first answer


def test_a_host_lets_the_visitor_in_and_the_call_and_the_message_move_at_once(desk: Desk) -> None:
    desk.ring()
    outcome = desk.admit()
    assert outcome == Answered(desk.visit())
    visit = desk.visit()
    assert (visit.state, visit.by, visit.decided_at, visit.reason) == (
        VisitState.RELEASED,
        HOST,
        SOON,
        GrantSource.HOST,
    )
    assert (desk.moved, desk.changed) == ([("front", CALL)], [("front", CALL)])
    event = desk.events()[-1]
    assert (event.action, event.outcome, event.reason, event.actor) == ("admit", "released", "host", HOST)
    assert (event.source, event.visit, event.time, event.details) == (Source.SLACK, CALL, SOON, {"seconds": 7})


def test_a_host_turns_the_visitor_away_and_nothing_is_released(desk: Desk) -> None:
    desk.ring()
    assert desk.turn_away() == Answered(desk.visit())
    assert (desk.visit().state, desk.visit().by) == (VisitState.TURNED_AWAY, HOST)
    event = desk.events()[-1]
    assert (event.action, event.outcome, event.actor, event.visit) == ("turn_away", "denied", HOST, CALL)
    assert "released" not in [event.outcome for event in desk.events()]
    assert (desk.moved, desk.unlocks()) == ([("front", CALL)], ())


def test_who_was_turned_away_is_not_released_by_an_unlock_that_comes_later(desk: Desk) -> None:
    desk.ring()
    desk.turn_away()
    desk.put(DoorState((Unlock(HOST, NOON, NOON + HALF_HOUR),)))
    found = desk.poll(SOON + SECOND)
    assert found is not None
    assert found.state is VisitState.TURNED_AWAY


@each_answer
def test_a_visitor_whose_telephones_ring_already_can_still_be_answered(desk: Desk, answer: Callable[..., Any]) -> None:
    desk.ring()
    assert a_holding(desk.store).hand_over(DOOR, CALL, NOON + SECOND)
    assert isinstance(answer(desk), Answered)
    assert desk.moved == [("front", CALL)]


@pytest.mark.parametrize("hour", ["03:00", "08:59", "17:00", "23:30"])
def test_a_host_counts_at_any_hour(desk: Desk, hour: str) -> None:
    door, now = a_door(after_hours=AfterHours.ASK), local(f"{MONDAY}T{hour}")
    desk.ring(door=door, now=now)
    assert isinstance(desk.admit(door=door, now=now + SECOND), Answered)


# Those who come second


@each_answer
@pytest.mark.parametrize(
    ("first", "told"),
    [
        (Desk.admit, f"<@{HOST}> let the visitor in after 7 s. That was first, so nothing was changed."),
        (Desk.turn_away, f"<@{HOST}> was first, and turned the visitor away."),
    ],
)
@pytest.mark.parametrize("is_over", [False, True])
def test_the_second_answer_changes_nothing_and_is_told_who_was_first(
    desk: Desk, first: Callable[..., Any], told: str, answer: Callable[..., Any], is_over: bool
) -> None:
    desk.ring()
    first(desk)
    if is_over:
        desk.poll(SOON + SECOND)
        Visits(desk.store).ended(DOOR, CALL, SOON + 3 * SECOND)
    visit = desk.visit()
    refused = answer(desk, OTHER, now=SOON + 5 * SECOND)
    assert isinstance(refused, Refused)
    assert (refused.reason, refused.hint) == (RefusalReason.TOO_LATE, told)
    assert (desk.visit(), desk.unlocks(), desk.moved) == (visit, (), [("front", CALL)])
    assert (desk.events()[-1].outcome, desk.events()[-1].reason, desk.events()[-1].actor) == (
        "refused",
        "too_late",
        OTHER,
    )


@pytest.mark.parametrize(
    ("first", "told"),
    [
        (Desk.admit, "You have let this visitor in already."),
        (Desk.turn_away, "You have turned this visitor away already."),
    ],
)
def test_whoever_presses_twice_is_told_so(desk: Desk, first: Callable[..., Any], told: str) -> None:
    desk.ring()
    first(desk, delivery="1")
    assert desk.admit(delivery="2").hint == told


@each_answer
def test_the_same_delivery_acts_once_and_gets_its_first_answer(desk: Desk, answer: Callable[..., Any]) -> None:
    desk.ring()
    answer(desk, delivery="1")
    visit, events = desk.visit(), desk.events()
    assert isinstance(answer(desk, delivery="1", now=SOON + SECOND), Repeated)
    assert (desk.visit(), desk.events(), desk.moved) == (visit, events, [("front", CALL)])


@each_answer
def test_a_visitor_who_has_hung_up_is_gone(desk: Desk, answer: Callable[..., Any]) -> None:
    desk.ring()
    Visits(desk.store).ended(DOOR, CALL, NOON + SECOND)
    assert answer(desk).hint == "The visitor has gone."
    assert (desk.outcomes()[:2], desk.unlocks(), desk.moved) == (["ring asked", "end hung_up"], (), [])


@each_answer
def test_a_visit_that_nobody_knows_is_gone(desk: Desk, answer: Callable[..., Any]) -> None:
    for call in ("CA404", "", "x" * 3000, "CA1 CA1", "é\n"):
        refused = answer(desk, call=call)
        assert (refused.reason, refused.hint) == (RefusalReason.TOO_LATE, "The visitor has gone.")
    assert (desk.unlocks(), desk.moved, {event.outcome for event in desk.events()}) == ((), [], {"refused"})


def forwarded(desk: Desk) -> Telephones:
    desk.ring()
    a_holding(desk.store).hand_over(DOOR, CALL, NOON + SECOND)
    return Telephones(desk.store, nobody)


@each_answer
@pytest.mark.parametrize("is_over", [False, True])
def test_after_a_telephone_has_taken_the_call_nothing_is_left_to_answer(
    desk: Desk, answer: Callable[..., Any], is_over: bool
) -> None:
    forwarded(desk).pressed(DOOR, CALL, TELEPHONE, "1", NOON + 2 * SECOND)
    if is_over:
        Visits(desk.store).ended(DOOR, CALL, NOON + 3 * SECOND)
    assert answer(desk).hint == "Somebody has answered the visitor by telephone already."
    assert (desk.visit().state, desk.unlocks(), desk.moved) == (VisitState.ANSWERED, (), [])


@each_answer
def test_after_a_telephone_has_let_the_visitor_in_it_is_told_which(desk: Desk, answer: Callable[..., Any]) -> None:
    forwarded(desk).pressed(DOOR, CALL, TELEPHONE, "9", NOON + 2 * SECOND)
    told = "Telephone …0123 let the visitor in after 2 s. That was first, so nothing was changed."
    assert (answer(desk).hint, desk.moved) == (told, [])


@each_answer
def test_after_an_unlock_has_released_the_visitor_it_is_told_whose(desk: Desk, answer: Callable[..., Any]) -> None:
    desk.ring()
    desk.put(DoorState((Unlock(OTHER, NOON, NOON + HALF_HOUR),)))
    desk.poll(NOON + 2 * SECOND)
    told = f"Released after 2 s by the unlock of <@{OTHER}>. That was first, so nothing was changed."
    assert (answer(desk).hint, desk.moved) == (told, [])


@each_answer
def test_when_nobody_came_to_the_telephones_it_is_told_so(desk: Desk, answer: Callable[..., Any]) -> None:
    forwarded(desk).done(DOOR, CALL, "no-answer", hung_up=False, now=NOON + 40 * SECOND)
    assert answer(desk, now=NOON + 41 * SECOND).hint == "Nobody came to the telephones, and the visitor was told so."


# Who may, and when


@each_answer
@pytest.mark.parametrize("role", [Role.NOBODY, Role.MEMBER])
def test_somebody_without_the_right_changes_nothing(desk: Desk, answer: Callable[..., Any], role: Role) -> None:
    desk.ring()
    visit = desk.visit()
    assert answer(desk, "U0MEMBER1", role=role).reason is RefusalReason.NOT_PERMITTED
    assert (desk.visit(), desk.unlocks(), desk.moved) == (visit, (), [])
    assert (desk.events()[-1].outcome, desk.events()[-1].reason) == ("refused", "not_permitted")


def test_an_admin_may_answer(desk: Desk) -> None:
    desk.ring()
    assert isinstance(desk.admit(ADMIN, role=Role.ADMIN), Answered)


LOCKDOWN = DoorState(lockdown=Lockdown(ADMIN, NOON, "fire drill"))


@pytest.mark.parametrize("unlock", [False, True])
def test_in_lockdown_nobody_is_let_in(desk: Desk, unlock: bool) -> None:
    desk.ring()
    desk.put(LOCKDOWN)
    assert desk.admit(unlock=unlock).reason is RefusalReason.LOCKDOWN
    assert (desk.visit().is_held, desk.unlocks(), desk.moved) == (True, (), [])


def test_in_lockdown_a_visitor_can_be_turned_away(desk: Desk) -> None:
    desk.ring()
    desk.put(LOCKDOWN)
    assert isinstance(desk.turn_away(), Answered)


def test_a_lockdown_between_the_answer_and_the_tone_keeps_the_door_locked(desk: Desk) -> None:
    desk.ring()
    desk.admit()
    desk.put(LOCKDOWN)
    found = desk.poll(SOON + SECOND)
    assert found is not None
    assert (found.state, found.reason, found.heard) == (VisitState.FORWARDED, "lockdown", False)
    assert desk.outcomes() == ["ring asked", "admit released", "forward forwarded"]
    assert desk.events()[-1].reason == "lockdown"


def test_a_lockdown_before_the_tone_counts_also_where_a_telephone_let_the_visitor_in(desk: Desk) -> None:
    telephones = forwarded(desk)
    telephones.pressed(DOOR, CALL, TELEPHONE, "9", NOON + 2 * SECOND)
    desk.put(LOCKDOWN)
    visit = telephones.done(DOOR, CALL, "completed", hung_up=False, now=NOON + 3 * SECOND)
    assert visit is not None
    assert (visit.state, visit.reason, visit.by) == (VisitState.FORWARDED, "lockdown", "")


@pytest.mark.parametrize("unlock", [False, True])
def test_after_such_a_lockdown_is_lifted_hosts_can_answer_again(desk: Desk, unlock: bool) -> None:
    desk.ring()
    desk.admit(unlock=unlock)
    desk.put(LOCKDOWN)
    desk.poll(SOON + SECOND)
    assert desk.visit().unlocked_until is None
    desk.put(DoorState())
    assert isinstance(desk.admit(OTHER, now=SOON + 3 * SECOND), Answered)
    assert (desk.visit().by, desk.visit().state) == (OTHER, VisitState.RELEASED)


# Let in and unlock


@pytest.mark.parametrize(
    ("pressed", "terms", "until", "bound"),
    [
        ("12:00:07", TERMS, "12:30:07", "asked"),
        ("16:30:00", TERMS, "17:00:00", "asked"),
        ("16:30:01", TERMS, "17:00:00", "closing"),
        ("16:59:59", TERMS, "17:00:00", "closing"),
        ("12:00:00", replace(TERMS, unlock_max=timedelta(minutes=10)), "12:10:00", "longest"),
    ],
)
def test_let_in_and_unlock_lasts_half_an_hour_at_most_until_closing_and_no_longer_than_allowed(
    store: Store, pressed: str, terms: Terms, until: str, bound: str
) -> None:
    desk, now, ends_at = Desk(store, terms), local(f"{MONDAY}T{pressed}"), local(f"{MONDAY}T{until}")
    desk.ring(now=now - 5 * SECOND)
    assert desk.admit(now=now, unlock=True) == Answered(desk.visit(), Unlock(HOST, now, ends_at))
    assert desk.unlocks() == (Unlock(HOST, now, ends_at),)
    admitted, unlocked = desk.events()[-2:]
    assert (admitted.action, admitted.outcome) == ("admit", "released")
    assert (unlocked.action, unlocked.outcome, unlocked.actor, unlocked.visit) == ("unlock", "done", HOST, CALL)
    assert unlocked.details == {"until": ends_at.isoformat(), "bound": bound}
    assert desk.ring("CA2", now=ends_at - SECOND).state is VisitState.RELEASED
    assert desk.ring("CA3", now=ends_at).state is not VisitState.RELEASED


@pytest.mark.parametrize("pressed", ["17:00:00", "17:00:01", "23:00:00"])
def test_after_closing_let_in_and_unlock_only_lets_in(desk: Desk, pressed: str) -> None:
    now = local(f"{MONDAY}T{pressed}")
    desk.ring(door=DOOR, now=local(f"{MONDAY}T16:59:50"))
    assert desk.admit(now=now, unlock=True) == Answered(desk.visit(), None)
    assert (desk.visit().state, desk.unlocks()) == (VisitState.RELEASED, ())
    assert desk.outcomes() == ["ring asked", "admit released"]


def test_let_in_and_unlock_leaves_other_unlocks_alone(desk: Desk) -> None:
    once = Unlock(OTHER, NOON, NOON + timedelta(hours=3), left=1)
    desk.ring()
    desk.put(DoorState((once,)))
    desk.admit(unlock=True)
    assert desk.unlocks() == (once, Unlock(HOST, SOON, SOON + HALF_HOUR))


def test_what_nobody_carries_out_unlocks_nothing(desk: Desk) -> None:
    desk.ring()
    desk.turn_away()
    desk.admit(OTHER, unlock=True)
    assert desk.unlocks() == ()
    assert "unlock done" not in desk.outcomes()


# Many at once


@each_answer
def test_of_twenty_answers_at_once_one_wins_and_nineteen_are_told_who(desk: Desk, answer: Callable[..., Any]) -> None:
    desk.ring()
    hosts = [f"U0HOST{number:03}" for number in range(20)]
    with ThreadPoolExecutor(20) as pool:
        outcomes = list(pool.map(lambda who: answer(desk, who, delivery=f"d{who}"), hosts))
    won = [who for who, outcome in zip(hosts, outcomes, strict=True) if isinstance(outcome, Answered)]
    lost = [outcome for outcome in outcomes if isinstance(outcome, Refused)]
    assert (len(won), len(lost), desk.visit().by) == (1, 19, won[0])
    assert all(f"<@{won[0]}>" in outcome.hint for outcome in lost)
    decided = [event for event in desk.events() if event.visit == CALL and event.action in ("admit", "turn_away")]
    assert [event.actor for event in decided] == won
    assert (desk.moved, len(desk.unlocks())) == ([("front", CALL)], 1 if "unlock done" in desk.outcomes() else 0)


def test_of_letting_in_and_turning_away_at_once_only_one_happens(desk: Desk) -> None:
    for number in range(5):
        call = f"CA{number}"
        desk.ring(call)
        acts = [
            partial(act, desk, f"U0HOST{turn:03}", call) for turn, act in enumerate([Desk.admit, Desk.turn_away] * 4)
        ]
        with ThreadPoolExecutor(8) as pool:
            outcomes = list(pool.map(lambda act: act(), acts))
        (won,) = [outcome.visit for outcome in outcomes if isinstance(outcome, Answered)]
        assert desk.visit(call) == won


def test_two_calls_and_two_doors_do_not_mix(desk: Desk) -> None:
    desk.ring("CA1")
    desk.ring("CA2")
    desk.ring("CA2", BACK)
    desk.admit(call="CA2", door=BACK, unlock=True)
    assert (desk.visit("CA1").is_held, desk.visit("CA2").is_held, desk.visit("CA2", BACK).is_held) == (
        True,
        True,
        False,
    )
    assert (desk.unlocks(), len(desk.unlocks(BACK))) == ((), 1)
    desk.turn_away(call="CA1")
    assert (desk.visit("CA1").state, desk.visit("CA2").is_held) == (VisitState.TURNED_AWAY, True)
    assert desk.admit(call="CA1", door=BACK).hint == "The visitor has gone."
    assert desk.moved == [("back", "CA2"), ("front", "CA1")]


# The message


def test_a_press_tells_which_message_asked_where_slack_never_said_so(desk: Desk) -> None:
    desk.ring()
    snapshot = desk.store.read(partition("front"), question_key(CALL))
    question = snapshot.get(question_key(CALL))
    assert question is not None
    desk.store.commit(snapshot, {question_key(CALL): question.posting(NOON).lost()})
    desk.admit()
    found = desk.store.read(partition("front"), question_key(CALL)).get(question_key(CALL))
    assert found is not None
    assert (found.ts, found.is_lost, found.is_settled) == (MESSAGE, False, False)
