"""What was asked for when a code is issued: its name, and until when, how often and at which hours it is good."""

import re
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from app.domain.durations import DAY_MINUTES, clock_to_utc, parse_duration, parse_until, plain, quoted
from app.domain.errors import InvalidInput
from app.domain.hours import WEEKDAYS, Hours, local_clock

LONGEST_NAME = 40
LONGEST_DAYS = 366
MOST_USES = 100
MARKUP = frozenset("<>`*~")
BEGINS_A_CLAUSE = frozenset({"until", "for", "once", "at"})
EXAMPLE = "Try `code issue FedEx until friday`, `code issue FedEx for 2h` or `code issue FedEx for 3 uses`."
ISO_DATE = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)
DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class CodeTerms:
    """A code that was asked for. `expires_at` (aware UTC) may be past; `uses` is None where they are not counted."""

    name: str
    expires_at: datetime
    uses: int | None = None
    any_hour: bool = False


def parse_terms(text: str, hours: Hours, now: datetime) -> CodeTerms:
    """Take apart "UPS driver until friday", "FedEx for 3 uses at any hour", "FedEx once". Raises InvalidInput."""
    name, clauses = _clauses(text.split())
    ends: list[datetime] = []
    uses: list[int] = []
    any_hour = False
    for clause in clauses:
        match [word.lower() for word in clause]:
            case ["at", "any", "hour"]:
                any_hour = True
            case ["once"]:
                uses.append(1)
            case ["for", number, "use" | "uses"]:
                uses.append(_number_of_uses(number))
            case ["for", *length]:
                ends.append(now + parse_duration(" ".join(length)))
            case ["until", *when]:
                ends.append(_until(" ".join(when), hours, now))
            case _:
                raise InvalidInput(f"I don't understand {quoted(' '.join(clause))}. {EXAMPLE}")
    if len(ends) > 1 or len(uses) > 1:
        raise InvalidInput(f"Say only once until when and how often a code is good. {EXAMPLE}")
    expires_at = ends[0] if ends else _next_closing(hours, now)
    terms = CodeTerms(checked_name(name), expires_at, uses[0] if uses else None, any_hour)
    _check_end(terms, hours, now)
    return terms


def checked_name(text: str) -> str:
    """A code's name: a few words that can be read in a log. Raises InvalidInput."""
    if not text:
        raise InvalidInput(f"What is the code called? {EXAMPLE}")
    if len(text) > LONGEST_NAME or not text.isprintable() or MARKUP & set(text):
        problem = f"has up to {LONGEST_NAME} letters, digits and spaces"
    elif not any(letter.isalpha() for letter in text):
        problem = "has at least one letter; I draw the digits myself"
    else:
        return text
    raise InvalidInput(f"{quoted(text)} can't be a code's name: that {problem}. {EXAMPLE}")


def _clauses(words: list[str]) -> tuple[str, list[list[str]]]:
    """The name, and the words of each clause after it."""
    starts = [at for at, word in enumerate(words) if word.lower() in BEGINS_A_CLAUSE]
    ends = [*starts, len(words)]
    return " ".join(words[: ends[0]]), [words[start:end] for start, end in zip(starts, ends[1:], strict=True)]


def _number_of_uses(text: str) -> int:
    number = int(text) if text.isascii() and text.isdigit() and len(text) < 5 else 0
    if not 1 <= number <= MOST_USES:
        raise InvalidInput(f"A code can be good for 1 to {MOST_USES} uses. Try `for 3 uses`.")
    return number


def _until(when: str, hours: Hours, now: datetime) -> datetime:
    """The closing time of a weekday or a date, or a time today."""
    today = now.astimezone(hours.timezone).date()
    words = plain(when)
    weekdays = [index for index, name in enumerate(WEEKDAYS) if words in (name.lower(), name[:3].lower())]
    if weekdays:
        return _next_closing(hours, now, weekdays[0])
    if words in ("today", "tomorrow"):
        return _end_of(today if words == "today" else today + DAY, hours)
    if ISO_DATE.fullmatch(words):
        return _end_of(_date(words, today), hours)
    if words not in ("noon", "midnight") and not words[:1].isdigit():
        raise InvalidInput(
            f"{quoted(when)} is not a day or a time. Try `until friday`, `until 14:00` or `until {today + DAY}`."
        )
    return parse_until(when, now, hours.timezone)


def _date(text: str, today: date) -> date:
    """A day that is not absurd: one before yesterday is as past as yesterday."""
    try:
        day = date.fromisoformat(text)
    except ValueError:
        raise InvalidInput(f"{quoted(text)} is no day of the calendar. Try `until {today + DAY}`.") from None
    if day > today + LONGEST_DAYS * DAY:
        raise _too_long()
    return max(day, today - DAY)


def _end_of(day: date, hours: Hours) -> datetime:
    """Closing time; midnight where the door is closed all day."""
    return hours.closing(day) or clock_to_utc(day, DAY_MINUTES, hours.timezone)


def _next_closing(hours: Hours, now: datetime, weekday: int | None = None) -> datetime:
    """The first closing time that is still to come, of today or a later day; of last night's hours too."""
    today = now.astimezone(hours.timezone).date()
    for days in range(0 if weekday is not None else -1, LONGEST_DAYS):
        day = today + days * DAY
        closing = hours.closing(day) if weekday in (None, day.weekday()) else None
        if closing and closing > now:
            return closing
    which = "" if weekday is None else f" on a {WEEKDAYS[weekday]}"
    raise InvalidInput(f"The door is never open{which}. Try `until {today + DAY}`, or `for 2h`.")


def _check_end(terms: CodeTerms, hours: Hours, now: datetime) -> None:
    if terms.expires_at > now + LONGEST_DAYS * DAY:
        raise _too_long()
    if terms.any_hour or hours.is_open(now) or terms.expires_at <= now:
        return
    opening = hours.next_opening(now)
    if opening is None or opening >= terms.expires_at:
        opens = f" until {local_clock(opening, hours.timezone, now)}" if opening else ""
        day = f"{opening.astimezone(hours.timezone):%A}".lower() if opening else "friday"
        raise InvalidInput(f"The door is closed{opens}, so this code would never be good. Try `until {day}`.")


def _too_long() -> InvalidInput:
    return InvalidInput(f"A code can be good for at most {LONGEST_DAYS} days. {EXAMPLE}")
