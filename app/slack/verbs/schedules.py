"""Schedules and special days."""

from collections.abc import Callable

from app.domain.audit import Action
from app.domain.commands import Command
from app.domain.doors import Door
from app.domain.office import ALL_DOORS, Office
from app.domain.permissions import may
from app.slack import blocks, home_schedule
from app.slack.answers import Answer, Handler, Handlers, first_answer, readable, together
from app.slack.kit import actions, written
from app.usecases.doors import Doors
from app.usecases.each import at_each
from app.usecases.requests import Request
from app.usecases.schedules import Schedules

Act = Callable[[Request, Door, str], object]


class ScheduleVerbs:
    """`schedule`, and `schedule add …` and the rest, for one door or all."""

    def __init__(self, office: Office, schedules: Schedules, doors: Doors) -> None:
        self._office = office
        self._schedules = schedules
        self._doors = doors

    def handlers(self) -> Handlers:
        schedules = self._schedules
        return {
            Action.SCHEDULE: self._list,
            Action.ADD_SCHEDULE: self._act(schedules.add),
            Action.REMOVE_SCHEDULE: self._act(schedules.remove),
            Action.PAUSE_SCHEDULE: self._act(schedules.pause),
            Action.RESUME_SCHEDULE: self._act(schedules.resume),
            Action.OPEN_DAY: self._act(schedules.open_day),
            Action.CLOSE_DAY: self._act(schedules.close_day),
        }

    def _list(self, request: Request, command: Command) -> Answer:
        doors = readable(self._office.chosen(command.door_id or ALL_DOORS), request, Action.SCHEDULE)
        return first_answer(self._doors, request, lambda: self._listed(request, doors))

    def _listed(self, request: Request, doors: list[Door]) -> Answer:
        """What is planned, with buttons for the dialogs that add to it."""
        answer = blocks.schedules(self._schedules.list(request, doors), request.now)
        editable = next((door for door in doors if may(request.role_at(door.id), Action.ADD_SCHEDULE)), None)
        if editable is None:
            return answer
        row = home_schedule.adding(editable)
        return {**answer, "blocks": [written(answer["text"]), *actions(f"schedule:{editable.id}", row)]}

    def _act(self, act: Act) -> Handler:
        def handle(request: Request, command: Command) -> Answer:
            doors = self._office.chosen(command.door_id)
            return together(at_each(doors, lambda door: act(request, door, command.rest)), request)

        return handle
