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
from tests.year.record import Reader
from tests.year.simulation import Simulation

MUST_HAPPEN = {
    "ring released unlock",
    "ring asked locked",
    "ring forwarded after_hours",
    "ring forwarded lockdown",
    "ring denied closed",
    "admit released host",
    "use_code released code",
    "unlock done already_unlocked",
    "unlock refused outside_hours",
    "end lost",
    "restart",
}
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
    monkeypatch.setattr("app.services.Soon", AtOnce)
    monkeypatch.setattr("app.domain.code_hashes.COST", {"n": 2, "r": 1, "p": 1})


@contextmanager
def an_office(folder: Path, stores: Callable[[], Store]) -> Iterator[Simulation]:
    """The office on the evening before its year, on a clock of its own."""
    with freeze_time("2026-10-31T12:00:00Z") as clock:
        yield Simulation(folder, stores, clock, SEED, facts.YEAR_TOML)


def test_the_judge_agrees_on_a_year_and_its_record_explains_every_ring(
    tmp_path: Path, stores: Callable[[], Store]
) -> None:
    with an_office(tmp_path, stores) as office:
        Life(office, PACE).live(facts.FIRST_DAY, facts.LAST_DAY)
        for name, door in office.judge.items():
            reader = Reader(door.facts)
            for entry in office.log(name):
                reader.read(entry)
            assert set(reader.explained) == {call.id for call in office.calls.calls.values() if call.door == name}
            assert reader.door.endings() == door.endings()
        missing = MUST_HAPPEN - set(office.counted)
    assert not missing, f"a year in which this never happened shows little: {missing} (YEAR_SEED={SEED})"
