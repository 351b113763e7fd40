"""Reads `doorbot.toml`: what may stand in it, and what is wrong with what does."""

import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import date, timedelta
from difflib import get_close_matches
from types import MappingProxyType
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

from app import toml_values as read
from app.calendars import calendar
from app.clock import utcnow
from app.domain.doors import AfterHours, Door
from app.domain.durations import describe_duration, parse_duration
from app.domain.errors import InvalidInput
from app.domain.hours import Hours, parse_weekly
from app.domain.office import Office, People
from app.domain.reports import WEEKLY
from app.domain.tones import OWN, PROFILE_NAMES, STANDARD, ToneProfile, profile_named
from app.domain.unlocks import Terms
from app.languages import LANGUAGES, SENTENCES

T = TypeVar("T")

DOOR_ID = re.compile(r"[a-z][a-z0-9_-]{0,30}", re.ASCII)
NOBODY: tuple[str, ...] = ()
NOBODY_YET: tuple[str, ...] = ("",)  # a problem already reported is not reported again as an empty list
NOTICES = ("digest", "each", "problems")
REPORTS = ("none", WEEKLY)
SHORTEST_PATIENCE, LONGEST_PATIENCE = timedelta(seconds=25), timedelta(minutes=10)
COMMAND_WORDS = frozenset(
    "unlock lock status schedule code grant revoke people lockdown lift tone report log help".split()  # noqa: SIM905
    + "for until once next expecting add remove pause resume open closed close issue all office a an half".split()  # noqa: SIM905 - reads better than a list
)
DEFAULTS = {
    "unlock_for": "2h",
    "unlock_max": "8h",
    "ask_for": "25s",
    "patience": "55s",
    "retention": "400d",
    "visitor_data": "90d",
    "answering": "40s",
}
OFFICE_KEYS = {"timezone", "after_hours", "hours", "holidays", "people", "doors", "seals", *DEFAULTS}
DOOR_KEYS = {
    *("name", "number", "intercoms", "release", "forward_to", "channel", "notices", "greeting", "language"),
    *("tone", "sentences", "hours", "timezone", "after_hours", "admins", "hosts", "report", "silence"),
}
TONE: dict[str, tuple[str, Callable[[Any], Any]]] = {  # how a tone profile's setting is called in the code, and read
    "lead_in": ("lead_in", read.lead_in),
    "repeats": ("repeats", read.repeats),
    "gap": ("gap", read.gap),
    "trailing_silence": ("trailing_silence", read.trailing_silence),
    "length": ("length_ms", read.tone_length),
    "level": ("level_db", read.level),
}


class Problems:
    """Collects what is wrong, by the name of the setting."""

    def __init__(self) -> None:
        self.found: list[str] = []

    def add(self, name: str, text: str) -> None:
        line = f"{name}: {text}"
        if line not in self.found:  # what holds for several doors is wrong once
            self.found.append(line)


class Table:
    """A TOML table whose values are taken out one by one; every problem is added under its full name."""

    def __init__(self, values: object, name: str, allowed: set[str], problems: Problems) -> None:
        self.name = name
        self.problems = problems
        self._values: dict[str, Any] = values if isinstance(values, dict) else {}
        if not isinstance(values, dict):
            problems.add(name, "must be a table")
        for key in sorted(self._values.keys() - allowed):
            near = get_close_matches(key, sorted(allowed), 1)
            problems.add(self.path(key), "is not a setting" + (f"; did you mean {near[0]}?" if near else ""))

    def __contains__(self, key: str) -> bool:
        return key in self._values

    def has_table(self, key: str) -> bool:
        return isinstance(self._values.get(key), dict)

    def path(self, key: str) -> str:
        return f"{self.name}.{key}" if self.name else key

    def take(self, key: str, reader: Callable[[Any], T], default: T, *, required: bool = False) -> T:
        """The value of `key` as `reader` makes it. `reader` raises InvalidInput for a wrong one."""
        if key not in self._values:
            if required:
                self.problems.add(self.path(key), "is missing")
            return default
        try:
            return reader(self._values[key])
        except InvalidInput as error:
            self.problems.add(self.path(key), str(error))
            return default

    def table(self, key: str, allowed: set[str]) -> "Table":
        return Table(self._values.get(key, {}), self.path(key), allowed, self.problems)

    def tables(self, key: str) -> dict[str, Any]:
        """The tables inside a table; a problem where there are none."""
        tables = self._values.get(key)
        if isinstance(tables, dict) and tables:
            return tables
        self.problems.add(key, "there is none; begin one with [doors.front]")
        return {}


