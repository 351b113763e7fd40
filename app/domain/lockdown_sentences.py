"""Lockdowns in plain words: what the asker, the channels and every host are told."""

from collections.abc import Sequence
from datetime import datetime

from app.domain.doors import Door, Lockdown
from app.domain.hours import local_clock
from app.domain.lockdowns import Declaration
from app.domain.outcomes import EveryDoor, Lifted, LockedDown
from app.domain.phrases import Name, mention, start, the

MOST_NAMED = 10
NOT_REACHED = "DoorBot's memory was not reached there in time, and I go on trying"
UNREAD = " I could not read until when. Say it like `/frontdoor lockdown until 18:00 fire drill`, or `for 2h`."
WHAT_TO_DO = " Whoever rings reaches a human by telephone; only an admin can lift it, with `/frontdoor lift`."


def sentence(outcome: LockedDown | Lifted | EveryDoor, now: datetime, person: Name) -> str:
    """What the asker is told."""
    if isinstance(outcome, EveryDoor):
        return _every_door(outcome, now)
    door = outcome.door
    if isinstance(outcome, Lifted):
        return (
            f"The lockdown of {the(door)} is over." if outcome.lockdown else f"{start(the(door))} was in no lockdown."
        )
    unread = UNREAD if outcome.unread else ""
    if outcome.kept:
        until = _until(outcome.lockdown, door, now) or " until an admin lifts it"
        by = person(outcome.lockdown.by)
        return f"{start(the(door))} is already in lockdown{until}, by {by}. That stays so: nothing releases it.{unread}"
    return f"{start(the(door))} is {_in_lockdown(outcome.lockdown, door, now, 'it')}{unread}"


def declared(door: Door, lockdown: Lockdown, now: datetime) -> str:
    """What the door's channel is told."""
    what = f"a lockdown of {the(door)}{_until(lockdown, door, now)}: nothing releases it."
    return f":rotating_light: {mention(lockdown.by)} declared {what}{_why(lockdown.why)}"


def declared_everywhere(declaration: Declaration, door: Door, now: datetime, *, is_zoned: bool) -> str:
    """What channels are told of a lockdown of every door; times are those of `door`."""
    until = _until(declaration.lockdown, door, now, is_zoned=is_zoned)
    what = f"a lockdown of every door{until}: nothing releases them."
    return f":rotating_light: {mention(declaration.by)} declared {what}{_why(declaration.why)}"


def lifted(door: Door, by: str) -> str:
    """What the door's channel and every host are told."""
    return f"{mention(by)} lifted the lockdown of {the(door)}."


def lifted_everywhere(by: str) -> str:
    return f"{mention(by)} lifted the lockdown of every door."


def ended(door: Door, lockdown: Lockdown) -> str:
    """What is told when the time of a lockdown has come."""
    return f"The lockdown of {the(door)} that {mention(lockdown.by)} declared is over: its time has come."


def ended_everywhere(declaration: Declaration, still: Sequence[Door]) -> str:
    """The same for every door, but those that are `still` in a lockdown of their own."""
    over = f"The lockdown of every door that {mention(declaration.by)} declared is over: its time has come."
    return f"{over} Another one is in force at {_named(still)}." if still else over


def status(door: Door, lockdown: Lockdown, now: datetime, person: Name) -> str:
    """What is in force."""
    since, until = local_clock(lockdown.since, door.hours.timezone, now), _until(lockdown, door, now)
    why = f": {lockdown.why}" if lockdown.why else ""
    return f"{start(the(door))} is in lockdown since {since}{until}, by {person(lockdown.by)}{why}."


def _every_door(outcome: EveryDoor, now: datetime) -> str:
    if outcome.lockdown:
        return _all_locked_down(outcome, outcome.lockdown, now)
    if not outcome.doors:
        return "No door was in lockdown."
    if outcome.pending:
        return f"The lockdown is over, but not yet at {_named(outcome.pending)}: {NOT_REACHED}."
    return f"The lockdown of {_named(outcome.doors) if len(outcome.doors) < outcome.of else 'every door'} is over."


def _all_locked_down(outcome: EveryDoor, lockdown: Lockdown, now: datetime) -> str:
    if outcome.pending:
        said = f"The lockdown is not in force yet at {_named(outcome.pending)}: {NOT_REACHED}. Every other door is "
    else:
        said = "Every door is "
    is_zoned = len({door.hours.timezone for door in outcome.doors}) > 1
    said += _in_lockdown(lockdown, outcome.doors[0], now, "them", is_zoned=is_zoned)
    if outcome.longer:
        said += f" It lasts longer already at {_named(outcome.longer)}: that stays so."
    return said + (UNREAD if outcome.unread else "")


def _in_lockdown(lockdown: Lockdown, door: Door, now: datetime, them: str, *, is_zoned: bool = False) -> str:
    if lockdown.ends_at is None:
        return f"in lockdown: nothing releases {them} until an admin types `/frontdoor lift`."
    until = _until(lockdown, door, now, is_zoned=is_zoned)
    return f"in lockdown{until}: nothing releases {them} before, unless an admin types `/frontdoor lift`."


def _until(lockdown: Lockdown, door: Door, now: datetime, *, is_zoned: bool = False) -> str:
    """The end in a door's local time; `is_zoned`: with its zone, where doors have several."""
    if lockdown.ends_at is None:
        return ""
    zone = f" ({door.hours.timezone.key})" if is_zoned else ""
    return f" until {local_clock(lockdown.ends_at, door.hours.timezone, now)}{zone}"


def _why(why: str) -> str:
    return f" Why: {why}." if why else ""


def _named(doors: Sequence[Door]) -> str:
    """A few doors by name, and how many more."""
    names = [the(door) for door in doors[:MOST_NAMED]]
    more = len(doors) - len(names)
    if more:
        return f"{', '.join(names)} and {more} more"
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"
