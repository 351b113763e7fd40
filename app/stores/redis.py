"""The Redis store. Each door is a hash tag of its own, so that a cluster can spread the doors.

`doorbot:{door:front}:records` (hash), `:due` (sorted set by time), `:log` (stream, id `<seq>-0`), `:callers` (sorted
set by seq). One script per commit (redis.io/docs/latest/develop/programmability/eval-intro).
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import datetime
from itertools import count
from pathlib import Path
from typing import Any, TypeVar

import redis
from redis.client import NEVER_DECODE

from app.domain.audit import AuditEvent, LogEntry
from app.domain.errors import StoreUnavailable
from app.ports import Committed, DueRecord, Key, LogLine, Snapshot
from app.stores import records
from app.stores import redis_forms as forms
from app.stores.batches import Batch
from app.stores.redis_connections import Server, Servers
from app.stores.redis_facts import facts
from app.stores.redis_faults import faults_translated, in_time
from app.stores.redis_forms import key

T = TypeVar("T")

SEEK = Path(__file__).with_name("seek.lua").read_text()
PIECE = 5000  # callers erased at once
MOST = 2**64 - 1  # the highest number that a stream can have
AS_BYTES: dict[str, Any] = {NEVER_DECODE: True}  # one flipped bit must not keep a whole log from being read

Ask = Callable[[Any, int], object]  # puts the question about one of several partitions into a pipeline


class RedisStore:
    """`app.ports.Store` on Redis or Valkey: one server, Sentinels or a cluster. Connects when it is first needed."""

    def __init__(self, url: str) -> None:
        self._servers = Servers(url)

    def read(self, partition: str, *keys: Key[Any]) -> Snapshot:
        names = [each.name for each in keys]
        found: list[str | None] = in_time(
            lambda: self._on(partition, lambda server: server.client.hmget(key(partition, "records"), names))
        )
        return records.snapshot(partition, dict(zip(names, found, strict=True)))

    def read_many(self, reads: Sequence[tuple[str, Sequence[Key[Any]]]]) -> list[Snapshot]:
        asked = [(partition, [each.name for each in keys]) for partition, keys in reads]

        def ask(pipeline: Any, place: int) -> None:
            pipeline.hmget(key(asked[place][0], "records"), asked[place][1])

        found = zip(asked, in_time(lambda: self._together([each for each, _ in asked], ask)), strict=True)
        return [
            records.snapshot(partition, dict(zip(names, texts, strict=True))) for (partition, names), texts in found
        ]

    def commit(
        self, snapshot: Snapshot, writes: Mapping[Key[Any], object | None], events: Sequence[AuditEvent] = ()
    ) -> bool:
        keys, arguments = forms.for_script(snapshot, writes, events)
        return self._on(snapshot.partition, lambda server: server.commit(keys, arguments))

    def commit_widely(
        self, snapshot: Snapshot, writes: Mapping[Key[Any], object | None], events: Sequence[AuditEvent] = ()
    ) -> Committed:
        with faults_translated():
            has_copies = self._servers.have_copies()
        if not has_copies:
            return Committed.YES if self.commit(snapshot, writes, events) else Committed.NO
        keys, arguments = forms.for_script(snapshot, writes, events)
        return self._on(snapshot.partition, lambda server: server.commit_widely(keys, arguments))

    def due(
        self, partitions: Sequence[str], now: datetime, limit: int, kinds: Collection[str] | None = None
    ) -> list[DueRecord]:
        batches = {partition: Batch(limit, kinds) for partition in partitions}
        failed: StoreUnavailable | None = None
        with faults_translated():
            for server, places in self._servers.together([*batches]):
                try:
                    self._due(server, {each: batches[each] for each in map([*batches].__getitem__, places)}, now, limit)
                except StoreUnavailable as error:  # what is due on other servers need not wait
                    failed = error
        found = [DueRecord(partition, name) for partition, batch in batches.items() for name in batch.names]
        if failed and not found:
            raise failed
        return found

    def _due(self, server: Server, batches: Mapping[str, Batch], now: datetime, limit: int) -> None:
        """Fill these batches, page by page; all are of one server."""
        asked, latest = list(batches), records.to_micros(now)
        for start in count(0, limit):
            with faults_translated(), self._servers.watched(server):
                pipeline = server.client.pipeline(transaction=False)
                for partition in asked:
                    pipeline.zrangebyscore(key(partition, "due"), "-inf", latest, start=start, num=limit)
                pages = dict(zip(asked, pipeline.execute(), strict=True))
            for partition, names in pages.items():
                for name in names:
                    batches[partition].add(name)
            asked = [each for each, names in pages.items() if len(names) == limit and not batches[each].is_full]
            if not asked:
                break

    def read_log(self, partition: str, *, before: int | None = None, limit: int = 100) -> list[LogEntry]:
        (found,) = self.read_logs([partition], limit, before=None if before is None else [before])
        return found

    def read_logs(
        self, partitions: Sequence[str], limit: int, *, before: Sequence[int] | None = None
    ) -> list[list[LogEntry]]:
        newest = ["+"] * len(partitions) if before is None else [f"({min(max(seq, 1), MOST)}-0" for seq in before]

        def ask(pipeline: Any, place: int) -> None:
            log = key(partitions[place], "log")
            pipeline.execute_command("XREVRANGE", log, newest[place], "-", "COUNT", limit, **AS_BYTES)

        pages = [forms.lines(found) for found in self._together(partitions, ask)]
        filled = [place for place, lines in enumerate(pages) if lines]

        def ask_callers(pipeline: Any, place: int) -> None:
            lines = pages[filled[place]]
            pipeline.zrangebyscore(key(partitions[filled[place]], "callers"), lines[-1][0], lines[0][0])

        callers = iter(self._together([partitions[place] for place in filled], ask_callers))
        found = zip(partitions, pages, strict=True)
        return [forms.entries(partition, lines, next(callers)) if lines else [] for partition, lines in found]

    def first_at(self, partitions: Sequence[str], moment: datetime) -> list[int]:
        micros = records.to_micros(moment)

        def ask(pipeline: Any, place: int) -> None:
            pipeline.eval(SEEK, 1, key(partitions[place], "log"), micros)

        return [int(seq) for seq in self._together(partitions, ask)]

    def newest(self, partitions: Sequence[str]) -> list[int]:
        def ask(pipeline: Any, place: int) -> None:
            pipeline.execute_command("XREVRANGE", key(partitions[place], "log"), "+", "-", "COUNT", 1, **AS_BYTES)

        return [forms.number(found[0][0]) if found else 0 for found in self._together(partitions, ask)]

    def read_lines(self, partition: str, *, after: int, limit: int) -> list[LogLine]:
        asked = ("XRANGE", key(partition, "log"), f"({max(after, 0)}-0", "+", "COUNT", limit)
        found = self._on(partition, lambda server: server.client.execute_command(*asked, **AS_BYTES))
        return [LogLine(*line) for line in forms.lines(found)]

    def trim_log(self, partition: str, below: int) -> int:
        self.erase_callers(partition, below)
        first = f"{max(below, 0)}-0"
        return self._on(
            partition, lambda server: int(server.client.xtrim(key(partition, "log"), minid=first, approximate=False))
        )

    def erase_callers(self, partition: str, below: int) -> int:
        callers, erased, has_more = key(partition, "callers"), 0, True

        def next_piece(server: Server) -> Any:
            return server.client.zrangebyscore(callers, "-inf", f"({below}", PIECE, 1, withscores=True)

        while has_more:  # in pieces: nobody's commit waits for more
            found = self._on(partition, next_piece)
            end, has_more = (f"({found[0][1]:.0f}" if found else f"({below}"), bool(found)
            erased += self._erase_callers(partition, end)
        return erased

    def _erase_callers(self, partition: str, end: str) -> int:
        callers = key(partition, "callers")
        return self._on(partition, lambda server: int(server.client.zremrangebyscore(callers, "-inf", end)))

    def erase_callers_at(self, partition: str, seqs: Sequence[int]) -> int:
        def ask(pipeline: Any, place: int) -> None:
            pipeline.zremrangebyscore(key(partition, "callers"), seqs[place], seqs[place])

        return sum(self._together([partition] * len(seqs), ask))

    def ping(self) -> None:
        self._on_each(lambda server: server.client.ping())

    def tidy(self) -> None:
        """Find out who holds what, and compare clocks with every server, for the deadlines of commits."""
        with faults_translated():
            self._servers.look()
        self._on_each(Server.compare_clocks)

    def facts(self) -> list[dict[str, str]]:
        """What each server says of itself and of how it keeps what it is told: for whoever sets it up."""
        with faults_translated():
            return [facts(each.client) for each in self._servers.each()]

    def close(self) -> None:
        """Close what is not in use."""
        self._servers.close()

    def _on(self, partition: str, act: Callable[[Server], T]) -> T:
        """Do something on the server that holds a partition; one that holds it no more does nothing and says so."""
        with faults_translated():
            try:
                server = self._servers.holding(partition)
                with self._servers.watched(server):
                    return act(server)
            except redis.exceptions.MovedError:
                self._servers.look()
                return act(self._servers.holding(partition))

    def _together(self, partitions: Sequence[str], ask: Ask) -> list[Any]:
        """The answers to a question about each of these partitions: one round trip to each server that holds some."""
        answers: list[Any] = [None] * len(partitions)
        with faults_translated():
            for server, places in self._servers.together(partitions):
                with self._servers.watched(server):
                    pipeline = server.client.pipeline(transaction=False)
                    for place in places:
                        ask(pipeline, place)
                    for place, answer in zip(places, pipeline.execute(), strict=True):
                        answers[place] = answer
        return answers

    def _on_each(self, act: Callable[[Server], object]) -> None:
        """Do something on every server, also where one of them is away."""
        failed: redis.RedisError | None = None
        with faults_translated():
            for server in self._servers.each():
                try:
                    with self._servers.watched(server):
                        act(server)
                except redis.RedisError as error:
                    failed = error
            if failed:
                raise failed
