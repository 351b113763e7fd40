"""What is said of schedules: what a door does by itself now and next, and what became of a command about that."""

from datetime import datetime

from app.domain.audit import Action, AuditEvent
from app.domain.doors import AfterHours, Door
from app.domain.hours import WEEKDAYS, local_clock
from app.domain.outcomes import DoorStatus, Locked
from app.domain.periods import MERGE_REACH, describe_closing
from app.domain.phrases import Name, mention, start, the
from app.domain.schedule_outcomes import (
    ScheduleOutcome,
    SchedulePaused,
    ScheduleRemoved,
    ScheduleResumed,
    SchedulesAdded,
    SchedulesListed,
    SpecialDaysAdded,
)
from app.domain.schedules import Schedule, SpecialDay, describe_date, describe_days
from app.domain.timetable import Outlook

OF_SCHEDULES = (
    Action.ADD_SCHEDULE,
    Action.REMOVE_SCHEDULE,
    Action.PAUSE_SCHEDULE,
    Action.RESUME_SCHEDULE,
    Action.OPEN_DAY,
    Action.CLOSE_DAY,
)
NOTHING = "Nothing releases by itself. Try `schedule add mon-fri 11:00-14:00 called lunch`."


def in_force(outlook: Outlook, door: Door, now: datetime, who: str = "") -> str:
    """What releases by itself now and next, "" where nothing is planned; `who` releases, at the start."""
    following = outlook.next_release
    after = f"; next: {_clock(following, door, now)}." if following else "."
    if until := outlook.releasing_until:
        verb = f"{who} releases" if who else "Releases"
        if until >= now + MERGE_REACH:  # perhaps it never ends
            return f"{verb} by itself for more than a week ({outlook.schedule}){after}"
        then = _afterwards(door, until)
        return f"{verb} by itself until {_clock(until, door, now)} ({outlook.schedule}), then {then}{after}"
    if (paused := outlook.paused_until) and paused >= (outlook.suspended_until or paused):
        return f"Nothing releases by itself until {_date(paused, door, now)} (paused){after}"
    if suspended := outlook.suspended_until:
        return f"Nothing releases by itself until {_clock(suspended, door, now)}, because of a lock{after}"
    return f"Releases by itself next: {_clock(following, door, now)}." if following else ""


def suspended(locked: Locked, now: datetime) -> str:
    """What follows "The front door is locked."; "" where nothing is suspended."""
    if not locked.suspended_until:
        return ""
    name = f" ({locked.suspended})" if locked.suspended else ""
    following = locked.next_release
    after = f"; next: {_clock(following, locked.door, now)}." if following else "."
    return f" Its schedule{name} releases nothing until {_clock(locked.suspended_until, locked.door, now)}{after}"


def beside_unlock(status: DoorStatus, now: datetime) -> str:
    """What follows the sentence about an unlock of every ring, where something releases longer than it does."""
    unlock, until = status.unlock, status.releasing_until
    if not (unlock and until) or until <= unlock.ends_at:
        return ""
    return f" Its schedule ({status.schedule}) releases until {_clock(until, status.door, now)}."


def sentence(outcome: ScheduleOutcome, now: datetime, person: Name) -> str:
    """What the asker is told."""
    match outcome:
        case SchedulesListed():
            return _listed(outcome, now, person)
        case SchedulesAdded():
            said = _added(outcome, now)
        case ScheduleRemoved(door, removed):
            said = f"{start(_removed(removed, door, now))} of {the(door)} is removed.{_shortened(outcome, now, person)}"
        case SchedulePaused(door, schedule, until):
            until_day = describe_date(until.isoformat(), door.hours.local_date(now))
            said = f"{_whole(schedule, door)} paused until {until_day}, and counts again from that day on."
        case ScheduleResumed(door, schedule, was_resting):
            what = f"{start(schedule.label)} of {the(door)}" if schedule else f"What {the(door)} does by itself"
            said = f"{what} {'counts again' if was_resting else 'was not paused'}."
        case SpecialDaysAdded():
            said = _special(outcome, now, person)
        case _:
            raise TypeError(f"no words for {outcome!r}")
    return f"{said} {_standing(outcome, now)}".strip()


def announcement(outcome: ScheduleOutcome, actor: str, now: datetime) -> str:
    """What the door's channel is told, in Slack's mrkdwn."""
    door, who, today = outcome.door, mention(actor), outcome.door.hours.local_date(now)
    match outcome:
        case SchedulesAdded(_, schedules):
            said = f"added to the schedule of {the(door)}: {'; '.join(each.describe(today) for each in schedules)}."
        case ScheduleRemoved(_, removed):
            said = f"removed {_removed(removed, door, now)} of {the(door)}.{_shortened(outcome, now, mention)}"
        case SchedulePaused(_, schedule, until):
            what = schedule.label if schedule else "all that releases by itself"
            said = f"paused {what} at {the(door)} until {describe_date(until.isoformat(), today)}."
        case ScheduleResumed(_, schedule):
            said = f"resumed {schedule.label if schedule else 'all that releases by itself'} at {the(door)}."
        case SpecialDaysAdded(_, days):
            said = f"changed the hours of {the(door)}: {_days(days, door, now)}.{_shortened(outcome, now, mention)}"
        case _:
            raise TypeError(f"nothing to be told of {outcome!r}")
    return f"{who} {said} {_standing(outcome, now)}".strip()


