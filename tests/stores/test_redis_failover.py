"""Servers that stand in for each other: who holds a door is known, also right after one of them died or hung."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from typing import Any

import pytest

from app.domain.audit import Action, AuditEvent, Outcome
from app.domain.errors import StoreUnavailable
from app.domain.notices import Notice
from app.domain.receipts import Receipt
from app.ports import OFFICE, Committed, DueRecord, Key, entries, partition
from app.stores import redis_connections
from app.stores.redis import RedisStore
from tests.redis_servers import RedisCluster, Sentinels, Standing
from tests.servers import RedisServer, wait_until

FRONT, BACK, SIDE = partition("front"), partition("back"), partition("side")
NOON = datetime(2026, 11, 23, 17, 0, tzinfo=UTC)
A = Key[Receipt]("receipt:a")
NOTICE = Key[Notice]("notice:1")
FIRST, SECOND = Receipt("first", NOON), Receipt("second", NOON)
AN_EVENT = AuditEvent(NOON, "front", Action.RING, Outcome.RELEASED, caller="withheld")
DETECTED_AFTER = 2
RECOVERED_SECONDS = 30  # of which most is this machine's, when it is busy


@pytest.fixture(scope="module")
def sentinels(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sentinels]:
    with Sentinels(tmp_path_factory.mktemp("sentinels"), detected_after=DETECTED_AFTER) as found:
        yield found


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RedisCluster]:
    with RedisCluster(tmp_path_factory.mktemp("cluster"), detected_after=DETECTED_AFTER) as found:
        yield found


@pytest.fixture(params=["sentinels", "cluster"])
def standing(request: pytest.FixtureRequest) -> Standing:
    """All servers are there, and nothing is stored."""
    found: Standing = request.getfixturevalue(request.param)
    found.restore()
    found.empty()
    return found


@pytest.fixture
def a_cluster(cluster: RedisCluster) -> RedisCluster:
    cluster.restore()
    cluster.empty()
    return cluster


@contextmanager
def opened(standing: Standing) -> Iterator[RedisStore]:
    """A store as a process has it that has answered rings before."""
    store = RedisStore(standing.url)
    store.tidy()
    yield store
    store.close()


def tried(act: Callable[[], Any]) -> Any:
    """What came of it; None where the store is away."""
    with suppress(StoreUnavailable):
        return act()
    return None


def comes(act: Callable[[], Any], what: str) -> Any:
    """What comes of it once the store is there."""
    found: list[Any] = []

    def came() -> bool:
        found[:] = [tried(act)]
        return found != [None]

    wait_until(came, what, RECOVERED_SECONDS)
    return found[0]


def put(store: RedisStore, value: Receipt, where: str = FRONT) -> Committed:
    return store.commit_widely(store.read(where, A), {A: value}, [AN_EVENT] if where == FRONT else [])


HOWS = pytest.mark.parametrize("how", [RedisServer.kill, RedisServer.freeze], ids=["killed", "frozen"])


@HOWS
def test_a_lock_that_a_copy_has_outlives_the_server_that_took_it(
    standing: Standing, how: Callable[[RedisServer], None]
) -> None:
    with opened(standing) as store, opened(standing) as idle:
        assert put(store, FIRST) is Committed.YES
        before = standing.holder(FRONT)
        how(before)
        with pytest.raises(StoreUnavailable):
            put(store, SECOND)
        tried(idle.tidy)  # as every two seconds; this one asks nothing more until the other server is there
        found = comes(lambda: store.read(FRONT, A).get(A) if standing.is_replaced(FRONT, before) else None, "a copy")
        assert found == FIRST
        assert comes(lambda: put(store, SECOND) is not Committed.NO or None, "it takes commits")
        before.restore()  # and believes for a while that nothing has happened
        for _ in range(20):
            assert tried(lambda: idle.read(FRONT, A).get(A)) in (None, SECOND)
        assert comes(lambda: idle.read(FRONT, A).get(A), "it is found") == SECOND
        assert [entry.seq for entry in entries(idle, FRONT)] == [2, 1]


def test_where_no_copy_answers_in_time_that_is_said_and_the_commit_holds(standing: Standing) -> None:
    with opened(standing) as store:
        holder = standing.holder(FRONT)
        copies = [each for each in standing.servers if each is not holder and is_copy_of(each, holder)]
        for each in copies:
            each.freeze()
        assert put(store, FIRST) is Committed.HERE_ONLY
        assert store.read(FRONT, A).get(A) == FIRST
        assert store.commit(store.read(FRONT, A), {A: SECOND}), "an ordinary commit waits for nobody"
        for each in copies:
            each.thaw()
        assert comes(lambda: put(store, FIRST) is Committed.YES or None, "the copies are back")


def is_copy_of(server: RedisServer, holder: RedisServer) -> bool:
    return server.client().info("replication").get("master_port") == holder.port


def test_a_commit_that_was_lost_to_another_is_no_commit(standing: Standing) -> None:
    with opened(standing) as store:
        snapshot = store.read(FRONT, A)
        assert put(store, FIRST) is Committed.YES
        assert store.commit_widely(snapshot, {A: SECOND}) is Committed.NO
        assert store.read(FRONT, A).get(A) == FIRST


def test_a_server_alone_has_nobody_to_wait_for(redis_server: RedisServer) -> None:
    redis_server.empty()
    store = RedisStore(redis_server.url)
    assert put(store, FIRST) is Committed.YES
    store.close()


def test_a_cluster_without_replicas_has_nobody_to_wait_for(tmp_path: Any) -> None:
    with RedisCluster(tmp_path, replicas=0) as alone, opened(alone) as store:
        assert {put(store, FIRST, where) for where in (FRONT, BACK, SIDE, OFFICE)} == {Committed.YES}


def test_a_door_that_moved_to_another_server_is_followed_and_a_commit_is_carried_out_once(
    a_cluster: RedisCluster,
) -> None:
    with opened(a_cluster) as store:
        assert store.commit(store.read(FRONT, A), {A: FIRST}, [AN_EVENT])
        before = a_cluster.holder(FRONT)
        (copy,) = (each for each in a_cluster.servers if is_copy_of(each, before))
        copy.client().execute_command("CLUSTER", "FAILOVER")  # by an operator: nothing is lost, and nobody is away
        wait_until(lambda: before.client().role()[0] == "slave", "they changed places")
        assert store.commit(store.read(FRONT, A), {A: SECOND}, [AN_EVENT])
        assert [entry.seq for entry in entries(store, FRONT)] == [2, 1]
        a_cluster.restore()


def test_what_is_due_at_other_doors_goes_on_while_a_server_is_away(a_cluster: RedisCluster) -> None:
    with opened(a_cluster) as store:
        for where in (FRONT, BACK, SIDE, OFFICE):
            assert store.commit(store.read(where, NOTICE), {NOTICE: Notice("C0FRONTDOOR", "Hello", NOON)})
        holders = {where: a_cluster.holder(where) for where in (FRONT, BACK, SIDE, OFFICE)}
        there = [where for where in holders if holders[where] is not holders[FRONT]]
        assert there
        holders[FRONT].kill()
        assert store.due([*holders], NOON, 9) == [DueRecord(where, NOTICE.name) for where in there]
        with pytest.raises(StoreUnavailable):
            store.due([FRONT], NOON, 9)
        with pytest.raises(StoreUnavailable):
            store.tidy()
        assert [store.commit(store.read(where, NOTICE), {NOTICE: None}) for where in there] == [True] * len(there)


def test_fewer_than_half_of_the_sentinels_are_not_believed(
    sentinels: Sentinels, monkeypatch: pytest.MonkeyPatch
) -> None:
    sentinels.restore()
    sentinels.empty()
    with opened(sentinels) as store:
        assert put(store, FIRST) is Committed.YES
        sentinels.sentinels[0].freeze()
        store.tidy()
        sentinels.sentinels[1].freeze()
        with pytest.raises(StoreUnavailable):
            store.tidy()
        assert store.read(FRONT, A).get(A) == FIRST, "what was heard a moment ago still counts"
        monkeypatch.setattr(redis_connections, "RELIED_ON_SECONDS", 0.2)
        time.sleep(0.3)
        with pytest.raises(StoreUnavailable):
            store.read(FRONT, A)
        for each in sentinels.sentinels[:2]:
            each.thaw()
        assert comes(lambda: store.read(FRONT, A).get(A), "they are back") == FIRST


def test_a_server_that_sentinels_do_not_know_is_no_store(sentinels: Sentinels) -> None:
    store = RedisStore(sentinels.url.replace("/doorbot/", "/other/"))
    with pytest.raises(StoreUnavailable):
        store.ping()
    store.close()
