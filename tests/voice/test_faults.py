"""Whatever breaks: no tone, a human is called, the ring is on record afterwards, and Slack hears of it once."""

import tempfile
from pathlib import Path
from typing import Any

import pytest

import config
from app.domain.errors import StoreUnavailable
from app.ports import Key, Snapshot, Store
from app.stores.redis import RedisStore
from app.stores.sqlite import SqliteStore
from app.usecases.faults import BUG_MET, STORE_BACK, STORE_FAILED
from tests.conftest import FakeHosts
from tests.support import TELEPHONE, Office, call_form, verbs

CALL, STRANGER, CHANNEL = "CA" + "1" * 32, "+12125550111", "C0FRONTDOOR"


class FaultyStore(SqliteStore):
    """A real store that fails when it is told to."""

    fault: Exception | None = None

    def read(self, partition: str, *keys: Key[Any]) -> Snapshot:
        if self.fault:
            raise self.fault
        return super().read(partition, *keys)


@pytest.fixture
def settings(always_open: config.Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> config.Settings:
    """Always open, and with lock files of its own: other servers of this machine are none of these tests' business."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    return always_open


class TestAnyFault:
    """Faults of a store that can be switched on and off."""

    @pytest.fixture(params=[RuntimeError("a bug"), StoreUnavailable("a test"), RecursionError()], ids=repr)
    def fault(self, request: pytest.FixtureRequest) -> Exception:
        found: Exception = request.param
        return found

    @pytest.fixture
    def store(self, tmp_path: Path) -> FaultyStore:
        return FaultyStore(tmp_path / "doorbot.db")

    def test_a_ring_is_forwarded_and_no_tone_is_played(
        self, office: Office, store: FaultyStore, fault: Exception
    ) -> None:
        office.say("unlock")
        store.fault = fault
        say, dial = verbs(office.ring())
        assert (say.tag, dial.tag, len(dial)) == ("Say", "Dial", 1)

    def test_a_stranger_is_rejected_all_the_same(self, office: Office, store: FaultyStore, fault: Exception) -> None:
        store.fault = fault
        assert [verb.tag for verb in verbs(office.ring(From=STRANGER))] == ["Reject"]

    def test_the_ring_is_on_record_once_the_fault_is_over(
        self, office: Office, store: FaultyStore, fault: Exception
    ) -> None:
        store.fault = fault
        office.ring(CALL)
        store.fault = None
        office.sweep()
        office.sweep()
        (event,) = office.log()
        assert (event.visit, event.outcome, event.reason) == (CALL, "forwarded", "fault")

    def test_a_ring_that_twilio_repeats_meanwhile_is_on_record_once(
        self, office: Office, store: FaultyStore, fault: Exception
    ) -> None:
        store.fault = fault
        assert office.ring(CALL) == office.ring(CALL)
        store.fault = None
        office.sweep()
        assert office.outcomes() == ["ring forwarded"]

    @pytest.mark.parametrize("path", ["status", "held/front", "forwarded/front", "whisper/front", "accepted/front"])
    def test_reports_on_a_call_are_answered_with_twiml(
        self, office: Office, store: FaultyStore, fault: Exception, path: str
    ) -> None:
        store.fault = fault
        for status in ("in-progress", "completed"):
            form = call_form(CALL, CallStatus=status, DialCallStatus="no-answer", ParentCallSid=CALL, Digits="9")
            answer = office.voice_post(f"/voice/{path}", form)
            assert (answer.status_code, "<Play" in answer.text) == (200, False)
            assert verbs(answer.text) is not None

    def test_a_held_visitor_is_put_through_to_the_telephones(
        self, office: Office, store: FaultyStore, fault: Exception
    ) -> None:
        office.ring(CALL)
        office.say("unlock")
        store.fault = fault
        answer = office.voice_post("/voice/held/front", call_form(CALL, CallStatus="in-progress", Digits=""))
        assert [verb.tag for verb in verbs(answer.text)] == ["Say", "Dial"]

    def test_a_telephone_hears_that_it_can_talk_and_whatever_key_is_pressed_it_does(
        self, office: Office, store: FaultyStore, fault: Exception
    ) -> None:
        office.ring(CALL)
        store.fault = fault
        leg = call_form("CA" + "2" * 32, ParentCallSid=CALL, To=TELEPHONE, CallStatus="in-progress")
        assert "Front door. Press 1 to talk.<" in office.voice_post("/voice/whisper/front", leg).text
        for key in "19":
            assert verbs(office.voice_post("/voice/accepted/front", {**leg, "Digits": key}).text) == []
        none = office.voice_post("/voice/accepted/front", {**leg, "Digits": ""})
        assert [verb.tag for verb in verbs(none.text)] == ["Hangup"]

    def test_nobody_is_released_whose_telephone_said_so_before_the_fault(
        self, office: Office, store: FaultyStore, fault: Exception
    ) -> None:
        office.ring(CALL)
        leg = call_form("CA" + "2" * 32, ParentCallSid=CALL, To=TELEPHONE, CallStatus="in-progress")
        office.voice_post("/voice/accepted/front", {**leg, "Digits": "9"})
        store.fault = fault
        form = call_form(CALL, CallStatus="in-progress", DialCallStatus="completed", DialBridged="false")
        answer = office.voice_post("/voice/forwarded/front", form)
        assert [verb.tag for verb in verbs(answer.text)] == ["Say", "Hangup"]

    def test_a_visitor_whom_nobody_answers_is_told_so(
        self, office: Office, store: FaultyStore, fault: Exception
    ) -> None:
        office.ring(CALL)
        store.fault = fault
        answer = office.voice_post("/voice/forwarded/front", call_form(CALL, DialCallStatus="no-answer"))
        assert [verb.tag for verb in verbs(answer.text)] == ["Say", "Hangup"]


class TestTelling:
    """What the hosts hear of a fault."""

    @pytest.fixture
    def store(self, tmp_path: Path) -> FaultyStore:
        return FaultyStore(tmp_path / "doorbot.db")

    def test_a_bug_is_told_once_however_often_it_is_met(
        self, office: Office, store: FaultyStore, hosts: FakeHosts
    ) -> None:
        store.fault = RuntimeError("a bug")
        for _ in range(3):
            office.ring()
        store.fault = None
        for _ in range(3):
            office.sweep()
        assert hosts.told == [(CHANNEL, BUG_MET)]

    def test_an_outage_is_told_once_and_its_end_once(
        self, office: Office, store: FaultyStore, hosts: FakeHosts
    ) -> None:
        store.fault = StoreUnavailable("a test")
        office.ring()
        for _ in range(3):
            office.sweep()
        store.fault = None
        for _ in range(3):
            office.sweep()
        assert hosts.told == [(CHANNEL, STORE_FAILED), (CHANNEL, STORE_BACK)]

    def test_nothing_is_told_before_the_twiml_is_answered(
        self, office: Office, store: FaultyStore, hosts: FakeHosts
    ) -> None:
        store.fault = RuntimeError("a bug")
        office.ring()
        assert hosts.told == []


NONSENSE = [
    "not JSON",
    "[]",
    '"unlocked"',
    "9",
    '{"v":1,"unlocks":"all"}',
    '{"v":1,"unlocks":[1]}',
    '{"v":1,"unlocks":[{"by":"U0HOST001"}]}',
    '{"v":1,"unlocks":[{"by":"U0HOST001","starts_at":0,"ends_at":"never"}]}',
    '{"v":1,"unlocks":[{"by":"U0HOST001","starts_at":0,"ends_at":1e30}]}',
    '{"v":1,"unlocks":[{"by":"U0HOST001","starts_at":0,"ends_at":99999999999999999999999}]}',
    '{"v":1,"unlocks":[{"by":null,"starts_at":0,"ends_at":32503680000000000}]}',
]


def put_state(store: Store, text: str) -> None:
    """Put nonsense where the front door's state is kept."""
    if isinstance(store, RedisStore):
        store._servers.holding("door:front").client.hset("doorbot:{door:front}:records", "state", text)
    elif isinstance(store, SqliteStore):
        with store._connection() as connection:
            connection.execute("INSERT INTO records VALUES ('door:front', 'state', ?, NULL)", (text,))


@pytest.mark.parametrize("text", NONSENSE)
def test_a_nonsense_state_is_a_locked_door_and_a_human(
    office: Office, store: Store, hosts: FakeHosts, text: str
) -> None:
    put_state(store, text)
    assert [verb.tag for verb in verbs(office.ring(CALL))] == ["Say", "Dial"]
    office.sweep()
    office.sweep()
    assert [(event.visit, event.outcome) for event in office.log()] == [(CALL, "forwarded")]
    assert hosts.told == [(CHANNEL, BUG_MET)]


@pytest.mark.parametrize("text", NONSENSE)
def test_a_nonsense_state_is_not_overwritten_by_a_command(office: Office, store: Store, text: str) -> None:
    put_state(store, text)
    assert office.say("unlock").startswith("Sorry, something went wrong, and nothing was changed.")
    assert office.log() == []
