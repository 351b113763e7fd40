"""What people write of schedules and dates: what is meant, and that everything else gets a kind answer."""

from collections.abc import Callable
from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.domain.dates import parse_date
from app.domain.durations import describe_clock
from app.domain.errors import InvalidInput
from app.domain.hours import WEEKDAYS
from app.domain.periods import Window
from app.domain.schedule_terms import ScheduleTerms, SpecialTerms, parse_pause, parse_schedule, parse_special

TODAY = date(2026, 11, 23)  # a Monday
WORKDAYS, EVERY_DAY = (0, 1, 2, 3, 4), tuple(range(7))
LUNCH = Window(660, 840)


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("today", TODAY),
        ("Tomorrow", date(2026, 11, 24)),
        ("monday", TODAY),
        ("next Monday", date(2026, 11, 30)),
        ("fri", date(2026, 11, 27)),
        ("next friday", date(2026, 11, 27)),
        ("24 december", date(2026, 12, 24)),
        ("24 Dec 2027", date(2027, 12, 24)),
        ("December 24, 2026", date(2026, 12, 24)),
        ("Dec. 24th", date(2026, 12, 24)),
        ("the 24th", date(2026, 11, 24)),
        ("on the 24th of December", date(2026, 12, 24)),
        ("the 31st", date(2026, 12, 31)),
        ("Saturday 12 December", date(2026, 12, 12)),
        ("sat, dec 12", date(2026, 12, 12)),
        ("2026-12-24", date(2026, 12, 24)),
        ("7 january", date(2027, 1, 7)),
        ("23 november", TODAY),
        ("22 november", date(2026, 11, 22)),
        ("23 october", date(2026, 10, 23)),
        ("22 october", date(2027, 10, 22)),
        ("29 february", date(2028, 2, 29)),
        ("yesterday", date(2026, 11, 22)),
        ("24\u00a0december ", date(2026, 12, 24)),
    ],
)
def test_a_date_is_the_next_such_unless_it_has_just_passed(text: str, day: date) -> None:
    assert parse_date(text, TODAY) == day


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "“” is no date. Try `24 december`, `friday` or `2026-11-24`."),
        ("24", "is no date"),
        ("31 february", "is no date"),
        ("2026-02-30", "is no date"),
        ("24/12", "is no date"),
        ("december", "is no date"),
        ("24 december 26", "is no date"),
        ("saturday 13 december", "13 December 2026 is a Sunday, not a Saturday. Which do you mean? Try `2026-12-13`."),
        ("2032-01-01", "more than 5 years ahead"),
        ("\u0661 december", "is no date"),
    ],
)
def test_what_is_no_date_is_said_with_an_example(text: str, said: str) -> None:
    with pytest.raises(InvalidInput) as raised:
        parse_date(text, TODAY)
    assert said in str(raised.value)
    assert "Try `" in str(raised.value)


