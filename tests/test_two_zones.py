"""Each door has a timezone, hours, holidays' effect, after hours and a channel of its own: seen at their edges."""

from datetime import datetime
from pathlib import Path

import pytest
from freezegun import freeze_time

import config
from app.ports import Membership, partition
from app.usecases.unlocks import STATE
from tests.conftest import FakeHosts, settings_for
from tests.support import ADMIN, HOST, MEMBER, OFFICE_TOML, TELEPHONE, Office, local

TOKYO = """
[doors.tokyo]
name = "Side door"
number = "+12125550102"
intercoms = ["+12125550103"]
timezone = "Asia/Tokyo"
hours = { mon-fri = "10:00-18:00", sat = "10:00-12:00" }
after_hours = "closed"
release = "5"
forward_to = ["+12125550104"]
channel = "C0TOKYO001"
"""
CALL = {"To": "+12125550102", "From": "+12125550103"}


@pytest.fixture
def settings(tmp_path: Path) -> config.Settings:
    return settings_for(tmp_path, OFFICE_TOML + TOKYO)


@pytest.fixture
def hosts(hosts: FakeHosts) -> FakeHosts:
    hosts.members = {MEMBER: Membership.FULL}
    return hosts


def tokyo(text: str) -> str:
    """A wall time in Tokyo, as the moment it is."""
    return local(text, "Asia/Tokyo").isoformat()


@pytest.mark.parametrize(
    ("at", "front", "other"),
    [
        (tokyo("2026-11-24T09:59:59"), False, False),  # Monday evening in New York
        (tokyo("2026-11-24T10:00:00"), False, True),
        (tokyo("2026-11-24T17:59:59"), False, True),
        (tokyo("2026-11-24T18:00:00"), False, False),
        (local("2026-11-24T08:59:59").isoformat(), False, False),
        (local("2026-11-24T09:00:00").isoformat(), True, False),
        (local("2026-11-24T16:59:59").isoformat(), True, False),
        (local("2026-11-24T17:00:00").isoformat(), False, False),
        (tokyo("2026-11-28T11:59:59"), False, True),  # Saturday, which is Friday evening in New York
        (tokyo("2026-11-28T12:00:00"), False, False),
        (tokyo("2026-11-29T11:00:00"), False, False),  # Sunday there, Saturday here
    ],
)
def test_each_door_can_be_unlocked_in_its_own_hours_only(office: Office, at: str, front: bool, other: bool) -> None:
    with freeze_time(at):
        answers = [office.say(f"unlock {door}") for door in ("front", "tokyo")]
    assert ["can be unlocked" not in answer for answer in answers] == [front, other]


def test_an_unlock_ends_at_the_closing_time_of_its_own_door(office: Office) -> None:
    with freeze_time(tokyo("2026-11-24T17:30")):
        assert office.say("unlock tokyo for 2h").startswith("The side door is unlocked until 18:00 (closing time)")


def test_a_time_of_the_day_is_meant_where_the_door_is(office: Office) -> None:
    with freeze_time(tokyo("2026-11-24T11:00")):
        assert office.say("unlock tokyo until 11:30").startswith("The side door is unlocked until 11:30.")
        (event,) = office.log("tokyo")
        assert event.details["until"] == local("2026-11-24T11:30", "Asia/Tokyo").isoformat()


def test_outside_its_hours_each_door_does_what_it_is_to_do_then(office: Office) -> None:
    with freeze_time(tokyo("2026-11-24T18:00")):  # 04:00 in New York
        assert TELEPHONE in office.ring()
        assert "Dial" not in office.ring(**CALL)
    assert (office.outcomes("front"), office.outcomes("tokyo")) == (["ring forwarded"], ["ring denied"])


def test_in_its_hours_a_ring_is_released_by_its_own_unlock_with_its_own_key(office: Office) -> None:
    with freeze_time(tokyo("2026-11-24T11:00")):
        office.say("unlock tokyo")
        assert "<Play" not in office.ring()
        assert 'digits="ww5ww5"' in office.ring(**CALL)


def test_a_holiday_of_the_office_is_one_where_its_date_is(office: Office) -> None:
    """Thanksgiving is on 26 November: in Tokyo it begins fourteen hours sooner, and ends so."""
    answers = []
    for at in (tokyo("2026-11-26T10:00"), tokyo("2026-11-27T10:00")):
        with freeze_time(at):
            answers.append(office.say("unlock tokyo").startswith("It's Thanksgiving"))
    assert answers == [True, False]


def test_each_channel_is_told_of_its_own_door(office: Office, hosts: FakeHosts) -> None:
    with freeze_time(tokyo("2026-11-24T11:00")):
        office.say("unlock tokyo for 1h")
        office.sweep()
    assert hosts.told == [("C0TOKYO001", f"<@{HOST}> unlocked the side door until 12:00: every ring is released.")]


def test_each_entry_of_the_log_is_told_in_the_time_of_its_door(office: Office) -> None:
    with freeze_time(tokyo("2026-11-24T11:00")):
        office.say("lock tokyo")
        office.say("lock front")
        lines = office.told_of_log()
    assert {line[: line.index(":", 7)] for line in lines} == {"11:00  Side door", "21:00  Front door"}


def test_the_status_tells_each_door_in_its_own_time(office: Office) -> None:
    with freeze_time(tokyo("2026-11-27T18:00")):  # Friday 04:00 in New York
        front, other = office.say("", MEMBER).splitlines()
    assert front.endswith("It can be unlocked again from 09:00.")
    assert other.endswith("It can be unlocked again from tomorrow 10:00.")


@pytest.mark.parametrize(
    ("now", "until", "ends_at"),
    [
        (local("2026-11-24T03:30"), "18:00", local("2026-11-24T18:00")),  # 17:30 in Tokyo
        (local("2026-11-24T11:00"), "tomorrow 04:00", local("2026-11-25T18:00", "Asia/Tokyo")),  # 01:00 in Tokyo
    ],
)
def test_a_lockdown_of_every_door_ends_where_its_time_comes_last_and_names_a_zone(
    office: Office, hosts: FakeHosts, now: datetime, until: str, ends_at: datetime
) -> None:
    with freeze_time(now):
        answer = office.say("lockdown until 18:00 drill", ADMIN)
        office.sweep()
    assert answer.startswith(f"Every door is in lockdown until {until} (America/New_York): nothing releases them")
    for door in ("front", "tokyo"):
        state = office.services.store.read(partition(door), STATE).get(STATE)
        assert state
        assert state.lockdown
        assert state.lockdown.ends_at == ends_at
    told = dict(hosts.told)
    assert f"until {until} (America/New_York): nothing" in told[HOST]
    assert "(Asia/Tokyo): nothing" in told["C0TOKYO001"]
