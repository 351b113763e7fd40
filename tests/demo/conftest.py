"""Fixtures: a playground as `make demo` starts it, and its page."""

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.demo.page import Page
from tests.servers import ROOT, Server

UP = re.compile(r"^Demo is up at (http://127\.0\.0\.1:\d+)\n\Z", re.MULTILINE)


def environment() -> dict[str, str]:
    """This machine's, without a screen and without settings of a real server."""
    mine = ("PATH", "HOME", "LANG", "TMPDIR")
    return {"PYTHONPATH": str(ROOT), **{name: os.environ[name] for name in mine if name in os.environ}}


class Demo(Server):
    """The playground in a process of its own, in a folder of its own."""

    def __init__(self, folder: Path, command: list[str] | None = None) -> None:
        self.folder = folder
        super().__init__(command or [sys.executable, "-m", "app.demo"], environment(), folder / "demo.log")

    def is_ready(self) -> bool:
        assert self._process is None or self._process.poll() is None, self.log
        return UP.search(self.log) is not None

    @property
    def url(self) -> str:
        found = UP.search(self.log)
        assert found, self.log
        return found[1]

    @property
    def env(self) -> dict[str, str]:
        """What `.demo/env` gives to other terminals."""
        lines = (self.folder / ".demo" / "env").read_text().splitlines()
        return dict(line.removeprefix("export ").replace("'", "").split("=", 1) for line in lines)

    def run(self, *argv: str, **changes: str) -> subprocess.CompletedProcess[str]:
        """A command in another terminal."""
        command, env = [sys.executable, "-m", "app", *argv], {**environment(), **self.env, **changes}
        return subprocess.run(command, cwd=self.folder, env=env, capture_output=True, text=True, check=False)


@pytest.fixture(scope="session")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    with Demo(tmp_path_factory.mktemp("demo")) as demo:
        yield demo


@pytest.fixture
def any_page(demo: Demo) -> Iterator[Page]:
    """An open page, whatever has happened before."""
    with Page(demo.url) as page:
        yield page


@pytest.fixture
def page(demo: Demo) -> Iterator[Page]:
    """An open page, where nothing has happened yet."""
    with Page(demo.url) as page:
        page.ask("start-over")
        page.wait("snapshot", since=1)
        page.told.clear()
        yield page
