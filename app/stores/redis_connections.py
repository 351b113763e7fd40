"""The servers of a Redis store: their connections, their clocks, and which of them holds a door at this moment."""

import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from threading import Lock
from typing import Any

import redis

from app.domain.errors import StoreUnavailable
from app.ports import Committed
from app.redis_urls import Address, Kind, parse
from app.stores.redis_views import LOOK_SECONDS, View, client, views

TIMEOUT_SECONDS = 0.4  # of one connect and of one answer; a ring makes two round trips and must end within two seconds
COPIES, COPY_SECONDS = 1, 0.4  # so many replicas are to have a lock, within so long
RELIED_ON_SECONDS = 5.0  # on what was heard of who holds what; a server must be dead for as long before it is replaced
WARY_SECONDS = 10.0  # after a fault of a server it is asked each time whether it is still the one
AT_ONCE_SECONDS = 0.1  # whoever asks at the same time gets the same answer
SCRIPT = Path(__file__).with_name("commit.lua").read_text()
TOO_LATE = -1


class Server:
    """A server that holds records. Its clock may be any: the deadline of a commit is reckoned in its own time."""

    def __init__(self, url: str) -> None:
        self.client = client(url, TIMEOUT_SECONDS)
        self._patient = client(url, TIMEOUT_SECONDS + COPY_SECONDS)
        self._script = self.client.register_script(SCRIPT)
        self._ahead: float | None = None  # the server's clock minus our monotonic one, in seconds

    def commit(self, keys: Sequence[str], arguments: Sequence[str | int], by: Any = None) -> bool:
        """Carry a commit out; False where an expectation did not hold."""
        for _ in range(2):
            outcome = self._script(keys, [self._deadline(), *arguments], client=by or self.client)
            if outcome != TOO_LATE:
                return bool(outcome == 1)
            self._ahead = None  # we are still waiting, so it is a clock that is wrong: compare them, once
        raise StoreUnavailable("Redis: the commit arrived too late")

    def commit_widely(self, keys: Sequence[str], arguments: Sequence[str | int]) -> Committed:
        """The same, and wait for a replica."""
        with self._patient.client() as connection:  # WAIT waits for what was written by its own connection
            if not self.commit(keys, arguments, connection):
                return Committed.NO
            try:
                copies = connection.wait(COPIES, int(COPY_SECONDS * 1000))
            except redis.RedisError:
                copies = 0
        return Committed.YES if copies >= COPIES else Committed.HERE_ONLY

    def compare_clocks(self) -> float:
        """Also makes sure that the server has the script."""
        (seconds, micros), _ = self.client.pipeline(transaction=False).time().script_load(SCRIPT).execute()
        self._ahead = seconds + micros / 1_000_000 - time.monotonic()
        return self._ahead

    def close(self) -> None:
        """Close what is not in use."""
        for each in (self.client, self._patient):
            each.connection_pool.disconnect(inuse_connections=False)

    def _deadline(self) -> int:
        """Until when the server may carry out a commit sent now, in microseconds of its own clock."""
        ahead = self._ahead  # once: another thread may forget it at any time
        if ahead is None:
            ahead = self.compare_clocks()
        return int((time.monotonic() + ahead + TIMEOUT_SECONDS) * 1_000_000)


class Known:
    """What a look told, and when it began."""

    def __init__(self, view: View, servers: dict[Address, Server], at: float) -> None:
        self.view = view
        self.servers = servers
        self.at = at


class Servers:
    """The servers that a REDIS_URL leads to. Every method may raise StoreUnavailable.

    A server that hung and was replaced may not know it when it comes back, and still show a door as it was. So what is
    known of who holds what counts for a few seconds only, and for a moment where a server failed just now.
    """

    def __init__(self, url: str) -> None:
        self._url = parse(url)
        self._views = views(self._url)
        self._looking = Lock()
        self._known: Known | None = None
        self._failed_at = float("-inf")
        self._doubted: dict[Address, float] = {}  # which server failed, and when

    def holding(self, partition: str) -> Server:
        """The server that holds a partition."""
        ((server, _),) = self.together([partition])
        return server

    def together(self, partitions: Sequence[str]) -> list[tuple[Server, list[int]]]:
        """The servers that hold these partitions, each with the places of its own among them."""
        known = self._current(partitions)
        found: dict[Address, list[int]] = {}
        for place, each in enumerate(partitions):
            found.setdefault(known.view.holder(each), []).append(place)
        return [(known.servers[address], places) for address, places in found.items()]

    def each(self) -> list[Server]:
        """All of them."""
        return list(self._current([]).servers.values())

    def have_copies(self) -> bool:
        """Whether there are replicas, which get everything a moment later."""
        return self._current([]).view.has_copies

    def close(self) -> None:
        """Close what is not in use."""
        for each in self._known.servers.values() if self._known else ():
            each.close()
        self._views.close()

    @contextmanager
    def watched(self, server: Server) -> Iterator[None]:
        """After a fault it is asked for a while, each time, whether this is still the server to be used."""
        try:
            yield
        except redis.RedisError:
            known = self._known
            for address, each in known.servers.items() if known else ():
                if each is server:
                    self._doubted[address] = time.monotonic()
            raise

    def look(self) -> None:
        """Ask who holds what."""
        self._look(time.monotonic())

    def _current(self, partitions: Sequence[str]) -> Known:
        """What is known, asked again where it can't be relied on."""
        now, known = time.monotonic(), self._known
        if known is None or known.at < now - RELIED_ON_SECONDS:
            return self._look(now - AT_ONCE_SECONDS)
        if self._doubted and known.at < now - AT_ONCE_SECONDS:
            holders = {known.view.holder(each) for each in partitions}
            if any(self._doubted.get(address, 0.0) > now - WARY_SECONDS for address in holders):
                return self._look(now - AT_ONCE_SECONDS)
        return known

    def _look(self, since: float) -> Known:
        """What is known since a moment: asked by one, for all who want to know at the same time."""
        if not self._looking.acquire(timeout=LOOK_SECONDS):
            raise StoreUnavailable("Redis: it takes too long to find out who holds what")
        try:
            known = self._known
            if known is not None and known.at >= since:
                return known
            if self._failed_at >= since:
                raise StoreUnavailable("Redis: nobody tells who holds what")
            return self._looked(known.servers if known else {}, time.monotonic())
        finally:
            self._looking.release()

    def _looked(self, before: dict[Address, Server], at: float) -> Known:
        try:
            view = self._views.look()
        except StoreUnavailable:
            self._failed_at = at
            raise
        servers = {each: before.get(each) or Server(self._url.server(each)) for each in view.addresses}
        is_fixed = self._url.kind is Kind.ONE
        self._known = Known(view, servers, float("inf") if is_fixed else at)
        self._doubted = {each: when for each, when in self._doubted.items() if when > at - WARY_SECONDS}
        for address in before.keys() - servers.keys():
            before[address].close()
        return self._known
