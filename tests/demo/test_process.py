"""`make demo` as a process: how it starts, what it needs, and that nothing of it stays behind."""

import os
import re
import signal
import subprocess
import sys
from contextlib import suppress
from http.client import HTTPException
from pathlib import Path

import pytest

from tests.demo.conftest import Demo
from tests.demo.page import Page
from tests.servers import ROOT, wait_until


def processes_below(pid: int) -> set[int]:
    """All processes that a process has started, and those that these have."""
    listed = subprocess.run(["ps", "-eo", "pid=,ppid="], capture_output=True, text=True, check=True).stdout
    parents = [tuple(map(int, line.split())) for line in listed.splitlines()]
    found = {pid}
    while more := {child for child, parent in parents if parent in found} - found:
        found |= more
    return found


def lives(pid: int) -> bool:
    state = subprocess.run(["ps", "-o", "stat=", "-p", str(pid)], capture_output=True, text=True, check=False).stdout
    return bool(state.strip()) and not state.startswith("Z")


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP, signal.SIGKILL])
def test_nothing_stays_behind(tmp_path: Path, number: signal.Signals) -> None:
    with Demo(tmp_path) as demo:
        started = processes_below(demo.pid)
        assert len(started) >= 3  # this one, the server, and its worker
        with Page(demo.url) as page:
            page.ring()
            os.kill(demo.pid, number)
            status = demo.exit_status(20)
        assert status == (-signal.SIGKILL if number is signal.SIGKILL else 0)
        wait_until(lambda: not any(lives(each) for each in started - {demo.pid}), "all of it has ended")
    assert "Traceback" not in demo.log


def test_a_port_that_is_taken_is_left_to_who_has_it(demo: Demo, tmp_path: Path) -> None:
    with Demo(tmp_path) as another:
        assert another.url != demo.url
        with Page(another.url) as page:
            assert page.command("status")["text"] == "The front door is locked. Rings reach a human."


