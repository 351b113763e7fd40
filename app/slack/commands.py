"""`/frontdoor …` and the buttons: who asks, whether they may, and which verb answers."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import datetime

from app.clock import utcnow
from app.domain import commands
from app.domain.audit import Action, Source
from app.domain.commands import Command
from app.domain.errors import InvalidInput, WhichDoor
from app.domain.office import ALL_DOORS, Office
from app.domain.outcomes import RefusalReason
from app.domain.permissions import Role, may
from app.slack import blocks, choices
from app.slack.answers import Answer, Handler, Handlers, answer_to
from app.usecases.doors import Doors
from app.usecases.requests import Request
from app.usecases.roles import Roles, Standing

OF_ONE_DOOR = frozenset({Action.UNLOCK, Action.LOCK, Action.ISSUE_CODE, Action.REVOKE_CODE, Action.TONE})


@dataclass(frozen=True, slots=True)
class Person:
    """Who acts in Slack, and from where; `delivery` is the trigger id, new with every command and press."""

    user_id: str
    workspace_ids: tuple[str, ...]
    delivery: str = ""


Heard = Callable[[object], None]
"""Is told of each outcome before it is put into words."""


def ignored(_: object) -> None:
    """Nobody wants to know."""


class Commands:
    """Answers what people type and press. Returns Slack's message payload; a DoorBotError's text may be shown."""

    def __init__(self, office: Office, roles: Roles, doors: Doors, verbs: Iterable[Handlers]) -> None:
        self._office = office
        self._roles = roles
        self._doors = doors
        self._handlers: dict[Action, Handler] = {
            action: handler for handlers in verbs for action, handler in handlers.items()
        }

    def run(self, text: str, person: Person) -> Answer:
        """Carry out a command as typed; what is not understood is explained to whoever may ask for help."""
        try:
            command = commands.parse(text, self._office.doors)
        except InvalidInput as error:
            command = Command(Action.HELP, problem=str(error))
        return self.carry_out(command, person)

    def carry_out(self, command: Command, person: Person, heard: Heard = ignored) -> Answer:
        """Carry out a command, as typed or as a button stands for it; `heard` is told what came of it."""
        request = self.request(command.action, person, heard)
        if refused := self._doors.permit(request, command.action, self._refused_at(command)):
            return answer_to(refused, request)
        try:
            return self._handlers[command.action](request, command)
        except WhichDoor as which:
            if command.door_id:  # a button of a door that is no more
                raise
            return self._choice(which, request, command)

    def _choice(self, which: WhichDoor, request: Request, command: Command) -> Answer:
        """The doors at which this person may do it, to choose from: each carries out what was typed."""
        asked = replace(command, rest="") if which.named else command
        doors = {
            door.id: door.name for door in self._office.doors.values() if may(request.role_at(door.id), command.action)
        }
        if len(doors) == len(self._office.doors) > 1 and commands.may_be_for_all(command.action):
            doors[ALL_DOORS] = "All doors"
        return blocks.private(blocks.escaped(str(which)), choices.blocks(asked, doors) if doors else None)

    def is_ours(self, person: Person) -> bool:
        """Whether somebody acts in this office's workspace."""
        return self._office.people.workspace in person.workspace_ids

    def _refused_at(self, command: Command) -> str:
        """The door in whose log a refusal is put, "" for the office's."""
        is_only = command.action in OF_ONE_DOOR and len(self._office.doors) == 1
        door_id = command.door_id if command.door_id in self._office.doors else ""  # "all", or a door that is no more
        return door_id or (next(iter(self._office.doors)) if is_only else "")

    def request(self, action: Action, person: Person, heard: Heard = ignored) -> Request:
        """What this person asks for, and what they are here."""
        now = utcnow()

        def answer(outcome: object) -> str:
            heard(outcome)
            return blocks.outcome(outcome, now)

        standing = self._standing(person, action, now)
        return Request(
            person.user_id,
            standing.role,
            Source.SLACK,
            now,
            person.delivery,
            standing.denied_because,
            answer,
            standing.roles,
        )

    def _standing(self, person: Person, action: Action, now: datetime) -> Standing:
        if not self.is_ours(person):
            return Standing(Role.NOBODY, RefusalReason.OTHER_WORKSPACE)
        return self._roles.standing(person.user_id, action, now)
