"""A store with copies that did not confirm in time: what was done holds, and whoever asked for it is told."""

from pathlib import Path
from typing import Any

import pytest
from freezegun import freeze_time

import config
from app import create_app
from app.ports import Committed
from app.stores.sqlite import SqliteStore
from tests.conftest import FakeHosts, settings_for
from tests.support import ADMIN, HOST, OFFICE_TOML, AtOnce, Office, local

NOON = local("2026-11-23T12:00")
BACK_DOOR = """
[doors.back]
name = "Back door"
number = "+12125550101"
release = "9"
forward_to = ["+12125550123"]
channel = "C0BACKDOOR1"
"""
WARNING = (
    " But no copy of DoorBot's memory has confirmed it in time: should the memory fail in the next moments, check with"
)


class Alone(SqliteStore):
    """A store whose copies are silent."""

    asked = 0

    def commit_widely(self, *change: Any) -> Committed:
        self.asked += 1
        return Committed.HERE_ONLY if self.commit(*change) else Committed.NO


@pytest.fixture(autouse=True)
def clock() -> Any:
    with freeze_time(NOON) as clock:
        yield clock


@pytest.fixture
def settings(tmp_path: Path) -> config.Settings:
    return settings_for(tmp_path, OFFICE_TOML + BACK_DOOR)


@pytest.fixture
def alone(tmp_path: Path) -> Alone:
    return Alone(tmp_path / "doorbot.db")


@pytest.fixture
def office(settings: config.Settings, alone: Alone, hosts: FakeHosts) -> Office:
    return Office(create_app(settings, store=alone, hosts=hosts, later=AtOnce()).test_client())


def test_a_lock_holds_and_says_that_it_was_not_confirmed(office: Office) -> None:
    office.say("unlock front")
    assert office.say("lock front") == f"The front door is locked. Rings reach a human.{WARNING} `/frontdoor status`."
    assert "<Play" not in office.ring()


def test_the_same_delivery_is_told_the_same_and_done_once(office: Office) -> None:
    first = office.say("lock front", trigger_id="1")
    assert WARNING in first
    assert office.say("lock front", trigger_id="1") == first
    assert [event.action for event in office.log("front")] == ["lock"]


@pytest.mark.parametrize("text", ["lockdown front", "lockdown"])
def test_a_lockdown_says_so_too(office: Office, text: str) -> None:
    answer = office.say(text, ADMIN, trigger_id="1")
    assert "in lockdown: nothing releases" in answer
    assert answer.count(WARNING) == 1
    assert office.say(text, ADMIN, trigger_id="1") == answer
    assert "is in lockdown" in office.say("status front")


def test_many_doors_in_lockdown_wait_for_silent_copies_once(office: Office, alone: Alone) -> None:
    office.say("lockdown", ADMIN)
    assert alone.asked == 1


def test_a_revocation_says_where_to_check(office: Office) -> None:
    assert office.say(f"revoke <@{HOST}>", ADMIN).endswith(f"{WARNING} `/frontdoor people`.")


@pytest.mark.parametrize("text", ["unlock front", "lift", "lift front", "status", "lockdown nonsense until yesterday"])
def test_nothing_else_waits_for_a_copy(office: Office, alone: Alone, text: str) -> None:
    answer = office.say(text, HOST if "lockdown" in text else ADMIN)
    assert (WARNING in answer, alone.asked) == (False, 0)


def test_a_press_in_the_home_opens_a_dialog_that_says_so(office: Office, hosts: FakeHosts) -> None:
    office.press_at_home("lock", "front")
    assert WARNING in str(hosts.opened)
