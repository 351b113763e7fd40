"""What is past retention goes, and the rest stays verifiable, whatever dies in between."""

from collections.abc import Sequence

import pytest

from app.domain.errors import StoreUnavailable
from app.domain.seals import BLOCK
from app.ports import Store
from app.usecases import retention
from tests.usecases.sealed import FRONT, NEWER, NOON, Sealed


class Killed(Exception):
    """The process ended here."""


@pytest.fixture
def sealed(store: Store) -> Sealed:
    """Entries in four blocks of tags."""
    made = Sealed(store)
    made.seal(3 * BLOCK + 30)
    return made


def blocks(sealed: Sealed) -> list[int]:
    return [block for block in range(5) if sealed.raw.record(FRONT, f"tags:{block}") is not None]


@pytest.mark.parametrize("first_kept", [2, BLOCK, BLOCK + 1, BLOCK + 2, 3 * BLOCK + 1, 3 * BLOCK + 30, 3 * BLOCK + 31])
def test_the_rest_is_whole_and_grows_on(sealed: Sealed, first_kept: int) -> None:
    sealed.trim(first_kept)
    assert sealed.kept() == [*range(first_kept, 3 * BLOCK + 31)]
    assert sealed.wrong() == []
    assert blocks(sealed) == [*range((first_kept - 2) // BLOCK, 4)]
    sealed.seal(BLOCK)
    sealed.rounds(2)
    assert (sealed.wrong(), sealed.noticed(), sealed.sealed()) == ([], None, 4 * BLOCK + 30)


def test_it_can_be_done_again_and_again(sealed: Sealed) -> None:
    for first_kept in (1, 5, 5, 3, 300, 301, 700):
        sealed.trim(first_kept)
        assert (sealed.kept()[0], sealed.wrong()) == (max(first_kept, sealed.kept()[0]), [])
    assert sealed.kept()[0] == 700


def test_what_is_not_sealed_stays(sealed: Sealed) -> None:
    sealed.append(5)
    sealed.trim(10_000)
    assert sealed.kept() == [*range(3 * BLOCK + 31, 3 * BLOCK + 36)]
    assert (sealed.wrong(), sealed.verified().unsealed) == ([], 5)
    sealed.seal()
    assert (sealed.wrong(), sealed.sealed()) == ([], 3 * BLOCK + 35)


def test_what_was_never_sealed_stays(store: Store) -> None:
    sealed = Sealed(store)
    sealed.append(5)
    sealed.trim(3)
    assert sealed.kept() == [1, 2, 3, 4, 5]


def test_without_its_key_nothing_is_removed(sealed: Sealed) -> None:
    Sealed(sealed.store, NEWER).trim(10)
    assert sealed.kept()[0] == 1


def test_more_removed_from_the_old_end_than_the_checkpoint_says_is_found(sealed: Sealed) -> None:
    sealed.trim(100)
    sealed.raw.remove(FRONT, 100, 101)
    assert sealed.wrong() == [("missing", 100, 101)]
    sealed.rounds(2)
    assert sealed.noticed() == ("missing", 100, 101)


def test_what_was_removed_can_not_be_forged_back(sealed: Sealed) -> None:
    lines = sealed.raw.lines(FRONT)
    sealed.trim(400)
    sealed.raw.put_lines(FRONT, [(7, b'{"time":1}'), *lines[399:]])
    assert sealed.wrong() == [("inserted", 7, 7)]


def test_a_changed_entry_or_tag_is_not_signed_into_a_checkpoint(sealed: Sealed) -> None:
    sealed.raw.change(FRONT, 99, b"forwarded", b"released")
    sealed.trim(100)
    assert (sealed.kept()[0], sealed.wrong()) == (1, [("changed", 99, 99)])
    sealed.trim(110)
    assert sealed.kept()[0] == 1
    sealed.rounds(2)
    assert sealed.noticed() == ("changed", 99, 99)
    sealed.trim(110)
    assert (sealed.kept()[0], sealed.wrong()) == (110, [])


def test_it_is_removed_in_pieces(sealed: Sealed, monkeypatch: pytest.MonkeyPatch) -> None:
    trimmed = list[int]()
    trim_log = sealed.store.trim_log
    monkeypatch.setattr(retention, "PIECE", 100)
    monkeypatch.setattr(sealed.store, "trim_log", lambda log, below: trimmed.append(below) or trim_log(log, below))
    sealed.trim(251)
    assert trimmed == [101, 201, 251]


@pytest.mark.parametrize("method", ["commit", "trim_log"])
@pytest.mark.parametrize("is_done", [False, True])
@pytest.mark.parametrize("turn", range(1, 4))
def test_killed_at_any_step_the_rest_verifies_and_the_next_round_ends_it(
    sealed: Sealed, monkeypatch: pytest.MonkeyPatch, method: str, is_done: bool, turn: int
) -> None:
    """Killed before or after the n-th commit (checkpoint, tags) or piece of the log."""
    monkeypatch.setattr(retention, "PIECE", 200)
    monkeypatch.setattr(retention, "BLOCKS", 1)
    real, turns = getattr(sealed.store, method), iter(range(1, 99))

    def step(*arguments: object) -> object:
        is_last = next(turns) == turn
        done = real(*arguments) if is_done or not is_last else None
        if is_last:
            raise Killed
        return done

    with monkeypatch.context() as patched:
        patched.setattr(sealed.store, method, step)
        with pytest.raises(Killed):
            sealed.trim(700)
    assert sealed.wrong() == []
    sealed.seal(10)
    sealed.rounds(3)
    assert (sealed.wrong(), sealed.noticed()) == ([], None)
    sealed.trim(700)
    assert (sealed.kept()[0], sealed.wrong(), blocks(sealed)) == (700, [], [2, 3])


def test_an_entry_removed_while_it_is_verified_is_no_fault(sealed: Sealed, monkeypatch: pytest.MonkeyPatch) -> None:
    read_lines, reads = sealed.store.read_lines, list[int]()

    def reading(log: str, *, after: int, limit: int) -> Sequence[object]:
        reads.append(after)
        if len(reads) == 2:
            with monkeypatch.context() as patched:
                patched.setattr(sealed.store, "read_lines", read_lines)
                sealed.trim(600)
        return read_lines(log, after=after, limit=min(limit, 100))

    monkeypatch.setattr(sealed.store, "read_lines", reading)
    assert sealed.wrong() == []
    assert len(reads) > 3


def test_a_store_that_is_away_says_so(sealed: Sealed, monkeypatch: pytest.MonkeyPatch) -> None:
    def away(*_: object) -> None:
        raise StoreUnavailable("away")

    monkeypatch.setattr(sealed.store, "trim_log", away)
    with pytest.raises(StoreUnavailable):
        sealed.trim(10)
    monkeypatch.undo()
    assert (sealed.wrong(), sealed.now > NOON) == ([], True)
