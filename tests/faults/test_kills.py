"""Killed without warning under load, again and again: whoever heard a tone is on record, exactly once."""

import os
import random
import signal
import socket
import time
from collections import Counter
from collections.abc import Callable
from contextlib import ExitStack, suppress
from http.client import HTTPException
from pathlib import Path

from tests.faults import STORES, Building, Crowd, building, is_released, new_call
from tests.servers import wait_until

KILLS = 6
RINGING = 6


class Load(Crowd):
    """Threads that ring without a pause, each call a new one, at a door that is unlocked."""

    def __init__(self, house: Building) -> None:
        super().__init__(RINGING, self._ring)
        self.heard_a_tone: list[str] = []
        self._house = house

    def _ring(self) -> None:
        while not self._end.is_set():
            try:
                with self._house.line() as line:
                    while not self._end.is_set():
                        call = new_call()
                        if is_released(line.ring(call)):
                            self.heard_a_tone.append(call)
            except (OSError, HTTPException):  # there is nobody: the call would go to Twilio's fallback
                time.sleep(0.01)


def kill_again_and_again(house: Building, kill: Callable[[int], None], kills: int = KILLS) -> list[str]:
    """The calls that heard a tone; after each kill there are more of them."""
    house.say("unlock for 2h")
    with Load(house) as load:
        for turn in range(kills):
            reached = len(load.heard_a_tone)
            wait_until(lambda reached=reached: len(load.heard_a_tone) > reached + 5, "rings are released again", 20)
            time.sleep(random.uniform(0, 0.2))
            kill(turn)
        house.ring()
    return load.heard_a_tone


def assert_each_on_record_once(house: Building, calls: list[str]) -> None:
    log = house.log()
    released = Counter(event.visit for _, event in log if event.outcome == "released")
    assert calls
    assert [call for call in calls if released[call] != 1] == []
    assert [call for call, times in released.items() if times > 1] == []
    assert [seq for seq, _ in log] == list(range(1, len(log) + 1))


def test_a_server_killed_under_load_has_every_tone_on_record_in_the_embedded_store(tmp_path: Path) -> None:
    with building("sqlite", tmp_path) as house:

        def kill(_: int) -> None:
            house.server.kill()
            house.server.start()

        assert_each_on_record_once(house, kill_again_and_again(house, kill))


def test_a_server_or_its_redis_killed_under_load_has_every_tone_on_record(tmp_path: Path) -> None:
    with building("redis", tmp_path) as house:

        def kill(turn: int) -> None:
            victim = house.server if turn % 3 == 0 else house.redis
            victim.kill()
            victim.start()

        assert_each_on_record_once(house, kill_again_and_again(house, kill))


def unfinished_request(house: Building) -> socket.socket:
    """A client that sends half of a request."""
    client = socket.create_connection(("127.0.0.1", house.server.port), 5)
    client.sendall(b"POST /voice/ring HTTP/1.1\r\nHost: door.example.com\r\nContent-Length: 100\r\n\r\nCallSid=")
    return client


def is_alive(pid: int) -> bool:
    """Whether a process runs; one that is dead and waits to be counted does not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] not in "ZX"
    except (FileNotFoundError, ProcessLookupError):
        return False


def test_no_process_outlives_the_first_one_and_a_new_server_releases_rings_at_once(tmp_path: Path) -> None:
    """One that did, to wait for a request that never ends, could hold the embedded store's write lock for good."""
    with building("sqlite", tmp_path, WEB_CONCURRENCY="4") as house, Load(house) as load, ExitStack() as stack:
        house.say("unlock for 30m")
        wait_until(lambda: len(house.processes()) == 4 and len(load.heard_a_tone) > 20, "four processes release rings")
        workers = house.processes()
        for _ in range(12):
            stack.enter_context(unfinished_request(house))
        os.kill(house.server.pid, signal.SIGKILL)
        try:
            wait_until(lambda: not any(map(is_alive, workers)), "every process is gone", 5)
        finally:
            with suppress(ProcessLookupError):
                os.killpg(house.server.pid, signal.SIGKILL)
        house.server.exit_status(5)
        house.server.start()
        assert is_released(house.ring())
        reached = len(load.heard_a_tone)
        wait_until(lambda: len(load.heard_a_tone) > reached + 5, "rings are released again", 5)
    assert_each_on_record_once(house, load.heard_a_tone)


def test_the_death_of_one_process_interrupts_nobody_else_and_it_is_replaced(tmp_path: Path) -> None:
    with building(STORES[0], tmp_path) as house, Load(house) as load:
        house.say("unlock for 30m")
        wait_until(lambda: len(load.heard_a_tone) > 5, "rings are released")
        victim, other = house.processes()
        os.kill(victim, signal.SIGKILL)
        reached = len(load.heard_a_tone)
        wait_until(lambda: len(load.heard_a_tone) > reached + 5, "rings are released again", 10)
        wait_until(lambda: len(house.processes()) == 2 and victim not in house.processes(), "it is replaced", 10)
        assert other in house.processes()
    # the building stands no longer, its record does
    assert_each_on_record_once(house, load.heard_a_tone)
