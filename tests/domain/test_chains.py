"""Whatever is done to a sealed log is found and named, and what was not touched is not."""

from collections.abc import Iterable

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from app.domain.chains import Line, Stretch, Walk, joined
from app.domain.seals import GENESIS, Bad, Wrong, tag

KEY, LOG = b"k" * 32, "door:front"
SIZES = st.integers(1, 40)


class Chain:
    """A log of so many entries behind entry `start`, sealed."""

    def __init__(self, size: int, start: int = 0, unsealed: int = 0) -> None:
        self.start, self.end = start, start + size
        self.lines = [(number, f"entry {number}") for number in range(start + 1, start + size + unsealed + 1)]
        self.tags = {start: GENESIS}
        for number, text in self.lines[:size]:
            self.tags[number] = tag(KEY, LOG, self.tags[number - 1], number, text)
        self.head = self.tags[self.end]

    def bad(self, lines: Iterable[Line], tags: dict[int, bytes] | None = None) -> list[tuple[str, int, int]]:
        kept = self.tags if tags is None else tags
        stretch = Stretch(KEY, LOG, self.start, GENESIS, self.end, self.end, self.head, kept.get)
        return [(bad.wrong.value, bad.first, bad.last) for bad in joined(Walk(stretch, lines).bad())]


def numbers(found: Iterable[tuple[str, int, int]], wrong: str) -> set[int]:
    return {number for word, first, last in found if word == wrong for number in range(first, last + 1)}


@given(SIZES, st.integers(0, 1000), st.integers(0, 3))
def test_a_log_as_it_was_sealed_is_whole(size: int, start: int, unsealed: int) -> None:
    chain = Chain(size, start, unsealed)
    assert chain.bad(chain.lines) == []


def test_nothing_sealed_is_whole() -> None:
    assert Chain(0).bad([]) == []
    assert Chain(0, 7).bad([(8, "new")]) == []


@given(SIZES, st.data())
def test_exactly_what_was_changed_or_removed_is_named(size: int, data: st.DataObject) -> None:
    chain = Chain(size, data.draw(st.integers(0, 300)), 1)
    all_of_them = st.sets(st.integers(chain.start + 1, chain.end))
    changed, removed = data.draw(all_of_them), data.draw(all_of_them)
    lines = [(number, text + "!" * (number in changed)) for number, text in chain.lines if number not in removed]
    found = chain.bad(lines)
    assert numbers(found, "changed") == changed - removed
    assert numbers(found, "missing") == removed
    assert {word for word, _, _ in found} <= {"changed", "missing"}


@given(SIZES, st.data())
def test_a_tail_that_was_cut_off_is_named_from_its_first_entry(size: int, data: st.DataObject) -> None:
    chain = Chain(size)
    left = data.draw(st.integers(0, size - 1))
    assert chain.bad(chain.lines[:left]) == [("cut", left + 1, size)]


@given(SIZES, st.data())
def test_a_cut_old_end_is_named(size: int, data: st.DataObject) -> None:
    chain = Chain(size, 10, 1)
    cut = data.draw(st.integers(1, size))
    assert chain.bad(chain.lines[cut:]) == [("missing", 11, 10 + cut)]


@given(st.integers(2, 40), st.data())
def test_two_that_changed_places_are_named(size: int, data: st.DataObject) -> None:
    chain, lines = Chain(size), list(Chain(size).lines)
    one, other = sorted(data.draw(st.tuples(*(st.integers(0, size - 1),) * 2).filter(lambda two: two[0] != two[1])))
    lines[one], lines[other] = (one + 1, lines[other][1]), (other + 1, lines[one][1])
    near = [("swapped", one + 1, other + 1)]
    assert chain.bad(lines) == (
        near if other == one + 1 else [("changed", one + 1, one + 1), ("changed", other + 1, other + 1)]
    )


@given(SIZES, st.data())
def test_an_entry_that_was_inserted_so_that_later_ones_moved_is_named_alone(size: int, data: st.DataObject) -> None:
    chain = Chain(size, 5)
    at = data.draw(st.integers(0, size - 1))
    texts = [text for _, text in chain.lines]
    texts.insert(at, "not of ours")
    assert chain.bad(enumerate(texts, 6)) == [("inserted", 6 + at, 6 + at)]


