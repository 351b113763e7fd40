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
from app.usecases.planned import as_planned, plans
from app.usecases.releases import KEYS, heard, release, release_for, taken_back
from app.usecases.steps import Changed, Move, Steps, visit_event
from app.usecases.unlocks import STATE

FINISH_KEYING = timedelta(seconds=10)  # so much longer, at most, is somebody held who is keying a code in
KEYED_ANEW = timedelta(seconds=6)  # after such a silence somebody begins again
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
            at_door, state = as_planned(door, snapshot), snapshot.get(STATE) or DoorState()
            if state.lockdown_at(now):  # whoever calls: the rules would look at the caller first
                return _forwarded(visit, door, now, DenyReason.LOCKDOWN)
            decision = decide_ring(at_door, state, plans(snapshot), caller, now)
            if isinstance(decision, Granted):
                return _released(snapshot, visit, decision, door, now)
            keyed = _keyed_so_far(self._codes.unveiled(visit.id, visit.keyed), digits)
            if is_code(keyed):
                sentences.append("wrong_code")
                return self._keyed(snapshot, visit, keyed, at_door, now)
            is_keying = bool(visit.keyed or digits)
            if not is_keying and now < visit.started_at + CODE_MENTIONED and is_live(snapshot.get(CODES), at_door, now):
                sentences.append("code")
            return _still_held(visit, door, bool(digits), self._kept(visit, digits, keyed, now), now)

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

    def _kept(self, visit: Visit, digits: str, keyed: str, now: datetime) -> Visit:
        """The visit with the digits that were begun, not to be read where they are stored."""
        if not digits:
            is_given_up = visit.keyed_at is not None and now >= visit.keyed_at + KEYED_ANEW
            return replace(visit, keyed="", keyed_at=None) if is_given_up else visit
        if not (keyed.isascii() and keyed.isdigit()):
            return visit
        kept = keyed if len(keyed) < CODE_DIGITS else ""  # too many are no code: their webhook was repeated
        return replace(visit, keyed=self._codes.veiled(visit.id, kept), keyed_at=now)

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


def _keyed_so_far(begun: str, digits: str) -> str:
    """What was begun and goes on; after * or #, by which many panels begin or end a code, it is new."""
    start = max(digits.rfind("*"), digits.rfind("#")) + 1
    return digits[start:] if start else begun + digits


def _still_held(visit: Visit, door: Door, is_keying: bool, after: Visit, now: datetime) -> Move | None:
    """Digits that were begun are carried on; otherwise the telephones ring when the time for an answer is over."""
    until = visit.held_until or now
    if not (is_keying and now < until + FINISH_KEYING and can_key_on(door, visit.started_at, now)):
        if now >= until:
            return _forwarded(visit, door, now, NOBODY_ANSWERED)
        if visit.is_asked and not visit.is_confirmed and now >= visit.started_at + CONFIRMED_WITHIN:
            return _forwarded(visit, door, now, UNCONFIRMED)
    return Move(after) if after != visit else None


def _released(snapshot: Snapshot, visit: Visit, granted: Granted, door: Door, now: datetime) -> Move:
    reason, released = granted.source.value, release_for(granted, snapshot, door, now)
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
