"""A held visit: every poll runs the rules of the door again, until somebody decides or the telephones ring."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from app.domain.access_codes import CODE_DIGITS, is_code, is_live
from app.domain.audit import Action, Outcome
from app.domain.decisions import DenyReason, Granted, GrantSource, decide_ring
from app.domain.doors import Door, DoorState
from app.domain.patience import can_key_on
from app.domain.questions import CONFIRMED_WITHIN
from app.domain.visits import Visit, VisitState
from app.ports import Snapshot, Store
from app.usecases.access_codes import CODES, TRIES_KEY, AccessCodes, use_code
from app.usecases.releases import KEYS, heard, release, taken_back
from app.usecases.steps import Changed, Move, Steps, visit_event
from app.usecases.unlocks import STATE

FINISH_KEYING = timedelta(seconds=10)  # so much longer, at most, is somebody held who is keying a code in
BETWEEN_KEYS = timedelta(seconds=2)  # so long a held call waits for the next key
KEYED_ANEW = timedelta(seconds=8)  # after such a pause somebody begins again; two polls may lie between two digits
CODE_MENTIONED = timedelta(seconds=6)  # a visitor who has a code is told once that it can be keyed
NOBODY_ANSWERED, UNCONFIRMED = "nobody_answered", "slack_unconfirmed"


@dataclass(frozen=True)
class Polled:
    """Where a visit stands, and what its visitor is told while being held."""

    visit: Visit | None
    sentence: str = "waiting"


class Holding:
    """Everything may raise StoreUnavailable; the caller then calls a human."""

    def __init__(self, store: Store, codes: AccessCodes, changed: Changed) -> None:
        self._codes = codes
        self._steps = Steps(store, changed)

    def poll(self, door: Door, call: str, caller: str, digits: str, now: datetime) -> Polled:
        """The visitor is still there, and keyed `digits` since the last poll."""
        sentences: list[str] = []

        def step(snapshot: Snapshot, visit: Visit | None) -> Move | None:
            if visit is None or visit.is_over:
                return None
            if not visit.is_held:
                return taken_back(snapshot, visit, door, now) or heard(visit)
            state = snapshot.get(STATE) or DoorState()
            if state.lockdown:  # whoever calls: the rules would look at the caller first
                return _forwarded(visit, door, now, DenyReason.LOCKDOWN)
            decision = decide_ring(door, state, caller, now)
            if isinstance(decision, Granted):
                return _released(snapshot, visit, decision, door, now)
            keyed = _keyed_so_far(visit, digits, now)
            if is_code(keyed):
                sentences.append("wrong_code")
                return self._keyed(snapshot, visit, keyed, door, now)
            is_keying = bool(visit.keyed or digits)
            if not is_keying and now < visit.started_at + CODE_MENTIONED and is_live(snapshot.get(CODES), door, now):
                sentences.append("code")
            return _still_held(visit, door, digits, keyed, now)

        visit = self._steps.take(door, call, step, *KEYS, CODES, TRIES_KEY)
        return Polled(visit, *sentences[-1:])

    def _keyed(self, snapshot: Snapshot, visit: Visit, digits: str, door: Door, now: datetime) -> Move:
        """Six digits were keyed: the right ones release the door, all others leave the visitor where they are."""
        if not snapshot.get(CODES):
            return Move(visit.moved(visit.state))
        keyed = use_code(snapshot, door, self._codes.hashes(door, digits, snapshot, now), visit.id, now)
        code = keyed.attempt.code
        if code is None:
            return Move(visit.moved(visit.state), [keyed.event], keyed.writes)
        released = release(snapshot, door, now, by_unlock=False)
        reason, tone = GrantSource.CODE.value, released.tone
        after = visit.decided(VisitState.RELEASED, code.name, now, reason=reason, heard=True, tone=tone)
        return Move(after, [keyed.event], {**released.writes, **keyed.writes})

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


def _keyed_so_far(visit: Visit, digits: str, now: datetime) -> str:
    """What was begun and goes on; after * or #, by which many panels begin or end a code, or a long pause it is new."""
    start = max(digits.rfind("*"), digits.rfind("#")) + 1
    took = len(digits) * BETWEEN_KEYS  # what came together may have been keyed one by one
    is_old = visit.keyed_at is None or now >= visit.keyed_at + KEYED_ANEW + took
    return digits[start:] if start or is_old else visit.keyed + digits


def _still_held(visit: Visit, door: Door, digits: str, keyed: str, now: datetime) -> Move | None:
    """Digits that were begun are carried on; otherwise the telephones ring when the time for an answer is over."""
    until = visit.held_until or now
    if digits and now < until + FINISH_KEYING and can_key_on(door, visit.started_at, now):
        kept = keyed if len(keyed) < CODE_DIGITS else ""  # too many are no code: their webhook was repeated
        if kept and not (kept.isascii() and kept.isdigit()):
            return None
        return Move(replace(visit, keyed=kept, keyed_at=now)) if kept or visit.keyed else None
    if now >= until:
        return _forwarded(visit, door, now, NOBODY_ANSWERED)
    if visit.is_asked and not visit.is_confirmed and now >= visit.started_at + CONFIRMED_WITHIN:
        return _forwarded(visit, door, now, UNCONFIRMED)
    return None


def _released(snapshot: Snapshot, visit: Visit, granted: Granted, door: Door, now: datetime) -> Move:
    reason, released = granted.source.value, release(snapshot, door, now)
    event = visit_event(
        visit, door, now, Action.RING, Outcome.RELEASED, reason=reason, actor=granted.by, details=released.details
    )
    after = visit.decided(VisitState.RELEASED, granted.by, now, reason=reason, heard=True, tone=released.tone)
    return Move(after, [event], released.writes)


def _forwarded(visit: Visit, door: Door, now: datetime, reason: str) -> Move:
    """Nobody decided in time. Where the office is closed, the visitor is told so instead."""
    if visit.reason == DenyReason.CLOSED and reason != DenyReason.LOCKDOWN:
        event = visit_event(visit, door, now, Action.END, Outcome.DENIED, reason=visit.reason)
        return Move(visit.moved(VisitState.DENIED), [event])
    why = reason if visit.is_asked or reason == DenyReason.LOCKDOWN else visit.reason
    event = visit_event(visit, door, now, Action.FORWARD, Outcome.FORWARDED, reason=why)
    changes = {"reason": why} if reason == DenyReason.LOCKDOWN else {}
    return Move(visit.moved(VisitState.FORWARDED, **changes), [event])
