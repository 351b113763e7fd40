"""Finding entries in the log, a page at a time.

Doors and dates are found by seeking, however long the log is. All else has to be looked for entry by entry: then so
many are looked at for one page, and the rest is left to another one.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from datetime import time as clock
from functools import cache

from app.domain.audit import Action, LogEntry
from app.domain.doors import Door
from app.domain.log_cursors import cursor, positions
from app.domain.log_fields import OFFICE_NAME, details_of, shown_name
from app.domain.log_queries import Query, Reading, matches, people_in
from app.domain.log_sentences import sentence
from app.domain.phrases import is_person, masked
from app.domain.plain_text import NO_CONTROLS
from app.ports import Store, partition
from app.usecases.log_walk import Step, Walk
from app.usecases.names import Names

PAGE = 50
LOOKED_AT = 3000  # entries for one page
NEW = 50  # so many new entries are shown at once
DAY = timedelta(days=1)
LATER = (Action.SHOW_NUMBER, Action.ERASE_NUMBER)  # what was done to a visit's entries is no part of its story


@dataclass(frozen=True)
class Logs:
    """Whose logs are read: the ids of doors, "" is the office; `doors` are all that there are or were."""

    ids: tuple[str, ...]
    doors: Mapping[str, Door]

    def door(self, door_id: str) -> Door:
        """A door; for the office, the office's first, whose time counts there."""
        return self.doors.get(door_id) or next(iter(self.doors.values()))


@dataclass(frozen=True)
class Page:
    """Entries, newest first. `older` and `newer` are where it goes on, "" where nothing is left.

    `top` is where this page begins. `stopped_at`: no more entries were looked at, in this direction, than those after
    (or, where it `went_up` to newer ones, before) that time.
    """

    entries: tuple[LogEntry, ...]
    older: str = ""
    newer: str = ""
    top: str = ""
    stopped_at: datetime | None = None
    is_first: bool = False
    went_up: bool = False


@dataclass(frozen=True)
class Found:
    """What a walk came to: the entries, and the positions after the last of them."""

    entries: list[LogEntry]
    positions: list[int]
    is_all: bool
    stopped_at: datetime | None = None


