"""What must happen at a time: messages sent, lost visits closed, counts summed up, old entries removed.

Any process may do any of it at any moment: each step is one commit against what was read, and the first one wins.
"""

import logging
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta

from app.domain.audit import Action, AuditEvent, Outcome
from app.domain.errors import StoreUnavailable
from app.domain.notices import Notice
from app.domain.office import Office
from app.domain.receipts import Receipt, Refusals, Unverified
from app.ports import OFFICE, Delivery, DueRecord, Hosts, Key, Store, partition
from app.usecases.requests import summary
from app.usecases.visits import Visits

logger = logging.getLogger(__name__)

BATCH = 100
PROBE = Key[Receipt]("receipt:probe")
TIDY_EVERY = timedelta(seconds=2)
TRIM_EVERY = timedelta(minutes=10)


class Housekeeping:
    """Looks at every record that is due. Raises StoreUnavailable."""

    def __init__(self, store: Store, hosts: Hosts, visits: Visits, office: Office) -> None:
        self._store = store
        self._hosts = hosts
        self._visits = visits
        self._office = office
        self._partitions = [partition(door_id) for door_id in (*office.doors, "")]
        self._tidied_at: datetime | None = None
        self._trimmed_at: datetime | None = None
        self._handlers: Mapping[str, Callable[[DueRecord, datetime], None]] = {
            "visit": self._visit,
            "receipt": self._receipt,
            "refusals": self._refusals,
            "notice": self._notice,
            "unverified": self._unverified,
        }

    def sweep(self, now: datetime) -> None:
        """One round over everything that is due at `now`."""
        self._visits.record_backlog()
        for due in self._store.due(self._partitions, now, BATCH):
            if not _is_notice(due):
                self._look_at(due, now)
        if self._tidied_at is None or now >= self._tidied_at + TIDY_EVERY:
            self._store.tidy()
            self._tidied_at = now
        if self._trimmed_at is None or now >= self._trimmed_at + TRIM_EVERY:
            self._trim(now)
            self._trimmed_at = now

    def deliver(self, now: datetime) -> None:
        """Send the notices that are due at `now`."""
        for due in self._store.due(self._partitions, now, BATCH):
            if _is_notice(due):
                self._look_at(due, now)

    def try_writing(self, now: datetime) -> None:
        """Raise StoreUnavailable if nothing can be committed: a store may still answer that is full or read-only."""
        snapshot = self._store.read(OFFICE, PROBE)
        self._store.commit(snapshot, {PROBE: Receipt("", now)})

    def _look_at(self, due: DueRecord, now: datetime) -> None:
        """One record that can't be read, or that only a later release knows, must not hold up the others."""
        try:
            self._handlers[due.name.partition(":")[0]](due, now)
        except StoreUnavailable:
            raise
        except Exception:
            logger.exception("Housekeeping could not deal with %s in %s", due.name, due.partition)

    def _trim(self, now: datetime) -> None:
        """Remove what is older than the office keeps it."""
        for each in self._partitions:
            self._store.erase_callers(each, now - self._office.visitor_data)
            if removed := self._store.trim_log(each, now - self._office.retention):
                logger.info("Removed %d log entries past retention from %s", removed, each)

    def _visit(self, due: DueRecord, now: datetime) -> None:
        self._visits.close_if_lost(self._office.doors[_door_id(due)], due.name.partition(":")[2], now)

    def _receipt(self, due: DueRecord, now: datetime) -> None:
        self._settle(due, Key[Receipt](due.name), now, lambda _: [])

    def _refusals(self, due: DueRecord, now: datetime) -> None:
        self._settle(due, Key[Refusals](due.name), now, lambda refusals: summary(refusals, _door_id(due), now))

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

    def _notice(self, due: DueRecord, now: datetime) -> None:
        key = Key[Notice](due.name)
        snapshot = self._store.read(due.partition, key)
        notice = snapshot.get(key)
        if notice is None or notice.due_at > now:
            return
        if notice.claimed:  # by a process that died before it could say what became of it: never sent again
            self._store.commit(snapshot, {key: None}, [_told(due, now, Outcome.UNKNOWN, "fate_unknown")])
        elif self._store.commit(snapshot, {key: notice.claim(now)}):
            self._send(due, notice, key, now)

    def _send(self, due: DueRecord, notice: Notice, key: Key[Notice], now: datetime) -> None:
        """Send a notice that this process has claimed, and say what became of it."""
        after: Notice | None = None
        events: list[AuditEvent] = []
        match self._hosts.tell(notice.channel, notice.text):
            case Delivery.REFUSED:
                events = [_told(due, now, Outcome.REFUSED, "slack_refused")]
            case Delivery.UNKNOWN:
                events = [_told(due, now, Outcome.UNKNOWN, "fate_unknown")]
            case Delivery.TRY_LATER:
                after = notice.retry(now)
                events = [] if after else [_told(due, now, Outcome.REFUSED, "slack_unreachable")]
        self._store.commit(self._store.read(due.partition, key), {key: after}, events)


def _is_notice(due: DueRecord) -> bool:
    return due.name.startswith("notice:")


def _door_id(due: DueRecord) -> str:
    return due.partition.partition(":")[2]


def _told(due: DueRecord, now: datetime, outcome: Outcome, reason: str) -> AuditEvent:
    return AuditEvent(now, _door_id(due), Action.TELL, outcome, reason)
