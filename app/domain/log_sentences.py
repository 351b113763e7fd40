"""Entries of the audit log in plain words. `person` turns an id into how it is shown there."""

from collections.abc import Mapping
from datetime import datetime

from app.domain import alarm_sentences, code_sentences, people_sentences, schedule_sentences, seal_sentences
from app.domain.audit import Action, AuditEvent, LogEntry, Outcome
from app.domain.doors import Door
from app.domain.hours import local_clock
from app.domain.phrases import Name, masked, mention

OF_CODES = (Action.ISSUE_CODE, Action.REVOKE_CODE, Action.USE_CODE)
WHY_FORWARDED = {
    "nobody_answered": "nobody answered in Slack, so the telephones were rung",
    "slack_unconfirmed": "Slack did not take the question in time, so the telephones were rung",
}
ENDED = {
    Outcome.HUNG_UP: "the visitor hung up",
    Outcome.DENIED: "the visitor was told that it is closed",
    Outcome.LOST: "the end of the call was never reported",
}


def log_line(entry: LogEntry, doors: Mapping[str, Door], now: datetime, person: Name = mention) -> str:
    """One entry of the log: when (what belongs to no door in the first door's time), where, what, who and why."""
    event = entry.event
    door = doors.get(event.door)
    timezone = (door or next(iter(doors.values()))).hours.timezone
    when = local_clock(event.time, timezone, now)
    happened = _happened(event, person)
    if "until" in event.details:
        happened += f", until {local_clock(datetime.fromisoformat(str(event.details['until'])), timezone, now)}"
    return f"{when}  {door.name if door else event.door or 'Office'}: {happened}"


def _happened(event: AuditEvent, person: Name) -> str:
    who = person(event.actor) if event.actor else ""
    if event.action in OF_CODES and event.outcome is not Outcome.REFUSED:
        return code_sentences.happened(event, who)
    if event.action in schedule_sentences.OF_SCHEDULES and event.outcome is not Outcome.REFUSED:
        return schedule_sentences.happened(event, who)
    if event.action in (Action.GRANT, Action.REVOKE) and event.outcome is Outcome.DONE:
        return people_sentences.happened(event, who, person)
    if told := _of_visit(event, who) or alarm_sentences.happened(event) or seal_sentences.happened(event, who):
        return told
    why = f": {event.details['why']}" if "why" in event.details else ""
    times = f" ({event.details['times']} more)" if "times" in event.details else ""
    reason = event.reason.replace("_", " ")
    match event.action, event.outcome:
        case Action.VERIFY, _:
            counts = ", ".join(f"{count} at {edge}" for edge, count in event.details.items() if edge != "since")
            return f"requests with a wrong signature were refused: {counts}"
        case Action.TELL, Outcome.UNKNOWN:
            return "a message may or may not have reached Slack"
        case Action.TELL, _:
            return f"a message did not reach Slack: {reason}"
        case Action.UNLOCK, Outcome.DONE if "releases" in event.details:
            number = event.details["releases"]
            return f"unlock by {who} for the next {'ring' if number == 1 else f'{number} rings'}"
        case Action.LOCK, Outcome.DONE if "until" in event.details:
            return f"lock by {who}, and nothing releases by itself"
        case Action.KEEP_TONE, Outcome.DONE if "opened" in event.details:
            return f"tone {event.details['tried']}, {who} was asked whether it opened: {event.details['opened']}"
        case Action.LIFT, Outcome.DONE if not who:
            return "the lockdown is over: its time has come"
        case _, Outcome.DONE:
            return f"{event.action.value} by {who}{': ' + reason if reason else ''}{why}"
    return f"{event.action.value} {event.outcome.value}{' to ' + who if who else ''}: {reason}{times}"


def _of_visit(event: AuditEvent, who: str) -> str:
    """What happened to a visitor, "" for what is told like anything else."""
    rang_at = f", recorded late: it rang at {event.details['rang_at']}" if "rang_at" in event.details else ""
    caller = (f" (call from {masked(event.caller)})" if event.caller else "") + rang_at
    seconds = f" after {event.details['seconds']} s" if "seconds" in event.details else ""
    reason = event.reason.replace("_", " ")
    match event.action, event.outcome:
        case Action.RING, Outcome.RELEASED:
            return f"released, by the {reason} of {who}{caller}"
        case Action.RING, Outcome.ASKED:
            return f"ring: hosts were asked{caller}"
        case Action.RING, _:
            return f"ring {event.outcome.value}: {reason}{caller}"
        case Action.ADMIT, Outcome.RELEASED:
            return f"released: {masked(who)} let the visitor in{seconds}"
        case Action.TURN_AWAY, Outcome.DENIED:
            return f"{who} turned the visitor away{seconds}"
        case Action.FORWARD, Outcome.ANSWERED:
            return f"answered by telephone{' ' + masked(event.actor) if event.actor else ''}"
        case Action.FORWARD, Outcome.FORWARDED:
            return WHY_FORWARDED.get(event.reason, f"the telephones were rung: {reason}")
        case Action.FORWARD, _:
            return f"nobody answered the telephones{'' if reason == 'no-answer' else f' ({reason})'}"
        case Action.END, _:
            return ENDED.get(event.outcome, "")
    return ""