def happened(event: AuditEvent, who: str) -> str:
    """An entry of the log, without its time."""
    details = event.details
    which = (
        f"schedule {details['number']}" if "number" in details else "what is special about " + str(details.get("date"))
    )
    clocks = f"{details.get('start')}–{details.get('end')}"
    shortened = "; an unlock was shortened" if "unlocks_end" in details else ""
    match event.action:
        case Action.ADD_SCHEDULE:
            days = tuple(
                at for at, name in enumerate(WEEKDAYS) if name[:3].lower() in str(details.get("days")).split(",")
            )
            bounds = "".join(
                f", {word} {details[key]}" for word, key in (("from", "first"), ("to", "last")) if key in details
            )
            name = f" ({details['name']})" if "name" in details else ""
            return f"schedule {details.get('number')} added by {who}: {describe_days(days)} {clocks}{name}{bounds}"
        case Action.REMOVE_SCHEDULE:
            return f"{which} removed by {who}{shortened}"
        case Action.PAUSE_SCHEDULE:
            return f"{which if 'number' in details else 'all that releases by itself'} paused by {who}"
        case Action.RESUME_SCHEDULE:
            return f"{which if 'number' in details else 'all that releases by itself'} resumed by {who}"
        case Action.OPEN_DAY:
            how = "hosts are asked" if "asking" in details else "rings are released"
            return f"{details.get('date')} open {clocks} by {who}, {how}"
    return f"{details.get('date')} closed {clocks} by {who}{shortened}"


def never_releases(schedule: Schedule, door: Door, now: datetime) -> str:
    """Why a schedule is refused that lies outside working hours."""
    weekly = door.hours.weekly
    example = next(
        (f"{name[:3].lower()} {weekly[at][0].describe()}" for at, name in enumerate(WEEKDAYS) if weekly[at]), ""
    )
    tried = f" Try `schedule add {example.replace('–', '-')}`." if example else ""
    what = schedule.describe(door.hours.local_date(now))
    hours = f"the working hours of {the(door)} are {door.hours.describe()}, without holidays"
    return f"{what} would never release anybody: {hours}.{tried}"


def _standing(outcome: ScheduleOutcome, now: datetime) -> str:
    """What is in force and next, once the command is carried out."""
    in_lockdown = "In lockdown nothing releases it. " if outcome.in_lockdown else ""
    return f"{in_lockdown}{in_force(outcome, outcome.door, now)}"


def _added(added: SchedulesAdded, now: datetime) -> str:
    door, today = added.door, added.door.hours.local_date(now)
    number = "Schedule" if len(added.schedules) == 1 else "Schedules"
    each = "; ".join(f"{each.number}, {each.describe(today)}" for each in added.schedules)
    said = f"{number} {each}: {the(door)} releases every ring then, in working hours and not on holidays."
    if added.beyond_hours:
        said += f" Working hours are {door.hours.describe()}: what lies outside them does not count."
    return said


def _special(added: SpecialDaysAdded, now: datetime, person: Name) -> str:
    door = added.door
    said = f"{start(the(door))}, {_days(added.days, door, now)}.{_shortened(added, now, person)}"
    if added.closed_before:
        day = added.closed_before[0]
        closed = f"{describe_date(day.date, door.hours.local_date(now))} is {describe_closing(day.window)}"
        said += f" But {closed}, and that stays so; to end it, `schedule remove {day.date}` first."
    return said


def _days(days: tuple[SpecialDay, ...], door: Door, now: datetime) -> str:
    today = door.hours.local_date(now)
    first, last = days[0], days[-1]
    if len(days) > 2 and len({(each.start, each.end) for each in days}) == 1:
        what = first.describe(today).partition(": ")[2]
        return f"{describe_date(first.date, today)} to {describe_date(last.date, today)}: {what}"
    return "; ".join(each.describe(today) for each in days)


def _removed(removed: Schedule | tuple[SpecialDay, ...], door: Door, now: datetime) -> str:
    today = door.hours.local_date(now)
    if isinstance(removed, Schedule):
        return f"schedule {removed.number}, {removed.describe(today)},"
    return f"what was special ({_days(removed, door, now)})"


def _shortened(outcome: ScheduleOutcome, now: datetime, person: Name) -> str:
    """Whose unlocks end sooner."""
    ends = (f"ends at {_clock(each.ends_at, outcome.door, now)}" for each in outcome.shortened)
    return "".join(
        f" The unlock by {person(each.by)} {'ends now' if each.ends_at <= now else end}."
        for each, end in zip(outcome.shortened, ends, strict=True)
    )


def _listed(listed: SchedulesListed, now: datetime, person: Name) -> str:
    door, planned, today = listed.door, listed.planned, listed.door.hours.local_date(now)
    lines = [f"Schedules for {the(door)}:", _standing(listed, now) or NOTHING]
    for each in planned.schedules:
        paused = each.paused_until and now < each.paused_until
        rest = f", paused until {_date(each.paused_until, door, now)}" if each.paused_until and paused else ""
        lines.append(f"{each.number}. {each.describe(today)}{rest}, by {person(each.by)}")
    lines += [f"• {each.describe(today)}, by {person(each.by)}" for each in planned.special_days]
    return "\n".join(lines)


def _whole(schedule: Schedule | None, door: Door) -> str:
    return f"{start(schedule.label)} of {the(door)} is" if schedule else f"All that {the(door)} releases by itself is"


def _afterwards(door: Door, moment: datetime) -> str:
    """What a ring comes to when nothing releases by itself any more."""
    if door.hours.is_open(moment) or door.after_hours is AfterHours.ASK:
        return "asks" if door.channel else "rings the telephones"
    return "is closed" if door.after_hours is AfterHours.CLOSED else "rings the telephones"


def _clock(moment: datetime, door: Door, now: datetime) -> str:
    return local_clock(moment, door.hours.timezone, now)


def _date(moment: datetime, door: Door, now: datetime) -> str:
    return describe_date(door.hours.local_date(moment).isoformat(), door.hours.local_date(now))
