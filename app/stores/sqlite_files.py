"""How a file of the embedded store is opened: durable, without checkpoints in a commit, and of our release."""

import sqlite3
import time
from pathlib import Path

from app.domain.errors import StoreUnavailable
from app.stores import tables

BUSY_SECONDS = 0.8  # a ring waits so long for another process's commit, then a human is called
BUSY_TIMEOUT = f"PRAGMA busy_timeout = {BUSY_SECONDS * 1000:.0f}"


def prepare(connection: sqlite3.Connection, path: Path) -> None:
    """Set a connection up, and make the tables where there are none. Raises StoreUnavailable, sqlite3.Error."""
    _use_wal(connection)
    connection.execute(BUSY_TIMEOUT)
    connection.execute("PRAGMA synchronous = FULL")
    connection.execute("PRAGMA wal_autocheckpoint = 0")
    connection.execute("PRAGMA secure_delete = FAST")  # an erased number is overwritten
    (version,) = connection.execute("PRAGMA user_version").fetchone()
    if version > tables.VERSION:
        raise StoreUnavailable(f"SQLite: {path} was written by a later release of DoorBot")
    if version < tables.VERSION:
        connection.executescript(tables.SCHEMA)


def _use_wal(connection: sqlite3.Connection) -> None:
    """Of several that turn a new file to WAL at once, SQLite refuses some without waiting."""
    for pause in (0.01, 0.02, 0.04, 0.08, 0.16, None):
        try:
            connection.execute("PRAGMA journal_mode = WAL")
            return
        except sqlite3.OperationalError as error:
            if pause is None or error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY:
                raise
            time.sleep(pause)
