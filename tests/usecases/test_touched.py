"""Doors at which something is new are looked at once each, whatever happens at one of them."""

import pytest

from app.domain.doors import Door
from app.domain.errors import StoreUnavailable
from app.usecases.touched import Touched
from tests.support import a_door

DOORS = {name: a_door(id=name) for name in ("front", "back", "side")}


@pytest.fixture
def touched() -> Touched:
    touched = Touched(DOORS, "visits")
    touched.add_all()
    return touched


def looked_at(touched: Touched) -> set[str]:
    found: set[str] = set()
    touched.look(lambda door: not found.add(door.id))  # type: ignore[func-returns-value]
    return found


def test_each_is_looked_at_once_until_something_is_new_again(touched: Touched) -> None:
    assert looked_at(touched) == set(DOORS)
    assert looked_at(touched) == set()
    touched.add("back")
    touched.add("a door that nobody asked about")
    assert looked_at(touched) == {"back"}


def test_one_at_which_there_is_more_is_looked_at_again(touched: Touched) -> None:
    touched.look(lambda door: door.id != "front")
    assert looked_at(touched) == {"front"}


def test_one_that_can_not_be_read_holds_up_no_other(touched: Touched, caplog: pytest.LogCaptureFixture) -> None:
    found = set()

    def look(door: Door) -> bool:
        if door.id == "front":
            raise ValueError("a record of nobody knows what")
        found.add(door.id)
        return True

    touched.look(look)
    assert found == {"back", "side"}
    assert "The visits at front could not be read" in caplog.text
    assert looked_at(touched) == set()


def test_a_store_that_is_away_ends_the_round_and_nothing_is_forgotten(touched: Touched) -> None:
    def look(_: Door) -> bool:
        raise StoreUnavailable("away")

    with pytest.raises(StoreUnavailable):
        touched.look(look)
    assert looked_at(touched) == set(DOORS)


def test_what_is_new_while_a_door_is_looked_at_is_looked_at_in_the_next_round(touched: Touched) -> None:
    def look(door: Door) -> bool:
        touched.add(door.id)
        return True

    touched.look(look)
    assert looked_at(touched) == set(DOORS)
