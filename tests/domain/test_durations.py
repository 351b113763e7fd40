from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.domain.durations import describe_duration, parse_clock, parse_duration, parse_until
from app.domain.errors import InvalidInput

NEW_YORK = ZoneInfo("America/New_York")
NONSENSE = [
    None,
    5,
    2.5,
    b"2h",
    [],
    "",
    " ",
    "x" * 10_000,
    "9" * 10_000,
    "2h\0",
    "\ud800",
    "٢h",
    "٢:٣٠",
    "２h",
]


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "minutes"),
    [
        ("2h", 120),
        ("90m", 90),
        ("1h30", 90),
        ("1h 30", 90),
        ("1h30m", 90),
        ("1h 30m", 90),
        ("1.5h", 90),
        ("45 min", 45),
        ("45 mins", 45),
        ("2 hours", 120),
        ("1 hr", 60),
        ("90 minutes", 90),
        ("An Hour", 60),
        ("a day", 1440),
        ("half an hour", 30),
        ("half a day", 720),
        ("30 seconds", 0.5),
        ("25S", 25 / 60),
        ("1d", 1440),
        ("400d", 400 * 1440),
        ("2w", 14 * 1440),
        ("1w 1d 1h 1m 60s", 8 * 1440 + 62),
        ("2\u00a0h", 120),
        ("\u202f1h\u202f30\u00a0m ", 90),
        ("100w", 100 * 7 * 1440),
    ],
)
def test_a_length_of_time_is_read_as_people_write_it(text: str, minutes: float) -> None:
    assert parse_duration(text) == timedelta(minutes=minutes)


@pytest.mark.parametrize(
    "text",
    [
        *NONSENSE,
        "0h",
        "0.1s",
        "-2h",
        "–2h",
        "11000d",
        "99999999w",
        "999999999999h",
        "1e3h",
        "infh",
        "nan h",
        "30",
        "h",
        "am",
        "ah",
        "1h30m15",
        "30m 1h",
        "1h 1h",
        "2h for",
        "tomorrow",
        "1.h",
        "1,5h",
    ],
)
def test_what_is_no_length_of_time_is_refused_with_an_example(text: object) -> None:
    with pytest.raises(InvalidInput, match=r"is not a length of time\. Try 2h, 90m or 1h 30m\.$"):
        parse_duration(text)


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (7200, "2 h"),
        (5400, "1 h 30 min"),
        (2700, "45 min"),
        (25, "25 s"),
        (400 * 86_400, "400 days"),
        (86_400, "1 day"),
        (129_600, "1 day 12 h"),
        (3601, "1 h 1 s"),
        (59.9, "59 s"),
        (0, "0 s"),
        (-5, "0 s"),
    ],
)
def test_a_length_of_time_is_described_in_its_largest_units(seconds: float, text: str) -> None:
    assert describe_duration(timedelta(seconds=seconds)) == text


@given(st.integers(1, 10 * 365 * 86_400))
def test_a_described_length_is_read_back_the_same(seconds: int) -> None:
    delta = timedelta(seconds=seconds)
    assert parse_duration(describe_duration(delta)) == delta


@pytest.mark.parametrize(
    ("text", "clock"),
    [
        ("14:00", (14, 0)),
        ("14.00", (14, 0)),
        ("9:05", (9, 5)),
        ("00:00", (0, 0)),
        ("23:59", (23, 59)),
        ("24:00", (24, 0)),
        ("2pm", (14, 0)),
        ("2:30 pm", (14, 30)),
        ("2:30PM", (14, 30)),
        ("2.30\u202fp.m.", (14, 30)),
        ("12am", (0, 0)),
        ("12:30 am", (0, 30)),
        ("12pm", (12, 0)),
        ("Noon", (12, 0)),
        ("midnight", (24, 0)),
    ],
)
def test_a_time_of_day_is_read_as_people_write_it(text: str, clock: tuple[int, int]) -> None:
    assert parse_clock(text) == clock[0] * 60 + clock[1]


