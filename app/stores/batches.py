"""What of a partition's due records is looked at in one go: so many of each kind, that no kind holds up another."""

from collections import Counter
from collections.abc import Collection


class Batch:
    """Up to `limit` names of each of these kinds, in the order in which they come; `kinds` None: of every kind."""

    def __init__(self, limit: int, kinds: Collection[str] | None) -> None:
        self._limit = limit
        self._kinds = kinds
        self._taken: Counter[str] = Counter()
        self._names: dict[str, None] = {}  # in order, and each once: while pages are turned a record may move

    def add(self, name: str) -> None:
        """Take it, if there is room for its kind: what stands before the first colon of its name."""
        kind = name.partition(":")[0]
        is_wanted = self._kinds is None or kind in self._kinds
        if is_wanted and self._taken[kind] < self._limit and name not in self._names:
            self._taken[kind] += 1
            self._names[name] = None

    @property
    def names(self) -> list[str]:
        return list(self._names)

    @property
    def is_full(self) -> bool:
        """Whether there is room for nothing more."""
        return self._kinds is not None and all(self._taken[kind] >= self._limit for kind in self._kinds)
