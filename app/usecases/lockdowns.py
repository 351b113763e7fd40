"""Lockdown of a door: nothing releases it until an admin lifts that, or until its time has come."""

import logging
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from app.domain import lockdown_sentences
from app.domain.audit import Action, AuditEvent, Outcome
from app.domain.doors import Door, DoorState, Lockdown
from app.domain.errors import StoreUnavailable
from app.domain.lockdowns import Declaration, locked_down, parse_terms, stronger
from app.domain.notices import Notice
from app.domain.outcomes import Lifted, LockedDown
from app.ports import OFFICE, DueRecord, Key, Snapshot, Store, partition
from app.usecases.announcements import announcement
from app.usecases.due import door_of, look_at_due
from app.usecases.requests import Change, Request, perform
from app.usecases.unlocks import STATE, new_notice_key

logger = logging.getLogger(__name__)

DECLARATION = Key[Declaration]("declaration")
TIME_HAS_COME = "time"


class Lockdowns:
    """Of one door. `lock_down` and `lift` return an outcome; everything raises StoreUnavailable."""

    def __init__(self, store: Store, doors: Mapping[str, Door], tell: Callable[[], None]) -> None:
        self._store = store
        self._doors = doors
        self._partitions = [partition(door_id) for door_id in doors]
        self._tell = tell

    def lock_down(self, request: Request, door: Door, text: str) -> object:
        """From the very next ring or poll on nothing releases `door`: LockedDown, Refused or Repeated."""
        now, terms = request.now, parse_terms(text, request.now, door.hours.timezone)
        asked, number = Lockdown(request.actor, now, terms.why, terms.ends_at), self._newest(Action.LOCK_DOWN)

        def act(snapshot: Snapshot) -> Change:
            state = snapshot.get(STATE) or DoorState()
            lockdown = stronger(state.lockdown_at(now), asked)
            outcome = LockedDown(door, lockdown, kept=lockdown is not asked, unread=terms.unread)
            text = lockdown_sentences.declared(door, lockdown, now)
            notices = {} if outcome.kept else told(door, text, request.actor, now, lockdown_sentences.WHAT_TO_DO)
            events = [*ended(state, door, now), declared(request, outcome)]
            return Change(outcome, {STATE: locked_down(state, lockdown, number), **notices}, events)

        return self._perform(request, Action.LOCK_DOWN, door, act)

    def lift(self, request: Request, door: Door) -> object:
        """What was in force before counts again, as far as it has not ended: Lifted, Refused or Repeated."""
        now, number = request.now, self._newest(Action.LIFT)
        self._end_at(door, now)  # of one whose time has come the lift would be the end that nobody is told of

        def act(snapshot: Snapshot) -> Change:
            state = snapshot.get(STATE) or DoorState()
            outcome = Lifted(door, state.lockdown_at(now))
            event = request.event(Action.LIFT, Outcome.DONE, door=door.id)
            text = lockdown_sentences.lifted(door, request.actor)
            notices = told(door, text, request.actor, now) if outcome.lockdown else {}
            events = [*ended(state, door, now), event]
            return Change(outcome, {STATE: locked_down(state, None, number), **notices}, events)

        return self._perform(request, Action.LIFT, door, act)

    def end(self, now: datetime) -> None:
        """Put on record, and tell, that the time of a lockdown has come."""
        look_at_due(self._store, self._partitions, lambda: now, {STATE.name: self._end})

    def _end(self, due: DueRecord, now: datetime) -> None:
        self._end_at(self._doors[door_of(due)], now)

    def _end_at(self, door: Door, now: datetime) -> None:
        snapshot = self._store.read(partition(door.id), STATE)
        state = snapshot.get(STATE) or DoorState()
        if not (events := ended(state, door, now)) or state.lockdown is None:
            return
        is_of_this_door = not state.lockdown.number  # that of every door is told once, not by each
        notices = told(door, lockdown_sentences.ended(door, state.lockdown), "", now) if is_of_this_door else {}
        if self._store.commit(snapshot, {STATE: locked_down(state, None, 0), **notices}, events):
            self._tell()

    def _newest(self, action: Action) -> int:
        """The number of the newest declaration for every door, if what is done now overrules that at this one.

        One lockdown does not overrule another: which of them holds is for `stronger` to say.
        """
        try:
            newest = self._store.read(OFFICE, DECLARATION).get(DECLARATION)
        except StoreUnavailable as error:
            if action is Action.LIFT:
                raise
            logger.warning("A lockdown goes on without the office's records: %s", error.detail)
            return 0
        return 0 if newest is None or newest.action is action is Action.LOCK_DOWN else newest.number

    def _perform(self, request: Request, action: Action, door: Door, act: Callable[[Snapshot], Change]) -> object:
        outcome = perform(self._store, request, action, door.id, act, STATE)
        self._tell()
        return outcome


def told(door: Door, text: str, actor: str, now: datetime, more: str = "") -> dict[Key[Any], object]:
    """What is to be committed so that the door's channel is told, and its hosts, who hear `more`."""
    channel = {new_notice_key(): Notice(door.channel, text, now)} if door.channel else {}
    return {**channel, **announcement(text + more, now, actor, door.id)}


def declared(request: Request, outcome: LockedDown) -> AuditEvent:
    """What goes on record at the door."""
    reason, details = "already_locked_down" if outcome.kept else "", terms_of(outcome.lockdown)
    return request.event(Action.LOCK_DOWN, Outcome.DONE, door=outcome.door.id, reason=reason, details=details)


def terms_of(lockdown: Lockdown) -> dict[str, str | int]:
    """Why, and until when, as the record has it."""
    why: dict[str, str | int] = {"why": lockdown.why} if lockdown.why else {}
    return why | ({"until": lockdown.ends_at.isoformat()} if lockdown.ends_at else {})


def ended(state: DoorState, door: Door, now: datetime) -> list[AuditEvent]:
    """What goes on record where a lockdown is over by the clock, and nobody has put that on record yet."""
    if state.lockdown is None or state.lockdown_at(now):
        return []
    return [AuditEvent(now, door.id, Action.LIFT, Outcome.DONE, TIME_HAS_COME)]
