from datetime import date

import pytest

from app.calendars import YEARS, calendar
from app.domain.errors import InvalidInput

THANKSGIVING = date(2026, 11, 26)


def test_the_public_holidays_of_a_place_are_known_by_name() -> None:
    days = calendar("US", "NY", [], [], 2026)
    assert days[THANKSGIVING] == "Thanksgiving Day"
    assert days[date(2026, 2, 12)] == "Lincoln's Birthday"
    assert date(2026, 11, 27) not in days


def test_a_subdivision_has_holidays_of_its_own() -> None:
    assert date(2026, 2, 12) not in calendar("US", "", [], [], 2026)


def test_they_are_known_for_as_long_as_a_server_may_run() -> None:
    years = {day.year for day in calendar("DE", "BE", [], [], 2026)}
    assert years >= set(range(2026, 2026 + YEARS))


def test_a_day_that_was_added_is_a_day_off() -> None:
    assert calendar("", "", [date(2026, 12, 24)], [], 2026) == {date(2026, 12, 24): "a day off"}


def test_a_day_that_was_removed_is_no_holiday() -> None:
    assert THANKSGIVING not in calendar("US", "NY", [], [THANKSGIVING], 2026)


def test_removing_a_day_that_is_none_is_no_trouble() -> None:
    assert calendar("", "", [], [THANKSGIVING], 2026) == {}


def test_a_day_that_is_both_added_and_removed_is_no_holiday() -> None:
    assert calendar("US", "", [THANKSGIVING], [THANKSGIVING], 2026).get(THANKSGIVING) is None


@pytest.mark.parametrize(
    ("country", "subdivision", "place"),
    [
        ("XX", "", "XX"),
        ("US", "XX", "US, XX"),
        ("us", "", "us"),
        ("WEEKEND", "", "WEEKEND"),  # a name that the package has, but no country's
        ("HolidayBase", "", "HolidayBase"),
        ("country_holidays", "", "country_holidays"),
        ("__doc__", "", "__doc__"),
    ],
)
def test_an_unknown_place_is_answered_with_an_example(country: str, subdivision: str, place: str) -> None:
    with pytest.raises(InvalidInput, match=f'no holidays are known for "{place}"; example: country = "US"'):
        calendar(country, subdivision, [], [], 2026)


def test_it_can_not_be_changed_by_who_reads_it() -> None:
    with pytest.raises(TypeError):
        calendar("", "", [], [], 2026)[THANKSGIVING] = "mine"  # type: ignore[index]
