"""Lockdown: nothing releases the door until an admin lifts it."""

from collections.abc import Callable
from dataclasses import replace

from app.domain import sentences
from app.domain.audit import Action, Outcome
from app.domain.doors import Door, DoorState, Lockdown
from app.domain.notices import Notice
from app.domain.outcomes import Lifted, LockedDown
from app.domain.phrases import NO_MARKUP
from app.ports import Key, Snapshot, Store
from app.usecases.requests import Change, Request, perform
from app.usecases.unlocks import STATE, new_notice_key

LONGEST_WHY = 200


class Lockdowns:
    """Both return an outcome, and raise StoreUnavailable."""

    def __init__(self, store: Store, tell: Callable[[], None]) -> None:
        self._store = store
        self._tell = tell

    def lock_down(self, request: Request, door: Door, why: str) -> object:
        """From the very next ring or poll on nothing releases `door`: LockedDown, Refused or Repeated."""

        def act(snapshot: Snapshot) -> Change:
            state = snapshot.get(STATE) or DoorState()
            lockdown = Lockdown(request.actor, request.now, why.translate(NO_MARKUP)[:LONGEST_WHY])
            outcome = LockedDown(door, lockdown)
            event = request.event(
                Action.LOCK_DOWN, Outcome.DONE, door=door.id, details={"why": lockdown.why} if lockdown.why else {}
            )
            notice = _notice(door, sentences.announcement(outcome, request.actor, request.now), request)
            return Change(outcome, {STATE: replace(state, lockdown=lockdown), **notice}, [event])

        return self._perform(request, Action.LOCK_DOWN, door, act)

    def lift(self, request: Request, door: Door) -> object:
        """What was in force before counts again, as far as it has not ended: Lifted, Refused or Repeated."""

        def act(snapshot: Snapshot) -> Change:
            state = snapshot.get(STATE) or DoorState()
            outcome = Lifted(door, state.lockdown)
            event = request.event(Action.LIFT, Outcome.DONE, door=door.id)
            text = sentences.announcement(outcome, request.actor, request.now)
            notice = _notice(door, text, request) if state.lockdown else {}
            return Change(outcome, {STATE: replace(state, lockdown=None), **notice}, [event])

        return self._perform(request, Action.LIFT, door, act)

    def _perform(self, request: Request, action: Action, door: Door, act: Callable[[Snapshot], Change]) -> object:
        outcome = perform(self._store, request, action, door.id, act, STATE)
        self._tell()
        return outcome


def _notice(door: Door, text: str, request: Request) -> dict[Key[Notice], Notice]:
    return {new_notice_key(): Notice(door.channel, text, request.now)} if door.channel else {}
