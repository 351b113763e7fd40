"""What is sealed stays as it was, or it is found and named; on both stores, tampered with behind DoorBot's back."""

import threading
from collections.abc import Callable

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.domain.seals import BLOCK, PostedHead
from app.ports import OFFICE, Store
from app.usecases.sealing import MOST, PIECE
from app.usecases.verifying import Compared
from tests.usecases.sealed import FRONT, NEWER, NOON, SECRET, SIDE, Sealed

Tamper = Callable[[Sealed], object]
FAKE = b'{"time":1795453200000000,"action":"unlock","outcome":"done"}'


@pytest.fixture
def sealed(store: Store) -> Sealed:
    """Thirty sealed entries at the front door."""
    made = Sealed(store)
    made.seal(30)
    return made


# Sealing


def test_what_is_new_is_sealed_and_whole(sealed: Sealed) -> None:
    standing = sealed.recording.sealing.standing(["front", "side", ""])
    assert (standing["front"].sealed, standing["front"].as_of, standing["front"].breach) == (30, NOON, None)
    assert (standing["side"].sealed, standing["side"].as_of) == (0, NOON)
    assert (sealed.wrong(), sealed.verified().unsealed) == ([], 0)


def test_what_was_written_since_is_told_as_not_sealed_yet(sealed: Sealed) -> None:
    sealed.append(2)
    assert (sealed.wrong(), sealed.verified().unsealed) == ([], 2)
    sealed.seal()
    assert (sealed.sealed(), sealed.verified().unsealed) == (32, 0)


@pytest.mark.parametrize(
    "sizes", [[1] * 5, [BLOCK - 1, 1, 1], [BLOCK, BLOCK + 1], [3 * BLOCK + 7, 500], [PIECE + 1, 1]]
)
def test_a_chain_grows_over_blocks_and_pieces(store: Store, sizes: list[int]) -> None:
    sealed = Sealed(store)
    for size in sizes:
        sealed.seal(size)
    assert (sealed.sealed(), sealed.wrong()) == (sum(sizes), [])


def test_a_long_log_that_was_never_sealed_is_caught_up_with_round_by_round(sqlite_store: Store) -> None:
    sealed = Sealed(sqlite_store)
    sealed.append(MOST + 10)
    sealed.append(3, "side")
    sealed.seal()
    assert sealed.sealed() <= MOST
    assert sealed.sealed("side") == 3
    assert sealed.recording.sealing.standing(["front"])["front"].as_of == NOON
    sealed.seal()
    assert (sealed.sealed(), sealed.wrong()) == (MOST + 10, [])


def test_a_log_that_was_trimmed_before_it_was_ever_sealed_begins_there(store: Store) -> None:
    sealed = Sealed(store)
    sealed.append(20)
    store.trim_log(FRONT, 11)
    sealed.seal()
    assert (sealed.sealed(), sealed.wrong()) == (20, [])
    sealed.raw.remove(FRONT, 11)
    assert sealed.wrong() == [("missing", 11, 11)]


def test_two_sealers_at_once_make_one_chain(store: Store) -> None:
    one, other = Sealed(store), Sealed(store)
    start = threading.Barrier(3)

    def seal(each: Sealed) -> None:
        start.wait(20)
        for _ in range(30):
            each.recording.sealing.seal(each.now)

    threads = [threading.Thread(target=seal, args=(each,)) for each in (one, other)]
    for thread in threads:
        thread.start()
    start.wait(20)
    for _ in range(15):
        one.append(3)
    for thread in threads:
        thread.join(30)
    one.seal()
    assert (one.sealed(), one.wrong(), one.noticed(), one.events()) == (45, [], None, [])


def test_another_process_goes_on_where_one_ended(sealed: Sealed) -> None:
    other = Sealed(sealed.store)
    other.seal(5)
    sealed.seal(5)
    assert (other.sealed(), other.wrong()) == (40, [])


