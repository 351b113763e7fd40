"""Choosing the door for which a command was typed: buttons for a few, a menu for many. Pure.

Whatever is chosen carries out exactly what was typed: the `action_id` says which command, the `value` has the door and
the other words.
"""

import re
from collections.abc import Mapping
from typing import Any

from app.domain.commands import WORDS, Command, typed
from app.slack.blocks import LONGEST_OPTION, escaped, menu, section

MOST_BUTTONS = 10
ACTION_ID = re.compile(rf"\Achoose:({'|'.join(WORDS)})(?::[^:]+)?\Z")  # a menu's, or of the button for one door


def blocks(command: Command, doors: Mapping[str, str]) -> list[dict[str, Any]]:
    """Blocks to choose one of `doors` (what each is called, by its id) from; none where a menu can't hold the words."""
    values = {door_id: f"{door_id} {command.rest}".rstrip() for door_id in doors}
    question = section(escaped(f"Which door? You typed: {typed(command)}"))
    if len(doors) <= MOST_BUTTONS:
        buttons = [_button(command, door_id, values[door_id], name) for door_id, name in doors.items()]
        return [question, {"type": "actions", "elements": buttons}]
    if max(map(len, values.values())) > LONGEST_OPTION:
        return []
    return [question, menu(f"choose:{command.action}", {values[door_id]: name for door_id, name in doors.items()})]


def _button(command: Command, door_id: str, value: str, name: str) -> dict[str, Any]:
    return {
        "type": "button",
        "action_id": f"choose:{command.action}:{door_id}",
        "value": value,
        "text": {"type": "plain_text", "text": name[:75]},
        "accessibility_label": f"{name}: {' '.join(WORDS[command.action])}".strip()[:75],
    }
