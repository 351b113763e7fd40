"""App Homes on real processes: what was done in one is shown by whichever follows, and by the next if that dies."""

import json
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlencode

import pytest

from tests.servers import DoorBot, RedisServer, free_port, wait_until
from tests.stand_ins import Answer, StandIn
from tests.support import ADMIN, ALWAYS_OPEN_TOML, HOST, WORKSPACE, command_form, environment, slack_headers

PATIENCE_SECONDS = 20


@pytest.fixture
def slack() -> Iterator[StandIn]:
    with StandIn() as slack:
        slack.answer("/api/users.info", Answer({"ok": True, "user": {"id": HOST}}))
        slack.answer("/api/views.publish", Answer({"ok": True, "view": {"id": "V1", "hash": "1.abc"}}))
        yield slack


@pytest.fixture
def processes(request: pytest.FixtureRequest, tmp_path: Path, slack: StandIn, kind: str) -> Iterator[list[DoorBot]]:
    """Two servers on one store."""
    (tmp_path / "doorbot.toml").write_text(ALWAYS_OPEN_TOML)
    redis: RedisServer | None = request.getfixturevalue("redis_server") if kind == "redis" else None
    if redis:
        redis.client().flushall()
    env = environment(
        DOORBOT_CONFIG=str(tmp_path / "doorbot.toml"),
        SQLITE_PATH=str(tmp_path / "doorbot.db"),
        REDIS_URL=redis.url if redis else "",
        SLACK_API_URL=f"{slack.url}/api/",
        TMPDIR=str(tmp_path),
    )
    folders = [tmp_path / name for name in ("one", "two")]
    for folder in folders:
        folder.mkdir()
    one, two = (DoorBot({**env, "PORT": str(free_port())}, folder) for folder in folders)
    with one, two:
        yield [one, two]


def command(process: DoorBot, text: str) -> None:
    body = urlencode(command_form(text, ADMIN))
    status, answer = process.post("/slack/events", body, {**slack_headers(body), **FORM})
    assert status == 200, answer


FORM = {"Content-Type": "application/x-www-form-urlencoded"}


def open_home(process: DoorBot) -> None:
    event = {"type": "app_home_opened", "user": HOST, "tab": "home"}
    body = json.dumps({"type": "event_callback", "team_id": WORKSPACE, "event": event})
    status, answer = process.post("/slack/events", body, {**slack_headers(body), "Content-Type": "application/json"})
    assert status == 200, answer


def shown(slack: StandIn) -> str:
    """What the newest view says first; "" where there is none."""
    views = [each.payload["view"] for each in slack.received if each.path.endswith("views.publish")]
    return str(views[-1]["blocks"][0]["text"]["text"]) if views else ""


def wait_for(slack: StandIn, symbol: str) -> None:
    wait_until(lambda: shown(slack).startswith(symbol), f"a Home with {symbol}", PATIENCE_SECONDS)


@pytest.mark.parametrize("kind", ["sqlite", "redis"])
def test_a_home_follows_what_another_process_did_also_when_the_first_is_killed(
    processes: list[DoorBot], slack: StandIn
) -> None:
    one, two = processes
    open_home(one)
    wait_for(slack, ":lock:")
    command(two, "unlock")
    wait_for(slack, ":unlock:")
    command(one, "lock")
    wait_for(slack, ":lock:")
    one.kill()
    command(two, "unlock")
    wait_for(slack, ":unlock:")
