"""Runs every case in every round, in shuffled order, so that a slow minute of the machine falls on all alike."""

import contextlib
import itertools
import random
import statistics
import time
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from benchmarks import load
from benchmarks.cases import BASES, ROOT, Case, ServerSpec
from benchmarks.servers import Server


@dataclass(frozen=True)
class Sample:
    """One case in one round: CPU of the server and latency, in microseconds a request."""

    cpu: float
    p50: float
    p99: float


@dataclass(frozen=True)
class Figures:
    """One case over all rounds. Ratios are taken within a round and only then compared across rounds."""

    name: str
    cpu: float
    p50: float
    p99: float
    ratios: Mapping[str, float]  # to each base that ran


@dataclass(frozen=True)
class Plan:
    """How much is measured, and when no further round may begin."""

    rounds: int
    requests: int
    connections: int
    budget: float
    warm_up: int = 300  # requests of each case, before any counts


def measure(specs: Mapping[str, ServerSpec], cases: Sequence[Case], plan: Plan) -> tuple[list[Figures], int]:
    """Figures of every case, and the number of rounds there was time for (one at least)."""
    deadline = time.monotonic() + plan.budget
    numbers = itertools.count(1)
    samples: dict[str, list[Sample]] = defaultdict(list)
    with contextlib.ExitStack() as stack:
        servers = {
            name: stack.enter_context(Server(specs[name].command, specs[name].env, ROOT))
            for name in {case.server for case in cases}
        }
        for name, server in servers.items():
            load.run(server.address, [build(next(numbers)) for build in specs[name].first])
        for case in cases:
            _send(servers[case.server], case, numbers, plan.warm_up, plan.connections)
        done, longest = 0, 0.0
        while done < plan.rounds and (not done or time.monotonic() + longest < deadline):
            began = time.monotonic()
            for case in random.sample(cases, len(cases)):
                samples[case.name].append(_sample(servers[case.server], case, numbers, plan))
            longest = max(longest, time.monotonic() - began)
            done += 1
    return [_figures(case.name, samples) for case in cases], done


def _sample(server: Server, case: Case, numbers: Iterator[int], plan: Plan) -> Sample:
    before = server.cpu_seconds()
    latencies = sorted(_send(server, case, numbers, plan.requests, plan.connections))
    spent = server.cpu_seconds() - before
    return Sample(
        cpu=spent / plan.requests * 1e6,
        p50=latencies[len(latencies) // 2] * 1e6,
        p99=latencies[len(latencies) * 99 // 100] * 1e6,
    )


def _send(server: Server, case: Case, numbers: Iterator[int], count: int, connections: int) -> list[float]:
    requests = [case.build(number) for number in itertools.islice(numbers, count)]
    return load.run(server.address, requests, connections, case.expect)


def _figures(name: str, samples: Mapping[str, Sequence[Sample]]) -> Figures:
    mine = samples[name]
    ratios = {
        base: statistics.median(own.cpu / other.cpu for own, other in zip(mine, samples[base], strict=True))
        for base in BASES
        if base in samples
    }
    return Figures(
        name,
        statistics.median(sample.cpu for sample in mine),
        statistics.median(sample.p50 for sample in mine),
        statistics.median(sample.p99 for sample in mine),
        ratios,
    )
