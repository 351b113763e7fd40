import re
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.domain.errors import InvalidInput
from app.domain.hours import Closed, Hours, Period, Window, local_clock, parse_weekly

MINUTE = timedelta(minutes=1)
NEW_YORK = ZoneInfo("America/New_York")
OFFICE_WEEK = {"mon-fri": "09:00-17:00"}
WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


def hours(table: dict[str, object], zone: str = "America/New_York", **holidays: str) -> Hours:
    """Holidays are given as d2026_01_01="New Year's Day"."""
    days = {date.fromisoformat(key[1:].replace("_", "-")): name for key, name in holidays.items()}
    return Hours(ZoneInfo(zone), parse_weekly(table), days)


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def local(text: str, zone: str = "America/New_York") -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone)).astimezone(UTC)


def span(start: str, end: str) -> Period:
    return Period(utc(start), utc(end))


# Boundaries


def test_a_day_opens_with_the_first_window_that_starts_on_it_and_closes_with_the_last() -> None:
    week = hours({"mon": "09:00-12:00, 13:00-17:00", "tue": "22:00-02:00"}, d2026_07_13="Fair")
    days = [date(2026, 7, 6), date(2026, 7, 7), date(2026, 7, 8), date(2026, 7, 13)]
    assert [week.opening(day) for day in days] == [local("2026-07-06T09:00"), local("2026-07-07T22:00"), None, None]
    assert [week.closing(day) for day in days] == [local("2026-07-06T17:00"), local("2026-07-08T02:00"), None, None]


@pytest.mark.parametrize(
    ("clock", "is_open"),
    [("08:59:59.999999", False), ("09:00", True), ("16:59:59.999999", True), ("17:00", False)],
)
def test_hours_are_open_from_their_start_until_just_before_their_end(clock: str, is_open: bool) -> None:
    now = local(f"2026-07-01T{clock}")
    assert hours(OFFICE_WEEK).is_open(now) is is_open
    assert (hours(OFFICE_WEEK).period_at(now) is not None) is is_open


def test_the_period_is_given_in_utc() -> None:
    period = hours(OFFICE_WEEK).period_at(local("2026-07-01T12:00"))
    assert period == span("2026-07-01T13:00", "2026-07-01T21:00")
    assert period.ends_at.tzinfo is UTC


@pytest.mark.parametrize("now", ["1970-01-01T00:00", "2199-12-31T23:59"])
def test_far_away_years_are_no_trouble(now: str) -> None:
    for zone in ("America/New_York", "Pacific/Kiritimati", "Pacific/Apia"):
        for table in ({}, OFFICE_WEEK, {"mon-sun": "00:00-24:00"}):
            week = hours(table, zone)
            assert (week.period_at(utc(now)) is None) is not week.is_open(utc(now))
            assert (week.next_opening(utc(now)) is None) is (table != OFFICE_WEEK)


# Windows over midnight, merging, holidays


@pytest.mark.parametrize(
    ("now", "is_open"),
    [
        ("2026-07-03T21:59", False),
        ("2026-07-03T22:00", True),
        ("2026-07-04T05:59", True),
        ("2026-07-04T06:00", False),
        ("2026-07-04T23:00", False),
        ("2026-07-03T01:00", False),
    ],
)
def test_a_window_over_midnight_belongs_to_its_first_day(now: str, is_open: bool) -> None:
    assert hours({"fri": "22:00-06:00"}).is_open(local(now)) is is_open


@pytest.mark.parametrize(
    ("now", "is_open"),
    [
        ("2026-07-02T23:00", True),
        ("2026-07-03T05:59", True),
        ("2026-07-03T23:00", False),
        ("2026-07-04T05:00", False),
        ("2026-07-04T22:00", True),
    ],
)
def test_on_a_holiday_no_window_starts_but_the_eve_still_ends(now: str, is_open: bool) -> None:
    nights = hours({"mon-sun": "22:00-06:00"}, d2026_07_03="Independence Day")
    assert nights.is_open(local(now)) is is_open


