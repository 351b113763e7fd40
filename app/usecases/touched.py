"""Doors at which something new may be on record, for what is read off the log in the background."""

import logging
from collections.abc import Callable, Mapping

from app.domain.doors import Door
from app.domain.errors import StoreUnavailable

logger = logging.getLogger(__name__)


class Touched:
    """A hint in memory: it costs a ring nothing, and whoever needs certainty looks at all doors now and then."""

    def __init__(self, doors: Mapping[str, Door], looked_for: str) -> None:
        self._doors = doors
        self._looked_for = looked_for  # in the words of the process's own log
        self._touched: set[str] = set()

    def add(self, door_id: str) -> None:
        """Something was put on record at this door; those that nobody asked about are not noted."""
        if door_id in self._doors:
            self._touched.add(door_id)

    def add_all(self) -> None:
        """Nobody knows at which doors something is new."""
        self._touched.update(self._doors)

    def look(self, look_at: Callable[[Door], bool]) -> None:
        """Look at each; one at which there is more to look at (False) stays noted. Raises StoreUnavailable.

        A door whose records can't be read must not hold up the others.
        """
        for door_id in [*self._touched]:
            self._touched.discard(door_id)  # before it is looked at: what happens from here on is new again
            is_done = False
            try:
                is_done = look_at(self._doors[door_id])
            except StoreUnavailable:
                raise
            except Exception:
                logger.exception("The %s at %s could not be read", self._looked_for, door_id)
                is_done = True
            finally:
                if not is_done:
                    self._touched.add(door_id)
