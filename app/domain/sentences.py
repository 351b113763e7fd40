"""Outcomes in plain words, the same in Slack and in a terminal. `person` turns an id into how it is shown there."""

from datetime import datetime

from app.domain import (
    code_sentences,
    lockdown_sentences,
    people_sentences,
    reminder_sentences,
    report_sentences,
    schedule_sentences,
    tone_sentences,
)
from app.domain.audit import Action
from app.domain.doors import AfterHours, Door
from app.domain.hours import local_clock
from app.domain.outcomes import (
    Answered,
    Calibrating,
    CodeIssued,
    CodeRevoked,
    DoorCodesListed,
    DoorStatus,
    EveryDoor,
    Extended,
    Granted,
    Lifted,
    Locked,
    LockedDown,
    NotReached,
    PeopleListed,
    RefusalReason,
    Refused,
    Revoked,
    ToneKept,
    ToneTried,
    Unlocked,
)
from app.domain.periods import NOTHING_SPECIAL
from app.domain.phrases import Name, mention, start, the
from app.domain.reports import Report
from app.domain.schedule_outcomes import ScheduleOutcome
from app.domain.unlocks import Bound, Unlock

SOMETHING_WRONG = (
    "Sorry, something went wrong, and nothing was changed. Please try again; if it stays so, tell an admin."
)
NOT_PERMITTED = {
    Action.UNLOCK: "Only hosts can unlock a door here.",
    Action.LOCK: "Only hosts can lock a door here.",
    Action.ADMIT: "Only hosts can let visitors in here.",
    Action.TURN_AWAY: "Only hosts can answer for the door here.",
    Action.TONE: "Only hosts can try the door's tone.",
    Action.KEEP_TONE: "Only hosts can say which tone opens the door.",
    Action.LOCK_DOWN: "Only admins can declare a lockdown.",
    Action.LIFT: "Only admins can lift a lockdown.",
    Action.CODES: "Only hosts can see the access codes here.",
    Action.ISSUE_CODE: "Only hosts can issue access codes here.",
    Action.REVOKE_CODE: "Only hosts can revoke access codes here.",
    Action.SCHEDULE: "Only hosts can see the schedule here.",
    Action.ADD_SCHEDULE: "Only hosts can change the schedule here.",
    Action.REMOVE_SCHEDULE: "Only hosts can change the schedule here.",
    Action.PAUSE_SCHEDULE: "Only hosts can change the schedule here.",
    Action.RESUME_SCHEDULE: "Only hosts can change the schedule here.",
    Action.OPEN_DAY: "Only hosts can change the schedule here.",
    Action.CLOSE_DAY: "Only hosts can change the schedule here.",
    Action.EXTEND: "Only hosts can unlock a door here.",
    Action.PEOPLE: "Only hosts can see who may do what here.",
    Action.REPORT: "Only hosts can see the report here.",
    Action.GRANT: "Only admins can grant rights here.",
    Action.REVOKE: "Only admins can revoke rights here.",
    Action.LOG: "Only admins can read the log.",
}
REFUSED = {
    RefusalReason.NOT_FULL_MEMBER: "Only full members of this workspace can use DoorBot; guests and outsiders can't.",
    RefusalReason.MEMBERSHIP_UNKNOWN: "I couldn't check with Slack who you are. Please try again in a minute.",
    RefusalReason.OTHER_WORKSPACE: "This DoorBot belongs to another workspace.",
    RefusalReason.LOCKDOWN: "This door is in lockdown: nothing releases it until that is over.",
    RefusalReason.GONE: "Whom you named has left this workspace, so nothing was changed.",
    RefusalReason.LAST_ADMIN: "Somebody has to be an admin. Grant that to somebody else first, for good.",
    RefusalReason.PAST: "That time has already passed. Try `for 2h`, or a time later today.",
}

UNCONFIRMED = (
    "But no copy of DoorBot's memory has confirmed it in time: should the memory fail in the next moments, check with"
)


def sentence(outcome: object, now: datetime, person: Name = mention) -> str:
    """What the asker is told."""
    if not getattr(outcome, "unconfirmed", False):
        return _said(outcome, now, person)
    check = "people" if isinstance(outcome, Revoked) else "status"
    return f"{_said(outcome, now, person)} {UNCONFIRMED} `/frontdoor {check}`."


def _said(outcome: object, now: datetime, person: Name) -> str:
    match outcome:
        case Unlocked():
            return _unlocked(outcome, now, person)
        case Extended():
            return reminder_sentences.extended(outcome, now)
        case Locked(door, ended):
            already = "" if ended or outcome.suspended else "already "
            more = schedule_sentences.suspended(outcome, now) or _rings(door, now)
            return f"{start(the(door))} is {already}locked.{more}"
        case Answered():
            return ""
        case LockedDown() | Lifted() | EveryDoor():
            return lockdown_sentences.sentence(outcome, now, person)
        case Calibrating():
            return tone_sentences.calibrating(outcome, now)
        case ToneTried():
            return tone_sentences.tried(outcome)
        case ToneKept():
            return tone_sentences.kept(outcome)
        case Refused():
            return _refused(outcome, now)
        case DoorStatus():
            return _status(outcome, now, person)
        case CodeIssued() | CodeRevoked() | DoorCodesListed():
            return code_sentences.sentence(outcome, the(outcome.door), now, person)
        case Granted() | Revoked() | PeopleListed():
            return people_sentences.sentence(outcome, now, person)
        case Report():
            return report_sentences.sentence(outcome, now)
        case ScheduleOutcome():
            return schedule_sentences.sentence(outcome, now, person)
        case NotReached(door):
            return f"{start(the(door))} was not reached, and nothing was changed there. Please try again in a minute."
    raise TypeError(f"no words for {outcome!r}")


