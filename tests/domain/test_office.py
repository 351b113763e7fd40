from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.doors import WITHHELD, Door
from app.domain.errors import InvalidInput, WhichDoor
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
    with pytest.raises(WhichDoor) as caught:
        office(FRONT, SIDE).door(word)
    assert (str(caught.value), caught.value.named) == (answer, word)


def test_of_many_doors_a_few_are_named() -> None:
    with pytest.raises(WhichDoor) as caught:
        office(*(a_door(id=f"d{n}") for n in range(200))).door("")
    assert str(caught.value).endswith("`d8`, `d9` and 190 more.")


@pytest.mark.parametrize(
    ("report", "channel", "warnings"),
    [
        ("weekly", "", ["doors.front: has no channel to tell its report to"]),
        ("weekly", "C0FRONTDOOR", []),
        ("none", "", []),
    ],
)
def test_a_report_that_nobody_would_be_told_is_warned_about(report: str, channel: str, warnings: list[str]) -> None:
    assert office(a_door(report=report, channel=channel)).warnings() == warnings


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


CALLERS = ["", WITHHELD, "+12125550151", "+12125550152", "+12125550153"]
NUMBERS = ["+12125550101", "+12125550102"]
ANY_DOORS = st.lists(
    st.tuples(st.sampled_from(NUMBERS), st.lists(st.sampled_from(CALLERS[1:]), max_size=3)), min_size=1, max_size=8
)


@given(ANY_DOORS, st.sampled_from(NUMBERS), st.sampled_from(CALLERS))
def test_it_is_the_first_door_of_the_number_that_takes_the_caller_or_else_its_first(
    known: list[tuple[str, list[str]]], number: str, caller: str
) -> None:
    doors = [a_door(id=f"d{n}", number=of, intercoms=tuple(callers)) for n, (of, callers) in enumerate(known)]
    called = [door for door in doors if door.number == number]
    expected = next((door for door in called if door.accepts(caller)), called[0] if called else None)
    assert office(*doors).door_called(number, caller) is expected


@pytest.mark.parametrize("word", ["", "all"])
def test_of_several_doors_none_is_meant_where_none_is_named(word: str) -> None:
    assert office(FRONT, SIDE).one_of(word) is None
    assert office(FRONT).one_of(word) is FRONT


def test_a_door_that_is_named_is_the_one_that_is_meant() -> None:
    assert office(FRONT, SIDE).one_of("Side") is SIDE
    with pytest.raises(InvalidInput, match="There is no door `back` here"):
        office(FRONT, SIDE).one_of("back")
