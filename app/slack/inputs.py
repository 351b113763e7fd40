"""The inputs of dialogs, and what somebody put into them. Pure.

Each input's block and action have one name. What Slack sends:
docs.slack.dev/reference/interaction-payloads/view-interactions-payload.
"""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from app.slack.kit import Piece, option, plain, select

Fields = Mapping[str, tuple[str, ...]]
"""What was put in, by the input's name: nothing, one thing, or for checkboxes several."""

LONGEST_VALUE = 3000


def entry(name: str, label: str, element: Piece, *, optional: bool = False, hint: str = "") -> Piece:
    more: Piece = {"optional": True} if optional else {}
    more |= {"hint": plain(hint, 2000)} if hint else {}
    shown = {**element, "action_id": name}
    return {"type": "input", "block_id": name, "label": plain(label, 2000), "element": shown, **more}


def text(longest: int, placeholder: str) -> Piece:
    return {"type": "plain_text_input", "max_length": longest, "placeholder": plain(placeholder, 150)}


def choice(options: Sequence[tuple[str, str]], chosen: str) -> Piece:
    """One of many, or one of a few, which are all seen at once."""
    if len(options) > 5:
        return select("", options, chosen, "Choose")
    offered = [option(value, label) for value, label in options]
    first = next((each for each in offered if each["value"] == chosen), offered[0])
    return {"type": "radio_buttons", "options": offered, "initial_option": first}


def checkboxes(options: Sequence[tuple[str, str]], chosen: Sequence[str] = ()) -> Piece:
    offered = [option(value, label) for value, label in options]
    first = [each for each in offered if each["value"] in chosen]
    return {"type": "checkboxes", "options": offered, **({"initial_options": first} if first else {})}


def clock(at: str = "") -> Piece:
    return {"type": "timepicker", "placeholder": plain("Choose a time"), **({"initial_time": at} if at else {})}


def day(on: date | None = None) -> Piece:
    first = {"initial_date": on.isoformat()} if on else {}
    return {"type": "datepicker", "placeholder": plain("Choose a date"), **first}


def person() -> Piece:
    return {"type": "users_select", "placeholder": plain("Choose a person")}


def are_well_formed(view: Any) -> bool:
    """Whether this is a dialog that can be read."""
    if not isinstance(view, dict) or not isinstance(view.get("callback_id"), str):
        return False
    if not isinstance(view.get("private_metadata", ""), str) or not isinstance(view.get("state") or {}, dict):
        return False
    try:
        fields(view)
    except ValueError:
        return False
    return True


def fields(view: Mapping[str, Any]) -> Fields:
    """What was put in. ValueError where it is not of the form that Slack sends."""
    values = (view.get("state") or {}).get("values", {})
    if not isinstance(values, dict):
        raise ValueError
    return {name: _value(entered, name) for name, entered in values.items()}


def one(fields: Fields, name: str) -> str:
    """What was put into an input, on one line; "" for nothing."""
    return " ".join(" ".join(fields.get(name, ())).split())


def _value(entered: Any, name: str) -> tuple[str, ...]:
    """The one element of an input's block."""
    if not isinstance(entered, dict) or not isinstance(entered.get(name), dict):
        raise ValueError
    found = entered[name]
    if "selected_options" in found:
        chosen = [option["value"] for option in _list(found["selected_options"])]
    elif found.get("selected_option"):
        chosen = [_dict(found["selected_option"]).get("value")]
    else:
        kinds = ("value", "selected_time", "selected_date", "selected_user")
        chosen = [found[kind] for kind in kinds if found.get(kind) is not None]
    if not all(isinstance(each, str) and len(each) <= LONGEST_VALUE for each in chosen):
        raise ValueError
    return tuple(each for each in chosen if each)


def _dict(value: Any) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise ValueError
    return value


def _list(value: Any) -> list[dict[str, Any]]:
    if not isinstance(value, list) or not all(isinstance(each, dict) and "value" in each for each in value):
        raise ValueError
    return value
