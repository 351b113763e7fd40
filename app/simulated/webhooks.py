"""Requests to the server, signed as Twilio signs them: for the public address, sent to the one asked for."""

import http.client
import re
import ssl
import time
import wave
from collections.abc import Callable, Mapping
from contextlib import closing, suppress
from dataclasses import dataclass
from io import BytesIO
from urllib.parse import urldefrag, urlencode, urljoin, urlsplit

from twilio.request_validator import RequestValidator

from app.domain.errors import DoorBotError
from app.simulated.twiml_document import TwimlError

TIMEOUT, LARGEST_ANSWER = 15, 1 << 20
RETRY_SECONDS = 0.5

Post = Callable[[str, Mapping[str, str], Mapping[str, str]], tuple[int, str, bytes]]
Get = Callable[[str], tuple[int, str, bytes]]

_DIFFER = "TWILIO_AUTH_TOKEN or PUBLIC_URL differ between here and the server"
_FAULTS = (
    (TimeoutError, "{} did not answer within 15 seconds, and Twilio would not wait longer"),
    (ConnectionRefusedError, "nothing answers at {}: is the server running?"),
    (ssl.SSLError, "{} has no certificate that Twilio would trust"),
    (Exception, "{} cannot be reached: is its address right, and is the server running?"),
)


class CallError(DoorBotError):
    """The call could not be placed or followed; the text says what to do about it."""


class Unreachable(CallError):
    """The server did not answer: here Twilio asks the fallback."""


def address(url: str) -> str:
    """The address without its last slash; CallError where it is none."""
    with suppress(ValueError):
        if re.fullmatch(r"https?://[!-~]+", url) and urlsplit(url).hostname:
            return url.rstrip("/")
    raise CallError(f"“{url}” is no address of a server: it looks like http://127.0.0.1:8000")


def http_post(url: str, params: Mapping[str, str], headers: Mapping[str, str]) -> tuple[int, str, bytes]:
    """Status, Content-Type and body of the answer to a form; redirects are not followed."""
    parts = urlsplit(url)
    scheme = http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    with closing(scheme(parts.netloc, timeout=TIMEOUT)) as connection:
        connection.request("POST", path, urlencode(params), dict(headers))
        answer = connection.getresponse()
        return answer.status, answer.getheader("Content-Type", ""), answer.read(LARGEST_ANSWER)


def wave_seconds(sound: bytes) -> float:
    """How long a WAV file sounds; TwimlError where it is none."""
    try:
        with wave.open(BytesIO(sound)) as file:
            return float(file.getnframes() / file.getframerate())
    except (wave.Error, EOFError) as error:
        raise TwimlError(f"the sound cannot be played: {error}") from error


@dataclass(frozen=True)
class Webhooks:
    """The server as Twilio sees it."""

    public_url: str
    url: str
    auth_token: str
    post: Post = http_post
    sleep: Callable[[float], object] | None = time.sleep  # None: a retry comes at once

    def resolve(self, current: str, reference: str) -> str:
        """The address that a document names, which must be the server's own."""
        target = urldefrag(urljoin(current, reference)).url
        if not target.startswith(self.public_url + "/"):
            raise TwimlError(f"the call leads away from {self.public_url}, to {target}")
        return target

    def ask(self, target: str, params: Mapping[str, str]) -> tuple[bytes, str]:
        """A document and its Content-Type. Who cannot be reached is asked once more, unless all the time is used up."""
        try:
            return self.send(target, params)
        except Unreachable as error:
            if isinstance(error.__cause__, TimeoutError):  # connecting and reading have 15 seconds together
                raise
        if self.sleep:
            self.sleep(RETRY_SECONDS)
        return self.send(target, params)

    def send(self, target: str, params: Mapping[str, str]) -> tuple[bytes, str]:
        """Body and Content-Type of the answer to one request."""
        where = self.url + target.removeprefix(self.public_url)
        headers = {"Content-Type": "application/x-www-form-urlencoded; charset=UTF-8"}
        headers["X-Twilio-Signature"] = RequestValidator(self.auth_token).compute_signature(target, params)
        try:
            status, content_type, body = self.post(where, params, headers)
        except (OSError, UnicodeError, http.client.HTTPException) as error:
            fault = next(text for kind, text in _FAULTS if isinstance(error, kind))
            raise Unreachable(fault.format(self.url)) from error
        if status == 403:
            raise CallError(f"the server refused the signature: {_DIFFER}")
        if not 200 <= status < 300:
            raise CallError(f"the server answered {where} with {status}: is it DoorBot? Its log says why")
        return body, content_type

    def fetch(self, get: Get, target: str) -> bytes:
        """A sound that a document names."""
        where = self.url + self.resolve(target, target).removeprefix(self.public_url)
        status, content_type, body = get(where)
        if status != 200 or not content_type.startswith("audio/"):
            raise TwimlError(f"{where} is no sound: the server answered {status} and {content_type}")
        return body
