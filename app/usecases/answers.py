"""What hosts answer when they are asked about a visit: the first answer wins, and the others are told who was first."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any

from app.domain import visit_sentences
from app.domain.audit import Action, AuditEvent, Outcome
from app.domain.decisions import GrantSource
from app.domain.doors import Door, DoorState
from app.domain.outcomes import Answered, RefusalReason, Refused
from app.domain.unlocks import Terms, Unlock, bounded
from app.domain.visits import Visit, VisitState
from app.ports import Key, Snapshot, Store
from app.usecases.planned import as_planned
from app.usecases.releases import KEYS, release_for_host
from app.usecases.requests import Change, Request, perform
from app.usecases.steps import NO_DETAILS, Changed, MoveCall, changed_question, question_key, visit_key
from app.usecases.unlocks import STATE, reminder_for

LET_IN_UNLOCK = timedelta(minutes=30)

Act = Callable[[Snapshot, Visit], Change | Refused]


class Answers:
    """Both return an outcome, and raise StoreUnavailable."""

    def __init__(self, store: Store, terms: Terms, changed: Changed, move: MoveCall) -> None:
        self._store = store
        self._terms = terms
        self._changed = changed
        self._move = move

    def admit(self, request: Request, door: Door, call: str, message: str, *, unlock: bool) -> object:
        """Let the visitor in, and perhaps unlock the door for a while: Answered, Refused or Repeated.

        `message` is the message that was pressed. It counts at any hour, except in lockdown; the unlock in hours only.
        """

        def act(snapshot: Snapshot, visit: Visit) -> Change | Refused:
            state = snapshot.get(STATE) or DoorState()
            if state.lockdown_at(request.now):
                return Refused(Action.ADMIT, RefusalReason.LOCKDOWN, door)
            now, released = request.now, release_for_host(snapshot, door, visit, request.now)
            reason = GrantSource.HOST.value
            after = visit.decided(VisitState.RELEASED, request.actor, now, reason=reason, tone=released.tone)
            event = _event(request, Action.ADMIT, Outcome.RELEASED, door, visit, released.details)
            more = self._unlock(request, as_planned(door, snapshot), visit.id) if unlock else None
            if more is None:
                return _change(snapshot, visit, Answered(after), message, [event], released.writes)
            unlocked = {**released.writes, STATE: released.state.with_unlock(more[0], now), **reminder_for(more[0])}
            after = replace(after, unlocked_until=more[0].ends_at)
            return _change(snapshot, visit, Answered(after, more[0]), message, [event, more[1]], unlocked)

        return self._answer(request, Action.ADMIT, door, call, act)

    def turn_away(self, request: Request, door: Door, call: str, message: str) -> object:
        """Tell the visitor, kindly, that nobody will open: Answered, Refused or Repeated. Never releases."""

        def act(snapshot: Snapshot, visit: Visit) -> Change:
            after = visit.decided(VisitState.TURNED_AWAY, request.actor, request.now)
            event = _event(request, Action.TURN_AWAY, Outcome.DENIED, door, visit)
            return _change(snapshot, visit, Answered(after), message, [event])

        return self._answer(request, Action.TURN_AWAY, door, call, act)

    def _answer(self, request: Request, action: Action, door: Door, call: str, act: Act) -> object:
        def answer(snapshot: Snapshot) -> Change | Refused:
            visit = snapshot.get(visit_key(call))
            if visit is None or not visit.is_waiting:
                hint = visit_sentences.too_late(visit, request.actor)
                return Refused(action, RefusalReason.TOO_LATE, door, hint)
            return act(snapshot, visit)

        keys = (visit_key(call), question_key(call), *KEYS)
        outcome = perform(self._store, request, action, door.id, answer, *keys)
        if isinstance(outcome, Answered):
            self._move(door, call)
            self._changed(door, outcome.visit)
        return outcome

    def _unlock(self, request: Request, door: Door, call: str) -> tuple[Unlock, AuditEvent] | None:
        """The unlock that goes with letting somebody in; None outside working hours."""
        now = request.now
        period = door.hours.period_at(now)
        if period is None:
            return None
        plan = bounded(now + LET_IN_UNLOCK, self._terms, period.ends_at, now)
        details: dict[str, str | int] = {"until": plan.ends_at.isoformat(), "bound": plan.bound or "asked"}
        event = request.event(Action.UNLOCK, Outcome.DONE, door=door.id, visit=call, details=details)
        return Unlock(request.actor, now, plan.ends_at), event


def _event(
    request: Request,
    action: Action,
    outcome: Outcome,
    door: Door,
    visit: Visit,
    more: Mapping[str, str | int] = NO_DETAILS,
) -> AuditEvent:
    seconds = round((request.now - visit.started_at).total_seconds())
    reason = GrantSource.HOST if outcome is Outcome.RELEASED else ""
    return request.event(
        action, outcome, door=door.id, reason=reason, visit=visit.id, details={"seconds": seconds, **more}
    )


def _change(
    snapshot: Snapshot,
    before: Visit,
    outcome: Answered,
    message: str,
    events: list[AuditEvent],
    more: Mapping[Key[Any], object] | None = None,
) -> Change:
    """The visit, its events, and its message; where Slack never said which that is, the press has said so now."""
    asked = {
        key: question if question.ts or not message else question.found(message)
        for key, question in changed_question(snapshot, before, outcome.visit).items()
    }
    return Change(outcome, {visit_key(before.id): outcome.visit, **asked, **(more or {})}, events)
