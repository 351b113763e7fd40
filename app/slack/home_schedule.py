"""The part of the App Home that is a door's schedule, with its editor. Pure."""

from datetime import date, datetime
from itertools import groupby

from app.domain.audit import Action
from app.domain.doors import Door
from app.domain.homes import Home
from app.domain.hours import local_clock
from app.domain.phrases import the
from app.domain.schedules import DoorSchedules, Schedule, SpecialDay
from app.slack.kit import Piece, actions, button, header, overflow, section

SPECIAL_DAYS_SHOWN = 8
REMOVE = ("remove_schedule", "Remove")
NOTHING = "Nothing is planned: outside of unlocks, a human is asked about each ring."


def blocks(home: Home, now: datetime) -> list[Piece]:
    """Each weekly window with what can be done about it, the special days to come, and what can be added."""
    if home.planned is None:
        return []
    door, planned = home.chosen.door, home.planned
    today = now.astimezone(door.hours.timezone).date()
    current = planned.current(today)
    return [
        header("Schedule"),
        *([] if current.schedules or current.special_days else [section(NOTHING)]),
        *(section(_described(each, door, now), _menu(each, door, now)) for each in current.schedules),
        *_special_days(current, today, door),
        *actions(f"schedule:{door.id}", _buttons(current, door, now)),
    ]


def adding(door: Door) -> list[Piece]:
    """The buttons of the dialogs that add to a door's schedule."""
    name = the(door)
    return [
        button("modal:add_schedule", door.id, "Add …", f"Add to the schedule of {name}"),
        button("modal:special_day", door.id, "Special day …", f"Add a special day to the schedule of {name}"),
    ]


def _described(schedule: Schedule, door: Door, now: datetime) -> str:
    today = now.astimezone(door.hours.timezone).date()
    until = schedule.paused_until
    paused = f" Paused until {local_clock(until, door.hours.timezone, now)}." if until and now < until else ""
    return f"*{schedule.number}.* {schedule.describe(today)}{paused}"


def _menu(schedule: Schedule, door: Door, now: datetime) -> Piece:
    """What can be done about one schedule."""
    is_paused = schedule.paused_until is not None and now < schedule.paused_until
    target = f"{door.id} {schedule.number}"
    pause = ("resume_schedule", "Resume") if is_paused else ("pause_schedule", "Pause until …")
    offered = [pause, ("remove_schedule", "Remove")]
    return overflow("schedule:change", [(f"{word} {target}", label) for word, label in offered])


def _special_days(planned: DoorSchedules, today: date, door: Door) -> list[Piece]:
    """The next dates on which something is different, each with a way to make it an ordinary one again."""
    coming = (each for each in planned.special_days if each.date >= today.isoformat())
    dates = [(day, [*found]) for day, found in groupby(coming, lambda each: each.date)]
    if not dates:
        return []
    rows = [
        section("; ".join(each.describe(today) for each in found), _ordinary(day, found[0], door, today))
        for day, found in dates[:SPECIAL_DAYS_SHOWN]
    ]
    left = len(dates) - SPECIAL_DAYS_SHOWN
    more = [section(f"… and {left} more: `/frontdoor schedule` lists them all.")] if left > 0 else []
    return [section("*Special days*"), *rows, *more]


def _ordinary(day: str, special: SpecialDay, door: Door, today: date) -> Piece:
    when = special.describe(today).partition(":")[0]
    return button(Action.REMOVE_SCHEDULE, f"{door.id} {day}", "Remove", f"Remove what is special about {when}")


def _buttons(planned: DoorSchedules, door: Door, now: datetime) -> list[Piece]:
    name, buttons = the(door), adding(door)
    if planned.suspended_at(now) or planned.pauses_at(now):
        buttons.append(button(Action.RESUME_SCHEDULE, door.id, "Resume", f"Resume the schedule of {name}"))
    elif planned.schedules or planned.special_days:
        buttons.append(
            button("modal:pause_schedule", door.id, "Pause all until …", f"Pause all until a day, at {name}")
        )
    return buttons
