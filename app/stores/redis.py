"""The Redis store. Each door is a hash tag of its own, so that a cluster can spread the doors.

`doorbot:{door:front}:records` (hash), `:due` (sorted set by time), `:log` (stream, id `<seq>-0`), `:callers` (sorted
set by seq). One script per commit (redis.io/docs/latest/develop/programmability/eval-intro).
"""

import time
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from itertools import count
from pathlib import Path
from typing import Any, TypeVar

import redis
from redis.backoff import NoBackoff
from redis.client import NEVER_DECODE
from redis.retry import Retry

from app.domain.audit import AuditEvent, LogEntry
from app.domain.errors import StoreUnavailable
from app.ports import DueRecord, Key, LogLine, Snapshot
from app.stores import records
from app.stores.batches import Batch

T = TypeVar("T")

TIMEOUT_SECONDS = 0.4  # of one connect and of one answer; a ring makes two round trips and must end within two seconds
SLOW_SECONDS = 2 * TIMEOUT_SECONDS  # for a new connection and a read
SCRIPT = Path(__file__).with_name("commit.lua").read_text()
SEEK = Path(__file__).with_name("seek.lua").read_text()
TOO_LATE = -1
PIECE = 5000  # callers erased at once
MOST = 2**64 - 1  # the highest number that a stream can have
AS_BYTES: dict[str, Any] = {NEVER_DECODE: True}  # one flipped bit must not keep a whole log from being read


class RedisStore:
    """`app.ports.Store` on one Redis or Valkey server. Connects when it is first needed."""

    def __init__(self, url: str) -> None:
        # Any: redis-py types every answer as bytes or text; ours are text (decode_responses)
        self._client: Any = redis.Redis.from_url(
            url,
            socket_timeout=TIMEOUT_SECONDS,
            socket_connect_timeout=TIMEOUT_SECONDS,
            retry=Retry(NoBackoff(), 0),  # a commit sent twice could be carried out twice
            health_check_interval=25,
            decode_responses=True,
            protocol=2,  # with no driver_info: a new connection asks nothing before its first command
            driver_info=None,
        )
        self._commit = self._client.register_script(SCRIPT)
        self._ahead: float | None = None  # the server's clock minus our monotonic one, in seconds

    def read(self, partition: str, *keys: Key[Any]) -> Snapshot:
        names = [key.name for key in keys]
        found: list[str | None] = _in_time(lambda: self._client.hmget(_key(partition, "records"), names))
        return records.snapshot(partition, dict(zip(names, found, strict=True)))

    def read_many(self, reads: Sequence[tuple[str, Sequence[Key[Any]]]]) -> list[Snapshot]:
        asked = [(partition, [key.name for key in keys]) for partition, keys in reads]

        def read() -> list[list[str | None]]:
            pipeline = self._client.pipeline(transaction=False)
            for partition, names in asked:
                pipeline.hmget(_key(partition, "records"), names)
            answers: list[list[str | None]] = pipeline.execute()
            return answers

        found = zip(asked, _in_time(read), strict=True)
        return [
            records.snapshot(partition, dict(zip(names, texts, strict=True))) for (partition, names), texts in found
        ]

    def commit(
        self, snapshot: Snapshot, writes: Mapping[Key[Any], object | None], events: Sequence[AuditEvent] = ()
    ) -> bool:
        arguments: list[str | int] = [len(snapshot.stored), len(writes), len(events)]
        for name, text in snapshot.stored.items():
            arguments += [name, text or ""]
        for key, value in writes.items():
            text, due = records.stored_form(value) or ("", None)
            arguments += [key.name, text, "" if due is None else due]
        for event in events:
            arguments += [records.encode_event(event), event.caller]
        keys = [_key(snapshot.partition, part) for part in ("records", "due", "log", "callers")]
        for _ in range(2):
            with _faults_translated():
                outcome = self._commit(keys, [self._deadline(), *arguments])
            if outcome != TOO_LATE:
                return bool(outcome == 1)
            self._ahead = None  # we are still waiting, so it is a clock that is wrong: compare them, once
        raise StoreUnavailable("Redis: the commit arrived too late")

    def due(
        self, partitions: Sequence[str], now: datetime, limit: int, kinds: Collection[str] | None = None
    ) -> list[DueRecord]:
        batches = {partition: Batch(limit, kinds) for partition in partitions}
        asked, latest = list(batches), records.to_micros(now)
        with _faults_translated():
            for start in count(0, limit):
                pipeline = self._client.pipeline(transaction=False)
                for partition in asked:
                    pipeline.zrangebyscore(_key(partition, "due"), "-inf", latest, start=start, num=limit)
                pages = dict(zip(asked, pipeline.execute(), strict=True))
                for partition, names in pages.items():
                    for name in names:
                        batches[partition].add(name)
                asked = [each for each, names in pages.items() if len(names) == limit and not batches[each].is_full]
                if not asked:
                    break
        return [DueRecord(partition, name) for partition, batch in batches.items() for name in batch.names]

    def read_log(self, partition: str, *, before: int | None = None, limit: int = 100) -> list[LogEntry]:
        (found,) = self.read_logs([partition], limit, before=None if before is None else [before])
        return found

    def read_logs(
        self, partitions: Sequence[str], limit: int, *, before: Sequence[int] | None = None
    ) -> list[list[LogEntry]]:
        newest = ["+"] * len(partitions) if before is None else [f"({min(max(seq, 1), MOST)}-0" for seq in before]
        with _faults_translated():
            pipeline = self._client.pipeline(transaction=False)
            for partition, each in zip(partitions, newest, strict=True):
                pipeline.execute_command("XREVRANGE", _key(partition, "log"), each, "-", "COUNT", limit, **AS_BYTES)
            pages = [_lines(found) for found in pipeline.execute()]
            for partition, lines in zip(partitions, pages, strict=True):
                if lines:
                    pipeline.zrangebyscore(_key(partition, "callers"), lines[-1][0], lines[0][0])
            callers = iter(pipeline.execute())
        found = zip(partitions, pages, strict=True)
        return [_entries(partition, lines, next(callers)) if lines else [] for partition, lines in found]

    def first_at(self, partitions: Sequence[str], moment: datetime) -> list[int]:
        micros = records.to_micros(moment)
        with _faults_translated():
            pipeline = self._client.pipeline(transaction=False)
            for partition in partitions:
                pipeline.eval(SEEK, 1, _key(partition, "log"), micros)
            return [int(seq) for seq in pipeline.execute()]

    def newest(self, partitions: Sequence[str]) -> list[int]:
        with _faults_translated():
            pipeline = self._client.pipeline(transaction=False)
            for partition in partitions:
                pipeline.execute_command("XREVRANGE", _key(partition, "log"), "+", "-", "COUNT", 1, **AS_BYTES)
            return [_number(found[0][0]) if found else 0 for found in pipeline.execute()]

    def read_lines(self, partition: str, *, after: int, limit: int) -> list[LogLine]:
        with _faults_translated():
            first = f"({max(after, 0)}-0"
            found = self._client.execute_command(
                "XRANGE", _key(partition, "log"), first, "+", "COUNT", limit, **AS_BYTES
            )
        return [LogLine(*line) for line in _lines(found)]

    def trim_log(self, partition: str, below: int) -> int:
        with _faults_translated():
            self._client.zremrangebyscore(_key(partition, "callers"), "-inf", f"({below}")
            return int(self._client.xtrim(_key(partition, "log"), minid=f"{max(below, 0)}-0", approximate=False))

    def erase_callers(self, partition: str, below: int) -> int:
        key, erased, has_more = _key(partition, "callers"), 0, True
        with _faults_translated():
            while has_more:  # in pieces: nobody's commit waits for more
                found = self._client.zrangebyscore(key, "-inf", f"({below}", PIECE, 1, withscores=True)
                upto, has_more = (found[0][1] if found else below), bool(found)
                erased += self._client.zremrangebyscore(key, "-inf", f"({upto:.0f}")
        return erased

    def erase_callers_at(self, partition: str, seqs: Sequence[int]) -> int:
        with _faults_translated():
            pipeline = self._client.pipeline(transaction=False)
            for seq in seqs:
                pipeline.zremrangebyscore(_key(partition, "callers"), seq, seq)
            return sum(pipeline.execute())

    def ping(self) -> None:
        with _faults_translated():
            self._client.ping()

    def tidy(self) -> None:
        """Compare clocks with the server, for the deadlines of commits, and make sure that it has the script."""
        with _faults_translated():
            self._compare_clocks()

    def _deadline(self) -> int:
        """Until when the server may carry out a commit sent now, in microseconds of its own clock."""
        ahead = self._ahead  # once: another thread may forget it at any time
        if ahead is None:
            ahead = self._compare_clocks()
        return int((time.monotonic() + ahead + TIMEOUT_SECONDS) * 1_000_000)

    def _compare_clocks(self) -> float:
        (seconds, micros), _ = self._client.pipeline(transaction=False).time().script_load(SCRIPT).execute()
        self._ahead = seconds + micros / 1_000_000 - time.monotonic()
        return self._ahead


