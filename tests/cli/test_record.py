"""`python -m app log verify` and `log erase`, as somebody types them on the server."""

import json
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from freezegun import freeze_time

import config
from app import create_app
from app.domain.seals import SealHead
from app.ports import Key
from app.stores.sqlite import SqliteStore
from app.usecases.past_doors import PastDoors
from tests.cli.conftest import NOON, Run, ring_often
from tests.support import INTERCOM, a_door
from tests.usecases.sealed import FRONT, SECOND


def seal(environ: dict[str, str], rounds: int = 2, *acts: str) -> None:
    """So many rounds of a server, of the one who seals and of these."""
    with freeze_time(NOON) as time:
        services = create_app(config.load(environ)).extensions["doorbot"]
        for _ in range(rounds):
            services.background.sweep(*acts, "record")
            time.tick(3 * SECOND)


def change(environ: dict[str, str], sql: str) -> None:
    with closing(sqlite3.connect(environ["SQLITE_PATH"])) as connection, connection:
        connection.execute(sql)


def store(environ: dict[str, str]) -> SqliteStore:
    return SqliteStore(Path(environ["SQLITE_PATH"]))


@pytest.fixture
def sealed(environ: dict[str, str]) -> None:
    """Twelve rings, sealed by a server."""
    ring_often(environ, 12)
    seal(environ)


@pytest.mark.usefixtures("sealed")
def test_a_whole_log_is_said_to_be_whole_as_of_when(run: Run, environ: dict[str, str]) -> None:
    assert run("log", "verify") == (
        0,
        "Front door: whole. Entries 1 to 12 are as sealed, as of 2026-11-23 12:00:00.\n"
        "Office: nothing is sealed yet.\n",
        "",
    )
    ring_often(environ, 14)
    assert "as of 2026-11-23 12:00:00. 2 newer ones are not sealed yet.\n" in run("log", "verify")[1]


@pytest.mark.usefixtures("sealed")
def test_every_bad_entry_is_named_with_its_time_and_the_status_is_1(run: Run, environ: dict[str, str]) -> None:
    change(environ, "UPDATE log SET event = replace(event, 'locked', 'unlock') WHERE seq IN (3, 4, 9)")
    change(environ, "DELETE FROM log WHERE seq IN (6, 12)")
    change(environ, "UPDATE log SET event = 'nonsense' WHERE seq = 10")
    status, out, err = run("log", "verify", "--door", "front")
    assert (status, err) == (1, "")
    assert out.splitlines() == [
        "Front door: NOT WHOLE.",
        "  Entries 3 to 4 were changed; it says 2026-11-23 12:00:00.",
        "  Entry 6 is missing.",
        "  Entries 9 to 10 were changed; it says 2026-11-23 12:00:00.",
        "  Entry 12 is missing: the end was cut off.",
    ]
    assert run("log", "verify", "--limit", "2")[1].splitlines()[3] == "  And 2 more; --limit shows more of them."


def test_what_a_server_that_runs_finds_is_in_the_log(run: Run, environ: dict[str, str]) -> None:
    ring_often(environ, 12)
    seal(environ, 1)
    change(environ, "DELETE FROM log WHERE seq = 5")
    ring_often(environ, 13)
    seal(environ, 4)
    assert "Front door: the log is not what was sealed: entry 5 is missing" in run("log")[1]


@pytest.mark.usefixtures("sealed")
def test_a_posted_line_is_compared(run: Run, environ: dict[str, str]) -> None:
    key = Key[SealHead]("seal")
    head = store(environ).read(FRONT, key).get(key)
    assert head is not None
    assert run("log", "verify", "--head", f"front 12 {head.tag[:16]}")[0] == 0
    status, out, _ = run("log", "verify", "--head", "front 12 0123456789abcdef", "--head", "front 99 0123456789abcdef")
    assert status == 1
    assert "  Entry 12 IS NOT what was posted" in out
    assert "  Entry 99 IS MISSING though it was posted" in out
    assert run("log", "verify", "--head", "front")[0] == 1


