"""Lockdown beats everything from the very next ring on, until an admin lifts it."""

import pytest
from freezegun import freeze_time

from tests.support import ADMIN, HOST, Office, call_form

MONDAY_NOON = "2026-11-23T17:00:00Z"  # 12:00 in New York


@pytest.fixture(autouse=True)
def _noon() -> object:
    with freeze_time(MONDAY_NOON, tick=True) as clock:
        yield clock


def test_nothing_releases_a_door_in_lockdown_and_lift_brings_back_what_was_in_force(office: Office) -> None:
    office.say("unlock for 1h")
    assert office.say("lockdown fire drill", ADMIN).startswith("The front door is in lockdown")
    assert "<Play" not in office.ring("CA1")
    assert "<Dial" in office.ring("CA1")
    assert office.say("status").endswith(f"by <@{ADMIN}>: fire drill.")
    assert office.say("lift", ADMIN) == "The lockdown of the front door is over."
    assert "<Play" in office.ring("CA2")
    assert [line for line in office.outcomes() if "lock_down" in line or "lift" in line] == [
        "lock_down done",
        "lift done",
    ]


def test_a_door_in_lockdown_can_not_be_unlocked(office: Office) -> None:
    office.say("lockdown", ADMIN)
    assert office.say("unlock").startswith("This door is in lockdown")
    office.say("lift", ADMIN)
    assert "<Play" not in office.ring()


@pytest.mark.parametrize("text", ["lockdown", "lift"])
def test_only_admins_declare_and_lift_it(office: Office, text: str) -> None:
    assert office.say(text, HOST).startswith("Only admins can")
    assert office.say("status") == "The front door is locked. Rings reach a human."


def test_the_channel_is_told_who_and_why_without_markup(office: Office, hosts: object, app: object) -> None:
    office.say("lockdown <!channel> smoke", ADMIN)
    app.extensions["doorbot"].background.sweep("telling")  # type: ignore[attr-defined]
    assert hosts.told[-1][1].endswith("nothing releases it. Why: !channel smoke.")  # type: ignore[attr-defined]


def test_a_held_visitor_is_forwarded_and_a_press_refused(office: Office) -> None:
    office.ring("CA1")
    office.say("lockdown", ADMIN)
    office.press("admit", "front CA1")
    assert "refused" in office.outcomes()[-1]
    poll = office.voice_post("/voice/held/front", call_form("CA1", CallStatus="in-progress", Digits=""))
    assert "<Dial" in poll.text
