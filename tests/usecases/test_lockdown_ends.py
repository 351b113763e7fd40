"""A lockdown of one door with an end; and that every host hears of each lockdown and of its end."""

import re
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest
from freezegun import freeze_time

from app.domain.audit import Source
from app.domain.permissions import Role
from app.ports import Delivery, Store
from app.usecases.announcements import Announcements, announcement
from app.usecases.unlocks import STATE
from tests.conftest import FakeHosts
from tests.support import ADMIN, HOST, Office, asked, call_form, local

MICROSECOND, SECOND = timedelta(microseconds=1), timedelta(seconds=1)
CHANNEL = "C0FRONTDOOR"
NOON = local("2026-11-23T12:00")


@pytest.fixture(autouse=True)
def clock() -> Iterator[Any]:
    with freeze_time(NOON) as clock:
        yield clock


def at(text: str) -> datetime:
    return local(f"2026-11-23T{text}")


def is_released(office: Office) -> bool:
    return "<Play" in office.ring()


def told(hosts: FakeHosts, who: str) -> list[str]:
    return [text for channel, text in hosts.told if channel == who]


def test_it_says_until_when_and_is_over_by_the_clock_with_the_next_ring(office: Office, clock: Any) -> None:
    office.say("unlock for 2h")
    answer = office.say("lockdown until 13:00 fire drill", ADMIN)
    assert answer == (
        "The front door is in lockdown until 13:00: "
        "nothing releases it before, unless an admin types `/frontdoor lift`."
    )
    assert office.say("status") == (
        f"The front door is in lockdown since 12:00 until 13:00, by <@{ADMIN}>: fire drill."
    )
    clock.move_to(at("13:00") - MICROSECOND)
    assert not is_released(office)
    clock.move_to(at("13:00"))
    assert is_released(office)
    assert office.say("status").startswith("The front door is unlocked until 14:00")


def test_its_end_is_on_record_and_told_once(office: Office, hosts: FakeHosts, clock: Any) -> None:
    office.say("lockdown for 1h", ADMIN)
    office.sweep()
    hosts.told.clear()
    for minutes in (59, 60, 61, 62):
        clock.move_to(NOON + timedelta(minutes=minutes))
        office.sweep()
    over = f"The lockdown of the front door that <@{ADMIN}> declared is over: its time has come."
    assert sorted(hosts.told) == sorted((who, over) for who in (CHANNEL, ADMIN, HOST))
    (event,) = [event for event in office.log() if event.action == "lift"]
    assert (event.time, event.actor, event.source, event.reason) == (at("13:00"), "", Source.SYSTEM, "time")
    assert office.say("log", ADMIN).splitlines()[0] == "13:00  Front door: the lockdown is over: its time has come"


@pytest.mark.parametrize(("door", "which"), [("front", "the front door"), ("", "every door")])
def test_its_end_is_told_also_where_somebody_lifts_it_a_moment_later(
    office: Office, hosts: FakeHosts, clock: Any, door: str, which: str
) -> None:
    services, request = office.services, asked(NOON, ADMIN, Role.ADMIN)
    front = services.office.door("front")
    if door:
        services.lockdowns.lock_down(request, front, "for 1h")
    else:
        services.declarations.lock_down(request, "for 1h")
    office.sweep()
    hosts.told.clear()
    clock.move_to(at("13:00"))
    later = asked(at("13:00"), ADMIN, Role.ADMIN)
    services.lockdowns.lift(later, front) if door else services.declarations.lift(later)
    office.sweep()
    over = f"The lockdown of {which} that <@{ADMIN}> declared is over: its time has come."
    assert sorted(hosts.told) == sorted((who, over) for who in (CHANNEL, ADMIN, HOST))


def test_the_record_of_a_lockdown_has_its_end(office: Office) -> None:
    office.say("lockdown until 13:00 fire drill", ADMIN)
    assert office.log()[-1].details == {"why": "fire drill", "until": at("13:00").isoformat()}