@pytest.mark.parametrize(
    "table",
    [
        {"mon-tue": "00:00-24:00"},
        {"mon": "00:00-12:00, 12:00-24:00", "tue": "00:00-24:00"},
        {"mon": "00:00-00:30, 00:30-23:00, 23:00-09:00", "tue": "08:00-00:00"},
    ],
)
@pytest.mark.parametrize("now", ["2026-07-06T00:00", "2026-07-06T23:59", "2026-07-07T00:00", "2026-07-07T20:00"])
def test_windows_that_touch_or_overlap_are_one_period(table: dict[str, object], now: str) -> None:
    assert hours(table).period_at(local(now)) == Period(local("2026-07-06T00:00"), local("2026-07-08T00:00"))


def test_windows_with_a_gap_between_them_are_two_periods() -> None:
    week = hours({"mon": ["09:00-12:00", "13:00-17:00"]})
    assert week.period_at(local("2026-07-06T10:00")) == Period(local("2026-07-06T09:00"), local("2026-07-06T12:00"))
    assert week.next_opening(local("2026-07-06T10:00")) == local("2026-07-06T13:00")


def test_hours_around_the_clock_end_more_than_a_week_ahead_and_never_open() -> None:
    now = local("2026-07-06T10:00")
    week = hours({"mon-sun": "00:00-24:00"})
    assert timedelta(days=8) <= week.period_at(now).ends_at - now <= timedelta(days=9)
    assert week.next_opening(now) is None


def test_a_holiday_ends_a_merged_period() -> None:
    week = hours({"mon-sun": "00:00-24:00"}, d2026_07_08="Founders' Day")
    assert week.period_at(local("2026-07-06T10:00")).ends_at == local("2026-07-08T00:00")
    assert week.next_opening(local("2026-07-06T10:00")) == local("2026-07-09T00:00")


# The next opening


@pytest.mark.parametrize(
    ("now", "opening"),
    [
        ("2026-07-01T08:59:59.999999", "2026-07-01T09:00"),
        ("2026-07-01T09:00", "2026-07-02T09:00"),
        ("2026-07-01T17:00", "2026-07-02T09:00"),
        ("2026-07-02T17:00", "2026-07-06T09:00"),
    ],
)
def test_the_next_opening_skips_weekends_and_holidays(now: str, opening: str) -> None:
    assert hours(OFFICE_WEEK, d2026_07_03="Independence Day").next_opening(local(now)) == local(opening)


def test_hours_without_any_window_never_open() -> None:
    assert hours({}).next_opening(local("2026-07-01T12:00")) is None


def test_a_single_opening_most_of_a_year_ahead_is_found() -> None:
    start = date(2026, 1, 1)
    holidays = {start + timedelta(days=days): "Closed for works" for days in range(364)}
    week = Hours(NEW_YORK, parse_weekly({"thu": "09:00-17:00"}), holidays)
    assert week.next_opening(local("2026-01-01T00:00")) == local("2026-12-31T09:00")


# Why closed, and descriptions


@pytest.mark.parametrize(
    ("now", "reason"),
    [
        ("2026-01-01T12:00", Closed("holiday", "New Year's Day")),
        ("2026-01-03T12:00", Closed("day", "Saturday")),
        ("2026-01-05T08:59:59.999999", Closed("time", "08:59")),
        ("2026-01-05T17:00", Closed("time", "17:00")),
    ],
)
def test_closed_hours_say_why(now: str, reason: Closed) -> None:
    assert hours(OFFICE_WEEK, d2026_01_01="New Year's Day").why_closed(local(now)) == reason


@pytest.mark.parametrize(
    ("clock", "reason"), [("05:59", Closed("holiday", "New Year's Day")), ("06:00", Closed("time", "06:00"))]
)
def test_the_morning_after_a_holiday_is_closed_for_the_holiday(clock: str, reason: Closed) -> None:
    nights = hours({"mon-sun": "22:00-06:00"}, d2026_01_01="New Year's Day")
    assert nights.why_closed(local(f"2026-01-02T{clock}")) == reason


