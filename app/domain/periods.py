"""Windows of a day in local time, the periods in UTC that they make, and what can be done with periods."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from app.domain.durations import DAY_MINUTES, clock_to_utc, describe_clock

DAY = timedelta(days=1)
JUST_BEFORE = timedelta.resolution
MERGE_REACH = timedelta(days=8)


@dataclass(frozen=True, slots=True)
class Window:
    """A window in local minutes of the day. An end at or before the start is on the next day."""

    start: int
    end: int

    @property
    def until(self) -> int:
        """The end in minutes after the midnight that starts the window's day."""
        return self.end if self.end > self.start else self.end + DAY_MINUTES

    def describe(self) -> str:
        """ "09:00–17:00"."""
        return f"{describe_clock(self.start)}–{describe_clock(self.end)}"


@dataclass(frozen=True, slots=True)
class Period:
    """A half-open span between two instants in UTC."""

    starts_at: datetime
    ends_at: datetime

    def __contains__(self, moment: datetime) -> bool:
        return self.starts_at <= moment < self.ends_at


@dataclass(frozen=True, slots=True)
class SpecialHours:
    """What is different on one date: windows that are open besides, and windows that are closed in any case.

    One that is closed until midnight takes with it whatever else began that day.
    """

    opened: tuple[Window, ...] = ()
    closed: tuple[Window, ...] = ()


NOTHING_SPECIAL = SpecialHours()


def period_of(day: date, window: Window, timezone: ZoneInfo) -> Period | None:
    """The window of a local date in UTC; None where a clock change swallows it."""
    starts_at, ends_at = (clock_to_utc(day, minute, timezone) for minute in (window.start, window.until))
    return Period(starts_at, ends_at) if starts_at < ends_at else None


def merged(periods: Iterable[Period]) -> list[Period]:
    """The same time in order of time: what touches or overlaps is one."""
    found: list[Period] = []
    for period in sorted(periods, key=lambda period: period.starts_at):
        if found and period.starts_at <= found[-1].ends_at:
            found[-1] = Period(found[-1].starts_at, max(found[-1].ends_at, period.ends_at))
        else:
            found.append(period)
    return found


def common(period: Period, others: Iterable[Period]) -> list[Period]:
    """The parts of `period` that lie within `others`, which don't overlap one another."""
    parts = (Period(max(period.starts_at, each.starts_at), min(period.ends_at, each.ends_at)) for each in others)
    return [part for part in parts if part.starts_at < part.ends_at]


def without(periods: Iterable[Period], taken: Period) -> list[Period]:
    """What is left of `periods` when `taken` is taken away."""
    left: list[Period] = []
    for period in periods:
        before = Period(period.starts_at, min(period.ends_at, taken.starts_at))
        after = Period(max(period.starts_at, taken.ends_at), period.ends_at)
        left += [part for part in (before, after) if part.starts_at < part.ends_at]
    return left


def joined(now: datetime, period_at: Callable[[datetime], Period | None]) -> Period | None:
    """The period around `now`: those that touch or overlap are one, some 8 days either way."""
    if not (period := period_at(now)):
        return None
    starts_at, ends_at = period.starts_at, period.ends_at
    while ends_at < now + MERGE_REACH and (later := period_at(ends_at)):
        ends_at = later.ends_at
    while starts_at > now - MERGE_REACH and (earlier := period_at(starts_at - JUST_BEFORE)):
        starts_at = earlier.starts_at
    return Period(starts_at, ends_at)


def describe_closing(window: Window) -> str:
    """ "closed all day", "closed from 12:00", "closed until 12:00" or "closed 12:00–14:00"."""
    match (window.start, window.end):
        case (0, 1440):
            return "closed all day"
        case (start, 1440):
            return f"closed from {describe_clock(start)}"
        case (0, end):
            return f"closed until {describe_clock(end)}"
    return f"closed {window.describe()}"
