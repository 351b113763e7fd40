"""What nobody waits for: threads that keep house, do what is due, tell Slack, ask Slack and move calls."""

import logging
import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import datetime

from app.clock import utcnow
from app.domain.doors import Door
from app.domain.errors import StoreUnavailable
from app.usecases.faults import Faults
from app.usecases.housekeeping import Housekeeping

logger = logging.getLogger(__name__)

ROUND_SECONDS = 2.0
FOLLOWING_SECONDS = 1.0  # what changed elsewhere is seen in the App Home within two
FINISH_SECONDS = 4.0  # well within what the server gives a process to end in
AT_ONCE = 16  # so many visits may wait for Slack, or for Twilio, at the same time


class Soon:
    """Does something about a visit right after the request that led to it, in a thread of its own."""

    def __init__(self, name: str, act: Callable[[Door, str], object]) -> None:
        self._act = act
        self._pool = ThreadPoolExecutor(AT_ONCE, thread_name_prefix=name)
        self._queued: set[tuple[str, str]] = set()  # and not begun: once is enough, it will see the newest

    def __call__(self, door: Door, call: str) -> None:
        if (door.id, call) in self._queued:
            return
        self._queued.add((door.id, call))
        try:
            self._pool.submit(self.now, door, call)
        except RuntimeError:  # this process is stopping: another one finds in the store what is due
            logger.info("A visit is left to another process")

    def now(self, door: Door, call: str) -> None:
        """The same at once; whatever goes wrong is tried again in the background's rounds."""
        self._queued.discard((door.id, call))
        try:
            self._act(door, call)
        except StoreUnavailable as error:
            logger.warning("A visit waits for the store: %s", error.detail)
        except Exception:
            logger.exception("A visit met a bug in the background")


Act = Callable[[datetime], object]


@dataclass(frozen=True)
class Round:
    """What one thread does again and again: after so many seconds, or when it is woken."""

    name: str
    acts: Sequence[Act]
    seconds: float = ROUND_SECONDS
    woken: threading.Event = field(default_factory=threading.Event)

    def go(self) -> None:
        """One round. What one of the acts meets must not stop the others."""
        for act in self.acts:
            try:
                act(utcnow())
            except StoreUnavailable as error:
                logger.warning("The background's %s waits for the store: %s", self.name, error.detail)
            except Exception:
                logger.exception("The background's %s met a bug; it goes on", self.name)

    def repeat(self) -> None:
        while True:
            self.woken.wait(self.seconds)
            self.woken.clear()
            self.go()


class Background:
    """Each round in a thread of its own, until the process ends."""

    def __init__(self, *rounds: Round) -> None:
        self._rounds = {each.name: each for each in rounds}

    def start(self) -> None:
        for each in self._rounds.values():
            threading.Thread(target=each.repeat, name=each.name, daemon=True).start()

    def sweep(self, *names: str) -> None:
        """One round of these, or of all of them, one after the other."""
        for name in names or self._rounds:
            self._rounds[name].go()


class House:
    """Keeps the record in order, and notices when the store fails and when it is back."""

    def __init__(self, faults: Faults, housekeeping: Housekeeping, acts: Sequence[Act]) -> None:
        self._faults = faults
        self._housekeeping = housekeeping
        self._acts = acts

    def keep(self, now: datetime) -> None:
        """One round. Raises StoreUnavailable."""
        try:
            if self._faults.store_fails:
                self._housekeeping.try_writing(now)
            for act in self._acts:
                act(now)
        except StoreUnavailable:
            self._faults.store_failed()
            raise
        self._faults.store_answered()


def finish(record: Act) -> None:
    """Before a process ends: put on record what only its memory holds. Tries for a while where the store is away."""
    end = time.monotonic() + FINISH_SECONDS
    while True:
        try:
            record(utcnow())
            return
        except StoreUnavailable as error:
            if time.monotonic() > end:
                logger.error("Rings that were forwarded could not be put on record before the end: %s", error.detail)
                return
        except Exception:
            logger.exception("What was to be recorded at the end met a bug")
            return
        time.sleep(0.1)
