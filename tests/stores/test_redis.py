"""What is particular to Redis: a server that is gone, hung, full or a replica; its clock; its keys in a cluster."""

import socket
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import redis
from freezegun import freeze_time

from app.domain.audit import Action, AuditEvent, LogEntry, Outcome
from app.domain.errors import StoreUnavailable
from app.domain.notices import Notice
from app.domain.receipts import Receipt
from app.ports import OFFICE, Key, Snapshot, Store, entries, partition
from app.stores.redis import RedisStore
from app.stores.redis_connections import TIMEOUT_SECONDS
from tests.servers import RedisServer, free_port, wait_until

FRONT, BACK = partition("front"), partition("back")
NOON = datetime(2026, 11, 23, 17, 0, tzinfo=UTC)
A, B = Key[Receipt]("receipt:a"), Key[Receipt]("receipt:b")
NOTICE = Key[Notice]("notice:1")
RECEIPT = Receipt("first", NOON)
AN_EVENT = AuditEvent(NOON, "front", Action.RING, Outcome.RELEASED, caller="withheld")
EMPTY = Snapshot(FRONT, {}, {})
AT_MOST_SECONDS = 2.0
RECORDS = "doorbot:{door:front}:records"

EVERYTHING: dict[str, Callable[[Store], Any]] = {
    "read": lambda store: store.read(FRONT, A),
    "commit": lambda store: store.commit(EMPTY, {A: RECEIPT}, [AN_EVENT]),
    "read_many": lambda store: store.read_many([(FRONT, [A]), ("door:back", [A, B])]),
    "due": lambda store: store.due([FRONT], NOON, 10),
    "read_log": lambda store: store.read_log(FRONT),
    "read_logs": lambda store: store.read_logs([FRONT, BACK], 10),
    "first_at": lambda store: store.first_at([FRONT], NOON),
    "newest": lambda store: store.newest([FRONT]),
    "read_lines": lambda store: store.read_lines(FRONT, after=0, limit=9),
    "erase_callers_at": lambda store: store.erase_callers_at(FRONT, [1]),
    "trim_log": lambda store: store.trim_log(FRONT, 5),
    "erase_callers": lambda store: store.erase_callers(FRONT, 5),
    "ping": lambda store: store.ping(),
    "tidy": lambda store: store.tidy(),
}
every_call = pytest.mark.parametrize("call", EVERYTHING.values(), ids=EVERYTHING.keys())


@pytest.fixture(scope="module")
def own_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RedisServer]:
    """A server that these tests may kill, freeze and misconfigure."""
    with RedisServer(tmp_path_factory.mktemp("own-redis")) as server:
        yield server


@pytest.fixture(scope="module", autouse=True)
def starting_cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RedisServer]:
    """Begun before the first test, because a cluster waits two seconds before it takes a write."""
    options = {"cluster-enabled": "yes", "cluster-port": str(free_port())}
    with RedisServer(tmp_path_factory.mktemp("cluster"), **options) as server:
        with server.client() as client:
            client.execute_command("CLUSTER", "ADDSLOTSRANGE", 0, 16383)
        yield server


@pytest.fixture
def admin(own_server: RedisServer) -> Iterator[Any]:
    """Speaks to the server itself; the server is empty."""
    with own_server.client() as client:
        client.flushall()
        yield client


@pytest.fixture
def server(own_server: RedisServer, admin: Any) -> RedisServer:
    return own_server


@pytest.fixture
def redis_store(server: RedisServer) -> RedisStore:
    """Connected already, as in a server process that has answered rings before."""
    store = RedisStore(server.url)
    store.tidy()
    return store


def fails_soon(call: Callable[[Store], Any], store: Store) -> None:
    """The call ends in StoreUnavailable before a visitor would have waited too long."""
    began = time.monotonic()
    with pytest.raises(StoreUnavailable):
        call(store)
    assert time.monotonic() - began < AT_MOST_SECONDS


def works(store: Store) -> bool:
    """Whether a commit goes in and can be read."""
    before = len(list(entries(store, FRONT)))
    assert store.commit(store.read(FRONT, A), {A: RECEIPT}, [AN_EVENT])
    return store.read(FRONT, A).get(A) == RECEIPT and len(list(entries(store, FRONT))) == before + 1


