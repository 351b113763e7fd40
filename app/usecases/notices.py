"""Sends the messages that were committed with what they tell of.

A notice is claimed before it is sent. One whose fate is unknown is recorded as such, and never sent again.
"""

from collections.abc import Callable, Sequence
from datetime import datetime

from app.domain.audit import Action, AuditEvent, Outcome
from app.domain.notices import Notice
from app.ports import Delivery, DueRecord, Hosts, Key, Snapshot, Store
from app.usecases.due import door_of, look_at_due


class Notices:
    """Any process may send any notice: the first claim wins. Raises StoreUnavailable."""

    def __init__(self, store: Store, hosts: Hosts, partitions: Sequence[str]) -> None:
        self._store = store
        self._hosts = hosts
        self._partitions = partitions

    def deliver(self, clock: Callable[[], datetime]) -> None:
        """Send what is due, each channel's in the order in which it was written: a newer one must not be overtaken.

        Asks the time for each: Slack may take seconds for every one.
        """
        waiting: set[str] = set()  # channels of which an older notice is not dealt with yet

        def deliver(due: DueRecord, now: datetime) -> None:
            key = Key[Notice](due.name)
            snapshot = self._store.read(due.partition, key)
            notice = snapshot.get(key)
            if notice is None or notice.channel in waiting:
                return
            if notice.rests(now) or self._deliver(due, key, snapshot, notice, now):
                waiting.add(notice.channel)

        look_at_due(self._store, self._partitions, clock, {"notice": deliver})

    def _deliver(self, due: DueRecord, key: Key[Notice], snapshot: Snapshot, notice: Notice, now: datetime) -> bool:
        """Deal with a notice; True where it will have to wait."""
        if notice.claimed:  # by a process that died before it could say what became of it
            self._store.commit(snapshot, {key: None}, [_told(due, notice, now, Outcome.UNKNOWN, "fate_unknown")])
            return False
        if notice.is_stale(now):
            self._store.commit(snapshot, {key: None}, [_told(due, notice, now, Outcome.REFUSED, "too_late")])
            return False
        if not self._store.commit(snapshot, {key: notice.claim(now)}):  # another process is sending it
            return True
        claimed = self._store.read(due.partition, key)
        after, events = self._send(due, notice, now)
        self._store.commit(claimed, {key: after}, events)
        return after is not None

    def _send(self, due: DueRecord, notice: Notice, now: datetime) -> tuple[Notice | None, list[AuditEvent]]:
        """What remains of a notice once it was sent, and what of that is to go on record."""
        match self._hosts.tell(notice.channel, notice.text, notice.buttons):
            case Delivery.DELIVERED:
                return None, []
            case Delivery.REFUSED:
                return None, [_told(due, notice, now, Outcome.REFUSED, "slack_refused")]
            case Delivery.UNKNOWN:
                return None, [_told(due, notice, now, Outcome.UNKNOWN, "fate_unknown")]
        later = notice.retry(now)
        return later, [] if later else [_told(due, notice, now, Outcome.REFUSED, "slack_unreachable")]


def _told(due: DueRecord, notice: Notice, now: datetime, outcome: Outcome, reason: str) -> AuditEvent:
    return AuditEvent(now, door_of(due), Action.TELL, outcome, reason, details={"to": notice.channel})
