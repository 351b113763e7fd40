"""Sets the numbers' addresses at Twilio: what will be changed is shown first, and nothing else is changed."""

import config
from app.cli.doctor import twilio
from app.cli.doctor.asking import NotAsked
from app.cli.doctor.findings import say
from app.cli.doctor.numbers import Change, apply, changes


def fix(settings: config.Settings, fallback: str, *, is_agreed: bool) -> bool | None:
    """Show, ask and set. None where nothing was sent, otherwise whether all of it is set now."""
    try:
        found = [changes(number, settings.public_url, fallback) for number in twilio.numbers(settings)]
    except NotAsked as error:
        say(f"Nothing was changed: {error}. {error.todo}")
        return None
    wanted = [some for some in found if some]
    if not wanted:
        say("There is nothing at Twilio for --fix to change.")
        return None
    say("This will be changed at Twilio:")
    for each in (change for some in wanted for change in some):
        say(f"  {each.number.number}  {each.title}: {each.before or '(empty)'} => {each.after}")
    if not (is_agreed or _agrees()):
        say("Nothing was changed.")
        return None
    results = [_set(settings, some) for some in wanted]
    return all(results)


def _agrees() -> bool:
    try:
        return input("Change it? [y/N] ").strip().lower() in ("y", "yes")
    except EOFError:
        say("")
        return False


def _set(settings: config.Settings, wanted: list[Change]) -> bool:
    problem = apply(settings, wanted)
    say(f"  {wanted[0].number.number}  {problem or 'is set.'}")
    return not problem
