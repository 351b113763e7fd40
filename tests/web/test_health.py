"""`/healthz` says that the process lives; `/readyz` that its store answers, too."""

from pathlib import Path

import pytest
from flask.testing import FlaskClient

import config
from app import create_app
from app.ports import Store
from app.stores.redis import RedisStore
from app.stores.sqlite import SqliteStore
from tests.servers import free_port
from tests.support import Office, stored


@pytest.fixture
def settings(always_open: config.Settings) -> config.Settings:
    return always_open


@pytest.fixture(params=["sqlite", "redis"])
def without_store(request: pytest.FixtureRequest, tmp_path: Path, settings: config.Settings) -> FlaskClient:
    """An application whose store can't be reached."""
    (tmp_path / "file").touch()
    unreachable: dict[str, Store] = {
        "sqlite": SqliteStore(tmp_path / "file" / "doorbot.db"),
        "redis": RedisStore(f"redis://127.0.0.1:{free_port()}/0"),
    }
    return create_app(settings, store=unreachable[request.param]).test_client()


@pytest.mark.parametrize("path", ["/healthz", "/readyz"])
def test_with_a_store_both_are_well(office: Office, path: str) -> None:
    answer = office.client.get(path)
    assert (answer.status_code, answer.text, answer.mimetype) == (200, "ok\n", "text/plain")


@pytest.mark.parametrize(("path", "status"), [("/healthz", 200), ("/readyz", 503)])
def test_without_a_store_the_process_lives_but_is_not_ready(without_store: FlaskClient, path: str, status: int) -> None:
    assert without_store.get(path).status_code == status


def test_it_is_ready_again_when_the_store_is_back(tmp_path: Path, settings: config.Settings) -> None:
    folder = tmp_path / "disk"
    folder.touch()
    client = create_app(settings, store=SqliteStore(folder / "doorbot.db")).test_client()
    assert client.get("/readyz").status_code == 503
    folder.unlink()
    assert client.get("/readyz").status_code == 200


@pytest.mark.parametrize("path", ["/healthz", "/readyz"])
def test_they_say_nothing_about_a_store_to_whoever_asks(without_store: FlaskClient, path: str) -> None:
    assert without_store.get(path).text in ("ok\n", "the store does not answer\n")


@pytest.mark.parametrize("path", ["/healthz", "/readyz"])
def test_they_are_only_read_and_change_nothing(office: Office, path: str) -> None:
    assert [office.client.head(path).status_code, office.client.post(path).status_code] == [200, 405]
    assert stored(office.services.store) == {}
