"""Unlock, extend and lock."""

from app.domain.audit import Action
from app.domain.commands import Command
from app.domain.office import Office
from app.slack.answers import Answer, Handlers, answer_to
from app.usecases.requests import Request
from app.usecases.unlocks import Unlocks


class UnlockVerbs:
    """`unlock` and `lock`, typed or pressed; *30 more minutes* is only pressed."""

    def __init__(self, office: Office, unlocks: Unlocks) -> None:
        self._office = office
        self._unlocks = unlocks

    def handlers(self) -> Handlers:
        return {Action.UNLOCK: self._unlock, Action.EXTEND: self._extend, Action.LOCK: self._lock}

    def _unlock(self, request: Request, command: Command) -> Answer:
        door = self._office.door(command.door_id)
        return answer_to(self._unlocks.unlock(request, door, command.rest), request)

    def _extend(self, request: Request, command: Command) -> Answer:
        door = self._office.door(command.door_id)
        return answer_to(self._unlocks.extend(request, door, command.rest), request)

    def _lock(self, request: Request, command: Command) -> Answer:
        return answer_to(self._unlocks.lock(request, self._office.door(command.door_id or command.rest)), request)
