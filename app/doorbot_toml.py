"""Reads `doorbot.toml`: what may stand in it, and what is wrong with what does."""

import re
from collections.abc import Callable, Mapping
from datetime import date, timedelta
from difflib import get_close_matches
from types import MappingProxyType
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

from app.calendars import calendar
from app.clock import utcnow
from app.domain.doors import WITHHELD, AfterHours, Door
from app.domain.durations import describe_duration, parse_duration
from app.domain.errors import InvalidInput
from app.domain.office import Office, People
from app.domain.schedules import Hours, parse_weekly
from app.domain.unlocks import Terms
from app.languages import LANGUAGES, SENTENCES

T = TypeVar("T")

E164 = re.compile(r"\+[1-9][0-9]{6,14}", re.ASCII)
DOOR_ID = re.compile(r"[a-z][a-z0-9_-]{0,30}", re.ASCII)
PERSON = re.compile(r"[UWS][A-Z0-9]{2,}", re.ASCII)
CHANNEL = re.compile(r"[CG][A-Z0-9]{2,}", re.ASCII)
WORKSPACE = re.compile(r"[TE][A-Z0-9]{2,}", re.ASCII)
RELEASE_KEY = re.compile(r"[0-9*#]", re.ASCII)
NOTICES = ("digest", "each", "problems")
MOST_TELEPHONES = 10  # twilio.com/docs/voice/twiml/number
SHORTEST_PATIENCE = timedelta(seconds=25)
COMMAND_WORDS = frozenset(
    [
        "unlock",
        "lock",
        "status",
        "schedule",
        "code",
        "grant",
        "revoke",
        "people",
        "lockdown",
        "lift",
        "tone",
        "report",
        "log",
        "help",
        "for",
        "until",
        "once",
        "next",
        "expecting",
        "add",
        "remove",
        "issue",
        "all",
        "office",
    ]
)
DEFAULTS = {
    "unlock_for": "2h",
    "unlock_max": "8h",
    "ask_for": "25s",
    "patience": "55s",
    "retention": "400d",
    "visitor_data": "90d",
}
OFFICE_KEYS = {"timezone", "after_hours", "hours", "holidays", "people", "doors", *DEFAULTS}
DOOR_KEYS = {
    *("name", "number", "intercoms", "release", "forward_to", "channel", "notices", "greeting", "language"),
    *("sentences", "hours", "timezone", "after_hours"),
}


class Problems:
    """Collects what is wrong, by the name of the setting."""

    def __init__(self) -> None:
        self.found: list[str] = []

    def add(self, name: str, text: str) -> None:
        self.found.append(f"{name}: {text}")


class Table:
    """A TOML table whose values are taken out one by one; every problem is added under its full name."""

    def __init__(self, values: object, name: str, allowed: set[str], problems: Problems) -> None:
        self.name = name
        self.problems = problems
        self._values: dict[str, Any] = values if isinstance(values, dict) else {}
        if not isinstance(values, dict):
            problems.add(name, "must be a table")
        for key in self._values.keys() - allowed:
            near = get_close_matches(key, allowed, 1)
            problems.add(self.path(key), "is not a setting" + (f"; did you mean {near[0]}?" if near else ""))

    def path(self, key: str) -> str:
        return f"{self.name}.{key}" if self.name else key

    def take(self, key: str, read: Callable[[Any], T], default: T, *, required: bool = False) -> T:
        """The value of `key` as `read` makes it. `read` raises InvalidInput for a wrong one."""
        if key not in self._values:
            if required:
                self.problems.add(self.path(key), "is missing")
            return default
        try:
            return read(self._values[key])
        except InvalidInput as error:
            self.problems.add(self.path(key), str(error))
            return default

    def table(self, key: str, allowed: set[str]) -> "Table":
        return Table(self._values.get(key, {}), self.path(key), allowed, self.problems)

    def raw(self, key: str, default: Any = None) -> Any:
        return self._values.get(key, default)


def read_office(values: dict[str, Any], problems: Problems) -> Office:
    """The office that the file describes; what is wrong with it is added to `problems`."""
    table = Table(values, "", OFFICE_KEYS, problems)
    spans = {key: table.take(key, _duration, parse_duration(default)) for key, default in DEFAULTS.items()}
    if spans["patience"] < max(SHORTEST_PATIENCE, spans["ask_for"]):
        problems.add("patience", f"must be at least ask_for and {describe_duration(SHORTEST_PATIENCE)}")
    doors = {
        door_id: _door(door_id, body, table, spans)
        for door_id, body in _doors(table).items()
        if _valid_door_id(door_id, problems)
    }
    _check_shared_numbers(doors, problems)
    terms = Terms(spans["unlock_for"], spans["unlock_max"])
    return Office(MappingProxyType(doors), _people(table), terms, spans["retention"], spans["visitor_data"])


def _doors(table: Table) -> dict[str, Any]:
    doors = table.raw("doors")
    if not isinstance(doors, dict) or not doors:
        table.problems.add("doors", "there is no door; begin one with [doors.front]")
        return {}
    return doors


def _valid_door_id(door_id: str, problems: Problems) -> bool:
    if DOOR_ID.fullmatch(door_id) and door_id not in COMMAND_WORDS:
        return True
    problems.add(
        f"doors.{door_id}",
        "a door's id is a short word in small letters, such as front, and no command's word",
    )
    return False


