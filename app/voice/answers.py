"""What a call hears next, from where its visit stands."""

from datetime import datetime

from app.domain.access_codes import CODE_DIGITS
from app.domain.calibration import profile_of
from app.domain.decisions import DenyReason
from app.domain.doors import Door
from app.domain.patience import can_announce, ring_for
from app.domain.visits import Visit, VisitState
from app.voice import twiml

FIRST_WAIT_SECONDS, WAIT_SECONDS = 1, 2  # short, so that an answer is heard soon also where a call can't be moved
SENTENCES = {VisitState.DENIED: "closed", VisitState.TURNED_AWAY: "turned_away", VisitState.UNANSWERED: "nobody"}


class Answering:
    """TwiML for a visit."""

    def __init__(self, public_url: str) -> None:
        self._public_url = public_url

    def ring(self, door: Door, visit: Visit, now: datetime) -> str:
        """The answer to a ring."""
        if visit.reason == DenyReason.NOT_AN_INTERCOM:
            return twiml.REJECT
        if visit.is_held:
            return self._held(door, visit, "asking" if visit.is_asked else "code", FIRST_WAIT_SECONDS)
        return self.held(door, visit, now)

    def held(self, door: Door, visit: Visit | None, now: datetime, sentence: str = "waiting") -> str:
        """The answer to a call that asks how to go on; of an unknown one nothing but a human is certain."""
        if visit is None:
            return self.forwarded(door, now - door.hold, now)
        if visit.is_over or visit.state is VisitState.ANSWERED:
            return twiml.HANG_UP
        match visit.state:
            case VisitState.HELD:
                return self._held(door, visit, sentence, FIRST_WAIT_SECONDS if sentence == "code" else WAIT_SECONDS)
            case VisitState.RELEASED:
                return twiml.released(door, profile_of(door, visit.tone), self._public_url)
            case VisitState.FORWARDED:
                return self.forwarded(door, visit.started_at, now, visit.left_out)
        return twiml.told(door, SENTENCES[visit.state])

    def forwarded(self, door: Door, started_at: datetime, now: datetime, left_out: tuple[str, ...] = ()) -> str:
        """Ring those telephones that may still have somebody beside them."""
        telephones = tuple(each for each in door.forward_to if each not in left_out)
        again = bool(left_out and telephones) or not can_announce(door, started_at, now)
        seconds = int(ring_for(door, started_at, now, again=again).total_seconds())
        return twiml.forwarded(door, self._public_url, telephones or door.forward_to, seconds, again=again)

    def whisper(self, door: Door, sentence: str) -> str:
        """What a telephone hears."""
        return twiml.whisper(door, self._public_url, sentence)

    def _held(self, door: Door, visit: Visit, sentence: str, seconds: int) -> str:
        return twiml.held(door, self._public_url, sentence, CODE_DIGITS - len(visit.keyed), seconds)