@pytest.mark.parametrize(
    ("text", "terms"),
    [
        ("mon-fri 11:00-14:00", ScheduleTerms(WORKDAYS, (LUNCH,))),
        ("Mon–Fri 11:00 – 14:00", ScheduleTerms(WORKDAYS, (LUNCH,))),
        ("monday to friday from 11:00 to 14:00", ScheduleTerms(WORKDAYS, (LUNCH,))),
        ("weekdays 11am until 2pm", ScheduleTerms(WORKDAYS, (LUNCH,))),
        ("11:00-14:00 on weekdays", ScheduleTerms(WORKDAYS, (LUNCH,))),
        ("every day between 11:00 and 14:00", ScheduleTerms(EVERY_DAY, (LUNCH,))),
        ("Mondays, wed & fridays at 11.00-14.00", ScheduleTerms((0, 2, 4), (LUNCH,))),
        ("fri-mon 22:00-02:00", ScheduleTerms((0, 4, 5, 6), (Window(1320, 120),))),
        ("sat noon-midnight", ScheduleTerms((5,), (Window(720, 1440),))),
        ("mon-fri 11:00-14:00, 17:00-18:00", ScheduleTerms(WORKDAYS, (LUNCH, Window(1020, 1080)))),
        ("mon-fri 11:00-14:00 and 17:00-18:00", ScheduleTerms(WORKDAYS, (LUNCH, Window(1020, 1080)))),
        ("mon-fri 11:00-14:00 called Lunch & co", ScheduleTerms(WORKDAYS, (LUNCH,), "Lunch & co")),
        ('mon-fri 11:00-14:00 called "lunch"', ScheduleTerms(WORKDAYS, (LUNCH,), "lunch")),
        ("mon-fri 11:00-14:00 called <!channel>", ScheduleTerms(WORKDAYS, (LUNCH,), "!channel")),
        (
            "mon-fri 11:00-14:00 from 1 december until 23 december called lunch",
            ScheduleTerms(WORKDAYS, (LUNCH,), "lunch", date(2026, 12, 1), date(2026, 12, 23)),
        ),
        (
            "mon-fri from 2026-12-01 to 2027-01-05 11:00-14:00",
            ScheduleTerms(WORKDAYS, (LUNCH,), "", date(2026, 12, 1), date(2027, 1, 5)),
        ),
        ("mon-fri 11:00-14:00 until friday", ScheduleTerms(WORKDAYS, (LUNCH,), "", None, date(2026, 11, 27))),
        ("mon-fri 11:00-14:00 until 20 november", ScheduleTerms(WORKDAYS, (LUNCH,), "", None, date(2026, 11, 20))),
        (
            "mon 11:00-14:00 from 20 december until 5 january",
            ScheduleTerms((0,), (LUNCH,), "", date(2026, 12, 20), date(2027, 1, 5)),
        ),
    ],
)
def test_a_schedule_is_read_generously(text: str, terms: ScheduleTerms) -> None:
    assert parse_schedule(text, TODAY) == terms


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "has no times"),
        ("mon-fri", "has no times such as 11:00-14:00"),
        ("11:00-14:00", "I don't see on which days"),
        ("mon-fri 11-14", "“11” could mean several things. Try 11:00 or 11am."),
        ("mon-fri 14:00-14:00", "is empty"),
        ("mon-fri 24:00-06:00", "starts at 24:00"),
        ("mon-fri 11:00-25:00", "“25:00” is not a time of day"),
        ("fortnightly 11:00-14:00", "“fortnightly” names no weekdays"),
        ("mon 11:00-12:00 tue 13:00-14:00", "One set of weekdays at a time"),
        ("mon 11:00-14:00 tue", "The weekdays are named twice"),
        ("mon 11:00-14:00 until 5 december until 6 december", "only once"),
        ("mon 11:00-14:00 from 5 december until 1 december 2026", "It would end on 2026-12-01, before it begins"),
        ("mon 11:00-14:00 until soon", "“soon” is no date"),
        ("mon 11:00-14:00 called", "A schedule's name has 1 to 40 letters"),
        ("mon 11:00-14:00 called <>", "A schedule's name has 1 to 40 letters"),
        ("mon 11:00-14:00 called " + "x" * 41, "A schedule's name has 1 to 40 letters"),
    ],
)
def test_what_is_no_schedule_is_said_with_an_example(text: str, said: str) -> None:
    with pytest.raises(InvalidInput) as raised:
        parse_schedule(text, TODAY)
    assert said in str(raised.value)
    assert "Try " in str(raised.value)


CHRISTMAS = date(2026, 12, 24)
ALL_DAY, FROM_NOON = Window(0, 1440), Window(720, 1440)


@pytest.mark.parametrize(
    ("text", "terms"),
    [
        ("24 december", SpecialTerms((CHRISTMAS,), (ALL_DAY,))),
        ("all day on 24 december", SpecialTerms((CHRISTMAS,), (ALL_DAY,))),
        ("24 december from noon", SpecialTerms((CHRISTMAS,), (FROM_NOON,))),
        ("from noon on the 24th of december", SpecialTerms((CHRISTMAS,), (FROM_NOON,))),
        ("on the 24th", SpecialTerms((date(2026, 11, 24),), (ALL_DAY,))),
        ("friday until 10:30", SpecialTerms((date(2026, 11, 27),), (Window(0, 630),))),
        ("24 december 12:00-14:00", SpecialTerms((CHRISTMAS,), (Window(720, 840),))),
        ("tomorrow after 2pm", SpecialTerms((date(2026, 11, 24),), (Window(840, 1440),))),
        (
            "24 december until 26 december",
            SpecialTerms((CHRISTMAS, date(2026, 12, 25), date(2026, 12, 26)), (ALL_DAY,)),
        ),
        ("from 31 december to 1 january", SpecialTerms((date(2026, 12, 31), date(2027, 1, 1)), (ALL_DAY,))),
    ],
)
def test_a_day_is_closed_in_many_words(text: str, terms: SpecialTerms) -> None:
    assert parse_special(text, TODAY, is_open=False) == terms


@pytest.mark.parametrize(
    ("text", "terms"),
    [
        ("saturday 12 december 10:00-16:00", SpecialTerms((date(2026, 12, 12),), (Window(600, 960),))),
        ("12 december between 10am and 4pm asking", SpecialTerms((date(2026, 12, 12),), (Window(600, 960),), True)),
        ("sat 10:00-12:00, 13:00-16:00", SpecialTerms((date(2026, 11, 28),), (Window(600, 720), Window(780, 960)))),
        (
            "12 december to 13 december 10:00-16:00",
            SpecialTerms((date(2026, 12, 12), date(2026, 12, 13)), (Window(600, 960),)),
        ),
    ],
)
def test_a_day_is_opened_in_many_words(text: str, terms: SpecialTerms) -> None:
    assert parse_special(text, TODAY, is_open=True) == terms


