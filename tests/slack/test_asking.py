"""A ring, the message that asks, the press, the tone: with real HTTP to stand-ins for Slack and Twilio."""

import json
import re
import time
from base64 import b64encode
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

import app.domain.questions as questions_domain
import app.voice.calls as calls_module
from app import create_app
from app.clock import utcnow
from app.domain.visits import Visit
from app.ports import Store, partition
from app.usecases.steps import visit_key
from app.voice.calls import TwilioCalls
from tests.conftest import settings_for
from tests.stand_ins import Answer, Received, StandIn
from tests.support import (
    ACCOUNT_SID,
    ADMIN,
    ALWAYS_OPEN_TOML,
    AUTH_TOKEN,
    GUEST,
    HOST,
    INTERCOM,
    MEMBER,
    NUMBER,
    PUBLIC_URL,
    TELEPHONE,
    WORKSPACE,
    Office,
    a_door,
    call_form,
    press_payload,
    stored,
    verbs,
)

POST, UPDATE, RESPOND, INFO = "/chat.postMessage", "/chat.update", "/respond", "/users.info"
SECOND_DOOR = ALWAYS_OPEN_TOML.partition("[doors.front]")[2]
TWO_DOORS = f"{ALWAYS_OPEN_TOML}\n[doors.back]{SECOND_DOOR.replace(INTERCOM, '+12125550198')}"


def soon(is_so: Callable[[], Any], what: object, seconds: float = 10) -> None:
    """Wait for what happens in the background within moments."""
    end = time.monotonic() + seconds
    while not is_so():
        assert time.monotonic() < end, what
        time.sleep(0.003)


class Scene:
    """An office on a real store, with a Slack and a Twilio that answer as they are told."""

    def __init__(self, folder: Path, store: Store, slack: StandIn, twilio: str, toml: str = ALWAYS_OPEN_TOML) -> None:
        settings = settings_for(folder, toml, SLACK_API_URL=slack.url, TWILIO_API_URL=twilio)
        self.office = Office(create_app(settings, store=store).test_client())
        self.slack = slack
        self.call = self.ts = ""

    def ring(self, *troubles: Answer, **changes: str) -> str:
        """A new visitor rings, and Slack takes the message, perhaps after some trouble; what the visitor hears."""
        self.call, self.ts = f"CA{uuid4().hex}", f"17{uuid4().int % 10**8:08}.000100"
        delivered = Answer({"ok": True, "channel": "C0FRONTDOOR", "ts": self.ts})
        self.slack.received.clear()
        self.slack.answer(POST, *troubles, delivered)
        self.slack.answer(UPDATE, delivered)
        return self.office.ring(self.call, **changes)

    def poll(self, **changes: str) -> str:
        return self.voice("/voice/held/front", call_form(self.call, CallStatus="in-progress", **changes))

    def voice(self, path: str, form: dict[str, str]) -> str:
        answer = self.office.voice_post(path, form)
        assert answer.status_code == 200, answer.text
        return answer.text

    def press(self, action: str, who: str = HOST, value: str | None = None, **changes: Any) -> int:
        """Somebody presses a button of the message."""
        container = {"type": "message", "message_ts": self.ts, "channel_id": "C0FRONTDOOR", "is_ephemeral": False}
        known = {"container": container, "response_url": self.slack.url + RESPOND}
        more = " unlock" if action == "admit:unlock" else ""
        given = f"front {self.call}{more}" if value is None else value
        payload = {**press_payload(action, given, who), **known, **changes}
        return self.office.slack_form({"payload": json.dumps(payload)}).status_code

    def sent(self, *paths: str) -> list[Received]:
        return [each for each in list(self.slack.received) if each.path in (paths or (POST, UPDATE))]

    def slack_client(self, name: str) -> Any:
        """One of Slack's own clients, to make it impatient."""
        return getattr(self.office.services.hosts, name)

    def sweep(self) -> None:
        """One round of the background, without the day's visits: they are other messages."""
        self.office.services.background.sweep("housekeeping")
        self.office.services.background.sweep("telling")

    def wait_for(self, is_so: Callable[[], Any], what: str) -> None:
        """Wait as long as the background may take for it, round after round."""

        soon(lambda: (self.sweep(), is_so())[1], what)

    def asked(self) -> dict[str, Any]:
        """The message with its buttons, once it is there."""
        soon(lambda: self.sent(POST), "the question is posted")
        return self.sent(POST)[0].fields

    def confirmed(self) -> None:
        soon(lambda: self.visit.is_confirmed, "Slack has confirmed the question")

    def ends_with(self, text: str) -> Received:
        """The last thing that was sent, once it says this."""
        self.wait_for(lambda: (told := self.about_visits()) and re.search(text, told[-1].fields["text"]), text)
        return self.about_visits()[-1]

    def about_visits(self, *paths: str) -> list[Received]:
        """What was sent about visits, and not about unlocks and locks."""
        return [each for each in self.sent(*paths) if re.search("ringing at|rang at", each.fields["text"])]

    @property
    def visit(self) -> Visit:
        key = visit_key(self.call)
        visit = self.office.services.store.read(partition("front"), key).get(key)
        assert visit is not None
        return visit


