"""What is particular to the embedded store: its file, its write-ahead log, and what can go wrong with them."""

import itertools
import multiprocessing
import os
import resource
import shutil
import sqlite3
import stat
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from contextlib import AbstractContextManager, closing, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from app.domain.audit import Action, AuditEvent, Outcome
from app.domain.errors import StoreUnavailable
from app.domain.receipts import Receipt
from app.ports import Key, Snapshot, Store, entries
from app.stores.sqlite import SqliteStore
from app.stores.sqlite_files import BUSY_SECONDS

FRONT = "door:front"
NOON = datetime(2026, 11, 23, 17, 0, tzinfo=UTC)
A, B = Key[Receipt]("receipt:a"), Key[Receipt]("receipt:b")
RECEIPT = Receipt("first", NOON)
LARGE = Receipt("x" * 200_000, NOON)
ALSO_LARGE = Receipt("y" * 200_000, NOON)
EMPTY = Snapshot(FRONT, {}, {})
AN_EVENT = AuditEvent(NOON, "front", Action.RING, Outcome.RELEASED, caller="withheld")
NOBODY = 65534
AT_MOST_SECONDS = 2.0
NEW_FILES = 15
PAGE_BYTES = 4096

READS: dict[str, Callable[[Store], Any]] = {
    "read": lambda store: store.read(FRONT, A),
    "read_many": lambda store: store.read_many([(FRONT, [A]), ("door:back", [A, B])]),
    "due": lambda store: store.due([FRONT], NOON, 10),
    "read_log": lambda store: store.read_log(FRONT),
    "read_logs": lambda store: store.read_logs([FRONT], 10),
    "ping": lambda store: store.ping(),
    "tidy": lambda store: store.tidy(),
}
WRITES: dict[str, Callable[[Store], Any]] = {
    "commit": lambda store: store.commit(EMPTY, {A: RECEIPT}, [AN_EVENT]),
    "first_at": lambda store: store.first_at([FRONT], NOON),
    "newest": lambda store: store.newest([FRONT]),
    "read_lines": lambda store: store.read_lines(FRONT, after=0, limit=9),
    "erase_callers_at": lambda store: store.erase_callers_at(FRONT, [1]),
    "trim_log": lambda store: store.trim_log(FRONT, 5),
    "erase_callers": lambda store: store.erase_callers(FRONT, 5),
}
EVERYTHING = READS | WRITES


class Watched(SqliteStore):
    """Knows the connections that it opened."""

    def __init__(self, path: Path) -> None:
        super().__init__(path)
        self.connections: list[sqlite3.Connection] = []
        self.setting = ""

    def _open(self) -> sqlite3.Connection:
        connection = super()._open()
        if self.setting:
            connection.execute(self.setting)
        self.connections.append(connection)
        return connection


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "doorbot.db"


@pytest.fixture
def watched(file: Path) -> Watched:
    return Watched(file)


def fails_soon(call: Callable[[Store], Any], store: Store) -> None:
    """The call ends in StoreUnavailable before a visitor would have waited too long."""
    began = time.monotonic()
    with pytest.raises(StoreUnavailable):
        call(store)
    assert time.monotonic() - began < AT_MOST_SECONDS


def works(store: Store) -> bool:
    """Whether a commit goes in and can be read."""
    before = len(list(entries(store, FRONT)))
    assert store.commit(store.read(FRONT, A), {A: RECEIPT}, [AN_EVENT])
    return store.read(FRONT, A).get(A) == RECEIPT and len(list(entries(store, FRONT))) == before + 1


def holds(file: Path) -> tuple[int, int]:
    """How many records and log entries a file holds, seen by somebody else."""
    with closing(sqlite3.connect(file)) as connection:
        found: tuple[int, int] = connection.execute(
            "SELECT (SELECT count(*) FROM records), (SELECT count(*) FROM log)"
        ).fetchone()
        return found


def wal_of(file: Path) -> Path:
    return file.with_name(f"{file.name}-wal")


# How it is set up


@pytest.mark.parametrize(("pragma", "value"), [("journal_mode", "wal"), ("synchronous", 2), ("wal_autocheckpoint", 0)])
def test_a_confirmed_commit_survives_a_power_cut(watched: Watched, pragma: str, value: object) -> None:
    watched.ping()
    assert watched.connections[0].execute(f"PRAGMA {pragma}").fetchone() == (value,)


