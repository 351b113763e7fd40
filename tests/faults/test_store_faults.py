"""The store fails in the middle of service: a person is reached in time, and nothing has to be restarted after it."""

import resource
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from tests.faults import Building, at_once, building, is_forwarded, is_released, new_call, timed
from tests.servers import RedisServer, free_port, wait_until

RING_SECONDS, COMMAND_SECONDS, RECORD_SECONDS = 2, 3, 10
AT_ONCE = 8
COMMANDS = ("unlock for 30m", "lock", "status", "log", "help", "", "unlock", "open sesame")


@contextmanager
def redis_stopped(house: Building) -> Iterator[None]:
    house.redis.kill()
    yield
    house.redis.start()


@contextmanager
def redis_hung(house: Building) -> Iterator[None]:
    house.redis.freeze()
    yield
    house.redis.thaw()


@contextmanager
def redis_read_only(house: Building) -> Iterator[None]:
    """A failover gone wrong: our server is a replica now, of a primary that is dead."""
    with house.redis.client() as client:
        client.replicaof("127.0.0.1", free_port())
        yield
        client.replicaof("no", "one")


@contextmanager
def redis_full(house: Building) -> Iterator[None]:
    with house.redis.client() as client:
        client.config_set("maxmemory", "1")
        yield
        client.config_set("maxmemory", "0")


@contextmanager
def sqlite_hung(house: Building) -> Iterator[None]:
    """Another process began to write, and never ends."""
    with closing(sqlite3.connect(house.database, isolation_level=None)) as connection:
        connection.execute("BEGIN IMMEDIATE")
        yield


@contextmanager
def sqlite_full(house: Building) -> Iterator[None]:
    """No file takes another byte, as on a disk that is full or read-only; this binds root too."""
    for pid in house.processes():
        resource.prlimit(pid, resource.RLIMIT_FSIZE, (0, resource.RLIM_INFINITY))
    yield
    for pid in house.processes():
        resource.prlimit(pid, resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))


Fault = Callable[[Building], AbstractContextManager[None]]
DEAF: tuple[Fault, ...] = (redis_stopped, redis_hung)
FAULTS: tuple[Fault, ...] = (*DEAF, redis_read_only, redis_full, sqlite_hung, sqlite_full)


@dataclass
class Outage:
    """What was seen at a door that was unlocked when its store failed, and afterwards."""

    fault: Fault
    calls: list[str]
    rings: list[tuple[float, Any]] = field(default_factory=list)
    answers: list[tuple[float, Any]] = field(default_factory=list)
    health: tuple[int, int] = (0, 0)
    restarted: bool = True
    on_record: list[Any] = field(default_factory=list)
    ring_after: str = ""
    lock_after: str = ""
    numbers: list[int] = field(default_factory=list)


@pytest.fixture(scope="module")
def houses(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Building]]:
    """One building for each store; it lives through all the faults."""
    folders = {kind: tmp_path_factory.mktemp(kind) for kind in ("sqlite", "redis")}
    with building("sqlite", folders["sqlite"]) as on_sqlite, building("redis", folders["redis"]) as on_redis:
        yield {"sqlite": on_sqlite, "redis": on_redis}


@pytest.fixture(scope="module", params=FAULTS, ids=lambda fault: fault.__name__)
def outage(request: pytest.FixtureRequest, houses: dict[str, Building]) -> Outage:
    house = houses[request.param.__name__.partition("_")[0]]
    seen = Outage(request.param, [new_call() for _ in range(AT_ONCE + 1)])
    house.say("unlock for 30m")
    assert is_released(house.ring())
    before = house.processes()
    with seen.fault(house):
        during(house, seen)
    after(house, seen)
    seen.restarted = house.processes() != before
    return seen