@contextmanager
def frozen(server: RedisServer) -> Iterator[None]:
    """The server hangs, and goes on with what it has been sent once the block is over."""
    server.freeze()
    try:
        yield
    finally:
        server.thaw()
        with server.client() as client:
            client.ping()  # comes after everything that waited


def settled(admin: Any) -> None:
    """Return once the server has dealt with every connection that its clients have given up."""
    wait_until(lambda: len(admin.client_list()) == 1, "abandoned connections are closed", 5)


# A server that is not there


def test_making_a_store_connects_to_nothing() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.settimeout(0)
        RedisStore(f"redis://127.0.0.1:{listener.getsockname()[1]}/0")
        with pytest.raises(BlockingIOError):
            listener.accept()


@every_call
def test_a_server_that_is_not_there_makes_the_store_unavailable(call: Callable[[Store], Any]) -> None:
    fails_soon(call, RedisStore(f"redis://127.0.0.1:{free_port()}/0"))


def test_no_call_waits_long_for_a_server_that_takes_calls_and_says_nothing() -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent, ThreadPoolExecutor(len(EVERYTHING)) as pool:
        store = RedisStore(f"redis://127.0.0.1:{silent.getsockname()[1]}/0")
        list(pool.map(lambda call: fails_soon(call, store), EVERYTHING.values()))


@pytest.mark.parametrize("answer", [b"HTTP/1.1 400 Bad Request\r\n\r\n", b"-ERR what?\r\n" * 9, b"\x00\xff" * 99, b""])
def test_something_that_is_no_redis_makes_the_store_unavailable(answer: bytes) -> None:
    with socket.create_server(("127.0.0.1", 0)) as stranger, ThreadPoolExecutor(1) as pool:
        stranger.settimeout(0.2)

        def serve() -> None:
            for _ in range(2):  # the store tries a broken connection once more
                with stranger.accept()[0] as connection:
                    connection.recv(1000)
                    connection.sendall(answer)

        pool.submit(serve)
        fails_soon(EVERYTHING["read"], RedisStore(f"redis://127.0.0.1:{stranger.getsockname()[1]}/0"))


def test_a_server_that_comes_up_later_is_found(server: RedisServer) -> None:
    store = RedisStore(server.url)
    server.kill()
    fails_soon(EVERYTHING["read"], store)
    server.start()
    assert works(store)


def test_a_server_killed_and_started_again_is_used_without_a_new_store(
    server: RedisServer, redis_store: RedisStore
) -> None:
    assert works(redis_store)
    server.kill()
    fails_soon(EVERYTHING["commit"], redis_store)
    server.start()
    assert redis_store.read(FRONT, A).get(A) == RECEIPT
    assert works(redis_store)
    assert [entry.seq for entry in redis_store.read_log(FRONT)] == [2, 1]


def test_a_connection_that_was_cut_is_made_again_unnoticed(admin: Any, redis_store: RedisStore) -> None:
    assert works(redis_store)
    admin.client_kill_filter(skipme=True, _type="normal")
    assert redis_store.commit(EMPTY, {A: RECEIPT}, [AN_EVENT])
    assert len(redis_store.read_log(FRONT)) == 2


# Round trips


@pytest.fixture
def sent(redis_store: RedisStore, monkeypatch: pytest.MonkeyPatch) -> list[object]:
    """What was sent to the server, a thing for each time that its answer was waited for."""
    assert works(redis_store)  # connected
    send, sent = redis.Connection.send_packed_command, list[object]()

    def counted(connection: Any, command: Any, **options: Any) -> Any:
        sent.append(command)
        return send(connection, command, **options)

    monkeypatch.setattr(redis.Connection, "send_packed_command", counted)
    return sent


DOORS = [partition(f"door{number}") for number in range(200)]


@pytest.mark.parametrize(
    "ask",
    [
        lambda store: store.read_many([(door, [A, B]) for door in DOORS]),
        lambda store: store.due(DOORS, NOON, 10, ["visit"]),
        lambda store: store.read_logs(DOORS, 1),
    ],
    ids=["read_many", "due", "read_logs"],
)
def test_two_hundred_doors_are_one_round_trip(
    redis_store: RedisStore, sent: list[object], ask: Callable[[Store], Any]
) -> None:
    ask(redis_store)
    assert len(sent) == 1


