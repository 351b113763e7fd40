"""A lockdown of every door: declared once, carried out door by door, gone on with after a crash."""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from freezegun import freeze_time

import config
from app import create_app
from app.clock import utcnow
from app.domain.audit import Action
from app.domain.errors import StoreUnavailable
from app.domain.permissions import Role
from app.ports import OFFICE, Committed, Key, Snapshot, Store, partition
from app.usecases import declarations
from app.usecases.lockdowns import DECLARATION
from app.usecases.requests import Request
from tests.conftest import FakeHosts, settings_for
from tests.support import ADMIN, HOST, OFFICE_TOML, Office, asked, local

NOON = local("2026-11-23T12:00")
SECOND, MICROSECOND = timedelta(seconds=1), timedelta(microseconds=1)
MORE_DOORS = """
[doors.back]
name = "Back door"
number = "+12125550101"
release = "9"
forward_to = ["+12125550123"]
channel = "C0BACKDOOR1"

[doors.side]
name = "Side door"
number = "+12125550102"
release = "9"
forward_to = ["+12125550123"]
channel = "C0BACKDOOR1"
"""
NUMBERS = {"front": "+12125550100", "back": "+12125550101", "side": "+12125550102"}
EVERY_DOOR = "Every door is in lockdown: nothing releases them until an admin types `/frontdoor lift`."