def during(house: Building, seen: Outage) -> None:
    first, *others = seen.calls
    seen.rings = [timed(lambda: house.ring(first)), *at_once([lambda call=call: house.ring(call) for call in others])]
    seen.answers = at_once([lambda text=text: house.say(text) for text in COMMANDS])
    seen.health = (house.server.get("/healthz"), house.server.get("/readyz"))


def after(house: Building, seen: Outage) -> None:
    wait_until(lambda: house.server.get("/readyz") == 200, "the store is back", RECORD_SECONDS)
    seen.ring_after = house.ring()
    seen.lock_after = house.say("lock")
    wait_until(lambda: all(house.outcomes(*seen.calls)), "the rings are on record", RECORD_SECONDS)
    seen.on_record = house.outcomes(*seen.calls)
    seen.numbers = [seq for seq, _ in house.log()]


def test_every_ring_during_a_fault_reaches_the_telephones_without_a_tone(outage: Outage) -> None:
    assert all(is_forwarded(twiml) for _, twiml in outage.rings)


def test_every_ring_during_a_fault_is_answered_in_time(outage: Outage) -> None:
    assert max(seconds for seconds, _ in outage.rings) < RING_SECONDS


def test_every_command_during_a_fault_is_answered_in_time(outage: Outage) -> None:
    assert max(seconds for seconds, _ in outage.answers) < COMMAND_SECONDS


def test_a_command_that_fails_says_so_kindly_and_nothing_else(outage: Outage) -> None:
    unlock, lock, *_ = [answer for _, answer in outage.answers]
    kind = "DoorBot's memory can't be reached right now, so nothing was changed. Please try again in a minute."
    assert kind in unlock
    assert kind in lock


def test_no_command_during_a_fault_is_answered_with_an_excuse_for_a_bug(outage: Outage) -> None:
    assert not [answer for _, answer in outage.answers if "omething went wrong" in answer]


def test_the_process_counts_as_alive_during_a_fault(outage: Outage) -> None:
    assert outage.health[0] == 200


def test_the_process_is_not_ready_while_its_store_does_not_answer(outage: Outage) -> None:
    assert outage.health[1] == 503 or outage.fault not in DEAF


def test_the_unlock_made_before_a_fault_holds_after_it_and_can_be_ended(outage: Outage) -> None:
    assert is_released(outage.ring_after)
    assert "locked" in outage.lock_after


def test_no_process_had_to_be_restarted(outage: Outage) -> None:
    assert not outage.restarted


def test_every_ring_during_a_fault_is_on_record_once_soon_after_it(outage: Outage) -> None:
    assert outage.on_record == [[("forwarded", "fault")]] * len(outage.calls)


def test_the_record_has_no_gap_after_a_fault(outage: Outage) -> None:
    assert outage.numbers == list(range(1, len(outage.numbers) + 1))


def test_a_server_that_starts_before_its_redis_forwards_and_works_once_it_is_there(tmp_path: Path) -> None:
    redis, call = RedisServer(tmp_path), new_call()
    house = Building(tmp_path, redis)
    with house.server:
        assert is_forwarded(house.ring(call))
        assert (house.server.get("/healthz"), house.server.get("/readyz")) == (200, 503)
        with redis:
            assert "is unlocked until" in house.say("unlock for 30m")
            assert is_released(house.ring())
            wait_until(lambda: house.outcomes(call) == [[("forwarded", "fault")]], "it is on record", RECORD_SECONDS)


def test_a_server_that_starts_where_its_file_cannot_be_forwards_and_works_once_it_can(tmp_path: Path) -> None:
    house, call = Building(tmp_path), new_call()
    house.database.parent.write_text("in the way")
    with house.server:
        assert is_forwarded(house.ring(call))
        assert (house.server.get("/healthz"), house.server.get("/readyz")) == (200, 503)
        house.database.parent.unlink()
        assert "is unlocked until" in house.say("unlock for 30m")
        assert is_released(house.ring())
        wait_until(lambda: house.outcomes(call) == [[("forwarded", "fault")]], "it is on record", RECORD_SECONDS)
