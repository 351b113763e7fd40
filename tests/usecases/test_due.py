"""What is due is looked at in turn: neither one kind nor one door holds up the others."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from app.domain.errors import StoreUnavailable
from app.domain.notices import Notice
from app.domain.receipts import Receipt
from app.domain.visits import Visit, VisitState
from app.ports import OFFICE, DueRecord, Key, Store, partition
from app.usecases import due
from app.usecases.due import door_of, look_at_due
from tests.support import local

NOON = local("2026-11-23T12:00")
FRONT, BACK = partition("front"), partition("back")
EARLIER, MINUTES = NOON - timedelta(hours=1), timedelta(minutes=1)


def notices(store: Store, number: int, where: str = FRONT) -> None:
    written = {Key[Any](f"notice:{n:04}"): Notice("C0FRONTDOOR", "", EARLIER + n * MINUTES) for n in range(number)}
    assert store.commit(store.read(where, Key[Any]("state")), written)


def visit(store: Store, where: str) -> None:
    key = Key[Visit]("visit:CA1")
    assert store.commit(store.read(where, key), {key: Visit("CA1", EARLIER, VisitState.FORWARDED, "locked")})


def receipt(store: Store, where: str) -> None:
    key = Key[Receipt]("receipt:1")
    assert store.commit(store.read(where, key), {key: Receipt("", EARLIER)})


def looked_at(store: Store, *kinds: str, partitions: tuple[str, ...] = (FRONT, BACK, OFFICE)) -> list[tuple[str, str]]:
    found: list[tuple[str, str]] = []

    def look(due: DueRecord, _: datetime) -> None:
        found.append((due.partition, due.name))

    look_at_due(store, partitions, lambda: NOON, dict.fromkeys(kinds, look))
    return found


def test_the_oldest_of_each_kind_and_door_comes_first_then_the_next_of_each(store: Store) -> None:
    notices(store, 3)
    notices(store, 2, BACK)
    receipt(store, FRONT)
    assert looked_at(store, "notice", "receipt") == [
        (FRONT, "notice:0000"),
        (FRONT, "receipt:1"),
        (BACK, "notice:0000"),
        (FRONT, "notice:0001"),
        (BACK, "notice:0001"),
        (FRONT, "notice:0002"),
    ]


def test_no_number_of_one_kind_holds_up_another(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(due, "BATCH", 5)
    notices(store, 50)
    visit(store, FRONT)
    visit(store, BACK)
    assert looked_at(store, "notice", "visit")[:3] == [
        (FRONT, "notice:0000"),
        (FRONT, "visit:CA1"),
        (BACK, "visit:CA1"),
    ]
    assert looked_at(store, "visit") == [(FRONT, "visit:CA1"), (BACK, "visit:CA1")]


def test_a_round_looks_at_so_many_of_a_kind_and_no_more(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(due, "BATCH", 5)
    notices(store, 50)
    assert [name for _, name in looked_at(store, "notice")] == [f"notice:{n:04}" for n in range(5)]


def test_what_nobody_deals_with_is_left_alone(store: Store) -> None:
    notices(store, 3)
    assert looked_at(store, "visit") == []


def test_one_that_cannot_be_dealt_with_does_not_hold_up_the_others(store: Store) -> None:
    notices(store, 3)
    seen: list[str] = []

    def look(due: DueRecord, _: datetime) -> None:
        seen.append(due.name)
        if due.name == "notice:0000":
            raise ValueError("made up")

    look_at_due(store, [FRONT], lambda: NOON, {"notice": look})
    assert seen == ["notice:0000", "notice:0001", "notice:0002"]


def test_a_store_that_does_not_answer_ends_the_round(store: Store) -> None:
    notices(store, 3)
    seen: list[str] = []

    def look(due: DueRecord, _: datetime) -> None:
        seen.append(due.name)
        raise StoreUnavailable("made up")

    with pytest.raises(StoreUnavailable):
        look_at_due(store, [FRONT], lambda: NOON, {"notice": look})
    assert seen == ["notice:0000"]


def test_the_door_is_named_by_the_partition() -> None:
    assert [door_of(DueRecord(where, "visit:CA1")) for where in (FRONT, OFFICE)] == ["front", ""]