@pytest.fixture
def slack(monkeypatch: pytest.MonkeyPatch) -> Iterator[StandIn]:
    """A Slack that is soon tried again."""
    monkeypatch.setattr(questions_domain, "RETRY_FIRST", questions_domain.RETRY_FIRST / 500)
    with StandIn() as slack:
        yield slack


@pytest.fixture
def twilio(monkeypatch: pytest.MonkeyPatch) -> Iterator[StandIn]:
    monkeypatch.setattr(calls_module, "TIMEOUT_SECONDS", 0.3)
    with StandIn() as twilio:
        yield twilio


@pytest.fixture
def scene(tmp_path: Path, sqlite_store: Store, slack: StandIn, twilio: StandIn) -> Scene:
    return Scene(tmp_path, sqlite_store, slack, twilio.url)


def heard(twiml: str) -> list[str]:
    return [verb.tag for verb in verbs(twiml)]


def is_tone(twiml: str) -> bool:
    """Whether a tone comes before anything else; which one it is depends on who rang shortly before."""
    return verbs(twiml)[0].tag == "Play"


# From the ring to the tone


def test_a_ring_is_asked_about_pressed_moved_and_released(
    tmp_path: Path, store: Store, slack: StandIn, twilio: StandIn
) -> None:
    scene = Scene(tmp_path, store, slack, twilio.url)
    assert heard(scene.ring()) == ["Gather"]
    message = scene.asked()
    assert message["channel"] == "C0FRONTDOOR"
    assert re.fullmatch(r":bell: Somebody is ringing at the front door \(\d\d:\d\d\)\. Let them in\?", message["text"])
    section, actions = message["blocks"]
    assert section["text"] == {"type": "mrkdwn", "text": message["text"]}
    assert [(each["action_id"], each["value"], each["text"]["text"]) for each in actions["elements"]] == [
        ("admit", f"front {scene.call}", "Let in"),
        ("admit:unlock", f"front {scene.call} unlock", "Let in and unlock for 30 min"),
        ("turn_away", f"front {scene.call}", "Turn away"),
    ]
    scene.confirmed()
    assert heard(scene.poll()) == ["Gather"]
    assert scene.press("admit") == 200
    (move,) = twilio.wait_for(1)
    assert move.path == f"/2010-04-01/Accounts/{ACCOUNT_SID}/Calls/{scene.call}.json"
    assert move.fields == {"Url": f"{PUBLIC_URL}/voice/held/front", "Method": "POST"}
    assert move.headers["Authorization"] == f"Basic {b64encode(f'{ACCOUNT_SID}:{AUTH_TOKEN}'.encode()).decode()}"
    assert is_tone(scene.poll())
    edit = scene.ends_with(rf":white_check_mark: <@{HOST}> let the visitor in after \d+ s\.$").fields
    assert (edit["channel"], edit["ts"], edit["blocks"]) == ("C0FRONTDOOR", scene.ts, [])
    assert [each.path for each in slack.messages] == [POST, UPDATE]
    assert scene.office.outcomes() == ["ring asked", "admit released"]


def test_the_second_presser_is_told_privately_who_was_first(scene: Scene) -> None:
    scene.ring()
    scene.confirmed()
    scene.press("admit")
    scene.press("turn_away", ADMIN)
    soon(lambda: scene.sent(RESPOND), "the second is told")
    (told,) = scene.sent(RESPOND)
    assert (told.fields["response_type"], told.fields["replace_original"]) == ("ephemeral", False)
    assert re.match(rf"<@{HOST}> let the visitor in after \d+ s\. That was first", told.fields["text"])
    assert is_tone(scene.poll())


