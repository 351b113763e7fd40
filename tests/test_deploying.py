"""The files by which DoorBot is deployed: what they name is there, and what they run is run here."""

import json
import os
import re
import shlex
import shutil
import sqlite3
import subprocess
import sys
from contextlib import closing
from datetime import date
from functools import reduce
from pathlib import Path
from typing import Any

import pytest

import config
from app import disks
from app.stores.sqlite import SqliteStore
from tests.faults import building
from tests.servers import ROOT, RedisServer, free_port
from tests.support import ALWAYS_OPEN_TOML, environment

APP: dict[str, Any] = json.loads((ROOT / "app.json").read_text())
DOCKERFILE = (ROOT / "Dockerfile").read_text()
COMPOSE = (ROOT / "compose.yaml").read_text()
UNIT = (ROOT / "deploy" / "doorbot@.service").read_text()


def commands(keyword: str) -> list[list[str]]:
    """The exec forms behind a keyword of the Dockerfile."""
    return [json.loads(found) for found in re.findall(rf"^\s*{keyword} (\[.*\])$", DOCKERFILE, re.MULTILINE)]


def here(command: list[str]) -> list[str]:
    assert command[0] == "python"
    return [sys.executable, *command[1:]]


def test_the_button_asks_for_all_that_is_needed_and_makes_the_key() -> None:
    asked = APP["env"]
    assert set(config.EXAMPLES) <= set(asked)
    assert [name for name, facts in asked.items() if "generator" in facts] == ["SECRET_KEY"]
    assert all(facts["description"] for facts in asked.values())
    assert [addon.partition(":")[0] for addon in APP["addons"]] == ["heroku-redis"]
    assert APP["healthchecks"]["web"][0]["path"] == "/healthz"