def test_every_table_is_strict(watched: Watched) -> None:
    watched.ping()
    query = "SELECT name, strict FROM pragma_table_list WHERE schema = 'main' AND name NOT LIKE 'sqlite%'"
    tables = dict(watched.connections[0].execute(query).fetchall())
    assert {"records", "log"} <= tables.keys()
    assert set(tables.values()) == {1}


def test_making_a_store_touches_no_file(file: Path) -> None:
    SqliteStore(file)
    assert not file.exists()


def test_a_missing_folder_is_made(tmp_path: Path) -> None:
    assert works(SqliteStore(tmp_path / "data" / "of" / "doorbot.db"))


def test_what_was_committed_is_there_for_the_next_process(file: Path) -> None:
    assert works(SqliteStore(file))
    assert SqliteStore(file).read(FRONT, A).get(A) == RECEIPT


def test_every_thread_has_a_connection_of_its_own(watched: Watched) -> None:
    start = threading.Barrier(8)

    def use(number: int) -> bool:
        start.wait(10)
        commits = [watched.commit(EMPTY, {Key(f"receipt:{number}"): RECEIPT}, [AN_EVENT]) for _ in range(3)]
        return all(commits)

    with ThreadPoolExecutor(8) as pool:
        assert all(pool.map(use, range(8)))
    assert len(set(map(id, watched.connections))) == 8


def test_one_thread_keeps_its_connection(watched: Watched) -> None:
    for call in EVERYTHING.values():
        call(watched)
    assert len(watched.connections) == 1


# Several who open it first


def open_first(folder: Path, start: Any, seq: int) -> bool:
    """Open new files together with others; whether every commit went in."""
    try:
        for number in range(NEW_FILES):
            start.wait(20)
            store = SqliteStore(folder / f"{number}.db")
            assert store.commit(EMPTY, {Key(f"receipt:{seq}"): RECEIPT}, [AN_EVENT])
    except BaseException:
        start.abort()  # nobody is to wait for one who will not come
        raise
    return True


_start: Any = None


def remember(start: Any) -> None:
    global _start
    _start = start


def open_first_in_process(folder: Path, seq: int) -> bool:
    return open_first(folder, _start, seq)


def test_several_processes_can_be_the_first_to_open_a_file(tmp_path: Path) -> None:
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(3, context, remember, (context.Barrier(3),)) as pool:
        assert list(pool.map(open_first_in_process, [tmp_path] * 3, range(3))) == [True] * 3
    assert {holds(tmp_path / f"{number}.db") for number in range(NEW_FILES)} == {(3, 3)}


def test_several_threads_can_be_the_first_to_open_a_file(tmp_path: Path) -> None:
    start = threading.Barrier(6)
    with ThreadPoolExecutor(6) as pool:
        assert all(pool.map(lambda seq: open_first(tmp_path, start, seq), range(6)))
    assert {holds(tmp_path / f"{number}.db") for number in range(NEW_FILES)} == {(6, 6)}


# The write-ahead log


def test_commits_never_copy_the_write_ahead_log_back(file: Path, watched: Watched) -> None:
    watched.ping()
    watched.tidy()
    before = file.read_bytes()
    for value in [LARGE, ALSO_LARGE] * 15:  # 6 MB; SQLite by itself would copy after 4
        assert watched.commit(EMPTY, {A: value}, [AN_EVENT])
    assert wal_of(file).stat().st_size > 30 * len(LARGE.answer)
    assert file.read_bytes() == before


def test_tidy_copies_the_write_ahead_log_into_the_file(file: Path, watched: Watched, tmp_path: Path) -> None:
    assert watched.commit(EMPTY, {A: LARGE}, [AN_EVENT])
    watched.tidy()
    alone = Path(shutil.copy(file, tmp_path / "copy.db"))  # without its write-ahead log
    assert holds(alone) == (1, 1)


def test_the_write_ahead_log_does_not_grow_where_it_is_tidied(file: Path, watched: Watched) -> None:
    def size_after_a_round() -> int:
        for value in [LARGE, ALSO_LARGE] * 3:
            assert watched.commit(EMPTY, {A: value}, [AN_EVENT])
        watched.tidy()
        return wal_of(file).stat().st_size

    first, *later = [size_after_a_round() for _ in range(5)]
    assert max(later) <= first + 10 * PAGE_BYTES