@pytest.mark.parametrize(
    "text",
    [
        *NONSENSE,
        "24:01",
        "25:00",
        "14:60",
        "9:5",
        "0am",
        "13pm",
        "2:60pm",
        "-9:00",
        "09:00:00",
        "99",
        "24",
        "٩",
    ],
)
def test_what_is_no_time_of_day_is_refused_with_an_example(text: object) -> None:
    with pytest.raises(InvalidInput, match=r"is not a time of day\. Try 14:00, 2:30pm or noon\."):
        parse_clock(text)


@pytest.mark.parametrize(
    ("text", "suggestion"),
    [("9", "9:00 or 9am"), ("14", "14:00 or 2pm"), ("12", "12:00 or 12pm"), ("0", "0:00 or 12am")],
)
def test_a_bare_number_is_refused_as_ambiguous(text: str, suggestion: str) -> None:
    with pytest.raises(InvalidInput, match=f"“{text}” could mean several things. Try {suggestion}."):
        parse_clock(text)


@pytest.mark.parametrize(
    ("text", "now", "expected"),
    [
        ("14:00", "2026-07-01T12:00", "2026-07-01T18:00"),
        ("7am", "2026-07-01T12:00", "2026-07-01T11:00"),
        ("midnight", "2026-07-01T12:00", "2026-07-02T04:00"),
        ("24:00", "2026-07-02T03:59", "2026-07-02T04:00"),
        ("9:00", "2026-07-02T03:59", "2026-07-01T13:00"),
        ("02:30", "2026-03-08T06:00", "2026-03-08T07:00"),
        ("01:30", "2026-11-01T05:00", "2026-11-01T05:30"),
        ("01:30", "2026-11-01T05:30", "2026-11-01T06:30"),
        ("01:30", "2026-11-01T06:29", "2026-11-01T06:30"),
        ("01:30", "2026-11-01T06:30", "2026-11-01T05:30"),
        ("02:00", "2026-11-01T06:30", "2026-11-01T07:00"),
    ],
)
def test_until_is_that_clock_time_on_the_local_date(text: str, now: str, expected: str) -> None:
    until = parse_until(text, utc(now), NEW_YORK)
    assert (until, until.tzinfo) == (utc(expected), UTC)


@pytest.mark.parametrize(
    ("zone", "now", "expected"),
    [
        ("Africa/Cairo", "2026-04-23T12:00", "2026-04-23T22:00"),
        ("Africa/Cairo", "2026-10-29T20:30", "2026-10-29T22:00"),
        ("Asia/Beirut", "2026-03-28T12:00", "2026-03-28T22:00"),
        ("America/Havana", "2026-03-07T12:00", "2026-03-08T05:00"),
        ("America/Havana", "2026-10-31T12:00", "2026-11-01T04:00"),
        ("Pacific/Apia", "2011-12-30T09:00", "2011-12-30T10:00"),
    ],
)
def test_midnight_is_the_end_of_today_even_where_clocks_skip_it(zone: str, now: str, expected: str) -> None:
    assert parse_until("midnight", utc(now), ZoneInfo(zone)) == utc(expected)


TEXTS = st.text(max_size=30) | st.text("0123456789.:hmsdwap –-\u00a0\0\ud800٢", max_size=12)


@settings(max_examples=300, deadline=None)
@given(TEXTS | st.none() | st.integers() | st.binary(max_size=5))
def test_reading_a_length_raises_nothing_but_invalid_input(text: object) -> None:
    with suppress(InvalidInput):
        assert timedelta(seconds=1) <= parse_duration(text) <= timedelta(days=3653)


@settings(max_examples=300, deadline=None)
@given(TEXTS | st.none() | st.integers() | st.binary(max_size=5))
def test_reading_a_time_of_day_raises_nothing_but_invalid_input(text: object) -> None:
    now = utc("2026-03-08T06:00")
    with suppress(InvalidInput):
        assert 0 <= parse_clock(text) <= 1440
        assert abs(parse_until(text, now, NEW_YORK) - now) <= timedelta(hours=25)


@pytest.mark.parametrize("parse", [parse_duration, parse_clock])
def test_a_message_shows_little_of_long_or_unprintable_input(parse: Callable[[object], object]) -> None:
    with pytest.raises(InvalidInput) as raised:
        parse("\0\ud800" + "x" * 10_000)
    assert str(raised.value).startswith(f"“??{'x' * 38}…” is not a")
