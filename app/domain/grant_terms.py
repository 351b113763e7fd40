"""What was typed after `grant` and `revoke`: whom it concerns, which role, until when."""

import re
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from app.domain.dates import parse_date
from app.domain.durations import DAY_MINUTES, clock_to_utc, parse_clock, parse_duration, parse_until, plain, quoted
from app.domain.errors import InvalidInput
from app.domain.people import Given

GRANT_EXAMPLE = "Try `/frontdoor grant @ben`, `/frontdoor grant @ben admin` or `/frontdoor grant @ben until friday`."
REVOKE_EXAMPLE = "Try `/frontdoor revoke @ben`."
LONGEST = timedelta(days=3653)
ID = re.compile(
    r"<@(?P<person>[UW][A-Z0-9]{2,20})(?:\|[^>]*)?>"
    r"|<!subteam\^(?P<group>S[A-Z0-9]{2,20})(?:\|[^>]*)?>"
    r"|(?<!\S)(?P<plain>(?=[A-Z]*[0-9])[UWS][A-Z0-9]{6,20})(?!\S)",
    re.ASCII,
)
ROLES = {"host": Given.HOST, "hosts": Given.HOST, "admin": Given.ADMIN, "admins": Given.ADMIN}
FILLERS = ("as", "a", "an")


@dataclass(frozen=True, slots=True)
class Wanted:
    """A right that was asked for; `until` (aware UTC) may be past, None for good."""

    who: str
    role: Given
    until: datetime | None


def parse_wanted(text: str, now: datetime, timezone: ZoneInfo) -> Wanted:
    """Take apart "@ben", "@reception as admin until friday", "@ben for 2 weeks". Raises InvalidInput."""
    who, words = _whom(text, GRANT_EXAMPLE)
    starts = [at for at, word in enumerate(words) if word.lower() in ("until", "for")]
    named, when = (words[: starts[0]], words[starts[0] :]) if starts else (words, [])
    roles = [word for word in named if word.lower() not in FILLERS]
    if len(roles) > 1 or not all(word.lower() in ROLES for word in roles):
        raise InvalidInput(
            f"I don't understand {quoted(' '.join(named))}: a role is `host` or `admin`. {GRANT_EXAMPLE}"
        )
    role = ROLES[roles[0].lower()] if roles else Given.HOST
    return Wanted(who, role, _end(when, now, timezone) if when else None)


def parse_whom(text: str) -> str:
    """The id of the person or the group whose right is revoked. Raises InvalidInput."""
    who, words = _whom(text, REVOKE_EXAMPLE)
    if words and not all(word.lower() in (*ROLES, *FILLERS) for word in words):
        raise InvalidInput(f"I don't understand {quoted(' '.join(words))}. {REVOKE_EXAMPLE}")
    if words:
        raise InvalidInput(
            "Revoking takes every role away. Leave the role out, and grant the one that is to stay afterwards: "
            "`/frontdoor revoke @ben`, then `/frontdoor grant @ben`."
        )
    return who


def _whom(text: str, example: str) -> tuple[str, list[str]]:
    """The id, and the other words."""
    found = [*ID.finditer(text)]
    if len({match.lastgroup and match[match.lastgroup] for match in found}) > 1:
        raise InvalidInput(f"One at a time, please. {example} A whole user group can be named too.")
    if not found:
        raise InvalidInput(_nobody(text, example))
    match = found[0]
    return str(match[match.lastgroup or 0]), ID.sub(" ", text).split()


def _nobody(text: str, example: str) -> str:
    name = next((word for word in text.split() if word.startswith("@")), "")
    if name:
        return (
            f"Slack didn't tell me who {quoted(name)} is. Pick the name from the list that Slack offers while you type "
            "it after the @. If it still comes as plain text, the Slack app needs its setting “Escape channels, users, "
            f"and links” (`should_escape`). {example}"
        )
    return f"Whom? Name a person or a user group. {example}"


def _end(words: list[str], now: datetime, timezone: ZoneInfo) -> datetime:
    """When a right ends: after a while, at the end of a day, or at a time."""
    when = " ".join(words[1:])
    ends_at = now + parse_duration(when) if words[0].lower() == "for" else _until(when, now, timezone)
    if ends_at > now + LONGEST:
        raise InvalidInput(f"That is more than ten years away. Leave it out, and it is for good. {GRANT_EXAMPLE}")
    return ends_at


def _until(when: str, now: datetime, timezone: ZoneInfo) -> datetime:
    today = now.astimezone(timezone).date()
    words = plain(when).removeprefix("the ").removeprefix("end of ")
    if day := _day(words, today):
        return _at(day, DAY_MINUTES, now, timezone)
    first, _, clock = words.rpartition(" ")
    if first and (day := _day(first.removesuffix(" at"), today)):
        return _at(day, parse_clock(clock), now, timezone)
    if words not in ("noon", "midnight") and not words[:1].isdigit():
        raise InvalidInput(
            f"{quoted(when)} is not a day or a time. Try `until friday`, `until 24 december` or `for 2h`."
        )
    return parse_until(words, now, timezone)


def _day(words: str, today: date) -> date | None:
    """The day that is meant; None for what is no day."""
    try:
        return parse_date(words, today, years=9999)
    except InvalidInput:
        return None


def _at(day: date, minute: int, now: datetime, timezone: ZoneInfo) -> datetime:
    """A day's minute; days that are absurdly far are as far as the farthest, and past ones as past as yesterday."""
    today = now.astimezone(timezone).date()
    nearest, farthest = today - timedelta(days=1), today + LONGEST + timedelta(days=2)
    return clock_to_utc(min(max(day, nearest), farthest), minute, timezone)