class Failing:
    """A store that does not answer for some doors, or dies at the nth commit to a door."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self.away: set[str] = set()
        self.dies_at: set[str] = set()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._store, name)

    def read(self, where: str, *keys: Key[Any]) -> Snapshot:
        if where in {partition(door) for door in self.away}:
            raise StoreUnavailable("away")
        return self._store.read(where, *keys)

    def read_many(self, reads: Sequence[tuple[str, Sequence[Key[Any]]]]) -> list[Snapshot]:
        return [self.read(where, *keys) for where, keys in reads]

    def commit(self, snapshot: Snapshot, writes: Any, events: Any = ()) -> bool:
        if snapshot.partition in {partition(door) for door in self.dies_at}:
            raise SystemExit  # as a process that is killed: nothing after this happens
        return self._store.commit(snapshot, writes, events)

    def commit_widely(self, snapshot: Snapshot, writes: Any, events: Any = ()) -> Committed:
        return Committed.YES if self.commit(snapshot, writes, events) else Committed.NO


@pytest.fixture(autouse=True)
def clock() -> Iterator[Any]:
    with freeze_time(NOON) as clock:
        yield clock


@pytest.fixture
def settings(tmp_path: Path) -> config.Settings:
    return settings_for(tmp_path, OFFICE_TOML + MORE_DOORS)


@pytest.fixture
def failing(store: Store) -> Failing:
    return Failing(store)


@pytest.fixture
def office(settings: config.Settings, failing: Failing, hosts: FakeHosts) -> Office:
    return Office(create_app(settings, store=failing, hosts=hosts).test_client())


def in_lockdown(office: Office) -> list[str]:
    """The doors that are, by what they say of themselves."""
    return [door for door in NUMBERS if "is in lockdown" in office.say(f"status {door}")]


def crash(office: Office, failing: Failing, text: str, *doors: str) -> None:
    """Whoever carries this out is killed when it comes to the first of these doors."""
    failing.dies_at = set(doors)
    command, request = office.services.declarations, _request()
    with pytest.raises(SystemExit):
        command.lift(request) if text == "lift" else command.lock_down(request, text)
    failing.dies_at = set()


def _request() -> Request:
    return asked(utcnow(), ADMIN, Role.ADMIN)


def of_office(office: Office) -> list[tuple[str, str, str]]:
    return [(event.action.value, event.outcome.value, event.reason) for event in office.log("")]


def test_one_word_is_enough_and_every_door_is_in_lockdown_with_the_next_ring(office: Office) -> None:
    for door in NUMBERS:
        office.say(f"unlock {door}")
    assert office.say("lockdown fire drill", ADMIN) == EVERY_DOOR
    for number in NUMBERS.values():
        assert "<Play" not in office.ring(To=number)
    assert office.say("lift", ADMIN) == "The lockdown of every door is over."
    for number in NUMBERS.values():
        assert "<Play" in office.ring(To=number)


@pytest.mark.parametrize("word", ["all ", ""])
def test_the_record_of_each_door_and_of_the_office_has_it(office: Office, word: str) -> None:
    office.say(f"lockdown {word}until 14:00 fire drill", ADMIN)
    until = local("2026-11-23T14:00").isoformat()
    for door in NUMBERS:
        (event,) = office.log(door)
        assert (event.action, event.actor, event.details) == (
            Action.LOCK_DOWN,
            ADMIN,
            {"why": "fire drill", "until": until},
        )
    assert of_office(office) == [("lock_down", "done", ""), ("lock_down", "done", "complete")]


def test_a_door_that_is_named_is_the_only_one(office: Office) -> None:
    office.say("lockdown back leak", ADMIN)
    assert in_lockdown(office) == ["back"]
    assert office.say("lift", ADMIN) == "The lockdown of the back door is over."
    assert in_lockdown(office) == []


def test_where_no_door_is_in_lockdown_a_lift_says_so_and_tells_nobody(office: Office, hosts: FakeHosts) -> None:
    assert office.say("lift", ADMIN) == "No door was in lockdown."
    office.sweep()
    assert hosts.told == []


def test_a_mistyped_door_stands_for_none(office: Office) -> None:
    office.say("lockdown", ADMIN)
    assert office.say("lift bakc", ADMIN).startswith("There is no door `bakc` here.")
    assert in_lockdown(office) == ["front", "back", "side"]


def test_only_admins(office: Office) -> None:
    assert office.say("lockdown", HOST).startswith("Only admins can")
    assert in_lockdown(office) == []


def test_the_same_delivery_again_gets_the_first_answer_and_does_nothing(office: Office) -> None:
    office.say("lockdown", ADMIN, trigger_id="1")
    office.say("lift", ADMIN, trigger_id="2")
    assert office.say("lockdown", ADMIN, trigger_id="1") == EVERY_DOOR
    assert in_lockdown(office) == []


def test_each_host_and_each_channel_is_told_once(office: Office, hosts: FakeHosts) -> None:
    office.say("lockdown fire drill", ADMIN)
    for _ in range(3):
        office.sweep()
    assert sorted(channel for channel, _ in hosts.told) == ["C0BACKDOOR1", "C0FRONTDOOR", HOST]
    said = f":rotating_light: <@{ADMIN}> declared a lockdown of every door: nothing releases them. Why: fire drill."
    assert all(text.startswith(said) for _, text in hosts.told)
    hosts.told.clear()
    office.say("lift", ADMIN)
    for _ in range(3):
        office.sweep()
    lifted = f"<@{ADMIN}> lifted the lockdown of every door."
    assert sorted(hosts.told) == [("C0BACKDOOR1", lifted), ("C0FRONTDOOR", lifted), (HOST, lifted)]


def test_its_end_by_the_clock_is_told_once_and_on_record_at_every_door(
    office: Office, hosts: FakeHosts, clock: Any
) -> None:
    office.say("lockdown for 1h", ADMIN)
    office.sweep()
    hosts.told.clear()
    clock.move_to(NOON + timedelta(hours=1) - MICROSECOND)
    office.sweep()
    assert in_lockdown(office) == ["front", "back", "side"]
    assert hosts.told == []
    for seconds in (0, 2, 4):
        clock.move_to(NOON + timedelta(hours=1) + seconds * SECOND)
        office.sweep()
    assert in_lockdown(office) == []
    over = f"The lockdown of every door that <@{ADMIN}> declared is over: its time has come."
    assert sorted(hosts.told) == sorted((who, over) for who in ("C0BACKDOOR1", "C0FRONTDOOR", HOST, ADMIN))
    for door in NUMBERS:
        assert [(event.action, event.reason) for event in office.log(door)][-1] == ("lift", "time")
    assert of_office(office)[-1] == ("lift", "done", "time")


def test_a_door_that_is_in_lockdown_for_longer_stays_so_and_that_is_said(
    office: Office, hosts: FakeHosts, clock: Any
) -> None:
    office.say("lockdown side leak", ADMIN)
    assert office.say("lockdown for 1h", ADMIN).endswith(" It lasts longer already at the side door: that stays so.")
    clock.move_to(NOON + timedelta(hours=1))
    office.sweep()
    assert in_lockdown(office) == ["side"]
    assert hosts.told[-1][1].endswith("Another one is in force at the side door.")


# Doors that can't be reached


def test_the_answer_names_the_doors_that_were_not_reached_and_the_background_goes_on_trying(
    office: Office, failing: Failing, clock: Any
) -> None:
    failing.away = {"back"}
    assert office.say("lockdown", ADMIN) == (
        "The lockdown is not in force yet at the back door: DoorBot's memory was not reached there in time, "
        "and I go on trying. Every other door is in lockdown: "
        "nothing releases them until an admin types `/frontdoor lift`."
    )
    clock.tick(10 * SECOND)
    failing.away = set()
    office.sweep()
    assert in_lockdown(office) == ["front", "back", "side"]
    assert of_office(office)[-1] == ("lock_down", "done", "complete")


def test_a_lift_goes_on_trying_too(office: Office, failing: Failing, clock: Any) -> None:
    office.say("lockdown", ADMIN)
    failing.away = {"back", "side"}
    assert office.say("lift", ADMIN) == (
        "The lockdown is over, but not yet at the back door and the side door: DoorBot's memory was not reached there "
        "in time, and I go on trying."
    )
    failing.away = {"side"}
    for _ in range(2):
        clock.tick(10 * SECOND)
        office.services.background.sweep("timekeeping")
    failing.away = set()
    assert in_lockdown(office) == ["side"]
    clock.tick(10 * SECOND)
    office.sweep()
    assert in_lockdown(office) == []


def test_the_doors_that_there_was_no_time_for_follow_in_the_background(
    office: Office, clock: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(declarations, "AT_ONCE_SECONDS", -1)
    assert office.say("lockdown", ADMIN).startswith("The lockdown is not in force yet at the front door, the back door")
    monkeypatch.undo()
    clock.tick(3 * SECOND)
    office.sweep()
    assert in_lockdown(office) == ["front", "back", "side"]


def test_those_that_fail_do_not_hold_up_the_others(
    office: Office, failing: Failing, clock: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A door that does not answer takes all the time there is."""
    failing.away = {"front"}
    office.say("lockdown", ADMIN)
    declared = failing.read(OFFICE, DECLARATION).get(DECLARATION)
    assert declared is not None
    assert declared.pending == ("front",)
    progress = declarations.Progress(done=["a"], failed=["b"])
    many = declarations.replace(declared, pending=("b", "a", "c"))
    assert progress.left(many) == ["c", "b"]