def test_how_it_stands_is_read_in_one_round_trip(sealed: Sealed, monkeypatch: pytest.MonkeyPatch) -> None:
    reads = list[int]()
    read_many = sealed.store.read_many
    monkeypatch.setattr(sealed.store, "read_many", lambda asked: reads.append(len(asked)) or read_many(asked))
    monkeypatch.setattr(sealed.store, "read", None)
    sealed.recording.sealing.standing(["front", "side", ""])
    assert reads == [4]


def test_a_round_with_nothing_new_reads_no_log(sealed: Sealed, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sealed.store, "read_lines", None)
    monkeypatch.setattr(sealed.store, "commit", None)
    sealed.now = NOON
    sealed.seal()


# Tampering

TAMPERINGS: dict[str, tuple[Tamper, list[tuple[str, int, int]]]] = {
    "a word changed": (lambda s: s.raw.change(FRONT, 7, b"forwarded", b"released"), [("changed", 7, 7)]),
    "the first changed": (lambda s: s.raw.change(FRONT, 1, b"forwarded", b"released"), [("changed", 1, 1)]),
    "the last changed": (lambda s: s.raw.change(FRONT, 30, b"forwarded", b"released"), [("changed", 30, 30)]),
    "one removed": (lambda s: s.raw.remove(FRONT, 7), [("missing", 7, 7)]),
    "several removed": (lambda s: s.raw.remove(FRONT, 7, 8, 12), [("missing", 7, 8), ("missing", 12, 12)]),
    "two swapped": (lambda s: s.raw.swap(FRONT, 7, 8), [("swapped", 7, 8)]),
    "two far ones swapped": (lambda s: s.raw.swap(FRONT, 7, 9), [("changed", 7, 7), ("changed", 9, 9)]),
    "the tail cut": (lambda s: s.raw.remove(FRONT, *range(25, 31)), [("cut", 25, 30)]),
    "all removed": (lambda s: s.raw.put_lines(FRONT, []), [("cut", 1, 30)]),
    "the old end cut": (lambda s: s.raw.remove(FRONT, 1, 2, 3), [("missing", 1, 3)]),
    "one inserted": (lambda s: s.raw.insert(FRONT, 7, FAKE), [("inserted", 7, 7)]),
    "nonsense": (lambda s: s.raw.change(FRONT, 7, b"{", b"["), [("changed", 7, 7)]),
    "no text": (lambda s: s.raw.change(FRONT, 7, b"forwarded", b"\xff\xfe"), [("changed", 7, 7)]),
    "an entry of another log": (lambda s: s.raw.put_lines(FRONT, s.raw.lines(SIDE)), [("changed", 1, 30)]),
    "the head's number": (lambda s: s.raw.change_record(FRONT, "seal", seq=20), [("seal", 0, 0)]),
    "the head's checkpoint": (lambda s: s.raw.change_record(FRONT, "seal", start=5), [("seal", 0, 0)]),
    "no head": (lambda s: s.raw.put_record(FRONT, "seal", None), [("seal", 0, 0)]),
    "a head that is nonsense": (lambda s: s.raw.put_record(FRONT, "seal", "{"), [("seal", 0, 0)]),
    "a head that is no text": (lambda s: s.raw.put_record(FRONT, "seal", b"{\xff}"), [("seal", 0, 0)]),
    "another log's head": (lambda s: s.raw.put_record(FRONT, "seal", s.raw.record(SIDE, "seal")), [("seal", 0, 0)]),
    "no tags": (lambda s: s.raw.put_record(FRONT, "tags:0", None), [("seal", 1, 29), ("seal", 30, 30)]),
    "tags that are nonsense": (
        lambda s: s.raw.put_record(FRONT, "tags:0", b"\xff"),
        [("seal", 1, 29), ("seal", 30, 30)],
    ),
    "another log's tags": (
        lambda s: s.raw.put_record(FRONT, "tags:0", s.raw.record(SIDE, "tags:0")),
        [("seal", 1, 29), ("seal", 30, 30)],
    ),
}


