"""Names are kept: after a restart, and when people have left, the log still says who it was."""

from datetime import timedelta

import pytest

from app.domain.names import MOST_NAMES, PeopleNames
from app.ports import OFFICE, Key, Store
from app.stores.sqlite import SqliteStore
from app.usecases.names import AT_MOST_EVERY, NAMES, Names
from tests.conftest import FakeHosts
from tests.support import ADMIN, HOST, MEMBER, local, stored

NOON = local("2026-11-23T12:00")


def kept(store: Store) -> PeopleNames | None:
    return store.read(OFFICE, NAMES).get(NAMES)


def test_who_is_known_is_named_and_nobody_else(store: Store, hosts: FakeHosts) -> None:
    hosts.called = {ADMIN: "Ana"}
    assert Names(store, hosts).names([ADMIN, HOST], NOON) == {ADMIN: "Ana"}
    assert stored(store) == {}


def test_a_name_outlives_the_process_and_the_person(store: Store, hosts: FakeHosts) -> None:
    hosts.called = {ADMIN: "Ana"}
    Names(store, hosts).keep(NOON)
    assert Names(store, FakeHosts()).names([ADMIN, HOST], NOON) == {ADMIN: "Ana"}


def test_what_slack_says_now_counts_more(store: Store, hosts: FakeHosts) -> None:
    hosts.called = {ADMIN: "Ana"}
    Names(store, hosts).keep(NOON)
    later = FakeHosts()
    later.called = {ADMIN: "Ana Admin"}
    assert Names(store, later).names([ADMIN], NOON) == {ADMIN: "Ana Admin"}


def test_it_is_written_once_a_minute_and_only_if_it_is_new(
    sqlite_store: SqliteStore, hosts: FakeHosts, monkeypatch: pytest.MonkeyPatch
) -> None:
    names, commits = Names(sqlite_store, hosts), list[object]()
    commit = sqlite_store.commit
    monkeypatch.setattr(sqlite_store, "commit", lambda *given: commits.append(given) or commit(*given))
    heard = ((0, {}), (60, {ADMIN: "Ana"}), (70, {HOST: "Hal"}), (80, {MEMBER: "Mia"}), (120, {}), (180, {}))
    for after, called in heard:
        hosts.called |= called
        names.keep(NOON + timedelta(seconds=after))
    assert len(commits) == 2
    assert kept(sqlite_store) == PeopleNames({ADMIN: "Ana", HOST: "Hal", MEMBER: "Mia"})


def test_nothing_is_read_while_nothing_is_heard(hosts: FakeHosts) -> None:
    class Unreadable:
        """Any use of it fails."""

    Names(Unreadable(), hosts).keep(NOON)  # type: ignore[arg-type]


def test_processes_keep_what_each_of_them_heard(store: Store) -> None:
    one, other = FakeHosts(), FakeHosts()
    one.called, other.called = {ADMIN: "Ana"}, {HOST: "Hal"}
    first, second = Names(store, one), Names(store, other)
    first.keep(NOON)
    second.keep(NOON)
    assert kept(store) == PeopleNames({ADMIN: "Ana", HOST: "Hal"})
    first.names([], NOON)
    assert first.names([HOST], NOON + AT_MOST_EVERY) == {HOST: "Hal"}


def test_a_record_that_cannot_be_read_takes_no_answer_away(store: Store, hosts: FakeHosts) -> None:
    hosts.called = {ADMIN: "Ana"}

    class Away:
        def read(self, *_: object) -> None:
            raise ValueError("not JSON")

    assert Names(Away(), hosts).names([ADMIN], NOON) == {ADMIN: "Ana"}  # type: ignore[arg-type]


def test_of_too_many_names_the_oldest_are_forgotten() -> None:
    many = PeopleNames({f"U{number}": "x" for number in range(MOST_NAMES)})
    after = many.noted({"U0": "Ana", "V1": "y"}).names
    assert len(after) == MOST_NAMES
    assert (after["U0"], after["V1"], "U1" in after) == ("Ana", "y", False)
    assert [*after][-2:] == ["U0", "V1"]


def test_the_record_is_the_offices(store: Store, hosts: FakeHosts) -> None:
    hosts.called = {ADMIN: "Ana"}
    Names(store, hosts).keep(NOON)
    assert store.read(OFFICE, Key[PeopleNames]("names")).get(Key[PeopleNames]("names"))


def test_whoever_need_not_wait_says_so_to_slack(store: Store) -> None:
    waited = list[bool]()

    class Asked(FakeHosts):
        def names(self, user_ids: object, *, waits: bool = True) -> dict[str, str]:
            if user_ids:
                waited.append(waits)
            return {}

    names = Names(store, Asked())
    names.names([ADMIN], NOON)
    names.names([ADMIN], NOON, waits=False)
    assert waited == [True, False]
