"""Who holds which records: one server, the one that Sentinels name, or the masters of a cluster.

What is known of that is asked from several at once, and whoever is dead or hangs is not waited for.
"""

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass
from functools import partial
from typing import Any, Protocol

import redis
from redis.backoff import NoBackoff
from redis.crc import REDIS_CLUSTER_HASH_SLOTS, key_slot
from redis.retry import Retry

from app.domain.errors import StoreUnavailable
from app.redis_urls import Address, Kind, RedisUrl

LOOK_SECONDS = 0.3  # so long a ring may wait until it is known who holds its door
MOST_AT_ONCE = 32
ARGUMENTS = re.compile(r",? with args beginning with:.*", re.DOTALL)
EVERYTHING = (0, REDIS_CLUSTER_HASH_SLOTS - 1)


@dataclass(frozen=True)
class View:
    """Which server holds which slots, the newest claims first; `has_copies`: whether servers have replicas."""

    claims: tuple[tuple[int, int, Address], ...]
    has_copies: bool = False

    def holder(self, partition: str) -> Address:
        """The server that holds a partition: its name is the hash tag of its keys."""
        slot = 0 if len(self.claims) == 1 else key_slot(partition.encode())
        for first, last, address in self.claims:
            if first <= slot <= last:
                return address
        raise StoreUnavailable(f"Redis: no server of the cluster holds {partition}")

    @property
    def addresses(self) -> tuple[Address, ...]:
        """Every server that holds something, once."""
        return tuple(dict.fromkeys(address for _, _, address in self.claims))


class Views(Protocol):
    """`look` tells who holds what now, or raises StoreUnavailable; `close` closes what was needed for it."""

    def look(self) -> View: ...
    def close(self) -> None: ...


def views(url: RedisUrl) -> Views:
    """What a REDIS_URL leads to."""
    kinds: dict[Kind, Callable[[RedisUrl], Views]] = {Kind.SENTINEL: Sentinels, Kind.CLUSTER: Cluster}
    return kinds.get(url.kind, One)(url)


class One:
    """A server that is always the same."""

    def __init__(self, url: RedisUrl) -> None:
        self._view = View(((*EVERYTHING, url.hosts[0]),))

    def look(self) -> View:
        return self._view

    def close(self) -> None:
        """There is nothing to close."""


class Sentinels:
    """Half of the Sentinels in REDIS_URL must name the same server, or nobody knows who is right."""

    def __init__(self, url: RedisUrl) -> None:
        self._name = url.name
        self._hosts = url.hosts
        self._asked = Asked(url.sentinel)
        self.close = self._asked.close

    def look(self) -> View:
        votes = Counter[Address]()
        for _, found in self._asked.all(self._hosts, ("SENTINEL", "GET-MASTER-ADDR-BY-NAME", self._name)):
            if found:
                address = (str(found[0]), int(found[1]))
                votes[address] += 1
                if 2 * votes[address] > len(self._hosts):
                    break
        named = votes.most_common(2)
        if not named or 2 * named[0][1] < len(self._hosts) or (len(named) > 1 and named[1][1] == named[0][1]):
            raise StoreUnavailable(
                f"Redis: {len(self._hosts)} Sentinels don't name {self._name}. {self._asked.problem}"
            )
        return View(((*EVERYTHING, named[0][0]),), has_copies=True)


class Cluster:
    """Any node knows all others. Where nodes disagree, the newer claim to a slot counts: that of the higher epoch."""

    def __init__(self, url: RedisUrl) -> None:
        self._is_tls = url.scheme == "rediss"
        self._hosts = url.hosts
        self._nodes: tuple[Address, ...] = ()  # as the cluster told them last
        self._asked = Asked(url.server)
        self.close = self._asked.close

    def look(self) -> View:
        claims: set[tuple[int, int, int, Address]] = set()
        nodes: set[Address] = set()
        hosts = tuple(dict.fromkeys((*self._hosts, *self._nodes)))
        for answers, (asked, found) in enumerate(self._asked.all(hosts, ("CLUSTER NODES",)), start=1):
            for where, node in found.items():
                if (address := self._address(asked, where, node)) is not None:
                    nodes.add(address)
                    claims |= {(-int(node["epoch"]), int(each[0]), int(each[-1]), address) for each in node["slots"]}
            if 2 * answers > len(hosts):
                break
        if not claims:
            raise StoreUnavailable(f"Redis: no node of the cluster tells who holds what. {self._asked.problem}")
        self._nodes = tuple(nodes)
        view = View(tuple((first, last, address) for _, first, last, address in sorted(claims)))
        return View(view.claims, has_copies=len(nodes) > len(view.addresses))

    def _address(self, asked: Address, where: str, node: dict[str, Any]) -> Address | None:
        """Where a node is: by name where its certificate needs that; one without a name of its own is whom we asked."""
        host, _, port = where.rpartition(":")
        if "noaddr" in node["flags"] or "handshake" in node["flags"] or not port.isdigit():
            return None
        name = node["hostname"] if self._is_tls else ""
        return (name or host or asked[0], int(port))


class Asked:
    """Connections to those who know, and what was wrong with the last answers."""

    def __init__(self, url_of: Callable[[Address], str]) -> None:
        self._url_of = url_of
        self._clients: dict[Address, Any] = {}
        self._pool = ThreadPoolExecutor(MOST_AT_ONCE, thread_name_prefix="redis-views")
        self.problem = ""

    def all(self, hosts: Iterable[Address], command: tuple[str, ...]) -> Iterator[tuple[Address, Any]]:
        """Ask all at once; each answer as it comes, until the time is over."""
        asked = {self._pool.submit(partial(self._client(host).execute_command, *command)): host for host in hosts}
        try:
            for each in as_completed(asked, LOOK_SECONDS):
                if (error := each.exception()) is None:
                    yield asked[each], each.result()
                else:
                    self.problem = told(error)
        except TimeoutError:
            self.problem = "Not all answered in time"

    def _client(self, address: Address) -> Any:
        if address not in self._clients:
            self._clients[address] = client(self._url_of(address), LOOK_SECONDS)
        return self._clients[address]

    def close(self) -> None:
        """Close all connections."""
        self._pool.shutdown(wait=False)
        for each in self._clients.values():
            each.close()


def told(error: BaseException) -> str:
    """A fault in words. A server that does not know a command repeats its arguments: of AUTH that is the password."""
    return f"{type(error).__name__}: {ARGUMENTS.sub('', str(error))}"


def client(url: str, seconds: float) -> Any:
    """Connects when it is first needed. Any: redis-py types every answer as bytes or text; ours are text."""
    return redis.Redis.from_url(
        url,
        socket_timeout=seconds,
        socket_connect_timeout=seconds,
        retry=Retry(NoBackoff(), 0),  # a commit sent twice could be carried out twice
        health_check_interval=25,
        decode_responses=True,
        protocol=2,  # with no driver_info: a new connection asks nothing before its first command
        driver_info=None,
    )
