"""Sets the numbers' addresses at Twilio: what will be changed is shown first, and nothing else is changed."""

from collections.abc import Sequence

import config
from app.cli.doctor import twilio
from app.cli.doctor.asking import NotAsked
from app.cli.doctor.findings import say
from app.cli.doctor.numbers import Change, apply, changes
from app.domain.errors import InvalidInput


def fix(settings: config.Settings, given: Sequence[tuple[str, str]], *, is_agreed: bool) -> bool | None:
    """Show, ask and set; None where nothing was sent, otherwise whether all of it is set now.

    `given` are the fallbacks, each with the door that it is for; InvalidInput where that is not clear.
    """
    bins = _bins(settings, given)
    try:
        found = [changes(each, settings.public_url, bins.get(each.number, "")) for each in twilio.numbers(settings)]
    except NotAsked as error:
        say(f"Nothing was changed: {error}. {error.todo}")
        return None
    wanted = [some for some in found if some]
    if not wanted:
        say("There is nothing at Twilio for --fix to change.")
        return None
    say("This will be changed at Twilio:")
    for each in (change for some in wanted for change in some):
        say(f"  {each.number.number}  {each.title}: {each.shown or '(empty)'} => {each.after}")
    if not (is_agreed or _agrees()):
        say("Nothing was changed.")
        return None
    results = [_set(settings, some) for some in wanted]
    return all(results)


def _bins(settings: config.Settings, given: Sequence[tuple[str, str]]) -> dict[str, str]:
    """The fallback of each number that is to have one. InvalidInput: a bin rings one door's telephones only."""
    office, found = settings.office, dict[str, str]()
    for name, url in given:
        if not name and len({door.number for door in office.doors.values()}) > 1:
            raise InvalidInput("With several numbers each has a bin of its own: --fallback DOOR=URL, once for each.")
        if twilio.goes_down_with(settings.public_url, url):
            raise InvalidInput(f"{url} leads to this server, which is gone when it is needed. Name a TwiML Bin.")
        door = office.door(name) if name else next(iter(office.doors.values()))
        if found.setdefault(door.number, url) != url:
            raise InvalidInput(f"{door.number} can have one fallback only.")
    return found


def _agrees() -> bool:
    try:
        return input("Change it? [y/N] ").strip().lower() in ("y", "yes")
    except (EOFError, KeyboardInterrupt):
        say("")
        return False


def _set(settings: config.Settings, wanted: list[Change]) -> bool:
    problem = apply(settings, wanted)
    say(f"  {wanted[0].number.number}  {problem or 'is set.'}")
    return not problem
