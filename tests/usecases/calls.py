"""The use cases of calls without Slack, and what they leave behind."""

from dataclasses import replace
from datetime import datetime
from typing import Any

from app.domain.access_codes import AccessCode, DoorCodes
from app.domain.audit import AuditEvent
from app.domain.code_hashes import CodeHasher
from app.domain.doors import Door, DoorState, Lockdown
from app.domain.unlocks import Unlock
from app.domain.visits import Visit
from app.ports import Key, Store, entries, partition
from app.usecases.access_codes import CODES, AccessCodes
from app.usecases.holding import Holding
from app.usecases.steps import Changed, nobody, visit_key
from app.usecases.telephones import Telephones
from app.usecases.unlocks import STATE
from app.usecases.visits import Visits

HASHER = CodeHasher(["made-up-secret-key-of-some-length"])


class Uses:
    """What the voice edge calls."""

    def __init__(self, store: Store, changed: Changed = nobody) -> None:
        self.store = store
        self.visits = Visits(store, changed=changed)
        self.holding = Holding(store, AccessCodes(store, HASHER), changed)
        self.telephones = Telephones(store, changed)


def put(store: Store, door: Door, key: Key[Any], value: object) -> None:
    """Store a record, whatever was there."""
    assert store.commit(store.read(partition(door.id), key), {key: value})


def put_state(store: Store, door: Door, *unlocks: Unlock, lockdown: Lockdown | None = None) -> None:
    put(store, door, STATE, DoorState(unlocks, lockdown))


def put_code(store: Store, door: Door, digits: str, issued_at: datetime, expires_at: datetime) -> None:
    """A code named FedEx, good in working hours."""
    hashed = HASHER.hashes(door.id, digits)[HASHER.key_id]
    code = AccessCode("FedEx", hashed, HASHER.key_id, "U0HOST001", issued_at, expires_at)
    put(store, door, CODES, DoorCodes((code,)))


def confirm(store: Store, door: Door, call: str) -> None:
    """Slack has confirmed that the question is there."""
    visit = known(store, door, call)
    assert visit
    put(store, door, visit_key(call), replace(visit, is_confirmed=True))


def known(store: Store, door: Door, call: str) -> Visit | None:
    key = visit_key(call)
    return store.read(partition(door.id), key).get(key)


def events(store: Store, door: Door, call: str) -> list[AuditEvent]:
    """What is on record of a call, oldest first."""
    return [entry.event for entry in entries(store, partition(door.id)) if entry.event.visit == call][::-1]


def outcomes(store: Store, door: Door, call: str) -> list[str]:
    """The same in short, such as "ring asked"."""
    return [f"{event.action} {event.outcome}" for event in events(store, door, call)]
