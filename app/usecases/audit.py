"""Reading the audit log."""

import heapq
from collections.abc import Iterable, Iterator
from itertools import islice

from app.domain.audit import LogEntry
from app.ports import Store, entries, partition


class AuditLog:
    """The record of every door and of the office, newest first. Raises StoreUnavailable."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def latest(self, door_ids: Iterable[str], limit: int, *, office: bool = True) -> list[LogEntry]:
        """The newest `limit` entries of these doors and of the office, for whom `Doors.permit` permits it."""
        return list(islice(self.entries([*door_ids, *([""] if office else [])]), limit))

    def entries(self, door_ids: Iterable[str]) -> Iterator[LogEntry]:
        """All entries of these doors ("" is the office), merged by time, newest first."""
        logs = [entries(self._store, partition(door_id)) for door_id in door_ids]
        return heapq.merge(*logs, key=lambda entry: (entry.event.time, entry.seq), reverse=True)
