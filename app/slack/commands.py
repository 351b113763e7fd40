"""`/frontdoor …` and the buttons: parse, use case, answer."""

import json
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from app.clock import utcnow
from app.domain import commands
from app.domain.audit import Action, Source
from app.domain.commands import Command
from app.domain.doors import Door
from app.domain.durations import quoted
from app.domain.errors import InvalidInput
from app.domain.office import ALL_DOORS, Office
from app.domain.outcomes import RefusalReason, Repeated
from app.domain.permissions import Role, may
from app.slack import blocks
from app.usecases.access_codes import AccessCodes
from app.usecases.answers import Answers
from app.usecases.audit import AuditLog
from app.usecases.doors import Doors
from app.usecases.lockdowns import Lockdowns
from app.usecases.people import Roles, Standing
from app.usecases.requests import Request
from app.usecases.tones import Tones
from app.usecases.unlocks import Unlocks

LOG_LINES = 15
OF_ONE_DOOR = frozenset({Action.UNLOCK, Action.LOCK, Action.ISSUE_CODE, Action.REVOKE_CODE, Action.TONE})

Answer = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Person:
    """Who acts in Slack, and from where; `delivery` is the trigger id, new with every command and press."""

    user_id: str
    workspace_ids: tuple[str, ...]
    delivery: str = ""


