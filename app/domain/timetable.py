"""When a door releases by itself: its schedules and special days, within working hours and never on holidays."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from app.domain.doors import Door
from app.domain.durations import DAY_MINUTES, clock_to_utc
from app.domain.hours import SEARCH_DAYS, Hours
from app.domain.periods import DAY, JUST_BEFORE, NOTHING_SPECIAL, Period, common, joined, merged, period_of
from app.domain.schedules import NOTHING_PLANNED, DoorSchedules, Releaser, Schedule

LONGEST_SUSPENSION = timedelta(days=1)
A_MONDAY = date(2001, 1, 1)


@dataclass(frozen=True, slots=True)
class Timetable:
    """What was planned for a door, and its working hours, in which the special days are applied already."""

    planned: DoorSchedules
    hours: Hours

    def at(self, now: datetime) -> Releaser | None:
        """What releases a ring at `now`; of several the schedule with the lowest number."""
        if not (self.planned.schedules or self.planned.special_days) or not self.hours.is_open(now):
            return None
        today = self.hours.local_date(now)
        days = (today, today - DAY, today + DAY)  # tomorrow too: see Hours
        return next((source for day in days for period, source in self._asked(day) if now in period), None)

    def period_at(self, now: datetime) -> Period | None:
        """The period around `now` in which rings are released by themselves: what touches or overlaps is one."""
        return joined(now, self._part_at) if self.at(now) else None

    def next_start(self, now: datetime) -> datetime | None:
        """The first instant after `now` at which releasing begins; None: not within 400 days."""
        if not (self.planned.schedules or self.planned.special_days):
            return None
        today, found = self.hours.local_date(now), None
        for days in range(-1, SEARCH_DAYS + 1):
            starts = [start for start in self._starts(today + days * DAY) if start > now]
            if found:  # what begins a day later may yet be sooner: pauses and working hours cut beginnings off
                return min([found, *starts])
            found = min(starts, default=None)
        return found

    def _starts(self, day: date) -> Iterator[datetime]:
        for period in self.parts(day):
            if not self.at(period.starts_at - JUST_BEFORE):
                yield period.starts_at

    def parts(self, day: date) -> list[Period]:
        """When rings are released by what begins on a local date."""
        asked = [period for period, _ in self._asked(day)]
        if not asked:
            return []
        near = merged(each for at in (day - DAY, day, day + DAY) for each in self.hours.periods(at))
        return merged(part for period in asked for part in common(period, near))

    def _part_at(self, moment: datetime) -> Period | None:
        today = self.hours.local_date(moment)
        parts = (part for day in (today, today - DAY, today + DAY) for part in self.parts(day))
        return next((part for part in parts if moment in part), None)

    def _asked(self, day: date) -> Iterator[tuple[Period, Releaser]]:
        """What was asked for of what begins on a local date, within working hours or not, after pauses."""
        planned, timezone = self.planned, self.hours.timezone
        schedules = () if day in self.hours.holidays else planned.schedules
        sources: list[Releaser] = [each for each in schedules if each.is_on(day)]
        if planned.special_days:
            sources += [each for each in planned.special_on(day.isoformat()) if each.releases]
        rest = self._rest_closed(day) if self.hours.specials else None
        for each in sources:
            if (period := period_of(day, each.window, timezone)) and (left := self._left(period, each, rest)):
                yield left, each

    def _rest_closed(self, day: date) -> datetime | None:
        """From when on a date is closed until midnight: what begins that day does not go on after it either."""
        closed = self.hours.specials.get(day, NOTHING_SPECIAL).closed
        starts = [window.start for window in closed if window.until == DAY_MINUTES]
        return clock_to_utc(day, min(starts), self.hours.timezone) if starts else None

    def _left(self, period: Period, source: Releaser, rest: datetime | None) -> Period | None:
        """What is left of a period when nothing counts before its pauses are over, nor in the closed `rest`."""
        pauses = (self.planned.paused_until, self.planned.suspended_until, getattr(source, "paused_until", None))
        starts_at = max([period.starts_at, *(pause for pause in pauses if pause)])
        ends_at = min(period.ends_at, rest) if rest else period.ends_at
        return Period(starts_at, ends_at) if starts_at < ends_at else None


@dataclass(frozen=True, kw_only=True)
class Outlook:
    """What releases a door by itself at a moment, and what is next.

    `releasing_until` with `schedule`, how that is called; `next_release`: when releasing begins again, or at all;
    `suspended_until` by a lock; `paused_until` where all of it is paused.
    """

    releasing_until: datetime | None = None
    schedule: str = ""
    next_release: datetime | None = None
    suspended_until: datetime | None = None
    paused_until: datetime | None = None


def outlook(door: Door, planned: DoorSchedules, now: datetime) -> Outlook:
    """What is in force and next at a door in which its special days are applied."""
    timetable = Timetable(planned, door.hours)
    source, period = timetable.at(now), timetable.period_at(now)
    return Outlook(
        releasing_until=period.ends_at if period else None,
        schedule=source.title if source else "",
        next_release=timetable.next_start(now),
        suspended_until=planned.suspended_at(now),
        paused_until=planned.pauses_at(now),
    )


def suspension(door: Door, planned: DoorSchedules, now: datetime) -> datetime | None:
    """Until when a lock at `now` suspends what is open then; None where nothing is.

    The whole window; but a day at most, where one window follows the other for ever.
    """
    period = Timetable(planned, door.hours).period_at(now)
    return min(period.ends_at, now + LONGEST_SUSPENSION) if period else None


def ever_releases(schedule: Schedule, hours: Hours, now: datetime) -> bool:
    """Whether there is anything in the next year, from its first date on, in which it would release a ring."""
    timetable = Timetable(replace(NOTHING_PLANNED, schedules=(schedule,)), hours)
    begins = clock_to_utc(date.fromisoformat(schedule.first), 0, hours.timezone) if schedule.first else now
    return bool(timetable.at(now) or timetable.next_start(max(now, begins - DAY)))


def lies_within(schedule: Schedule, hours: Hours) -> bool:
    """Whether all of it lies within the working hours of an ordinary week."""
    week = Hours(ZoneInfo("UTC"), hours.weekly, {})
    for day in (A_MONDAY + weekday * DAY for weekday in schedule.days):
        near = merged(each for at in (day - DAY, day, day + DAY) for each in week.periods(at))
        period = period_of(day, schedule.window, week.timezone)
        if period and common(period, near) != [period]:
            return False
    return True
