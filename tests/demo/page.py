"""The playground as its page uses it: what it is told, and what it asks for."""

import json
import re
import threading
from collections.abc import Callable
from contextlib import suppress
from html import unescape
from http.client import HTTPConnection, HTTPException
from socket import SHUT_RDWR
from typing import Any
from urllib.parse import urlsplit

Event = dict[str, Any]
PRESS = re.compile(r'data-press="([^"]*)"')

HAL, ADA, MIA, GUY = "U0HOST001", "U0ADMIN01", "U0MEMBER1", "U0GUEST01"
CHANNEL, INTERCOM = "C0FRONTDOOR", "+12125550199"
RECEPTION, MOBILE = "+12125550123", "+12125550124"


def pressable(html: str, action: str) -> Event:
    """What the page sends for a button, as it finds it in what was drawn."""
    found = [json.loads(unescape(each)) for each in PRESS.findall(html)]
    return next(each for each in found if each["action_id"] == action)


class Page:
    """An open page; `told` has all events since it was opened."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.host = urlsplit(url).netloc
        self.told: list[Event] = []
        self._arrived = threading.Condition()
        self._stream = HTTPConnection(self.host, timeout=60)
        self._stream.request("GET", "/playground/events")
        self._socket = self._stream.sock
        answer = self._stream.getresponse()
        assert (answer.status, answer.getheader("Content-Type")) == (200, "text/event-stream; charset=utf-8")
        self._thread = threading.Thread(target=self._read, args=(answer,), daemon=True)
        self._thread.start()
        self.snapshot = self.wait("snapshot")

    def __enter__(self) -> "Page":
        return self

    def __exit__(self, *_: object) -> None:
        with suppress(OSError):  # the server may have gone
            self._socket.shutdown(SHUT_RDWR)
        self._thread.join(5)
        self._stream.close()

    def ask(self, act: str, /, **fields: Any) -> Event:
        """Do something that is possible."""
        status, answer = self.try_(act, **fields)
        assert status == 200, answer
        assert answer["ok"] is True
        return answer

    def try_(self, act: str, headers: dict[str, str] | None = None, /, **fields: Any) -> tuple[int, Event]:
        """Do something; status and answer."""
        sent = {"Content-Type": "application/json", "X-Playground": "1"} if headers is None else headers
        status, body = self.request("POST", f"/playground/{act}", json.dumps(fields), sent)
        return status, json.loads(body)

    def request(
        self, method: str, path: str, body: str = "", headers: dict[str, str] | None = None
    ) -> tuple[int, bytes]:
        """Any request to the playground's address."""
        connection = HTTPConnection(self.host, timeout=20)
        try:
            connection.request(method, path, body or None, headers or {})
            answer = connection.getresponse()
            return answer.status, answer.read()
        finally:
            connection.close()

    def mark(self) -> int:
        """Where the story stands, for `wait` to begin at."""
        return len(self.told)

    def wait(
        self,
        kind: str,
        is_it: Callable[[Event], bool] = lambda _: True,
        since: int = 0,
        seconds: float = 20,
        **fields: Any,
    ) -> Event:
        """The first event of this kind with these fields; fails where none comes."""

        def found() -> Event | None:
            for each in self.told[since:]:
                if each["type"] == kind and fields.items() <= each.items() and is_it(each):
                    return each
            return None

        with self._arrived:
            assert self._arrived.wait_for(lambda: found() is not None, seconds), (kind, fields, self.told[since:])
            event = found()
        assert event
        return event

    def command(self, text: str, user: str = HAL) -> Event:
        """`/frontdoor text` in the door's channel: the answer, which only its asker sees."""
        since = self.mark()
        self.ask("say", user=user, to=CHANNEL, text=f"/frontdoor {text}")
        return self.wait("message", only=user, since=since)

    def ring(self) -> str:
        """Press the call button."""
        return str(self.ask("ring", intercom=INTERCOM)["call"])

    def heard(self, call: str, what: str, since: int = 0, **fields: Any) -> Event:
        """What the visitor hears."""
        return self.wait("heard", call=call, what=what, since=since, **fields)

    def _read(self, answer: Any) -> None:
        while True:
            try:
                line = answer.readline()
            except (OSError, HTTPException, ValueError, AttributeError):
                return
            if not line:
                return
            if line.startswith(b"data: "):
                with self._arrived:
                    self.told.append(json.loads(line[6:]))
                    self._arrived.notify_all()
