import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from datetime import timedelta
from pathlib import Path

import pytest

from app.ports import Delivery
from app.usecases.faults import BUG_IS_NEWS_AFTER, BUG_MET, LINGER, STORE_BACK, STORE_FAILED, Faults
from tests.conftest import FakeHosts
from tests.servers import ROOT
from tests.support import PUBLIC_URL, local

NOON = local("2026-11-23T12:00")
SECOND, MICROSECOND = timedelta(seconds=1), timedelta(microseconds=1)
CHANNEL = "C0FRONTDOOR"

OTHER_PROCESS = f"""
import sys
from datetime import UTC, datetime
from app.ports import Delivery
from app.usecases.faults import Faults

class Hosts:
    def tell(self, channel, text):
        told.append(text)
        return Delivery.DELIVERED

faults = Faults(Hosts(), ["{CHANNEL}"], "{PUBLIC_URL}")
for line in sys.stdin:
    told = []
    getattr(faults, line.strip())()
    faults.tell(datetime.now(UTC))
    print(len(told), flush=True)
"""


@pytest.fixture(autouse=True)
def own_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The lock files of every test are its own."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    return tmp_path


Make = Callable[..., Faults]


@pytest.fixture
def faults(hosts: FakeHosts) -> Iterator[Make]:
    """Makes Faults, and ends what they met, so that no lock stays held."""
    made: list[Faults] = []

    def make(channels: Sequence[str] = (CHANNEL,), installation: str = PUBLIC_URL) -> Faults:
        made.append(Faults(hosts, channels, installation))
        return made[-1]

    yield make
    hosts.delivery = Delivery.DELIVERED
    for each in made:
        each.store_answered()
        each.tell(NOON + timedelta(days=1))
        each.tell(NOON + timedelta(days=2))


def texts(hosts: FakeHosts) -> list[str]:
    return [text for _, text in hosts.told]


def test_nothing_wrong_is_nothing_told(hosts: FakeHosts, faults: Make) -> None:
    ours = faults()
    ours.store_answered()
    ours.tell(NOON)
    assert hosts.told == []


def test_a_store_that_fails_is_told_once_and_its_return_once(hosts: FakeHosts, faults: Make) -> None:
    ours = faults()
    for at in range(3):
        ours.store_failed()
        ours.tell(NOON + at * SECOND)
    for at in range(3, 6):
        ours.store_answered()
        ours.tell(NOON + at * SECOND)
    assert hosts.told == [(CHANNEL, STORE_FAILED), (CHANNEL, STORE_BACK)]


def test_the_next_time_it_is_told_again(hosts: FakeHosts, faults: Make) -> None:
    ours = faults()
    for _ in range(2):
        ours.store_failed()
        ours.tell(NOON)
        ours.store_answered()
        ours.tell(NOON)
    assert texts(hosts) == [STORE_FAILED, STORE_BACK] * 2


def test_noting_a_fault_tells_nobody_by_itself(hosts: FakeHosts, faults: Make) -> None:
    ours = faults()
    ours.store_failed()
    ours.bug_met()
    assert hosts.told == []


def test_every_channel_is_told_once(hosts: FakeHosts, faults: Make) -> None:
    ours = faults(["C2", "C1", "", "C2"])
    ours.store_failed()
    ours.tell(NOON)
    assert [channel for channel, _ in hosts.told] == ["C1", "C2"]


def test_an_office_without_channels_is_no_trouble(hosts: FakeHosts, faults: Make) -> None:
    ours = faults([])
    ours.store_failed()
    ours.bug_met()
    ours.tell(NOON)
    assert hosts.told == []


def test_what_certainly_did_not_arrive_is_told_again(hosts: FakeHosts, faults: Make) -> None:
    ours = faults()
    ours.store_failed()
    hosts.delivery = Delivery.TRY_LATER
    ours.tell(NOON)
    hosts.delivery = Delivery.DELIVERED
    ours.tell(NOON + SECOND)
    ours.tell(NOON + 2 * SECOND)
    assert texts(hosts) == [STORE_FAILED] * 2


@pytest.mark.parametrize("delivery", [Delivery.REFUSED, Delivery.UNKNOWN])
def test_what_was_refused_or_perhaps_arrived_is_not(hosts: FakeHosts, faults: Make, delivery: Delivery) -> None:
    hosts.delivery = delivery
    ours = faults()
    ours.store_failed()
    ours.tell(NOON)
    ours.tell(NOON + SECOND)
    assert texts(hosts) == [STORE_FAILED]


