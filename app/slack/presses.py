"""Presses of buttons and choices from menus, as the commands that they stand for."""

from typing import Any

from app.domain.audit import Action
from app.domain.commands import Command
from app.slack.choices import ACTION_ID

NEEDED = ("type", "action_id")


def value_of(action: dict[str, Any]) -> str | None:
    """What a button is worth, or the option that was chosen from a menu; None where it is neither."""
    chosen = action.get("selected_option")
    value = chosen.get("value") if isinstance(chosen, dict) else action.get("value")
    return value if isinstance(value, str) else None


def worth(action: dict[str, Any]) -> str:
    """The same for a press that was looked over."""
    return value_of(action) or ""


def are_well_formed(actions: Any) -> bool:
    """Whether this is a list of presses, each of which can be read."""
    return (
        isinstance(actions, list)
        and bool(actions)
        and all(isinstance(each, dict) and _is_well_formed(each) for each in actions)
    )


def command(action: dict[str, Any], message: str) -> Command:
    """The command: the value of what was pressed names the door first; `message` is the one that it is in."""
    door_id, _, rest = worth(action).partition(" ")
    chosen = ACTION_ID.match(action["action_id"])
    word = chosen[1] if chosen else action["action_id"].partition(":")[0]
    return Command(Action(word), door_id, rest, message=message)


def _is_well_formed(action: dict[str, Any]) -> bool:
    return all(isinstance(action.get(name), str) for name in NEEDED) and value_of(action) is not None
