"""Days as people write them."""

from datetime import date, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.dates import describe_end, parse_date
from app.domain.errors import InvalidInput
from tests.support import local

MONDAY = date(2026, 11, 23)
ZONE = ZoneInfo("America/New_York")
NOON = local("2026-11-23T12:00")


def parse_day(text: str, today: date) -> date | None:
    """The day that is meant, None where that is not understood."""
    try:
        return parse_date(text, today, years=100)
    except InvalidInput:
        return None


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("today", date(2026, 11, 23)),
        ("Tomorrow", date(2026, 11, 24)),
        ("monday", date(2026, 11, 23)),
        ("Tue", date(2026, 11, 24)),
        ("on sunday", date(2026, 11, 29)),
        ("2026-12-24", date(2026, 12, 24)),
        ("2025-01-01", date(2025, 1, 1)),
        ("24 december", date(2026, 12, 24)),
        ("24th of December", date(2026, 12, 24)),
        ("the 1st of jan", date(2027, 1, 1)),
        ("december 24", date(2026, 12, 24)),
        ("Dec. 24th, 2027", date(2027, 12, 24)),
        ("24 dec 2025", date(2025, 12, 24)),
        ("23 november", date(2026, 11, 23)),
        ("22 october", date(2027, 10, 22)),
        ("22 november", date(2026, 11, 22)),
        ("29 february", date(2028, 2, 29)),
        ("the 24th", date(2026, 11, 24)),
        ("on the 22nd", date(2026, 12, 22)),
        ("31st", date(2026, 12, 31)),
    ],
)
def test_a_day_is_the_next_one_of_its_name(text: str, expected: date) -> None:
    assert parse_day(text, MONDAY) == expected


@pytest.mark.parametrize(
    "text",
    ["", "someday", "24", "32 december", "0th", "30 february", "2026-13-01", "24 decembuary", "14:00", "٢٤ december"],
)
def test_what_is_no_day_is_none(text: str) -> None:
    assert parse_day(text, MONDAY) is None


@pytest.mark.parametrize("today", [date(2096, 3, 1), date(2096, 2, 29), date(2095, 12, 31)])
def test_a_leap_day_is_found_also_where_it_is_eight_years_away(today: date) -> None:
    assert parse_day("29 february", today) in (date(2096, 2, 29), date(2104, 2, 29))


@given(st.text(max_size=20) | st.from_regex(r"[0-9]{1,2}(st|th)? ?[a-z]{0,9} ?[0-9]{0,4}", fullmatch=True), st.dates())
def test_any_text_is_a_day_or_none(text: str, today: date) -> None:
    if today < date(9980, 1, 1):
        assert isinstance(parse_day(text, today), date | None)


@pytest.mark.parametrize(
    ("moment", "said"),
    [
        ("2026-11-24T00:00", "the end of today"),
        ("2026-11-25T00:00", "the end of tomorrow"),
        ("2026-11-28T00:00", "the end of Friday"),
        ("2026-12-25T00:00", "the end of 24 December"),
        ("2027-01-01T00:00", "the end of 31 December"),
        ("2027-01-02T00:00", "the end of 1 January 2027"),
        ("2026-11-23T18:00", "18:00"),
        ("2026-11-27T18:00", "Fri 18:00"),
    ],
)
def test_a_midnight_is_told_as_the_end_of_the_day_before(moment: str, said: str) -> None:
    assert describe_end(local(moment), ZONE, NOON) == said


def test_the_end_of_a_day_is_the_same_day_in_any_zone() -> None:
    berlin = ZoneInfo("Europe/Berlin")
    assert describe_end(local("2026-11-28T00:00", "Europe/Berlin"), berlin, NOON) == "the end of Friday"
    assert describe_end(NOON + timedelta(days=5), ZONE, NOON) == "Sat 12:00"
