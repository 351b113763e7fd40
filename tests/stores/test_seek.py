"""The search for a time in a log that is numbered without gaps."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.audit import Action, AuditEvent, Outcome
from app.stores.records import encode_event
from app.stores.seek import first_not_older

NOON = datetime(2026, 11, 23, 17, 0, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)
A_MILLION = 1_000_000


def event_at(times: dict[int, datetime]) -> Callable[[int], str]:
    """Looks an event up by its number; KeyError for a number that is not in the log."""
    return lambda seq: encode_event(AuditEvent(times[seq], "front", Action.RING, Outcome.RELEASED))


@given(
    steps=st.lists(st.integers(0, 3), min_size=1, max_size=40),
    first=st.integers(1, 10**12),
    cut=st.integers(-1, 130),
)
def test_it_finds_the_first_entry_that_is_not_older(steps: list[int], first: int, cut: int) -> None:
    times = {first + n: NOON + sum(steps[: n + 1]) * MICROSECOND for n in range(len(steps))}
    cutoff = NOON + cut * MICROSECOND
    older = sum(time < cutoff for time in times.values())
    assert first_not_older(first, first + len(steps) - 1, event_at(times), cutoff) == first + older


@pytest.mark.parametrize(
    ("cutoff", "found"), [(NOON - MICROSECOND, 7), (NOON, 7), (NOON + MICROSECOND, 8)], ids=["before", "at", "after"]
)
def test_a_log_of_one_entry_has_two_ends(cutoff: datetime, found: int) -> None:
    assert first_not_older(7, 7, event_at({7: NOON}), cutoff) == found


@pytest.mark.parametrize("found", [1, 2, 499_999, 500_000, 999_999, A_MILLION, A_MILLION + 1])
def test_a_million_entries_cost_twenty_look_ups(found: int) -> None:
    asked: list[int] = []

    def event(seq: int) -> str:
        asked.append(seq)
        return event_at({seq: NOON + seq * MICROSECOND})(seq)

    assert first_not_older(1, A_MILLION, event, NOON + found * MICROSECOND) == found
    assert len(asked) <= 20
