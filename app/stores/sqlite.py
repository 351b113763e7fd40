"""The embedded store: one SQLite file, safe across the server's processes.

WAL with `synchronous=FULL`: a commit that was confirmed survives a power cut
(sqlite.org/pragma.html#pragma_synchronous). Writes begin with BEGIN IMMEDIATE: a transaction that starts by reading
fails at once when another one has written meanwhile (sqlite.org/isolation.html). Checkpoints are made in `tidy`,
never by a commit.
"""

import sqlite3
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from datetime import datetime
from pathlib import Path
from typing import Any

from app.domain.audit import AuditEvent, LogEntry
from app.domain.errors import StoreUnavailable
from app.ports import DueRecord, Key, Snapshot
from app.stores import records
from app.stores.seek import first_not_older

BUSY_SECONDS = 0.8  # a ring waits so long for another process's commit, then a human is called
SCHEMA = """
CREATE TABLE IF NOT EXISTS records (
    partition TEXT NOT NULL, key TEXT NOT NULL, value TEXT NOT NULL, due INTEGER, PRIMARY KEY (partition, key)
) STRICT, WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS records_due ON records (partition, due) WHERE due IS NOT NULL;
CREATE TABLE IF NOT EXISTS counters (partition TEXT PRIMARY KEY, seq INTEGER NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS log (
    partition TEXT NOT NULL, seq INTEGER NOT NULL, event TEXT NOT NULL, PRIMARY KEY (partition, seq)
) STRICT, WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS callers (
    partition TEXT NOT NULL, seq INTEGER NOT NULL, caller TEXT NOT NULL, PRIMARY KEY (partition, seq)
) STRICT, WITHOUT ROWID;
"""
UPSERT = """INSERT INTO records VALUES (?, ?, ?, ?)
ON CONFLICT DO UPDATE SET value = excluded.value, due = excluded.due"""
NEXT_SEQ = "INSERT INTO counters VALUES (?, 1) ON CONFLICT DO UPDATE SET seq = seq + 1 RETURNING seq"
PAGE = """SELECT log.seq, log.event, coalesce(callers.caller, '') FROM log LEFT JOIN callers USING (partition, seq)
WHERE log.partition = ? AND log.seq < ? ORDER BY log.seq DESC LIMIT ?"""
ENDS = "SELECT (SELECT min(seq) FROM log WHERE partition = ?), (SELECT max(seq) FROM log WHERE partition = ?)"
NO_LIMIT = 2**63 - 1


