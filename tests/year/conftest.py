"""Fixtures: a store that several processes open, and an application that does at once what it does soon."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from app.ports import Store
from app.stores.redis import RedisStore
from app.stores.sqlite import SqliteStore
from tests.servers import RedisServer
from tests.voice.panel import AtOnce


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
        each.close()


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is done soon is done at once, as the clock stands still."""
    monkeypatch.setattr("app.services.Soon", AtOnce)
