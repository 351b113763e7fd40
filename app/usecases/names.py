"""What people are called: as Slack says, and where it doesn't any more, as it said before."""

import logging
from collections.abc import Collection, Mapping
from datetime import datetime, timedelta

from app.domain.names import PeopleNames
from app.ports import OFFICE, Hosts, Key, Store

logger = logging.getLogger(__name__)

NAMES = Key[PeopleNames]("names")
AT_MOST_EVERY = timedelta(minutes=1)  # so often it is read what other processes heard, and written what is new


class Names:
    """Names by a person's id. Reading the store is never needed to answer, and never fails an answer."""

    def __init__(self, store: Store, hosts: Hosts) -> None:
        self._store = store
        self._hosts = hosts
        self._kept = PeopleNames()
        self._read_at: datetime | None = None
        self._looked_at: datetime | None = None

    def names(self, user_ids: Collection[str], now: datetime, *, waits: bool = True) -> Mapping[str, str]:
        """The names of those of whom one is known; whoever has none yet is asked about, for 1.5 s in all.

        Where nobody `waits`, they are asked about meanwhile.
        """
        if self._is_due(self._read_at, now):
            self._read(now)
        kept = self._kept.names
        heard = self._hosts.names([each for each in user_ids if each not in kept], waits=waits)
        heard = {**heard, **self._hosts.names([each for each in user_ids if each in kept], waits=False)}
        return {each: heard.get(each) or kept[each] for each in user_ids if each in heard or each in kept}

    def keep(self, now: datetime) -> None:
        """Write down what Slack said since, now and then, if it is anything new. Raises StoreUnavailable."""
        if not self._is_due(self._looked_at, now):
            return
        self._looked_at = now
        heard = self._hosts.heard_names()
        if self._kept.noted(heard) == self._kept:
            return
        snapshot = self._store.read(OFFICE, NAMES)
        before = snapshot.get(NAMES) or PeopleNames()
        after = before.noted(heard)
        if after == before or self._store.commit(snapshot, {NAMES: after}):
            self._kept = after

    def _read(self, now: datetime) -> None:
        self._read_at = now
        try:
            self._kept = self._store.read(OFFICE, NAMES).get(NAMES) or PeopleNames()
        except Exception as error:  # who asks has more urgent things to read, and names are only a help
            logger.warning("The names that were kept can't be read: %s", type(error).__name__)

    def _is_due(self, at: datetime | None, now: datetime) -> bool:
        return at is None or not timedelta(0) <= now - at < AT_MOST_EVERY
