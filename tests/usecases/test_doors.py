from datetime import datetime, timedelta
from typing import Any

import pytest

from app.domain.outcomes import DoorStatus, RefusalReason, Refused
from app.domain.permissions import Role
from app.domain.unlocks import Terms
from app.ports import OFFICE, Store, entries
from app.usecases.doors import Doors
from app.usecases.unlocks import Unlocks
from tests.support import GUEST, HOST, MEMBER, a_door, asked, local

NOON, EVENING = local("2026-11-23T12:00"), local("2026-11-23T18:00")
FRONT, SIDE = a_door(), a_door(id="side", name="Side door")


def status(store: Store, now: datetime = NOON) -> DoorStatus:
    found: Any = Doors(store).status(asked(now, MEMBER, Role.MEMBER), [FRONT])
    return found[0]  # type: ignore[no-any-return]


def unlock_for_an_hour(store: Store) -> None:
    Unlocks(store, Terms(timedelta(hours=1), timedelta(hours=1)), lambda: None).unlock(asked(NOON), FRONT, "")


def test_a_door_nobody_unlocked_is_locked(store: Store) -> None:
    assert status(store) == DoorStatus(FRONT, None, True, None)


@pytest.mark.parametrize(("minutes", "by"), [(0, HOST), (59.99, HOST), (60, None)])
def test_the_state_is_what_holds_at_that_moment(store: Store, minutes: float, by: str | None) -> None:
    unlock_for_an_hour(store)
    found = status(store, NOON + timedelta(minutes=minutes)).unlock
    assert (found and found.by) == by


def test_outside_working_hours_it_says_when_they_begin_again(store: Store) -> None:
    assert status(store, EVENING) == DoorStatus(FRONT, None, False, local("2026-11-24T09:00"))


def test_every_door_has_its_own_state(store: Store) -> None:
    unlock_for_an_hour(store)
    found: Any = Doors(store).status(asked(NOON), [FRONT, SIDE])
    assert [(each.door.id, each.unlock is not None) for each in found] == [("front", True), ("side", False)]


def test_a_guest_is_told_nothing_and_it_is_on_record(store: Store) -> None:
    guest = asked(NOON, GUEST, Role.NOBODY, denied_because=RefusalReason.NOT_FULL_MEMBER)
    assert isinstance(Doors(store).status(guest, [FRONT]), Refused)
    assert isinstance(Doors(store).help(guest), Refused)
    assert [entry.event.action for entry in entries(store, OFFICE)] == ["help", "status"]


def test_asking_leaves_nothing_on_record(store: Store) -> None:
    status(store)
    assert Doors(store).help(asked(NOON, MEMBER, Role.MEMBER)) is None
    assert list(entries(store, OFFICE)) == []
