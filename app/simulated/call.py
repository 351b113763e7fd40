"""A simulated call from the intercom: sends what Twilio would, signed, and tells what the visitor hears."""

import queue
import re
import secrets
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
from urllib.parse import quote

from app.simulated.keypad import KEY_SECONDS, Keypad
from app.simulated.line import CallStatus, Line, LiveCall, Moment, RealTime
from app.simulated.telephones import Follow, Report, Switchboard, Telephones
from app.simulated.twiml_document import TwimlError, Verb, parse
from app.simulated.twiml_player import Ending, Player, Step
from app.simulated.webhooks import CallError, Get, Post, Unreachable, Webhooks, address, http_post, wave_seconds

MOST_DOCUMENTS = 200

_PLACE = {"City": "NEW YORK", "State": "NY", "Zip": "10001", "Country": "US"}


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
    picked_up: tuple[str, ...]  # the telephones that picked up, voicemail or not
    answered_by: str  # the one that the visitor talked with last
    fell_back: bool  # Twilio had to ask the fallback


def place_call(
    *,
    public_url: str,
    account_sid: str,
    auth_token: str,
    number: str,
    caller: str,
    url: str | None = None,
    digits: str = "",
    digits_after: float = 0,
    key_every: float = KEY_SECONDS,
    telephones: Telephones = "nobody",
    hang_up_after: float | None = None,
    real_time: RealTime = False,
    sleep: Callable[[float], object] = time.sleep,
    call_sid: str | None = None,
    moves: "queue.Queue[str] | None" = None,
    fallback: str = "",
    tell: Callable[[Moment], object] | None = None,
    post: Post = http_post,
    get: Get | None = None,
) -> Story:
    """Rings at `number` from `caller`, follows the call to its end, and tells each moment as it comes.

    `digits` are keyed at prompts: once the first has been heard, or from the second `digits_after` of the call on.
    `moves` takes addresses the call is moved to; `fallback` is the TwiML for when the server does not answer.
    `get` fetches the sounds that are played, whose length is guessed otherwise.
    """
    if not re.fullmatch("[0-9*#]*", digits):
        raise CallError(f"“{digits}” cannot be keyed at an intercom: use 0-9, * and #")
    usual = incoming(call_sid or f"CA{secrets.token_hex(16)}", account_sid, caller, number)
    server, base = address(url or public_url), address(public_url)
    webhooks = Webhooks(base, server, auth_token, post, sleep if real_time else None)
    line = Line(hang_up_after, real_time, sleep, moves, tell)
    visitor = Player(line, Keypad(digits, key_every, digits_after or None))
    if get:
        visitor.length = lambda sound: wave_seconds(webhooks.fetch(get, sound))
    call = Call(webhooks, usual, partial(Switchboard, usual, telephones=telephones), visitor, fallback)
    return call.story(call.run())


def incoming(call_sid: str, account_sid: str, caller: str, number: str) -> dict[str, str]:
    """What accompanies every request about a call that comes in."""
    token = quote('{"parentCallInfoToken":"c2ltdWxhdGVk","identityHeaderTokens":[]}', safe="")
    params = {"CallSid": call_sid, "AccountSid": account_sid, "ApiVersion": "2010-04-01"}
    params |= {"Direction": "inbound", "StirVerstat": "", "CallToken": token}
    for end, telephone in (("From", caller), ("Caller", caller), ("To", number), ("Called", number)):
        known = telephone.startswith("+1")
        params |= {end + part: value if known else "" for part, value in _PLACE.items()}
        params[end] = telephone
    return params


@dataclass
class Call:
    """Fetches the documents, and plays what comes back."""

    webhooks: Webhooks
    usual: Mapping[str, str]  # what accompanies every request about this call
    exchange: Callable[[Follow, Report], Switchboard]
    visitor: Player
    fallback: str = ""
    documents: int = 0
    current: str = ""  # the address of the visitor's document
    fell_back: bool = False
    switchboard: Switchboard = field(init=False)

    def __post_init__(self) -> None:
        self.switchboard = self.exchange(self._whisper, self._report)
        self.visitor.dialler = self.switchboard.dial

    def run(self) -> Ending:
        """From the ring to the end, and how it ended. Raises TwimlError and CallError."""
        line = self.visitor.line
        self._stands("ringing")
        try:
            step = self._follow(self.visitor, self.usual, self.webhooks.public_url + "/voice/ring")
        except TwimlError as error:
            line.note(f"hears Twilio's error message: {error}")
            with suppress(CallError):
                self._finish("completed")
            raise
        finally:
            self._stands("completed")
        ended_by = step.ended_by or "end"
        if ended_by != "reject":
            line.note("the visitor hangs up" if ended_by == "visitor" else "the call is hung up")
        self._finish((step.params or {}).get("CallStatus", "completed"))
        return ended_by

    def story(self, ended_by: Ending) -> Story:
        """What was heard of it."""
        player, line, telephones = self.visitor, self.visitor.line, self.switchboard
        heard = (tuple(line.moments), player.released, player.audio, player.first_verb)
        reached = (tuple(telephones.picked_up), telephones.answered_by, self.fell_back)
        return Story(*heard, ended_by, line.longest_silence, line.seconds, *reached)

    def _stands(self, status: CallStatus) -> None:
        if isinstance(self.visitor.line.moves, LiveCall):
            self.visitor.line.moves.status = status

    def _finish(self, status: str) -> None:
        line = self.visitor.line
        answered_at = line.seconds if line.answered_at is None else line.answered_at
        final = {"CallStatus": status, "CallDuration": str(round(line.seconds - answered_at))}
        self._report(self.webhooks.public_url + "/voice/status", {**self.usual, **final})

    def _report(self, reference: str, params: Mapping[str, str]) -> None:
        """Twilio does not mind when nobody hears what happened: the call goes on."""
        try:
            self.webhooks.send(self.webhooks.resolve(self.current, reference), params)
        except Unreachable as error:
            self.visitor.line.note(f"Twilio cannot report “{params['CallStatus']}”: {error}")

    def _whisper(self, telephone: Player, usual: Mapping[str, str], reference: str) -> Step:
        return self._follow(telephone, usual, self.webhooks.resolve(self.current, reference))

    def _follow(self, player: Player, usual: Mapping[str, str], target: str) -> Step:
        """Plays document after document until one ends this side of the call."""
        line, extra = player.line, dict[str, str]()
        while self.documents < MOST_DOCUMENTS:
            self.documents += 1
            status = "completed" if line.gone else "ringing" if line.answered_at is None else "in-progress"
            document = self._document(player, target, {**usual, "CallStatus": status, **extra})
            if line.gone:
                return Step("visitor")
            self.current = target if player is self.visitor else self.current
            step = player.play(document)
            if step.ended_by:
                return step
            target, extra = self.webhooks.resolve(target, step.url), dict(step.params or {})
        raise TwimlError(f"the call goes round in circles: it asked for {MOST_DOCUMENTS} documents")

    def _document(self, player: Player, target: str, params: Mapping[str, str]) -> tuple[Verb, ...]:
        try:
            return parse(*self.webhooks.ask(target, params))
        except Unreachable as error:
            if player.line.gone:  # nobody is there to hear it
                return ()
            if player is not self.visitor or not self.fallback:
                raise
            self.fell_back = True
            player.line.note(f"Twilio asks the fallback: {error}")
            return parse(self.fallback.encode(), "text/xml")
