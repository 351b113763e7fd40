"""Changes a store behind DoorBot's back: on the raw SQLite file, and with a Redis client of its own."""

import json
import sqlite3
from abc import ABC, abstractmethod
from contextlib import closing
from typing import Any

import redis

from app.ports import Store
from app.stores.redis import RedisStore
from app.stores.sqlite import SqliteStore

Lines = list[tuple[int, bytes]]


class Tampering(ABC):
    """Whoever can write to the store, but does not have SECRET_KEY."""

    @abstractmethod
    def lines(self, log: str) -> Lines:
        """The entries of a log."""

    @abstractmethod
    def put_lines(self, log: str, lines: Lines) -> None:
        """Put other entries in their place; callers' numbers stay."""

    @abstractmethod
    def record(self, partition: str, key: str) -> str | None:
        """The text of a record."""

    @abstractmethod
    def put_record(self, partition: str, key: str, text: str | bytes | None) -> None:
        """Put another text in its place; None removes it."""

    def change(self, log: str, seq: int, old: bytes, new: bytes) -> None:
        """Change what an entry says."""
        self.put_lines(log, [(n, text.replace(old, new) if n == seq else text) for n, text in self.lines(log)])

    def flip(self, log: str, seq: int, bit: int) -> None:
        """Flip one bit of an entry."""
        changed = {n: bytearray(text) for n, text in self.lines(log) if n == seq}
        bit %= 8 * len(changed[seq])
        changed[seq][bit // 8] ^= 1 << bit % 8
        self.put_lines(log, [(n, bytes(changed.get(n, text))) for n, text in self.lines(log)])

    def remove(self, log: str, *seqs: int) -> None:
        self.put_lines(log, [line for line in self.lines(log) if line[0] not in seqs])

    def swap(self, log: str, one: int, other: int) -> None:
        texts = dict(self.lines(log))
        texts[one], texts[other] = texts[other], texts[one]
        self.put_lines(log, list(texts.items()))

    def insert(self, log: str, seq: int, text: bytes) -> None:
        """Put an entry in; the later ones move up."""
        texts = [each for _, each in self.lines(log)]
        first = self.lines(log)[0][0]
        texts.insert(seq - first, text)
        self.put_lines(log, list(enumerate(texts, first)))

    def change_record(self, partition: str, key: str, **fields: Any) -> None:
        """Change fields of a record."""
        stored = self.record(partition, key)
        assert stored is not None
        self.put_record(partition, key, json.dumps({**json.loads(stored), **fields}))


class InSqlite(Tampering):
    def __init__(self, store: SqliteStore) -> None:
        self._path = store._path

    def _do(self, sql: str, *values: Any) -> list[Any]:
        with closing(sqlite3.connect(self._path)) as connection, connection:
            return connection.execute(sql, values).fetchall()

    def lines(self, log: str) -> Lines:
        return self._do("SELECT seq, CAST(event AS BLOB) FROM log WHERE partition = ? ORDER BY seq", log)

    def put_lines(self, log: str, lines: Lines) -> None:
        callers = dict(self._do("SELECT seq, caller FROM log WHERE partition = ?", log))
        with closing(sqlite3.connect(self._path)) as connection, connection:
            connection.execute("DELETE FROM log WHERE partition = ?", (log,))
            rows = [(log, seq, text, callers.get(seq, "")) for seq, text in lines]
            connection.executemany("INSERT INTO log VALUES (?, ?, CAST(? AS TEXT), ?)", rows)

    def record(self, partition: str, key: str) -> str | None:
        found = self._do("SELECT value FROM records WHERE partition = ? AND key = ?", partition, key)
        return found[0][0] if found else None

    def put_record(self, partition: str, key: str, text: str | bytes | None) -> None:
        self._do("DELETE FROM records WHERE partition = ? AND key = ?", partition, key)
        if text is not None:
            self._do("INSERT INTO records VALUES (?, ?, CAST(? AS TEXT), NULL)", partition, key, text)


class InRedis(Tampering):
    def __init__(self, store: RedisStore) -> None:
        pool = store._servers.holding("office").client.connection_pool
        options = {**pool.connection_kwargs, "decode_responses": False}
        self._options = {name: options[name] for name in ("host", "port", "db", "decode_responses") if name in options}

    def _client(self) -> Any:
        return closing(redis.Redis(**self._options))

    def lines(self, log: str) -> Lines:
        with self._client() as client:
            found = client.xrange(f"doorbot:{{{log}}}:log")
        return [(int(number.split(b"-")[0]), fields[b"event"]) for number, fields in found]

    def put_lines(self, log: str, lines: Lines) -> None:
        """A stream takes numbers upwards only, so it is made anew; two of one number get a second part."""
        key, taken = f"doorbot:{{{log}}}:log", dict[int, int]()
        with self._client() as client:
            client.delete(key)
            for seq, text in lines:
                taken[seq] = taken.get(seq, -1) + 1
                client.xadd(key, {"event": text}, id=f"{seq}-{taken[seq]}")

    def record(self, partition: str, key: str) -> str | None:
        with self._client() as client:
            found = client.hget(f"doorbot:{{{partition}}}:records", key)
        return None if found is None else found.decode()

    def put_record(self, partition: str, key: str, text: str | bytes | None) -> None:
        with self._client() as client:
            if text is None:
                client.hdel(f"doorbot:{{{partition}}}:records", key)
            else:
                client.hset(f"doorbot:{{{partition}}}:records", key, text)


def tampering(store: Store) -> Tampering:
    if isinstance(store, SqliteStore):
        return InSqlite(store)
    assert isinstance(store, RedisStore)
    return InRedis(store)