@pytest.mark.parametrize(
    ("table", "text"),
    [
        ({}, "never"),
        ({"mon-fri": "09:00-17:00"}, "Mon–Fri 09:00–17:00"),
        ({"mon-thu": "9am-5pm", "fri": "9:00-15:00"}, "Mon–Thu 09:00–17:00, Fri 09:00–15:00"),
        ({"mon-sun": "00:00-24:00"}, "every day 00:00–24:00"),
        (
            {"mon,wed": "09:00-12:00, 13:00-17:00"},
            "Mon 09:00–12:00 and 13:00–17:00, Wed 09:00–12:00 and 13:00–17:00",
        ),
        ({"fri-sat": "22:00-06:00"}, "Fri–Sat 22:00–06:00"),
    ],
)
def test_hours_describe_themselves_in_runs_of_equal_days(table: dict[str, object], text: str) -> None:
    assert hours(table).describe() == text


@pytest.mark.parametrize(
    ("moment", "now", "text"),
    [
        ("2026-12-28T17:00", "2026-12-28T09:00", "17:00"),
        ("2026-12-29T09:00", "2026-12-28T23:59", "tomorrow 09:00"),
        ("2026-12-30T09:00", "2026-12-28T09:00", "Wed 09:00"),
        ("2027-01-03T09:00", "2026-12-28T09:00", "Sun 09:00"),
        ("2027-01-04T09:00", "2026-12-28T09:00", "Mon 4 Jan 2027 09:00"),
        ("2026-12-28T09:00", "2026-12-20T09:00", "Mon 28 Dec 09:00"),
        ("2026-12-27T09:00", "2026-12-28T09:00", "Sun 27 Dec 09:00"),
        ("2026-11-01T00:30", "2026-11-01T00:00", "00:30"),
    ],
)
def test_a_moment_is_told_as_briefly_as_is_clear(moment: str, now: str, text: str) -> None:
    assert local_clock(local(moment), NEW_YORK, local(now)) == text


@pytest.mark.parametrize(
    ("moment", "text"),
    [("2026-11-01T05:30", "tomorrow 01:30 EDT"), ("2026-11-01T06:30", "tomorrow 01:30 EST")],
)
def test_a_moment_whose_wall_time_occurs_twice_is_told_with_its_zone(moment: str, text: str) -> None:
    assert local_clock(utc(moment), NEW_YORK, utc("2026-10-31T12:00")) == text


# Clock changes


@pytest.mark.parametrize(
    ("zone", "day", "window", "expected"),
    [
        ("America/New_York", "2026-03-08", "02:30-04:00", span("2026-03-08T07:00", "2026-03-08T08:00")),
        ("America/New_York", "2026-11-01", "01:30-02:00", span("2026-11-01T05:30", "2026-11-01T07:00")),
        ("Europe/Berlin", "2026-03-29", "02:30-04:00", span("2026-03-29T01:00", "2026-03-29T02:00")),
        ("Europe/Berlin", "2026-10-25", "02:30-03:00", span("2026-10-25T00:30", "2026-10-25T02:00")),
        ("Africa/Cairo", "2026-04-24", "00:00-01:30", span("2026-04-23T22:00", "2026-04-23T22:30")),
        ("Africa/Cairo", "2026-10-29", "23:00-24:00", span("2026-10-29T20:00", "2026-10-29T22:00")),
        ("Australia/Lord_Howe", "2026-10-04", "02:15-03:00", span("2026-10-03T15:30", "2026-10-03T16:00")),
        ("Australia/Lord_Howe", "2026-04-05", "01:45-02:00", span("2026-04-04T14:45", "2026-04-04T15:30")),
        ("America/Havana", "2026-03-08", "00:00-02:00", span("2026-03-08T05:00", "2026-03-08T06:00")),
        ("America/Havana", "2026-11-01", "00:30-01:00", span("2026-11-01T04:30", "2026-11-01T06:00")),
        ("Asia/Beirut", "2026-03-29", "00:00-02:00", span("2026-03-28T22:00", "2026-03-28T23:00")),
        ("Asia/Beirut", "2026-10-24", "23:00-24:00", span("2026-10-24T20:00", "2026-10-24T22:00")),
        ("America/St_Johns", "2010-11-07", "00:00-01:00", span("2010-11-07T02:30", "2010-11-07T04:30")),
        ("Pacific/Kiritimati", "2026-03-08", "09:00-17:00", span("2026-03-07T19:00", "2026-03-08T03:00")),
        ("UTC", "2026-03-08", "09:00-17:00", span("2026-03-08T09:00", "2026-03-08T17:00")),
    ],
)
def test_a_skipped_time_is_the_jump_and_a_repeated_time_its_first(
    zone: str, day: str, window: str, expected: Period
) -> None:
    week = hours({WEEKDAYS[date.fromisoformat(day).weekday()]: window}, zone)
    assert week.next_opening(expected.starts_at - timedelta(hours=3)) == expected.starts_at
    for inside in (
        expected.starts_at,
        (expected.starts_at + 30 * MINUTE),
        expected.ends_at - timedelta.resolution,
    ):
        assert week.period_at(min(inside, expected.ends_at - timedelta.resolution)) == expected
    for outside in (expected.starts_at - timedelta.resolution, expected.ends_at):
        assert not week.is_open(outside)


