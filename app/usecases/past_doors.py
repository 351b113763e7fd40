"""Doors that `doorbot.toml` does not name any more: what they left behind is kept, read and tidied up all the same."""

from collections.abc import Mapping
from datetime import datetime, timedelta

from app.domain.doors import Door
from app.domain.known_doors import KnownDoors
from app.ports import OFFICE, DueRecord, Key, Snapshot, Store, partition
from app.usecases.due import look_at_all
from app.usecases.requests import TRIES
from app.usecases.sealed_logs import read_or_none

DOORS = Key[KnownDoors]("doors")
FORGOTTEN_AFTER = timedelta(days=1)


class PastDoors:
    """`doors` are as a process learns of them when it starts, for then it reads the file. Raises StoreUnavailable."""

    def __init__(self, store: Store, doors: Mapping[str, Door]) -> None:
        self._store = store
        self._present = doors
        self.doors: Mapping[str, Door] = {}

    def look(self) -> Mapping[str, Door]:
        """Note which doors there are, and learn which there were before. A note that can't be read is made anew."""
        for _ in range(TRIES):
            snapshot = read_or_none(self._store, OFFICE, DOORS) or Snapshot(OFFICE, {DOORS.name: None}, {})
            before = snapshot.get(DOORS) or KnownDoors()
            known = before.seen(self._present)
            if known == before or self._store.commit(snapshot, {DOORS: known}):
                self.doors = known.past(self._present)
                break
        return self.doors

    def forget(self, now: datetime) -> None:
        """Delete what has been due for a day: without its door nobody deals with it any more."""
        look_at_all(self._store, [partition(door_id) for door_id in self.doors], now - FORGOTTEN_AFTER, self._forget)

    def _forget(self, due: DueRecord) -> None:
        key = Key[object](due.name)
        self._store.commit(self._store.read(due.partition, key), {key: None})


def past_doors(store: Store, doors: Mapping[str, Door]) -> Mapping[str, Door]:
    """The doors that there were before these, as is on record now; none where that can't be read."""
    snapshot = read_or_none(store, OFFICE, DOORS)
    return ((snapshot and snapshot.get(DOORS)) or KnownDoors()).past(doors)
