"""Copies of the embedded store: made while the server runs, put back while it does not."""

import fcntl
import os
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from datetime import datetime
from pathlib import Path

from app.domain.errors import DoorBotError
from app.stores import tables

WAIT_SECONDS = 10
ONLY_OURS = 0o600  # the file holds callers' numbers
TABLES = {"records", "log", "trimmed"}


def back_up(store: Path, copy: Path) -> None:
    """Copy the embedded store as it is at one moment. Nobody waits for it. DoorBotError says what is in the way."""
    with _explained(f"{copy} could not be written"):
        if not store.is_file():
            raise DoorBotError(f"There is no store at {store}: set SQLITE_PATH as the server has it.")
        if copy.exists():
            raise DoorBotError(f"{copy} exists already. Give each backup a name of its own.")
        if not copy.parent.is_dir():
            raise DoorBotError(f"There is no folder {copy.parent}: make it first.")
        with _part_of(copy) as part:
            with closing(_connect(store)) as connection:
                connection.execute("VACUUM INTO ?", (str(part),))
            _check(part)
            _fsync(part)
            os.replace(part, copy)


def put_back(copy: Path, store: Path, now: datetime) -> Path | None:
    """Make a copy the embedded store. Returns where the store that was there lies now, None where there was none."""
    with _explained(f"{copy} could not be put back"):
        if not copy.is_file():
            raise DoorBotError(f"There is no file {copy}.")
        _check(copy)
        store = store.resolve()  # of a link the file that it leads to
        store.parent.mkdir(parents=True, exist_ok=True)
        before = store.with_name(f"{store.name}.before-{now:%Y%m%dT%H%M%SZ}") if store.exists() else None
        with _part_of(store) as part:
            shutil.copyfile(copy, part)
            _give_to_owner(part, store if before else store.parent)
            _fsync(part)
            if before:
                with _closed(store):
                    _set_aside(store, before)
                    os.replace(part, store)
            else:
                os.replace(part, store)
    return before


@contextmanager
def _part_of(file: Path) -> Iterator[Path]:
    """An empty file beside this one that nobody else may read; gone at the end, unless it was given another name."""
    part = file.with_name(f"{file.name}.part")
    descriptor = os.open(part, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW, ONLY_OURS)
    try:
        try:  # a lock of our own: what one that was killed left behind is not locked, and is used again
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            is_ours = os.path.samestat(os.fstat(descriptor), part.stat())
        except (BlockingIOError, FileNotFoundError):
            is_ours = False
        if not is_ours:  # or it has got its name in this very moment, and is finished
            raise DoorBotError(f"Somebody else is writing {file} just now. Wait until that is done.")
        os.fchmod(descriptor, ONLY_OURS)
        os.ftruncate(descriptor, 0)
        try:
            yield part
        finally:
            part.unlink(missing_ok=True)
    finally:
        os.close(descriptor)


def _give_to_owner(part: Path, like: Path) -> None:
    """What root puts back must be the server's still."""
    if os.geteuid() == 0:
        owner = like.stat()
        os.chown(part, owner.st_uid, owner.st_gid)


def _set_aside(store: Path, before: Path) -> None:
    """Keep what is there under another name, and its own until another file has that: a server that finds nothing
    makes an empty store, in which no lockdown is in force."""
    if before.exists():
        raise DoorBotError("A copy was put back in this very second. Try again.")
    for end in ("-wal", "-shm"):  # a write-ahead log must never be found beside another file
        with suppress(FileNotFoundError):
            os.replace(f"{store}{end}", f"{before}{end}")
    try:
        os.link(store, before)
    except OSError:  # a disk on which no file has two names
        os.replace(store, before)


@contextmanager
def _closed(store: Path) -> Iterator[None]:
    """Have nothing left in the write-ahead log, and nobody begin another; refused while anybody has the file open."""
    with closing(_connect(store, 0)) as connection:
        try:
            connection.execute("PRAGMA journal_mode = DELETE")
            connection.execute("BEGIN EXCLUSIVE")
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY:
                raise
            raise DoorBotError("The server is running on this store. Stop it first.") from None
        except sqlite3.DatabaseError:
            pass  # it is broken: that is why it is replaced
        yield


def _check(file: Path) -> None:
    """Whether this is a store of ours, and whole."""
    with closing(_connect(file)) as connection:
        (found,) = connection.execute("PRAGMA integrity_check(1)").fetchone()
        (version,) = connection.execute("PRAGMA user_version").fetchone()
        names = {name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
    if found != "ok":
        raise DoorBotError(f"{file} is damaged: {found}")
    if not names >= TABLES:
        raise DoorBotError(f"{file} is no store of DoorBot's.")
    if version > tables.VERSION:
        raise DoorBotError(f"{file} was written by a later release of DoorBot.")


def _connect(file: Path, wait: float = WAIT_SECONDS) -> sqlite3.Connection:
    return sqlite3.connect(f"{file.resolve().as_uri()}?mode=rw", uri=True, isolation_level=None, timeout=wait)


def _fsync(part: Path) -> None:
    """Have a finished file on the disk before it gets its name, so that a power cut leaves it whole or not at all."""
    for each in (part, part.parent):
        descriptor = os.open(each, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


@contextmanager
def _explained(what: str) -> Iterator[None]:
    try:
        yield
    except (OSError, sqlite3.Error) as error:
        raise DoorBotError(f"{what}: {error}") from error
