"""Walks along a sealed log and names what is wrong with it: each bad entry, and none that is as it was sealed."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from app.domain.seals import GENESIS, NO_ENTRY, Bad, Wrong, is_tag, tag

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
        self._run = _Run()

    def bad(self) -> Iterator[Bad]:
        """What is wrong, in order."""
        end = self._stretch.end
        while self._number <= end and self._line is not None and self._line[0] <= end + self._moved:
            yield from self._step(*self._line)
        wrong, last = (Wrong.CUT, self._stretch.sealed) if self._line is None else (Wrong.MISSING, end)
        while self._number <= last:
            yield from self._absent(wrong)
        yield from self._run.ended()
        while self._line is not None and self._line[0] <= end + self._moved:
            yield from self._unplaced(*self._line)

    def _take(self) -> None:
        self._line, self._next = self._next, next(self._lines, None)

    def _step(self, stored: int, text: str) -> Iterator[Bad]:
        stretch, number = self._stretch, self._number
        wanted = stretch.expected(number)
        if stored < number + self._moved:
            yield from self._unplaced(stored, text)
        elif stored > number + self._moved:
            yield from self._absent(Wrong.MISSING)
        elif stretch.is_entry(number, text, self._before, wanted):
            yield from self._run.ended()
            self._sealed_as(number, wanted)
            self._take()
        elif stretch.is_entry(number, text, self._run.made, wanted):
            yield from self._run.ended(is_whole=True)
            self._sealed_as(number, wanted)
            self._take()
        else:
            yield from self._explained(stored, text, wanted)

    def _absent(self, wrong: Wrong) -> Iterator[Bad]:
        """There is no entry with the number whose turn it is; perhaps there was none when it was sealed either."""
        wanted = self._stretch.expected(self._number)
        yield from self._run.ended()
        if not self._stretch.is_entry(self._number, NO_ENTRY, self._before, wanted):
            yield Bad(wrong, self._number, self._number)
        self._sealed_as(self._number, wanted)

    def _unplaced(self, stored: int, text: str) -> Iterator[Bad]:
        """An entry for which there is no place: of before the stretch, or with a number that was given twice."""
        if stored > self._stretch.start or not self._stretch.is_left_over(stored, text):
            yield Bad(Wrong.INSERTED, stored, stored)
        self._take()

    def _sealed_as(self, number: int, found: bytes | None) -> None:
        """The walk has come past this entry."""
        self._number, self._before = number + 1, found

    def _explained(self, stored: int, text: str, wanted: bytes | None) -> Iterator[Bad]:
        """An entry that is not what was sealed under its number: did others come between, or go? Goes on behind it."""
        stretch, number = self._stretch, self._number
        after = stretch.expected(number + 1)
        is_next = stretch.is_entry(number + 1, text, wanted, after)  # under the next number it would be right
        if self._next and self._next[0] == stored + 1 and stretch.is_entry(number, self._next[1], self._before, wanted):
            yield from self._run.ended()
            if is_next:
                yield Bad(Wrong.SWAPPED, number, number + 1)
                self._sealed_as(number + 1, after)
                self._take()
            else:
                yield Bad(Wrong.INSERTED, stored, stored)
                self._moved += 1
            self._take()
        elif is_next:
            yield from self._run.ended()
            yield Bad(Wrong.MISSING, number, number)
            self._sealed_as(number, wanted)
            self._moved -= 1
        else:
            before = self._run.made if self._run.first else self._before
            made = None if before is None else tag(stretch.key, stretch.log, before, number, text)
            self._run.add(number, made, has_tag=wanted is not None)
            self._sealed_as(number, wanted)
            self._take()


class _Run:
    """Entries that follow each other and are not what their tags say: either they were changed, or the tags were.

    `made` is the tag that the last one would have if the entries are as they were sealed.
    """

    def __init__(self) -> None:
        self.first = self._last = 0
        self.made: bytes | None = None
        self._has_tags = True

    def add(self, number: int, made: bytes | None, *, has_tag: bool) -> None:
        self.first, self._last, self.made = self.first or number, number, made
        self._has_tags = self._has_tags and has_tag

    def ended(self, *, is_whole: bool = False) -> Iterator[Bad]:
        """What is wrong with the run. Without tags nobody can say that the entries were changed."""
        if self.first:
            is_seal = is_whole or not self._has_tags
            yield Bad(Wrong.SEAL if is_seal else Wrong.CHANGED, self.first, self._last)
        self.first, self._last, self.made, self._has_tags = 0, 0, None, True


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
