"""Notices a door that does not ring any more, from the audit log: a ring pays nothing for it."""

import logging
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from app.domain import alarm_sentences as words
from app.domain.audit import Action, AuditEvent, LogEntry, Outcome
from app.domain.doors import Door
from app.domain.errors import StoreUnavailable
from app.domain.notices import Notice
from app.domain.silence import NEVER, Rhythm, first_look, rang_at
from app.ports import Key, Snapshot, Store, entries, partition
from app.usecases.planned import SCHEDULES, as_planned
from app.usecases.unlocks import new_notice_key

logger = logging.getLogger(__name__)

SILENCE = Key[Rhythm]("silence")
LOOK_EVERY = timedelta(minutes=10)
LOOK_EVERY_IN_SILENCE = timedelta(seconds=10)  # somebody rings at the panel and waits for the answer
WRITE_EVERY = timedelta(minutes=30)  # that somebody looked, also where nothing is new
MOST_DOORS = 5  # in one round: whoever rings meanwhile must not wait for hundreds of commits
MOST_ENTRIES = 1000
LONG_AGO = datetime.min.replace(tzinfo=UTC)
PAGE = 100


class Silence:
    """Any process may look: the first commit wins. Doors whose `silence` is never are not looked at."""

    def __init__(self, store: Store, doors: Mapping[str, Door]) -> None:
        self._store = store
        self._doors = {door.id: door for door in doors.values() if door.silence != NEVER}
        self._looked_at: dict[str, datetime] = {}
        self._silent: set[str] = set()

    def look(self, now: datetime) -> None:
        """One round over the doors whose turn it is. Raises StoreUnavailable."""
        due = [door for door in self._doors.values() if self._is_due(door, now)]
        due.sort(key=lambda door: self._looked_at.get(door.id, LONG_AGO))
        for door in due[:MOST_DOORS]:
            try:
                is_done = self._look(door, now)
            except StoreUnavailable:
                raise
            except Exception:  # a door whose records can't be read must not hold up the others
                logger.exception("The rings at %s could not be read", door.id)
                is_done = True
            if is_done:
                self._looked_at[door.id] = now

    def _is_due(self, door: Door, now: datetime) -> bool:
        every = LOOK_EVERY_IN_SILENCE if door.id in self._silent else LOOK_EVERY
        looked_at = self._looked_at.get(door.id)
        return looked_at is None or not timedelta() <= now - looked_at < every

    def _look(self, door: Door, now: datetime) -> bool:
        """False where something was changed meanwhile: it is to be looked at again."""
        where = partition(door.id)
        snapshot = self._store.read(where, SILENCE, SCHEDULES)
        door = as_planned(door, snapshot)
        before = snapshot.get(SILENCE)
        new = self._new_entries(where, before.seen if before else 0)
        rings = [at for entry in new if (at := rang_at(entry.event))]
        seen = new[-1].seq if new else before.seen if before else 0
        if before is None:
            after = first_look(seen, rings, door.hours, now)
        else:
            after = before.looked(seen, rings, door.hours, now)
        return self._keep(door, snapshot, before, after, now)

    def _keep(self, door: Door, snapshot: Snapshot, before: Rhythm | None, after: Rhythm, now: datetime) -> bool:
        """Write what is new, and tell of a silence that began or is over."""
        events, texts = list[AuditEvent](), list[str]()
        if before and before.told_at and not after.told_at:
            events.append(_noticed(door, now, "rang_again", after.since))
            texts.append(words.rang_again(door, after.since, now))
        if not after.told_at and after.is_silent(door, now):
            after = replace(after, told_at=now)
            events.append(_noticed(door, now, "silent", after.since))
            texts.append(words.warning(words.silent(door, after, now)))
        (self._silent.add if after.told_at else self._silent.discard)(door.id)
        if before and now - before.looked_at < WRITE_EVERY and before == _but_for_time(after, before):
            return True
        notices = {new_notice_key(): Notice(door.channel, text, now) for text in texts if door.channel}
        return self._store.commit(snapshot, {SILENCE: after, **notices}, events)

    def _new_entries(self, where: str, seen: int) -> list[LogEntry]:
        """What follows `seen` in the log, oldest first; of a very long one the newest."""
        new = list[LogEntry]()
        for entry in entries(self._store, where, PAGE):
            if entry.seq <= seen or len(new) >= MOST_ENTRIES:
                break
            new.append(entry)
        return new[::-1]


def _but_for_time(after: Rhythm, before: Rhythm) -> Rhythm:
    """What is known now, as if no time had passed."""
    return replace(after, looked_at=before.looked_at, waited=before.waited)


def _noticed(door: Door, now: datetime, reason: str, at: datetime) -> AuditEvent:
    """`at`: the last ring."""
    details = {"last_ring": at.isoformat(timespec="seconds")}
    return AuditEvent(now, door.id, Action.NOTICE_SILENCE, Outcome.DONE, reason, details=details)
