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
    "schedule": Action.SCHEDULE,
    "grant": Action.GRANT,
    "revoke": Action.REVOKE,
    "people": Action.PEOPLE,
    "report": Action.REPORT,
}
SECOND_WORDS = {  # of verbs of which the word after the door says what is to be done
    Action.CODES: {"": Action.CODES, "issue": Action.ISSUE_CODE, "revoke": Action.REVOKE_CODE},
    Action.SCHEDULE: {
        "": Action.SCHEDULE,
        "add": Action.ADD_SCHEDULE,
        "remove": Action.REMOVE_SCHEDULE,
        "pause": Action.PAUSE_SCHEDULE,
        "resume": Action.RESUME_SCHEDULE,
        "open": Action.OPEN_DAY,
        "close": Action.CLOSE_DAY,
        "closed": Action.CLOSE_DAY,
    },
}
WORDS = {action: (verb, "") for verb, action in VERBS.items()} | {
    second: (verb, word)
    for verb, first in VERBS.items()
    for word, second in SECOND_WORDS.get(first, {}).items()
    if word
}
EXAMPLES = {
    Action.CODES: "`/frontdoor code issue FedEx until friday`, `/frontdoor code revoke FedEx` or `/frontdoor code`",
    Action.SCHEDULE: "`/frontdoor schedule add mon-fri 11:00-14:00`, `/frontdoor schedule remove 1` or "
    "`/frontdoor schedule closed 24 december from noon`",
}
FOR_ALL_DOORS = frozenset(
    {Action.CODES, Action.SCHEDULE, Action.GRANT, Action.REVOKE, Action.REPORT, Action.LOCK_DOWN, Action.LIFT}
)
LONGEST = 1000


@dataclass(frozen=True, slots=True)
class Command:
    """A verb, the door that was named ("" for none), the rest of the words; or a problem to be helped with.

    Some commands may name "all" instead of a door (FOR_ALL_DOORS). `message` is Slack's name for the message whose
    button stands for the command.
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
    if [word.lower() for word in words[:2]] == ["lock", "down"] and "down" not in door_ids:
        words[:2] = ["lockdown"]  # whoever is in a hurry means no door of that name
    verb = VERBS.get(words[0].lower())
    if verb is None:
        raise InvalidInput(f"I don't know {quoted(words[0])}. Try `/frontdoor unlock for 2h` or `/frontdoor help`.")
    word = words[1].lower() if len(words) > 1 else ""
    named = word in door_ids or (verb in FOR_ALL_DOORS and word == ALL_DOORS)
    command = Command(verb, word if named else "", " ".join(words[2 if named else 1 :]))
    return _by_second_word(command) if verb in SECOND_WORDS else command


def typed(command: Command, door_id: str = "") -> str:
    """A command as somebody types it, for a door or for none."""
    verb, second = WORDS[command.action]
    return " ".join(word for word in ("/frontdoor", verb, door_id, second, command.rest) if word)


def may_be_for_all(action: Action) -> bool:
    """Whether this action can name "all" instead of a door."""
    return VERBS[WORDS[action][0]] in FOR_ALL_DOORS


def _by_second_word(command: Command) -> Command:
    """The word after `code` or `schedule`, and the door, says what is to be done."""
    word, _, rest = command.rest.partition(" ")
    action = SECOND_WORDS[command.action].get(word.lower())
    if action is None:
        verb = "code" if command.action is Action.CODES else "schedule"
        raise InvalidInput(f"I don't know {quoted(word)} after `{verb}`. Try {EXAMPLES[command.action]}.")
    return Command(action, command.door_id, rest)
