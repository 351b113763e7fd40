"""What was typed after `/frontdoor` or `python -m app`, taken apart."""

from collections.abc import Container
from dataclasses import dataclass
from html import unescape

from app.domain.audit import Action
from app.domain.durations import quoted
from app.domain.errors import InvalidInput

VERBS = {
    **{action.value: action for action in (Action.UNLOCK, Action.LOCK, Action.STATUS, Action.LOG, Action.HELP)},
    "lockdown": Action.LOCK_DOWN,
    "lift": Action.LIFT,
    "tone": Action.TONE,
}
LONGEST = 1000


@dataclass(frozen=True, slots=True)
class Command:
    """A verb, the door that was named ("" for none), the rest of the words; or a problem to be helped with.

    `message` is Slack's name for the message whose button stands for the command.
    """

    action: Action
    door_id: str = ""
    rest: str = ""
    problem: str = ""
    message: str = ""


def parse(text: str, door_ids: Container[str]) -> Command:
    """Take a command apart; nothing typed asks for the status. InvalidInput says what was not understood."""
    words = unescape(text[:LONGEST]).split()
    if not words:
        return Command(Action.STATUS)
    verb = VERBS.get(words[0].lower())
    if verb is None:
        raise InvalidInput(f"I don't know {quoted(words[0])}. Try `/frontdoor unlock for 2h` or `/frontdoor help`.")
    named = len(words) > 1 and words[1].lower() in door_ids
    door_id = words[1].lower() if named else ""
    return Command(verb, door_id, " ".join(words[2 if named else 1 :]))
