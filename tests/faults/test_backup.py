"""Backup and restore as docs/operations.md tells them, while visitors ring."""

import gc
import os
import shutil
import sqlite3
import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path

import pytest

from app.domain.errors import DoorBotError, StoreUnavailable
from app.ports import entries
from app.stores import copies
from app.stores.copies import back_up, put_back
from app.stores.redis import RedisStore
from app.stores.sqlite import SqliteStore
from tests.faults import Building, building, is_released
from tests.faults.test_kills import Load, assert_each_on_record_once
from tests.servers import ROOT, RedisServer, wait_until
from tests.support import environment, local

NOW = local("2026-11-23T12:00")


def terminal(house: Building, *arguments: str) -> subprocess.CompletedProcess[str]:
    """`python -m app …` beside the server."""
    env = environment(
        DOORBOT_CONFIG=str(house.database.parent.parent / "doorbot.toml"),
        SQLITE_PATH=str(house.database),
        PATH=os.environ["PATH"],
        PYTHONPATH=str(ROOT),
    )
    command = [sys.executable, "-m", "app", *arguments]
    return subprocess.run(
        command, env=env, cwd=house.database.parent.parent, capture_output=True, text=True, check=False
    )


def released(store: SqliteStore | RedisStore) -> list[str]:
    """The visits that a store has as released, oldest first; its log has no gap."""
    log = [*entries(store, "door:front")][::-1]
    assert [entry.seq for entry in log] == list(range(1, len(log) + 1))
    return [entry.event.visit for entry in log if entry.event.outcome == "released"]


def test_the_embedded_store_is_copied_while_visitors_ring_and_put_back(tmp_path: Path) -> None:
    copy = tmp_path / "copy.db"
    with building("sqlite", tmp_path) as house:
        house.say("unlock for 2h")
        with Load(house) as load:
            wait_until(lambda: len(load.heard_a_tone) > 20, "rings are released")
            done = [*load.heard_a_tone]
            said = terminal(house, "backup", str(copy))
            assert (said.returncode, said.stderr) == (0, "")
            assert copy.stat().st_mode & 0o777 == 0o600
            reached = len(load.heard_a_tone)
            wait_until(lambda: len(load.heard_a_tone) > reached + 5, "rings are still released")
        in_copy = released(SqliteStore(Path(shutil.copy(copy, tmp_path / "looked-at.db"))))
        assert set(done) <= set(in_copy)
        assert_each_on_record_once(house, load.heard_a_tone)
        refused = terminal(house, "restore", str(copy))
        assert (refused.returncode, refused.stderr) == (1, "The server is running on this store. Stop it first.\n")
        house.server.stop()
        gc.collect()  # the stores that this test looked into have the file open until then
        everything = len(load.heard_a_tone)
        said = terminal(house, "restore", str(copy))
        assert (said.returncode, said.stderr) == (0, "")
        (before,) = house.database.parent.glob("doorbot.db.before-*Z")
        assert str(before) in said.stdout
        assert len(released(SqliteStore(before))) == everything
        assert released(SqliteStore(house.database)) == in_copy
        assert terminal(house, "status").stdout.startswith("The front door is unlocked")
        house.server.start()
        assert is_released(house.ring())
        assert len(released(SqliteStore(house.database))) == len(in_copy) + 1


def test_a_store_that_was_killed_is_replaced_with_its_write_ahead_log(tmp_path: Path) -> None:
    """Found beside another file, that log would be taken for a part of it."""
    copy = tmp_path / "copy.db"
    with building("sqlite", tmp_path) as house:
        house.say("unlock for 2h")
        house.ring()
        assert terminal(house, "backup", str(copy)).returncode == 0
        for _ in range(5):
            house.ring()
        house.server.kill()
        assert terminal(house, "restore", str(copy)).returncode == 0
        assert not house.database.with_name("doorbot.db-wal").exists()
        assert len(released(SqliteStore(house.database))) == 1


