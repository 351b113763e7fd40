"""What was asked for of a schedule: "mon-fri 11:00-14:00 until 23 december called lunch", "24 december from noon"."""

import re
from dataclasses import dataclass
from datetime import date

from app.domain.dates import parse_date
from app.domain.durations import DAY_MINUTES, parse_clock, plain, quoted
from app.domain.errors import InvalidInput
from app.domain.hours import parse_days, parse_window
from app.domain.periods import DAY, Window
from app.domain.plain_text import NO_MARKUP
from app.domain.schedules import WHOLE_DAY

LONGEST_NAME = 40
MOST_DAYS_AT_ONCE = 31
ADD_EXAMPLE = "Try `schedule add mon-fri 11:00-14:00 called lunch`."
EXAMPLES = {
    True: "Try `schedule open saturday 12 december 10:00-16:00`.",
    False: "Try `schedule closed 24 december from noon` or `schedule closed 24 december`.",
}
PAUSE_EXAMPLE = "Try `schedule pause until 7 january` or `schedule pause 1 until friday`."
CLOCK = r"(?:\d{1,2}[:.]\d\d(?: ?[ap]\.?m\b\.?)?|\d{1,2} ?[ap]\.?m\b\.?|noon|midnight)"
LOOSE = rf"(?:{CLOCK}|\d{{1,2}})"
TO = r" ?(?:-|\bto\b|\buntil\b|\btill\b|\band\b) ?"
# A bare number is taken for a time only beside what is one: "24-26 december" are days.
SPAN = re.compile(
    rf"(?:\b(?:from|between|at) )?(?<![\w:.-])(?:({CLOCK}){TO}({LOOSE})|({LOOSE}){TO}({CLOCK}))(?![\w:-])", re.ASCII
)
BARE_SPAN = re.compile(r"(?<![\w:.-])(\d{1,2}) ?- ?(\d{1,2})(?![\w:-])", re.ASCII)
OPEN_END = re.compile(rf"\b(from|after|since|until|till|before) (?:about )?({CLOCK})(?![\w:-])", re.ASCII)
CALLED = re.compile(r"\b(?:called|named)\b", re.IGNORECASE)
BOUND = re.compile(r"\b(from|starting|until|till)\b ?([^@]*?) ?(?=@|\bfrom\b|\bstarting\b|\buntil\b|\btill\b|$)")
RANGE = re.compile(r" (?:-|to|until|till|through|thru) ")
ASKING = re.compile(r"\b(?:asking|ask only|asks only|only asking)\b")
DAYS = (
    (r"\b(?:every ?day|daily|all days|each day)\b", "mon-sun"),
    (r"\b(?:weekdays|workdays|working days)\b", "mon-fri"),
    (r"\bweekends?\b", "sat-sun"),
    (r"\b(?:on|every|each|at|the)\b", " "),
    (r"\b(?:to|through|thru)\b", "-"),
    (r"\band\b|&", ","),
    (r"\b([a-z]+day)s\b", r"\1"),
    (r" ?- ?", "-"),
    (r"[ ,]+", ","),
)


@dataclass(frozen=True, slots=True)
class ScheduleTerms:
    """Weekly windows that were asked for; `last` may be past."""

    days: tuple[int, ...]
    windows: tuple[Window, ...]
    name: str = ""
    first: date | None = None
    last: date | None = None


@dataclass(frozen=True, slots=True)
class SpecialTerms:
    """What is to be different on some dates, which may be past."""

    dates: tuple[date, ...]
    windows: tuple[Window, ...]
    asks_only: bool = False


def parse_schedule(text: str, today: date) -> ScheduleTerms:
    """Take apart "mon-fri 11:00-14:00, 17:00-18:00 from 1 december until 23 december called lunch"."""
    asked, *called = CALLED.split(text, maxsplit=1)
    words, windows = _windows(plain(asked.replace("@", " ")), BARE_SPAN)
    if not windows:
        raise InvalidInput(f"{quoted(text)} has no times such as 11:00-14:00. {ADD_EXAMPLE}")
    first, last, words = _bounds(words, today)
    before, *between, after = re.split(r"@", words)
    if any(part.strip(" ,&") not in ("", "and") for part in between):
        raise InvalidInput(f"One set of weekdays at a time, please. {ADD_EXAMPLE}")
    days = [part for part in map(_weekdays, (before, after)) if part]
    if len(days) != 1:
        problem = "I don't see on which days" if not days else "The weekdays are named twice"
        raise InvalidInput(f"{problem}. {ADD_EXAMPLE}")
    name = _name(called[0]) if called else ""
    return ScheduleTerms(tuple(sorted(set(parse_days(days[0])))), windows, name, first, last)


