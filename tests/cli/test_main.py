import getpass
import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest

from app.domain.alarms import TokenRefused, Verification
from app.domain.audit import Action, AuditEvent, Outcome, Source
from app.domain.silence import Rhythm
from app.ports import OFFICE, Snapshot, partition
from app.stores.sqlite import SqliteStore
from app.usecases.past_doors import PastDoors
from app.usecases.silence import SILENCE
from app.usecases.tokens import TOKEN
from app.usecases.verifications import WEBHOOKS
from tests.cli.conftest import NOON, Clock, Run, ring_often
from tests.servers import ROOT
from tests.stand_ins import Answer, StandIn
from tests.support import INTERCOM, OFFICE_TOML, PUBLIC_URL, TELEPHONE, a_door, environment, local

TWO_DOORS = (
    OFFICE_TOML
    + """
[doors.side]
number = "+12125550101"
release = "5"
forward_to = ["+12125550124", "+12125550125"]
"""
)
FIELDS = ["time", "seq", "door", "visit", "action", "actor", "source", "outcome", "reason"]


@pytest.fixture
def two_doors(environ: dict[str, str]) -> None:
    Path(environ["DOORBOT_CONFIG"]).write_text(TWO_DOORS, encoding="utf-8")


def log_of(run: Run, *argv: str) -> list[dict[str, Any]]:
    status, out, _ = run("log", "--json", *argv)
    assert status == 0
    return [json.loads(line) for line in out.splitlines()]


# check


def test_check_says_what_is_configured(run: Run) -> None:
    status, out, err = run("check")
    assert (status, err) == (0, "")
    assert out.startswith("The configuration is complete.\n")
    for fact in (
        "2 h unless asked, at most 8 h",
        "sent as ww9ww9",
        "Mon–Fri 09:00–17:00 (America/New_York)",
        TELEPHONE,
    ):
        assert fact in out


def test_check_says_how_an_audio_tone_sounds_and_warns_of_a_key_that_holds_doors_open(
    run: Run, environ: dict[str, str], tmp_path: Path
) -> None:
    assert "Warning" not in run("check")[1]
    file = tmp_path / "eight.toml"
    file.write_text(OFFICE_TOML.replace('release = "9"', 'release = "8"\ntone = "long"'), encoding="utf-8")
    environ["DOORBOT_CONFIG"] = str(file)
    status, out, err = run("check")
    assert (status, err) == (0, "")
    assert "released by 8, twice for 500 ms at -10 dB, after 1 s, 1 s apart (tone profile long: an audio tone)" in out
    assert "\nWarning: doors.front.release: on DoorKing panels key 8 usually holds the door open" in out


def test_check_prints_no_secret(run: Run, environ: dict[str, str]) -> None:
    secrets = [environ[name] for name in ("SLACK_SIGNING_SECRET", "SLACK_BOT_TOKEN", "TWILIO_AUTH_TOKEN", "SECRET_KEY")]
    _, out, err = run("check")
    assert [secret for secret in secrets if secret in out + err] == []


@pytest.mark.parametrize("command", ["check", "status", "unlock", "lock", "log", "fallback", "ring", "serve"])
def test_every_command_reports_a_wrong_configuration_at_once_with_status_78(
    run: Run, environ: dict[str, str], command: str
) -> None:
    environ |= {"PUBLIC_URL": "door", "TWILIO_AUTH_TOKEN": "", "PORT": "0"}
    status, out, err = run(command)
    assert (status, out) == (78, "")
    lines = err.splitlines()
    assert lines[0] == "DoorBot's configuration is not complete:"
    assert [line.strip().partition(":")[0] for line in lines[1:]] == ["TWILIO_AUTH_TOKEN", "PUBLIC_URL", "PORT"]


# status, unlock, lock