def read_office(values: dict[str, Any], problems: Problems) -> Office:
    """The office that the file describes; what is wrong with it is added to `problems`."""
    table = Table(values, "", OFFICE_KEYS, problems)
    spans = {key: table.take(key, read.duration, parse_duration(default)) for key, default in DEFAULTS.items()}
    if not max(SHORTEST_PATIENCE, spans["ask_for"]) <= spans["patience"] <= LONGEST_PATIENCE:
        shortest, longest = describe_duration(SHORTEST_PATIENCE), describe_duration(LONGEST_PATIENCE)
        problems.add("patience", f"must be at least ask_for and {shortest}, and at most {longest}")
    holidays = _holidays(table)
    doors = {}
    for door_id, body in table.tables("doors").items():
        if not DOOR_ID.fullmatch(door_id) or door_id in COMMAND_WORDS:
            problems.add(f"doors.{door_id}", "an id is one short word in small letters, such as front, and no command")
        door = Table(body, f"doors.{door_id}", DOOR_KEYS, problems)
        doors[door_id] = _door(door_id, door, table, spans, holidays)
    for key, reader in (("timezone", read.timezone), ("hours", parse_weekly), ("after_hours", _after_hours)):
        table.take(key, reader, None)  # a wrong one is a problem also where no door uses it
    _check_shared_numbers(doors, problems)
    terms = Terms(spans["unlock_for"], spans["unlock_max"])
    kept = (spans["retention"], spans["visitor_data"])
    seals = table.take("seals", read.channel, "")
    return Office(MappingProxyType(doors), _people(table), terms, *kept, spans["answering"], seals)


def _door(
    door_id: str, table: Table, office: Table, spans: Mapping[str, timedelta], holidays: Mapping[date, str]
) -> Door:
    return Door(
        id=door_id,
        name=table.take("name", read.text, door_id.capitalize()),
        number=table.take("number", read.telephone, "", required=True),
        release=table.take("release", read.release_key, "", required=True),
        hours=_hours(table, office, holidays),
        intercoms=table.take("intercoms", read.list_of(read.intercom), tuple[str, ...]()),
        forward_to=table.take("forward_to", read.telephones, (), required=True),
        channel=table.take("channel", read.channel, ""),
        notices=table.take("notices", read.one_of(NOTICES), "digest"),
        report=table.take("report", read.one_of(REPORTS), "none"),
        greeting=table.take("greeting", read.text, ""),
        language=table.take("language", read.one_of(tuple(LANGUAGES)), "en-US"),
        sentences=_sentences(table),
        after_hours=AfterHours(
            _own_or_office("after_hours", table, office).take("after_hours", _after_hours, "forward")
        ),
        ask_for=spans["ask_for"],
        patience=spans["patience"],
        tone=_tone(table),
        admins=frozenset(table.take("admins", read.people, NOBODY)),
        hosts=frozenset(table.take("hosts", read.people, NOBODY)),
        silence=table.take("silence", read.silence, read.AUTO),
    )


def _tone(door: Table) -> ToneProfile:
    """A built-in tone profile by its name, or a table of what is the door's own."""
    built_in = read.one_of(PROFILE_NAMES)
    if not door.has_table("tone"):
        return profile_named(door.take("tone", built_in, STANDARD.name))
    table = door.table("tone", {"profile", *TONE})
    base = profile_named(table.take("profile", built_in, STANDARD.name))
    own = {field: table.take(key, reader, getattr(base, field)) for key, (field, reader) in TONE.items()}
    if "level" in table and not own["length_ms"] and "length" not in table:
        door.problems.add(table.path("level"), 'needs an audio tone: set length too, such as "500ms"')
    return replace(base, name=OWN, **own)


def _after_hours(value: Any) -> AfterHours:
    return AfterHours(read.one_of(tuple(AfterHours))(value))


def _own_or_office(key: str, door: Table, office: Table) -> Table:
    return door if key in door else office


def _hours(door: Table, office: Table, holidays: Mapping[date, str]) -> Hours:
    timezone = _own_or_office("timezone", door, office).take("timezone", read.timezone, ZoneInfo("UTC"), required=True)
    weekly = _own_or_office("hours", door, office).take("hours", parse_weekly, parse_weekly({}), required=True)
    return Hours(timezone, weekly, holidays)


def _holidays(office: Table) -> Mapping[date, str]:
    table = office.table("holidays", {"country", "subdivision", "add", "remove"})
    country, subdivision = table.take("country", read.text, ""), table.take("subdivision", read.text, "")
    days = read.list_of(read.day)
    add, remove = table.take("add", days, tuple[date, ...]()), table.take("remove", days, tuple[date, ...]())
    try:
        return calendar(country, subdivision, add, remove, utcnow().year - 1)
    except InvalidInput as error:
        office.problems.add("holidays", str(error))
        return {}


def _sentences(door: Table) -> Mapping[str, str]:
    table = door.table("sentences", set(SENTENCES))
    return {key: table.take(key, read.text, "") for key in SENTENCES if key in table}


def _people(office: Table) -> People:
    table = office.table("people", {"workspace", "admins", "hosts"})
    admins = table.take("admins", read.people, NOBODY_YET, required=True)
    if not admins:
        office.problems.add("people.admins", "names nobody; at least one admin is needed")
    return People(
        workspace=table.take("workspace", read.workspace, "", required=True),
        admins=frozenset(admins),
        hosts=frozenset(table.take("hosts", read.people, NOBODY)),
    )


def _check_shared_numbers(doors: Mapping[str, Door], problems: Problems) -> None:
    """Doors may share a number only if it is certain which of them a caller rings."""
    listed = list(doors.values())
    for at, door in enumerate(listed):
        for other in listed[at + 1 :]:
            apart = door.intercoms and other.intercoms and not set(door.intercoms) & set(other.intercoms)
            if door.number and door.number == other.number and not apart:
                shared = f"is doors.{door.id}'s too, so both need intercoms, and different ones"
                problems.add(f"doors.{other.id}.number", shared)
