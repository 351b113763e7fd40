"""What is wrong with a log: noted where it is found, told once, and over when everything is as it was."""

from collections.abc import Mapping
from datetime import datetime, timedelta

from app.domain import seal_sentences as words
from app.domain.audit import Action, AuditEvent, Outcome
from app.domain.doors import Door
from app.domain.notices import Notice
from app.domain.seals import Bad, Breach, SealHead
from app.ports import Key, Snapshot, Store
from app.usecases.sealed_logs import BREACH, HEAD, SealedLog, read_or_none, wrong_number
from app.usecases.unlocks import new_notice_key

LOOKED_AGAIN = timedelta(seconds=30)  # perhaps it was put back as it was
AROUND = 2  # entries on either side of what is wrong


class Breaches:
    """Raises StoreUnavailable."""

    def __init__(self, store: Store, doors: Mapping[str, Door], channel: str = "") -> None:
        """What is found is told in `channel`, or, where there is none, in every door's."""
        self._store = store
        self._doors = doors
        self._channels = [channel] if channel else sorted({door.channel for door in doors.values() if door.channel})
        self._looked_at: dict[str, datetime] = {}

    def found(self, log: str, snapshot: Snapshot | None, bad: Bad, now: datetime) -> None:
        """Note what is wrong, unless what `snapshot` holds has changed: then it was no more true when it was found."""
        if snapshot is None:
            snapshot = read_or_none(self._store, log, BREACH) or Snapshot(log, {}, {})
        self._looked_at[log] = now
        details: dict[str, str | int] = {"what": bad.wrong.value, "first": bad.first, "last": bad.last}
        event = AuditEvent(now, _door_of(log), Action.SEAL, Outcome.REFUSED, "broken", details=details)
        breach = Breach(bad.wrong, bad.first, bad.last, now)
        self._store.commit(
            snapshot, {BREACH: breach, **self.notices(words.broken(self.name(log), breach), now)}, [event]
        )

    def stands(self, log: SealedLog, snapshot: Snapshot | None, now: datetime) -> bool:
        """Whether something is wrong with this log that was found before. Looks again now and then."""
        alone = snapshot or read_or_none(self._store, log.name, BREACH)
        breach = alone.get(BREACH) if alone else None
        if breach is None:
            return False
        looked_at = self._looked_at.get(log.name)
        if looked_at is not None and timedelta() <= now - looked_at < LOOKED_AGAIN:
            return True
        self._looked_at[log.name] = now
        head = snapshot.get(HEAD) if snapshot else None
        if snapshot is None or head is None or not log.is_signed(head) or self._is_wrong(log, head, breach):
            return True
        event = AuditEvent(now, _door_of(log.name), Action.SEAL, Outcome.DONE, "mended")
        return not self._store.commit(
            snapshot, {BREACH: None, **self.notices(words.mended(self.name(log.name)), now)}, [event]
        )

    def notices(self, text: str, now: datetime) -> dict[Key[Notice], Notice]:
        return {new_notice_key(): Notice(channel, text, now) for channel in self._channels}

    def _is_wrong(self, log: SealedLog, head: SealHead, breach: Breach) -> bool:
        first, last = breach.first - AROUND, breach.last + AROUND
        if next(log.bad(head, first, last), None):
            return True
        if last < head.seq:
            return False
        bad_end = next(log.bad(head, head.seq - 1), None)
        following = self._store.read_lines(log.name, after=head.seq, limit=AROUND)
        return bool(bad_end or wrong_number(following, head.seq))

    def name(self, log: str) -> str:
        """How a log is called in a sentence."""
        door = self._doors.get(_door_of(log))
        return words.called(door, _door_of(log))


def _door_of(log: str) -> str:
    return log.partition(":")[2]
