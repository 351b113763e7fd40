"""A pretended Slack Web API on loopback: takes messages, and knows three people."""

import itertools
import json
from collections.abc import Callable
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any
from urllib.parse import parse_qs

PEOPLE = {"U0ADMIN01": "Ada", "U0HOST001": "Hal", "U0MEMBER1": "Mia"}
LARGEST_BODY = 100_000
WORKSPACE = "T0OFFICE1"
SCOPES = "commands,chat:write,users:read,usergroups:read,channels:read,groups:read"

Reply = dict[str, Any]


@dataclass(frozen=True)
class Message:
    """What a message shows now, to a channel or a person; `buttons` has the label, action and value of each."""

    ts: str
    to: str
    text: str
    buttons: tuple[tuple[str, str, str], ...]
    is_edit: bool


class SlackApi:
    """Answers what DoorBot asks of Slack (docs.slack.dev/reference/methods); `on_message` is told of every message."""

    def __init__(self, on_message: Callable[[Message], None]) -> None:
        self._on_message = on_message
        self._numbers = itertools.count(1)
        self._methods: dict[str, Callable[[dict[str, Any]], Reply]] = {
            "chat.postMessage": self._post_message,
            "chat.update": self._update,
            "users.info": self._users_info,
            "usergroups.users.list": lambda _: {"ok": True, "users": []},
            "auth.test": lambda _: {"ok": True, "team_id": WORKSPACE, "user_id": "U0DOORBOT", "bot_id": "B0DOORBOT"},
            "conversations.info": self._conversations_info,
            "views.publish": lambda _: {"ok": True, "view": {}},
            "views.open": lambda _: {"ok": True, "view": {}},
        }
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self.url = f"http://127.0.0.1:{self._server.server_port}/api/"

    def start(self) -> None:
        Thread(target=self._server.serve_forever, name="slack-api", daemon=True).start()

    def call(self, method: str, arguments: dict[str, Any]) -> Reply:
        """Carry out a method of the Web API."""
        known = self._methods.get(method)
        return known(arguments) if known else {"ok": False, "error": "unknown_method"}

    def _post_message(self, arguments: dict[str, Any]) -> Reply:
        ts = f"1700000000.{next(self._numbers):06}"
        to = arguments.get("channel", "")
        self._on_message(Message(ts, to, arguments.get("text", ""), _buttons(arguments), is_edit=False))
        return {"ok": True, "ts": ts, "channel": to}

    def _update(self, arguments: dict[str, Any]) -> Reply:
        ts = arguments.get("ts", "")
        to = arguments.get("channel", "")
        self._on_message(Message(ts, to, arguments.get("text", ""), _buttons(arguments), is_edit=True))
        return {"ok": True, "ts": ts}

    def _users_info(self, arguments: dict[str, Any]) -> Reply:
        user = arguments.get("user", "")
        if user not in PEOPLE:
            return {"ok": False, "error": "user_not_found"}
        return {"ok": True, "user": {"id": user, "name": PEOPLE[user], "deleted": False, "is_restricted": False}}

    def _conversations_info(self, arguments: dict[str, Any]) -> Reply:
        channel = {"id": arguments.get("channel", ""), "name": "front-door", "is_archived": False, "is_member": True}
        return {"ok": True, "channel": channel}

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        api = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                size = min(int(self.headers.get("Content-Length") or 0), LARGEST_BODY)
                arguments = _arguments(self.rfile.read(size).decode(), self.headers.get("Content-Type", ""))
                reply = api.call(self.path.rpartition("/")[2], arguments)
                body = json.dumps(reply).encode()
                self.send_response(200)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(body)))
                self.send_header("x-oauth-scopes", SCOPES)
                self.end_headers()
                self.wfile.write(body)

            do_GET = do_POST  # noqa: N815 - the name that the library calls

            def log_message(self, *_: object) -> None:
                """The demo tells the story itself."""

        return Handler


def _buttons(arguments: dict[str, Any]) -> tuple[tuple[str, str, str], ...]:
    blocks = arguments.get("blocks") or []
    found = json.loads(blocks) if isinstance(blocks, str) else blocks
    elements = [element for block in found for element in block.get("elements", [])]
    return tuple((each["text"]["text"], each["action_id"], each["value"]) for each in elements)


def _arguments(body: str, content_type: str) -> dict[str, Any]:
    """What was sent, as a form or as JSON; Slack takes both."""
    if content_type.startswith("application/json"):
        return dict(json.loads(body or "{}"))
    return {name: values[0] for name, values in parse_qs(body).items()}