def test_a_press_that_slack_delivers_twice_acts_once(scene: Scene, twilio: StandIn) -> None:
    scene.ring()
    scene.confirmed()
    for _ in range(2):
        assert scene.press("admit", trigger_id="1.2.3") == 200
    scene.ends_with("let the visitor in")
    assert (len(twilio.received), scene.sent(RESPOND)) == (1, [])
    assert scene.office.outcomes() == ["ring asked", "admit released"]


def test_a_ring_that_twilio_delivers_twice_asks_once(scene: Scene) -> None:
    scene.ring()
    scene.confirmed()
    assert heard(scene.office.ring(scene.call)) == ["Gather"]
    scene.sweep()
    assert len(scene.sent()) == 1


@pytest.mark.parametrize("before", ["unlock", "press"])
def test_a_repeated_ring_gets_the_tone_again_unless_a_lockdown_came(scene: Scene, before: str) -> None:
    if before == "unlock":
        scene.office.say("unlock")
    scene.ring()
    if before == "press":
        scene.confirmed()
        scene.press("admit")
    assert is_tone(scene.office.ring(scene.call))
    scene.office.say("lockdown", ADMIN)
    for path in ("/voice/ring", "/voice/held/front"):
        assert heard(scene.voice(path, call_form(scene.call))) == ["Say", "Dial"]


def test_a_tone_that_a_repeated_ring_played_has_been_heard(scene: Scene) -> None:
    scene.ring()
    scene.confirmed()
    scene.press("admit")
    assert is_tone(scene.office.ring(scene.call))
    end(scene)
    assert scene.ends_with(r"let the visitor in after \d+ s\.$").path == UPDATE
    assert scene.office.outcomes() == ["ring asked", "admit released"]


# Every outcome ends in the message, whatever Slack does

Outcome = Callable[[Scene], object]


def end(scene: Scene) -> None:
    scene.voice("/voice/status", call_form(scene.call, CallStatus="completed"))


def forward(scene: Scene) -> None:
    """Nobody answers in time."""
    store, key = scene.office.services.store, visit_key(scene.call)
    assert store.commit(store.read(partition("front"), key), {key: replace(scene.visit, held_until=utcnow())})
    assert "Dial" in heard(scene.poll())


def telephone(scene: Scene, key: str) -> None:
    """A telephone is picked up, and a key is pressed there."""
    forward(scene)
    leg = {"ParentCallSid": scene.call, "From": NUMBER, "To": TELEPHONE, "CallStatus": "in-progress"}
    scene.voice("/voice/whisper/front", call_form("CA1", **leg))
    scene.voice("/voice/accepted/front", call_form("CA1", **leg, Digits=key))


def dialled(scene: Scene, status: str) -> str:
    return scene.voice("/voice/forwarded/front", call_form(scene.call, CallStatus="in-progress", DialCallStatus=status))


def let_in(scene: Scene) -> None:
    scene.press("admit")
    assert is_tone(scene.poll())
    end(scene)


def let_in_and_unlock(scene: Scene) -> None:
    scene.press("admit:unlock")
    assert is_tone(scene.poll())
    assert is_tone(scene.office.ring())
    end(scene)
    scene.office.say("lock")


def turned_away(scene: Scene) -> None:
    scene.press("turn_away")
    assert heard(scene.poll()) == ["Say", "Hangup"]
    end(scene)


def answered(scene: Scene) -> None:
    telephone(scene, "1")
    dialled(scene, "completed")
    end(scene)


def let_in_by_telephone(scene: Scene) -> None:
    telephone(scene, "9")
    assert is_tone(dialled(scene, "completed"))
    end(scene)


def nobody_came(scene: Scene) -> None:
    forward(scene)
    assert heard(dialled(scene, "no-answer")) == ["Say", "Hangup"]
    end(scene)


def hung_up_before_the_tone(scene: Scene) -> None:
    scene.press("admit")
    end(scene)


def unlocked_meanwhile(scene: Scene) -> None:
    if not scene.visit.is_held:  # the telephones ring already
        return let_in(scene)
    scene.office.say("unlock", ADMIN)
    assert is_tone(scene.poll())
    end(scene)
    scene.office.say("lock")
    return None


