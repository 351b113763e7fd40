"""A lock holds for the very next ring, whichever process answers it."""

from collections.abc import Iterator
from itertools import product

import pytest

from tests.faults import STORES, Building, building, is_held, is_released

PAIRS = 80


@pytest.fixture(scope="module", params=STORES)
def house(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Building]:
    with building(request.param, tmp_path_factory.mktemp("staleness")) as house:
        yield house


def test_no_ring_on_any_process_is_released_after_lock(house: Building) -> None:
    with house.line_to_each_process() as lines:
        ways = list(product(lines, repeat=3))
        for turn in range(PAIRS):
            unlocking, ringing, locking = ways[turn % len(ways)]
            unlocking.say("unlock for 30m")
            assert is_released(ringing.ring()), f"pair {turn}: the unlock was not seen"
            locking.say("lock")
            assert is_held(ringing.ring()), f"pair {turn}: released after lock"


def test_no_ring_on_a_new_connection_is_released_after_lock(house: Building) -> None:
    for turn in range(12):
        house.say("unlock for 30m")
        assert is_released(house.ring()), f"pair {turn}: the unlock was not seen"
        house.say("lock")
        assert is_held(house.ring()), f"pair {turn}: released after lock"
