"""What people do in the pretended Slack, sent to the real server as Slack sends it: signed, and within its patience."""

import hmac
import json
import re
from secrets import token_hex
from typing import Any
from urllib.parse import urlencode

from app.clock import utcnow
from app.demo import loopback
from app.demo.messages import element_of, escaped
from app.demo.office import APP, CHANNELS, PEOPLE, WORKSPACE
from app.demo.refusals import Refused
from app.demo.slack_api import SlackApi
from app.demo.workspace import View, Workspace

COMMAND = "/frontdoor"
PATIENCE_SECONDS = 3
TROUBLE = "We had some trouble connecting. Try again?"
REQUIRED = "Please complete this required field."
MENTIONED = re.compile(r"@(\w+)")
FORM, JSON = "application/x-www-form-urlencoded", "application/json"


class Commands:
    """One method for each thing that somebody can do at the page. `apis` is where the pretended APIs are."""

    def __init__(self, workspace: Workspace, slack: SlackApi, secret: str, port: int, apis: str) -> None:
        self._workspace = workspace
        self._slack = slack
        self._secret = secret.encode()
        self._port = port
        self._apis = apis

    def say(self, user: str, to: str, text: str) -> None:
        """A message, or what begins with a slash."""
        if not text.strip():
            raise Refused("Type something first.", 400)
        if to not in CHANNELS and to != user:
            raise Refused("Nobody can write there.", 400)
        word, _, rest = text.strip().partition(" ")
        if word == COMMAND:
            self._command(user, to, rest.strip())
        elif word.startswith("/"):
            self._complain(user, to, f"{word} is not a valid command. The one of DoorBot is {COMMAND}.")
        else:
            self._workspace.post(to, user, _mentioning(escaped(text)))

    def press(self, user: str, where: str, element: dict[str, Any]) -> None:
        """A button, or something chosen from a menu."""
        kind, _, name = where.partition(":")
        workspace, payload, to, view = self._workspace, self._payload("block_actions", user), user, None
        if kind == "message":
            message = workspace.messages.get(name)
            if message is None or message.only not in (None, user):
                raise Refused("This message is no longer there.")
            blocks, to = message.blocks, message.to
            payload["container"] = {"type": "message", "message_ts": name, "channel_id": to, "is_ephemeral": False}
            payload["container"]["is_ephemeral"] = message.only is not None
            payload |= {"channel": {"id": to, "name": CHANNELS.get(to, "directmessage")}}
            payload |= {"message": {"ts": name, "text": message.text, "blocks": [*blocks]}}
            payload["response_url"] = self._apis + workspace.response_path(user, to, name)
        else:
            view = workspace.homes.get(user) if kind == "home" else self._view(user, name)
            if view is None:
                raise Refused("Open the Home first.")
            blocks = view.value["blocks"]
            payload |= {"container": {"type": "view", "view_id": view.id}, "view": view.sent()}
        payload["actions"] = [_action(blocks, element)]
        status, _ = self._send(payload)
        if status != 200:
            said = f"{TROUBLE} (DoorBot did not acknowledge this within {PATIENCE_SECONDS} seconds.)"
            self._complain(user, to, said if status is None else f"{TROUBLE} (DoorBot answered with {status}.)")

    def submit(self, user: str, view: str, values: dict[str, Any]) -> None:
        """A dialog's button. What is missing is said before anything is sent, as Slack's own clients do."""
        shown, workspace = self._view(user, view), self._workspace
        if missing := _missing(shown, values):
            workspace.show(user, missing)
            return
        payload = {**self._payload("view_submission", user), "view": shown.sent(values), "response_urls": []}
        status, body = self._send(payload)
        if status != 200:
            workspace.show(user, {"": TROUBLE})
            return
        answer = json.loads(body) if body.strip() else {}
        match answer.get("response_action"):
            case "errors":
                workspace.show(user, answer["errors"])
            case "update":
                workspace.update_view(shown, answer["view"])
            case "push":
                workspace.open_view(user, answer["view"])
            case "clear":
                workspace.close(user, every=True)
            case _:
                workspace.close(user)

    def close(self, user: str, view: str) -> None:
        """A dialog is put away."""
        shown = self._view(user, view)
        self._workspace.close(user)
        if shown.value.get("notify_on_close"):
            self._send({**self._payload("view_closed", user), "view": shown.sent(), "is_cleared": False})

    def open_home(self, user: str) -> None:
        """Somebody looks at the App Home."""
        event = {"type": "app_home_opened", "user": user, "channel": f"D{user[1:]}", "tab": "home"}
        ids = {"team_id": WORKSPACE, "api_app_id": APP, "event_id": f"Ev{token_hex(5)}", "event_time": _seconds()}
        self._post(json.dumps({"type": "event_callback", **ids, "event": event}), JSON)

    def _command(self, user: str, to: str, text: str) -> None:
        response = self._workspace.response_path(user, to)
        form = {
            "command": COMMAND,
            "text": _mentioning(escaped(text)),
            "user_id": user,
            "user_name": PEOPLE[user].name.lower(),
            "team_id": WORKSPACE,
            "team_domain": "office",
            "channel_id": to if to in CHANNELS else f"D{user[1:]}",
            "channel_name": CHANNELS.get(to, "directmessage"),
            "api_app_id": APP,
            "is_enterprise_install": "false",
            "trigger_id": self._workspace.trigger(user),
            "response_url": self._apis + response,
        }
        status, body = self._post(urlencode(form), FORM)
        if status != 200:
            error = "operation_timeout" if status is None else "dispatch_failed"
            self._complain(user, to, f"{COMMAND} failed with the error “{error}”")
        elif body.strip():
            self._slack.answer(_answer(body), self._workspace.responses[response.rpartition("/")[2]])

    def _complain(self, user: str, to: str, text: str) -> None:
        """What Slack itself says, to one person."""
        self._workspace.post(to, "slack", escaped(text), only=user)

    def _view(self, user: str, name: str) -> View:
        view = self._workspace.find_view(name)
        if view is None or view.user != user:
            raise Refused("This dialog is no longer open.")
        return view

    def _payload(self, kind: str, user: str) -> dict[str, Any]:
        """What every interaction has (docs.slack.dev/reference/interaction-payloads)."""
        name = PEOPLE[user].name.lower()
        return {
            "type": kind,
            "user": {"id": user, "username": name, "name": name, "team_id": WORKSPACE},
            "team": {"id": WORKSPACE, "domain": "office"},
            "enterprise": None,
            "is_enterprise_install": False,
            "api_app_id": APP,
            "trigger_id": self._workspace.trigger(user),
        }

    def _send(self, payload: dict[str, Any]) -> tuple[int | None, bytes]:
        return self._post(urlencode({"payload": json.dumps(payload)}), FORM)

    def _post(self, body: str, content_type: str) -> tuple[int | None, bytes]:
        """Status and body; None where no answer comes in time."""
        timestamp = str(_seconds())
        signature = hmac.new(self._secret, f"v0:{timestamp}:{body}".encode(), "sha256").hexdigest()
        headers = {"X-Slack-Request-Timestamp": timestamp, "X-Slack-Signature": f"v0={signature}"}
        headers["Content-Type"] = content_type
        try:
            return loopback.post(self._port, "/slack/events", body.encode(), headers, PATIENCE_SECONDS)
        except TimeoutError:
            return None, b""
        except loopback.NoAnswer:
            return 502, b""


