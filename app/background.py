"""The thread in every server process that does what nobody waits for."""

import logging
import threading

from app.clock import utcnow
from app.domain.errors import StoreUnavailable
from app.usecases.faults import Faults
from app.usecases.forgeries import Forgeries
from app.usecases.housekeeping import Housekeeping

logger = logging.getLogger(__name__)

SWEEP_SECONDS = 2.0


class Background:
    """Sweeps every two seconds, and at once when it is woken."""

    def __init__(self, housekeeping: Housekeeping, forgeries: Forgeries, faults: Faults) -> None:
        self._housekeeping = housekeeping
        self._forgeries = forgeries
        self._faults = faults
        self._woken = threading.Event()

    def wake(self) -> None:
        """There is something to do; returns at once."""
        self._woken.set()

    def start(self) -> None:
        threading.Thread(target=self._run, name="background", daemon=True).start()

    def _run(self) -> None:
        while True:
            self._woken.wait(SWEEP_SECONDS)
            self._woken.clear()
            try:
                self.sweep()
            except Exception:  # this thread must outlive every bug in what it calls
                logger.exception("Housekeeping met a bug; it goes on")

    def sweep(self) -> None:
        """One round, then tell of faults: also, and above all, when the round failed."""
        now = utcnow()
        try:
            self._forgeries.record(now)
            self._housekeeping.sweep(now)
            self._faults.store_answered()
        except StoreUnavailable as error:
            logger.warning("Housekeeping waits for the store: %s", error.detail)
            self._faults.store_failed()
        finally:
            self._faults.tell(now)