@pytest.mark.parametrize("what", TAMPERINGS)
def test_whatever_is_done_to_it_is_named_by_verify_and_noticed(store: Store, what: str) -> None:
    tamper, named = TAMPERINGS[what]
    sealed = Sealed(store)
    sealed.append(30, "side")
    sealed.seal(30)
    before = len(sealed.raw.lines(SIDE))
    tamper(sealed)
    assert sealed.wrong() == named
    assert (sealed.wrong(SIDE), len(sealed.raw.lines(SIDE))) == ([], before)
    sealed.rounds(2)
    assert sealed.noticed() in named
    assert sealed.noticed("side") is None


@given(seq=st.integers(1, 30), bit=st.integers(0, 2000))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=15)
def test_any_bit_of_any_entry(sealed: Sealed, seq: int, bit: int) -> None:
    sealed.raw.flip(FRONT, seq, bit)
    assert sealed.wrong() == [("changed", seq, seq)]
    sealed.raw.flip(FRONT, seq, bit)
    assert sealed.wrong() == []


@pytest.mark.parametrize("cut", [1, 5])
def test_a_tail_that_was_cut_and_grew_again_is_found_before_more_is_sealed(sealed: Sealed, cut: int) -> None:
    sealed.raw.remove(FRONT, *range(31 - cut, 31))
    sealed.seal(8)
    assert sealed.noticed() is not None
    assert sealed.sealed() == 30
    assert sealed.wrong()[0][1] == 31 - cut


def test_entries_that_vanish_before_they_are_sealed_are_missed(sealed: Sealed) -> None:
    sealed.append(5)
    sealed.raw.remove(FRONT, 32, 33)
    sealed.seal()
    assert (sealed.noticed(), sealed.sealed()) == (("missing", 32, 33), 30)


def test_callers_may_be_erased(sealed: Sealed) -> None:
    sealed.store.erase_callers(FRONT, 10)
    sealed.store.erase_callers_at(FRONT, [20])
    sealed.rounds(2)
    assert (sealed.wrong(), sealed.noticed()) == ([], None)


def test_what_is_wrong_far_back_is_noticed_in_time(sqlite_store: Store) -> None:
    sealed = Sealed(sqlite_store)
    sealed.append(5000)
    sealed.rounds(3)
    sealed.raw.change(FRONT, 4321, b"forwarded", b"released")
    sealed.rounds(8)
    assert sealed.noticed() == ("changed", 4321, 4321)


# What was noticed


def test_it_is_told_once_and_on_record(sealed: Sealed) -> None:
    sealed.raw.change(FRONT, 30, b"forwarded", b"released")
    sealed.append(1)
    sealed.rounds(40)
    (event,) = sealed.events()
    assert (event.outcome, event.reason) == ("refused", "broken")
    assert event.details == {"what": "changed", "first": 30, "last": 30}
    told = sealed.told()
    assert sorted(channel for channel, _ in told) == ["C0FRONTDOOR", "C0SIDE"]
    assert told[0][1].startswith(":rotating_light: In the log of the front door entry 30 was changed.")


def test_it_is_told_in_the_record_s_channel_where_there_is_one(store: Store) -> None:
    sealed = Sealed(store, channel="C0RECORD1", now=NOON.replace(hour=12))
    sealed.seal(30)
    sealed.raw.remove(FRONT, 30)
    sealed.seal()
    assert [channel for channel, _ in sealed.told()] == ["C0RECORD1"]


def test_nothing_more_is_sealed_there_and_other_logs_go_on(sealed: Sealed) -> None:
    sealed.raw.change(FRONT, 30, b"forwarded", b"released")
    sealed.append(3)
    sealed.seal(3, "side")
    assert (sealed.sealed(), sealed.sealed("side")) == (30, 3)


def test_what_is_put_back_as_it_was_is_noticed_too_and_sealing_goes_on(sealed: Sealed) -> None:
    lines = sealed.raw.lines(FRONT)
    sealed.raw.change(FRONT, 20, b"forwarded", b"released")
    sealed.rounds(3)
    assert sealed.noticed() == ("changed", 20, 20)
    added = sealed.raw.lines(FRONT)[30:]
    sealed.raw.put_lines(FRONT, [*lines, *added])
    sealed.rounds(12)
    assert (sealed.noticed(), sealed.wrong()) == (None, [])
    assert [event.reason for event in sealed.events()] == ["broken", "mended"]
    sealed.rounds()
    assert sealed.sealed() == 32


