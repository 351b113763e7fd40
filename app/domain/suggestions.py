"""A schedule that the record suggests: the weekdays and hours in which most rings come."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Protocol

from app.domain.digests import Conclusion
from app.domain.durations import DAY_MINUTES, describe_clock
from app.domain.hours import WEEKDAYS, Hours, Window
from app.domain.past_visits import PastVisit

LOOK_BACK = timedelta(weeks=4)
FEWEST_RINGS = 20
FEWEST_WEEKS = 3
LEAST_SHARE = 0.6  # of the rings in working hours
LONGEST_SHARE = 0.5  # of the working hours: rings that come all day long suggest nothing
MOST_TURNED_AWAY = 0.05  # of the rings in it: a schedule lets everybody in
SLOT = 5  # minutes

Minutes = Sequence[frozenset[int]]
"""For each weekday, Monday first, the minutes of the day that something holds."""


class Recurring(Protocol):
    """Weekly windows: weekdays (Monday is 0), and minutes of the day; an end at or before the start is a day later."""

    @property
    def days(self) -> tuple[int, ...]: ...
    @property
    def start(self) -> int: ...
    @property
    def end(self) -> int: ...


@dataclass(frozen=True, slots=True)
class Suggestion:
    """Weekdays (Monday is 0) and the minutes of the day between which most rings came."""

    days: tuple[int, ...]
    start: int
    end: int

    def __str__(self) -> str:
        """As it can be typed: "mon-fri 11:10-13:50"."""
        return f"{_days(self.days, '-', ',').lower()} {describe_clock(self.start)}-{describe_clock(self.end)}"

    def describe(self) -> str:
        """ "Mon–Fri 11:10–13:50"."""
        return f"{_days(self.days, '–', ', ')} {describe_clock(self.start)}–{describe_clock(self.end)}"


@dataclass(frozen=True, slots=True)
class _Ring:
    visit: PastVisit
    day: int
    minute: int


def suggest(
    visits: Iterable[PastVisit], hours: Hours, planned: Iterable[Recurring], ends_at: datetime
) -> Suggestion | None:
    """What the four weeks before `ends_at` suggest beside what is `planned`; None where that is nothing."""
    held = [(each.days, Window(each.start, each.end)) for each in planned]
    open_at, planned_at = _weekly_minutes(hours), _minutes(held)
    in_hours = list(_rings(visits, hours, open_at, ends_at))
    loose = [ring for ring in in_hours if ring.minute not in planned_at[ring.day]]
    days = _busy_days(loose, open_at)
    found = _densest([ring for ring in loose if ring.day in days], days, open_at)
    if found is None or len(in_hours) < FEWEST_RINGS:
        return None
    within = [ring.visit for ring in loose if ring.day in days and found.start <= ring.minute < found.end]
    weeks = {(ends_at - visit.rang_at) // timedelta(weeks=1) for visit in within}
    turned_away = sum(visit.conclusion is Conclusion.TURNED_AWAY for visit in within)
    is_worth_it = len(within) >= LEAST_SHARE * len(in_hours) and len(weeks) >= FEWEST_WEEKS
    return found if is_worth_it and turned_away <= MOST_TURNED_AWAY * len(within) else None


def _rings(visits: Iterable[PastVisit], hours: Hours, open_at: Minutes, ends_at: datetime) -> Iterable[_Ring]:
    for visit in visits:
        if not ends_at - LOOK_BACK < visit.rang_at <= ends_at:
            continue
        local = visit.rang_at.astimezone(hours.timezone)
        ring = _Ring(visit, local.weekday(), local.hour * 60 + local.minute)
        if ring.minute in open_at[ring.day] and hours.is_open(visit.rang_at):
            yield ring


def _busy_days(rings: list[_Ring], open_at: Minutes) -> tuple[int, ...]:
    """The weekdays with at least half as many rings as an open one has on average."""
    open_days = [day for day in range(7) if open_at[day]]
    counts = Counter(ring.day for ring in rings)
    return tuple(day for day in open_days if counts[day] and counts[day] * 2 * len(open_days) >= len(rings))


def _densest(rings: list[_Ring], days: tuple[int, ...], open_at: Minutes) -> Suggestion | None:
    """The window that has the most rings beyond what its length accounts for, in slots of five minutes.

    Each slot gains its share of the rings and loses its share of the working hours; the run of slots that gains most
    begins and ends with rings.
    """
    open_minutes = frozenset[int]().union(*(open_at[day] for day in days))
    if not rings:
        return None
    counts = Counter(ring.minute // SLOT for ring in rings)
    loss = SLOT / len(open_minutes)
    best, gain, start, found = 0.0, 0.0, 0, (0, 0)
    for slot in range(DAY_MINUTES // SLOT):
        if gain <= 0:
            gain, start = 0.0, slot
        gain += counts[slot] / len(rings) - loss
        if gain > best:
            best, found = gain, (start, slot + 1)
    within = sorted(minute for minute in open_minutes if found[0] * SLOT <= minute < found[1] * SLOT)
    if not within or len(within) > LONGEST_SHARE * len(open_minutes):
        return None
    return Suggestion(days, within[0], within[-1] + 1)


def _weekly_minutes(hours: Hours) -> Minutes:
    return _minutes(((day,), window) for day, windows in enumerate(hours.weekly) for window in windows)


def _minutes(held: Iterable[tuple[tuple[int, ...], Window]]) -> Minutes:
    found: list[set[int]] = [set() for _ in WEEKDAYS]
    for days, window in held:
        for day in days:
            found[day].update(range(window.start, min(window.until, DAY_MINUTES)))
            found[(day + 1) % 7].update(range(window.until - DAY_MINUTES))
    return [frozenset(each) for each in found]


def _days(days: tuple[int, ...], to: str, comma: str) -> str:
    """Runs of weekdays: "Mon–Wed, Fri"."""
    breaks = [at for at, (day, following) in enumerate(pairwise(days), 1) if following != day + 1]
    runs = [days[first:last] for first, last in pairwise([0, *breaks, len(days)])]
    names = [[WEEKDAYS[day][:3] for day in run] for run in runs]
    return comma.join(run[0] if len(run) == 1 else f"{run[0]}{to}{run[-1]}" for run in names)