def test_a_folder_is_one_playgrounds_alone(demo: Demo, any_page: Page) -> None:
    command = [sys.executable, "-m", "app.demo"]
    env = {"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT)}
    done = subprocess.run(command, cwd=demo.folder, env=env, capture_output=True, text=True, check=False, timeout=60)
    assert (done.returncode, "is open in this folder already" in done.stderr) == (1, True), done.stderr
    assert any_page.command("status")["text"]
    assert demo.env["PUBLIC_URL"] == demo.url


def test_a_server_that_does_not_come_back_ends_the_playground_and_says_why(tmp_path: Path) -> None:
    with Demo(tmp_path) as demo, Page(demo.url) as page:
        (tmp_path / ".demo" / "doorbot.toml").write_text("made up")
        with suppress(OSError, HTTPException):  # it may be gone before it has answered
            assert page.request("POST", "/playground/start-over", "{}", {"X-Playground": "1"})[0] == 500
        assert demo.exit_status(20) == 1
        assert "The server has ended:" in demo.log
        assert "werkzeug" not in demo.log  # no traceback of ours


def test_a_server_that_is_lost_ends_the_playground_and_says_why(tmp_path: Path) -> None:
    with Demo(tmp_path) as demo:
        (server,) = {each for each in processes_below(demo.pid) if each != demo.pid and _parent(each) == demo.pid}
        os.kill(server, signal.SIGKILL)
        assert demo.exit_status(20) == 1
        assert "The server has ended:" in demo.log


def _parent(pid: int) -> int:
    return int(subprocess.run(["ps", "-o", "ppid=", "-p", str(pid)], capture_output=True, text=True, check=True).stdout)


def test_a_server_that_can_not_start_says_why(tmp_path: Path) -> None:
    (tmp_path / "sitecustomize.py").write_text(
        "import os, sys\nif 'DOORBOT_DEMO_CLOCK' in os.environ: sys.exit('made up')\n"
    )
    env = {"PATH": os.environ["PATH"], "PYTHONPATH": f"{tmp_path}:{ROOT}"}
    command = [sys.executable, "-m", "app.demo"]
    done = subprocess.run(command, cwd=tmp_path, env=env, capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == 1
    assert "The server did not start:" in done.stderr
    assert "made up" in done.stderr


def test_make_demo_is_up(tmp_path: Path) -> None:
    """The Makefile's own target, in a fresh folder whose packages are there already."""
    for name in ("Makefile", "app", "config.py", "docs", "requirements.txt"):
        (tmp_path / name).symlink_to(ROOT / name)
    python = tmp_path / ".venv" / "bin" / "python"
    python.parent.mkdir(parents=True)
    python.write_text(f'#!/bin/sh\nexec {sys.executable} "$@"\n')
    python.chmod(0o755)
    (tmp_path / ".venv" / "installed").touch()
    with Demo(tmp_path, ["make", "demo"]) as demo:
        assert (tmp_path / ".demo").stat().st_mode & 0o777 == 0o700
        with Page(demo.url) as page:
            assert page.snapshot["entries"] == []
        started = processes_below(demo.pid)
    wait_until(lambda: not any(lives(each) for each in started), "all of it has ended")


def test_the_terminal_s_demo_takes_nothing_from_a_real_server(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("SLACK_BOT_TOKEN=xoxb-real\nREDIS_URL=redis://127.0.0.1:1/0\n")
    with Demo(tmp_path, [sys.executable, "-m", "app", "demo"]) as demo, Page(demo.url) as page:
        assert page.command("status")["text"]
        assert "xoxb-real" not in (tmp_path / ".demo" / "env").read_text()


def test_doctor_finds_nothing_to_do_and_sets_what_it_may(any_page: Page, demo: Demo) -> None:
    done = demo.run("doctor")
    assert _wrong(done.stdout) == [], done.stdout
    assert "✓ DoorBot is in #front-door (C0FRONTDOOR)" in done.stdout
    assert "✓ Twilio takes the credentials" in done.stdout
    address = f"https://handler.twilio.com/twiml/EH{os.getpid()}"
    fixed = demo.run("doctor", "--fix", "--yes", "--fallback", address)
    assert re.search(rf"Primary handler fails: \S+ => {address}\n", fixed.stdout), fixed.stdout
    assert "There is nothing at Twilio" in demo.run("doctor", "--fix", "--yes", "--fallback", address).stdout
    assert any("/voice/ring, not " in line for line in _wrong(demo.run("doctor", PUBLIC_URL=f"{demo.url}/door").stdout))
    assert any("Twilio" in line for line in _wrong(demo.run("doctor", TWILIO_AUTH_TOKEN="another").stdout))
    assert any("SLACK_BOT_TOKEN is refused" in line for line in _wrong(demo.run("doctor", SLACK_BOT_TOKEN="x").stdout))


def _wrong(printed: str) -> list[str]:
    """What is to be done, except about the disk that these tests run on."""
    return [line for line in printed.splitlines() if line.startswith("  ✗") and "vanish" not in line]


def test_only_what_the_server_needs_is_needed(tmp_path: Path) -> None:
    """Nothing of requirements-dev.txt, which `make demo` does not install."""
    lines = (ROOT / "requirements-dev.txt").read_text().splitlines()
    names = [re.split(r"[=<\[]", line)[0] for line in lines if line and not line.startswith(("#", "-"))]
    modules = [{"pytest-xdist": "xdist"}.get(name, name.replace("-", "_")) for name in names]
    assert {"pytest", "freezegun", "hypothesis", "playwright"} <= set(modules)
    blocked = f"import sys\nsys.modules.update(dict.fromkeys({modules!r}))\n"
    (tmp_path / "sitecustomize.py").write_text(blocked)
    with _Bare(tmp_path) as demo, Page(demo.url) as page:
        page.ask("open-home", user=page.snapshot["people"][0]["id"])
        page.wait("home")


class _Bare(Demo):
    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self._env = {**(self._env or {}), "PYTHONPATH": f"{folder}:{ROOT}"}
