from datetime import timedelta

import pytest

from app.domain.doors import WITHHELD, Door
from app.domain.errors import InvalidInput
from app.domain.office import Office, People
from app.domain.unlocks import Terms
from tests.support import INTERCOM, NUMBER, a_door

SIDE_INTERCOM = "+12125550198"
HOUR = timedelta(hours=1)


def office(*doors: Door) -> Office:
    people = People("T0OFFICE1", frozenset({"U0ADMIN01"}), frozenset())
    return Office({door.id: door for door in doors}, people, Terms(HOUR, HOUR), HOUR, HOUR)


FRONT = a_door()
SIDE = a_door(id="side", name="Side door", intercoms=(SIDE_INTERCOM,))


def test_the_only_door_need_not_be_named() -> None:
    assert office(FRONT).door("") is FRONT


@pytest.mark.parametrize("word", ["side", "Side", "SIDE"])
def test_a_door_is_found_by_its_id_however_it_is_written(word: str) -> None:
    assert office(FRONT, SIDE).door(word) is SIDE


@pytest.mark.parametrize(
    ("word", "answer"),
    [
        ("", "Which door? Say one of: `front`, `side`."),
        ("back", "There is no door `back` here. Say one of: `front`, `side`."),
        ("x" * 500, f"There is no door `{'x' * 40}` here. Say one of: `front`, `side`."),
    ],
)
def test_a_door_that_is_not_there_is_answered_with_those_that_are(word: str, answer: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        office(FRONT, SIDE).door(word)
    assert str(caught.value) == answer


@pytest.mark.parametrize(
    ("number", "caller", "door"),
    [
        (NUMBER, INTERCOM, FRONT),
        (NUMBER, SIDE_INTERCOM, SIDE),
        (NUMBER, WITHHELD, FRONT),
        (NUMBER, "", FRONT),
        ("+12125550101", INTERCOM, None),
        ("", INTERCOM, None),
    ],
)
def test_who_calls_a_shared_number_says_which_door_it_is(number: str, caller: str, door: Door | None) -> None:
    assert office(FRONT, SIDE).door_called(number, caller) is door


@pytest.mark.parametrize("word", ["", "all"])
def test_of_several_doors_none_is_meant_where_none_is_named(word: str) -> None:
    assert office(FRONT, SIDE).one_of(word) is None
    assert office(FRONT).one_of(word) is FRONT


def test_a_door_that_is_named_is_the_one_that_is_meant() -> None:
    assert office(FRONT, SIDE).one_of("Side") is SIDE
    with pytest.raises(InvalidInput, match="There is no door `back` here"):
        office(FRONT, SIDE).one_of("back")
