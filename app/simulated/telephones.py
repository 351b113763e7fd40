"""The telephones that a call is forwarded to: who picks up, hears the whisper, takes the call or lets it go."""

import re
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Literal, NamedTuple, get_args

from app.simulated.keypad import Keypad
from app.simulated.line import Cut, Line
from app.simulated.twiml_document import Verb
from app.simulated.twiml_player import Player, Step
from app.simulated.webhooks import Unreachable

TALK_SECONDS = 10.0

Behaviour = Literal["nobody", "answer", "busy", "failed", "reject", "voicemail", "admit"]
Telephones = Behaviour | Mapping[str, Behaviour]  # by number; "default" is all the others, and nobody unless said
BEHAVIOURS = get_args(Behaviour)

Follow = Callable[[Player, Mapping[str, str], str], Step]
"""Plays what a telephone is told at this address."""
Report = Callable[[str, Mapping[str, str]], object]
"""Tells an address what happened; the answer is not played."""


class Habit(NamedTuple):
    """What somebody does when the telephone rings."""

    after: float = float("inf")  # seconds of ringing
    status: str = "no-answer"  # what becomes of a telephone that is not picked up
    picks_up: bool = False
    keys: str = ""  # pressed when the whisper has been heard
    patience: float | None = None  # seconds of a whisper before hanging up on it


_HABITS: Mapping[Behaviour, Habit] = {
    "nobody": Habit(),
    "busy": Habit(4.0, "busy"),
    "failed": Habit(4.0, "failed"),
    "answer": Habit(4.0, picks_up=True, keys="1"),
    "admit": Habit(4.0, picks_up=True, keys="9"),
    "voicemail": Habit(3.0, picks_up=True),  # before anybody else can
    "reject": Habit(4.0, "busy", patience=1.0),  # declined, or hung up when a machine speaks
}


@dataclass
class Leg:
    """One telephone that is rung."""

    number: Verb
    usual: Mapping[str, str]
    habit: Habit
    answered_at: float | None = None
    bridged: bool = False
    ended_as: str = ""  # its last CallStatus

    @property
    def name(self) -> str:
        return re.sub(r"\+1(\d{3})(\d{3})(\d{4})", r"+1 \1 \2 \3", self.number.text)

    @property
    def picks_up(self) -> bool:
        return self.habit.picks_up or (self.habit.patience is not None and bool(self.number.get("url")))


