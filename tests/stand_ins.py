"""Stand-ins for the services outside: real HTTP servers on loopback that answer as they are told."""

import json
import threading
from collections import defaultdict
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs

from tests.slack import block_kit

JUDGES = {
    "chat.postMessage": lambda sent: block_kit.message(sent),
    "chat.update": lambda sent: block_kit.message(sent),
    "views.publish": lambda sent: block_kit.home(sent["view"]),
    "views.open": lambda sent: block_kit.modal(sent["view"]),
    "respond": lambda sent: block_kit.message(sent),
}


@dataclass(frozen=True)
class Answer:
    """What to answer: `body` as JSON unless it is text, after `delay` seconds; or `raw` bytes instead of HTTP."""

    body: Any = field(default_factory=lambda: {"ok": True})
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    delay: float = 0
    raw: bytes | None = None


@dataclass(frozen=True)
class Received:
    """A request that arrived."""

    path: str
    headers: Mapping[str, str]
    body: str
    method: str = "POST"

    @property
    def fields(self) -> dict[str, Any]:
        """What was sent, as JSON or as a form."""
        if self.headers.get("Content-Type", "").startswith("application/json"):
            return dict(json.loads(self.body))
        return {name: values[-1] for name, values in parse_qs(self.body, keep_blank_values=True).items()}

    @property
    def payload(self) -> dict[str, Any]:
        """The fields, with those parsed that Slack's library sends as JSON in a form."""
        return {
            name: json.loads(value) if name in ("blocks", "view") and isinstance(value, str) else value
            for name, value in self.fields.items()
        }


class StandIn:
    """A threaded server. `answers[path]` are given one after the other, and the last one from then on."""

    def __init__(self) -> None:
        self.answers: dict[str, list[Answer]] = defaultdict(lambda: [Answer()])
        self.received: list[Received] = []
        self.token_asked = 0  # how often Slack was asked about our token, which is not kept among the rest
        self._closing = threading.Event()
        self._arrived = threading.Condition()
        self._server = _Server(("127.0.0.1", 0), self._handler())
        self.url = f"http://127.0.0.1:{self._server.server_port}"

    def __enter__(self) -> "StandIn":
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._closing.set()
        self._server.shutdown()
        self._server.server_close()

    @property
    def messages(self) -> list[Received]:
        """What was sent to Slack, without the questions about people, which are asked while nobody waits."""
        return [each for each in list(self.received) if each.path != "/users.info"]

    def answer(self, path: str, *answers: Answer) -> None:
        """From now on answer requests to `path` so."""
        self.answers[path] = list(answers)

    def wait_for(self, count: int, seconds: float = 5) -> list[Received]:
        """All requests, once there are as many; fails where they do not come."""
        with self._arrived:
            assert self._arrived.wait_for(lambda: len(self.received) >= count, seconds), self.received
            return list(self.received)

    def _take(self, request: Received) -> Answer:
        if judge := JUDGES.get(request.path.rpartition("/")[2]):
            block_kit.judge(judge(request.payload))
        with self._arrived:
            if request.path.endswith("/auth.test"):
                self.token_asked += 1
            else:
                self.received.append(request)
            self._arrived.notify_all()
            answers = self.answers[request.path]
            return answers.pop(0) if len(answers) > 1 else answers[0]

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        stand_in = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
                answer = stand_in._take(Received(self.path, dict(self.headers), body.decode(), self.command))
                stand_in._closing.wait(answer.delay)
                with suppress(OSError):  # whoever asked may have given up
                    self._send(answer)

            do_GET = do_POST  # noqa: N815

            def _send(self, answer: Answer) -> None:
                if answer.raw is not None:
                    self.wfile.write(answer.raw)
                    return
                is_text = isinstance(answer.body, str)
                content = (answer.body if is_text else json.dumps(answer.body)).encode()
                self.send_response(answer.status)
                for name, value in {"Content-Type": "application/json", **answer.headers}.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(content)))
                self.end_headers()
                self.wfile.write(content)

            def log_message(self, *_: object) -> None:
                """Tests say what they need to say themselves."""

        return Handler


class _Server(ThreadingHTTPServer):
    daemon_threads = True
