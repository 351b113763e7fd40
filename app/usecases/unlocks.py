"""Unlock, extend and lock."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any
from uuid import uuid4

from app.domain import reminder_sentences, sentences
from app.domain.audit import Action, Outcome
from app.domain.doors import Door, DoorState
from app.domain.notices import Notice
from app.domain.outcomes import Extended, Locked, RefusalReason, Refused, Unlocked
from app.domain.reminders import Reminder, extension, name_of, named, reminder_of, unlock_of
from app.domain.timetable import outlook, suspension
from app.domain.unlocks import Asked, Terms, Unlock, asked_end, bounded, parse_asked
from app.ports import Key, Snapshot, Store
from app.usecases.planned import SCHEDULES, as_planned, plans
from app.usecases.requests import Change, Request, perform

STATE = Key[DoorState]("state")


def new_notice_key() -> Key[Notice]:
    """A name that no other notice has."""
    return Key(f"notice:{uuid4().hex}")


def reminder_for(unlock: Unlock) -> dict[Key[Reminder], Reminder]:
    """What is to be committed with an unlock so that its owner is reminded of its end; another one for each person."""
    reminder = reminder_of(unlock)
    return {Key(f"reminder:{name_of(unlock).split()[0]}:{unlock.by}"): reminder} if reminder else {}


class Unlocks:
    """Begins, extends and ends unlocks. Each returns an outcome, and raises StoreUnavailable."""

    def __init__(self, store: Store, terms: Terms, tell: Callable[[], None]) -> None:
        self._store = store
        self._terms = terms
        self._tell = tell

    def unlock(self, request: Request, door: Door, asked: str) -> object:
        """Unlock `door` for what was `asked` ("", "for 2h", "until 14:00"): Unlocked, Refused or Repeated."""

        def act(snapshot: Snapshot) -> Change | Refused:
            return self._unlock(request, as_planned(door, snapshot), asked, snapshot.get(STATE) or DoorState())

        return self._perform(request, Action.UNLOCK, door, act)

    def lock(self, request: Request, door: Door) -> object:
        """End every unlock of `door`, and suspend what releases by itself now: Locked, Refused or Repeated."""

        def act(snapshot: Snapshot) -> Change:
            return self._lock(request, as_planned(door, snapshot), snapshot)

        return self._perform(request, Action.LOCK, door, act)

    def _lock(self, request: Request, door: Door, snapshot: Snapshot) -> Change:
        now, state, planned = request.now, snapshot.get(STATE) or DoorState(), plans(snapshot)
        ended = tuple(unlock for unlock in state.unlocks if now < unlock.ends_at)
        schedule, until = outlook(door, planned, now).schedule, suspension(door, planned, now)
        writes: dict[Key[Any], object] = {STATE: replace(state, unlocks=())}
        details: dict[str, str | int] = {"ended": len(ended)}
        if until:
            planned = replace(planned.current(door.hours.local_date(now)), suspended_until=until)
            writes[SCHEDULES] = planned
            details |= {"until": until.isoformat()}
        outcome = Locked(door, ended, schedule, **vars(outlook(door, planned, now)))
        event = request.event(Action.LOCK, Outcome.DONE, door=door.id, details=details)
        notice = self._notice(request, door, outcome) if ended or until else {}
        return Change(outcome, {**writes, **notice}, [event])

    def extend(self, request: Request, door: Door, unlock: str) -> object:
        """Half an hour more of the `unlock` that a button names: Extended, Unlocked (kept), Refused or Repeated."""

        def act(snapshot: Snapshot) -> Change | Refused:
            return self._extend(request, as_planned(door, snapshot), unlock, snapshot.get(STATE) or DoorState())

        return self._perform(request, Action.EXTEND, door, act)

    def _unlock(self, request: Request, door: Door, asked: str, state: DoorState) -> Change | Refused:
        if state.lockdown_at(request.now):
            return Refused(Action.UNLOCK, RefusalReason.LOCKDOWN, door)
        now = request.now
        period = door.hours.period_at(now)
        if period is None:
            return Refused(Action.UNLOCK, RefusalReason.OUTSIDE_HOURS, door)
        wanted = parse_asked(asked, request.actor)
        ends_at = asked_end(wanted.when, self._terms, period.ends_at, now, door.hours.timezone)
        if ends_at <= now:
            return Refused(Action.UNLOCK, RefusalReason.PAST, door)
        plan = bounded(ends_at, self._terms, period.ends_at, now)
        running = state.longest_unlock(now) if wanted == Asked(wanted.when) else None
        if running and running.ends_at >= plan.ends_at:
            event = request.event(Action.UNLOCK, Outcome.DONE, door=door.id, reason="already_unlocked")
            return Change(Unlocked(door, running, plan.bound, kept=True), {}, [event])
        unlock = Unlock(request.actor, now, plan.ends_at, wanted.releases, wanted.expecting, wanted.tell)
        outcome = Unlocked(door, unlock, plan.bound)
        details: dict[str, str | int] = {"until": plan.ends_at.isoformat(), "bound": plan.bound or "asked"}
        details |= {"releases": wanted.releases} if wanted.releases else {}
        details |= {"expecting": wanted.expecting} if wanted.expecting else {}
        event = request.event(Action.UNLOCK, Outcome.DONE, door=door.id, details=details)
        new_state = state.with_unlock(unlock, now)
        return Change(
            outcome, {STATE: new_state, **reminder_for(unlock), **self._notice(request, door, outcome)}, [event]
        )

    def _extend(self, request: Request, door: Door, name: str, state: DoorState) -> Change | Refused:
        now, (starts_at, told_end) = request.now, named(name)
        if state.lockdown_at(now):
            return Refused(Action.EXTEND, RefusalReason.LOCKDOWN, door)
        unlock, running = unlock_of(state, starts_at, request.actor), state.longest_unlock(now)
        if running is None:
            return Refused(Action.EXTEND, RefusalReason.TOO_LATE, door, reminder_sentences.nothing_to_extend(door))
        if not door.hours.is_open(now):
            return Refused(Action.EXTEND, RefusalReason.OUTSIDE_HOURS, door)
        ends_at = min(unlock.ends_at, told_end or unlock.ends_at) if unlock else running.ends_at
        more = extension(ends_at, door, self._terms, now)
        if more is None:
            hint = reminder_sentences.no_longer(running, door, now)
            return Refused(Action.EXTEND, RefusalReason.TOO_LATE, door, hint)
        if unlock is None or now >= unlock.ends_at or running.ends_at >= more.ends_at:
            event = request.event(Action.EXTEND, Outcome.DONE, door=door.id, reason="already_unlocked")
            return Change(Unlocked(door, running, kept=True), {}, [event])
        longer = replace(unlock, ends_at=more.ends_at)
        outcome = Extended(door, longer, more.bound)
        details = {"until": more.ends_at.isoformat(), "bound": more.bound or "asked"}
        event = request.event(Action.EXTEND, Outcome.DONE, door=door.id, details=details)
        unlocks = tuple(longer if each is unlock else each for each in state.unlocks)
        new_state = replace(state, unlocks=unlocks)
        return Change(
            outcome, {STATE: new_state, **reminder_for(longer), **self._notice(request, door, outcome)}, [event]
        )

    def _notice(self, request: Request, door: Door, outcome: Unlocked | Extended | Locked) -> dict[Key[Notice], Notice]:
        """The channel is told of every unlock and lock, after the commit that this is part of."""
        if not door.channel:
            return {}
        text = sentences.announcement(outcome, request.actor, request.now)
        return {new_notice_key(): Notice(door.channel, text, request.now)}

    def _perform(
        self, request: Request, action: Action, door: Door, act: Callable[[Snapshot], Change | Refused]
    ) -> object:
        outcome = perform(self._store, request, action, door.id, act, STATE, SCHEDULES)
        if door.channel:
            self._tell()
        return outcome