# A server that hangs


def test_no_call_waits_long_for_a_hung_server(server: RedisServer, redis_store: RedisStore) -> None:
    with frozen(server), ThreadPoolExecutor(len(EVERYTHING)) as pool:
        list(pool.map(lambda call: fails_soon(call, redis_store), EVERYTHING.values()))
    assert works(redis_store)


def test_a_server_that_hung_before_it_was_first_asked_is_used_later(server: RedisServer) -> None:
    store = RedisStore(server.url)
    with frozen(server):
        fails_soon(EVERYTHING["read"], store)
        fails_soon(EVERYTHING["commit"], store)
    assert works(store)


def test_a_whole_ring_against_a_hung_server_is_given_up_soon(server: RedisServer, redis_store: RedisStore) -> None:
    def ring(store: Store) -> None:
        snapshot = store.read(FRONT, A)
        server.freeze()
        store.commit(snapshot, {A: RECEIPT}, [AN_EVENT])

    with frozen(server):
        server.thaw()
        fails_soon(ring, redis_store)


def abandon(server: RedisServer, store: RedisStore, admin: Any) -> None:
    """A commit reaches the server while it hangs, and its client gives up; then the server goes on."""
    snapshot = store.read(FRONT, A)
    with frozen(server), pytest.raises(StoreUnavailable):
        store.commit(snapshot, {A: RECEIPT, NOTICE: Notice("C0FRONTDOOR", "Hello", NOON)}, [AN_EVENT])
    settled(admin)


def test_a_server_that_hung_does_not_carry_out_what_was_given_up(
    server: RedisServer, admin: Any, redis_store: RedisStore
) -> None:
    calls_before = admin.info("commandstats")
    abandon(server, redis_store, admin)
    assert calls(admin) == calls(calls_before) + 1, "the commit must have reached the server for this to mean anything"
    assert admin.keys() == []


def calls(source: Any) -> int:
    """How many scripts the server has been asked to run."""
    stats = source if isinstance(source, dict) else source.info("commandstats")
    return int(stats.get("cmdstat_evalsha", {"calls": 0})["calls"])


def test_a_ring_can_be_put_on_record_after_its_commit_was_given_up(
    server: RedisServer, admin: Any, redis_store: RedisStore
) -> None:
    abandon(server, redis_store, admin)
    assert redis_store.commit(redis_store.read(FRONT, A), {A: RECEIPT}, [AN_EVENT])
    assert list(entries(redis_store, FRONT)) == [LogEntry(1, AN_EVENT)]


def test_a_short_pause_of_the_server_is_waited_for(server: RedisServer, redis_store: RedisStore) -> None:
    with frozen(server):
        threading.Timer(TIMEOUT_SECONDS / 4, server.thaw).start()
        assert redis_store.commit(EMPTY, {A: RECEIPT}, [AN_EVENT])


def test_an_answer_that_came_too_late_is_not_taken_for_the_next_one(
    server: RedisServer, redis_store: RedisStore
) -> None:
    assert redis_store.commit(EMPTY, {A: Receipt("a", NOON), B: Receipt("b", NOON)})
    with frozen(server):
        fails_soon(lambda store: store.read(FRONT, A), redis_store)
    assert redis_store.read(FRONT, B).get(B) == Receipt("b", NOON)


# Clocks: the deadline of a commit is in the server's time, reckoned by a clock of ours that never jumps


@pytest.mark.parametrize("hours", [-1000, 1000], ids=["behind", "ahead"])
def test_a_server_whose_clock_is_wrong_from_the_start_is_used_as_any_other(
    server: RedisServer, admin: Any, hours: int
) -> None:
    with freeze_time(datetime.now(UTC) - timedelta(hours=hours), tick=True):
        store = RedisStore(server.url)
        assert works(store)
        abandon(server, store, admin)
        assert len(redis_log(admin)) == 1


def redis_log(admin: Any) -> list[Any]:
    return list(admin.xrange("doorbot:{door:front}:log"))


