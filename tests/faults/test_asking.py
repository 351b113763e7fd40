"""Hosts are asked by two real processes: many press at once, and processes die between ring and press."""

import json
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from urllib.parse import urlencode

import pytest

from app.clock import utcnow
from app.domain.questions import Question
from app.domain.visits import Visit
from app.ports import Key, partition
from app.usecases.steps import question_key, visit_key
from app.usecases.visits import Visits
from tests.faults import STORES, Building, Line, T, at_once, building, is_released, new_call
from tests.servers import wait_until
from tests.stand_ins import Answer, Received, StandIn
from tests.support import (
    ACCOUNT_SID,
    ADMIN,
    HOST,
    INTERCOM,
    PUBLIC_URL,
    a_door,
    call_form,
    press_payload,
    slack_headers,
    twilio_signature,
)

POST, UPDATE, RESPOND = "/chat.postMessage", "/chat.update", "/respond"
PRESSES = 20
RANG = "somebody rang at the front door"  # in the message that asked, and in none about the day
DOOR = a_door(hours="00:00-24:00", days="mon-sun")


@pytest.fixture
def slack() -> Iterator[StandIn]:
    with StandIn() as slack:
        slack.answer(UPDATE, delivered("1"))
        yield slack


@pytest.fixture
def twilio() -> Iterator[StandIn]:
    with StandIn() as twilio:
        yield twilio


def delivered(number: str, **more: float) -> Answer:
    """Slack's answer to a message."""
    return Answer({"ok": True, "channel": "C0FRONTDOOR", "ts": f"1700000000.00000{number}"}, **more)  # type: ignore[arg-type]


def sent(slack: StandIn, path: str, words: str = "") -> list[Received]:
    return [each for each in list(slack.received) if each.path == path and words in each.body]


def press(line: Line, slack: StandIn, call: str, user: str = HOST, number: str = "1") -> None:
    """Somebody lets the visitor in."""
    container = {"type": "message", "message_ts": f"1700000000.00000{number}"}
    payload = press_payload("admit", f"front {call}", user, container=container, response_url=slack.url + RESPOND)
    body = urlencode({"payload": json.dumps(payload)})
    assert line.post("/slack/events", body, slack_headers(body)) == (200, "")


def poll(house: Building, call: str) -> str:
    """What the call hears that asks how to go on."""
    path, form = "/voice/held/front", call_form(call, CallStatus="in-progress")
    with house.line() as line:
        return line.post(path, urlencode(form), {"X-Twilio-Signature": twilio_signature(path, form)})[1]


def question(house: Building, call: str) -> Question:
    return _read(house, question_key(call))


def visit(house: Building, call: str) -> Visit:
    return _read(house, visit_key(call))


def _read(house: Building, key: Key[T]) -> T:
    found = house.store.read(partition("front"), key).get(key)
    assert found is not None
    return found


@pytest.mark.parametrize("kind", STORES)
def test_of_twenty_who_press_at_once_one_lets_in_and_nineteen_are_told(
    kind: str, tmp_path: Path, slack: StandIn, twilio: StandIn
) -> None:
    slack.answer(POST, delivered("1"))
    with (
        building(kind, tmp_path, SLACK_API_URL=slack.url, TWILIO_API_URL=twilio.url) as house,
        house.line_to_each_process() as both,
        ExitStack() as stack,
    ):
        call = new_call()
        house.ring(call)
        wait_until(lambda: visit(house, call).is_confirmed, "hosts are asked", 10)
        lines = [*both, *(stack.enter_context(house.line()) for _ in range(PRESSES - len(both)))]
        people = [HOST, ADMIN] * (PRESSES // 2)
        at_once([lambda at=at: press(lines[at], slack, call, people[at]) for at in range(PRESSES)])  # type: ignore[misc]
        (move,) = twilio.wait_for(1, 3)
        assert move.path == f"/2010-04-01/Accounts/{ACCOUNT_SID}/Calls/{call}.json"
        assert move.fields["Url"] == f"{PUBLIC_URL}/voice/held/front"
        assert is_released(poll(house, call))
        wait_until(lambda: len(sent(slack, RESPOND)) >= PRESSES - 1 and sent(slack, UPDATE, RANG), "they are told", 10)
        admitted = [event for _, event in house.log() if event.action == "admit" and event.outcome == "released"]
        told = {each.fields["text"].partition(" after ")[0] for each in sent(slack, RESPOND)}
    assert [event.visit for event in admitted] == [call]
    assert told == {"You have let this visitor in already.", f"<@{admitted[0].actor}> let the visitor in"}
    assert len(sent(slack, RESPOND)) == PRESSES - 1
    assert (len(sent(slack, POST, call)), len(sent(slack, UPDATE, RANG)), len(twilio.received)) == (1, 1, 1)
    assert f"<@{admitted[0].actor}> let the visitor in" in sent(slack, UPDATE, RANG)[0].fields["text"]


def test_a_server_killed_between_ring_and_press_asks_nobody_twice_and_forgets_nobody(
    tmp_path: Path, slack: StandIn, twilio: StandIn
) -> None:
    with building("redis", tmp_path, SLACK_API_URL=slack.url, TWILIO_API_URL=twilio.url) as house:
        asked, unconfirmed, unasked = new_call(), new_call(), new_call()
        slack.answer(POST, delivered("1"))
        house.ring(asked)
        wait_until(lambda: visit(house, asked).is_confirmed, "hosts are asked", 10)
        slack.answer(POST, delivered("2", delay=30))
        house.ring(unconfirmed)
        wait_until(lambda: sent(slack, POST, unconfirmed), "the second message is on its way", 10)
        slack.answer(POST, delivered("3"))
        house.server.kill()
        Visits(house.store).ring(DOOR, unasked, INTERCOM, utcnow())  # by a process that dies before it asks anybody
        house.server.start()
        with house.line() as line:
            press(line, slack, asked)
            press(line, slack, unconfirmed, number="2")
            wait_until(lambda: question(house, unasked).ts, "hosts are asked by another process", 10)
            press(line, slack, unasked, number="3")
        calls = (asked, unconfirmed, unasked)
        wait_until(lambda: all(question(house, call).is_settled for call in calls), "all of them are edited", 10)
        assert all(is_released(poll(house, call)) for call in calls)
    assert [len(sent(slack, POST, call)) for call in calls] == [1, 1, 1]
    edits = [(each.fields["ts"][-1], "let the visitor in" in each.fields["text"]) for each in sent(slack, UPDATE, RANG)]
    assert sorted(edits) == [("1", True), ("2", True), ("3", True)]