def test_a_removed_note_of_it_is_made_again(sealed: Sealed) -> None:
    sealed.raw.change(FRONT, 30, b"forwarded", b"released")
    sealed.seal(1)
    sealed.raw.put_record(FRONT, "breach", None)
    sealed.seal()
    assert sealed.noticed() == ("changed", 30, 30)


@pytest.mark.parametrize("key", ["breach", "seal"])
def test_a_record_that_can_t_be_read_stops_neither_the_others_nor_the_page(sealed: Sealed, key: str) -> None:
    sealed.raw.put_record(FRONT, key, b"\xff")
    sealed.append(1)
    sealed.append(1, "side")
    sealed.rounds(3)
    assert sealed.sealed("side") == 1
    assert sealed.recording.sealing.standing(["front"])["front"].breach is not None


@pytest.mark.parametrize(
    "record", [b"\xff", b'{"v":1,"reached":1000,"began_at":-62135596800000000,"whole_at":-62135596800000000}']
)
def test_a_note_of_the_check_that_can_t_be_read_is_made_again(sealed: Sealed, record: bytes) -> None:
    sealed.raw.put_record(FRONT, "check", record)
    assert sealed.noticed() is not None
    sealed.rounds(2)
    assert (sealed.noticed(), sealed.events()) == (None, [])
    assert sealed.recording.sealing.standing(["front"])["front"].checked_at is not None


# The check from end to end


def test_every_log_is_checked_again_from_end_to_end_each_hour(sealed: Sealed) -> None:
    sealed.rounds()
    first = sealed.recording.sealing.standing(["front"])["front"].checked_at
    assert first is not None
    sealed.rounds()
    assert sealed.recording.sealing.standing(["front"])["front"].checked_at == first
    sealed.now = first.replace(hour=first.hour + 1)
    sealed.rounds()
    assert sealed.recording.sealing.standing(["front"])["front"].checked_at == first.replace(hour=first.hour + 1)


def test_a_long_check_goes_on_in_another_process(sqlite_store: Store) -> None:
    sealed = Sealed(sqlite_store)
    sealed.append(40_000)
    sealed.rounds(10)
    sealed.rounds(30)
    assert sealed.recording.sealing.standing(["front"])["front"].checked_at is None
    other = Sealed(sqlite_store, now=sealed.now)
    other.rounds(16)
    assert other.recording.sealing.standing(["front"])["front"].checked_at == NOON


# Posted heads


def test_a_posted_end_is_compared(sealed: Sealed) -> None:
    store = sealed.store
    head = sealed.verified().head
    assert head is not None
    posted = PostedHead("front", 30, head.tag[:16])
    sealed.seal(300)
    forged = PostedHead("front", 30, "0" * 16)
    beyond = PostedHead("front", 400, head.tag[:16])
    compared = sealed.verified(posted=[posted, forged, beyond]).compared
    assert [result for _, result in compared] == [Compared.SAME, Compared.OTHER, Compared.BEYOND]
    sealed.trim(301)
    assert [result for _, result in sealed.verified(posted=[posted]).compared] == [Compared.GONE]
    assert Sealed(store).verified(posted=[posted]).is_whole


def test_a_store_put_back_to_an_older_copy_is_whole_in_itself_but_not_what_was_posted(sealed: Sealed) -> None:
    keys = [(FRONT, "seal"), (FRONT, "tags:0")]
    lines, records = sealed.raw.lines(FRONT), [sealed.raw.record(*key) for key in keys]
    sealed.seal(10)
    head = sealed.verified().head
    assert head is not None
    sealed.raw.put_lines(FRONT, lines)
    for key, text in zip(keys, records, strict=True):
        sealed.raw.put_record(*key, text)
    found = sealed.verified(posted=[PostedHead("front", head.seq, head.tag[:16])])
    assert (found.bad, [result for _, result in found.compared]) == ([], [Compared.BEYOND])
    assert not found.is_whole


