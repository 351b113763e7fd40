import math
import tomllib
from collections.abc import Callable
from copy import deepcopy
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

import config
from app.domain.doors import AfterHours
from app.domain.office import Office
from app.domain.tones import PROFILE_NAMES, profile_named
from app.doorbot_toml import COMMAND_WORDS, DEFAULTS, DOOR_KEYS, OFFICE_KEYS, TONE, Problems, read_office
from tests.conftest import settings_for
from tests.support import ALWAYS_OPEN_TOML, INTERCOM, NUMBER, OFFICE_TOML, TELEPHONE

EXAMPLE = """timezone = "America/New_York"
unlock_for = "2h"              # length of an unlock when none is asked
unlock_max = "8h"              # longest unlock that can be asked
ask_for = "25s"                # how long a visitor is held while hosts are asked
patience = "55s"               # how long the intercom lets a call last before it is answered by a human
after_hours = "forward"        # ring outside working hours: "forward", "ask" (as in hours) or "closed" (a sentence)
retention = "400d"             # how long the audit log is kept
visitor_data = "90d"           # how long callers' numbers in it are kept
answering = "40s"              # what answering one ring costs a person; the report counts with it
seals = "C0RECORD1"            # optional: the channel that is told each day where the log's seals stand

[hours]                        # working hours, local time; a day left out is closed
mon-fri = "09:00-17:00"

[holidays]                     # optional
country = "US"
subdivision = "NY"
add = ["2026-12-24"]
remove = []

[people]
workspace = "T0OFFICE1"        # team id (or E… for an Enterprise org): commands and presses from any other are refused
admins = ["U0ADMIN01"]         # Slack user ids (U…, W…) or user group ids (S…)
hosts = ["U0HOST001", "S0RECEPTION"]

[doors.front]
name = "Front door"
number = "+12125550100"        # the Twilio number that the intercom calls
intercoms = ["+12125550199"]   # numbers the intercom calls from; "withheld" may be listed; empty: any caller, withheld too
release = "9"                  # the key that releases this door
tone = "standard"              # how it is sounded: "gentle", "standard", "patient", "long", "stubborn", or a table of its own
forward_to = ["+12125550123"]  # telephones, rung together
channel = "C0FRONTDOOR"        # Slack channel for this door
notices = "digest"             # or "each", or "problems"
report = "none"                # or "weekly": the channel is told of last week when the first open day opens
silence = "auto"               # the channel is told when no ring comes for long: so many working days, such as 3, or "never"
greeting = "Welcome. Third floor, on the left."
language = "en-US"             # the visitor's sentences exist in English, German, French and Spanish, and can be overridden
"""  # noqa: E501 - as it is printed in the documentation
MINIMAL = tomllib.loads(ALWAYS_OPEN_TOML)
Change = Callable[[dict[str, Any]], object]


def read(change: Change = lambda _: None) -> tuple[Office, list[str]]:
    """The office after a change to the file, and what is wrong with it."""
    values, problems = deepcopy(MINIMAL), Problems()
    change(values)
    return read_office(values, problems), problems.found


def put(value: object, *path: str) -> Change:
    """Put a value at a key, such as "doors", "front", "name"."""

    def change(values: dict[str, Any]) -> None:
        for key in path[:-1]:
            values = values.setdefault(key, {})
        values[path[-1]] = value

    return change


def without(*path: str) -> Change:
    def change(values: dict[str, Any]) -> None:
        for key in path[:-1]:
            values = values[key]
        del values[path[-1]]

    return change


def problem(change: Change) -> str:
    (found,) = read(change)[1]
    return found


def with_side(**changes: object) -> Change:
    """A second door; without changes it shares nothing with the first."""
    side = {**MINIMAL["doors"]["front"], "number": "+12125550101", "intercoms": ["+12125550198"], **changes}
    return put(side, "doors", "side")


# What is read


def test_the_documented_example_loads_as_it_is(tmp_path: Path) -> None:
    office = settings_for(tmp_path, EXAMPLE).office
    door = office.doors["front"]
    assert (door.number, door.intercoms, door.release, door.forward_to) == (NUMBER, (INTERCOM,), "9", (TELEPHONE,))
    assert (door.name, door.channel, door.notices, door.language) == ("Front door", "C0FRONTDOOR", "digest", "en-US")
    assert (door.after_hours, door.patience) == (AfterHours.FORWARD, timedelta(seconds=55))
    assert office.people.hosts == {"U0HOST001", "S0RECEPTION"}
    assert (office.terms.unlock_max, office.retention) == (timedelta(hours=8), timedelta(days=400))
    assert date(2026, 12, 24) in door.hours.holidays
    assert door.hours.describe() == "Mon–Fri 09:00–17:00"