def test_what_is_pressed_and_keyed_counts_again_when_it_is_over(office: Office, clock: Any) -> None:
    office.say("lockdown for 1h", ADMIN)
    assert office.say("unlock") == ("This door is in lockdown: nothing releases it until that is over.")
    clock.move_to(at("13:00"))
    office.ring("CA1")
    office.press("admit", "front CA1")
    assert office.outcomes()[-1] == "admit released"
    assert office.say("unlock").startswith("The front door is unlocked")


def test_an_end_never_shortens_a_lockdown_that_is_in_force(office: Office, hosts: FakeHosts, clock: Any) -> None:
    office.say("lockdown smoke", ADMIN)
    office.sweep()
    hosts.told.clear()
    assert office.say("lockdown for 1h", ADMIN) == (
        f"The front door is already in lockdown until an admin lifts it, by <@{ADMIN}>. "
        "That stays so: nothing releases it."
    )
    assert office.log()[-1].reason == "already_locked_down"
    clock.move_to(at("13:01"))
    office.sweep()
    assert not is_released(office)
    assert hosts.told == []


def test_a_time_that_can_not_be_read_does_not_hold_it_up_and_is_said(office: Office) -> None:
    answer = office.say("lockdown until the police have gone", ADMIN)
    assert answer.startswith(
        "The front door is in lockdown: nothing releases it until an admin types `/frontdoor lift`."
    )
    assert answer.endswith("Say it like `/frontdoor lockdown until 18:00 fire drill`, or `for 2h`.")
    assert not is_released(office)


def test_lifting_what_is_over_already_says_so_and_puts_both_on_record(office: Office, clock: Any) -> None:
    office.say("lockdown for 1h", ADMIN)
    clock.move_to(at("13:30"))
    assert office.say("lift", ADMIN) == "The front door was in no lockdown."
    assert [(event.actor, event.reason) for event in office.log() if event.action == "lift"] == [
        ("", "time"),
        (ADMIN, ""),
    ]


def test_a_lift_before_its_end_is_its_end(office: Office, hosts: FakeHosts, clock: Any) -> None:
    office.say("lockdown for 1h", ADMIN)
    office.say("lift", ADMIN)
    office.sweep()
    hosts.told.clear()
    clock.move_to(at("13:30"))
    office.sweep()
    assert hosts.told == []


# Rings during it


def test_rings_are_on_record_and_reach_a_human_without_an_offer_to_release(office: Office, hosts: FakeHosts) -> None:
    office.say("unlock for 2h")
    assert "11:00" in office.say("schedule add mon-fri 11:00-14:00")
    issued = office.say("code issue FedEx until 14:00").translate({ord(sign): " " for sign in "*`."})
    code = "".join(re.findall(r"\b\d{3} ?\d{3}\b", issued)[0].split())
    office.ring("CA0")
    office.say("lockdown fire drill", ADMIN)
    for call in ("CA1", "CA2"):
        twiml = office.ring(call)
        assert "<Dial" in twiml
        assert "<Play" not in twiml
        poll = office.voice_post("/voice/held/front", call_form(call, CallStatus="in-progress", Digits=code))
        assert "<Play" not in poll.text
        office.press("admit", f"front {call}")
        assert office.log()[-1].reason in ("lockdown", "too_late")
    rings = [event for event in office.log() if event.action == "ring" and event.visit in ("CA1", "CA2")]
    assert [(event.outcome, event.reason) for event in rings] == [("forwarded", "lockdown")] * 2
    assert not [event for event in office.log() if event.outcome == "released" and event.visit != "CA0"]


# Every host


def test_every_host_is_told_once_with_who_and_why_and_once_when_it_is_lifted(office: Office, hosts: FakeHosts) -> None:
    office.say("lockdown fire drill", ADMIN)
    for _ in range(3):
        office.sweep()
    (text,) = told(hosts, HOST)
    assert text.startswith(
        f":rotating_light: <@{ADMIN}> declared a lockdown of the front door: nothing releases it. Why: fire drill."
    )
    assert "reaches a human by telephone" in text
    office.say("lift", ADMIN)
    for _ in range(3):
        office.sweep()
    assert told(hosts, HOST)[1:] == [f"<@{ADMIN}> lifted the lockdown of the front door."]
    assert told(hosts, ADMIN) == []  # knows it from the answer


