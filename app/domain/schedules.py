"""Schedules: the weekly windows in which a door releases by itself, and the days on which something is different."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from itertools import groupby
from typing import TypeAlias

from app.domain.doors import Door
from app.domain.durations import DAY_MINUTES
from app.domain.hours import WEEKDAYS
from app.domain.periods import DAY, SpecialHours, Window, describe_closing

MOST_SCHEDULES = 20
MOST_SPECIAL_DAYS = 60

LocalDate: TypeAlias = date  # where a field is called date


@dataclass(frozen=True, slots=True)
class Schedule:
    """A weekly window, known by its number; an end at or before the start is on the next day.

    `days` are weekdays, 0 for Monday; `start` and `end` local minutes of the day; `first` and `last` local ISO dates,
    both included, "" for none. Nothing of it counts before `paused_until` (aware UTC). `by` is who added it.
    """

    number: int
    days: tuple[int, ...]
    start: int
    end: int
    by: str
    added_at: datetime
    name: str = ""
    first: str = ""
    last: str = ""
    paused_until: datetime | None = None

    @property
    def window(self) -> Window:
        return Window(self.start, self.end)

    @property
    def title(self) -> str:
        """How it is called: by its name, or by its number."""
        return self.name or f"schedule {self.number}"

    @property
    def label(self) -> str:
        """Its number, and its name where it has one."""
        return f"schedule {self.number}{f' ({self.name})' if self.name else ''}"

    @property
    def reference(self) -> str:
        """What the log calls it."""
        return str(self.number)

    def is_on(self, day: date) -> bool:
        """Whether a window of it begins on this local date, unless that is a holiday."""
        iso = day.isoformat()
        return day.weekday() in self.days and self.first <= iso and (not self.last or iso <= self.last)

    def describe(self, today: date) -> str:
        """ "Mon–Fri 11:00–14:00 (lunch), from Tue 1 Dec until Wed 23 Dec"."""
        name = f" ({self.name})" if self.name else ""
        first = f" from {describe_date(self.first, today)}" if self.first else ""
        last = f" until {describe_date(self.last, today)}" if self.last else ""
        return f"{describe_days(self.days)} {self.window.describe()}{name}{',' if first or last else ''}{first}{last}"


@dataclass(frozen=True, slots=True)
class SpecialDay:
    """Something that is different on one local date (ISO).

    Open: these are working hours besides the usual ones, also on a holiday, and rings are released by themselves in
    them unless it `asks_only`. Closed: no working hours in this window, whatever else says so.
    """

    date: str
    start: int
    end: int
    is_open: bool
    by: str
    added_at: datetime
    asks_only: bool = False

    @property
    def window(self) -> Window:
        return Window(self.start, self.end)

    @property
    def title(self) -> str:
        return "special day"

    @property
    def reference(self) -> str:
        """What the log calls it."""
        return self.date

    @property
    def releases(self) -> bool:
        """Whether rings are released by themselves in it."""
        return self.is_open and not self.asks_only

    def describe(self, today: LocalDate) -> str:
        """ "Sat 12 Dec: open 10:00–16:00, rings are released" or "Thu 24 Dec: closed from 12:00"."""
        how = "rings are released" if self.releases else "hosts are asked"
        what = f"open {self.window.describe()}, {how}" if self.is_open else describe_closing(self.window)
        return f"{describe_date(self.date, today)}: {what}"


Releaser = Schedule | SpecialDay


@dataclass(frozen=True, slots=True)
class DoorSchedules:
    """What was planned for one door; the absent record is the empty one.

    Before `paused_until` and `suspended_until` (by a lock) nothing releases by itself. Numbers are never used again.
    """

    schedules: tuple[Schedule, ...] = ()
    special_days: tuple[SpecialDay, ...] = ()
    paused_until: datetime | None = None
    suspended_until: datetime | None = None
    next_number: int = 1

    def pauses_at(self, now: datetime) -> datetime | None:
        """Until when all of it is paused; None where it is not."""
        return self.paused_until if self.paused_until and now < self.paused_until else None

    def suspended_at(self, now: datetime) -> datetime | None:
        """Until when a lock suspends what was open; None where none does."""
        return self.suspended_until if self.suspended_until and now < self.suspended_until else None

    def find(self, name: str) -> Schedule | None:
        """The schedule of this number or name."""
        by_number = (each for each in self.schedules if str(each.number) == name.removeprefix("#"))
        by_name = (each for each in self.schedules if each.name and each.name.casefold() == name.casefold())
        return next(by_number, None) or next(by_name, None)

    def with_schedules(self, schedules: Iterable[Schedule]) -> "DoorSchedules":
        """New ones beside those there are, under the next numbers."""
        numbered = [replace(each, number=self.next_number + at) for at, each in enumerate(schedules)]
        return replace(self, schedules=(*self.schedules, *numbered), next_number=self.next_number + len(numbered))

    def with_schedule(self, schedule: Schedule) -> "DoorSchedules":
        """The schedule of this number as it is from now on."""
        changed = (schedule if each.number == schedule.number else each for each in self.schedules)
        return replace(self, schedules=tuple(changed))

    def without_schedule(self, number: int) -> "DoorSchedules":
        return replace(self, schedules=tuple(each for each in self.schedules if each.number != number))

    def with_special_days(self, days: Iterable[SpecialDay]) -> "DoorSchedules":
        """New ones beside those there are, in the order of their dates; the same once more changes nothing."""
        known = {(each.date, each.start, each.end, each.is_open, each.asks_only) for each in self.special_days}
        new = [each for each in days if (each.date, each.start, each.end, each.is_open, each.asks_only) not in known]
        return replace(self, special_days=tuple(sorted((*self.special_days, *new), key=lambda each: each.date)))

    def special_on(self, iso: str) -> tuple[SpecialDay, ...]:
        """What is special about a date."""
        return tuple(each for each in self.special_days if each.date == iso)

    def without_special_days(self, iso: str) -> "DoorSchedules":
        return replace(self, special_days=tuple(each for each in self.special_days if each.date != iso))

    def current(self, today: date) -> "DoorSchedules":
        """Without what is over: what began yesterday may go on until today."""
        yesterday = (today - DAY).isoformat()
        return replace(
            self,
            schedules=tuple(each for each in self.schedules if not each.last or each.last >= yesterday),
            special_days=tuple(each for each in self.special_days if each.date >= yesterday),
        )


NOTHING_PLANNED = DoorSchedules()


def applied(door: Door, planned: DoorSchedules) -> Door:
    """The door with its special days in its working hours; the same door where there are none."""
    if not (planned.special_days or door.hours.specials):
        return door
    return replace(door, hours=replace(door.hours, specials=special_hours(planned.special_days)))


def special_hours(days: Iterable[SpecialDay]) -> Mapping[date, SpecialHours]:
    """What is different from the usual working hours, by local date."""
    specials: dict[date, SpecialHours] = {}
    for each in days:
        day = date.fromisoformat(each.date)
        known = specials.get(day, SpecialHours())
        if each.is_open:
            specials[day] = replace(known, opened=(*known.opened, each.window))
        else:
            specials[day] = replace(known, closed=(*known.closed, each.window))
    return specials


def describe_days(days: tuple[int, ...]) -> str:
    """ "every day", "Mon–Fri", "Mon, Wed, Fri"."""
    if len(days) == len(WEEKDAYS):
        return "every day"
    names: list[str] = []
    for _, run in groupby(enumerate(sorted(days)), lambda at: at[1] - at[0]):
        first, *rest = (WEEKDAYS[day][:3] for _, day in run)
        names += [first, *rest] if len(rest) < 2 else [f"{first}–{rest[-1]}"]
    return ", ".join(names)


def describe_date(iso: str, today: date) -> str:
    """ "Thu 24 Dec", with the year where it is another one."""
    day = date.fromisoformat(iso)
    return f"{day:%a} {day.day} {day:%b}{'' if day.year == today.year else f' {day.year}'}"


WHOLE_DAY = Window(0, DAY_MINUTES)
