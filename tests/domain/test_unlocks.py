from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from app.domain.doors import Door, DoorState
from app.domain.errors import InvalidInput
from app.domain.unlocks import Bound, Plan, Terms, Unlock, asked_end, bounded
from tests.support import HOST, a_door, local

MICROSECOND = timedelta(microseconds=1)
NOON = local("2026-11-23T12:00")
CLOSING = local("2026-11-23T17:00")
TERMS = Terms(timedelta(hours=2), timedelta(hours=8))
DOOR = a_door()


def end(text: str, now: datetime = NOON, door: Door = DOOR) -> datetime:
    period = door.hours.period_at(now)
    assert period is not None
    return asked_end(text, TERMS, period.ends_at, now, door.hours.timezone)


@pytest.mark.parametrize(
    ("away", "is_active"), [(-MICROSECOND, False), (timedelta(0), True), (timedelta(hours=1) - MICROSECOND, True)]
)
def test_an_unlock_is_active_from_its_very_start(away: timedelta, is_active: bool) -> None:
    assert Unlock(HOST, NOON, NOON + timedelta(hours=1)).is_active(NOON + away) is is_active


@pytest.mark.parametrize(("away", "is_active"), [(-MICROSECOND, True), (timedelta(0), False), (MICROSECOND, False)])
def test_an_unlock_is_over_at_its_very_end(away: timedelta, is_active: bool) -> None:
    assert Unlock(HOST, NOON, CLOSING).is_active(CLOSING + away) is is_active


@pytest.mark.parametrize(
    ("text", "clock"),
    [
        ("", "14:00"),
        ("   ", "14:00"),
        ("for 2h", "14:00"),
        ("FOR 1 hour", "13:00"),
        ("90m", "13:30"),
        ("1h 30m", "13:30"),
        ("for half an hour", "12:30"),
        ("until 14:00", "14:00"),
        ("until 2pm", "14:00"),
        ("Until 2:30 pm", "14:30"),
        ("until 11:00", "11:00"),
    ],
)
def test_what_was_asked_is_understood(text: str, clock: str) -> None:
    assert end(text) == local(f"2026-11-23T{clock}")


@pytest.mark.parametrize("text", ["for", "until", "until 3", "until late", "for ever", "for 0m", "banana", "for -1h"])
def test_what_can_not_be_read_is_answered_with_an_example(text: str) -> None:
    with pytest.raises(InvalidInput, match="Try "):
        end(text)


@pytest.mark.parametrize(
    ("asked", "plan"),
    [
        ("14:00", Plan(local("2026-11-23T14:00"), None)),
        ("17:00", Plan(CLOSING, None)),
        ("17:00:00.000001", Plan(CLOSING, Bound.CLOSING)),
        ("23:00", Plan(CLOSING, Bound.CLOSING)),
    ],
)
def test_an_unlock_ends_at_closing_time_at_the_latest(asked: str, plan: Plan) -> None:
    assert bounded(local(f"2026-11-23T{asked}"), TERMS, CLOSING, NOON) == plan


@pytest.mark.parametrize(("hours", "bound"), [(3, None), (3.0001, Bound.LONGEST), (9, Bound.LONGEST)])
def test_an_unlock_lasts_no_longer_than_allowed(hours: float, bound: Bound | None) -> None:
    terms = Terms(timedelta(hours=1), timedelta(hours=3))
    assert bounded(NOON + timedelta(hours=hours), terms, CLOSING, NOON) == Plan(NOON + timedelta(hours=3), bound)


def test_of_two_bounds_the_earlier_one_is_told() -> None:
    at_three = local("2026-11-23T15:00")
    assert bounded(at_three + timedelta(hours=9), TERMS, CLOSING, at_three) == Plan(CLOSING, Bound.CLOSING)


def test_the_empty_state_is_a_locked_door() -> None:
    assert DoorState().active_unlock(NOON) is None
    assert DoorState().longest_unlock(NOON) is None


def test_of_several_unlocks_any_active_one_counts() -> None:
    over = Unlock("U0OVER001", NOON - timedelta(hours=2), NOON)
    active = Unlock(HOST, NOON, CLOSING)
    later = Unlock("U0LATER01", CLOSING, CLOSING + timedelta(hours=1))
    assert DoorState((over, active, later)).active_unlock(NOON) is active


@pytest.mark.parametrize(("away", "found"), [(-MICROSECOND, True), (timedelta(0), False)])
def test_the_longest_unlock_is_one_that_is_still_to_end(away: timedelta, found: bool) -> None:
    unlocks = (Unlock(HOST, NOON, NOON + timedelta(hours=1)), Unlock(HOST, CLOSING - timedelta(hours=1), CLOSING))
    assert DoorState(unlocks).longest_unlock(CLOSING + away) == (unlocks[1] if found else None)


