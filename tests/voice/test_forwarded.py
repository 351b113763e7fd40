"""The outcome of a forwarded call: on record exactly once, in whatever order Twilio tells of it."""

from datetime import timedelta
from itertools import permutations
from pathlib import Path
from uuid import uuid4

import hypothesis
import pytest
from freezegun import freeze_time
from hypothesis import given
from hypothesis import strategies as st

import config
from app.stores.sqlite import SqliteStore
from tests.conftest import settings_for
from tests.support import ADMIN, ALWAYS_OPEN_TOML, TELEPHONE, Office, call_form, stored, verbs

WEBHOOKS = ["poll", "picks up", "presses 1", "presses 9", "presses ", "dial completed", "dial busy", "left"]
CALL, LEG = "CA" + "1" * 32, "CA" + "2" * 32
NOBODY = "I am sorry, nobody can come right now. Please try again later."
MONDAY_NOON = "2026-11-23T17:00:00Z"
SECOND_TELEPHONE = "+12125550124"
TOML = ALWAYS_OPEN_TOML.replace('channel = "C0FRONTDOOR"\n', "").replace(
    f'["{TELEPHONE}"]', f'["{TELEPHONE}", "{SECOND_TELEPHONE}"]'
)


@pytest.fixture
def settings(tmp_path: Path) -> config.Settings:
    """Nobody can be asked: a ring at the locked door is forwarded at once, to two telephones."""
    return settings_for(tmp_path, TOML)


def tell(office: Office, webhook: str, call: str = CALL) -> str:
    """One of Twilio's webhooks of a call, such as "picks up", "presses 9" or "dial busy"; its answer.

    "2 picks up" is the second telephone.
    """
    telephone = SECOND_TELEPHONE if webhook.startswith("2 ") else TELEPHONE
    name, _, status = webhook.removeprefix("2 ").partition(" ")
    leg = call_form(LEG, ParentCallSid=call, To=telephone, CallStatus="in-progress")
    form = {
        "picks": leg,
        "presses": {**leg, "Digits": status},
        "poll": call_form(call, CallStatus="in-progress", Digits=""),
        "dial": call_form(call, DialCallStatus=status, DialCallSid=LEG, CallStatus="in-progress"),
        "left": call_form(call, DialCallStatus="canceled", CallStatus="completed"),
        "status": call_form(call, CallStatus=status),
    }[name]
    paths = {"picks": "whisper/front", "presses": "accepted/front", "poll": "held/front", "status": "status"}
    answer = office.voice_post(f"/voice/{paths.get(name, 'forwarded/front')}", form)
    assert answer.status_code == 200
    return answer.text


def heard(twiml: str) -> list[tuple[str, str | None]]:
    return [(verb.tag, verb.text) for verb in verbs(twiml)]


def last(office: Office) -> tuple[str, str, str, str]:
    event = office.log()[-1]
    assert event.visit == CALL
    return event.action, event.outcome, event.reason, event.actor


@pytest.mark.parametrize("status", ["no-answer", "busy", "failed"])
def test_where_nobody_answers_the_visitor_is_told_and_the_ring_is_unanswered(office: Office, status: str) -> None:
    office.ring(CALL)
    assert heard(tell(office, f"dial {status}")) == [("Say", NOBODY), ("Hangup", None)]
    assert last(office) == ("forward", "unanswered", status, "")


def test_a_visitor_who_leaves_while_the_telephones_ring_has_hung_up(office: Office) -> None:
    office.ring(CALL)
    tell(office, "left")
    assert last(office) == ("end", "hung_up", "", "")


# What somebody at a telephone hears, and presses


def whispered(office: Office, webhook: str = "picks up") -> str:
    """What a telephone hears; "" where it is hung up."""
    (verb,) = verbs(tell(office, webhook))
    return str(verb[0].text) if verb.tag == "Gather" else ""


def test_whoever_picks_up_hears_which_door_and_which_keys(office: Office) -> None:
    office.ring(CALL)
    assert whispered(office) == "Front door. Press 1 to talk, 9 to let them in."
    assert office.outcomes() == ["ring forwarded"]  # a voicemail picks up as well


def test_in_lockdown_it_says_so_and_9_does_nothing(office: Office) -> None:
    office.ring(CALL)
    office.say("lockdown", ADMIN)
    assert whispered(office) == "Front door. Lockdown: do not open. Press 1 to talk."
    assert whispered(office, "presses 9") == "Front door. Lockdown: do not open. Press 1 to talk."
    assert "<Play" not in tell(office, "dial completed")


@pytest.mark.parametrize("before", ["presses 1", "presses 9", "status completed", "dial no-answer"])
def test_whoever_picks_up_too_late_is_hung_up(office: Office, before: str) -> None:
    office.ring(CALL)
    tell(office, before)
    assert (whispered(office, "2 picks up"), whispered(office, "2 presses 9")) == ("", "")
    assert whispered(office, "2 presses 1") == ""