class LogSearch:
    """Reads, and changes nothing. Raises StoreUnavailable."""

    def __init__(self, store: Store, names: Names) -> None:
        self._store = store
        self._names = names

    def page(self, query: Query, logs: Logs, before: str, now: datetime) -> Page:
        """The newest entries that are meant, or those before a cursor; a cursor that can't be read is left out."""
        walk, ids = self._walk(query, logs), _ids(query, logs)
        start = positions(ids, before)
        found = self._look(walk.down(start or walk.high), list(start or walk.high), query, logs, now)
        top = [min(pair) for pair in zip(start or walk.high, walk.high, strict=True)]
        is_first = start is None or top == list(walk.high)
        return Page(
            tuple(found.entries),
            "" if found.is_all else cursor(ids, found.positions),
            "" if is_first else cursor(ids, top),
            cursor(ids, top),
            found.stopped_at,
            is_first,
        )

    def newer(self, query: Query, logs: Logs, after: str, now: datetime) -> Page:
        """The entries that follow a cursor; where that is not a whole page any more, the first page."""
        walk, ids = self._walk(query, logs), _ids(query, logs)
        start = positions(ids, after)
        if start is None:
            return self.page(query, logs, "", now)
        found = self._look(walk.up(start), list(start), query, logs, now, upwards=True)
        if found.is_all:
            return self.page(query, logs, "", now)
        top = cursor(ids, found.positions)
        return Page(tuple(found.entries[::-1]), cursor(ids, start), top, top, found.stopped_at, went_up=True)

    def is_news(self, query: Query, logs: Logs, after: str) -> bool:
        """Whether anything at all was put on record since a cursor, in one round trip."""
        ids = _ids(query, logs)
        start = positions(ids, after)
        newest = self._store.newest([partition(each) for each in ids])
        return start is None or any(seq >= at for seq, at in zip(newest, start, strict=True))

    def news(self, query: Query, logs: Logs, after: str, now: datetime) -> Page | None:
        """The entries since a cursor; None where they are too many for one look, or the cursor is of no use."""
        walk, ids = self._walk(query, logs), _ids(query, logs)
        start = positions(ids, after)
        if start is None:
            return None
        found = self._look(walk.up(start), list(start), query, logs, now, upwards=True)
        if not found.is_all:
            return None
        return Page(tuple(found.entries[::-1]), top=cursor(ids, found.positions))

    def all(self, query: Query, logs: Logs, now: datetime) -> Iterator[LogEntry | None]:
        """Every entry that is meant, newest first; None for one that is not, so that whoever waits can give way.

        What is put on record from now on is not among them.
        """
        walk, reading = self._walk(query, logs), self._reading(logs, now)
        steps = walk.down(walk.high)
        return (step.entry if matches(query, step.entry, reading) else None for step in steps)

    def around(self, door_id: str, visit: str, near: int, window: int) -> list[LogEntry]:
        """The entries of a visit, oldest first, among those around one of them."""
        found = self._store.read_log(partition(door_id), before=near + window, limit=2 * window)
        return [entry for entry in reversed(found) if entry.event.visit == visit and entry.event.action not in LATER]

    def entry(self, door_id: str, seq: int) -> LogEntry | None:
        """One entry."""
        found = self._store.read_log(partition(door_id), before=seq + 1, limit=1)
        return found[0] if found and found[0].seq == seq else None

    def _reading(self, logs: Logs, now: datetime) -> Reading:
        """How entries read to a search, with the names that are known at once."""

        @cache
        def name(user_id: str) -> str:
            known = self._names.names([user_id], now, waits=False) if is_person(user_id) else {}
            return shown_name(user_id, known)

        def haystack(entry: LogEntry) -> str:
            event = entry.event
            door = logs.door(event.door)
            place = door.name if event.door else OFFICE_NAME
            told = sentence(event, door.hours.timezone, name)
            names = map(name, people_in(entry))
            texts = [told, place, event.door, event.reason, masked(event.caller), *names, *details_of(event)]
            return " ".join(texts).translate(NO_CONTROLS)

        return Reading(haystack, name)

    def _walk(self, query: Query, logs: Logs) -> Walk:
        """The logs that a query names, within its dates."""
        ids = _ids(query, logs)
        partitions = [partition(each) for each in ids]
        high = [seq + 1 for seq in self._store.newest(partitions)]
        low = self._first(query.first, ids, logs) if query.first else [1] * len(ids)
        if query.last and query.last < date.max:
            ends = self._first(query.last + DAY, ids, logs)
            high = [min(pair) for pair in zip(high, ends, strict=True)]
        return Walk(self._store, partitions, low, high)

    def _first(self, day: date, ids: Sequence[str], logs: Logs) -> list[int]:
        """The number of each log's first entry that is not before a day, as it is at the door."""
        zones = {each: logs.door(each).hours.timezone for each in ids}
        found: dict[str, int] = {}
        for zone in dict.fromkeys(zones.values()):
            there = [each for each in ids if zones[each] == zone]
            midnight = datetime.combine(day, clock(), zone)
            found |= zip(there, self._store.first_at([partition(each) for each in there], midnight), strict=True)
        return [found[each] for each in ids]

    def _look(
        self, steps: Iterator[Step], at: list[int], query: Query, logs: Logs, now: datetime, *, upwards: bool = False
    ) -> Found:
        """A page of entries that are meant, and where the next one begins; one more is looked for, to see if it is."""
        reading, found, place = self._reading(logs, now), list[LogEntry](), list(at)
        for looked_at, (log, entry) in enumerate(steps):
            if looked_at == LOOKED_AT:
                return Found(found, place, is_all=False, stopped_at=entry.event.time)
            if matches(query, entry, reading):
                if len(found) == PAGE:
                    return Found(found, place, is_all=False)
                found.append(entry)
            place[log] = entry.seq + 1 if upwards else entry.seq
        return Found(found, place, is_all=True)


def _ids(query: Query, logs: Logs) -> tuple[str, ...]:
    """The logs that are read, in one order."""
    return tuple(each for each in logs.ids if not query.doors or each in query.doors)
