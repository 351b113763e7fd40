"""What a server as the Procfile starts it writes down of a sign-in."""

import re
from pathlib import Path
from urllib.parse import urlencode

from tests.servers import DoorBot
from tests.support import ADMIN, OFFICE_TOML, command_form, environment, slack_headers
from tests.web.browsers import OWN, SIGN_IN


def test_a_real_server_writes_no_token_to_its_log(tmp_path: Path) -> None:
    env = environment(LOG_LEVEL="DEBUG")
    (tmp_path / "doorbot.toml").write_text(OFFICE_TOML)
    with DoorBot(env, tmp_path) as server:
        body = urlencode(command_form("log", ADMIN))
        status, answer = server.post("/slack/events", body, slack_headers(body))
        found = re.search(r"token=([\w-]{43})", answer)
        assert (status, bool(found)) == (200, True)
        assert found
        assert server.get(f"{SIGN_IN}?token={found[1]}") == 200
        assert server.get(f"/log//sign-in?token={found[1]}") == 404
        own = {**OWN, "Content-Type": "application/x-www-form-urlencoded"}
        assert server.post(SIGN_IN, f"token={found[1]}", own)[0] == 403
        assert server.post(SIGN_IN, b"x" * 1_000_000, own)[0] == 413
        assert found[1] not in server.log
