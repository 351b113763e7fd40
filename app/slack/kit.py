"""The pieces of Block Kit that views are made of, each cut to Slack's limits. Pure.

docs.slack.dev/reference/block-kit. Texts are given as they are to be read; all but `written` escape them.
"""

from collections.abc import Sequence
from typing import Any

from app.slack.blocks import LONGEST_TEXT, escaped

Piece = dict[str, Any]

LONGEST_LABEL = 75  # of a button, of an option, and of what a screen reader says of a button
LONGEST_HEADER = 150
MOST_OPTIONS = 100


def plain(text: str, longest: int = LONGEST_LABEL) -> Piece:
    """A plain_text object; one that is too long ends with an ellipsis."""
    return {"type": "plain_text", "text": text if len(text) <= longest else f"{text[: longest - 1]}…"}


def section(text: str, accessory: Piece | None = None) -> Piece:
    return written(escaped(text), accessory)


def written(text: str, accessory: Piece | None = None) -> Piece:
    """A section of text that is escaped already."""
    beside = {"accessory": accessory} if accessory else {}
    return {"type": "section", "text": {"type": "mrkdwn", "text": cut(text)}, **beside}


def context(text: str) -> Piece:
    return {"type": "context", "elements": [{"type": "mrkdwn", "text": cut(escaped(text))}]}


def header(text: str) -> Piece:
    return {"type": "header", "text": plain(text, LONGEST_HEADER)}


def actions(block_id: str, elements: Sequence[Piece]) -> list[Piece]:
    """A row of buttons and menus; no row where there are none."""
    return [{"type": "actions", "block_id": block_id, "elements": [*elements]}] if elements else []


def button(action: str, value: str, label: str, spoken: str, style: str = "", confirm: Piece | None = None) -> Piece:
    """`spoken` is what a screen reader says: it tells apart what looks alike."""
    more: Piece = {"style": style} if style else {}
    more |= {"confirm": confirm} if confirm else {}
    shown = {"text": plain(label), "accessibility_label": spoken[:LONGEST_LABEL]}
    return {"type": "button", "action_id": action, "value": value, **shown, **more}


def confirmation(title: str, text: str, yes: str, no: str = "Go back") -> Piece:
    """What is asked before something is done that is not easily undone."""
    asked = {"title": plain(title, 100), "text": plain(text, 300), "confirm": plain(yes, 30), "deny": plain(no, 30)}
    return {**asked, "style": "danger"}


def option(value: str, label: str) -> Piece:
    return {"text": plain(label), "value": value}


def overflow(action: str, options: Sequence[tuple[str, str]], confirm: Piece | None = None) -> Piece:
    """A small menu of values and labels."""
    offered = [option(value, label) for value, label in options]
    return {"type": "overflow", "action_id": action, "options": offered, **({"confirm": confirm} if confirm else {})}


def select(action: str, options: Sequence[tuple[str, str]], chosen: str, placeholder: str) -> Piece:
    """A menu of any number of values and labels: in groups, where there are more than one menu may have."""
    offered = [option(value, label) for value, label in options]
    pages = [offered[at : at + MOST_OPTIONS] for at in range(0, len(offered), MOST_OPTIONS)][:MOST_OPTIONS]
    menu: Piece = {"options": offered} if len(pages) == 1 else {"option_groups": [_group(page) for page in pages]}
    first = next((each for each in offered if each["value"] == chosen), None)
    menu |= {"initial_option": first} if first else {}
    return {"type": "static_select", "action_id": action, "placeholder": plain(placeholder, 150), **menu}


def cut(text: str) -> str:
    """A text that fits a section, without half a line or half an escaped sign at its end."""
    if len(text) <= LONGEST_TEXT:
        return text
    whole_lines = text[:LONGEST_TEXT].rpartition("\n")[0]
    return f"{whole_lines or text[:LONGEST_TEXT].rpartition(' ')[0]} …"


def _group(page: list[Piece]) -> Piece:
    first, last = (each["text"]["text"][:30] for each in (page[0], page[-1]))
    return {"label": plain(f"{first} to {last}"), "options": page}
