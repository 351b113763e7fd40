"""What a step of the chain came to, and how it is printed."""

import sys
from collections.abc import Iterable
from dataclasses import dataclass
from enum import Enum


class Mark(Enum):
    """A sign, and the word for terminals that don't have it."""

    FINE = ("✓", "fine ")
    LOOK = ("!", "look ")
    WRONG = ("✗", "wrong")


@dataclass(frozen=True)
class Finding:
    """One line, and what to do about it. Never holds a secret."""

    mark: Mark
    text: str
    todo: str = ""


def fine(text: str) -> Finding:
    """As it should be."""
    return Finding(Mark.FINE, text)


def look(text: str, todo: str = "") -> Finding:
    """Not wrong, or not to be found out from here."""
    return Finding(Mark.LOOK, text, todo)


def wrong(text: str, todo: str) -> Finding:
    """Something to do."""
    return Finding(Mark.WRONG, text, todo)


def show(title: str, findings: Iterable[Finding]) -> None:
    """Print a group."""
    plain = not (sys.stdout.encoding or "").lower().replace("-", "").startswith("utf8")
    say(title)
    for each in findings:
        say(f"  {each.mark.value[plain]} {each.text}")
        if each.todo:
            say(f"    {'->' if plain else '→'} {each.todo}")


def say(text: str) -> None:
    """Print a line, on a terminal of any kind."""
    encoding = sys.stdout.encoding or "ascii"
    print(text.encode(encoding, "replace").decode(encoding), flush=True)
