"""Removes old entries from sealed logs: first a signed checkpoint, then the entries, so that the rest can be verified.

Whatever dies in between: what the checkpoint has passed is removed the next time. Where something is wrong with what is
to go, that is noted first: a checkpoint must not wipe out what nobody has been told of.
"""

import logging
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime

from app.domain.audit import Action
from app.domain.seals import SealHead, block_of, signed
from app.ports import Snapshot, Store
from app.usecases.requests import TRIES
from app.usecases.seal_keys import NO_KEY_YET, SealKeys
from app.usecases.sealed_logs import BREACH, FROM_THE_BEGINNING, HEAD, SealedLog, read_each, read_or_none, tags_key

logger = logging.getLogger(__name__)

PIECE = 2000  # entries removed at once: nobody's commit waits for more
BLOCKS = 50  # of tags, in one commit
MOST = 5000  # entries that are looked at in one round: other things wait for it


def first_kept(store: Store, log: str, older_than: datetime, now: datetime) -> int:
    """The first entry of a log that is to be kept, as far as one look goes. Raises StoreUnavailable.

    Read from the old end: a log in which some entry says a wrong time can't be searched by halving. What says a time to
    come, or none, goes with those around it.
    """
    upto = 0
    for size in (1, MOST):
        lines = store.read_lines(log, after=FROM_THE_BEGINNING, limit=size)
        found = store.read_log(log, before=lines[-1].seq + 1, limit=size) if lines else []
        for entry in reversed(found):
            if entry.event.action == Action.UNREADABLE or entry.event.time > now:
                continue
            if entry.event.time >= older_than:
                return upto + 1
            upto = entry.seq
    return upto + 1


class Retention:
    """Raises StoreUnavailable."""

    def __init__(self, store: Store, keys: SealKeys) -> None:
        self._store = store
        self._keys = keys

    def trim(self, kept: Mapping[str, int]) -> int:
        """Remove what is older than the first entry that is to be kept, by log; only what is sealed. How many that was."""
        opened = self._keys.open([*kept])
        if opened.problem:
            if opened.problem != NO_KEY_YET:
                logger.warning("Old entries of the log stay: without its sealing key no checkpoint can be signed")
            return 0
        in_all = 0
        for log, first in kept.items():
            if removed := self._trim(SealedLog(self._store, opened.key, log), opened.key, first):
                logger.info("Removed %d log entries past retention from %s", removed, log)
                in_all += removed
        return in_all

    def _trim(self, log: SealedLog, key: bytes, first_kept: int) -> int:
        """How many entries were removed."""
        for _ in range(TRIES):
            (snapshot,) = read_each(self._store, [(log.name, [HEAD, BREACH])])
            head = snapshot.get(HEAD) if snapshot else None
            if snapshot is None or head is None or not log.is_signed(head):  # the sealer sees to it
                return 0
            after = _checkpoint(log, head, first_kept - 1, is_noted=snapshot.get(BREACH) is not None)
            if after is head or self._store.commit(snapshot, {HEAD: signed(key, log.name, after)}):
                return self._remove(log.name, after.start)
        return 0

    def _remove(self, log: str, upto: int) -> int:
        """Remove the entries that the checkpoint has passed, and the tags that nobody needs any more."""
        removed = 0
        while oldest := self._store.read_lines(log, after=FROM_THE_BEGINNING, limit=1):
            if oldest[0].seq > upto:
                break
            removed += self._store.trim_log(log, min(oldest[0].seq + PIECE, upto + 1))
        blocks = list[int]()
        block = block_of(upto) - 1
        while block >= 0 and self._is_there(log, block):
            blocks.append(block)
            block -= 1
        blocks.reverse()  # the oldest first: those that are left are found again from the other end
        for at in range(0, len(blocks), BLOCKS):
            self._store.commit(Snapshot(log, {}, {}), {tags_key(each): None for each in blocks[at : at + BLOCKS]})
        return removed

    def _is_there(self, log: str, block: int) -> bool:
        """Whether there is a record of tags; also one that can't be read."""
        snapshot = read_or_none(self._store, log, tags_key(block))
        return snapshot is None or snapshot.get(tags_key(block)) is not None


def _checkpoint(log: SealedLog, head: SealHead, upto: int, *, is_noted: bool) -> SealHead:
    """The head with its checkpoint moved up to an entry; as it is where it can't be: what is wrong is not signed."""
    upto = min(upto, head.seq)
    first = upto - 1 if is_noted else head.start
    if upto <= head.start or next(log.bad(head, first, upto + 1), None):
        return head
    start_tag = head.tag if upto == head.seq else (log.tag_of(upto) or b"").hex()
    return replace(head, start=upto, start_tag=start_tag)
