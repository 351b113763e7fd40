"""What is said of grants, revocations, and who may do what."""

from collections.abc import Sequence
from datetime import datetime

from app.domain.audit import Action, AuditEvent
from app.domain.dates import describe_end
from app.domain.doors import Door
from app.domain.outcomes import Granted, ListedRight, PeopleListed, Revoked
from app.domain.people import Given, Grant, Revocation, is_group
from app.domain.phrases import Name, mention, the

A_ROLE = {Given.HOST: "a host", Given.ADMIN: "an admin"}
MOST_MEMBERS = 8  # of a group are shown by name


def sentence(outcome: Granted | Revoked | PeopleListed, now: datetime, person: Name) -> str:
    """What the asker is told."""
    match outcome:
        case Granted():
            return _granted(outcome, now, person)
        case Revoked():
            return _revoked(outcome, person)
        case PeopleListed():
            return _listed(outcome, now, person)


def told(granted: Granted, now: datetime) -> str:
    """What the person is told to whom something was granted, in Slack's mrkdwn."""
    right, doors = granted.right, granted.doors
    what = f"{A_ROLE[right.role]} of {_where(right.door, doors)}{_until(right, doors, now)}"
    return f"{mention(right.by)} made you {what}. `/frontdoor help` lists what can be typed."


def happened(event: AuditEvent, who: str, person: Name) -> str:
    """An entry of the log, without its time and its end."""
    whom, role, door = (str(event.details.get(key, "")) for key in ("who", "role", "at"))
    where = f" of {door}" if door else ""
    if event.action is Action.REVOKE:
        return f"{person(whom)} was revoked{' at ' + door if door else ''} by {who}{_unchanged(event)}"
    return f"{person(whom)} was made {role}{where} by {who}{_unchanged(event)}"


def _unchanged(event: AuditEvent) -> str:
    return f" ({event.reason.replace('_', ' ')})" if event.reason else ""


def _granted(granted: Granted, now: datetime, person: Name) -> str:
    right, doors = granted.right, granted.doors
    who = f"Whoever is in {person(right.who)}" if is_group(right.who) else person(right.who)
    role = f"{A_ROLE[right.role]} of {_where(right.door, doors)}"
    if granted.kept:
        return f"{who} is {role} already, {_source(right, person)}{_until(right, doors, now)}. Nothing was changed."
    notes = " They are a guest in this workspace; they have this right all the same." if granted.is_guest else ""
    if granted.members is not None:
        count = f"{granted.members} {'member' if granted.members == 1 else 'members'}"
        notes = f" The group has {count} now, and Slack is asked every five minutes who is in it."
    return f"{who} is {role} now{_until(right, doors, now)}.{notes}"


def _revoked(revoked: Revoked, person: Name) -> str:
    revocation = revoked.revocation
    where = _where(revocation.door, revoked.doors, "any door")
    who = person(revocation.who)
    if is_group(revocation.who):
        if revoked.had_none:
            return f"{who} gives nobody a right at {where}, so nothing was changed."
        return f"{who} gives nobody a right at {where} any more. Who has one by name keeps it."
    if revoked.had_none:
        return f"{who} is neither host nor admin of {where}, so nothing was changed."
    anyway = "whatever doorbot.toml and user groups say"
    return f"{who} is neither host nor admin of {where} any more, {anyway}. `/frontdoor grant` gives a right again."


def _listed(listed: PeopleListed, now: datetime, person: Name) -> str:
    where = "" if listed.everywhere else f" at {the(listed.doors[0])}"
    lines = [f"• {_line(each, listed.doors, now, person)}" for each in listed.rights]
    lines += [f"• {_taken(each, listed.doors, now, person)}" for each in listed.revocations]
    return "\n".join([f"Who may do what{where}:", *lines])


def _line(listed: ListedRight, doors: Sequence[Door], now: datetime, person: Name) -> str:
    right = listed.right
    where = f" of {_where(right.door, doors)}" if right.door else ""
    line = f"{person(right.who)}: {right.role}{where}, {_source(right, person)}{_until(right, doors, now)}"
    if listed.is_gone:
        return f"{line}; has left the workspace, so this counts for nothing"
    return line + _members(listed, person) if is_group(right.who) else line


def _members(listed: ListedRight, person: Name) -> str:
    if listed.members is None:
        return "; Slack doesn't tell who is in it right now, so it gives nobody a right"
    if not listed.members:
        return "; nobody is in it"
    shown = [person(each) for each in sorted(listed.members)[:MOST_MEMBERS]]
    more = len(listed.members) - len(shown)
    return f"; in it: {', '.join(shown)}{f' and {more} more' if more else ''}"


def _taken(revocation: Revocation, doors: Sequence[Door], now: datetime, person: Name) -> str:
    where = f" at {_where(revocation.door, doors)}" if revocation.door else ""
    day = revocation.at.astimezone(doors[0].hours.timezone)
    since = f"{day.day} {day:%B}{'' if day.year == now.astimezone(day.tzinfo).year else f' {day.year}'}"
    says = "doorbot.toml says" if is_group(revocation.who) else "doorbot.toml and user groups say"
    return f"{person(revocation.who)}: revoked{where} by {person(revocation.by)} on {since}, whatever {says}"


def _source(right: Grant, person: Name) -> str:
    return "named in doorbot.toml" if right.is_from_file else f"granted by {person(right.by)}"


def _where(door_id: str, doors: Sequence[Door], every: str = "every door") -> str:
    """A door, every door, or the only one."""
    named = _named(door_id, doors)
    if named is None and door_id:
        return door_id  # a door that is no more
    return the(named or doors[0]) if named or len(doors) == 1 else every


def _named(door_id: str, doors: Sequence[Door]) -> Door | None:
    return next((door for door in doors if door.id == door_id), None)


def _until(right: Grant, doors: Sequence[Door], now: datetime) -> str:
    """Until when, in the time of the right's door, or of the office's first."""
    timezone = (_named(right.door, doors) or doors[0]).hours.timezone
    return f", until {describe_end(right.until, timezone, now)}" if right.until else ""
