"""`/frontdoor …` and the buttons: parse, use case, answer."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from app.clock import utcnow
from app.domain import commands
from app.domain.audit import Action, Source
from app.domain.commands import Command
from app.domain.doors import Door
from app.domain.errors import InvalidInput
from app.domain.office import Office
from app.domain.outcomes import RefusalReason, Refused, Repeated
from app.domain.permissions import Role, may
from app.slack import blocks
from app.usecases.audit import AuditLog
from app.usecases.doors import Doors
from app.usecases.people import Roles, Standing
from app.usecases.requests import Request
from app.usecases.unlocks import Unlocks

LOG_LINES = 15

Answer = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Person:
    """Who acts in Slack, and from where; `delivery` is the trigger id, new with every command and press."""

    user_id: str
    workspace_ids: tuple[str, ...]
    delivery: str = ""


class Commands:
    """Answers what people type and press. Returns Slack's message payload; a DoorBotError's text may be shown."""

    def __init__(self, office: Office, roles: Roles, unlocks: Unlocks, doors: Doors, audit: AuditLog) -> None:
        self._office = office
        self._roles = roles
        self._unlocks = unlocks
        self._doors = doors
        self._audit = audit
        self._answers: dict[Action, Callable[[Request, Command], Answer]] = {
            Action.UNLOCK: self._unlock,
            Action.LOCK: self._lock,
            Action.STATUS: self._status,
            Action.LOG: self._log,
            Action.HELP: self._help,
        }

    def run(self, text: str, person: Person) -> Answer:
        """Carry out a command as typed."""
        try:
            return self.carry_out(commands.parse(text, self._office.doors), person)
        except InvalidInput as error:
            return blocks.private(blocks.escaped(str(error)))

    def carry_out(self, command: Command, person: Person) -> Answer:
        """Carry out a command, as typed or as a button stands for it."""
        now = utcnow()
        standing = self._standing(person, command.action, now)
        request = Request(
            person.user_id,
            standing.role,
            Source.SLACK,
            now,
            person.delivery,
            standing.denied_because,
            lambda outcome: blocks.outcome(outcome, now),
        )
        if refused := self._doors.permit(request, command.action, command.door_id):
            return _answer(refused, request)
        return self._answers[command.action](request, command)

    def home(self, person: Person) -> Answer:
        """What this person's App Home shows."""
        answer = self.carry_out(Command(Action.STATUS), person)
        return blocks.home(answer, blocks.help_text(self._office.doors))

    def _standing(self, person: Person, action: Action, now: datetime) -> Standing:
        if self._office.people.workspace not in person.workspace_ids:
            return Standing(Role.NOBODY, RefusalReason.OTHER_WORKSPACE)
        return self._roles.standing(person.user_id, action, now)

    def _unlock(self, request: Request, command: Command) -> Answer:
        door = self._office.door(command.door_id)
        return _answer(self._unlocks.unlock(request, door, command.rest), request)

    def _lock(self, request: Request, command: Command) -> Answer:
        return _answer(self._unlocks.lock(request, self._office.door(command.door_id or command.rest)), request)

    def _status(self, request: Request, command: Command) -> Answer:
        found = self._doors.status(request, self._chosen(command))
        if isinstance(found, Refused):
            return _answer(found, request)
        return blocks.statuses(found, request.now, may_unlock=may(request.role, Action.UNLOCK))

    def _log(self, request: Request, command: Command) -> Answer:
        found = self._audit.latest(request, [door.id for door in self._chosen(command)], LOG_LINES)
        if isinstance(found, Refused):
            return _answer(found, request)
        return blocks.log(found, self._office.doors, request.now)

    def _chosen(self, command: Command) -> list[Door]:
        """The door that was named, or all of them."""
        name = command.door_id or command.rest
        return [self._office.door(name)] if name else list(self._office.doors.values())

    def _help(self, _request: Request, _command: Command) -> Answer:
        return blocks.private(blocks.help_text(self._office.doors))


def _answer(outcome: object, request: Request) -> Answer:
    """The first answer, when this delivery was answered before."""
    kept = outcome.answer if isinstance(outcome, Repeated) else request.answer(outcome)
    answer: Answer = json.loads(kept)
    return answer
