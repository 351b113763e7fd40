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
    marks = _look(settings, args.problems)
    if args.problems:
        say("Put the configuration right first." + (" Nothing was changed." if args.fix else ""))
        return EX_CONFIG
    if args.fix:
        is_set = fix(settings, args.fallback or "", is_agreed=args.yes)
        if is_set is not None:
            marks = _look(settings, []) | (set() if is_set else {Mark.WRONG})
    say("Something is to be done: see the lines with an arrow." if Mark.WRONG in marks else "All is well.")
    return TO_DO if Mark.WRONG in marks else 0


def elsewhere(text: str) -> str:
    """The address of a TwiML Bin; what argparse takes as a type."""
    if not re.fullmatch(r"https://[!-~]+", text):
        raise argparse.ArgumentTypeError("must be an address such as https://handler.twilio.com/twiml/EH0...")
    return text


def _configuration(problems: list[str], settings: config.Settings) -> list[Finding]:
    if problems:
        return [wrong(each, "") for each in problems]
    return [fine("The configuration is complete"), *(look(each) for each in settings.office.warnings())]


def _look(settings: config.Settings, problems: list[str]) -> set[Mark]:
    """Take all steps at once, print each, and return what was found."""
    broken = {each.partition(":")[0] for each in problems}
    steps = [partial(_step, step, settings, [name for name in needed if name in broken]) for _, step, needed in STEPS]
    late = [wrong("This took too long, and was given up", "Run doctor again; check this machine's network and DNS.")]
    marks = set()
    for (title, _, _), found in zip(STEPS, together(steps), strict=True):
        show(title, found or late)
        marks |= {each.mark for each in found or late}
    return marks


def _step(step: Step, settings: config.Settings, missing: list[str]) -> list[Finding]:
    if missing:
        return [look(f"Not looked at: {', '.join(missing)} is to be put right first")]
    try:
        return step(settings)
    except Exception as error:  # one step's bug must not hide what the others find
        logger.exception("doctor met a bug")
        return [wrong(f"doctor itself met a bug here: {type(error).__name__}", "Please report it.")]
