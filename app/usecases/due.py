"""Records whose time to be looked at has come."""

import logging
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime

from app.domain.errors import StoreUnavailable
from app.ports import DueRecord, Store

logger = logging.getLogger(__name__)

BATCH = 1000

Handlers = Mapping[str, Callable[[DueRecord, datetime], None]]


def look_at_due(store: Store, partitions: Sequence[str], clock: Callable[[], datetime], handlers: Handlers) -> None:
    """Hand every record that is due to the handler of its kind, what stands before the first colon of its name.

    A record that can't be read must not hold up the others. Raises StoreUnavailable.
    """
    for due in store.due(partitions, clock(), BATCH):
        handle = handlers.get(due.name.partition(":")[0])
        if handle is None:
            continue
        try:
            handle(due, clock())
        except StoreUnavailable:
            raise
        except Exception:
            logger.exception("%s in %s could not be dealt with", due.name, due.partition)


def door_of(due: DueRecord) -> str:
    """The id of the door whose record this is, "" for the office's."""
    return due.partition.partition(":")[2]