SECONDS = r"after \d+ s\."
OUTCOMES: dict[str, tuple[Outcome, str]] = {
    "let in": (let_in, rf":white_check_mark: <@{HOST}> let the visitor in {SECONDS}$"),
    "let in and unlocked": (
        let_in_and_unlock,
        rf"<@{HOST}> let the visitor in {SECONDS} Until (tomorrow )?\d\d:\d\d every ring is released\.$",
    ),
    "turned away": (turned_away, rf":no_entry: <@{HOST}> turned the visitor away {SECONDS}$"),
    "telephones ringing": (forward, r"rang at the front door\. The telephones are ringing\.$"),
    "answered by telephone": (answered, rf":telephone_receiver: Answered by telephone …0123 {SECONDS}$"),
    "let in by telephone": (let_in_by_telephone, rf":white_check_mark: Telephone …0123 let the visitor in {SECONDS}$"),
    "hung up": (end, r":dash: The visitor hung up before anybody answered\.$"),
    "nobody came": (nobody_came, r":warning: Nobody came to the telephones either\.$"),
    "hung up before the tone": (
        hung_up_before_the_tone,
        rf"<@{HOST}> let the visitor in {SECONDS} But the call was over before the tone could be played\.$",
    ),
    "unlocked meanwhile": (
        unlocked_meanwhile,
        rf"(Released {SECONDS[:-2]} by the unlock of <@{ADMIN}>|<@{HOST}> let the visitor in {SECONDS[:-2]})\.$",
    ),
}
BUSY = Answer({"ok": False, "error": "ratelimited"}, 429, {"Retry-After": "0"})
TROUBLES = {
    "500": Answer({"ok": False}, 500),
    "garbage": Answer(raw=b"garbage\r\n\r\n"),
    "nothing": Answer(delay=1),
}
AT_EDITS = {**TROUBLES, "429": BUSY}
each_outcome = pytest.mark.parametrize(("outcome", "text"), OUTCOMES.values(), ids=list(OUTCOMES))


@each_outcome
def test_every_outcome_is_an_edit_of_the_message_that_asked(scene: Scene, outcome: Outcome, text: str) -> None:
    scene.ring()
    scene.confirmed()
    outcome(scene)
    message = scene.ends_with(text)
    assert (message.path, message.fields["ts"]) == (UPDATE, scene.ts)
    is_ringing = "telephones are ringing" in text
    assert bool(message.fields["blocks"]) is is_ringing
    assert len(scene.about_visits(POST)) == 1


def outcomes(trouble: str) -> list[tuple[Outcome, str]]:
    """Every one; some where that would not be different."""
    names = list(OUTCOMES) if trouble == "500" else ["let in", "answered by telephone"]
    return [OUTCOMES[name] for name in names]


@pytest.mark.parametrize("trouble", AT_EDITS)
def test_an_edit_that_slack_did_not_take_is_made_again_until_it_did(scene: Scene, trouble: str) -> None:
    scene.slack_client("_telling").timeout = 0.3
    for outcome, text in outcomes(trouble):
        scene.ring()
        scene.confirmed()
        scene.slack.answer(UPDATE, AT_EDITS[trouble], Answer({"ok": True, "ts": scene.ts}))
        outcome(scene)
        scene.wait_for(lambda: len(scene.sent(UPDATE)) > 1, "it is edited again")
        assert scene.ends_with(text).fields["ts"] == scene.ts
        assert len(scene.about_visits(POST)) == 1


def test_what_slack_did_not_post_is_posted_later_and_shows_what_holds_then(scene: Scene) -> None:
    without_a_press = ["telephones ringing", "answered by telephone", "let in by telephone", "hung up", "nobody came"]
    for outcome, text in (OUTCOMES[name] for name in without_a_press):
        scene.ring(BUSY, BUSY)
        soon(lambda: not scene.visit.is_held, "the telephones ring")
        outcome(scene)
        scene.wait_for(lambda: len(scene.about_visits(POST)) == 3, "it is posted again")
        scene.ends_with(text)
        scene.sweep()
        assert len(scene.about_visits(POST)) == 3


