"""Finds a time in a log that is numbered without gaps."""

from bisect import bisect_left
from collections.abc import Callable
from datetime import datetime

from app.stores import records


def first_not_older(first: int, last: int, event_at: Callable[[int], str], older_than: datetime) -> int:
    """The number of the first entry from `first` to `last` that is not older; `last + 1` where all are.

    Halves the range again and again: a million entries cost twenty look-ups, and no index has to be kept for it.
    """
    cutoff = records.to_micros(older_than)
    return bisect_left(range(last + 1), cutoff, lo=first, key=lambda seq: records.event_micros(event_at(seq)))
