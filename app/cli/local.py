"""Commands that work on this machine's configuration and store."""

import argparse
import getpass
import json
import logging
import os
import re
from collections.abc import Callable, Sequence
from itertools import islice

import app
import config
from app.clock import utcnow
from app.domain import commands, log_sentences, sentences
from app.domain.audit import Action, LogEntry, Source
from app.domain.doors import Door
from app.domain.durations import describe_duration
from app.domain.log_fields import fields
from app.domain.office import ALL_DOORS
from app.domain.outcomes import EveryDoor, NotReached, Refused
from app.domain.permissions import Role
from app.usecases.requests import Request

LOG_LINES = 50
REFUSED = 1
FENCE = re.compile(r"^```\n|\n```$", re.MULTILINE)  # around a picture, for Slack


def check(_: argparse.Namespace, settings: config.Settings) -> int:
    """What is configured. Getting here means that nothing is wrong with it."""
    office = settings.office
    store = "Redis (REDIS_URL)" if settings.redis_url else f"embedded, in {settings.sqlite_path}"
    print("The configuration is complete.")
    print(f"  public address  {settings.public_url}")
    print(f"  store           {store}")
    usual, longest = describe_duration(office.terms.unlock_for), describe_duration(office.terms.unlock_max)
    print(f"  unlocks         {usual} unless asked, at most {longest}")
    print(f"  people          named as admins: {len(office.people.admins)}, as hosts: {len(office.people.hosts)}")
    for door in office.doors.values():
        print(f"  door {door.id}: {door.name}")
        for line in _facts(door):
            print(f"    {line}")
    for warning in office.warnings():
        print(f"Warning: {warning}")
    return 0


def _facts(door: Door) -> list[str]:
    callers = ", ".join(door.intercoms) or "anybody"
    return [
        f"called at {door.number} by {callers}",
        f"released by {door.release}, {door.tone.describe()} ({_sent(door)})",
        f"working hours {door.hours.describe()} ({door.hours.timezone.key}); after hours: {door.after_hours.value}",
        f"forwarded to {', '.join(door.forward_to)}",
        f"Slack channel {door.channel or 'none: nobody is told'}",
    ]


def _sent(door: Door) -> str:
    if door.tone.length_ms:
        return f"tone profile {door.tone.name}: an audio tone"
    return f"tone profile {door.tone.name}: sent as {door.release_digits(door.tone)}"


def status(args: argparse.Namespace, settings: config.Settings) -> int:
    """What is in force."""
    services, request = app.create_services(settings), request_here()
    exit_status = print_outcomes(services.doors.status(request, _doors(services, args.door)), request)
    for alarm in services.alarms.standing(request.now):
        print(f"Warning: {alarm}")
    return exit_status


def unlock(args: argparse.Namespace, settings: config.Settings) -> int:
    """Unlock a door, in the words of `/frontdoor unlock`."""
    services, request = app.create_services(settings), request_here()
    command = commands.parse(" ".join(["unlock", *args.words]), services.office.doors)
    door = services.office.door(command.door_id)
    return print_outcomes([services.unlocks.unlock(request, door, command.rest)], request)


def lock(args: argparse.Namespace, settings: config.Settings) -> int:
    """Lock a door."""
    services, request = app.create_services(settings), request_here()
    return print_outcomes([services.unlocks.lock(request, services.office.door(args.door))], request)


def lockdown(args: argparse.Namespace, settings: config.Settings) -> int:
    """Let nothing release a door, or any of them."""
    services, request = app.create_services(settings), request_here()
    command = commands.parse(" ".join(["lockdown", *args.words]), services.office.doors)
    if (door := services.office.one_of(command.door_id)) is None:
        return print_outcomes([services.declarations.lock_down(request, command.rest)], request)
    return print_outcomes([services.lockdowns.lock_down(request, door, command.rest)], request)


def lift(args: argparse.Namespace, settings: config.Settings) -> int:
    """End a lockdown."""
    services, request = app.create_services(settings), request_here()
    if (door := services.office.one_of(args.door)) is None:
        return print_outcomes([services.declarations.lift(request)], request)
    return print_outcomes([services.lockdowns.lift(request, door)], request)


