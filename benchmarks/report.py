"""The figures as a table for people and as JSON for programs."""

import dataclasses
import datetime
import json
import os
import platform
from collections.abc import Sequence
from pathlib import Path

from benchmarks.cases import BASES
from benchmarks.rounds import Figures, Plan

HERE = Path(__file__).resolve().parent


def table(figures: Sequence[Figures], plan: Plan, rounds: int) -> str:
    """Plain text, 110 columns at most; ratios are of CPU."""
    width = max(len(row.name) for row in figures)
    bases = [base for base in BASES if base in figures[0].ratios]
    letters = dict(zip(bases, "AB", strict=False))
    heads = "".join(f"{'CPU / ' + letter:>9}" for letter in letters.values())
    lines = [
        f"{'per request, in microseconds':{width}}{'CPU':>7}{'p50':>7}{'p99':>7}{heads}",
        *(
            f"{row.name:{width}}{row.cpu:7.0f}{row.p50:7.0f}{row.p99:7.0f}"
            + "".join(f"{row.ratios[base]:9.2f}" for base in bases)
            for row in figures
        ),
        "",
        *(f"{letter} = {base}" for base, letter in letters.items()),
        f"Medians of {rounds} interleaved rounds of {plan.requests} requests over {plan.connections} keep-alive "
        f"connection{'s' * (plan.connections != 1)}.",
        f"CPU: user and system time of the server's whole process tree. {_machine()}.",
    ]
    return "\n".join(lines)


def write_json(figures: Sequence[Figures], plan: Plan, rounds: int, path: Path = HERE / "latest.json") -> None:
    """Always the last run only: history is what `save` is for."""
    document = {
        "at": _now().isoformat(timespec="seconds"),
        "machine": _machine(),
        "rounds": rounds,
        "requests": plan.requests,
        "connections": plan.connections,
        "cases": [dataclasses.asdict(row) for row in figures],
    }
    path.write_text(json.dumps(document, indent=2) + "\n")


def save(text: str, directory: Path = HERE) -> Path:
    """Append the table to the day's file, so that figures of before and after a change stand together."""
    path = directory / f"figures-{_now().date()}.txt"
    with path.open("a") as file:
        file.write(f"{_now().isoformat(timespec='seconds')}\n\n{text}\n\n")
    return path


def _now() -> datetime.datetime:
    return datetime.datetime.now(datetime.UTC)


def _machine() -> str:
    return f"{os.cpu_count()} CPUs, {platform.machine()}, {platform.system()}, Python {platform.python_version()}"
