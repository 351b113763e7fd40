"""Reads what belongs to the seal of a log. A record that can't be read is as good as none: whoever looks finds it."""

from collections.abc import Collection, Iterable, Iterator, Sequence
from typing import Any

from app.domain.chains import Line, Stretch, Walk, joined
from app.domain.seals import (
    NO_ENTRY,
    Bad,
    Breach,
    SealCheck,
    SealHead,
    SealTags,
    Wrong,
    block_of,
    is_signed,
    tag_key,
    unpacked,
)
from app.ports import Key, LogLine, Snapshot, Store

HEAD = Key[SealHead]("seal")
CHECK = Key[SealCheck]("check")
BREACH = Key[Breach]("breach")
FROM_THE_BEGINNING = -(2**63) - 1  # an entry may have been given any number
PAGE = 1000
REMEMBERED = 3  # blocks of tags


def tags_key(block: int) -> Key[SealTags]:
    return Key(f"tags:{block}")


def read_each(store: Store, reads: Sequence[tuple[str, Sequence[Key[Any]]]]) -> list[Snapshot | None]:
    """Records of several partitions in one round trip; None for one in which something can't be read."""
    try:
        return [*store.read_many(reads)]
    except ValueError:  # UnreadableRecord, or no text at all
        return [read_or_none(store, log, *keys) for log, keys in reads]


def read_or_none(store: Store, log: str, *keys: Key[Any]) -> Snapshot | None:
    """Records of one partition; None where something can't be read."""
    try:
        return store.read(log, *keys)
    except ValueError:  # UnreadableRecord, or no text at all
        return None


def headless(snapshot: Snapshot | None, log: "SealedLog", sealed: Collection[str]) -> bool:
    """Whether the end of a chain was removed or changed; `sealed` are the logs that have one."""
    head = snapshot.get(HEAD) if snapshot else None
    if snapshot is None or head is None:
        return snapshot is None or log.name in sealed
    return not log.is_signed(head)


class SealedLog:
    """The log of a partition with the key it is sealed with. Raises StoreUnavailable."""

    def __init__(self, store: Store, key: bytes, log: str) -> None:
        self.name = log
        self._store = store
        self._key = key
        self._blocks: dict[int, dict[int, bytes]] = {}

    def is_signed(self, head: SealHead) -> bool:
        """Whether this is where the chain ends, as it was written by us."""
        return is_signed(self._key, self.name, head)

    def tag_of(self, number: int) -> bytes | None:
        """The kept tag of an entry."""
        block = block_of(number)
        if block not in self._blocks:
            while len(self._blocks) >= REMEMBERED:
                self._blocks.pop(next(iter(self._blocks)))
            self._blocks[block] = self._read_tags(block)
        return self._blocks[block].get(number)

    def _read_tags(self, block: int) -> dict[int, bytes]:
        found = read_or_none(self._store, self.name, tags_key(block))
        record = found.get(tags_key(block)) if found else None
        return unpacked(record) if record else {}

    def lines(self, after: int = FROM_THE_BEGINNING) -> Iterator[LogLine]:
        """The stored entries behind this number, oldest first, a page at a time."""
        while page := self._store.read_lines(self.name, after=after, limit=PAGE):
            yield from page
            # where more entries have one number than a page holds, the rest of them is passed over
            after = page[-1].seq if page[-1].seq > after else after + 1

    def bad(
        self,
        head: SealHead,
        after: int | None = None,
        upto: int | None = None,
        lines: Iterable[LogLine] | None = None,
    ) -> Iterator[Bad]:
        """What is wrong with the entries behind `after` up to `upto`, or with all there are; `head` is signed.

        `lines` are those entries where they have been read already, and what follows them.
        """
        first = head.start if after is None else min(max(after, head.start), head.seq)
        last = head.seq if upto is None else min(upto, head.seq)
        stretch = self._stretch(head, first, last)
        if lines is None:
            lines = self.lines() if after is None else self.lines(first)
        yield from joined(Walk(stretch, _pairs(lines)).bad())
        if last == head.seq > head.start and self.tag_of(last) != stretch.sealed_tag:
            yield Bad(Wrong.SEAL, last, last)

    def _stretch(self, head: SealHead, first: int, last: int) -> Stretch:
        head_tag, start_tag = bytes.fromhex(head.tag), bytes.fromhex(head.start_tag)
        known = {head.start: start_tag, head.seq: head_tag}
        return Stretch(
            tag_key(self._key),
            self.name,
            start=first,
            start_tag=known.get(first) or self.tag_of(first),
            end=last,
            sealed=head.seq,
            sealed_tag=head_tag,
            tag_of=self.tag_of,
        )


def _pairs(lines: Iterable[LogLine]) -> Iterator[Line]:
    return ((line.seq, line.text) for line in lines)


def filled(lines: Sequence[LogLine], head: SealHead) -> list[LogLine]:
    """Entries that are to follow the head; numbers that were missing when the chain began have an empty one."""
    found, number = list[LogLine](), head.seq + 1
    for line in lines:
        if number < line.seq <= min(head.begun, number + PAGE):
            found += [LogLine(missing, NO_ENTRY) for missing in range(number, line.seq)]
        found.append(line)
        number = line.seq + 1
    return found


def wrong_number(lines: Sequence[LogLine], after: int) -> Bad | None:
    """What is wrong with the numbers of entries that are to follow entry `after`."""
    for wanted, line in enumerate(lines, after + 1):
        if line.seq < wanted:
            return Bad(Wrong.INSERTED, line.seq, line.seq)
        if line.seq > wanted:
            return Bad(Wrong.MISSING, wanted, line.seq - 1)
    return None