def test_tidy_does_not_wait_for_a_reader(file: Path, watched: Watched) -> None:
    assert works(watched)
    with closing(sqlite3.connect(file, isolation_level=None)) as reader:
        reader.execute("BEGIN")
        reader.execute("SELECT * FROM records").fetchall()
        assert works(watched)
        watched.tidy()
        assert works(watched)


def test_while_a_long_backup_reads_a_large_log_is_tidied_again_and_again_and_every_commit_is_made(
    file: Path, watched: Watched
) -> None:
    """A log that begins anew waits for readers, and meanwhile commits wait for it."""
    assert works(watched)
    with closing(sqlite3.connect(file, isolation_level=None)) as reader, ThreadPoolExecutor(1) as pool:
        reader.execute("BEGIN")
        reader.execute("SELECT * FROM records").fetchall()
        for value in [LARGE, ALSO_LARGE] * 15:
            assert watched.commit(EMPTY, {A: value}, [AN_EVENT])
        for _ in range(3):
            tidied = pool.submit(watched.tidy)
            while not tidied.done():
                assert watched.commit(EMPTY, {A: None}, [AN_EVENT])
            tidied.result()


# What is held by somebody else

HOLDER = """
import sqlite3, sys
connection = sqlite3.connect(sys.argv[1], isolation_level=None)
for statement in sys.argv[2:]:
    connection.execute(statement).fetchall()
print("held", flush=True)
sys.stdin.read()
"""
WRITING = ("BEGIN IMMEDIATE",)
ALONE = ("PRAGMA locking_mode = EXCLUSIVE", "BEGIN EXCLUSIVE")  # as some backup and repair tools do


@contextmanager
def held(file: Path, *statements: str) -> Iterator[None]:
    """Another process holds the file."""
    command = [sys.executable, "-c", HOLDER, str(file), *statements]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "held\n"
        yield
        holder.kill()


def make(file: Path) -> None:
    """Make a file that nobody has open."""
    store = Watched(file)
    assert works(store)
    store.connections[0].close()


@pytest.mark.parametrize("is_open", [True, False], ids=["open", "not yet open"])
def test_a_commit_gives_up_soon_while_another_process_writes(file: Path, is_open: bool) -> None:
    make(file)
    store = SqliteStore(file)
    if is_open:
        store.ping()
    with held(file, *WRITING):
        fails_soon(WRITES["commit"], store)
    assert holds(file) == (1, 1)
    assert works(store)


def test_everything_can_be_read_while_another_process_writes(file: Path) -> None:
    make(file)
    store = SqliteStore(file)
    with held(file, *WRITING):
        for call in READS.values():
            call(store)
        assert store.read(FRONT, A).get(A) == RECEIPT


def test_nothing_waits_long_for_a_process_that_wants_the_file_for_itself(file: Path) -> None:
    make(file)
    store = SqliteStore(file)
    with held(file, *ALONE):
        fails_soon(READS["read"], store)
    assert works(store)


def test_a_short_write_of_somebody_else_is_waited_for(file: Path, watched: Watched) -> None:
    watched.ping()
    with closing(sqlite3.connect(file, isolation_level=None, check_same_thread=False)) as writer:
        writer.execute("BEGIN IMMEDIATE")
        end = threading.Timer(BUSY_SECONDS / 4, writer.execute, ["ROLLBACK"])
        end.start()
        assert works(watched)
        end.join()


# What cannot be opened or written


@contextmanager
def forbidden(path: Path) -> Iterator[None]:
    """Nobody may write to a file or folder, and we are not root, whom nothing is forbidden."""
    before = stat.S_IMODE(path.stat().st_mode)
    path.chmod(before & ~0o222)
    is_root = os.geteuid() == 0
    try:
        if is_root:
            os.seteuid(NOBODY)
        yield
    finally:
        if is_root:
            os.seteuid(0)
        path.chmod(before)


@contextmanager
def in_the_way(path: Path, make: Callable[[Path], Any]) -> Iterator[None]:
    """Something else stands where a file or folder is expected."""
    make(path)
    yield
    path.rmdir() if path.is_dir() else path.unlink()


