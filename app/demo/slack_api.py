"""The pretended Slack Web API: what DoorBot asks of it (docs.slack.dev/reference/methods), with Slack's refusals."""

import json
import time
from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qs

from werkzeug.wrappers import Request, Response

from app.demo.messages import Message
from app.demo.office import BOT, CHANNELS, PEOPLE, WORKSPACE
from app.demo.workspace import ResponseUrl, View, Workspace

SCOPES = "commands,chat:write,users:read,usergroups:read,channels:read,groups:read"
OPEN = ("api.test",)  # what may be asked without a token
NO_JSON = (ValueError, TypeError, RecursionError)
WITH_A_VIEW = ("views.open", "views.publish", "views.push", "views.update")

Reply = dict[str, Any]
OK: Reply = {"ok": True}


def no(error: str) -> Reply:
    """As Slack refuses: with status 200."""
    return {"ok": False, "error": error}


class SlackApi:
    """Answers `/api/METHOD` and `/response/NAME`."""

    def __init__(self, workspace: Workspace, token: str) -> None:
        self._workspace = workspace
        self._token = token
        self._methods: dict[str, Callable[[dict[str, Any]], Reply]] = {
            "api.test": lambda _: OK,
            "auth.test": lambda _: {**OK, "team_id": WORKSPACE, "user_id": BOT, "bot_id": "B0DOORBOT"},
            "chat.postMessage": self._post,
            "chat.postEphemeral": self._post_ephemeral,
            "chat.update": self._update,
            "chat.delete": self._delete,
            "conversations.info": self._channel,
            "usergroups.users.list": lambda _: no("no_such_subteam"),
            "users.info": self._user,
            "views.open": self._open_view,
            "views.publish": self._publish,
            "views.push": self._open_view,
            "views.update": self._update_view,
        }

    def call(self, method: str, request: Request) -> Response:
        """Carry out a method of the Web API."""
        try:
            arguments = _arguments(request)
        except NO_JSON:
            return Response(json.dumps(no("invalid_json")), mimetype="application/json")
        token = request.headers.get("Authorization", "").removeprefix("Bearer ") or arguments.get("token")
        if method not in self._methods:
            reply = no("unknown_method")
        elif token != self._token and method not in OPEN:
            reply = no("invalid_auth" if token else "not_authed")
        elif "view" not in arguments and method in WITH_A_VIEW:
            reply = no("invalid_arguments")
        else:
            reply = self._methods[method](arguments)
        return Response(json.dumps(reply), mimetype="application/json", headers={"x-oauth-scopes": SCOPES})

    def respond(self, name: str, request: Request) -> Response:
        """An answer to something that somebody did, posted to its response_url."""
        url = self._workspace.responses.get(name)
        if url is None or url.left < 1 or time.monotonic() > url.ends_at:
            error = "used_url" if url and url.left < 1 else "expired_url"
            return Response(json.dumps(no(error)), 404, mimetype="application/json")
        try:
            answer = _arguments(request)
        except NO_JSON:
            return Response(json.dumps(no("invalid_payload")), 400, mimetype="application/json")
        url.left -= 1
        self.answer(answer, url)
        return Response("ok", mimetype="text/plain")

    def answer(self, answer: dict[str, Any], url: ResponseUrl) -> None:
        """Show an answer where it belongs: in the place of what was pressed, or as a message of its own."""
        text, blocks = answer.get("text", ""), answer.get("blocks")
        if url.ts in self._workspace.messages and answer.get("delete_original"):
            self._workspace.remove(str(url.ts))
        elif url.ts in self._workspace.messages and answer.get("replace_original"):
            self._workspace.edit(str(url.ts), text, blocks, is_marked=False)
        elif text or blocks:
            only = None if answer.get("response_type") == "in_channel" else url.user
            self._workspace.post(url.to, "doorbot", text, blocks, only=only)

    def _post(self, arguments: dict[str, Any]) -> Reply:
        to = str(arguments.get("channel", ""))
        if to not in PEOPLE and to not in CHANNELS:
            return no("channel_not_found")
        if not (arguments.get("text") or arguments.get("blocks")):
            return no("no_text")
        message = self._put(arguments, to, thread=arguments.get("thread_ts"))
        return {**OK, "ts": message.ts, "channel": to}

    def _post_ephemeral(self, arguments: dict[str, Any]) -> Reply:
        to, user = str(arguments.get("channel", "")), str(arguments.get("user", ""))
        if to not in CHANNELS or user not in PEOPLE:
            return no("user_not_in_channel" if to in CHANNELS else "channel_not_found")
        return {**OK, "message_ts": self._put(arguments, to, only=user).ts}

    def _put(self, arguments: dict[str, Any], to: str, **more: Any) -> Message:
        return self._workspace.post(to, "doorbot", arguments.get("text", ""), arguments.get("blocks"), **more)

    def _update(self, arguments: dict[str, Any]) -> Reply:
        found = self._ours(arguments)
        if found is None:
            return no("message_not_found")
        self._workspace.edit(found.ts, arguments.get("text", ""), arguments.get("blocks"))
        return {**OK, "ts": found.ts, "channel": found.to}

    def _delete(self, arguments: dict[str, Any]) -> Reply:
        found = self._ours(arguments)
        if found is None:
            return no("message_not_found")
        self._workspace.remove(found.ts)
        return {**OK, "ts": found.ts}

    def _ours(self, arguments: dict[str, Any]) -> Message | None:
        """A message that DoorBot may change: one of its own, which not only one person sees."""
        found = self._workspace.messages.get(str(arguments.get("ts")))
        return found if found and found.sender == "doorbot" and not found.only else None

    def _channel(self, arguments: dict[str, Any]) -> Reply:
        channel = arguments.get("channel", "")
        if channel not in CHANNELS:
            return no("channel_not_found")
        return {**OK, "channel": {"id": channel, "name": CHANNELS[channel], "is_archived": False, "is_member": True}}

    def _user(self, arguments: dict[str, Any]) -> Reply:
        person = PEOPLE.get(arguments.get("user", ""))
        if person is None:
            return no("user_not_found")
        names = {"real_name": person.name, "profile": {"display_name": person.name, "real_name": person.name}}
        is_guest = person.role == "guest"
        flags = {"deleted": False, "is_bot": False, "is_restricted": is_guest, "is_ultra_restricted": is_guest}
        return {**OK, "user": {"id": person.id, "team_id": WORKSPACE, "name": person.name.lower(), **names, **flags}}

    def _open_view(self, arguments: dict[str, Any]) -> Reply:
        user, error = self._workspace.redeem(str(arguments.get("trigger_id", "")))
        return no(error) if error else _shown(self._workspace.open_view(user, arguments["view"]))

    def _publish(self, arguments: dict[str, Any]) -> Reply:
        user = str(arguments.get("user_id", ""))
        if user not in PEOPLE:
            return no("user_not_found")
        shown, expected = self._workspace.homes.get(user), arguments.get("hash")
        if expected and (shown is None or shown.hash != expected):
            return no("hash_conflict")
        return _shown(self._workspace.publish_home(user, arguments["view"]))

    def _update_view(self, arguments: dict[str, Any]) -> Reply:
        view = self._workspace.find_view(str(arguments.get("view_id", "")))
        if view is None:
            return no("not_found")
        if arguments.get("hash") and arguments["hash"] != view.hash:
            return no("hash_conflict")
        return _shown(self._workspace.update_view(view, arguments["view"]))


def _shown(view: View) -> Reply:
    return {**OK, "view": {**view.value, "id": view.id, "hash": view.hash}}


def _arguments(request: Request) -> dict[str, Any]:
    """What was sent, as a form or as JSON; Slack takes both, and within a form some of it is JSON."""
    if request.mimetype == "application/json":
        return dict(json.loads(request.get_data() or b"{}"))
    form = {name: values[-1] for name, values in parse_qs(request.get_data(as_text=True)).items()}
    return {name: json.loads(value) if name in ("blocks", "view") else value for name, value in form.items()}
