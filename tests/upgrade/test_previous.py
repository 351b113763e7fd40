"""What the previous release left behind, taken over by this one. `previous/` was written by it (write_data.py)."""

import json
import logging
import shutil
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from freezegun import freeze_time

from app import create_app
from app.domain import code_hashes
from app.domain.code_hashes import COST
from app.ports import Membership, Store
from app.stores.redis import RedisStore
from app.stores.sqlite import SqliteStore
from app.usecases.sealed_logs import HEAD
from tests.conftest import FakeHosts, settings_for
from tests.faults import is_released
from tests.support import ADMIN, ALWAYS_OPEN_TOML, HOST, MEMBER, Office, call_form, stored, verbs
from tests.upgrade.write_data import ENDED, HELD, RELEASED

PREVIOUS = Path(__file__).with_name("previous")
A_MINUTE_LATER = "2026-11-23T17:01:00Z"
BEN = "U0BEN0001"


@dataclass
class Taken:
    """The office on the previous release's data, and what its people knew."""

    office: Office
    hosts: FakeHosts
    store: Store
    code: str
    log: int
    office_log: int

    def poll(self, call: str, **changes: str) -> list[str]:
        form = call_form(call, **{"CallStatus": "in-progress", "Digits": "", **changes})
        return [verb.tag for verb in verbs(self.office.voice_post("/voice/held/front", form).text)]


def put_back(kind: str, folder: Path, request: pytest.FixtureRequest) -> Store:
    if kind == "sqlite":
        shutil.copy(PREVIOUS / "doorbot.db", folder / "doorbot.db")
        return SqliteStore(folder / "doorbot.db")
    server = request.getfixturevalue("redis_server")
    client = server.client()
    client.flushall()
    for line in (PREVIOUS / "redis.jsonl").read_text().splitlines():
        client.execute_command(*json.loads(line))
    return RedisStore(server.url)


@pytest.fixture(params=["sqlite", "redis"])
def taken(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Taken]:
    monkeypatch.setattr(code_hashes, "COST", COST)  # as everywhere but in the tests
    store, hosts = put_back(request.param, tmp_path, request), FakeHosts()
    hosts.messages = defaultdict(list)  # those of the previous release are there
    known: dict[str, Any] = json.loads((PREVIOUS / "known.json").read_text())[request.param]
    with freeze_time(A_MINUTE_LATER, tick=True):
        app = create_app(settings_for(tmp_path, ALWAYS_OPEN_TOML), store=store, hosts=hosts)
        yield Taken(Office(app.test_client()), hosts, store, **known)


def test_what_was_in_force_is_in_force(taken: Taken) -> None:
    assert "until 15:00" in taken.office.say("status")
    assert is_released(taken.office.ring())
    assert taken.office.log()[-1].reason == "unlock"
    assert "lunch" in taken.office.say("schedule")
    assert "Thu 24 Dec: closed from 12:00" in taken.office.say("schedule")
    assert "FedEx" in taken.office.say("code")
    assert BEN in taken.office.say("people")


def test_the_previous_releases_lock_code_and_rights_still_count(taken: Taken) -> None:
    taken.office.say("lock")
    assert [verb.tag for verb in verbs(taken.office.ring("CA" + "4" * 32))] == ["Gather"]
    assert taken.poll("CA" + "4" * 32, Digits=taken.code) == ["Play", "Say", "Pause", "Hangup"]
    assert taken.office.log()[-1].reason == "code"
    taken.hosts.members[BEN] = Membership.FULL
    assert "lockdown" in taken.office.say("lockdown front smoke", BEN).lower()
    assert [event.actor for event in taken.office.log() if event.action == "lock_down"] == [ADMIN, BEN]
    assert "grant" not in taken.office.say("grant <@U0EVE0001>", MEMBER)


def test_visits_of_the_previous_release_go_on_where_they_were(taken: Taken) -> None:
    assert taken.poll(HELD) == ["Play", "Say", "Pause", "Hangup"]  # an unlock came meanwhile
    assert taken.office.ring(RELEASED).startswith("<?xml")
    released = [event.visit for event in taken.office.log() if event.outcome == "released"]
    assert released == [RELEASED, HELD]  # its repeated webhook was not recorded again
    assert taken.poll(ENDED) == ["Hangup"]


def test_the_record_is_read_whole_goes_on_without_a_gap_and_is_sealed(taken: Taken) -> None:
    before = taken.office.log()
    assert len(before) == taken.log
    assert len(taken.office.log("")) == taken.office_log
    assert "unreadable" not in {event.action for event in (*before, *taken.office.log(""))}
    taken.office.say("lock")
    newest = taken.store.read_log("door:front", limit=1)[0]
    assert (newest.seq, newest.event.actor) == (taken.log + 1, HOST)
    assert taken.office.log()[: taken.log] == before


def test_the_background_takes_over_without_a_word_of_trouble(taken: Taken, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING, logger="app"):
        taken.office.sweep()
        taken.office.sweep()
    assert taken.store.read("door:front", HEAD).get(HEAD).seq == len(taken.office.log())
    assert [record.getMessage() for record in caplog.records if record.levelno >= logging.ERROR] == []


def test_nothing_that_it_stored_is_lost_by_being_read(taken: Taken) -> None:
    before = stored(taken.store)
    taken.office.say("status")
    taken.office.say("people")
    after = stored(taken.store)
    assert before.keys() <= after.keys()


def test_a_record_of_a_later_release_harms_nobody(taken: Taken, caplog: pytest.LogCaptureFixture) -> None:
    """Two releases run side by side while one takes over from the other, or when it is taken back."""
    put_later_things(taken.store)
    with caplog.at_level(logging.WARNING, logger="app"):
        taken.office.sweep()
    assert [record.getMessage() for record in caplog.records if record.levelno >= logging.ERROR] == []
    assert is_released(taken.office.ring())
    assert "until 15:00" in taken.office.say("status")
    assert "teleport" in taken.office.say("log", ADMIN)
    assert later_record(taken.store) is not None


def put_later_things(store: Store) -> None:
    """A kind of record that nobody here knows, due long ago; an unknown field; unknown words in the log."""
    event = json.dumps({"time": 1795453260000000, "action": "teleport", "outcome": "beamed", "source": "dream"})
    if isinstance(store, RedisStore):
        client = store._servers.holding("door:front").client
        key = "doorbot:{door:front}:"
        client.hset(key + "records", "wormhole:1", '{"v":2,"exit":"back"}')
        client.zadd(key + "due", {"wormhole:1": 1})
        state = json.loads(client.hget(key + "records", "state"))
        client.hset(key + "records", "state", json.dumps({**state, "v": 2, "mood": "sunny"}))
        seq = int(client.hincrby(key + "records", "seq", 1))
        client.xadd(key + "log", {"event": event}, id=f"{seq}-0")
        return
    assert isinstance(store, SqliteStore)
    with store._transaction() as connection:
        connection.execute("INSERT INTO records VALUES ('door:front', 'wormhole:1', '{\"v\":2}', 1)")
        connection.execute(
            "UPDATE records SET value = json_set(value, '$.mood', 'sunny', '$.v', 2) WHERE key = 'state'"
        )
        connection.execute("INSERT INTO log SELECT 'door:front', max(seq) + 1, ?, '' FROM log", (event,))


def later_record(store: Store) -> Any:
    if isinstance(store, RedisStore):
        return store._servers.holding("door:front").client.hget("doorbot:{door:front}:records", "wormhole:1")
    assert isinstance(store, SqliteStore)
    with store._connection() as connection:
        return connection.execute("SELECT value FROM records WHERE key = 'wormhole:1'").fetchone()
