"""Domain values to their stored form and back.

A record is a JSON object with `v`, the version of its form; what has its default is left out, so that a default is part
of the form, and never changes. A release reads the forms of earlier ones, and ignores
fields that only later ones know, so that two releases can run side by side. Times are whole microseconds since 1970,
UTC. A record that cannot be read is a fault, never an empty one: the caller must end up with a locked door.
"""

import dataclasses
import json
import types
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from enum import Enum
from functools import cache, lru_cache
from typing import Any, Union, get_args, get_origin, get_type_hints

from app.domain.access_codes import DoorCodes, WrongTries
from app.domain.alarms import TokenRefused, Verification
from app.domain.announcements import Announcement
from app.domain.audit import AuditEvent, LogEntry
from app.domain.calibration import LastRelease, ToneSetting
from app.domain.digests import Digest
from app.domain.doors import DoorState
from app.domain.followers import Followers, HomeShown
from app.domain.known_doors import KnownDoors
from app.domain.leases import Lease
from app.domain.lockdowns import Declaration
from app.domain.notices import Notice
from app.domain.people import Grants
from app.domain.questions import Question
from app.domain.receipts import Receipt, Refusals, Unverified
from app.domain.reminders import Reminder
from app.domain.reports import WeeklyTold
from app.domain.schedules import DoorSchedules
from app.domain.silence import Rhythm
from app.domain.visits import Visit
from app.ports import Snapshot

VERSION = 1
KINDS: Mapping[str, type] = {
    "state": DoorState,
    "visit": Visit,
    "question": Question,
    "tone": ToneSetting,
    "release": LastRelease,
    "receipt": Receipt,
    "refusals": Refusals,
    "notice": Notice,
    "digest": Digest,
    "report": WeeklyTold,
    "unverified": Unverified,
    "codes": DoorCodes,
    "tries": WrongTries,
    "followers": Followers,
    "home": HomeShown,
    "doors": KnownDoors,
    "schedules": DoorSchedules,
    "people": Grants,
    "lease": Lease,
    "reminder": Reminder,
    "silence": Rhythm,
    "token_refused": TokenRefused,
    "webhooks": Verification,
    "announcement": Announcement,
    "declaration": Declaration,
}
APART = ("door", "caller")  # of an audit event: stored beside it
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
DUMP = json.JSONEncoder(separators=(",", ":")).encode
MICROSECOND = timedelta(microseconds=1)

Convert = Callable[[Any], Any]


class UnreadableRecord(ValueError):
    """What is stored is not what DoorBot stores."""


def to_micros(moment: datetime) -> int:
    """Whole microseconds since 1970, UTC."""
    return (moment - EPOCH) // MICROSECOND


def from_micros(micros: int) -> datetime:
    """The aware UTC moment; raises UnreadableRecord for anything but an integer in range."""
    if type(micros) is not int:
        raise UnreadableRecord(f"not a time: {micros!r:.40}")
    try:
        return EPOCH + timedelta(microseconds=micros)
    except OverflowError as error:
        raise UnreadableRecord(f"not a time: {micros!r:.40}") from error


def encode(value: Any) -> str:
    """The stored form of a record."""
    kind: Any = type(value)
    return DUMP({"v": VERSION, **_encoder(kind)(value)})


def stored_form(value: object | None) -> tuple[str, int | None] | None:
    """A record as text, with the time when it is to be looked at; None for a record to be deleted."""
    if value is None:
        return None
    due_at = getattr(value, "due_at", None)
    return encode(value), None if due_at is None else to_micros(due_at)


def decode(name: str, stored: str | None) -> Any:
    """The record stored under `name` (its kind stands before the first colon), or None where there is none."""
    if stored is None:
        return None
    return _decode(KINDS[name.partition(":")[0]], stored)


def snapshot(partition: str, stored: Mapping[str, str | None]) -> Snapshot:
    """What was read of a partition, with every record decoded."""
    return Snapshot(partition, {name: decode(name, text) for name, text in stored.items()}, stored)


@lru_cache(maxsize=4096)  # the same text is the same value, and a door's state is read far more often than it changes
def _decode(kind: type, stored: str) -> Any:
    return kind_from(kind, stored)


def encode_event(event: AuditEvent) -> str:
    """The stored form of an audit event, without what is kept apart: door, number and caller."""
    fields = _encoder(AuditEvent)(event)
    return DUMP({name: value for name, value in fields.items() if value and name not in APART})


