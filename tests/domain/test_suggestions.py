"""The schedule that the record suggests."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.digests import Conclusion
from app.domain.hours import Hours, parse_weekly
from app.domain.past_visits import PastVisit
from app.domain.suggestions import LOOK_BACK, Suggestion, suggest
from tests.support import local

MONDAY = local("2026-11-23T00:00")
NEW_YORK = ZoneInfo("America/New_York")
WEEK = Hours(NEW_YORK, parse_weekly({"mon-fri": "09:00-17:00"}), {})
WORKDAYS = range(5)
LUNCH = ("11:12", "11:40", "12:05", "12:30", "13:48")


@dataclass(frozen=True)
class Planned:
    """A schedule, as far as suggestions look at it."""

    days: tuple[int, ...]
    start: int
    end: int


def rings(
    *clocks: str,
    days: Iterable[int] = WORKDAYS,
    weeks: Iterable[int] = range(1, 5),
    conclusion: Conclusion = Conclusion.RELEASED,
    zone: str = "America/New_York",
) -> list[PastVisit]:
    """A ring at each clock time on each weekday, so many weeks before Monday 23 November."""
    dates = [date(2026, 11, 23) - timedelta(weeks=week) + timedelta(days=day) for week in weeks for day in days]
    return [PastVisit(local(f"{day}T{clock}", zone), conclusion) for day in dates for clock in clocks]


def suggested(visits: list[PastVisit], hours: Hours = WEEK, planned: Iterable[Planned] = ()) -> str:
    return str(suggest(visits, hours, planned, MONDAY) or "")


# What is suggested


def test_most_rings_at_lunch_suggest_lunch() -> None:
    found = suggest(rings(*LUNCH) + rings("09:30"), WEEK, (), MONDAY)
    assert found is not None
    assert (str(found), found.describe()) == ("mon-fri 11:10-13:50", "Mon–Fri 11:10–13:50")


@pytest.mark.parametrize(
    ("days", "typed", "shown"),
    [
        ((1, 3), "tue,thu", "Tue, Thu"),
        ((0, 1, 2, 4), "mon-wed,fri", "Mon–Wed, Fri"),
        ((4,), "fri", "Fri"),
        ((3, 4), "thu-fri", "Thu–Fri"),
    ],
)
def test_only_the_days_on_which_they_come(days: tuple[int, ...], typed: str, shown: str) -> None:
    found = suggest(rings(*LUNCH, "13:10", "13:30", days=days), WEEK, (), MONDAY)
    assert found is not None
    assert (str(found), found.describe()) == (f"{typed} 11:10-13:50", f"{shown} 11:10–13:50")


def test_what_is_suggested_can_be_typed_into_the_hours() -> None:
    for days in [(0,), (1, 3), (0, 1, 2, 3, 4, 5, 6), (0, 1, 3, 4, 6)]:
        typed, _, window = str(Suggestion(days, 670, 830)).partition(" ")
        weekly = parse_weekly({typed: window})
        assert tuple(day for day in range(7) if weekly[day]) == days


def test_a_day_with_a_stray_ring_is_no_busy_day() -> None:
    visits = rings(*LUNCH, days=(0, 1, 2, 3)) + rings("12:00", days=(4,), weeks=[1])
    assert suggested(visits) == "mon-thu 11:10-13:50"


def test_it_stays_within_working_hours() -> None:
    hours = Hours(NEW_YORK, parse_weekly({"mon-fri": "09:03-16:58"}), {})
    assert suggested(rings("09:03", "09:04", "09:30"), hours) == "mon-fri 09:03-09:35"
    assert suggested(rings("16:30", "16:56", "16:57"), hours) == "mon-fri 16:30-16:58"


def test_it_is_in_the_doors_own_time() -> None:
    berlin = Hours(ZoneInfo("Europe/Berlin"), parse_weekly({"mon-fri": "09:00-17:00"}), {})
    assert suggested(rings(*LUNCH, zone="Europe/Berlin"), berlin) == "mon-fri 11:10-13:50"


def test_a_night_shift_is_understood() -> None:
    night = Hours(NEW_YORK, parse_weekly({"mon-fri": "20:00-04:00"}), {})
    visits = rings("00:05", "00:10", "00:58", days=(1, 2, 3, 4, 5))
    assert suggested(visits, night) == "tue-sat 00:05-01:00"


# When there is nothing to suggest


def test_fewer_than_twenty_rings_suggest_nothing() -> None:
    visits = rings("12:00")
    assert (len(visits), suggested(visits)) == (20, "mon-fri 12:00-12:05")
    assert suggested(visits[1:]) == ""
    assert suggested([]) == ""


def test_fewer_than_three_weeks_suggest_nothing() -> None:
    visits = rings(*LUNCH, weeks=[2, 4])
    assert suggested(visits) == ""
    assert suggested([*visits, *rings("12:00", days=[0], weeks=[1])]) == "mon-fri 11:10-13:50"


def test_less_than_three_in_five_suggests_nothing() -> None:
    lunch, rest = rings("12:00", "12:10", "12:20"), rings("09:00", "16:55")
    assert suggested(lunch + rest) == "mon-fri 12:00-12:25"
    assert suggested(lunch + rest + rings("14:30", days=[0], weeks=[1])) == ""


def test_rings_all_day_long_suggest_nothing() -> None:
    assert suggested(rings(*(f"{hour:02}:{minute:02}" for hour in range(9, 17) for minute in (0, 20, 40)))) == ""


def test_more_than_half_of_the_working_hours_is_no_pattern() -> None:
    assert suggested(rings(*(f"{hour:02}:30" for hour in (9, 10, 11, 12, 13)))) == ""


def test_rings_outside_working_hours_do_not_count() -> None:
    assert suggested(rings("18:00", "18:10", "18:20")) == ""
    assert suggested(rings(*LUNCH) + rings("20:00", "21:00", "22:00", "23:00", "05:00")) == "mon-fri 11:10-13:50"


def test_rings_on_holidays_do_not_count() -> None:
    days = {date(2026, 11, 16) + timedelta(days=each): "Fair" for each in range(5)}
    assert suggested(rings(*LUNCH, weeks=[1, 2]), Hours(NEW_YORK, WEEK.weekly, days)) == ""
    holidays = {date(2026, 11, 2): "All Souls"}
    assert suggested(rings("12:00", "12:20", weeks=[1, 2, 3])[:21], Hours(NEW_YORK, WEEK.weekly, holidays)) == ""


def test_rings_on_a_special_day_do_not_count() -> None:
    """The week knows nothing of it."""

    class OpenAtAnyHour(Hours):
        def is_open(self, now: datetime) -> bool:
            return now < MONDAY

    hours = OpenAtAnyHour(NEW_YORK, WEEK.weekly, {})
    assert suggested(rings(*LUNCH) + rings(*LUNCH, days=(5, 6)) + rings("20:00", "21:00", "22:00"), hours) == (
        "mon-fri 11:10-13:50"
    )


def test_rings_of_longer_ago_do_not_count() -> None:
    assert suggested(rings(*LUNCH, weeks=[5, 6, 7, 8])) == ""


def test_where_visitors_are_turned_away_nothing_is_suggested() -> None:
    let_in = rings(*LUNCH)
    turned_away = rings("12:00", weeks=[1], conclusion=Conclusion.TURNED_AWAY)
    assert suggested(let_in + turned_away) == "mon-fri 11:10-13:50"
    assert suggested(let_in + turned_away + turned_away[:1]) == ""
    elsewhere = rings("09:30", weeks=[1, 2], conclusion=Conclusion.TURNED_AWAY)
    assert suggested(let_in + elsewhere) == "mon-fri 11:10-13:50"


# Beside what is planned


@pytest.mark.parametrize(
    ("planned", "found"),
    [
        ([], "mon-fri 11:10-13:50"),
        ([Planned((0, 1, 2, 3, 4), 11 * 60, 14 * 60)], ""),
        ([Planned((0, 1), 11 * 60, 14 * 60), Planned((2, 3, 4), 11 * 60, 14 * 60)], ""),
        ([Planned((0, 1, 2, 3, 4), 11 * 60 + 30, 14 * 60)], ""),  # all but a few are covered
        ([Planned((0, 1, 2, 3, 4), 9 * 60, 10 * 60)], "mon-fri 11:10-13:50"),
        ([Planned((5, 6), 11 * 60, 14 * 60)], "mon-fri 11:10-13:50"),
        ([Planned((0,), 11 * 60, 14 * 60)], "tue-fri 11:10-13:50"),
        ([Planned((6, 0, 1, 2, 3), 22 * 60, 14 * 60)], ""),  # overnight
    ],
)
def test_what_a_schedule_covers_already_is_not_suggested(planned: list[Planned], found: str) -> None:
    assert suggested(rings(*LUNCH), planned=planned) == found


# For any rings


MOMENTS = st.integers(0, int(LOOK_BACK.total_seconds()) - 1).map(lambda seconds: MONDAY - timedelta(seconds=seconds))
MIXED = st.tuples(st.integers(0, 20), st.lists(MOMENTS, max_size=40)).map(
    lambda drawn: (
        rings(*(f"{12 + minute // 60}:{minute % 60:02}" for minute in range(0, 7 * drawn[0], 7)))
        + [PastVisit(at, Conclusion.RELEASED) for at in drawn[1]]
    )
)


def minute_of(moment: datetime) -> int:
    shown = moment.astimezone(NEW_YORK)
    return shown.hour * 60 + shown.minute


@given(MIXED)
def test_any_suggestion_holds_three_in_five_rings_and_lies_in_working_hours(visits: list[PastVisit]) -> None:
    found = suggest(visits, WEEK, (), MONDAY)
    if found is None:
        return
    in_hours = [visit for visit in visits if WEEK.is_open(visit.rang_at)]
    within = [
        visit
        for visit in in_hours
        if visit.rang_at.astimezone(NEW_YORK).weekday() in found.days
        and found.start <= minute_of(visit.rang_at) < found.end
    ]
    assert len(within) >= 0.6 * len(in_hours) >= 12
    assert 9 * 60 <= found.start < found.end <= 17 * 60
    assert found.end - found.start <= 240
    assert set(found.days) <= set(WORKDAYS)


@given(MIXED)
def test_no_other_window_gains_more(visits: list[PastVisit]) -> None:
    """Against every window there is, tried one by one."""
    found = suggest(visits, WEEK, (), MONDAY)
    if found is None:
        return
    minutes = [
        minute_of(visit.rang_at)
        for visit in visits
        if WEEK.is_open(visit.rang_at) and visit.rang_at.astimezone(NEW_YORK).weekday() in found.days
    ]

    def gain(start: int, end: int) -> float:
        return sum(start <= minute < end for minute in minutes) / len(minutes) - (end - start) / 480

    best = max(gain(start, end) for start in range(540, 1020, 5) for end in range(start + 5, 1025, 5))
    assert gain(found.start, found.end) == pytest.approx(best)
