"""Buttons: pressed by whoever sees them, obeyed for whoever may, once."""

import json
from collections.abc import Iterator

import pytest

import config
from app.ports import Membership
from tests.conftest import FakeHosts
from tests.stand_ins import Answer, Received, StandIn
from tests.support import ADMIN, GUEST, HOST, MEMBER, WORKSPACE, Office, press_payload, stored


@pytest.fixture
def settings(always_open: config.Settings) -> config.Settings:
    return always_open


@pytest.fixture
def hosts(hosts: FakeHosts) -> FakeHosts:
    hosts.members = {MEMBER: Membership.FULL}
    return hosts


@pytest.fixture
def slack() -> Iterator[StandIn]:
    """Where answers to presses are sent."""
    with StandIn() as slack:
        yield slack


@pytest.mark.parametrize("user", [HOST, ADMIN])
def test_a_press_unlocks_and_another_one_locks(office: Office, user: str) -> None:
    answers = [office.press(action, "front", user) for action in ("unlock", "lock")]
    assert [(answer.status_code, answer.data) for answer in answers] == [(200, b"")] * 2
    assert [(event.action, event.outcome, event.actor) for event in office.log()] == [
        ("unlock", "done", user),
        ("lock", "done", user),
    ]


def test_a_press_delivered_twice_acts_once(office: Office) -> None:
    for action in ("unlock", "lock", "unlock"):
        office.press(action, "front", trigger_id=f"1.{action}")
    assert office.outcomes() == ["unlock done", "lock done"]
    assert "<Play" not in office.ring()


@pytest.mark.parametrize("action", ["unlock", "lock"])
@pytest.mark.parametrize(("user", "reason"), [(MEMBER, "not_permitted"), (GUEST, "not_full_member")])
def test_a_press_of_somebody_who_may_not_is_refused(office: Office, user: str, reason: str, action: str) -> None:
    assert office.press(action, "front", user).status_code == 200
    (event,) = office.log()
    assert (event.action, event.outcome, event.actor, event.reason) == (action, "refused", user, reason)


@pytest.mark.parametrize("team_id", ["T0OTHER01", "", None])
def test_a_press_from_another_workspace_is_refused_whoever_it_is(office: Office, team_id: str | None) -> None:
    press_as({"id": ADMIN, "team_id": team_id}, office)
    (event,) = office.log()
    assert (event.outcome, event.reason) == ("refused", "other_workspace")


def test_a_press_says_its_answer_to_the_presser_alone(office: Office, slack: StandIn) -> None:
    office.press("unlock", "front", response_url=f"{slack.url}/respond")
    message = received(slack).fields
    assert message["text"].startswith("The front door is unlocked until ")
    assert (message["response_type"], message["replace_original"]) == ("ephemeral", False)


def test_a_refused_presser_is_told_why(office: Office, slack: StandIn) -> None:
    office.press("unlock", "front", GUEST, response_url=f"{slack.url}/respond")
    assert received(slack).fields["text"].startswith("Only full members of this workspace")


def test_a_button_of_a_door_that_is_gone_says_so(office: Office, slack: StandIn) -> None:
    office.press("unlock", "back", response_url=f"{slack.url}/respond")
    assert received(slack).fields["text"] == "There is no door `back` here. Say one of: `front`."
    assert stored(office.services.store) == {}


@pytest.mark.parametrize("answer", [Answer(status=500), Answer(status=404, body="no_text"), Answer(raw=b"garbage")])
def test_an_answer_that_slack_does_not_take_changes_nothing(office: Office, slack: StandIn, answer: Answer) -> None:
    slack.answer("/respond", answer)
    for action in ("unlock", "lock"):
        assert office.press(action, "front", response_url=f"{slack.url}/respond").status_code == 200
    slack.wait_for(2)
    assert office.outcomes() == ["unlock done", "lock done"]


@pytest.mark.parametrize("action", ["open", "status", "log", "unlock ", "UNLOCK", "", "admit ", "admit:"])
def test_an_unknown_button_changes_nothing(office: Office, action: str) -> None:
    assert office.press(action, "front").status_code < 500
    assert stored(office.services.store) == {}


@pytest.mark.parametrize("action", ["admit", "admit:unlock", "turn_away"])
@pytest.mark.parametrize("value", ["front", "front CA404", "front CA404 unlock"])
def test_an_answer_to_a_visit_that_is_not_there_changes_nothing_and_says_so(
    office: Office, slack: StandIn, action: str, value: str
) -> None:
    office.press(action, value, response_url=f"{slack.url}/respond")
    assert received(slack).fields["text"] == "The visitor has gone."
    (event,) = office.log()
    assert (event.action, event.outcome, event.reason) == (action.partition(":")[0], "refused", "too_late")
    assert "<Play" not in office.ring("CA404")


@pytest.mark.parametrize("kind", ["view_submission", "shortcut", "view_closed", "message_action", "block_suggestion"])
def test_other_interactions_change_nothing(office: Office, kind: str) -> None:
    assert office.press("unlock", "front", type=kind).status_code < 500
    assert stored(office.services.store) == {}


def test_the_workspace_of_the_presser_counts_and_not_that_of_the_channel(office: Office) -> None:
    press_as({"id": HOST, "team_id": "T0OTHER01"}, office)
    assert office.outcomes() == ["unlock refused"]


def press_as(user: dict[str, str | None], office: Office) -> None:
    payload = {**press_payload("unlock", "front"), "user": user}
    assert payload["team"] == {"id": WORKSPACE}
    assert office.slack_form({"payload": json.dumps(payload)}).status_code == 200


def received(slack: StandIn) -> Received:
    (message,) = slack.wait_for(1)
    return message
