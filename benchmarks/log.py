"""`make bench BENCH=--log`: what the log costs, and what it costs a ring, where it is short and where it is long."""

import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from app.ports import Store
from app.stores.redis import RedisStore
from app.stores.sqlite import SqliteStore
from benchmarks import history, log_reads, product
from benchmarks.cases import Case, RequestBuilder, ServerSpec
from benchmarks.log_reads import Cost, Costs
from benchmarks.rounds import Plan, measure

SHORT, LONG = 1_000, {"SQLite": 1_000_000, "Redis": 100_000}
DOORBOT = (sys.executable, "-m", "app", "serve")


@dataclass(frozen=True)
class Log:
    """A store with a log of about so many entries, and the environment of a server on it."""

    kind: str
    count: int
    env: Mapping[str, str]

    @property
    def name(self) -> str:
        return f"{self.kind} {self.count:,}"

    def store(self) -> Store:
        url = self.env["REDIS_URL"]
        return RedisStore(url) if url else SqliteStore(Path(self.env["SQLITE_PATH"]))


def logs(scratch: Path, redis_url: str) -> list[Log]:
    """A short and a long one of each kind, filled. Redis' databases are numbered."""
    sizes = [(kind, count) for kind in LONG for count in (SHORT, LONG[kind])]
    found = [
        Log(kind, count, product.environment(scratch, **_place(kind, scratch, redis_url, number)))
        for number, (kind, count) in enumerate(sizes)
    ]
    for log in found:
        print(f"Filling {log.name} …", flush=True)
        store = log.store()
        history.fill(store, ["front"], log.count, datetime.now(UTC))
        store.tidy()
    return found


def _place(kind: str, scratch: Path, redis_url: str, number: int) -> dict[str, str]:
    if kind == "Redis":
        return {"REDIS_URL": f"{redis_url.removesuffix('0')}{number}"}
    return {"SQLITE_PATH": str(scratch / f"log-{number}.db")}


def run(scratch: Path, redis_url: str, plan: Plan) -> str:
    """Every table."""
    every = logs(scratch, redis_url)
    reads = log_reads.measure({log.name: log.store() for log in every})
    rings = requests(every, {"released ring": product.released_ring}, plan)
    return "\n\n".join(
        (
            table("reads, in one process", reads),
            table("requests to a server", rings),
        )
    )


def requests(every: Sequence[Log], kinds: Mapping[str, RequestBuilder], plan: Plan) -> Costs:
    """What each kind of request costs a server on each log."""
    specs = {log.name: ServerSpec(DOORBOT, log.env, first=(product.unlock_command,)) for log in every}
    cases = [Case(f"{kind}|{log.name}", log.name, build) for kind, build in kinds.items() for log in every]
    found: dict[str, dict[str, Cost]] = {kind: {} for kind in kinds}
    for row in measure(specs, cases, plan)[0]:
        kind, _, name = row.name.partition("|")
        found[kind][name] = Cost(row.p50, row.p99, row.cpu)
    return found


def table(title: str, costs: Costs) -> str:
    """A line for each kind of store, with the ratios of the long log to the short one."""
    heads = ("p50 short", "long", "ratio", "p99 short", "long", "ratio", "CPU short", "long", "ratio")
    lines = [f"{title + ', in microseconds':44}" + "".join(f"{head:>10}" for head in heads)]
    for what, by_log in costs.items():
        for kind, length in LONG.items():
            short, long = (by_log[f"{kind} {count:,}"] for count in (SHORT, length))
            pairs = [(short.p50, long.p50), (short.p99, long.p99), (short.cpu, long.cpu)]
            lines.append(f"{what}, {kind}".ljust(44) + "".join(map(_triple, pairs)))
    return "\n".join(lines)


def _triple(pair: tuple[float | None, float | None]) -> str:
    short, long = pair
    return "" if short is None or long is None else f"{short:10.0f}{long:10.0f}{long / short:10.2f}"
