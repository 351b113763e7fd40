"""Tells every host by a direct message: once each, whatever happens meanwhile."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from uuid import uuid4

from app.domain.announcements import Announcement
from app.domain.audit import Action, AuditEvent, Outcome
from app.domain.doors import Door
from app.domain.notices import Notice
from app.ports import OFFICE, DueRecord, Key, Store, partition
from app.usecases.due import door_of, look_at_due
from app.usecases.unlocks import new_notice_key

Everybody = Callable[[Sequence[str], datetime], tuple[frozenset[str], bool]]
"""Who is host or admin of one of these doors, and whether these are all: Slack may not have told yet."""


def announcement(text: str, now: datetime, actor: str, *door_ids: str) -> dict[Key[Announcement], Announcement]:
    """What is to be committed so that every host is told; `actor` knows it already."""
    return {Key(f"announcement:{uuid4().hex}"): Announcement(text, now, door_ids, (actor,))}


class Announcements:
    """Writes a message for each host, and takes who has got one off the list in the same commit."""

    def __init__(self, store: Store, doors: Mapping[str, Door], everybody: Everybody, tell: Callable[[], None]) -> None:
        self._store = store
        self._door_ids = list(doors)
        self._partitions = [*(partition(door_id) for door_id in doors), OFFICE]
        self._everybody = everybody
        self._tell = tell

    def announce(self, now: datetime) -> None:
        """Write what is due. Raises StoreUnavailable."""
        look_at_due(self._store, self._partitions, lambda: now, {"announcement": self._announce})

    def _announce(self, due: DueRecord, now: datetime) -> None:
        key = Key[Announcement](due.name)
        snapshot = self._store.read(due.partition, key)
        announced = snapshot.get(key)
        if announced is None or now < announced.due_at:
            return
        people, is_complete = self._everybody(announced.door_ids or self._door_ids, now)
        new = sorted(people.difference(announced.told))
        after = None if is_complete or announced.is_too_old(now) else announced.telling(new, now)
        event = AuditEvent(now, door_of(due), Action.TELL, Outcome.REFUSED, "slack_unreachable")
        notices = {new_notice_key(): Notice(each, announced.text, announced.written_at) for each in new}
        if self._store.commit(snapshot, {key: after, **notices}, [] if is_complete or after else [event]) and new:
            self._tell()
