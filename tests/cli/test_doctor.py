"""`python -m app doctor` against stand-ins: every step fails for its own reason, and says what to do."""

import io
import json
import ssl
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path
from threading import Event, Thread
from typing import Any

import pytest
from werkzeug.serving import make_server

import config
from app import create_app
from app.cli import doctor, main
from app.cli.doctor import asking, public, slack, store
from app.cli.doctor.findings import Mark, fine, look, show, wrong
from app.ports import entries, partition
from app.stores.sqlite import SqliteStore
from tests.conftest import FakeHosts
from tests.servers import RedisServer, free_port
from tests.stand_ins import Answer, StandIn
from tests.support import ACCOUNT_SID, AUTH_TOKEN, NUMBER, OFFICE_TOML, SIGNING_SECRET, environment
from tests.twilio_api import TwilioApi

FALLBACK = "https://handler.twilio.com/twiml/EH" + "0" * 32
SCOPES = "commands,chat:write,users:read,usergroups:read,channels:read,groups:read"
TOKEN_IS_GOOD = {"ok": True, "team_id": "T0OFFICE1", "user_id": "U0BOT", "bot_id": "B0BOT", "enterprise_id": None}
CHANNEL = {"id": "C0FRONTDOOR", "name": "front-door", "is_archived": False, "is_member": True}
GROUP_TOML = OFFICE_TOML.replace('hosts = ["U0HOST001"]', 'hosts = ["U0HOST001", "S0RECEPTION"]')
SECRETS = (SIGNING_SECRET, AUTH_TOKEN, "xoxb-made-up", "made-up-secret-key-of-some-length")

Run = Callable[..., tuple[int, str]]


def refused(word: str) -> Answer:
    """As Slack refuses: with status 200."""
    return Answer({"ok": False, "error": word})


def token(scopes: str | None = SCOPES, **changes: Any) -> Answer:
    return Answer({**TOKEN_IS_GOOD, **changes}, headers={} if scopes is None else {"x-oauth-scopes": scopes})


def channel(**changes: Any) -> Answer:
    return Answer({"ok": True, "channel": {**CHANNEL, **changes}})


@pytest.fixture
def slack_api() -> Iterator[StandIn]:
    with StandIn() as api:
        api.answer("/auth.test", token())
        api.answer("/conversations.info", channel())
        api.answer("/usergroups.users.list", Answer({"ok": True, "users": ["U0HOST001"]}))
        yield api


@pytest.fixture
def twilio_api(environ: dict[str, str]) -> Iterator[TwilioApi]:
    with TwilioApi(ACCOUNT_SID, AUTH_TOKEN) as api:
        url = environ["PUBLIC_URL"]
        addresses = {"voice_url": f"{url}/voice/ring", "status_callback": f"{url}/voice/status"}
        api.add_number(NUMBER, **addresses, voice_fallback_url=FALLBACK)
        environ["TWILIO_API_URL"] = api.url
        yield api


@pytest.fixture
def environ(tmp_path: Path, slack_api: StandIn) -> dict[str, str]:
    file = tmp_path / "doorbot.toml"
    file.write_text(GROUP_TOML, encoding="utf-8")
    return environment(
        DOORBOT_CONFIG=str(file),
        SQLITE_PATH=str(tmp_path / "doorbot.db"),
        SLACK_API_URL=slack_api.url,
        PUBLIC_URL=f"http://127.0.0.1:{free_port()}",
    )


@pytest.fixture
def server(environ: dict[str, str], twilio_api: TwilioApi) -> Iterator[None]:
    """DoorBot itself, at PUBLIC_URL."""
    port = int(environ["PUBLIC_URL"].rpartition(":")[2])
    server = make_server("127.0.0.1", port, create_app(config.load(environ), hosts=FakeHosts()), threaded=True)
    Thread(target=server.serve_forever, daemon=True).start()
    yield
    server.shutdown()
    server.server_close()


