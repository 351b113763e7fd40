"""What must happen at a time is done in one of the running processes; another one takes over within seconds."""

import logging
import os
from collections.abc import Callable, Sequence
from datetime import datetime
from uuid import uuid4

from app.clock import utcnow
from app.domain.errors import StoreUnavailable
from app.usecases.leases import Leases

logger = logging.getLogger(__name__)

LEASE = "timekeeping"
_STARTED_AS = uuid4().hex  # processes that were forked later have it in common

Timed = Callable[[datetime], None]
"""Does what is due at that time, if it has not been done: it may be called at any moment, also by two processes."""


def this_process() -> str:
    """A name that no other process has, on this machine or another."""
    return f"{_STARTED_AS}-{os.getpid()}"


class Timekeeping:
    """Does each of these again and again, in the process that holds the lease."""

    def __init__(self, leases: Leases, timed: Sequence[Timed], lease: str = LEASE) -> None:
        self._leases = leases
        self._timed = timed
        self._lease = lease

    def keep(self) -> None:
        """One round; what goes wrong with one of them must not stop the others."""
        for act in self._timed:
            try:
                if not self._leases.hold(self._lease, utcnow()):  # asked each time: what was before may have taken long
                    return
                act(utcnow())
            except StoreUnavailable as error:
                logger.warning("What is due waits for the store: %s", error.detail)
            except Exception:
                logger.exception("What is due met a bug; the rest of it goes on")
