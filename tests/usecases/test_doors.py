from datetime import datetime, timedelta
from typing import Any

import pytest

from app.domain.audit import Action
from app.domain.outcomes import DoorStatus, RefusalReason, Refused
from app.domain.permissions import REQUIRED, Role
from app.domain.unlocks import Terms
from app.ports import Store, entries, partition
from app.usecases.doors import Doors
from app.usecases.unlocks import Unlocks
from tests.support import GUEST, HOST, MEMBER, a_door, asked, local, stored

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


@pytest.mark.parametrize("door_id", ["", "front"])
@pytest.mark.parametrize("action", REQUIRED)
def test_a_guest_may_do_nothing_and_every_try_is_on_record(store: Store, action: Action, door_id: str) -> None:
    guest = asked(NOON, GUEST, Role.NOBODY, denied_because=RefusalReason.NOT_FULL_MEMBER)
    assert Doors(store).permit(guest, action, door_id) == Refused(action, RefusalReason.NOT_FULL_MEMBER)
    recorded = [entry.event for entry in entries(store, partition(door_id))]
    assert [(event.action, event.actor, event.door) for event in recorded] == [(action, GUEST, door_id)]


@pytest.mark.parametrize("door_id", ["", "front"])
@pytest.mark.parametrize(("action", "role"), REQUIRED.items())
def test_who_may_is_permitted_and_leaves_nothing_on_record(
    store: Store, action: Action, role: Role, door_id: str
) -> None:
    assert Doors(store).permit(asked(NOON, MEMBER, role), action, door_id) is None
    assert stored(store) == {}


def test_asking_leaves_nothing_on_record(store: Store) -> None:
    status(store)
    assert stored(store) == {}


def test_what_only_reads_is_answered_once_for_each_delivery(store: Store) -> None:
    answers = [
        Doors(store).first_answer(asked(NOON, delivery=delivery), lambda made=made: made)  # type: ignore[misc]
        for delivery, made in (("trigger-1", "first"), ("trigger-1", "second"), ("trigger-2", "third"), ("", "fourth"))
    ]
    assert answers == ["first", "first", "third", "fourth"]


def test_of_two_equal_deliveries_at_once_both_get_the_answer_of_the_first(store: Store) -> None:
    request, doors = asked(NOON, delivery="trigger-1"), Doors(store)
    made = iter([lambda: doors.first_answer(request, lambda: "first"), lambda: "never"])
    assert doors.first_answer(request, lambda: next(made)() and "second") == "first"
