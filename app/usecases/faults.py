"""Tells Slack, once, that DoorBot is not itself; and once more when that is over.

While the store is away nothing can be claimed in it. So the processes of one machine agree by a lock on a file: whoever
holds it tells, and holds it until the fault is over.
"""

import fcntl
import os
import tempfile
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path

from app.ports import Delivery, Hosts

LINGER = timedelta(seconds=30)
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
    """One kind of fault: told once to each channel, by one process of this machine."""

    def __init__(self, lock: Path, channels: Sequence[str]) -> None:
        self._path = lock
        self._held: int | None = None
        self._channels = channels
        self._untold: Sequence[str] = ()
        self.since: datetime | None = None
        self._ended_at = datetime.min.replace(tzinfo=UTC)

    def tell(self, hosts: Hosts, text: str, now: datetime) -> bool:
        """Tell the channels that don't know yet; False where a channel is to be tried again."""
        if self.since is None:
            self.since, self._untold = now, self._channels
        if self._untold and self._is_ours():
            self._untold = [each for each in self._untold if hosts.tell(each, text) is Delivery.TRY_LATER]
            return not self._untold
        return True  # told, or another process's to tell

    def end(self, hosts: Hosts, now: datetime, text: str = "") -> None:
        """It is over: say so to the channels that were told."""
        for channel in self._channels if text else ():
            if channel not in self._untold:
                hosts.tell(channel, text)
        self.since, self._ended_at = None, now

    def rest(self, now: datetime) -> None:
        """Let another process tell of the next one, once none can be telling late of this one."""
        if self._held is not None and self.since is None and now >= self._ended_at + LINGER:
            os.close(self._held)
            self._held = None

    def _is_ours(self) -> bool:
        """Whether this process is the one to tell of it."""
        if self._held is None:
            try:
                held = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
            except OSError:  # where nothing can be written the processes can't agree: better told twice than never
                return True
            try:
                fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError:
                os.close(held)
                return False
            self._held = held
        return True


class Faults:
    """Noted by whoever meets them, told from the background. `installation` is what its processes have in common."""

    def __init__(self, hosts: Hosts, channels: Iterable[str], installation: str) -> None:
        self._hosts = hosts
        known = sorted({channel for channel in channels if channel})
        name = sha256(f"faults of {installation}".encode()).hexdigest()[:16]
        folder = _meeting_place()
        self._store = Fault(folder / f"doorbot-{name}-store.lock", known)
        self._bug = Fault(folder / f"doorbot-{name}-bug.lock", known)
        self.store_fails = self._bug_met = False

    def store_failed(self) -> None:
        """The store did not answer; touches nothing but memory."""
        self.store_fails = True

    def store_answered(self) -> None:
        self.store_fails = False

    def bug_met(self) -> None:
        """A bug was met; touches nothing but memory."""
        self._bug_met = True

    def tell(self, now: datetime) -> None:
        """Tell what is new, and end what is over."""
        if self.store_fails:
            self._store.tell(self._hosts, STORE_FAILED, now)
        elif self._store.since is not None:
            self._store.end(self._hosts, now, STORE_BACK)
        if self._bug_met:
            self._bug_met = not self._bug.tell(self._hosts, BUG_MET, now)
        elif self._bug.since is not None and now >= self._bug.since + BUG_IS_NEWS_AFTER:
            self._bug.end(self._hosts, now)
        for fault in (self._store, self._bug):
            fault.rest(now)


def _meeting_place() -> Path:
    """Where the processes of a machine meet; a machine on which nothing can be written must still start."""
    try:
        return Path(tempfile.gettempdir())
    except FileNotFoundError:
        return Path(os.devnull)  # nothing can be put there