def test_the_example_sets_every_key_but_those_a_door_may_have_of_its_own() -> None:
    example = tomllib.loads(EXAMPLE)
    assert set(example) == OFFICE_KEYS
    own = {"sentences", "hours", "timezone", "after_hours", "admins", "hosts"}
    assert set(example["doors"]["front"]) == DOOR_KEYS - own


def test_what_is_left_out_has_its_usual_value() -> None:
    office, problems = read()
    assert problems == []
    assert (office.terms.unlock_for, office.visitor_data) == (timedelta(hours=2), timedelta(days=90))
    assert set(DEFAULTS) & set(MINIMAL) == set()


def test_a_door_may_have_admins_and_hosts_of_its_own_beside_the_offices() -> None:
    office, problems = read(with_side(admins=["U0SIDE001"], hosts=["W0SIDE002", "S0SIDE003"]))
    assert problems == []
    assert (office.doors["side"].admins, office.doors["side"].hosts) == ({"U0SIDE001"}, {"W0SIDE002", "S0SIDE003"})
    assert (office.doors["front"].admins, office.doors["front"].hosts) == (frozenset(), frozenset())
    assert "U0SIDE001" not in office.people.admins


def test_a_door_may_have_hours_timezone_and_after_hours_of_its_own() -> None:
    own = {"hours": {"sat": "10:00-12:00"}, "timezone": "Europe/Berlin", "after_hours": "closed"}
    office, _ = read(with_side(**own))
    front, side = office.doors["front"], office.doors["side"]
    assert (side.hours.timezone.key, side.hours.describe()) == ("Europe/Berlin", "Sat 10:00–12:00")
    assert (side.after_hours, front.after_hours) == (AfterHours.CLOSED, AfterHours.FORWARD)
    assert front.hours.timezone.key == "America/New_York"


def test_a_report_is_told_where_it_is_asked_for_and_what_an_answer_costs_is_set_for_all_doors() -> None:
    office, problems = read(with_side(report="weekly", channel="C0SIDEDOOR"))
    assert ([door.report for door in office.doors.values()], problems) == (["none", "weekly"], [])
    assert (office.answering, read(put("1m", "answering"))[0].answering) == (
        timedelta(seconds=40),
        timedelta(minutes=1),
    )


def test_a_visitors_sentences_can_be_overridden() -> None:
    office, problems = read(put({"closed": "Zu."}, "doors", "front", "sentences"))
    assert (office.doors["front"].sentences, problems) == ({"closed": "Zu."}, [])


@pytest.mark.parametrize("silence", ["auto", "never", 1, 60])
def test_when_silence_is_told_is_set_for_each_door(silence: object) -> None:
    office, problems = read(put(silence, "doors", "front", "silence"))
    assert (office.doors["front"].silence, problems) == (silence, [])
    assert read()[0].doors["front"].silence == "auto"


@pytest.mark.parametrize("name", PROFILE_NAMES)
def test_a_tone_profile_is_named(name: str) -> None:
    office, problems = read(put(name, "doors", "front", "tone"))
    assert (office.doors["front"].tone, problems) == (profile_named(name), [])


@pytest.mark.parametrize(
    ("table", "base", "changes"),
    [
        ({}, "standard", {}),
        ({"profile": "stubborn"}, "stubborn", {}),
        ({"lead_in": "500ms", "gap": "1.5s"}, "standard", {"lead_in": 0.5, "gap": 1.5}),
        ({"lead_in": 0, "gap": 3.0}, "standard", {"lead_in": 0, "gap": 3}),
        ({"repeats": 5, "trailing_silence": "4 s"}, "standard", {"repeats": 5, "trailing_silence": 4}),
        ({"length": "500ms", "level": -24}, "standard", {"length_ms": 500, "level_db": -24}),
        ({"profile": "long", "length": "3s", "level": -6}, "long", {"length_ms": 3000, "level_db": -6}),
        ({"profile": "long", "length": 1.1}, "long", {"length_ms": 1100}),
        ({"profile": "long", "length": 0}, "long", {"length_ms": 0}),
        ({"profile": "long", "level": -12}, "long", {"level_db": -12}),
    ],
)
def test_a_door_may_have_a_tone_profile_of_its_own(
    table: dict[str, object], base: str, changes: dict[str, Any]
) -> None:
    office, problems = read(put(table, "doors", "front", "tone"))
    assert (office.doors["front"].tone, problems) == (replace(profile_named(base), name="own", **changes), [])
    assert isinstance(office.doors["front"].tone.trailing_silence, int)


