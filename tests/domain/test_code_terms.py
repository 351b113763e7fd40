"""What is typed when a code is issued."""

from contextlib import suppress
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.code_terms import CodeTerms, parse_terms
from app.domain.errors import InvalidInput
from app.domain.hours import Hours, parse_weekly
from tests.support import local

NEW_YORK = ZoneInfo("America/New_York")
HOLIDAYS = {date(2026, 11, 26): "Thanksgiving", date(2026, 11, 27): "Day after", date(2026, 12, 24): "Christmas Eve"}
NOON = local("2026-11-23T12:00")  # a Monday


def hours(**week: str) -> Hours:
    return Hours(NEW_YORK, parse_weekly({day.replace("_", "-"): windows for day, windows in week.items()}), HOLIDAYS)


OFFICE = hours(mon_thu="09:00-17:00", fri="09:00-12:00, 13:00-16:00")
EVENINGS = hours(mon_sun="22:00-02:00")
ALWAYS = hours(mon_sun="00:00-24:00")
NEVER = hours()


@pytest.mark.parametrize(
    ("text", "terms"),
    [
        ("FedEx", ("FedEx", "2026-11-23T17:00", None, False)),
        ("FedEx for 2h", ("FedEx", "2026-11-23T14:00", None, False)),
        ("FedEx for 1h 30m", ("FedEx", "2026-11-23T13:30", None, False)),
        ("FedEx for 3 uses", ("FedEx", "2026-11-23T17:00", 3, False)),
        ("FedEx for 1 use", ("FedEx", "2026-11-23T17:00", 1, False)),
        ("FedEx ONCE", ("FedEx", "2026-11-23T17:00", 1, False)),
        ("FedEx until 14:00", ("FedEx", "2026-11-23T14:00", None, False)),
        ("FedEx until 2 pm", ("FedEx", "2026-11-23T14:00", None, False)),
        ("FedEx until noon", ("FedEx", "2026-11-23T12:00", None, False)),
        ("FedEx until today", ("FedEx", "2026-11-23T17:00", None, False)),
        ("FedEx until tomorrow", ("FedEx", "2026-11-24T17:00", None, False)),
        ("FedEx until tue", ("FedEx", "2026-11-24T17:00", None, False)),
        ("FedEx Until Monday", ("FedEx", "2026-11-23T17:00", None, False)),
        ("FedEx until 2026-12-01", ("FedEx", "2026-12-01T17:00", None, False)),
        ("FedEx until 2026-12-04", ("FedEx", "2026-12-04T16:00", None, False)),
        ("FedEx until 2026\u201312\u201304", ("FedEx", "2026-12-04T16:00", None, False)),
        ("FedEx until 2026-12-24", ("FedEx", "2026-12-25T00:00", None, False)),  # closed all day: midnight
        ("UPS driver 2 until tue at any hour", ("UPS driver 2", "2026-11-24T17:00", None, True)),
        ("FedEx at any hour", ("FedEx", "2026-11-23T17:00", None, True)),
        ("FedEx at any hour once until tue", ("FedEx", "2026-11-24T17:00", 1, True)),
        ("FedEx for 2 uses for 2 days", ("FedEx", "2026-11-25T12:00", 2, False)),
        ("B&H Photo — É. until tue", ("B&H Photo — É.", "2026-11-24T17:00", None, False)),
        ("x" * 40, ("x" * 40, "2026-11-23T17:00", None, False)),
        ("FedEx until 9:00", ("FedEx", "2026-11-23T09:00", None, False)),  # past: refused where that is decided
    ],
)
def test_what_is_asked_is_taken_apart(text: str, terms: tuple[str, str, int | None, bool]) -> None:
    name, ends_at, uses, any_hour = terms
    assert parse_terms(text, OFFICE, NOON) == CodeTerms(name, local(ends_at), uses, any_hour)


@pytest.mark.parametrize(
    ("now", "ends_at"),
    [
        ("2026-11-20T08:00", "2026-11-20T16:00"),  # a Friday before it opens, and while it is open
        ("2026-11-20T12:30", "2026-11-20T16:00"),  # at lunch
        ("2026-11-20T15:59", "2026-11-20T16:00"),
        ("2026-11-20T16:00", "2026-12-04T16:00"),  # closed now, and a holiday next Friday
        ("2026-11-23T12:00", "2026-12-04T16:00"),
        ("2026-11-28T12:00", "2026-12-04T16:00"),
    ],
)
def test_until_friday_is_the_closing_time_of_the_next_friday_with_working_hours(now: str, ends_at: str) -> None:
    for word in ("friday", "fri", "FRIDAY"):
        assert parse_terms(f"FedEx until {word}", OFFICE, local(now)).expires_at == local(ends_at)