@pytest.fixture
def run(
    environ: dict[str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Run:
    """Runs doctor; gives its exit status and what it printed, which never holds a secret."""
    monkeypatch.setattr(store, "vanishing_disk", lambda *_: "")  # temporary files may lie in memory

    def run(*argv: str) -> tuple[int, str]:
        for name in environment(SQLITE_PATH="", DOORBOT_CONFIG="", LOG_LEVEL=""):
            monkeypatch.setenv(name, environ.get(name, ""))
        monkeypatch.chdir(tmp_path)  # where no `.env` is
        try:
            status = main(["doctor", *argv])
        except SystemExit as stop:  # argparse
            status = int(str(stop.code))
        printed = capsys.readouterr()
        assert not any(secret in printed.out + printed.err for secret in SECRETS)
        return status, printed.out

    return run


def told(out: str, mark: str = "✗") -> list[str]:
    """The lines with a mark, each with what is to be done about it."""
    lines = out.splitlines()
    arrows = {number: line.strip() for number, line in enumerate(lines) if line.startswith("    → ")}
    return [
        f"{line.strip()} {arrows.get(number + 1, '')}".strip()
        for number, line in enumerate(lines)
        if line.startswith(f"  {mark} ")
    ]


def only(out: str, mark: str = "✗") -> str:
    """The only such line; it says what to do."""
    (line,) = told(out, mark)
    assert " → " in line
    return line


# All is well


@pytest.mark.usefixtures("server")
def test_a_whole_chain_is_fine_and_no_door_was_touched(
    run: Run, environ: dict[str, str], twilio_api: TwilioApi
) -> None:
    status, out = run()
    assert (status, told(out)) == (0, []), out
    titles = [line for line in out.splitlines() if line and not line.startswith(" ")]
    assert titles == ["Configuration", "Store", "Clock", "Public address", "Slack", "Twilio", "All is well."]
    assert "User group S0RECEPTION can be read: 1 people" in out
    assert twilio_api.changed == []
    log = SqliteStore(Path(environ["SQLITE_PATH"]))
    assert [*entries(log, partition("front")), *entries(log, partition(""))] == []


def test_the_manifest_asks_for_the_scopes_that_doctor_wants() -> None:
    wanted = json.loads(slack.MANIFEST.read_text())["oauth_config"]["scopes"]["bot"]
    assert set(SCOPES.split(",")) == set(wanted)


# Configuration


def test_a_wrong_configuration_comes_first_and_the_rest_is_looked_at_all_the_same(
    run: Run, environ: dict[str, str], twilio_api: TwilioApi
) -> None:
    environ |= {"SECRET_KEY": "short", "PUBLIC_URL": "door", "LOG_LEVEL": "LOUD"}
    status, out = run("--fix", "--yes")
    with pytest.raises(config.ConfigError) as error:
        config.load(environ)
    assert status == 78
    assert len(error.value.problems) == 3
    assert all(f"  ✗ {problem}\n" in out for problem in error.value.problems)
    assert out.endswith("Put the configuration right first. Nothing was changed.\n")
    assert "! Not looked at: PUBLIC_URL is to be put right first" in out
    assert "✓ The embedded store answers" in out
    assert "✓ DoorBot is in #front-door" in out
    assert "✓ Twilio takes the credentials" in out
    assert twilio_api.changed == []


def test_without_anything_everything_is_named(run: Run, environ: dict[str, str]) -> None:
    for name in environment():
        environ.pop(name)
    environ["DOORBOT_CONFIG"] = "nowhere.toml"
    status, out = run()
    assert status == 78
    assert all(f"✗ {name}: is missing" in out for name in config.EXAMPLES)
    assert "there is no file nowhere.toml" in out
    assert "Traceback" not in out


# Store


def test_an_embedded_store_that_can_not_be_opened(
    run: Run, environ: dict[str, str], server: None, tmp_path: Path
) -> None:
    (tmp_path / "file").touch()
    environ["SQLITE_PATH"] = str(tmp_path / "file" / "doorbot.db")
    status, out = run()
    assert status == 1
    assert "The store does not answer" in only(out)
    assert "(SQLITE_PATH)" in only(out)


def test_a_disk_that_vanishes(run: Run, server: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(store, "vanishing_disk", lambda *_: "on Heroku everything is lost")
    status, out = run()
    assert status == 1
    assert "The store will vanish: on Heroku everything is lost → Mount a disk" in only(out)


def test_a_disk_that_is_nearly_full(run: Run, server: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(store, "LITTLE_SPACE", 1 << 62)
    assert "nearly full" in only(run()[1])


def test_a_redis_that_forgets(run: Run, environ: dict[str, str], server: None, tmp_path: Path) -> None:
    options = {"appendonly": "no", "maxmemory-policy": "allkeys-lru", "maxmemory": "100mb"}
    with RedisServer(tmp_path, **options) as redis:
        environ["REDIS_URL"] = redis.url
        status, out = run()
        client = redis.client()
        client.config_set("save", "3600 1")
        snapshots = run()[1]
        client.config_set("maxmemory-policy", "noeviction")
        client.config_set("appendonly", "yes")
        fine = run()
    assert status == 1
    assert [line[:40] for line in told(out)] == [
        "✗ It throws records away when its memory",
        "✗ It keeps nothing: after a restart unlo",
    ]
    assert "maxmemory-policy noeviction" in told(out)[0]
    assert "appendonly yes" in told(out)[1]
    assert "only saves snapshots" in told(snapshots)[1]
    assert (fine[0], told(fine[1])) == (0, [])
    assert "does not answer" in only(run()[1])


@pytest.mark.parametrize(
    ("changes", "text"),
    [
        ({"redis_version": "5.0.7"}, "too old: version 5.0.7"),
        ({"role": "slave"}, "is a replica"),
        ({"maxmemory_policy": "volatile-ttl"}, "throws records away"),
        ({"maxmemory_policy": ""}, "policy can't be seen"),
        ({"aof_enabled": "0"}, "has forgotten what came last"),
        ({"aof_last_write_status": "err"}, "could not write to its disk"),
        ({"rdb_last_bgsave_status": "err"}, "could not write to its disk"),
    ],
)
def test_what_a_redis_says_of_itself(changes: dict[str, str], text: str) -> None:
    good = {"redis_version": "7.2.4", "role": "master", "maxmemory_policy": "noeviction", "aof_enabled": "1"}
    assert {each.mark for each in store.redis_findings(good)} == {Mark.FINE}
    (bad,) = (each for each in store.redis_findings(good | changes) if each.mark is not Mark.FINE)
    assert text in bad.text
    assert bad.todo


# Clock


@pytest.mark.parametrize(("ahead", "which"), [(-90, "90 seconds fast"), (400, "400 seconds slow")])
def test_a_clock_that_is_wrong(run: Run, server: None, slack_api: StandIn, ahead: int, which: str) -> None:
    theirs = datetime.now(UTC) + timedelta(seconds=ahead)
    slack_api.answer("/api.test", Answer(headers={"Date": format_datetime(theirs, usegmt=True)}))
    line = only(run()[1])
    seconds = int(line.split(" seconds ")[0].rpartition(" ")[2])
    assert abs(seconds - abs(ahead)) < 30
    assert line.partition(" seconds ")[2].startswith(f"{which.split()[-1]} by Slack's")
    assert "time synchronisation" in line


# Public address


@pytest.mark.parametrize(
    ("answer", "text", "todo"),
    [
        (
            Answer(status=301, headers={"Location": "https://www.example.com/voice/check?a=b"}, body=""),
            "redirects (301) to https://www.example.com/voice/check:",
            "Set PUBLIC_URL to the address",
        ),
        (
            Answer(status=302, headers={"Location": "http://[garbage"}, body=""),
            "redirects (302) to somewhere:",
            "Set PUBLIC_URL to the address",
        ),
        (Answer(status=403), "refuses the signature (403)", "TWILIO_AUTH_TOKEN"),
        (Answer(status=401), "refuses the signature (401)", "asks for a password"),
        (Answer(status=404), "has no /voice/check (404)", "Another server has this address"),
        (Answer(status=502), "answers with a fault (502)", "does DoorBot run"),
        (Answer("<html>It works!</html>"), "answers, but not as DoorBot (200)", "check PUBLIC_URL and the proxy"),
        (Answer(raw=b""), "broke the connection off", "what stands in between"),
        (Answer(delay=3), "did not answer within", "firewall"),
    ],
)
def test_an_address_that_does_not_lead_here(
    run: Run,
    environ: dict[str, str],
    twilio_api: TwilioApi,
    monkeypatch: pytest.MonkeyPatch,
    answer: Answer,
    text: str,
    todo: str,
) -> None:
    monkeypatch.setattr(asking, "SECONDS", 2)
    with StandIn() as other:
        leads_to(environ, twilio_api, other.url)
        other.answer("/voice/check", answer)
        status, out = run()
    assert status == 1
    assert text in only(out)
    assert todo in only(out)


def test_an_older_release(run: Run, environ: dict[str, str], twilio_api: TwilioApi) -> None:
    with StandIn() as other:
        leads_to(environ, twilio_api, other.url)
        other.answer("/voice/check", Answer(status=404))
        other.answer("/healthz", Answer("ok\n"))
        assert "of an older release" in only(run()[1])


@pytest.mark.parametrize("name", ["TWILIO_AUTH_TOKEN", "TWILIO_ACCOUNT_SID"])
def test_a_server_with_other_secrets_refuses_the_signature(
    run: Run, environ: dict[str, str], server: None, name: str
) -> None:
    environ[name] = "AC" + "1" * 32
    lines = told(run()[1])
    assert "refuses the signature (403)" in lines[0]
    assert "Twilio refuses TWILIO_ACCOUNT_SID with TWILIO_AUTH_TOKEN (401) → Copy Account SID" in lines[1]
    assert len(lines) == 2


@pytest.mark.parametrize(
    ("url", "text"),
    [
        ("https://door.invalid", "the name door.invalid is not known (DNS)"),
        ("http://127.0.0.1:1", "nothing listens at 127.0.0.1:1"),
    ],
)
def test_an_address_that_can_not_be_reached(
    run: Run, environ: dict[str, str], twilio_api: TwilioApi, url: str, text: str
) -> None:
    leads_to(environ, twilio_api, url)
    assert f"PUBLIC_URL can't be reached: {text}" in only(run()[1])


def test_https_where_none_is_spoken(run: Run, environ: dict[str, str], twilio_api: TwilioApi) -> None:
    with StandIn() as other:
        leads_to(environ, twilio_api, other.url.replace("http", "https"))
        assert "does not speak https (TLS)" in only(run()[1])


def test_a_certificate_that_nobody_trusts() -> None:
    error = ssl.SSLCertVerificationError(1, "self-signed")
    error.verify_message = "self-signed certificate"
    said = asking._not_asked(error, "door.example.com", "door.example.com")
    assert "certificate of door.example.com is not to be trusted (TLS): self-signed" in str(said)
    assert "public authority" in said.todo


def test_an_address_without_https_is_wrong_and_this_machine_is_only_remarked() -> None:
    marks = [[each.mark for each in public._address(url)] for url in ("http://a.example.com", "https://a.example.com")]
    assert marks == [[Mark.WRONG], []]
    assert [each.mark for each in public._address("http://localhost:8000")] == [Mark.LOOK]


def leads_to(environ: dict[str, str], twilio_api: TwilioApi, url: str) -> None:
    """PUBLIC_URL is another one, and Twilio knows it."""
    environ["PUBLIC_URL"] = url
    twilio_api.numbers[NUMBER] |= {"voice_url": f"{url}/voice/ring", "status_callback": f"{url}/voice/status"}


# Slack


@pytest.mark.parametrize(
    ("path", "answer", "text", "todo"),
    [
        *[("auth.test", refused(word), word, "into SLACK_BOT_TOKEN") for word in slack.TOKENS],
        ("auth.test", refused("internal_error"), "internal_error", "again"),
        ("auth.test", Answer(status=429, headers={"Retry-After": "30"}), "ratelimited", "again"),
        ("auth.test", Answer("<html>", 503), "status_503", "again"),
        ("auth.test", refused("x\x1b[31m"), "something_unreadable", "again"),
        ("auth.test", token(team_id="T0OTHER"), "of the workspace T0OTHER, and doorbot.toml says T0OFFICE1", "T0OTHER"),
        ("auth.test", token(bot_id=None), "is not a bot's", "xoxb-"),
        ("auth.test", token("commands,chat:write,channels:read,groups:read,users:read"),
         "Scopes are missing: usergroups:read", "Reinstall"),
        ("conversations.info", channel(is_member=False), "not in #front-door", "/invite @DoorBot"),
        ("conversations.info", channel(is_archived=True), "is archived", "Unarchive"),
        ("conversations.info", refused("channel_not_found"), "is not there, or is private", "/invite @DoorBot"),
        ("conversations.info", refused("fatal_error"), "fatal_error", "again"),
        ("usergroups.users.list", refused("no_such_subteam"), "There is no user group S0RECEPTION", "doorbot.toml"),
        ("usergroups.users.list", refused("missing_scope"), "nobody has its rights", "Reinstall"),
        ("usergroups.users.list", refused("fatal_error"), "fatal_error", "again"),
    ],
)  # fmt: skip
def test_what_slack_says(
    run: Run, server: None, slack_api: StandIn, path: str, answer: Answer, text: str, todo: str
) -> None:
    slack_api.answer(f"/{path}", answer)
    status, out = run()
    assert status == 1
    found, _, said = only(out).partition(" → ")
    assert text in found
    assert todo in said


@pytest.mark.parametrize(
    ("path", "answer", "text"),
    [
        ("auth.test", token(None), "did not say which scopes"),
        ("auth.test", token("commands,chat:write,users:read,usergroups:read"), "channels:read, groups:read"),
        ("conversations.info", refused("missing_scope"), "Channel C0FRONTDOOR can't be looked at"),
        ("usergroups.users.list", Answer({"ok": True, "users": []}), "S0RECEPTION is empty"),
    ],
)
def test_what_is_only_remarked(
    run: Run, server: None, slack_api: StandIn, path: str, answer: Answer, text: str
) -> None:
    slack_api.answer(f"/{path}", answer)
    status, out = run()
    assert (status, told(out)) == (0, [])
    assert any(text in line and " → " in line for line in told(out, "!"))


def test_a_slack_that_is_away(run: Run, environ: dict[str, str], server: None) -> None:
    environ["SLACK_API_URL"] = f"http://127.0.0.1:{free_port()}"
    assert "Slack can't be reached: nothing listens" in only(run()[1])


def test_an_organisation_is_a_workspace_too(
    run: Run, environ: dict[str, str], server: None, slack_api: StandIn
) -> None:
    slack_api.answer("/auth.test", token(team_id="T0OTHER", enterprise_id="E0ORG"))
    Path(environ["DOORBOT_CONFIG"]).write_text(GROUP_TOML.replace("T0OFFICE1", "E0ORG"))
    status, out = run()
    assert (status, told(out)) == (0, [])
    assert "The token is good, for the workspace E0ORG" in out


def test_a_door_without_a_channel_is_remarked(run: Run, environ: dict[str, str], server: None) -> None:
    Path(environ["DOORBOT_CONFIG"]).write_text(GROUP_TOML.replace('channel = "C0FRONTDOOR"\n', ""))
    assert any("doors.front has no channel" in line for line in told(run()[1], "!"))


# Twilio


@pytest.mark.parametrize(("status", "lines"), [("suspended", 1), ("closed", 1)])
def test_an_account_that_is_not_active(run: Run, server: None, twilio_api: TwilioApi, status: str, lines: int) -> None:
    twilio_api.account["status"] = status
    assert f"The Twilio account is {status}" in only(run()[1])


def test_a_trial_account_is_remarked(run: Run, server: None, twilio_api: TwilioApi) -> None:
    twilio_api.account["type"] = "Trial"
    status, out = run()
    assert status == 0
    assert any("trial account → Only telephones that you have verified" in line for line in told(out, "!"))


def test_a_twilio_that_is_away(run: Run, server: None, twilio_api: TwilioApi) -> None:
    twilio_api.stop()
    assert "Twilio can't be reached" in only(run()[1])


@pytest.mark.parametrize("answer", [Answer("<html>", 503), Answer([]), Answer({"status": "odd"})])
def test_a_twilio_that_answers_something_else(run: Run, server: None, twilio_api: TwilioApi, answer: Answer) -> None:
    twilio_api.fail(*[answer] * 9)
    assert "not with our account" in only(run()[1])


def test_a_number_that_is_not_the_accounts(run: Run, server: None, twilio_api: TwilioApi) -> None:
    twilio_api.numbers.clear()
    assert "+12125550100 (front) is no number of this Twilio account → Buy it" in only(run()[1])


@pytest.mark.parametrize(
    ("changes", "text", "todo"),
    [
        ({"voice_url": "https://demo.twilio.com/welcome/voice/"}, "“A call comes in” is https://demo", "--fix"),
        ({"voice_url": ""}, "“A call comes in” is empty", "--fix"),
        ({"voice_method": "GET"}, "HTTP method” is GET, not POST", "--fix"),
        ({"status_callback": ""}, "“Call status changes” is empty", "--fix"),
        ({"status_callback_method": "GET"}, "“Call status changes, HTTP method” is GET", "--fix"),
        ({"voice_fallback_url": ""}, "“Primary handler fails” is empty", "python -m app fallback front"),
        ({"voice_application_sid": "AP" + "0" * 32}, "leads to a TwiML App", "Webhook"),
        ({"trunk_sid": "TK" + "0" * 32}, "leads to a SIP trunk", "Webhook"),
        ({"voice_receive_mode": "fax"}, "faxes", "voice"),
        ({"capabilities": {"voice": False}}, "can't take calls", "Voice"),
    ],
)
def test_what_may_be_wrong_with_a_number(
    run: Run, server: None, twilio_api: TwilioApi, changes: dict[str, Any], text: str, todo: str
) -> None:
    twilio_api.numbers[NUMBER] |= changes
    status, out = run()
    assert status == 1
    found, _, said = only(out).partition(" → ")
    assert text in found
    assert todo in said


def test_a_fallback_that_goes_down_with_the_server(
    run: Run, server: None, environ: dict[str, str], twilio_api: TwilioApi
) -> None:
    twilio_api.numbers[NUMBER]["voice_fallback_url"] = environ["PUBLIC_URL"] + "/voice/fallback"
    assert "leads to this server, which is gone when it is needed" in only(run()[1])


# --fix


def new_number(api: TwilioApi) -> dict[str, Any]:
    api.numbers.clear()
    return api.add_number(NUMBER, voice_method="GET")


def answers(monkeypatch: pytest.MonkeyPatch, text: str | None) -> list[str]:
    """What is typed when it asks (None: there is no terminal); gives the questions."""
    asked: list[str] = []

    def ask(question: str) -> str:
        asked.append(question)
        if text is None:
            raise EOFError
        return text

    monkeypatch.setattr("builtins.input", ask)
    return asked


@pytest.mark.usefixtures("server")
def test_fix_changes_what_it_announced_and_nothing_else_and_then_there_is_nothing_to_do(
    run: Run, environ: dict[str, str], twilio_api: TwilioApi, monkeypatch: pytest.MonkeyPatch
) -> None:
    before, asked, url = dict(new_number(twilio_api)), answers(monkeypatch, "y"), environ["PUBLIC_URL"]
    status, out = run("--fix", "--fallback", FALLBACK)
    assert (status, len(asked)) == (0, 1), out
    announced = [line.strip() for line in out.splitlines() if line.startswith(f"  {NUMBER}  ") and " => " in line]
    assert announced == [
        f"{NUMBER}  A call comes in: https://demo.twilio.com/welcome/voice/ => {url}/voice/ring",
        f"{NUMBER}  A call comes in, HTTP method: GET => POST",
        f"{NUMBER}  Call status changes: (empty) => {url}/voice/status",
        f"{NUMBER}  Primary handler fails: (empty) => {FALLBACK}",
    ]
    (change,) = twilio_api.changed
    assert change.path.endswith(f"/IncomingPhoneNumbers/{before['sid']}.json")
    assert change.fields == {
        "VoiceUrl": f"{url}/voice/ring",
        "VoiceMethod": "POST",
        "StatusCallback": f"{url}/voice/status",
        "VoiceFallbackUrl": FALLBACK,
    }
    status, out = run("--fix", "--fallback", FALLBACK)
    assert (status, len(twilio_api.changed)) == (0, 1)
    assert "There is nothing at Twilio for --fix to change." in out


@pytest.mark.usefixtures("server")
@pytest.mark.parametrize("typed", ["", "n", "yes please", None])
def test_without_a_yes_nothing_is_changed(
    run: Run, twilio_api: TwilioApi, monkeypatch: pytest.MonkeyPatch, typed: str | None
) -> None:
    before, asked = dict(new_number(twilio_api)), answers(monkeypatch, typed)
    status, out = run("--fix")
    assert (status, len(asked)) == (1, 1)
    assert "Nothing was changed." in out
    assert (twilio_api.changed, twilio_api.numbers[NUMBER]) == ([], before)


@pytest.mark.usefixtures("server")
def test_yes_asks_nothing_and_the_fallback_stays_unless_one_is_given(
    run: Run, twilio_api: TwilioApi, monkeypatch: pytest.MonkeyPatch
) -> None:
    new_number(twilio_api)
    asked = answers(monkeypatch, "n")
    status, out = run("--fix", "--yes")
    assert (status, asked) == (1, [])
    assert "“Primary handler fails” is empty" in told(out)[-1]
    assert "VoiceFallbackUrl" not in twilio_api.changed[0].fields


@pytest.mark.usefixtures("server")
def test_connection_settings_after_an_address_are_left_alone(run: Run, twilio_api: TwilioApi) -> None:
    twilio_api.numbers[NUMBER]["voice_url"] += "#rc=2&rp=all"
    assert run("--fix", "--yes")[0] == 0
    assert twilio_api.changed == []


@pytest.mark.usefixtures("server")
def test_a_change_that_twilio_refuses_is_told(run: Run, twilio_api: TwilioApi, monkeypatch: pytest.MonkeyPatch) -> None:
    new_number(twilio_api)
    taken = twilio_api._number
    refusal = Answer({"code": 21205, "message": "no", "status": 400}, 400)
    monkeypatch.setattr(
        twilio_api, "_number", lambda asked, *of: refusal if asked.method == "POST" else taken(asked, *of)
    )
    status, out = run("--fix", "--yes")
    assert status == 1
    assert "Twilio answers 400 (code 21205). Nothing was set there." in out


@pytest.mark.usefixtures("server")
@pytest.mark.parametrize("status", [500, 503])
def test_where_twilio_failed_it_is_not_said_that_nothing_was_set(
    run: Run, twilio_api: TwilioApi, monkeypatch: pytest.MonkeyPatch, status: int
) -> None:
    new_number(twilio_api)
    taken = twilio_api._number

    def set_and_fail(asked: Any, *of: Any) -> Answer:
        answer = taken(asked, *of)
        return Answer("<html>", status) if asked.method == "POST" else answer

    monkeypatch.setattr(twilio_api, "_number", set_and_fail)
    exit_status, out = run("--fix", "--yes")
    assert exit_status == 1
    assert f"Twilio answers {status}. Whether it was set is not known: run doctor again." in out


@pytest.mark.usefixtures("server")
def test_a_password_in_an_address_at_twilio_is_not_shown(
    run: Run, twilio_api: TwilioApi, monkeypatch: pytest.MonkeyPatch
) -> None:
    twilio_api.numbers[NUMBER]["voice_url"] = "https://us@er:made-up-password@old.example.com/ring"
    answers(monkeypatch, "n")
    out = run("--fix")[1]
    assert out.count("https://…@old.example.com/ring") == 2
    assert "made-up-password" not in out


def test_no_number_is_led_to_an_address_at_which_nobody_answers(run: Run, twilio_api: TwilioApi) -> None:
    before = dict(new_number(twilio_api))
    status, out = run("--fix", "--yes")
    assert (status, twilio_api.changed, twilio_api.numbers[NUMBER]) == (1, [], before)
    assert out.endswith(
        "Nothing was changed: Twilio can't call PUBLIC_URL as it is. Put the public address right first.\n"
    )


@pytest.mark.usefixtures("server")
def test_nor_to_this_machine_where_twilio_is_elsewhere(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doctor.twilio, "findings", lambda _: [])
    monkeypatch.setattr(doctor, "fix", lambda *_, **__: pytest.fail("it was changed"))
    monkeypatch.setattr(doctor.public, "is_here", lambda url: "twilio" not in url)
    real = config.read

    def read(environ: Any) -> Any:
        settings, problems = real(environ)
        return replace(settings, twilio_api_url="https://api.twilio.com"), problems

    monkeypatch.setattr(config, "read", read)
    monkeypatch.setattr(doctor.clock, "findings", lambda _: [])
    status, out = run("--fix", "--yes")
    assert (status, "Nothing was changed" in out) == (1, True)


def a_second_number(environ: dict[str, str], api: TwilioApi) -> str:
    more = '[doors.back]\nnumber = "+12125550101"\nrelease = "5"\nforward_to = ["+12125550124"]\n'
    Path(environ["DOORBOT_CONFIG"]).write_text(GROUP_TOML + more, encoding="utf-8")
    addresses = {name: api.numbers[NUMBER][name] for name in ("voice_url", "status_callback")}
    api.add_number("+12125550101", **addresses, voice_fallback_url="https://handler.twilio.com/twiml/EHback")
    return "+12125550101"


@pytest.mark.usefixtures("server")
def test_a_bin_that_rings_one_doors_telephones_is_not_set_for_another_number(
    run: Run, environ: dict[str, str], twilio_api: TwilioApi
) -> None:
    back = a_second_number(environ, twilio_api)
    new = "https://handler.twilio.com/twiml/EHnew"
    status, out = run("--fix", "--yes", "--fallback", new)
    assert (status, twilio_api.changed) == (1, [])
    assert "Nothing was changed: With several numbers each has a bin of its own: --fallback DOOR=URL" in out
    status, out = run("--fix", "--yes", "--fallback", f"front={new}")
    assert (status, len(twilio_api.changed)) == (0, 1)
    fallbacks = [twilio_api.numbers[number]["voice_fallback_url"] for number in (NUMBER, back)]
    assert fallbacks == [new, "https://handler.twilio.com/twiml/EHback"]
    status, out = run("--fix", "--yes", "--fallback", f"front={new}", "--fallback", f"back={new}2")
    assert (status, twilio_api.numbers[back]["voice_fallback_url"]) == (0, f"{new}2")


@pytest.mark.usefixtures("server")
@pytest.mark.parametrize("given", ["side=https://handler.twilio.com/x", "{PUBLIC_URL}/fallback"])
def test_a_fallback_that_can_not_be_right_changes_nothing(
    run: Run, environ: dict[str, str], twilio_api: TwilioApi, monkeypatch: pytest.MonkeyPatch, given: str
) -> None:
    monkeypatch.setattr(doctor.twilio, "goes_down_with", lambda _, url: url.endswith("/fallback"))
    url = given.format(PUBLIC_URL="https://door.example.com")
    status, out = run("--fix", "--yes", "--fallback", url)
    assert (status, twilio_api.changed) == (1, [])
    assert "Nothing was changed: " in out


@pytest.mark.usefixtures("server")
def test_who_breaks_off_at_the_question_changed_nothing(
    run: Run, twilio_api: TwilioApi, monkeypatch: pytest.MonkeyPatch
) -> None:
    new_number(twilio_api)

    def interrupt(_: str) -> str:
        raise KeyboardInterrupt

    monkeypatch.setattr("builtins.input", interrupt)
    status, out = run("--fix")
    assert (status, twilio_api.changed) == (1, [])
    assert "Nothing was changed." in out


@pytest.mark.parametrize("argv", [["--yes"], ["--fallback", FALLBACK]])
def test_words_that_go_with_fix_are_not_taken_without_it(run: Run, argv: list[str]) -> None:
    status, out = run(*argv)
    assert (status, out) == (1, "--fallback and --yes go with --fix.\n")


@pytest.mark.parametrize("url", ["handler.twilio.com", "http://handler.twilio.com/x", "https://a b"])
def test_a_fallback_that_is_no_address_is_not_taken(run: Run, url: str) -> None:
    assert run("--fix", "--fallback", url)[0] == 2


# Output


def test_a_terminal_without_such_signs_gets_words(monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = io.TextIOWrapper(io.BytesIO(), encoding="ascii")
    monkeypatch.setattr("sys.stdout", terminal)
    show("Store", [fine("Köln “stays”"), look("Not seen"), wrong("It is gone", "Bring it back.")])
    terminal.seek(0)
    assert terminal.read().splitlines() == [
        "Store",
        "  fine  K?ln ?stays?",
        "  look  Not seen",
        "  wrong It is gone",
        "    -> Bring it back.",
    ]


def test_what_hangs_is_given_up_and_does_not_hold_up_the_rest() -> None:
    hangs = Event()
    calls = [*[hangs.wait] * (asking.AT_ONCE - 1), *[lambda: "told"] * 9]
    assert asking.together(calls, 1) == [None] * (asking.AT_ONCE - 1) + ["told"] * 9
    hangs.set()


def test_a_step_that_took_too_long_is_told(run: Run, server: None, monkeypatch: pytest.MonkeyPatch) -> None:
    hangs = Event()
    monkeypatch.setattr(doctor, "STEPS", (("Store", lambda _: hangs.wait(), ()), *doctor.STEPS[1:2]))
    monkeypatch.setattr(doctor, "together", lambda calls: asking.together(calls, 2))
    status, out = run()
    hangs.set()
    assert (status, only(out)[:20]) == (1, "✗ This took too long")


@pytest.mark.usefixtures("server")
@pytest.mark.parametrize("body", ["[" * 100_000, '{"ok": true, "users": 5}', "<html>"])
def test_garbage_in_an_answer_is_no_bug_of_ours(
    run: Run, slack_api: StandIn, caplog: pytest.LogCaptureFixture, body: str
) -> None:
    slack_api.answer("/usergroups.users.list", Answer(body))
    slack_api.answer("/conversations.info", Answer(body))
    status, out = run()
    assert (status, "bug" in out + caplog.text, "took too long" in out) == (1, False, False)


def test_a_bug_in_one_step_does_not_hide_the_others(run: Run, server: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doctor, "STEPS", (("Store", lambda _: [][1], ()), *doctor.STEPS[1:2]))
    status, out = run()
    assert (status, only(out).partition(" → ")[0]) == (1, "✗ doctor itself met a bug here: IndexError")
    assert "✓ The clock agrees with Slack's" in out
