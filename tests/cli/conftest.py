"""A command line at Monday noon."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import pytest
from freezegun import freeze_time

from app.cli import main
from app.stores.sqlite import SqliteStore
from app.usecases.visits import Visits
from tests.support import INTERCOM, OFFICE_TOML, a_door, environment, local

NOON = local("2026-11-23T12:00")

Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def environ(tmp_path: Path) -> dict[str, str]:
    file = tmp_path / "doorbot.toml"
    file.write_text(OFFICE_TOML, encoding="utf-8")
    return environment(DOORBOT_CONFIG=str(file), SQLITE_PATH=str(tmp_path / "doorbot.db"))


@dataclass
class Clock:
    """What the clock shows to the next command."""

    now: datetime = NOON


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def run(
    environ: dict[str, str],
    clock: Clock,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> Run:
    """Runs a command line at Monday noon; gives its exit status, and what it printed on both streams."""

    def run(*argv: str) -> tuple[int, str, str]:
        for name, value in environ.items():
            monkeypatch.setenv(name, value)
        monkeypatch.delenv("REDIS_URL", raising=False)
        monkeypatch.chdir(tmp_path)  # where no `.env` is
        try:
            with freeze_time(clock.now):
                status = main(argv)
        except SystemExit as stop:  # argparse
            status = int(stop.code or 0)
        printed = capsys.readouterr()
        return status, printed.out, printed.err

    return run


def ring_often(environ: dict[str, str], times: int) -> None:
    visits = Visits(SqliteStore(Path(environ["SQLITE_PATH"])))
    for number in range(1, times + 1):
        visits.ring(a_door(), f"CA{number}", INTERCOM, NOON)
