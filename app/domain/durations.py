"""Lengths and times of day as people write them, and the wall clock in UTC."""

import re
from bisect import bisect_left
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from app.domain.errors import InvalidInput

DAY_MINUTES = 1440
_DASHES = dict.fromkeys(map(ord, "\u2010\u2011\u2012\u2013\u2014\u2015\u2212"), "-")
_UNITS = {
    "weeks": "w|weeks?",
    "days": "d|days?",
    "hours": "h|hrs?|hours?",
    "minutes": "m|mins?|minutes?",
    "seconds": "s|secs?|seconds?",
}
# Eight digits of the largest unit still fit a timedelta.
_NUMBER = r"\d{1,8}(?:\.\d{1,8})?"
_DURATION = re.compile(
    " ?".join(rf"(?:(?P<{unit}>{_NUMBER}) ?(?:{names}))?" for unit, names in _UNITS.items()), re.ASCII
)
_WORDED = ((r"^half (?:an? )?", "0.5 "), (r"^an? ", "1 "), (r"(?<=\dh) ?([0-9]{1,2})$", r"\1m"))
_SHORTEST, _LONGEST = timedelta(seconds=1), timedelta(days=3653)
_CLOCK = re.compile(r"(\d{1,2})(?:[:.](\d\d))? ?(?:([ap])\.?m\.?)?", re.ASCII)


def plain(text: object) -> str:
    """Lower case, single ordinary spaces, ordinary hyphens; "" for what is no text at all."""
    return " ".join(text.lower().translate(_DASHES).split()) if isinstance(text, str) else ""


def quoted(text: object) -> str:
    """What somebody wrote, short and printable enough for a message."""
    if not isinstance(text, str):
        return f"a value of type {type(text).__name__}"
    shown = "".join(char if char.isprintable() else "?" for char in text[:40])
    return f"“{shown}{'…' if len(text) > 40 else ''}”"


def parse_duration(text: object) -> timedelta:
    """ "2h", "1h30", "1.5h", "45 min", "half an hour", "400d". Raises InvalidInput."""
    words = plain(text)
    for pattern, replacement in _WORDED:
        words = re.sub(pattern, replacement, words)
    if match := _DURATION.fullmatch(words):
        parts = {unit: float(number) for unit, number in match.groupdict().items() if number}
        if _SHORTEST <= (delta := timedelta(**parts)) <= _LONGEST:
            return delta
    raise InvalidInput(f"{quoted(text)} is not a length of time. Try 2h, 90m or 1h 30m.")


def describe_duration(delta: timedelta) -> str:
    """ "1 h 30 min": exact to the second, and read back by `parse_duration`."""
    minutes, seconds = divmod(max(0, int(delta.total_seconds())), 60)
    hours, minutes = divmod(minutes, 60)
    days, hours = divmod(hours, 24)
    parts = ((days, "day" if days == 1 else "days"), (hours, "h"), (minutes, "min"), (seconds, "s"))
    return " ".join(f"{number} {unit}" for number, unit in parts if number) or "0 s"


def parse_clock(text: object) -> int:
    """Minute of the day, 0 to 1440: "14:00", "2:30 pm", "noon", "midnight" (1440). Raises InvalidInput."""
    words = plain(text)
    if words in ("noon", "midnight"):
        return DAY_MINUTES // 2 if words == "noon" else DAY_MINUTES
    if match := _CLOCK.fullmatch(words):
        hour, minute, half = int(match[1]), int(match[2] or 0), match[3]
        if half and 1 <= hour <= 12 and minute < 60:
            return (hour % 12 + (12 if half == "p" else 0)) * 60 + minute
        if not half and match[2] and minute < 60 and hour * 60 + minute <= DAY_MINUTES:
            return hour * 60 + minute
        if words.isdigit() and hour < 24:
            twelve = f"{(hour - 1) % 12 + 1}{'am' if hour < 12 else 'pm'}"
            raise InvalidInput(f"{quoted(text)} could mean several things. Try {hour}:00 or {twelve}.")
    raise InvalidInput(f"{quoted(text)} is not a time of day. Try 14:00, 2:30pm or noon.")


def describe_clock(minute: int) -> str:
    """ "09:00"; 1440 is "24:00"."""
    return f"{minute // 60:02}:{minute % 60:02}"


@lru_cache(maxsize=4096)  # every ring asks for the same few days
def clock_to_utc(day: date, minute: int, timezone: ZoneInfo) -> datetime:
    """The first instant, in UTC, whose wall clock shows that minute after the day's midnight, or later.

    So a repeated time is its first occurrence, and a skipped one the instant of the jump.
    """
    wall = datetime.combine(day, time.min) + timedelta(minutes=minute)
    moment = wall.replace(tzinfo=timezone).astimezone(UTC)
    if moment.astimezone(timezone).replace(tzinfo=None) == wall:
        return moment
    return _jump_over(wall, timezone)


def _jump_over(wall: datetime, timezone: ZoneInfo) -> datetime:
    """The instant at which clocks jump over a wall time that does not exist."""
    after, before = (wall.replace(tzinfo=timezone, fold=fold).astimezone(UTC) for fold in (0, 1))

    def jumped(seconds: int) -> bool:
        return (before + timedelta(seconds=seconds)).astimezone(timezone).replace(tzinfo=None) > wall

    return before + timedelta(seconds=bisect_left(range((after - before) // _SHORTEST), True, key=jumped))


def parse_until(text: object, now: datetime, timezone: ZoneInfo) -> datetime:
    """The UTC instant of a clock time on now's local date; may be past. Raises InvalidInput.

    A repeated time means its second occurrence when only that one is to come.
    """
    minute = parse_clock(text)
    today = now.astimezone(timezone).date()
    first = clock_to_utc(today, minute, timezone)
    wall = datetime.combine(today, time.min) + timedelta(minutes=minute)
    second = wall.replace(tzinfo=timezone, fold=1).astimezone(UTC)
    return second if first <= now < second else first
