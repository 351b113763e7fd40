"""Makes a live call ask at once how to go on, so that its visitor need not wait until it asks by itself."""

from collections.abc import Callable
from datetime import datetime, timedelta

from app.domain.doors import Door
from app.ports import Calls, Store, partition
from app.usecases.steps import visit_key

TRIED_FOR = timedelta(minutes=1)


class Moves:
    """A call that Twilio did not move is moved again while its visitor waits for a tone.

    It need not ask by itself: Twilio may be playing the fallback to it, which asks nobody.
    """

    def __init__(self, store: Store, calls: Calls, clock: Callable[[], datetime]) -> None:
        self._store = store
        self._calls = calls
        self._clock = clock
        self._unmoved: dict[str, Door] = {}

    def move(self, door: Door, call: str) -> None:
        if not self._calls.move(door, call):
            self._unmoved[call] = door

    def sweep(self, soon: Callable[[Door, str], None]) -> None:
        """Hand every call that is to be moved again to `soon`. Raises StoreUnavailable."""
        for call, door in list(self._unmoved.items()):
            key = visit_key(call)
            visit = self._store.read(partition(door.id), key).get(key)
            del self._unmoved[call]
            if visit and visit.awaits_the_tone and visit.decided_at and self._clock() < visit.decided_at + TRIED_FOR:
                soon(door, call)
