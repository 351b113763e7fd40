"""SIGTERM, as every platform sends it at a deploy."""

import os
import signal
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.faults import STORES, building, is_forwarded, is_released, new_call
from tests.faults.test_kills import Load, assert_each_on_record_once
from tests.servers import wait_until

STOP_SECONDS = 5
UNDER_WAY = 8


def test_calls_that_are_being_answered_at_sigterm_are_answered_to_the_end(tmp_path: Path) -> None:
    with building("redis", tmp_path) as house, ExitStack() as stack, ThreadPoolExecutor(UNDER_WAY) as pool:
        lines = [stack.enter_context(house.line()) for _ in range(UNDER_WAY)]
        for line in lines:
            line.ring()
        house.redis.freeze()  # so that every answer takes a while
        rings = [pool.submit(line.ring) for line in lines]
        time.sleep(0.15)
        os.kill(house.server.pid, signal.SIGTERM)
        assert all(is_forwarded(ring.result()) for ring in rings)
        house.redis.thaw()


def test_rings_that_waited_for_the_store_are_on_record_although_the_server_was_told_to_stop(tmp_path: Path) -> None:
    calls = [new_call() for _ in range(3)]
    with building("redis", tmp_path) as house:
        house.ring()
        house.redis.freeze()
        assert all(is_forwarded(house.ring(call)) for call in calls)
        os.kill(house.server.pid, signal.SIGTERM)
        house.redis.thaw()
        assert house.server.exit_status(2 * STOP_SECONDS) == 0
        assert house.outcomes(*calls) == [[("forwarded", "fault")]] * 3


def test_a_call_that_comes_right_after_sigterm_is_answered(tmp_path: Path) -> None:
    """It was on its way: a router learns at the same time that this server ends."""
    with building("sqlite", tmp_path) as house:
        house.say("unlock for 30m")
        os.kill(house.server.pid, signal.SIGTERM)
        time.sleep(0.1)
        assert is_released(house.ring())
        assert house.server.exit_status(STOP_SECONDS) == 0


@pytest.mark.parametrize("kind", STORES)
def test_a_server_under_load_and_with_idle_connections_stops_soon_and_forgets_nothing(
    kind: str, tmp_path: Path
) -> None:
    with building(kind, tmp_path) as house, ExitStack() as stack:
        for _ in range(4):
            stack.enter_context(house.line()).ring()  # and then idle
        house.say("unlock for 30m")
        with Load(house) as load:
            wait_until(lambda: len(load.heard_a_tone) > 50, "rings are released")
            os.kill(house.server.pid, signal.SIGTERM)
            assert house.server.exit_status(STOP_SECONDS) == 0
        assert_each_on_record_once(house, load.heard_a_tone)