def grant(args: argparse.Namespace, settings: config.Settings) -> int:
    """Make somebody a host or an admin, in the words of `/frontdoor grant`."""
    services, request = app.create_services(settings), request_here()
    command = commands.parse(" ".join(["grant", *args.words]), services.office.doors)
    return print_outcomes([services.people.grant(request, _office_or(command.door_id), command.rest)], request)


def revoke(args: argparse.Namespace, settings: config.Settings) -> int:
    """Take somebody's rights away, in the words of `/frontdoor revoke`."""
    services, request = app.create_services(settings), request_here()
    command = commands.parse(" ".join(["revoke", *args.words]), services.office.doors)
    return print_outcomes([services.people.revoke(request, _office_or(command.door_id), command.rest)], request)


def people(args: argparse.Namespace, settings: config.Settings) -> int:
    """Who may do what."""
    services, request = app.create_services(settings), request_here()
    return print_outcomes([services.people.list(request, _doors(services, args.door))], request)


def _office_or(door_id: str) -> str:
    """The door that was named; "" for all of them."""
    return "" if door_id == ALL_DOORS else door_id


def _doors(services: app.Services, name: str) -> list[Door]:
    """The door that was named, or all of them."""
    return [services.office.door(name)] if name else list(services.office.doors.values())


def code(args: argparse.Namespace, settings: config.Settings) -> int:
    """List, issue or revoke access codes, in the words of `/frontdoor code`."""
    services, request = app.create_services(settings), request_here()
    office, codes = services.office, services.access_codes
    command = commands.parse(" ".join(["code", *args.words]), office.doors)
    if command.action is Action.CODES:
        return print_outcomes(codes.codes(request, office.chosen(command.door_id or ALL_DOORS)), request)
    carry_out = codes.issue if command.action is Action.ISSUE_CODE else codes.revoke
    return print_outcomes(carry_out(request, office.chosen(command.door_id), command.rest), request)


def report(args: argparse.Namespace, settings: config.Settings) -> int:
    """The last seven days at a door, or at all of them."""
    services, request = app.create_services(settings), request_here()
    return print_outcomes(services.reports.report(request, services.office.chosen(args.door or ALL_DOORS)), request)


def log(args: argparse.Namespace, settings: config.Settings) -> int:
    """The audit log, newest first."""
    services, now = app.create_services(settings), utcnow()
    past = services.audit.past_doors(services.office.doors)
    doors = {**services.office.doors, **past}
    ids = [*doors, ""]
    if args.door:
        ids = [args.door.lower() if args.door.lower() in past else services.office.door(args.door).id]
    limit = args.limit or (None if args.json else LOG_LINES)
    show: Callable[[LogEntry], str] = (
        _as_json if args.json else lambda entry: log_sentences.log_line(entry, doors, now, str)
    )
    for entry in islice(services.audit.entries(ids), limit):
        print(show(entry))
    return 0


def fallback(args: argparse.Namespace, settings: config.Settings) -> int:
    """The TwiML for a TwiML Bin."""
    print(app.fallback_twiml(settings.office.door(args.door)))
    return 0


def _as_json(entry: LogEntry) -> str:
    return json.dumps(fields(entry))


def request_here() -> Request:
    """Whoever can run this on the server can do all that an admin can."""
    logging.getLogger().setLevel(logging.WARNING)
    return Request(f"cli:{_user()}", Role.ADMIN, Source.CLI, utcnow())


def _user() -> str:
    """Who runs this, as the system says; a container's user may have no name."""
    try:
        name = getpass.getuser()
    except (KeyError, OSError):
        name = str(os.getuid())
    return "".join(letter for letter in name if letter.isalnum() or letter in "._-")[:40]


def print_outcomes(outcomes: Sequence[object], request: Request) -> int:
    for outcome in outcomes:
        print(FENCE.sub("", sentences.sentence(outcome, request.now, str)))
    return REFUSED if any(isinstance(each, Refused | NotReached) or _is_pending(each) for each in outcomes) else 0


def _is_pending(outcome: object) -> bool:
    return isinstance(outcome, EveryDoor) and bool(outcome.pending)