@pytest.mark.parametrize("command", [None, "lockdown"])
def test_of_a_call_that_nobody_knows_a_telephone_can_be_connected_and_nobody_let_in(
    office: Office, command: str | None
) -> None:
    if command:
        office.say(command, ADMIN)
    assert whispered(office) == "Front door. Press 1 to talk."
    assert [heard(tell(office, f"presses {key}")) for key in "19"] == [[], []]
    assert "<Play" not in tell(office, "dial completed")
    assert "released" not in " ".join(office.outcomes())


def test_1_connects_and_hangs_up_once_they_have_talked(office: Office) -> None:
    office.ring(CALL)
    tell(office, "picks up")
    assert heard(tell(office, "presses 1")) == []
    assert last(office) == ("forward", "answered", "", TELEPHONE)
    assert heard(tell(office, "dial completed")) == [("Hangup", None)]


def test_9_hangs_the_telephone_up_and_plays_the_tone_when_the_dial_ends(office: Office) -> None:
    office.ring(CALL)
    tell(office, "picks up")
    assert heard(tell(office, "presses 9")) == [("Hangup", None)]
    assert last(office) == ("admit", "released", "telephone", TELEPHONE)
    assert heard(tell(office, "dial completed"))[0] == ("Play", None)
    tell(office, "status completed")
    assert office.outcomes() == ["ring forwarded", "admit released"]


@pytest.mark.parametrize("key", [*"02345678*#"])
def test_another_key_is_asked_for_again(office: Office, key: str) -> None:
    office.ring(CALL)
    assert whispered(office, f"presses {key}") == "Front door. Press 1 to talk, 9 to let them in."
    assert office.outcomes() == ["ring forwarded"]
    assert heard(tell(office, "presses 1")) == []


def test_a_voicemail_presses_nothing_and_the_other_telephone_is_rung_again_without_a_word(office: Office) -> None:
    office.ring(CALL)
    tell(office, "picks up")
    assert heard(tell(office, "presses ")) == [("Hangup", None)]
    (dial,) = verbs(tell(office, "dial completed"))
    assert [number.text for number in dial] == [SECOND_TELEPHONE]
    tell(office, "2 picks up")
    tell(office, "2 presses ")
    assert heard(tell(office, "dial completed")) == [("Say", NOBODY), ("Hangup", None)]
    assert last(office) == ("forward", "unanswered", "completed", "")


def test_after_a_voicemail_there_is_a_second_ring_only_while_patience_lasts(office: Office) -> None:
    with freeze_time(MONDAY_NOON, tick=True) as clock:
        office.ring(CALL)
        tell(office, "picks up")
        clock.tick(timedelta(seconds=40))
        assert heard(tell(office, "dial completed")) == [("Say", NOBODY), ("Hangup", None)]


def test_two_calls_never_mix(office: Office) -> None:
    office.ring(CALL)
    office.ring("CA3")
    tell(office, "presses 9", CALL)
    assert "<Play" not in tell(office, "dial no-answer", "CA3")
    assert "<Play" in tell(office, "dial completed", CALL)
    found = {call: [event.outcome for event in office.log() if event.visit == call] for call in (CALL, "CA3")}
    assert found == {CALL: ["forwarded", "released"], "CA3": ["forwarded", "unanswered"]}


@pytest.mark.parametrize("telephone", ["client:<!channel>", "sip:a b", "<@U0HOST001>", "+1 212", "", "\u2028"])
def test_what_is_no_telephone_is_not_put_on_record(office: Office, telephone: str) -> None:
    office.ring(CALL)
    form = call_form(LEG, ParentCallSid=CALL, To=telephone, CallStatus="in-progress", Digits="1")
    assert office.voice_post("/voice/accepted/front", form).status_code == 200
    assert last(office) == ("forward", "answered", "", "withheld")


@pytest.mark.parametrize("status", ["completed", "busy", "failed", "no-answer", "canceled"])
def test_a_call_that_ends_before_anybody_answers_was_hung_up(office: Office, status: str) -> None:
    office.ring(CALL)
    assert heard(tell(office, f"status {status}")) == []
    assert last(office) == ("end", "hung_up", "", "")


@pytest.mark.parametrize("status", ["queued", "ringing", "in-progress", "", "nonsense"])
def test_a_call_that_goes_on_records_nothing(office: Office, status: str) -> None:
    office.ring(CALL)
    tell(office, f"status {status}")
    assert office.outcomes() == ["ring forwarded"]


@pytest.mark.parametrize("webhook", ["status completed", *WEBHOOKS])
def test_reports_on_a_call_that_never_rang_change_nothing(office: Office, webhook: str) -> None:
    tell(office, webhook)
    assert stored(office.services.store) == {}


