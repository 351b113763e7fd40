"""A door: what the office says about it, and what is in force at it now."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum

from app.domain.durations import describe_duration
from app.domain.hours import Hours
from app.domain.tones import STANDARD, ToneProfile
from app.domain.unlocks import Unlock

EXPECTED_LATE = timedelta(hours=3)  # so late what was expected may still come
LEFT_FOR_TELEPHONES = timedelta(seconds=27)  # of the intercom's patience: a last poll, a ring, a whisper, a farewell
WITHHELD = "withheld"  # in `intercoms`: a caller who hides the number


class AfterHours(StrEnum):
    """What happens to a ring outside working hours."""

    FORWARD = "forward"
    ASK = "ask"
    CLOSED = "closed"


@dataclass(frozen=True, eq=False)
class Door:
    """A way in that DoorBot can release, as `doorbot.toml` describes it. Numbers are E.164.

    `admins` and `hosts` are those of this door only, beside the office's.
    """

    id: str
    name: str
    number: str
    release: str
    hours: Hours
    intercoms: tuple[str, ...] = ()
    forward_to: tuple[str, ...] = ()
    channel: str = ""
    notices: str = "digest"
    report: str = "none"
    greeting: str = ""
    language: str = "en-US"
    sentences: Mapping[str, str] = field(default_factory=dict)
    after_hours: AfterHours = AfterHours.FORWARD
    ask_for: timedelta = timedelta(seconds=25)
    patience: timedelta = timedelta(seconds=55)
    tone: ToneProfile = STANDARD
    admins: frozenset[str] = frozenset()
    hosts: frozenset[str] = frozenset()
    silence: int | str = "auto"  # working days without a ring until somebody is told; or "auto", or "never"

    def release_digits(self, profile: ToneProfile) -> str:
        """The digits that release this door; `w` is half a second (twilio.com/docs/voice/twiml/play)."""
        gap = "w" * round(profile.gap * 2)
        return "w" * round(profile.lead_in * 2) + gap.join([self.release] * profile.repeats)

    @property
    def hold(self) -> timedelta:
        """How long a visitor is held while hosts are asked; they can still answer while the telephones ring.

        Where patience is short the telephones ring soon, so that the visitor does not go before they have rung.
        """
        return min(self.ask_for, max(timedelta(), self.patience - LEFT_FOR_TELEPHONES))

    def hold_warning(self) -> str:
        """What to say where visitors are not held as long as `ask_for` asks; "" otherwise."""
        if self.hold >= self.ask_for:
            return ""
        held, patience = describe_duration(self.hold), describe_duration(self.patience)
        return (
            f"doors.{self.id}: visitors are held for {held} only, so that telephones can ring within the patience of "
            f"{patience}. Set a shorter ask_for, or a longer patience if the intercom has it."
        )

    @property
    def untold(self) -> bool:
        """Whether a report is asked for, and there is nobody to tell it to."""
        return self.report != "none" and not self.channel

    def accepts(self, caller: str) -> bool:
        """Whether `caller` (E.164 or "withheld") is one of this door's intercoms."""
        return not self.intercoms or caller in self.intercoms


@dataclass(frozen=True, slots=True)
class Lockdown:
    """Nothing releases the door until an admin lifts it, or until `ends_at`."""

    by: str
    since: datetime
    why: str = ""
    ends_at: datetime | None = None
    number: int = 0  # of the declaration for every door that it belongs to


@dataclass(frozen=True)
class DoorState:
    """What is in force at one door; the absent record is the empty state: locked."""

    unlocks: tuple[Unlock, ...] = ()
    lockdown: Lockdown | None = None  # what was declared last: whether it holds is for `lockdown_at` to say
    settled: int = 0  # up to this number declarations for every door are carried out here, or overruled

    @property
    def due_at(self) -> datetime | None:
        """When the end of a lockdown is to be told."""
        return self.lockdown.ends_at if self.lockdown else None

    def lockdown_at(self, now: datetime) -> Lockdown | None:
        """The lockdown that holds at `now`."""
        is_over = self.lockdown is None or (self.lockdown.ends_at is not None and now >= self.lockdown.ends_at)
        return None if is_over else self.lockdown

    def active_unlock(self, now: datetime) -> Unlock | None:
        """The unlock that would release a ring at `now`: a counted one, the oldest first, only where no other would."""
        if not self.unlocks:
            return None
        active = [unlock for unlock in self.unlocks if unlock.is_active(now)]
        counted = (unlock for unlock in active if unlock.left is not None)
        of_every_ring = (unlock for unlock in active if unlock.left is None)
        longest = max(of_every_ring, key=lambda unlock: unlock.ends_at, default=None)
        return longest or min(counted, key=lambda unlock: unlock.starts_at, default=None)

    def longest_unlock(self, now: datetime) -> Unlock | None:
        """The unlock of every ring that ends last, if one is still to end: also one that began a moment after `now`."""
        running = (unlock for unlock in self.unlocks if now < unlock.ends_at and unlock.left is None)
        return max(running, key=lambda unlock: unlock.ends_at, default=None)

    def with_unlock(self, unlock: Unlock, now: datetime) -> "DoorState":
        """The state with a new unlock beside those that are still to end."""
        return replace(self, unlocks=(*(each for each in self.unlocks if now < each.ends_at), unlock))

    def recently_expected(self, now: datetime) -> str:
        """What was expected until a while ago and may have come now, "" for nothing."""
        return ", ".join(
            each.expecting
            for each in self.unlocks
            if each.expecting and each.tell and each.ends_at <= now < each.ends_at + EXPECTED_LATE
        )

    def within(self, before: Hours, after: Hours, now: datetime) -> tuple["DoorState", tuple[Unlock, ...]]:
        """The state when working hours become other ones, and the unlocks that this shortens: none outlasts closing."""
        was, period = before.period_at(now), after.period_at(now)
        closing = period.ends_at if period else now
        shortened = tuple(
            replace(each, ends_at=closing)
            for each in self.unlocks
            if was and now < each.ends_at <= was.ends_at and closing < each.ends_at
        )
        if not shortened:
            return self, ()
        kept = (replace(each, ends_at=min(each.ends_at, closing)) for each in self.unlocks)
        return replace(self, unlocks=tuple(each for each in kept if now < each.ends_at)), shortened

    def after_release(self, now: datetime, *, by_unlock: bool = True) -> tuple["DoorState", tuple[Unlock, ...]]:
        """The state after a ring was released at `now`, and the unlocks whose expectant is to be told of it."""
        used = self.active_unlock(now) if by_unlock else None
        expected = tuple(each for each in self.unlocks if each.tell and each.is_active(now))
        if not expected and (used is None or used.left is None):
            return self, ()
        unlocks = (
            replace(each, tell="", left=each.left - 1 if each is used and each.left is not None else each.left)
            if each is used or each in expected
            else each
            for each in self.unlocks
        )
        return replace(self, unlocks=tuple(each for each in unlocks if each.left != 0)), expected
