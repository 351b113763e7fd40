"""Killed at any moment of a held call: the visitor is released by whoever decided so, or reaches a human."""

import os
import random
import signal
import time
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path

import pytest

import config
from app import create_services
from tests.faults import STORES, Building, building
from tests.faults.held_calls import TOML, Hosts, Slack, Visitors, trouble_at_twilio
from tests.faults.held_records import Day, oddities
from tests.servers import wait_until
from tests.support import ACCOUNT_SID, AUTH_TOKEN, environment
from tests.twilio_api import TwilioApi

KILLS = int(os.environ.get("KILLS", "3"))  # on each store


def victims(house: Building) -> list[Callable[[], None]]:
    """What can be killed, in turns; it is started again at once."""

    def server() -> None:
        house.server.kill()
        house.server.start()

    def worker() -> None:
        wait_until(lambda: len(house.processes()) == 2, "both processes run")
        os.kill(random.choice(house.processes()), signal.SIGKILL)

    def redis() -> None:
        assert house.redis
        house.redis.kill()
        time.sleep(random.uniform(0, 1.5))
        house.redis.start()

    return [server, redis, worker] if house.redis else [server, worker]


@pytest.mark.parametrize("kind", STORES)
def test_a_held_call_outlives_kills_or_reaches_a_human(kind: str, tmp_path: Path) -> None:
    (tmp_path / "office.toml").write_text(TOML)
    with ExitStack() as stack:
        slack, twilio = stack.enter_context(Slack()), stack.enter_context(TwilioApi(ACCOUNT_SID, AUTH_TOKEN))
        changes = {
            "DOORBOT_CONFIG": str(tmp_path / "office.toml"),
            "SLACK_API_URL": f"{slack.url}/api/",
            "TWILIO_API_URL": twilio.url,
        }
        house = stack.enter_context(building(kind, tmp_path, **changes))
        store = {"SQLITE_PATH": str(house.database), "REDIS_URL": house.redis.url if house.redis else ""}
        services = create_services(config.load(environment(**changes, **store)))
        visitors, hosts = Visitors(house, twilio, services.office.doors["front"]), Hosts(house, slack)
        with hosts, visitors, trouble_at_twilio(twilio):
            for turn in range(KILLS):
                time.sleep(random.uniform(0.5, 2))
                kills = victims(house)
                kills[turn % len(kills)]()
        house.server.kill()  # whatever it was about to do
        slack.is_moody = False
        day = Day(slack, visitors.calls, hosts.presses, services).settle()

    print(f"{KILLS} kills, {kind}: {day.figures()}")
    assert visitors.failures == []
    assert day.calls
    found = {call.id: (list(oddities(day, call)), day.visits[call.id], call.text) for call in day.calls}
    assert {call: each for call, each in found.items() if each[0]} == {}
    assert day.numbers == list(range(1, len(day.numbers) + 1))
    if kind == "sqlite":  # a store that is always there: whatever was answered was done
        assert day.unheeded == []
        assert [call.id for call in day.calls if call.end_was_reported and not is_over(day, call.id)] == []


def is_over(day: Day, call: str) -> bool:
    """Whether its end was on record before lost visits were closed."""
    before = day.before[call]
    return before is None or before.is_over
