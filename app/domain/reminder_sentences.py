"""Reminders and extensions in plain words."""

from datetime import datetime, timedelta

from app.domain.doors import Door
from app.domain.hours import local_clock
from app.domain.notices import Button
from app.domain.outcomes import Extended
from app.domain.phrases import mention, start, the
from app.domain.reminders import name_of
from app.domain.unlocks import Bound, Plan, Unlock

WHY = {Bound.CLOSING: "closing time", Bound.LONGEST: "the longest that is allowed"}
MINUTE = timedelta(minutes=1)


def reminder(unlock: Unlock, more: Plan | None, door: Door, now: datetime) -> tuple[str, tuple[Button, ...]]:
    """What the owner of an unlock is told before it ends; `more` is what can be offered."""
    ends = local_clock(unlock.ends_at, door.hours.timezone, now)
    minutes = -(-(unlock.ends_at - now) // MINUTE)
    text = f"{start(the(door))} locks by itself in {minutes} {'minute' if minutes == 1 else 'minutes'}, at {ends}."
    lock = Button("lock", door.id, "Lock now")
    if more is None:
        return f"{text} It can't stay unlocked for longer.", (lock,)
    label = "30 more minutes"
    if more.bound:
        label = f"Until {local_clock(more.ends_at, door.hours.timezone, now)} ({WHY[more.bound]})"
    return text, (Button("extend", f"{door.id} {name_of(unlock)}", label, "primary"), lock)


def extended(outcome: Extended, now: datetime) -> str:
    """The answer to *30 more minutes*."""
    why = f" ({WHY[outcome.bound]})" if outcome.bound else ""
    return f"{start(the(outcome.door))} stays unlocked until {_until(outcome, now)}{why}. Every ring is released."


def announcement(outcome: Extended, actor: str, now: datetime) -> str:
    """What the door's channel is told of it."""
    return f"{mention(actor)} extended the unlock of {the(outcome.door)} until {_until(outcome, now)}."


def nothing_to_extend(door: Door) -> str:
    """Where that unlock has ended."""
    return f"That unlock of {the(door)} is over already. To unlock it again, try {_again(door)}."


def no_longer(unlock: Unlock, door: Door, now: datetime) -> str:
    """Where hours and limits leave no more time."""
    until = local_clock(unlock.ends_at, door.hours.timezone, now)
    return (
        f"{start(the(door))} is unlocked until {until}, and can't stay unlocked for longer. Later try {_again(door)}."
    )


def _again(door: Door) -> str:
    return f"`/frontdoor unlock {door.id} for 30m`"


def _until(outcome: Extended, now: datetime) -> str:
    return local_clock(outcome.unlock.ends_at, outcome.door.hours.timezone, now)