def announcement(outcome: Unlocked | Extended | Locked, actor: str, now: datetime) -> str:
    """What the door's channel is told, in Slack's mrkdwn."""
    if isinstance(outcome, Extended):
        return reminder_sentences.announcement(outcome, actor, now)
    door = outcome.door
    if isinstance(outcome, Locked):
        return f"{mention(actor)} locked {the(door)}.{schedule_sentences.suspended(outcome, now)}"
    unlock, until = outcome.unlock, _clock(outcome.unlock.ends_at, door, now)
    expecting = f" Expecting {unlock.expecting}." if unlock.expecting else ""
    if unlock.left is not None:
        return f"{mention(actor)} has {_next_rings(unlock)} at {the(door)} released, until {until}.{expecting}"
    return f"{mention(actor)} unlocked {the(door)} until {until}: every ring is released.{expecting}"


def arrival(unlock: Unlock, door: Door) -> str:
    """What somebody is told who expects something."""
    return f"{unlock.expecting}: somebody rang just now, and {the(door)} was released."


def _next_rings(unlock: Unlock) -> str:
    return "the next ring" if unlock.left == 1 else f"the next {unlock.left} rings"


def _rings(door: Door, now: datetime) -> str:
    """What happens to rings at a locked door."""
    is_closed = door.after_hours is AfterHours.CLOSED and not door.hours.is_open(now)
    return "" if is_closed else " Rings reach a human."


def _unlocked(outcome: Unlocked, now: datetime, person: Name) -> str:
    door, unlock = outcome.door, outcome.unlock
    until = _clock(unlock.ends_at, door, now)
    if outcome.kept:
        stays = f"{start(the(door))} is already unlocked until {until}, by {person(unlock.by)}."
        return f"{stays} That stays so; to end it sooner, lock first."
    why = {Bound.CLOSING: " (closing time)", Bound.LONGEST: " (the longest that is allowed)", None: ""}[outcome.bound]
    tell = f" I'll tell {person(unlock.tell)} when {unlock.expecting} is here." if unlock.tell else ""
    if unlock.left is not None:
        verb = "is" if unlock.left == 1 else "are"
        return f"{start(_next_rings(unlock))} at {the(door)} {verb} released, until {until}{why}.{tell}"
    return f"{start(the(door))} is unlocked until {until}{why}. Every ring is released.{tell}"


def _refused(refused: Refused, now: datetime) -> str:
    if refused.hint:
        return refused.hint
    match refused.reason:
        case RefusalReason.NOT_PERMITTED:
            return NOT_PERMITTED.get(refused.action, "You aren't allowed to do that.") + " Ask an admin."
        case RefusalReason.OUTSIDE_HOURS if refused.door:
            return _outside_hours(refused.door, now)
    return REFUSED[refused.reason]


def _outside_hours(door: Door, now: datetime) -> str:
    closed = door.hours.why_closed(now)
    today = door.hours.specials.get(door.hours.local_date(now), NOTHING_SPECIAL)
    opened = "".join(f", and today {window.describe()}" for window in today.opened)
    return f"It's {closed.name}. {start(the(door))} can be unlocked {door.hours.describe()}{opened}."


def _status(status: DoorStatus, now: datetime, person: Name) -> str:
    name = start(the(status.door))
    if status.lockdown:
        return lockdown_sentences.status(status.door, status.lockdown, now, person)
    if status.unlock:
        until = _clock(status.unlock.ends_at, status.door, now)
        if status.unlock.left is not None:
            verb = "is" if status.unlock.left == 1 else "are"
            counted = f"{_next_rings(status.unlock)} {verb} released until {until}, by {person(status.unlock.by)}."
            if not status.releasing_until:
                return f"{name} is locked, but {counted}"
            waits = f" After {_clock(status.releasing_until, status.door, now)}, {counted}"
            by_itself = schedule_sentences.in_force(status, status.door, now, name)
            return by_itself + (waits if status.releasing_until < status.unlock.ends_at else "")
        said = f"{name} is unlocked until {until}, by {person(status.unlock.by)}. Every ring is released."
        return f"{said}{schedule_sentences.beside_unlock(status, now)}"
    if status.releasing_until:
        return schedule_sentences.in_force(status, status.door, now, name)
    planned = schedule_sentences.in_force(status, status.door, now)
    more = f" {planned}" if planned else ""
    if status.is_open:
        return f"{name} is locked.{_rings(status.door, now)}{more}"
    opening = _clock(status.next_opening, status.door, now) if status.next_opening else ""
    opens = f" It can be unlocked again from {opening}." if opening else ""
    return f"{name} is locked, outside working hours.{opens}{more}"


def _clock(moment: datetime, door: Door, now: datetime) -> str:
    return local_clock(moment, door.hours.timezone, now)