def _seconds() -> int:
    """The real time, whatever the playground's clock says: by it Slack signs."""
    return int(utcnow().timestamp())


def _answer(body: bytes) -> dict[str, Any]:
    """JSON, or else plain text."""
    try:
        return dict(json.loads(body))
    except ValueError:
        return {"text": escaped(body.decode(errors="replace"))}


def _mentioning(text: str) -> str:
    """`@Mia` and `#front-door` as Slack sends them."""
    ids = {person.name.lower(): person.id for person in PEOPLE.values()}
    for channel, name in CHANNELS.items():
        text = text.replace(f"#{name}", f"<#{channel}|{name}>")
    return MENTIONED.sub(lambda at: f"<@{ids[name]}|{name}>" if (name := at[1].lower()) in ids else at[0], text)


def _action(blocks: Any, element: dict[str, Any]) -> dict[str, Any]:
    """What was pressed, as it is in the message or view itself: nobody can press what is not there."""
    found = element_of(blocks, str(element.get("block_id")), str(element.get("action_id")))
    if found is None:
        raise Refused("This is no longer there.")
    block, shown = found
    action = {"type": shown["type"], "block_id": block["block_id"], "action_id": shown["action_id"]}
    action["action_ts"] = f"{_seconds()}.000000"
    if "value" in shown:
        return {**action, "value": shown["value"], "text": shown.get("text")}
    if shown["type"] in ("static_select", "overflow", "radio_buttons"):
        groups = shown.get("option_groups") or [shown]
        wanted = (element.get("selected_option") or {}).get("value")
        options = [option for group in groups for option in group["options"] if option["value"] == wanted]
        if not options:
            raise Refused("This choice is no longer there.")
        return {**action, "selected_option": options[0]}
    chosen = {name: value for name, value in element.items() if name.startswith("selected_") or name == "value"}
    return {**action, **chosen}


def _missing(view: View, values: dict[str, Any]) -> dict[str, str]:
    """The inputs that have to be filled in and are not."""
    asked = [each for each in view.value["blocks"] if each["type"] == "input" and not each.get("optional")]
    entered = {name: [*each.values()] for name, each in values.items() if isinstance(each, dict)}
    return {
        each["block_id"]: REQUIRED
        for each in asked
        if not any(_has_value(value) for value in entered.get(each["block_id"], []))
    }


def _has_value(element: Any) -> bool:
    return isinstance(element, dict) and any(value for name, value in element.items() if name != "type")