class SqliteStore:
    """`app.ports.Store` on one file. A connection belongs to one thread and is opened when it is first needed."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._local = threading.local()

    def read(self, partition: str, *keys: Key[Any]) -> Snapshot:
        names = [key.name for key in keys]
        marks = ",".join("?" * len(names))
        with self._connection() as connection:
            found = dict(
                connection.execute(
                    f"SELECT key, value FROM records WHERE partition = ? AND key IN ({marks})",  # noqa: S608
                    (partition, *names),
                ).fetchall()
            )
        stored = {name: found.get(name) for name in names}
        return Snapshot(partition, {name: records.decode(name, text) for name, text in stored.items()}, stored)

    def commit(
        self, snapshot: Snapshot, writes: Mapping[Key[Any], object | None], events: Sequence[AuditEvent] = ()
    ) -> bool:
        rows = [(key.name, records.stored_form(value)) for key, value in writes.items()]
        lines = [(records.encode_event(event), event.caller) for event in events]
        with self._transaction() as connection:
            for name, expected in snapshot.stored.items():
                row = connection.execute(
                    "SELECT value FROM records WHERE partition = ? AND key = ?", (snapshot.partition, name)
                ).fetchone()
                if (row[0] if row else None) != expected:
                    return False
            for name, form in rows:
                _write(connection, snapshot.partition, name, form)
            for line, caller in lines:
                _append(connection, snapshot.partition, line, caller)
        return True

    def due(self, partitions: Sequence[str], now: datetime, limit: int) -> list[DueRecord]:
        found: list[DueRecord] = []
        with self._connection() as connection:
            for partition in partitions:
                rows = connection.execute(
                    "SELECT key FROM records WHERE partition = ? AND due <= ? ORDER BY due LIMIT ?",
                    (partition, records.to_micros(now), limit - len(found)),
                )
                found += [DueRecord(partition, name) for (name,) in rows]
        return found

    def read_log(self, partition: str, *, before: int | None = None, limit: int = 100) -> list[LogEntry]:
        with self._connection() as connection:
            rows = connection.execute(PAGE, (partition, NO_LIMIT if before is None else before, limit)).fetchall()
        return [records.log_entry(partition, *row) for row in rows]

    def trim_log(self, partition: str, older_than: datetime) -> int:
        with self._transaction() as connection:
            end = self._end_of(connection, partition, older_than)
            connection.execute("DELETE FROM callers WHERE partition = ? AND seq < ?", (partition, end))
            return connection.execute("DELETE FROM log WHERE partition = ? AND seq < ?", (partition, end)).rowcount

    def erase_callers(self, partition: str, older_than: datetime) -> int:
        with self._transaction() as connection:
            end = self._end_of(connection, partition, older_than)
            return connection.execute("DELETE FROM callers WHERE partition = ? AND seq < ?", (partition, end)).rowcount

    def ping(self) -> None:
        with self._connection() as connection:
            connection.execute("SELECT count(*) FROM records WHERE partition = ''").fetchone()

    def tidy(self) -> None:
        """Copy the write-ahead log back into the file, as far as nobody reads it."""
        with self._connection() as connection:
            connection.execute("PRAGMA wal_checkpoint(PASSIVE)").fetchall()

    def _end_of(self, connection: sqlite3.Connection, partition: str, older_than: datetime) -> int:
        """The `seq` of the first entry that is not older."""
        first, last = connection.execute(ENDS, (partition, partition)).fetchone()
        if first is None:
            return 0

        def event_at(seq: int) -> str:
            found: str = connection.execute(
                "SELECT event FROM log WHERE partition = ? AND seq = ?", (partition, seq)
            ).fetchone()[0]
            return found

        return first_not_older(first, last, event_at, older_than)

    @contextmanager
    def _connection(self) -> Iterator[sqlite3.Connection]:
        """This thread's connection; dropped after a fault, so that the next use starts afresh."""
        try:
            connection = getattr(self._local, "connection", None)
            if connection is None:
                connection = self._local.connection = self._open()
            yield connection
        except sqlite3.Error as error:
            self._close()
            raise StoreUnavailable(f"SQLite: {error}") from error

    @contextmanager
    def _transaction(self) -> Iterator[sqlite3.Connection]:
        with self._connection() as connection:
            connection.execute("BEGIN IMMEDIATE")
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

    def _open(self) -> sqlite3.Connection:
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise StoreUnavailable(f"SQLite: {error}") from error
        connection = sqlite3.connect(self._path, timeout=BUSY_SECONDS, isolation_level=None)
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = FULL")
        connection.execute("PRAGMA wal_autocheckpoint = 0")
        connection.executescript(SCHEMA)
        return connection


def _write(connection: sqlite3.Connection, partition: str, name: str, form: tuple[str, int | None] | None) -> None:
    if form is None:
        connection.execute("DELETE FROM records WHERE partition = ? AND key = ?", (partition, name))
    else:
        connection.execute(UPSERT, (partition, name, *form))


def _append(connection: sqlite3.Connection, partition: str, line: str, caller: str) -> None:
    (seq,) = connection.execute(NEXT_SEQ, (partition,)).fetchone()
    connection.execute("INSERT INTO log VALUES (?, ?, ?)", (partition, seq, line))
    if caller:
        connection.execute("INSERT INTO callers VALUES (?, ?, ?)", (partition, seq, caller))