def _door(door_id: str, body: object, office: Table, spans: Mapping[str, timedelta]) -> Door:
    table = Table(body, f"doors.{door_id}", DOOR_KEYS, office.problems)
    after_hours = office.take("after_hours", _one_of(tuple(AfterHours)), AfterHours.FORWARD.value)
    return Door(
        id=door_id,
        name=table.take("name", _text, door_id.capitalize()),
        number=table.take("number", _matching(E164, "a number such as +12125550100"), "", required=True),
        release=table.take("release", _release, "", required=True),
        hours=_hours(table, office),
        intercoms=table.take("intercoms", _list_of(_intercom), ()),
        forward_to=table.take("forward_to", _telephones, (), required=True),
        channel=table.take("channel", _matching(CHANNEL, "a channel's id such as C0FRONTDOOR"), ""),
        notices=table.take("notices", _one_of(NOTICES), "digest"),
        greeting=table.take("greeting", _text, ""),
        language=table.take("language", _one_of(tuple(LANGUAGES)), "en-US"),
        sentences=_sentences(table),
        after_hours=AfterHours(table.take("after_hours", _one_of(tuple(AfterHours)), after_hours)),
        ask_for=spans["ask_for"],
        patience=spans["patience"],
    )


def _hours(door: Table, office: Table) -> Hours:
    """A door's own hours and timezone where it has them, else the office's."""
    zone_table = door if door.raw("timezone") is not None else office
    timezone = zone_table.take("timezone", _timezone, ZoneInfo("UTC"), required=True)
    hours_table = door if door.raw("hours") is not None else office
    weekly = hours_table.take("hours", parse_weekly, parse_weekly({}), required=True)
    table = office.table("holidays", {"country", "subdivision", "add", "remove"})
    country, subdivision = table.take("country", _text, ""), table.take("subdivision", _text, "")
    add, remove = table.take("add", _list_of(_date), ()), table.take("remove", _list_of(_date), ())
    try:
        days = calendar(country, subdivision, add, remove, utcnow().year - 1)
    except InvalidInput as error:
        office.problems.add("holidays", str(error))
        days = {}
    return Hours(timezone, weekly, days)


def _sentences(door: Table) -> Mapping[str, str]:
    table = door.table("sentences", set(SENTENCES))
    return {key: table.take(key, _text, "") for key in SENTENCES if table.raw(key) is not None}


def _people(office: Table) -> People:
    table = office.table("people", {"workspace", "admins", "hosts"})
    people = _list_of(_matching(PERSON, "a Slack id such as U0HOST001 (a person) or S0RECEPTION (a user group)"))
    admins = table.take("admins", people, (), required=True)
    if not admins and isinstance(table.raw("admins"), list):
        office.problems.add("people.admins", "names nobody; at least one admin is needed")
    workspace = _matching(WORKSPACE, "a workspace's id such as T0OFFICE1, or an Enterprise organisation's (E…)")
    return People(
        workspace=table.take("workspace", workspace, "", required=True),
        admins=frozenset(admins),
        hosts=frozenset(table.take("hosts", people, ())),
    )


def _check_shared_numbers(doors: Mapping[str, Door], problems: Problems) -> None:
    """Doors may share a number only if it is certain which of them a caller rings."""
    listed = list(doors.values())
    for at, door in enumerate(listed):
        for other in listed[at + 1 :]:
            apart = door.intercoms and other.intercoms and not set(door.intercoms) & set(other.intercoms)
            if door.number and door.number == other.number and not apart:
                names = f"doors.{door.id} and doors.{other.id}"
                problems.add(f"doors.{other.id}.number", f"{names} share a number, so each needs intercoms of its own")


def _text(value: Any) -> str:
    if not isinstance(value, str) or len(value) > 500:
        raise InvalidInput("must be a text of at most 500 characters")
    return value


def _duration(value: Any) -> timedelta:
    return parse_duration(_text(value))


def _matching(pattern: re.Pattern[str], wanted: str) -> Callable[[Any], str]:
    def read(value: Any) -> str:
        if not isinstance(value, str) or not pattern.fullmatch(value):
            raise InvalidInput(f"must be {wanted}")
        return value

    return read


def _one_of(words: tuple[str, ...]) -> Callable[[Any], str]:
    def read(value: Any) -> str:
        if not isinstance(value, str) or value not in words:
            raise InvalidInput("must be one of " + ", ".join(f'"{word}"' for word in words))
        return str(value)

    return read


def _list_of(item: Callable[[Any], T]) -> Callable[[Any], tuple[T, ...]]:
    def read(value: Any) -> tuple[T, ...]:
        if not isinstance(value, list):
            raise InvalidInput("must be a list")
        return tuple(item(each) for each in value)

    return read


def _intercom(value: Any) -> str:
    return WITHHELD if value == WITHHELD else _matching(E164, 'numbers such as "+12125550199", or "withheld"')(value)


def _telephones(value: Any) -> tuple[str, ...]:
    numbers = _list_of(_matching(E164, 'numbers such as "+12125550123"'))(value)
    if not 1 <= len(numbers) <= MOST_TELEPHONES:
        raise InvalidInput(f"must name 1 to {MOST_TELEPHONES} telephones: whoever is not let in must reach a human")
    return numbers


def _release(value: Any) -> str:
    text = str(value) if type(value) is int else value
    return _matching(RELEASE_KEY, 'a single key such as "9"')(text)


def _timezone(value: Any) -> ZoneInfo:
    try:
        return ZoneInfo(_text(value))
    except (KeyError, ValueError, OSError):
        raise InvalidInput('is no timezone; example: "America/New_York"') from None


def _date(value: Any) -> date:
    try:
        return date.fromisoformat(value) if isinstance(value, str) else date(value.year, value.month, value.day)
    except (ValueError, AttributeError):
        raise InvalidInput('must be dates such as "2026-12-24"') from None
