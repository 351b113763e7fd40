"""Reminds the owner of an unlock ten minutes before it ends. The unlock ends by itself, whatever becomes of that."""

from collections.abc import Callable, Mapping
from datetime import datetime

from app.domain import reminder_sentences
from app.domain.doors import Door, DoorState
from app.domain.notices import Notice
from app.domain.reminders import Reminder, extension, is_last, unlock_of
from app.domain.timetable import Timetable
from app.domain.unlocks import Terms
from app.ports import DueRecord, Key, Store, partition
from app.usecases.due import door_of, look_at_due
from app.usecases.planned import SCHEDULES, as_planned, plans
from app.usecases.unlocks import STATE, new_notice_key


class Reminders:
    """Turns each reminder that is due into a message, in one commit: it becomes one at most."""

    def __init__(self, store: Store, doors: Mapping[str, Door], terms: Terms, tell: Callable[[], None]) -> None:
        self._store = store
        self._doors = doors
        self._partitions = [partition(door_id) for door_id in doors]
        self._terms = terms
        self._tell = tell

    def remind(self, now: datetime) -> None:
        """Look at every reminder that is due, also at those that nobody could look at in time. StoreUnavailable."""
        look_at_due(self._store, self._partitions, lambda: now, {"reminder": self._remind})

    def _remind(self, due: DueRecord, now: datetime) -> None:
        key = Key[Reminder](due.name)
        snapshot = self._store.read(due.partition, key, STATE, SCHEDULES)
        door = as_planned(self._doors[door_of(due)], snapshot)
        reminder, state = snapshot.get(key), snapshot.get(STATE) or DoorState()
        if reminder is None or now < reminder.due_at:
            return
        unlock = unlock_of(state, reminder.starts_at, reminder.who)
        goes_on = unlock and Timetable(plans(snapshot), door.hours).at(unlock.ends_at)
        if unlock is None or now >= unlock.ends_at or not is_last(unlock, state, now) or goes_on:
            self._store.commit(snapshot, {key: None})
        elif not state.lockdown_at(now):  # if that ends before the unlock does, there is something to be reminded of
            more = extension(unlock.ends_at, door, self._terms, now)
            text, buttons = reminder_sentences.reminder(unlock, more, door, now)
            notice = Notice(reminder.who, text, now, buttons=buttons, expires_at=unlock.ends_at)
            if self._store.commit(snapshot, {key: None, new_notice_key(): notice}):
                self._tell()
