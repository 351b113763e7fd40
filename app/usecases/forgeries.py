"""Requests that were not signed as they should be: counted, never taken into the log one by one."""

from collections import Counter
from dataclasses import replace
from datetime import datetime
from threading import Lock

from app.domain.receipts import Unverified
from app.ports import OFFICE, Key, Store

UNVERIFIED = Key[Unverified]("unverified")


class Forgeries:
    """Counts in this process, and adds the counts to the store's; one event an hour sums them up."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._counts: Counter[str] = Counter()
        self._lock = Lock()

    def count(self, edge: str) -> None:
        """Count one request at an edge ("slack", "voice", "web"); touches nothing but memory."""
        with self._lock:
            self._counts[edge] += 1

    def record(self, now: datetime) -> None:
        """Move the counts into the store. Raises StoreUnavailable, having kept them."""
        with self._lock:
            counts = Counter(self._counts)
        if not counts:
            return
        snapshot = self._store.read(OFFICE, UNVERIFIED)
        earlier = snapshot.get(UNVERIFIED) or Unverified(now)
        total = replace(earlier, counts=dict(counts + Counter(earlier.counts)))
        if self._store.commit(snapshot, {UNVERIFIED: total}):
            with self._lock:
                self._counts -= counts
