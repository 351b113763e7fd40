"""Seals the logs: every few seconds, in one process, off the ring's path. What is wrong is noticed before going on."""

from collections import deque
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from app.domain import seal_sentences as words
from app.domain.audit import Action, AuditEvent, Outcome
from app.domain.seals import (
    BLOCK,
    GENESIS,
    Bad,
    Breach,
    Sealer,
    SealHead,
    Wrong,
    block_of,
    packed,
    signed,
    tag,
    tag_key,
)
from app.ports import OFFICE, Key, LogLine, Snapshot, Store, partition
from app.usecases.breaches import Breaches
from app.usecases.seal_keys import Opened, SealKeys
from app.usecases.sealed_logs import (
    BREACH,
    CHECK,
    FROM_THE_BEGINNING,
    HEAD,
    SealedLog,
    filled,
    headless,
    read_each,
    tags_key,
    wrong_number,
)

SEALER = Key[Sealer]("sealer")
PIECE = 1024  # entries in one commit
MOST = 4096  # in one round: a log that was never sealed is caught up with over many
LEAST = 64  # what looking at a log counts for, however little is new there
SAID_EVERY = timedelta(seconds=10)
FURTHER = 16
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Standing:
    """How far a log is sealed, and as of when all of it is; when its last whole check began; what is wrong with it.

    `problem` is why nothing can be sealed at all: one of the words of `app.usecases.seal_keys`.
    """

    sealed: int = 0
    as_of: datetime | None = None
    checked_at: datetime | None = None
    breach: Breach | None = None
    problem: str = ""


