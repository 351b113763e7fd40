"""One process does what must happen at a time; a dead one is soon replaced, and a wrong clock stops nobody for long."""

import threading
from datetime import timedelta
from uuid import uuid4

import pytest

from app.domain.leases import LASTS, RENEWED_AFTER, Lease
from app.ports import OFFICE, Key, Store
from app.usecases.leases import Leases
from tests.support import local

NOON = local("2026-11-23T12:00")
SECOND, MICROSECOND = timedelta(seconds=1), timedelta(microseconds=1)
KEY = Key[Lease]("lease:timekeeping")
NAME = "timekeeping"


def a_process(store: Store) -> Leases:
    return Leases(store, uuid4().hex)


def until(store: Store) -> object:
    held = store.read(OFFICE, KEY).get(KEY)
    return held and held.until


def test_whoever_comes_first_holds_it_and_the_others_do_not(store: Store) -> None:
    first, second = a_process(store), a_process(store)
    assert [each.hold(NAME, NOON) for each in (first, second, first, second)] == [True, False, True, False]


def test_whoever_renews_it_keeps_it(store: Store) -> None:
    first, second = a_process(store), a_process(store)
    for seconds in range(0, 60, 2):
        now = NOON + seconds * SECOND
        assert (first.hold(NAME, now), second.hold(NAME, now + SECOND)) == (True, False)


@pytest.mark.parametrize(("after", "is_taken"), [(LASTS - MICROSECOND, False), (LASTS, True)])
def test_another_process_takes_it_over_once_its_holder_has_not_renewed_it(
    store: Store, after: timedelta, is_taken: bool
) -> None:
    assert a_process(store).hold(NAME, NOON)
    assert a_process(store).hold(NAME, NOON + after) is is_taken


def test_whoever_lost_it_has_lost_it(store: Store) -> None:
    first, second = a_process(store), a_process(store)
    assert first.hold(NAME, NOON)
    assert second.hold(NAME, NOON + LASTS)
    assert not first.hold(NAME, NOON + LASTS + SECOND)


def test_it_is_written_anew_at_most_once_a_second(store: Store) -> None:
    holder = a_process(store)
    for after in (timedelta(0), RENEWED_AFTER - MICROSECOND):
        assert holder.hold(NAME, NOON + after)
        assert until(store) == NOON + LASTS
    assert holder.hold(NAME, NOON + RENEWED_AFTER)
    assert until(store) == NOON + RENEWED_AFTER + LASTS


@pytest.mark.parametrize(("ahead", "is_taken"), [(LASTS, False), (LASTS + MICROSECOND, True)])
def test_a_holder_whose_clock_is_far_ahead_stops_nobody(store: Store, ahead: timedelta, is_taken: bool) -> None:
    assert a_process(store).hold(NAME, NOON + ahead)
    assert a_process(store).hold(NAME, NOON) is is_taken


def test_leases_of_different_names_are_different(store: Store) -> None:
    assert a_process(store).hold(NAME, NOON)
    assert a_process(store).hold("home", NOON)


def test_of_many_that_ask_at_once_one_gets_it(store: Store) -> None:
    start, got = threading.Event(), []

    def ask() -> None:
        leases = a_process(store)
        start.wait(20)
        got.append(leases.hold(NAME, NOON))

    threads = [threading.Thread(target=ask) for _ in range(8)]
    for thread in threads:
        thread.start()
    start.set()
    for thread in threads:
        thread.join(20)
    assert sorted(got) == [False] * 7 + [True]