def test_a_fault_of_which_nobody_could_be_told_is_not_told_to_be_over(hosts: FakeHosts, faults: Make) -> None:
    hosts.delivery = Delivery.TRY_LATER
    ours = faults()
    ours.store_failed()
    ours.tell(NOON)
    ours.store_answered()
    ours.tell(NOON)
    assert STORE_BACK not in texts(hosts)


@pytest.mark.parametrize(("away", "times"), [(-MICROSECOND, 1), (timedelta(0), 2)])
def test_a_bug_is_told_once_an_hour(hosts: FakeHosts, faults: Make, away: timedelta, times: int) -> None:
    ours = faults()
    ours.bug_met()
    ours.tell(NOON)
    ours.tell(NOON + BUG_IS_NEWS_AFTER + away)
    ours.bug_met()
    ours.tell(NOON + BUG_IS_NEWS_AFTER + away)
    assert texts(hosts) == [BUG_MET] * times


def test_a_bug_is_told_again_until_it_arrived(hosts: FakeHosts, faults: Make) -> None:
    hosts.delivery = Delivery.TRY_LATER
    ours = faults()
    ours.bug_met()
    ours.tell(NOON)
    hosts.delivery = Delivery.DELIVERED
    ours.tell(NOON + SECOND)
    ours.tell(NOON + 2 * SECOND)
    assert texts(hosts) == [BUG_MET] * 2


def test_two_processes_tell_of_one_fault_once_together(hosts: FakeHosts, faults: Make, own_folder: Path) -> None:
    env = {"TMPDIR": str(own_folder), "PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-c", OTHER_PROCESS]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=ROOT, env=env
    ) as other:
        ours = faults()
        ours.store_failed()
        ours.tell(NOON)
        told = [len(hosts.told)]
        for step in ("store_failed", "store_answered"):
            assert other.stdin is not None
            assert other.stdout is not None
            other.stdin.write(step + "\n")
            other.stdin.flush()
            told.append(int(other.stdout.readline()))
        ours.store_answered()
        ours.tell(NOON)
    assert told == [1, 0, 0]
    assert texts(hosts) == [STORE_FAILED, STORE_BACK]


def test_when_the_process_that_told_has_died_another_one_tells(
    hosts: FakeHosts, faults: Make, own_folder: Path
) -> None:
    env = {"TMPDIR": str(own_folder), "PYTHONPATH": str(ROOT)}
    died = subprocess.run(
        [sys.executable, "-c", OTHER_PROCESS], input="store_failed\n", capture_output=True, text=True, cwd=ROOT, env=env
    )
    assert died.stdout == "1\n"
    ours = faults()
    ours.store_failed()
    ours.tell(NOON)
    assert texts(hosts) == [STORE_FAILED]


@pytest.mark.parametrize(("away", "times"), [(-MICROSECOND, 1), (timedelta(0), 2)])
def test_a_process_whose_round_failed_late_does_not_tell_of_an_outage_that_is_over(
    hosts: FakeHosts, faults: Make, away: timedelta, times: int
) -> None:
    ours, late = faults(), faults()
    ours.store_failed()
    ours.tell(NOON - SECOND)
    ours.store_answered()
    for now in (NOON, NOON + LINGER + away):
        ours.tell(now)
    late.store_failed()
    late.tell(NOON + LINGER + away)
    assert texts(hosts).count(STORE_FAILED) == times
    assert texts(hosts).count(STORE_BACK) == 1


def test_the_process_that_told_can_tell_of_a_new_outage_at_once(hosts: FakeHosts, faults: Make) -> None:
    ours, other = faults(), faults()
    for now in (NOON, NOON + 2 * SECOND):
        ours.store_failed()
        ours.tell(now)
        ours.store_answered()
        ours.tell(now + SECOND)
    other.store_failed()
    other.tell(NOON + 3 * SECOND)
    assert texts(hosts) == [STORE_FAILED, STORE_BACK] * 2


def test_a_second_outage_begins_the_wait_anew(hosts: FakeHosts, faults: Make) -> None:
    ours, late = faults(), faults()
    for now in (NOON, NOON + LINGER):
        ours.store_failed()
        ours.tell(now)
        ours.store_answered()
        ours.tell(now)
    ours.tell(NOON + 2 * LINGER - MICROSECOND)
    late.store_failed()
    late.tell(NOON + 2 * LINGER - MICROSECOND)
    assert texts(hosts) == [STORE_FAILED, STORE_BACK] * 2


def test_two_installations_on_one_machine_are_not_confused(hosts: FakeHosts, faults: Make) -> None:
    for installation in ("https://a.example.com", "https://b.example.com"):
        theirs = faults(installation=installation)
        theirs.store_failed()
        theirs.tell(NOON)
        theirs.tell(NOON)
    assert texts(hosts) == [STORE_FAILED] * 2