@given(st.integers(2, 40), st.data())
def test_one_that_was_removed_so_that_later_ones_moved_is_named_alone(size: int, data: st.DataObject) -> None:
    chain = Chain(size, 5)
    at = data.draw(st.integers(0, size - 2))
    texts = [text for number, text in chain.lines if number != 6 + at]
    assert chain.bad([*enumerate(texts, 6)]) == [("missing", 6 + at, 6 + at)]


@given(SIZES, st.data())
def test_a_number_that_was_given_twice_is_named(size: int, data: st.DataObject) -> None:
    """A stream of Redis takes 5-1 behind 5-0."""
    chain = Chain(size, 5)
    at = data.draw(st.integers(0, size - 1))
    lines = [*chain.lines[: at + 1], (6 + at, "not of ours"), *chain.lines[at + 1 :]]
    assert chain.bad(lines) == [("inserted", 6 + at, 6 + at)]


@given(SIZES, st.sets(st.integers(1, 40), min_size=1), st.booleans())
def test_tags_that_were_changed_or_lost_are_named_and_no_entry_is(size: int, wrong: set[int], is_lost: bool) -> None:
    chain = Chain(size)
    tags = {n: each if n not in wrong else b"x" * 16 for n, each in chain.tags.items() if not (is_lost and n in wrong)}
    found = chain.bad(chain.lines, tags)
    assert numbers(found, "seal") == {number for number in wrong if number < size}
    assert {word for word, _, _ in found} <= {"seal"}


def test_what_can_not_be_checked_for_want_of_tags_is_named_so() -> None:
    chain = Chain(30)
    tags = {number: each for number, each in chain.tags.items() if not 10 <= number < 20}
    lines = [(number, text + "!" * (number == 15)) for number, text in chain.lines]
    assert chain.bad(lines, tags) == [("seal", 10, 20)]


@given(SIZES, st.data())
def test_of_a_trim_that_was_interrupted_what_is_left_is_no_fault(size: int, data: st.DataObject) -> None:
    """The checkpoint is written, the entries before it are not all removed yet; nor are the tags."""
    whole = Chain(size + 20)
    stretch = Stretch(KEY, LOG, 20, whole.tags[20], whole.end, whole.end, whole.head, whole.tags.get)
    left = data.draw(st.integers(0, 20))
    assert list(Walk(stretch, whole.lines[left:]).bad()) == []
    assume(left < 20)
    lines = [(left + 1, "not of ours"), *whole.lines[left + 1 :]]
    assert list(Walk(stretch, lines).bad()) == [Bad(Wrong.INSERTED, left + 1, left + 1)]


LINES = st.lists(st.tuples(st.integers(-2, 9), st.sampled_from([f"entry {n}" for n in range(-2, 9)])), max_size=9)


@given(LINES)
def test_nothing_but_the_log_itself_is_whole(lines: list[Line]) -> None:
    chain = Chain(5)
    lines.sort(key=lambda line: line[0])
    assert (chain.bad(lines) == []) == ([line for line in lines if line[0] <= 5] == chain.lines)


@pytest.mark.parametrize(("log", "key"), [("door:side", KEY), (LOG, b"K" * 32)])
def test_another_log_or_another_key_makes_other_tags(log: str, key: bytes) -> None:
    chain = Chain(3)
    stretch = Stretch(key, log, 0, GENESIS, 3, 3, chain.head, chain.tags.get)
    assert list(Walk(stretch, chain.lines).bad()) != []


def test_what_follows_is_told_as_one() -> None:
    bads = [Bad(Wrong.CHANGED, 1, 1), Bad(Wrong.CHANGED, 2, 3), Bad(Wrong.MISSING, 4, 4), Bad(Wrong.MISSING, 6, 6)]
    assert list(joined(bads)) == [Bad(Wrong.CHANGED, 1, 3), Bad(Wrong.MISSING, 4, 4), Bad(Wrong.MISSING, 6, 6)]
