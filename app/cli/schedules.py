"""Schedules, in the words of `/frontdoor schedule`."""

import argparse

import app
import config
from app.cli.local import print_outcomes, request_here
from app.domain import commands
from app.domain.audit import Action
from app.domain.office import ALL_DOORS
from app.usecases.each import at_each


def schedule(args: argparse.Namespace, settings: config.Settings) -> int:
    """List schedules and special days, or change them."""
    services, request = app.create_services(settings), request_here()
    office, schedules = services.office, services.schedules
    command = commands.parse(" ".join(["schedule", *args.words]), office.doors)
    if command.action is Action.SCHEDULE:
        return print_outcomes(schedules.list(request, office.chosen(command.door_id or ALL_DOORS)), request)
    act = {
        Action.ADD_SCHEDULE: schedules.add,
        Action.REMOVE_SCHEDULE: schedules.remove,
        Action.PAUSE_SCHEDULE: schedules.pause,
        Action.RESUME_SCHEDULE: schedules.resume,
        Action.OPEN_DAY: schedules.open_day,
        Action.CLOSE_DAY: schedules.close_day,
    }[command.action]
    outcomes = at_each(office.chosen(command.door_id), lambda door: act(request, door, command.rest))
    return print_outcomes(outcomes, request)
