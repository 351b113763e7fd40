"""The telephones that a call is forwarded to, with somebody beside each."""

import threading
from collections.abc import Callable
from dataclasses import dataclass, field

from app.demo.hands import Fingers, LiveLine
from app.demo.refusals import Refused
from app.simulated.line import SLICE_SECONDS, Line, Sound
from app.simulated.telephones import Habit, Leg, Switchboard
from app.simulated.twiml_document import Verb
from app.simulated.twiml_player import Player

UP = ("whisper", "prompt", "talking")  # states of a telephone that has been picked up


@dataclass
class Hand:
    """Whoever is beside a telephone."""

    state: str = "quiet"
    act: str = ""  # what was done while it rang
    fingers: Fingers = field(default_factory=Fingers)
    hung_up: threading.Event = field(default_factory=threading.Event)

    def do(self, act: str, digit: str) -> None:
        """Answer, decline, hang up or press a key. Raises Refused."""
        if act in ("answer", "decline"):
            if self.state != "ringing":
                raise Refused("This telephone doesn't ring.")
            self.act = act
        elif self.state not in UP:
            raise Refused("Pick it up first.")
        elif act == "hang-up":
            self.hung_up.set()
        elif self.state == "talking":
            raise Refused("You are connected: DoorBot no longer listens to keys here. Hang up when you are done.")
        else:
            self.fingers.add(digit)


@dataclass
class LiveSwitchboard(Switchboard):
    """Rings until somebody does something. `show` tells the page of a telephone: its number, state and words."""

    show: Callable[[str, str, str], object] = print
    hands: dict[str, Hand] = field(default_factory=dict)

    def _habit(self, _: str) -> Habit:
        return Habit(picks_up=True)

    def _ring(self, dial: Verb, legs: list[Leg], visitor: Line) -> None:
        timeout = float(dial.get("timeout", "30"))
        visitor.begins(Sound("dialling", timeout, ", ".join(leg.name for leg in legs)))
        for leg in legs:
            self.hands[leg.number.text] = Hand()
            self._tell(leg, "initiated", "initiated")
            self._tell(leg, "ringing", "ringing")
            self._show(leg, "ringing")
        end = visitor.seconds + timeout
        while visitor.seconds < end and not all(leg.ended_as for leg in legs):
            visitor.hears("", SLICE_SECONDS)
            for leg in legs:
                act, self._hand(leg).act = self._hand(leg).act, ""
                if act == "answer":
                    others = [other for other in legs if other is not leg]
                    self._connect(leg, others, visitor, float(dial.get("timeLimit", "14400")))
                    return
                if act == "decline":
                    self._end(leg, "busy")

    def _picked_up(self, leg: Leg, visitor: Line) -> Player:
        hand = self._hand(leg)

        def sounds(sound: Sound) -> None:
            if sound.what == "prompt":
                self._show(leg, "prompt", "Press a key.")
            elif sound.text:
                self._show(leg, "whisper", sound.text)

        def notes(text: str) -> None:
            self._show(leg, hand.state, text)

        line = LiveLine(sounds=sounds, notes=notes, beside=visitor, answered_at=0.0, hung_up=hand.hung_up)
        return Player(line, hand.fingers)

    def _talk(self, leg: Leg, visitor: Line, limit: float) -> None:
        self._show(leg, "talking")
        visitor.begins(Sound("talk", limit, leg.name))
        end = visitor.seconds + limit
        while visitor.seconds < end and not self._hand(leg).hung_up.is_set():
            visitor.hears("", SLICE_SECONDS)

    def _end(self, leg: Leg, status: str) -> None:
        if not leg.ended_as:
            self._show(leg, "quiet")
        super()._end(leg, status)

    def _hand(self, leg: Leg) -> Hand:
        return self.hands[leg.number.text]

    def _show(self, leg: Leg, state: str, text: str = "") -> None:
        self._hand(leg).state = state
        self.show(leg.number.text, state, text)
