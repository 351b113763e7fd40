"""Walks along a sealed log and names what is wrong with it: each bad entry, and none that is as it was sealed."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from app.domain.seals import GENESIS, Bad, Wrong, is_tag, tag

Line = tuple[int, str]
"""An entry's number and its stored text."""

TagOf = Callable[[int], bytes | None]


@dataclass(frozen=True)
class Stretch:
    """A part of a log: the entries after `start` up to `end`. The tags of `start` and `sealed` are known to be right.

    `sealed` is the last entry that was sealed. `start_tag` is None where it is not known. `tag_of` gives the kept tag
    of an entry, None where there is none.
    """

    key: bytes
    log: str
    start: int
    start_tag: bytes | None
    end: int
    sealed: int
    sealed_tag: bytes
    tag_of: TagOf

    def expected(self, number: int) -> bytes | None:
        """The tag that an entry must have; None where it is not known."""
        if number == self.sealed:
            return self.sealed_tag
        if number > self.sealed:
            return None
        return self.start_tag if number == self.start else self.tag_of(number)

    def is_entry(self, number: int, text: str, before: bytes | None, wanted: bytes | None) -> bool:
        """Whether this is what was sealed under this number."""
        if before is None or wanted is None:
            return False
        return is_tag(tag(self.key, self.log, before, number, text), wanted)

    def is_left_over(self, number: int, text: str) -> bool:
        """Whether this is an entry that is to be removed, and is as it was sealed: a trim was interrupted."""
        wanted, before = self.expected(number), self.tag_of(number - 1)
        return any(self.is_entry(number, text, each, wanted) for each in (before, GENESIS))


class Walk:
    """One walk along a stretch. `lines` are the stored entries, oldest first, also those before and after it."""

    def __init__(self, stretch: Stretch, lines: Iterable[Line]) -> None:
        self._stretch = stretch
        self._lines = iter(lines)
        self._line = next(self._lines, None)
        self._next = next(self._lines, None)
        self._number = stretch.start + 1  # the entry whose turn it is, by the number under which it was sealed
        self._before = stretch.start_tag
        self._moved = 0  # how much higher than that the stored number is, where others were inserted or removed

    def bad(self) -> Iterator[Bad]:
        """What is wrong, in order."""
        end = self._stretch.end
        while self._number <= end:
            if self._line is None or self._line[0] > end + self._moved:
                is_cut = self._line is None
                yield (
                    Bad(Wrong.CUT, self._number, self._stretch.sealed)
                    if is_cut
                    else Bad(Wrong.MISSING, self._number, end)
                )
                break
            yield from self._step(*self._line)
        while self._line is not None and self._line[0] <= end + self._moved:
            yield from self._unplaced(*self._line)

    def _take(self) -> None:
        self._line, self._next = self._next, next(self._lines, None)

    def _step(self, stored: int, text: str) -> Iterator[Bad]:
        stretch, number = self._stretch, self._number
        if stored < number + self._moved:
            yield from self._unplaced(stored, text)
        elif stored > number + self._moved:
            last = stored - self._moved - 1
            yield Bad(Wrong.MISSING, number, last)
            self._sealed_as(last, stretch.expected(last))
        elif stretch.is_entry(number, text, self._before, wanted := stretch.expected(number)):
            self._sealed_as(number, wanted)
            self._take()
        else:
            yield self._explained(stored, text)

    def _unplaced(self, stored: int, text: str) -> Iterator[Bad]:
        """An entry for which there is no place: of before the stretch, or with a number that was given twice."""
        if stored > self._stretch.start or not self._stretch.is_left_over(stored, text):
            yield Bad(Wrong.INSERTED, stored, stored)
        self._take()

    def _sealed_as(self, number: int, found: bytes | None) -> None:
        """The walk has come past this entry."""
        self._number, self._before = number + 1, found

    def _explained(self, stored: int, text: str) -> Bad:
        """What is wrong with an entry that is not what was sealed under its number; goes on behind it."""
        stretch, number, before = self._stretch, self._number, self._before
        wanted, following = stretch.expected(number), self._following(stored)
        after = stretch.expected(number + 1)
        made = None if before is None else tag(stretch.key, stretch.log, before, number, text)
        if wanted is None or before is None or self._only_the_seal(made, following, after):
            self._sealed_as(number, wanted if before is None else made)
            self._take()
            return Bad(Wrong.SEAL, number, number)
        if following is not None and stretch.is_entry(number, following, before, wanted):
            if stretch.is_entry(number + 1, text, wanted, after):
                self._sealed_as(number + 1, after)
                self._take()
                self._take()
                return Bad(Wrong.SWAPPED, number, number + 1)
            self._moved += 1
            self._take()
            return Bad(Wrong.INSERTED, stored, stored)
        if stretch.is_entry(number + 1, text, wanted, after):
            self._sealed_as(number, wanted)
            self._moved -= 1
            return Bad(Wrong.MISSING, number, number)
        self._sealed_as(number, wanted)
        self._take()
        return Bad(Wrong.CHANGED, number, number)

    def _following(self, stored: int) -> str | None:
        """The text of the next stored entry, where it follows without a gap."""
        return self._next[1] if self._next is not None and self._next[0] == stored + 1 else None

    def _only_the_seal(self, made: bytes | None, following: str | None, after: bytes | None) -> bool:
        """Whether the next entry was sealed onto this one as it is: then it is its tag that was changed."""
        if self._number == self._stretch.sealed or following is None:
            return False
        return self._stretch.is_entry(self._number + 1, following, made, after)


def joined(found: Iterable[Bad]) -> Iterator[Bad]:
    """The same with runs of one kind as one."""
    run: Bad | None = None
    for each in found:
        if run and each.wrong is run.wrong and each.first == run.last + 1 and each.wrong is not Wrong.SWAPPED:
            run = Bad(run.wrong, run.first, each.last)
            continue
        if run:
            yield run
        run = each
    if run:
        yield run
