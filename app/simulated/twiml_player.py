"""Plays TwiML as Twilio would, without Twilio, on a clock of its own."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Literal, NamedTuple

from app.simulated.keypad import Keypad
from app.simulated.line import Cut, Line, Sound
from app.simulated.twiml_document import TwimlError, Verb

Ending = Literal["hangup", "reject", "end", "visitor"]

SPOKEN_CHARACTERS_PER_SECOND = 14
AUDIO_SECONDS = 2.0  # a guess, where a file is not fetched
TONE_SECONDS = GAP_SECONDS = 0.1  # of each key of <Play digits>
WAIT_SECONDS = 0.5  # of a "w"


class Step(NamedTuple):
    """Where a document leads: to the end of the call, or to another document."""

    ended_by: Ending | None = None
    url: str = ""  # of the next document; empty: the current one's own
    params: Mapping[str, str] | None = None  # what Twilio adds to that request


@dataclass
class Player:
    """One side of one call: plays its documents, one after the other, and remembers what sounded."""

    line: Line = field(default_factory=Line)
    keypad: Keypad = field(default_factory=Keypad)
    dialler: Callable[[Verb, Line], Mapping[str, str]] | None = None  # None: a whisper, which cannot dial
    length: Callable[[str], float] = lambda _: AUDIO_SECONDS  # of the sound at this address
    released: str = ""
    audio: tuple[str, ...] = ()
    first_verb: str = ""

    def play(self, document: tuple[Verb, ...]) -> Step:
        """Plays until the document ends, another is needed, or somebody hangs up."""
        try:
            for verb in document:
                self.line.obey()
                self.first_verb = self.first_verb or verb.name
                if step := self._perform(verb):
                    return step
        except Cut as cut:
            if cut.line is not self.line:  # the visitor left, or was moved, during a whisper
                raise
            return Step(url=cut.url) if cut.url else Step("visitor")
        return Step("end")

    def _perform(self, verb: Verb) -> Step | None:
        if verb.name in ("Say", "Play", "Gather", "Hangup"):
            self.line.answer()
        match verb.name:
            case "Say":
                self._say(verb)
            case "Play" if verb.text:
                self.audio += (verb.text,)
                self.line.begins(Sound("play", seconds := self.length(verb.text), url=verb.text))
                self.line.hears(f"hears the sound {verb.text}", seconds)
            case "Play":
                self._sound(verb.get("digits"))
            case "Pause":
                self._pause(float(verb.get("length", "1")))
            case "Gather":
                return self._gather(verb)
            case "Dial":
                return self._dial(verb)
            case "Redirect":
                return Step(url=verb.text)
            case "Reject":
                return self._reject(verb.get("reason") == "busy")
            case "Hangup":
                return Step("hangup")
        return None

    def _say(self, verb: Verb) -> None:
        seconds = max(1.0, len(verb.text) / SPOKEN_CHARACTERS_PER_SECOND)
        self.line.begins(Sound("say", seconds, verb.text, verb.get("language")))
        self.line.hears(f"hears: “{verb.text}”", seconds)

    def _pause(self, seconds: float) -> None:
        self.line.begins(Sound("pause", seconds))
        with self.line.held():
            if self.line.answered_at is None:
                # Twilio answers only after a pause that comes first: until then the intercom rings.
                self.line.hears("hears ringing: not answered yet", seconds)
                self.line.answer()
            else:
                self.line.hears("silence", seconds, quiet=True)

    def _reject(self, busy: bool) -> Step:
        if self.line.answered_at is not None:
            raise TwimlError("<Reject> comes too late: it must be the very first verb of a call")
        self.line.note("is rejected: hears " + ("the busy tone" if busy else "“not in service”"))
        return Step("reject", params={"CallStatus": "busy" if busy else "no-answer"})

    def _sound(self, digits: str) -> None:
        keys = digits.replace("w", "")
        shown = keys[0] if len(set(keys)) == 1 else keys
        text = f"hears the tone: {shown}" + (f" ({digits})" if digits != shown else "")
        seconds = sum(WAIT_SECONDS if key == "w" else TONE_SECONDS + GAP_SECONDS for key in digits)
        self.line.begins(Sound("tone", round(seconds, 3), digits=digits))
        for key in digits:
            if key == "w":
                self.line.hears("", WAIT_SECONDS, quiet=True)
            else:
                self.line.hears(text, TONE_SECONDS)
                self.released, text = self.released + key, ""
                self.line.hears("", GAP_SECONDS, quiet=True)

    def _gather(self, verb: Verb) -> Step | None:
        with self.line.held():
            self.keypad.prompted(self.line.seconds)
            with self.line.until_key(self.keypad):
                for prompt in verb.children:
                    self._perform(prompt)
            self.keypad.heard(self.line.seconds)
            wanted, finish = int(verb.get("numDigits", "0")), verb.get("finishOnKey", "#")
            keyed, finished = self._keyed(wanted, finish, float(verb.get("timeout", "5")))
        if keyed or verb.get("actionOnEmptyResult") == "true":
            return Step(url=verb.get("action"), params={"Digits": keyed, "FinishedOnKey": finished})
        return None

    def _keyed(self, wanted: int, finish: str, timeout: float) -> tuple[str, str]:
        """The keys that are pressed before Twilio stops waiting, and the one that ended them if one did."""
        keyed = ""
        self.line.begins(Sound("prompt", timeout))
        while key := self._key(timeout):
            if key == finish:
                self.line.hears(f"keys {keyed}{key}", 0)
                return keyed, key
            keyed += key
            full = len(keyed) == wanted
            self.line.hears(f"keys {keyed}" if full or not self._comes(timeout) else "", 0)
            if full:
                return keyed, ""
        return keyed, ""

    def _key(self, timeout: float) -> str:
        """The next key; "" when the time is up."""
        with self.line.until_key(self.keypad):
            self.line.hears("" if self._comes(timeout) else "silence: keys are awaited", timeout, quiet=True)
            return ""
        return self.keypad.press(self.line.seconds)

    def _comes(self, timeout: float) -> bool:
        return self.keypad.due is not None and self.keypad.due <= self.line.seconds + timeout

    def _dial(self, verb: Verb) -> Step | None:
        if self.dialler is None:
            raise TwimlError("<Dial> cannot stand in what is whispered to a telephone")
        if verb.get("answerOnBridge") != "true":
            self.line.answer()
        reported = self.dialler(verb, self.line)
        if verb.get("action"):
            return Step(url=verb.get("action"), params=reported)
        return Step("visitor") if self.line.gone else None
