"""What dialogs have in common: each asks by clicking for what could be typed, and makes the same words of it. Pure.

They are opened without asking anybody anything, because Slack allows three seconds for it; who may do what they ask
for is decided when they are submitted.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from html import unescape

from app.domain.commands import Command
from app.domain.doors import Door
from app.domain.office import ALL_DOORS
from app.slack import inputs
from app.slack.inputs import Fields, entry
from app.slack.kit import Piece, plain, written

LONGEST_TITLE = 24
LONGEST_ERROR = 250
MENTION = re.compile(r"<[@!][^>]*>")


@dataclass(frozen=True, slots=True)
class Opened:
    """What a dialog is about: the doors that can be chosen, the one that it was opened at, and what of it."""

    doors: Sequence[Door]
    door_id: str
    rest: str
    now: datetime

    @property
    def door(self) -> Door:
        """The door that it was opened at, or else the first."""
        return next((door for door in self.doors if door.id == self.door_id), self.doors[0])


class Wrong(Exception):
    """What somebody put into one of the inputs can't be right."""

    def __init__(self, field: str, text: str) -> None:
        super().__init__(text)
        self.field = field


@dataclass(frozen=True)
class Modal:
    """A dialog: what it asks, how that reads as a command, and at which input a refusal is shown."""

    title: str
    submit: str
    asks: Callable[[Opened], list[Piece]]
    reads: Callable[[Fields, str], Command]
    blamed: str
    may_be_all: bool = False

    def view(self, name: str, opened: Opened) -> Piece:
        door = _door(opened, may_be_all=self.may_be_all)
        return {
            "type": "modal",
            "callback_id": name,
            "private_metadata": f"{opened.door.id} {opened.rest}".strip(),
            "title": plain(self.title, LONGEST_TITLE),
            "submit": plain(self.submit, LONGEST_TITLE),
            "close": plain("Cancel", LONGEST_TITLE),
            "blocks": [*door, *self.asks(opened)],
        }


def shown(title: str, text: str) -> Piece:
    """A dialog that only tells something; its text is escaped already."""
    close = plain("Close", LONGEST_TITLE)
    return {"type": "modal", "title": plain(title, LONGEST_TITLE), "close": close, "blocks": [written(text)]}


def answer(title: str, text: str) -> Piece:
    """What is answered to a submission that is carried out."""
    return {"response_action": "update", "view": shown(title, text)}


def error(field: str, text: str) -> Piece:
    """What is answered to a submission that has to be mended. Nothing is markup there."""
    words = unescape(MENTION.sub("somebody", text)).replace("`", "").replace("*", "")
    return {"response_action": "errors", "errors": {field: words[:LONGEST_ERROR]}}


def _door(opened: Opened, *, may_be_all: bool) -> list[Piece]:
    """Which door; not asked where there is one only."""
    if len(opened.doors) < 2:
        return []
    every = [(ALL_DOORS, "Every door")] if may_be_all else []
    doors = [*every, *((door.id, door.name) for door in opened.doors)]
    return [entry("door", "Door", inputs.choice(doors, opened.door.id))]
