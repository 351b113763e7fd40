"""What people do during a call: keys, picking up, hanging up; and a line that they hear as it happens."""

import threading
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field

from app.simulated.keypad import Keypad
from app.simulated.line import Cut, Line, RealTime, Sound

STALE_SECONDS = 1.0  # a key that was pressed so long before a prompt was not meant for it


class Fingers(Keypad):
    """A keypad at which somebody really stands."""

    def __init__(self) -> None:
        super().__init__()
        self._pressed: deque[tuple[str, float]] = deque()

    def add(self, keys: str) -> None:
        """Somebody presses keys."""
        self._pressed.extend((key, time.monotonic()) for key in keys)

    @property
    def due(self) -> float | None:
        return 0.0 if self._pressed else None

    def prompted(self, _: float) -> None:
        stale = time.monotonic() - STALE_SECONDS
        while self._pressed and self._pressed[0][1] < stale:
            self._pressed.popleft()

    def heard(self, _: float) -> None:
        """Nothing: keys come when they come."""

    def press(self, _: float) -> str:
        return self._pressed.popleft()[0]


@dataclass
class LiveLine(Line):
    """A line whose seconds really pass, and on which somebody may hang up at any moment."""

    real_time: RealTime = "all"
    sounds: Callable[[Sound], object] = print
    notes: Callable[[str], object] = print
    answered: Callable[[], object] = lambda: None
    hung_up: threading.Event = field(default_factory=threading.Event)

    def begins(self, sound: Sound) -> None:
        self.sounds(sound)

    def note(self, text: str) -> None:
        self.notes(text)

    def hears(self, _: str, seconds: float, *, quiet: bool = False) -> None:
        super().hears("", seconds, quiet=quiet)  # it has begun already: see above

    def answer(self) -> None:
        is_first = self.answered_at is None
        super().answer()
        if is_first:
            self.answered()

    def _look_up(self) -> None:
        if self.hung_up.is_set():
            self.gone = True
            raise Cut(self)
        super()._look_up()
