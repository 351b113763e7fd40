"""`make bench BENCH=--log`: what the log costs, and what it costs a ring, where it is short and where it is long."""

import re
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from benchmarks import load, log_load, log_reads, product
from benchmarks.cases import Case, RequestBuilder, ServerSpec
from benchmarks.http import get
from benchmarks.log_reads import Cost, Costs
from benchmarks.pasts import Past, pasts
from benchmarks.readers import A_READ, CURSOR
from benchmarks.readers import get as get_url
from benchmarks.rounds import Plan, measure
from benchmarks.servers import Server

DOORBOT = (sys.executable, "-m", "app", "serve")
PAGES = 60  # requests in a round: a page costs more than a ring
LIVE_PAGES = (2, 100)
OLDER = re.compile(rb'href="(/log\?before=[^"]+)"')
Kinds = Mapping[str, Mapping[str, RequestBuilder]]
"""By what is asked for, and by the name of the past."""


def run(scratch: Path, redis_url: str, plan: Plan, longest: int) -> None:
    """Measure and print, a table after the other."""
    every, numbers = pasts(scratch, redis_url, longest), log_load.numbers()
    for past in every:
        print(f"Filling {past.name} …", flush=True)
        past.fill()
    show(backlog(every[1::2], numbers))
    for past in every:
        print(f"Catching up with {past.name} …", flush=True)
        past.catch_up()
        past.sign_in()
    show(
        table(
            "a read, in one process",
            every,
            log_reads.measure({each.name: each.services.store for each in every}, plan.rounds),
        )
    )
    rings = dict.fromkeys([each.name for each in every], product.released_ring)
    show(table("a request to a server", every, requests(every, {"released ring": rings}, plan)))
    show(table("a page", every, requests(every, pages(every), replace(plan, requests=PAGES, warm_up=20))))
    for past in every[1::2]:
        if past.doors == 1:
            show(under_load(past, numbers, plan.rounds))
            show("\n".join(exports(past)))


def show(text: str) -> None:
    print(f"\n{text}", flush=True)


def serving(past: Past) -> Server:
    return Server(DOORBOT, past.env)


def requests(every: Sequence[Past], kinds: Kinds, plan: Plan) -> Costs:
    """What each kind of request costs a server on each past."""
    specs = {past.name: ServerSpec(DOORBOT, past.env, first=(product.unlock_command,)) for past in every}
    cases = [
        Case(f"{kind}|{past.name}", past.name, builders[past.name], 204 if "nothing new" in kind else 200)
        for kind, builders in kinds.items()
        for past in every
    ]
    found: dict[str, dict[str, Cost]] = {kind: {} for kind in kinds}
    for row in measure(specs, cases, plan)[0]:
        kind, _, name = row.name.partition("|")
        found[kind][name] = Cost(row.p50, row.p99, row.cpu)
    return found


def pages(every: Sequence[Past]) -> Kinds:
    """What admins ask for: each an address that is right for the past."""
    now, found = datetime.now(UTC), dict[str, dict[str, RequestBuilder]]()
    days = f"from={(now - timedelta(days=30)).date()}&until={(now - timedelta(days=25)).date()}"
    for past in every:
        with serving(past) as server, load.Line(server.address) as line:
            first = line.ask(get("/log", past.cookie))
        cursor, older = (pattern.search(first) for pattern in (CURSOR, OLDER))
        assert cursor
        assert older
        addresses = {
            "first page": "/log",
            "next page": older[1].decode(),
            "one door, six days": f"/log?door=front&{days}",
            "a kind": "/log?kind=rings",
            "a text that is nowhere": "/log?q=xyzzy",
            "nothing new": f"/log/new?after={cursor[1].decode()}",
        }
        for kind, address in addresses.items():
            found.setdefault(kind, {})[past.name] = lambda _, address=address, past=past: get(address, past.cookie)
    return found


def backlog(every: Sequence[Past], numbers: Iterator[int]) -> str:
    """What rings wait on a server that meets a long past for the first time, and counts and seals it."""
    lines = ["rings while a backlog is caught up with, in milliseconds"]
    for past in every:
        with serving(past) as server:
            load.run(server.address, [product.unlock_command(next(numbers))])
            costs = [log_load.cost([log_load.rings(server, numbers)]) for _ in range(3)]
        lines.append(
            f"{past.name:34}" + "   ".join(f"p50 {each.p50 / 1e3:6.2f} p99 {each.p99 / 1e3:6.2f}" for each in costs)
        )
    return "\n".join(lines)


def under_load(past: Past, numbers: Iterator[int], rounds: int) -> str:
    """What rings wait while others read."""
    with serving(past) as server:
        load.run(server.address, [product.unlock_command(next(numbers))])
        url = f"http://127.0.0.1:{server.address[1]}"
        export = ("export", f"{url}/log.csv", past.cookie)
        loads = {f"{each} live pages": [("live", url, past.cookie, str(each))] for each in LIVE_PAGES}
        costs = log_load.measure(server, {**loads, "an export": [export], "two exports": [export] * 2}, numbers, rounds)
    lines = [f"rings while others read, {past.name}, in milliseconds"]
    lines += [f"{name:34}p50 {cost.p50 / 1e3:6.2f}   p99 {cost.p99 / 1e3:6.2f}" for name, cost in costs.items()]
    return "\n".join(lines)


def exports(past: Past) -> Iterator[str]:
    """How long the whole log takes as a file, and how large the server gets."""
    with serving(past) as server:
        with load.Line(server.address) as line:
            line.ask(get("/log", past.cookie))
        for form in ("csv", "json"):
            before, began, size, rows = server.megabytes(), time.monotonic(), 0, 0
            connection, answer = get_url(f"http://127.0.0.1:{server.address[1]}/log.{form}", past.cookie)
            while piece := answer.read(A_READ):
                size, rows = size + len(piece), rows + piece.count(b"\n")
            connection.close()
            took = time.monotonic() - began
            yield (
                f"{past.name} as {form}: {rows:,} lines, {size / 2**20:.0f} MB, {took:.1f} s; "
                f"the server had {before:.0f} MB before, {server.megabytes():.0f} MB at most"
            )


def table(title: str, every: Sequence[Past], costs: Costs) -> str:
    """A line for each kind of past, with the ratios of the long log to the short one."""
    heads = ("p50 short", "long", "ratio", "p99 short", "long", "ratio", "CPU short", "long", "ratio")
    lines = [f"{title + ', in microseconds':46}" + "".join(f"{head:>10}" for head in heads)]
    for what, by_past in costs.items():
        for short_past, long_past in zip(every[::2], every[1::2], strict=True):
            short, long = by_past[short_past.name], by_past[long_past.name]
            pairs = [(short.p50, long.p50), (short.p99, long.p99), (short.cpu, long.cpu)]
            lines.append(f"{what}, {short_past.kind}".ljust(46) + "".join(map(_triple, pairs)))
    return "\n".join(lines)


def _triple(pair: tuple[float | None, float | None]) -> str:
    short, long = pair
    return "" if short is None or long is None else f"{short:10.0f}{long:10.0f}{long / short:10.2f}"
