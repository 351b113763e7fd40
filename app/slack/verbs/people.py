"""Grants, revocations, and who may do what."""

from app.domain.audit import Action
from app.domain.commands import Command
from app.domain.office import ALL_DOORS, Office
from app.slack import blocks
from app.slack.answers import Answer, Handlers, answer_to, doors_named, first_answer, readable
from app.usecases.doors import Doors
from app.usecases.people import People
from app.usecases.requests import Request


class PeopleVerbs:
    """`grant`, `revoke` and `people`: for the door that was named, or for all."""

    def __init__(self, office: Office, people: People, doors: Doors) -> None:
        self._office = office
        self._people = people
        self._doors = doors

    def handlers(self) -> Handlers:
        return {Action.GRANT: self._grant, Action.REVOKE: self._revoke, Action.PEOPLE: self._list}

    def _grant(self, request: Request, command: Command) -> Answer:
        return answer_to(self._people.grant(request, self._door_id(command), command.rest), request)

    def _revoke(self, request: Request, command: Command) -> Answer:
        return answer_to(self._people.revoke(request, self._door_id(command), command.rest), request)

    def _list(self, request: Request, command: Command) -> Answer:
        doors = readable(doors_named(self._office, command), request, Action.PEOPLE)
        return first_answer(self._doors, request, lambda: blocks.people(self._people.list(request, doors), request.now))

    def _door_id(self, command: Command) -> str:
        """The door's id; "" for all."""
        return "" if command.door_id in ("", ALL_DOORS) else self._office.door(command.door_id).id
