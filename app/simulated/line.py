"""One side of a call as it is lived through: what is heard, how time passes, and what ends it before its time."""

import queue
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import Literal

from app.simulated.keypad import Keypad

SLICE_SECONDS = 0.05  # how soon a call that really waits notices that it is moved

RealTime = bool | Literal["all"]
CallStatus = Literal["ringing", "in-progress", "completed"]


class Cut(Exception):
    """What was heard on this line ends at once: it was hung up, or is moved to another document."""

    def __init__(self, line: "Line", url: str = "") -> None:
        super().__init__(url)
        self.line = line
        self.url = url  # empty: hung up


class KeyPressed(Exception):
    """A key interrupts the prompt."""


class LiveCall(queue.Queue[str]):
    """The addresses that a call is moved to, and where it stands: Twilio's REST API moves it only in progress."""

    status: CallStatus = "in-progress"


@dataclass(frozen=True)
class Moment:
    """One line of the story: what happens, and how many seconds after the call began."""

    at: float
    text: str


Kind = Literal["say", "play", "tone", "pause", "prompt", "dialling", "talk"]


@dataclass(frozen=True)
class Sound:
    """What begins to be heard, for whoever wants to hear it and not read of it."""

    what: Kind
    seconds: float
    text: str = ""
    language: str = ""
    url: str = ""
    digits: str = ""


@dataclass
class Line:
    """Counts the seconds that are heard; the time that requests take is not among them."""

    hang_up_after: float | None = None
    real_time: RealTime = False  # True: pauses and prompts for keys really pass; "all": everything does
    sleep: Callable[[float], object] = time.sleep
    moves: queue.Queue[str] | None = None  # looked at while the call is answered
    tell: Callable[[Moment], object] | None = None
    beside: "Line | None" = None  # a whisper's: the visitor's, who waits meanwhile
    moments: list[Moment] = field(default_factory=list)
    seconds: float = 0.0
    longest_silence: float = 0.0
    answered_at: float | None = None
    gone: bool = False
    _quiet: float = 0.0
    _held: bool = False
    _keypad: Keypad | None = None

    def note(self, text: str) -> None:
        self.moments.append(Moment(self.seconds, text))
        if self.tell:
            self.tell(self.moments[-1])

    def answer(self) -> None:
        self.answered_at = self.seconds if self.answered_at is None else self.answered_at
        if isinstance(self.moves, LiveCall):
            self.moves.status = "in-progress"

    @contextmanager
    def held(self) -> Iterator[None]:
        """What is heard inside really takes its time: the server's own clock counts it."""
        before, self._held = self._held, True
        try:
            yield
        finally:
            self._held = before

    @contextmanager
    def until_key(self, keypad: Keypad) -> Iterator[None]:
        """What is heard inside ends when the next key is pressed."""
        self._keypad = keypad
        try:
            with suppress(KeyPressed):
                yield
        finally:
            self._keypad = None

    def begins(self, sound: Sound) -> None:
        """A sound begins; where the call is read as a story, its text says so."""

    def hears(self, text: str, seconds: float, *, quiet: bool = False) -> None:
        """A sound, or quiet. The story gets a line for it, unless there is no text or the quiet goes on."""
        if text and not (quiet and self.moments and self.moments[-1].text == text):
            self.note(text)
        self._quiet = self._quiet if quiet else 0.0
        end = self.seconds + seconds
        self._look_up()
        while (left := round(end - self.seconds, 3)) > 0:
            self._pass(left, quiet)
            self._look_up()

    def wait_until(self, second: float) -> None:
        """The other side is busy until then; what this one hears goes on."""
        self.hears("", second - self.seconds)

    @property
    def really_passes(self) -> bool:
        return self.real_time == "all" or (bool(self.real_time) and self._held)

    def _pass(self, seconds: float, quiet: bool) -> None:
        ends = [end - self.seconds for end in (self.hang_up_after, self._key_due) if end is not None]
        passed = max(0.001, min(seconds, SLICE_SECONDS if self.really_passes else seconds, *ends))  # what is counted
        if self.beside:
            self.beside.hears("", passed)
        elif self.really_passes:
            self.sleep(passed)
        self.seconds = round(self.seconds + passed, 3)
        self._quiet = round(self._quiet + passed, 3) if quiet else 0.0
        self.longest_silence = max(self.longest_silence, self._quiet)

    def _look_up(self) -> None:
        """Whether something ends what is heard."""
        if self.hang_up_after is not None and self.seconds >= self.hang_up_after:
            self.gone = True
            raise Cut(self)
        self.obey()
        if self._key_due is not None and self.seconds >= self._key_due:
            raise KeyPressed

    @property
    def _key_due(self) -> float | None:
        return self._keypad.due if self._keypad else None

    def obey(self) -> None:
        """Goes where the call is moved to, if it is moved."""
        if self.moves is None or self.answered_at is None:
            return
        with suppress(queue.Empty):
            url = self.moves.get_nowait()
            self.note(f"is moved over Twilio's REST API to {url}")
            raise Cut(self, url)
