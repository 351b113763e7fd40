"""What must happen at a time: lost visits closed, counts summed up, old entries removed.

Any process may do any of it at any moment: each step is one commit against what was read, and the first one wins.
"""

import logging
from collections.abc import Callable
from datetime import datetime, timedelta

from app.domain.audit import Action, AuditEvent, Outcome
from app.domain.errors import StoreUnavailable
from app.domain.followers import HomeShown
from app.domain.office import Office
from app.domain.receipts import Receipt, Refusals, Unverified
from app.domain.sessions import Link, Session
from app.ports import OFFICE, DueRecord, Key, Store, partition
from app.usecases.due import door_of, look_at_due
from app.usecases.past_doors import PastDoors
from app.usecases.requests import summary
from app.usecases.retention import Retention, first_kept
from app.usecases.visits import Visits

logger = logging.getLogger(__name__)

PROBE = Key[Receipt]("receipt:probe")
TIDY_EVERY = timedelta(seconds=2)
TRIM_EVERY = timedelta(minutes=10)
LEFT_TO_OTHERS = timedelta(minutes=15)  # at a door that we don't know: perhaps other processes have a newer file


class Housekeeping:
    """Looks at every record that is due. Raises StoreUnavailable."""

    def __init__(self, store: Store, visits: Visits, office: Office, retention: Retention) -> None:
        self._store = store
        self._retention = retention
        self._visits = visits
        self._office = office
        self._present = [partition(door_id) for door_id in (*office.doors, "")]
        self._past = PastDoors(store, office.doors)
        self._past_partitions: list[str] | None = None
        self.partitions = [*self._present]  # and those of past doors, once they are known
        self._tidied_at: datetime | None = None
        self._trimmed_at: datetime | None = None
        self._handlers = {
            "visit": self._visit,
            "receipt": self._receipt,
            "refusals": self._refusals,
            "unverified": self._unverified,
            **dict.fromkeys(("home", "link", "session"), self._over),
        }

    def sweep(self, now: datetime) -> None:
        """One round over everything that is due at `now`."""
        self._visits.record_backlog(now)
        if self._past_partitions is None:
            self._past_partitions = self._look_for_past_doors()
            self.partitions += self._past_partitions
        look_at_due(self._store, self._present, lambda: now, self._handlers)
        look_at_due(self._store, self._past_partitions, lambda: now, self._handlers, LEFT_TO_OTHERS)
        if _is_time(self._tidied_at, TIDY_EVERY, now):
            self._store.tidy()
            self._tidied_at = now

    def _look_for_past_doors(self) -> list[str]:
        """Once, because a process reads the office's file once. A record of them must not hold up the rest."""
        try:
            return [partition(door_id) for door_id in self._past.look()]
        except StoreUnavailable:
            raise
        except Exception:
            logger.exception("The doors of earlier days are not known")
            return []

    def try_writing(self, now: datetime) -> None:
        """Raise StoreUnavailable if nothing can be committed: a store may still answer that is full or read-only."""
        snapshot = self._store.read(OFFICE, PROBE)
        self._store.commit(snapshot, {PROBE: Receipt("", now)})

    def trim(self, now: datetime) -> None:
        """Remove what is older than the office keeps it, now and then."""
        if not _is_time(self._trimmed_at, TRIM_EVERY, now):
            return
        self._past.forget(now)
        with_callers = self._store.first_at(self.partitions, now - self._office.visitor_data)
        for each, first_with_caller in zip(self.partitions, with_callers, strict=True):
            self._store.erase_callers(each, first_with_caller)
        older_than = now - self._office.retention
        kept = {each: first_kept(self._store, each, older_than, now) for each in self.partitions}
        if not self._retention.trim(kept):  # otherwise there may be more
            self._trimmed_at = now

    def _visit(self, due: DueRecord, now: datetime) -> None:
        door = self._office.doors.get(door_of(due)) or self._past.doors[door_of(due)]
        self._visits.close_if_lost(door, due.name.partition(":")[2], now)

    def _receipt(self, due: DueRecord, now: datetime) -> None:
        self._settle(due, Key[Receipt](due.name), now, lambda _: [])

    def _over(self, due: DueRecord, now: datetime) -> None:
        """What has nothing more to say."""
        self._settle(due, Key[HomeShown | Link | Session](due.name), now, lambda _: [])

    def _refusals(self, due: DueRecord, now: datetime) -> None:
        self._settle(due, Key[Refusals](due.name), now, lambda refusals: summary(refusals, door_of(due), now))

    def _unverified(self, due: DueRecord, now: datetime) -> None:
        def summed(unverified: Unverified) -> list[AuditEvent]:
            details: dict[str, str | int] = {"since": unverified.since.isoformat(), **unverified.counts}
            return [AuditEvent(now, "", Action.VERIFY, Outcome.REFUSED, "bad_signature", details=details)]

        self._settle(due, Key[Unverified](due.name), now, summed)

    def _settle(self, due: DueRecord, key: Key, now: datetime, events: Callable) -> None:  # type: ignore[type-arg]
        """Put the last word of a record on record, and delete it."""
        snapshot = self._store.read(due.partition, key)
        record = snapshot.get(key)
        if record is not None and record.due_at <= now:
            self._store.commit(snapshot, {key: None}, events(record))


def _is_time(done_at: datetime | None, every: timedelta, now: datetime) -> bool:
    """Whether something is to be done again; also where the clock was set back since."""
    return done_at is None or not timedelta() <= now - done_at < every
