"""Lockdown and lift."""

from collections.abc import Callable

from app.domain.audit import Action
from app.domain.commands import Command
from app.domain.doors import Door
from app.domain.office import ALL_DOORS, Office
from app.slack.answers import Answer, Handlers, doors_named, together
from app.usecases.lockdowns import Lockdowns
from app.usecases.requests import Request


class LockdownVerbs:
    """`lockdown` and `lift`: the door that was named, or every door."""

    def __init__(self, office: Office, lockdowns: Lockdowns) -> None:
        self._office = office
        self._lockdowns = lockdowns

    def handlers(self) -> Handlers:
        return {Action.LOCK_DOWN: self._lock_down, Action.LIFT: self._lift}

    def _lock_down(self, request: Request, command: Command) -> Answer:
        doors = self._office.chosen(command.door_id or ALL_DOORS)
        return _at_each(doors, lambda door: self._lockdowns.lock_down(request, door, command.rest), request)

    def _lift(self, request: Request, command: Command) -> Answer:
        # What follows must be a door: a mistyped one must not stand for all of them.
        return _at_each(doors_named(self._office, command), lambda door: self._lockdowns.lift(request, door), request)


def _at_each(doors: list[Door], act: Callable[[Door], object], request: Request) -> Answer:
    """One door after the other, answered when all are done."""
    return together([act(door) for door in doors], request)
