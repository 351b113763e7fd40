"""How long the telephones ring, so that all of a call ends before the intercom loses patience."""

from datetime import datetime, timedelta

from app.domain.doors import Door

ANNOUNCED = timedelta(seconds=4)  # "I am calling somebody": the longest of the four languages, and the way to Twilio
WHISPERED = timedelta(seconds=8)  # a telephone that was picked up hears a whisper, and has time to press a key
FAREWELL = timedelta(seconds=6)  # "Nobody can come"
SHORTEST_RING = timedelta(seconds=5)
POLLED = timedelta(seconds=4)  # a held call asks at least so often how to go on


def ring_for(door: Door, started_at: datetime, now: datetime, *, again: bool) -> timedelta:
    """How long the telephones may ring from `now` in a call that began at `started_at`; `again`: not announced."""
    announced = timedelta() if again else ANNOUNCED
    return started_at + door.patience - now - announced - WHISPERED - FAREWELL


def can_ring_again(door: Door, started_at: datetime, now: datetime) -> bool:
    """Whether a ring would still be worth it."""
    return ring_for(door, started_at, now, again=True) >= SHORTEST_RING


def can_announce(door: Door, started_at: datetime, now: datetime) -> bool:
    """Whether there is time to tell the visitor before the telephones ring."""
    return ring_for(door, started_at, now, again=False) >= SHORTEST_RING


def can_key_on(door: Door, started_at: datetime, now: datetime) -> bool:
    """Whether the telephones could still ring if a visitor who is keying a code in does not finish."""
    return can_ring_again(door, started_at, now + POLLED)


def can_whisper_again(door: Door, started_at: datetime, now: datetime) -> bool:
    """Whether somebody at a telephone can be asked once more for a key that means something."""
    return now + WHISPERED + FAREWELL <= started_at + door.patience
