"""The judge follows calls: what each webhook must be answered with, and what must be on record for it."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from tests.year.asked import Asked, Fact
from tests.year.people import People
from tests.year.rules import Door, Verdict

LOST_AFTER = timedelta(minutes=10)
NAMED_NOBODY = frozenset({""})


@dataclass
class Call:
    """A call, as far as the judge has followed it; `state` is what its visitor hears."""

    id: str
    door: str
    began: datetime
    state: str
    verdict: Verdict
    held_until: datetime | None = None
    is_over: bool = False
    is_told: bool = True  # of what somebody decided
    why: list[str] = field(default_factory=list)

    @property
    def is_waiting(self) -> bool:
        return not self.is_over and self.state in ("held", "telephones")


@dataclass
class Calls:
    """Every call of the year."""

    doors: dict[str, Door]
    people: People
    calls: dict[str, Call] = field(default_factory=dict)

    def ring(self, door: Door, call: str, caller: str, now: datetime) -> tuple[str, list[Fact]]:
        """What is heard, and what goes on record."""
        if known := self.calls.get(call):
            return self._again(known, door, now)
        verdict = door.ring(now, caller)
        heard = {"released": "tone", "forwarded": "telephones", "denied": "closed"}.get(verdict.outcome, "held")
        heard = "rejected" if verdict.reason == "not_an_intercom" else heard
        until = now + door.held_for(verdict) if heard == "held" else None
        self.calls[call] = Call(call, door.facts.id, now, heard, verdict, until)
        return heard, [Fact("ring", verdict.outcome, verdict.reason, verdict.actors)]

    def _again(self, call: Call, door: Door, now: datetime) -> tuple[str, list[Fact]]:
        """The same answer while the call lasts, unless a lockdown came."""
        if call.is_over:
            return "hangup" if call.state != "rejected" else "rejected", []
        if call.state == "tone":
            return self._tone_again(call, door, now)
        return call.state, []

    def _tone_again(self, call: Call, door: Door, now: datetime) -> tuple[str, list[Fact]]:
        if door.in_lockdown(now):
            call.state, call.is_told = "telephones", True
            return "telephones", [Fact("forward", "forwarded", "lockdown")]
        call.is_told = True
        return "tone", []

    def poll(self, door: Door, call: Call, digits: str, now: datetime) -> tuple[str, list[Fact]]:
        """A held call asks how to go on."""
        if call.is_over:
            return "hangup", []
        if call.state == "tone":
            return self._tone_again(call, door, now)
        if call.state != "held":
            return call.state, []
        if door.in_lockdown(now):
            call.state = "telephones"
            return "telephones", [Fact("forward", "forwarded", "lockdown")]
        if verdict := door.released(now):
            call.state, call.verdict = "tone", verdict
            return "tone", [Fact("ring", "released", verdict.reason, verdict.actors)]
        if digits:
            return self._keyed(door, call, digits, now)
        return self._still_held(call, now)

    def _keyed(self, door: Door, call: Call, digits: str, now: datetime) -> tuple[str, list[Fact]]:
        result, code = door.key(digits, now)
        if code is None:
            return "held", [Fact("use_code", "denied", result)]
        call.state = "tone"
        return "tone", [Fact("use_code", "released", "code", frozenset({code.by}))]

    def _still_held(self, call: Call, now: datetime) -> tuple[str, list[Fact]]:
        if call.held_until and now < call.held_until:
            return "held", []
        if call.verdict.reason == "closed":
            call.state = "closed"
            return "closed", [Fact("end", "denied", "closed")]
        call.state = "telephones"
        why = "nobody_answered" if call.verdict.outcome == "asked" else call.verdict.reason
        return "telephones", [Fact("forward", "forwarded", why)]

    def admit(self, door: Door, call: Call, user: str, now: datetime, *, unlock: bool = False) -> list[Fact]:
        """A host lets a visitor in."""
        if refusal := self._refused(door, call, user, now, "admit"):
            return refusal
        call.state, call.is_told = "tone", False
        released = Fact("admit", "released", "host", frozenset({user}))
        more = Asked(door, self.people).unlock_beside_admission(user, now, f"admit {call.id}") if unlock else []
        return [released, *more]

    def turn_away(self, door: Door, call: Call, user: str, now: datetime) -> list[Fact]:
        if refusal := self._refused(door, call, user, now, "turn_away"):
            return refusal
        call.state = "turned away"
        return [Fact("turn_away", "denied", actors=frozenset({user}))]

    def _refused(self, door: Door, call: Call, user: str, now: datetime, action: str) -> list[Fact]:
        if why := self.people.refusal(user, door.facts.id, now, action):
            return [Fact(action, "refused", why)]
        if not call.is_waiting:
            return [Fact(action, "refused", "too_late")]
        return [Fact(action, "refused", "lockdown")] if action == "admit" and door.in_lockdown(now) else []

    def nobody_came(self, call: Call) -> tuple[str, list[Fact]]:
        """The telephones rang, and nobody answered."""
        if call.is_over:
            return "hangup", []
        if call.state != "telephones":
            return call.state, []
        call.state = "nobody"
        return "nobody", [Fact("forward", "unanswered", "no-answer")]

    def ended(self, call: Call) -> list[Fact]:
        """Twilio reports the end. A visitor who was still waiting, or never heard a decision, has hung up."""
        if call.is_over:
            return []
        hung_up = call.is_waiting or not call.is_told
        call.is_over = True
        return [Fact("end", "hung_up")] if hung_up else []

    def lost(self, door: str, now: datetime) -> list[Fact]:
        """What a look at the door closes: calls whose end nobody reported."""
        gone = [call for call in self.calls.values() if call.door == door and not call.is_over]
        gone = [call for call in gone if now >= call.began + LOST_AFTER]
        for call in gone:
            call.is_over = True
        return [Fact("end", "lost") for _ in gone]