@pytest.fixture
def open_folder() -> Iterator[Path]:
    """A folder that every user of the machine can reach."""
    folder = Path(tempfile.mkdtemp())
    folder.chmod(0o777)
    yield folder
    shutil.rmtree(folder)


def garbage(path: Path) -> None:
    path.write_bytes(b"This is not a database. " * 1000)


def damaged(path: Path) -> None:
    """Begins like a database, and is none."""
    make(path)
    content = path.read_bytes()
    path.write_bytes(content[:100] + b"\xff" * (len(content) - 100))


FAULTS: dict[str, Callable[[Path], AbstractContextManager[None]]] = {
    "a file where the folder should be": lambda folder: in_the_way(folder / "data", Path.touch),
    "a folder where the file should be": lambda folder: in_the_way(folder / "data" / "door.db", make_folder),
    "not a database": lambda folder: in_the_way(folder / "data" / "door.db", lambda path: write_in(path, garbage)),
    "a damaged database": lambda folder: in_the_way(folder / "data" / "door.db", lambda path: write_in(path, damaged)),
    "a folder that cannot be made": forbidden,
    "a folder that cannot be written to": lambda folder: forbidden(write_in(folder / "data" / "x")),
}


def make_folder(path: Path) -> None:
    path.mkdir(parents=True)


def write_in(path: Path, write: Callable[[Path], Any] = lambda _: None) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    write(path)
    return path.parent


@pytest.mark.parametrize("fault", FAULTS.values(), ids=FAULTS.keys())
def test_a_file_that_cannot_be_opened_makes_the_store_unavailable_until_it_can(
    open_folder: Path, fault: Callable[[Path], AbstractContextManager[None]]
) -> None:
    store = SqliteStore(open_folder / "data" / "door.db")
    with fault(open_folder):
        for call in EVERYTHING.values():
            fails_soon(call, store)
    assert works(store)


def test_a_file_that_may_not_be_written_is_left_as_it_is(open_folder: Path) -> None:
    file = open_folder / "door.db"
    make(file)
    store = SqliteStore(file)
    with forbidden(file):
        fails_soon(WRITES["commit"], store)
    assert holds(file) == (1, 1)
    assert works(store)


def test_a_folder_that_may_not_be_written_keeps_its_file_as_it_is(open_folder: Path) -> None:
    file = open_folder / "door.db"
    make(file)
    file.chmod(0o666)
    store = SqliteStore(file)
    with forbidden(open_folder):
        fails_soon(WRITES["commit"], store)
    assert holds(file) == (1, 1)
    assert works(store)


# A full disk