@pytest.mark.parametrize(
    ("now", "text", "ends_at"),
    [
        ("23T23:00", "until 02:00", "24T02:00"),
        ("23T23:00", "until 06:00", "24T06:00"),
        ("23T23:00", "until 06:01", "23T06:01"),  # closed by then: it has passed
        ("23T23:00", "until 22:30", "23T22:30"),
        ("23T23:00", "until 23:00", "23T23:00"),
        ("23T23:00", "until 23:01", "23T23:01"),
        ("23T23:00", "until midnight", "24T00:00"),
        ("23T23:00", "until 0:00", "24T00:00"),
        ("24T01:00", "until 02:00", "24T02:00"),
        ("24T01:00", "until 00:30", "24T00:30"),
    ],
)
def test_until_is_over_midnight_where_the_door_is_open_until_then(now: str, text: str, ends_at: str) -> None:
    night = a_door("22:00-06:00", days="mon-sun")
    assert end(text, local(f"2026-11-{now}"), night) == local(f"2026-11-{ends_at}")


@pytest.mark.parametrize("clock", ["22:30", "23:00", "23:30", "23:59"])
@pytest.mark.parametrize(
    ("zone", "evening"),
    [
        ("America/New_York", "2026-03-07"),
        ("America/New_York", "2026-10-31"),
        ("Europe/Berlin", "2026-03-28"),
        ("Europe/Berlin", "2026-10-24"),
        ("Africa/Cairo", "2026-04-23"),
        ("Australia/Lord_Howe", "2026-10-03"),
    ],
)
def test_tomorrow_is_the_next_day_also_where_the_night_has_another_length(zone: str, evening: str, clock: str) -> None:
    night = a_door("22:00-06:00", zone, "mon-sun")
    day = date.fromisoformat(evening) + timedelta(days=1)
    assert end("until 05:00", local(f"{evening}T{clock}", zone), night) == local(f"{day}T05:00", zone)


# Clock changes: a length is real time, a time of day is what the wall clock shows.

SPRING = [
    ("America/New_York", "2026-03-08T01:30", "04:30"),
    ("Europe/Berlin", "2026-03-29T01:30", "04:30"),
    ("Africa/Cairo", "2026-04-23T23:30", "02:30"),
    ("Australia/Lord_Howe", "2026-10-04T01:30", "04:00"),
]
AUTUMN = [
    ("America/New_York", "2026-11-01T00:30", "01:30"),
    ("Europe/Berlin", "2026-10-25T01:30", "02:30"),
    ("Africa/Cairo", "2026-10-29T22:30", "23:30"),
    ("Australia/Lord_Howe", "2026-04-05T00:30", "02:00"),
]


@pytest.mark.parametrize(("zone", "start", "wall"), SPRING + AUTUMN)
def test_two_hours_are_two_real_hours_across_a_clock_change(zone: str, start: str, wall: str) -> None:
    door = a_door("00:00-24:00", zone, "mon-sun")
    ends_at = end("for 2h", local(start, zone), door)
    assert ends_at - local(start, zone) == timedelta(hours=2)
    assert f"{ends_at.astimezone(door.hours.timezone):%H:%M}" == wall


@pytest.mark.parametrize(
    ("zone", "start", "hours"),
    [
        ("America/New_York", "2026-03-08T01:30", 11.5),
        ("America/New_York", "2026-11-01T00:30", 14.5),
        ("Europe/Berlin", "2026-03-29T01:30", 11.5),
        ("Europe/Berlin", "2026-10-25T01:30", 13.5),
        ("Africa/Cairo", "2026-04-24T01:30", 12.5),
        ("Africa/Cairo", "2026-10-29T09:00", 5),
        ("Australia/Lord_Howe", "2026-10-04T01:30", 12),
        ("Australia/Lord_Howe", "2026-04-05T00:30", 14),
    ],
)
def test_until_is_the_wall_time_across_a_clock_change(zone: str, start: str, hours: float) -> None:
    door, now = a_door("00:00-24:00", zone, "mon-sun"), local(start, zone)
    ends_at = end("until 14:00", now, door)
    assert ends_at - now == timedelta(hours=hours)
    assert ends_at == local(f"{start[:10]}T14:00", zone)


def test_a_mistyped_time_at_an_always_open_door_is_not_taken_for_tomorrow() -> None:
    noon = local("2026-11-23T12:00")
    terms = Terms(timedelta(hours=2), timedelta(hours=8))
    ends_at = asked_end("until 11:00", terms, noon + timedelta(days=8), noon, ZoneInfo("America/New_York"))
    assert ends_at < noon
