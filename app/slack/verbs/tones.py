"""Trying tones at a door."""

from app.domain.audit import Action
from app.domain.commands import Command
from app.domain.durations import quoted
from app.domain.errors import InvalidInput
from app.domain.office import Office
from app.slack.answers import Answer, Handlers, answer_to
from app.usecases.requests import Request
from app.usecases.tones import Tones


class ToneVerbs:
    """`tone`, `tone reset`, and the answers to "did it open?"."""

    def __init__(self, office: Office, tones: Tones) -> None:
        self._office = office
        self._tones = tones

    def handlers(self) -> Handlers:
        return {Action.TONE: self._tone, Action.KEEP_TONE: self._keep_tone}

    def _tone(self, request: Request, command: Command) -> Answer:
        door = self._office.door(command.door_id)
        match command.rest.lower():
            case "":
                return answer_to(self._tones.calibrate(request, door), request)
            case "reset":
                return answer_to(self._tones.reset(request, door), request)
        raise InvalidInput(f"I don't know {quoted(command.rest)}. Try `/frontdoor tone` or `/frontdoor tone reset`.")

    def _keep_tone(self, request: Request, command: Command) -> Answer:
        """The press of a button: its value has the answer, the tone and the visit."""
        door, (answer, profile, call) = self._office.door(command.door_id), (*command.rest.split(), "", "", "")[:3]
        return answer_to(self._tones.opened(request, door, profile, call, did_open=answer == "yes"), request)
