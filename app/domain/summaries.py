"""What came of a door's rings, day by day: small enough to be kept for each month beside the log.

A visit is counted on the local day and in the local hour in which it rang, as they were called there at that time; it
is carried along for a while, so that what becomes of it later is counted too. A wait for a person falls into one of a
row of buckets, each 6 % wider than the one before: a median is right within 3 %, or within half a second.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from math import floor, log
from zoneinfo import ZoneInfo

from app.domain.audit import Action, AuditEvent, LogEntry
from app.domain.decisions import DenyReason
from app.domain.past_visits import PastVisit, rang_at

CARRIED_FOR = timedelta(hours=4)  # no call lasts longer
CARRIED_OPEN_FOR = timedelta(days=7)  # a visit whose end nobody has told yet: perhaps no process was running
MOST_CARRIED = 500
SHORTEST = 0.5  # seconds: the middle of the first bucket
WIDTH = log(1.06)
LAST_BUCKET = 300  # half a year
MOST = 10**9  # of anything on one day


@dataclass(frozen=True, slots=True)
class DaySummary:
    """A local day, such as 2026-11-23. `hours` and `waits` are pairs in one row: an hour or a bucket, and how many.

    `ends`: how many visits came to each Conclusion; those that are missing from it are not over yet.
    """

    date: str
    hours: tuple[int, ...] = ()
    ends: Mapping[str, int] = field(default_factory=dict)
    waits: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class MonthSummary:
    """The days of a month in which somebody rang, in order."""

    days: tuple[DaySummary, ...] = ()


@dataclass(frozen=True, slots=True)
class Carried:
    """A visit that has been counted on the day `date`, as far as the log has told it."""

    visit: str
    date: str
    told: PastVisit


@dataclass(frozen=True, slots=True)
class Summed:
    """How far a door's log is counted: up to the entry `seen`, of which there were `behind` newer ones at `at`.

    `months`: those of which there is a summary, such as 2026-11. `unreadable`: entries that could not be read.
    """

    at: datetime
    seen: int = 0
    behind: int = 0
    months: tuple[str, ...] = ()
    carried: tuple[Carried, ...] = ()
    unreadable: int = 0


@dataclass(slots=True)
class Tally:
    """Counts to be added up: rings by hour, visits by conclusion, waits by bucket. A change may be below zero."""

    hours: Counter[int] = field(default_factory=Counter)
    ends: Counter[str] = field(default_factory=Counter)
    waits: Counter[int] = field(default_factory=Counter)

    @property
    def rings(self) -> int:
        return sum(self.hours.values())

    @property
    def can_be(self) -> bool:
        """Whether a day can have had these counts: of hours and buckets that there are, and none below one."""
        numbers = (*self.hours.values(), *self.ends.values(), *self.waits.values())
        are_known = all(0 <= hour < 24 for hour in self.hours) and all(0 <= each <= LAST_BUCKET for each in self.waits)
        return are_known and all(0 < number < MOST for number in numbers)

    def add(self, other: "Tally") -> None:
        self.hours.update(other.hours)
        self.ends.update(other.ends)
        self.waits.update(other.waits)

    def add_day(self, day: DaySummary) -> None:
        """The same for what is kept of a day: pictures of two hundred doors add up thousands of them."""
        for hour, rings in _pairs(day.hours):
            self.hours[hour] += rings
        for name, visits in day.ends.items():
            self.ends[name] += visits
        for each, times in _pairs(day.waits):
            self.waits[each] += times

    def count(self, visit: PastVisit, times: int) -> None:
        """How a visit ended, `times` being 1; or -1 where it turned out otherwise."""
        if visit.conclusion:
            self.ends[visit.conclusion.value] += times
        if visit.seconds is not None:
            self.waits[bucket(visit.seconds)] += times


Tallies = dict[str, Tally]
"""By day."""


def bucket(seconds: float) -> int:
    """The bucket of a wait."""
    return min(LAST_BUCKET, max(0, floor(log(max(seconds, SHORTEST) / SHORTEST) / WIDTH + 0.5)))


def median(waits: Mapping[int, int]) -> float | None:
    """The median of waits in seconds; None where nobody waited for a person."""
    total, passed, found = sum(waits.values()), 0, list[float]()
    for each in sorted(waits):
        upto = passed + waits[each]
        found += [SHORTEST * 1.06**each for middle in ((total - 1) // 2, total // 2) if passed <= middle < upto]
        passed = upto
    return sum(found) / 2 if total else None


def read_on(summed: Summed, entries: Iterable[LogEntry], timezone: ZoneInfo) -> tuple[Summed, Tallies]:
    """What is known after these entries, oldest first, and by how much the counts of days change."""
    carried = {each.visit: each for each in summed.carried}
    changes, unreadable = defaultdict[str, Tally](Tally), summed.unreadable
    for entry in entries:
        try:
            is_readable = _count(entry.event, carried, changes, timezone)
        except (ValueError, TypeError, OverflowError):  # a time that is none: one entry must not stop the counting
            is_readable = False
        unreadable += not is_readable
    return replace(summed, carried=tuple(carried.values()), unreadable=unreadable), dict(changes)


def _count(event: AuditEvent, carried: dict[str, Carried], changes: Tallies, timezone: ZoneInfo) -> bool:
    """Count one entry; False where it can't be read."""
    if event.action is Action.UNREADABLE:
        return False
    before = carried.get(event.visit)
    if before is None:
        if event.action is not Action.RING or event.reason == DenyReason.NOT_AN_INTERCOM:
            return True
        before = _first(event, timezone)
        after = before.told.after(event)
        _drop_old(carried, event.time)
        changes[before.date].hours[before.told.rang_at.astimezone(timezone).hour] += 1
    else:
        after = before.told.after(event)
    if after != before.told:
        changes[before.date].count(before.told, -1)
        changes[before.date].count(after, 1)
    carried[event.visit] = replace(before, told=after)
    return True


