"""Reading the audit log."""

import heapq
from collections.abc import Iterable, Iterator, Mapping
from itertools import islice

from app.domain.audit import LogEntry
from app.domain.doors import Door
from app.ports import Store, entries, partition
from app.usecases.past_doors import past_doors

FEW = 20


class AuditLog:
    """The record of every door and of the office, newest first. Raises StoreUnavailable."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def past_doors(self, doors: Mapping[str, Door]) -> Mapping[str, Door]:
        """The doors that there were before these, by their id: their log is kept like any other."""
        return past_doors(self._store, doors)

    def latest(self, door_ids: Iterable[str], limit: int, *, office: bool = True) -> list[LogEntry]:
        """The newest `limit` entries of these doors and of the office, for whom `Doors.permit` permits it."""
        return list(islice(self.entries([*door_ids, *([""] if office else [])]), limit))

    def entries(self, door_ids: Iterable[str]) -> Iterator[LogEntry]:
        """All entries of these doors ("" is the office), merged by time, newest first.

        One round trip finds the newest of each: only those whose turn comes are read on.
        """
        where = [partition(door_id) for door_id in door_ids]
        newest = self._store.read_logs(where, 1)
        logs = [self._from(log, first) for log, found in zip(where, newest, strict=True) for first in found]
        return heapq.merge(*logs, key=lambda entry: (entry.event.time, entry.seq), reverse=True)

    def _from(self, log: str, newest: LogEntry) -> Iterator[LogEntry]:
        """A log from its newest entry on; at first a few entries, because often no more are wanted."""
        yield newest
        before = newest.seq
        for entry in self._store.read_log(log, before=before, limit=FEW):
            yield entry
            before = entry.seq
        yield from entries(self._store, log, before=before)