def parse_special(text: str, today: date, *, is_open: bool) -> SpecialTerms:
    """Take apart "saturday 12 december 10:00-16:00 asking", "24 december from noon", "24 december until 2 january"."""
    words = plain(text)
    asks_only = is_open and bool(ASKING.search(words))
    words, windows = _windows(ASKING.sub(" ", words) if is_open else words)
    words, more = _open_ended(words.replace("all day", " "))
    windows = (*windows, *more)
    if is_open and not windows:
        raise InvalidInput(f"From when until when is it open? {EXAMPLES[True]}")
    left = " ".join(words.replace("@", " ").split())
    if not left:
        raise InvalidInput(f"On which day? {EXAMPLES[is_open]}")
    dates = _dates(left.removeprefix("from "), today)
    if len(dates) > 1 and windows and not is_open:  # from noon on the 24th until the 27th: the mornings between, too?
        raise InvalidInput(
            "Several days can be closed all day only. Try `schedule closed 24 december until 2 january`."
        )
    return SpecialTerms(dates, windows or (WHOLE_DAY,), asks_only)


def parse_pause(text: str, today: date) -> tuple[str, date]:
    """Which schedule ("" for all) is to be paused until which date, which may be past."""
    which, word, when = text.partition("until")
    if not word:
        raise InvalidInput(f"Until when? {PAUSE_EXAMPLE}")
    return parse_which(which), parse_date(when, today)


def parse_which(text: str) -> str:
    """The number or name of a schedule, "" where all are meant."""
    which = " ".join(text.split())
    return "" if which.lower() in ("all", "everything") else which


def _windows(words: str, also: re.Pattern[str] | None = None) -> tuple[str, tuple[Window, ...]]:
    """The words with a mark for each window that is among them, and those windows."""
    spans = SPAN if SPAN.search(words) or also is None else also
    found = [[part for part in match.groups() if part] for match in spans.finditer(words)]
    return spans.sub(" @ ", words), tuple(parse_window("-".join(clocks)) for clocks in found)


def _open_ended(words: str) -> tuple[str, tuple[Window, ...]]:
    """ "from noon" and "until 12:00": windows that end, or begin, with the day."""
    windows = []
    for match in OPEN_END.finditer(words):
        clock = parse_clock(match[2])
        window = Window(clock, DAY_MINUTES) if match[1] in ("from", "after", "since") else Window(0, clock)
        if window.start == window.end:
            raise InvalidInput(f"{quoted(match[0])} leaves nothing. {EXAMPLES[False]}")
        windows.append(window)
    return OPEN_END.sub(" ", words), tuple(windows)


def _bounds(words: str, today: date) -> tuple[date | None, date | None, str]:
    """From which date and until which, and the words without them."""
    found: dict[str, date] = {}
    for match in BOUND.finditer(words):
        is_first = match[1] in ("from", "starting")
        begin, *end = RANGE.split(match[2]) if is_first else [match[2]]
        parts = {"first" if is_first else "last": begin, **({"last": end[0]} if end else {})}
        for key, text in parts.items():
            if key in found:
                raise InvalidInput(f"Say “from” and “until” a date only once. {ADD_EXAMPLE}")
            found[key] = parse_date(text, found["first"] if key == "last" and "first" in found else today)
    first, last = found.get("first"), found.get("last")
    if first and last and last < first:
        raise InvalidInput(f"It would end on {last}, before it begins. Try `from {first} until {first + 7 * DAY}`.")
    return first, last, BOUND.sub(" ", words)


def _weekdays(text: str) -> str:
    """Weekdays as `parse_days` reads them."""
    words = f" {text} "
    for pattern, replacement in DAYS:
        words = re.sub(pattern, replacement, words)
    return words.strip(",")


def _dates(text: str, today: date) -> tuple[date, ...]:
    """A day, or all days from one to another."""
    first_text, *last_text = RANGE.split(text, maxsplit=1)
    first = parse_date(first_text, today)
    last = parse_date(last_text[0], first) if last_text else first
    if not 0 <= (last - first).days < MOST_DAYS_AT_ONCE:
        raise InvalidInput(
            f"{quoted(text)} is not a range of up to {MOST_DAYS_AT_ONCE} days. Try `24 december until 2 january`."
        )
    return tuple(first + days * DAY for days in range((last - first).days + 1))


def _name(text: str) -> str:
    """What a schedule is called: a few words that can be read in a sentence."""
    name = " ".join(text.translate(NO_MARKUP).split()).strip("\"'“”„`*~_ ")
    if not name or len(name) > LONGEST_NAME or not name.isprintable():
        raise InvalidInput(f"A schedule's name has 1 to {LONGEST_NAME} letters. {ADD_EXAMPLE}")
    return name
