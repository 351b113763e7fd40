"""What a read of the log costs in a short and in a long one, in this process and without a server."""

import random
import statistics
import time
from collections import defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from app.domain.audit import Action, AuditEvent, Outcome
from app.ports import Store
from app.usecases.audit import AuditLog
from app.usecases.unlocks import STATE

TIMES = 100
FRONT, PAGE = "door:front", 50
Read = Callable[[], object]


@dataclass(frozen=True)
class Cost:
    """Microseconds: medians of the rounds' medians, 99th percentiles and, of a server, CPU."""

    p50: float
    p99: float
    cpu: float | None = None


Costs = Mapping[str, Mapping[str, Cost]]  # by what was done, and by the log's name


def reads(store: Store) -> dict[str, Read]:
    """Each kind of read, at a place that is another one each time. The log begins at 1."""
    dice, now, log = random.Random(1), datetime.now(UTC), AuditLog(store)
    (newest,), (oldest,) = store.read_log(FRONT, limit=1), store.read_log(FRONT, before=2, limit=1)

    def anywhere() -> int:
        return dice.randrange(PAGE, newest.seq + 1)

    def at_any_time() -> datetime:
        return now - dice.random() * (now - oldest.event.time)

    append = [AuditEvent(now, "front", Action.STATUS, Outcome.REFUSED, "not_permitted")]
    return {
        "newest entries": lambda: store.read_log(FRONT, limit=PAGE),
        "newest entries, with the office": lambda: log.latest(["front"], PAGE),
        "a page further back": lambda: store.read_log(FRONT, before=anywhere(), limit=PAGE),
        "a moment sought": lambda: store.first_at([FRONT], at_any_time()),
        "256 lines as stored": lambda: store.read_lines(FRONT, after=max(0, anywhere() - 256), limit=256),
        "an entry appended": lambda: store.commit(store.read(FRONT, STATE), {}, append),
    }


def measure(stores: Mapping[str, Store], rounds: int) -> Costs:
    """The costs of each kind of read, by the store's name; rounds in shuffled order."""
    every = {(name, kind): read for name, store in stores.items() for kind, read in reads(store).items()}
    p50s, p99s = defaultdict[tuple[str, str], list[float]](list), defaultdict[tuple[str, str], list[float]](list)
    for _ in range(rounds):
        for each in random.sample(list(every), len(every)):
            took = sorted(_seconds(every[each]) for _ in range(TIMES))
            p50s[each].append(took[len(took) // 2])
            p99s[each].append(took[len(took) * 99 // 100])
    found: dict[str, dict[str, Cost]] = defaultdict(dict)
    for name, kind in every:
        medians = (statistics.median(taken[name, kind]) * 1e6 for taken in (p50s, p99s))
        found[kind][name] = Cost(*medians)
    return found


def _seconds(read: Read) -> float:
    began = time.perf_counter()
    read()
    return time.perf_counter() - began
