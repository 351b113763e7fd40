"""Checks the sealed logs again and again from end to end, a little in each round, so that what is wrong is noticed."""

from collections import deque
from collections.abc import Collection, Sequence
from datetime import datetime, timedelta

from app.domain.seals import Bad, SealCheck, SealHead, Wrong
from app.ports import Snapshot, Store
from app.usecases.breaches import Breaches
from app.usecases.seal_keys import SealKeys
from app.usecases.sealed_logs import BREACH, CHECK, HEAD, SealedLog, headless, read_each, read_or_none

SPAN = 900  # entries in one round
LOGS = 8  # at most, in one round
NOTED_EVERY = 30  # rounds: a new process goes on from there
RESUMED_WITHIN = timedelta(days=1)
AGAIN_AFTER = timedelta(hours=1)


class SealChecks:
    """`logs` are the partitions, and may become more. Raises StoreUnavailable."""

    def __init__(self, store: Store, keys: SealKeys, logs: Sequence[str], breaches: Breaches) -> None:
        self._store = store
        self._keys = keys
        self._logs = logs
        self._breaches = breaches
        self._waiting = deque[str]()
        self._began_at: datetime | None = None
        self._check: SealCheck | None = None  # of the log whose turn it is, once it has begun
        self._rounds = 0

    def look(self, now: datetime) -> None:
        """One round: one piece of a long log, or a few short ones."""
        is_early = self._began_at is not None and timedelta() <= now - self._began_at < AGAIN_AFTER
        if not self._waiting and is_early:
            return
        opened = self._keys.open(self._logs)
        if not self._waiting:
            self._waiting.extend(opened.also(self._logs))
            self._began_at = now
        left = SPAN
        for _ in range(LOGS if opened.key else 0):
            if not self._waiting or left <= 0:
                break
            log = SealedLog(self._store, opened.key, self._waiting[0])
            left -= self._look_at(log, opened.sealed, left, now)

    def _look_at(self, log: SealedLog, sealed: Collection[str], span: int, now: datetime) -> int:
        """Check up to `span` more entries of a log; how many that was."""
        (snapshot,) = read_each(self._store, [(log.name, [HEAD, BREACH])])
        if headless(snapshot, log, sealed) and not self._breaches.stands(log, snapshot, now):
            self._breaches.found(log.name, snapshot, Bad(Wrong.SEAL, 0, 0), now)
        head = snapshot.get(HEAD) if snapshot else None
        if snapshot is None or head is None or not log.is_signed(head) or snapshot.get(BREACH) is not None:
            self._go_on()
            return 0
        noted = read_or_none(self._store, log.name, CHECK)
        check = self._check or _resumed(noted.get(CHECK) if noted else None, now)
        after = max(check.reached, head.start)
        upto = min(after + span, head.seq)
        if bad := next(log.bad(head, None if after == head.start else after, upto), None):
            self._breaches.found(log.name, snapshot, bad, now)
            self._go_on()
        else:
            self._note(log.name, check, head, upto)
        return upto - after

    def _note(self, log: str, check: SealCheck, head: SealHead, upto: int) -> None:
        """Remember how far it is whole; on record now and then, and at the end."""
        self._rounds += 1
        is_done = upto == head.seq
        self._check = SealCheck(upto, check.began_at, check.whole_at)
        after = SealCheck(0, check.began_at, check.began_at) if is_done else self._check
        if is_done or self._rounds % NOTED_EVERY == 0:
            self._store.commit(read_or_none(self._store, log, CHECK) or Snapshot(log, {}, {}), {CHECK: after})
        if is_done:
            self._go_on()

    def _go_on(self) -> None:
        """The next log's turn."""
        self._waiting.popleft()
        self._check = None


def _resumed(check: SealCheck | None, now: datetime) -> SealCheck:
    """Where a check that another process began goes on; otherwise a new one."""
    if check and check.reached and timedelta() <= now - check.began_at < RESUMED_WITHIN:
        return check
    return SealCheck(0, now, check.whole_at if check else None)