def _lines(found: list[tuple[bytes, dict[bytes, bytes]]]) -> list[tuple[int, str]]:
    """The number and the stored form of each entry of a page."""
    return [(_number(number), fields.get(b"event", b"").decode(errors="replace")) for number, fields in found]


def _number(stream_id: bytes) -> int:
    return int(stream_id.partition(b"-")[0])


def _entries(partition: str, lines: list[tuple[int, str]], callers: list[str]) -> list[LogEntry]:
    """A page of a log, put together again with its callers."""
    pairs = (member.partition(" ") for member in callers)
    known = {int(seq): caller for seq, _, caller in pairs}
    return records.log_entries(partition, [(seq, line, known.get(seq, "")) for seq, line in lines])


def _key(partition: str, part: str) -> str:
    return f"doorbot:{{{partition}}}:{part}"


def _in_time(read: Callable[[], T]) -> T:
    """A connection may have died while it was idle: unlike a commit, reading can simply be done again."""
    began = time.monotonic()
    with _faults_translated():
        try:
            found = read()
        except redis.ConnectionError:
            found = read()
    if time.monotonic() - began > SLOW_SECONDS:  # there would be no time left for a commit
        raise StoreUnavailable("Redis: too slow")
    return found


@contextmanager
def _faults_translated() -> Iterator[None]:
    try:
        yield
    except redis.RedisError as error:
        raise StoreUnavailable(f"Redis: {type(error).__name__}: {error}") from error
