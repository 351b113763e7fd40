"""Tells Slack, once, that DoorBot is not itself; and once more when that is over.

While the store is away nothing can be claimed in it. So the processes of one machine agree by a lock on a file: whoever
holds it tells, and holds it until the fault is over.
"""

import fcntl
import os
import tempfile
from collections.abc import Iterable
from datetime import datetime, timedelta
from hashlib import sha256
from pathlib import Path
from typing import IO

from app.ports import Delivery, Hosts

BUG_IS_NEWS_AFTER = timedelta(hours=1)
STORE_FAILED = (
    ":warning: DoorBot can't reach its store. Until it is back, every ring goes to the telephones and nobody is let in "
    "by DoorBot."
)
STORE_BACK = ":white_check_mark: DoorBot's store is back. Rings are answered as usual."
BUG_MET = (
    ":warning: DoorBot met a fault while answering a ring. The call went to the telephones. "
    "The server's log says more; please tell whoever looks after DoorBot."
)


class Fault:
    """One kind of fault, told by one process of this machine."""

    def __init__(self, lock: Path) -> None:
        self._path = lock
        self._held: IO[str] | None = None
        self.since: datetime | None = None
        self.is_told = False

    def is_ours(self) -> bool:
        """Whether this process is the one to tell of it."""
        if self._held is None:
            try:
                held = self._path.open("w")
            except OSError:  # where nothing can be written nobody can be told apart: better told twice than never
                return True
            try:
                fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError:
                held.close()
                return False
            self._held = held
        return True

    def end(self) -> None:
        self.since, self.is_told = None, False
        if self._held is not None:
            self._held.close()
            self._held = None


class Faults:
    """Noted by whoever meets them, told from the background."""

    def __init__(self, hosts: Hosts, channels: Iterable[str], installation: str) -> None:
        self._hosts = hosts
        self._channels = sorted({channel for channel in channels if channel})
        name = sha256(installation.encode()).hexdigest()[:12]
        folder = _meeting_place()
        self._store = Fault(folder / f"doorbot-{name}-store.lock")
        self._bug = Fault(folder / f"doorbot-{name}-bug.lock")
        self._store_fails = self._bug_met = False

    def store_failed(self) -> None:
        """The store did not answer; touches nothing but memory."""
        self._store_fails = True

    def store_answered(self) -> None:
        self._store_fails = False

    def bug_met(self) -> None:
        """A bug was met; touches nothing but memory."""
        self._bug_met = True

    def tell(self, now: datetime) -> None:
        """Tell what is new, and end what is over."""
        if self._store_fails:
            self._tell_once(self._store, STORE_FAILED, now)
        elif self._store.since is not None:
            if self._store.is_told:
                self._tell_all(STORE_BACK)
            self._store.end()
        if self._bug_met:
            self._tell_once(self._bug, BUG_MET, now)
            self._bug_met = not self._bug.is_told and self._bug.is_ours()
        elif self._bug.since is not None and now >= self._bug.since + BUG_IS_NEWS_AFTER:
            self._bug.end()

    def _tell_once(self, fault: Fault, text: str, now: datetime) -> None:
        fault.since = fault.since or now
        if not fault.is_told and fault.is_ours():
            fault.is_told = self._tell_all(text)

    def _tell_all(self, text: str) -> bool:
        """Whether it was told, or can't be: only what certainly did not arrive is tried again."""
        deliveries = [self._hosts.tell(channel, text) for channel in self._channels]
        return Delivery.TRY_LATER not in deliveries


def _meeting_place() -> Path:
    """Where the processes of a machine meet; a machine on which nothing can be written must still start."""
    try:
        return Path(tempfile.gettempdir())
    except FileNotFoundError:
        return Path(os.devnull)  # nothing can be put there
