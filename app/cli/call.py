"""A simulated call from the intercom: sends what Twilio would, signed, and tells what the visitor hears."""

import http.client
import re
import secrets
import ssl
from collections.abc import Callable, Mapping
from contextlib import closing, suppress
from dataclasses import dataclass
from typing import Literal
from urllib.parse import quote, urldefrag, urlencode, urljoin, urlsplit

from twilio.request_validator import RequestValidator

from app.cli.twiml_player import Ending, HungUp, Moment, Player, Step, TwimlError, Verb, parse
from app.domain.errors import DoorBotError

TIMEOUT, LARGEST_ANSWER, MOST_DOCUMENTS = 15, 1 << 20, 200
RING_SECONDS, TALK_SECONDS = 4.0, 10.0
ACCEPT_KEY = "1"  # what somebody who takes the call presses when a whisper asks

Telephones = Literal["nobody", "answer", "busy", "failed", "reject"]
Post = Callable[[str, Mapping[str, str], Mapping[str, str]], tuple[int, str, bytes]]

_PLACE = {"City": "NEW YORK", "State": "NY", "Zip": "10001", "Country": "US"}
_UNANSWERED = {"busy": "busy", "reject": "busy", "failed": "failed"}
_DIFFER = "TWILIO_AUTH_TOKEN or PUBLIC_URL differ between here and the server"
_FAULTS = (
    (TimeoutError, "{} did not answer within 15 seconds, and Twilio would not wait longer"),
    (ConnectionRefusedError, "nothing answers at {}: is the server running?"),
    (ssl.SSLError, "{} has no certificate that Twilio would trust"),
    (Exception, "{} cannot be reached: is its address right, and is the server running?"),
)


class CallError(DoorBotError):
    """The call could not be placed or followed; the text says what to do about it."""


@dataclass(frozen=True)
class Story:
    """What the visitor heard, from the first second to the last."""

    moments: tuple[Moment, ...]
    released: str  # the keys that were sounded, in order, without the waits
    audio: tuple[str, ...]  # the sounds that were played, by address
    first_verb: str
    ended_by: Ending
    longest_silence: float
    seconds: float


def http_post(url: str, params: Mapping[str, str], headers: Mapping[str, str]) -> tuple[int, str, bytes]:
    """Status, Content-Type and body of the answer to a form; redirects are not followed."""
    parts = urlsplit(url)
    scheme = http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    with closing(scheme(parts.netloc, timeout=TIMEOUT)) as connection:
        connection.request("POST", path, urlencode(params), dict(headers))
        answer = connection.getresponse()
        return answer.status, answer.getheader("Content-Type", ""), answer.read(LARGEST_ANSWER)


def place_call(
    *,
    public_url: str,
    account_sid: str,
    auth_token: str,
    number: str,
    caller: str,
    url: str | None = None,
    digits: str = "",
    telephones: Telephones = "nobody",
    hang_up_after: float | None = None,
    real_time: bool = False,
    call_sid: str | None = None,
    tell: Callable[[Moment], object] | None = None,
    post: Post = http_post,
) -> Story:
    """Rings at `number` from `caller`, follows the call to its end, and tells each moment as it comes."""
    if not re.fullmatch("[0-9*#]*", digits):
        raise CallError(f"“{digits}” cannot be keyed at an intercom: use 0-9, * and #")
    usual = _incoming(call_sid or f"CA{secrets.token_hex(16)}", account_sid, caller, number)
    call = _Call(_address(public_url), _address(url or public_url), auth_token, post, usual, telephones)
    visitor = Player(call.dial, digits, hang_up_after, real_time, tell)
    ended_by = call.run(visitor)
    heard = (tuple(visitor.moments), visitor.released, visitor.audio, visitor.first_verb)
    return Story(*heard, ended_by, visitor.longest_silence, visitor.seconds)


