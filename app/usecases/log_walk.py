"""Walking through the logs of several doors, merged by time: downwards to older entries, upwards to newer ones.

A position is a number for each log: what is below it is older, what is not is newer. One round trip finds where all
of the logs go on; only those whose turn comes are read on.
"""

import heapq
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from typing import NamedTuple

from app.domain.audit import LogEntry
from app.ports import Store

AT_ONCE = 52  # entries that are read of all logs together at first: a page, and a little more
FEW, MANY = 20, 200  # entries that are read of one log when its turn comes; each time twice as many, up to a limit
LONG_AGO = datetime(1970, 1, 2, tzinfo=UTC)


class Step(NamedTuple):
    """The next entry, and in which of the logs it is."""

    log: int
    entry: LogEntry


class Walk:
    """The logs of these partitions, from the numbers `low` up to those below `high`."""

    def __init__(self, store: Store, partitions: Sequence[str], low: Sequence[int], high: Sequence[int]) -> None:
        self._store = store
        self._partitions = partitions
        self.low = low
        self.high = high
        self._first = max(1, AT_ONCE // max(1, len(partitions)))

    def down(self, start: Sequence[int]) -> Iterator[Step]:
        """From a position on, newest first."""
        ends = {log: min(at, self.high[log]) for log, at in enumerate(start)}
        heads = self._read({log: end for log, end in ends.items() if end > self.low[log]})
        logs = [self._down(log, batch, self._first) for log, batch in heads.items()]
        return heapq.merge(*logs, key=_turn, reverse=True)

    def up(self, start: Sequence[int]) -> Iterator[Step]:
        """From a position on, oldest first."""
        begins = {log: max(at, self.low[log]) for log, at in enumerate(start)}
        begins = {log: at for log, at in begins.items() if at < self.high[log]}
        heads = self._read({log: at + self._first for log, at in begins.items()})
        logs = [self._up(log, begins[log], batch) for log, batch in heads.items()]
        return heapq.merge(*logs, key=_turn)

    def _read(self, before: dict[int, int]) -> dict[int, Sequence[LogEntry]]:
        """The first entries of these logs, each below its number, newest first."""
        where = [self._partitions[log] for log in before]
        found = self._store.read_logs(where, self._first, before=[*before.values()]) if before else []
        return dict(zip(before, found, strict=True))

    def _down(self, log: int, batch: Sequence[LogEntry], limit: int) -> Iterator[Step]:
        """A log from a first batch of its entries on."""
        following = FEW
        while True:
            for entry in batch:
                if entry.seq < self.low[log]:
                    return
                yield Step(log, entry)
            if len(batch) < limit:
                return
            batch = self._store.read_log(self._partitions[log], before=batch[-1].seq, limit=following)
            limit, following = following, min(MANY, 2 * following)

    def _up(self, log: int, at: int, batch: Sequence[LogEntry]) -> Iterator[Step]:
        """A log from a number on; numbers have no gaps, so that what follows one is found below a higher one."""
        end, following = at + self._first, FEW
        if not batch or batch[-1].seq > at:  # the old end of the log was trimmed meanwhile
            (first,) = self._store.first_at([self._partitions[log]], LONG_AGO)
            at = max(at, first)
            end = max(end, at)
        while True:
            yield from (Step(log, entry) for entry in reversed(batch) if at <= entry.seq < self.high[log])
            at = end
            if at >= self.high[log]:
                return
            end = min(at + following, self.high[log])
            batch = self._store.read_log(self._partitions[log], before=end, limit=end - at)
            following = min(MANY, 2 * following)


def _turn(step: Step) -> tuple[datetime, int, int]:
    """The order of entries: one and the same in both directions."""
    return step.entry.event.time, step.log, step.entry.seq
