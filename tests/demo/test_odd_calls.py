"""Calls at the page against a server that says what DoorBot seldom or never says."""

import io
import re
import wave
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from app.demo.calls import Calls
from app.demo.hub import Event, Hub
from tests.conftest import settings_for
from tests.servers import wait_until
from tests.stand_ins import Answer, StandIn
from tests.support import INTERCOM, OFFICE_TOML, PUBLIC_URL, TELEPHONE

XML = {"Content-Type": "text/xml"}
FALLBACK = "<Response><Say>We are away.</Say></Response>"


def twiml(inside: str) -> Answer:
    return Answer(f"<Response>{inside}</Response>", headers=XML)


class Told:
    """A page's events."""

    def __init__(self, hub: Hub) -> None:
        self._page = hub.listen(dict)
        self._queue = self._page.__enter__()
        self.events: list[Event] = []

    def has(self, **fields: Any) -> bool:
        """Whether there is such an event by now."""
        while not self._queue.empty():
            self.events.append(self._queue.get())
        return any(fields.items() <= each.items() for each in self.events)

    def wait(self, **fields: Any) -> None:
        wait_until(lambda: self.has(**fields), f"{fields} is told", 10)


@pytest.fixture
def server() -> Iterator[StandIn]:
    with StandIn() as server:
        server.answer("/voice/status", twiml(""))
        yield server


@pytest.fixture
def hub() -> Hub:
    return Hub()


@pytest.fixture
def told(hub: Hub) -> Told:
    return Told(hub)


@pytest.fixture
def calls(hub: Hub, server: StandIn, tmp_path: Path) -> Calls:
    port = int(server.url.rpartition(":")[2])
    return Calls(hub, settings_for(tmp_path, OFFICE_TOML), port, lambda _: FALLBACK)


@pytest.mark.parametrize("inside", ["<Record/>", '<Say loop="2">x</Say>', "<Play/>"])
def test_what_it_does_not_understand_it_says(calls: Calls, told: Told, server: StandIn, inside: str) -> None:
    server.answer("/voice/ring", twiml(inside))
    call = calls.ring(INTERCOM)
    told.wait(type="call", sid=call, state="ended", ended_by="error")
    (unknown,) = [each for each in told.events if each.get("what") == "unknown"]
    assert re.findall(r"\w+", inside)[0] in unknown["text"]
    assert told.has(type="heard", what="ended", call=call)


def test_a_server_that_is_gone_leaves_the_call_to_the_fallback(calls: Calls, told: Told, server: StandIn) -> None:
    server.answer("/voice/ring", Answer(raw=b""))
    calls.ring(INTERCOM)
    told.wait(type="heard", what="say", text="We are away.")
    told.wait(type="call", state="ended", ended_by="end")


def test_a_server_that_refuses_ends_the_call_with_a_sentence(calls: Calls, told: Told, server: StandIn) -> None:
    server.answer("/voice/ring", Answer("no", status=403))
    calls.ring(INTERCOM)
    told.wait(type="call", state="ended", ended_by="error")
    assert any("refused the signature" in each.get("text", "") for each in told.events)


def test_a_sound_is_given_by_its_path_and_lasts_as_long_as_it_does(calls: Calls, told: Told, server: StandIn) -> None:
    file = io.BytesIO()
    with wave.open(file, "wb") as sound:
        sound.setparams((1, 2, 8000, 0, "NONE", ""))
        sound.writeframes(bytes(2 * 2000))
    head = f"HTTP/1.1 200 OK\r\nContent-Type: audio/wav\r\nContent-Length: {len(file.getvalue())}\r\n\r\n"
    server.answer("/voice/ring", twiml(f"<Play>{PUBLIC_URL}/voice/tones/front/long.wav</Play>"))
    server.answer("/voice/tones/front/long.wav", Answer(raw=head.encode() + file.getvalue()))
    calls.ring(INTERCOM)
    told.wait(type="heard", what="play", url="/voice/tones/front/long.wav", seconds=0.25)
    told.wait(type="call", state="ended")


def test_a_call_is_moved_away_from_telephones_that_ring(calls: Calls, told: Told, server: StandIn) -> None:
    action = f"{PUBLIC_URL}/voice/forwarded/front"
    dial = f'<Dial action="{action}" answerOnBridge="false"><Number>{TELEPHONE}</Number></Dial>'
    server.answer("/voice/ring", twiml(dial))
    server.answer("/voice/held/front", twiml('<Play digits="9"/>'))
    server.answer("/voice/forwarded/front", twiml(""))
    assert calls.move("CA1", f"{PUBLIC_URL}/voice/held/front") == ""
    call = calls.ring(INTERCOM)
    told.wait(type="telephone", call=call, number=TELEPHONE, state="ringing")
    assert calls.move(call, f"{PUBLIC_URL}/voice/held/front") == "in-progress"
    told.wait(type="telephone", call=call, number=TELEPHONE, state="quiet")
    told.wait(type="heard", what="tone", digits="9")
    told.wait(type="call", state="ended")
    assert calls.move(call, f"{PUBLIC_URL}/voice/held/front") == "completed"


def test_a_visitor_hears_nobody_who_hangs_up_on_the_whisper(calls: Calls, told: Told, server: StandIn) -> None:
    whisper, action = f"{PUBLIC_URL}/voice/whisper/front", f"{PUBLIC_URL}/voice/forwarded/front"
    number = f'<Number url="{whisper}">{TELEPHONE}</Number>'
    server.answer("/voice/ring", twiml(f'<Dial action="{action}" answerOnBridge="true">{number}</Dial>'))
    server.answer("/voice/whisper/front", twiml("<Say>The front door: somebody is ringing. Press one to talk.</Say>"))
    server.answer("/voice/forwarded/front", twiml("<Hangup/>"))
    call = calls.ring(INTERCOM)
    told.wait(type="telephone", number=TELEPHONE, state="ringing")
    calls.telephone(call, TELEPHONE, "answer")
    told.wait(type="telephone", number=TELEPHONE, state="whisper")
    calls.telephone(call, TELEPHONE, "hang-up")
    told.wait(type="call", state="ended", ended_by="hangup")
    (done,) = [each.fields for each in server.received if each.path == "/voice/forwarded/front"]
    assert (done["DialCallStatus"], done["DialBridged"]) == ("completed", "false")
    assert not told.has(what="talk")


def test_every_call_can_be_left_at_once(calls: Calls, told: Told, server: StandIn) -> None:
    server.answer("/voice/ring", twiml("<Pause length='60'/>"))
    calls.ring(INTERCOM)
    assert calls.any_lasts
    calls.hang_up_all()
    told.wait(type="call", state="ended", ended_by="visitor")
    assert not calls.any_lasts
