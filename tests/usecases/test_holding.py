"""A held visit: asked again every few seconds, and each time the rules of the door count as they are then."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from app.domain.doors import AfterHours, Lockdown
from app.domain.questions import CONFIRMED_WITHIN, Question
from app.domain.unlocks import Unlock
from app.domain.visits import Visit, VisitState
from app.ports import Store, partition
from app.usecases.steps import question_key, visit_key
from tests.support import ADMIN, HOST, INTERCOM, a_door, local
from tests.usecases.calls import Uses, confirm, events, known, outcomes, put, put_code, put_state

MICROSECOND, SECOND = timedelta(microseconds=1), timedelta(seconds=1)
NOON = local("2026-11-23T12:00")
NIGHT = local("2026-11-23T22:00")
DOOR = a_door()
HOLD_ENDS = NOON + DOOR.hold
CALL, CODE = "CA1", "481516"
UNLOCK = Unlock(HOST, NOON, NOON + timedelta(hours=1))
LOCKDOWN = Lockdown(ADMIN, NOON)
ASKED = ["ring asked"]


@pytest.fixture
def uses(store: Store) -> Uses:
    return Uses(store)


def ring(uses: Uses, now: datetime = NOON, *, is_confirmed: bool = True) -> Visit:
    """A ring at the locked door; Slack has the question."""
    visit = uses.visits.ring(DOOR, CALL, INTERCOM, now)
    if is_confirmed:
        confirm(uses.store, DOOR, CALL)
    return visit


def poll(uses: Uses, now: datetime = NOON + 3 * SECOND, digits: str = "", call: str = CALL) -> Visit:
    visit = uses.holding.poll(DOOR, call, INTERCOM, digits, now).visit
    assert visit
    return visit


def recorded(uses: Uses) -> list[tuple[str, str, str]]:
    """What is on record since the ring: action, outcome and reason."""
    return [(event.action.value, event.outcome.value, event.reason) for event in events(uses.store, DOOR, CALL)][1:]


# Asked


@pytest.mark.parametrize(
    ("now", "after_hours"), [(NOON, AfterHours.FORWARD), (NOON, AfterHours.CLOSED), (NIGHT, AfterHours.ASK)]
)
def test_a_ring_at_a_locked_door_with_a_channel_is_held_and_asked_about(
    store: Store, now: datetime, after_hours: AfterHours
) -> None:
    door, changed = a_door(after_hours=after_hours), []
    visit = Uses(store, lambda *what: changed.append(what)).visits.ring(door, CALL, INTERCOM, now)
    assert (visit.state, visit.is_asked, visit.is_confirmed) == (VisitState.HELD, True, False)
    assert visit.held_until == now + door.hold
    key = question_key(CALL)
    assert store.read(partition(door.id), key).get(key) == Question("C0FRONTDOOR", now)
    assert changed == [(door, visit)]


def test_what_is_forwarded_at_once_asks_nobody(store: Store) -> None:
    for number, (door, now) in enumerate([(a_door(channel=""), NOON), (a_door(), NIGHT)]):
        visit = Uses(store).visits.ring(door, f"CA{number}", INTERCOM, now)
        key = question_key(f"CA{number}")
        assert store.read(partition(door.id), key).get(key) is None
        assert (visit.state, visit.is_asked) == (VisitState.FORWARDED, False)


def test_a_ring_that_is_repeated_asks_once(uses: Uses) -> None:
    first = ring(uses, is_confirmed=False)
    assert ring(uses, NOON + SECOND, is_confirmed=False) == first
    assert outcomes(uses.store, DOOR, CALL) == ASKED


def test_what_was_expected_until_a_while_ago_is_said_when_it_may_have_come(store: Store) -> None:
    late = Unlock(HOST, NOON - timedelta(hours=2), NOON - SECOND, 1, "DoorDash", "U0ANA0001")
    put_state(store, DOOR, late)
    Uses(store).visits.ring(DOOR, CALL, INTERCOM, NOON)
    question = store.read(partition(DOOR.id), question_key(CALL)).get(question_key(CALL))
    assert question
    assert question.expecting == "DoorDash"


# Every poll runs the rules again


def test_while_nothing_happens_a_visitor_is_held_and_nothing_is_written(uses: Uses) -> None:
    ring(uses)
    before = known(uses.store, DOOR, CALL)
    for seconds in (0, 3, 6, 24):
        assert poll(uses, NOON + seconds * SECOND) == before
    assert outcomes(uses.store, DOOR, CALL) == ASKED


@pytest.mark.parametrize("seconds", [0, 3, 24, 25, 30])
def test_an_unlock_made_meanwhile_releases_at_the_next_poll(uses: Uses, seconds: int) -> None:
    ring(uses)
    put_state(uses.store, DOOR, UNLOCK)
    visit = poll(uses, NOON + seconds * SECOND)
    assert (visit.state, visit.reason, visit.by, visit.heard) == (VisitState.RELEASED, "unlock", HOST, True)
    assert recorded(uses) == [("ring", "released", "unlock")]


def test_an_unlock_that_has_ended_by_the_poll_does_not(uses: Uses) -> None:
    ring(uses)
    put_state(uses.store, DOOR, replace(UNLOCK, ends_at=NOON + 3 * SECOND))
    assert poll(uses).is_held


def test_an_unlock_for_one_ring_releases_one_of_two_visitors(uses: Uses) -> None:
    ring(uses)
    uses.visits.ring(DOOR, "CA2", INTERCOM, NOON)
    put_state(uses.store, DOOR, replace(UNLOCK, left=1))
    assert poll(uses).state is VisitState.RELEASED
    assert poll(uses, call="CA2").is_held
    assert poll(uses).state is VisitState.RELEASED  # asked again: the same answer, and nothing is used up


def test_a_lock_made_meanwhile_keeps_a_visitor_waiting(uses: Uses) -> None:
    ring(uses)
    put_state(uses.store, DOOR, UNLOCK)
    put_state(uses.store, DOOR)
    assert poll(uses).is_held


def test_a_lockdown_made_meanwhile_forwards_at_the_next_poll_whatever_else_holds(uses: Uses) -> None:
    ring(uses)
    put_state(uses.store, DOOR, UNLOCK, lockdown=LOCKDOWN)
    visit = poll(uses)
    assert (visit.state, visit.reason) == (VisitState.FORWARDED, "lockdown")
    assert recorded(uses) == [("forward", "forwarded", "lockdown")]


def test_a_caller_that_is_no_intercom_any_more_is_not_released_by_a_poll(uses: Uses) -> None:
    ring(uses)
    put_state(uses.store, DOOR, UNLOCK)
    visit = uses.holding.poll(DOOR, CALL, "+12125550111", "", NOON + SECOND).visit
    assert visit
    assert visit.is_held


@pytest.mark.parametrize("polls", [1, 3])
def test_a_visitor_who_was_released_is_answered_so_at_each_poll_and_recorded_once(uses: Uses, polls: int) -> None:
    ring(uses)
    put_state(uses.store, DOOR, UNLOCK)
    for number in range(polls):
        assert poll(uses, NOON + (3 + number) * SECOND).state is VisitState.RELEASED
        put_state(uses.store, DOOR)
    assert recorded(uses) == [("ring", "released", "unlock")]


def test_a_lockdown_takes_a_release_back_from_a_visitor_who_has_not_heard_the_tone(uses: Uses) -> None:
    visit = ring(uses).decided(VisitState.RELEASED, HOST, NOON + SECOND, reason="host")
    put(uses.store, DOOR, visit_key(CALL), visit)
    put_state(uses.store, DOOR, lockdown=LOCKDOWN)
    for _ in range(2):
        after = poll(uses)
        assert (after.state, after.reason, after.by, after.decided_at) == (VisitState.FORWARDED, "lockdown", "", None)
        put_state(uses.store, DOOR)  # lifted: this call was told otherwise
    assert recorded(uses) == [("forward", "forwarded", "lockdown")]


def test_a_tone_that_a_host_decided_on_counts_as_heard_when_a_poll_answers_with_it(uses: Uses) -> None:
    put(uses.store, DOOR, visit_key(CALL), ring(uses).decided(VisitState.RELEASED, HOST, NOON + SECOND, reason="host"))
    assert poll(uses).heard
    uses.visits.ended(DOOR, CALL, NOON + 9 * SECOND)
    assert recorded(uses) == []


def test_a_visitor_who_hung_up_before_hearing_the_tone_is_on_record(uses: Uses) -> None:
    put(uses.store, DOOR, visit_key(CALL), ring(uses).decided(VisitState.RELEASED, HOST, NOON + SECOND, reason="host"))
    for _ in range(2):
        uses.visits.ended(DOOR, CALL, NOON + 2 * SECOND)
    assert recorded(uses) == [("end", "hung_up", "")]
    put_state(uses.store, DOOR, lockdown=LOCKDOWN)
    assert poll(uses).missed_the_tone  # a webhook that comes late changes nothing
    assert recorded(uses) == [("end", "hung_up", "")]


# The hold ends


@pytest.mark.parametrize(
    ("away", "state"),
    [(-MICROSECOND, VisitState.HELD), (timedelta(0), VisitState.FORWARDED), (3 * SECOND, VisitState.FORWARDED)],
)
def test_where_nobody_answers_in_time_the_telephones_ring(uses: Uses, away: timedelta, state: VisitState) -> None:
    ring(uses)
    assert poll(uses, HOLD_ENDS + away).state is state
    assert recorded(uses) == [("forward", "forwarded", "nobody_answered")] * (state is VisitState.FORWARDED)


def test_a_poll_that_is_repeated_forwards_once(uses: Uses) -> None:
    ring(uses)
    for _ in range(3):
        assert poll(uses, HOLD_ENDS).state is VisitState.FORWARDED
    assert len(recorded(uses)) == 1


@pytest.mark.parametrize(
    ("away", "is_confirmed", "state"),
    [
        (-MICROSECOND, False, VisitState.HELD),
        (timedelta(0), False, VisitState.FORWARDED),
        (2 * SECOND, False, VisitState.FORWARDED),
        (2 * SECOND, True, VisitState.HELD),
    ],
)
def test_where_slack_does_not_confirm_within_five_seconds_the_next_poll_forwards(
    uses: Uses, away: timedelta, is_confirmed: bool, state: VisitState
) -> None:
    ring(uses, is_confirmed=is_confirmed)
    assert poll(uses, NOON + CONFIRMED_WITHIN + away).state is state
    assert recorded(uses) == [("forward", "forwarded", "slack_unconfirmed")] * (state is VisitState.FORWARDED)


@pytest.mark.parametrize(("is_confirmed", "is_news"), [(False, True), (True, False)])
def test_a_visitor_about_whom_slack_can_not_be_asked_is_handed_over_at_once(
    uses: Uses, is_confirmed: bool, is_news: bool
) -> None:
    ring(uses, is_confirmed=is_confirmed)
    assert uses.holding.hand_over(DOOR, CALL, NOON + SECOND) is is_news
    assert uses.holding.hand_over(DOOR, CALL, NOON + SECOND) is False
    assert recorded(uses) == [("forward", "forwarded", "slack_unconfirmed")] * is_news


@pytest.mark.parametrize("state", [state for state in VisitState if state is not VisitState.HELD])
def test_only_a_visitor_who_is_held_is_handed_over(uses: Uses, state: VisitState) -> None:
    put(uses.store, DOOR, visit_key(CALL), ring(uses, is_confirmed=False).moved(state))
    assert uses.holding.hand_over(DOOR, CALL, NOON + SECOND) is False
    assert recorded(uses) == []


@pytest.mark.parametrize("now", [NOON, HOLD_ENDS, HOLD_ENDS + timedelta(minutes=1)])
def test_a_call_that_is_over_or_that_nobody_knows_is_not_held(uses: Uses, now: datetime) -> None:
    assert uses.holding.poll(DOOR, "CA404", INTERCOM, "", now).visit is None
    ring(uses)
    uses.visits.ended(DOOR, CALL, NOON)
    put_state(uses.store, DOOR, UNLOCK)
    assert poll(uses, now).is_over
    assert recorded(uses) == [("end", "hung_up", "")]


def test_two_calls_at_one_door_never_mix(uses: Uses) -> None:
    ring(uses)
    uses.visits.ring(DOOR, "CA2", INTERCOM, NOON + 20 * SECOND)
    confirm(uses.store, DOOR, "CA2")
    assert poll(uses, HOLD_ENDS).state is VisitState.FORWARDED
    assert poll(uses, HOLD_ENDS, call="CA2").is_held
    uses.visits.ended(DOOR, CALL, HOLD_ENDS + SECOND)
    put_state(uses.store, DOOR, replace(UNLOCK, ends_at=NOON + timedelta(hours=1)))
    assert poll(uses, HOLD_ENDS + 2 * SECOND, call="CA2").state is VisitState.RELEASED
    assert poll(uses, HOLD_ENDS + 2 * SECOND).state is VisitState.FORWARDED
    assert outcomes(uses.store, DOOR, CALL) == [*ASKED, "forward forwarded", "end hung_up"]
    assert outcomes(uses.store, DOOR, "CA2") == [*ASKED, "ring released"]


def test_of_an_unlock_and_a_lockdown_in_the_middle_of_a_poll_the_lockdown_counts(store: Store) -> None:
    """Somebody locks down between the reading and the commit of a poll that would release."""

    class LockingDown:
        is_down = False

        def commit(self, *change: Any) -> bool:
            if not self.is_down:
                self.is_down = True
                put_state(store, DOOR, UNLOCK, lockdown=LOCKDOWN)
            return store.commit(*change)

        def __getattr__(self, name: str) -> Any:
            return getattr(store, name)

    ring(Uses(store))
    put_state(store, DOOR, UNLOCK)
    assert poll(Uses(LockingDown())).state is VisitState.FORWARDED  # type: ignore[arg-type]
    assert recorded(Uses(store)) == [("forward", "forwarded", "lockdown")]


# Codes


def with_code(uses: Uses) -> None:
    put_code(uses.store, DOOR, CODE, NOON - timedelta(days=1), NOON + timedelta(days=1))


@pytest.mark.parametrize("parts", [[CODE], [CODE[:1], CODE[1:]], [CODE[:3], "", CODE[3:]], list(CODE)])
def test_a_code_keyed_at_once_or_digit_by_digit_releases(uses: Uses, parts: list[str]) -> None:
    with_code(uses)
    ring(uses)
    states = [poll(uses, NOON + (3 + number) * SECOND, part) for number, part in enumerate(parts)]
    assert [visit.state for visit in states] == [VisitState.HELD] * (len(parts) - 1) + [VisitState.RELEASED]
    assert (states[-1].by, states[-1].reason, states[-1].keyed, states[-1].heard) == ("FedEx", "code", "", True)
    assert recorded(uses) == [("use_code", "released", "code")]


def test_a_wrong_code_is_said_to_be_wrong_and_the_visitor_is_held_on(uses: Uses) -> None:
    with_code(uses)
    ring(uses)
    polled = uses.holding.poll(DOOR, CALL, INTERCOM, "999999", NOON + 9 * SECOND)
    assert polled.visit
    assert (polled.visit.is_held, polled.visit.keyed, polled.sentence) == (True, "", "wrong_code")


def test_in_lockdown_the_right_code_releases_nothing(uses: Uses) -> None:
    with_code(uses)
    ring(uses)
    put_state(uses.store, DOOR, lockdown=LOCKDOWN)
    assert poll(uses, digits=CODE).state is VisitState.FORWARDED


def test_whoever_is_keying_when_the_hold_ends_may_finish(uses: Uses) -> None:
    with_code(uses)
    ring(uses)
    poll(uses, HOLD_ENDS - SECOND, CODE[:3])
    assert poll(uses, HOLD_ENDS + 2 * SECOND, CODE[3:5]).is_held
    assert poll(uses, HOLD_ENDS + 4 * SECOND, CODE[5:]).state is VisitState.RELEASED


def test_whoever_goes_on_keying_is_forwarded_in_the_end(uses: Uses) -> None:
    ring(uses)
    states = [poll(uses, HOLD_ENDS + number * SECOND, "*").state for number in range(12)]
    left_within_patience = 8
    assert states == [VisitState.HELD] * left_within_patience + [VisitState.FORWARDED] * 4


def test_a_more_patient_intercom_lets_a_visitor_finish_for_ten_seconds(uses: Uses) -> None:
    patient = replace(DOOR, patience=timedelta(seconds=90))
    uses.visits.ring(patient, CALL, INTERCOM, NOON)
    confirm(uses.store, patient, CALL)
    seconds = (uses.holding.poll(patient, CALL, INTERCOM, "*", HOLD_ENDS + n * SECOND).visit for n in range(12))
    assert [visit.state for visit in seconds if visit] == [VisitState.HELD] * 10 + [VisitState.FORWARDED] * 2


def test_digits_that_are_delivered_again_are_not_taken_for_others(uses: Uses) -> None:
    """A webhook is repeated where its answer was lost: what was begun is then keyed anew."""
    with_code(uses)
    ring(uses)
    for number in range(4):
        assert len(poll(uses, NOON + (3 + number) * SECOND, "48151").keyed) < len(CODE)
