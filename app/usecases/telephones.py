"""A forwarded visit: the telephones ring together, and whoever picks up must press a key, as no voicemail does."""

from datetime import datetime

from app.domain.audit import Action, Outcome
from app.domain.decisions import GrantSource
from app.domain.doors import Door, DoorState
from app.domain.patience import can_ring_again, can_whisper_again
from app.domain.visits import Visit, VisitState
from app.ports import Snapshot, Store
from app.usecases.releases import KEYS, heard, release, taken_back
from app.usecases.steps import Changed, Move, Steps, visit_event
from app.usecases.unlocks import STATE

NOT_CONNECTED = "not_connected"
TALK, LET_IN = "1", "9"  # what is pressed on a telephone
# DialCallStatus where a telephone was picked up, or where the call is being moved away from its telephones: Twilio then
# asks what is next, and does not wait for the answer.
MOVED_OR_PICKED_UP = ("completed", "answered", "canceled")


class Telephones:
    """Everything may raise StoreUnavailable."""

    def __init__(self, store: Store, changed: Changed) -> None:
        self._steps = Steps(store, changed)

    def picked_up(self, door: Door, call: str, telephone: str, now: datetime) -> tuple[Visit | None, bool]:
        """A telephone was picked up; nobody may be there. Returns the visit, and whether it may be let in."""
        may_release: list[bool] = []

        def step(snapshot: Snapshot, visit: Visit | None) -> Move | None:
            may_release[:] = [(snapshot.get(STATE) or DoorState()).lockdown_at(now) is None]
            if visit is None or not visit.is_waiting or telephone in visit.left_out:
                return None
            return Move(visit.moved(visit.state, left_out=(*visit.left_out, telephone)))

        visit = self._steps.take(door, call, step, STATE)
        return visit, may_release[0]

    def pressed(self, door: Door, call: str, telephone: str, key: str, now: datetime) -> Visit | None:
        """Somebody at a telephone takes the call, or lets the visitor in."""

        def step(snapshot: Snapshot, visit: Visit | None) -> Move | None:
            if visit is None or not visit.is_waiting:
                return None
            if key == LET_IN and not (snapshot.get(STATE) or DoorState()).lockdown_at(now):
                return _let_in(snapshot, visit, door, telephone, now)
            if key == TALK or not can_whisper_again(door, visit.started_at, now):  # whatever was pressed, a human did
                event = visit_event(visit, door, now, Action.FORWARD, Outcome.ANSWERED, actor=telephone)
                return Move(visit.decided(VisitState.ANSWERED, telephone, now), [event])
            return None

        return self._steps.take(door, call, step, *KEYS)

    def done(
        self, door: Door, call: str, dial_status: str, hung_up: bool, now: datetime, talked: bool | None = None
    ) -> Visit | None:
        """The telephones have stopped ringing; `dial_status` is Twilio's DialCallStatus.

        `talked`: whether the visitor was connected with one of them, None where Twilio does not say so. A visit that
        is still `forwarded` afterwards is for those telephones that have not been picked up.
        """

        def step(snapshot: Snapshot, visit: Visit | None) -> Move | None:
            if visit is None or visit.is_over:
                return None
            if not hung_up and (move := taken_back(snapshot, visit, door, now) or heard(visit)):
                return move
            if visit.state is VisitState.ANSWERED and talked is False and not hung_up:
                return _never_connected(visit, door, now)
            if not visit.is_waiting:
                return None
            if talked:  # the key that took the call could not be put on record
                event = visit_event(visit, door, now, Action.FORWARD, Outcome.ANSWERED)
                return Move(visit.decided(VisitState.ANSWERED, "", now), [event])
            if hung_up:
                return Move(visit.ended(now), [visit_event(visit, door, now, Action.END, Outcome.HUNG_UP)])
            somebody_is_left = any(telephone not in visit.left_out for telephone in door.forward_to)
            if dial_status in MOVED_OR_PICKED_UP and somebody_is_left and can_ring_again(door, visit.started_at, now):
                return None
            event = visit_event(visit, door, now, Action.FORWARD, Outcome.UNANSWERED, reason=dial_status)
            return Move(visit.moved(VisitState.UNANSWERED), [event])

        return self._steps.take(door, call, step, STATE)


def _let_in(snapshot: Snapshot, visit: Visit, door: Door, telephone: str, now: datetime) -> Move:
    reason, released = GrantSource.TELEPHONE.value, release(snapshot, door, now, by_unlock=False)
    event = visit_event(
        visit, door, now, Action.ADMIT, Outcome.RELEASED, reason=reason, actor=telephone, details=released.details
    )
    after = visit.decided(VisitState.RELEASED, telephone, now, reason=reason, tone=released.tone)
    return Move(after, [event], released.writes)


def _never_connected(visit: Visit, door: Door, now: datetime) -> Move:
    """Somebody took the call, and our answer to that was lost: the telephones ring again, theirs as well."""
    left_out = tuple(telephone for telephone in visit.left_out if telephone != visit.by)
    rings = can_ring_again(door, visit.started_at, now)
    state, outcome = (VisitState.FORWARDED, Outcome.FORWARDED) if rings else (VisitState.UNANSWERED, Outcome.UNANSWERED)
    event = visit_event(visit, door, now, Action.FORWARD, outcome, reason=NOT_CONNECTED)
    return Move(visit.moved(state, by="", decided_at=None, left_out=left_out), [event])