def test_status_says_what_keeps_doorbot_from_its_work(run: Run, environ: dict[str, str]) -> None:
    store, now = SqliteStore(Path(environ["SQLITE_PATH"])), NOON
    verification = Verification(failing_since=now, suspected_at=now, is_told=True, told_at=now)
    office = {TOKEN: TokenRefused(now, "token_revoked"), WEBHOOKS: verification}
    assert store.commit(store.read(OFFICE, *office), office)
    silent = Rhythm(7, now, now, has_rung=True, told_at=now)
    assert store.commit(store.read(partition("front"), SILENCE), {SILENCE: silent})
    status, out, err = run("status")
    told = [line[:60] for line in out.splitlines()]
    assert (status, err) == (0, "")
    assert told == [
        "The front door is locked. Rings reach a human.",
        "Warning: Slack refuses DoorBot's token since 12:00 (token_re",
        "Warning: Requests in Twilio's name don't verify since 12:00,",
        "Warning: No ring at the front door since 12:00, and in eight",
    ]


def test_status_of_a_locked_door(run: Run) -> None:
    assert run("status") == (0, "The front door is locked. Rings reach a human.\n", "")


@pytest.mark.parametrize("words", [["for", "1h"], ["for 1h"], ["1h"], ["front", "for", "1h"], ["until", "13:00"]])
def test_unlock_takes_the_same_words_as_in_slack(run: Run, words: list[str]) -> None:
    assert run("unlock", *words) == (0, "The front door is unlocked until 13:00. Every ring is released.\n", "")


def test_unlock_without_words_lasts_as_long_as_usual(run: Run) -> None:
    assert "until 14:00." in run("unlock")[1]


def test_an_unlock_is_in_force_for_the_next_command_and_ends_by_itself(run: Run, clock: Clock) -> None:
    run("unlock", "for", "1h")
    assert run("status")[1].startswith("The front door is unlocked until 13:00, by cli:")
    clock.now = local("2026-11-23T13:00")
    assert run("status")[1] == "The front door is locked. Rings reach a human.\n"


def test_lock_ends_it(run: Run) -> None:
    run("unlock")
    assert run("lock") == (0, "The front door is locked. Rings reach a human.\n", "")
    assert run("lock", "front") == (0, "The front door is already locked. Rings reach a human.\n", "")


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["until", "11:00"], "That time has already passed."),
        (["banana"], "“banana” is not a length of time. Try 2h, 90m or 1h 30m."),
        (["back", "for", "1h"], "“back for 1h” is not a length of time. Try 2h, 90m or 1h 30m."),
    ],
)
def test_an_unlock_that_is_refused_says_why_and_has_status_1(run: Run, words: list[str], said: str) -> None:
    status, out, err = run("unlock", *words)
    assert (status, err) == (1, "")
    assert out.startswith(said)


def test_outside_working_hours_it_is_refused(run: Run, clock: Clock) -> None:
    clock.now = local("2026-11-26T12:00")
    assert run("unlock") == (1, "It's Thanksgiving Day. The front door can be unlocked Mon–Fri 09:00–17:00.\n", "")
    assert run("lock")[0] == 0


@pytest.mark.usefixtures("two_doors")
def test_with_several_doors_a_word_names_the_door(run: Run) -> None:
    assert run("unlock", "side", "for", "1h")[1].startswith("Side is unlocked until 13:00.")
    out = run("status")[1].splitlines()
    assert out[0] == "The front door is locked. Rings reach a human."
    assert out[1].startswith("Side is unlocked until 13:00, by cli:")
    assert run("status", "SIDE")[1].splitlines() == out[1:]


@pytest.mark.usefixtures("two_doors")
@pytest.mark.parametrize("argv", [["unlock"], ["lock"], ["fallback"], ["ring"]])
def test_with_several_doors_one_must_be_named(run: Run, argv: list[str]) -> None:
    assert run(*argv) == (1, "", "Which door? Say one of: `front`, `side`.\n")


@pytest.mark.parametrize(
    "argv", [["lock", "back"], ["status", "back"], ["log", "--door", "back"], ["fallback", "back"]]
)
def test_a_door_that_is_not_there_is_answered_with_those_that_are(run: Run, argv: list[str]) -> None:
    assert run(*argv) == (1, "", "There is no door `back` here. Say one of: `front`.\n")


