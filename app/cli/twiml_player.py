"""Plays TwiML as Twilio would, without Twilio: strict about the document, and on a clock of its own."""

import re
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Literal, NamedTuple
from xml.etree import ElementTree

from app.domain.errors import DoorBotError

Ending = Literal["hangup", "reject", "end", "visitor"]

SPOKEN_CHARACTERS_PER_SECOND = 14
AUDIO_SECONDS, KEY_SECONDS = 2.0, 0.3  # guesses: a file is not fetched, a finger presses a key


class TwimlError(DoorBotError):
    """Twilio would play its error message at this point and end the call."""


class HungUp(Exception):
    """The visitor hung up while this was playing."""


class Rule(NamedTuple):
    attributes: str = ""
    children: str = ""
    text: str = ""  # pattern of the text that belongs there; empty: none does


_URL, _NUMBER, _COUNT = r"[!-~]+", r"\+[1-9]\d{6,14}", r"[1-9]\d{0,4}"
_GRAMMAR = {
    "Response": Rule(children="Say Play Pause Gather Redirect Dial Hangup Reject"),
    "Say": Rule("language voice", text=".+"),
    "Play": Rule("digits", text=f"({_URL})?"),
    "Pause": Rule("length"),
    "Gather": Rule("input numDigits timeout finishOnKey action method actionOnEmptyResult", "Say Play Pause"),
    "Redirect": Rule("method", text=_URL),
    "Dial": Rule("timeout timeLimit action method answerOnBridge callerId", children="Number"),
    "Number": Rule("url method statusCallback statusCallbackEvent statusCallbackMethod", text=_NUMBER),
    "Hangup": Rule(),
    "Reject": Rule("reason"),
}
_VALUES = {
    **dict.fromkeys(("action", "url", "statusCallback"), _URL),
    **dict.fromkeys(("numDigits", "timeout", "timeLimit"), _COUNT),
    **dict.fromkeys(("actionOnEmptyResult", "answerOnBridge"), "true|false"),
    **dict.fromkeys(("method", "statusCallbackMethod"), "POST"),
    "statusCallbackEvent": r"(\b(initiated|ringing|answered|completed)\b ?)+",
    "length": r"\d{1,4}",
    "digits": "[0-9*#w]+",
    "finishOnKey": "[0-9*#]?",
    "input": "dtmf",
    "callerId": _NUMBER,
    "reason": "rejected|busy",
}


@dataclass(frozen=True)
class Verb:
    """One verb, or a noun inside ``<Dial>``, known to be well-formed."""

    name: str
    attributes: Mapping[str, str]
    text: str
    children: "tuple[Verb, ...]"

    def get(self, name: str, default: str = "") -> str:
        return self.attributes.get(name, default)


def parse(body: bytes, content_type: str) -> tuple[Verb, ...]:
    """The verbs of a TwiML document, or a TwimlError that says what Twilio would not understand."""
    if content_type.partition(";")[0].strip().lower() not in ("text/xml", "application/xml"):
        raise TwimlError(f"the answer's Content-Type is “{content_type}”, not text/xml")
    if len(body) > 64 * 1024:
        raise TwimlError("the document is larger than 64 kB")
    if b"<!DOCTYPE" in body:  # what TwiML never needs, and all that makes this parser unsafe
        raise TwimlError("the document has a DOCTYPE")
    try:
        root = ElementTree.fromstring(body.decode())  # noqa: S314 - small, without entities
    except (ElementTree.ParseError, ValueError) as error:
        raise TwimlError(f"the answer is not XML: {error}") from error
    if root.tag != "Response":
        raise TwimlError(f"the document is a <{root.tag}>, not a <Response>")
    return _verb(root).children


def _verb(element: ElementTree.Element) -> Verb:
    name, rule, text = element.tag, _GRAMMAR[element.tag], " ".join((element.text or "").split())
    for attribute, value in element.attrib.items():
        if attribute not in rule.attributes.split():
            raise TwimlError(f"<{name}> has no attribute “{attribute}”")
        if not re.fullmatch(_VALUES.get(attribute, ".+"), value, re.ASCII):
            raise TwimlError(f"{attribute}=“{value}” is not a value that <{name}> takes")
    for child in element:
        if child.tag not in rule.children.split():
            raise TwimlError(f"<{child.tag}> is not known inside <{name}>")
    stray = " ".join((child.tail or "").strip() for child in element).strip()
    if stray or not re.fullmatch(rule.text, text, re.ASCII):
        raise TwimlError(f"<{name}> cannot hold the text “{stray or text}”")
    if name == "Play" and ("digits" in element.attrib) == bool(text):
        raise TwimlError("<Play> needs either digits or the address of a sound")
    if name == "Dial" and not 1 <= len(element) <= 10:
        raise TwimlError(f"<Dial> holds {len(element)} numbers; it takes 1 to 10")
    return Verb(name, element.attrib, text, tuple(_verb(child) for child in element))


@dataclass(frozen=True)
class Moment:
    """One line of the story: what happens, and how many seconds after the call began."""

    at: float
    text: str


class Step(NamedTuple):
    """Where a document leads: to the end of the call, or to another document."""

    ended_by: Ending | None = None
    url: str = ""  # of the next document; empty: the current one's own
    params: Mapping[str, str] | None = None  # what Twilio adds to that request


