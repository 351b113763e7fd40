"""`make demo`: starts everything on loopback, tells the story, and stays up."""

import os
import secrets
import shlex
import shutil
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path
from queue import Empty, Queue
from urllib.error import URLError
from urllib.request import urlopen

from app.demo.slack_api import PEOPLE, SlackApi

FOLDER = Path(".demo")
USUAL_PORT = 8000
START_SECONDS = 20
MESSAGE_SECONDS = 5
OFFICE = """\
# The pretended office of `make demo`: open day and night, so that the story works at any hour.
timezone = "America/New_York"

[hours]
mon-sun = "00:00-24:00"

[people]
workspace = "T0OFFICE1"
admins = ["U0ADMIN01"]
hosts = ["U0HOST001"]

[doors.front]
name = "Front door"
number = "+12125550100"
intercoms = ["+12125550199"]
release = "9"
forward_to = ["+12125550123"]
channel = "C0FRONTDOOR"
greeting = "Welcome. Third floor, on the left."
"""
STORY = (
    ("A courier rings. The door is locked, so the call goes to the office's telephone.", ["ring"]),
    ("The office manager types in Slack:", ["slash", "unlock for 1h", "--as", "U0HOST001"]),
    ("The next courier rings.", ["ring"]),
    ("Lunch is over:", ["slash", "lock", "--as", "U0HOST001"]),
    ("Somebody rings once more.", ["ring"]),
    ("And the admin asks who came, and why the door was released:", ["log"]),
)


class Demo:
    """The server as a process of its own, with made-up secrets, an embedded store and a pretended Slack."""

    def __init__(self) -> None:
        self._slack = SlackApi(self._on_message)
        self._port = _free_port()
        self.url = f"http://127.0.0.1:{self._port}"
        self._python = os.path.relpath(sys.executable)
        self._messages: Queue[str] = Queue()

    def run(self) -> None:
        """Start, tell the story, stay up until interrupted."""
        print("DoorBot demo: the real server, with a pretended Slack workspace and a pretended intercom.")
        print("Nothing leaves this machine. Starting …", flush=True)
        environment = self._prepare()
        self._slack.start()
        with (FOLDER / "server.log").open("w") as log:
            server = subprocess.Popen([sys.executable, "-m", "app", "serve"], env=environment, stdout=log, stderr=log)
        try:
            self._wait_until_up(server)
            for number, (text, arguments) in enumerate(STORY, 1):
                self._tell(number, text, arguments, environment)
            self._invite()
            server.wait()
        finally:
            server.send_signal(signal.SIGTERM)
            server.wait()

    def _prepare(self) -> dict[str, str]:
        """A fresh folder with the office's file and an environment that other terminals can load."""
        shutil.rmtree(FOLDER, ignore_errors=True)
        FOLDER.mkdir(mode=0o700)
        (FOLDER / "doorbot.toml").write_text(OFFICE, encoding="utf-8")
        ours = {
            "SLACK_SIGNING_SECRET": secrets.token_hex(16),
            "SLACK_BOT_TOKEN": "xoxb-" + secrets.token_hex(16),
            "TWILIO_ACCOUNT_SID": "AC" + secrets.token_hex(16),
            "TWILIO_AUTH_TOKEN": secrets.token_hex(16),
            "SECRET_KEY": secrets.token_urlsafe(48),
            "PUBLIC_URL": self.url,
            "SLACK_API_URL": self._slack.url,
            "SQLITE_PATH": str(FOLDER / "doorbot.db"),
            "DOORBOT_CONFIG": str(FOLDER / "doorbot.toml"),
            "PORT": str(self._port),
            "WEB_CONCURRENCY": "1",
            "LOG_LEVEL": "WARNING",
            "REDIS_URL": "",
        }
        lines = [f"export {name}={shlex.quote(value)}\n" for name, value in ours.items()]
        (FOLDER / "env").write_text("".join(lines), encoding="utf-8")
        return {**os.environ, **ours}

    def _wait_until_up(self, server: "subprocess.Popen[bytes]") -> None:
        end = time.monotonic() + START_SECONDS
        while server.poll() is None and time.monotonic() < end:
            try:
                urlopen(f"{self.url}/healthz", timeout=1).close()
            except (URLError, OSError):
                time.sleep(0.1)
            else:
                return
        raise SystemExit(f"The server did not start:\n{(FOLDER / 'server.log').read_text()}")

    def _tell(self, number: int, text: str, arguments: list[str], environment: dict[str, str]) -> None:
        print(f"\n{number}. {text}")
        print(f"   $ {shlex.join([self._python, '-m', 'app', *arguments])}", flush=True)
        done = subprocess.run(
            [sys.executable, "-m", "app", *arguments], env=environment, check=False, capture_output=True, text=True
        )
        for line in (done.stdout + done.stderr).splitlines():
            print(f"   {line}", flush=True)
        if arguments[0] == "slash":
            self._show_message()

    def _show_message(self) -> None:
        """The channel is told after the answer; a moment later it reads:"""
        try:
            print(f"   And the channel reads: {self._messages.get(timeout=MESSAGE_SECONDS)}", flush=True)
        except Empty:
            print(f"   The channel was told nothing; see {FOLDER}/server.log", flush=True)

    def _on_message(self, _: str, text: str) -> None:
        if not text.startswith("<@"):  # not what somebody did: the day's visits are told in their own time
            return
        for user, name in PEOPLE.items():
            text = text.replace(f"<@{user}>", f"@{name}")
        self._messages.put(text)

    def _invite(self) -> None:
        people = ", ".join(f"{user} ({name})" for user, name in PEOPLE.items())
        print("\nNow you. In another terminal, in this folder:")
        print(f"   . {FOLDER}/env")
        print(f"   {self._python} -m app ring")
        print(f'   {self._python} -m app slash "unlock until 14:00" --as U0HOST001')
        print(f"   People: {people}. The server's log is {FOLDER}/server.log; Ctrl-C ends the demo.\n")
        print(f"Demo is up at {self.url}", flush=True)


def _free_port() -> int:
    """The usual port, or any other one where that is taken."""
    for port in (USUAL_PORT, 0):
        with socket.socket() as listener:
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                listener.bind(("127.0.0.1", port))
            except OSError:
                continue
            return int(listener.getsockname()[1])
    raise SystemExit("No port is free.")


def main() -> None:
    """Run the demo; Ctrl-C and SIGTERM end it quietly."""
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        Demo().run()
    except KeyboardInterrupt:
        print("\nThe demo has ended.")


if __name__ == "__main__":
    main()
