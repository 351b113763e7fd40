"""The key, the tags and the head: what is written can be read back, and nothing else passes for it."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain import seals
from app.domain.seals import BLOCK, SealHead, SealTags

KEY, UNDER, NONCE = b"k" * 32, b"u" * 32, b"n" * 16
NOON = datetime(2026, 11, 23, 17, tzinfo=UTC)
HEAD = SealHead(7, "ab" * 16, NOON, 3, "cd" * 16)
LOG = "door:front"


@given(
    key=st.binary(min_size=32, max_size=32),
    under=st.binary(min_size=32, max_size=32),
    nonce=st.binary(min_size=16, max_size=16),
)
def test_a_wrapped_key_is_read_with_the_same_key_only(key: bytes, under: bytes, nonce: bytes) -> None:
    wrapped = seals.wrap(key, under, nonce)
    assert seals.unwrap(wrapped, under) == key
    assert seals.unwrap(wrapped, bytes([under[0] ^ 1]) + under[1:]) is None
    assert key.hex() not in wrapped


@given(bit=st.integers(0, 8 * 80 - 1))
def test_a_wrapped_key_with_one_bit_changed_is_no_key(bit: int) -> None:
    raw = bytearray(bytes.fromhex(seals.wrap(KEY, UNDER, NONCE)))
    raw[bit // 8] ^= 1 << bit % 8
    assert seals.unwrap(raw.hex(), UNDER) is None


@pytest.mark.parametrize("text", ["", "ab", "no hex", "ü" * 80, "00" * 80, "00" * 1000])
def test_nonsense_is_no_key(text: str) -> None:
    assert seals.unwrap(text, UNDER) is None


@given(first=st.integers(1, 2000), count=st.integers(0, 700))
def test_tags_are_kept_in_blocks_by_number(first: int, count: int) -> None:
    tags = {number: number.to_bytes(16, "big") for number in range(first, first + count)}
    blocks = seals.packed(tags)
    read = {number: each for record in blocks.values() for number, each in seals.unpacked(record).items()}
    assert read == tags
    assert all(len(seals.unpacked(record)) <= BLOCK for record in blocks.values())
    assert all(seals.block_of(number) == block for block, record in blocks.items() for number in seals.unpacked(record))


@pytest.mark.parametrize("text", ["no base64!", "YQ", "", "YQ==", "ü"])
def test_tags_that_make_no_sense_are_none(text: str) -> None:
    assert seals.unpacked(SealTags(1, text)) == {}


@pytest.mark.parametrize(
    "changes",
    [
        {"seq": 8},
        {"tag": "ab" * 15 + "ac"},
        {"at": NOON.replace(second=1)},
        {"start": 2},
        {"begun": 1},
        {"start_tag": ""},
        {"mac": ""},
    ],
)
def test_a_head_with_anything_changed_is_not_signed(changes: dict[str, object]) -> None:
    head = seals.signed(KEY, LOG, HEAD)
    assert seals.is_signed(KEY, LOG, head)
    assert not seals.is_signed(KEY, LOG, replace(head, **changes))  # type: ignore[arg-type]
    assert not seals.is_signed(KEY, "door:side", head)
    assert not seals.is_signed(UNDER, LOG, head)
    assert not seals.is_signed(KEY, LOG, replace(head, mac="ü"))


def test_the_list_of_sealed_logs_is_signed() -> None:
    record = seals.with_logs(seals.SealingKey("id", "wrapped"), KEY, ["office", LOG])
    assert seals.has_its_logs(record, KEY)
    assert seals.with_logs(record, KEY, ["door:side"]).sealed == ("door:front", "door:side", "office")
    assert not seals.has_its_logs(replace(record, sealed=("office",)), KEY)
    assert not seals.has_its_logs(record, UNDER)


@given(
    st.lists(
        st.tuples(
            st.sampled_from(["door:a", "door:ab", "office"]),
            st.binary(min_size=16, max_size=16),
            st.integers(-5, 5),
            st.text("ab\0", max_size=3),
        ),
        min_size=2,
        unique=True,
    )
)
def test_no_two_different_entries_have_the_same_tag(entries: list[tuple[str, bytes, int, str]]) -> None:
    assert len({seals.tag(KEY, *entry) for entry in entries}) == len(entries)
