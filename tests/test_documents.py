"""Whoever follows the documents never has to guess: every command in them is run, here or where it is said."""

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

import config
from app.cli import _parser
from tests.faults import Building
from tests.servers import ROOT
from tests.support import environment

DOCUMENTS = {
    path.name: path.read_text(encoding="utf-8") for path in [ROOT / "README.md", *(ROOT / "docs").glob("*.md")]
}
FENCE = re.compile(r"^```(\w*)\n(.*?)^```$\n?(?:\s*```text\n(.*?)^```$)?", re.MULTILINE | re.DOTALL)
SOURCES = "\n".join(path.read_text(encoding="utf-8") for path in [ROOT / "config.py", *(ROOT / "app").rglob("*.py")])

MACHINE = "needs root and systemd: systemd-analyze looked at the unit, a real nginx ran its file"
DOCKER = "needs Docker's daemon: the image's commands and the Redis's are run in test_deploying.py"
REDIS = "the same words are sent to a real server in faults/test_backup.py"
TWILIO = "needs a Slack and a Twilio: stand-ins of both in cli/test_doctor.py, and the demo's"
RUN_ELSEWHERE = {
    "git clone https://github.com/your-company/doorbot.git": "the name is yours",
    "cd doorbot": "goes with it",
    "make install": "what `make test` does first",
    "make run": "the `web:` line of Procfile, which tests/servers.py starts",
    "make demo": "demo/test_process.py",
    "make test": "you are in it",
    "sudo useradd --system --home-dir /opt/doorbot doorbot": MACHINE,
    "sudo git clone https://github.com/your-company/doorbot.git /opt/doorbot": MACHINE,
    "sudo make -C /opt/doorbot install": MACHINE,
    "sudo install -m 600 .env /etc/doorbot.env": MACHINE,
    "sudo cp /opt/doorbot/deploy/doorbot@.service /etc/systemd/system/": MACHINE,
    "sudo systemctl enable --now doorbot@8000 doorbot@8001": MACHINE,
    "sudo cp /opt/doorbot/deploy/doorbot-backup.service /opt/doorbot/deploy/doorbot-backup.timer"
    " /etc/systemd/system/": MACHINE,
    "sudo systemctl enable --now doorbot-backup.timer": MACHINE,
    "sudo cp /opt/doorbot/deploy/nginx.conf /etc/nginx/conf.d/doorbot.conf": MACHINE,
    "sudo certbot certonly --nginx -d door.your-company.com"
    ' --deploy-hook "systemctl reload nginx"': "the name is yours",
    r"sudo sed -i 's/door\.example\.com/door.your-company.com/' /etc/nginx/conf.d/doorbot.conf": MACHINE,
    "sudo nginx -t": MACHINE,
    "sudo systemctl reload nginx": MACHINE,
    "sudo git -C /opt/doorbot pull": MACHINE,
    "sudo systemctl restart doorbot@8000": MACHINE,
    "sudo systemctl restart doorbot@8001": MACHINE,
    "sudo systemd-run --wait --pipe --uid=doorbot --working-directory=/opt/doorbot"
    " --property=EnvironmentFile=/etc/doorbot.env --setenv=SQLITE_PATH=/var/lib/doorbot/doorbot.db"
    " .venv/bin/python -m app backup /var/lib/doorbot/monday.db": MACHINE,
    "sudo systemd-run --wait --pipe --uid=doorbot --working-directory=/opt/doorbot"
    " --property=EnvironmentFile=/etc/doorbot.env --setenv=SQLITE_PATH=/var/lib/doorbot/doorbot.db"
    " .venv/bin/python -m app status": MACHINE,
    ".venv/bin/python -m app doctor": TWILIO,
    ".venv/bin/python -m app doctor --fix"
    " --fallback https://handler.twilio.com/twiml/EH0123456789abcdef0123456789abcdef": TWILIO,
    "docker compose up --detach --build": DOCKER,
    "docker compose ps": DOCKER,
    "docker compose exec server python -m app status": DOCKER,
    "redis-cli LASTSAVE": REDIS,
    "redis-cli BGSAVE": REDIS,
    "cp /var/lib/redis/dump.rdb backups/redis-monday.rdb": REDIS,
    "redis-server --dir /var/lib/redis --appendonly no --daemonize yes": REDIS,
    "redis-cli CONFIG SET appendonly yes": REDIS,
    "redis-cli INFO persistence": REDIS,
    "redis-cli SHUTDOWN NOSAVE": REDIS,
}


@dataclass(frozen=True)
class Block:
    """Commands that are typed one after the other, and what is then to be seen."""

    document: str
    commands: tuple[str, ...]
    seen: tuple[str, ...]

    @property
    def is_run_here(self) -> bool:
        return not all(command in RUN_ELSEWHERE for command in self.commands)


def blocks() -> Iterator[Block]:
    for name, text in DOCUMENTS.items():
        for kind, body, seen in FENCE.findall(text):
            lines = [line.strip() for line in body.splitlines()]
            if not kind:  # a picture of a terminal
                lines = [line.removeprefix("$ ") for line in lines if line.startswith("$ make")]
            if kind in ("", "sh", "bash", "shell", "console"):
                yield Block(
                    name, tuple(line for line in lines if line and not line.startswith("#")), tuple(seen.splitlines())
                )


ALL = [block for block in blocks() if block.commands]
HERE = [block for block in ALL if block.is_run_here]