@pytest.mark.parametrize("days", [["2026-12-24"], [date(2026, 12, 24)], [datetime(2026, 12, 24, 8, tzinfo=UTC)]])
def test_a_holiday_may_be_a_text_or_a_date(days: list[object]) -> None:
    office, problems = read(put({"add": days}, "holidays"))
    assert (list(office.doors["front"].hours.holidays), problems) == ([date(2026, 12, 24)], [])


def test_a_key_may_be_written_as_a_number() -> None:
    assert read(put(5, "doors", "front", "release"))[0].doors["front"].release == "5"


# What is wrong


@pytest.mark.parametrize(
    ("change", "found"),
    [
        (put(1, "timezon"), "timezon: is not a setting; did you mean timezone?"),
        (put(1, "zzz"), "zzz: is not a setting"),
        (put({}, "door"), "door: is not a setting; did you mean doors?"),
        (put([], "people", "admin"), "people.admin: is not a setting; did you mean admins?"),
        (put("", "doors", "front", "greetings"), "doors.front.greetings: is not a setting; did you mean greeting?"),
        (
            put("", "doors", "front", "sentences", "close"),
            "doors.front.sentences.close: is not a setting; did you mean closed?",
        ),
        (put("DE", "holidays", "land"), "holidays.land: is not a setting"),
    ],
)
def test_an_unknown_key_is_reported_with_the_nearest_known_one(change: Change, found: str) -> None:
    assert problem(change) == found


@pytest.mark.parametrize(
    "path",
    [
        ("timezone",),
        ("hours",),
        ("people", "workspace"),
        ("people", "admins"),
        ("doors", "front", "number"),
        ("doors", "front", "release"),
        ("doors", "front", "forward_to"),
    ],
)
def test_what_is_needed_and_missing_is_reported_once(path: tuple[str, ...]) -> None:
    assert problem(without(*path)) == f"{'.'.join(path)}: is missing"


@pytest.mark.parametrize("value", [None, {}, [], "front"])
def test_an_office_needs_a_door(value: object) -> None:
    assert "doors: there is none; begin one with [doors.front]" in read(put(value, "doors"))[1]


def test_an_office_needs_an_admin() -> None:
    assert problem(put([], "people", "admins")) == "people.admins: names nobody; at least one admin is needed"


def test_what_is_wrong_for_several_doors_is_reported_once() -> None:
    def change(values: dict[str, Any]) -> None:
        with_side()(values)
        values["timezone"] = "Mars"

    assert problem(change) == 'timezone: is no timezone; example: "America/New_York"'


@pytest.mark.parametrize(
    ("key", "value"), [("timezone", "Mars"), ("hours", {"mon": "nine to five"}), ("after_hours", "party")]
)
def test_what_is_wrong_for_the_office_is_reported_also_where_no_door_uses_it(key: str, value: object) -> None:
    def change(values: dict[str, Any]) -> None:
        own = {"hours": {"sat": "10:00-12:00"}, "timezone": "Europe/Berlin", "after_hours": "closed"}
        values["doors"]["front"] |= own
        values[key] = value

    assert problem(change).startswith(f"{key}")


def test_a_level_without_an_audio_tone_is_reported_and_not_forgotten() -> None:
    found = problem(put({"level": -12}, "doors", "front", "tone"))
    assert found == 'doors.front.tone.level: needs an audio tone: set length too, such as "500ms"'


def test_all_that_is_wrong_with_a_tone_is_reported_at_once_with_examples() -> None:
    wrong = {"lead_in": 9, "repeats": 9, "gap": 9, "trailing_silence": 99, "length": "9s", "level": 9, "loud": 1}
    assert set(read(put(wrong, "doors", "front", "tone"))[1]) == {
        "doors.front.tone.loud: is not a setting",
        'doors.front.tone.lead_in: must be 0 to 5 s in steps of half a second, such as "1.5s"',
        "doors.front.tone.repeats: must be a whole number from 1 to 5, such as 2",
        'doors.front.tone.gap: must be 0.5 to 3 s in steps of half a second, such as "1.5s"',
        'doors.front.tone.trailing_silence: must be 1 to 10 whole seconds, such as "2s"',
        'doors.front.tone.length: must be 100 to 3000 ms, such as "500ms", or 0 for the digits that Twilio sounds',
        "doors.front.tone.level: must be a whole number from -24 to -6, such as -10",
    }