def test_before_anything_is_sealed_it_says_so(run: Run, environ: dict[str, str]) -> None:
    ring_often(environ, 1)
    assert run("log", "verify")[0] == 1
    assert run("log", "verify")[2].startswith("Nothing is sealed yet")


@pytest.mark.usefixtures("sealed")
def test_with_another_secret_key_it_says_what_to_do(run: Run, environ: dict[str, str]) -> None:
    environ["SECRET_KEY"] = "a-new-secret-key-of-some-length"
    status, out, err = run("log", "verify")
    assert (status, out) == (1, "")
    assert "`SECRET_KEY=new,old`" in err
    environ["SECRET_KEY"] += ",made-up-secret-key-of-some-length"
    assert run("log", "verify")[0] == 0


def test_a_door_of_earlier_days_is_verified_too(run: Run, environ: dict[str, str]) -> None:
    ring_often(environ, 1)
    PastDoors(store(environ), {"back": a_door(id="back", name="Back door")}).look()
    seal(environ, 2, "housekeeping")
    assert [line.partition(":")[0] for line in run("log", "verify")[1].splitlines()] == [
        "Front door",
        "Back door",
        "Office",
    ]
    assert run("log", "verify", "--door", "back")[0] == 0
    assert run("log", "verify", "--door", "side")[2] == "There is no door `side` here. Say one of: `front`.\n"


def test_the_log_of_a_door_that_was_wiped_out_altogether_is_missed(run: Run, environ: dict[str, str]) -> None:
    ring_often(environ, 1)
    PastDoors(store(environ), {"back": a_door(id="back", name="Back door")}).look()
    change(environ, "INSERT INTO log SELECT 'door:back', seq, event, caller FROM log WHERE partition = 'door:front'")
    seal(environ, 2, "housekeeping")
    assert run("log", "verify")[0] == 0
    for table in ("log", "records"):
        change(environ, f"DELETE FROM {table} WHERE partition = 'door:back'")
    change(environ, "UPDATE records SET value = '{' WHERE key = 'doors'")
    status, told, _ = run("log", "verify")
    assert (status, told.splitlines()[-2:]) == (1, ["back: NOT WHOLE.", "  The seal itself was changed or removed."])
    assert run("log", "anew")[0] == 1
    seal(environ, 2)
    assert run("log", "anew")[0] == 0
    assert run("log", "verify")[0] == 0


@pytest.mark.usefixtures("sealed")
@pytest.mark.parametrize("words", [[INTERCOM], ["+1", "212", "555", "0199"], ["+1 (212) 555-0199"]])
def test_a_number_is_erased_and_the_seals_stay_whole(run: Run, environ: dict[str, str], words: list[str]) -> None:
    assert run("log", "erase", *words) == (0, "The number was erased from 12 entries. Nothing else was changed.\n", "")
    assert INTERCOM not in run("log", "--json")[1]
    assert ": a visitor's number was erased by cli:" in run("log")[1]
    seal(environ, 3)
    assert run("log", "verify")[0] == 0
    found = [json.loads(line) for line in run("log", "--json")[1].splitlines()]
    (entry,) = [each for each in found if each["door"] == ""]
    assert (entry["action"], entry["entries"], entry["source"]) == ("erase_number", 12, "cli")


@pytest.mark.parametrize("words", [["erase"], ["erase", "0199"], ["erase", "front"], ["verfy"], ["verify", "front"]])
def test_what_is_not_understood_is_answered_with_what_would_be(run: Run, words: list[str]) -> None:
    status, out, err = run("log", *words)
    assert (status, out) == (1, "")
    assert "+12125550199" in err


def test_a_long_log_tells_how_far_it_is(
    run: Run,
    environ: dict[str, str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("app.usecases.verifying.TOLD_EVERY", 5)
    ring_often(environ, 12)
    seal(environ)
    status, out, err = run("log", "verify")
    assert (status, err.splitlines()[0]) == (0, "  front: 5 of 12 entries checked …")
    assert out.startswith("Front door: whole.")
