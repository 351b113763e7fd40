"""Slack hears of an outage once, however many processes meet it, and once more when it is over."""

import tempfile
import time
from pathlib import Path

import pytest

from app.clock import utcnow
from app.usecases.faults import STORE_FAILED, Faults
from tests.conftest import FakeHosts
from tests.faults import at_once, building, is_forwarded, is_released
from tests.servers import wait_until
from tests.stand_ins import StandIn

SWEEP_SECONDS = 2.5  # a round of every process, and a little


def told(slack: StandIn, words: str) -> int:
    return sum(words in each.fields["text"] for each in slack.messages)


def test_two_processes_together_tell_of_an_outage_once_and_once_when_it_is_over(tmp_path: Path) -> None:
    with (
        StandIn() as slack,
        building("redis", tmp_path, SLACK_API_URL=slack.url) as house,
        house.line_to_each_process() as lines,
    ):
        house.redis.freeze()
        assert all(is_forwarded(twiml) for _, twiml in at_once([line.ring for line in lines]))
        wait_until(lambda: told(slack, "can't reach its store") > 0, "Slack is told", 10)
        time.sleep(SWEEP_SECONDS)
        assert all(is_forwarded(twiml) for _, twiml in at_once([line.ring for line in lines]))
        house.redis.thaw()
        wait_until(lambda: told(slack, "store is back") > 0, "Slack is told that it is over", 10)
        lines[0].say("unlock for 30m")
        time.sleep(SWEEP_SECONDS)
        assert all(is_released(line.ring()) for line in lines)
        assert (told(slack, "can't reach its store"), told(slack, "store is back")) == (1, 1)
        assert told(slack, "unlocked") == 1


@pytest.mark.parametrize("places", [[], ["/no/such/folder"]], ids=["none", "gone"])
def test_an_outage_is_told_also_where_nothing_can_be_written(
    places: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", places[0] if places else None)
    monkeypatch.setattr(tempfile, "_candidate_tempdir_list", lambda: places)
    hosts = FakeHosts()
    faults = Faults(hosts, ["C0FRONTDOOR"], "https://door.example.com")
    faults.store_failed()
    for _ in range(2):
        faults.tell(utcnow())
    assert hosts.told == [("C0FRONTDOOR", STORE_FAILED)]
