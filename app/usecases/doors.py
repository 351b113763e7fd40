"""What is in force at the doors."""

from collections.abc import Callable, Sequence

from app.domain.audit import Action
from app.domain.doors import Door, DoorState
from app.domain.outcomes import DoorStatus, Refused
from app.domain.statuses import status
from app.ports import Store, partition
from app.usecases.planned import SCHEDULES, plans
from app.usecases.requests import Request, first_answer, permit
from app.usecases.unlocks import STATE


class Doors:
    """Answers what holds now. Raises StoreUnavailable."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def permit(self, request: Request, action: Action, door_id: str) -> Refused | None:
        """None where this request may do `action`; otherwise Refused, and on record."""
        return permit(self._store, request, action, door_id)

    def status(self, request: Request, doors: Sequence[Door]) -> list[DoorStatus]:
        """The state of each of `doors`, for a request that is permitted: one round trip for them all."""
        found = self._store.read_many([(partition(door.id), [STATE, SCHEDULES]) for door in doors])
        return [
            status(door, snapshot.get(STATE) or DoorState(), plans(snapshot), request.now)
            for door, snapshot in zip(doors, found, strict=True)
        ]

    def first_answer(self, request: Request, make: Callable[[], str]) -> str:
        """The answer that was given to this delivery before, or now for the first time."""
        return first_answer(self._store, request, make)
