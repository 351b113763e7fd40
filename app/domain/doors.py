"""A door: what the office says about it, and what is in force at it now."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

from app.domain.schedules import Hours
from app.domain.unlocks import Unlock

WITHHELD = "withheld"  # in `intercoms`: a caller who hides the number


class AfterHours(StrEnum):
    """What happens to a ring outside working hours."""

    FORWARD = "forward"
    ASK = "ask"
    CLOSED = "closed"


@dataclass(frozen=True, slots=True)
class ToneProfile:
    """How the release key is sent: seconds before it, how often, seconds between, seconds before hang-up."""

    lead_in: float = 1.0
    repeats: int = 2
    gap: float = 1.0
    trailing_silence: int = 2


@dataclass(frozen=True, eq=False)
class Door:
    """A way in that DoorBot can release, as `doorbot.toml` describes it. Numbers are E.164."""

    id: str
    name: str
    number: str
    release: str
    hours: Hours
    intercoms: tuple[str, ...] = ()
    forward_to: tuple[str, ...] = ()
    channel: str = ""
    notices: str = "digest"
    greeting: str = ""
    language: str = "en-US"
    sentences: Mapping[str, str] = field(default_factory=dict)
    after_hours: AfterHours = AfterHours.FORWARD
    ask_for: timedelta = timedelta(seconds=25)
    patience: timedelta = timedelta(seconds=55)
    tone: ToneProfile = ToneProfile()

    def release_digits(self) -> str:
        """The digits that release this door; `w` is half a second (twilio.com/docs/voice/twiml/play)."""
        gap = "w" * round(self.tone.gap * 2)
        return "w" * round(self.tone.lead_in * 2) + gap.join([self.release] * self.tone.repeats)

    def accepts(self, caller: str) -> bool:
        """Whether `caller` (E.164 or "withheld") is one of this door's intercoms."""
        return not self.intercoms or caller in self.intercoms


@dataclass(frozen=True)
class DoorState:
    """What is in force at one door; the absent record is the empty state: locked."""

    unlocks: tuple[Unlock, ...] = ()

    def active_unlock(self, now: datetime) -> Unlock | None:
        """The unlock that would release a ring at `now`."""
        return next((unlock for unlock in self.unlocks if unlock.is_active(now)), None)

    def longest_unlock(self, now: datetime) -> Unlock | None:
        """The unlock that ends last, if one is still to end: also one that began a moment after `now`."""
        running = (unlock for unlock in self.unlocks if now < unlock.ends_at)
        return max(running, key=lambda unlock: unlock.ends_at, default=None)