# report


def test_the_report_of_every_door_or_of_one(run: Run, environ: dict[str, str], tmp_path: Path) -> None:
    file = tmp_path / "two.toml"
    file.write_text(TWO_DOORS, encoding="utf-8")
    environ["DOORBOT_CONFIG"] = str(file)
    nobody = "Nobody rang at {} in the last seven days, since Mon 16 Nov 12:00.\n"
    for words in ([], ["all"]):
        assert run("report", *words) == (0, nobody.format("the front door") + nobody.format("Side"), "")
    assert run("report", "side") == (0, nobody.format("Side"), "")
    status, out, err = run("report", "back")
    assert (status, out) == (1, "")
    assert "Say one of: `front`, `side`." in err


def test_the_reports_picture_needs_no_fence_in_a_terminal(run: Run, environ: dict[str, str], clock: Clock) -> None:
    ring_often(environ, 1)
    clock.now += timedelta(seconds=30)
    lines = run("report")[1].splitlines()
    assert lines[0].endswith(": 1 ring.")
    assert lines[lines.index("▇▇") + 1] == "12"
    assert not any("```" in line for line in lines)


# log


def test_an_empty_log_is_empty(run: Run) -> None:
    assert run("log") == (0, "", "")


def test_the_log_is_in_plain_words_newest_first(run: Run) -> None:
    run("unlock")
    run("lock")
    lines = run("log")[1].splitlines()
    assert [re.sub("cli:[^ :,]*", "cli:me", line) for line in lines] == [
        "12:00  Front door: cli:me locked the door",
        "12:00  Front door: cli:me unlocked the door, until 14:00",
    ]


def test_the_log_as_json_is_one_object_a_line_with_its_fields_in_order(run: Run) -> None:
    run("unlock", "for", "1h")
    (line,) = run("log", "--json")[1].splitlines()
    entry = json.loads(line)
    assert list(entry) == [*FIELDS, "until", "bound"]
    assert entry["actor"].startswith("cli:")
    assert entry == {
        "time": "2026-11-23T17:00:00.000000+00:00",
        "seq": 1,
        "door": "front",
        "visit": "",
        "action": "unlock",
        "actor": entry["actor"],
        "source": "cli",
        "outcome": "done",
        "reason": "",
        "until": "2026-11-23T18:00:00+00:00",
        "bound": "asked",
    }


def test_a_ring_in_it_has_its_visit_and_its_caller(run: Run, environ: dict[str, str]) -> None:
    ring_often(environ, 1)
    (entry,) = log_of(run)
    assert list(entry) == [*FIELDS, "caller"]
    assert (entry["visit"], entry["source"], entry["outcome"], entry["reason"]) == (
        "CA1",
        "voice",
        "asked",
        "locked",
    )
    assert entry["caller"] == INTERCOM


def test_a_refusal_is_on_record(run: Run) -> None:
    run("unlock", "until", "11:00")
    assert [(entry["outcome"], entry["reason"]) for entry in log_of(run)] == [("refused", "past")]


@pytest.mark.usefixtures("two_doors")
def test_the_log_of_one_door_is_numbered_without_a_gap(run: Run) -> None:
    for door in ("front", "side", "front", "side", "side"):
        run("lock", door)
    assert [(entry["door"], entry["seq"]) for entry in log_of(run, "--door", "side")] == [
        ("side", 3),
        ("side", 2),
        ("side", 1),
    ]
    assert len(log_of(run)) == 5


