"""What is measured: which servers run, and which requests each case sends to which of them.

To add a case: describe its server in `server_specs` (if none of those there will do), write a builder
`build(number) -> bytes` and add a `Case` to `CASES`. Numbers never repeat within a run, so a builder can make
every request a new call (`CA` + number). Requests are built, and signed, before the clock starts.
"""

import importlib.util
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from benchmarks import product
from benchmarks.http import post_form, ring_fields

RequestBuilder = Callable[[int], bytes]

ROOT = Path(__file__).resolve().parent.parent
EMPTY_ON_BJOERN = "empty Flask view on bjoern"
EMPTY_ON_PRODUCT = "empty Flask view on the product's server"
SIZES = (1, 20, 200)  # doors of an office
BASES = (EMPTY_ON_BJOERN, EMPTY_ON_PRODUCT)


@dataclass(frozen=True)
class ServerSpec:
    """How to start a server. `{port}` in the command is replaced; the scratch directory is its own to use."""

    command: tuple[str, ...]
    env: Mapping[str, str] = field(default_factory=dict)
    first: tuple[RequestBuilder, ...] = ()  # sent once when it is up, such as the unlock that rings are to find
    needs: str | None = None  # a module without which the server's cases are left out


@dataclass(frozen=True)
class Case:
    """One kind of request, to one server, and the status that shows it was answered as it should be."""

    name: str
    server: str
    build: RequestBuilder
    expect: int = 200


def ignored_ring(number: int) -> bytes:
    """A ring as it is, to a view that reads none of it: its signature is only as long as a real one."""
    return post_form("/voice/ring", ring_fields(number), {"X-Twilio-Signature": "0" * 27 + "="})


def server_specs(scratch: Path, redis_url: str) -> dict[str, ServerSpec]:
    """Every server by name. What a server writes (a database, an office file) belongs under `scratch`."""
    empty = (sys.executable, "-m", "benchmarks.empty")
    doorbot = (sys.executable, "-m", "app", "serve")
    unlocked = (product.unlock_command,)
    on_redis = product.environment(scratch, REDIS_URL=redis_url)
    acting = product.environment(scratch, SQLITE_PATH=str(scratch / "acting.db"))
    return {
        "bjoern": ServerSpec((*empty, "bjoern", "{port}"), needs="bjoern"),
        "empty": ServerSpec((*empty, "product", "{port}")),
        "sqlite": ServerSpec(doorbot, product.environment(scratch), first=unlocked),
        "redis": ServerSpec(doorbot, on_redis, first=unlocked),
        "commands": ServerSpec(doorbot, acting),  # of its own: these unlock and lock
    }


CASES = (
    Case(EMPTY_ON_BJOERN, "bjoern", ignored_ring),
    Case(EMPTY_ON_PRODUCT, "empty", ignored_ring),
    Case("released ring, SQLite", "sqlite", product.released_ring),
    Case("released ring, Redis", "redis", product.released_ring),
    Case("refused forged ring", "sqlite", product.forged_ring, expect=403),
    Case("slash command that reads (status)", "commands", product.status_command),
    Case("slash command that acts (unlock, lock)", "commands", product.acting_command),
)


def many_door_specs(scratch: Path, redis_url: str) -> dict[str, ServerSpec]:
    """The same servers for offices of several sizes; each has a store of its own."""
    empty = (sys.executable, "-m", "benchmarks.empty")
    doorbot = (sys.executable, "-m", "app", "serve")
    specs = {
        "bjoern": ServerSpec((*empty, "bjoern", "{port}"), needs="bjoern"),
        "empty": ServerSpec((*empty, "product", "{port}")),
    }
    for number, doors in enumerate(SIZES, 1):
        on_redis = product.environment(scratch, doors, REDIS_URL=f"{redis_url.removesuffix('0')}{number}")
        specs[f"sqlite of {doors}"] = ServerSpec(
            doorbot, product.environment(scratch, doors), first=(product.unlock_command,)
        )
        specs[f"redis of {doors}"] = ServerSpec(doorbot, on_redis, first=(product.unlock_command,))
    return specs


MANY_DOOR_CASES = (
    Case(EMPTY_ON_BJOERN, "bjoern", ignored_ring),
    Case(EMPTY_ON_PRODUCT, "empty", ignored_ring),
    *(
        Case(f"{name}, {doors} door{'s' * (doors > 1)}, {store}", f"{store.lower()} of {doors}", build)
        for store in ("SQLite", "Redis")
        for name, build in (("released ring", product.released_ring), ("status", product.status_command))
        for doors in SIZES
    ),
)


def runnable(every: Sequence[Case], specs: Mapping[str, ServerSpec]) -> tuple[list[Case], list[str]]:
    """The cases whose server can run here, and a sentence for each that cannot."""
    cases: list[Case] = []
    missing: list[str] = []
    for case in every:
        module = specs[case.server].needs
        if module is None or importlib.util.find_spec(module):
            cases.append(case)
        else:
            missing.append(f"Left out: {case.name} ({module} is not installed).")
    return cases, missing
