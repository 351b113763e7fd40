"""Asks a server something, within seconds, and says in plain words why it could not be asked."""

import http.client
import json
import socket
import ssl
import time
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from contextlib import closing, suppress
from dataclasses import dataclass
from threading import Thread
from typing import Any, TypeVar
from urllib.parse import urlencode, urlsplit

from app.domain.errors import DoorBotError

T = TypeVar("T")

SECONDS = 5  # for connecting, and for each part of an answer
SECONDS_IN_ALL = 20
SECONDS_OF_MANY = 15  # within a step
LARGEST_ANSWER = 1 << 20
AT_ONCE = 8


class NotAsked(DoorBotError):
    """There was no answer. The text says why, `todo` what to do about it."""

    def __init__(self, text: str, todo: str) -> None:
        super().__init__(text)
        self.todo = todo


@dataclass(frozen=True)
class Answer:
    """What a server answered; names of headers are in lower case."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def fields(self) -> dict[str, Any]:
        """The JSON object it is, or an empty one."""
        try:
            found = json.loads(self.body)
        except (ValueError, RecursionError):
            return {}
        return found if isinstance(found, dict) else {}


def ask(
    method: str, url: str, form: Mapping[str, str] | None = None, headers: Mapping[str, str] | None = None
) -> Answer:
    """The answer to one request; redirects are not followed. Raises NotAsked."""
    parts = urlsplit(url)
    scheme = http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection
    body, kind = (
        (None, {}) if form is None else (urlencode(form), {"Content-Type": "application/x-www-form-urlencoded"})
    )
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    try:
        with closing(scheme(parts.netloc, timeout=SECONDS)) as connection:
            connection.request(method, path, body, {**kind, **(headers or {})})
            answer = connection.getresponse()
            found = {name.lower(): value for name, value in answer.getheaders()}
            return Answer(answer.status, found, answer.read(LARGEST_ANSWER))
    except (OSError, UnicodeError, http.client.HTTPException) as error:
        raise _not_asked(error, parts.hostname or "", parts.netloc) from error


def _not_asked(error: Exception, host: str, where: str) -> NotAsked:
    if isinstance(error, socket.gaierror | UnicodeError):
        return NotAsked(
            f"the name {host} is not known (DNS)", f"Check the name, and that a DNS record for {host} exists."
        )
    if isinstance(error, ssl.SSLCertVerificationError):
        return NotAsked(
            f"the certificate of {where} is not to be trusted (TLS): {error.verify_message}",
            "Give it a certificate for this very name that is signed by a public authority, such as Let's Encrypt.",
        )
    if isinstance(error, ssl.SSLError):
        return NotAsked(f"{where} does not speak https (TLS)", "Check the port, and that https is switched on there.")
    if isinstance(error, TimeoutError):
        return NotAsked(
            f"{where} did not answer within {SECONDS} seconds (timeout)",
            "Check that the server runs, and that no firewall keeps this machine from it.",
        )
    if isinstance(error, ConnectionRefusedError):
        return NotAsked(f"nothing listens at {where} (connection refused)", "Check that it runs, and the port.")
    return NotAsked(
        f"{where} broke the connection off ({type(error).__name__})", "Check that it runs, and what stands in between."
    )


def together(calls: Sequence[Callable[[], T]], seconds: float = SECONDS_IN_ALL) -> list[T | None]:
    """What all of these give, asked at once; None for who takes longer. Nobody is waited for at the end."""
    found: list[T | None] = [None] * len(calls)
    waiting = deque(enumerate(calls))

    def work() -> None:
        with suppress(IndexError):  # nothing waits any more
            while True:
                place, call = waiting.popleft()
                found[place] = call()

    threads = [Thread(target=work, daemon=True) for _ in range(min(AT_ONCE, len(calls)))]
    for thread in threads:
        thread.start()
    end = time.monotonic() + seconds
    for thread in threads:
        thread.join(max(0.0, end - time.monotonic()))
    return found
