"""Calls from the intercom that somebody lives through at the page."""

import re
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from secrets import token_hex
from typing import Any
from urllib.request import urlopen

import config
from app.demo.hands import Fingers, LiveLine
from app.demo.hub import Hub
from app.demo.refusals import Refused
from app.demo.telephones import LiveSwitchboard
from app.domain.doors import Door
from app.simulated.call import Call, incoming
from app.simulated.line import LiveCall, Sound
from app.simulated.twiml_document import TwimlError
from app.simulated.twiml_player import Player
from app.simulated.webhooks import CallError, Webhooks, wave_seconds

LARGEST_SOUND = 4 << 20
LEAVING_SECONDS = 3
KEYS = re.compile(r"[0-9*#]{1,32}")


@dataclass
class Ring:
    """One call: who stands at the panel, and what the telephones do."""

    sid: str
    door: Door
    intercom: str
    hub: Hub
    fingers: Fingers = field(default_factory=Fingers)
    moves: LiveCall = field(default_factory=LiveCall)
    state: str = "ringing"
    ended_by: str = ""
    line: LiveLine = field(init=False)
    switchboard: LiveSwitchboard | None = None
    over: threading.Event = field(default_factory=threading.Event)

    def __post_init__(self) -> None:
        self.line = LiveLine(
            moves=self.moves,
            sounds=self._heard,
            notes=lambda text: self.tell("note", text=text),
            answered=self._answered,
        )

    def shown(self) -> dict[str, Any]:
        """What the page shows of it."""
        seconds = round(self.line.seconds, 1)
        known = {"sid": self.sid, "door": self.door.id, "intercom": self.intercom, "state": self.state}
        return {**known, "ended_by": self.ended_by, "seconds": seconds}

    def show(self, state: str) -> None:
        """From now on it stands so."""
        with self.hub.lock:
            self.state = state
            self.hub.publish("call", **self.shown())

    def tell(self, what: str, **more: Any) -> None:
        """What the visitor hears."""
        nothing = {"text": "", "language": "", "url": "", "digits": "", "seconds": 0}
        at = round(self.line.seconds, 3)
        self.hub.publish("heard", **{"call": self.sid, "at": at, "what": what, **nothing, **more})

    def _heard(self, sound: Sound) -> None:
        path = re.sub(r"^https?://[^/]+", "", sound.url)
        more = {"text": sound.text, "language": sound.language, "digits": sound.digits, "seconds": sound.seconds}
        self.tell(sound.what, url=path, **more)

    def _answered(self) -> None:
        self.show("answered")


class Calls:
    """All calls that were made. Each is followed by a thread of its own, against the real server at `port`."""

    def __init__(self, hub: Hub, settings: config.Settings, port: int, fallback: Callable[[Door], str]) -> None:
        self._hub = hub
        self._settings = settings
        self._fallback = fallback
        self._webhooks = Webhooks(settings.public_url, f"http://127.0.0.1:{port}", settings.twilio_auth_tokens[0])
        self._rings: dict[str, Ring] = {}

    def snapshot(self) -> list[dict[str, Any]]:
        """The calls that last."""
        return [ring.shown() for ring in self._lasting()]

    @property
    def any_lasts(self) -> bool:
        return bool(self._lasting())

    def ring(self, intercom: str) -> str:
        """Somebody presses the call button. Raises Refused."""
        door = next((each for each in self._settings.office.doors.values() if intercom in each.intercoms), None)
        if door is None:
            raise Refused("There is no such intercom.", 404)
        with self._hub.lock:
            if any(ring.intercom == intercom for ring in self._lasting()):
                raise Refused("The panel is busy with a call. Hang up first.")
            ring = Ring(f"CA{token_hex(16)}", door, intercom, self._hub)
            self._rings[ring.sid] = ring
            ring.show("ringing")
        threading.Thread(target=self._follow, args=(ring,), name="call", daemon=True).start()
        return ring.sid

    def key(self, call: str, digits: str) -> None:
        """Keys at the panel."""
        if not KEYS.fullmatch(digits):
            raise Refused("The panel has the keys 0 to 9, * and #.", 400)
        self._lasts(call).fingers.add(digits)

    def hang_up(self, call: str) -> None:
        """The visitor leaves."""
        self._lasts(call).line.hung_up.set()

    def hang_up_all(self) -> None:
        """Every visitor leaves, and is forgotten."""
        lasting = self._lasting()
        for ring in lasting:
            ring.line.hung_up.set()
        for ring in lasting:
            ring.over.wait(LEAVING_SECONDS)
        self._rings.clear()

    def telephone(self, call: str, number: str, act: str, digit: str = "") -> None:
        """Somebody does something with a telephone."""
        if act not in ("answer", "decline", "hang-up", "key") or (act == "key" and not KEYS.fullmatch(digit)):
            raise Refused("A telephone can't do that.", 400)
        ring = self._lasts(call)
        hand = ring.switchboard.hands.get(number) if ring.switchboard else None
        if hand is None:
            raise Refused("This telephone doesn't ring.")
        hand.do(act, digit)

    def move(self, call: str, url: str) -> str:
        """What Twilio's REST API does: the call asks there how to go on. Where it stands, "" for an unknown one."""
        ring = self._rings.get(call)
        if ring is None:
            return ""
        if ring.moves.status == "in-progress":
            ring.moves.put(url)
        return ring.moves.status

    def _lasting(self) -> list[Ring]:
        return [ring for ring in [*self._rings.values()] if ring.state != "ended"]

    def _lasts(self, call: str) -> Ring:
        ring = self._rings.get(call)
        if ring is None or ring.state == "ended":
            raise Refused("This call is over.")
        return ring

    def _follow(self, ring: Ring) -> None:
        visitor = Player(ring.line, ring.fingers, length=self._length)
        usual = incoming(ring.sid, self._settings.twilio_account_sid, ring.intercom, ring.door.number)

        def exchange(follow: Any, report: Any) -> LiveSwitchboard:
            ring.switchboard = LiveSwitchboard(usual, follow, report, show=self._telephone(ring))
            return ring.switchboard

        try:
            ring.ended_by = Call(self._webhooks, usual, exchange, visitor, self._fallback(ring.door)).run()
        except TwimlError as error:
            ring.tell("unknown", text=str(error))
            ring.ended_by = "error"
        except CallError as error:
            ring.tell("note", text=str(error))
            ring.ended_by = "error"
        finally:
            ring.tell("ended")
            ring.show("ended")
            ring.over.set()

    def _telephone(self, ring: Ring) -> Callable[[str, str, str], None]:
        def show(number: str, state: str, text: str) -> None:
            self._hub.publish("telephone", call=ring.sid, number=number, state=state, text=text)

        return show

    def _length(self, sound: str) -> float:
        return wave_seconds(self._webhooks.fetch(_get, sound))


def _get(url: str) -> tuple[int, str, bytes]:
    with urlopen(url, timeout=5) as answer:
        return answer.status, answer.headers.get("Content-Type", ""), answer.read(LARGEST_SOUND)
