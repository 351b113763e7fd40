"""The embedded store: one SQLite file, safe across the server's processes.

WAL with `synchronous=FULL`: a commit that was confirmed survives a power cut
(sqlite.org/pragma.html#pragma_synchronous). Writes begin with BEGIN IMMEDIATE: a transaction that starts by reading
fails at once when another one has written meanwhile (sqlite.org/isolation.html). Checkpoints are made in `tidy`,
never by a commit.
"""

import os
import sqlite3
import threading
import time
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager, suppress
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any

from app.domain.audit import AuditEvent, LogEntry
from app.domain.errors import StoreUnavailable
from app.ports import Committed, DueRecord, Key, LogLine, Snapshot
from app.stores import records, tables
from app.stores import sqlite_log as log
from app.stores.batches import Batch
from app.stores.sqlite_files import BUSY_TIMEOUT, prepare

RESTART_MILLISECONDS = 50  # so long a commit may wait for a write-ahead log that begins anew, and that for a backup
LARGE_WAL = 1000  # pages; a log that is reused from its start costs a commit half as much as one that grows


class SqliteStore:
    """`app.ports.Store` on one file. A connection belongs to one thread and is opened when it is first needed."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._name = str(path)
        self._local = threading.local()
        self._opened: int | None = None

    def read(self, partition: str, *keys: Key[Any]) -> Snapshot:
        with self._connection() as connection:
            stored = _read(connection, partition, [key.name for key in keys])
        return records.snapshot(partition, stored)

    def read_many(self, reads: Sequence[tuple[str, Sequence[Key[Any]]]]) -> list[Snapshot]:
        asked = [(where, tuple(key.name for key in keys)) for where, keys in reads]
        found = {each: dict.fromkeys(each[1]) for each in asked}
        alike = {names: [where for where, others in found if others == names] for names in {each[1] for each in asked}}
        with self._transaction("BEGIN") as connection:
            for names, partitions in alike.items():  # a statement for each door would cost twice as much
                query = tables.READ_MANY.format(_marks(len(partitions)), _marks(len(names)))
                for where, name, text in connection.execute(query, (*partitions, *names)):
                    found[where, names][name] = text
        return [records.snapshot(where, found[where, names]) for where, names in asked]

    def commit(
        self, snapshot: Snapshot, writes: Mapping[Key[Any], object | None], events: Sequence[AuditEvent] = ()
    ) -> bool:
        partition = snapshot.partition
        forms = [(key.name, records.stored_form(value)) for key, value in writes.items()]
        lines = [(partition, records.encode_event(event), event.caller) for event in events]
        with self._transaction() as connection:
            if _read(connection, partition, list(snapshot.stored)) != snapshot.stored:
                return False
            for name, form in forms:
                if form is None:
                    connection.execute("DELETE FROM records WHERE partition = ? AND key = ?", (partition, name))
                else:
                    connection.execute(tables.UPSERT, (partition, name, *form))
            for line in lines:
                connection.execute(tables.APPEND, line)
        return True

    def commit_widely(
        self, snapshot: Snapshot, writes: Mapping[Key[Any], object | None], events: Sequence[AuditEvent] = ()
    ) -> Committed:
        return Committed.YES if self.commit(snapshot, writes, events) else Committed.NO

    def due(
        self, partitions: Sequence[str], now: datetime, limit: int, kinds: Collection[str] | None = None
    ) -> list[DueRecord]:
        found: list[DueRecord] = []
        with self._transaction("BEGIN") as connection:
            for partition in partitions:
                batch = Batch(limit, kinds)
                with closing(connection.execute(tables.DUE, (partition, records.to_micros(now)))) as rows:
                    for (name,) in rows:
                        batch.add(name)
                        if batch.is_full:
                            break
                found += [DueRecord(partition, name) for name in batch.names]
        return found

    def read_log(self, partition: str, *, before: int | None = None, limit: int = 100) -> list[LogEntry]:
        with self._connection() as connection:
            below = log.NO_LIMIT if before is None else log.bound(before)
            rows = connection.execute(tables.PAGE, (partition, below, limit)).fetchall()
        return log.entries(partition, rows)

    def read_logs(
        self, partitions: Sequence[str], limit: int, *, before: Sequence[int] | None = None
    ) -> list[list[LogEntry]]:
        below = [*map(log.bound, before)] if before else [log.NO_LIMIT] * len(partitions)
        asked = [*zip(partitions, below, strict=True)]
        with self._transaction("BEGIN") as connection:
            pages = [connection.execute(tables.PAGE, (*each, limit)).fetchall() for each in asked]
        return [log.entries(partition, rows) for partition, rows in zip(partitions, pages, strict=True)]

    def first_at(self, partitions: Sequence[str], moment: datetime) -> list[int]:
        with self._transaction("BEGIN") as connection:
            return [log.first_at(connection, partition, moment) for partition in partitions]

    def newest(self, partitions: Sequence[str]) -> list[int]:
        with self._transaction("BEGIN") as connection:
            return [connection.execute(tables.NEWEST, (partition,)).fetchone()[0] for partition in partitions]

    def read_lines(self, partition: str, *, after: int, limit: int) -> list[LogLine]:
        with self._connection() as connection:
            rows = connection.execute(tables.LINES, (partition, log.bound(after), limit))
            return [LogLine(seq, log.text(raw)) for seq, raw in rows]

    def trim_log(self, partition: str, below: int) -> int:
        with self._transaction() as connection:
            connection.execute(tables.MARK_LAST, (partition,))
            return connection.execute("DELETE FROM log WHERE partition = ? AND seq < ?", (partition, below)).rowcount

    def erase_callers(self, partition: str, below: int) -> int:
        erased, upto = 0, None
        while upto != below:
            if upto is not None:  # whoever waits for the lock looks now and then, and must find it free
                time.sleep(log.PAUSE)
            with self._transaction() as connection:
                (first,) = connection.execute(tables.ERASED_BELOW, (partition,)).fetchone()
                row = connection.execute(tables.NTH, (partition, first, below, log.PIECE)).fetchone()
                upto = row[0] if row else below
                erased += connection.execute(tables.ERASE, (partition, first, upto)).rowcount
                connection.execute(tables.MARK_ERASED, (partition, upto))
        return erased

    def erase_callers_at(self, partition: str, seqs: Sequence[int]) -> int:
        with self._transaction() as connection:
            query = tables.ERASE_AT.format(_marks(len(seqs)))
            return connection.execute(query, (partition, *seqs)).rowcount

    def ping(self) -> None:
        with self._connection() as connection:
            connection.execute("SELECT count(*) FROM records WHERE partition = ''").fetchone()

    def tidy(self) -> None:
        """Copy the write-ahead log back into the file, and where it grew let it begin anew, for which commits wait."""
        with self._connection() as connection:
            _, pages, _ = connection.execute("PRAGMA wal_checkpoint(PASSIVE)").fetchone()
            if pages > LARGE_WAL:
                connection.execute(f"PRAGMA busy_timeout = {RESTART_MILLISECONDS}")
                try:
                    connection.execute("PRAGMA wal_checkpoint(RESTART)").fetchone()
                finally:
                    connection.execute(BUSY_TIMEOUT)

    @contextmanager
    def _connection(self) -> Iterator[sqlite3.Connection]:
        """This thread's connection; dropped after a fault, so that the next use starts afresh."""
        try:
            if getattr(self._local, "connection", None) is None or self._local.file != self._file():
                self._close()
                self._file()
                self._local.connection = self._open()
                self._local.file = self._opened = self._file()
            yield self._local.connection
        except sqlite3.Error as error:
            self._close()
            raise StoreUnavailable(f"SQLite: {error}") from error

    @contextmanager
    def _transaction(self, begin: str = "BEGIN IMMEDIATE") -> Iterator[sqlite3.Connection]:
        with self._connection() as connection:
            connection.execute(begin)
            try:
                yield connection
                connection.execute("COMMIT")
            finally:
                if connection.in_transaction:
                    connection.execute("ROLLBACK")

    def _close(self) -> None:
        connection, self._local.connection = getattr(self._local, "connection", None), None
        if connection is not None:
            with suppress(sqlite3.Error):
                connection.close()

    def _file(self) -> int | None:
        """Which file has our name: one that was replaced is opened anew, one that vanished is not made again."""
        opened = self._opened  # before the file is looked for: another thread may be making it
        try:
            return os.stat(self._name).st_ino
        except OSError as error:
            if opened is None:
                return None
            raise StoreUnavailable(f"SQLite: {error}") from error

    def _open(self) -> sqlite3.Connection:
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise StoreUnavailable(f"SQLite: {error}") from error
        connection = sqlite3.connect(self._path, timeout=0.1, isolation_level=None)
        connection.text_factory = bytes.decode  # what is no text is an unreadable record, and no store that is away
        try:
            prepare(connection, self._path)
        except Exception:
            connection.close()
            raise
        return connection


def _read(connection: sqlite3.Connection, partition: str, names: list[str]) -> dict[str, str | None]:
    """What is stored under each name, None where nothing is."""
    found = dict(connection.execute(_read_query(len(names)), (partition, *names)).fetchall())
    return {name: found.get(name) for name in names}


@cache
def _read_query(number: int) -> str:
    return tables.READ.format(_marks(number))


def _marks(number: int) -> str:
    return ",".join("?" * number)
