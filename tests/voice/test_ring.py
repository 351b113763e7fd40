"""A ring, as Twilio tells of it, and what the visitor hears."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from freezegun import freeze_time

import config
from app import create_app
from app.stores.sqlite import SqliteStore
from tests.conftest import FakeHosts, settings_for
from tests.support import (
    ALWAYS_OPEN_TOML,
    HOST,
    INTERCOM,
    NUMBER,
    OFFICE_TOML,
    PUBLIC_URL,
    TELEPHONE,
    Office,
    call_form,
    verbs,
)

CALL = "CA" + "1" * 32
SATURDAY_NOON = "2026-11-21T17:00:00Z"
STRANGER, SECOND_INTERCOM, SECOND_TELEPHONE = "+12125550111", "+12125550198", "+12125550124"
REJECT, HANG_UP = ["Reject"], ["Hangup"]
SECOND_DOOR = f"""
[doors.back]
name = "Back door"
number = "{NUMBER}"
intercoms = ["{SECOND_INTERCOM}"]
release = "5"
forward_to = ["{TELEPHONE}", "{SECOND_TELEPHONE}"]
"""

NO_CHANNEL = ALWAYS_OPEN_TOML.replace('channel = "C0FRONTDOOR"\n', "")

OfficeOf = Callable[[str], Office]


@pytest.fixture
def settings(always_open: config.Settings) -> config.Settings:
    return always_open


@pytest.fixture
def office_of(tmp_path: Path, sqlite_store: SqliteStore, hosts: FakeHosts) -> OfficeOf:
    """An office that another `doorbot.toml` describes."""

    def make(toml: str) -> Office:
        return Office(create_app(settings_for(tmp_path, toml), store=sqlite_store, hosts=hosts).test_client())

    return make


def heard(twiml: str) -> list[str]:
    return [verb.tag for verb in verbs(twiml)]


def test_an_unlocked_door_plays_the_tone_before_anything_else(office: Office) -> None:
    office.say("unlock")
    play, say, pause, hang_up = verbs(office.ring())
    assert (play.tag, play.attrib) == ("Play", {"digits": "ww9ww9"})
    assert (say.tag, say.text) == ("Say", "Welcome. Third floor, on the left.")
    assert (pause.tag, pause.attrib, hang_up.tag) == ("Pause", {"length": "2"}, "Hangup")


def test_a_released_ring_is_on_record_with_who_made_it_possible(office: Office) -> None:
    office.say("unlock")
    office.ring(CALL)
    event = office.log()[-1]
    assert (event.action, event.outcome, event.reason) == ("ring", "released", "unlock")
    assert (event.actor, event.source, event.visit, event.caller) == (HOST, "voice", CALL, INTERCOM)


def test_at_a_locked_door_the_visitor_is_held_and_the_hosts_are_asked(office: Office) -> None:
    (gather,) = verbs(office.ring(CALL))
    assert (gather.tag, [say.text for say in gather]) == ("Gather", ["One moment please, I am asking somebody."])
    assert (gather.get("action"), gather.get("method")) == (f"{PUBLIC_URL}/voice/held/front", "POST")
    assert (gather.get("actionOnEmptyResult"), gather.get("numDigits")) == ("true", "6")
    assert office.outcomes() == ["ring asked"]


def test_a_locked_door_without_a_channel_tells_the_visitor_and_dials_the_telephone(office_of: OfficeOf) -> None:
    office = office_of(NO_CHANNEL)
    say, dial = verbs(office.ring())
    assert (say.tag, say.text) == ("Say", "One moment please, I am calling somebody for you.")
    assert (dial.tag, dial.get("callerId"), dial.get("answerOnBridge")) == ("Dial", NUMBER, "true")
    assert (dial.get("action"), dial.get("method")) == (f"{PUBLIC_URL}/voice/forwarded/front", "POST")
    assert [(number.text, number.get("url")) for number in dial] == [(TELEPHONE, f"{PUBLIC_URL}/voice/whisper/front")]
    assert office.outcomes() == ["ring forwarded"]


def test_all_telephones_of_a_door_ring_together(office_of: OfficeOf) -> None:
    _, dial = verbs(office_of(ALWAYS_OPEN_TOML + SECOND_DOOR).ring(From=SECOND_INTERCOM))
    assert [number.text for number in dial] == [TELEPHONE, SECOND_TELEPHONE]
    assert dial.get("sequential") is None
    assert {number.get("url") for number in dial} == {f"{PUBLIC_URL}/voice/whisper/back"}


@pytest.mark.parametrize("patience", [25, 30, 55, 90, 300])
def test_the_telephones_stop_ringing_before_the_intercom_loses_patience(office_of: OfficeOf, patience: int) -> None:
    _, dial = verbs(office_of(f'patience = "{patience}s"\nask_for = "5s"\n{NO_CHANNEL}').ring())
    twilio_may_ring_longer, to_be_heard_before_and_after = 5, 2 * 4
    assert 5 <= int(dial.get("timeout", 0)) <= patience - twilio_may_ring_longer - to_be_heard_before_and_after


AFTER_HOURS = {
    "forward": (["Say", "Dial"], "forwarded", "after_hours"),
    "ask": (["Gather"], "asked", "locked"),
    "closed": (["Say", "Hangup"], "denied", "closed"),
}


@freeze_time(SATURDAY_NOON, tick=True)
@pytest.mark.parametrize("after_hours", AFTER_HOURS)
def test_outside_working_hours_after_hours_says_what_happens(office_of: OfficeOf, after_hours: str) -> None:
    office = office_of(f'after_hours = "{after_hours}"\n{OFFICE_TOML}')
    expected, outcome, reason = AFTER_HOURS[after_hours]
    assert heard(office.ring()) == expected
    assert [(event.outcome, event.reason) for event in office.log()] == [(outcome, reason)]


@freeze_time(SATURDAY_NOON, tick=True)
def test_a_visitor_of_a_closed_office_is_told_so(office_of: OfficeOf) -> None:
    say = verbs(office_of(f'after_hours = "closed"\n{OFFICE_TOML}').ring())[0]
    assert say.text == "I am sorry, we are closed at the moment. Please come back during working hours."


@pytest.mark.parametrize("after_hours", AFTER_HOURS)
def test_within_working_hours_after_hours_says_nothing(office_of: OfficeOf, after_hours: str) -> None:
    assert heard(office_of(f'after_hours = "{after_hours}"\n{ALWAYS_OPEN_TOML}').ring()) == ["Gather"]


def test_whoever_is_no_intercom_is_rejected_also_at_an_unlocked_door(office: Office) -> None:
    office.say("unlock")
    assert heard(office.ring(CALL, From=STRANGER)) == REJECT
    assert heard(office.ring(CALL, From=STRANGER)) == REJECT
    (event,) = office.log()[1:]
    assert (event.outcome, event.reason, event.caller) == ("denied", "not_an_intercom", STRANGER)


WITHHELD = ["anonymous", "Anonymous", "+266696687", "", "RESTRICTED", "+7378742833", "Unknown", "unavailable", "٠٠٤٩"]
NO_ADDRESSES = [
    "sip:",
    "client:<!channel>",
    "sip:a b",
    "sip:ana@example.com\n",
    "sip:ana\u2028",
    "client:ünal",
    "tel:1",
]
WITHHELD += [*NO_ADDRESSES, "SIP:ana", "sip:*a*", "client:`a`", "sip:" + "a" * 101]
ADDRESSES = ["sip:anonymous@anonymous.invalid", "client:somebody", "sip:withheld", f"sip:{INTERCOM}@example.com"]
ADDRESSES += ["sip:" + "a" * 100, "client:a_b-c=d;e:f"]


@pytest.mark.parametrize("caller", [*WITHHELD, *ADDRESSES, "withheld", f" {INTERCOM}", f"{INTERCOM}\n", INTERCOM[1:]])
def test_a_caller_without_a_listed_number_is_rejected(office_of: OfficeOf, caller: str) -> None:
    office = office_of(ALWAYS_OPEN_TOML)
    office.say("unlock")
    assert heard(office.ring(From=caller)) == REJECT
    assert office.outcomes()[1:] == ["ring denied"]


def test_a_call_that_names_no_caller_at_all_is_rejected(office: Office) -> None:
    office.say("unlock")
    form = call_form(CALL)
    del form["From"]
    assert heard(office.voice_post("/voice/ring", form).text) == REJECT


LISTED = ALWAYS_OPEN_TOML.replace(f'intercoms = ["{INTERCOM}"]', f'intercoms = ["{INTERCOM}", "withheld"]')
ANYBODY = ALWAYS_OPEN_TOML.replace(f'intercoms = ["{INTERCOM}"]', "")


@pytest.mark.parametrize("caller", WITHHELD)
@pytest.mark.parametrize("toml", [LISTED, ANYBODY], ids=["listed", "anybody"])
def test_a_withheld_number_is_good_where_the_file_says_so(office_of: OfficeOf, toml: str, caller: str) -> None:
    office = office_of(toml)
    office.say("unlock")
    assert heard(office.ring(From=caller))[0] == "Play"
    assert office.log()[-1].caller == "withheld"


@pytest.mark.parametrize("caller", [*ADDRESSES, STRANGER])
def test_an_address_is_no_withheld_number(office_of: OfficeOf, caller: str) -> None:
    assert heard(office_of(LISTED).ring(From=caller)) == REJECT


@pytest.mark.parametrize("caller", [*ADDRESSES, STRANGER])
def test_a_door_without_intercoms_is_rung_by_anybody(office_of: OfficeOf, caller: str) -> None:
    office = office_of(ANYBODY)
    office.ring(From=caller)
    assert (office.outcomes(), office.log()[0].caller) == (["ring asked"], caller)


def test_of_two_doors_with_one_number_only_the_unlocked_one_is_released(office_of: OfficeOf) -> None:
    office = office_of(ALWAYS_OPEN_TOML + SECOND_DOOR)
    office.say("unlock back")
    assert "<Gather" in office.ring(From=INTERCOM)
    assert verbs(office.ring(From=SECOND_INTERCOM))[0].attrib == {"digits": "ww5ww5"}
    assert (office.outcomes("front"), office.outcomes("back")) == (["ring asked"], ["unlock done", "ring released"])


def test_a_stranger_at_a_shared_number_is_on_record_once(office_of: OfficeOf) -> None:
    office = office_of(ALWAYS_OPEN_TOML + SECOND_DOOR)
    office.ring(CALL, From=STRANGER)
    office.ring(CALL, From=STRANGER)
    assert (office.outcomes("front"), office.outcomes("back")) == (["ring denied"], [])


@pytest.mark.parametrize("meanwhile", ["status", "lock", "unlock for 3h"])
@pytest.mark.parametrize("before", ["lock", "unlock"])
def test_the_same_call_gets_the_same_answer_and_is_recorded_once(office: Office, before: str, meanwhile: str) -> None:
    office.say(before)
    first = office.ring(CALL)
    office.say(meanwhile)
    assert office.ring(CALL) == first
    assert [event.visit for event in office.log()].count(CALL) == 1


@pytest.mark.parametrize("before", ["lock", "unlock"])
def test_a_call_that_is_over_is_hung_up(office: Office, before: str) -> None:
    office.say(before)
    office.ring(CALL)
    office.voice_post("/voice/status", call_form(CALL, CallStatus="completed"))
    events = office.log()
    assert heard(office.ring(CALL)) == HANG_UP
    assert office.log() == events


def test_a_lock_is_in_force_for_the_very_next_ring(office: Office) -> None:
    for _ in range(5):
        office.say("unlock")
        assert "<Play" in office.ring()
        office.say("lock")
        assert "<Play" not in office.ring()


def test_one_call_delivered_eight_times_at_once_is_one_ring(office: Office) -> None:
    office.say("unlock")
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda _: Office(office.client.application.test_client()).ring(CALL), range(8)))
    assert len(set(answers)) == 1
    assert office.outcomes() == ["unlock done", "ring released"]


def test_two_visitors_at_once_are_two_rings(office: Office) -> None:
    first, second = office.ring("CA1"), office.ring("CA2")
    office.voice_post("/voice/status", call_form("CA1", CallStatus="completed"))
    assert (heard(office.ring("CA1")), office.ring("CA2"), first) == (HANG_UP, second, second)
