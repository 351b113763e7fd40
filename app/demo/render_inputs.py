"""Block Kit's inputs as HTML. Each says by data attributes which part of `view.state.values` it becomes."""

import json
from collections.abc import Mapping
from html import escape
from typing import Any

from app.demo.mrkdwn import NAMES, html, plain

Piece = Mapping[str, Any]

DIRECT = ("radio_buttons", "checkboxes", "datepicker", "timepicker")  # which may stand outside of an input too
TYPED = {"datepicker": ("date", "initial_date"), "timepicker": ("time", "initial_time")}
LISTED = ("radio_buttons", "checkboxes")
LINES = 4  # of a longer text


def block(value: Piece) -> str:
    """An input with its label, its hint, and room for what is wrong with it."""
    inside, block_id = value["element"], value.get("block_id", "")
    label = _text(value["label"])
    optional = ' <span class="bk-optional">(optional)</span>' if value.get("optional") else ""
    own = element_id(block_id, inside)
    hint = f'<p class="bk-hint" id="{own}-hint">{_text(value["hint"])}</p>' if "hint" in value else ""
    error = f'<p class="bk-error" id="{own}-error" hidden></p>'
    described = f"{own}-error {own}-hint" if hint else f"{own}-error"
    shown = field(inside, block_id, value["label"]["text"], described=described, is_needed=not value.get("optional"))
    around = attributes({"class": "bk-input", "data-block": block_id})
    if inside["type"] in LISTED:
        around += attributes({"aria-describedby": described})
        legend = f'<legend class="bk-label">{label}{optional}</legend>'
        return f"<fieldset{around}>{legend}{shown}{error}{hint}</fieldset>"
    named = f'<label class="bk-label" for="{own}">{label}{optional}</label>'
    return f"<div{around}>{named}{shown}{error}{hint}</div>"


def field(value: Piece, block_id: str, name: str, *, described: str = "", is_needed: bool = False) -> str:
    """The input itself; `name` is what a screen reader says where nothing else names it."""
    kind, own = value["type"], element_id(block_id, value)
    common = {"id": own, "data-action": value.get("action_id", ""), "data-type": kind, "data-block-id": block_id}
    common |= {"aria-describedby": described or None, "autofocus": value.get("focus_on_load") or None}
    common |= {"aria-required": "true" if is_needed and kind not in LISTED else None}
    common |= {"aria-label": None if described else name}
    match kind:
        case "radio_buttons" | "checkboxes":
            return _list(value, common)
        case "datepicker" | "timepicker":
            type_, first = TYPED[kind]
            return f'<input class="bk-field"{attributes({**common, "type": type_, "value": value.get(first)})}>'
        case "plain_text_input":
            return _typed(value, common)
        case "static_select" | "users_select":
            return _select(value, common)
    sentence = plain(f"The playground can't show an input of type “{kind}”.")
    return f'<p class="bk-unknown">{sentence}</p>'


def element_id(block_id: str, value: Piece) -> str:
    """An id for the page, the same again when the same is drawn anew."""
    made = f"bk-{block_id}-{value.get('action_id', '')}"
    return "".join(each if each.isascii() and (each.isalnum() or each in "-_") else "_" for each in made)


def option(value: Piece) -> dict[str, Any]:
    """An option as it is sent when it is chosen."""
    return {"text": value["text"], "value": value["value"]}


def attributes(values: Mapping[str, object]) -> str:
    """As HTML: nothing where None, the name alone where True, else text or JSON."""
    made = []
    for name, value in values.items():
        if value is True:
            made.append(f" {name}")
        elif value is not None:
            written = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
            made.append(f' {name}="{escape(written)}"')
    return "".join(made)


def _list(value: Piece, common: Mapping[str, object]) -> str:
    """A few options, all seen at once."""
    kind = "radio" if value["type"] == "radio_buttons" else "checkbox"
    first = [each["value"] for each in (*value.get("initial_options", ()), value.get("initial_option")) if each]
    rows = []
    for each in value["options"]:
        own: dict[str, object] = {"type": kind, "name": str(common["id"]), "data-option": option(each)}
        own |= {"checked": each["value"] in first or None}
        shown = _text(each["text"]) + _more(each)
        rows.append(f'<label class="bk-choice"><input{attributes(own)}><span>{shown}</span></label>')
    group = {**common, "role": "group" if common["aria-label"] else None, "aria-describedby": None, "autofocus": None}
    return f'<div class="bk-choices"{attributes(group)}>{"".join(rows)}</div>'


def _more(value: Piece) -> str:
    return f'<span class="bk-hint">{_text(value["description"])}</span>' if "description" in value else ""


def _typed(value: Piece, common: Mapping[str, object]) -> str:
    own = {**common, "placeholder": _placeholder(value)}
    own |= {"maxlength": value.get("max_length"), "minlength": value.get("min_length")}
    first = value.get("initial_value", "")
    if value.get("multiline"):
        return f'<textarea class="bk-field" rows="{LINES}"{attributes(own)}>{escape(first)}</textarea>'
    own |= {"type": "text", "value": first or None, "autocomplete": "off"}
    return f'<input class="bk-field"{attributes(own)}>'


def _select(value: Piece, common: Mapping[str, object]) -> str:
    chosen = (value.get("initial_option") or {}).get("value") or value.get("initial_user")
    offered = f'<option value="">{plain(_placeholder(value) or "Choose")}</option>'
    if value["type"] == "users_select":
        offered += "".join(_option(name, who, who == chosen) for who, name in NAMES.items())
    for group in value.get("option_groups", ()):
        offered += f"<optgroup{attributes({'label': group['label']['text']})}>{_offered(group, chosen)}</optgroup>"
    return f'<select class="bk-field"{attributes(common)}>{offered}{_offered(value, chosen)}</select>'


def _offered(value: Piece, chosen: object) -> str:
    return "".join(
        _option(each["text"]["text"], option(each), each["value"] == chosen) for each in value.get("options", ())
    )


def _option(shown: str, sent: object, is_chosen: bool) -> str:
    own = {"value": sent if isinstance(sent, str) else sent["value"], "selected": is_chosen or None}  # type: ignore[index]
    return f"<option{attributes({**own, 'data-option': sent})}>{plain(shown)}</option>"


def _placeholder(value: Piece) -> str | None:
    return value["placeholder"]["text"] if "placeholder" in value else None


def _text(value: Piece) -> str:
    return plain(value["text"]) if value["type"] == "plain_text" else html(value["text"])
