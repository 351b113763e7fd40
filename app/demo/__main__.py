"""`make demo`: starts everything on loopback, tells the story, and stays up."""

import hmac
import json
import os
import re
import secrets
import shlex
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
from pathlib import Path
from urllib.error import URLError
from urllib.parse import urlencode
from urllib.request import Request, urlopen

from app.clock import utcnow
from app.demo.slack_api import PEOPLE, Message, SlackApi
from app.demo.story import HAL, STORY, THE_CODE, Scene
from app.demo.twilio_api import TwilioApi

FOLDER = Path(".demo")
USUAL_PORT = 8000
START_SECONDS = 20
MESSAGE_SECONDS = 0.5  # after these the channel has been told
READING_SECONDS = 1.5
OFFICE = """\
# The pretended office of `make demo`: open day and night, so that the story works at any hour.
timezone = "America/New_York"
ask_for = "8s"

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
notices = "problems"
greeting = "Welcome. Third floor, on the left."
"""
CODE = re.compile(r"\b(\d{3}) ?(\d{3})\b")


class Demo:
    """The server as a process of its own, with made-up secrets, an embedded store and a pretended Slack."""

    def __init__(self) -> None:
        self._slack = SlackApi(self._on_message)
        self._port = _free_port()
        self.url = f"http://127.0.0.1:{self._port}"
        self._twilio = TwilioApi("+12125550100", self.url)
        self._python = os.path.relpath(sys.executable)
        self._press = self._code = ""
        self._environment: dict[str, str] = {}

    def run(self) -> None:
        """Start, tell the story, stay up until interrupted."""
        print("DoorBot demo: the real server, with a pretended Slack workspace and a pretended intercom.")
        print("Nothing leaves this machine. Starting …", flush=True)
        environment = self._prepare()
        self._slack.start()
        self._twilio.start()
        with (FOLDER / "server.log").open("w") as log:
            server = subprocess.Popen([sys.executable, "-m", "app", "serve"], env=environment, stdout=log, stderr=log)
        try:
            self._wait_until_up(server)
            for number, scene in enumerate(STORY, 1):
                self._play(number, scene, environment)
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
            "TWILIO_API_URL": self._twilio.url,
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

    def _play(self, number: int, scene: Scene, environment: dict[str, str]) -> None:
        arguments = [argument.replace(THE_CODE, self._code) for argument in scene.arguments]
        print(f"\n{number}. {scene.text}")
        print(f"   $ {shlex.join([self._python, '-m', 'app', *arguments])}", flush=True)
        self._press, self._environment = scene.press, environment
        running = subprocess.Popen(
            [sys.executable, "-m", "app", *arguments],
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        for line in running.stdout or ():
            print(f"   {line}", end="", flush=True)
            if code := CODE.search(line):
                self._code = code[1] + code[2]
        running.wait()
        time.sleep(MESSAGE_SECONDS)

    def _on_message(self, message: Message) -> None:
        text = message.text
        for user, name in PEOPLE.items():
            text = text.replace(f"<@{user}>", f"@{name}")
        buttons = "".join(f" [{label}]" for label, _, _ in message.buttons)
        where = f"to @{PEOPLE[message.to]} alone" if message.to in PEOPLE else "#front-door"
        print(f"   | {where}{' (edited)' if message.is_edit else ''}: {text}{buttons}", flush=True)
        pressed = next((each for each in message.buttons if each[0] == self._press and not message.is_edit), None)
        if pressed:
            threading.Timer(READING_SECONDS, self._press_button, (message, pressed)).start()

    def _press_button(self, message: Message, button: tuple[str, str, str]) -> None:
        """Hal presses a button, as Slack would send it."""
        label, action, value = button
        payload = {
            "type": "block_actions",
            "user": {"id": HAL, "team_id": "T0OFFICE1"},
            "trigger_id": secrets.token_hex(16),
            "container": {"type": "message", "message_ts": message.ts},
            "actions": [{"type": "button", "action_id": action, "block_id": "b", "value": value}],
        }
        body, timestamp = urlencode({"payload": json.dumps(payload)}), str(int(utcnow().timestamp()))
        secret = self._environment["SLACK_SIGNING_SECRET"].encode()
        signature = hmac.new(secret, f"v0:{timestamp}:{body}".encode(), "sha256").hexdigest()
        headers = {"X-Slack-Request-Timestamp": timestamp, "X-Slack-Signature": f"v0={signature}"}
        print(f"   | Hal presses [{label}]", flush=True)
        urlopen(Request(f"{self.url}/slack/events", body.encode(), headers), timeout=3).close()

    def _invite(self) -> None:
        people = ", ".join(f"{user} ({name})" for user, name in PEOPLE.items())
        print("\nNow you. In another terminal, in this folder:")
        print(f"   . {FOLDER}/env")
        print(f"   {self._python} -m app ring")
        print(f'   {self._python} -m app slash "unlock until 14:00" --as U0HOST001')
        print(f"   {self._python} -m app doctor")
        print(f"   {self._python} -m app slash log --as U0ADMIN01   (and open the link)")
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
