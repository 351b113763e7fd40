"""What the App Homes of many people depend on, read in a few round trips: a Home can only look otherwise where that
is otherwise."""

from collections.abc import Hashable, Iterable, Mapping
from dataclasses import fields
from datetime import datetime

from app.domain.doors import Door
from app.domain.outcomes import DoorStatus
from app.ports import Key, Store, partition
from app.usecases.access_codes import CODES, TRIES_KEY
from app.usecases.doors import Doors
from app.usecases.homes import Sight
from app.usecases.planned import SCHEDULES
from app.usecases.requests import Request

DETAILS: tuple[Key, ...] = (CODES, TRIES_KEY, SCHEDULES)  # type: ignore[type-arg]

Mark = Hashable


class Marks:
    """Raises StoreUnavailable."""

    def __init__(self, store: Store, doors: Doors) -> None:
        self._store = store
        self._doors = doors

    def marks(self, sights: Iterable[tuple[Request, Sight]], now: datetime) -> dict[str, Mark]:
        """For each person what their Home depends on."""
        followed = list(sights)
        states = self._states({door.id: door for _, sight in followed for door in sight.page}, followed[0][0], now)
        details = self._details(sorted({sight.chosen.id for _, sight in followed}))
        return {
            request.actor: (
                request.role,
                tuple(sorted(request.roles.items())),
                tuple(states[door.id] for door in sight.page),
                sight.chosen.id,
                details[sight.chosen.id],
            )
            for request, sight in followed
        }

    def _states(self, doors: Mapping[str, Door], request: Request, now: datetime) -> dict[str, Mark]:
        """What holds at each door; and its date, because "tomorrow" becomes today."""
        return {
            status.door.id: (_told(status), now.astimezone(status.door.hours.timezone).date())
            for status in self._doors.status(request, [*doors.values()])
        }

    def _details(self, door_ids: list[str]) -> dict[str, Mark]:
        """What belongs to each door besides: as it is stored, and how long its log is."""
        where = [partition(door_id) for door_id in door_ids]
        stored = self._store.read_many([(each, DETAILS) for each in where])
        logs = self._store.read_logs(where, 1)
        return {
            door_id: (tuple(snapshot.stored.values()), tuple(entry.seq for entry in newest))
            for door_id, snapshot, newest in zip(door_ids, stored, logs, strict=True)
        }


def _told(status: DoorStatus) -> Mark:
    return tuple(getattr(status, each.name) for each in fields(status) if each.name != "door")