@pytest.mark.parametrize(
    ("week", "now", "ends_at"),
    [
        (OFFICE, "2026-11-23T12:00", "2026-11-23T17:00"),
        (OFFICE, "2026-11-23T07:00", "2026-11-23T17:00"),
        (OFFICE, "2026-11-23T17:00", "2026-11-24T17:00"),
        (OFFICE, "2026-11-25T18:00", "2026-11-30T17:00"),
        (EVENINGS, "2026-11-23T01:00", "2026-11-23T02:00"),
        (EVENINGS, "2026-11-23T03:00", "2026-11-24T02:00"),
        (EVENINGS, "2026-11-23T23:00", "2026-11-24T02:00"),
        (ALWAYS, "2026-11-23T12:00", "2026-11-24T00:00"),
    ],
)
def test_with_nothing_said_a_code_is_good_until_the_next_closing_time(week: Hours, now: str, ends_at: str) -> None:
    assert parse_terms("FedEx", week, local(now)).expires_at == local(ends_at)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "What is the code called"),
        ("until friday", "What is the code called"),
        ("x" * 41, "up to 40 letters"),
        ("<@U0HOST001>", "up to 40 letters"),
        ("Fed*Ex*", "up to 40 letters"),
        ("Fed\u200bEx", "up to 40 letters"),
        ("123456", "I draw the digits myself"),
        ("FedEx until", "not a day or a time"),
        ("FedEx until frid", "not a day or a time"),
        ("FedEx until the end", "not a day or a time"),
        ("FedEx until 25:00", "not a time of day"),
        ("FedEx until 5", "could mean several things"),
        ("FedEx until 2026-02-30", "no day of the calendar"),
        ("FedEx until 2027-11-25", "at most 366 days"),
        ("FedEx until 9999-12-31", "at most 366 days"),
        ("FedEx for 367d", "at most 366 days"),
        ("FedEx for", "not a length of time"),
        ("Parcel for Ana until friday", "not a length of time"),
        ("FedEx for 0 uses", "1 to 100 uses"),
        ("FedEx for 101 uses", "1 to 100 uses"),
        ("FedEx for some uses", "1 to 100 uses"),
        ("FedEx for 2h until friday", "only once"),
        ("FedEx once for 3 uses", "only once"),
        ("FedEx at night", "don't understand “at night”"),
        ("FedEx at any time", "don't understand “at any time”"),
        ("FedEx once again", "don't understand “once again”"),
    ],
)
def test_what_is_not_understood_is_said_with_an_example(text: str, said: str) -> None:
    with pytest.raises(InvalidInput, match=said) as caught:
        parse_terms(text, OFFICE, NOON)
    assert any(word in str(caught.value) for word in ("Try ", "try "))


def test_366_days_are_allowed() -> None:
    assert parse_terms("FedEx for 366d", OFFICE, NOON).expires_at == NOON + timedelta(days=366)


@pytest.mark.parametrize("day", ["2026-11-21", "2020-02-29", "0001-01-01"])
def test_a_day_that_is_over_is_past(day: str) -> None:
    assert parse_terms(f"FedEx until {day}", OFFICE, NOON).expires_at < NOON


def test_a_code_that_could_never_count_is_refused_with_the_next_opening() -> None:
    with pytest.raises(InvalidInput, match=r"closed until tomorrow 09:00.* Try `until tuesday`"):
        parse_terms("FedEx for 2h", OFFICE, local("2026-11-23T18:00"))
    assert parse_terms("FedEx for 2h at any hour", OFFICE, local("2026-11-23T18:00")).any_hour
    assert parse_terms("FedEx for 2h", OFFICE, local("2026-11-23T08:00")).expires_at == local("2026-11-23T10:00")


@pytest.mark.parametrize(
    ("text", "said"), [("FedEx", "The door is never open"), ("FedEx until friday", "never open on a Friday")]
)
def test_a_door_that_is_never_open_has_no_closing_time(text: str, said: str) -> None:
    with pytest.raises(InvalidInput, match=said):
        parse_terms(text, NEVER, NOON)
    with pytest.raises(InvalidInput, match="The door is closed, so"):
        parse_terms("FedEx for 2h", NEVER, NOON)
    assert parse_terms("FedEx for 2h at any hour", NEVER, NOON).any_hour


WORDS = [
    "FedEx",
    "until",
    "for",
    "once",
    "at",
    "any",
    "hour",
    "friday",
    "2h",
    "3",
    "uses",
    "2026-12-24",
    "14:00",
    "9",
    "",
]


@given(st.lists(st.sampled_from(WORDS) | st.text(max_size=8), max_size=9), st.sampled_from([OFFICE, ALWAYS, NEVER]))
def test_any_words_are_terms_or_invalid_input(words: list[str], week: Hours) -> None:
    with suppress(InvalidInput):
        terms = parse_terms(" ".join(words), week, NOON)
        assert isinstance(terms.expires_at, datetime)
        assert terms.name
        assert terms.expires_at <= NOON + timedelta(days=366)
