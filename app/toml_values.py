"""The kinds of value that stand in `doorbot.toml`. Each reader takes a TOML value, and raises InvalidInput."""

import math
import re
from collections.abc import Callable, Container
from datetime import date, timedelta
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

from app.domain.doors import WITHHELD
from app.domain.durations import parse_duration
from app.domain.errors import InvalidInput
from app.domain.tones import LENGTHS_MS, LEVELS_DB

T = TypeVar("T")

LONGEST_TEXT = 500
AUTO: int | str = "auto"
SILENT_DAYS = range(1, 61)
MOST_TELEPHONES = 10  # twilio.com/docs/voice/twiml/number
E164 = re.compile(r"\+[1-9][0-9]{6,14}", re.ASCII)
PERSON = re.compile(r"[UWS][A-Z0-9]{2,}", re.ASCII)
CHANNEL = re.compile(r"[CG][A-Z0-9]{2,}", re.ASCII)
WORKSPACE = re.compile(r"[TE][A-Z0-9]{2,}", re.ASCII)
UNSPEAKABLE = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")  # what no XML document can hold
RELEASE_KEY = re.compile(r"[0-9*#]", re.ASCII)
MOMENT = re.compile(r"([0-9]{1,6}(?:\.[0-9]{1,3})?) ?(ms|s)", re.ASCII)


def text(value: Any) -> str:
    if not isinstance(value, str) or len(value) > LONGEST_TEXT or UNSPEAKABLE.search(value):
        raise InvalidInput(f"must be a text of at most {LONGEST_TEXT} characters, without control characters")
    return value


def matching(pattern: re.Pattern[str], wanted: str) -> Callable[[Any], str]:
    """A reader of texts of one form; `wanted` says which, with an example."""

    def read(value: Any) -> str:
        if not isinstance(value, str) or not pattern.fullmatch(value):
            raise InvalidInput(f"must be {wanted}")
        return value

    return read


def one_of(words: tuple[str, ...]) -> Callable[[Any], str]:
    """A reader of one of these words."""

    def read(value: Any) -> str:
        if not isinstance(value, str) or value not in words:
            raise InvalidInput("must be one of " + ", ".join(f'"{word}"' for word in words))
        return str(value)

    return read


def list_of(item: Callable[[Any], T]) -> Callable[[Any], tuple[T, ...]]:
    """A reader of lists of what `item` reads."""

    def read(value: Any) -> tuple[T, ...]:
        if not isinstance(value, list):
            raise InvalidInput("must be a list")
        return tuple(item(each) for each in value)

    return read


def whole(allowed: range, example: int) -> Callable[[Any], int]:
    """A reader of whole numbers."""

    def read(value: Any) -> int:
        if type(value) is not int or value not in allowed:
            raise InvalidInput(f"must be a whole number from {allowed[0]} to {allowed[-1]}, such as {example}")
        return value

    return read


telephone = matching(E164, "a number such as +12125550100")
people = list_of(matching(PERSON, "Slack ids such as U0HOST001 (a person) or S0RECEPTION (a user group)"))
channel = matching(CHANNEL, "a channel's id such as C0FRONTDOOR")
workspace = matching(WORKSPACE, "a workspace's id such as T0OFFICE1, or an organisation's (E…)")


def duration(value: Any) -> timedelta:
    return parse_duration(text(value))


def intercom(value: Any) -> str:
    return WITHHELD if value == WITHHELD else matching(E164, 'numbers such as "+12125550199", or "withheld"')(value)


def telephones(value: Any) -> tuple[str, ...]:
    """Whom a call can be forwarded to. There must be somebody: whoever is not let in reaches a human."""
    numbers = list_of(telephone)(value)
    if not 1 <= len(numbers) <= MOST_TELEPHONES:
        raise InvalidInput(f"must name 1 to {MOST_TELEPHONES} telephones, so that every visitor can reach a human")
    return numbers


def release_key(value: Any) -> str:
    return matching(RELEASE_KEY, 'a single key such as "9"')(str(value) if type(value) is int else value)


repeats = whole(range(1, 6), 2)
level = whole(LEVELS_DB, -10)


def silence(value: Any) -> int | str:
    """After how many working days without a ring somebody is told."""
    if value in ("auto", "never"):
        return str(value)
    if type(value) is not int or value not in SILENT_DAYS:
        days = f"a whole number of working days from {SILENT_DAYS[0]} to {SILENT_DAYS[-1]}, such as 3"
        raise InvalidInput(f'must be "auto", "never" or {days}')
    return value


def lead_in(value: Any) -> float:
    return _milliseconds(value, range(0, 5001, 500), '0 to 5 s in steps of half a second, such as "1.5s"') / 1000


def gap(value: Any) -> float:
    return _milliseconds(value, range(500, 3001, 500), '0.5 to 3 s in steps of half a second, such as "1.5s"') / 1000


def trailing_silence(value: Any) -> int:
    return _milliseconds(value, range(1000, 10_001, 1000), '1 to 10 whole seconds, such as "2s"') // 1000


def tone_length(value: Any) -> int:
    """In milliseconds; 0: the digits that Twilio sounds."""
    bounds = f"{LENGTHS_MS[0]} to {LENGTHS_MS[-1]} ms"
    return _milliseconds(value, {0, *LENGTHS_MS}, f'{bounds}, such as "500ms", or 0 for the digits that Twilio sounds')


def _milliseconds(value: Any, allowed: Container[float], wanted: str) -> int:
    """A moment: a text such as "500ms" or "1.5s", or a number of seconds."""
    match = MOMENT.fullmatch(value) if isinstance(value, str) else None
    if match:
        milliseconds = float(match[1]) * (1 if match[2] == "ms" else 1000)
    else:
        milliseconds = value * 1000 if type(value) in (int, float) else math.nan
    if round(milliseconds, 6) not in allowed:
        raise InvalidInput(f"must be {wanted}")
    return round(milliseconds)


def timezone(value: Any) -> ZoneInfo:
    try:
        return ZoneInfo(text(value))
    except (KeyError, ValueError, OSError):  # zoneinfo raises each of these for a wrong name
        raise InvalidInput('is no timezone; example: "America/New_York"') from None


def day(value: Any) -> date:
    """A date, written as TOML's own or as a text."""
    try:
        return date.fromisoformat(value) if isinstance(value, str) else date(value.year, value.month, value.day)
    except (ValueError, AttributeError):
        raise InvalidInput('must be dates such as "2026-12-24"') from None
