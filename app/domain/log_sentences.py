"""Entries of the audit log in plain words. `person` turns an id into how it is shown there."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from app.domain import (
    alarm_sentences,
    code_sentences,
    people_sentences,
    record_sentences,
    schedule_sentences,
    seal_sentences,
)
from app.domain.audit import Action, AuditEvent, LogEntry, Outcome
from app.domain.doors import Door
from app.domain.hours import local_clock
from app.domain.phrases import Name, masked, mention, start

OF_CODES = (Action.ISSUE_CODE, Action.REVOKE_CODE, Action.USE_CODE)
ODD = (TypeError, ValueError, KeyError, OverflowError)  # details that we would not have written
WHY_FORWARDED = {
    "nobody_answered": "nobody answered in Slack, so the telephones were rung",
    "slack_unconfirmed": "Slack did not take the question in time, so the telephones were rung",
    "lockdown": "the door is in lockdown, so the telephones were rung",
}
WHY_NOT_ASKED = {
    "locked": "nobody is asked in Slack",
    "after_hours": "it was outside working hours",
    "fault": "something failed here",
    "lockdown": "the door is in lockdown",
}
WHY_DENIED = {
    "closed": "rang outside working hours, and was told that it is closed",
    "not_an_intercom": "a call from none of this door's intercoms was rejected",
}
ENDED = {
    Outcome.HUNG_UP: "the visitor hung up",
    Outcome.DENIED: "the visitor was told that it is closed",
    Outcome.LOST: "the end of the call was never reported",
}


@dataclass(frozen=True, slots=True)
class Words:
    """How an entry is told: in the doors' time, as seen at `now`, with people as `person` shows them."""

    timezone: ZoneInfo
    now: datetime
    person: Name = mention
    with_caller: bool = False

    def clock(self, moment: object) -> str:
        """A time that stands in an entry's details."""
        return local_clock(datetime.fromisoformat(str(moment)), self.timezone, self.now)


def log_line(entry: LogEntry, doors: Mapping[str, Door], now: datetime, person: Name = mention) -> str:
    """One entry of the log: when (what belongs to no door in the first door's time), where, what, who and why."""
    event = entry.event
    door = doors.get(event.door)
    timezone = (door or next(iter(doors.values()))).hours.timezone
    when = local_clock(event.time, timezone, now)
    told = happened(event, Words(timezone, now, person, with_caller=True))
    return f"{when}  {door.name if door else event.door or 'Office'}: {told}"


def sentence(event: AuditEvent, timezone: ZoneInfo, person: Name) -> str:
    """What happened, as a sentence, as it was seen then: without when, where and the caller's number."""
    return start(happened(event, Words(timezone, event.time, person)))


def happened(event: AuditEvent, words: Words) -> str:
    """What happened, who did it and why."""
    try:
        told = _happened(event, words)
        return f"{told}, until {words.clock(event.details['until'])}" if "until" in event.details else told
    except ODD:
        return record_sentences.plainly(event, _who(event, words))


def _who(event: AuditEvent, words: Words) -> str:
    return words.person(masked(event.actor) if event.actor.startswith("+") else event.actor) if event.actor else ""


def _happened(event: AuditEvent, words: Words) -> str:
    who = _who(event, words)
    if event.outcome is Outcome.REFUSED and who:
        return record_sentences.refused(event, who)
    if event.action in OF_CODES:
        return code_sentences.happened(event, who)
    if event.action in schedule_sentences.OF_SCHEDULES:
        return schedule_sentences.happened(event, who)
    if event.action in (Action.GRANT, Action.REVOKE) and event.outcome is Outcome.DONE:
        return people_sentences.happened(event, who, words.person)
    return (
        _of_visit(event, who, words)
        or alarm_sentences.happened(event)
        or seal_sentences.happened(event, who)
        or record_sentences.happened(event, who)
        or _of_door(event, who)
        or record_sentences.plainly(event, who)
    )