@contextmanager
def disk_full_for(file: Path, _: Watched) -> Iterator[None]:
    """Files of this process cannot grow beyond what the write-ahead log has reached."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (wal_of(file).stat().st_size + PAGE_BYTES, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


@contextmanager
def no_page_left(file: Path, store: Watched) -> Iterator[None]:
    """SQLite itself finds no room, in a connection that is already open and in those that follow."""
    (pages,) = store.connections[-1].execute("PRAGMA page_count").fetchone()
    store.setting = f"PRAGMA max_page_count = {pages + 2}"
    store.connections[-1].execute(store.setting)
    yield
    store.setting = ""


FULL = [disk_full_for, no_page_left]


@pytest.mark.parametrize("full", FULL)
def test_a_full_disk_takes_nothing_half(file: Path, watched: Watched, full: Any) -> None:
    assert works(watched)
    with full(file, watched):
        fails_soon(lambda store: store.commit(EMPTY, {A: None, B: LARGE}, [AN_EVENT] * 3), watched)
        fails_soon(lambda store: store.commit(EMPTY, {A: None, B: LARGE}, [AN_EVENT] * 3), watched)
        snapshot = watched.read(FRONT, A, B)
        assert (snapshot.get(A), snapshot.get(B)) == (RECEIPT, None)
    assert holds(file) == (1, 1)


@pytest.mark.parametrize("full", FULL)
def test_a_disk_that_has_room_again_is_used_without_a_new_start(file: Path, watched: Watched, full: Any) -> None:
    assert works(watched)
    with full(file, watched):
        fails_soon(lambda store: store.commit(EMPTY, {B: LARGE}, [AN_EVENT] * 3), watched)
    assert watched.commit(EMPTY, {B: LARGE}, [AN_EVENT] * 3)
    assert [entry.seq for entry in watched.read_log(FRONT)] == [4, 3, 2, 1]


def test_a_full_disk_does_not_stop_the_store_from_being_read(file: Path, watched: Watched) -> None:
    assert works(watched)
    with disk_full_for(file, watched):
        with pytest.raises(StoreUnavailable):
            watched.commit(EMPTY, {B: LARGE})
        assert SqliteStore(file).read(FRONT, A).get(A) == RECEIPT


def test_every_fault_says_in_its_detail_what_it_was(tmp_path: Path) -> None:
    (tmp_path / "data").touch()
    with pytest.raises(StoreUnavailable, match="nothing was changed") as caught:
        SqliteStore(tmp_path / "data" / "doorbot.db").ping()
    assert str(tmp_path / "data") in caught.value.detail


def test_numbers_go_on_after_many_faults(file: Path, watched: Watched) -> None:
    for number, full in enumerate(itertools.islice(itertools.cycle(FULL), 6), start=1):
        assert works(watched)
        with full(file, watched), pytest.raises(StoreUnavailable):
            watched.commit(EMPTY, {B: LARGE}, [AN_EVENT])
        assert [entry.seq for entry in watched.read_log(FRONT)] == list(range(number, 0, -1))


# A file that goes away under a running server


Workers = Callable[[Callable[[], Any]], list[Any]]


@pytest.fixture
def in_every_thread() -> Iterator[Workers]:
    """Lets the same three threads do something at the same time; gives their results, or what they raised."""
    start = threading.Barrier(3)

    def together(act: Callable[[], Any]) -> Any:
        start.wait(10)
        try:
            return act()
        except StoreUnavailable as error:
            return error

    with ThreadPoolExecutor(3) as pool:
        yield lambda act: [each.result() for each in [pool.submit(together, act) for _ in range(3)]]


def take_away(file: Path) -> Path:
    """The file as it was, under another name."""
    for end in ("-wal", "-shm"):
        file.with_name(file.name + end).unlink()
    return file.rename(file.with_name("away.db"))


def test_a_file_that_was_replaced_is_opened_anew_by_every_thread(file: Path, in_every_thread: Workers) -> None:
    store, copy = SqliteStore(file), file.with_name("copy.db")
    assert in_every_thread(lambda: store.read(FRONT, A).get(A)) == [None] * 3
    make(copy)
    take_away(file)
    copy.rename(file)
    assert in_every_thread(lambda: store.read(FRONT, A).get(A)) == [RECEIPT] * 3
    assert in_every_thread(lambda: store.commit(EMPTY, {}, [AN_EVENT])) == [True] * 3
    assert holds(file) == (1, 4)


@pytest.mark.parametrize("call", EVERYTHING.values(), ids=EVERYTHING)
def test_a_file_that_vanished_is_not_made_again_by_any_thread(
    file: Path, in_every_thread: Workers, call: Callable[[Store], Any]
) -> None:
    store = SqliteStore(file)
    assert works(store)
    in_every_thread(lambda: store.ping())
    take_away(file)
    for _ in range(2):
        assert {type(each) for each in in_every_thread(lambda: call(store))} == {StoreUnavailable}
    with ThreadPoolExecutor(1) as newcomer, pytest.raises(StoreUnavailable, match="nothing was changed"):
        newcomer.submit(call, store).result()
    assert list(file.parent.glob("doorbot.db*")) == []


def test_a_file_that_came_back_is_used_without_a_new_start(file: Path, in_every_thread: Workers) -> None:
    make(file)
    store = SqliteStore(file)
    in_every_thread(lambda: store.ping())
    away = take_away(file)
    in_every_thread(lambda: store.ping())
    away.rename(file)
    assert in_every_thread(lambda: store.read(FRONT, A).get(A)) == [RECEIPT] * 3
    assert works(store)


def test_a_file_of_a_later_release_is_left_alone(sqlite_store: SqliteStore, tmp_path: Path) -> None:
    sqlite_store.ping()
    with closing(sqlite3.connect(tmp_path / "doorbot.db")) as connection:
        connection.execute("PRAGMA user_version = 99")
    with pytest.raises(StoreUnavailable) as caught:
        SqliteStore(tmp_path / "doorbot.db").ping()
    assert "later release" in caught.value.detail
