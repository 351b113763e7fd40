"""What a command about schedules came to; each has what is in force and next from then on."""

from dataclasses import dataclass, field
from datetime import date

from app.domain.doors import Door
from app.domain.schedules import DoorSchedules, Schedule, SpecialDay
from app.domain.timetable import Outlook
from app.domain.unlocks import Unlock


@dataclass(frozen=True)
class ScheduleOutcome(Outlook):
    """What all of them have: the door, in which its special days are applied, and what is in force there.

    `shortened` are unlocks that end sooner, because working hours do.
    """

    door: Door
    in_lockdown: bool = field(default=False, kw_only=True)
    shortened: tuple[Unlock, ...] = field(default=(), kw_only=True)


@dataclass(frozen=True)
class SchedulesAdded(ScheduleOutcome):
    """New schedules, one for each window; `beyond_hours` where a part lies outside working hours."""

    schedules: tuple[Schedule, ...]
    beyond_hours: bool = False


@dataclass(frozen=True)
class ScheduleRemoved(ScheduleOutcome):
    """A schedule, or what was special about a day, is no more."""

    removed: Schedule | tuple[SpecialDay, ...]


@dataclass(frozen=True)
class SchedulePaused(ScheduleOutcome):
    """A schedule, or with None all that releases by itself, releases nothing before the day `until`."""

    which: Schedule | None
    until: date


@dataclass(frozen=True)
class ScheduleResumed(ScheduleOutcome):
    """A schedule's pause is over, or with None every pause and suspension; not `was_resting`: there was none."""

    which: Schedule | None
    was_resting: bool


@dataclass(frozen=True)
class SpecialDaysAdded(ScheduleOutcome):
    """Something is different on some days; `closed_before` where what is opened now was closed, and stays so."""

    days: tuple[SpecialDay, ...]
    closed_before: tuple[SpecialDay, ...] = ()


@dataclass(frozen=True)
class SchedulesListed(ScheduleOutcome):
    """All that is planned for a door."""

    planned: DoorSchedules
