"""Reminders: shortly before an unlock ends, its owner is asked whether it should last longer."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from app.domain.doors import Door, DoorState
from app.domain.errors import InvalidInput
from app.domain.phrases import is_person
from app.domain.unlocks import Plan, Terms, Unlock, bounded

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)

REMINDED_BEFORE = timedelta(minutes=10)
SHORTEST_REMINDED = timedelta(minutes=20)  # whoever unlocks for less need not be reminded
MORE = timedelta(minutes=30)
WORTHWHILE = timedelta(minutes=1)  # less is not offered


@dataclass(frozen=True, slots=True)
class Reminder:
    """`who` unlocked a door at `starts_at`, until `ends_at`."""

    who: str
    starts_at: datetime
    ends_at: datetime

    @property
    def due_at(self) -> datetime:
        return self.ends_at - REMINDED_BEFORE


def reminder_of(unlock: Unlock) -> Reminder | None:
    """The reminder of an unlock; None for a short one, for counted releases, and where nobody in Slack owns it."""
    lasts = unlock.ends_at - unlock.starts_at
    if unlock.left is not None or not is_person(unlock.by) or lasts < SHORTEST_REMINDED:
        return None
    return Reminder(unlock.by, unlock.starts_at, unlock.ends_at)


def unlock_of(state: DoorState, starts_at: datetime, who: str) -> Unlock | None:
    """The unlock of every ring that began then; of several that of `who`."""
    found = [each for each in state.unlocks if each.starts_at == starts_at and each.left is None]
    return next((each for each in found if each.by == who), found[0] if found else None)


def is_last(unlock: Unlock, state: DoorState, now: datetime) -> bool:
    """Whether the door will be locked when this unlock ends."""
    longest = state.longest_unlock(now)
    return longest is not None and longest.ends_at <= unlock.ends_at


def extension(ends_at: datetime, door: Door, terms: Terms, now: datetime) -> Plan | None:
    """Until when an unlock that ends at `ends_at` can last instead; None where nothing worthwhile is possible."""
    period = door.hours.period_at(now)
    if period is None:
        return None
    plan = bounded(ends_at + MORE, terms, period.ends_at, now)
    return plan if plan.ends_at >= ends_at + WORTHWHILE else None


def name_of(unlock: Unlock) -> str:
    """What a button calls an unlock, with the end that its message tells of: pressed twice, it asks for the same."""
    return " ".join(str((moment - EPOCH) // MICROSECOND) for moment in (unlock.starts_at, unlock.ends_at))


def named(text: str) -> tuple[datetime, datetime | None]:
    """The start of the unlock that a button names, and the end that was told. InvalidInput."""
    words = text.split()
    try:
        start, *rest = [EPOCH + int(word[:20]) * MICROSECOND for word in words]
    except (ValueError, OverflowError):
        raise InvalidInput("I don't know which unlock is meant. Try `/frontdoor unlock for 30m`.") from None
    return start, rest[0] if rest else None
