"""Lockdowns: what is asked for, which of two counts, and the declarations that concern every door."""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from app.domain.audit import Action, Source
from app.domain.doors import DoorState, Lockdown
from app.domain.durations import parse_duration, parse_until
from app.domain.errors import InvalidInput
from app.domain.plain_text import NO_MARKUP

LONGEST_WHY = 200
MOST_WORDS = 6  # of a time or a length of time: "for 1 hour and 30 minutes" has no more
DAY = timedelta(days=1)
UNTIL_LIFTED = "until lifted"  # what follows is why, whatever it sounds like


@dataclass(frozen=True, slots=True)
class LockdownTerms:
    """Why, and until when: None until it is lifted. `unread`: a time was meant, and could not be read."""

    why: str
    ends_at: datetime | None = None
    unread: bool = False


@dataclass(frozen=True, slots=True)
class Declaration:
    """A lockdown of every door, or its end, which is carried out door by door; a later one has a higher `number`.

    `pending` are the doors where it has not been carried out yet. `is_over`: its end by the clock has been told.
    """

    number: int
    action: Action
    by: str
    source: Source
    at: datetime
    why: str = ""
    ends_at: datetime | None = None
    pending: tuple[str, ...] = ()
    is_over: bool = False

    @property
    def lockdown(self) -> Lockdown:
        """What is in force at each door then."""
        return Lockdown(self.by, self.at, self.why, self.ends_at, self.number)

    def has_ended(self, now: datetime) -> bool:
        """Whether its time has come, and nobody has been told so."""
        is_timed = self.action is Action.LOCK_DOWN and self.ends_at is not None and not self.is_over
        return is_timed and self.ends_at is not None and now >= self.ends_at


@dataclass
class Progress:
    """How far a declaration was carried out; `kept`: the doors that were in a lockdown which lasts longer.

    `unconfirmed`: of some of it no copy of the store has said in time that it has it.
    """

    done: list[str] = field(default_factory=list)
    failed: list[str] = field(default_factory=list)
    kept: list[str] = field(default_factory=list)
    unconfirmed: bool = False

    def left(self, declaration: Declaration) -> list[str]:
        """The doors that are left; those that failed come last, so that they don't hold up the others."""
        untried = [each for each in declaration.pending if each not in self.done and each not in self.failed]
        return untried + self.failed


def parse_terms(text: str, now: datetime, timezone: ZoneInfo) -> LockdownTerms:
    """Take apart "until 18:00 fire drill", "fire drill for 2h", "smoke".

    It never fails: a lockdown must not wait for somebody to find the right words, and holds rather too long.
    """
    words = text.split()
    if " ".join(words[:2]).lower() == UNTIL_LIFTED:
        return LockdownTerms(_why(words[2:]))
    for first, last in _spans(words):
        ends_at = _end(words[first].lower(), " ".join(words[first + 1 : last]), now, timezone)
        if ends_at and ends_at > now:
            return LockdownTerms(_why(words[:first] + words[last:]), ends_at)
    return LockdownTerms(_why(words), unread="until" in [word.lower() for word in words])


def _spans(words: list[str]) -> Iterator[tuple[int, int]]:
    """Where a time may be said: at the beginning, followed by why, or at the end; the longest first."""
    for at, word in enumerate(words):
        if word.lower() not in ("until", "for"):
            continue
        for last in range(min(len(words), at + 1 + MOST_WORDS), at + 1, -1):
            if at == 0 or last == len(words):
                yield at, last


def _end(word: str, when: str, now: datetime, timezone: ZoneInfo) -> datetime | None:
    """A time of day is the next such; None for what is none."""
    try:
        if word == "for":
            return now + parse_duration(when)
        day, _, clock = when.partition(" ")
        tomorrow = now.astimezone(timezone) + DAY  # by the wall clock: a day may have 23 or 25 hours
        if day.lower() == "tomorrow":
            return parse_until(clock, tomorrow, timezone)
        today = parse_until(when, now, timezone)
        return today if today > now else parse_until(when, tomorrow, timezone)
    except InvalidInput:
        return None


def _why(words: list[str]) -> str:
    return " ".join(words).translate(NO_MARKUP)[:LONGEST_WHY]


def stronger(running: Lockdown | None, asked: Lockdown) -> Lockdown:
    """The one that holds of two: a lockdown with an end never shortens one that is running."""
    if running is None or asked.ends_at is None or (running.ends_at is not None and running.ends_at < asked.ends_at):
        return asked
    return running


def locked_down(state: DoorState, lockdown: Lockdown | None, number: int) -> DoorState:
    """The state with this lockdown, or with none; the declarations up to `number` are settled at this door."""
    return replace(state, lockdown=lockdown, settled=max(state.settled, number))
