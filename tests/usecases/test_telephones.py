"""The telephones of a forwarded visit: who is there, what is pressed, and who is rung again."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.domain.doors import Lockdown
from app.domain.outcomes import Answered, RefusalReason, Refused
from app.domain.patience import FAREWELL, WHISPERED
from app.domain.unlocks import Terms, Unlock
from app.domain.visits import LOST_AFTER, Visit, VisitState
from app.ports import Store
from app.stores.sqlite import SqliteStore
from app.usecases.answers import Answers
from app.usecases.steps import nobody, visit_key
from tests.support import ADMIN, HOST, INTERCOM, TELEPHONE, a_door, asked, local
from tests.usecases.calls import Uses, events, known, outcomes, put, put_state

SECOND = timedelta(seconds=1)
NOON = local("2026-11-23T12:00")
SECOND_TELEPHONE = "+12125550124"
DOOR = a_door(channel="", forward_to=(TELEPHONE, SECOND_TELEPHONE))
CALL = "CA1"
UNLOCK = Unlock(HOST, NOON, NOON + timedelta(hours=1))
LOCKDOWN = Lockdown(ADMIN, NOON)
TERMS = Terms(timedelta(hours=2), timedelta(hours=8))


@pytest.fixture
def uses(store: Store) -> Uses:
    """A visitor for whom the telephones ring."""
    uses = Uses(store)
    uses.visits.ring(DOOR, CALL, INTERCOM, NOON)
    return uses


def pressed(uses: Uses, key: str, telephone: str = TELEPHONE, now: datetime = NOON + 9 * SECOND) -> Visit:
    visit = uses.telephones.pressed(DOOR, CALL, telephone, key, now)
    assert visit
    return visit


def done(uses: Uses, dial_status: str, now: datetime = NOON + 9 * SECOND, *, hung_up: bool = False) -> Visit:
    visit = uses.telephones.done(DOOR, CALL, dial_status, hung_up, now)
    assert visit
    return visit


def recorded(uses: Uses) -> list[tuple[str, str, str, str]]:
    """What is on record since the ring: action, outcome, reason and actor."""
    found = events(uses.store, DOOR, CALL)[1:]
    return [(event.action.value, event.outcome.value, event.reason, event.actor) for event in found]


def answers(store: Store) -> Answers:
    return Answers(store, TERMS, nobody, nobody)


# A telephone is picked up


@pytest.mark.parametrize("times", [1, 3])
def test_a_telephone_that_picks_up_is_kept_in_mind_and_not_on_record(uses: Uses, times: int) -> None:
    for _ in range(times):
        visit, may_release = uses.telephones.picked_up(DOOR, CALL, TELEPHONE, NOON)
        assert visit
        assert (visit.state, visit.left_out, may_release) == (VisitState.FORWARDED, (TELEPHONE,), True)
    assert recorded(uses) == []


def test_in_lockdown_whoever_picks_up_may_not_let_in(uses: Uses) -> None:
    put_state(uses.store, DOOR, lockdown=LOCKDOWN)
    assert uses.telephones.picked_up(DOOR, CALL, TELEPHONE, NOON)[1] is False


@pytest.mark.parametrize("state", [state for state in VisitState if state not in (VisitState.HELD, "forwarded")])
def test_a_telephone_that_picks_up_too_late_changes_nothing(uses: Uses, state: VisitState) -> None:
    visit = known(uses.store, DOOR, CALL)
    assert visit
    decided = visit.moved(state)
    put(uses.store, DOOR, visit_key(CALL), decided)
    assert uses.telephones.picked_up(DOOR, CALL, TELEPHONE, NOON)[0] == decided
    assert pressed(uses, "9") == decided


# A key is pressed


def test_whoever_presses_1_talks_to_the_visitor(uses: Uses) -> None:
    visit = pressed(uses, "1")
    assert (visit.state, visit.by, visit.decided_at) == (VisitState.ANSWERED, TELEPHONE, NOON + 9 * SECOND)
    assert recorded(uses) == [("forward", "answered", "", TELEPHONE)]


def test_whoever_presses_9_lets_the_visitor_in_and_the_tone_is_still_to_be_heard(uses: Uses) -> None:
    visit = pressed(uses, "9")
    assert (visit.state, visit.by, visit.reason, visit.heard) == (VisitState.RELEASED, TELEPHONE, "telephone", False)
    assert recorded(uses) == [("admit", "released", "telephone", TELEPHONE)]
    assert done(uses, "completed").heard
    uses.visits.ended(DOOR, CALL, NOON + 20 * SECOND)
    assert len(recorded(uses)) == 1


def test_letting_in_by_telephone_leaves_an_unlock_for_one_ring_alone(uses: Uses) -> None:
    put_state(uses.store, DOOR, Unlock(HOST, NOON, NOON + timedelta(hours=1), 1))
    pressed(uses, "9")
    assert uses.visits.ring(DOOR, "CA2", INTERCOM, NOON + 20 * SECOND).state is VisitState.RELEASED
    assert uses.visits.ring(DOOR, "CA3", INTERCOM, NOON + 20 * SECOND).state is VisitState.FORWARDED


@pytest.mark.parametrize("key", [*"02345678", "*", "#", "11", "99", "19"])
def test_any_other_key_changes_nothing(uses: Uses, key: str) -> None:
    assert pressed(uses, key).is_waiting
    assert recorded(uses) == []


@pytest.mark.parametrize("key", ["9", "5", "#"])
def test_where_there_is_no_time_to_ask_again_any_key_talks(uses: Uses, key: str) -> None:
    put_state(uses.store, DOOR, lockdown=LOCKDOWN)
    last = NOON + DOOR.patience - WHISPERED - FAREWELL
    assert pressed(uses, key, now=last).state is VisitState.FORWARDED
    assert pressed(uses, key, now=last + SECOND).state is VisitState.ANSWERED
    assert recorded(uses) == [("forward", "answered", "", TELEPHONE)]


def test_in_lockdown_9_releases_nothing_and_1_still_talks(uses: Uses) -> None:
    put_state(uses.store, DOOR, UNLOCK, lockdown=LOCKDOWN)
    assert pressed(uses, "9").is_waiting
    assert recorded(uses) == []
    assert pressed(uses, "1").state is VisitState.ANSWERED


def test_a_lockdown_takes_9_back_until_the_tone_is_heard(uses: Uses) -> None:
    pressed(uses, "9")
    put_state(uses.store, DOOR, lockdown=LOCKDOWN)
    visit = done(uses, "completed")
    assert (visit.state, visit.reason) == (VisitState.FORWARDED, "lockdown")
    assert recorded(uses)[1:] == [("forward", "forwarded", "lockdown", "")]


@pytest.mark.parametrize(("first", "second"), [("1", "9"), ("9", "1"), ("9", "9"), ("1", "1")])
def test_of_two_who_press_a_key_the_first_one_counts(uses: Uses, first: str, second: str) -> None:
    decided = pressed(uses, first)
    assert pressed(uses, second, SECOND_TELEPHONE) == decided
    assert len(recorded(uses)) == 1


def test_a_visitor_who_hung_up_before_the_tone_of_a_telephone_is_on_record(uses: Uses) -> None:
    pressed(uses, "9")
    done(uses, "completed", hung_up=True)
    uses.visits.ended(DOOR, CALL, NOON + 20 * SECOND)
    assert [entry[:2] for entry in recorded(uses)] == [("admit", "released"), ("end", "hung_up")]


# The telephones have stopped ringing


@pytest.mark.parametrize("dial_status", ["completed", "answered"])
def test_a_telephone_with_nobody_there_is_left_out_and_the_others_are_rung_again(uses: Uses, dial_status: str) -> None:
    uses.telephones.picked_up(DOOR, CALL, TELEPHONE, NOON)
    visit = done(uses, dial_status)
    assert (visit.state, visit.left_out) == (VisitState.FORWARDED, (TELEPHONE,))
    assert recorded(uses) == []
    uses.telephones.picked_up(DOOR, CALL, SECOND_TELEPHONE, NOON)
    assert done(uses, dial_status).state is VisitState.UNANSWERED
    assert recorded(uses) == [("forward", "unanswered", dial_status, "")]


@pytest.mark.parametrize(("seconds", "state"), [(30, VisitState.FORWARDED), (38, VisitState.UNANSWERED)])
def test_the_others_are_rung_again_only_while_patience_lasts(uses: Uses, seconds: int, state: VisitState) -> None:
    uses.telephones.picked_up(DOOR, CALL, TELEPHONE, NOON)
    assert done(uses, "completed", NOON + seconds * SECOND).state is state


@pytest.mark.parametrize("dial_status", ["no-answer", "busy", "failed"])
def test_where_nobody_picks_up_nobody_is_rung_again(uses: Uses, dial_status: str) -> None:
    assert done(uses, dial_status).state is VisitState.UNANSWERED
    assert recorded(uses) == [("forward", "unanswered", dial_status, "")]


def test_a_visitor_who_leaves_while_the_telephones_ring_has_hung_up(uses: Uses) -> None:
    assert done(uses, "canceled", hung_up=True).is_over
    assert recorded(uses) == [("end", "hung_up", "", "")]


def test_two_calls_at_one_door_never_mix(uses: Uses) -> None:
    uses.visits.ring(DOOR, "CA2", INTERCOM, NOON + SECOND)
    uses.telephones.picked_up(DOOR, CALL, TELEPHONE, NOON)
    pressed(uses, "9")
    other = uses.telephones.done(DOOR, "CA2", "no-answer", False, NOON + 9 * SECOND)
    assert other
    assert (other.state, other.left_out, other.by) == (VisitState.UNANSWERED, (), "")
    assert outcomes(uses.store, DOOR, "CA2") == ["ring forwarded", "forward unanswered"]


# "Turn away" never releases

LATER: list[Callable[[Uses], Any]] = [
    lambda uses: uses.visits.ring(DOOR, CALL, INTERCOM, NOON + 3 * SECOND),
    lambda uses: uses.holding.poll(DOOR, CALL, INTERCOM, "", NOON + 3 * SECOND),
    lambda uses: uses.holding.poll(DOOR, CALL, INTERCOM, "481516", NOON + 40 * SECOND),
    lambda uses: uses.holding.hand_over(DOOR, CALL, NOON + 3 * SECOND),
    lambda uses: uses.telephones.picked_up(DOOR, CALL, TELEPHONE, NOON),
    lambda uses: uses.telephones.pressed(DOOR, CALL, TELEPHONE, "9", NOON + 3 * SECOND),
    lambda uses: uses.telephones.pressed(DOOR, CALL, TELEPHONE, "1", NOON + 3 * SECOND),
    lambda uses: uses.telephones.done(DOOR, CALL, "completed", False, NOON + 3 * SECOND),
    lambda uses: uses.telephones.done(DOOR, CALL, "no-answer", False, NOON + 3 * SECOND),
    lambda uses: answers(uses.store).admit(asked(NOON + 4 * SECOND), DOOR, CALL, "1.2", unlock=True),
    lambda uses: answers(uses.store).turn_away(asked(NOON + 4 * SECOND), DOOR, CALL, "1.2"),
    lambda uses: put_state(uses.store, DOOR, UNLOCK),
    lambda uses: put_state(uses.store, DOOR),
    lambda uses: uses.visits.ended(DOOR, CALL, NOON + 5 * SECOND),
    lambda uses: uses.visits.close_if_lost(DOOR, CALL, NOON + LOST_AFTER),
]


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(before=st.lists(st.sampled_from(LATER[:6]), max_size=2), after=st.lists(st.sampled_from(LATER), max_size=8))
def test_a_visitor_who_was_turned_away_is_released_by_nothing(
    tmp_path_factory: pytest.TempPathFactory, before: list[Any], after: list[Any]
) -> None:
    uses = Uses(SqliteStore(tmp_path_factory.mktemp("turned-away") / "doorbot.db"))
    uses.visits.ring(a_door(), CALL, INTERCOM, NOON)
    for act in before:
        act(uses)
    visit = known(uses.store, DOOR, CALL)
    turned_away = answers(uses.store).turn_away(asked(NOON + SECOND), DOOR, CALL, "1.2")
    if visit is None or not visit.is_waiting:
        assert isinstance(turned_away, Refused)
        return
    assert isinstance(turned_away, Answered)
    for act in after:
        act(uses)
    visit = known(uses.store, DOOR, CALL)
    assert visit
    assert visit.state is VisitState.TURNED_AWAY
    assert not [outcome for outcome in outcomes(uses.store, DOOR, CALL) if "released" in outcome]


def test_whoever_presses_9_after_a_host_has_turned_the_visitor_away_is_too_late(uses: Uses) -> None:
    answers(uses.store).turn_away(asked(NOON + SECOND), DOOR, CALL, "")
    assert pressed(uses, "9").state is VisitState.TURNED_AWAY


def test_a_host_who_answers_after_a_telephone_is_told_who_was_first(uses: Uses) -> None:
    pressed(uses, "9")
    refused = answers(uses.store).turn_away(asked(NOON + 10 * SECOND), DOOR, CALL, "")
    assert isinstance(refused, Refused)
    assert refused.reason is RefusalReason.TOO_LATE
    assert "Telephone" in refused.hint
