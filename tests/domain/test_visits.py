from dataclasses import replace
from datetime import timedelta

import pytest

from app.domain.visits import Visit, VisitState
from tests.support import local

NOON = local("2026-11-23T12:00")
VISIT = Visit("CA1", NOON, VisitState.FORWARDED, "locked")


def test_a_visit_whose_end_nobody_reported_is_looked_at_after_ten_minutes() -> None:
    assert VISIT.due_at == NOON + timedelta(minutes=10)


def test_a_visit_that_is_over_is_remembered_for_thirty_days_from_its_end() -> None:
    ended = VISIT.ended(NOON + timedelta(minutes=3))
    assert ended.is_over
    assert ended.due_at == NOON + timedelta(days=30, minutes=3)


@pytest.mark.parametrize("state", VisitState)
def test_only_a_held_or_a_forwarded_visit_waits_and_only_until_its_end(state: VisitState) -> None:
    assert VISIT.moved(state).is_waiting is (state in (VisitState.HELD, VisitState.FORWARDED))
    assert VISIT.moved(state).is_held is (state is VisitState.HELD)
    ended = VISIT.moved(state).ended(NOON)
    assert (ended.is_waiting, ended.is_held) == (False, False)


@pytest.mark.parametrize("state", VisitState)
@pytest.mark.parametrize("is_heard", [False, True])
def test_only_a_tone_that_somebody_decided_on_and_nobody_heard_was_missed(state: VisitState, is_heard: bool) -> None:
    decided = VISIT.decided(state, "U0HOST001", NOON, heard=is_heard)
    assert decided.ended(NOON).missed_the_tone is (state is VisitState.RELEASED and not is_heard)
    assert not decided.missed_the_tone  # the call goes on
    assert not VISIT.moved(state).ended(NOON).missed_the_tone  # decided at the ring, and answered with the tone


def test_a_decision_says_who_and_when() -> None:
    later = NOON + timedelta(seconds=7)
    decided = VISIT.decided(VisitState.RELEASED, "U0HOST001", later, reason="host")
    assert (decided.state, decided.by, decided.decided_at, decided.reason) == ("released", "U0HOST001", later, "host")


@pytest.mark.parametrize("state", VisitState)
def test_digits_of_a_code_are_kept_no_longer_than_they_are_keyed(state: VisitState) -> None:
    keying = replace(VISIT, state=VisitState.HELD, keyed="12345")
    assert (keying.moved(state).keyed, keying.ended(NOON).keyed) == ("", "")


@pytest.mark.parametrize("state", [VisitState.HELD, VisitState.FORWARDED])
def test_the_message_about_a_visit_follows_what_it_shows_and_nothing_else(state: VisitState) -> None:
    visit = VISIT.moved(state)
    assert visit.story == replace(visit, is_confirmed=True, left_out=("+12125550123",), keyed="1").story
    others = [visit.moved(VisitState.UNANSWERED), visit.ended(NOON), visit.decided(state, "U0HOST001", NOON)]
    assert len({visit.story, *(each.story for each in others)}) == 4


def test_a_step_leaves_the_visit_before_it_as_it_was() -> None:
    VISIT.moved(VisitState.ANSWERED).ended(NOON)
    assert (VISIT.state, VISIT.ended_at) == (VisitState.FORWARDED, None)
