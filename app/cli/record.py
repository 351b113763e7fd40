"""The audit log in a terminal: read it, verify its seals, erase a visitor's number."""

import argparse
import re
import sys
from collections.abc import Mapping

import app
import config
from app.cli import local
from app.domain import seal_sentences as words
from app.domain.doors import Door
from app.domain.errors import InvalidInput
from app.domain.phrases import start
from app.ports import partition
from app.usecases.erasing import erase_number
from app.usecases.seal_anew import begin_anew
from app.usecases.verifying import Compared, Verified, Verifying

LISTED = 100  # things that are wrong, of each log
NOT_WHOLE = 1
NUMBER = re.compile(r"\+[1-9][0-9]{6,14}", re.ASCII)
COMPARED = {
    Compared.SAME: "is as it was posted",
    Compared.OTHER: "IS NOT what was posted: the log was rewritten before it, or the line was copied wrongly",
    Compared.BEYOND: "IS MISSING though it was posted: the log was cut, or an older copy was put in its place",
    Compared.GONE: "is past retention and was removed: nothing to compare any more",
}


def log(args: argparse.Namespace, settings: config.Settings) -> int:
    """The audit log; or, with a word behind it, what is to be done with it."""
    match args.words:
        case []:
            return local.log(args, settings)
        case ["verify"]:
            return verify(args, settings)
        case ["anew"]:
            return anew(args, settings)
        case ["erase", *number] if number:
            return erase("".join(number), settings)
    raise InvalidInput('Say log, log verify, log anew, or log erase "+12125550199".')


def erase(text: str, settings: config.Settings) -> int:
    """Erase a visitor's number from every entry."""
    number = re.sub(r"[\s().-]", "", text)
    if number != "withheld" and not NUMBER.fullmatch(number):
        raise InvalidInput("That is no telephone number. Write it as the log does, such as +12125550199.")
    services, request = app.create_services(settings), local.request_here()
    logs = [partition(door_id) for door_id in (*_every_door(services), "")]
    erased = erase_number(services.store, request, logs, number)
    print(f"The number was erased from {erased} {'entry' if erased == 1 else 'entries'}. Nothing else was changed.")
    return 0


def anew(args: argparse.Namespace, settings: config.Settings) -> int:
    """Have logs with which something is wrong sealed as they are now."""
    services, request = app.create_services(settings), local.request_here()
    ids = [services.office.door(args.door).id] if args.door else [*_every_door(services), ""]
    logs, breaches = [partition(door_id) for door_id in ids], services.recording.breaches
    if not args.door:
        logs = services.seal_keys.open(logs).also(logs)
    begun = begin_anew(services.store, services.seal_keys, breaches, request, logs)
    for log in begun:
        print(f"{start(breaches.name(log))} is sealed anew within seconds, as it is now, if the server runs.")
    if not begun:
        print("Nothing is known to be wrong, so there is nothing to begin anew.")
    return 0 if begun else NOT_WHOLE


def verify(args: argparse.Namespace, settings: config.Settings) -> int:
    """Say of every log whether it is as it was sealed; exit status 1 where one isn't."""
    services = app.create_services(settings)
    doors = _every_door(services)
    posted = [words.parse_posted(text) for text in args.head]
    logs = [partition(door_id) for door_id in (*doors, "")]
    opened = services.seal_keys.open(logs)
    logs = opened.also(logs)
    if args.door and partition(args.door) not in logs:
        services.office.door(args.door)  # which says what doors there are
    if not opened.key:
        print(words.unverifiable(opened.problem), file=sys.stderr)
        return NOT_WHOLE
    is_whole = True
    sealed = [log.partition(":")[2] for log in logs]
    for door_id in dict.fromkeys([args.door] if args.door else [*sealed, *(each.door_id for each in posted)]):
        verifying = Verifying(services.store, opened, args.limit or LISTED, _Progress(door_id).told)
        found = verifying.verify(partition(door_id), [each for each in posted if each.door_id == door_id])
        _print(verifying, found, door_id, doors)
        is_whole = is_whole and found.is_whole
    return 0 if is_whole else NOT_WHOLE


def _every_door(services: app.Services) -> Mapping[str, Door]:
    """Those of the file, and those of earlier days."""
    return {**services.office.doors, **services.audit.past_doors(services.office.doors)}


class _Progress:
    def __init__(self, door_id: str) -> None:
        self._name = door_id or words.OFFICE_ID

    def told(self, count: int, number: int) -> None:
        print(f"  {self._name}: {count:,} of {number:,} entries checked …", file=sys.stderr)


def _print(verifying: Verifying, found: Verified, door_id: str, doors: Mapping[str, Door]) -> None:
    door = doors.get(door_id)
    zone = (door or next(iter(doors.values()))).hours.timezone
    name = door.name if door else door_id or "Office"
    print(f"{name}: {'NOT WHOLE.' if found.bad else words.whole(found.head, found.unsealed, zone)}")
    for bad in found.bad:
        at = verifying.time_of(found.log, bad.first) if bad.first else None
        print(f"  {words.named(bad, at, zone)}")
    if found.left_out:
        print(f"  And {found.left_out:,} more; --limit shows more of them.")
    for each, compared in found.compared:
        print(f"  Entry {each.seq:,} {COMPARED[compared]}.")