@pytest.mark.parametrize(
    ("zone", "day", "length"),
    [
        ("America/New_York", "2026-03-08", 23),
        ("America/New_York", "2026-11-01", 25),
        ("Europe/Berlin", "2026-03-29", 23),
        ("Europe/Berlin", "2026-10-25", 25),
        ("Africa/Cairo", "2026-04-24", 23),
        ("Africa/Cairo", "2026-10-29", 25),
        ("Australia/Lord_Howe", "2026-10-04", 23.5),
        ("Australia/Lord_Howe", "2026-04-05", 24.5),
        ("America/Havana", "2026-03-08", 23),
        ("America/Havana", "2026-11-01", 25),
        ("Asia/Beirut", "2026-03-29", 23),
        ("Asia/Beirut", "2026-10-24", 25),
        ("Pacific/Kiritimati", "2026-03-08", 24),
        ("UTC", "2026-03-08", 24),
    ],
)
def test_a_whole_day_is_as_long_as_its_clock_change_makes_it(zone: str, day: str, length: float) -> None:
    week = hours({WEEKDAYS[date.fromisoformat(day).weekday()]: "00:00-24:00"}, zone)
    period = week.period_at(local(f"{day}T12:00", zone))
    assert period.ends_at - period.starts_at == timedelta(hours=length)


def test_a_window_wholly_in_a_skipped_hour_is_empty() -> None:
    week = hours({"sun": "02:00-03:00"})
    assert not week.is_open(local("2026-03-08T03:00"))
    assert week.next_opening(utc("2026-03-07T12:00")) == local("2026-03-15T02:00")


def test_a_day_that_apia_skipped_has_no_hours() -> None:
    fridays, most_days = (hours({days: "09:00-17:00"}, "Pacific/Apia") for days in ("fri", "thu-sat"))
    assert fridays.next_opening(utc("2011-12-28T12:00")) == utc("2012-01-05T19:00")
    assert most_days.next_opening(utc("2011-12-30T03:00")) == utc("2011-12-30T19:00")


def test_a_night_into_the_day_that_apia_skipped_ends_at_the_jump() -> None:
    night = hours({"thu": "22:00-06:00"}, "Pacific/Apia").period_at(utc("2011-12-30T09:00"))
    assert night == span("2011-12-30T08:00", "2011-12-30T10:00")


# Against a slow evaluation: each minute of the wall clock is given to the first real minute that shows it or
# a later one, and a window is open from the real minute of its start until that of its end.

ZONES = (
    "America/New_York",
    "Europe/Berlin",
    "Africa/Cairo",
    "Australia/Lord_Howe",
    "America/Havana",
    "Asia/Beirut",
    "Pacific/Kiritimati",
    "UTC",
)
AROUND = timedelta(days=4)


