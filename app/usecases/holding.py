"""A held visit: every poll runs the rules of the door again, until somebody decides or the telephones ring."""

from datetime import datetime, timedelta

from app.domain.audit import Action, Outcome
from app.domain.decisions import Denied, DenyReason, Granted, decide_ring
from app.domain.doors import Door, DoorState
from app.domain.questions import CONFIRMED_WITHIN
from app.domain.visits import Visit, VisitState
from app.ports import Snapshot, Store
from app.usecases.releases import used_up
from app.usecases.steps import Changed, Move, Steps, called_off, visit_event
from app.usecases.unlocks import STATE

FINISH_KEYING = timedelta(seconds=10)  # so much longer is somebody held who is keying a code in
NOBODY_ANSWERED, UNCONFIRMED = "nobody_answered", "slack_unconfirmed"


class Holding:
    """Everything may raise StoreUnavailable; the caller then calls a human."""

    def __init__(self, store: Store, changed: Changed) -> None:
        self._steps = Steps(store, changed)

    def poll(self, door: Door, call: str, caller: str, digits: str, now: datetime) -> Visit | None:
        """The visitor is still there, and keyed `digits` since the last poll; returns where the visit stands."""

        def step(snapshot: Snapshot, visit: Visit | None) -> Move | None:
            if visit is None or visit.is_over:
                return None
            state = snapshot.get(STATE) or DoorState()
            if visit.state is VisitState.RELEASED and state.lockdown:
                return called_off(visit, door, now)
            if not visit.is_held:
                return _heard(visit)
            decision = decide_ring(door, state, caller, now)
            if isinstance(decision, Granted):
                return _released(snapshot, visit, decision, door, now)
            if decision == Denied(DenyReason.LOCKDOWN):
                return _forwarded(visit, door, now, DenyReason.LOCKDOWN)
            return self._still_held(visit, door, digits, now)

        return self._steps.take(door, call, step, STATE)

    def hand_over(self, door: Door, call: str, now: datetime) -> bool:
        """Slack does not confirm the question: the telephones are to ring at once. Returns whether that is news."""
        moved = []

        def step(_: Snapshot, visit: Visit | None) -> Move | None:
            if visit is None or not visit.is_held or visit.is_confirmed:
                return None
            moved.append(visit)
            return _forwarded(visit, door, now, UNCONFIRMED)

        self._steps.take(door, call, step)
        return bool(moved)

    def _still_held(self, visit: Visit, door: Door, digits: str, now: datetime) -> Move | None:
        until = visit.held_until or now
        is_keying = bool(digits) and now < until + FINISH_KEYING
        if now >= until and not is_keying:
            return _forwarded(visit, door, now, NOBODY_ANSWERED)
        if visit.is_asked and not visit.is_confirmed and now >= visit.started_at + CONFIRMED_WITHIN and not is_keying:
            return _forwarded(visit, door, now, UNCONFIRMED)
        return None


def _heard(visit: Visit) -> Move | None:
    """A tone that somebody decided on is about to be played."""
    if visit.state is VisitState.RELEASED and visit.decided_at and not visit.heard:
        return Move(visit.moved(visit.state, heard=True))
    return None


def _released(snapshot: Snapshot, visit: Visit, granted: Granted, door: Door, now: datetime) -> Move:
    event = visit_event(visit, door, now, Action.RING, Outcome.RELEASED, reason=granted.source.value, actor=granted.by)
    after = visit.decided(VisitState.RELEASED, granted.by, now, reason=granted.source.value, heard=True)
    return Move(after, [event], used_up(snapshot, door, now))


def _forwarded(visit: Visit, door: Door, now: datetime, reason: str) -> Move:
    """Nobody decided in time. Where the office is closed, the visitor is told so instead."""
    if visit.reason == DenyReason.CLOSED and reason != DenyReason.LOCKDOWN:
        event = visit_event(visit, door, now, Action.END, Outcome.DENIED, reason=visit.reason)
        return Move(visit.moved(VisitState.DENIED), [event])
    why = reason if visit.is_asked or reason == DenyReason.LOCKDOWN else visit.reason
    event = visit_event(visit, door, now, Action.FORWARD, Outcome.FORWARDED, reason=why)
    changes = {"reason": why} if reason == DenyReason.LOCKDOWN else {}
    return Move(visit.moved(VisitState.FORWARDED, **changes), [event])
