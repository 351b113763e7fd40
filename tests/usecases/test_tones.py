"""Which tone a release sends, and how a better one is found."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from freezegun import freeze_time

from app.domain.tones import PROFILE_NAMES
from tests.conftest import FakeHosts
from tests.support import ADMIN, HOST, MEMBER, Office, call_form

MONDAY_NOON = datetime(2026, 11, 23, 17, tzinfo=UTC)  # 12:00 in New York
STANDARD, PATIENT = 'digits="ww9ww9"', 'digits="wwww9ww9ww9"'


@pytest.fixture(autouse=True)
def clock() -> Any:
    with freeze_time(MONDAY_NOON, tick=True) as clock:
        yield clock


def held(office: Office, call: str) -> str:
    return office.voice_post("/voice/held/front", call_form(call, CallStatus="in-progress", Digits="")).text


def let_in(office: Office, call: str) -> str:
    """What a visitor hears whom a host lets in."""
    assert "<Gather" in office.ring(call)
    office.press("admit", f"front {call}")
    return held(office, call)


def questions(app: Any, hosts: FakeHosts) -> list[tuple[str, str]]:
    """The text and the value of "Yes" of each question whether the door opened, oldest first."""
    app.extensions["doorbot"].background.sweep("telling")
    return [(text, buttons[0].value) for text, buttons in hosts.asked if "Did it open?" in text]


def some_seconds_pass(app: Any, clock: Any, seconds: float) -> None:
    """The background looks at what happened."""
    app.extensions["doorbot"].background.sweep()
    clock.tick(timedelta(seconds=seconds))


class TestSoonAfterARelease:
    def test_a_second_ring_gets_the_next_stronger_profile_and_so_on(self, office: Office, app: Any, clock: Any) -> None:
        office.say("unlock for 1h")
        assert STANDARD in office.ring("CA1")
        some_seconds_pass(app, clock, 85)
        assert PATIENT in office.ring("CA2")
        some_seconds_pass(app, clock, 85)
        assert "/voice/tones/front/long-" in office.ring("CA3")
        some_seconds_pass(app, clock, 91)
        assert STANDARD in office.ring("CA4")
        assert [event.details.get("tone") for event in office.log()[1:]] == [None, "patient", "long", None]

    def test_the_same_call_asked_again_gets_the_same_tone(self, office: Office, app: Any, clock: Any) -> None:
        office.say("unlock for 1h")
        office.ring("CA1")
        some_seconds_pass(app, clock, 20)
        first = office.ring("CA2")
        assert PATIENT in first
        assert office.ring("CA2") == first
        assert STANDARD in office.ring("CA1")

    def test_a_visitor_who_was_let_in_by_a_host_gets_it_as_well(self, office: Office, app: Any, clock: Any) -> None:
        assert STANDARD in let_in(office, "CA1")
        some_seconds_pass(app, clock, 20)
        assert PATIENT in let_in(office, "CA2")

    def test_where_it_happens_often_calibration_is_offered_once(
        self, office: Office, app: Any, hosts: FakeHosts, clock: Any
    ) -> None:
        office.say("unlock for 1h")
        for number in range(20):
            office.ring(f"CA{number}")
            some_seconds_pass(app, clock, 30)
        some_seconds_pass(app, clock, 0)
        offers = [(text, buttons) for text, buttons in hosts.asked if "/frontdoor tone" in text]
        assert len(offers) == 1
        assert "5 of the last 6 releases" in offers[0][0]
        assert [button.action for button in offers[0][1]] == ["tone"]
        assert office.press("tone", "front").status_code == 200
        assert office.outcomes()[-1] == "tone done"

    def test_an_ordinary_lunch_offers_nothing(self, office: Office, app: Any, hosts: FakeHosts, clock: Any) -> None:
        office.say("unlock for 2h")
        for number in range(20):
            office.ring(f"CA{number}")
            some_seconds_pass(app, clock, 240)
        assert not any("/frontdoor tone" in text for text, _ in hosts.asked)


class TestCalibration:
    def test_each_no_tries_the_next_and_yes_keeps_it(self, office: Office, app: Any, hosts: FakeHosts) -> None:
        assert office.say("tone").startswith("Until 12:10 I try tones at the front door")
        assert 'digits="ww9"' in let_in(office, "CA1")
        text, yes = questions(app, hosts)[-1]
        assert "“gentle”" in text
        office.press("keep_tone:no", yes.replace("yes", "no"))
        assert STANDARD in let_in(office, "CA2")
        office.press("keep_tone:no", questions(app, hosts)[-1][1].replace("yes", "no"))
        assert PATIENT in let_in(office, "CA3")
        office.press("keep_tone:yes", questions(app, hosts)[-1][1])
        assert [event.details.get("opened") for event in office.log() if event.action == "keep_tone"] == [
            "no",
            "no",
            "yes",
        ]

    def test_what_was_kept_is_what_the_door_gets_until_reset(
        self, office: Office, app: Any, hosts: FakeHosts, clock: Any
    ) -> None:
        office.say("tone")
        let_in(office, "CA1")
        office.press("keep_tone:yes", questions(app, hosts)[-1][1])
        clock.tick(timedelta(minutes=5))
        assert 'digits="ww9"' in let_in(office, "CA2")
        assert office.say("tone reset") == "From now on the front door gets the tone “standard”."
        clock.tick(timedelta(minutes=5))
        assert STANDARD in let_in(office, "CA3")

    def test_after_the_most_stubborn_one_the_door_keeps_what_it_had(
        self, office: Office, app: Any, hosts: FakeHosts, clock: Any
    ) -> None:
        office.say("tone")
        for number, _ in enumerate(PROFILE_NAMES):
            let_in(office, f"CA{number}")
            office.press("keep_tone:no", questions(app, hosts)[-1][1].replace("yes", "no"))
        clock.tick(timedelta(minutes=5))
        assert STANDARD in let_in(office, "CALATER")

    def test_a_ring_that_an_unlock_releases_is_no_trial(self, office: Office, app: Any, hosts: FakeHosts) -> None:
        office.say("tone")
        office.say("unlock for 1h")
        assert STANDARD in office.ring()
        assert questions(app, hosts) == []

    def test_it_ends_after_ten_minutes(self, office: Office, app: Any, hosts: FakeHosts, clock: Any) -> None:
        office.say("tone")
        clock.tick(timedelta(minutes=10, seconds=1))
        assert STANDARD in let_in(office, "CA1")
        assert questions(app, hosts) == []

    @pytest.mark.parametrize("answers", [("yes", "no"), ("no", "yes"), ("yes", "yes"), ("no", "no")])
    def test_only_the_first_answer_counts(
        self, office: Office, app: Any, hosts: FakeHosts, answers: tuple[str, str]
    ) -> None:
        office.say("tone")
        let_in(office, "CA1")
        value = questions(app, hosts)[-1][1]
        for answer in answers:
            office.press(f"keep_tone:{answer}", value.replace("yes", answer))
        assert office.outcomes()[-2:] == ["keep_tone done", "keep_tone refused"]

    @pytest.mark.parametrize(
        "value", ["front", "front yes", "front yes gentle", "front yes nonsense CA9", "front x y z w"]
    )
    def test_an_answer_to_nothing_changes_nothing(self, office: Office, value: str) -> None:
        office.say("tone")
        assert office.press("keep_tone:yes", value).status_code == 200
        assert office.outcomes()[-1] == "keep_tone refused"

    def test_it_is_for_hosts_in_working_hours_and_never_in_lockdown(self, office: Office, clock: Any) -> None:
        assert office.say("tone", MEMBER).startswith("Only ")
        office.say("lockdown", ADMIN)
        assert office.say("tone").startswith("This door is in lockdown")
        office.say("lift", ADMIN)
        clock.move_to(MONDAY_NOON + timedelta(hours=6))
        assert "Mon–Fri 09:00–17:00" in office.say("tone", HOST)

    def test_other_words_are_answered_with_an_example(self, office: Office) -> None:
        assert office.say("tone louder").startswith("I don't know “louder”. Try `/frontdoor tone`")