@dataclass
class Player:
    """One side of one call: plays its documents, one after the other, and remembers what was heard."""

    dialler: "Callable[[Verb, Player], Mapping[str, str]] | None" = None  # None: a whisper, which cannot dial
    digits: str = ""  # what will be keyed at the prompts
    hang_up_after: float | None = None
    real_time: bool = False  # pauses and waits for keys really pass
    tell: Callable[[Moment], object] | None = None
    sleep: Callable[[float], object] = time.sleep
    moments: list[Moment] = field(default_factory=list)
    released: str = ""
    audio: tuple[str, ...] = ()
    first_verb: str = ""
    longest_silence: float = 0.0
    seconds: float = 0.0
    answered_at: float | None = None
    gone: bool = False
    _quiet: float = 0.0

    def play(self, document: tuple[Verb, ...]) -> Step:
        """Plays until the document ends, another is needed, or somebody hangs up."""
        try:
            for verb in document:
                self.first_verb = self.first_verb or verb.name
                if step := self._perform(verb):
                    return step
        except HungUp:
            return Step("visitor")
        return Step("end")

    def note(self, text: str) -> None:
        self.moments.append(Moment(self.seconds, text))
        if self.tell:
            self.tell(self.moments[-1])

    def hears(self, text: str, seconds: float, *, quiet: bool = False, wait: bool = False) -> None:
        """A sound, or quiet. The story gets a line for it, unless there is no text or the quiet goes on."""
        if text and not (quiet and self.moments and self.moments[-1].text == text):
            self.note(text)
        left = float("inf") if self.hang_up_after is None else max(0.0, self.hang_up_after - self.seconds)
        passed = min(seconds, left)
        if wait and self.real_time:
            self.sleep(passed)
        self.seconds = round(self.seconds + passed, 3)
        self._quiet = round(self._quiet + passed, 3) if quiet else 0.0
        self.longest_silence = max(self.longest_silence, self._quiet)
        if left <= seconds:
            self.gone = True
            raise HungUp

    def answer(self) -> None:
        self.answered_at = self.seconds if self.answered_at is None else self.answered_at

    def _perform(self, verb: Verb) -> Step | None:
        if verb.name in ("Say", "Play", "Gather", "Hangup"):
            self.answer()
        match verb.name:
            case "Say":
                self.hears(f"hears: “{verb.text}”", max(1.0, len(verb.text) / SPOKEN_CHARACTERS_PER_SECOND))
            case "Play" if verb.text:
                self.audio += (verb.text,)
                self.hears(f"hears the sound {verb.text}", AUDIO_SECONDS)
            case "Play":
                self._sound(verb.get("digits"))
            case "Pause" if self.answered_at is None:
                # Twilio answers only after a pause that comes first: until then the intercom rings.
                self.hears("hears ringing: not answered yet", float(verb.get("length", "1")), wait=True)
                self.answer()
            case "Pause":
                self.hears("silence", float(verb.get("length", "1")), quiet=True, wait=True)
            case "Gather":
                return self._gather(verb)
            case "Dial":
                return self._dial(verb)
            case "Redirect":
                return Step(url=verb.text)
            case "Reject" if self.answered_at is not None:
                raise TwimlError("<Reject> comes too late: it must be the very first verb of a call")
            case "Reject":
                busy = verb.get("reason") == "busy"
                self.note("is rejected: hears " + ("the busy tone" if busy else "“not in service”"))
                return Step("reject", params={"CallStatus": "busy" if busy else "no-answer"})
            case "Hangup":
                return Step("hangup")
        return None

    def _sound(self, digits: str) -> None:
        keys = digits.replace("w", "")
        shown = keys[0] if len(set(keys)) == 1 else keys
        text = f"hears the tone: {shown}" + (f" ({digits})" if digits != shown else "")
        for key in digits:
            if key == "w":
                self.hears("", 0.5, quiet=True)
            else:
                self.hears(text, 0.1)
                self.released, text = self.released + key, ""
                self.hears("", 0.1, quiet=True)

    def _gather(self, verb: Verb) -> Step | None:
        for prompt in verb.children:
            self._perform(prompt)
        wanted, finish = int(verb.get("numDigits", "0")), verb.get("finishOnKey", "#")
        before = self.digits.partition(finish)[0] if finish else self.digits
        keyed = before[: wanted or None]
        full = bool(wanted) and len(keyed) == wanted
        finished = finish if not full and before != self.digits else ""
        self.digits = self.digits[len(keyed + finished) :]
        if keyed or finished:
            self.hears(f"keys {keyed}{finished}", KEY_SECONDS * len(keyed + finished))
        if not (finished or full):
            self.hears("silence: keys are awaited", float(verb.get("timeout", "5")), quiet=True, wait=True)
        if keyed or verb.get("actionOnEmptyResult") == "true":
            return Step(url=verb.get("action"), params={"Digits": keyed, "FinishedOnKey": finished})
        return None

    def _dial(self, verb: Verb) -> Step | None:
        if self.dialler is None:
            raise TwimlError("<Dial> cannot stand in what is whispered to a telephone")
        if verb.get("answerOnBridge") != "true":
            self.answer()
        reported = self.dialler(verb, self)
        if verb.get("action"):
            return Step(url=verb.get("action"), params=reported)
        return Step("visitor") if self.gone else None