def test_every_problem_is_reported_at_once() -> None:
    def change(values: dict[str, Any]) -> None:
        values |= {"unlock_for": "soon", "after_hours": "party", "colour": "red"}
        values["people"]["workspace"] = "office"
        values["doors"]["front"] |= {"number": "911", "release": "99", "forward_to": [], "language": "la"}

    names = {line.partition(":")[0] for line in read(change)[1]}
    door = {f"doors.front.{key}" for key in ("number", "release", "forward_to", "language")}
    assert names == {"unlock_for", "after_hours", "colour", "people.workspace", *door}


@pytest.mark.parametrize("door_id", sorted(COMMAND_WORDS))
def test_a_door_can_not_be_called_like_a_word_of_a_command(door_id: str) -> None:
    assert problem(put(MINIMAL["doors"]["front"] | {"number": "+12125550101"}, "doors", door_id)).endswith(
        "an id is one short word in small letters, such as front, and no command"
    )


@pytest.mark.parametrize("door_id", ["Front", "front door", "1st", "", "tür", "a" * 32, "front:side", "front\n"])
def test_a_doors_id_is_one_short_word(door_id: str) -> None:
    found = problem(put(MINIMAL["doors"]["front"] | {"number": "+12125550101"}, "doors", door_id))
    assert found.startswith(f"doors.{door_id}: an id is one short word")


@pytest.mark.parametrize(
    ("intercoms", "is_fine"),
    [
        (["+12125550198"], True),
        (["withheld"], True),
        ([INTERCOM], False),
        ([], False),
        (["+12125550198", INTERCOM], False),
    ],
)
def test_doors_share_a_number_only_if_it_is_certain_which_one_rings(intercoms: list[str], is_fine: bool) -> None:
    found = read(with_side(number=NUMBER, intercoms=intercoms))[1]
    shared = "doors.side.number: is doors.front's too, so both need intercoms, and different ones"
    assert found == ([] if is_fine else [shared])


@pytest.mark.parametrize("intercoms", [[INTERCOM], []])
def test_doors_with_numbers_of_their_own_may_have_the_same_intercoms(intercoms: list[str]) -> None:
    assert read(with_side(intercoms=intercoms))[1] == []


@pytest.mark.parametrize(
    ("patience", "ask_for", "is_fine"),
    [
        ("25s", "25s", True),
        ("24s", "20s", False),
        ("40s", "41s", False),
        ("41s", "41s", True),
        ("10m", "25s", True),
        ("601s", "25s", False),
    ],
)
def test_an_intercoms_patience_has_bounds(patience: str, ask_for: str, is_fine: bool) -> None:
    found = read(lambda values: values.update(patience=patience, ask_for=ask_for))[1]
    bounds = "patience: must be at least ask_for and 25 s, and at most 10 min"
    assert found == ([] if is_fine else [bounds])


