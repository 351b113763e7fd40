"""The office's sealing key: made once, kept in the store under SECRET_KEY, wrapped anew when that is rotated."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from secrets import token_bytes

from app.domain.keys import Keys
from app.domain.seals import KEY_BYTES, NONCE_BYTES, SealingKey, has_its_logs, unwrap, with_logs, wrap
from app.ports import OFFICE, Key, Snapshot, Store
from app.usecases.sealed_logs import HEAD, read_each

SEALING_KEY = Key[SealingKey]("sealing_key")
NO_KEY_YET = "no_key_yet"
OTHER_SECRET, KEY_CHANGED, KEY_MISSING = "other_secret", "key_changed", "key_missing"


@dataclass(frozen=True)
class Opened:
    """The sealing key and the logs that have been sealed with it; or why there is none."""

    key: bytes = b""
    sealed: frozenset[str] = frozenset()
    problem: str = ""

    def also(self, logs: Sequence[str]) -> list[str]:
        """These logs, and the others that have been sealed: a door that nobody knows any more has its log."""
        return [*dict.fromkeys((*logs, *sorted(self.sealed)))]


class SealKeys:
    """Raises StoreUnavailable."""

    def __init__(self, store: Store, secret_keys: Sequence[str]) -> None:
        self._store = store
        self._keys = Keys(secret_keys, b"log seals")
        self._known: bytes | None = None  # while SECRET_KEY is rotated, another process may wrap it under a newer one

    def open(self, logs: Sequence[str]) -> Opened:
        """The key as it is on record; `logs` are those that may have been sealed. Changes nothing."""
        return self._opened(self._read(), logs)[0]

    def open_or_make(self, logs: Sequence[str]) -> Opened:
        """The same; where nothing was ever sealed a new key is made, and one under an older SECRET_KEY wrapped anew."""
        snapshot = self._read()
        opened, record = self._opened(snapshot, logs)
        if snapshot is None or opened.problem not in ("", NO_KEY_YET):
            return opened
        if opened.problem == NO_KEY_YET:
            record = self._new()
        elif record and self._wraps_anew(record):
            record = replace(self._wrapped(opened.key), sealed=record.sealed, mac=record.mac)
        else:
            return opened
        self._store.commit(snapshot, {SEALING_KEY: record})
        return self.open(logs)

    def add(self, logs: Iterable[str]) -> None:
        """Put on record that these logs are sealed from now on."""
        snapshot = self._read()
        record = snapshot.get(SEALING_KEY) if snapshot else None
        if snapshot and record and self._known and has_its_logs(record, self._known):
            self._store.commit(snapshot, {SEALING_KEY: with_logs(record, self._known, logs)})

    def forget(self, logs: Collection[str]) -> None:
        """Take these logs off the list: their chains are to begin anew."""
        snapshot = self._read()
        record = snapshot.get(SEALING_KEY) if snapshot else None
        if snapshot and record and self._known and has_its_logs(record, self._known):
            left = [log for log in record.sealed if log not in logs]
            self._store.commit(snapshot, {SEALING_KEY: with_logs(replace(record, sealed=()), self._known, left)})

    def renew(self) -> None:
        """A new key in place of one that is lost: nothing that was sealed before can be verified any more."""
        self._store.commit(Snapshot(OFFICE, {}, {}), {SEALING_KEY: self._new()})

    def _read(self) -> Snapshot | None:
        return read_each(self._store, [(OFFICE, [SEALING_KEY])])[0]

    def _opened(self, snapshot: Snapshot | None, logs: Sequence[str]) -> tuple[Opened, SealingKey | None]:
        if snapshot is None:
            return Opened(problem=KEY_CHANGED), None
        record = snapshot.get(SEALING_KEY)
        if record is None:
            heads = read_each(self._store, [(log, [HEAD]) for log in logs])
            is_sealed = bool(self._known) or any(head is None or head.get(HEAD) is not None for head in heads)
            return Opened(problem=KEY_MISSING if is_sealed else NO_KEY_YET), None
        under = self._keys.by_id.get(record.key_id)
        key = self._known if under is None else unwrap(record.wrapped, under)
        if key is None:
            return Opened(problem=OTHER_SECRET if under is None else KEY_CHANGED), record
        if not has_its_logs(record, key):
            return Opened(problem=KEY_CHANGED), record
        self._known = key
        return Opened(key, frozenset(record.sealed)), record

    def _wraps_anew(self, record: SealingKey) -> bool:
        """Whether it is wrapped under a key that is about to go; one that we don't know is newer than all of ours."""
        return record.key_id != self._keys.first_id and record.key_id in self._keys.by_id

    def _new(self) -> SealingKey:
        key = token_bytes(KEY_BYTES)
        return with_logs(self._wrapped(key), key, ())

    def _wrapped(self, key: bytes) -> SealingKey:
        return SealingKey(self._keys.first_id, wrap(key, self._keys.first, token_bytes(NONCE_BYTES)))
