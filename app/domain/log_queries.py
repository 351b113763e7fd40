"""What a reader of the log looks for: from the parameters of an address and back, and whether an entry is meant."""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any
from unicodedata import normalize

from app.domain.audit import LogEntry, Outcome
from app.domain.log_kinds import BADGES, KIND_WORDS, Kind, is_of
from app.domain.plain_text import NO_CONTROLS

OFFICE_ID = ".office"  # for what belongs to no door, whose id is ""; no door is called so
LONGEST_TEXT = 200
LONGEST_NAME = 80
DAY = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)

Parameters = list[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Query:
    """Empty means everything. `doors` are ids, "" is the office; `who` is an id, or part of a name.

    `first` and `last` are days, both included, each as it is at the door.
    """

    doors: tuple[str, ...] = ()
    kinds: tuple[Kind, ...] = ()
    outcomes: tuple[Outcome, ...] = ()
    who: str = ""
    first: date | None = None
    last: date | None = None
    text: str = ""

    @property
    def walks(self) -> bool:
        """Whether entries have to be looked at one by one, because no seek finds those that are meant."""
        return bool(self.kinds or self.outcomes or self.who or self.text)

    def parameters(self) -> Parameters:
        """The same as parameters of an address, in one order."""
        days = [(name, day.isoformat()) for name, day in (("from", self.first), ("until", self.last)) if day]
        texts = [(name, text) for name, text in (("who", self.who), ("q", self.text)) if text]
        return [
            *(("door", each or OFFICE_ID) for each in self.doors),
            *(("kind", each.value) for each in self.kinds),
            *(("outcome", each.value) for each in self.outcomes),
            *days,
            *texts,
        ]


@dataclass(frozen=True, slots=True)
class Chip:
    """A part of a query in words, and the query without it."""

    words: str
    without: Query


@dataclass(frozen=True, slots=True)
class Asked:
    """A query, and sentences about what was not understood and therefore left out of it."""

    query: Query
    problems: tuple[str, ...] = ()


def asked(parameters: Iterable[tuple[str, str]], door_ids: Sequence[str]) -> Asked:
    """What the parameters of an address ask for; `door_ids` ("" is the office) may be read. Others are ignored."""
    given: dict[str, list[str]] = {}
    for name, value in parameters:
        if value := value.translate(NO_CONTROLS).strip():
            given.setdefault(name, []).append(value)
    problems: list[str] = []

    def known(name: str, find: Callable[[str], Any], what: str) -> tuple[Any, ...]:
        found = {each: find(each) for each in dict.fromkeys(given.get(name, []))}
        problems.extend(f"There is no {what} “{_short(each)}”." for each, one in found.items() if one is None)
        return tuple(one for one in found.values() if one is not None)

    ids = {each or OFFICE_ID: each for each in door_ids}
    query = Query(
        known("door", lambda value: ids.get(value.lower()), "door that you may see called"),
        known("kind", {each.value: each for each in Kind}.get, "kind of entry called"),
        known("outcome", {each.value: each for each in Outcome}.get, "outcome called"),
        _text(given, "who", LONGEST_NAME, problems),
        _day(given, "from", problems),
        _day(given, "until", problems),
        _text(given, "q", LONGEST_TEXT, problems),
    )
    if query.first and query.last and query.first > query.last:
        problems.append("The first day is after the last one, so I left both out.")
        query = replace(query, first=None, last=None)
    return Asked(query, tuple(problems))


def _text(given: Mapping[str, list[str]], name: str, longest: int, problems: list[str]) -> str:
    """What was typed; of several the last."""
    text = " ".join(given.get(name, [""])[-1].split())
    if len(text) > longest:
        problems.append(f"I looked for the first {longest} characters of “{_short(text)}” only.")
    return text[:longest].strip()


def _day(given: Mapping[str, list[str]], name: str, problems: list[str]) -> date | None:
    text = given.get(name, [""])[-1]
    try:
        if text and DAY.fullmatch(text):
            return date.fromisoformat(text)
    except ValueError:
        pass
    if text:
        problems.append(f"“{_short(text)}” is no day. Write it like 2026-11-23.")
    return None


def _short(text: str) -> str:
    return text if len(text) <= 40 else f"{text[:40]}…"


def chips(query: Query, door_names: Mapping[str, str]) -> list[Chip]:
    """The parts of a query in words, each with the query that is left when it is removed."""
    found = [
        Chip(door_names.get(each, each), replace(query, doors=_without(query.doors, each))) for each in query.doors
    ]
    found += [Chip(KIND_WORDS[each], replace(query, kinds=_without(query.kinds, each))) for each in query.kinds]
    found += [
        Chip(BADGES[each].word, replace(query, outcomes=_without(query.outcomes, each))) for each in query.outcomes
    ]
    if query.who:
        found.append(Chip(f"By or about {query.who}", replace(query, who="")))
    if query.first and query.first == query.last:
        found.append(Chip(f"On {day_words(query.first)}", replace(query, first=None, last=None)))
    else:
        if query.first:
            found.append(Chip(f"From {day_words(query.first)}", replace(query, first=None)))
        if query.last:
            found.append(Chip(f"Until {day_words(query.last)}", replace(query, last=None)))
    if query.text:
        found.append(Chip(f"“{query.text}”", replace(query, text="")))
    return found


def in_words(query: Query, door_names: Mapping[str, str]) -> str:
    """A query as one text: "Front door; Rings; From Mon 23 Nov 2026"."""
    return "; ".join(chip.words for chip in chips(query, door_names)) or "everything"


def day_words(day: date) -> str:
    return f"{day:%a} {day.day} {day:%b %Y}"


def _without(values: tuple[Any, ...], value: object) -> tuple[Any, ...]:
    return tuple(each for each in values if each != value)


@dataclass(frozen=True, slots=True)
class Reading:
    """How an entry reads: `haystack` is all that can be searched in it, `name` what a person is called."""

    haystack: Callable[[LogEntry], str]
    name: Callable[[str], str]


def matches(query: Query, entry: LogEntry, reading: Reading) -> bool:
    """Whether an entry is meant, its door and its day aside; what is cheap to see is looked at first."""
    event = entry.event
    if query.outcomes and event.outcome not in query.outcomes:
        return False
    if query.kinds and not any(is_of(kind, event.action) for kind in query.kinds):
        return False
    if query.who and not any(_is_named(query.who, each, reading) for each in people_in(entry)):
        return False
    if not query.text:
        return True
    haystack = _folded(reading.haystack(entry))
    return all(word in haystack for word in _folded(query.text).split())


def people_in(entry: LogEntry) -> list[str]:
    """Who did it, and whom it was about: ids, without telephones."""
    event = entry.event
    return [each for each in (event.actor, str(event.details.get("who", ""))) if each and not each.startswith("+")]


def _is_named(who: str, person: str, reading: Reading) -> bool:
    return _folded(who) == _folded(person) or _folded(who) in _folded(reading.name(person))


def _folded(text: str) -> str:
    """The same for every way to write it: large or small, an accent with its letter or after it."""
    return normalize("NFC", normalize("NFC", text).casefold())