def decode_event(stored: str, door: str, caller: str) -> AuditEvent:
    """The audit event, put together again."""
    event: AuditEvent = kind_from(AuditEvent, stored, {"door": door, "caller": caller})
    return event


def log_entry(partition: str, seq: int, stored: str, caller: str) -> LogEntry:
    """An entry of a partition's log, from its stored parts."""
    return LogEntry(seq, decode_event(stored, partition.partition(":")[2], caller))


def event_micros(stored: str) -> int:
    """The time of a stored event, in microseconds since 1970."""
    return to_micros(from_micros(_object(stored).get("time", "")))


def kind_from(kind: type, stored: str, known: Mapping[str, Any] | None = None) -> Any:
    """Read a dataclass from its JSON; UnreadableRecord says what is wrong with it."""
    return _decoder(kind)({**_object(stored), **(known or {})})


def _object(stored: str) -> dict[str, Any]:
    try:
        fields = json.loads(stored)
    except (ValueError, RecursionError) as error:
        raise UnreadableRecord(f"not JSON: {stored!r:.60}") from error
    if not isinstance(fields, dict):
        raise UnreadableRecord(f"not an object: {stored!r:.60}")
    return fields


def _same(value: Any) -> Any:
    return value


@cache
def _encoder(kind: Any) -> Convert:
    """A function that turns a value of this type into plain JSON values."""
    if dataclasses.is_dataclass(kind):
        hints, defaults = get_type_hints(kind), {each.name: each.default for each in dataclasses.fields(kind)}
        parts = [(name, _encoder(hint), defaults[name]) for name, hint in hints.items()]
        return lambda value: {
            name: convert(part) for name, convert, default in parts if (part := getattr(value, name)) != default
        }
    if get_origin(kind) in (Union, types.UnionType):
        inner = _encoder(next(arg for arg in get_args(kind) if arg is not types.NoneType))
        return lambda value: None if value is None else inner(value)
    if get_origin(kind) is tuple:
        item = _encoder(get_args(kind)[0])
        return lambda value: [item(each) for each in value]
    if get_origin(kind) is Mapping or get_origin(kind) is dict or kind in (str, int, bool):
        return _same
    if issubclass(kind, Enum):
        return lambda value: value.value
    if issubclass(kind, datetime):
        return to_micros
    raise TypeError(f"no stored form for {kind}")


@cache
def _decoder(kind: Any) -> Convert:
    """The reverse of `_encoder`; raises UnreadableRecord."""
    if dataclasses.is_dataclass(kind):
        return _dataclass_decoder(kind)
    origin = get_origin(kind)
    if origin in (Union, types.UnionType):
        inner = _decoder(next(arg for arg in get_args(kind) if arg is not types.NoneType))
        return lambda value: None if value is None else inner(value)
    if origin is tuple:
        item = _decoder(get_args(kind)[0])
        return lambda value: tuple(item(each) for each in _of(list, value))
    if origin is not None:
        _, hint = get_args(kind)
        return _mapping_decoder(get_args(hint) or (hint,))
    if issubclass(kind, datetime):
        return from_micros
    return _member(kind) if issubclass(kind, Enum) else lambda value: _of(kind, value)


def _dataclass_decoder(kind: Any) -> Convert:
    parts = {name: _decoder(hint) for name, hint in get_type_hints(kind).items()}

    def convert(value: Any) -> Any:
        stored = _of(dict, value)
        try:
            return kind(**{name: part(stored[name]) for name, part in parts.items() if name in stored})
        except TypeError as error:
            raise UnreadableRecord(f"{kind.__name__}: {error}") from error

    return convert


def _mapping_decoder(plain: tuple[type, ...]) -> Convert:
    def convert(value: Any) -> Any:
        for each in _of(dict, value).values():
            if type(each) not in plain:
                raise UnreadableRecord(f"{each!r:.40} is not one of {plain}")
        return value

    return convert


def _member(kind: type[Enum]) -> Convert:
    def convert(value: Any) -> Enum:
        try:
            return kind(value)
        except ValueError as error:
            raise UnreadableRecord(str(error)) from error

    return convert


def _of(kind: type, value: Any) -> Any:
    if type(value) is not kind:
        raise UnreadableRecord(f"{value!r:.40} is not a {kind.__name__}")
    return value