class Sealing:
    """`logs` are the partitions, and may become more. Raises StoreUnavailable."""

    def __init__(self, store: Store, keys: SealKeys, logs: Sequence[str], breaches: Breaches) -> None:
        self._store = store
        self._keys = keys
        self._logs = logs
        self._breaches = breaches
        self._sealed: dict[str, int] = {}  # up to where this process knows a log to be sealed
        self._turns: dict[str, datetime] = {}
        self._said = Sealer()

    def seal(self, now: datetime) -> None:
        """One round: seal what is new. Bounded; what is left has its turn in the next one."""
        opened = self._keys.open_or_make(self._logs)
        if opened.problem:
            self._say(now, opened.problem)
            return
        logs = opened.also(self._logs)
        newest = dict(zip(logs, self._store.newest(logs), strict=True))
        waiting = deque(self._in_turn(log for log in logs if self._sealed.get(log) != newest[log]))
        left = MOST
        while waiting and left > 0:
            log = waiting.popleft()
            self._turns[log] = now
            count, is_done = self._seal_piece(SealedLog(self._store, opened.key, log), opened, now)
            left -= max(count, LEAST)
            if not is_done:
                waiting.append(log)
        new = [log for log, upto in self._sealed.items() if upto and log not in opened.sealed]
        if new:
            self._keys.add(new)
        self._say(now, "", is_whole=not waiting)

    def standing(self, door_ids: Sequence[str]) -> dict[str, Standing]:
        """How each of these logs stands, by the door's id, "" for the office's; in one round trip."""
        logs = [partition(door_id) for door_id in door_ids]
        wanted: Sequence[Key[Any]] = (HEAD, CHECK, BREACH)
        office, *found = read_each(self._store, [(OFFICE, [SEALER]), *((log, wanted) for log in logs)])
        sealer = (office.get(SEALER) if office else None) or Sealer()
        standing = dict[str, Standing]()
        for door_id, snapshot in zip(door_ids, found, strict=True):
            if snapshot is None:
                unreadable = Breach(Wrong.SEAL, 0, 0, sealer.at or EPOCH)
                standing[door_id] = Standing(breach=unreadable, problem=sealer.problem)
                continue
            head, check, breach = snapshot.get(HEAD), snapshot.get(CHECK), snapshot.get(BREACH)
            moments = [each for each in (head and head.at, sealer.at) if each]
            standing[door_id] = Standing(
                sealed=head.seq if head else 0,
                as_of=max(moments, default=None),
                checked_at=check.whole_at if check else None,
                breach=breach,
                problem=sealer.problem,
            )
        return standing

    def _in_turn(self, logs: Iterable[str]) -> list[str]:
        """Those first that have waited longest."""
        return sorted(logs, key=lambda log: self._turns.get(log, EPOCH))

    def _seal_piece(self, log: SealedLog, opened: Opened, now: datetime) -> tuple[int, bool]:
        """Seal up to a piece of what is new in a log; how many entries that was, and whether these were all."""
        (snapshot,) = read_each(self._store, [(log.name, [HEAD, BREACH])])
        if self._breaches.stands(log, snapshot, now):
            self._sealed.pop(log.name, None)
            return 0, True
        head = snapshot.get(HEAD) if snapshot else None
        if snapshot is None or headless(snapshot, log, opened.sealed):
            self._breaches.found(log.name, snapshot, Bad(Wrong.SEAL, 0, 0), now)
            return 0, True
        after = head.seq - 1 if head else FROM_THE_BEGINNING
        lines = self._store.read_lines(log.name, after=after, limit=PIECE + 1)
        if head is None:
            if not lines:
                self._sealed[log.name] = 0
                return 0, True
            before, (begun,) = lines[0].seq - 1, self._store.newest([log.name])
            head = SealHead(before, GENESIS.hex(), now, before, GENESIS.hex(), begun)
        new = filled([line for line in lines if line.seq > head.seq], head)[:PIECE]
        if bad := self._bad_end(log, head, lines) or wrong_number(new, head.seq):
            self._breaches.found(log.name, snapshot, bad, now)
            return 0, True
        if new and not self._commit(log, opened.key, snapshot, head, new, now):
            return 0, False
        self._sealed[log.name] = new[-1].seq if new else head.seq
        return len(new), len(new) < PIECE

    def _bad_end(self, log: SealedLog, head: SealHead, lines: Sequence[LogLine]) -> Bad | None:
        """What is wrong with the end of the chain: the last sealed entry must be what it was."""
        bad, reach = next(log.bad(head, head.seq - 1, lines=lines), None), BLOCK
        while bad:
            bad = next(log.bad(head, head.seq - reach), bad)
            if bad.first > head.seq - reach + 1 or head.seq - reach <= head.start:
                break
            reach *= FURTHER  # what is wrong began earlier
        return bad

    def _commit(
        self, log: SealedLog, key: bytes, snapshot: Snapshot, head: SealHead, new: Sequence[LogLine], now: datetime
    ) -> bool:
        """Chain new entries to those before them."""
        tags = dict[int, bytes]()
        number = head.seq
        while number and block_of(number) == block_of(new[0].seq) and (found := log.tag_of(number)):
            tags[number] = found  # the last block is written anew, with what is in it already
            number -= 1
        before, entries_key = bytes.fromhex(head.tag), tag_key(key)
        for line in new:
            before = tags[line.seq] = tag(entries_key, log.name, before, line.seq, line.text)
        sealed = SealHead(new[-1].seq, before.hex(), now, head.start, head.start_tag, head.begun)
        blocks = {tags_key(block): record for block, record in packed(tags).items()}
        return self._store.commit(snapshot, {HEAD: signed(key, log.name, sealed), **blocks})

    def _say(self, now: datetime, problem: str, *, is_whole: bool = False) -> None:
        """Put on record that all is sealed, or why nothing is; the latter is told once."""
        is_old = self._said.at is None or not timedelta() <= now - self._said.at < SAID_EVERY
        if problem == self._said.problem and not (is_whole and is_old):
            return
        (snapshot,) = read_each(self._store, [(OFFICE, [SEALER])])
        before = (snapshot.get(SEALER) if snapshot else None) or Sealer()
        after = Sealer(now if is_whole else before.at, problem)
        events, notices = list[AuditEvent](), {}
        if problem != before.problem:
            outcome = Outcome.REFUSED if problem else Outcome.DONE
            events.append(AuditEvent(now, "", Action.SEAL, outcome, problem or "goes_on"))
            notices = self._breaches.notices(words.problem(problem), now)
        if self._store.commit(snapshot or Snapshot(OFFICE, {}, {}), {SEALER: after, **notices}, events):
            self._said = after