@pytest.mark.parametrize(
    ("text", "is_open", "said"),
    [
        ("", True, "From when until when is it open?"),
        ("saturday", True, "From when until when is it open?"),
        ("10:00-16:00", True, "On which day?"),
        ("", False, "On which day?"),
        ("from noon", False, "On which day?"),
        ("24-26 december", False, "is no date"),
        ("24 december until 24 february", False, "not a range of up to 31 days"),
        ("24 december until 26 december from noon", False, "Several days can be closed all day only"),
        ("24 december from midnight", False, "“from midnight” leaves nothing"),
        ("24 december 14:00-14:00", False, "is empty"),
        ("24 december 10-16", True, "From when until when is it open?"),
        ("24 december from 25:00", False, "“25:00” is not a time of day"),
    ],
)
def test_what_is_no_special_day_is_said_with_an_example(text: str, is_open: bool, said: str) -> None:
    with pytest.raises(InvalidInput) as raised:
        parse_special(text, TODAY, is_open=is_open)
    assert said in str(raised.value)
    assert "Try " in str(raised.value)


@pytest.mark.parametrize(
    ("text", "which", "until"),
    [
        ("until 7 january", "", date(2027, 1, 7)),
        ("1 until friday", "1", date(2026, 11, 27)),
        ("all until tomorrow", "", date(2026, 11, 24)),
        ("lunch for two until 2026-12-01", "lunch for two", date(2026, 12, 1)),
    ],
)
def test_a_pause_names_a_schedule_or_all(text: str, which: str, until: date) -> None:
    assert parse_pause(text, TODAY) == (which, until)


def test_a_pause_needs_an_end() -> None:
    with pytest.raises(InvalidInput, match=r"Until when\? Try `schedule pause until 7 january`"):
        parse_pause("1", TODAY)


# Anything else

WORDS = st.sampled_from(
    [
        *("mon", "mon-fri", "Sat", "every day", "weekdays", "and", ",", "-", "–", "to", "from", "until", "at", "on"),
        *("the", "24th", "24", "december", "2026-12-24", "0000-00-00", "9999-12-31", "feb 29", "next", "tomorrow"),
        *("11:00", "14:00", "11:00-14:00", "24:00", "00:00-24:00", "2pm", "noon", "midnight", "called", "lunch"),
        *("@", "@1", "asking", "all day", "1", "#1", "all", "\0", "\ud800", "<@U1>", "<!here>", "99999999999", "٣"),
    ]
)
TEXTS = st.text(max_size=40) | st.lists(WORDS, max_size=10).map(" ".join)
DAYS = st.dates(date(2024, 1, 1), date(2037, 12, 31))


@settings(max_examples=200, deadline=None)
@given(TEXTS, DAYS, st.sampled_from(["date", "schedule", "open", "closed", "pause"]))
def test_any_text_is_understood_or_refused_with_an_example(text: str, today: date, what: str) -> None:
    parse = {
        "date": lambda: parse_date(text, today),
        "schedule": lambda: parse_schedule(text, today),
        "open": lambda: parse_special(text, today, is_open=True),
        "closed": lambda: parse_special(text, today, is_open=False),
        "pause": lambda: parse_pause(text, today),
    }[what]
    said = answer(parse)
    assert said is None or any(word in said for word in ("Try ", "such as", "like 09:00-17:00"))
    assert len(said or "") < 300


def answer(parse: Callable[[], object]) -> str | None:
    """What is said to text that is not understood; None where it is."""
    try:
        parse()
    except InvalidInput as error:
        return str(error)
    return None


@given(
    st.sets(st.integers(0, 6), min_size=1),
    st.lists(st.tuples(st.integers(0, 1439), st.integers(1, 1440)).filter(lambda ends: ends[0] != ends[1]), min_size=1),
    st.none() | DAYS,
    st.integers(0, 100),
)
def test_what_is_clicked_together_is_read_as_it_was_meant(
    days: set[int], windows: list[tuple[int, int]], first: date | None, more: int
) -> None:
    today = first or TODAY
    last = date.fromordinal(today.toordinal() + more) if more else None
    clocks = ", ".join(f"{describe_clock(start)}-{describe_clock(end)}" for start, end in windows)
    text = f"{','.join(WEEKDAYS[day][:3].lower() for day in days)} {clocks}"
    text += f" from {first}" * bool(first) + f" until {last}" * bool(last) + " called lunch"
    assert parse_schedule(text, today) == ScheduleTerms(
        tuple(sorted(days)), tuple(Window(*window) for window in windows), "lunch", first, last
    )
