"""Lockdown and lift."""

from app.domain.audit import Action
from app.domain.commands import Command
from app.domain.office import Office
from app.slack.answers import Answer, Handlers, answer_to
from app.usecases.declarations import Declarations
from app.usecases.lockdowns import Lockdowns
from app.usecases.requests import Request


class LockdownVerbs:
    """`lockdown` and `lift`: the door that was named, or every door."""

    def __init__(self, office: Office, lockdowns: Lockdowns, declarations: Declarations) -> None:
        self._office = office
        self._lockdowns = lockdowns
        self._declarations = declarations

    def handlers(self) -> Handlers:
        return {Action.LOCK_DOWN: self._lock_down, Action.LIFT: self._lift}

    def _lock_down(self, request: Request, command: Command) -> Answer:
        if (door := self._office.one_of(command.door_id)) is None:
            return answer_to(self._declarations.lock_down(request, command.rest), request)
        return answer_to(self._lockdowns.lock_down(request, door, command.rest), request)

    def _lift(self, request: Request, command: Command) -> Answer:
        # What follows must be a door: a mistyped one must not stand for all of them.
        if (door := self._office.one_of(command.door_id or command.rest)) is None:
            return answer_to(self._declarations.lift(request), request)
        return answer_to(self._lockdowns.lift(request, door), request)
