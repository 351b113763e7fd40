"""What is sent to Redis and what comes back: keys, a commit's arguments, the entries of a log."""

from collections.abc import Mapping, Sequence
from typing import Any

from app.domain.audit import AuditEvent, LogEntry
from app.ports import Key, Snapshot
from app.stores import records


def for_script(
    snapshot: Snapshot, writes: Mapping[Key[Any], object | None], events: Sequence[AuditEvent]
) -> tuple[list[str], list[str | int]]:
    """The keys and the arguments of commit.lua, without its deadline."""
    arguments: list[str | int] = [len(snapshot.stored), len(writes), len(events)]
    for name, text in snapshot.stored.items():
        arguments += [name, text or ""]
    for record, value in writes.items():
        text, due = records.stored_form(value) or ("", None)
        arguments += [record.name, text, "" if due is None else due]
    for event in events:
        arguments += [records.encode_event(event), event.caller]
    return [key(snapshot.partition, part) for part in ("records", "due", "log", "callers")], arguments


def lines(found: list[tuple[bytes, dict[bytes, bytes]]]) -> list[tuple[int, str]]:
    """The number and the stored form of each entry of a page."""
    return [(number(each), fields.get(b"event", b"").decode(errors="replace")) for each, fields in found]


def number(stream_id: bytes) -> int:
    """The `seq` that an id of a stream stands for."""
    return int(stream_id.partition(b"-")[0])


def entries(partition: str, page: list[tuple[int, str]], callers: list[str]) -> list[LogEntry]:
    """A page of a log, put together again with its callers."""
    pairs = (member.partition(" ") for member in callers)
    known = {int(seq): caller for seq, _, caller in pairs}
    return records.log_entries(partition, [(seq, line, known.get(seq, "")) for seq, line in page])


def key(partition: str, part: str) -> str:
    """Where a part of a partition is kept."""
    return f"doorbot:{{{partition}}}:{part}"
