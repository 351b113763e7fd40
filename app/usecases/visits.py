"""A visit from ring to outcome. One ring is one decision, however often its webhook is repeated."""

from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from threading import Lock
from typing import Any

from app.domain.access_codes import is_live
from app.domain.audit import Action, AuditEvent, Outcome
from app.domain.decisions import AskHosts, AskReason, Decision, Denied, DenyReason, Granted, decide_ring
from app.domain.doors import Door, DoorState
from app.domain.errors import StoreUnavailable
from app.domain.questions import Question
from app.domain.visits import Visit, VisitState
from app.ports import Key, Snapshot, Store, partition
from app.usecases.access_codes import CODES
from app.usecases.planned import as_planned, plans
from app.usecases.releases import KEYS, Release, heard, release_for, taken_back
from app.usecases.requests import TRIES
from app.usecases.steps import NO_DETAILS, Changed, Move, Steps, nobody, question_key, visit_event, visit_key
from app.usecases.unlocks import STATE

BACKLOG_LENGTH = 1000
KEYABLE = (AskReason.LOCKED, AskReason.AFTER_HOURS, DenyReason.CLOSED)  # why a ring is not released, unless by a code
KEYING = timedelta(seconds=6)  # to begin keying a code in, where nobody is asked meanwhile


class Visits:
    """What the voice edge tells of calls. Everything may raise StoreUnavailable; the caller then calls a human."""

    def __init__(self, store: Store, tell: Callable[[], None] = lambda: None, changed: Changed = nobody) -> None:
        self._store = store
        self._tell = tell
        self._changed = changed
        self._steps = Steps(store, changed)
        self._backlog: deque[tuple[Door, Visit, AuditEvent]] = deque(maxlen=BACKLOG_LENGTH)
        self._recording = Lock()  # whoever finds nothing left knows that nobody is at it either

    def ring(self, door: Door, call: str, caller: str, now: datetime) -> Visit:
        """Decide a ring; the same call asked again gets what was decided first."""
        key = visit_key(call)
        for _ in range(TRIES):
            snapshot = self._store.read(partition(door.id), *KEYS, key)
            if known := snapshot.get(key):
                return self._asked_again(door, known, now)
            door, state = as_planned(door, snapshot), snapshot.get(STATE) or DoorState()
            decision = decide_ring(door, state, plans(snapshot), caller, now)
            released = release_for(decision, snapshot, door, now) if isinstance(decision, Granted) else None
            visit, event = _decided(decision, door, call, caller, now, released)
            if released:
                more = released.writes
            else:
                visit, event, more = self._held(door, visit, event, state, now)
            if self._store.commit(snapshot, {key: visit, **more}, [event]):
                if released and released.tells:
                    self._tell()
                self._changed(door, visit)
                return visit
        raise StoreUnavailable("too many commits at once")

    def _asked_again(self, door: Door, known: Visit, now: datetime) -> Visit:
        """The same answer as before, unless a lockdown came."""

        def step(snapshot: Snapshot, visit: Visit | None) -> Move | None:
            return taken_back(snapshot, visit, door, now) or heard(visit) if visit and not visit.is_over else None

        return self._steps.take(door, known.id, step, STATE) or known

    def _held(
        self, door: Door, visit: Visit, event: AuditEvent, state: DoorState, now: datetime
    ) -> tuple[Visit, AuditEvent, Mapping[Key[Any], object]]:
        """The same visit held, where there is somebody to ask, or a code that may be keyed."""
        if visit.reason == AskReason.LOCKED and door.channel:
            held = replace(visit, state=VisitState.HELD, held_until=now + door.hold, is_asked=True)
            question = Question(door.channel, now, state.recently_expected(now))
            return held, replace(event, outcome=Outcome.ASKED), {question_key(visit.id): question}
        if visit.reason in KEYABLE and is_live(self._store.read(partition(door.id), CODES).get(CODES), door, now):
            held = replace(visit, state=VisitState.HELD, held_until=now + min(KEYING, door.hold))
            return held, replace(event, outcome=Outcome.HELD), {}
        return visit, event, {}

    def ended(self, door: Door, call: str, now: datetime) -> None:
        """The call is over."""

        def step(_: Snapshot, visit: Visit | None) -> Move | None:
            if visit is None or visit.is_over:
                return None
            after = visit.ended(now)
            event = visit_event(visit, door, now, Action.END, Outcome.HUNG_UP)
            return Move(after, [event] if visit.is_waiting or after.missed_the_tone else [])

        self._steps.take(door, call, step)

    def close_if_lost(self, door: Door, call: str, now: datetime) -> None:
        """Close a visit whose end nobody reported; forget one that has long been over."""
        key = visit_key(call)
        snapshot = self._store.read(partition(door.id), key)
        visit = snapshot.get(key)
        if visit is None or now < visit.due_at:
            return
        if visit.is_over:
            self._store.commit(snapshot, {key: None})
            return

        def step(_: Snapshot, visit: Visit | None) -> Move | None:
            if visit is None or visit.is_over:
                return None
            return Move(visit.ended(now), [visit_event(visit, door, now, Action.END, Outcome.LOST)])

        self._steps.take(door, call, step)

    def remember(self, door: Door, call: str, caller: str, now: datetime) -> None:
        """Keep a ring that was forwarded because of a fault, until it can be put on record."""
        visit, event = _decided(AskHosts(AskReason.FAULT), door, call, caller, now)
        self._backlog.append((door, visit, event))

    def record_backlog(self, now: datetime) -> None:
        """Put on record what could not be recorded when it happened; the log stays in the order of time."""
        with self._recording:
            while self._backlog:
                ring, recorded = self._backlog.popleft(), False
                try:
                    recorded = self._recorded(*ring, now)
                finally:
                    if not recorded:
                        self._backlog.appendleft(ring)

    def _recorded(self, door: Door, visit: Visit, event: AuditEvent, now: datetime) -> bool:
        key = visit_key(visit.id)
        snapshot = self._store.read(partition(door.id), key)
        known = snapshot.get(key)
        if known and known.reason == visit.reason:  # its webhook was repeated, or the answer to a commit was lost
            return True
        late = replace(event, time=now, details={"rang_at": event.time.isoformat()})
        return self._store.commit(snapshot, {key: known or visit}, [late])


def _decided(
    decision: Decision, door: Door, call: str, caller: str, now: datetime, released: Release | None = None
) -> tuple[Visit, AuditEvent]:
    """The visit that a decision begins, and its event."""
    match decision:
        case Granted(source, by):
            state, outcome, reason, actor = VisitState.RELEASED, Outcome.RELEASED, source.value, by
        case Denied(DenyReason.LOCKDOWN as why):  # a human voice still answers
            state, outcome, reason, actor = VisitState.FORWARDED, Outcome.FORWARDED, why.value, ""
        case Denied(why):
            state, outcome, reason, actor = VisitState.DENIED, Outcome.DENIED, why.value, ""
        case AskHosts(why):
            state, outcome, reason, actor = VisitState.FORWARDED, Outcome.FORWARDED, why.value, ""
    visit = Visit(call, now, state, reason, tone=released.tone if released else "")
    details = released.details if released else NO_DETAILS
    who = {"actor": actor, "caller": caller}
    return visit, visit_event(visit, door, now, Action.RING, outcome, reason=reason, details=details, **who)
