"""The pretended office: its file, its people, and the environment that makes a server its own."""

import os
import secrets
import shlex
import shutil
from dataclasses import dataclass
from pathlib import Path

import config

FOLDER = Path(".demo")
WORKSPACE, CHANNEL, BOT, APP = "T0OFFICE1", "C0FRONTDOOR", "U0DOORBOT", "A0DOORBOT"
CHANNELS = {CHANNEL: "front-door"}
TELEPHONES = {"+12125550123": "Reception", "+12125550124": "Hal's mobile"}
INTERCOM_NAMES = {"+12125550199": "The panel at the street"}
OFFICE = """\
# The pretended office of `make demo`.
timezone = "America/New_York"
ask_for = "15s"

[hours]
mon-fri = "08:00-18:00"

[people]
workspace = "T0OFFICE1"
admins = ["U0ADMIN01"]
hosts = ["U0HOST001"]

[doors.front]
name = "Front door"
number = "+12125550100"
intercoms = ["+12125550199"]
release = "9"
forward_to = ["+12125550123", "+12125550124"]
channel = "C0FRONTDOOR"
notices = "problems"
greeting = "Welcome. Third floor, on the left."
"""


@dataclass(frozen=True)
class Person:
    """Somebody in the pretended workspace."""

    id: str
    name: str
    role: str
    about: str


PEOPLE = {
    each.id: each
    for each in (
        Person("U0HOST001", "Hal", "host", "Runs the office: may unlock, lock and answer rings."),
        Person("U0ADMIN01", "Ada", "admin", "An admin: may also grant, lock down and read the log."),
        Person("U0MEMBER1", "Mia", "member", "Works here: may ask how the door stands."),
        Person("U0GUEST01", "Guy", "guest", "A guest of the workspace: may do nothing."),
    )
}
NAMES = {each.id: each.name for each in PEOPLE.values()}


def prepare(url: str, apis: str, port: int) -> dict[str, str]:
    """A fresh folder with the office's file, and an environment that other terminals can load; secrets are made up."""
    shutil.rmtree(FOLDER, ignore_errors=True)
    FOLDER.mkdir(mode=0o700)
    (FOLDER / "doorbot.toml").write_text(OFFICE, encoding="utf-8")
    ours = {
        "SLACK_SIGNING_SECRET": secrets.token_hex(16),
        "SLACK_BOT_TOKEN": "xoxb-" + secrets.token_hex(16),
        "TWILIO_ACCOUNT_SID": "AC" + secrets.token_hex(16),
        "TWILIO_AUTH_TOKEN": secrets.token_hex(16),
        "SECRET_KEY": secrets.token_urlsafe(48),
        "PUBLIC_URL": url,
        "SLACK_API_URL": f"{apis}/api/",
        "TWILIO_API_URL": apis,
        "SQLITE_PATH": str(FOLDER / "doorbot.db"),
        "DOORBOT_CONFIG": str(FOLDER / "doorbot.toml"),
        "PORT": str(port),
        "WEB_CONCURRENCY": "1",
        "LOG_LEVEL": "WARNING",
        "REDIS_URL": "",
    }
    lines = [f"export {name}={shlex.quote(value)}\n" for name, value in ours.items()]
    (FOLDER / "env").write_text("".join(lines), encoding="utf-8")
    return ours


def settings(ours: dict[str, str]) -> config.Settings:
    """The same as the server reads it."""
    return config.load({**os.environ, **ours})


def forget() -> None:
    """Remove what the server has stored. It must not run."""
    for file in FOLDER.glob("doorbot.db*"):
        file.unlink()
