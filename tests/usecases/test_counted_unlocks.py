"""`once`, `next N` and `expecting`: used up one by one, told once, and never used twice."""

import threading
from collections.abc import Iterator
from contextlib import suppress
from datetime import datetime, timedelta
from uuid import uuid4

import pytest

from app.domain.doors import Door, DoorState
from app.domain.errors import InvalidInput, StoreUnavailable
from app.domain.notices import Notice
from app.domain.outcomes import Unlocked
from app.domain.unlocks import Asked, Terms, Unlock, parse_asked
from app.domain.visits import VisitState
from app.ports import Key, Store, partition
from app.usecases.unlocks import STATE, Unlocks
from app.usecases.visits import Visits
from tests.support import HOST, INTERCOM, a_door, asked, local

NOON = local("2026-11-23T12:00")
ANA = "U0ANA0001"
TERMS = Terms(timedelta(hours=2), timedelta(hours=8))
MINUTE, SECOND = timedelta(minutes=1), timedelta(seconds=1)


@pytest.fixture
def door() -> Door:
    return a_door()


def unlock(store: Store, door: Door, text: str, at: datetime = NOON) -> Unlocked:
    outcome = Unlocks(store, TERMS, lambda: None).unlock(asked(at), door, text)
    assert isinstance(outcome, Unlocked), outcome
    return outcome


def rings(store: Store, door: Door, number: int, at: datetime = NOON + SECOND) -> list[bool]:
    """Whether each of so many rings, one after the other, was released."""
    return [ring(store, door, at + each * SECOND) for each in range(number)]


def ring(store: Store, door: Door, at: datetime) -> bool:
    """One ring; on a busy machine a store may need more than one try, as a repeated webhook gives it."""
    visits, call = Visits(store), f"CA{uuid4().hex}"
    for _ in range(20):
        with suppress(StoreUnavailable):
            return visits.ring(door, call, INTERCOM, at).state is VisitState.RELEASED
    raise AssertionError("the store never answered")


def told(store: Store, door: Door, at: datetime = NOON + MINUTE) -> Iterator[tuple[str, str]]:
    """What waits to be told to people, not to channels."""
    for due in store.due([partition(door.id)], at, 100):
        if due.name.startswith("notice:"):
            key = Key[Notice](due.name)
            notice = store.read(due.partition, key).get(key)
            if notice and notice.channel.startswith("U"):
                yield notice.channel, notice.text


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("", Asked()),
        ("for 2h", Asked("for 2h")),
        ("once", Asked("", 1)),
        ("ONCE until 14:00", Asked("until 14:00", 1)),
        ("next 3", Asked("", 3)),
        ("next 100 for 1h", Asked("for 1h", 100)),
        ("once expecting DoorDash", Asked("", 1, "DoorDash", HOST)),
        ("once expecting DoorDash for <@U0ANA0001>", Asked("", 1, "DoorDash", ANA)),
        ("once expecting DoorDash for <@U0ANA0001|ana>", Asked("", 1, "DoorDash", ANA)),
        ("for 1h expecting two parcels for the kitchen", Asked("for 1h", None, "two parcels for the kitchen", HOST)),
        ("once expecting <!channel> pizza", Asked("", 1, "!channel pizza", HOST)),
    ],
)
def test_what_is_asked_is_taken_apart(text: str, wanted: Asked) -> None:
    assert parse_asked(text, HOST) == wanted


@pytest.mark.parametrize(
    "text", ["once expecting", "once expecting for <@U0ANA0001>", "next 0", "next 101", "next 9999"]
)
def test_what_makes_no_sense_is_refused_with_an_example(text: str) -> None:
    with pytest.raises(InvalidInput, match="Try"):
        parse_asked(text, HOST)


@pytest.mark.parametrize(("text", "number"), [("once", 1), ("next 3", 3)])
def test_as_many_rings_are_released_as_were_asked_for(store: Store, door: Door, text: str, number: int) -> None:
    unlock(store, door, text)
    assert rings(store, door, number + 2) == [True] * number + [False] * 2


