"""Block Kit as HTML, with what the page's script needs to press, choose and submit. What it does not know it says.

Nothing that is shown can inject anything: texts go through `mrkdwn`, everything else is escaped here or in `inputs`.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from app.demo import mrkdwn, render_inputs
from app.demo.mrkdwn import NAMES, plain
from app.demo.render_inputs import DIRECT, attributes, element_id, option

__all__ = ["NAMES", "form", "home", "message", "text", "view"]

Piece = Mapping[str, Any]

CHOSEN_FROM = ("overflow", "static_select", "users_select")


def message(value: Piece) -> str:
    """A message; one without blocks is its text."""
    shown = "".join(block(each) for each in value.get("blocks") or ())
    return shown or f'<div class="bk-text">{mrkdwn.html(value.get("text") or "")}</div>'


def home(value: Piece) -> str:
    """An App Home."""
    return "".join(block(each) for each in value["blocks"])


def form(value: Piece) -> str:
    """The inside of a dialog."""
    return "".join(block(each) for each in value["blocks"])


def view(value: Piece) -> str:
    """An App Home, or a dialog with its frame, to be looked at."""
    if value["type"] == "home":
        return home(value)
    buttons = [value[name]["text"] for name in ("close", "submit") if name in value]
    foot = " ".join(f'<button type="button" class="bk-button">{plain(each)}</button>' for each in buttons)
    return f"<div class=modal><h1>{text(value['title'])}</h1>{form(value)}<div class=foot>{foot}</div></div><br>"


def text(value: Piece) -> str:
    """A text object of either kind."""
    return plain(value["text"]) if value["type"] == "plain_text" else mrkdwn.html(value["text"])


def block(value: Piece) -> str:
    """One block; one that is not as Slack describes it is said to be so."""
    try:
        return _block(value)
    except (KeyError, TypeError, AttributeError) as error:
        return _said(f"The playground can't read a block of type {_type(value)}: {error}.")


def _block(value: Piece) -> str:
    match value["type"]:
        case "section":
            return _section(value)
        case "actions":
            return f'<div class="bk-actions">{"".join(element(each, value) for each in value["elements"])}</div>'
        case "context":
            return f'<div class="bk-context">{" ".join(_in_context(each) for each in value["elements"])}</div>'
        case "header":
            return f'<h3 class="bk-header">{text(value["text"])}</h3>'
        case "divider":
            return '<hr class="bk-divider">'
        case "input":
            return render_inputs.block(value)
    return _said(f"The playground can't show a block of type {_type(value)}.")


def _section(value: Piece) -> str:
    shown = f'<div class="bk-text">{text(value["text"])}</div>' if "text" in value else ""
    fields = "".join(f'<div class="bk-text">{text(each)}</div>' for each in value.get("fields", ()))
    shown += f'<div class="bk-fields">{fields}</div>' if fields else ""
    beside = element(value["accessory"], value) if "accessory" in value else ""
    return f'<div class="bk-section"><div class="bk-main">{shown}</div>{beside}</div>'


def _in_context(value: Piece) -> str:
    return text(value) if value["type"] in ("mrkdwn", "plain_text") else _unknown(value)


def element(value: Piece, within: Piece) -> str:
    """Something that is pressed or chosen at once, in this block."""
    kind, block_id = value["type"], within.get("block_id", "")
    if kind == "button":
        return _button(value, block_id)
    if kind in CHOSEN_FROM:
        return _menu(value, block_id)
    if kind in DIRECT:
        return f"<div{_pressed(value, block_id)}>{render_inputs.field(value, block_id, _name(value))}</div>"
    return _unknown(value)


def _button(value: Piece, block_id: str) -> str:
    style = {"primary": " primary", "danger": " danger"}.get(value.get("style", ""), "")
    spoken = attributes({"aria-label": value.get("accessibility_label")})
    pressed = _pressed(value, block_id)
    if address := value.get("url"):  # the press is told to the server, and the address opens
        link = attributes({"href": address if address.startswith(("https://", "http://")) else "#"})
        return (
            f'<a class="bk-button{style}" target="_blank" rel="noopener noreferrer"{link}{spoken}{pressed}>'
            f"{text(value['text'])}</a>"
        )
    return f'<button type="button" class="bk-button{style}"{spoken}{pressed}>{text(value["text"])}</button>'


def _menu(value: Piece, block_id: str) -> str:
    """A button that opens a list of options."""
    name, shown, key = _name(value), "⋯", "selected_option"
    if value["type"] != "overflow":
        first = value.get("initial_option")
        shown = f'{text(first["text"]) if first else plain(name)} <span aria-hidden="true">▾</span>'
    if value["type"] == "users_select":
        key, offered = "selected_user", "".join(_item(plain(name), who) for who, name in NAMES.items())
    elif "option_groups" in value:
        offered = "".join(_group(each) for each in value["option_groups"])
    else:
        offered = _items(value["options"])
    label = attributes({"aria-label": name}) if value["type"] == "overflow" else ""
    opens = (
        f'<button type="button" class="bk-button" aria-haspopup="menu" aria-expanded="false"{label}>{shown}</button>'
    )
    options = f'<div class="bk-options" role="menu" hidden{attributes({"aria-label": name})}>{offered}</div>'
    return f'<div class="bk-menu" data-key="{key}"{_pressed(value, block_id)}>{opens}{options}</div>'


def _group(value: Piece) -> str:
    label = text(value["label"])
    return f'<div role="group" aria-label="{label}"><div class="bk-group">{label}</div>{_items(value["options"])}</div>'


def _items(options: Sequence[Piece]) -> str:
    return "".join(_item(text(each["text"]), option(each)) for each in options)


def _item(shown: str, value: object) -> str:
    chosen = attributes({"data-option": value})
    return f'<button type="button" role="menuitem" tabindex="-1"{chosen}>{shown}</button>'


def _name(value: Piece) -> str:
    """What a screen reader says of something that has no words of its own."""
    return value["placeholder"]["text"] if "placeholder" in value else "More"


def _pressed(value: Piece, block_id: str) -> str:
    """What is sent when this is pressed, and what is asked before."""
    sent = {"type": value["type"], "block_id": block_id, "action_id": value.get("action_id", "")}
    sent |= {"value": value["value"]} if "value" in value else {}
    return attributes({"data-press": sent, "data-confirm": _confirm(value), "data-id": element_id(block_id, value)})


def _confirm(value: Piece) -> dict[str, str] | None:
    asked = value.get("confirm")
    if not asked:
        return None
    names = ("title", "text", "confirm", "deny")
    return {**{name: text(asked[name]) for name in names}, "style": asked.get("style", "primary")}


def _unknown(value: Piece) -> str:
    return _said(f"The playground can't show an element of type {_type(value)}.")


def _type(value: object) -> str:
    return f"“{value.get('type', '?')}”" if isinstance(value, Mapping) else "“?”"


def _said(sentence: str) -> str:
    return f'<p class="bk-unknown">{plain(sentence)}</p>'
