"""What is in force, what happened, and help."""

import json

from app.domain.audit import Action
from app.domain.commands import Command
from app.domain.office import Office
from app.domain.permissions import may
from app.slack import blocks
from app.slack.answers import Answer, Handlers, doors_named, first_answer, readable
from app.usecases.audit import AuditLog
from app.usecases.doors import Doors
from app.usecases.requests import Request
from app.usecases.sessions import Sessions

LOG_LINES = 15


class DoorVerbs:
    """`status`, `log` and `help`: they read, and change nothing."""

    def __init__(self, office: Office, doors: Doors, audit: AuditLog, sessions: Sessions, public_url: str) -> None:
        self._office = office
        self._doors = doors
        self._audit = audit
        self._sessions = sessions
        self._link = f"{public_url}/log/sign-in?token="

    def handlers(self) -> Handlers:
        return {Action.STATUS: self._status, Action.LOG: self._log, Action.HELP: self._help}

    def _status(self, request: Request, command: Command) -> Answer:
        chosen = readable(doors_named(self._office, command), request, Action.STATUS)
        may_unlock = {door.id for door in chosen if may(request.role_at(door.id), Action.UNLOCK)}
        return first_answer(
            self._doors, request, lambda: blocks.statuses(self._doors.status(request, chosen), request.now, may_unlock)
        )

    def _log(self, request: Request, command: Command) -> Answer:
        office = may(request.role, Action.LOG)
        past, named = self._audit.past_doors(self._office.doors) if office else {}, command.rest.lower()
        of_past = [named] if named in past else []
        named_doors = [] if of_past else readable(doors_named(self._office, command), request, Action.LOG)
        ids = of_past + [door.id for door in named_doors]
        ids += [] if command.door_id or named else past
        doors = {**past, **self._office.doors}
        found = self._audit.latest(ids, LOG_LINES, office=office)

        def answer(token: str) -> str:
            return json.dumps(blocks.log(found, doors, request.now, self._link + token if token else ""))

        told: Answer = json.loads(self._sessions.invite(request, answer))
        return told

    def _help(self, _: Request, command: Command) -> Answer:
        return blocks.private(blocks.escaped(command.problem) or blocks.help_text(self._office.doors))
