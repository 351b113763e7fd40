"""Dates as people write them: "24 december", "Saturday 12 Dec", "the 24th", "friday", "tomorrow", "2026-12-24"."""

import re
from datetime import date, datetime
from zoneinfo import ZoneInfo

from app.domain.durations import plain, quoted
from app.domain.errors import InvalidInput
from app.domain.hours import WEEKDAYS, local_clock
from app.domain.periods import DAY

MONTHS = (
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
)
JUST_PASSED = 31  # days: a date without a year that lies so near in the past is more likely a slip than next year's
FARTHEST_YEARS = 5
FILLERS = frozenset({"on", "the", "of", "this", "next", "day", "date"})
ORDINAL = re.compile(r"(\d{1,2})(?:st|nd|rd|th)", re.ASCII)
ISO = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)


def parse_date(text: str, today: date, years: int = FARTHEST_YEARS) -> date:
    """The day that is meant, the next such from `today` on where no year is named; it may be past.

    Raises InvalidInput, also for what is more than so many `years` ahead.
    """
    said = plain(text).replace(",", " ").split()
    words = [word.rstrip(".") for word in said if word not in FILLERS]
    is_ordinal = "the" in said or any(ORDINAL.fullmatch(word) for word in words)
    words = [ORDINAL.sub(r"\1", word) if ORDINAL.fullmatch(word) else word for word in words]
    weekday = _named(words[0], WEEKDAYS) if words else None
    rest = words if weekday is None else words[1:]
    text = text.strip()
    day = _date(rest, today, is_ordinal=is_ordinal) if rest else _next(weekday, today, skip="next" in said)
    if day is None:
        raise InvalidInput(f"{quoted(text)} is no date. Try `24 december`, `friday` or `{today + DAY}`.")
    if day.year > today.year + years:
        raise InvalidInput(f"{quoted(text)} is more than {years} years ahead. Try `{today + DAY}`.")
    if rest and weekday not in (None, day.weekday()):
        named = f"{day.day} {MONTHS[day.month - 1]} {day.year} is a {WEEKDAYS[day.weekday()]}"
        raise InvalidInput(f"{named}, not a {WEEKDAYS[weekday or 0]}. Which do you mean? Try `{day}`.")
    return day


def describe_end(moment: datetime, timezone: ZoneInfo, now: datetime) -> str:
    """Until when something lasts: "the end of Friday", where it is a midnight, or a time."""
    local, today = moment.astimezone(timezone), now.astimezone(timezone).date()
    if (local.hour, local.minute) != (0, 0):
        return local_clock(moment, timezone, now)
    last = local.date() - DAY
    match (last - today).days:
        case 0:
            return "the end of today"
        case 1:
            return "the end of tomorrow"
        case days if 1 < days <= 6:
            return f"the end of {last:%A}"
    return f"the end of {last.day} {last:%B}{'' if last.year == today.year else f' {last.year}'}"


def _date(words: list[str], today: date, *, is_ordinal: bool) -> date | None:
    """A day from the words that are left without its weekday; None for what is none."""
    match words:
        case ["today"]:
            return today
        case ["yesterday"]:
            return today - DAY
        case ["tomorrow"]:
            return today + DAY
        case [word] if ISO.fullmatch(word):
            return _valid(*map(int, word.split("-")))
        case [word] if is_ordinal and _number(word):
            return _next_of_month(_number(word), today)
        case [first, second, *year] if len(year) < 2:
            month = _named(second, MONTHS) if _number(first) else _named(first, MONTHS)
            number = _number(first) or _number(second)
            if month is not None and number:
                return _of_year(month + 1, number, year, today)
    return None


def _of_year(month: int, number: int, year: list[str], today: date) -> date | None:
    """The day in the year that was said, or in the first that has it from `today` on, or from just before."""
    if year:
        return _valid(int(year[0]), month, number) if re.fullmatch(r"\d{4}", year[0], re.ASCII) else None
    found = (_valid(today.year + years, month, number) for years in range(-1, 9))  # 29 February may be far
    return next((day for day in found if day and day >= today - JUST_PASSED * DAY), None)


def _next(weekday: int | None, today: date, *, skip: bool) -> date | None:
    """The next such weekday, today included unless it is to be skipped."""
    if weekday is None:
        return None
    ahead = (weekday - today.weekday()) % 7
    return today + (ahead or (7 if skip else 0)) * DAY


def _next_of_month(number: int, today: date) -> date | None:
    ahead = (today + days * DAY for days in range(62))
    return next((day for day in ahead if day.day == number), None)


def _valid(year: int, month: int, number: int) -> date | None:
    try:
        return date(year, month, number)
    except ValueError:
        return None


def _number(word: str) -> int:
    """A day of a month, 0 for what is none."""
    return int(word) if re.fullmatch(r"\d{1,2}", word, re.ASCII) else 0


def _named(word: str, names: tuple[str, ...]) -> int | None:
    """The place of the one name that begins so; three letters are enough."""
    found = (at for at, name in enumerate(names) if len(word) >= 3 and name.lower().startswith(word))
    return next(found, None)
