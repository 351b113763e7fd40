"""Which process does what must happen at a time. Whoever holds a lease goes on, and a dead holder is soon replaced.

A lease spares work and never makes it right: two processes may for moments both believe that they hold it, so whatever
is done under it is still claimed in the store.
"""

from datetime import datetime

from app.domain.leases import Lease, lease
from app.ports import OFFICE, Key, Snapshot, Store
from app.usecases.sealed_logs import read_or_none


class Leases:
    """The leases of one process. Raises StoreUnavailable."""

    def __init__(self, store: Store, holder: str) -> None:
        self._store = store
        self._holder = holder  # a name of this process that no other one has

    def hold(self, name: str, now: datetime) -> bool:
        """Whether this process holds the lease from now on; takes it where it is free, and renews it."""
        key = Key[Lease](f"lease:{name}")
        snapshot = read_or_none(self._store, OFFICE, key) or Snapshot(OFFICE, {key.name: None}, {})
        held = snapshot.get(key)
        if held and held.binds(now) and held.holder != self._holder:
            return False
        if held and held.holder == self._holder and held.is_fresh(now):
            return True
        return self._store.commit(snapshot, {key: lease(self._holder, now)})
