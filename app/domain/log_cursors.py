"""A place in the logs of several doors, merged by time, as a short word for an address."""

import re
from collections.abc import Sequence
from hashlib import sha256

DIGITS = "0123456789abcdefghijklmnopqrstuvwxyz"
WORD = re.compile(r"[0-9a-z]{1,12}(\.[0-9a-z]{1,12})*", re.ASCII)
CHECK_LENGTH = 8


def cursor(door_ids: Sequence[str], positions: Sequence[int]) -> str:
    """The word for a position in each door's log, in the order of the doors."""
    return ".".join([_check(door_ids), *map(_base36, positions)])


def positions(door_ids: Sequence[str], word: str) -> tuple[int, ...] | None:
    """The positions that a word names; None for what is none, or was made for other doors."""
    if not WORD.fullmatch(word):
        return None
    check, *numbers = word.split(".")
    if check != _check(door_ids) or len(numbers) != len(door_ids):
        return None
    return tuple(int(number, 36) for number in numbers)


def _check(door_ids: Sequence[str]) -> str:
    return sha256("\n".join(door_ids).encode()).hexdigest()[:CHECK_LENGTH]


def _base36(number: int) -> str:
    digits = ""
    while True:
        number, rest = divmod(number, 36)
        digits = DIGITS[rest] + digits
        if not number:
            return digits
