"""Counts what the log says of visits, in the background, for pictures of weeks and months: a ring pays nothing for it.

How far a door's log is counted is committed together with the counts, against what was read: whichever process does it,
and whatever kills it, each entry counts exactly once.
"""

import logging
from collections import defaultdict, deque
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from itertools import count
from typing import Any

from app.domain.audit import LogEntry
from app.domain.doors import Door
from app.domain.errors import StoreUnavailable
from app.domain.leases import Lease, renewed_at
from app.domain.office import Office
from app.domain.pictures import Pictures
from app.domain.summaries import (
    MonthSummary,
    Summed,
    Tallies,
    Tally,
    changed,
    month_of,
    months_between,
    read_on,
)
from app.ports import OFFICE, Key, Snapshot, Store, partition
from app.usecases.past_doors import past_doors
from app.usecases.sealed_logs import read_each, read_or_none

logger = logging.getLogger(__name__)

LEASE_NAME = "summaries"
LEASE = Key[Lease](f"lease:{LEASE_NAME}")
LONG_AGO = datetime.min.replace(tzinfo=UTC)
SUMMED = Key[Summed]("summed")
BATCH = 500  # entries that are counted in one commit
MOST_BATCHES = 6  # in one round: whoever rings meanwhile must not wait for hundreds of commits
TRIM_EVERY = timedelta(hours=1)
MOST_RECORDS = 400  # that one look may read
AT_ONCE = 100  # in one round trip, which has little time


