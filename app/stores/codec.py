"""Dataclasses to plain JSON values and back, by their annotations."""

import dataclasses
import json
import types
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from enum import Enum
from functools import cache
from typing import Any, Union, get_args, get_origin, get_type_hints

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
ANY_ZONE = timedelta(days=2)  # so near its ends the calendar has no time in some zones
EARLIEST, LATEST = datetime.min.replace(tzinfo=UTC) + ANY_ZONE, datetime.max.replace(tzinfo=UTC) - ANY_ZONE
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
        moment = EPOCH + timedelta(microseconds=micros)
    except OverflowError as error:
        raise UnreadableRecord(f"not a time: {micros!r:.40}") from error
    if not EARLIEST <= moment <= LATEST:
        raise UnreadableRecord(f"not a time that can be shown: {micros}")
    return moment


def kind_from(kind: type, stored: str, known: Mapping[str, Any] | None = None) -> Any:
    """Read a dataclass from its JSON; UnreadableRecord says what is wrong with it."""
    return _decoder(kind)({**object_from(stored), **(known or {})})


def object_from(stored: str) -> dict[str, Any]:
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
def encoder(kind: Any) -> Convert:
    """A function that turns a value of this type into plain JSON values."""
    if dataclasses.is_dataclass(kind):
        hints, defaults = get_type_hints(kind), {each.name: each.default for each in dataclasses.fields(kind)}
        parts = [(name, encoder(hint), defaults[name]) for name, hint in hints.items()]
        return lambda value: {
            name: convert(part) for name, convert, default in parts if (part := getattr(value, name)) != default
        }
    if get_origin(kind) in (Union, types.UnionType):
        inner = encoder(next(arg for arg in get_args(kind) if arg is not types.NoneType))
        return lambda value: None if value is None else inner(value)
    if get_origin(kind) is tuple:
        item = encoder(get_args(kind)[0])
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
