"""Starts a server as a process of its own and tells how much CPU its whole process tree has used.

The CPU is read from /proc and not from the client's clock, so that neither the load generator nor a busy
neighbour counts, and every worker and helper process of the server does.
"""

import os
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

TICKS_PER_SECOND = os.sysconf("SC_CLK_TCK")
READY_WITHIN = 15.0
STOP_WITHIN = 10.0


class ServerError(Exception):
    """The server did not start, or ended while it was needed. The message ends with what it printed."""


class Server:
    """One server on a free loopback port. `{port}` in its command is replaced; PORT is set as well."""

    def __init__(self, command: Sequence[str], env: Mapping[str, str] | None = None, cwd: Path | None = None):
        self.address = ("127.0.0.1", _free_port())
        port = str(self.address[1])
        self._command = [word.replace("{port}", port) for word in command]
        self._env = {**os.environ, **(env or {}), "PORT": port}
        self._cwd = cwd
        self._output = tempfile.TemporaryFile()  # noqa: SIM115 - closed by stop()
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        self._process = subprocess.Popen(
            self._command, env=self._env, cwd=self._cwd, stdin=subprocess.DEVNULL,
            stdout=self._output, stderr=subprocess.STDOUT, start_new_session=True,
        )  # fmt: skip
        try:
            self._wait_until_ready()
        except BaseException:
            self.stop()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def stop(self) -> None:
        """Ask politely first: a server that has to be killed would leave its workers behind."""
        if self._process is None:
            return
        self._process.send_signal(signal.SIGTERM)
        try:
            self._process.wait(STOP_WITHIN)
        except subprocess.TimeoutExpired:
            os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait()
        self._process = None
        self._output.close()

    def cpu_seconds(self) -> float:
        """User and system time of the server, its living descendants, and those it has already reaped."""
        times, wanted = self._family()
        return sum(times[pid][1] for pid in wanted if pid in times) / TICKS_PER_SECOND

    def megabytes(self) -> float:
        """The memory of the largest of its processes, at its largest since the last time that this was asked."""
        _, wanted = self._family()
        return max(_largest(pid) for pid in wanted)

    def _family(self) -> tuple[dict[int, tuple[int, int]], set[int]]:
        """Every process there is, and which of them are the server's."""
        if self._process is None or self._process.poll() is not None:
            raise ServerError(self._failed("is not running"))
        times = _process_table()
        wanted = {self._process.pid}
        while more := {pid for pid, (parent, _) in times.items() if parent in wanted} - wanted:
            wanted |= more
        return times, wanted

    def _wait_until_ready(self) -> None:
        """Ready is: answers HTTP, with any status. A listening socket alone may precede its workers."""
        assert self._process is not None
        deadline = time.monotonic() + READY_WITHIN
        while time.monotonic() < deadline:
            if self._process.poll() is not None:
                raise ServerError(self._failed(f"ended with status {self._process.returncode}"))
            if _answers(self.address):
                return
            time.sleep(0.05)
        raise ServerError(self._failed(f"did not answer within {READY_WITHIN:.0f} s"))

    def _failed(self, what: str) -> str:
        self._output.seek(0)
        printed = self._output.read().decode(errors="replace")[-2000:]
        return f"{' '.join(self._command)} {what}\n{printed}"


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _answers(address: tuple[str, int]) -> bool:
    try:
        with socket.create_connection(address, timeout=2) as connection:
            connection.sendall(b"GET /healthz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
            return connection.recv(5) == b"HTTP/"
    except OSError:
        return False


def _largest(pid: int) -> float:
    """Megabytes of memory at most since the last time (man 5 proc: VmHWM, and 5 for clear_refs)."""
    try:
        status = Path(f"/proc/{pid}/status").read_text()
        Path(f"/proc/{pid}/clear_refs").write_text("5")
    except OSError:
        return 0.0  # it ended meanwhile
    (kilobytes,) = [line.split()[1] for line in status.splitlines() if line.startswith("VmHWM:")] or ["0"]
    return int(kilobytes) / 1024


def _process_table() -> dict[int, tuple[int, int]]:
    """Every process: its parent and its ticks of CPU (own user and system, and those of reaped children)."""
    table = {}
    for entry in Path("/proc").iterdir():
        if not entry.name.isdigit():
            continue
        try:
            # The command name is in parentheses and may contain spaces: count fields from the last ")".
            fields = (entry / "stat").read_text().rpartition(")")[2].split()
        except OSError:
            continue  # it ended meanwhile
        table[int(entry.name)] = (int(fields[1]), sum(int(field) for field in fields[11:15]))
    return table
