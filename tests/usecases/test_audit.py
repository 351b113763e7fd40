from datetime import timedelta

import pytest

from app.domain.audit import Action, AuditEvent, Outcome
from app.domain.outcomes import RefusalReason, Refused
from app.domain.permissions import Role
from app.ports import Store, entries, partition
from app.usecases.audit import AuditLog
from app.usecases.doors import Doors
from app.usecases.unlocks import STATE
from tests.support import asked, local

NOON = local("2026-11-23T12:00")


def record(store: Store, door: str, *seconds: int) -> None:
    for at in seconds:
        event = AuditEvent(NOON + timedelta(seconds=at), door, Action.LOCK, Outcome.DONE, str(at))
        assert store.commit(store.read(partition(door), STATE), {}, [event])


def latest(store: Store, doors: list[str], limit: int = 100) -> list[tuple[str, str]]:
    return [(entry.event.door, entry.event.reason) for entry in AuditLog(store).latest(doors, limit)]


def test_an_empty_log_is_empty(store: Store) -> None:
    assert latest(store, ["front"]) == []


def test_doors_and_office_are_merged_newest_first(store: Store) -> None:
    record(store, "front", 1, 4)
    record(store, "side", 2, 5)
    record(store, "", 3)
    assert latest(store, ["front", "side"]) == [("side", "5"), ("front", "4"), ("", "3"), ("side", "2"), ("front", "1")]


def test_a_door_that_was_not_asked_for_is_left_out(store: Store) -> None:
    record(store, "front", 1)
    record(store, "side", 2)
    assert latest(store, ["front"]) == [("front", "1")]


def test_no_more_is_given_than_was_asked_for(store: Store) -> None:
    record(store, "front", 1, 3)
    record(store, "side", 2, 4)
    assert latest(store, ["front", "side"], 3) == [("side", "4"), ("front", "3"), ("side", "2")]


@pytest.mark.parametrize("page", [1, 2, 3, 200])
def test_a_log_is_read_page_by_page_to_its_beginning(store: Store, page: int) -> None:
    record(store, "front", 1, 2, 3, 4, 5)
    found = list(entries(store, partition("front"), page))
    assert [(entry.seq, entry.event.reason) for entry in found] == [(seq, str(seq)) for seq in (5, 4, 3, 2, 1)]


@pytest.mark.parametrize("role", [Role.NOBODY, Role.MEMBER, Role.HOST])
def test_only_admins_may_read_it_and_who_tried_is_on_record(store: Store, role: Role) -> None:
    record(store, "front", 1)
    refused = Doors(store).permit(asked(NOON, role=role), Action.LOG, "")
    assert refused == Refused(Action.LOG, RefusalReason.NOT_PERMITTED)
    assert latest(store, [])[0] == ("", "not_permitted")