def test_there_are_commands_and_each_that_is_said_to_be_run_elsewhere_is_in_a_document() -> None:
    told = {command for block in ALL for command in block.commands}
    assert RUN_ELSEWHERE.keys() - told == set()
    assert len(HERE) >= 6


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Building]:
    """A folder as set-up.md leaves it, with its server."""
    folder = tmp_path_factory.mktemp("guide")
    building = Building(folder)
    with building.server:
        yield building


@pytest.fixture(scope="module")
def shell(house: Building) -> dict[str, str]:
    folder = house.database.parent.parent
    ours = environment(DOORBOT_CONFIG="doorbot.toml", SQLITE_PATH="data/doorbot.db")
    (folder / ".env").write_text("".join(f"{name}={value}\n" for name, value in ours.items()))
    (folder / "app").symlink_to(ROOT / "app")
    return {"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT), "HOME": str(folder)}


@pytest.mark.parametrize("block", HERE, ids=lambda block: f"{block.document}: {block.commands[0]}")
def test_what_is_to_be_typed_does_what_it_says(block: Block, house: Building, shell: dict[str, str]) -> None:
    folder, printed, is_restore = house.database.parent.parent, "", "restore" in " ".join(block.commands)
    house.say("lock")
    (folder / "backups" / "doorbot-monday.db").unlink(missing_ok=True)
    if is_restore:
        backup = _here(house, "mkdir -p backups; .venv/bin/python -m app backup backups/doorbot-monday.db")
        subprocess.run(backup, shell=True, cwd=folder, env=shell, check=True)
        house.server.stop()
    for command in block.commands:
        line = _here(house, command)
        done = subprocess.run(line, shell=True, cwd=folder, env=shell, capture_output=True, text=True, check=False)
        assert done.returncode == 0, f"{command}: {done.stdout}{done.stderr}"
        assert done.stdout or command.startswith("mkdir "), command
        printed += done.stdout
    if is_restore:
        house.server.start()
    assert [line for line in block.seen if line not in printed] == []


def _here(house: Building, command: str) -> str:
    return command.replace(".venv/bin/python", sys.executable).replace("http://127.0.0.1:8000", house.server.url)


def test_the_secrets_that_the_guide_has_written_down_are_all_that_are_needed(tmp_path: Path) -> None:
    (text,) = [body for kind, body, _ in FENCE.findall(DOCUMENTS["set-up.md"]) if kind == "ini"]
    values = dict(line.split("=", 1) for line in text.splitlines())
    assert values.keys() == config.EXAMPLES.keys()
    (tmp_path / "doorbot.toml").write_text((ROOT / "doorbot.toml").read_text(encoding="utf-8"), encoding="utf-8")
    assert config.load({**values, "DOORBOT_CONFIG": str(tmp_path / "doorbot.toml")}).public_url == values["PUBLIC_URL"]


@pytest.mark.parametrize("name", DOCUMENTS)
def test_every_command_line_in_prose_can_be_parsed(name: str) -> None:
    prose = FENCE.sub("", DOCUMENTS[name]).replace("\n", " ")
    for words in re.findall(r"`(?:\S*/)?python -m app ([^`…]+)`", prose):
        arguments = [word.strip('"') for word in re.findall(r'"[^"]*"|\S+', words)]
        _parser().parse_args(arguments)


@pytest.mark.parametrize("name", DOCUMENTS)
def test_every_link_leads_somewhere(name: str) -> None:
    folder = ROOT if name == "README.md" else ROOT / "docs"
    for target, part in re.findall(r"\]\((?!https?:)([^)#\s]*)(?:#([^)\s]+))?\)", DOCUMENTS[name]):
        path = (folder / target).resolve() if target else folder / name
        assert path.exists(), target
        if part:
            titles = re.findall(r"^#+ (.+)$", path.read_text(encoding="utf-8"), re.MULTILINE)
            assert part in [re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-") for title in titles], (
                f"{target}#{part}"
            )


def test_every_alert_that_is_explained_is_one_that_is_told() -> None:
    table = DOCUMENTS["operations.md"].partition("## What each alert means")[2]
    alerts = re.findall(r"“([^”]+)”", "\n".join(line.split("|")[1] for line in table.splitlines() if "|" in line))
    told = re.sub(r'"\s*\n\s*f?"', "", SOURCES)
    assert len(alerts) >= 9
    assert [alert for alert in alerts if alert not in told] == []


def test_the_paths_at_which_twilio_calls_are_those_of_the_server() -> None:
    named = set(re.findall(r"https://door\.your-company\.com(/[a-z/]+)", DOCUMENTS["set-up.md"]))
    assert named == {"/voice/ring", "/voice/status", "/healthz"}


def test_the_notice_at_the_door_fits_the_settings_as_they_come() -> None:
    notice = DOCUMENTS["trust.md"].partition("## The notice at the door")[2]
    office = (ROOT / "doorbot.toml").read_text(encoding="utf-8")
    days = [re.findall(rf'^{name} = "(\d+)d"', office, re.MULTILINE)[0] for name in ("visitor_data", "retention")]
    parts = re.split(r"^\*\*(\w+)\.\*\*", notice, flags=re.MULTILINE)
    assert parts[1::2] == ["English", "Deutsch", "Français", "Español"]
    assert all(day in part for part in parts[2::2] for day in days)