@pytest.mark.parametrize("trouble", TROUBLES)
def test_what_slack_may_have_posted_is_never_posted_again_and_how_it_ended_is_told(scene: Scene, trouble: str) -> None:
    if trouble == "nothing":
        scene.slack_client("_posting").timeout = 0.3
    for outcome, text in outcomes(trouble):
        scene.ring(TROUBLES[trouble])
        soon(lambda: not scene.visit.is_held, "the telephones ring")
        scene.wait_for(lambda: "tell unknown" in scene.office.outcomes(), "it is on record")
        outcome(scene)
        if "telephones are ringing" not in text:
            scene.ends_with(text)
        scene.sweep()
        asked = [each for each in scene.sent(POST) if "Let them in?" in each.fields["text"]]
        is_pressed = bool(scene.sent(UPDATE))  # which said which message it is
        assert (len(asked), len(scene.about_visits(POST))) == (1, 1 if is_pressed or text.count("ringing") else 2)


def test_a_slack_that_nobody_can_reach_leaves_the_visitor_to_the_telephones(
    tmp_path: Path, sqlite_store: Store, twilio: StandIn, slack: StandIn
) -> None:
    scene = Scene(tmp_path, sqlite_store, slack, twilio.url)
    slack.__exit__()
    scene.ring()
    (move,) = twilio.wait_for(1)
    assert move.fields["Url"] == f"{PUBLIC_URL}/voice/held/front"
    assert heard(scene.poll()) == ["Say", "Dial"]
    assert scene.office.log()[-1].reason == "slack_unconfirmed"


def test_a_channel_that_slack_does_not_know_is_on_record_and_the_telephones_ring(scene: Scene, twilio: StandIn) -> None:
    scene.ring(Answer({"ok": False, "error": "channel_not_found"}))
    twilio.wait_for(1)
    assert heard(scene.poll()) == ["Say", "Dial"]
    soon(lambda: "tell refused" in scene.office.outcomes(), "it is on record")
    scene.sweep()
    assert len(scene.sent()) == 1


# Twilio's REST API is not itself: the call asks by itself

REST = {
    "500": Answer("", 500),
    "no such call": Answer({"code": 20404, "message": "not found", "status": 404}, 404),
    "the call has ended": Answer({"code": 21220, "message": "Call is not in-progress", "status": 400}, 400),
    "no answer": Answer(delay=1),
    "garbage": Answer(raw=b"garbage\r\n\r\n"),
    "no JSON": Answer("<html>"),
    "a list": Answer([1]),
    "null": Answer("null"),
    "odd types": Answer({"sid": 1, "date_created": 5, "price": {}}),
    "elsewhere": Answer("", 302, {"Location": "http://127.0.0.1:9/"}),
}


@pytest.mark.parametrize("what", [*REST, "nobody there"])
def test_a_call_that_could_not_be_moved_gets_the_tone_when_it_asks(
    tmp_path: Path, sqlite_store: Store, slack: StandIn, twilio: StandIn, what: str
) -> None:
    scene = Scene(tmp_path, sqlite_store, slack, twilio.url if what in REST else "http://127.0.0.1:9")
    scene.ring()
    scene.confirmed()
    if what in REST:
        twilio.answer(f"/2010-04-01/Accounts/{ACCOUNT_SID}/Calls/{scene.call}.json", REST[what])
    assert scene.press("admit") == 200
    assert is_tone(scene.poll())
    scene.ends_with("let the visitor in")


@pytest.mark.parametrize("what", REST)
def test_moving_a_call_never_raises_and_is_tried_once(twilio: StandIn, what: str) -> None:
    twilio.answer(f"/2010-04-01/Accounts/{ACCOUNT_SID}/Calls/CA1.json", REST[what])
    TwilioCalls(ACCOUNT_SID, AUTH_TOKEN, twilio.url, PUBLIC_URL).move(a_door(), "CA1")
    assert len(twilio.received) == 1


# Presses that change nothing


def refused(scene: Scene) -> str:
    """What the presser alone is told."""
    soon(lambda: scene.sent(RESPOND), "the presser is told")
    (told,) = scene.sent(RESPOND)
    assert (told.fields["response_type"], told.fields["replace_original"]) == ("ephemeral", False)
    return str(told.fields["text"])


USERS = {
    "a guest": Answer({"ok": True, "user": {"id": GUEST, "is_restricted": True}}),
    "an outsider": Answer({"ok": False, "error": "user_not_found"}),
}


