"""What people read where something keeps DoorBot from its work: what, since when, what it means, what to do."""

from datetime import datetime, timedelta

from app.domain.alarms import TokenRefused
from app.domain.audit import Action, AuditEvent, Outcome
from app.domain.doors import Door
from app.domain.durations import describe_duration
from app.domain.hours import local_clock
from app.domain.phrases import start, the
from app.domain.silence import Rhythm

TAKEN_AGAIN = (
    ":white_check_mark: Slack takes DoorBot's token again, which it refused since {since}. Nobody was asked or told "
    "here meanwhile; `/frontdoor log` says what happened."
)
REFUSED = (
    "Slack refuses DoorBot's token since {since} ({why}): nobody is asked or told in Slack, and visitors at a locked "
    "door reach the telephones only. Put the Bot User OAuth Token of the Slack app (xoxb-…) into SLACK_BOT_TOKEN, and "
    "start DoorBot again."
)
WEBHOOKS = (
    "Requests in Twilio's name don't verify since {since}, so DoorBot doesn't act on them. If they are Twilio's, "
    "DoorBot lets nobody in, and rings go to the telephones by Twilio's fallback. Ring once at the panel. If DoorBot "
    "doesn't answer, check that TWILIO_AUTH_TOKEN is the account's primary auth token, and that the addresses on the "
    "number's page at Twilio begin with PUBLIC_URL. If it does, somebody else sent them, and they released nothing."
)
WEBHOOKS_OVER = ":white_check_mark: Twilio's requests verify again. DoorBot answers rings as usual."
LOGGED = {
    (Action.TELL, "token_accepted"): "Slack takes DoorBot's token again",
    (Action.VERIFY, "webhooks_unverified"): "requests in Twilio's name stopped verifying",
    (Action.VERIFY, "webhooks_verified"): "Twilio's requests verify again",
    (Action.NOTICE_SILENCE, "silent"): "no ring for longer than is usual here",
    (Action.NOTICE_SILENCE, "rang_again"): "it rings again, after the silence",
}
MINUTE = timedelta(minutes=1)


def warning(text: str) -> str:
    """The same as a message's text."""
    return f":warning: {text}"


def token(alarm: TokenRefused, door: Door, now: datetime) -> str:
    """That Slack refuses our token, in the time of the office's first door."""
    return REFUSED.format(since=_clock(alarm.since, door, now), why=alarm.why)


def token_over(alarm: TokenRefused, door: Door, now: datetime) -> str:
    return TAKEN_AGAIN.format(since=_clock(alarm.since, door, now))


def webhooks(since: datetime, door: Door, now: datetime) -> str:
    """That Twilio's requests don't verify."""
    return WEBHOOKS.format(since=_clock(since, door, now))


def silent(door: Door, rhythm: Rhythm, now: datetime) -> str:
    """That a door has not rung for too long."""
    since, name = _clock(rhythm.since, door, now), the(door)
    told = f"No ring at {name} since {since}" if rhythm.has_rung else f"No ring at {name} yet: I listen since {since}"
    return (
        f"{told}, {_too_long(door, rhythm)}. If nobody came, all is well. If the intercom's line is dead, visitors "
        f"reach nobody at all. Ring once at the panel: it is told here. If it isn't, check the panel's telephone line, "
        f"that it calls {door.number}, and that number's webhook at Twilio."
    )


def rang_again(door: Door, rang_at: datetime, now: datetime) -> str:
    return f":white_check_mark: {start(the(door))} rang at {_clock(rang_at, door, now)}: its line works."


def happened(event: AuditEvent) -> str:
    """What an event of an alarm tells in the log, "" for any other."""
    if (event.action, event.reason) == (Action.TELL, "token_refused"):
        return f"Slack refuses DoorBot's token ({event.details.get('why', '')}): nobody is asked or told"
    return "" if event.outcome is Outcome.UNKNOWN else LOGGED.get((event.action, event.reason), "")


def _too_long(door: Door, rhythm: Rhythm) -> str:
    if isinstance(door.silence, int):
        return f"for {door.silence} working day{'' if door.silence == 1 else 's'}"
    longest = describe_duration(rhythm.longest) if rhythm.longest >= MINUTE else "a minute"
    return f"and in eight weeks it had never paused for more than {longest} of working hours"


def _clock(moment: datetime, door: Door, now: datetime) -> str:
    return local_clock(moment, door.hours.timezone, now)
