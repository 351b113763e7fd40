"""Verifies a log from end to end, for whoever wants to know it now. Changes nothing."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from app.domain.seals import Bad, PostedHead, SealHead, Wrong
from app.ports import LogLine, Store
from app.usecases.seal_keys import Opened
from app.usecases.sealed_logs import HEAD, PAGE, SealedLog, filled, read_or_none, wrong_number

TOLD_EVERY = 50_000  # entries

Progress = Callable[[int, int], None]
"""Is told how many entries were read, and how many there are."""


class Compared(StrEnum):
    """What became of an end of the chain that was posted once."""

    SAME = "same"
    OTHER = "other"
    BEYOND = "beyond"  # the log ends before it
    GONE = "gone"  # it was removed in its time


@dataclass
class Verified:
    """What was found. `head` is None where nothing is sealed, or where that can't be read."""

    log: str
    head: SealHead | None = None
    bad: list[Bad] = field(default_factory=list)
    left_out: int = 0  # so many more things are wrong than `bad` holds
    unsealed: int = 0
    compared: list[tuple[PostedHead, Compared]] = field(default_factory=list)

    @property
    def is_whole(self) -> bool:
        """Whether nothing is wrong."""
        return not self.bad and all(each in (Compared.SAME, Compared.GONE) for _, each in self.compared)


class Verifying:
    """Raises StoreUnavailable."""

    def __init__(self, store: Store, opened: Opened, limit: int, progress: Progress) -> None:
        self._store = store
        self._opened = opened
        self._limit = limit
        self._progress = progress

    def verify(self, name: str, posted: Sequence[PostedHead] = ()) -> Verified:
        """Walk along a log. `posted` are ends of its chain that were told before."""
        log, found = SealedLog(self._store, self._opened.key, name), Verified(name)
        snapshot = read_or_none(self._store, name, HEAD)
        head = snapshot.get(HEAD) if snapshot else None
        (newest,) = self._store.newest([name])
        if snapshot is None or (head is None and name in self._opened.sealed) or (head and not log.is_signed(head)):
            found.bad.append(Bad(Wrong.SEAL, 0, 0))
            return found
        found.head, found.unsealed = head, max(newest - (head.seq if head else 0), 0)
        if head is not None:
            self._walk(log, head, found)
        found.compared = [(each, _compared(log, head, each)) for each in posted]
        return found

    def _walk(self, log: SealedLog, head: SealHead, found: Verified) -> None:
        for bad in log.bad(head, lines=self._counted(log.lines(), head)):
            if len(found.bad) < self._limit:
                found.bad.append(bad)
            else:
                found.left_out += 1
        snapshot = read_or_none(self._store, log.name, HEAD)  # entries may have been removed in their time meanwhile
        later = snapshot.get(HEAD) if snapshot else None
        if later is None or not log.is_signed(later):
            later = head
        if later.start > head.start:
            found.bad = [bad for bad in found.bad if bad.last > later.start or bad.last <= head.start]
        following = self._store.read_lines(log.name, after=later.seq, limit=PAGE)
        if gap := wrong_number(filled(following, later), later.seq):
            found.bad.append(gap)

    def _counted(self, lines: Iterator[LogLine], head: SealHead) -> Iterator[LogLine]:
        for count, line in enumerate(lines, 1):
            if count % TOLD_EVERY == 0:
                self._progress(count, head.seq - head.start)
            yield line

    def time_of(self, log: str, number: int) -> datetime | None:
        """When an entry says that it was written; None where that can't be read."""
        found = self._store.read_log(log, before=number + 1, limit=1)
        if not found or found[0].seq != number or found[0].event.action == "unreadable":
            return None
        return found[0].event.time


def _compared(log: SealedLog, head: SealHead | None, posted: PostedHead) -> Compared:
    if head is None or posted.seq > head.seq:
        return Compared.BEYOND
    if posted.seq < head.start:
        return Compared.GONE
    known = {head.seq: bytes.fromhex(head.tag), head.start: bytes.fromhex(head.start_tag)}
    found = known.get(posted.seq) or log.tag_of(posted.seq)
    return Compared.SAME if found and found.hex().startswith(posted.tag) else Compared.OTHER
