"""Access codes: what a visitor may key in while being held, and how often somebody may guess.

The mathematics: a code has six digits, so a guess at `k` live codes is right with a chance of k in a million, and
1,000/k guesses are right with a chance of one in a thousand. No more than 20 wrong tries are looked at in any 24 hours
(and no more than 5 in any hour). For that chance a guesser at the panel needs 50 days where one code is live all the
time, 5 days where ten are, and two and a half where there are the 20 that a door can have.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum
from hmac import compare_digest
from itertools import pairwise

from app.domain.doors import Door
from app.domain.hours import Hours

CODE_DIGITS = 6
GOOD_AFTER_USE = timedelta(minutes=5)  # doors fail to open the first time
MOST_CODES = 20
TOLD_EVERY = timedelta(hours=24)
LIMITS = ((5, timedelta(hours=1)), (20, timedelta(hours=24)))  # so many wrong tries within that time lock codes out
MOST_TRIES, LONGEST_LIMIT = LIMITS[-1]

Hashes = Mapping[str, str]  # of what was keyed at a door: a hash for the id of each key


def is_code(digits: str) -> bool:
    """Whether this could be a code at all. What could not is no guess: nothing is counted for it."""
    return len(digits) == CODE_DIGITS and digits.isascii() and digits.isdigit()


def is_trivial(digits: str) -> bool:
    """Codes that people try first, and that are never issued: 000000, 123456, 987654 and the like, 30 in all."""
    steps = {(int(after) - int(before)) % 10 for before, after in pairwise(digits)}
    return steps <= {0} or steps == {1} or steps == {9}


@dataclass(frozen=True, slots=True)
class AccessCode:
    """A code of one door, known by its name; `hash` is made with the key `key_id`. Times are aware UTC.

    `uses_left` is None where uses are not counted; `used_at` is the last use that counted.
    """

    name: str
    hash: str = field(repr=False)
    key_id: str
    by: str
    issued_at: datetime
    expires_at: datetime
    any_hour: bool = False
    uses_left: int | None = None
    used_at: datetime | None = None

    def was_just_used(self, now: datetime) -> bool:
        """Whether a use at `now` belongs to the one before: it is not counted again."""
        return self.used_at is not None and now < self.used_at + GOOD_AFTER_USE

    def is_live(self, now: datetime) -> bool:
        """Whether there is still something to be had of it, now or in working hours."""
        return (now < self.expires_at and self.uses_left != 0) or self.was_just_used(now)

    def counts(self, hours: Hours, now: datetime) -> bool:
        """Whether it releases the door at `now`."""
        return self.is_live(now) and (self.any_hour or hours.is_open(now))

    def used(self, now: datetime) -> "AccessCode":
        """What it is after a use; the same where that is not counted."""
        if self.was_just_used(now):
            return self
        return replace(self, used_at=now, uses_left=None if self.uses_left is None else self.uses_left - 1)

    def matches(self, hashes: Hashes) -> bool:
        return compare_digest(self.hash, hashes.get(self.key_id, ""))


@dataclass(frozen=True, slots=True)
class DoorCodes:
    """The codes of one door; expired ones stay until the next is issued."""

    codes: tuple[AccessCode, ...] = ()

    def live(self, now: datetime) -> tuple[AccessCode, ...]:
        return tuple(code for code in self.codes if code.is_live(now))

    def named(self, name: str, now: datetime) -> AccessCode | None:
        """The live code of this name, in whatever letters it is written."""
        return next((code for code in self.live(now) if code.name.casefold() == name.casefold()), None)

    def with_code(self, code: AccessCode, now: datetime) -> "DoorCodes":
        return DoorCodes((*self.live(now), code))

    def without(self, code: AccessCode) -> "DoorCodes":
        return DoorCodes(tuple(each for each in self.codes if each is not code))

    def after_use(self, code: AccessCode, now: datetime) -> "DoorCodes":
        """The same codes after one of them was used; this very record where that is not counted."""
        after = code.used(now)
        return self if after is code else DoorCodes(tuple(after if each is code else each for each in self.codes))


def is_live(codes: DoorCodes | None, door: Door, now: datetime) -> bool:
    """Whether the door has a code that would release it at `now`: only then a visitor is given time to key one in."""
    return codes is not None and any(code.counts(door.hours, now) for code in codes.codes)


@dataclass(frozen=True, slots=True)
class WrongTries:
    """When wrong codes were keyed at a door, oldest first: as many as still matter.

    `told_at`: when its channel was last told of a lockout.
    """

    times: tuple[datetime, ...] = ()
    told_at: datetime | None = None

    def lockout_ends(self, now: datetime) -> datetime | None:
        """Until when no code is looked at; None where they are."""
        ends = (self.times[-number] + within for number, within in LIMITS if len(self.times) >= number)
        return max((end for end in ends if now < end), default=None)

    def with_wrong(self, now: datetime) -> "WrongTries":
        recent = sorted((*(at for at in self.times if now < at + LONGEST_LIMIT), now))  # clocks of machines differ
        return replace(self, times=tuple(recent[-MOST_TRIES:]))


class CodeResult(StrEnum):
    """What came of keying a code; the reason in the audit log."""

    RIGHT = "code"
    WRONG = "wrong_code"
    LOCKED_OUT = "lockout"


@dataclass(frozen=True, slots=True)
class CodeTry:
    """What came of it, and the door's two records after it: the very same ones where nothing changed.

    `code` is the right one, as it was before this use. `locked_out`: this try was one too many; `tell`: the channel is
    to be told of that, which it is once a day at most.
    """

    result: CodeResult
    codes: DoorCodes
    tries: WrongTries
    code: AccessCode | None = None
    locked_out: bool = False
    tell: bool = False


def try_code(door: Door, codes: DoorCodes, tries: WrongTries, hashes: Hashes, now: datetime) -> CodeTry:
    """Somebody keyed a code with these `hashes`. In a lockout it is not even looked at, and nothing changes."""
    if tries.lockout_ends(now):
        return CodeTry(CodeResult.LOCKED_OUT, codes, tries)
    matching = [
        code for code in codes.codes if code.matches(hashes)
    ]  # compares them all: the time it takes says nothing
    if right := next((code for code in matching if code.counts(door.hours, now)), None):
        return CodeTry(CodeResult.RIGHT, codes.after_use(right, now), tries, right)
    after = tries.with_wrong(now)
    locked_out = after.lockout_ends(now) is not None
    tell = locked_out and (tries.told_at is None or now >= tries.told_at + TOLD_EVERY)
    after = replace(after, told_at=now) if tell else after
    return CodeTry(CodeResult.WRONG, codes, after, locked_out=locked_out, tell=tell)