@pytest.mark.parametrize("door", ["back", "BACK"])
def test_the_log_of_a_door_that_was_taken_out_of_the_file_can_be_read(
    run: Run, environ: dict[str, str], door: str
) -> None:
    store, back = SqliteStore(Path(environ["SQLITE_PATH"])), a_door(id="back", name="Back door", zone="Asia/Tokyo")
    PastDoors(store, {"back": back}).look()
    event = AuditEvent(NOON, "back", Action.LOCK, Outcome.DONE, actor="cli:ana")
    assert store.commit(Snapshot(partition("back"), {}, {}), {}, [event])
    run("lock")
    assert run("log", "--door", door)[1] == "02:00  Back door: cli:ana locked the door\n"
    assert [entry["door"] for entry in log_of(run)] == ["front", "back"]
    assert run("log", "--door", "side")[0] == 1


@pytest.mark.parametrize(
    ("options", "lines"), [([], 50), (["--json"], 60), (["--limit", "3"], 3), (["--limit", "70"], 60)]
)
def test_the_log_is_as_long_as_asked(run: Run, environ: dict[str, str], options: list[str], lines: int) -> None:
    ring_often(environ, 60)
    assert len(run("log", *options)[1].splitlines()) == lines


@pytest.mark.parametrize("limit", ["0", "-1", "1.5", "few"])
def test_the_log_is_never_shorter_than_one_entry(run: Run, limit: str) -> None:
    status, _, err = run("log", "--limit", limit)
    assert (status, err.splitlines()[-1].partition("error: ")[2][:15]) == (2, "argument --limi")


def test_the_log_as_json_is_ascii_so_that_an_entry_is_a_line_for_every_reader(
    run: Run, environ: dict[str, str]
) -> None:
    store = SqliteStore(Path(environ["SQLITE_PATH"]))
    event = AuditEvent(NOON, "front", Action.LOCK, Outcome.DONE, "Köln", "U\u2028\u0085\u200e1", Source.SLACK)
    assert store.commit(Snapshot("door:front", {}, {}), {}, [event])
    out = run("log", "--json")[1]
    assert out.isascii()
    (line,) = out.splitlines()
    assert (json.loads(line)["actor"], json.loads(line)["reason"]) == (event.actor, event.reason)


@pytest.mark.parametrize(
    ("name", "shown"),
    [("ana", "ana"), ("<!channel> a\u2028b\n", "channelab"), ("a.b_c-1", "a.b_c-1"), ("x" * 99, "x" * 40)],
)
def test_who_runs_a_command_is_on_record_without_markup(
    run: Run, environ: dict[str, str], name: str, shown: str
) -> None:
    environ["LOGNAME"] = name
    run("lock")
    assert [entry["actor"] for entry in log_of(run)] == [f"cli:{shown}"]


@pytest.mark.parametrize("error", [KeyError, OSError])
def test_a_user_whom_the_system_has_no_name_for_is_on_record_by_number(
    run: Run, monkeypatch: pytest.MonkeyPatch, error: type[Exception]
) -> None:
    def nameless() -> str:
        raise error("getpwuid(): uid not found: 10001")

    monkeypatch.setattr(getpass, "getuser", nameless)
    assert run("lock")[0] == 0
    assert [entry["actor"] for entry in log_of(run)] == [f"cli:{os.getuid()}"]


