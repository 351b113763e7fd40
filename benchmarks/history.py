"""A past for a store: what would be on record after so many days of couriers, made quickly in large commits."""

import random
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from itertools import islice

from app.domain.audit import Action, AuditEvent, Outcome, Source
from app.ports import Store, partition
from app.usecases.unlocks import STATE

DAYS = 400
A_DAY = 25  # entries, at least: a short past is one of fewer days
A_COMMIT = 1000  # entries; Redis must take one in within 0.4 s
HOSTS = ("U0HOST001", "U0ADMIN01", *(f"U0HOST{n:03}" for n in range(2, 12)))
INTERCOM, TELEPHONE = "+12125550199", "+12125550123"
BUSY = (1, 1, 2, 4, 7, 7, 5, 3, 2, 1)  # how often it rings in the hours from 13:00 UTC: couriers come at noon
OF_A_VISIT, BESIDES = 1.49, 2.45  # entries, on average; and of what people do besides, in a day
UNLOCKED, ASKED, FORWARDED, CODE, LATE = 0.55, 0.83, 0.9, 0.95, 0.98


class Past:
    """The past of one door, oldest first, cast by dice that are the same each time."""

    def __init__(self, door: str, seed: int = 1) -> None:
        self._door = door
        self._dice = random.Random(f"{door} {seed}")
        self._calls = 0

    def events(self, until: datetime, visits: int, days: int) -> Iterator[AuditEvent]:
        """So many visits in the days before this one, with what people did besides."""
        for day in range(days):
            morning = (until - timedelta(days=days - day)).replace(hour=12, minute=30, second=0, microsecond=0)
            today = visits * (day + 1) // days - visits * day // days
            happened = [event for _ in range(today) for event in self._visit(self._moment(morning))]
            evening = morning + timedelta(hours=11)
            until_then = {"until": evening.isoformat()}
            yield self._of(morning, Action.UNLOCK, Outcome.DONE, actor=self._host(), **until_then)
            yield from sorted(happened, key=lambda event: event.time)
            yield from self._evening(evening)

    def _moment(self, morning: datetime) -> datetime:
        (hour,) = self._dice.choices(range(len(BUSY)), BUSY)
        return morning + timedelta(hours=hour, minutes=30, seconds=self._dice.randrange(3600))

    def _host(self) -> str:
        return self._dice.choice(HOSTS)

    def _of(
        self, at: datetime, action: Action, outcome: Outcome, reason: str = "", actor: str = "", **details: str | int
    ) -> AuditEvent:
        return AuditEvent(at, self._door, action, outcome, reason, actor, Source.SLACK, details=details)

    def _evening(self, at: datetime) -> Iterator[AuditEvent]:
        yield self._of(at, Action.LOCK, Outcome.DONE, actor=self._host())
        if self._dice.random() < 0.3:
            yield self._of(at, Action.UNLOCK, Outcome.REFUSED, "not_permitted", "U0MEMBER1", times=2)
        if self._dice.random() < 0.05:
            yield self._of(at, Action.LOCK_DOWN, Outcome.DONE, actor="U0ADMIN01", why="a fire drill")
            yield self._of(at + timedelta(minutes=9), Action.LIFT, Outcome.DONE, actor="U0ADMIN01")
        if self._dice.random() < 0.05:
            yield self._of(at, Action.GRANT, Outcome.DONE, actor="U0ADMIN01", to=self._host())

    def _visit(self, at: datetime) -> list[AuditEvent]:
        self._calls += 1
        die, call = self._dice.random(), f"CA{self._door.encode().hex()[:12]:0>16}{self._calls:016x}"
        waits = min(25, int(self._dice.lognormvariate(2.1, 0.6)))

        def step(
            after: int, action: Action, outcome: Outcome, reason: str = "", actor: str = "", **more: str | int
        ) -> AuditEvent:
            caller, source = (INTERCOM, Source.VOICE) if action is Action.RING else ("", Source.SLACK)
            when = at + timedelta(seconds=after)
            return AuditEvent(when, self._door, action, outcome, reason, actor, source, call, caller, more)

        if die < UNLOCKED:
            return [step(0, Action.RING, Outcome.RELEASED, "unlock", self._host(), tone="standard")]
        if die < ASKED:
            answer = step(waits, Action.ADMIT, Outcome.RELEASED, "host", self._host(), seconds=waits, tone="standard")
            if die > ASKED - 0.03:
                answer = step(waits, Action.TURN_AWAY, Outcome.DENIED, "", self._host(), seconds=waits)
            return [step(0, Action.RING, Outcome.ASKED, "locked"), answer]
        if die < FORWARDED:
            last = (
                (Outcome.ANSWERED, "", TELEPHONE) if die < FORWARDED - 0.02 else (Outcome.UNANSWERED, "no-answer", "")
            )
            forward = step(25, Action.FORWARD, Outcome.FORWARDED, "nobody_answered")
            return [step(0, Action.RING, Outcome.ASKED, "locked"), forward, step(40, Action.FORWARD, *last)]
        if die < CODE:
            key = step(waits, Action.USE_CODE, Outcome.RELEASED, "code", "FedEx", tone="standard")
            return [step(0, Action.RING, Outcome.ASKED, "locked"), key]
        if die < LATE:
            return [step(0, Action.RING, Outcome.FORWARDED, "after_hours")]
        return [step(0, Action.RING, Outcome.ASKED, "locked"), step(waits, Action.END, Outcome.HUNG_UP)]


def fill(store: Store, door_ids: Sequence[str], count: int, now: datetime) -> None:
    """Put about `count` entries on record, as many at each door; the newest is of yesterday."""
    each = count / len(door_ids)
    days = max(1, min(DAYS, round(each / A_DAY)))
    for door in door_ids:
        append(store, door, Past(door).events(now, round((each - days * BESIDES) / OF_A_VISIT), days))


def append(store: Store, door: str, events: Iterable[AuditEvent]) -> None:
    """Put these on record."""
    rest = iter(events)
    while batch := list(islice(rest, A_COMMIT)):
        assert store.commit(store.read(partition(door), STATE), {}, batch)
