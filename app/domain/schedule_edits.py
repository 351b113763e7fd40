"""What a command changes of what is planned: each edit is worked out here, and committed by the use case."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from functools import partial
from typing import Any

from app.domain import schedule_sentences as words
from app.domain.audit import Action
from app.domain.dates import parse_date
from app.domain.doors import Door
from app.domain.durations import clock_to_utc, describe_clock, quoted
from app.domain.errors import InvalidInput
from app.domain.hours import WEEKDAYS
from app.domain.outcomes import RefusalReason, Refused
from app.domain.periods import period_of
from app.domain.phrases import start, the
from app.domain.schedule_outcomes import (
    SchedulePaused,
    ScheduleRemoved,
    ScheduleResumed,
    SchedulesAdded,
    SpecialDaysAdded,
)
from app.domain.schedule_terms import ADD_EXAMPLE, parse_pause, parse_schedule, parse_special, parse_which
from app.domain.schedules import MOST_SCHEDULES, MOST_SPECIAL_DAYS, DoorSchedules, Schedule, SpecialDay
from app.domain.timetable import ever_releases, lies_within

Details = dict[str, str | int]


@dataclass(frozen=True)
class Planning:
    """What is known when something is to be changed: the door with its special days, what is planned, and the time."""

    door: Door
    planned: DoorSchedules
    now: datetime

    @property
    def today(self) -> date:
        return self.door.hours.local_date(self.now)


@dataclass(frozen=True)
class Edited:
    """What is planned from now on; the outcome, which gets the door and what is in force then; an event for each."""

    planned: DoorSchedules
    outcome: Callable[..., Any]
    details: Sequence[Details]


def add(at: Planning, by: str, text: str) -> Edited | Refused:
    """New weekly windows: "mon-fri 11:00-14:00 called lunch"."""
    terms = parse_schedule(text, at.today)
    first, last = (day.isoformat() if day else "" for day in (terms.first, terms.last))
    if terms.last and terms.last < at.today:
        hint = f"It would have ended on {last}. {ADD_EXAMPLE}"
        return Refused(Action.ADD_SCHEDULE, RefusalReason.PAST, at.door, hint)
    asked = [
        Schedule(0, terms.days, each.start, each.end, by, at.now, terms.name, first, last) for each in terms.windows
    ]
    for schedule in asked:
        if not ever_releases(schedule, at.door.hours, at.now):
            hint = words.never_releases(schedule, at.door, at.now)
            return Refused(Action.ADD_SCHEDULE, RefusalReason.OUTSIDE_HOURS, at.door, hint)
    planned = at.planned.with_schedules(asked)
    if len(planned.schedules) > MOST_SCHEDULES:
        example = f"Remove one first, such as `schedule remove {planned.schedules[0].number}`."
        raise InvalidInput(f"{start(the(at.door))} can have {MOST_SCHEDULES} schedules. {example}")
    added = planned.schedules[-len(asked) :]
    beyond = not all(lies_within(each, at.door.hours) for each in added)
    outcome = partial(SchedulesAdded, schedules=added, beyond_hours=beyond)
    return Edited(planned, outcome, [_details(each) for each in added])


def _details(schedule: Schedule) -> Details:
    days = ",".join(WEEKDAYS[day][:3].lower() for day in schedule.days)
    window: Details = {"start": describe_clock(schedule.start), "end": describe_clock(schedule.end)}
    bounds = {"name": schedule.name, "first": schedule.first, "last": schedule.last}
    return {"number": schedule.number, "days": days, **window, **{key: text for key, text in bounds.items() if text}}


def remove(at: Planning, text: str) -> Edited:
    """Without the schedule of this number or name, or without what is special about a date."""
    which = parse_which(text)
    if not which:
        raise InvalidInput("Which one? Try `schedule remove 1`; `schedule` lists those there are.")
    if schedule := at.planned.find(which):
        planned = at.planned.without_schedule(schedule.number)
        return Edited(planned, partial(ScheduleRemoved, removed=schedule), [{"number": schedule.number}])
    try:
        day = parse_date(which, at.today).isoformat()
    except InvalidInput:
        raise _unknown(which, at) from None
    special = at.planned.special_on(day)
    if not special:
        raise InvalidInput(f"Nothing is special about {day} at {the(at.door)}. Try `schedule` to see what there is.")
    planned = at.planned.without_special_days(day)
    return Edited(planned, partial(ScheduleRemoved, removed=special), [{"date": day}])


def pause(at: Planning, text: str) -> Edited | Refused:
    """One schedule ("1 until friday"), or all, paused until a date begins."""
    which, until = parse_pause(text, at.today)
    if until <= at.today:
        hint = f"{until} has begun already. Try `schedule pause until friday` or a later day."
        return Refused(Action.PAUSE_SCHEDULE, RefusalReason.PAST, at.door, hint)
    midnight = clock_to_utc(until, 0, at.door.hours.timezone)
    schedule = _chosen(which, at)
    changed = replace(schedule, paused_until=midnight) if schedule else None
    planned = at.planned.with_schedule(changed) if changed else replace(at.planned, paused_until=midnight)
    details: Details = {"number": schedule.number} if schedule else {}
    outcome = partial(SchedulePaused, which=changed, until=until)
    return Edited(planned, outcome, [{**details, "until": midnight.isoformat()}])


def resume(at: Planning, text: str) -> Edited:
    """One schedule without its pause, or all without any pause or suspension."""
    schedule, planned = _chosen(parse_which(text), at), at.planned
    if schedule:
        pauses = [schedule.paused_until]
        planned = planned.with_schedule(replace(schedule, paused_until=None))
    else:
        pauses = [planned.paused_until, planned.suspended_until, *(each.paused_until for each in planned.schedules)]
        schedules = tuple(replace(each, paused_until=None) for each in planned.schedules)
        planned = replace(planned, schedules=schedules, paused_until=None, suspended_until=None)
    was_resting = any(pause and at.now < pause for pause in pauses)
    outcome = partial(ScheduleResumed, which=schedule, was_resting=was_resting)
    return Edited(planned, outcome, [{"number": schedule.number} if schedule else {}])


def special(at: Planning, by: str, text: str, *, is_open: bool) -> Edited | Refused:
    """Dates that are open besides, or closed: "24 december from noon"."""
    terms = parse_special(text, at.today, is_open=is_open)
    days = tuple(
        SpecialDay(day.isoformat(), window.start, window.end, is_open, by, at.now, terms.asks_only)
        for day in terms.dates
        for window in terms.windows
    )
    for each, day in zip(days, (day for day in terms.dates for _ in terms.windows), strict=True):
        period = period_of(day, each.window, at.door.hours.timezone)
        if period is None or period.ends_at <= at.now:
            action = Action.OPEN_DAY if is_open else Action.CLOSE_DAY
            hint = f"That has passed: {each.describe(at.today)}. Try a later day, such as `24 december` or `friday`."
            return Refused(action, RefusalReason.PAST, at.door, hint)
    planned = at.planned.with_special_days(days)
    if len(planned.special_days) > MOST_SPECIAL_DAYS:
        example = f"Remove one first, such as `schedule remove {planned.special_days[0].date}`."
        raise InvalidInput(f"{start(the(at.door))} can have {MOST_SPECIAL_DAYS} special days. {example}")
    closed = tuple(each for each in at.planned.special_days if is_open and not each.is_open and _overlaps(each, days))
    return Edited(
        planned, partial(SpecialDaysAdded, days=days, closed_before=closed), [_special_details(each) for each in days]
    )


def _overlaps(closed: SpecialDay, days: Sequence[SpecialDay]) -> bool:
    return any(
        closed.date == each.date and closed.window.start < each.window.until and each.start < closed.window.until
        for each in days
    )


def _special_details(day: SpecialDay) -> Details:
    asking: Details = {"asking": "yes"} if day.asks_only else {}
    return {"date": day.date, "start": describe_clock(day.start), "end": describe_clock(day.end), **asking}


def _chosen(which: str, at: Planning) -> Schedule | None:
    """The schedule that is meant, None for all."""
    if not which:
        return None
    schedule = at.planned.find(which)
    if schedule is None:
        raise _unknown(which, at)
    return schedule


def _unknown(which: str, at: Planning) -> InvalidInput:
    example = "`schedule` lists those there are, such as `schedule remove 1`."
    return InvalidInput(f"There is no schedule {quoted(which)} at {the(at.door)}. {example}")
