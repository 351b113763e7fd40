"""Access codes."""

from app.domain.audit import Action
from app.domain.commands import Command
from app.domain.office import ALL_DOORS, Office
from app.slack import blocks
from app.slack.answers import Answer, Handlers, first_answer, readable, together
from app.usecases.access_codes import AccessCodes
from app.usecases.doors import Doors
from app.usecases.requests import Request


class CodeVerbs:
    """`code`, `code issue …` and `code revoke …`, for one door or all."""

    def __init__(self, office: Office, codes: AccessCodes, doors: Doors) -> None:
        self._office = office
        self._codes = codes
        self._doors = doors

    def handlers(self) -> Handlers:
        return {Action.CODES: self._list, Action.ISSUE_CODE: self._issue, Action.REVOKE_CODE: self._revoke}

    def _list(self, request: Request, command: Command) -> Answer:
        doors = readable(self._office.chosen(command.door_id or ALL_DOORS), request, Action.CODES)
        return first_answer(self._doors, request, lambda: blocks.codes(self._codes.codes(request, doors), request.now))

    def _issue(self, request: Request, command: Command) -> Answer:
        doors = self._office.chosen(command.door_id)
        return together(self._codes.issue(request, doors, command.rest), request)

    def _revoke(self, request: Request, command: Command) -> Answer:
        doors = self._office.chosen(command.door_id)
        return together(self._codes.revoke(request, doors, command.rest), request)
