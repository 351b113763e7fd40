"""A visit: one call, from its ring to its outcome."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

LOST_AFTER = timedelta(minutes=10)  # nobody reported the end of the call
REMEMBERED_FOR = timedelta(days=30)  # so long a repeated webhook of a call that is over is recognised


class VisitState(StrEnum):
    """Where a visit stands."""

    RELEASED = "released"
    DENIED = "denied"
    FORWARDED = "forwarded"
    ANSWERED = "answered"
    UNANSWERED = "unanswered"


@dataclass(frozen=True, slots=True)
class Visit:
    """One call. `id` is Twilio's CallSid; `ended_at` is set once the call is over."""

    id: str
    started_at: datetime
    state: VisitState
    reason: str
    ended_at: datetime | None = None

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
        return self.state is VisitState.FORWARDED and not self.is_over

    def moved(self, state: VisitState) -> "Visit":
        return replace(self, state=state)

    def ended(self, now: datetime) -> "Visit":
        return replace(self, ended_at=now)
