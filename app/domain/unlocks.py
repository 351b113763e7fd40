"""Unlocks: how long one lasts, and why it is shortened or refused."""

import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from app.domain.durations import parse_duration, parse_until
from app.domain.errors import InvalidInput
from app.domain.plain_text import NO_MARKUP

DAY = timedelta(days=1)
MOST_RELEASES = 100
LONGEST_EXPECTED = 80
COUNTED = re.compile(r"(?:(?P<once>once)|next (?P<number>[0-9]{1,4}))(?: +(?P<when>.*)|$)", re.ASCII | re.IGNORECASE)
FOR_SOMEBODY = re.compile(r"\bfor <@(?P<id>[UW][A-Z0-9]+)(?:\|[^>]*)?>", re.ASCII)


@dataclass(frozen=True, slots=True)
class Unlock:
    """A period in which rings are released; half-open, aware UTC. `left` counts releases; None: every ring.

    `tell` is who is told at the first release that `expecting` is there; "" where nobody is, or has been told.
    """

    by: str
    starts_at: datetime
    ends_at: datetime
    left: int | None = None
    expecting: str = ""
    tell: str = ""

    def is_active(self, now: datetime) -> bool:
        """Whether a ring at `now` is released."""
        return self.starts_at <= now < self.ends_at and self.left != 0


class Bound(StrEnum):
    """Why an unlock ends earlier than was asked."""

    CLOSING = "closing"
    LONGEST = "longest"


@dataclass(frozen=True, slots=True)
class Terms:
    """How long unlocks last in this office: unless asked otherwise, and at most."""

    unlock_for: timedelta
    unlock_max: timedelta


@dataclass(frozen=True, slots=True)
class Asked:
    """What was asked for: until when ("", "for 2h", "until 14:00"), how many releases, what is expected, by whom."""

    when: str = ""
    releases: int | None = None
    expecting: str = ""
    tell: str = ""


@dataclass(frozen=True, slots=True)
class Plan:
    """When an unlock that was asked for will end, and what bounded it."""

    ends_at: datetime
    bound: Bound | None


def parse_asked(text: str, asker: str) -> Asked:
    """Take apart "once", "next 3 until 14:00", "once expecting DoorDash for @ana"; who expects is `asker` or named."""
    what, word, expected = text.partition("expecting")
    named = FOR_SOMEBODY.search(expected)
    expected = " ".join(FOR_SOMEBODY.sub("", expected).translate(NO_MARKUP).split())[:LONGEST_EXPECTED]
    if word and not expected:
        raise InvalidInput("Expecting what? Try `once expecting DoorDash` or `once expecting DoorDash for @ana`.")
    tell = "" if not word else named["id"] if named else asker
    counted = COUNTED.match(what.strip())
    if counted is None:
        return Asked(what.strip(), None, expected, tell)
    releases = 1 if counted["once"] else int(counted["number"])
    if not 1 <= releases <= MOST_RELEASES:
        raise InvalidInput(f"“next” takes a number from 1 to {MOST_RELEASES}. Try `next 3`.")
    return Asked(counted["when"] or "", releases, expected, tell)


def asked_end(text: str, terms: Terms, closing: datetime, now: datetime, timezone: ZoneInfo) -> datetime:
    """When an unlock asked for with `text` ("", "for 2h", "until 14:00") would end; InvalidInput if unreadable."""
    word, _, rest = text.strip().partition(" ")
    if not word:
        return now + terms.unlock_for
    if word.lower() != "until":
        return now + parse_duration(rest if word.lower() == "for" else text)
    next_day = now.astimezone(timezone) + DAY  # by the wall clock: a day may have 23 or 25 hours
    today, tomorrow = (parse_until(rest, day, timezone) for day in (now, next_day))
    over_midnight = today <= now < tomorrow <= min(closing, now + terms.unlock_max)  # at 23:00, "until 02:00"
    return tomorrow if over_midnight else today


def bounded(ends_at: datetime, terms: Terms, closing: datetime, now: datetime) -> Plan:
    """An unlock ends when asked, at closing time, or when the longest allowed is over: the earliest counts."""
    earliest, bound = min((closing, Bound.CLOSING), (now + terms.unlock_max, Bound.LONGEST))
    return Plan(earliest, bound) if earliest < ends_at else Plan(ends_at, None)
