"""The real server of a door with an audio tone: its warning at start, what `ring` tells, and the file it serves."""

import subprocess
import sys
from collections.abc import Iterator
from http.client import HTTPConnection
from pathlib import Path

import pytest

from tests.dtmf import keys_in, samples_of
from tests.servers import ROOT, DoorBot
from tests.support import ALWAYS_OPEN_TOML, environment

TOML = ALWAYS_OPEN_TOML.replace('release = "9"', 'release = "8"\ntone = "long"')


@pytest.fixture
def environ(tmp_path: Path) -> dict[str, str]:
    file = tmp_path / "doorbot.toml"
    file.write_text(TOML, encoding="utf-8")
    return environment(DOORBOT_CONFIG=str(file), SQLITE_PATH=str(tmp_path / "doorbot.db"))


@pytest.fixture
def server(environ: dict[str, str], tmp_path: Path) -> Iterator[DoorBot]:
    with DoorBot(environ, tmp_path) as running:
        yield running


def run(environ: dict[str, str], *argv: str) -> tuple[int, str]:
    command = [sys.executable, "-m", "app", *argv]
    done = subprocess.run(command, env=environ, cwd=ROOT, capture_output=True, text=True, timeout=30, check=False)
    return done.returncode, done.stdout


def test_a_door_with_an_audio_tone_is_released_by_the_sound_that_the_server_serves(
    server: DoorBot, environ: dict[str, str]
) -> None:
    assert server.log.count("WARNING app: doors.front.release: on DoorKing panels key 8") == 1
    assert run(environ, "ring", "--url", server.url)[0] == 3
    assert run(environ, "unlock")[0] == 0
    status, story = run(environ, "ring", "--url", server.url)
    assert (status, story.splitlines()[-1]) == (0, "Released.")
    path = story.partition(f"hears the sound {environ['PUBLIC_URL']}")[2].splitlines()[0]
    connection = HTTPConnection("127.0.0.1", server.port, timeout=10)
    connection.request("HEAD", path)
    head = connection.getresponse()
    assert (head.status, head.read()) == (200, b"")
    connection.request("GET", path)
    answer = connection.getresponse()
    assert keys_in(samples_of(answer.read())) == "88"
    for name in ("Content-Type", "Content-Length", "Cache-Control", "ETag"):
        assert head.headers.get_all(name) == answer.headers.get_all(name)
        assert len(head.headers.get_all(name) or []) == 1
    connection.close()