@pytest.fixture
def copied(tmp_path: Path) -> tuple[Path, Path]:
    """A store and its copy; the store has gone on since."""
    store, copy = tmp_path / "data" / "doorbot.db", tmp_path / "copy.db"
    SqliteStore(store).ping()
    gc.collect()
    back_up(store, copy)
    with closing(sqlite3.connect(store)) as connection:
        connection.execute("INSERT INTO trimmed (partition, last_seq) VALUES ('door:late', 1)")
        connection.commit()
    return store, copy


def has_gone_on(store: Path) -> bool:
    with closing(sqlite3.connect(store)) as connection:
        return bool(connection.execute("SELECT * FROM trimmed").fetchall())


def test_what_breaks_off_leaves_the_store_as_it_was_and_nothing_half(
    copied: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    store, copy = copied

    def full(_: Path, part: Path) -> None:
        part.write_bytes(b"half")
        raise OSError(28, "No space left on device")

    def unwritten(_: Path) -> None:
        raise OSError(28, "No space left on device")

    for module, name, broken in ((copies.shutil, "copyfile", full), (copies, "_fsync", unwritten)):
        with monkeypatch.context() as patched:
            patched.setattr(module, name, broken)
            with pytest.raises(DoorBotError, match="No space left"):
                put_back(copy, store, NOW)
    assert [each.name for each in store.parent.iterdir()] == ["doorbot.db"]
    assert has_gone_on(store)


def test_at_no_moment_is_there_no_store_and_nobody_opens_the_one_that_goes(
    copied: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    store, copy = copied
    replace, seen = os.replace, []

    def watched(part: Path, file: Path) -> None:
        if Path(file) == store:
            seen.append(store.exists())
            with pytest.raises(StoreUnavailable):
                SqliteStore(store).ping()
        replace(part, file)

    monkeypatch.setattr(copies.os, "replace", watched)
    before = put_back(copy, store, NOW)
    assert seen == [True]
    assert sorted(store.parent.iterdir()) == [store, before]
    assert (has_gone_on(store), before is not None and has_gone_on(before)) == (False, True)
    with pytest.raises(DoorBotError, match="Try again"):  # what was there at first is not lost
        put_back(copy, store, NOW)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give a file to somebody")
@pytest.mark.parametrize("there", [True, False])
def test_what_root_puts_back_is_the_servers_still_and_nobody_elses(copied: tuple[Path, Path], there: bool) -> None:
    store, copy = copied
    copy.chmod(0o644)
    os.chown(store if there else store.parent, 12345, 23456)
    if not there:
        store.unlink()
    put_back(copy, store, NOW)
    found = store.stat()
    assert (found.st_uid, found.st_gid, found.st_mode & 0o777) == (12345, 23456, 0o600)


def test_of_two_who_write_the_same_copy_one_is_sent_away_and_what_a_kill_left_is_used_again(
    copied: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    store, copy = copied
    copy.unlink()
    (left := copy.with_name("copy.db.part")).write_bytes(b"half" * 5000)
    left.chmod(0o644)
    check, refused = copies._check, []

    def another(file: Path) -> None:
        check(file)
        with pytest.raises(DoorBotError, match="Somebody else is writing") as caught:
            back_up(store, copy)
        refused.append(caught)

    monkeypatch.setattr(copies, "_check", another)
    back_up(store, copy)
    check(copy)
    assert (len(refused), copy.stat().st_mode & 0o777, left.exists()) == (1, 0o600, False)


def test_a_link_to_the_store_stays_one(copied: tuple[Path, Path], tmp_path: Path) -> None:
    store, copy = copied
    link = tmp_path / "doorbot.db"
    link.symlink_to(store)
    put_back(copy, link, NOW)
    assert (link.is_symlink(), has_gone_on(store)) == (True, False)


def test_a_name_that_can_not_be_one_and_a_folder_that_is_not_there_are_told(copied: tuple[Path, Path]) -> None:
    store, copy = copied
    long = copy.with_name("x" * 300)
    for act in (lambda: back_up(store, long), lambda: put_back(long, store, NOW)):
        with pytest.raises(DoorBotError, match="too long"):
            act()
    with pytest.raises(DoorBotError, match="There is no folder"):
        back_up(store, copy.parent / "nowhere" / "copy.db")


@pytest.mark.parametrize("broken", ["nothing", "text", "other", "cut", "later"])
def test_what_is_no_copy_is_not_put_back_and_a_copy_is_not_overwritten(broken: str, tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    house = Building(tmp_path)
    SqliteStore(house.database).ping()
    copy = tmp_path / "copy.db"
    assert terminal(house, "backup", str(copy)).returncode == 0
    again = terminal(house, "backup", str(copy))
    assert (again.returncode, again.stderr.partition(". ")[0]) == (1, f"{copy} exists already")
    spoil(copy, broken)
    before = house.database.read_bytes()
    refused = terminal(house, "restore", str(copy))
    assert refused.returncode == 1
    assert str(copy) in refused.stderr
    assert "Traceback" not in refused.stderr
    assert house.database.read_bytes() == before
    assert [*house.database.parent.glob("*.part"), *house.database.parent.glob("*.before-*")] == []


def spoil(copy: Path, how: str) -> None:
    if how == "nothing":
        copy.unlink()
    elif how == "text":
        copy.write_text("This is no store.\n" * 1000)
    elif how == "cut":
        copy.write_bytes(copy.read_bytes()[:-4096])
    else:
        if how == "other":
            copy.unlink()
        with closing(sqlite3.connect(copy)) as connection:
            connection.execute("CREATE TABLE other (x)" if how == "other" else "PRAGMA user_version = 99")


def test_a_redis_is_copied_while_visitors_ring_and_put_back_although_it_keeps_a_log_of_commands(tmp_path: Path) -> None:
    (tmp_path / "house").mkdir()
    (tmp_path / "again").mkdir()
    with building("redis", tmp_path / "house") as house:
        house.say("unlock for 2h")
        client = house.redis.client()
        with Load(house) as load:
            wait_until(lambda: len(load.heard_a_tone) > 20, "rings are released")
            done, last = [*load.heard_a_tone], client.lastsave()
            time.sleep(1.1)  # LASTSAVE counts whole seconds
            client.bgsave()
            wait_until(lambda: client.lastsave() != last, "the copy is written")
            shutil.copy(tmp_path / "house" / "dump.rdb", tmp_path / "again")
            reached = len(load.heard_a_tone)
            wait_until(lambda: len(load.heard_a_tone) > reached + 5, "rings are still released")
        assert_each_on_record_once(house, load.heard_a_tone)
    with RedisServer(tmp_path / "again", appendonly="no") as server:  # with "yes" it would begin empty
        server.client().config_set("appendonly", "yes")
        wait_until(lambda: _is_written(server), "the log of commands is written")
        server.client().shutdown(save=False)
        server.exit_status(15)
    with RedisServer(tmp_path / "again") as server:
        in_copy = released(RedisStore(server.url))
        assert set(done) <= set(in_copy)
        assert len(in_copy) < len(load.heard_a_tone)


def _is_written(server: RedisServer) -> bool:
    found = server.client().info("persistence")
    return not found["aof_rewrite_in_progress"] and not found["aof_rewrite_scheduled"]


def test_a_redis_is_not_copied_by_us(tmp_path: Path) -> None:
    house = Building(tmp_path)
    env = environment(DOORBOT_CONFIG=str(tmp_path / "doorbot.toml"), REDIS_URL="redis://127.0.0.1:9")
    for verb in ("backup", "restore"):
        command = [sys.executable, "-m", "app", verb, str(house.database)]
        env |= {"PYTHONPATH": str(ROOT)}
        done = subprocess.run(command, env=env, cwd=tmp_path, capture_output=True, text=True, check=False)
        assert (done.returncode, "docs/operations.md" in done.stderr) == (1, True)
