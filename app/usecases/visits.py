"""A visit from ring to outcome. One ring is one decision, however often its webhook is repeated."""

from collections import deque
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from typing import Any

from app.domain import sentences
from app.domain.audit import Action, AuditEvent, Outcome, Source
from app.domain.decisions import AskHosts, AskReason, Decision, Denied, Granted, decide_ring
from app.domain.doors import Door, DoorState
from app.domain.errors import StoreUnavailable
from app.domain.notices import Notice
from app.domain.visits import Visit, VisitState
from app.ports import Key, Store, partition
from app.usecases.requests import TRIES
from app.usecases.unlocks import STATE, new_notice_key

BACKLOG_LENGTH = 1000

Step = Callable[[Visit | None], tuple[Visit, list[AuditEvent]] | None]


class Visits:
    """What the voice edge tells of calls. Everything may raise StoreUnavailable; the caller then calls a human."""

    def __init__(self, store: Store, tell: Callable[[], None] = lambda: None) -> None:
        self._store = store
        self._tell = tell
        self._backlog: deque[tuple[Door, Visit, AuditEvent]] = deque(maxlen=BACKLOG_LENGTH)

    def ring(self, door: Door, call: str, caller: str, now: datetime) -> Visit:
        """Decide a ring; the same call asked again gets what was decided first."""
        key = _visit_key(call)
        for _ in range(TRIES):
            snapshot = self._store.read(partition(door.id), STATE, key)
            if known := snapshot.get(key):
                return known
            decision = decide_ring(door, snapshot.get(STATE) or DoorState(), caller, now)
            visit, event = _decided(decision, door, call, caller, now)
            used = self._used_up(snapshot.get(STATE), door, now) if visit.state is VisitState.RELEASED else {}
            if self._store.commit(snapshot, {key: visit, **used}, [event]):
                if len(used) > 1:
                    self._tell()
                return visit
        raise StoreUnavailable("too many commits at once")

    def _used_up(self, state: DoorState | None, door: Door, now: datetime) -> dict[Key[Any], object]:
        """What a release changes: a counted unlock has one less, and who expects somebody is told; mostly nothing."""
        after, expected = (state or DoorState()).after_release(now)
        if after is state:
            return {}
        told = {new_notice_key(): Notice(each.tell, sentences.arrival(each, door), now) for each in expected}
        return {STATE: after, **told}

    def answered(self, door: Door, call: str, telephone: str, now: datetime) -> None:
        """A telephone picked up."""

        def step(visit: Visit | None) -> tuple[Visit, list[AuditEvent]] | None:
            if visit is None or not visit.is_waiting:
                return None
            event = _event(visit, door, now, Action.FORWARD, Outcome.ANSWERED, actor=telephone)
            return visit.moved(VisitState.ANSWERED), [event]

        self._step(door, call, step)

    def forwarded(self, door: Door, call: str, dial_status: str, hung_up: bool, now: datetime) -> Visit | None:
        """The telephones are done with: `dial_status` is Twilio's DialCallStatus; returns where the visit stands."""

        def step(visit: Visit | None) -> tuple[Visit, list[AuditEvent]] | None:
            if visit is None or not visit.is_waiting:
                return None
            if dial_status in ("completed", "answered"):
                event = _event(visit, door, now, Action.FORWARD, Outcome.ANSWERED)
                return visit.moved(VisitState.ANSWERED), [event]
            if hung_up:
                return visit.ended(now), [_event(visit, door, now, Action.END, Outcome.HUNG_UP)]
            event = _event(visit, door, now, Action.FORWARD, Outcome.UNANSWERED, reason=dial_status)
            return visit.moved(VisitState.UNANSWERED), [event]

        return self._step(door, call, step)

    def ended(self, door: Door, call: str, now: datetime) -> None:
        """The call is over."""

        def step(visit: Visit | None) -> tuple[Visit, list[AuditEvent]] | None:
            if visit is None or visit.is_over:
                return None
            event = _event(visit, door, now, Action.END, Outcome.HUNG_UP)
            return visit.ended(now), [event] if visit.is_waiting else []

        self._step(door, call, step)

    def close_if_lost(self, door: Door, call: str, now: datetime) -> None:
        """Close a visit whose end nobody reported; forget one that has long been over."""
        key = _visit_key(call)
        snapshot = self._store.read(partition(door.id), key)
        visit = snapshot.get(key)
        if visit is None or now < visit.due_at:
            return
        if visit.is_over:
            self._store.commit(snapshot, {key: None})
        else:
            event = _event(visit, door, now, Action.END, Outcome.LOST)
            self._store.commit(snapshot, {key: visit.ended(now)}, [event])

    def remember(self, door: Door, call: str, caller: str, now: datetime) -> None:
        """Keep a ring that was forwarded because of a fault, until it can be put on record."""
        visit, event = _decided(AskHosts(AskReason.FAULT), door, call, caller, now)
        self._backlog.append((door, visit, event))

    def record_backlog(self, now: datetime) -> None:
        """Put on record what could not be recorded when it happened; the log stays in the order of time."""
        while self._backlog:
            ring, recorded = self._backlog.popleft(), False
            try:
                recorded = self._recorded(*ring, now)
            finally:
                if not recorded:
                    self._backlog.appendleft(ring)

    def _recorded(self, door: Door, visit: Visit, event: AuditEvent, now: datetime) -> bool:
        key = _visit_key(visit.id)
        snapshot = self._store.read(partition(door.id), key)
        known = snapshot.get(key)
        if known and known.reason == visit.reason:  # its webhook was repeated, or the answer to a commit was lost
            return True
        late = replace(event, time=now, details={"rang_at": event.time.isoformat()})
        return self._store.commit(snapshot, {key: known or visit}, [late])

    def _step(self, door: Door, call: str, step: Step) -> Visit | None:
        key = _visit_key(call)
        for _ in range(TRIES):
            snapshot = self._store.read(partition(door.id), key)
            visit: Visit | None = snapshot.get(key)
            moved = step(visit)
            if moved is None:
                return visit
            if self._store.commit(snapshot, {key: moved[0]}, moved[1]):
                return moved[0]
        raise StoreUnavailable("too many commits at once")


def _visit_key(call: str) -> Key[Visit]:
    return Key(f"visit:{call}")


def _decided(decision: Decision, door: Door, call: str, caller: str, now: datetime) -> tuple[Visit, AuditEvent]:
    """The visit that a decision begins, and its event."""
    match decision:
        case Granted(source, by):
            state, outcome, reason, actor = VisitState.RELEASED, Outcome.RELEASED, source.value, by
        case Denied(why):
            state, outcome, reason, actor = VisitState.DENIED, Outcome.DENIED, why.value, ""
        case AskHosts(why):
            state, outcome, reason, actor = VisitState.FORWARDED, Outcome.FORWARDED, why.value, ""
    visit = Visit(call, now, state, reason)
    return visit, _event(visit, door, now, Action.RING, outcome, reason=reason, actor=actor, caller=caller)


def _event(
    visit: Visit,
    door: Door,
    now: datetime,
    action: Action,
    outcome: Outcome,
    *,
    reason: str = "",
    actor: str = "",
    caller: str = "",
) -> AuditEvent:
    return AuditEvent(now, door.id, action, outcome, reason, actor, Source.VOICE, visit.id, caller)