def _address(url: str) -> str:
    if not re.fullmatch(r"https?://[!-~]+", url):
        raise CallError(f"“{url}” is no address of a server: it looks like http://127.0.0.1:8000")
    return url.rstrip("/")


def _incoming(call_sid: str, account_sid: str, caller: str, number: str) -> dict[str, str]:
    token = quote('{"parentCallInfoToken":"c2ltdWxhdGVk","identityHeaderTokens":[]}', safe="")
    params = {"CallSid": call_sid, "AccountSid": account_sid, "ApiVersion": "2010-04-01"}
    params |= {"Direction": "inbound", "StirVerstat": "", "CallToken": token}
    for end, telephone in (("From", caller), ("Caller", caller), ("To", number), ("Called", number)):
        known = telephone.startswith("+1")
        params |= {end + part: value if known else "" for part, value in _PLACE.items()}
        params[end] = telephone
    return params


@dataclass
class _Leg:
    """One telephone that is rung."""

    number: Verb
    usual: Mapping[str, str]
    answered_at: float | None = None
    bridged: bool = False

    @property
    def name(self) -> str:
        return re.sub(r"\+1(\d{3})(\d{3})(\d{4})", r"+1 \1 \2 \3", self.number.text)


@dataclass
class _Call:
    """Signs for the public address, sends to the one that is asked for, and plays what comes back."""

    public_url: str
    url: str
    auth_token: str
    post: Post
    usual: Mapping[str, str]  # what accompanies every request about this call
    telephones: Telephones
    documents: int = 0
    current: str = ""  # the address of the visitor's document

    def run(self, visitor: Player) -> Ending:
        try:
            step = self._follow(visitor, self.usual, self.public_url + "/voice/ring")
        except TwimlError as error:
            visitor.note(f"hears Twilio's error message: {error}")
            with suppress(CallError):
                self._finish(visitor, "completed")
            raise
        ended_by = step.ended_by or "end"
        if ended_by != "reject":
            visitor.note("the visitor hangs up" if ended_by == "visitor" else "the call is hung up")
        self._finish(visitor, (step.params or {}).get("CallStatus", "completed"))
        return ended_by

    def _finish(self, visitor: Player, status: str) -> None:
        answered_at = visitor.seconds if visitor.answered_at is None else visitor.answered_at
        final = {"CallStatus": status, "CallDuration": str(round(visitor.seconds - answered_at))}
        self._send(self.public_url + "/voice/status", {**self.usual, **final})

    def _resolve(self, current: str, reference: str) -> str:
        target = urldefrag(urljoin(current, reference)).url
        if not target.startswith(self.public_url + "/"):
            raise TwimlError(f"the call leads away from {self.public_url}, to {target}")
        return target

    def _send(self, target: str, params: Mapping[str, str]) -> tuple[bytes, str]:
        address = self.url + target.removeprefix(self.public_url)
        headers = {"Content-Type": "application/x-www-form-urlencoded; charset=UTF-8"}
        headers["X-Twilio-Signature"] = RequestValidator(self.auth_token).compute_signature(target, params)
        try:
            status, content_type, body = self.post(address, params, headers)
        except (OSError, UnicodeError, http.client.HTTPException) as error:
            fault = next(text for kind, text in _FAULTS if isinstance(error, kind))
            raise CallError(fault.format(self.url)) from error
        if status == 403:
            raise CallError(f"the server refused the signature: {_DIFFER}")
        if not 200 <= status < 300:
            raise CallError(f"the server answered {address} with {status}: is it DoorBot? Its log says why")
        return body, content_type

    def _follow(self, player: Player, usual: Mapping[str, str], target: str) -> Step:
        """Plays document after document until one ends this side of the call."""
        extra: Mapping[str, str] = {}
        while self.documents < MOST_DOCUMENTS:
            self.documents += 1
            status = "ringing" if player.answered_at is None else "in-progress"
            params = {**usual, "CallStatus": "completed" if player.gone else status, **extra}
            document = parse(*self._send(target, params))
            if player.gone:
                return Step("visitor")
            self.current = target if player.dialler else self.current
            step = player.play(document)
            if step.ended_by:
                return step
            target, extra = self._resolve(target, step.url), step.params or {}
        raise TwimlError(f"the call goes round in circles: it asked for {MOST_DOCUMENTS} documents")

    def dial(self, verb: Verb, visitor: Player) -> Mapping[str, str]:
        """Rings the telephones; returns what Twilio reports about that to the action of ``<Dial>``."""
        legs = [_Leg(number, self._child(verb, number.text)) for number in verb.children]
        visitor.note("the call goes to the telephones " + ", ".join(leg.name for leg in legs))
        with suppress(HungUp):
            self._ring(verb, legs, visitor)
        taken = next((leg for leg in legs if leg.bridged), None)
        reached = taken or next((leg for leg in legs if leg.answered_at is not None), None)
        lost = "canceled" if taken or visitor.gone else _UNANSWERED.get(self.telephones, "no-answer")
        for leg in legs:
            self._report(leg, "completed", lost if leg.answered_at is None else "completed")
        # A telephone that hung up on the whisper counts as completed: only DialBridged tells it from a talk.
        status = "completed" if taken or (reached and not visitor.gone) else lost
        report = {"DialCallStatus": status, "DialCallSid": (reached or legs[-1]).usual["CallSid"]}
        if reached and reached.answered_at is not None:
            report["DialCallDuration"] = str(round(visitor.seconds - reached.answered_at))
        return {**report, "DialBridged": "true" if taken else "false"}

    def _child(self, dial: Verb, to: str) -> dict[str, str]:
        caller = dial.get("callerId", self.usual["From"])
        account = {name: self.usual[name] for name in ("AccountSid", "ApiVersion")}
        sids = {"CallSid": f"CA{secrets.token_hex(16)}", "ParentCallSid": self.usual["CallSid"]}
        ends = {"Direction": "outbound-dial", "From": caller, "Caller": caller, "To": to, "Called": to}
        return account | sids | ends

    def _ring(self, dial: Verb, legs: list[_Leg], visitor: Player) -> None:
        timeout, limit = float(dial.get("timeout", "30")), float(dial.get("timeLimit", "14400"))
        for leg in legs:
            self._report(leg, "initiated", "initiated")
            self._report(leg, "ringing", "ringing")
        visitor.hears("", timeout if self.telephones == "nobody" else min(RING_SECONDS, timeout))
        whisper = any(leg.number.get("url") for leg in legs)  # heard out even by somebody who then refuses
        for leg in legs if self.telephones == "answer" or (whisper and self.telephones == "reject") else []:
            leg.answered_at = visitor.seconds
            self._report(leg, "answered", "in-progress")
            if self._takes(leg, visitor):
                leg.bridged = True
                visitor.answer()
                return visitor.hears(f"talks with {leg.name}", min(TALK_SECONDS, limit))
        return None

    def _takes(self, leg: _Leg, visitor: Player) -> bool:
        """Whether somebody there takes the call, after the whisper if there is one."""
        willing, began = self.telephones == "answer", visitor.seconds
        if not leg.number.get("url"):
            return willing
        listener = Player(digits=ACCEPT_KEY if willing else "", answered_at=0.0)
        step = self._follow(listener, leg.usual, self._resolve(self.current, leg.number.get("url")))
        for moment in listener.moments:
            visitor.hears("", began + moment.at - visitor.seconds)
            visitor.note(f"meanwhile {leg.name} {moment.text}")
        visitor.hears("", began + listener.seconds - visitor.seconds)
        return willing and step.ended_by == "end"

    def _report(self, leg: _Leg, event: str, status: str) -> None:
        wanted = leg.number.get("statusCallbackEvent", "completed").split()
        if leg.number.get("statusCallback") and event in wanted:
            target = self._resolve(self.current, leg.number.get("statusCallback"))
            self._send(target, {**leg.usual, "CallStatus": status})