TEXT_KEYS = [("doors", "front", key) for key in ("name", "greeting")] + [("doors", "front", "sentences", "nobody")]
WRONG: dict[tuple[str, ...], list[object]] = {
    ("timezone",): ["", "Mars", "America", "../UTC", "\0", "UTC\n", 1, ["UTC"]],
    **{(key,): ["", "soon", "0s", "-1h", "11 years", 7200, time(2), {}, None] for key in DEFAULTS},
    ("after_hours",): ["open", "Forward", "", 1, True, ["ask"]],
    ("hours",): ["09:00-17:00", [], {"someday": "09:00-17:00"}, {"mon": "nine to five"}, {"mon": 9}, {"mon": [9]}],
    ("holidays",): ["US", [], [date(2026, 1, 1)]],
    ("holidays", "country"): ["Germany", "us", "WEEKEND", 1, ["US"]],
    ("holidays", "subdivision"): [1, ["NY"]],
    ("holidays", "add"): ["2026-12-24", ["24.12.2026"], [20261224], [time(1)], {}],
    ("holidays", "remove"): ["2026-12-24", ["tomorrow"], [None]],
    ("people",): ["U0ADMIN01", []],
    ("people", "workspace"): ["", "office", "C0OFFICE1", 1, ["T0OFFICE1"]],
    ("people", "admins"): ["U0ADMIN01", ["@ana"], ["ana@example.com"], [1], ["U"], ["u0admin01"], [["U0ADMIN01"]]],
    ("people", "hosts"): ["U0HOST001", ["C0FRONTDOOR"], [None], {}],
    ("doors", "front", "report"): ["", "Weekly", "daily", True, 1, ["weekly"]],
    ("doors", "front"): ["+12125550100", []],
    ("doors", "front", "number"): ["", "2125550100", "+1 212 555 0100", "+0125550100", "+12125550100\n", "withheld", 1],
    ("doors", "front", "intercoms"): [INTERCOM, ["Withheld"], [""], [12125550199], [[INTERCOM]]],
    ("doors", "front", "release"): ["", "99", "ww9", "w", "a", -1, 10, 9.0, True, ["9"], "٩"],
    ("doors", "front", "silence"): ["", "Auto", "3", 0, -1, 61, 2.5, True, [3], None],
    ("doors", "front", "tone"): ["", "loud", "Standard", "own", 1, True, ["long"]],
    ("doors", "front", "tone", "profile"): ["", "own", 1, {}],
    ("doors", "front", "tone", "lead_in"): ["", "1", "5.5s", "0.3s", "1 h", -1, 5.5, 0.3, True, [], math.nan, math.inf],
    ("doors", "front", "tone", "repeats"): [0, 6, -1, 2.0, "2", True, None],
    ("doors", "front", "tone", "gap"): ["", "0s", "400ms", "3.5s", "700ms", 0, 3.5, -math.inf, {}],
    ("doors", "front", "tone", "trailing_silence"): ["", "0s", "11s", "1.5s", 0, 11, 1.5, True],
    ("doors", "front", "tone", "length"): ["", "99ms", "3001ms", "100.5ms", "500", "5 m", 500, -0.1, 0.05, True, "٥s"],
    ("doors", "front", "tone", "level"): [-25, -5, 0, 10, -10.0, "-10", "-10dB", True],
    ("doors", "front", "forward_to"): [TELEPHONE, [], [""], ["withheld"], [TELEPHONE] * 11, [1]],
    ("doors", "front", "channel"): ["", "#frontdoor", "D0DIRECT1", 1, ["C0FRONTDOOR"]],
    ("seals",): ["", "#record", "D0DIRECT1", 1, ["C0RECORD1"]],
    ("doors", "front", "admins"): ["U0ADMIN01", ["@ana"], [1], ["u0admin01"], {}],
    ("doors", "front", "hosts"): ["U0HOST001", ["C0FRONTDOOR"], [None], {}],
    ("doors", "front", "notices"): ["all", "", True],
    ("doors", "front", "language"): ["en", "English", "", 1],
    **{path: [1, True, [], {}, "x" * 501, "ring\x07", "\0"] for path in TEXT_KEYS},
    ("doors", "front", "sentences"): ["Hello.", []],
}


@pytest.mark.parametrize(
    ("path", "value"),
    [pytest.param(path, value, id=f"{'.'.join(path)}={value!r:.30}") for path in WRONG for value in WRONG[path]],
)
def test_a_wrong_value_is_reported_under_the_name_of_its_key(path: tuple[str, ...], value: object) -> None:
    found = read(put(value, *path))[1]
    name = "holidays" if path[:1] == ("holidays",) else ".".join(path)
    assert found
    assert all(line.startswith(name) for line in found)


def test_every_key_has_its_wrong_values() -> None:
    tried = {path[-1] for path in WRONG}
    assert tried >= OFFICE_KEYS - {"doors"}
    assert tried >= DOOR_KEYS
    assert tried >= TONE.keys()


TOML_VALUES: st.SearchStrategy[Any] = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=20)
    | st.dates()
    | st.datetimes()
    | st.times()
    | st.sampled_from(["2h", "09:00-17:00", "+12125550100", "UTC", "US", "withheld", "9", "U0HOST001", "2026-12-24"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=5,
)
DAYS = st.dictionaries(
    st.sampled_from(["mon", "mon-fri", "sat,sun", "fri-mon", "-", ","]) | st.text(max_size=8), TOML_VALUES
)
PATHS = [
    *WRONG,
    ("doors",),
    ("doors", "front", "hours"),
    ("doors", "front", "timezone"),
    ("doors", "front", "after_hours"),
]


@given(st.dictionaries(st.sampled_from(PATHS), TOML_VALUES | DAYS, min_size=1, max_size=4))
@hypothesis_settings(deadline=None, max_examples=150, suppress_health_check=[HealthCheck.too_slow])
def test_any_values_at_any_keys_are_an_office_or_problems(changes: dict[tuple[str, ...], object]) -> None:
    def change(values: dict[str, Any]) -> None:
        for path in sorted(changes, key=len, reverse=True):
            put(changes[path], *path)(values)

    assert all(": " in line for line in read(change)[1])


def test_what_is_wrong_with_the_file_ends_the_start(tmp_path: Path) -> None:
    with pytest.raises(config.ConfigError) as caught:
        settings_for(tmp_path, OFFICE_TOML.replace('release = "9"', 'release = "99"'))
    assert caught.value.problems == ['doors.front.release: must be a single key such as "9"']
