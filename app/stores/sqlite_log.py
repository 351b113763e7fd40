"""Reading a log of the embedded store. What is no text any more is read all the same."""

import sqlite3
from bisect import bisect_left
from contextlib import closing
from datetime import datetime
from functools import partial
from math import copysign, inf

from app.domain.audit import LogEntry
from app.stores import records, tables

NO_LIMIT = 2**63 - 1
MOST = 2**53  # no entry of ours has a higher number
PIECE, PAUSE = 1000, 0.01  # callers erased in one transaction; seconds until the next one, for others' commits


def entries(partition: str, rows: list[tuple[int, bytes, bytes]]) -> list[LogEntry]:
    return records.log_entries(partition, [(seq, text(event), text(caller)) for seq, event, caller in rows])


def bound(number: int) -> int | float:
    """A number that entries' numbers are compared with, also where it is none that a column can hold."""
    return number if -NO_LIMIT <= number <= NO_LIMIT else copysign(inf, number)


def text(raw: bytes) -> str:
    """A text of a log: one flipped bit must not keep the whole of it from being read."""
    return raw.decode(errors="replace")


def first_at(connection: sqlite3.Connection, partition: str, moment: datetime) -> int:
    first, last = connection.execute(tables.ENDS, (partition, MOST)).fetchone()
    if first is None:
        return 0
    micros = records.to_micros(moment)
    return bisect_left(range(last + 1), micros, lo=first, key=partial(_micros_at, connection, partition))


def _micros_at(connection: sqlite3.Connection, partition: str, seq: int) -> int:
    """When this entry was written, or the next one whose time can be read."""
    with closing(connection.execute(tables.FROM, (partition, seq))) as rows:
        times = (records.event_micros(text(raw)) for (raw,) in rows)
        return next((micros for micros in times if micros is not None), NO_LIMIT)
