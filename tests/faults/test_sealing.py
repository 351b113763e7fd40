"""The sealer is killed again and again while it rings: the chain stays whole, and another process goes on with it.

`KILLS=20 pytest tests/faults/test_sealing.py` kills more often than every day.
"""

import os
import random
import signal
import time
from contextlib import suppress
from pathlib import Path

import pytest

from app.domain.errors import StoreUnavailable
from app.domain.seals import SealHead
from app.ports import OFFICE, Key, partition
from app.usecases.seal_keys import SealKeys
from app.usecases.verifying import Verified, Verifying
from tests.faults import STORES, Building, building
from tests.faults.test_kills import Load
from tests.servers import wait_until
from tests.support import environment
from tests.tampering import tampering

FRONT = partition("front")
SECRETS = environment()["SECRET_KEY"].split(",")
KILLS = int(os.environ.get("KILLS", "4"))  # a process, a whole server, and so on
HEAD = Key[SealHead]("seal")


def sealed_up_to(house: Building) -> int:
    with suppress(StoreUnavailable):
        head = house.store.read(FRONT, HEAD).get(HEAD)
        return head.seq if head else 0
    return 0


def is_caught_up(house: Building) -> bool:
    with suppress(StoreUnavailable):
        return house.store.newest([FRONT]) == [sealed_up_to(house)] != [0]
    return False


def verified(house: Building) -> Verified:
    opened = SealKeys(house.store, SECRETS).open([FRONT, OFFICE])
    assert opened.key, opened.problem
    return Verifying(house.store, opened, 100, lambda *_: None).verify(FRONT)


@pytest.mark.parametrize("kind", STORES)
def test_whoever_dies_the_chain_is_whole_and_goes_on(tmp_path: Path, kind: str) -> None:
    with building(kind, tmp_path) as house:
        house.say("unlock for 2h")
        with Load(house) as load:
            for turn in range(KILLS):
                reached, heard = sealed_up_to(house), len(load.heard_a_tone)
                wait_until(lambda reached=reached: sealed_up_to(house) > reached, "more is sealed", 40)
                wait_until(lambda heard=heard: len(load.heard_a_tone) > heard, "it rings", 20)
                time.sleep(random.uniform(0, 0.5))
                if turn % 2:  # a server whose processes die too often gives up
                    house.server.kill()
                    house.server.start()
                else:
                    os.kill(random.choice(house.processes()), signal.SIGKILL)
        wait_until(lambda: is_caught_up(house), "everything is sealed", 40)
        found = verified(house)
        assert (found.bad, found.unsealed) == ([], 0)
        assert found.head is not None
        assert found.head.seq >= len(load.heard_a_tone)


def test_a_running_server_tells_of_a_change_by_itself(tmp_path: Path) -> None:
    with building("redis", tmp_path) as house:
        house.say("unlock for 2h")
        for _ in range(3):
            house.ring()
        wait_until(lambda: is_caught_up(house), "everything is sealed", 40)
        tampering(house.store).change(FRONT, 2, b"released", b"refused!")
        house.server.stop()  # the next process checks from end to end when it begins
        house.server.start()
        wait_until(lambda: "broken" in [event.reason for _, event in house.log()], "it is found", 40)
        assert [(bad.wrong.value, bad.first) for bad in verified(house).bad] == [("changed", 2)]
