"""Records whose time to be looked at has come."""

import logging
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from itertools import zip_longest

from app.domain.errors import StoreUnavailable
from app.ports import DueRecord, Store

logger = logging.getLogger(__name__)

BATCH = 1000  # of each kind in each partition

Handlers = Mapping[str, Callable[[DueRecord, datetime], None]]


def look_at_due(store: Store, partitions: Sequence[str], clock: Callable[[], datetime], handlers: Handlers) -> None:
    """Hand every record that is due to the handler of its kind, what stands before the first colon of its name.

    Neither a record that can't be read nor thousands of one kind or of one door may hold up the others. Raises
    StoreUnavailable.
    """
    for due in _in_turn(store.due([*partitions], clock(), BATCH, handlers.keys())):
        try:
            handlers[_kind(due)](due, clock())
        except StoreUnavailable:
            raise
        except Exception:
            logger.exception("%s in %s could not be dealt with", due.name, due.partition)


def _in_turn(found: Sequence[DueRecord]) -> Iterator[DueRecord]:
    """The oldest of each kind in each partition, then the next of each, and so on."""
    lines: dict[tuple[str, str], list[DueRecord]] = {}
    for due in found:
        lines.setdefault((due.partition, _kind(due)), []).append(due)
    for turn in zip_longest(*lines.values()):
        yield from (due for due in turn if due)


def _kind(due: DueRecord) -> str:
    return due.name.partition(":")[0]


def door_of(due: DueRecord) -> str:
    """The id of the door whose record this is, "" for the office's."""
    return due.partition.partition(":")[2]
