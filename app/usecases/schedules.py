"""Schedules and special days: what a door does by itself is added, removed, paused and resumed."""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

from app.domain import schedule_edits as edits
from app.domain import schedule_sentences as words
from app.domain.audit import Action, Outcome
from app.domain.doors import Door, DoorState
from app.domain.notices import Notice
from app.domain.outcomes import Refused
from app.domain.schedule_edits import Edited, Planning
from app.domain.schedule_outcomes import SchedulesListed
from app.domain.schedules import applied
from app.domain.timetable import outlook
from app.ports import Key, Snapshot, Store, partition
from app.usecases.planned import SCHEDULES, as_planned, plans
from app.usecases.requests import Change, Request, perform
from app.usecases.unlocks import STATE, new_notice_key, reminder_for

Edit = Callable[[Planning], Edited | Refused]


class Schedules:
    """Each returns an outcome, Refused or Repeated, and raises StoreUnavailable."""

    def __init__(self, store: Store, tell: Callable[[], None]) -> None:
        self._store = store
        self._tell = tell

    def add(self, request: Request, door: Door, text: str) -> object:
        """Release rings in weekly windows, as "mon-fri 11:00-14:00 called lunch" asks: SchedulesAdded."""
        return self._perform(request, Action.ADD_SCHEDULE, door, lambda at: edits.add(at, request.actor, text))

    def remove(self, request: Request, door: Door, text: str) -> object:
        """Remove the schedule of this number or name, or what is special about a date: ScheduleRemoved."""
        return self._perform(request, Action.REMOVE_SCHEDULE, door, lambda at: edits.remove(at, text))

    def pause(self, request: Request, door: Door, text: str) -> object:
        """Let one schedule ("1 until friday"), or all, release nothing before a date begins: SchedulePaused."""
        return self._perform(request, Action.PAUSE_SCHEDULE, door, lambda at: edits.pause(at, text))

    def resume(self, request: Request, door: Door, text: str) -> object:
        """End the pause of one schedule, or all pauses and what a lock suspends: ScheduleResumed."""
        return self._perform(request, Action.RESUME_SCHEDULE, door, lambda at: edits.resume(at, text))

    def open_day(self, request: Request, door: Door, text: str) -> object:
        """Add working hours on a date, and release rings in them unless it says `asking`: SpecialDaysAdded."""
        return self._perform(
            request, Action.OPEN_DAY, door, lambda at: edits.special(at, request.actor, text, is_open=True)
        )

    def close_day(self, request: Request, door: Door, text: str) -> object:
        """Take a date, or a part of it, out of the working hours: SpecialDaysAdded."""
        return self._perform(
            request, Action.CLOSE_DAY, door, lambda at: edits.special(at, request.actor, text, is_open=False)
        )

    def list(self, request: Request, doors: Sequence[Door]) -> Sequence[SchedulesListed]:
        """All that is planned for each of `doors`, for a request that is permitted."""
        found = self._store.read_many([(partition(door.id), [SCHEDULES, STATE]) for door in doors])
        return [_listed(door, snapshot, request.now) for door, snapshot in zip(doors, found, strict=True)]

    def _perform(self, request: Request, action: Action, door: Door, edit: Edit) -> object:
        def act(snapshot: Snapshot) -> Change | Refused:
            return _change(request, action, as_planned(door, snapshot), snapshot, edit)

        outcome = perform(self._store, request, action, door.id, act, SCHEDULES, STATE)
        if door.channel:
            self._tell()
        return outcome


def _listed(door: Door, snapshot: Snapshot, now: datetime) -> SchedulesListed:
    door = as_planned(door, snapshot)
    planned, state = plans(snapshot).current(door.hours.local_date(now)), snapshot.get(STATE) or DoorState()
    in_lockdown = state.lockdown_at(now) is not None
    return SchedulesListed(door, planned, in_lockdown=in_lockdown, **vars(outlook(door, planned, now)))


def _change(request: Request, action: Action, door: Door, snapshot: Snapshot, edit: Edit) -> Change | Refused:
    """What was edited, with the unlocks that may not outlast the working hours any more, in one commit."""
    now = request.now
    edited = edit(Planning(door, plans(snapshot).current(door.hours.local_date(now)), now))
    if isinstance(edited, Refused):
        return edited
    after = applied(door, edited.planned)
    before = snapshot.get(STATE) or DoorState()
    state, shortened = before.within(door.hours, after.hours, now)
    standing = vars(outlook(after, edited.planned, now))
    in_lockdown = state.lockdown_at(now) is not None
    outcome = edited.outcome(door=after, in_lockdown=in_lockdown, shortened=shortened, **standing)
    writes: dict[Key[Any], object] = {SCHEDULES: edited.planned}
    more: dict[str, str | int] = {}
    if shortened:
        writes[STATE] = state
        for unlock in state.unlocks:
            writes.update(reminder_for(unlock) if unlock in shortened else {})
        more = {"unlocks_end": shortened[0].ends_at.isoformat()}
    if door.channel:
        writes[new_notice_key()] = Notice(door.channel, words.announcement(outcome, request.actor, now), now)
    events = [
        request.event(action, Outcome.DONE, door=door.id, details={**details, **more}) for details in edited.details
    ]
    return Change(outcome, writes, events)