@dataclass
class Switchboard:
    """Carries out ``<Dial>``."""

    usual: Mapping[str, str]  # of the visitor's call
    follow: Follow
    report: Report
    telephones: Telephones = "nobody"
    picked_up: list[str] = field(default_factory=list)
    answered_by: str = ""

    def dial(self, verb: Verb, visitor: Line) -> Mapping[str, str]:
        """Rings the telephones; returns what Twilio reports about that to the action of ``<Dial>``.

        When the call is moved meanwhile, the action is asked too, and then what it is moved to: only that is played
        (measured by github.com/qisoft/i-hate-making-calls, issue 25).
        """
        legs = [Leg(number, self._child(verb, number.text), self._habit(number.text)) for number in verb.children]
        visitor.note("the call goes to the telephones " + ", ".join(leg.name for leg in legs))
        try:
            self._ring(verb, legs, visitor)
        except Cut as cut:
            told = self._wind_up(legs, visitor, interrupted=True)
            if cut.url and verb.get("action"):
                self.report(verb.get("action"), {**self.usual, "CallStatus": "in-progress", **told})
            if cut.url:
                raise
            return told
        return self._wind_up(legs, visitor, interrupted=False)

    def _habit(self, number: str) -> Habit:
        if isinstance(self.telephones, str):
            return _HABITS[self.telephones]
        return _HABITS[self.telephones.get(number, self.telephones.get("default", "nobody"))]

    def _child(self, dial: Verb, to: str) -> dict[str, str]:
        caller = dial.get("callerId", self.usual["From"])
        account = {name: self.usual[name] for name in ("AccountSid", "ApiVersion")}
        sids = {"CallSid": f"CA{secrets.token_hex(16)}", "ParentCallSid": self.usual["CallSid"]}
        ends = {"Direction": "outbound-dial", "From": caller, "Caller": caller, "To": to, "Called": to}
        return account | sids | ends

    def _ring(self, dial: Verb, legs: list[Leg], visitor: Line) -> None:
        timeout, began = float(dial.get("timeout", "30")), visitor.seconds
        for leg in legs:
            self._tell(leg, "initiated", "initiated")
            self._tell(leg, "ringing", "ringing")
        for leg in sorted(legs, key=lambda leg: leg.habit.after):
            visitor.wait_until(began + min(leg.habit.after, timeout))
            if leg.habit.after > timeout:
                return
            if leg.picks_up:
                others = [other for other in legs if other is not leg]
                self._connect(leg, others, visitor, float(dial.get("timeLimit", "14400")))
                return
            self._end(leg, leg.habit.status)

    def _connect(self, leg: Leg, others: list[Leg], visitor: Line, limit: float) -> None:
        """The first to pick up gets the call, whatever comes of it (twilio.com/docs/voice/twiml/number)."""
        leg.answered_at = visitor.seconds
        self.picked_up.append(leg.number.text)
        self._tell(leg, "answered", "in-progress")
        for other in others:
            self._end(other, "canceled")
        if self._takes(leg, visitor):
            leg.bridged, self.answered_by = True, leg.number.text
            visitor.answer()
            self._talk(leg, visitor, limit)

    def _talk(self, leg: Leg, visitor: Line, limit: float) -> None:
        visitor.hears(f"talks with {leg.name}", min(TALK_SECONDS, limit))

    def _takes(self, leg: Leg, visitor: Line) -> bool:
        """Whether the two are connected, after the whisper if there is one."""
        if not leg.number.get("url"):
            return True
        player = self._picked_up(leg, visitor)
        try:
            step = self.follow(player, leg.usual, leg.number.get("url"))
        except Unreachable:
            player.line.note("is hung up: the server does not answer")
            return False
        return step.ended_by == "end" and leg.habit.picks_up

    def _picked_up(self, leg: Leg, visitor: Line) -> Player:
        """Whoever hears the whisper."""
        line = Line(hang_up_after=leg.habit.patience, beside=visitor, answered_at=0.0)
        line.tell = lambda moment: visitor.note(f"meanwhile {leg.name} {moment.text}")
        return Player(line, Keypad(leg.habit.keys))

    def _wind_up(self, legs: list[Leg], visitor: Line, *, interrupted: bool) -> Mapping[str, str]:
        for leg in legs:
            self._end(leg, "canceled" if interrupted else "no-answer")
        taken = next((leg for leg in legs if leg.bridged), None)
        reached = next((leg for leg in legs if leg.answered_at is not None), None)
        ends = {leg.ended_as for leg in legs}
        lost = next(end for end in ("canceled", "no-answer", "busy", "failed", "completed") if end in ends)
        # A telephone that hung up on the whisper counts as completed: only DialBridged tells it from a talk.
        status = "completed" if taken or (reached and not visitor.gone) else "canceled" if visitor.gone else lost
        told = {"DialCallStatus": status, "DialCallSid": (reached or legs[-1]).usual["CallSid"]}
        if reached and reached.answered_at is not None:
            told["DialCallDuration"] = str(round(visitor.seconds - reached.answered_at))
        return {**told, "DialBridged": "true" if taken else "false"}

    def _end(self, leg: Leg, status: str) -> None:
        if not leg.ended_as:
            leg.ended_as = "completed" if leg.answered_at is not None else status
            self._tell(leg, "completed", leg.ended_as)

    def _tell(self, leg: Leg, event: str, status: str) -> None:
        wanted = leg.number.get("statusCallbackEvent", "completed").split()
        if leg.number.get("statusCallback") and event in wanted:
            self.report(leg.number.get("statusCallback"), {**leg.usual, "CallStatus": status})