def _first(event: AuditEvent, timezone: ZoneInfo) -> Carried:
    at = rang_at(event)
    if at.tzinfo is None:
        raise ValueError("a time without a zone")
    return Carried(event.visit, at.astimezone(timezone).date().isoformat(), PastVisit(at))


def _drop_old(carried: dict[str, Carried], now: datetime) -> None:
    """Forget visits of which nothing more will come, as of an entry, so that it does not matter when it is read."""
    old = list[str]()
    for name, each in carried.items():  # in the order in which they rang
        age = now - each.told.rang_at
        if age <= CARRIED_FOR:
            break
        if each.told.conclusion or age > CARRIED_OPEN_FOR:
            old.append(name)
    for name in old:
        del carried[name]
    while len(carried) >= MOST_CARRIED:
        del carried[next(iter(carried))]


def changed(month: MonthSummary | None, changes: Tallies) -> MonthSummary:
    """A month after these changes of its days."""
    days = {day: Tally() for day in changes}
    for day, change in changes.items():
        days[day].add(change)
    for kept in month.days if month else ():
        days.setdefault(kept.date, Tally()).add_day(kept)
    return MonthSummary(tuple(_kept(day, days[day]) for day in sorted(days)))


def month_of(day: str) -> str:
    """The month of a day: 2026-11 of 2026-11-23."""
    return day.rpartition("-")[0]


def months_between(first: date, last: date) -> list[str]:
    """The months that these days and those between them belong to."""
    numbers = range(first.year * 12 + first.month - 1, last.year * 12 + last.month)
    return [f"{number // 12:04}-{number % 12 + 1:02}" for number in numbers]


def _kept(day: str, tally: Tally) -> DaySummary:
    ends = {name: count for name, count in sorted(tally.ends.items()) if count > 0}
    return DaySummary(day, _packed(tally.hours), ends, _packed(tally.waits))


def _packed(counts: Mapping[int, int]) -> tuple[int, ...]:
    return tuple(number for each in sorted(counts.items()) if each[1] > 0 for number in each)


def _pairs(row: tuple[int, ...]) -> Iterator[tuple[int, int]]:
    numbers = iter(row)
    return zip(numbers, numbers, strict=False)