def test_who_is_no_host_any_more_or_never_was_hears_nothing(office: Office, hosts: FakeHosts) -> None:
    office.say("lockdown", ADMIN)
    office.sweep()
    assert {channel for channel, _ in hosts.told} == {CHANNEL, HOST}


def test_what_changes_nothing_is_told_nobody(office: Office, hosts: FakeHosts) -> None:
    for text, user in (("lift", ADMIN), ("lockdown", HOST), ("lift", HOST)):
        office.say(text, user)
    office.sweep()
    assert hosts.told == []


class Asking:
    """Knows of ever more people, as Slack answers."""

    def __init__(self, *answers: tuple[set[str], bool]) -> None:
        self._answers = list(answers)

    def __call__(self, door_ids: object, now: datetime) -> tuple[frozenset[str], bool]:
        people, is_complete = self._answers.pop(0) if len(self._answers) > 1 else self._answers[0]
        return frozenset(people), is_complete


class Announced:
    """An announcement at the office, and what becomes of it."""

    def __init__(self, office: Office, asking: Asking) -> None:
        self._office, self._store = office, office.services.store
        self.announcements = Announcements(self._store, office.services.office.doors, asking, lambda: None)
        snapshot = self._store.read("door:front", STATE)
        assert self._store.commit(snapshot, announcement("Smoke.", NOON, ADMIN, "front"))

    def after(self, seconds: float) -> None:
        with freeze_time(NOON + seconds * SECOND):
            self.announcements.announce(NOON + seconds * SECOND)
            self._office.services.background.sweep("telling")


def test_members_of_groups_are_told_when_slack_tells_who_they_are(office: Office, hosts: FakeHosts) -> None:
    announced = Announced(office, Asking(({ADMIN, HOST}, False), ({ADMIN, HOST, "U1", "U2"}, True)))
    announced.after(0)
    assert hosts.told == [(HOST, "Smoke.")]
    announced.after(29)
    announced.after(30)
    announced.after(90)
    assert sorted(hosts.told) == sorted([(HOST, "Smoke."), ("U1", "Smoke."), ("U2", "Smoke.")])
    assert office.log() == []


def test_slack_is_asked_for_an_hour_who_they_are_and_then_it_is_on_record(office: Office, hosts: FakeHosts) -> None:
    announced = Announced(office, Asking(({HOST}, False)))
    for seconds in range(0, 3660, 30):
        announced.after(seconds)
    assert hosts.told == [(HOST, "Smoke.")]
    assert [(event.action, event.reason) for event in office.log()] == [("tell", "slack_unreachable")]


def test_one_that_slack_refuses_is_on_record_and_keeps_nobody_else_from_hearing(
    office: Office, hosts: FakeHosts
) -> None:
    hosts.delivery = Delivery.REFUSED
    Announced(office, Asking(({"U1", "U2"}, True))).after(0)
    assert sorted(who for who, _ in hosts.told) == ["U1", "U2"]
    assert [event.reason for event in office.log()] == ["slack_refused"] * 2


def test_of_two_processes_that_write_the_messages_one_does(office: Office, store: Store) -> None:
    class Behind(Asking):
        """While this process asks, the other one has done it."""

        def __call__(self, door_ids: object, now: datetime) -> tuple[frozenset[str], bool]:
            first.announcements.announce(NOON)
            return super().__call__(door_ids, now)

    first = Announced(office, Asking(({HOST}, True)))
    Announcements(store, office.services.office.doors, Behind(({HOST}, True)), lambda: None).announce(NOON)
    assert len([due for due in store.due(["door:front"], NOON, 100) if due.name.startswith("notice:")]) == 1
