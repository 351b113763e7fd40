"""A lease: which of the running processes does what must happen at a time."""

from dataclasses import dataclass
from datetime import datetime, timedelta

LASTS = timedelta(seconds=6)  # so long after its holder's death nobody does its work
RENEWED_AFTER = timedelta(seconds=1)


@dataclass(frozen=True, slots=True)
class Lease:
    """`holder` does the work until then, and goes on if it renews the lease in time."""

    holder: str
    until: datetime

    def binds(self, now: datetime) -> bool:
        """Whether everybody else has to leave the work alone.

        One that lasts longer than any lease was given by a clock that is wrong: it must not stop the work for so long.
        """
        return now < self.until <= now + 2 * LASTS

    def is_fresh(self, now: datetime) -> bool:
        """Whether its holder need not renew it yet."""
        return self.binds(now) and self.until > now + LASTS - RENEWED_AFTER


def lease(holder: str, now: datetime) -> Lease:
    """A lease given, or renewed, at `now`."""
    return Lease(holder, now + LASTS)


def renewed_at(given: Lease) -> datetime:
    """When its holder renewed it last."""
    return given.until - LASTS
