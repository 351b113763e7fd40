"""Everything together: the page, the pretended Slack and Twilio, and the real server behind them."""

import threading
import time
from typing import Any

from werkzeug.wrappers import Request, Response

from app import fallback_twiml
from app.demo import loopback, office, render
from app.demo.calls import Calls
from app.demo.clock import Clock
from app.demo.commands import Commands
from app.demo.hub import Event, Hub
from app.demo.proxy import Proxy
from app.demo.record import Record
from app.demo.refusals import Refused
from app.demo.server import Server, ServerLost
from app.demo.site import Acts, Site
from app.demo.slack_api import SlackApi
from app.demo.twilio_api import TwilioApi
from app.demo.workspace import Workspace

USUAL_PORT = 8000
TICK_SECONDS = 20


class Playground:
    """`url` is its address, and the server's PUBLIC_URL."""

    def __init__(self) -> None:
        self._claim = office.claim()
        self._socket, self._apis_socket = loopback.listener(USUAL_PORT, 0), loopback.listener(0)
        port, apis_port = self._socket.getsockname()[1], self._apis_socket.getsockname()[1]
        self.url, apis = f"http://127.0.0.1:{port}", f"http://127.0.0.1:{apis_port}"
        self.server = Server()
        self._ours = office.prepare(self.url, apis, port)
        self._settings = settings = office.settings(self._ours)
        self._door = settings.office.door("")
        render.NAMES.update(office.NAMES)
        self._hub = Hub()
        self._clock = Clock(office.FOLDER / "clock", self._door.hours)
        self._workspace = Workspace(self._hub, self._clock)
        self._record = Record(self._hub, settings)
        self._calls = Calls(self._hub, settings, self.server.port, fallback_twiml)
        self._slack = SlackApi(self._workspace, settings.slack_bot_token)
        account, auth_token = settings.twilio_account_sid, settings.twilio_auth_tokens[0]
        self._twilio = TwilioApi(account, auth_token, self._door.number, self.url, self._calls.move)
        secret = settings.slack_signing_secrets[0]
        self._commands = Commands(self._workspace, self._slack, secret, self.server.port, apis)

    def start(self) -> None:
        """Start everything, and return when it can be used. Raises ServerLost."""
        self._clock.reset()
        loopback.serve(self._apis_socket, self._apis)
        self.server.start(self._ours)
        loopback.serve(self._socket, Site(self.url, self._hub, self.opening, self._acts(), Proxy(self.server.port)))
        self._record.watch()
        threading.Thread(target=self._tick, name="clock", daemon=True).start()

    def opening(self) -> list[Event]:
        """What a page is told first; telephones that ring would be silent to it otherwise."""
        return [{"type": "snapshot", **self.snapshot()}, *self._calls.telephones()]

    def snapshot(self) -> Event:
        """All that a page shows."""
        door = self._door
        intercoms = [{"intercom": each, "intercom_name": office.INTERCOM_NAMES[each]} for each in door.intercoms]
        known = {"id": door.id, "name": door.name, "number": door.number, "release": door.release}
        return {
            "people": [vars(person) for person in office.PEOPLE.values()],
            "channels": [{"id": each, "name": name} for each, name in office.CHANNELS.items()],
            "doors": [{**known, "tone": door.tone.name, **each} for each in intercoms],
            "telephones": [{"number": each, "name": office.TELEPHONES[each]} for each in door.forward_to],
            **self._workspace.snapshot(),
            "calls": self._calls.snapshot(),
            "entries": self._record.entries,
            "clock": self._clock.shown(),
            "guide": "/playground/docs/set-up.md",
        }

    def _acts(self) -> Acts:
        commands, calls = self._commands, self._calls
        return {
            "say": ({"user": str, "to": str, "text": str}, commands.say),
            "press": ({"user": str, "where": str, "element": dict}, commands.press),
            "submit": ({"user": str, "view": str, "values": dict}, commands.submit),
            "close": ({"user": str, "view": str}, commands.close),
            "open-home": ({"user": str}, commands.open_home),
            "ring": ({"intercom": str}, lambda intercom: {"call": calls.ring(intercom)}),
            "key": ({"call": str, "digits": str}, calls.key),
            "hang-up": ({"call": str}, calls.hang_up),
            "telephone": ({"call": str, "number": str, "act": str, "digit": ""}, calls.telephone),
            "clock": ({"preset": "", "by_seconds": 0}, self._move_clock),
            "start-over": ({}, self._start_over),
        }

    def _apis(self, environ: dict[str, Any], start_response: Any) -> Any:
        """The pretended APIs."""
        request = Request(environ)
        _, first, *rest = request.path.split("/")
        if first == "api" and rest:
            answer = self._slack.call(rest[-1], request)
        elif first == "response" and rest:
            answer = self._slack.respond(rest[-1], request)
        elif first == "":
            answer = Response("The pretended APIs of Slack and Twilio.")
        else:
            answer = self._twilio.answer(request)
        return answer(environ, start_response)

    def _move_clock(self, preset: str, by_seconds: float) -> None:
        if self._calls.any_lasts:
            raise Refused("Somebody is at the door. Let the call end first, then move the clock.")
        with self._hub.lock:
            self._clock.move(preset, by_seconds)
            self._hub.publish("clock", **self._clock.shown())

    def _start_over(self) -> None:
        self._calls.hang_up_all()

        def forget() -> None:
            with self._record.paused():
                office.forget()
                self._clock.reset()
                self._workspace.clear()
                self._record.clear()

        try:
            self.server.anew(forget)
        except ServerLost:
            raise Refused("The server did not come back. The terminal says why.", 500) from None
        with self._hub.lock:
            self._hub.publish("snapshot", **self.snapshot())

    def _tick(self) -> None:
        while True:
            time.sleep(TICK_SECONDS)
            self._hub.publish("clock", **self._clock.shown())
