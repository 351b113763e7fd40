"""`python -m app doctor`: looks at the whole chain from the intercom's call to Slack, and says what to do."""

import argparse
import logging
import re
from collections.abc import Callable
from functools import partial

import config
from app.cli.doctor import clock, public, slack, store, twilio
from app.cli.doctor.asking import together
from app.cli.doctor.findings import Finding, Mark, fine, look, say, show, wrong
from app.cli.doctor.fix import fix
from app.domain.errors import InvalidInput

logger = logging.getLogger(__name__)

EX_CONFIG = 78
TO_DO = 1

Step = Callable[[config.Settings], list[Finding]]

STEPS: tuple[
    tuple[str, Step, tuple[str, ...]], ...
] = (  # what a step is called, and which settings it can't do without
    ("Store", store.findings, ("REDIS_URL", "REDIS_CERTIFICATE", "SQLITE_PATH")),
    ("Clock", clock.findings, ("SLACK_API_URL", "TWILIO_API_URL")),
    ("Public address", public.findings, ("PUBLIC_URL", "TWILIO_ACCOUNT_SID", "TWILIO_AUTH_TOKEN")),
    ("Slack", slack.findings, ("SLACK_BOT_TOKEN", "SLACK_API_URL")),
    ("Twilio", twilio.findings, ("TWILIO_ACCOUNT_SID", "TWILIO_AUTH_TOKEN", "TWILIO_API_URL")),
)


def examine(args: argparse.Namespace, settings: config.Settings) -> int:
    """Look at everything, as far as the configuration (`args.problems` says what is wrong with it) allows."""
    if (args.yes or args.fallback) and not args.fix:
        say("--fallback and --yes go with --fix.")
        return TO_DO
    show("Configuration", _configuration(args.problems, settings))
    found = _look(settings, args.problems)
    if args.problems:
        say("Put the configuration right first." + (" Nothing was changed." if args.fix else ""))
        return EX_CONFIG
    if args.fix:
        try:
            is_set = _fix(args, settings, found["Public address"])
        except InvalidInput as error:
            say(f"Nothing was changed: {error}")
            return TO_DO
        if is_set is not None:
            found = _look(settings, [])
            found["--fix"] = set() if is_set else {Mark.WRONG}
    is_wrong = any(Mark.WRONG in marks for marks in found.values())
    say("Something is to be done: see the lines with an arrow." if is_wrong else "All is well.")
    return TO_DO if is_wrong else 0


def _fix(args: argparse.Namespace, settings: config.Settings, address: set[Mark]) -> bool | None:
    """Change nothing where calls would be led to an address at which nobody answers: InvalidInput."""
    only_here = public.is_here(settings.public_url) and not public.is_here(settings.twilio_api_url)
    if Mark.WRONG in address or only_here:
        raise InvalidInput("Twilio can't call PUBLIC_URL as it is. Put the public address right first.")
    return fix(settings, args.fallback, is_agreed=args.yes)


def elsewhere(text: str) -> tuple[str, str]:
    """A door's id ("" for the only one) and the address of its TwiML Bin; what argparse takes as a type."""
    found = re.fullmatch(r"(?:([^=/:]+)=)?(https://[!-~]+)", text)
    if found is None:
        raise argparse.ArgumentTypeError("must be an address such as https://handler.twilio.com/twiml/EH0...")
    return found[1] or "", found[2]


def _configuration(problems: list[str], settings: config.Settings) -> list[Finding]:
    if problems:
        return [wrong(each, "") for each in problems]
    return [fine("The configuration is complete"), *(look(each) for each in settings.office.warnings())]


def _look(settings: config.Settings, problems: list[str]) -> dict[str, set[Mark]]:
    """Take all steps at once, print each, and return what was found in it."""
    broken = {each.partition(":")[0] for each in problems}
    steps = [partial(_step, step, settings, [name for name in needed if name in broken]) for _, step, needed in STEPS]
    late = [wrong("This took too long, and was given up", "Run doctor again; check this machine's network and DNS.")]
    marks = {}
    for (title, _, _), found in zip(STEPS, together(steps), strict=True):
        show(title, found or late)
        marks[title] = {each.mark for each in found or late}
    return marks


def _step(step: Step, settings: config.Settings, missing: list[str]) -> list[Finding]:
    if missing:
        return [look(f"Not looked at: {', '.join(missing)} is to be put right first")]
    try:
        return step(settings)
    except Exception as error:  # one step's bug must not hide what the others find
        logger.exception("doctor met a bug")
        return [wrong(f"doctor itself met a bug here: {type(error).__name__}", "Please report it.")]
