"""Records whose time to be looked at has come."""

import logging
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from functools import partial
from itertools import zip_longest

from app.domain.errors import StoreUnavailable
from app.ports import DueRecord, Store

logger = logging.getLogger(__name__)

BATCH = 1000  # of each kind in each partition

Clock = Callable[[], datetime]
Handlers = Mapping[str, Callable[[DueRecord, datetime], None]]


def look_at_due(
    store: Store, partitions: Sequence[str], clock: Clock, handlers: Handlers, late: timedelta = timedelta()
) -> None:
    """Hand every record that is due, or has been for so long, to the handler of its kind.

    A kind is what stands before the first colon of a record's name. Neither a record that can't be read nor thousands
    of one kind or of one door may hold up the others. Raises StoreUnavailable.
    """
    for due in _in_turn(store.due([*partitions], clock() - late, BATCH, handlers.keys())):
        _try(partial(handlers[_kind(due)], due, clock()), due)


def look_at_all(store: Store, partitions: Sequence[str], at: datetime, handle: Callable[[DueRecord], None]) -> None:
    """Hand every record of any kind that was due then to `handle`, in the same way."""
    for due in _in_turn(store.due(partitions, at, BATCH)):
        _try(partial(handle, due), due)


def _try(handle: Callable[[], None], due: DueRecord) -> None:
    try:
        handle()
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
