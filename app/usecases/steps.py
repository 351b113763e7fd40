"""How a visit moves on: each step is one commit of the visit, its events, and what its message in Slack should show."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from app.domain.audit import Action, AuditEvent, Outcome, Source
from app.domain.doors import Door
from app.domain.errors import StoreUnavailable
from app.domain.questions import Question
from app.domain.visits import Visit
from app.ports import Key, Snapshot, Store, partition
from app.usecases.requests import TRIES

NO_DETAILS: Mapping[str, str | int] = {}

MoveCall = Callable[[Door, str], None]  # makes a live call ask us at once how to go on
Changed = Callable[[Door, Visit], None]  # told, after the commit, of a visit that has moved on


def nobody(_: Door, __: Visit) -> None:
    """Nobody is told: for uses without Slack."""


@dataclass(frozen=True)
class Move:
    """What a step comes to: the visit as it is then, and what is to be committed with it."""

    visit: Visit
    events: Sequence[AuditEvent] = ()
    writes: Mapping[Key[Any], object | None] = field(default_factory=dict)


Step = Callable[[Snapshot, Visit | None], Move | None]


def visit_key(call: str) -> Key[Visit]:
    return Key(f"visit:{call}")


def question_key(call: str) -> Key[Question]:
    return Key(f"question:{call}")


class Steps:
    """Takes steps of visits. Raises StoreUnavailable."""

    def __init__(self, store: Store, changed: Changed) -> None:
        self._store = store
        self._changed = changed

    def take(self, door: Door, call: str, step: Step, *keys: Key[Any]) -> Visit | None:
        """Carry `step` out against the visit and what is stored under `keys`; returns where the visit stands then.

        A step that returns None changes nothing.
        """
        key = visit_key(call)
        for _ in range(TRIES):
            snapshot = self._store.read(partition(door.id), key, question_key(call), *keys)
            visit = snapshot.get(key)
            move = step(snapshot, visit)
            if move is None:
                return visit
            question = changed_question(snapshot, visit, move.visit)
            if self._store.commit(snapshot, {key: move.visit, **move.writes, **question}, move.events):
                self._changed(door, move.visit)
                return move.visit
        raise StoreUnavailable("too many commits at once")


def changed_question(snapshot: Snapshot, before: Visit | None, after: Visit) -> dict[Key[Question], Question]:
    """What is to be committed so that the message about a visit follows it; nothing where it still shows the truth."""
    key = question_key(after.id)
    question = snapshot.get(key)
    if question is None or (before and before.story == after.story):
        return {}
    return {key: question.change()}


def visit_event(
    visit: Visit,
    door: Door,
    now: datetime,
    action: Action,
    outcome: Outcome,
    *,
    reason: str = "",
    actor: str = "",
    caller: str = "",
    details: Mapping[str, str | int] = NO_DETAILS,
) -> AuditEvent:
    """An audit event of a call."""
    return AuditEvent(now, door.id, action, outcome, reason, actor, Source.VOICE, visit.id, caller, details)
