"""What Twilio says of our account and of the doors' numbers."""

from collections.abc import Iterable
from functools import partial
from urllib.parse import urldefrag

import config
from app.cli.doctor.asking import SECONDS_OF_MANY, NotAsked, together
from app.cli.doctor.findings import Finding, fine, look, wrong
from app.cli.doctor.numbers import Change, Number, changes, fetch, find
from app.domain.doors import Door

FIX = "Let doctor set it: python -m app doctor --fix"
BIN = (
    "Make a TwiML Bin of what “python -m app fallback {door}” prints;"
    " then: python -m app doctor --fix --fallback {door}=URL"
)


def findings(settings: config.Settings) -> list[Finding]:
    """The account first; the numbers only where it lets us in."""
    account, may_ask = _account(settings)
    if not may_ask:
        return account
    if not settings.public_url:
        return [*account, look("The numbers were not looked at: PUBLIC_URL is to be put right first.")]
    doors = _by_number(settings)
    found = together([partial(_number, settings, some) for some in doors.values()], SECONDS_OF_MANY)
    late = [look("Twilio took too long", "Run doctor again.")]
    return account + [each for some in found for each in (late if some is None else some)]


def numbers(settings: config.Settings) -> Iterable[Number]:
    """The doors' numbers, as far as the account has them."""
    for number in _by_number(settings):
        if found := find(settings, number):
            yield found


def _by_number(settings: config.Settings) -> dict[str, list[Door]]:
    """Doors may share a number."""
    found: dict[str, list[Door]] = {}
    for door in settings.office.doors.values() if settings.office else ():
        if door.number:
            found.setdefault(door.number, []).append(door)
    return found


def _account(settings: config.Settings) -> tuple[list[Finding], bool]:
    try:
        answer = fetch(settings, ".json")
    except NotAsked as error:
        return [wrong(f"Twilio can't be reached: {error}", error.todo)], False
    if answer.status in (401, 403, 404):
        todo = "Copy Account SID and Auth Token from the first page of the Twilio console, and restart the server."
        text = f"Twilio refuses TWILIO_ACCOUNT_SID with TWILIO_AUTH_TOKEN ({answer.status})"
        return [wrong(text, todo + " The first of several tokens is the one that is tried.")], False
    status = str(answer.fields.get("status", ""))
    if answer.status != 200 or status not in ("active", "suspended", "closed"):
        todo = "Run doctor again in a minute; see status.twilio.com."
        return [wrong(f"Twilio answers, but not with our account ({answer.status})", todo)], False
    if status != "active":
        todo = "Its calls are not answered. The Twilio console says why; often the balance is used up."
        return [wrong(f"The Twilio account is {status}", todo)], status == "suspended"
    found = [fine("Twilio takes the credentials, and the account is active")]
    if answer.fields.get("type") == "Trial":
        todo = "Only telephones that you have verified can call its numbers, which an intercom can't do: upgrade it."
        found.append(look("It is a trial account", todo))
    return found, True


def _number(settings: config.Settings, doors: list[Door]) -> list[Finding]:
    called = f"{doors[0].number} ({', '.join(door.id for door in doors)})"
    try:
        number = find(settings, doors[0].number)
    except NotAsked as error:
        return [wrong(f"{called} can't be looked at: {error}", error.todo)]
    if number is None:
        todo = "Buy it, or set the door's number in doorbot.toml to one that the Twilio console lists."
        return [wrong(f"{called} is no number of this Twilio account", todo)]
    found = [*_instead(called, number), *(_to_change(called, each) for each in changes(number, settings.public_url))]
    if not found:
        found = [fine(f"{called} calls {settings.public_url}/voice/ring, and reports to /voice/status")]
    return [*found, _fallback(called, number, settings.public_url, doors[0])]


def _instead(called: str, number: Number) -> list[Finding]:
    """What makes Twilio pass over the addresses."""
    found = []
    for name, what in (("voice_application_sid", "a TwiML App"), ("trunk_sid", "a SIP trunk")):
        if number.get(name):
            todo = "On the number's page, under Voice, choose Webhook; then run doctor again."
            found.append(wrong(f"{called} leads to {what}, and its addresses are passed over", todo))
    if number.get("voice_receive_mode") == "fax":
        found.append(wrong(f"{called} takes faxes only", "On the number's page set it to accept voice calls."))
    capabilities = number.fields.get("capabilities")
    if isinstance(capabilities, dict) and capabilities.get("voice") is False:
        found.append(wrong(f"{called} can't take calls", "Use a number that has the capability Voice."))
    return found


def _to_change(called: str, change: Change) -> Finding:
    return wrong(f"{called}: “{change.title}” is {change.shown or 'empty'}, not {change.after}", FIX)


def goes_down_with(public_url: str, fallback: str) -> bool:
    """Whether a fallback leads to the very server that it is there for."""
    return f"{fallback}/".startswith(f"{public_url}/")


def _fallback(called: str, number: Number, public_url: str, door: Door) -> Finding:
    address = urldefrag(number.get("voice_fallback_url")).url
    what, todo = f"{called}: “Primary handler fails”", BIN.format(door=door.id)
    if not address:
        return wrong(f"{what} is empty: when this server is gone, nobody is called", todo)
    if goes_down_with(public_url, address):
        return wrong(f"{what} leads to this server, which is gone when it is needed", todo)
    return fine(f"{what} leads elsewhere")
