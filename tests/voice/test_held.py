"""A visitor who is held while the hosts are asked, as Twilio tells of it and as the visitor hears it."""

import threading
from collections.abc import Iterator, Sequence
from datetime import timedelta
from typing import Any
from uuid import uuid4

import hypothesis
import pytest
from freezegun import freeze_time
from hypothesis import given
from hypothesis import strategies as st

import config
from app.domain.notices import Button
from app.ports import Posted
from app.stores.sqlite import SqliteStore
from tests.conftest import FakeHosts
from tests.support import ADMIN, HOST, TELEPHONE, Office, call_form, verbs

CALL, LEG = "CA" + "1" * 32, "CA" + "2" * 32
MONDAY_NOON = "2026-11-23T17:00:00Z"
HELD, FORWARDED, RELEASED, TOLD = ["Gather"], ["Say", "Dial"], ["Play", "Say", "Pause", "Hangup"], ["Say", "Hangup"]
HANG_UP = ["Hangup"]


@pytest.fixture
def settings(always_open: config.Settings) -> config.Settings:
    return always_open


@pytest.fixture
def clock() -> Iterator[Any]:
    with freeze_time(MONDAY_NOON, tick=True) as clock:
        yield clock


def poll(office: Office, call: str = CALL, **changes: str) -> str:
    form = call_form(call, **{"CallStatus": "in-progress", "Digits": "", **changes})
    answer = office.voice_post("/voice/held/front", form)
    assert answer.status_code == 200
    return answer.text


def heard(twiml: str) -> list[str]:
    return [verb.tag for verb in verbs(twiml)]


def test_a_visitor_is_held_with_few_words(office: Office) -> None:
    office.ring(CALL)
    (gather,) = verbs(poll(office))
    assert [say.text for say in gather] == ["One moment, please."]
    assert office.outcomes() == ["ring asked"]


def test_an_unlock_made_meanwhile_is_heard_at_the_next_poll(office: Office) -> None:
    office.ring(CALL)
    office.say("unlock for 1h")
    assert heard(poll(office)) == RELEASED
    office.say("lock")
    assert heard(poll(office)) == RELEASED  # the same call asked again
    assert [event.outcome for event in office.log() if event.visit == CALL] == ["asked", "released"]


def test_a_lockdown_made_meanwhile_puts_the_visitor_through_to_a_human(office: Office) -> None:
    office.ring(CALL)
    office.say("unlock for 1h")
    office.say("lockdown", ADMIN)
    assert heard(poll(office)) == FORWARDED


@pytest.mark.parametrize("action", ["admit", "admit:unlock"])
def test_a_host_who_lets_in_is_heard_at_the_next_poll(office: Office, action: str) -> None:
    office.ring(CALL)
    office.press(action, f"front {CALL}" + " unlock" * (action != "admit"))
    assert heard(poll(office)) == RELEASED
    event = next(event for event in office.log() if event.action == "admit")
    assert (event.outcome, event.actor, event.visit) == ("released", HOST, CALL)


@pytest.mark.parametrize("later", [None, "unlock", "lockdown"])
def test_a_visitor_who_was_turned_away_is_told_so_whatever_comes_later(office: Office, later: str | None) -> None:
    office.ring(CALL)
    office.press("turn_away", f"front {CALL}")
    if later:
        office.say(later, ADMIN)
    say, hang_up = verbs(poll(office))
    assert (say.text, hang_up.tag) == ("I am sorry, nobody can let you in at the moment. Goodbye.", "Hangup")
    assert heard(office.ring(CALL)) == TOLD


def test_a_lockdown_takes_back_what_a_host_allowed_until_it_is_heard(office: Office) -> None:
    office.ring(CALL)
    office.press("admit", f"front {CALL}")
    office.say("lockdown", ADMIN)
    assert heard(poll(office)) == FORWARDED


@pytest.mark.parametrize(("seconds", "expected"), [(0, HELD), (24, HELD), (26, FORWARDED), (29, FORWARDED)])
def test_when_the_hold_ends_the_telephones_ring(office: Office, clock: Any, seconds: int, expected: list[str]) -> None:
    office.ring(CALL)
    office.wait_until_asked(CALL)
    clock.tick(timedelta(seconds=seconds))
    answer = poll(office)
    assert heard(answer) == expected
    if expected == FORWARDED:
        _, dial = verbs(answer)
        assert 5 <= int(dial.get("timeout", 0)) <= 55 - seconds - 18
        assert [number.text for number in dial] == [TELEPHONE]
        assert office.log()[-1].reason == "nobody_answered"


class HangingHosts(FakeHosts):
    """A Slack that answers when it is too late."""

    def __init__(self) -> None:
        super().__init__()
        self.goes_on = threading.Event()

    def post(self, channel: str, text: str, buttons: Sequence[Button] = (), thread: str = "") -> Posted:
        self.goes_on.wait(20)
        return super().post(channel, text, buttons, thread)


