"""The edge to a terminal: `python -m app …` with the same words as in Slack."""

import argparse
import os
import sys
from collections.abc import Callable, Sequence
from typing import NoReturn

from dotenv import load_dotenv

import config
from app import configure_logging
from app.cli import copies, doctor, local, record, remote, schedules
from app.cli.serve import serve
from app.domain.errors import DoorBotError, StoreUnavailable
from app.simulated.telephones import BEHAVIOURS

EX_UNAVAILABLE = 69
EX_CONFIG = 78  # sysexits(3)
INTERRUPTED = 130  # as shells say it

Run = Callable[[argparse.Namespace, config.Settings], int]


def main(argv: Sequence[str]) -> int:
    """Carry out a command line; returns the exit status."""
    args = _parser().parse_args(argv)
    if args.run is _demo:  # before .env is read: what is set for the real server is nothing to a pretended one
        _demo()
    try:  # what the environment has already stays
        load_dotenv(".env", override=False, interpolate=False, encoding="utf-8-sig")
    except (OSError, ValueError) as error:
        print(f".env can't be read: {error}. It must be text in UTF-8 that this user may read.", file=sys.stderr)
        return EX_CONFIG
    settings, args.problems = config.read(os.environ)
    if args.problems and args.run is not doctor.examine:
        print("DoorBot's configuration is not complete:", file=sys.stderr)
        print("\n".join(f"  {problem}" for problem in args.problems), file=sys.stderr)
        return EX_CONFIG
    configure_logging(settings.log_level)
    try:
        run: Run = args.run
        return run(args, settings)
    except StoreUnavailable as error:
        print(f"{error} ({error.detail})\nIf it lasts: python -m app doctor says what to do.", file=sys.stderr)
        return EX_UNAVAILABLE
    except DoorBotError as error:
        print(error, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("\nStopped.", file=sys.stderr)
        return INTERRUPTED
    except BrokenPipeError:  # whoever read our output has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0


def _demo(*_: object) -> NoReturn:
    """The playground is a program of its own, which nothing of the real server imports."""
    os.execv(sys.executable, [sys.executable, "-m", "app.demo"])  # noqa: S606 - no shell is wanted


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser("python -m app", description="DoorBot answers a building's intercom.")
    verbs = parser.add_subparsers(title="commands", required=True, metavar="COMMAND")

    def verb(name: str, run: Run, text: str) -> argparse.ArgumentParser:
        added = verbs.add_parser(name, help=text, description=text)
        added.set_defaults(run=run)
        return added

    verb("check", local.check, "say what is configured, and what is wrong with it")
    verb("serve", serve, "run the server (PORT, WEB_CONCURRENCY)")
    verb("status", local.status, "say what is in force at the doors").add_argument("door", nargs="?", default="")
    unlock = verb("unlock", local.unlock, "release every ring for a while: unlock [door] [for 2h | until 14:00]")
    unlock.add_argument("words", nargs="*", metavar="word")
    verb("lock", local.lock, "end every unlock of a door at once").add_argument("door", nargs="?", default="")
    down = verb(
        "lockdown", local.lockdown, "let nothing release a door (or any): lockdown [door] [until 18:00 | for 2h] [why]"
    )
    down.add_argument("words", nargs="*", metavar="word")
    verb("lift", local.lift, "end a lockdown").add_argument("door", nargs="?", default="")
    code = verb("code", local.code, "access codes: code [door|all] [issue NAME [until friday | for 2h] | revoke NAME]")
    code.add_argument("words", nargs="*", metavar="word")
    grant = verb("grant", local.grant, "make a host: grant [door] U0BEN0001|S0RECEPTION [admin] [until friday]")
    grant.add_argument("words", nargs="*", metavar="word")
    revoke = verb("revoke", local.revoke, "take every right away: revoke [door] U0BEN0001|S0RECEPTION")
    revoke.add_argument("words", nargs="*", metavar="word")
    verb("people", local.people, "say who may do what").add_argument("door", nargs="?", default="")
    report = verb("report", local.report, "sum up the last seven days at a door, or at all of them")
    report.add_argument("door", nargs="?", default="")
    schedule = verb("schedule", schedules.schedule, "schedules: schedule [door] [add mon-fri 11:00-14:00 | remove 1]")
    schedule.add_argument("words", nargs="*", metavar="word")
    _log_verb(verb)
    _remote_verbs(verb)
    _file_verbs(verb)
    _doctor_verb(verb)
    verb("demo", _demo, "open the playground: a pretended office, in which nothing is real but the server")
    verb("fallback", local.fallback, "print the TwiML for Twilio's fallback, for when the server is gone").add_argument(
        "door", nargs="?", default=""
    )
    return parser


def _count(text: str) -> int:
    if not (text.isascii() and text.isdigit() and int(text[:9])):
        raise argparse.ArgumentTypeError("must be a whole number from 1")
    return int(text[:9])


def _log_verb(verb: Callable[[str, Run, str], argparse.ArgumentParser]) -> None:
    log = verb("log", record.log, "print the audit log, newest first; log verify: its seals; log erase NUMBER")
    log.add_argument("words", nargs="*", metavar="verify | anew | erase NUMBER")
    log.add_argument("--head", action="append", default=[], help="with verify: a posted line to compare with")
    log.add_argument("--json", action="store_true", help="one JSON object a line")
    log.add_argument("--door", default="", help="only this door")
    log.add_argument("--limit", type=_count, default=0, help="at most so many entries (default: 50, with --json all)")


def _file_verbs(verb: Callable[[str, Run, str], argparse.ArgumentParser]) -> None:
    backup = verb("backup", copies.backup, "copy the embedded store into a file, while the server runs")
    restore = verb("restore", copies.restore, "put a copy of the embedded store back, while the server does not run")
    for each in (backup, restore):
        each.add_argument("file", metavar="FILE")


def _doctor_verb(verb: Callable[[str, Run, str], argparse.ArgumentParser]) -> None:
    each = verb(
        "doctor", doctor.examine, "look at the whole chain, and say what to do; exit status 0 fine, 1 something to do"
    )
    each.add_argument(
        "--fix", action="store_true", help="set the Twilio numbers' addresses, after showing what changes"
    )
    each.add_argument(
        "--fallback",
        type=doctor.elsewhere,
        action="append",
        default=[],
        metavar="[DOOR=]URL",
        help="with --fix: the TwiML Bin for when we are gone; with several numbers one for each",
    )
    each.add_argument("--yes", action="store_true", help="with --fix: change it without asking")


def _remote_verbs(verb: Callable[[str, Run, str], argparse.ArgumentParser]) -> None:
    ring = verb("ring", remote.ring, "ring at a running server as the intercom would; exit status 0 released, 3 not")
    ring.add_argument("door", nargs="?", default="")
    ring.add_argument("--url", help="where the server runs (default: PUBLIC_URL)")
    ring.add_argument("--from", dest="caller", help="the number that calls (default: the door's first intercom)")
    ring.add_argument("--digits", default="", help="what the visitor keys, when asked to")
    ring.add_argument("--telephones", choices=BEHAVIOURS, default="nobody")
    slash = verb("slash", remote.slash, 'send a command as Slack would: slash "unlock for 1h" --as U0HOST001')
    slash.add_argument("text")
    slash.add_argument("--as", dest="user", required=True, metavar="USER", help="the Slack user id that asks")
    slash.add_argument("--url", help="where the server runs (default: PUBLIC_URL)")
