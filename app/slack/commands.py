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
from app.domain.phrases import listed
from app.domain.schedule_sentences import OF_SCHEDULES
from app.slack import blocks, choices
from app.slack.answers import Answer, Handler, Handlers, answer_to
from app.usecases.doors import Doors
from app.usecases.requests import Request
from app.usecases.roles import Roles, Standing

OF_ONE_DOOR = frozenset(
    {Action.UNLOCK, Action.EXTEND, Action.LOCK, Action.ISSUE_CODE, Action.REVOKE_CODE, Action.TONE, *OF_SCHEDULES}
)

READS = frozenset({Action.STATUS, Action.LOG, Action.CODES, Action.SCHEDULE, Action.PEOPLE, Action.REPORT, Action.HELP})

BY_REST = frozenset({Action.LOCK, Action.LIFT})  # what follows can only be a door


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

    def __init__(
        self,
        office: Office,
        roles: Roles,
        doors: Doors,
        verbs: Iterable[Handlers],
        news: Callable[[Request], str] = lambda _: "",
    ) -> None:
        self._office = office
        self._roles = roles
        self._doors = doors
        self._news = news
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
        request = self.request(command, person, heard)
        try:
            command, judged_at = self._at_a_door(command, request)
            if refused := self._doors.permit(request, command.action, judged_at):
                return answer_to(refused, request)
            return blocks.with_news(self._handlers[command.action](request, command), self._news(request))
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

    def _at_a_door(self, command: Command, request: Request) -> tuple[Command, str]:
        """The command, for a door if its asker may do it at no other; and the door at which the right is judged.

        Who has rights at some doors only reads of those, and is asked which one is meant where something is to be done.
        """
        judged_at, action = self._refused_at(command), command.action
        is_named = command.door_id and not (command.door_id == ALL_DOORS and action in READS)
        if is_named or not request.roles or may(request.role_at(judged_at), action):
            return command, judged_at
        ids = [door_id for door_id in self._office.doors if may(request.role_at(door_id), action)]
        if not ids:
            return command, judged_at
        if action in READS or (action in BY_REST and command.rest):
            return command, ids[0]
        if len(ids) > 1:
            raise WhichDoor(f"Which door? Say one of: {listed(ids)}.")
        return replace(command, door_id=ids[0]), ids[0]

    def _refused_at(self, command: Command) -> str:
        """The door in whose log a refusal is put, "" for the office's."""
        is_only = command.action in OF_ONE_DOOR and len(self._office.doors) == 1
        door_id = command.door_id if command.door_id in self._office.doors else ""  # "all", or a door that is no more
        return door_id or (next(iter(self._office.doors)) if is_only else "")

    def request(self, command: Command, person: Person, heard: Heard = ignored) -> Request:
        """What this person asks for, and what they are here."""
        now = utcnow()

        def answer(outcome: object) -> str:
            heard(outcome)
            return blocks.outcome(outcome, now)

        standing = self._standing(person, command, now)
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

    def _standing(self, person: Person, command: Command, now: datetime) -> Standing:
        if not self.is_ours(person):
            return Standing(Role.NOBODY, RefusalReason.OTHER_WORKSPACE)
        door_id = command.door_id if command.door_id in self._office.doors else ""
        return self._roles.standing(person.user_id, command.action, now, door_id)
