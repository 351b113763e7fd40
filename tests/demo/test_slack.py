"""The pretended Slack, held to what docs.slack.dev says of the real one."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from werkzeug.test import EnvironBuilder

from app.demo import commands as commands_module
from app.demo import workspace as module
from app.demo.commands import Commands
from app.demo.hub import Event, Hub
from app.demo.refusals import Refused
from app.demo.slack_api import SlackApi
from app.demo.workspace import Workspace
from tests.demo.page import CHANNEL, HAL, MIA
from tests.stand_ins import Answer, StandIn

TOKEN = "xoxb-made-up"
BUTTON = {"type": "button", "action_id": "go", "value": "v", "text": {"type": "plain_text", "text": "Go"}}
MODAL = {"type": "modal", "callback_id": "c", "title": {"type": "plain_text", "text": "T"}, "blocks": []}


class Noon:
    """A clock that stands."""

    def now(self) -> datetime:
        return datetime(2026, 11, 24, 16, 20, tzinfo=UTC)


class Slack:
    """The workspace, and its API as a client of it sees it."""

    def __init__(self) -> None:
        self.hub = Hub()
        self.workspace = Workspace(self.hub, Noon())  # type: ignore[arg-type]
        self.api = SlackApi(self.workspace, TOKEN)
        self._page = self.hub.listen(list)
        self.told = self._page.__enter__()

    def call(self, method: str, token: str = TOKEN, **arguments: Any) -> dict[str, Any]:
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        request = EnvironBuilder(method="POST", json=arguments, headers=headers).get_request()
        return dict(json.loads(self.api.call(method, request).data))

    def respond(self, path: str, **answer: Any) -> int:
        request = EnvironBuilder(method="POST", json=answer).get_request()
        return self.api.respond(path.rpartition("/")[2], request).status_code

    @property
    def last(self) -> Event:
        while not self.told.empty():
            self._last = self.told.get()
        return self._last


@pytest.fixture
def slack() -> Slack:
    return Slack()


def error(answer: dict[str, Any]) -> str:
    assert answer["ok"] is False
    return str(answer["error"])


def test_only_who_has_the_token_is_answered(slack: Slack) -> None:
    assert error(slack.call("auth.test", "")) == "not_authed"
    assert error(slack.call("chat.postMessage", "xoxb-other", channel=CHANNEL, text="x")) == "invalid_auth"
    assert slack.call("api.test", "") == {"ok": True}
    assert error(slack.call("files.upload")) == "unknown_method"
    assert slack.workspace.messages == {}


@pytest.mark.parametrize("body", ["[1]", "{", "[" * 100_000])
def test_what_is_no_json_is_refused(slack: Slack, body: str) -> None:
    request = EnvironBuilder(method="POST", data=body, content_type="application/json").get_request()
    assert json.loads(slack.api.call("api.test", request).data) == {"ok": False, "error": "invalid_json"}
    assert error(slack.call("views.publish", user_id=HAL)) == "invalid_arguments"


def test_a_trigger_opens_one_dialog_for_its_person_within_three_seconds(
    slack: Slack, monkeypatch: pytest.MonkeyPatch
) -> None:
    ticket = slack.workspace.trigger(HAL)
    opened = slack.call("views.open", trigger_id=ticket, view=MODAL)
    assert slack.workspace.views[HAL][0].id == opened["view"]["id"]
    assert error(slack.call("views.open", trigger_id=ticket, view=MODAL)) == "exchanged_trigger_id"
    assert error(slack.call("views.open", trigger_id="1.2", view=MODAL)) == "invalid_trigger_id"
    monkeypatch.setattr(module, "TRIGGER_SECONDS", -1)
    assert error(slack.call("views.open", trigger_id=slack.workspace.trigger(HAL), view=MODAL)) == "expired_trigger_id"
    assert len(slack.workspace.views[HAL]) == 1


def test_views_are_updated_where_the_hash_is_that_of_what_is_seen(slack: Slack) -> None:
    view = slack.call("views.open", trigger_id=slack.workspace.trigger(HAL), view=MODAL)["view"]
    new = {**MODAL, "title": {"type": "plain_text", "text": "New"}}
    assert error(slack.call("views.update", view_id=view["id"], hash="1.x", view=new)) == "hash_conflict"
    again = slack.call("views.update", view_id=view["id"], hash=view["hash"], view=new)["view"]
    assert again["hash"] != view["hash"]
    assert slack.last["view"]["title"] == "New"
    assert error(slack.call("views.update", view_id="V9", view=new)) == "not_found"
    slack.call("views.push", trigger_id=slack.workspace.trigger(HAL), view=MODAL)
    assert len(slack.workspace.views[HAL]) == 2
    slack.workspace.close(HAL)
    assert slack.last["view"]["id"] == view["id"]


def test_a_home_is_published_over_the_one_that_is_shown(slack: Slack) -> None:
    home = {"type": "home", "blocks": [{"type": "divider"}]}
    shown = slack.call("views.publish", user_id=HAL, view=home)["view"]["hash"]
    assert error(slack.call("views.publish", user_id=HAL, view=home, hash="1.x")) == "hash_conflict"
    assert slack.call("views.publish", user_id=HAL, view=home, hash=shown)["view"]["hash"] != shown
    assert error(slack.call("views.publish", user_id="U0NOBODY1", view=home)) == "user_not_found"


def test_messages_are_posted_edited_and_taken_away(slack: Slack) -> None:
    ts = slack.call("chat.postMessage", channel=CHANNEL, text="*Hello*")["ts"]
    assert slack.last["html"].count("Hello") == 1
    assert slack.call("chat.update", channel=CHANNEL, ts=ts, text="Bye", blocks=[])["ok"]
    assert (slack.last["text"], slack.last["edited"]) == ("Bye", True)
    assert slack.call("chat.delete", channel=CHANNEL, ts=ts)["ok"]
    assert slack.last == {"type": "message", "ts": ts, "gone": True}
    assert error(slack.call("chat.update", channel=CHANNEL, ts=ts, text="x")) == "message_not_found"
    assert error(slack.call("chat.postMessage", channel="C0OTHER", text="x")) == "channel_not_found"
    assert error(slack.call("chat.postMessage", channel=CHANNEL)) == "no_text"
    assert slack.call("chat.postMessage", channel=HAL, text="x", thread_ts=ts)["ok"]
    assert (slack.last["to"], slack.last["thread"]) == (HAL, ts)
    only = slack.call("chat.postEphemeral", channel=CHANNEL, user=MIA, text="x")["message_ts"]
    assert slack.last["only"] == MIA
    assert error(slack.call("chat.update", channel=CHANNEL, ts=only, text="y")) == "message_not_found"


def test_an_answer_that_is_no_json_is_refused_and_uses_up_nothing(slack: Slack) -> None:
    path = slack.workspace.response_path(HAL, CHANNEL)
    request = EnvironBuilder(method="POST", data="[", content_type="application/json").get_request()
    assert slack.api.respond(path.removeprefix("/response/"), request).status_code == 400
    assert [slack.respond(path, text="x") for _ in range(5)] == [200] * 5


def test_five_answers_may_be_posted_to_a_response_url(slack: Slack, monkeypatch: pytest.MonkeyPatch) -> None:
    path = slack.workspace.response_path(HAL, CHANNEL)
    assert [slack.respond(path, text=str(number)) for number in range(6)] == [200] * 5 + [404]
    assert (slack.last["text"], slack.last["only"]) == ("4", HAL)
    path = slack.workspace.response_path(HAL, CHANNEL)
    slack.respond(path, text="all", response_type="in_channel")
    assert slack.last["only"] is None
    monkeypatch.setattr(module, "RESPONSE_SECONDS", -1)
    assert slack.respond(slack.workspace.response_path(HAL, CHANNEL), text="late") == 404
    assert slack.respond("/response/nobody-knows", text="x") == 404


def test_an_answer_may_take_the_place_of_what_was_pressed(slack: Slack) -> None:
    pressed = slack.workspace.post(CHANNEL, "doorbot", "Shall I?", only=HAL)
    path = slack.workspace.response_path(HAL, CHANNEL, pressed.ts)
    slack.respond(path, text="Done", replace_original=True)
    assert (slack.last["ts"], slack.last["text"], slack.last["only"]) == (pressed.ts, "Done", HAL)
    slack.respond(path, text="Beside it", replace_original=False)
    assert slack.last["ts"] != pressed.ts
    slack.respond(path, delete_original=True)
    assert slack.last == {"type": "message", "ts": pressed.ts, "gone": True}


def test_a_block_that_it_can_not_draw_is_said_in_its_place(slack: Slack) -> None:
    slack.call("chat.postMessage", channel=CHANNEL, text="x", blocks=[{"type": "video<b>"}])
    assert "The playground can" in slack.last["html"]
    assert "<b>" not in slack.last["html"]
    slack.call("chat.postMessage", channel=CHANNEL, text="x", blocks=[{"type": "actions", "elements": [{}]}])
    assert "The playground can" in slack.last["html"]


# DoorBot's answers


@pytest.fixture
def doorbot() -> Any:
    with StandIn() as server:
        yield server


@pytest.fixture
def commands(slack: Slack, doorbot: StandIn) -> Commands:
    port = int(doorbot.url.rpartition(":")[2])
    return Commands(slack.workspace, slack.api, "made-up-secret", port, "http://127.0.0.1:9")


@pytest.fixture
def view_id(slack: Slack) -> str:
    view: str = slack.call("views.open", trigger_id=slack.workspace.trigger(HAL), view=MODAL)["view"]["id"]
    return view


def test_who_takes_longer_than_slack_waits_has_timed_out(
    slack: Slack, doorbot: StandIn, commands: Commands, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(commands_module, "PATIENCE_SECONDS", 0.1)
    doorbot.answer("/slack/events", Answer(delay=1))
    commands.say(HAL, CHANNEL, "/frontdoor unlock")
    assert slack.last["text"] == "/frontdoor failed with the error “operation_timeout”"
    assert (slack.last["sender"], slack.last["only"]) == ("slack", HAL)


@pytest.mark.parametrize("answer", [Answer("no", status=500), Answer(raw=b"")])
def test_a_command_that_is_answered_with_an_error_has_failed(
    slack: Slack, doorbot: StandIn, commands: Commands, answer: Answer
) -> None:
    doorbot.answer("/slack/events", answer)
    commands.say(HAL, CHANNEL, "/frontdoor unlock")
    assert slack.last["text"] == "/frontdoor failed with the error “dispatch_failed”"
    pressed = slack.workspace.post(CHANNEL, "doorbot", "x", [{"type": "actions", "elements": [BUTTON]}])
    commands.press(HAL, f"message:{pressed.ts}", {"block_id": "b0", "action_id": "go"})
    assert slack.last["text"].startswith("We had some trouble connecting. Try again?")


def test_an_answer_in_plain_text_or_none_is_fine_too(slack: Slack, doorbot: StandIn, commands: Commands) -> None:
    doorbot.answer("/slack/events", Answer("<b>plain</b>", headers={"Content-Type": "text/plain"}), Answer(""))
    commands.say(HAL, CHANNEL, "/frontdoor status")
    assert slack.last["text"] == "&lt;b&gt;plain&lt;/b&gt;"
    count = len(slack.workspace.messages)
    commands.say(HAL, CHANNEL, "/frontdoor status")
    assert len(slack.workspace.messages) == count


def test_nobody_presses_what_is_not_there(slack: Slack, doorbot: StandIn, commands: Commands) -> None:
    pressed = slack.workspace.post(CHANNEL, "doorbot", "x", [{"type": "actions", "elements": [BUTTON]}], only=MIA)
    with pytest.raises(Refused, match="no longer there"):
        commands.press(HAL, f"message:{pressed.ts}", {"block_id": "b0", "action_id": "go"})
    with pytest.raises(Refused, match="no longer there"):
        commands.press(MIA, f"message:{pressed.ts}", {"block_id": "b0", "action_id": "other"})
    alone = slack.workspace.post(MIA, "doorbot", "x", [{"type": "actions", "elements": [BUTTON]}])
    with pytest.raises(Refused, match="no longer there"):
        commands.press(HAL, f"message:{alone.ts}", {"block_id": "b0", "action_id": "go"})
    assert doorbot.received == []
    commands.press(MIA, f"message:{pressed.ts}", {"block_id": "b0", "action_id": "go", "value": "forged"})
    (received,) = doorbot.received
    (action,) = json.loads(received.fields["payload"])["actions"]
    assert action["value"] == "v"


@pytest.mark.parametrize(
    ("answer", "titles"),
    [
        (Answer(""), []),
        (Answer({"response_action": "clear"}), []),
        (Answer({"response_action": "update", "view": {**MODAL, "title": {"text": "U"}}}), ["U"]),
        (Answer({"response_action": "push", "view": {**MODAL, "title": {"text": "P"}}}), ["T", "P"]),
        (Answer({"response_action": "errors", "errors": {"a": "No"}}), ["T"]),
        (Answer("no", status=500), ["T"]),
    ],
)
def test_a_submission_is_answered_with_what_the_dialog_becomes(
    slack: Slack, doorbot: StandIn, commands: Commands, view_id: str, answer: Answer, titles: list[str]
) -> None:
    doorbot.answer("/slack/events", answer)
    commands.submit(HAL, view_id, {})
    assert [view.value["title"]["text"] for view in slack.workspace.views[HAL]] == titles
    errors = slack.last["view"]["errors"] if slack.last["view"] else {}
    expected = {"a": "No"} if "errors" in str(answer.body) else {}
    assert errors == ({"": "We had some trouble connecting. Try again?"} if answer.status == 500 else expected)


def test_a_dialog_that_wants_to_know_is_told_that_it_was_put_away(
    slack: Slack, doorbot: StandIn, commands: Commands, view_id: str
) -> None:
    commands.close(HAL, view_id)
    assert doorbot.received == []
    told = {**MODAL, "notify_on_close": True}
    view = slack.call("views.open", trigger_id=slack.workspace.trigger(HAL), view=told)["view"]["id"]
    commands.close(HAL, view)
    assert json.loads(doorbot.received[0].fields["payload"])["type"] == "view_closed"
