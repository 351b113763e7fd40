"""How often a door rings, and when its silence is told."""

from datetime import date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.audit import Action, AuditEvent, Outcome
from app.domain.doors import Door
from app.domain.silence import (
    AWAY_AFTER,
    ENOUGH_RINGS,
    PAST,
    Rhythm,
    Week,
    first_look,
    rang_at,
    usual_day,
    working_time,
)
from tests.support import a_door, local

MONDAY = local("2026-11-16T09:00")
HOUR, MINUTE, SECOND, MICROSECOND = (timedelta(**{unit: 1}) for unit in ("hours", "minutes", "seconds", "microseconds"))
THANKSGIVING = {date(2026, 11, 26): "Thanksgiving"}
LAST_RING = local("2026-11-24T11:02")  # a Tuesday


def known(door: Door, *, rings: int = ENOUGH_RINGS, longest: timedelta = HOUR, **changes: Any) -> Rhythm:
    """A rhythm whose last ring was on Tuesday at 11:02."""
    weeks = (Week(LAST_RING - timedelta(days=7), rings, longest // SECOND),)
    return Rhythm(7, LAST_RING, LAST_RING, has_rung=True, weeks=weeks, **changes)


# Working time


@pytest.mark.parametrize(
    ("since", "until", "hours"),
    [
        ("2026-11-23T10:00", "2026-11-23T12:30", 2.5),
        ("2026-11-23T16:00", "2026-11-24T10:00", 2),
        ("2026-11-20T16:00", "2026-11-23T10:00", 2),
        ("2026-11-21T10:00", "2026-11-22T10:00", 0),
        ("2026-11-25T16:00", "2026-11-27T10:00", 2),
        ("2026-11-23T12:00", "2026-11-23T12:00", 0),
        ("2026-11-24T12:00", "2026-11-23T12:00", 0),
    ],
    ids=["a day", "a night", "a weekend", "closed", "a holiday", "nothing", "backwards"],
)
def test_only_working_hours_count(since: str, until: str, hours: float) -> None:
    door = a_door(holidays=THANKSGIVING)
    assert working_time(door.hours, local(since), local(until)) == hours * HOUR


@pytest.mark.parametrize(
    ("since", "until", "hours"),
    [("2026-11-01T00:00", "2026-11-02T00:00", 25), ("2027-03-14T00:00", "2027-03-15T00:00", 23)],
)
def test_a_day_with_a_clock_change_is_as_long_as_it_is(since: str, until: str, hours: int) -> None:
    door = a_door("00:00-24:00", days="mon-sun")
    assert working_time(door.hours, local(since), local(until)) == hours * HOUR


def test_a_door_that_is_never_open_has_no_working_time() -> None:
    door = a_door(holidays={date(2026, 1, 1) + timedelta(days=day): "" for day in range(1000)})
    assert working_time(door.hours, MONDAY, MONDAY + timedelta(days=30)) == timedelta()


@given(st.lists(st.integers(0, 60 * 24 * 20), min_size=3, max_size=3).map(sorted))
def test_working_time_adds_up(minutes: list[int]) -> None:
    hours = a_door("22:00-06:00", "Australia/Lord_Howe").hours
    first, second, third = (MONDAY + minute * MINUTE for minute in minutes)
    parts = working_time(hours, first, second) + working_time(hours, second, third)
    assert parts == working_time(hours, first, third)


@pytest.mark.parametrize(
    ("hours", "day"), [("09:00-17:00", 8), ("09:00-12:00, 13:00-18:00", 8), ("22:00-06:00", 8), ("00:00-24:00", 24)]
)
def test_a_usual_day_is_as_long_as_its_windows(hours: str, day: int) -> None:
    assert usual_day(a_door(hours).hours) == day * HOUR


# When it is too long


@pytest.mark.parametrize(("away", "is_silent"), [(-MICROSECOND, False), (timedelta(), True)])
def test_three_working_days_are_over_on_the_third_working_day_at_the_same_time(
    away: timedelta, is_silent: bool
) -> None:
    door = a_door(silence=3, holidays=THANKSGIVING)  # so Wednesday, Friday, Monday
    assert known(door, rings=1).is_silent(door, local("2026-11-30T11:02") + away) is is_silent


@pytest.mark.parametrize(
    ("longest", "told"),
    [
        (HOUR, "2026-11-25T11:02"),  # one working day
        (8 * HOUR / 3, "2026-11-25T11:02"),
        (3 * HOUR, "2026-11-25T12:02"),
        (8 * HOUR, "2026-11-27T11:02"),
    ],
)
@pytest.mark.parametrize(("away", "is_silent"), [(-MICROSECOND, False), (timedelta(), True)])
def test_by_itself_it_is_three_times_the_longest_pause_and_a_working_day_at_least(
    longest: timedelta, told: str, away: timedelta, is_silent: bool
) -> None:
    door = a_door()
    assert known(door, longest=longest).is_silent(door, local(told) + away) is is_silent


@pytest.mark.parametrize(("rings", "is_silent"), [(ENOUGH_RINGS - 1, False), (ENOUGH_RINGS, True)])
def test_by_itself_a_door_needs_a_past(rings: int, is_silent: bool) -> None:
    door = a_door()
    assert known(door, rings=rings).is_silent(door, local("2026-12-11T11:02")) is is_silent


@pytest.mark.parametrize("silence", ["never", "auto", 3])
def test_a_door_that_is_never_to_be_told_of_or_never_open_is_not_silent(silence: int | str) -> None:
    door = a_door(silence=silence, days="mon-fri", hours="09:00-17:00")
    if silence != "never":
        door = a_door(silence=silence, holidays={date(2026, 1, 1) + timedelta(days=day): "" for day in range(1000)})
    assert not known(door).is_silent(door, local("2027-06-01T12:00"))


def test_a_number_needs_no_past_not_even_one_ring() -> None:
    door = a_door(silence=1)
    assert Rhythm(0, LAST_RING, LAST_RING).is_silent(door, local("2026-11-25T11:02"))


# What is learnt


def test_pauses_are_measured_in_working_time_and_the_longest_of_a_week_is_kept() -> None:
    rings = [local(f"2026-11-{at}") for at in ("16T10:00", "16T10:30", "17T09:30", "17T10:00")]
    rhythm = first_look(9, rings, a_door().hours, rings[-1])
    assert (rhythm.seen, rhythm.rings, rhythm.longest, rhythm.since) == (9, 4, 7 * HOUR, rings[-1])
    assert rhythm.weeks == (Week(rings[0], 4, 7 * 3600),)


def test_a_ring_outside_working_hours_proves_that_the_line_lives() -> None:
    door = a_door(silence=1)
    rhythm = known(door).looked(8, [local("2026-11-24T20:00")], door.hours, local("2026-11-24T20:00"))
    assert not rhythm.is_silent(door, local("2026-11-25T16:59"))
    assert rhythm.is_silent(door, local("2026-11-25T17:00"))


def test_weeks_of_more_than_eight_weeks_ago_are_forgotten() -> None:
    door, now = a_door(), LAST_RING
    edge = Week(now - PAST - timedelta(days=7), 9, 1)
    kept = Week(edge.begins_at + MICROSECOND, 9, 1)
    rhythm = Rhythm(7, now, now, weeks=(edge, kept)).looked(7, [], door.hours, now)
    assert rhythm.weeks == (kept,)


def test_a_pause_that_was_told_as_silence_teaches_nothing() -> None:
    door = a_door()
    silent = known(door, told_at=LAST_RING)
    again = silent.looked(8, [local("2026-12-01T10:00")], door.hours, local("2026-12-01T10:00"))
    assert (again.told_at, again.longest, again.rings) == (None, HOUR, ENOUGH_RINGS + 1)


def test_a_ring_recorded_late_does_not_turn_the_clock_back() -> None:
    door = a_door()
    rhythm = known(door).looked(8, [LAST_RING - HOUR], door.hours, LAST_RING)
    assert (rhythm.since, rhythm.rings) == (LAST_RING, ENOUGH_RINGS + 1)


@pytest.mark.parametrize(("beyond", "quiet"), [(timedelta(), 1), (SECOND, 0)])
def test_time_in_which_nobody_looked_is_no_silence(beyond: timedelta, quiet: int) -> None:
    door, now = a_door(), LAST_RING + AWAY_AFTER + beyond
    rhythm = known(door).looked(7, [], door.hours, now)
    assert rhythm.quiet(door.hours, now) == quiet * HOUR
    assert rhythm.quiet(door.hours, now + HOUR) == (quiet + 1) * HOUR


def test_time_in_which_nobody_looked_lengthens_no_pause() -> None:
    door, back = a_door(), local("2026-11-25T11:02")
    rhythm = known(door).looked(8, [back], door.hours, back)
    assert (rhythm.longest, rhythm.waited) == (HOUR, 0)


def test_what_was_before_the_first_look_is_no_silence() -> None:
    door, now = a_door(silence=1), local("2026-12-07T12:00")
    rhythm = first_look(7, [LAST_RING], door.hours, now)
    assert (rhythm.since, rhythm.quiet(door.hours, now)) == (LAST_RING, timedelta())
    assert rhythm.is_silent(door, now + timedelta(days=1))


def test_a_door_that_never_rang_is_listened_to_from_the_first_look_on() -> None:
    rhythm = first_look(0, [], a_door().hours, MONDAY)
    assert (rhythm.since, rhythm.has_rung, rhythm.rings) == (MONDAY, False, 0)


@given(st.lists(st.integers(0, 60 * 24 * 50), max_size=30).map(sorted), st.integers(0, 30))
def test_a_log_read_in_two_parts_teaches_what_one_reading_would(minutes: list[int], cut: int) -> None:
    hours = a_door().hours
    rings = [MONDAY + minute * MINUTE for minute in minutes]
    start, now = Rhythm(0, MONDAY, MONDAY), MONDAY + timedelta(days=50)
    whole = start.looked(9, rings, hours, MONDAY).looked(9, [], hours, MONDAY)
    parts = start.looked(5, rings[:cut], hours, MONDAY).looked(9, rings[cut:], hours, MONDAY)
    assert whole == parts
    assert whole.quiet(hours, now) == working_time(hours, rings[-1] if rings else MONDAY, now)


def test_time_that_was_closed_when_it_passed_stays_closed_after_that_is_forgotten() -> None:
    closed = a_door(holidays=THANKSGIVING).hours
    rhythm, at = known(a_door()), LAST_RING
    while at < local("2026-11-27T11:02"):
        at += HOUR
        rhythm = rhythm.looked(7, [], closed, at)
    assert rhythm.quiet(a_door().hours, at) == 16 * HOUR


# What a ring is


def event(action: Action = Action.RING, outcome: Outcome = Outcome.ASKED, reason: str = "locked", **more: Any) -> Any:
    return AuditEvent(LAST_RING, "front", action, outcome, reason, **more)


@pytest.mark.parametrize(
    ("told", "at"),
    [
        (event(), LAST_RING),
        (event(outcome=Outcome.FORWARDED, reason="lockdown"), LAST_RING),
        (event(outcome=Outcome.DENIED, reason="closed"), LAST_RING),
        (event(details={"rang_at": (LAST_RING - HOUR).isoformat()}), LAST_RING - HOUR),
        (event(outcome=Outcome.DENIED, reason="not_an_intercom"), None),
        (event(action=Action.END), None),
    ],
)
def test_every_ring_of_an_intercom_counts_and_no_strangers(told: AuditEvent, at: datetime | None) -> None:
    assert rang_at(told) == at
