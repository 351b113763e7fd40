"""What keeps DoorBot from its work while its store is well: who watches for it, and what stands now."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime

from app.domain import alarm_sentences as words
from app.domain.doors import Door
from app.domain.silence import NEVER
from app.ports import OFFICE, Hosts, Store, partition
from app.usecases.silence import SILENCE, Silence
from app.usecases.tokens import TOKEN, Tokens
from app.usecases.verifications import WEBHOOKS, Verifications


class Alarms:
    """A silent door, a Slack that refuses our token, webhooks that don't verify. A failing store: see faults."""

    def __init__(self, store: Store, hosts: Hosts, doors: Mapping[str, Door]) -> None:
        self._store = store
        self._doors = doors
        self.silence = Silence(store, doors)
        self.tokens = Tokens(store, hosts, doors)
        self.verifications = Verifications(store, doors)

    @property
    def looks(self) -> Sequence[Callable[[datetime], None]]:
        """What every process looks at in every round, because each meets its own; may raise StoreUnavailable."""
        return self.tokens.look, self.verifications.look

    def standing(self, now: datetime) -> list[str]:
        """A sentence for each alarm that is not over. Raises StoreUnavailable."""
        office, door = self._store.read(OFFICE, TOKEN, WEBHOOKS), next(iter(self._doors.values()))
        found = list[str]()
        if refused := office.get(TOKEN):
            found.append(words.token(refused, door, now))
        verification = office.get(WEBHOOKS)
        if verification and verification.is_told and verification.failing_since:
            found.append(words.webhooks(verification.failing_since, door, now))
        return found + self._silent(now)

    def _silent(self, now: datetime) -> list[str]:
        doors = [door for door in self._doors.values() if door.silence != NEVER]
        snapshots = self._store.read_many([(partition(door.id), [SILENCE]) for door in doors])
        rhythms = [(door, snapshot.get(SILENCE)) for door, snapshot in zip(doors, snapshots, strict=True)]
        return [words.silent(door, rhythm, now) for door, rhythm in rhythms if rhythm and rhythm.told_at]
