"""A year of an office: the application does what the judge says, and the record alone explains every ring."""

import os
import secrets
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from freezegun import freeze_time

from app.ports import Store
from app.stores.redis import RedisStore
from app.stores.sqlite import SqliteStore
from tests.servers import RedisServer
from tests.voice.panel import AtOnce
from tests.year import facts
from tests.year.life import Life
from tests.year.simulation import Simulation

PACE = 1.0 if os.environ.get("YEAR") == "full" else 0.3
SEED = int(os.environ.get("YEAR_SEED", "0")) or secrets.randbelow(10**6) + 1


@pytest.fixture(params=["sqlite", "redis"])
def stores(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Callable[[], Store]]:
    """Opens the same store once more, as another process does."""
    if request.param == "sqlite":
        yield lambda: SqliteStore(tmp_path / "doorbot.db")
        return
    server: RedisServer = request.getfixturevalue("redis_server")
    server.client().flushall()
    opened: list[RedisStore] = []

    def open_store() -> Store:
        opened.append(RedisStore(server.url))
        return opened[-1]

    yield open_store
    for each in opened:
        each._client.close()


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is done soon is done at once, as the clock stands still; and codes are hashed quickly."""
    monkeypatch.setattr("app.Soon", AtOnce)
    monkeypatch.setattr("app.domain.code_hashes.COST", {"n": 2, "r": 1, "p": 1})


@pytest.fixture
def simulated(tmp_path: Path, stores: Callable[[], Store]) -> Iterator[Simulation]:
    with freeze_time("2026-10-31T12:00:00Z") as clock:
        yield Simulation(tmp_path, stores, clock, SEED, facts.YEAR_TOML)


def test_the_judge_agrees_on_every_ring_of_a_year(simulated: Simulation) -> None:
    Life(simulated, PACE).live(facts.FIRST_DAY, facts.LAST_DAY)
    print(simulated.counted)