@pytest.mark.parametrize("action", ["admit", "admit:unlock", "turn_away"])
@pytest.mark.parametrize(
    ("user", "team", "says", "told"),
    [
        (GUEST, WORKSPACE, USERS["a guest"], "Only full members of this workspace"),
        (GUEST, WORKSPACE, USERS["an outsider"], "Only full members of this workspace"),
        (GUEST, WORKSPACE, Answer("", 500), "I couldn't check with Slack who you are"),
        (MEMBER, WORKSPACE, Answer({"ok": True, "user": {"id": MEMBER}}), "Only hosts can"),
        (HOST, "T0OTHER01", Answer(), "This DoorBot belongs to another workspace"),
        (ADMIN, "", Answer(), "This DoorBot belongs to another workspace"),
    ],
    ids=["guest", "outsider", "unknown", "member", "other workspace", "no workspace"],
)
def test_who_may_not_answer_is_told_so_privately_and_nothing_changes(
    scene: Scene, twilio: StandIn, action: str, user: str, team: str, says: Answer, told: str
) -> None:
    scene.slack.answer(INFO, says)
    scene.ring()
    scene.confirmed()
    visit = scene.visit
    assert scene.press(action, user, user={"id": user, "team_id": team}) == 200
    assert refused(scene).startswith(told)
    assert (scene.visit, heard(scene.poll())) == (visit, ["Gather"])
    scene.sweep()
    assert (len(scene.sent()), twilio.received) == (1, [])
    assert scene.office.outcomes()[0] == "ring asked"
    assert {event.outcome for event in scene.office.log()[1:]} == {"refused"}


VALUES = ["", " ", "front", "front ", "front  ", "back CA1", "nowhere CA1", "CA1", "front CA1 unlock", "front\nCA1"]
VALUES += ["front " + "x" * 100_000, "x" * 100_000 + " CA1", "front ../../CA1", "front CA1\x00", "front \ud800", "🚪"]
VALUES += ["front {call}x", "back {call}", " front {call}", "front\u00a0{call}", "front  {call}", "{call} front"]


@pytest.mark.parametrize("action", ["admit", "admit:unlock", "turn_away"])
def test_a_press_that_names_no_waiting_visit_changes_nothing(
    tmp_path: Path, sqlite_store: Store, slack: StandIn, twilio: StandIn, action: str
) -> None:
    scene = Scene(tmp_path, sqlite_store, slack, twilio.url, TWO_DOORS)
    scene.ring()
    scene.confirmed()
    visit = scene.visit
    for value in VALUES:
        assert scene.press(action, value=value.replace("{call}", scene.call)) < 500
        assert scene.press(action, GUEST, value=value.replace("{call}", scene.call)) < 500
    scene.sweep()
    assert (scene.visit, len(scene.sent()), twilio.received) == (visit, 1, [])
    for door in ("front", "back"):
        assert {event.outcome for event in scene.office.log(door)} <= {"asked", "refused"}
    assert {row[0] for rows in stored(sqlite_store).values() for row in rows} <= {"door:front", "door:back", "office"}


@pytest.mark.parametrize(
    "changes",
    [
        {"container": []},
        {"container": {"message_ts": 17}},
        {"container": {"message_ts": None}},
        {"container": None},
        {"response_url": 5},
        {"response_url": "nowhere"},
        {"trigger_id": None},
        {"trigger_id": {}},
        {"actions": []},
        {"actions": [{"type": "button", "action_id": "admit", "value": None}]},
        {"user": {"id": None}},
        {"user": "U0HOST001"},
    ],
)
def test_a_press_of_an_odd_form_is_answered_and_breaks_nothing(scene: Scene, changes: dict[str, Any]) -> None:
    scene.ring()
    scene.confirmed()
    assert scene.press("admit", **changes) < 500
    scene.press("admit")
    assert is_tone(scene.poll())
    scene.ends_with("let the visitor in")


def test_an_unsigned_press_changes_nothing(scene: Scene) -> None:
    scene.ring()
    scene.confirmed()
    visit = scene.visit
    payload = {"payload": json.dumps({"type": "block_actions", "user": {"id": HOST, "team_id": WORKSPACE}})}
    assert scene.office.client.post("/slack/events", data=payload).status_code == 401
    assert scene.visit == visit
