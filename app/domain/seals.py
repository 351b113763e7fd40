"""Seals: each entry of a log is tied to those before it by a keyed hash, and where the chain ends is signed.

Whoever can write to the store but does not have the key can change nothing that is sealed without its being found.
Random bytes come in as arguments.
"""

import hmac
from base64 import b64decode, b64encode
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from app.domain.keys import keyed

TAG_BYTES, KEY_BYTES, NONCE_BYTES = 16, 32, 16
BLOCK = 256  # so many tags are kept in one record
GENESIS = bytes(TAG_BYTES)  # what comes before the first entry of all
NO_ENTRY = ""  # what is sealed where a number was missing when the chain began


class Wrong(StrEnum):
    """What is wrong with a part of a log."""

    CHANGED = "changed"
    MISSING = "missing"
    CUT = "cut"  # missing, and nothing follows
    SWAPPED = "swapped"
    INSERTED = "inserted"
    SEAL = "seal"  # not the entry but its seal


@dataclass(frozen=True, slots=True)
class Bad:
    """What is wrong with the entries with these numbers."""

    wrong: Wrong
    first: int
    last: int


@dataclass(frozen=True, slots=True)
class SealingKey:
    """The office's sealing key, wrapped under the key with this id; and which logs have been sealed, signed."""

    key_id: str
    wrapped: str
    sealed: tuple[str, ...] = ()
    mac: str = ""


@dataclass(frozen=True, slots=True)
class SealHead:
    """Where the chain of a log ends: the last sealed entry's number and tag, and when it was sealed.

    `start` and `start_tag` are the checkpoint: what came before the first entry that is kept. Signed as a whole.
    `begun` is the newest entry there was when the chain began: numbers that were missing before it are sealed so.
    """

    seq: int
    tag: str
    at: datetime
    start: int
    start_tag: str
    begun: int = 0
    mac: str = ""


@dataclass(frozen=True, slots=True)
class SealTags:
    """The tags of entries that follow each other, from number `first` on: base64."""

    first: int
    tags: str


@dataclass(frozen=True, slots=True)
class SealCheck:
    """How far a log has been checked again since `began_at`; `whole_at`: when the last whole check began."""

    reached: int
    began_at: datetime
    whole_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Breach:
    """What is wrong with a log, as it was found first. Nothing is sealed there until it is as it was."""

    wrong: Wrong
    first: int
    last: int
    found_at: datetime


@dataclass(frozen=True, slots=True)
class Sealer:
    """When all logs were last looked at and nothing was left to seal; `problem`: why nothing can be sealed at all."""

    at: datetime | None = None
    problem: str = ""


@dataclass(frozen=True, slots=True)
class SealsTold:
    """The last local day on which the ends of the chains were posted."""

    day: str


@dataclass(frozen=True, slots=True)
class PostedHead:
    """Where the chain of a door ended when it was posted; `door_id` "" is the office, `tag` the tag's beginning."""

    door_id: str
    seq: int
    tag: str


# The chain


def tag(key: bytes, log: str, before: bytes, seq: int, text: str) -> bytes:
    """The tag of an entry: no two different entries, places or pasts have the same."""
    place = log.encode() + b"\0" + before + (seq % 2**64).to_bytes(8, "big")
    return hmac.digest(key, place + _bytes(text), "sha256")[:TAG_BYTES]


def is_tag(one: bytes, other: bytes) -> bool:
    return hmac.compare_digest(one, other)


def block_of(seq: int) -> int:
    """The number of the block of tags in which this entry's is."""
    return (seq - 1) // BLOCK


def unpacked(tags: SealTags) -> dict[int, bytes]:
    """Tags by number; none where the record makes no sense."""
    try:
        packed = b64decode(tags.tags, validate=True)
    except ValueError:
        return {}
    pieces = (packed[at : at + TAG_BYTES] for at in range(0, len(packed) // TAG_BYTES * TAG_BYTES, TAG_BYTES))
    return dict(enumerate(pieces, tags.first))


def packed(tags: Mapping[int, bytes]) -> dict[int, SealTags]:
    """Tags of entries that follow each other, as the records of their blocks."""
    blocks: dict[int, dict[int, bytes]] = {}
    for seq in sorted(tags):
        blocks.setdefault(block_of(seq), {})[seq] = tags[seq]
    return {block: SealTags(min(each), b64encode(b"".join(each.values())).decode()) for block, each in blocks.items()}


# The head


def signed(key: bytes, log: str, head: SealHead) -> SealHead:
    return replace(head, mac=_head_mac(key, log, head))


def is_signed(key: bytes, log: str, head: SealHead) -> bool:
    return _is_same(_head_mac(key, log, head), head.mac)


def _head_mac(key: bytes, log: str, head: SealHead) -> str:
    fields = (log, str(head.seq), head.tag, head.at.isoformat(), str(head.start), head.start_tag, str(head.begun))
    return keyed(keyed(key, b"head"), _bytes("\0".join(fields))).hex()


def tag_key(key: bytes) -> bytes:
    """What entries are sealed with."""
    return keyed(key, b"entries")


# The key


def wrap(key: bytes, under: bytes, nonce: bytes) -> str:
    """A sealing key, encrypted and authenticated: only who has `under` can read it, and nobody else can make one."""
    hidden = nonce + _xor(key, keyed(keyed(under, b"hide"), nonce))
    return (hidden + keyed(keyed(under, b"show"), hidden)).hex()


def unwrap(wrapped: str, under: bytes) -> bytes | None:
    """The sealing key; None where it was not wrapped under this key, or was changed."""
    try:
        whole = bytes.fromhex(wrapped)
    except ValueError:
        return None
    hidden, mac = whole[: NONCE_BYTES + KEY_BYTES], whole[NONCE_BYTES + KEY_BYTES :]
    if not hmac.compare_digest(keyed(keyed(under, b"show"), hidden), mac):
        return None
    return _xor(hidden[NONCE_BYTES:], keyed(keyed(under, b"hide"), hidden[:NONCE_BYTES]))


def _xor(one: bytes, other: bytes) -> bytes:
    return bytes(a ^ b for a, b in zip(one, other, strict=True))


def with_logs(record: SealingKey, key: bytes, logs: Iterable[str]) -> SealingKey:
    """The same record, saying that these logs are sealed too."""
    sealed = tuple(sorted({*record.sealed, *logs}))
    return replace(record, sealed=sealed, mac=_logs_mac(key, sealed))


def has_its_logs(record: SealingKey, key: bytes) -> bool:
    """Whether the list of sealed logs is as we wrote it."""
    return _is_same(_logs_mac(key, record.sealed), record.mac)


def _logs_mac(key: bytes, logs: Sequence[str]) -> str:
    return keyed(keyed(key, b"logs"), _bytes("\0".join(logs))).hex()


def _is_same(one: str, other: str) -> bool:
    return hmac.compare_digest(_bytes(one), _bytes(other))


def _bytes(text: str) -> bytes:
    """Also of what somebody else wrote, half of a surrogate pair for instance."""
    return text.encode(errors="surrogatepass")
