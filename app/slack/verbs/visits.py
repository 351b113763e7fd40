"""Hosts' answers to a waiting visit: the buttons under the message that asks."""

from app.domain.audit import Action
from app.domain.commands import Command
from app.domain.office import Office
from app.slack.answers import Answer, Handlers, answer_to
from app.usecases.answers import Answers
from app.usecases.requests import Request


class VisitVerbs:
    """*Let in* and *Turn away*; the value of the button has the door and the visit."""

    def __init__(self, office: Office, answers: Answers) -> None:
        self._office = office
        self._visits = answers

    def handlers(self) -> Handlers:
        return {Action.ADMIT: self._admit, Action.TURN_AWAY: self._turn_away}

    def _admit(self, request: Request, command: Command) -> Answer:
        call, _, more = command.rest.partition(" ")
        door = self._office.door(command.door_id)
        return answer_to(self._visits.admit(request, door, call, command.message, unlock=more == "unlock"), request)

    def _turn_away(self, request: Request, command: Command) -> Answer:
        door = self._office.door(command.door_id)
        return answer_to(self._visits.turn_away(request, door, command.rest, command.message), request)
