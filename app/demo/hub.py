"""What happens in the playground, told to every page that is open."""

import queue
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

Event = dict[str, Any]


class Hub:
    """Hands events on. Whoever changes what a snapshot shows holds `lock` until the change is published."""

    def __init__(self) -> None:
        self.lock = threading.RLock()
        self._pages: list[queue.SimpleQueue[Event]] = []

    @property
    def is_heard(self) -> bool:
        """Whether a page is open."""
        return bool(self._pages)

    def publish(self, kind: str, **fields: Any) -> None:
        """Tell every page of a change."""
        with self.lock:
            for page in self._pages:
                page.put({"type": kind, **fields})

    @contextmanager
    def listen(self, snapshot: Callable[[], Event]) -> Iterator["queue.SimpleQueue[Event]"]:
        """What a page is told: everything as it is, then each change."""
        page: queue.SimpleQueue[Event] = queue.SimpleQueue()
        with self.lock:
            page.put({"type": "snapshot", **snapshot()})
            self._pages.append(page)
        try:
            yield page
        finally:
            with self.lock:
                self._pages.remove(page)
