"""Three servers, of which one is killed at random every second while many reminders fall due: none is sent twice.

An everyday run kills for some seconds; `KILLS=60` for a minute.
"""

import os
import random
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from threading import Thread

import pytest

import config
from app import create_services
from app.clock import utcnow
from app.domain.doors import DoorState
from app.domain.unlocks import Unlock
from app.ports import Key, Store, entries, partition
from app.stores.redis import RedisStore
from app.stores.sqlite import SqliteStore
from app.usecases.unlocks import STATE, reminder_for
from tests.faults import STORES
from tests.servers import DoorBot, RedisServer, wait_until
from tests.stand_ins import Answer, StandIn
from tests.support import ALWAYS_OPEN_TOML, environment

KILLS = int(os.environ.get("KILLS", "5"))
SERVERS = 3
OWNERS = 8  # of unlocks of each door that end at the same time; a second later those of the next door
DOORS = [f"door{number}" for number in range(KILLS)]
NUMBERS = (f"+1212555{number:04}" for number in range(101, 199))
DOOR_TOML = """
[doors.{door}]
number = "{number}"
release = "9"
forward_to = ["+12125550123"]
"""
SECOND, MINUTE = timedelta(seconds=1), timedelta(minutes=1)


class Trio:
    """Three servers on one store, each started again as soon as it was killed."""

    def __init__(self, folder: Path, env: dict[str, str]) -> None:
        self.servers = []
        for name in range(SERVERS):
            (own := folder / f"server{name}").mkdir()
            self.servers.append(DoorBot(env, own))
        self._starting: dict[DoorBot, Thread] = {}

    def __enter__(self) -> "Trio":
        for server in self.servers:
            server.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.wait()
        for server in self.servers:
            server.stop()

    def wait(self) -> None:
        """Until every server that was killed has come back."""
        for thread in self._starting.values():
            thread.join()

    def kill_one(self) -> bool:
        """Kill one of those that are up; False where none is."""
        up = [each for each in self.servers if each not in self._starting or not self._starting[each].is_alive()]
        if up:
            victim = random.choice(up)
            victim.kill()
            self._starting[victim] = Thread(target=victim.start)
            self._starting[victim].start()
        return bool(up)


@contextmanager
def environment_of(kind: str, folder: Path, slack: StandIn) -> Iterator[dict[str, str]]:
    tables = [DOOR_TOML.format(door=door, number=number) for door, number in zip(DOORS, NUMBERS, strict=False)]
    (folder / "doorbot.toml").write_text(ALWAYS_OPEN_TOML + "".join(tables))
    with ExitStack() as stack:
        redis = stack.enter_context(RedisServer(folder)) if kind == "redis" else None
        yield environment(
            DOORBOT_CONFIG=str(folder / "doorbot.toml"),
            SQLITE_PATH=str(folder / "data" / "doorbot.db"),
            REDIS_URL=redis.url if redis else "",
            SLACK_API_URL=slack.url,
            TMPDIR=str(folder),
            WEB_CONCURRENCY="1",
        )


def owners(door: str) -> list[str]:
    return [f"U{door.upper()}N{number}" for number in range(OWNERS)]


def unlock_all(store: Store, start: datetime) -> None:
    """Unlocks that began a while ago; from `start` on a door's reminders fall due every second."""
    for number, door in enumerate(DOORS):
        begun, ends_at = start - 50 * MINUTE, start + 10 * MINUTE + number * SECOND
        unlocks = tuple(Unlock(owner, begun, ends_at) for owner in owners(door))
        reminders = {key: reminder for each in unlocks for key, reminder in reminder_for(each).items()}
        snapshot = store.read(partition(door), STATE)
        assert store.commit(snapshot, {STATE: DoorState(unlocks), **reminders})


def untouched(store: Store, now: datetime) -> list[str]:
    """The reminders that are due, and the messages that nobody has claimed."""
    names = []
    for due in store.due([partition(door) for door in DOORS], now, 10_000):
        kind = due.name.partition(":")[0]
        record = store.read(due.partition, Key[object](due.name)).get(Key[object](due.name))
        if record and (kind == "reminder" or (kind == "notice" and not record.claimed)):  # type: ignore[attr-defined]
            names.append(due.name)
    return names


def untouched_a_second_later(store: Store) -> list[str]:
    """The same, without taking the store's time from those that are to look at them."""
    time.sleep(1)
    return untouched(store, utcnow())


def unknown(store: Store) -> list[str]:
    """Those of whom the record says that the fate of their message is unknown."""
    events = [entry.event for door in DOORS for entry in entries(store, partition(door))]
    told = [event for event in events if event.action == "tell"]
    assert {(event.outcome, event.reason) for event in told} <= {("unknown", "fate_unknown")}
    return [str(event.details["to"]) for event in told]


@pytest.mark.parametrize("kind", STORES)
def test_no_reminder_is_sent_twice_and_each_is_sent_or_on_record_as_unknown(kind: str, tmp_path: Path) -> None:
    with StandIn() as slack, environment_of(kind, tmp_path, slack) as env:
        slack.answer("/chat.postMessage", Answer({"ok": True, "ts": "1700000000.000001"}, delay=0.05))
        store = RedisStore(env["REDIS_URL"]) if env["REDIS_URL"] else SqliteStore(Path(env["SQLITE_PATH"]))
        with Trio(tmp_path, env) as trio:
            unlock_all(store, utcnow())
            kills = 0
            while kills < KILLS:
                time.sleep(1)
                kills += trio.kill_one()
            amid = len(slack.received)
            trio.wait()
            wait_until(lambda: not untouched_a_second_later(store), "every reminder was looked at", 120)
        # whoever was killed while sending is known to be dead a while later
        services = create_services(config.load(env), store=store)
        services.notices.deliver(lambda: utcnow() + 2 * MINUTE)
        sent = Counter(str(each.fields["channel"]) for each in slack.received)
        lost = unknown(store)
    everybody = {owner for door in DOORS for owner in owners(door)}
    print(f"{kind}: {kills} kills, {len(everybody)} reminders, {amid} sent amid them, {len(lost)} of unknown fate")
    assert [owner for owner, times in sent.items() if times > 1] == []
    assert everybody - sent.keys() - set(lost) == set()
    assert sent.keys() <= everybody
    assert max(Counter(lost).values(), default=1) == 1
