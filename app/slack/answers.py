"""Outcomes as the answers that a person in Slack gets: what every verb has in common."""

import json
from collections.abc import Callable, Mapping
from typing import Any

from app.domain.audit import Action
from app.domain.commands import Command
from app.domain.doors import Door
from app.domain.office import ALL_DOORS, Office
from app.domain.outcomes import Repeated
from app.domain.permissions import may
from app.slack import blocks
from app.usecases.doors import Doors
from app.usecases.requests import Request

Answer = dict[str, Any]
Handler = Callable[[Request, Command], Answer]
Handlers = Mapping[Action, Handler]


def answer_to(outcome: object, request: Request) -> Answer:
    """The answer to an outcome: the first one, when this delivery was answered before."""
    kept = outcome.answer if isinstance(outcome, Repeated) else request.answer(outcome)
    answer: Answer = json.loads(kept)
    return answer


def together(outcomes: list[object], request: Request) -> Answer:
    """One answer for several doors."""
    answers = [answer_to(each, request) for each in outcomes]
    return answers[0] if len(answers) == 1 else blocks.private("\n".join(str(each["text"]) for each in answers))


def first_answer(doors: Doors, request: Request, make: Callable[[], Answer]) -> Answer:
    """What only reads is answered once for each delivery, like what acts."""
    answer: Answer = json.loads(doors.first_answer(request, lambda: json.dumps(make())))
    return answer


def readable(doors: list[Door], request: Request, action: Action) -> list[Door]:
    """Those of `doors` of which this person may read what `action` shows."""
    return [door for door in doors if may(request.role_at(door.id), action)]


def doors_named(office: Office, command: Command) -> list[Door]:
    """The door that was named, also by the words that follow, or all of them."""
    return office.chosen(command.door_id or command.rest or ALL_DOORS)
