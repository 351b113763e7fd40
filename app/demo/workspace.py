"""The pretended Slack's memory: messages, Homes, dialogs, and the tickets that it gives out for an answer."""

import itertools
import time
from collections.abc import Mapping
from dataclasses import dataclass, replace
from secrets import token_hex
from typing import Any

from app.demo import render
from app.demo.clock import Clock
from app.demo.hub import Hub
from app.demo.messages import Message, drawn, named

TRIGGER_SECONDS = 3
RESPONSES, RESPONSE_SECONDS = 5, 30 * 60


@dataclass
class View:
    """A Home or a dialog as it is shown to somebody."""

    id: str
    value: dict[str, Any]
    hash: str
    user: str

    def sent(self, values: Any = None) -> dict[str, Any]:
        """As Slack sends it with a press or a submission."""
        empty = {"callback_id": "", "private_metadata": ""}
        return {**empty, **self.value, "id": self.id, "hash": self.hash, "state": {"values": values or {}}}


@dataclass
class ResponseUrl:
    """Where an answer to something may be posted to, some times."""

    user: str
    to: str
    ts: str | None  # the message that was pressed
    ends_at: float
    left: int = RESPONSES


class Workspace:
    """Changes what people see, and tells the page. Its times are the playground's."""

    def __init__(self, hub: Hub, clock: Clock) -> None:
        self._hub = hub
        self._clock = clock
        self._numbers = itertools.count(1)
        self.clear()

    def clear(self) -> None:
        """Forget everything."""
        self.messages: dict[str, Message] = {}
        self.homes: dict[str, View] = {}
        self.views: dict[str, list[View]] = {}  # of each person, the one that is seen last
        self.responses: dict[str, ResponseUrl] = {}
        self._triggers: dict[str, tuple[str, float]] = {}

    def snapshot(self) -> dict[str, Any]:
        """What a page begins with."""
        return {
            "messages": [each.shown() for each in self.messages.values()],
            "homes": {user: self._home_html(view) for user, view in self.homes.items()},
            "views": {user: self._view_shown(stack[-1]) for user, stack in self.views.items() if stack},
        }

    def post(self, to: str, sender: str, text: str, blocks: Any = None, **more: Any) -> Message:
        """A new message."""
        at = self._clock.now()
        ts = f"{int(at.timestamp())}.{next(self._numbers):06}"
        return self.put(Message(ts, to, sender, text, at.isoformat(), named(blocks), **more))

    def put(self, message: Message) -> Message:
        """A message, new or in the place of the one with its `ts`."""
        with self._hub.lock:
            self.messages[message.ts] = message
            self._hub.publish("message", **message.shown())
        return message

    def edit(self, ts: str, text: str, blocks: Any, *, is_marked: bool = True) -> None:
        """Another text and other blocks for a message."""
        edited = replace(self.messages[ts], text=text, blocks=named(blocks), edited=is_marked)
        self.put(edited)

    def remove(self, ts: str) -> None:
        """Take a message away."""
        with self._hub.lock:
            if self.messages.pop(ts, None):
                self._hub.publish("message", ts=ts, gone=True)

    def publish_home(self, user: str, value: dict[str, Any]) -> View:
        """What somebody's Home shows from now on."""
        with self._hub.lock:
            self.homes[user] = view = self._new(user, value)
            self._hub.publish("home", user=user, html=self._home_html(view))
        return view

    def open_view(self, user: str, value: dict[str, Any]) -> View:
        """A dialog over those that are open."""
        with self._hub.lock:
            view = self._new(user, value)
            self.views.setdefault(user, []).append(view)
            self.show(user)
        return view

    def update_view(self, view: View, value: dict[str, Any]) -> View:
        """Another content for a dialog."""
        with self._hub.lock:
            new = self._new(view.user, value)
            view.value, view.hash = new.value, new.hash
            self.show(view.user)
        return view

    def close(self, user: str, *, every: bool = False) -> None:
        """Close the dialog that is seen, or all of them."""
        with self._hub.lock:
            stack = self.views.get(user, [])
            del stack[0 if every else -1 :]
            self.show(user)

    def show(self, user: str, errors: Mapping[str, str] | None = None) -> None:
        """Tell the page which dialog somebody sees, and what is wrong in it."""
        stack = self.views.get(user)
        shown = {**self._view_shown(stack[-1]), "errors": dict(errors or {})} if stack else None
        self._hub.publish("view", user=user, view=shown)

    def find_view(self, view_id: str) -> View | None:
        """A dialog that is open."""
        return next((view for stack in self.views.values() for view in stack if view.id == view_id), None)

    def trigger(self, user: str) -> str:
        """A ticket with which a dialog may be opened for somebody, soon and once."""
        ticket = f"{next(self._numbers)}.{token_hex(16)}"
        self._triggers[ticket] = (user, time.monotonic() + TRIGGER_SECONDS)
        return ticket

    def redeem(self, ticket: str) -> tuple[str, str]:
        """For whom a ticket was, or else Slack's word for why it is worth nothing."""
        user, ends_at = self._triggers.get(ticket, ("", 0.0))
        if not user and ticket in self._triggers:
            return "", "exchanged_trigger_id"
        if not user:
            return "", "invalid_trigger_id"
        self._triggers[ticket] = ("", 0.0)
        return ("", "expired_trigger_id") if time.monotonic() > ends_at else (user, "")

    def response_path(self, user: str, to: str, ts: str | None = None) -> str:
        """Where an answer may be posted to."""
        name = token_hex(16)
        self.responses[name] = ResponseUrl(user, to, ts, time.monotonic() + RESPONSE_SECONDS)
        return f"/response/{name}"

    def _new(self, user: str, value: dict[str, Any]) -> View:
        number = next(self._numbers)
        return View(f"V{number:09}", {**value, "blocks": named(value.get("blocks"))}, f"{number}.{token_hex(4)}", user)

    def _home_html(self, view: View) -> str:
        return drawn(render.home, view.value)

    def _view_shown(self, view: View) -> dict[str, Any]:
        words = {name: (view.value.get(name) or {}).get("text") for name in ("title", "submit", "close")}
        return {"id": view.id, "html": drawn(render.form, view.value), "errors": {}, **words}
