"""Lockdown and lift from a terminal, in the words of Slack."""

from collections.abc import Callable
from pathlib import Path

import pytest
from freezegun import freeze_time

from app.cli import main
from app.domain.errors import StoreUnavailable
from app.stores.sqlite import SqliteStore
from tests.support import OFFICE_TOML, environment, local

NOON = local("2026-11-23T12:00")
SIDE = """
[doors.side]
name = "Side door"
number = "+12125550101"
release = "5"
forward_to = ["+12125550124"]
"""
EVERY_DOOR = "Every door is in lockdown until 18:00: nothing releases them before, unless an admin types"

Say = Callable[..., tuple[int, str]]


@pytest.fixture
def say(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Say:
    """Run a command in an office of two doors; its exit status and what it printed."""
    file = tmp_path / "doorbot.toml"
    file.write_text(OFFICE_TOML + SIDE, encoding="utf-8")
    for name, value in environment(DOORBOT_CONFIG=str(file), SQLITE_PATH=str(tmp_path / "doorbot.db")).items():
        monkeypatch.setenv(name, value)
    monkeypatch.chdir(tmp_path)

    def run(*words: str) -> tuple[int, str]:
        with freeze_time(NOON):
            status = main(words)
        return status, "".join(capsys.readouterr()).strip()

    return run


def test_every_door_until_a_time_and_lifted(say: Say) -> None:
    assert say("lockdown", "until", "18:00", "fire", "drill") == (0, f"{EVERY_DOOR} `/frontdoor lift`.")
    for line in say("status")[1].splitlines():
        assert "is in lockdown since 12:00 until 18:00, by cli:" in line
        assert line.endswith(": fire drill.")
    assert say("lift") == (0, "The lockdown of every door is over.")
    assert say("lift") == (0, "No door was in lockdown.")


def test_one_door(say: Say) -> None:
    assert say("lockdown", "side", "for", "1h")[1].startswith("The side door is in lockdown until 13:00")
    assert say("status", "front")[1] == "The front door is locked. Rings reach a human."
    assert say("lift", "side") == (0, "The lockdown of the side door is over.")


def test_a_door_that_is_not_there(say: Say) -> None:
    assert say("lift", "back") == (1, "There is no door `back` here. Say one of: `front`, `side`.")


def test_what_was_not_reached_is_said_and_the_exit_status_tells_it(say: Say, monkeypatch: pytest.MonkeyPatch) -> None:
    read = SqliteStore.read

    def failing(self: SqliteStore, where: str, *keys: object) -> object:
        if where == "door:side":
            raise StoreUnavailable("away")
        return read(self, where, *keys)  # type: ignore[arg-type]

    monkeypatch.setattr(SqliteStore, "read", failing)
    status, said = say("lockdown")
    assert status == 1
    assert "The lockdown is not in force yet at the side door" in said
