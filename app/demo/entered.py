"""What somebody pressed, chose or filled in, held against what they were shown."""

from collections.abc import Mapping, Sequence
from typing import Any

from app.demo.refusals import Refused
from app.demo.workspace import View

REQUIRED = "Please complete this required field."

Piece = Mapping[str, Any]


def action(blocks: Any, element: dict[str, Any]) -> dict[str, Any]:
    """What was pressed, as it is in the message or view itself: nobody can press what is not there."""
    found = _element_of(blocks, str(element.get("block_id")), str(element.get("action_id")))
    if found is None:
        raise Refused("This is no longer there.")
    block, shown = found
    pressed = {"type": shown["type"], "block_id": block["block_id"], "action_id": shown["action_id"]}
    if "value" in shown:
        return {**pressed, "value": shown["value"], "text": shown.get("text")}
    if shown["type"] in ("static_select", "overflow", "radio_buttons"):
        groups = shown.get("option_groups") or [shown]
        chosen = element.get("selected_option")
        wanted = chosen.get("value") if isinstance(chosen, dict) else None
        options = [option for group in groups for option in group["options"] if option["value"] == wanted]
        if not options:
            raise Refused("This choice is no longer there.")
        return {**pressed, "selected_option": options[0]}
    rest = {name: value for name, value in element.items() if name.startswith("selected_") or name == "value"}
    return {**pressed, **rest}


def missing(view: View, values: dict[str, Any]) -> dict[str, str]:
    """The inputs that have to be filled in and are not."""
    asked = [each for each in view.value["blocks"] if each["type"] == "input" and not each.get("optional")]
    entered = {name: [*each.values()] for name, each in values.items() if isinstance(each, dict)}
    return {
        each["block_id"]: REQUIRED
        for each in asked
        if not any(_has_value(value) for value in entered.get(each["block_id"], []))
    }


def _has_value(element: Any) -> bool:
    return isinstance(element, dict) and any(value for name, value in element.items() if name != "type")


def _element_of(blocks: Sequence[Piece], block_id: str, action_id: str) -> tuple[Piece, Piece] | None:
    """A block and its element, by their ids."""
    for block in blocks:
        parts = [*block.get("elements", ()), block.get("accessory") or {}, block.get("element") or {}]
        for element in parts:
            if block.get("block_id") == block_id and element.get("action_id") == action_id:
                return block, element
    return None