# Crashes


def test_what_a_crash_interrupted_is_gone_on_with_by_another_process(
    office: Office, failing: Failing, settings: config.Settings, store: Store, hosts: FakeHosts, clock: Any
) -> None:
    crash(office, failing, "fire drill", "back")
    assert in_lockdown(office) == ["front"]
    other = Office(create_app(settings, store=store, hosts=hosts).test_client())
    clock.tick(3 * SECOND)
    other.sweep()
    assert in_lockdown(office) == ["front", "back", "side"]
    assert [(event.action, event.actor, event.source) for event in office.log("side")] == [
        ("lock_down", ADMIN, "slack")
    ]
    assert len(office.log("front")) == 1
    assert sum(who == HOST for who, _ in hosts.told) == 1


def test_a_lift_after_the_crash_wins_over_going_on(office: Office, failing: Failing, clock: Any) -> None:
    crash(office, failing, "fire drill", "back")
    assert office.say("lift", ADMIN) == "The lockdown of every door is over."
    for _ in range(2):
        clock.tick(10 * SECOND)
        office.sweep()
    assert in_lockdown(office) == []


@pytest.mark.parametrize("door", ["front", "back"])
def test_a_lift_of_one_door_after_the_crash_wins_there(office: Office, failing: Failing, clock: Any, door: str) -> None:
    crash(office, failing, "fire drill", "back")
    office.say(f"lift {door}", ADMIN)
    for _ in range(2):
        clock.tick(10 * SECOND)
        office.sweep()
    assert in_lockdown(office) == [each for each in NUMBERS if each != door]


