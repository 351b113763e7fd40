"""A visit: one call, from its ring to its outcome."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

LOST_AFTER = timedelta(minutes=10)  # nobody reported the end of the call
REMEMBERED_FOR = timedelta(days=30)  # so long a repeated webhook of a call that is over is recognised


class VisitState(StrEnum):
    """Where a visit stands."""

    HELD = "held"  # hosts are asked, or a code may be keyed
    RELEASED = "released"
    DENIED = "denied"
    TURNED_AWAY = "turned_away"
    FORWARDED = "forwarded"
    ANSWERED = "answered"
    UNANSWERED = "unanswered"


WAITING = (VisitState.HELD, VisitState.FORWARDED)


@dataclass(frozen=True, slots=True)
class Visit:
    """One call. `id` is Twilio's CallSid; `ended_at` is set once the call is over.

    `reason` is why it was decided so at the ring; `by` (a person, a telephone, a code's name) and `decided_at` tell of
    a later decision. `keyed` are the digits of a code that is being keyed, veiled: fewer than six, and gone with the
    sixth; `keyed_at`: when the last of them came. `heard`: a tone that somebody decided on later was given to the call.
    `unlocked_until`: whoever let the visitor in unlocked the door as well. `left_out`: telephones that picked up
    without anybody there who pressed a key.
    """

    id: str
    started_at: datetime
    state: VisitState
    reason: str
    ended_at: datetime | None = None
    held_until: datetime | None = None
    is_asked: bool = False
    is_confirmed: bool = False
    keyed: str = ""
    by: str = ""
    decided_at: datetime | None = None
    tone: str = ""
    heard: bool = False
    unlocked_until: datetime | None = None
    left_out: tuple[str, ...] = ()
    keyed_at: datetime | None = None

    @property
    def due_at(self) -> datetime:
        """When this record is to be looked at again: to close it as lost, or to forget it."""
        return self.started_at + LOST_AFTER if self.ended_at is None else self.ended_at + REMEMBERED_FOR

    @property
    def is_over(self) -> bool:
        return self.ended_at is not None

    @property
    def is_waiting(self) -> bool:
        """Nobody has been reached yet, and the visitor is still there."""
        return self.state in WAITING and not self.is_over

    @property
    def is_held(self) -> bool:
        return self.state is VisitState.HELD and not self.is_over

    @property
    def story(self) -> tuple[VisitState, str, bool]:
        """What the message about this visit depends on."""
        return self.state, self.by, (self.is_over and self.state in WAITING) or self.missed_the_tone

    @property
    def missed_the_tone(self) -> bool:
        """Somebody decided to let the visitor in, and the call ended before it could be told."""
        return self._is_unheard and self.is_over

    @property
    def awaits_the_tone(self) -> bool:
        """Somebody decided to let the visitor in, and the call has not been told yet."""
        return self._is_unheard and not self.is_over

    @property
    def _is_unheard(self) -> bool:
        return self.state is VisitState.RELEASED and self.decided_at is not None and not self.heard

    def moved(self, state: VisitState, **changes: Any) -> "Visit":
        return replace(self, state=state, keyed="", keyed_at=None, **changes)

    def decided(self, state: VisitState, by: str, now: datetime, **changes: Any) -> "Visit":
        """Somebody decided what the rules had left to a human."""
        return self.moved(state, by=by, decided_at=now, **changes)

    def undecided(self) -> "Visit":
        """What was decided does not count any more."""
        return replace(self, by="", decided_at=None, tone="", heard=False, unlocked_until=None)

    def ended(self, now: datetime) -> "Visit":
        return replace(self, ended_at=now, keyed="", keyed_at=None)
