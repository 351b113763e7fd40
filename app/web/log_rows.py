"""Entries of the log as the page shows them."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import groupby
from unicodedata import bidirectional
from zoneinfo import ZoneInfo

from app.domain.audit import AuditEvent, LogEntry
from app.domain.hours import local_clock
from app.domain.log_fields import OFFICE_NAME, shown_name
from app.domain.log_kinds import Badge, badge
from app.domain.log_queries import people_in
from app.domain.log_sentences import sentence
from app.domain.phrases import is_person, masked
from app.domain.plain_text import NO_CONTROLS
from app.usecases.log_search import Logs

ISOLATED = "\u2068{}\u2069"  # so that a name in Hebrew does not turn around what follows (www.unicode.org/reports/tr9)


@dataclass(frozen=True)
class Row:
    """An entry. `zone` only where doors of several zones are shown; `number`: the last digits of a telephone."""

    door: str
    place: str
    seq: int
    iso: str
    clock: str
    seconds: str
    day: str
    day_words: str
    zone: str
    badge: Badge
    sentence: str
    visit: str
    number: str
    has_number: bool
    action: str
    later: str = ""


@dataclass(frozen=True)
class Day:
    """The rows of one day, newest first."""

    iso: str
    words: str
    rows: Sequence[Row]


class Rows:
    """Turns entries into rows, for a reader who sees these logs, with these people's names."""

    def __init__(self, logs: Logs, names: Mapping[str, str], now: datetime) -> None:
        self._logs = logs
        self._names = names
        self._now = now
        self._office = logs.door("").hours.timezone
        self._has_zones = len({logs.door(each).hours.timezone.key for each in logs.ids}) > 1

    def days(self, entries: Iterable[LogEntry]) -> list[Day]:
        """The entries by day: each door's own, or where they are of several zones, the office's."""
        rows = [self.row(entry) for entry in entries]
        return [
            Day(iso, words, tuple(found)) for (iso, words), found in groupby(rows, lambda row: (row.day, row.day_words))
        ]

    def row(self, entry: LogEntry) -> Row:
        event = entry.event
        door = self._logs.door(event.door)
        zone = door.hours.timezone
        here, in_office = event.time.astimezone(zone), event.time.astimezone(self._office)
        is_elsewhere = self._has_zones and here.date() != in_office.date()
        clock = f"{here:%a %H:%M}" if is_elsewhere else f"{here:%H:%M}"
        day = (in_office if self._has_zones else here).date()
        number = event.caller or (event.actor if event.actor.startswith("+") else "")
        is_twice = here.replace(fold=0).utcoffset() != here.replace(fold=1).utcoffset()
        return Row(
            door=event.door,
            place=clean(door.name) if event.door in self._logs.doors else clean(event.door) or OFFICE_NAME,
            seq=entry.seq,
            iso=here.isoformat(timespec="milliseconds"),
            clock=clock,
            seconds=f"{here:%S}",
            day=day.isoformat(),
            day_words=self._words(event.time, self._office if self._has_zones else zone),
            zone=f"{here:%Z}" if self._has_zones or is_twice else "",
            badge=badge(event),
            sentence=sentence(_isolated(event), zone, self._person),
            visit=event.visit,
            number=clean(masked(number)),
            has_number=number.startswith("+"),
            action=event.action.value,
        )

    def story(self, entries: Sequence[LogEntry]) -> list[Row]:
        """A visit, oldest first, with the seconds since it rang."""
        rows = []
        for entry in entries:
            seconds = (entry.event.time - entries[0].event.time).total_seconds()
            rows.append(replace(self.row(entry), later="" if entry is entries[0] else _later(seconds)))
        return rows

    def _person(self, actor: str) -> str:
        return isolate(shown_name(actor, self._names))

    def _words(self, moment: datetime, zone: ZoneInfo) -> str:
        day, today = moment.astimezone(zone).date(), self._now.astimezone(zone).date()
        words = f"{day:%A}, {day.day} {day:%B}{'' if day.year == today.year else f' {day.year}'}"
        return {0: f"Today · {words}", 1: f"Yesterday · {words}"}.get((today - day).days, words)


def people(entries: Iterable[LogEntry]) -> list[str]:
    """The ids of all who are named in these entries."""
    return sorted({each for entry in entries for each in people_in(entry) if is_person(each)})


def stopped(moment: datetime, logs: Logs, now: datetime) -> str:
    """The time at which a search stopped, in the office's time."""
    return local_clock(moment, logs.door("").hours.timezone, now)


def isolate(text: str) -> str:
    """Text that may be read from right to left, so that it stays by itself."""
    return ISOLATED.format(text) if any(bidirectional(letter) in ("R", "AL") for letter in text) else text


def clean(text: str) -> str:
    """What others wrote, as it can stand in a sentence of ours."""
    return isolate(text.translate(NO_CONTROLS))


def _isolated(event: AuditEvent) -> AuditEvent:
    """The same with details that can be shown."""
    details = {key: clean(value) if isinstance(value, str) else value for key, value in event.details.items()}
    return replace(event, details=details, reason=clean(event.reason))


def _later(seconds: float) -> str:
    minutes, rest = divmod(max(0, round(seconds)), 60)
    return f"+{minutes} min {rest} s" if minutes else f"+{rest} s"
