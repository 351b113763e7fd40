"""One call from the intercom, as the page is told of it."""

import re
import threading
from dataclasses import dataclass, field
from typing import Any

from app.demo.hands import Fingers, LiveLine
from app.demo.hub import Hub
from app.demo.telephones import LiveSwitchboard
from app.domain.doors import Door
from app.simulated.line import LiveCall, Sound


@dataclass
class Ring:
    """One call: who stands at the panel, and what the telephones do."""

    sid: str
    door: Door
    intercom: str
    hub: Hub
    fingers: Fingers = field(default_factory=Fingers)
    moves: LiveCall = field(default_factory=LiveCall)
    state: str = "ringing"
    ended_by: str = ""
    line: LiveLine = field(init=False)
    switchboard: LiveSwitchboard | None = None
    over: threading.Event = field(default_factory=threading.Event)

    def __post_init__(self) -> None:
        self.line = LiveLine(
            moves=self.moves,
            sounds=self._heard,
            notes=lambda text: self.tell("note", text=text),
            answered=self._answered,
        )

    def shown(self) -> dict[str, Any]:
        """What the page shows of it."""
        seconds = round(self.line.seconds, 1)
        known = {"sid": self.sid, "door": self.door.id, "intercom": self.intercom, "state": self.state}
        return {**known, "ended_by": self.ended_by, "seconds": seconds}

    def show(self, state: str) -> None:
        """From now on it stands so."""
        with self.hub.lock:
            self.state = state
            self.hub.publish("call", **self.shown())

    def tell(self, what: str, **more: Any) -> None:
        """What the visitor hears."""
        nothing = {"text": "", "language": "", "url": "", "digits": "", "seconds": 0}
        at = round(self.line.seconds, 3)
        self.hub.publish("heard", **{"call": self.sid, "at": at, "what": what, **nothing, **more})

    def _heard(self, sound: Sound) -> None:
        path = re.sub(r"^https?://[^/]+", "", sound.url)
        more = {"text": sound.text, "language": sound.language, "digits": sound.digits, "seconds": sound.seconds}
        self.tell(sound.what, url=path, **more)

    def _answered(self) -> None:
        self.show("answered")
