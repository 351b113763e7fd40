"""What was typed after `/frontdoor` or `python -m app`, taken apart."""

from collections.abc import Container
from dataclasses import dataclass
from html import unescape

from app.domain.audit import Action
from app.domain.durations import quoted
from app.domain.errors import InvalidInput
from app.domain.office import ALL_DOORS

VERBS = {
    **{action.value: action for action in (Action.UNLOCK, Action.LOCK, Action.STATUS, Action.LOG, Action.HELP)},
    "lockdown": Action.LOCK_DOWN,
    "lift": Action.LIFT,
    "tone": Action.TONE,
    "code": Action.CODES,
}
OF_CODES = {"": Action.CODES, "issue": Action.ISSUE_CODE, "revoke": Action.REVOKE_CODE}
LONGEST = 1000


@dataclass(frozen=True, slots=True)
class Command:
    """A verb, the door that was named ("" for none), the rest of the words; or a problem to be helped with.

    A command for codes may name "all". `message` is Slack's name for the message whose button stands for the command.
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
    word = words[1].lower() if len(words) > 1 else ""
    named = word in door_ids or (verb is Action.CODES and word == ALL_DOORS)
    command = Command(verb, word if named else "", " ".join(words[2 if named else 1 :]))
    return _of_codes(command) if verb is Action.CODES else command


def _of_codes(command: Command) -> Command:
    """The word after `code` says what is to be done."""
    word, _, rest = command.rest.partition(" ")
    action = OF_CODES.get(word.lower())
    if action is None:
        example = "`/frontdoor code issue FedEx until friday`, `/frontdoor code revoke FedEx` or `/frontdoor code`"
        raise InvalidInput(f"I don't know {quoted(word)} after `code`. Try {example}.")
    return Command(action, command.door_id, rest)
