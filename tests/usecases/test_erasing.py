"""A visitor's number is erased wherever it stands, at once; nothing else is, and the seals stay whole."""

from collections import Counter

import pytest

from app.domain.audit import Action, AuditEvent, Outcome
from app.domain.permissions import Role
from app.ports import OFFICE, Store, entries, partition
from app.usecases import erasing
from app.usecases.erasing import erase_number
from app.usecases.unlocks import STATE
from tests.support import INTERCOM, asked
from tests.usecases.sealed import FRONT, NOON, SIDE, Sealed

OTHER = "+12125550198"


def callers(store: Store, log: str) -> Counter[str]:
    return Counter(entry.event.caller for entry in entries(store, log))


def test_it_is_erased_at_every_door_and_is_on_record_without_it(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(erasing, "PAGE", 4)
    sealed = Sealed(store)
    for door_id in ("front", "side"):
        other = AuditEvent(NOON, door_id, Action.RING, Outcome.FORWARDED, "locked", caller=OTHER)
        for _ in range(3):
            sealed.append(3, door_id)
            assert store.commit(store.read(partition(door_id), STATE), {}, [other])
    sealed.seal()
    request = asked(NOON, "cli:ana", Role.ADMIN)
    assert erase_number(store, request, [FRONT, SIDE, OFFICE], INTERCOM) == 18
    assert callers(store, FRONT) == callers(store, SIDE) == {"": 9, OTHER: 3}
    (entry,) = entries(store, OFFICE)
    assert (entry.event.action, entry.event.actor, entry.event.details) == ("erase_number", "cli:ana", {"entries": 18})
    assert INTERCOM not in str(sealed.raw.lines(OFFICE))
    sealed.rounds(3)
    assert (sealed.wrong(), sealed.wrong(SIDE), sealed.noticed()) == ([], [], None)
    assert erase_number(store, request, [FRONT, SIDE, OFFICE], INTERCOM) == 0