class Commands:
    """Answers what people type and press. Returns Slack's message payload; a DoorBotError's text may be shown."""

    def __init__(
        self,
        office: Office,
        roles: Roles,
        unlocks: Unlocks,
        lockdowns: Lockdowns,
        tones: Tones,
        answers: Answers,
        doors: Doors,
        audit: AuditLog,
        codes: AccessCodes,
    ) -> None:
        self._office = office
        self._roles = roles
        self._unlocks = unlocks
        self._lockdowns = lockdowns
        self._tones = tones
        self._visits = answers
        self._doors = doors
        self._audit = audit
        self._access_codes = codes
        self._answers: dict[Action, Callable[[Request, Command], Answer]] = {
            Action.UNLOCK: self._unlock,
            Action.LOCK: self._lock,
            Action.ADMIT: self._admit,
            Action.TURN_AWAY: self._turn_away,
            Action.TONE: self._tone,
            Action.KEEP_TONE: self._keep_tone,
            Action.LOCK_DOWN: self._lock_down,
            Action.LIFT: self._lift,
            Action.CODES: self._codes,
            Action.ISSUE_CODE: self._issue_code,
            Action.REVOKE_CODE: self._revoke_code,
            Action.STATUS: self._status,
            Action.LOG: self._log,
            Action.HELP: self._help,
        }

    def run(self, text: str, person: Person) -> Answer:
        """Carry out a command as typed; what is not understood is explained to whoever may ask for help."""
        try:
            command = commands.parse(text, self._office.doors)
        except InvalidInput as error:
            command = Command(Action.HELP, problem=str(error))
        return self.carry_out(command, person)

    def carry_out(self, command: Command, person: Person) -> Answer:
        """Carry out a command, as typed or as a button stands for it."""
        request = self._request(command.action, person)
        if refused := self._doors.permit(request, command.action, self._refused_at(command)):
            return _answer(refused, request)
        return self._answers[command.action](request, command)

    def home(self, person: Person) -> Answer:
        """What this person's App Home shows."""
        answer = self.carry_out(Command(Action.STATUS), person)
        return blocks.home(answer, blocks.help_text(self._office.doors))

    def _refused_at(self, command: Command) -> str:
        """The door in whose log a refusal is put, "" for the office's."""
        is_only = command.action in OF_ONE_DOOR and len(self._office.doors) == 1
        door_id = command.door_id if command.door_id in self._office.doors else ""  # "all", or a door that is no more
        return door_id or (next(iter(self._office.doors)) if is_only else "")

    def _request(self, action: Action, person: Person) -> Request:
        now = utcnow()
        standing = self._standing(person, action, now)
        return Request(
            person.user_id,
            standing.role,
            Source.SLACK,
            now,
            person.delivery,
            standing.denied_because,
            lambda outcome: blocks.outcome(outcome, now),
        )

    def _standing(self, person: Person, action: Action, now: datetime) -> Standing:
        if self._office.people.workspace not in person.workspace_ids:
            return Standing(Role.NOBODY, RefusalReason.OTHER_WORKSPACE)
        return self._roles.standing(person.user_id, action, now)

    def _unlock(self, request: Request, command: Command) -> Answer:
        door = self._office.door(command.door_id)
        return _answer(self._unlocks.unlock(request, door, command.rest), request)

    def _lock(self, request: Request, command: Command) -> Answer:
        return _answer(self._unlocks.lock(request, self._office.door(command.door_id or command.rest)), request)

    def _lock_down(self, request: Request, command: Command) -> Answer:
        return self._at_each(command, lambda door: self._lockdowns.lock_down(request, door, command.rest), request)

    def _lift(self, request: Request, command: Command) -> Answer:
        # What follows must be a door: a mistyped one must not stand for all of them.
        named = replace(command, door_id=command.door_id or command.rest)
        return self._at_each(named, lambda door: self._lockdowns.lift(request, door), request)

    def _at_each(self, command: Command, act: Callable[[Door], object], request: Request) -> Answer:
        """The door that was named, or every door: one after the other, and answered when all are done."""
        doors = [self._office.door(command.door_id)] if command.door_id else self._office.doors.values()
        answers = [_answer(act(door), request) for door in doors]
        return answers[0] if len(answers) == 1 else blocks.private("\n".join(str(each["text"]) for each in answers))

    def _tone(self, request: Request, command: Command) -> Answer:
        door = self._office.door(command.door_id)
        match command.rest.lower():
            case "":
                return _answer(self._tones.calibrate(request, door), request)
            case "reset":
                return _answer(self._tones.reset(request, door), request)
        raise InvalidInput(f"I don't know {quoted(command.rest)}. Try `/frontdoor tone` or `/frontdoor tone reset`.")

    def _keep_tone(self, request: Request, command: Command) -> Answer:
        """The press of a button: its value has the answer, the tone and the visit."""
        door, (answer, profile, call) = self._office.door(command.door_id), (*command.rest.split(), "", "", "")[:3]
        return _answer(self._tones.opened(request, door, profile, call, did_open=answer == "yes"), request)

    def _admit(self, request: Request, command: Command) -> Answer:
        call, _, more = command.rest.partition(" ")
        door = self._office.door(command.door_id)
        return _answer(self._visits.admit(request, door, call, command.message, unlock=more == "unlock"), request)

    def _turn_away(self, request: Request, command: Command) -> Answer:
        door = self._office.door(command.door_id)
        return _answer(self._visits.turn_away(request, door, command.rest, command.message), request)

    def _codes(self, request: Request, command: Command) -> Answer:
        doors = self._office.chosen(command.door_id or ALL_DOORS)
        return self._first_answer(request, lambda: blocks.codes(self._access_codes.codes(request, doors), request.now))

    def _issue_code(self, request: Request, command: Command) -> Answer:
        doors = self._office.chosen(command.door_id)
        return _together(self._access_codes.issue(request, doors, command.rest), request)

    def _revoke_code(self, request: Request, command: Command) -> Answer:
        doors = self._office.chosen(command.door_id)
        return _together(self._access_codes.revoke(request, doors, command.rest), request)

    def _status(self, request: Request, command: Command) -> Answer:
        chosen, may_unlock = self._chosen(command), may(request.role, Action.UNLOCK)
        return self._first_answer(
            request,
            lambda: blocks.statuses(self._doors.status(request, chosen), request.now, may_unlock=may_unlock),
        )

    def _log(self, request: Request, command: Command) -> Answer:
        ids = [door.id for door in self._chosen(command)]
        return self._first_answer(
            request, lambda: blocks.log(self._audit.latest(ids, LOG_LINES), self._office.doors, request.now)
        )

    def _first_answer(self, request: Request, make: Callable[[], Answer]) -> Answer:
        """What only reads is answered once for each delivery, like what acts."""
        answer: Answer = json.loads(self._doors.first_answer(request, lambda: json.dumps(make())))
        return answer

    def _chosen(self, command: Command) -> list[Door]:
        """The door that was named, or all of them."""
        name = command.door_id or command.rest
        return [self._office.door(name)] if name else list(self._office.doors.values())

    def _help(self, _: Request, command: Command) -> Answer:
        return blocks.private(blocks.escaped(command.problem) or blocks.help_text(self._office.doors))


def _answer(outcome: object, request: Request) -> Answer:
    """The first answer, when this delivery was answered before."""
    kept = outcome.answer if isinstance(outcome, Repeated) else request.answer(outcome)
    answer: Answer = json.loads(kept)
    return answer


def _together(outcomes: list[object], request: Request) -> Answer:
    """One answer for several doors."""
    return blocks.private("\n".join(_answer(each, request)["text"] for each in outcomes))
