"""What is measured: which servers run, and which requests each case sends to which of them.

To add a case: describe its server in `server_specs` (if none of those there will do), write a builder
`build(number) -> bytes` and add a `Case` to `CASES`. Numbers never repeat within a run, so a builder can make
every request a new call (`CA` + number). Requests are built, and signed, before the clock starts.
"""

import importlib.util
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlencode

RequestBuilder = Callable[[int], bytes]

ROOT = Path(__file__).resolve().parent.parent
EMPTY_ON_BJOERN = "empty Flask view on bjoern"
EMPTY_ON_PRODUCT = "empty Flask view on the product's server"
BASES = (EMPTY_ON_BJOERN, EMPTY_ON_PRODUCT)


@dataclass(frozen=True)
class ServerSpec:
    """How to start a server. `{port}` in the command is replaced; the scratch directory is its own to use."""

    command: tuple[str, ...]
    env: Mapping[str, str] = field(default_factory=dict)
    needs: str | None = None  # a module without which the server's cases are left out


@dataclass(frozen=True)
class Case:
    """One kind of request, to one server, and the status that shows it was answered as it should be."""

    name: str
    server: str
    build: RequestBuilder
    expect: int = 200


def post_form(path: str, fields: Mapping[str, str], headers: Mapping[str, str] | None = None) -> bytes:
    """A whole HTTP/1.1 request as Twilio and Slack send theirs."""
    body = urlencode(fields).encode()
    lines = [
        f"POST {path} HTTP/1.1",
        "Host: door.example.com",
        "Content-Type: application/x-www-form-urlencoded; charset=UTF-8",
        f"Content-Length: {len(body)}",
        "Accept: */*",
        *(f"{name}: {value}" for name, value in (headers or {}).items()),
    ]
    return "\r\n".join([*lines, "", ""]).encode() + body


def ring_fields(number: int) -> dict[str, str]:
    """The 22 fields of a call's first webhook, for a call that has not been seen before."""
    place = {
        f"{side}{part}": value
        for side in ("Caller", "Called", "From", "To")
        for part, value in (("City", "NEW YORK"), ("State", "NY"), ("Zip", "10001"), ("Country", "US"))
    }
    return place | {
        "AccountSid": "AC" + "0" * 32,
        "ApiVersion": "2010-04-01",
        "CallSid": f"CA{number:032x}",
        "CallStatus": "ringing",
        "From": "+12125550199",
        "To": "+12125550100",
    }


def ignored_ring(number: int) -> bytes:
    """A ring as it is, to a view that reads none of it: its signature is only as long as a real one."""
    return post_form("/voice/ring", ring_fields(number), {"X-Twilio-Signature": "0" * 27 + "="})


def server_specs(scratch: Path) -> dict[str, ServerSpec]:  # noqa: ARG001 - the baselines write nothing
    """Every server by name. What a server writes (a database, an office file) belongs under `scratch`."""
    empty = (sys.executable, "-m", "benchmarks.empty")
    return {
        "bjoern": ServerSpec((*empty, "bjoern", "{port}"), needs="bjoern"),
        "empty": ServerSpec((*empty, "product", "{port}")),
        # "sqlite": ServerSpec((sys.executable, "-m", "app", "serve"), {"SQLITE_PATH": str(scratch / "d.db")}),
    }


CASES = (
    Case(EMPTY_ON_BJOERN, "bjoern", ignored_ring),
    Case(EMPTY_ON_PRODUCT, "empty", ignored_ring),
    # Case("released ring on SQLite", "sqlite", released_ring),
    # Case("refused forged ring", "sqlite", forged_ring, expect=403),
)


def runnable(specs: Mapping[str, ServerSpec]) -> tuple[list[Case], list[str]]:
    """The cases whose server can run here, and a sentence for each that cannot."""
    cases: list[Case] = []
    missing: list[str] = []
    for case in CASES:
        module = specs[case.server].needs
        if module is None or importlib.util.find_spec(module):
            cases.append(case)
        else:
            missing.append(f"Left out: {case.name} ({module} is not installed).")
    return cases, missing
