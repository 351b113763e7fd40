"""A server that can't start says why, all of it, and is gone."""

import os
import socket
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest

from tests.servers import ROOT
from tests.support import ALWAYS_OPEN_TOML, environment

REQUIRED = (
    "SLACK_SIGNING_SECRET",
    "SLACK_BOT_TOKEN",
    "TWILIO_ACCOUNT_SID",
    "TWILIO_AUTH_TOKEN",
    "PUBLIC_URL",
    "SECRET_KEY",
)
SECRETS = ("SLACK_SIGNING_SECRET", "SLACK_BOT_TOKEN", "TWILIO_AUTH_TOKEN", "SECRET_KEY")
EX_CONFIG = 78


def serve(folder: Path, environ: Mapping[str, str]) -> tuple[int, str]:
    """Exit status and output of the Procfile's command, for a server that does not start."""
    command = (ROOT / "Procfile").read_text().partition("web: ")[2].splitlines()[0]
    path = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
    whole = {"PATH": path, "HOME": str(folder), "PYTHONPATH": str(ROOT), **environ}
    done = subprocess.run(["sh", "-c", command], cwd=folder, env=whole, capture_output=True, text=True, timeout=20)
    return done.returncode, done.stdout + done.stderr


def test_a_server_without_any_configuration_names_everything_it_needs(tmp_path: Path) -> None:
    status, output = serve(tmp_path, {})
    assert status == EX_CONFIG
    assert [name for name in (*REQUIRED, "DOORBOT_CONFIG") if name not in output] == []
    assert "Traceback" not in output


@pytest.mark.parametrize("broken", ["[doors.front", 'doors = "front"'])
def test_a_wrong_office_file_is_reported_together_with_a_wrong_environment(broken: str, tmp_path: Path) -> None:
    (tmp_path / "doorbot.toml").write_text(broken)
    status, output = serve(tmp_path, environment(PUBLIC_URL="door.example.com", WEB_CONCURRENCY="many"))
    assert status == EX_CONFIG
    assert [name for name in ("PUBLIC_URL", "WEB_CONCURRENCY") if name not in output] == []
    assert "toml" in output or "doors" in output
    assert "Traceback" not in output


@pytest.mark.parametrize(
    "address",
    [
        "redis://:a-made-up-password@127.0.0.1:99999/0",
        "redis://:a-made-up-password@127.0.0.1:6379/0?socket_timeout=soon",
        "redis://:a-made-up-password@127.0.0.1:6379/0?no_such_option=1",
    ],
)
def test_an_address_of_redis_that_cannot_be_used_is_reported_at_start(address: str, tmp_path: Path) -> None:
    (tmp_path / "doorbot.toml").write_text(ALWAYS_OPEN_TOML)
    status, output = serve(tmp_path, environment(REDIS_URL=address))
    assert (status, "REDIS_URL" in output) == (EX_CONFIG, True)
    assert "Traceback" not in output
    assert "a-made-up-password" not in output


def test_no_secret_is_printed_however_wrong_the_rest_is(tmp_path: Path) -> None:
    given = environment(PUBLIC_URL="nonsense", PORT="-1", LOG_LEVEL="LOUD", TWILIO_ACCOUNT_SID="nonsense")
    status, output = serve(tmp_path, given | {name: f"made-up-{name}" for name in SECRETS} | {"SECRET_KEY": "short"})
    assert status == EX_CONFIG
    assert [
        name for name in ("PUBLIC_URL", "PORT", "LOG_LEVEL", "TWILIO_ACCOUNT_SID", "SECRET_KEY:") if name not in output
    ] == []
    assert not [name for name in SECRETS if f"made-up-{name}" in output or "short\n" in output]


def test_a_port_in_use_is_named_in_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "doorbot.toml").write_text(ALWAYS_OPEN_TOML)
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        status, output = serve(tmp_path, environment(PORT=port))
    assert status not in (0, EX_CONFIG)
    assert port in output
    assert "Traceback" not in output
    assert "panicked" not in output