def test_what_the_button_gives_is_a_complete_configuration_on_heroku(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    values = {name: facts["value"] for name, facts in APP["env"].items() if "value" in facts}
    known = {name: value for name, value in environment().items() if name in config.EXAMPLES}
    settings = config.load({**known, **values, "DYNO": "web.1", "REDIS_URL": "rediss://:p@ec2.example.com:6380"})
    assert settings.redis_url.endswith("?ssl_cert_reqs=none")


def test_a_release_is_checked_before_it_goes_live() -> None:
    lines = dict(line.split(": ", 1) for line in (ROOT / "Procfile").read_text().splitlines())
    assert lines == {"web": "python -m app serve", "release": "python -m app check"}


def test_the_image_holds_what_the_server_needs_no_secret_and_no_demo(tmp_path: Path) -> None:
    ignored = (ROOT / ".dockerignore").read_text().splitlines()
    copied = re.findall(r"^COPY (?!--from)(\S+) \S+$", DOCKERFILE, re.MULTILINE)
    assert sorted(copied) == ["app", "config.py", "requirements.txt"]
    assert {line[1:] for line in ignored if line.startswith("!")} == set(copied)
    assert ignored.index("*") < ignored.index("!app") < ignored.index("app/demo")
    shutil.copy(ROOT / "config.py", tmp_path)
    shutil.copytree(ROOT / "app", tmp_path / "app", ignore=shutil.ignore_patterns("demo", "__pycache__"))
    (tmp_path / "doorbot.toml").write_text(ALWAYS_OPEN_TOML)
    env = environment(SQLITE_PATH=str(tmp_path / "data" / "doorbot.db"))
    command = [sys.executable, "-m", "app", "check"]
    done = subprocess.run(command, cwd=tmp_path, env=env, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")


def test_the_image_is_nobodys_root_and_says_of_itself_that_it_vanishes() -> None:
    last = DOCKERFILE.rpartition("\nFROM ")[2]
    (user,) = re.findall(r"^USER (\w+)$", last, re.MULTILINE)
    assert f"useradd --system --uid 10001 --home-dir /app --no-create-home {user}" in last
    marker = next(name for name in disks.HOSTS if f" {name}=1" in last)
    assert "container" in disks.HOSTS[marker]
    assert commands("CMD")[-1] == ["python", "-m", "app", "serve"]


def test_the_images_health_check_is_well_while_the_server_lives_and_ill_when_it_is_gone(tmp_path: Path) -> None:
    check = here(commands("CMD")[0])
    assert re.search(r"^HEALTHCHECK .*\\\n  CMD \[", DOCKERFILE, re.MULTILINE)
    with building("sqlite", tmp_path) as house:
        env = {"PORT": str(house.server.port)}
        assert subprocess.run(check, env=env, capture_output=True, check=False).returncode == 0
        house.server.stop()
        assert subprocess.run(check, env=env, capture_output=True, check=False).returncode != 0


def test_the_redis_beside_the_server_keeps_what_it_is_told(tmp_path: Path) -> None:
    command: list[str] = json.loads(re.findall(r"^    command: (\[.*\])$", COMPOSE, re.MULTILINE)[0])
    assert command[0] == "valkey-server"
    options = {name.removeprefix("--"): value for name, value in zip(command[1::2], command[2::2], strict=True)}
    with RedisServer(tmp_path, **options) as server:
        kept = {**server.client().config_get("append*"), **server.client().config_get("maxmemory-policy")}
    assert (kept["appendonly"], kept["appendfsync"], kept["maxmemory-policy"]) == ("yes", "everysec", "noeviction")
    assert re.search(r"^    volumes:\n      - redis:/data$", COMPOSE, re.MULTILINE)
    assert re.search(r"^volumes:\n  redis:$", COMPOSE, re.MULTILINE)


def test_the_composed_server_is_reached_through_a_proxy_only_and_has_time_to_end_its_calls() -> None:
    assert re.findall(r'"([\d.:]+:8000)"', COMPOSE) == ["127.0.0.1:8000:8000"]
    assert "read_only: true" in COMPOSE
    assert "cap_drop: [ALL]" in COMPOSE
    assert "stop_grace_period: 20s" in COMPOSE


def test_the_unit_starts_what_the_procfile_starts_and_does_not_repeat_a_wrong_configuration() -> None:
    lines = [line.split("=", 1) for line in UNIT.splitlines() if "=" in line and not line.startswith("#")]
    found = {name: value for name, value in lines if name != "Environment"}
    assert found["ExecStart"].endswith("/.venv/bin/python -m app serve")
    assert found["RestartPreventExitStatus"] == "78"
    assert found["User"] != "root"
    values = [value for name, value in lines if name == "Environment"]
    assert any(f"SQLITE_PATH=/var/lib/{found['StateDirectory']}/" in value for value in values)


def test_the_nightly_copy_is_made_where_the_store_is_and_old_ones_go(tmp_path: Path) -> None:
    unit = (ROOT / "deploy" / "doorbot-backup.service").read_text()
    lines = [line.split("=", 1) for line in unit.splitlines() if "=" in line and not line.startswith("#")]
    mine = {"/var/lib/doorbot": str(tmp_path), "/opt/doorbot/.venv/bin/python": sys.executable, "$$": "$", "%%": "%"}
    wanted = [value for name, value in lines if name.startswith("Exec")]
    steps = [shlex.split(reduce(lambda text, pair: text.replace(*pair), mine.items(), each)) for each in wanted]
    store, copies = tmp_path / "doorbot.db", tmp_path / "backups"
    SqliteStore(store).ping()
    copies.mkdir()
    (copies / "2020-01-01.db").touch()
    os.utime(copies / "2020-01-01.db", (0, 0))
    for step in steps:
        subprocess.run(step, env={**os.environ, **environment(SQLITE_PATH=str(store))}, check=True, timeout=60)
    (copy,) = copies.iterdir()
    assert date.fromisoformat(copy.stem)
    with closing(sqlite3.connect(copy)) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)


def test_the_proxy_sends_what_one_server_did_not_answer_to_the_other() -> None:
    conf = (ROOT / "deploy" / "nginx.conf").read_text()
    assert re.findall(r"server 127\.0\.0\.1:(\d+) max_fails=0;", conf) == ["8000", "8001"]
    assert "proxy_next_upstream error non_idempotent;" in conf


def test_a_server_whose_disk_vanishes_does_not_start_and_says_what_to_do(tmp_path: Path) -> None:
    (tmp_path / "doorbot.toml").write_text(ALWAYS_OPEN_TOML)
    env = {**environment(), "K_SERVICE": "door", "PYTHONPATH": str(ROOT), "PORT": str(free_port())}
    command = [sys.executable, "-m", "app", "serve"]
    done = subprocess.run(
        command,
        cwd="/",
        env=env | {"DOORBOT_CONFIG": str(tmp_path / "doorbot.toml")},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 78
    assert "REDIS_URL: is missing, and the embedded store can't stand in: Cloud Run" in done.stderr
    assert "Traceback" not in done.stderr
