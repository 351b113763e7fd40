"""What a ring waits while others read the log: pages that look for news, exports, a backlog that is caught up."""

import random
import statistics
import subprocess
import sys
import time
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from itertools import count

from benchmarks import load, product
from benchmarks.log_reads import Cost
from benchmarks.servers import Server

RINGS, EVERY_SECONDS = 200, 0.1  # far more than come, so that every look of a page finds some
MOST_ROUNDS = 2
SETTLE_SECONDS = 4.0  # until every page has looked once
NOTHING = "nothing else"

Reader = Sequence[str]
"""The words after `python -m benchmarks.readers`."""


def measure(
    server: Server, loads: Mapping[str, Sequence[Reader]], numbers: Iterator[int], rounds: int
) -> dict[str, Cost]:
    """How long rings wait that come one after the other, under each load and under none; in shuffled order."""
    taken: dict[str, list[list[float]]] = defaultdict(list)
    every = {NOTHING: (), **loads}
    for _ in range(min(rounds, MOST_ROUNDS)):
        for name in random.sample(list(every), len(every)):
            with reading(every[name]):
                taken[name].append(rings(server, numbers))
    return {name: cost(taken[name]) for name in every}


@contextmanager
def reading(readers: Sequence[Reader]) -> Iterator[None]:
    """These readers read."""
    with ExitStack() as stack:
        started = [_start(stack, reader) for reader in readers]
        if started:
            time.sleep(SETTLE_SECONDS)
        yield
        assert all(reader.poll() is None for reader in started), "a reader gave up"


def _start(stack: ExitStack, reader: Reader) -> subprocess.Popen[bytes]:
    process = subprocess.Popen([sys.executable, "-m", "benchmarks.readers", *reader])
    stack.callback(process.wait)
    stack.callback(process.kill)
    return process


def rings(server: Server, numbers: Iterator[int], wanted: int = RINGS) -> list[float]:
    """The latencies of rings at fixed times; each counts from when it should have been sent."""
    requests = [product.released_ring(next(numbers)) for _ in range(wanted)]
    began, latencies = time.perf_counter() + EVERY_SECONDS, []
    with load.Line(server.address) as line:
        for number, request in enumerate(requests):
            due = began + number * EVERY_SECONDS
            time.sleep(max(0.0, due - time.perf_counter()))
            line.ask(request)
            latencies.append(time.perf_counter() - due)
    return latencies


def cost(rounds: Sequence[Sequence[float]]) -> Cost:
    """Medians over the rounds."""
    p50, p99 = (statistics.median(sorted(each)[len(each) * part // 100] for each in rounds) for part in (50, 99))
    return Cost(p50 * 1e6, p99 * 1e6)


def numbers() -> Iterator[int]:
    """Of calls; above those of other measurements."""
    return count(10**12)