def test_a_server_whose_clock_jumps_ahead_is_believed_at_once_and_carries_a_commit_out_once(
    server: RedisServer, admin: Any
) -> None:
    with freeze_time("2026-11-23T17:00:00Z", tick=True) as ours:
        store = RedisStore(server.url)
        store.tidy()
        ours.tick(timedelta(hours=-1))
        assert store.commit(store.read(FRONT, A), {A: RECEIPT}, [AN_EVENT])
        assert len(redis_log(admin)) == 1


def test_a_server_whose_clock_jumps_back_is_believed_again_after_the_next_upkeep(
    server: RedisServer, admin: Any
) -> None:
    with freeze_time("2026-11-23T17:00:00Z", tick=True) as ours:
        store = RedisStore(server.url)
        store.tidy()
        ours.tick(timedelta(hours=1))
        store.tidy()
        abandon(server, store, admin)
        assert admin.keys() == []
        assert works(store)


# A server that says no


@contextmanager
def setting(admin: Any, name: str, value: str) -> Iterator[None]:
    before = admin.config_get(name)[name]
    admin.config_set(name, value)
    try:
        yield
    finally:
        admin.config_set(name, before)


@contextmanager
def replica(admin: Any) -> Iterator[None]:
    admin.replicaof("127.0.0.1", free_port())
    try:
        yield
    finally:
        admin.replicaof("NO", "ONE")


REFUSALS: dict[str, Callable[[Any], Any]] = {
    "a read-only replica": replica,
    "a full memory": lambda admin: setting(admin, "maxmemory", "1"),
    "too few replicas": lambda admin: setting(admin, "min-replicas-to-write", "1"),
}
each_refusal = pytest.mark.parametrize("refusing", REFUSALS.values(), ids=REFUSALS.keys())


@each_refusal
def test_a_server_that_refuses_writes_makes_the_store_unavailable(
    admin: Any, redis_store: RedisStore, refusing: Callable[[Any], Any]
) -> None:
    assert works(redis_store)
    before = redis_store.read(FRONT, A, B)
    with refusing(admin):
        fails_soon(lambda store: store.commit(before, {B: RECEIPT, A: None}, [AN_EVENT]), redis_store)
    after = redis_store.read(FRONT, A, B)
    assert (after.get(A), after.get(B), len(redis_log(admin))) == (RECEIPT, None, 1)


@each_refusal
def test_a_server_that_takes_writes_again_is_used_without_a_new_store(
    admin: Any, redis_store: RedisStore, refusing: Callable[[Any], Any]
) -> None:
    with refusing(admin):
        fails_soon(EVERYTHING["commit"], redis_store)
    assert works(redis_store)
    assert [entry.seq for entry in redis_store.read_log(FRONT)] == [1]


@each_refusal
def test_a_server_that_refuses_writes_can_still_be_read(
    admin: Any, redis_store: RedisStore, refusing: Callable[[Any], Any]
) -> None:
    assert works(redis_store)
    with refusing(admin):
        assert redis_store.read(FRONT, A).get(A) == RECEIPT
        assert len(redis_store.read_log(FRONT)) == 1


@every_call
def test_a_server_that_wants_a_password_makes_the_store_unavailable(
    server: RedisServer, admin: Any, call: Callable[[Store], Any]
) -> None:
    with setting(admin, "requirepass", "made-up-password"):
        fails_soon(call, RedisStore(server.url))
        fails_soon(call, RedisStore(server.url.replace("//", "//:wrong@")))
    assert admin.keys() == []


def test_a_server_that_repeats_what_it_does_not_know_has_no_password_told(tmp_path: Path) -> None:
    server = RedisServer(tmp_path)
    server._command += ["--rename-command", "AUTH", '""']
    with server:
        for url in (
            server.url.replace("//", "//:made-up-password@"),
            f"redis+cluster://:made-up-password@127.0.0.1:{server.port}",
            f"redis+sentinel://127.0.0.1:{server.port}/name?sentinel_password=made-up-password",
        ):
            with pytest.raises(StoreUnavailable) as caught:
                RedisStore(url).ping()
            assert "unknown command 'AUTH'" in caught.value.detail
            assert "made-up-password" not in caught.value.detail


def test_the_password_is_taken_from_the_address(server: RedisServer, admin: Any) -> None:
    with setting(admin, "requirepass", "made-up-password"):
        assert works(RedisStore(server.url.replace("//", "//:made-up-password@")))


