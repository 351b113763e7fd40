"""What nobody waits for: threads that keep house, do what is due, tell Slack, ask Slack and move calls."""

import logging
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime

from app.clock import utcnow
from app.domain.doors import Door
from app.domain.errors import StoreUnavailable
from app.timekeeping import Timekeeping
from app.usecases.digests import Digests
from app.usecases.faults import Faults
from app.usecases.following import Following
from app.usecases.forgeries import Forgeries
from app.usecases.housekeeping import Housekeeping
from app.usecases.moves import Moves
from app.usecases.notices import Notices
from app.usecases.questions import Questions
from app.usecases.tones import Tones

logger = logging.getLogger(__name__)

ROUND_SECONDS = 2.0
FOLLOWING_SECONDS = 1.0  # what changed elsewhere is seen in the App Home within two
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


class Background:
    """Keeps house in one thread, and tells Slack in others: a Slack that hangs must not hold up the record.

    What people wait for is told in one, and the day's visits, which can wait, in another.
    """

    def __init__(
        self,
        housekeeping: Housekeeping,
        notices: Notices,
        questions: Questions,
        moves: Moves,
        digests: Digests,
        tones: Tones,
        forgeries: Forgeries,
        faults: Faults,
        timekeeping: Timekeeping,
        following: Following,
        woken: threading.Event,
        ask: Callable[[Door, str], None],
        move: Callable[[Door, str], None],
        watching: Sequence[Callable[[datetime], None]] = (),
    ) -> None:
        self._housekeeping = housekeeping
        self._notices = notices
        self._questions = questions
        self._moves = moves
        self._digests = digests
        self._tones = tones
        self._forgeries = forgeries
        self._faults = faults
        self._timekeeping = timekeeping
        self._following = following
        self._woken = woken  # set when there is something to tell
        self._ask = ask
        self._move = move
        self._watching = watching

    def start(self) -> None:
        """Begin the threads; each goes on until the process ends."""
        never = threading.Event()
        for name, act, woken, seconds in (
            ("housekeeping", self.keep_house, never, ROUND_SECONDS),
            ("timekeeping", self._timekeeping.keep, never, ROUND_SECONDS),
            ("telling", self.tell, self._woken, ROUND_SECONDS),
            ("digests", self.tell_of_visits, never, ROUND_SECONDS),
            ("homes", self.show_homes, never, FOLLOWING_SECONDS),
            ("watching", self.watch, never, ROUND_SECONDS),
        ):
            threading.Thread(target=_repeat, args=(act, woken, seconds), name=name, daemon=True).start()

    def sweep(self) -> None:
        """One round of each."""
        self.keep_house()
        self._timekeeping.keep()
        self.watch()
        self.tell()
        self.tell_of_visits()
        self.show_homes()

    def keep_house(self) -> None:
        """One round over what is due in the store."""
        now = utcnow()
        try:
            if self._faults.store_fails:
                self._housekeeping.try_writing(now)
            self._forgeries.record(now)
            self._housekeeping.sweep(now)
            self._questions.sweep(self._ask)
            self._moves.sweep(self._move)
            self._faults.store_answered()
        except StoreUnavailable as error:
            logger.warning("Housekeeping waits for the store: %s", error.detail)
            self._faults.store_failed()

    def watch(self) -> None:
        """Notice what keeps DoorBot from its work; what one of them meets must not stop the others."""
        for look in self._watching:
            try:
                look(utcnow())
            except StoreUnavailable as error:
                logger.warning("What is watched waits for the store: %s", error.detail)
            except Exception:
                logger.exception("The background met a bug; it goes on")

    def tell(self) -> None:
        """Tell Slack of faults, and what waits in the store to be told."""
        self._faults.tell(utcnow())
        try:
            self._tones.look_back(utcnow())
            self._digests.gather(utcnow())
            self._notices.deliver(utcnow)
        except StoreUnavailable as error:
            logger.warning("Messages wait for the store: %s", error.detail)

    def tell_of_visits(self) -> None:
        """Tell Slack of the day's visits."""
        try:
            self._digests.tell(utcnow)
        except StoreUnavailable as error:
            logger.warning("The day's visits wait for the store: %s", error.detail)

    def show_homes(self) -> None:
        """Show what is new in the App Homes of those who opened them lately."""
        try:
            self._following.follow(utcnow())
        except StoreUnavailable as error:
            logger.warning("The App Homes wait for the store: %s", error.detail)


def _repeat(act: Callable[[], None], woken: threading.Event, seconds: float) -> None:
    while True:
        woken.wait(seconds)
        woken.clear()
        try:
            act()
        except Exception:  # this thread must outlive every bug in what it calls
            logger.exception("The background met a bug; it goes on")
