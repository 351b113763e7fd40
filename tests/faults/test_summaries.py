"""Two processes count the same log and are killed again and again: each entry counts exactly once."""

import random
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path

import pytest

from app.domain.errors import StoreUnavailable
from app.ports import Store
from app.stores.redis import RedisStore
from app.stores.sqlite import SqliteStore
from app.usecases.summaries import SUMMED, Summaries
from tests.servers import RedisServer, wait_until
from tests.support import local
from tests.usecases.test_summaries import FRONT, NOON, a_life, an_office, counted_up, pictured, recount, same

ROOT = Path(__file__).parents[2]
KILLS = 6


@pytest.fixture(params=["sqlite", "redis"])
def address(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Where processes find the same store."""
    if request.param == "sqlite":
        return str(tmp_path / "doorbot.db")
    server: RedisServer = request.getfixturevalue("redis_server")
    server.client().flushall()
    return server.url


def process(address: str) -> "subprocess.Popen[bytes]":
    return subprocess.Popen([sys.executable, "-m", "tests.faults.counting", address], cwd=ROOT)


def seen(store: Store) -> int:
    summed = store.read(FRONT, SUMMED).get(SUMMED)
    return summed.seen if summed else 0


def test_each_entry_counts_once_whatever_is_killed(address: str) -> None:
    store: Store = RedisStore(address) if "://" in address else SqliteStore(Path(address))
    told = a_life(random.Random(), local("2026-10-20T00:00"), 30, 500)
    share = len(told) // KILLS + 1
    processes = [process(address), process(address)]
    try:
        for turn in range(KILLS):
            part, before = told[turn * share : (turn + 1) * share], seen(store)
            while part:
                with suppress(StoreUnavailable):
                    if store.commit(store.read(FRONT, SUMMED), {}, part[:20]):
                        part = part[20:]
            wait_until(lambda before=before: seen(store) > before, "somebody counts", 20)
            time.sleep(random.uniform(0, 0.05))
            processes[turn % 2].kill()
            processes[turn % 2].wait()
            processes[turn % 2] = process(address)
    finally:
        for each in processes:
            each.kill()
            each.wait()
    counted_up(Summaries(store, an_office()), NOON)
    assert seen(store) == len(told)
    assert same(pictured(store), recount(store, "America/New_York"))
    if isinstance(store, RedisStore):
        store.close()
