"""A door's report: a week of visits as figures, beside the week before, and what they suggest."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from statistics import median
from zoneinfo import ZoneInfo

from app.domain.audit import LogEntry
from app.domain.digests import Conclusion
from app.domain.doors import Door
from app.domain.hours import Hours
from app.domain.past_visits import PastVisit, past_visits
from app.domain.suggestions import LOOK_BACK, Recurring, Suggestion, suggest

WEEKLY = "weekly"  # what `report` in doorbot.toml says, besides "none"


@dataclass(frozen=True, slots=True)
class WeeklyTold:
    """The week whose report a door's channel was told last, by the date of its Monday, such as 2026-11-23."""

    week: str


@dataclass(frozen=True, slots=True)
class Span:
    """What a report covers, half-open; `is_last_week` where it is Monday to Sunday, and not the last seven days."""

    starts_at: datetime
    ends_at: datetime
    is_last_week: bool = False


@dataclass(frozen=True, slots=True)
class Figures:
    """A week of visits. `seconds`: the median that visitors waited for a person's answer; `hours`: rings by hour."""

    rings: int
    ends: Mapping[Conclusion, int]
    released_by: Mapping[str, int]
    forwarded: int
    taken: int
    needed_nobody: int
    seconds: float | None
    hours: Mapping[int, int]


@dataclass(frozen=True, slots=True)
class Report:
    """`before` is None where the record does not reach back through the week before.

    `known_since`: where the record, or what was read of it, begins later than the week. `limit`: so many entries were
    read, and there are more; 0 where all of them were.
    """

    door: Door
    span: Span
    week: Figures
    before: Figures | None
    answering: timedelta
    suggestion: Suggestion | None = None
    known_since: datetime | None = None
    limit: int = 0

    @property
    def saved(self) -> timedelta:
        """The time that nobody had to spend on answering."""
        return self.week.needed_nobody * self.answering


def last_seven_days(now: datetime, timezone: ZoneInfo) -> Span:
    """Until now; by the wall clock, so that a day with a clock change is one day."""
    return Span(_days_before(now, 7, timezone), now)


def last_week(now: datetime, timezone: ZoneInfo) -> Span:
    """The week from Monday to Sunday before this one."""
    monday = this_monday(now, timezone)
    starts_at, ends_at = (_midnight(day, timezone) for day in (monday - timedelta(days=7), monday))
    return Span(starts_at, ends_at, is_last_week=True)


def read_from(span: Span) -> datetime:
    """From when on the log is needed for a report."""
    return span.ends_at - LOOK_BACK


def this_monday(now: datetime, timezone: ZoneInfo) -> date:
    today = now.astimezone(timezone).date()
    return today - timedelta(days=today.weekday())


def first_opening(hours: Hours, now: datetime) -> datetime | None:
    """When the first open day of this week opens, or has opened; None while no day until today is open."""
    monday = this_monday(now, hours.timezone)
    days = (monday + timedelta(days=days) for days in range(now.astimezone(hours.timezone).weekday() + 1))
    return next((opening for day in days if (opening := hours.opening(day))), None)


def is_same_day(one: datetime, other: datetime, timezone: ZoneInfo) -> bool:
    return one.astimezone(timezone).date() == other.astimezone(timezone).date()


def report(
    door: Door,
    entries: Sequence[LogEntry],
    span: Span,
    answering: timedelta,
    *,
    planned: Iterable[Recurring] = (),
    limit: int = 0,
) -> Report:
    """A door's report, from the newest entries of its log, newest first; `limit` as in Report."""
    timezone = door.hours.timezone
    visits = past_visits(entry.event for entry in reversed(entries))
    earlier = Span(_days_before(span.starts_at, 7, timezone), span.starts_at)
    oldest = entries[-1].event.time if entries else span.ends_at
    since = max(oldest, read_from(span))
    return Report(
        door,
        span,
        _figures(_within(visits, span), timezone),
        _figures(_within(visits, earlier), timezone) if since <= earlier.starts_at else None,
        answering,
        suggest(visits, door.hours, planned, span.ends_at),
        since if entries and since > span.starts_at else None,
        limit,
    )


def _within(visits: Iterable[PastVisit], span: Span) -> list[PastVisit]:
    return [visit for visit in visits if span.starts_at <= visit.rang_at < span.ends_at]


def _figures(visits: Sequence[PastVisit], timezone: ZoneInfo) -> Figures:
    waited = [visit.seconds for visit in visits if visit.seconds is not None]
    return Figures(
        rings=len(visits),
        ends=Counter(visit.conclusion for visit in visits if visit.conclusion),
        released_by=Counter(visit.by for visit in visits if visit.was_released),
        forwarded=sum(visit.was_forwarded for visit in visits),
        taken=sum(visit.was_taken_by_telephone for visit in visits),
        needed_nobody=sum(visit.needed_nobody for visit in visits),
        seconds=median(waited) if waited else None,
        hours=Counter(visit.rang_at.astimezone(timezone).hour for visit in visits),
    )


def _days_before(moment: datetime, days: int, timezone: ZoneInfo) -> datetime:
    return (moment.astimezone(timezone) - timedelta(days=days)).astimezone(UTC)


def _midnight(day: date, timezone: ZoneInfo) -> datetime:
    return datetime.combine(day, time.min, timezone).astimezone(UTC)