def _of_door(event: AuditEvent, who: str) -> str:
    """What was done at a door, "" for anything else."""
    details = event.details
    why = f": {details['why']}" if "why" in details else ""
    reason = f" ({event.reason.replace('_', ' ')})" if event.reason else ""
    expecting = f", expecting {details['expecting']}" if "expecting" in details else ""
    match event.action, event.outcome:
        case Action.UNLOCK, Outcome.DONE if "releases" in details:
            number = details["releases"]
            return f"{who} unlocked the door for the next {'ring' if number == 1 else f'{number} rings'}{expecting}"
        case Action.UNLOCK, Outcome.DONE:
            return f"{who} unlocked the door{reason}{expecting}"
        case Action.EXTEND, Outcome.DONE:
            return f"{who} extended the unlock{reason}"
        case Action.LOCK, Outcome.DONE:
            return f"{who} locked the door{', and nothing releases by itself' if 'until' in details else ''}"
        case Action.LOCK_DOWN, Outcome.DONE:
            return f"{who} declared a lockdown{'' if event.door else ' of every door'}{reason}{why}"
        case Action.LIFT, Outcome.DONE if not who:
            return "the lockdown is over: its time has come"
        case Action.LIFT, Outcome.DONE:
            return f"{who} lifted the lockdown{'' if event.door else ' of every door'}{reason}"
        case Action.KEEP_TONE, Outcome.DONE if "opened" in details:
            return f"tone {details['tried']}, {who} was asked whether it opened: {details['opened']}"
        case Action.KEEP_TONE, Outcome.DONE:
            return f"{who} went back to the tone {event.reason}"
        case Action.TONE, Outcome.DONE:
            return f"{who} began to try tones"
    return ""


def _of_visit(event: AuditEvent, who: str, words: Words) -> str:
    """What happened to a visitor, "" for anything else."""
    caller = f" (call from {masked(event.caller)})" if event.caller and words.with_caller else ""
    if "rang_at" in event.details:
        caller += f", recorded late: it rang at {words.clock(event.details['rang_at'])}"
    seconds = f" after {event.details['seconds']} s" if "seconds" in event.details else ""
    reason = event.reason.replace("_", " ")
    match event.action, event.outcome:
        case Action.RING, Outcome.RELEASED:
            by = f"schedule {event.details['schedule']}" if "schedule" in event.details else f"the {reason}"
            return f"released by {by} of {who}{caller}"
        case Action.RING, Outcome.ASKED:
            return f"rang, and hosts were asked{caller}"
        case Action.RING, Outcome.HELD:
            return f"rang, and could key a code{caller}"
        case Action.RING, Outcome.FORWARDED:
            return f"rang, and the telephones were rung: {WHY_NOT_ASKED.get(event.reason, reason)}{caller}"
        case Action.RING, Outcome.DENIED if event.reason in WHY_DENIED:
            return f"{WHY_DENIED[event.reason]}{caller}"
        case Action.RING, _:
            return f"ring {event.outcome.value}: {reason}{caller}"
        case Action.ADMIT, Outcome.RELEASED:
            by = f"whoever took the call at {who}" if event.actor.startswith("+") else who
            return f"released: {by} let the visitor in{seconds}"
        case Action.TURN_AWAY, Outcome.DENIED:
            return f"{who} turned the visitor away{seconds}"
        case Action.FORWARD, Outcome.ANSWERED:
            return f"answered by telephone{' ' + masked(event.actor) if event.actor else ''}"
        case Action.FORWARD, Outcome.FORWARDED:
            return WHY_FORWARDED.get(
                event.reason, f"the telephones were rung: {WHY_NOT_ASKED.get(event.reason, reason)}"
            )
        case Action.FORWARD, _:
            return f"nobody answered the telephones{'' if reason == 'no-answer' else f' ({reason})'}"
        case Action.END, _:
            return ENDED.get(event.outcome, "")
    return ""
