"""The outcome of a forwarded call: on record exactly once, in whatever order Twilio tells of it."""

from datetime import timedelta
from itertools import permutations

import pytest
from freezegun import freeze_time

import config
from app.stores.sqlite import SqliteStore
from tests.support import TELEPHONE, Office, call_form, stored, verbs

CALL, LEG = "CA" + "1" * 32, "CA" + "2" * 32
NOBODY = "I am sorry, nobody can come to the phone right now. Please try again later."
MONDAY_NOON = "2026-11-23T17:00:00Z"


@pytest.fixture
def settings(always_open: config.Settings) -> config.Settings:
    return always_open


def tell(office: Office, webhook: str, call: str = CALL) -> str:
    """One of Twilio's reports on a call, such as "answered" or "dial busy"; its answer."""
    name, _, status = webhook.partition(" ")
    form = {
        "answered": call_form(LEG, ParentCallSid=call, To=TELEPHONE, CallStatus="in-progress"),
        "dial": call_form(call, DialCallStatus=status, DialCallSid=LEG, CallStatus="in-progress"),
        "left": call_form(call, DialCallStatus="canceled", CallStatus="completed"),
        "status": call_form(call, CallStatus=status),
    }[name]
    paths = {"answered": "/voice/answered/front", "status": "/voice/status"}
    answer = office.voice_post(paths.get(name, "/voice/forwarded/front"), form)
    assert answer.status_code == 200
    return answer.text


def heard(twiml: str) -> list[tuple[str, str | None]]:
    return [(verb.tag, verb.text) for verb in verbs(twiml)]


def last(office: Office) -> tuple[str, str, str, str]:
    event = office.log()[-1]
    assert event.visit == CALL
    return event.action, event.outcome, event.reason, event.actor


@pytest.mark.parametrize("status", ["no-answer", "busy", "failed", "canceled"])
def test_where_nobody_answers_the_visitor_is_told_and_the_ring_is_unanswered(office: Office, status: str) -> None:
    office.ring(CALL)
    assert heard(tell(office, f"dial {status}")) == [("Say", NOBODY), ("Hangup", None)]
    assert last(office) == ("forward", "unanswered", status, "")


def test_a_visitor_who_leaves_while_the_telephones_ring_has_hung_up(office: Office) -> None:
    office.ring(CALL)
    tell(office, "left")
    assert last(office) == ("end", "hung_up", "", "")


@pytest.mark.parametrize("status", ["completed", "answered"])
def test_a_call_that_was_talked_through_is_answered(office: Office, status: str) -> None:
    office.ring(CALL)
    assert heard(tell(office, f"dial {status}")) == [("Hangup", None)]
    assert last(office) == ("forward", "answered", "", "")


def test_the_telephone_that_picks_up_is_on_record(office: Office) -> None:
    office.ring(CALL)
    assert heard(tell(office, "answered")) == []
    assert last(office) == ("forward", "answered", "", TELEPHONE)


@pytest.mark.parametrize("telephone", ["client:<!channel>", "sip:a b", "<@U0HOST001>", "+1 212", "", "\u2028"])
def test_what_is_no_telephone_is_not_put_on_record(office: Office, telephone: str) -> None:
    office.ring(CALL)
    form = call_form(LEG, ParentCallSid=CALL, To=telephone, CallStatus="in-progress")
    assert office.voice_post("/voice/answered/front", form).status_code == 200
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


@pytest.mark.parametrize("webhook", ["status completed", "answered", "dial no-answer", "dial completed", "left"])
def test_reports_on_a_call_that_never_rang_change_nothing(office: Office, webhook: str) -> None:
    tell(office, webhook)
    assert stored(office.services.store) == {}


@pytest.mark.parametrize("webhook", ["answered", "dial completed", "dial busy", "left", "status completed"])
@pytest.mark.parametrize("command", ["unlock", "lock"])
def test_reports_on_a_released_or_a_forwarded_call_never_play_a_tone(
    office: Office, command: str, webhook: str
) -> None:
    office.say(command)
    office.ring(CALL)
    assert "Play" not in tell(office, webhook)


@pytest.mark.parametrize("webhook", ["answered", "dial completed", "dial busy", "left"])
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
            *permutations(["answered", "dial completed", "status completed"]),
            *permutations(["dial no-answer", "status completed"]),
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

    @pytest.mark.parametrize("before", [*permutations(["answered", "dial completed"])])
    def test_the_first_word_of_an_answer_counts(self, office: Office, before: tuple[str, ...]) -> None:
        office.ring(CALL)
        for webhook in (*before, "status completed"):
            tell(office, webhook)
        assert office.outcomes() == ["ring forwarded", "forward answered"]


@pytest.mark.parametrize(("webhook", "end"), [(None, ["end lost"]), ("answered", ["forward answered", "end lost"])])
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
