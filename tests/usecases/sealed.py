"""A store whose logs are sealed, for the tests of the seals."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from app.domain.audit import Action, AuditEvent, Outcome
from app.domain.doors import Door
from app.domain.notices import Notice
from app.domain.office import Office, People
from app.domain.seals import PostedHead
from app.domain.unlocks import Terms
from app.ports import OFFICE, Key, Store, entries, partition
from app.usecases.recording import Recording
from app.usecases.retention import Retention
from app.usecases.seal_keys import SealKeys
from app.usecases.unlocks import STATE
from app.usecases.verifying import Verified, Verifying
from tests.support import INTERCOM, a_door, local
from tests.tampering import tampering

NOON = local("2026-11-23T12:00")
SECOND, HOUR = timedelta(seconds=1), timedelta(hours=1)
SECRET, NEWER = "made-up-secret-key-of-some-length", "another-made-up-secret-key"
FRONT, SIDE = partition("front"), partition("side")
DOORS = {"front": a_door(), "side": a_door(id="side", name="Side door", channel="C0SIDE")}


class Sealed:
    """One process on a store, with this SECRET_KEY. Its clock goes on by a round's length with each round."""

    def __init__(
        self, store: Store, *secrets: str, now: datetime = NOON, doors: Mapping[str, Door] = DOORS, channel: str = ""
    ) -> None:
        terms = Terms(HOUR, HOUR)
        people = People("T0OFFICE1", frozenset(), frozenset())
        office = Office(doors, people, terms, timedelta(days=400), timedelta(days=90), seals=channel)
        self.store, self.now = store, now
        self.logs = [*map(partition, doors), OFFICE]
        self.keys = SealKeys(store, secrets or (SECRET,))
        self.recording = Recording(store, self.keys, office, self.logs)
        self.raw = tampering(store)

    def append(self, count: int, door_id: str = "front") -> None:
        """So many new entries, each with its caller."""
        for at in range(0, count, 500):
            events = [
                AuditEvent(
                    self.now,
                    door_id,
                    Action.RING,
                    Outcome.FORWARDED,
                    "locked",
                    visit=f"CA{door_id}{at + n}-{at + n}",  # so that no flipped bit makes one the copy of another
                    caller=INTERCOM,
                )
                for n in range(min(500, count - at))
            ]
            where = partition(door_id)
            assert self.store.commit(self.store.read(where, STATE), {}, events)

    def rounds(self, count: int = 1) -> None:
        """So many rounds of the one who seals."""
        for _ in range(count):
            for act in self.recording.timed:
                act(self.now)
            self.now += 3 * SECOND

    def seal(self, count: int = 0, door_id: str = "front") -> None:
        """So many new entries, and a round that seals them."""
        self.append(count, door_id)
        self.recording.sealing.seal(self.now)
        self.now += 3 * SECOND

    def verified(self, log: str = FRONT, posted: Sequence[PostedHead] = ()) -> Verified:
        opened = self.keys.open(self.logs)
        assert opened.key, opened.problem
        return Verifying(self.store, opened, 100, lambda *_: None).verify(log, posted)

    def wrong(self, log: str = FRONT) -> list[tuple[str, int, int]]:
        """What `log verify` names."""
        return [(bad.wrong.value, bad.first, bad.last) for bad in self.verified(log).bad]

    def noticed(self, door_id: str = "front") -> tuple[str, int, int] | None:
        """What the sealer has noticed by itself."""
        breach = self.recording.sealing.standing([door_id])[door_id].breach
        return (breach.wrong.value, breach.first, breach.last) if breach else None

    def sealed(self, door_id: str = "front") -> int:
        return self.recording.sealing.standing([door_id])[door_id].sealed

    def events(self, door_id: str = "front") -> list[AuditEvent]:
        """What is on record of the seals, oldest first."""
        found = [entry.event for entry in entries(self.store, partition(door_id))]
        return [event for event in found[::-1] if event.action is Action.SEAL]

    def told(self) -> list[tuple[str, str]]:
        """The messages that wait to be sent, by channel."""
        due = self.store.due(self.logs, self.now + HOUR, 1000, ["notice"])
        keys = [(each.partition, Key[Notice](each.name)) for each in due]
        found = [self.store.read(where, key).get(key) for where, key in keys]
        return [(notice.channel, notice.text) for notice in found if notice]

    def trim(self, first_kept: int) -> None:
        Retention(self.store, self.keys).trim({FRONT: first_kept})

    def kept(self) -> list[int]:
        return [number for number, _ in self.raw.lines(FRONT)]
