from typing import Any

import pytest

from app.domain.access_codes import AccessCode
from app.domain.door_sentences import left_out, others
from app.domain.doors import Lockdown
from app.domain.outcomes import DoorCodesListed, DoorStatus
from app.domain.phrases import listed
from app.domain.unlocks import Unlock
from tests.support import a_door, local

NOON = local("2026-11-23T12:00")
UNLOCK, LOCKDOWN = Unlock("U0HOST001", NOON, NOON), Lockdown("U0ADMIN01", NOON)
CODE = AccessCode("FedEx", "", "", "U0HOST001", NOON, NOON)


@pytest.mark.parametrize(
    ("number", "words"),
    [
        (0, ""),
        (1, "`d0`"),
        (2, "`d0`, `d1`"),
        (10, "`d0`, `d1`, `d2`, `d3`, `d4`, `d5`, `d6`, `d7`, `d8`, `d9`"),
        (11, "`d0`, `d1`, `d2`, `d3`, `d4`, `d5`, `d6`, `d7`, `d8`, `d9` and 1 more"),
    ],
)
def test_ten_doors_are_named_and_the_others_counted(number: int, words: str) -> None:
    assert listed([f"d{n}" for n in range(number)]) == words


def status(door_id: str, **changes: Any) -> DoorStatus:
    return DoorStatus(a_door(id=door_id), **{"unlock": None, "is_open": True, "next_opening": None, **changes})


@pytest.mark.parametrize(
    ("found", "words"),
    [
        ([status("a")], "1 more door: 1 locked. `/frontdoor status a` shows one."),
        ([status("a"), status("b")], "2 more doors: 2 locked. `/frontdoor status a` shows one."),
        ([status("a", unlock=UNLOCK)], "1 more door: 1 unlocked (`a`). `/frontdoor status a` shows one."),
        (
            [status("a", unlock=UNLOCK, lockdown=LOCKDOWN), status("b"), status("c", unlock=UNLOCK)],
            "3 more doors: 1 in lockdown (`a`), 1 unlocked (`c`), 1 locked. `/frontdoor status a` shows one.",
        ),
        (
            [
                status("a", releasing_until=NOON),
                status("b"),
                status("c", releasing_until=NOON, unlock=UNLOCK),
                status("d", releasing_until=NOON, lockdown=LOCKDOWN),
            ],
            "4 more doors: 1 in lockdown (`d`), 1 unlocked (`c`), 1 releasing by schedule (`a`), 1 locked. "
            "`/frontdoor status a` shows one.",
        ),
    ],
)
def test_doors_that_are_not_told_one_by_one_are_counted_by_their_state(found: list[DoorStatus], words: str) -> None:
    assert others(found) == words


@pytest.mark.parametrize(
    ("number", "with_codes", "shown", "lines"),
    [
        (3, 3, 3, []),
        (3, 0, 0, ["No door has codes."]),
        (3, 1, 1, ["2 other doors have none."]),
        (3, 2, 2, ["1 other door has none."]),
        (4, 3, 1, ["…and 2 more: `/frontdoor code d1` lists one.", "1 other door has none."]),
    ],
)
def test_doors_whose_codes_are_not_listed_are_counted(
    number: int, with_codes: int, shown: int, lines: list[str]
) -> None:
    doors = [a_door(id=f"d{n}") for n in range(number)]
    found = [DoorCodesListed(door, (CODE,) if n < with_codes else (), None) for n, door in enumerate(doors)]
    assert left_out(found, found[:with_codes], shown) == lines