class Summaries:
    """Any process may count: the first commit wins. Everything may raise StoreUnavailable."""

    def __init__(self, store: Store, office: Office) -> None:
        self._store = store
        self._retention = office.retention
        self._present = office.doors
        self._doors: Mapping[str, Door] | None = None  # and past ones, once they are known
        self._seen: dict[str, int] = {}  # by door, what this process knows to be counted
        self._turns = count()
        self._last_turn: dict[str, int] = {}
        self._trimmed_at: datetime | None = None

    def count(self, now: datetime) -> None:
        """One round: doors with something new in turn, a batch each, as many as a round may take."""
        doors = self._all_doors()
        newest = self._newest(doors)
        behind = [door_id for door_id in newest if newest[door_id] != self._seen.get(door_id)]
        waiting = deque(sorted(behind, key=lambda door_id: self._last_turn.get(door_id, -1)))
        for _ in range(MOST_BATCHES):
            if not waiting:
                return
            door_id = waiting.popleft()
            self._last_turn[door_id] = next(self._turns)
            if not self._try(doors[door_id], newest[door_id], now):
                waiting.append(door_id)

    def _all_doors(self) -> Mapping[str, Door]:
        """Read once, because a process reads the office's file once."""
        if self._doors is None:
            self._doors = {**past_doors(self._store, self._present), **self._present}
        return self._doors

    def _newest(self, doors: Mapping[str, Door]) -> dict[str, int]:
        """The number of the newest entry of each door, in one round trip."""
        heads = self._store.read_logs([partition(door_id) for door_id in doors], 1)
        return {door_id: head[0].seq for door_id, head in zip(doors, heads, strict=True) if head}

    def _try(self, door: Door, newest: int, now: datetime) -> bool:
        """A batch of a door; False where there is more. One that can't be read must not hold up the others."""
        try:
            return self._count(door, newest, now)
        except StoreUnavailable:
            raise
        except Exception:
            logger.exception("The visits at %s could not be counted", door.id)
            self._seen[door.id] = newest  # until there is something new
            return True

    def _count(self, door: Door, newest: int, now: datetime) -> bool:
        where = partition(door.id)
        snapshot = read_or_none(self._store, where, SUMMED)
        if snapshot is None:
            return self._begin_anew(where)
        before = snapshot.get(SUMMED)
        seen = before.seen if before else 0
        if seen >= newest:  # another process was here
            self._seen[door.id] = newest
            return True
        new, upto = self._next(where, seen, newest)
        after, changes = read_on(before or Summed(now), new, door.hours.timezone)
        is_done = self._commit(where, before, replace(after, at=now, seen=upto, behind=newest - upto), changes)
        if is_done:
            self._seen[door.id] = upto
        return is_done and upto == newest

    def _next(self, where: str, seen: int, newest: int) -> tuple[list[LogEntry], int]:
        """Up to a batch of entries that follow `seen`, oldest first, and the number up to which these are all."""
        upto = min(seen + BATCH, newest)
        found = [entry for entry in self._store.read_log(where, before=upto + 1, limit=BATCH) if entry.seq > seen]
        if found or upto == newest:
            return found[::-1], upto
        (first,) = self._store.first_at([where], LONG_AGO)  # what lay between has been trimmed
        return [], min(max(first - 1, upto), newest)

    def _commit(self, where: str, before: Summed | None, after: Summed, changes: Tallies) -> bool:
        """Write counts and position together; False where another process was first."""
        by_month: dict[str, Tallies] = {}
        for day, tally in changes.items():
            if tally.rings or month_of(day) in after.months:  # a month that was removed stays so
                by_month.setdefault(month_of(day), {})[day] = tally
        keys = {month: month_key(month) for month in by_month}
        snapshot = read_or_none(self._store, where, SUMMED, *keys.values())
        if snapshot is None:
            return self._begin_anew(where, keys.values())
        if snapshot.get(SUMMED) != before:
            return False
        kept = before.months if before else ()  # what lies in other months was left behind when counting began anew
        writes: dict[Key[Any], object] = {
            key: changed(snapshot.get(key) if month in kept else None, by_month[month]) for month, key in keys.items()
        }
        months = tuple(sorted({*after.months, *by_month}))
        return self._store.commit(snapshot, {**writes, SUMMED: replace(after, months=months)})

    def _begin_anew(self, where: str, keys: Iterable[Key[MonthSummary]] = ()) -> bool:
        """What can't be read any more is counted again, from the oldest entry on."""
        logger.warning("The summaries of %s can't be read; its visits are counted again", where)
        self._store.commit(Snapshot(where, {}, {}), {SUMMED: None, **dict.fromkeys(keys)})
        return False

    def trim(self, now: datetime) -> None:
        """Remove the months that ended longer ago than the office keeps its log, now and then."""
        if self._trimmed_at is not None and timedelta(0) <= now - self._trimmed_at < TRIM_EVERY:
            return
        doors = self._all_doors()
        snapshots = read_each(self._store, [(partition(door_id), [SUMMED]) for door_id in doors])
        for door, snapshot in zip(doors.values(), snapshots, strict=True):
            summed = snapshot.get(SUMMED) if snapshot else None
            oldest = month_of((now - self._retention).astimezone(door.hours.timezone).date().isoformat())
            if snapshot and summed and (past := [month for month in summed.months if month < oldest]):
                kept = replace(summed, months=summed.months[len(past) :])
                self._store.commit(snapshot, {SUMMED: kept, **{month_key(month): None for month in past}})
        self._trimmed_at = now

    def of(self, door_ids: Sequence[str], first_day: date, last_day: date) -> Pictures:
        """What came of the rings at these doors on these days."""
        keys = [month_key(month) for month in months_between(first_day, last_day)]
        if len(door_ids) * len(keys) > MOST_RECORDS:
            return Pictures(first_day, last_day, is_too_much=True)
        reads: list[tuple[str, Sequence[Key[Any]]]] = [(OFFICE, [LEASE])]
        reads += [(partition(door_id), [SUMMED, *keys]) for door_id in door_ids]
        at_once = max(1, AT_ONCE // len(keys))
        try:
            pieces = [reads[at : at + at_once] for at in range(0, len(reads), at_once)]
            office, *snapshots = [each for piece in pieces for each in self._store.read_many(piece)]
            months = (month for each in snapshots for key in keys if (month := each.get(key)))
            days = _days(months, first_day, last_day)
        except ValueError:  # a record that can't be read must not take the page away
            logger.exception("The summaries can't be read")
            return Pictures(first_day, last_day, is_unreadable=True)
        lease = office.get(LEASE)
        summed = [found for snapshot in snapshots if (found := snapshot.get(SUMMED))]
        return Pictures(
            first_day,
            last_day,
            days,
            as_of=renewed_at(lease) if lease else None,
            behind=sum(each.behind for each in summed),
            unreadable=sum(each.unreadable for each in summed),
        )


def month_key(month: str) -> Key[MonthSummary]:
    return Key(f"summary:{month}")


def _days(months: Iterable[MonthSummary], first_day: date, last_day: date) -> dict[date, Tally]:
    """Months of several doors, added up day by day; only days on which somebody rang. ValueError if they can't be."""
    first, last = first_day.isoformat(), last_day.isoformat()
    found = defaultdict[str, Tally](Tally)
    for month in months:
        for day in month.days:
            if first <= day.date <= last:
                found[day.date].add_day(day)
    if not all(tally.can_be for tally in found.values()):
        raise ValueError("counts that no day can have")
    return {date.fromisoformat(day): found[day] for day in sorted(found) if found[day].rings}