@pytest.mark.parametrize("webhook", [*WEBHOOKS, "status completed"])
def test_no_webhook_of_a_call_that_nobody_released_plays_a_tone(office: Office, webhook: str) -> None:
    office.ring(CALL)
    office.say("unlock")
    assert "<Play" not in tell(office, webhook)


@pytest.mark.parametrize("webhook", [*WEBHOOKS, "status completed"])
def test_a_released_call_is_over_with_its_end(office: Office, webhook: str) -> None:
    office.say("unlock")
    office.ring(CALL)
    tell(office, "status completed")
    assert "<Play" not in tell(office, webhook)


@pytest.mark.parametrize("webhook", WEBHOOKS)
def test_a_released_ring_has_no_other_outcome(office: Office, webhook: str) -> None:
    office.say("unlock")
    office.ring(CALL)
    tell(office, webhook)
    tell(office, "status completed")
    assert office.outcomes() == ["unlock done", "ring released"]


def test_an_end_that_is_reported_again_changes_nothing_at_all(office: Office) -> None:
    office.ring(CALL)
    tell(office, "status completed")
    before = stored(office.services.store)
    tell(office, "status completed")
    assert stored(office.services.store) == before


def test_a_call_ends_only_itself(office: Office) -> None:
    office.ring(CALL)
    office.ring("CA3")
    tell(office, "status completed", "CA3")
    assert [(event.visit, event.outcome) for event in office.log()[2:]] == [("CA3", "hung_up")]


class TestOutOfOrder:
    """What Twilio's reports do in every order, each of them delivered twice."""

    @pytest.fixture
    def store(self, sqlite_store: SqliteStore) -> SqliteStore:
        return sqlite_store

    @pytest.mark.parametrize(
        "webhooks",
        [
            *permutations(["presses 1", "dial completed", "status completed"]),
            *permutations(["picks up", "dial no-answer", "status completed"]),
            *permutations(["left", "status completed"]),
        ],
    )
    def test_every_forwarded_ring_has_one_outcome(self, office: Office, webhooks: tuple[str, ...]) -> None:
        office.ring(CALL)
        for webhook in (*webhooks, *webhooks):
            tell(office, webhook)
            tell(office, webhook)
        assert office.outcomes()[0] == "ring forwarded"
        assert len(office.outcomes()) == 2

    @pytest.mark.parametrize(
        ("webhooks", "outcome"),
        [
            (["presses 1", "2 presses 9", "dial completed"], "forward answered"),
            (["2 presses 9", "presses 1", "dial completed"], "admit released"),
            (["dial completed", "presses 1"], "forward answered"),
        ],
    )
    def test_the_first_word_of_an_answer_counts(self, office: Office, webhooks: list[str], outcome: str) -> None:
        office.ring(CALL)
        for webhook in (*webhooks, "status completed"):
            tell(office, webhook)
        assert office.outcomes() == ["ring forwarded", outcome]

    @given(order=st.lists(st.sampled_from([*WEBHOOKS, "2 picks up", "2 presses 9", "status completed"]), max_size=9))
    @hypothesis.settings(suppress_health_check=[hypothesis.HealthCheck.function_scoped_fixture])
    def test_whatever_comes_in_whatever_order(self, office: Office, order: list[str]) -> None:
        """One outcome; never a tone that nobody decided on, nor on a call that is over; never two releases."""
        call = f"CA{uuid4().hex}"
        office.ring(call)
        for webhook in (*order, "status completed"):
            plays = "<Play" in tell(office, webhook, call)
            events = [event for event in office.log() if event.visit == call]
            done = [event.outcome for event in events]
            assert not plays or (done.count("released") == 1 and "hung_up" not in done)
        decided = [outcome for outcome in done if outcome in ("released", "answered", "unanswered")]
        assert done.count("forwarded") == 1
        assert len(decided) + (done.count("hung_up") if not decided else 0) == 1


@pytest.mark.parametrize(("webhook", "end"), [(None, ["end lost"]), ("presses 1", ["forward answered", "end lost"])])
def test_a_visit_whose_end_nobody_reports_is_lost_after_ten_minutes(
    office: Office, webhook: str | None, end: list[str]
) -> None:
    with freeze_time(MONDAY_NOON, tick=True) as clock:
        office.ring(CALL)
        if webhook:
            tell(office, webhook)
        clock.tick(timedelta(minutes=9, seconds=30))
        office.sweep()
        assert "end lost" not in office.outcomes()
        clock.tick(timedelta(minutes=1))
        office.sweep()
        office.sweep()
    assert office.outcomes() == ["ring forwarded", *end]


def test_a_report_that_comes_after_a_visit_was_lost_changes_nothing(office: Office) -> None:
    with freeze_time(MONDAY_NOON, tick=True) as clock:
        office.ring(CALL)
        clock.tick(timedelta(minutes=11))
        office.sweep()
        tell(office, "dial no-answer")
        tell(office, "status completed")
    assert office.outcomes() == ["ring forwarded", "end lost"]
