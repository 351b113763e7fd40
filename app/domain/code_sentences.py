"""What is said of access codes. Only the answer to whoever issued a code has its digits, and only once."""

from collections.abc import Callable
from datetime import datetime

from app.domain.access_codes import AccessCode, CodeResult, WrongTries
from app.domain.audit import Action, AuditEvent
from app.domain.doors import Door
from app.domain.hours import local_clock
from app.domain.outcomes import CodeIssued, CodeRevoked, DoorCodesListed


def sentence(
    outcome: CodeIssued | CodeRevoked | DoorCodesListed, the_door: str, now: datetime, person: Callable[[str], str]
) -> str:
    """What the asker is told; `the_door` is the door's name in the middle of a sentence."""
    match outcome:
        case CodeIssued():
            return _issued(outcome, the_door, now)
        case CodeRevoked(_, code):
            return f"The code {code.name} for {the_door} is revoked: it releases nothing any more."
        case DoorCodesListed():
            return _listed(outcome, the_door, now, person)


def lockout(door: Door, the_door: str, tries: WrongTries, now: datetime) -> str:
    """What the door's channel is told, in Slack's mrkdwn."""
    until = local_clock(tries.lockout_ends(now) or now, door.hours.timezone, now)
    return (
        f"Codes at {the_door} are locked out until {until}, after too many wrong tries. Visitors still reach a human. "
        "I tell this once a day at most; `/frontdoor code` shows how it stands."
    )


def happened(event: AuditEvent, who: str) -> str:
    """An entry of the log, without its time."""
    name = event.details.get("name", "")
    match event.action, event.reason:
        case Action.ISSUE_CODE, _:
            hours = ", at any hour" if event.details.get("hours") == "any" else ""
            number = event.details.get("uses")
            return f"code {name} issued by {who}{_uses(int(number)) if number else ''}{hours}"
        case Action.REVOKE_CODE, _:
            return f"code {name} revoked by {who}"
        case _, CodeResult.RIGHT:
            return f"released by the code {name} of {who}"
        case _, CodeResult.LOCKED_OUT:
            return "a code was keyed during a lockout, and not looked at"
    return "a wrong code was keyed" + ("; codes are locked out" if "until" in event.details else "")


def _issued(issued: CodeIssued, the_door: str, now: datetime) -> str:
    code, digits = issued.code, issued.digits
    if not digits:
        shown = f"The code {code.name} for {the_door} was shown when it was issued, and only once."
        return f"{shown} If you missed it, revoke it and issue a new one."
    uses = "" if code.uses_left is None else _uses(code.uses_left)
    good = f"Good until {_until(code, issued.door, now)}{uses}, {_hours(code)}."
    return f"Code {code.name} for {the_door}: {digits[:3]} {digits[3:]}. {good} I show it only this once."


def _listed(listed: DoorCodesListed, the_door: str, now: datetime, person: Callable[[str], str]) -> str:
    door, lines = listed.door, [f"Codes for {the_door}:"]
    if ends := listed.lockout_ends:
        lines.append(f"Locked out until {local_clock(ends, door.hours.timezone, now)}, after too many wrong tries.")
    lines += [f"• {described(code, door, now, person)}" for code in listed.codes]
    if not listed.codes:
        lines.append("There are none. Try `code issue FedEx until friday`.")
    return "\n".join(lines)


def described(code: AccessCode, door: Door, now: datetime, person: Callable[[str], str]) -> str:
    """A code in a list: never with its digits."""
    left = "" if code.uses_left is None else f", {code.uses_left or 'no'} use{'' if code.uses_left == 1 else 's'} left"
    last = f"last used {local_clock(code.used_at, door.hours.timezone, now)}" if code.used_at else "not used yet"
    return f"{code.name}, by {person(code.by)}: until {_until(code, door, now)}, {_hours(code)}{left}, {last}"


def _until(code: AccessCode, door: Door, now: datetime) -> str:
    return local_clock(code.expires_at, door.hours.timezone, now)


def _hours(code: AccessCode) -> str:
    return "at any hour" if code.any_hour else "in working hours"


def _uses(number: int) -> str:
    return f", for {'one use' if number == 1 else f'{number} uses'}"
