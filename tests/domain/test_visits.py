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
def test_only_a_forwarded_visit_waits_and_only_until_its_end(state: VisitState) -> None:
    assert VISIT.moved(state).is_waiting is (state is VisitState.FORWARDED)
    assert not VISIT.moved(state).ended(NOON).is_waiting


def test_a_step_leaves_the_visit_before_it_as_it_was() -> None:
    VISIT.moved(VisitState.ANSWERED).ended(NOON)
    assert (VISIT.state, VISIT.ended_at) == (VisitState.FORWARDED, None)
