"""One door after the other."""

from collections.abc import Callable, Sequence

from app.domain.doors import Door
from app.domain.errors import StoreUnavailable
from app.domain.outcomes import NotReached


def at_each(doors: Sequence[Door], act: Callable[[Door], object]) -> list[object]:
    """Door by door, each in its own commit: what was done is told, also where the next was not reached."""
    outcomes: list[object] = []
    for door in doors:
        try:
            outcomes.append(act(door))
        except StoreUnavailable:
            if not outcomes:
                raise
            outcomes.append(NotReached(door))
    return outcomes
