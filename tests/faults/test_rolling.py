"""A deploy: a new server starts, new connections go to it, and the old one is told to stop."""

import json
import os
import signal
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from http.client import HTTPException
from pathlib import Path
from urllib.parse import urlencode

import pytest

from tests.faults import STORES, Building, Crowd, Line, building, is_forwarded, is_held, is_released, new_call
from tests.faults.switch import Switch
from tests.faults.test_kills import assert_each_on_record_once
from tests.servers import wait_until
from tests.support import HOST, call_form, press_payload, slack_headers, twilio_signature

RINGING = 6
DEPLOYS = 3
STOP_SECONDS = 15


class Callers(Crowd):
    """Threads that ring without a pause, on a new connection each time; none of them ever tries again."""

    def __init__(self, port: int) -> None:
        super().__init__(RINGING, self._ring)
        self.heard_a_tone: list[str] = []
        self.reached_a_human: list[str] = []
        self.lost: list[str] = []
        self._port = port

    def _ring(self) -> None:
        while not self._end.is_set():
            call = new_call()
            try:
                with Line(self._port) as line:
                    twiml = line.ring(call)
            except (OSError, HTTPException, AssertionError) as error:
                self.lost.append(f"{call}: {error!r}")
                continue
            if is_released(twiml):
                self.heard_a_tone.append(call)
            elif is_forwarded(twiml):  # the store was too slow for a ring, as it may be on a machine that is too busy
                self.reached_a_human.append(call)
            else:
                self.lost.append(f"{call}: {twiml}")


@contextmanager
def next_server(house: Building, folder: Path) -> Iterator[Building]:
    """Another server of the same building, on a port of its own."""
    other = Building(folder, house.redis)
    with other.server:
        yield other


@pytest.mark.parametrize("kind", STORES)
def test_deploys_under_load_lose_no_ring_and_record_none_twice(kind: str, tmp_path: Path) -> None:
    with building(kind, tmp_path) as house, ExitStack() as stack, Switch(house.server.port) as switch:
        house.say("unlock for 2h")
        old = house
        with Callers(switch.port) as callers:
            for _ in range(DEPLOYS):
                reached = len(callers.heard_a_tone)
                wait_until(lambda reached=reached: len(callers.heard_a_tone) > reached + 20, "rings are released")
                new = stack.enter_context(next_server(house, tmp_path))
                switch.target = new.server.port
                os.kill(old.server.pid, signal.SIGTERM)
                assert old.server.exit_status(STOP_SECONDS) == 0
                old = new
            reached = len(callers.heard_a_tone)
            wait_until(lambda: len(callers.heard_a_tone) > reached + 20, "rings are released by the last one")
        assert callers.lost == []
        assert_each_on_record_once(house, callers.heard_a_tone)
        everybody = {*callers.heard_a_tone, *callers.reached_a_human}
        wait_until(lambda: everybody <= {event.visit for _, event in house.log()}, "every ring is on record")
        rings = Counter(event.visit for _, event in house.log() if event.action == "ring")
        assert {call: times for call, times in rings.items() if times > 1} == {}


@pytest.mark.parametrize("kind", STORES)
def test_a_visitor_who_is_held_by_the_old_server_is_let_in_by_the_new_one(kind: str, tmp_path: Path) -> None:
    call = new_call()
    with building(kind, tmp_path) as house:
        assert is_held(house.ring(call))
        with next_server(house, tmp_path) as new:
            house.server.stop()
            body = urlencode({"payload": json.dumps(press_payload("admit", f"front {call}", HOST))})
            with new.line() as line:
                assert line.post("/slack/events", body, slack_headers(body))[0] == 200
                form = call_form(call, CallStatus="in-progress", Digits="")
                path = "/voice/held/front"
                _, twiml = line.post(path, urlencode(form), {"X-Twilio-Signature": twilio_signature(path, form)})
            assert is_released(twiml)
            (told,) = new.outcomes(call)  # nobody plays Slack here, so the telephones rang besides
            assert [each for each in told if each[0] == "released"] == [("released", "host")]