def test_a_server_that_has_forgotten_the_script_is_told_it_again(admin: Any, redis_store: RedisStore) -> None:
    assert works(redis_store)
    admin.script_flush()
    assert works(redis_store)


# What somebody else put there


@pytest.mark.parametrize("part", ["records", "due", "log", "callers"])
def test_a_key_of_another_type_is_a_fault_and_never_an_answer(admin: Any, redis_store: RedisStore, part: str) -> None:
    admin.set(f"doorbot:{{{FRONT}}}:{part}", "not ours")
    fails_soon(lambda store: store.commit(EMPTY, {NOTICE: Notice("C", "", NOON)}, [AN_EVENT]), redis_store)


@pytest.mark.parametrize(
    ("part", "name"),
    [
        ("records", "read"),
        ("records", "read_many"),
        ("due", "due"),
        ("log", "read_log"),
        ("log", "read_logs"),
        ("log", "first_at"),
        ("log", "newest"),
        ("log", "read_lines"),
        ("log", "trim_log"),
        ("callers", "erase_callers"),
        ("callers", "erase_callers_at"),
    ],
)
def test_a_key_of_another_type_cannot_be_read(admin: Any, redis_store: RedisStore, part: str, name: str) -> None:
    assert redis_store.commit(EMPTY, {}, [AN_EVENT])
    admin.delete(f"doorbot:{{{FRONT}}}:{part}")
    admin.set(f"doorbot:{{{FRONT}}}:{part}", "not ours")
    fails_soon(EVERYTHING[name], redis_store)


def test_a_record_that_is_not_text_is_a_fault_and_the_next_answer_is_right(admin: Any, redis_store: RedisStore) -> None:
    assert redis_store.commit(EMPTY, {B: RECEIPT})
    admin.hset(RECORDS, A.name, b'{"v":1,"answer":"\xff\xfe","given_at":0}')
    with pytest.raises((UnicodeError, StoreUnavailable)):
        redis_store.read(FRONT, A)
    assert redis_store.read(FRONT, B).get(B) == RECEIPT


# Keys


def fill(store: RedisStore, *doors: str) -> None:
    """Write to every kind of key of these partitions."""
    for where in doors:
        event = AuditEvent(NOON, where.partition(":")[2], Action.RING, Outcome.RELEASED, caller="withheld")
        notice = Notice("C0FRONTDOOR", "Hello", NOON)
        assert store.commit(store.read(where, NOTICE), {NOTICE: notice}, [event])


def test_every_key_carries_the_hash_tag_of_its_partition(admin: Any, redis_store: RedisStore) -> None:
    fill(redis_store, FRONT, BACK, OFFICE)
    parts = ("records", "due", "log", "callers")
    tags = ("{door:front}", "{door:back}", "{office}")
    assert sorted(admin.keys()) == sorted(f"doorbot:{tag}:{part}" for tag in tags for part in parts)


def test_nothing_expires_by_the_servers_clock(admin: Any, redis_store: RedisStore) -> None:
    fill(redis_store, FRONT)
    assert set(map(admin.ttl, admin.keys())) == {-1}


@pytest.fixture
def cluster(starting_cluster: RedisServer) -> RedisServer:
    """A cluster of one, which refuses a script whose keys do not belong together."""
    with starting_cluster.client() as client:
        wait_until(lambda: "cluster_state:ok" in str(client.execute_command("CLUSTER", "INFO")), "the cluster is up", 9)
    return starting_cluster


def test_a_door_lives_in_one_slot_and_another_door_in_another(cluster: RedisServer) -> None:
    fill(RedisStore(cluster.url), FRONT, BACK, OFFICE)
    with cluster.client() as client:
        keys = client.keys()
        slots = {key: client.execute_command("CLUSTER", "KEYSLOT", key) for key in keys}
    found = [{slots[key] for key in keys if f"{{{where}}}" in key} for where in (FRONT, BACK, OFFICE)]
    assert len(keys) == 12
    assert list(map(len, found)) == [1, 1, 1]
    assert len(set.union(*found)) == 3


@every_call
def test_a_cluster_takes_every_call(cluster: RedisServer, call: Callable[[Store], Any]) -> None:
    store = RedisStore(cluster.url)
    call(store)
    assert works(store)
