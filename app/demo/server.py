"""The real server as a process of its own, which never outlives the playground."""

import os
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping
from http.client import HTTPConnection
from pathlib import Path

from app.demo.office import FOLDER

SERVED = Path(__file__).with_name("served.py")
START_SECONDS, STOP_SECONDS = 20, 15
LOG = FOLDER / "server.log"


class ServerLost(Exception):
    """The server did not start, or has ended by itself; the text has its log."""


class Server:
    """Starts and stops it; `port` is where it listens, which only the playground knows."""

    def __init__(self) -> None:
        self.port = free_port()
        self._lock = threading.Lock()
        self._process: subprocess.Popen[bytes] | None = None
        self._environment: dict[str, str] = {}

    def start(self, ours: Mapping[str, str]) -> None:
        """Start it with these settings, and return when it answers. Raises ServerLost."""
        clock = {"DOORBOT_DEMO_CLOCK": str((FOLDER / "clock").absolute())}
        self._environment = {**os.environ, **ours, **clock, "PORT": str(self.port)}
        with self._lock:
            self._start()

    def anew(self, between: Callable[[], object]) -> None:
        """Stop it, do what must be done without it, and start it again."""
        with self._lock:
            self._stop()
            between()
            self._start()

    def stop(self) -> None:
        """Stop it, and return when it is gone."""
        with self._lock:
            self._stop()

    def check(self) -> None:
        """Raise ServerLost where it has ended by itself."""
        with self._lock:
            if self._process and self._process.poll() is not None:
                raise ServerLost(f"The server has ended:\n{LOG.read_text(errors='replace')}")

    def _start(self) -> None:
        with LOG.open("a") as log:
            self._process = subprocess.Popen(
                [sys.executable, "-P", str(SERVED)],
                env=self._environment,
                stdin=subprocess.PIPE,
                stdout=log,
                stderr=log,
                start_new_session=True,  # Ctrl-C is ours to pass on
            )
        end = time.monotonic() + START_SECONDS
        while self._process.poll() is None and time.monotonic() < end:
            if self._answers():
                return
            time.sleep(0.05)
        self._stop()
        raise ServerLost(f"The server did not start:\n{LOG.read_text(errors='replace')}")

    def _answers(self) -> bool:
        connection = HTTPConnection("127.0.0.1", self.port, timeout=1)
        try:
            connection.request("GET", "/healthz")
            return connection.getresponse().status == 200
        except OSError:
            return False
        finally:
            connection.close()

    def _stop(self) -> None:
        if self._process is None:
            return
        assert self._process.stdin
        self._process.stdin.close()  # which it takes for the end of us
        try:
            self._process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._process = None


def free_port() -> int:
    """A port that nobody uses."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])