def test_a_repeated_webhook_uses_up_nothing(store: Store, door: Door) -> None:
    unlock(store, door, "next 2")
    visits = Visits(store)
    for _ in range(3):
        assert visits.ring(door, "CA1", INTERCOM, NOON + SECOND).state is VisitState.RELEASED
    assert rings(store, door, 2) == [True, False]


@pytest.mark.parametrize(("away", "released"), [(-SECOND, True), (timedelta(0), False)])
def test_unused_it_ends_with_its_time(store: Store, door: Door, away: timedelta, released: bool) -> None:
    ends_at = unlock(store, door, "once for 30m").unlock.ends_at
    assert ends_at == NOON + 30 * MINUTE
    assert rings(store, door, 1, ends_at + away) == [released]


def test_it_ends_at_closing_time_like_any_unlock(store: Store, door: Door) -> None:
    assert unlock(store, door, "once", local("2026-11-23T16:30")).unlock.ends_at == local("2026-11-23T17:00")


def test_it_waits_while_something_unlimited_releases(store: Store, door: Door) -> None:
    unlock(store, door, "once for 2h")
    unlock(store, door, "for 10m", NOON + SECOND)
    assert all(rings(store, door, 5, NOON + MINUTE))
    assert rings(store, door, 2, NOON + 11 * MINUTE) == [True, False]


def test_the_oldest_is_used_up_first() -> None:
    old, new = Unlock("U0OLD", NOON, NOON + MINUTE, 1), Unlock("U0NEW", NOON + SECOND, NOON + MINUTE, 1)
    state, _ = DoorState((new, old)).after_release(NOON + 2 * SECOND)
    assert state.unlocks == (new,)


def test_lock_ends_them_all(store: Store, door: Door) -> None:
    for text in ("once", "next 3", "for 1h"):
        unlock(store, door, text)
    Unlocks(store, TERMS, lambda: None).lock(asked(NOON + SECOND), door)
    assert not any(rings(store, door, 3, NOON + MINUTE))


def test_who_expects_something_is_told_at_the_first_release_only(store: Store, door: Door) -> None:
    unlock(store, door, f"next 2 expecting DoorDash for <@{ANA}>")
    rings(store, door, 2)
    assert list(told(store, door)) == [(ANA, "DoorDash: somebody rang just now, and the front door was released.")]


def test_whatever_causes_the_release(store: Store, door: Door) -> None:
    unlock(store, door, "for 2h")
    unlock(store, door, f"once expecting DoorDash for <@{ANA}>", NOON + SECOND)
    assert rings(store, door, 1, NOON + 2 * SECOND) == [True]
    assert [who for who, _ in told(store, door)] == [ANA]
    assert rings(store, door, 2, NOON + 3 * 60 * MINUTE) == [False, False]


def test_nobody_is_told_of_a_ring_that_was_not_released(store: Store, door: Door) -> None:
    unlock(store, door, f"once for 10m expecting DoorDash for <@{ANA}>")
    rings(store, door, 1, NOON + 11 * MINUTE)
    assert not list(told(store, door, NOON + 12 * MINUTE))


def test_a_shorter_unlock_that_expects_something_does_not_shorten_a_running_one(store: Store, door: Door) -> None:
    unlock(store, door, "for 2h")
    unlock(store, door, "for 10m expecting DoorDash", NOON + SECOND)
    assert rings(store, door, 1, NOON + 60 * MINUTE) == [True]


def test_rings_at_once_never_use_one_release_twice(store: Store, door: Door) -> None:
    for round_ in range(10):
        at = NOON + round_ * MINUTE
        unlock(store, door, "next 3 for 50s", at)
        released: list[bool] = []
        start = threading.Barrier(8)

        def visit(at: datetime = at, start: threading.Barrier = start, released: list[bool] = released) -> None:
            start.wait(20)
            released.append(ring(store, door, at + SECOND))

        threads = [threading.Thread(target=visit) for _ in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(30)
        assert sorted(released) == [False] * 5 + [True] * 3


def test_the_used_up_ones_are_gone_from_the_record(store: Store, door: Door) -> None:
    unlock(store, door, "once")
    rings(store, door, 1)
    assert store.read(partition(door.id), STATE).get(STATE) == DoorState()
