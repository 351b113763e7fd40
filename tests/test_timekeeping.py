"""What is due is done in one process, and what goes wrong with one thing does not stop the others."""

from datetime import datetime, timedelta

import pytest
from freezegun import freeze_time

from app import create_app
from app.domain.errors import StoreUnavailable
from app.ports import Store
from app.timekeeping import Timekeeping, this_process
from app.usecases.leases import Leases
from tests.support import Office, local

NOON = local("2026-11-23T12:00")


def test_one_of_two_processes_does_it_and_the_other_takes_over(store: Store) -> None:
    done: list[str] = []
    first = Timekeeping(Leases(store, "1"), [lambda _: done.append("first")])
    second = Timekeeping(Leases(store, "2"), [lambda _: done.append("second")])
    with freeze_time(NOON) as clock:
        for each in (first, second, first, second):
            each.keep()
        clock.tick(timedelta(seconds=6))
        second.keep()
        first.keep()
    assert done == ["first", "first", "second"]


@pytest.mark.parametrize("error", [StoreUnavailable("away"), ValueError("a bug"), KeyError("another")])
def test_what_goes_wrong_with_one_does_not_stop_the_others(store: Store, error: Exception) -> None:
    done: list[datetime] = []

    def fails(_: datetime) -> None:
        raise error

    with freeze_time(NOON):
        Timekeeping(Leases(store, "1"), [fails, done.append, fails, done.append]).keep()
    assert done == [NOON, NOON]


def test_whoever_took_too_long_leaves_the_rest_to_whoever_has_taken_over(store: Store) -> None:
    other, done = Leases(store, "2"), list[datetime]()
    with freeze_time(NOON) as clock:

        def takes_long(_: datetime) -> None:
            clock.tick(timedelta(seconds=7))
            assert other.hold("timekeeping", NOON + timedelta(seconds=7))

        Timekeeping(Leases(store, "1"), [takes_long, done.append]).keep()
    assert done == []


def test_a_store_that_is_away_breaks_nothing() -> None:
    class Away:
        def read(self, *_: object) -> object:
            raise StoreUnavailable("away")

    done: list[datetime] = []
    Timekeeping(Leases(Away(), "1"), [done.append]).keep()  # type: ignore[arg-type]
    assert done == []


def test_each_process_has_a_name_of_its_own_also_after_a_fork(monkeypatch: pytest.MonkeyPatch) -> None:
    name = this_process()
    assert this_process() == name
    monkeypatch.setattr("os.getpid", lambda: -1)
    assert this_process() != name


def test_a_round_of_the_background_keeps_the_time(settings: object, store: Store) -> None:
    office = Office(create_app(settings, store=store).test_client())  # type: ignore[arg-type]
    with freeze_time(NOON):
        office.sweep()
        assert not Leases(store, "2").hold("timekeeping", NOON)