def clock_changes(zone: str) -> list[datetime]:
    """Moments up to six hours before the zone's clock changes."""
    tz, step = ZoneInfo(zone), timedelta(hours=6)
    moments = [utc("2025-01-01T00:00") + number * step for number in range(3 * 366 * 4)]
    changes = [now for now in moments if now.astimezone(tz).utcoffset() != (now + step).astimezone(tz).utcoffset()]
    return changes or [utc("2026-03-08T12:00")]


@lru_cache(maxsize=64)
def real_minutes(zone: str, change: datetime) -> dict[datetime, int]:
    """Naive wall minute to the number of real minutes since the scan began."""
    tz, first, real = ZoneInfo(zone), change - AROUND, {}
    wall = first.astimezone(tz).replace(tzinfo=None)
    for number in range(2 * AROUND // MINUTE):
        while wall <= (first + number * MINUTE).astimezone(tz).replace(tzinfo=None):
            real[wall] = number
            wall += MINUTE
    return real


def slowly_open(week: Hours, change: datetime) -> bytearray:
    """For each real minute of the scan whether it is open; windows are cut off at the scan's ends."""
    real, minutes = real_minutes(week.timezone.key, change), bytearray(2 * AROUND // MINUTE)
    earliest = min(real)
    for midnight in {datetime.combine(wall, time.min) for wall in real}:
        for window in week.weekly[midnight.weekday()] if midnight.date() not in week.holidays else ():
            overnight = timedelta(days=0 if window.end > window.start else 1)
            walls = midnight + window.start * MINUTE, midnight + overnight + window.end * MINUTE
            start, end = (0 if wall < earliest else real.get(wall, len(minutes)) for wall in walls)
            minutes[start:end] = b"\1" * (end - start)
    return minutes


def windows_of_seven_days(draw: st.DrawFn) -> Iterator[tuple[Window, ...]]:
    bounds = st.integers(0, 95).map(lambda quarter: quarter * 15)
    for _ in range(7):
        start, end, later = draw(bounds), draw(bounds), draw(bounds)
        day = (Window(start, end or 1440),) if start != end else ()
        yield (*day, Window(later, 1440)) if day and later >= day[0].until else day


@st.composite
def weeks_around_changes(draw: st.DrawFn) -> tuple[Hours, datetime]:
    zone = draw(st.sampled_from(ZONES))
    change = draw(st.sampled_from(CHANGES[zone]))
    holiday = (change + timedelta(days=draw(st.integers(-3, 3)))).date()
    return Hours(ZoneInfo(zone), tuple(windows_of_seven_days(draw)), {holiday: "Holiday"}), change


CHANGES = {zone: clock_changes(zone) for zone in ZONES}


@settings(max_examples=100, deadline=None)
@given(weeks_around_changes(), st.lists(st.integers(-1800, 1800), min_size=1, max_size=20))
def test_hours_agree_with_a_minute_by_minute_scan(case: tuple[Hours, datetime], offsets: list[int]) -> None:
    week, change = case
    minutes, began = slowly_open(week, change), change - AROUND
    for number in (AROUND // MINUTE + offset for offset in offsets):
        now = began + number * MINUTE
        assert week.is_open(now) is bool(minutes[number])
        start, end = minutes.rfind(0, 0, number) + 1, minutes.find(0, number)
        if not minutes[number]:
            assert week.period_at(now) is None
        elif start > 0 and end > 0:
            assert week.period_at(now) == Period(began + start * MINUTE, began + end * MINUTE)


# Reading the [hours] table

DAY = (Window(540, 1020),)


@pytest.mark.parametrize(
    ("key", "days"),
    [
        ("mon", {0}),
        ("Tuesday", {1}),
        ("THURS", {3}),
        ("mon-fri", {0, 1, 2, 3, 4}),
        ("Sat–Sun", {5, 6}),
        ("fri-mon", {4, 5, 6, 0}),
        ("mon, wed", {0, 2}),
        ("mon-tue,sun", {0, 1, 6}),
        ("sun - sun", {6}),
    ],
)
def test_a_key_names_weekdays(key: str, days: set[int]) -> None:
    weekly = parse_weekly({key: "09:00-17:00"})
    assert weekly == tuple(DAY if day in days else () for day in range(7))


@pytest.mark.parametrize(
    ("value", "windows"),
    [
        ("09:00-17:00", DAY),
        ("9:00 – 17:00", DAY),
        ("9am\u00a0-\u202f5pm", DAY),
        ("09:00-12:00, 13:00-17:00", (Window(540, 720), Window(780, 1020))),
        (["13:00-17:00", "09:00-12:00"], (Window(540, 720), Window(780, 1020))),
        ("22:00-06:00", (Window(1320, 360),)),
        ("00:00-24:00", (Window(0, 1440),)),
        ("22:00-00:00", (Window(1320, 1440),)),
        ("00:00-06:00, 22:00-06:00", (Window(0, 360), Window(1320, 360))),
        ([], ()),
    ],
)
def test_a_value_names_windows(value: object, windows: tuple[Window, ...]) -> None:
    assert parse_weekly({"mon": value})[0] == windows


@pytest.mark.parametrize(
    ("table", "message"),
    [
        ({"mo": "09:00-17:00"}, r"“mo” names no weekdays\. Try mon"),
        ({"weekdays": "09:00-17:00"}, "“weekdays” names no weekdays"),
        ({"mon-": "09:00-17:00"}, "“mon-” names no weekdays"),
        ({"mon-wed-fri": "09:00-17:00"}, "“mon-wed-fri” is not a range of days"),
        ({"mon-wed": "09:00-17:00", "tue": "09:00-12:00"}, "“tue” names Tuesday again"),
        ({"mon,mon": "09:00-17:00"}, "“mon,mon” names Monday again"),
        ({"mon": "09:00"}, "“09:00” is not like 09:00-17:00"),
        ({"mon": ""}, "“” is not like 09:00-17:00"),
        ({"mon": "9-17"}, "“9” could mean several things"),
        ({"mon": "09:00-25:00"}, "“25:00” is not a time of day"),
        ({"mon": "09:00-09:00"}, "“09:00-09:00” is empty"),
        ({"mon": "24:00-06:00"}, "starts at 24:00"),
        ({"mon": "09:00-12:00, 11:59-17:00"}, "09:00–12:00 and 11:59–17:00 overlap"),
        ({"mon": "22:00-06:00, 23:00-24:00"}, "22:00–06:00 and 23:00–24:00 overlap"),
        ({"mon": 9}, "a text, not a value of type int"),
        ({"mon": [9, 17]}, "a text, not a value of type int"),
        ({"mon": {"from": "09:00"}}, "a text, not a value of type dict"),
        ({"mon": date(2026, 1, 1)}, "a text, not a value of type date"),
        (5, "Hours are a table"),
    ],
)
def test_what_is_not_understood_is_said_with_an_example(table: object, message: str) -> None:
    with pytest.raises(InvalidInput, match=message) as raised:
        parse_weekly(table)
    assert re.search(r"Try |such as |like 09:00-17:00", str(raised.value))


ANY_TEXT = st.text(max_size=20) | st.text("0123456789:-–, apmont\u00a0\0\ud800", max_size=20)
SCALARS = st.none() | st.booleans() | st.integers() | st.floats() | st.dates() | st.times() | ANY_TEXT
TOML = SCALARS | st.lists(SCALARS, max_size=3) | st.dictionaries(ANY_TEXT, SCALARS, max_size=2)
KEYS = st.sampled_from(["mon", "tue-fri", "sat,sun", "x" * 10_000]) | ANY_TEXT


@settings(max_examples=100, deadline=None)
@given(st.dictionaries(KEYS, TOML, max_size=3) | TOML)
def test_reading_hours_raises_nothing_but_invalid_input(table: object) -> None:
    with suppress(InvalidInput):
        assert len(parse_weekly(table)) == 7


def test_a_message_shows_little_of_long_or_unprintable_input() -> None:
    with pytest.raises(InvalidInput) as raised:
        parse_weekly({"\0\ud800" + "x" * 10_000: "09:00-17:00"})
    assert str(raised.value).startswith(f"“??{'x' * 38}…” names no weekdays")