# The key


def problem(sealed: Sealed) -> str:
    return sealed.recording.sealing.standing(["front"])["front"].problem


def test_the_key_is_nowhere_in_the_store_as_it_is(sealed: Sealed) -> None:
    key = sealed.keys.open(sealed.logs).key
    assert key.hex() not in str(sealed.raw.record(OFFICE, "sealing_key"))


def test_rotating_secret_key_breaks_nothing(sealed: Sealed) -> None:
    during = Sealed(sealed.store, NEWER, SECRET)
    assert during.wrong() == []
    during.seal(5)
    after = Sealed(sealed.store, NEWER)
    after.seal(5)
    assert (after.sealed(), after.wrong(), problem(after)) == (40, [], "")


def test_a_process_that_has_only_the_older_secret_goes_on_while_it_is_rotated(sealed: Sealed) -> None:
    Sealed(sealed.store, NEWER, SECRET).seal(5)
    sealed.seal(5)
    assert (sealed.sealed(), sealed.wrong(), problem(sealed)) == (40, [], "")


def test_with_another_secret_nothing_is_sealed_and_it_goes_on_when_the_old_one_is_back(sealed: Sealed) -> None:
    other = Sealed(sealed.store, NEWER)
    other.rounds(3)
    assert (problem(other), other.sealed(), other.keys.open(other.logs).key) == ("other_secret", 30, b"")
    (event,) = other.events("")
    assert (event.outcome, event.reason) == ("refused", "other_secret")
    assert all("Put the old one behind the new one" in text for _, text in other.told())
    assert len(other.told()) == 2
    both = Sealed(sealed.store, NEWER, SECRET)
    both.seal(3)
    assert (problem(both), both.sealed(), both.wrong()) == ("", 33, [])
    assert [event.reason for event in both.events("")] == ["other_secret", "goes_on"]


@pytest.mark.parametrize(
    ("text", "word"),
    [
        (None, "key_missing"),
        ("{", "key_changed"),
        (b"\xff", "key_changed"),
        ('{"key_id":"x","wrapped":""}', "other_secret"),
    ],
)
def test_a_key_record_that_is_gone_or_changed_is_tampering_and_never_a_new_key(
    sealed: Sealed, text: str | bytes | None, word: str
) -> None:
    record = sealed.raw.record(OFFICE, "sealing_key")
    sealed.raw.put_record(OFFICE, "sealing_key", text)
    for each in (Sealed(sealed.store), Sealed(sealed.store)):
        each.seal(1)
        assert (problem(each), each.sealed()) == (word, 30)
    sealed.raw.put_record(OFFICE, "sealing_key", record)
    sealed.rounds(5)
    assert (problem(sealed), sealed.sealed(), sealed.wrong()) == ("", 32, [])


def test_the_list_of_sealed_logs_can_t_be_changed(sealed: Sealed) -> None:
    sealed.raw.change_record(OFFICE, "sealing_key", sealed=[])
    sealed.raw.put_record(FRONT, "seal", None)
    sealed.seal(1)
    assert problem(sealed) == "key_changed"


def test_a_process_that_knows_the_key_makes_no_other_one_either(sealed: Sealed) -> None:
    sealed.raw.put_record(OFFICE, "sealing_key", None)
    sealed.raw.put_record(FRONT, "seal", None)
    sealed.seal(1)
    assert (problem(sealed), sealed.raw.record(OFFICE, "sealing_key")) == ("key_missing", None)


@pytest.mark.parametrize("times", [1, 5])
def test_two_that_begin_at_once_agree_on_one_key(store: Store, times: int) -> None:
    for _ in range(times):
        processes = [Sealed(store) for _ in range(4)]
        threads = [threading.Thread(target=each.seal, args=(1,)) for each in processes]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(20)
        assert len({each.keys.open(each.logs).key for each in processes}) == 1
    processes[0].seal()
    assert (processes[0].sealed(), processes[0].wrong()) == (4 * times, [])