def test_a_lockdown_after_a_crashed_lift_wins_over_going_on_with_that(
    office: Office, failing: Failing, clock: Any
) -> None:
    office.say("lockdown", ADMIN)
    crash(office, failing, "lift", "back")
    assert in_lockdown(office) == ["back", "side"]
    office.say("lockdown side leak", ADMIN)
    for _ in range(2):
        clock.tick(10 * SECOND)
        office.sweep()
    assert in_lockdown(office) == ["side"]


@pytest.mark.parametrize("shorter", ["lockdown for 10m drill", "lockdown back for 10m drill"])
def test_a_lockdown_with_an_end_does_not_shorten_one_that_has_not_reached_every_door(
    office: Office, failing: Failing, clock: Any, shorter: str
) -> None:
    crash(office, failing, "intruder", "back")
    office.say(shorter, ADMIN)
    for wait in (10 * SECOND, timedelta(minutes=10)):
        clock.tick(wait)
        office.sweep()
        assert in_lockdown(office) == ["front", "back", "side"]
    office.say("lift", ADMIN)
    assert in_lockdown(office) == []


def test_two_processes_that_go_on_at_once_do_it_once(
    office: Office, failing: Failing, settings: config.Settings, store: Store, hosts: FakeHosts
) -> None:
    crash(office, failing, "fire drill", "front")
    other = Office(create_app(settings, store=store, hosts=hosts).test_client())
    later = NOON + 10 * SECOND
    for each in (office, other, office):
        each.services.declarations.resume(later)
    assert [len(office.log(door)) for door in NUMBERS] == [1, 1, 1]
    assert of_office(office) == [("lock_down", "done", ""), ("lock_down", "done", "complete")]


def test_a_lockdown_of_one_door_does_not_wait_for_the_offices_records(office: Office, failing: Failing) -> None:
    """They may lie on a part of the store that is away; a lift has to wait for them."""
    declarations = office.services.lockdowns
    failing.away = {""}
    outcome: Any = declarations.lock_down(_request(), office.services.office.door("front"), "")
    assert outcome.lockdown.by == ADMIN
    with pytest.raises(StoreUnavailable):
        declarations.lift(_request(), office.services.office.door("front"))
    failing.away = set()
    assert in_lockdown(office) == ["front"]


def test_a_lift_reaches_every_other_door_where_the_records_of_one_can_not_be_read(
    office: Office, failing: Failing, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    office.say("lockdown", ADMIN)

    def unreadable(where: str, *keys: Key[Any]) -> Snapshot:
        if where == partition("front"):
            raise ValueError("not an object")
        return store.read(where, *keys)

    monkeypatch.setattr(failing, "read", unreadable)
    assert office.say("lift", ADMIN).startswith("The lockdown is over, but not yet at the front door:")
    monkeypatch.undo()
    assert in_lockdown(office) == ["front"]


def test_a_record_of_one_door_that_can_not_be_read_keeps_it_from_no_other(
    office: Office, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    original = declarations._settled

    def broken(declaration: Any, state: Any, door: Any, now: datetime) -> Any:
        if door.id == "front":
            raise ValueError("nonsense")
        return original(declaration, state, door, now)

    monkeypatch.setattr(declarations, "_settled", broken)
    assert office.say("lockdown", ADMIN).startswith("The lockdown is not in force yet at the front door:")
    assert in_lockdown(office) == ["back", "side"]
