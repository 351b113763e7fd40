"""Posts the ends of the chains once a day: whoever rewrites the log can't rewrite what people have read."""

from collections.abc import Mapping, Sequence
from datetime import datetime, time, timedelta
from typing import Any

from app.domain import seal_sentences as words
from app.domain.audit import Action, AuditEvent, Outcome
from app.domain.doors import Door
from app.domain.notices import Notice
from app.domain.seals import SealHead, SealsTold
from app.ports import OFFICE, Key, Snapshot, Store
from app.usecases.seal_keys import SealKeys
from app.usecases.sealed_logs import BREACH, HEAD, SealedLog, read_each, read_or_none
from app.usecases.unlocks import new_notice_key

TOLD = Key[SealsTold]("seals_told")
TOLD_AT = time(9)  # local time of the first door
LONGEST = 2500  # characters of one message


class SealPosts:
    """Where no channel is named nothing is posted. Raises StoreUnavailable."""

    def __init__(
        self, store: Store, keys: SealKeys, logs: Sequence[str], doors: Mapping[str, Door], channel: str
    ) -> None:
        self._store = store
        self._keys = keys
        self._logs = logs
        self._doors = doors
        self._channel = channel
        self._told = ""  # the last day of which this process knows that it was told

    def post(self, now: datetime) -> None:
        """Post what is due today; any process may call it at any time, the first commit wins."""
        zone = next(iter(self._doors.values())).hours.timezone
        today = now.astimezone(zone).date()
        if not self._channel or self._told == today.isoformat():
            return
        if now.astimezone(zone).time() < TOLD_AT:
            return
        snapshot = read_or_none(self._store, OFFICE, TOLD) or Snapshot(OFFICE, {TOLD.name: None}, {})
        told = snapshot.get(TOLD)
        if told is None or told.day != today.isoformat():  # a day to come was noted by a clock that was wrong
            if not (heads := self._heads()):  # nothing is sealed yet
                return
            lines = [words.posted(self._doors.get(door_id), door_id, head, now, zone) for door_id, head in heads]
            event = AuditEvent(now, "", Action.SEAL, Outcome.DONE, "posted", details={"logs": len(heads)})
            writes: dict[Key[Any], object] = {TOLD: SealsTold(today.isoformat()), **self._notices(lines, now)}
            if not self._store.commit(snapshot, writes, [event]):
                return
        self._told = today.isoformat()

    def _heads(self) -> list[tuple[str, SealHead | None]]:
        """By the door's id where its chain ends; None where something is wrong with it."""
        opened = self._keys.open(self._logs)
        found = list[tuple[str, SealHead | None]]()
        logs = opened.also(self._logs)
        for log, snapshot in zip(logs, read_each(self._store, [(log, [HEAD, BREACH]) for log in logs]), strict=True):
            head = snapshot.get(HEAD) if snapshot else None
            is_right = snapshot and head and not snapshot.get(BREACH)
            if is_right and head and SealedLog(self._store, opened.key, log).is_signed(head):
                found.append((log.partition(":")[2], head))
            elif log in opened.sealed:
                found.append((log.partition(":")[2], None))
        return found if opened.key else []

    def _notices(self, lines: Sequence[str], now: datetime) -> dict[Key[Notice], Notice]:
        """One message, or several one after the other."""
        texts = [words.POSTED]
        for line in lines:
            if len(texts[-1]) + len(line) > LONGEST:
                texts.append("")
            texts[-1] = f"{texts[-1]}\n{line}".lstrip()
        return {
            new_notice_key(): Notice(self._channel, text, now + at * timedelta(microseconds=1))
            for at, text in enumerate(texts)
        }
