"""Whether this machine's clock is right, by the clocks of Slack and Twilio."""

from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

import config
from app.cli.doctor.asking import NotAsked, ask
from app.cli.doctor.findings import Finding, fine, look, wrong
from app.clock import utcnow

MOST = timedelta(seconds=30)
SIGNED_WITHIN = "Slack's requests are refused when the clock is five minutes off, and unlocks end at wrong times"


def findings(settings: config.Settings) -> list[Finding]:
    """Compare with the `Date` of an answer of each."""
    asked = {"Slack": f"{settings.slack_api_url}api.test", "Twilio": settings.twilio_api_url}
    return [judge(name, _off(url)) for name, url in asked.items()]


def judge(name: str, off: timedelta | None) -> Finding:
    """What a difference comes to; None where it is not known."""
    if off is None:
        return look(f"{name} could not be asked for the time", "See below whether it can be reached.")
    if abs(off) <= MOST:
        return fine(f"The clock agrees with {name}'s")
    seconds, which = round(abs(off).total_seconds()), "fast" if off > timedelta() else "slow"
    return wrong(
        f"This machine's clock is {seconds} seconds {which} by {name}'s: {SIGNED_WITHIN}",
        "Switch time synchronisation on, e.g.: timedatectl set-ntp true",
    )


def _off(url: str) -> timedelta | None:
    """By how much our clock is ahead."""
    began = utcnow()
    try:
        told = ask("GET", url).headers.get("date", "")
        theirs = parsedate_to_datetime(told)
    except (NotAsked, ValueError, TypeError):
        return None
    ended = utcnow()
    return began + (ended - began) / 2 - _aware(theirs)


def _aware(moment: datetime) -> datetime:
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
