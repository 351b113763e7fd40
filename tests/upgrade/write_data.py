"""Writes what a release leaves behind, for the next release's tests to read.

To be run in a checkout of the release, before the next one changes anything:

    PYTHONPATH=. python …/tests/upgrade/write_data.py FOLDER

FOLDER then holds the embedded store's file, the same as commands for a Redis, and what only the people knew.
"""

import json
import re
import shutil
import sqlite3
import sys
import tempfile
from contextlib import closing
from pathlib import Path
from typing import Any

from freezegun import freeze_time

from app import create_app
from app.ports import Store
from app.stores.redis import RedisStore
from app.stores.sqlite import SqliteStore
from tests.conftest import FakeHosts, settings_for
from tests.servers import RedisServer
from tests.support import ADMIN, ALWAYS_OPEN_TOML, Office, call_form

MONDAY_NOON = "2026-11-23T17:00:00Z"
RELEASED, HELD, ENDED = ("CA" + digit * 32 for digit in "123")


def live(store: Store, folder: Path) -> dict[str, Any]:
    """A morning at the front door; returns what is on no disk, such as a code's digits."""
    hosts = FakeHosts()
    office = Office(create_app(settings_for(folder, ALWAYS_OPEN_TOML), store=store, hosts=hosts).test_client())
    office.ring(ENDED)
    office.press("turn_away", f"front {ENDED}")
    office.voice_post("/voice/held/front", call_form(ENDED, CallStatus="in-progress", Digits=""))
    office.voice_post("/voice/status", call_form(ENDED, CallStatus="completed"))
    said = office.say("code issue FedEx until friday")
    office.say("schedule add sat 11:00-14:00 called lunch")
    office.say("schedule closed 24 december from noon")
    office.say("grant <@U0BEN0001> admin", ADMIN)
    office.say("lockdown front fire drill", ADMIN)
    office.say("lift", ADMIN)
    office.say("unlock", "U0NOBODY1")
    office.say("tone")
    office.ring(HELD)
    office.sweep()
    office.say("unlock for 3h")
    office.say("unlock once expecting DoorDash")
    office.ring(RELEASED)
    office.open_home()
    office.sweep()
    digits = re.search(r"\b(\d{3}) ?(\d{3})\b", said)
    assert digits, said
    return {"code": digits[1] + digits[2], "log": len(office.log()), "office_log": len(office.log(""))}


def redis_commands(client: Any) -> list[list[str]]:
    """Commands that put everything back."""
    found: list[list[str]] = []
    for key in sorted(client.scan_iter("doorbot:*")):
        match client.type(key):
            case "hash":
                found.append(["HSET", key, *(word for pair in client.hgetall(key).items() for word in pair)])
            case "zset":
                pairs = client.zrange(key, 0, -1, withscores=True)
                found.append(["ZADD", key, *(word for member, score in pairs for word in (f"{score:.0f}", member))])
            case "stream":
                lines = client.xrange(key)
                found += [
                    ["XADD", key, number, *(word for pair in line.items() for word in pair)] for number, line in lines
                ]
            case kind:
                raise AssertionError(f"{key} is a {kind}")
    return found


def write(folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    known = {}
    with tempfile.TemporaryDirectory() as name, freeze_time(MONDAY_NOON, tick=True):
        place = Path(name)
        known["sqlite"] = live(SqliteStore(place / "doorbot.db"), place)
        with closing(sqlite3.connect(place / "doorbot.db")) as connection:
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        shutil.copy(place / "doorbot.db", folder / "doorbot.db")
        with RedisServer(place) as server:
            known["redis"] = live(RedisStore(server.url), place)
            lines = [json.dumps(command) for command in redis_commands(server.client())]
        (folder / "redis.jsonl").write_text("\n".join(lines) + "\n")
        (folder / "known.json").write_text(json.dumps(known, indent=2) + "\n")


if __name__ == "__main__":
    write(Path(sys.argv[1]))
