"""Unlocks: how long one lasts, and why it is shortened or refused."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from app.domain.durations import parse_duration, parse_until

DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Unlock:
    """A period in which every ring is released; half-open, aware UTC."""

    by: str
    starts_at: datetime
    ends_at: datetime

    def is_active(self, now: datetime) -> bool:
        """Whether a ring at `now` is released."""
        return self.starts_at <= now < self.ends_at


class Bound(StrEnum):
    """Why an unlock ends earlier than was asked."""

    CLOSING = "closing"
    LONGEST = "longest"


@dataclass(frozen=True, slots=True)
class Terms:
    """How long unlocks last in this office: unless asked otherwise, and at most."""

    unlock_for: timedelta
    unlock_max: timedelta


@dataclass(frozen=True, slots=True)
class Plan:
    """When an unlock that was asked for will end, and what bounded it."""

    ends_at: datetime
    bound: Bound | None


def asked_end(text: str, terms: Terms, closing: datetime, now: datetime, timezone: ZoneInfo) -> datetime:
    """When an unlock asked for with `text` ("", "for 2h", "until 14:00") would end; InvalidInput if unreadable."""
    word, _, rest = text.strip().partition(" ")
    if not word:
        return now + terms.unlock_for
    if word.lower() != "until":
        return now + parse_duration(rest if word.lower() == "for" else text)
    next_day = now.astimezone(timezone) + DAY  # by the wall clock: a day may have 23 or 25 hours
    today, tomorrow = (parse_until(rest, day, timezone) for day in (now, next_day))
    over_midnight = today <= now < tomorrow <= min(closing, now + terms.unlock_max)  # at 23:00, "until 02:00"
    return tomorrow if over_midnight else today


def bounded(ends_at: datetime, terms: Terms, closing: datetime, now: datetime) -> Plan:
    """An unlock ends when asked, at closing time, or when the longest allowed is over: the earliest counts."""
    earliest, bound = min((closing, Bound.CLOSING), (now + terms.unlock_max, Bound.LONGEST))
    return Plan(earliest, bound) if earliest < ends_at else Plan(ends_at, None)
