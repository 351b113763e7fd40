"""Messages of the pretended Slack: what each shows, to whom, and how it is drawn."""

import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from html import escape
from typing import Any

from app.demo import render

logger = logging.getLogger(__name__)

Piece = Mapping[str, Any]
CANT_SHOW = '<p class="unknown">The playground can\'t show this: {}</p>'


@dataclass(frozen=True)
class Message:
    """A message as it is now. `to` is a channel, or the person whose direct message it is."""

    ts: str
    to: str
    sender: str  # a person, "doorbot", or "slack" for what Slack itself says
    text: str  # mrkdwn
    at: str
    blocks: Sequence[Piece] = ()
    only: str | None = None  # who alone sees it
    thread: str | None = None
    edited: bool = False

    def shown(self) -> dict[str, Any]:
        """What the page shows of it."""
        names = ("ts", "to", "only", "sender", "text", "edited", "at", "thread")
        html = drawn(render.message, {"text": self.text, "blocks": [*self.blocks]})
        return {**{name: getattr(self, name) for name in names}, "html": html}


def drawn(draw: Callable[[Any], str], value: Piece) -> str:
    """A piece of Block Kit as HTML; where the renderer does not understand it, that is said in its place."""
    try:
        return draw(value)
    except Exception as error:
        logger.warning("The playground can't draw this: %s %r", error, value)
        return CANT_SHOW.format(escape(str(error) or type(error).__name__))


def escaped(text: str) -> str:
    """Plain text as mrkdwn without markup (docs.slack.dev/messaging/formatting-message-text)."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def named(blocks: Any) -> list[dict[str, Any]]:
    """Blocks with the ids that Slack gives to those that have none."""
    found = []
    for at, block in enumerate(blocks or []):
        elements = {}
        for part in ("elements",):
            if part in block:
                elements[part] = [_with_action(each, f"{at}.{number}") for number, each in enumerate(block[part])]
        for part in ("accessory", "element"):
            if part in block:
                elements[part] = _with_action(block[part], f"{at}.0")
        found.append({"block_id": f"b{at}", **block, **elements})
    return found


def _with_action(element: Any, name: str) -> Any:
    is_interactive = isinstance(element, dict) and element.get("type") not in (None, "mrkdwn", "plain_text", "image")
    return {"action_id": f"a{name}", **element} if is_interactive else element


def element_of(blocks: Sequence[Piece], block_id: str, action_id: str) -> tuple[Piece, Piece] | None:
    """A block and its element, by their ids."""
    for block in blocks:
        parts = [*block.get("elements", ()), block.get("accessory") or {}, block.get("element") or {}]
        for element in parts:
            if block.get("block_id") == block_id and element.get("action_id") == action_id:
                return block, element
    return None