def test_a_log_that_can_not_be_opened_has_status_69(run: Run, environ: dict[str, str], tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    environ["SQLITE_PATH"] = str(tmp_path / "file" / "doorbot.db")
    status, out, err = run("log")
    assert (status, out) == (69, "")
    assert err.startswith("DoorBot's memory can't be reached right now, so nothing was changed.")
    assert err.endswith("python -m app doctor says what to do.\n")


# fallback


@pytest.mark.usefixtures("two_doors")
def test_the_fallback_dials_the_telephones_and_never_plays_a_digit(run: Run) -> None:
    status, out, _ = run("fallback", "side")
    verbs = ElementTree.fromstring(out)
    assert status == 0
    assert [number.text for number in verbs.iter("Number")] == ["+12125550124", "+12125550125"]
    assert list(verbs.iter("Play")) == []
    assert "door.example.com" not in out


# Wrong words


@pytest.mark.parametrize(
    "argv", [[], ["open"], ["lock", "front", "now"], ["log", "--door"], ["log", "--limit", "few"], ["slash", "lock"]]
)
def test_words_that_are_no_command_line_have_status_2_and_say_how_it_is_used(run: Run, argv: list[str]) -> None:
    status, out, err = run(*argv)
    assert (status, out) == (2, "")
    assert err.startswith("usage: python -m app")


def test_help_lists_every_command(run: Run) -> None:
    status, out, _ = run("--help")
    assert status == 0
    for command in ("check", "status", "unlock", "lock", "log", "ring", "slash", "fallback"):
        assert f"\n    {command} " in out


# Rings


@pytest.mark.parametrize(
    ("inside", "status", "last"),
    [
        ("<Play digits='ww9'/>", 0, "Released."),
        (f"<Play>{PUBLIC_URL}/voice/tones/front/standard.wav</Play>", 0, "Released."),
        (f"<Play>{PUBLIC_URL}/music.wav</Play>", 3, "Not released."),
        ("<Play digits='5'/>", 3, "Not released."),
    ],
)
def test_a_ring_ends_with_what_became_of_the_door(run: Run, inside: str, status: int, last: str) -> None:
    with StandIn() as server:
        server.answer("/voice/ring", Answer(f"<Response>{inside}</Response>", headers={"Content-Type": "text/xml"}))
        ended, out, _ = run("ring", "--url", server.url, "--telephones", "voicemail")
    assert (ended, out.splitlines()[-1]) == (status, last)


# As a process


def process(folder: Path, *argv: str, **environ: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-W", "error", "-m", "app", *argv]
    env = {"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT), **environ}
    return subprocess.run(command, capture_output=True, text=True, timeout=60, cwd=folder, env=env)


def test_as_a_process_it_answers_with_its_exit_status(environ: dict[str, str], tmp_path: Path) -> None:
    done = process(tmp_path, "lock", **environ)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == "The front door is already locked. Rings reach a human.\n"


def test_as_a_process_without_any_configuration_it_ends_with_78_and_no_traceback(tmp_path: Path) -> None:
    done = process(tmp_path, "check", DOORBOT_CONFIG=str(tmp_path / "nowhere.toml"))
    assert (done.returncode, done.stdout) == (78, "")
    assert "Traceback" not in done.stderr
    assert "  SECRET_KEY: is missing" in done.stderr


@pytest.mark.parametrize("command", [("ring",), ("slash", "lock", "--as", "U0HOST001")])
@pytest.mark.parametrize("url", ["http://[", "http://", "ftp://127.0.0.1", "127.0.0.1:8000"])
def test_what_is_no_address_of_a_server_is_said_to_be_none(run: Run, command: tuple[str, ...], url: str) -> None:
    status, _, err = run(*command, "--url", url)
    assert (status, "is no address of a server" in err) == (1, True)


@pytest.mark.parametrize("body", ["<html>It works!</html>", "[]", '{"ok": true}'])
def test_a_command_that_something_else_answers_is_said_to_be(run: Run, body: str) -> None:
    with StandIn() as server:
        server.answer("/slack/events", Answer(body))
        status, _, err = run("slash", "lock", "--as", "U0HOST001", "--url", server.url)
    assert (status, "is not DoorBot" in err) == (1, True)


def test_nobody_else_on_the_machine_can_read_what_is_stored(environ: dict[str, str], tmp_path: Path) -> None:
    assert process(tmp_path, "lock", **environ).returncode == 0
    assert (tmp_path / "doorbot.db").stat().st_mode & 0o077 == 0


# The file `.env`


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with nothing but `.env` and `doorbot.toml`."""
    folder = tmp_path / "folder"
    folder.mkdir()
    (folder / "doorbot.toml").write_text(OFFICE_TOML, encoding="utf-8")
    lines = [f"{name}={value}" for name, value in environment().items()]
    (folder / ".env").write_text("\n".join(lines) + "\n", encoding="utf-8")
    return folder


def store_in(done: subprocess.CompletedProcess[str]) -> str:
    """Where `check` says that the embedded store is."""
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout.partition("embedded, in ")[2].partition("\n")[0]


def test_a_folder_with_env_and_doorbot_toml_is_all_it_takes(folder: Path) -> None:
    done = process(folder, "check")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("The configuration is complete.\n")


@pytest.mark.parametrize("quote", ["'", '"'])
def test_a_value_in_quotes_arrives_whole(folder: Path, quote: str) -> None:
    value = "a&b $HOME ${PATH} # c; touch d `e` $(f) | g.db"
    with (folder / ".env").open("a") as env:
        env.write(f"SQLITE_PATH={quote}{value}{quote}  # where the store is\n")
    assert store_in(process(folder, "check")) == value


def test_the_environment_wins_over_env(folder: Path) -> None:
    with (folder / ".env").open("a") as env:
        env.write("SQLITE_PATH=theirs.db\n")
    assert store_in(process(folder, "check", SQLITE_PATH="ours.db")) == "ours.db"


def test_what_is_wrong_in_env_is_reported_like_the_environment(folder: Path) -> None:
    with (folder / ".env").open("a") as env:
        env.write("PORT=many\n")
    done = process(folder, "check")
    assert (done.returncode, done.stdout) == (78, "")
    assert "  PORT: " in done.stderr


@pytest.mark.parametrize("content", [b"SECRET_KEY=\xe4-made-up", b"\xff\xfeA\0=\0", b"A=b\0c"])
def test_an_env_that_is_no_text_is_said_to_be_none(folder: Path, content: bytes) -> None:
    (folder / ".env").write_bytes(content)
    done = process(folder, "check")
    assert (done.returncode, done.stdout) == (78, "")
    assert done.stderr.startswith(".env can't be read: ")
    assert done.stderr.count("\n") == 1


def test_a_mark_that_some_editors_put_before_a_text_is_no_part_of_it(folder: Path) -> None:
    (folder / ".env").write_bytes(b"\xef\xbb\xbf" + (folder / ".env").read_bytes())
    assert process(folder, "check").returncode == 0


def test_the_env_of_another_folder_is_not_read(folder: Path) -> None:
    inner = folder / "inner"
    inner.mkdir()
    assert process(inner, "check").returncode == 78


def test_who_reads_only_the_first_lines_of_the_log_gets_no_traceback(environ: dict[str, str]) -> None:
    ring_often(environ, 500)
    command = f"{sys.executable} -m app log --json | head -n 1"
    done = subprocess.run(
        ["sh", "-c", command], capture_output=True, text=True, timeout=60, cwd=ROOT, env={**os.environ, **environ}
    )
    assert (len(done.stdout.splitlines()), done.stderr) == (1, "")


def test_codes_are_issued_listed_and_revoked_in_the_words_of_slack(run: Run) -> None:
    status, out, _ = run("code", "issue", "UPS", "driver", "until", "tue", "at", "any", "hour")
    shown = re.fullmatch(r"Code UPS driver for the front door: (\d{3} \d{3})\. Good until .*, at any hour\. .*\n", out)
    assert (status, shown is not None) == (0, True)
    assert "• UPS driver, by cli:" in run("code")[1]
    assert run("code", "front", "revoke", "ups", "driver")[0] == 0
    assert run("code", "revoke", "UPS", "driver")[0] == 1
    assert [event["action"] for event in log_of(run)] == ["revoke_code", "revoke_code", "issue_code"]
    assert [event.get("name") for event in log_of(run)] == [None, "UPS driver", "UPS driver"]


def test_a_code_for_each_door(run: Run, two_doors: None) -> None:
    status, out, _ = run("code", "all", "issue", "FedEx")
    assert (status, len(out.splitlines())) == (0, 2)
    assert run("code")[1].count("FedEx") == 2
    status, _, error = run("code", "issue", "FedEx")
    assert (status, error) == (1, "Which door? Say one of: `front`, `side`.\n")


# People


@pytest.fixture
def slack(environ: dict[str, str]) -> Iterator[StandIn]:
    """A Slack in which everybody is a full member, and one group has a member."""
    with StandIn() as slack:
        environ["SLACK_API_URL"] = slack.url + "/"
        slack.answer("/users.info", Answer({"ok": True, "user": {"id": "U0BEN0001"}}))
        slack.answer("/usergroups.users.list", Answer({"ok": True, "users": ["U0ANA0001"]}))
        yield slack


def test_rights_are_granted_listed_and_revoked_in_the_words_of_slack(run: Run, slack: StandIn) -> None:
    said = "U0BEN0001 is an admin of the front door now, until the end of Friday.\n"
    assert run("grant", "U0BEN0001", "admin", "until", "friday")[:2] == (0, said)
    assert run("grant", "front", "S0RECEPTION")[1].startswith("Whoever is in S0RECEPTION is a host of the front door")
    listed = run("people")[1].splitlines()
    assert listed[0] == "Who may do what:"
    assert "• U0ADMIN01: admin, named in doorbot.toml" in listed
    assert listed[2].startswith("• U0BEN0001: admin, granted by cli:")
    assert listed[-1].endswith("; in it: U0ANA0001")
    assert run("revoke", "all", "U0BEN0001")[0] == 0
    assert "U0BEN0001: revoked by cli:" in run("people", "front")[1]
    entries = [entry for entry in log_of(run) if entry["door"] == ""]
    assert [(entry["action"], entry["who"], entry.get("at")) for entry in entries] == [
        ("revoke", "U0BEN0001", None),
        ("grant", "S0RECEPTION", "front"),
        ("grant", "U0BEN0001", None),
    ]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["grant"], "Whom?"),
        (["grant", "ben"], "Whom?"),
        (["revoke", "U0ADMIN01"], "nobody would be an admin for good"),
        (["grant", "U0BEN0001", "until", "9:00"], "That time has passed."),
    ],
)
def test_what_can_not_be_granted_or_revoked_ends_with_1(run: Run, slack: StandIn, words: list[str], said: str) -> None:
    status, out, _ = run(*words)
    assert (status, said in out) == (1, True)


def test_where_slack_is_away_nobody_is_granted_anything(run: Run) -> None:
    status, out, _ = run("grant", "U0BEN0001")
    assert (status, "nothing was granted" in out) == (1, True)


def test_schedules_are_added_listed_and_removed_in_the_words_of_slack(run: Run, clock: Clock) -> None:
    status, said, _ = run("schedule", "add", "mon-fri", "11:00-14:00", "called", "lunch")
    assert status == 0
    assert said.endswith("Releases by itself until 14:00 (lunch), then asks; next: tomorrow 11:00.\n")
    run("schedule", "closed", "24", "december", "from", "noon")
    _, said, _ = run("schedule")
    assert [line.rpartition(", by cli:")[0] or line for line in said.splitlines()] == [
        "Schedules for the front door:",
        "Releases by itself until 14:00 (lunch), then asks; next: tomorrow 11:00.",
        "1. Mon–Fri 11:00–14:00 (lunch)",
        "• Thu 24 Dec: closed from 12:00",
    ]
    assert run("status")[1].startswith("The front door releases by itself until 14:00 (lunch)")
    assert run("lock")[1].startswith("The front door is locked. Its schedule (lunch) releases nothing until 14:00")
    assert run("schedule", "remove", "1")[0] == 0
    assert run("schedule", "remove", "1")[0] == 1
    clock.now = local("2026-12-24T12:00")
    assert run("unlock")[:2] == (
        1,
        "It's closed from 12:00. The front door can be unlocked Mon–Fri 09:00–17:00.\n",
    )


def test_a_schedule_for_each_door(run: Run, two_doors: None) -> None:
    assert len(run("schedule", "all", "add", "mon-fri", "11:00-14:00")[1].splitlines()) == 2
    assert run("schedule", "add", "mon-fri", "11:00-14:00")[0] == 1
    assert run("schedule", "side")[1].startswith("Schedules for Side:")
