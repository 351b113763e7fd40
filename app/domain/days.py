"""Days as people write them: "friday", "tomorrow", "24 december", "december 24th, 2027", "the 24th", "2026-12-24"."""

import re
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from app.domain.durations import plain
from app.domain.hours import WEEKDAYS, local_clock

DAY = timedelta(days=1)
MONTHS = (
    *("january", "february", "march", "april", "may", "june", "july"),
    *("august", "september", "october", "november", "december"),
)
ISO_DATE = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)
_NUMBER = r"(?P<day>\d{1,2})(?:st|nd|rd|th)?"
_MONTH = r"(?P<month>[a-z]{3,9})\.?"
_YEAR = r"(?:,? (?P<year>\d{4}))?"
_DATES = (
    re.compile(r"(?:the )?(?P<day>\d{1,2})(?:st|nd|rd|th)", re.ASCII),
    re.compile(rf"(?:the )?{_NUMBER}(?: of)? {_MONTH}{_YEAR}", re.ASCII),
    re.compile(rf"{_MONTH} (?:the )?{_NUMBER}{_YEAR}", re.ASCII),
)


def parse_day(text: str, today: date) -> date | None:
    """The day that is meant: of what recurs the next one, which may be today; None for what is no day."""
    words = plain(text).removeprefix("on ")
    if words in ("today", "tomorrow"):
        return today if words == "today" else today + DAY
    for index, name in enumerate(WEEKDAYS):
        if words in (name.lower(), name[:3].lower()):
            return today + (index - today.weekday()) % 7 * DAY
    if ISO_DATE.fullmatch(words):
        year, month, day = (int(part) for part in words.split("-"))
        return _date(year, month, day)
    match = next((found for pattern in _DATES if (found := pattern.fullmatch(words))), None)
    return _next(match.groupdict(), today) if match else None


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


def _next(parts: dict[str, str | None], today: date) -> date | None:
    """The date with these parts, the next one where the year, or the month too, was left out."""
    day, name, year = int(parts["day"] or 0), parts.get("month"), parts.get("year")
    month = next((at for at, each in enumerate(MONTHS, 1) if name and name in (each, each[:3])), None)
    if name and month is None:
        return None
    if year:
        return _date(int(year), month or 0, day)
    for months in range(today.month - 1, today.month - 1 + 12 * 9):  # a 29 February is up to eight years away
        found = _date(today.year + months // 12, months % 12 + 1, day)
        if found and found >= today and month in (None, found.month):
            return found
    return None


def _date(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None