class TestSlackHangs:
    @pytest.fixture
    def hosts(self) -> Iterator[HangingHosts]:
        hosts = HangingHosts()
        yield hosts
        hosts.goes_on.set()

    @pytest.mark.parametrize(("seconds", "expected"), [(3, HELD), (6, FORWARDED), (8, FORWARDED)])
    def test_after_five_seconds_the_next_poll_puts_the_visitor_through(
        self, office: Office, clock: Any, seconds: int, expected: list[str]
    ) -> None:
        office.ring(CALL)
        clock.tick(timedelta(seconds=seconds))
        assert heard(poll(office)) == expected
        assert heard(poll(office)) == expected
        forwards = [event.reason for event in office.log() if event.action == "forward"]
        assert forwards == ["slack_unconfirmed"] * (expected == FORWARDED)


@pytest.mark.parametrize("status", ["completed", "busy", "failed", "no-answer", "canceled"])
def test_a_poll_of_a_call_that_has_ended_is_its_end(office: Office, status: str) -> None:
    office.ring(CALL)
    assert heard(poll(office, CallStatus=status)) == HANG_UP
    office.say("unlock")
    assert heard(poll(office)) == HANG_UP
    assert [event.outcome for event in office.log() if event.visit == CALL] == ["asked", "hung_up"]


def test_a_visitor_who_hung_up_before_the_tone_was_heard_is_on_record(office: Office) -> None:
    office.ring(CALL)
    office.press("admit", f"front {CALL}")
    office.voice_post("/voice/status", call_form(CALL, CallStatus="completed"))
    assert heard(poll(office)) == HANG_UP
    found = [(event.action, event.outcome) for event in office.log() if event.visit == CALL]
    assert found == [("ring", "asked"), ("admit", "released"), ("end", "hung_up")]


def test_of_an_unknown_call_nothing_but_a_human_is_certain(office: Office) -> None:
    office.say("unlock")
    assert heard(poll(office)) == FORWARDED


def test_a_host_may_let_in_while_the_telephones_ring(office: Office, clock: Any) -> None:
    office.ring(CALL)
    clock.tick(timedelta(seconds=26))
    assert heard(poll(office)) == FORWARDED
    office.press("admit", f"front {CALL}")
    assert heard(poll(office)) == RELEASED  # the call is moved here
    assert [event.outcome for event in office.log() if event.visit == CALL] == ["asked", "forwarded", "released"]


def test_two_visitors_at_one_door_never_mix(office: Office) -> None:
    for call in ("CA1", "CA2"):
        office.ring(call)
    office.press("turn_away", "front CA1")
    office.press("admit", "front CA2")
    assert (heard(poll(office, "CA1")), heard(poll(office, "CA2"))) == (TOLD, RELEASED)
    found = {call: [event.outcome for event in office.log() if event.visit == call] for call in ("CA1", "CA2")}
    assert found == {"CA1": ["asked", "denied"], "CA2": ["asked", "released"]}


# In any order, any number of times

STEPS = ["ring", "poll", "admit", "turn_away", "picks up", "presses 1", "presses 9", "presses ", "dial completed"]
STEPS += ["dial no-answer", "left", "ended"]


def do(office: Office, call: str, step: str) -> str:
    """One of a call's webhooks, or a host's answer; the TwiML that the visitor hears."""
    name, _, word = step.partition(" ")
    leg = call_form(LEG, ParentCallSid=call, To=TELEPHONE, CallStatus="in-progress", Digits=word)
    dial = call_form(call, DialCallStatus=word, DialCallSid=LEG, CallStatus="in-progress")
    webhooks = {
        "poll": ("held/front", call_form(call, CallStatus="in-progress", Digits="")),
        "picks": ("whisper/front", leg),
        "presses": ("accepted/front", leg),
        "dial": ("forwarded/front", dial),
        "left": ("forwarded/front", call_form(call, DialCallStatus="canceled", CallStatus="completed")),
        "ended": ("status", call_form(call, CallStatus="completed")),
    }
    if name in ("admit", "turn_away"):
        office.press(name, f"front {call}")
        return ""
    if name == "ring":
        return office.ring(call)
    path, form = webhooks[name]
    return office.voice_post(f"/voice/{path}", form).text


class TestAnyOrder:
    @pytest.fixture
    def store(self, sqlite_store: SqliteStore) -> SqliteStore:
        return sqlite_store

    @given(steps=st.lists(st.sampled_from(STEPS), max_size=9))
    @hypothesis.settings(suppress_health_check=[hypothesis.HealthCheck.function_scoped_fixture])
    def test_there_is_one_outcome_and_no_tone_that_nobody_decided_on(self, office: Office, steps: list[str]) -> None:
        call = f"CA{uuid4().hex}"
        office.ring(call)
        for step in (*steps, "ended", "poll"):
            plays = "<Play" in do(office, call, step)
            events = [event for event in office.log() if event.visit == call and event.outcome != "refused"]
            done = [f"{event.action} {event.outcome}" for event in events if event.action != "tell"]
            assert not plays or (done.count("admit released") == 1 and "end hung_up" not in done)
        counts = {outcome: done.count(outcome) for outcome in done}
        decided = {"admit released", "turn_away denied", "forward answered", "forward unanswered"} & set(counts)
        assert max(counts.values()) == 1
        assert len(decided) == 1 or (not decided and counts["end hung_up"] == 1)
        assert "turn_away denied" not in decided or "released" not in " ".join(done)
