"""How every command is carried out: once per delivery, by who may, on record, in one commit."""

from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from app.domain.audit import Action, AuditEvent, Outcome, Source
from app.domain.errors import InvalidInput, StoreUnavailable
from app.domain.outcomes import RefusalReason, Refused, Repeated
from app.domain.permissions import Role, may
from app.domain.receipts import Receipt, Refusals
from app.ports import OFFICE, Committed, Key, Snapshot, Store, partition

WIDELY = (Action.LOCK, Action.LOCK_DOWN, Action.REVOKE)  # what must outlive the server that took it
TRIES = 50  # every lost race means that somebody else's commit went through


@dataclass(frozen=True)
class Request:
    """Who asks, by which edge, when; and which delivery it is, so that the same one acts once.

    `role` is what counts for the office, and at every door that `roles` (by the door's id) does not name. `answer`
    puts the outcome into the words that are kept and given again to the same delivery.
    """

    actor: str
    role: Role
    source: Source
    now: datetime
    delivery: str = ""
    denied_because: RefusalReason = RefusalReason.NOT_PERMITTED
    answer: Callable[[object], str] = str
    roles: Mapping[str, Role] = field(default_factory=dict)

    def role_at(self, door_id: str) -> Role:
        """What this person is at a door; with "" in the office."""
        return self.roles.get(door_id, self.role)

    def event(self, action: Action, outcome: Outcome, **fields: Any) -> AuditEvent:
        """An audit event of what this request does."""
        return AuditEvent(self.now, action=action, outcome=outcome, actor=self.actor, source=self.source, **fields)


@dataclass(frozen=True)
class Change:
    """What a request comes to: its outcome, and what is to be committed for it.

    `kept` is what the same delivery is told again, where that is not the outcome: a secret is shown only once.
    """

    outcome: object
    writes: Mapping[Key[Any], object | None] = field(default_factory=dict)
    events: Sequence[AuditEvent] = ()
    kept: object = None


Act = Callable[[Snapshot], Change | Refused]


def perform(store: Store, request: Request, action: Action, door_id: str, act: Act, *keys: Key[Any]) -> object:
    """Carry `act` out against what is stored under `keys`, again if that changed meanwhile; returns its outcome.

    A request without the right is Refused, and so is InvalidInput from `act`; the same delivery again is Repeated.
    Every refusal is on record. Raises StoreUnavailable.
    """
    receipt = Key[Receipt](f"receipt:{request.delivery}")
    refusals = Key[Refusals](f"refusals:{request.actor}:{action}")
    for _ in range(TRIES):
        snapshot = store.read(partition(door_id), receipt, refusals, *keys)
        if request.delivery and (first := snapshot.get(receipt)):
            return Repeated(first.answer)
        change = _change(request, action, door_id, act, snapshot)
        if isinstance(change, Refused):
            change = refusal(change, snapshot.get(refusals), refusals, request, door_id)
        writes = dict(change.writes)
        if request.delivery:
            kept = change.outcome if change.kept is None else change.kept
            writes[receipt] = Receipt(request.answer(kept), request.now)
        match _commit(store, action, snapshot, writes, change):
            case Committed.YES:
                return change.outcome
            case Committed.HERE_ONLY:
                return _unconfirmed(store, request, door_id, change.outcome)
    raise StoreUnavailable("too many commits at once")


def _commit(
    store: Store, action: Action, snapshot: Snapshot, writes: Mapping[Key[Any], object | None], change: Change
) -> Committed:
    if action in WIDELY and not isinstance(change.outcome, Refused):
        return store.commit_widely(snapshot, writes, change.events)
    return Committed.YES if store.commit(snapshot, writes, change.events) else Committed.NO


def _unconfirmed(store: Store, request: Request, door_id: str, outcome: Any) -> object:
    """The outcome of what no copy of the store has yet; the same delivery is told so too."""
    told = replace(outcome, unconfirmed=True)
    receipt = Key[Receipt](f"receipt:{request.delivery}")
    with suppress(StoreUnavailable):
        if request.delivery:
            snapshot = store.read(partition(door_id), receipt)
            store.commit(snapshot, {receipt: Receipt(request.answer(told), request.now)})
    return told


def _change(request: Request, action: Action, door_id: str, act: Act, snapshot: Snapshot) -> Change | Refused:
    if not may(request.role_at(door_id), action):
        return Refused(action, request.denied_because)
    try:
        return act(snapshot)
    except InvalidInput as error:
        return Refused(action, RefusalReason.NOT_UNDERSTOOD, hint=str(error))


def first_answer(store: Store, request: Request, make: Callable[[], str]) -> str:
    """The answer to a delivery that only reads: the one it was given before, or what `make` makes now."""
    if not request.delivery:
        return make()
    receipt = Key[Receipt](f"receipt:{request.delivery}")
    snapshot = store.read(OFFICE, receipt)
    if first := snapshot.get(receipt):
        return first.answer
    answer = make()
    if store.commit(snapshot, {receipt: Receipt(answer, request.now)}):
        return answer
    return first_answer(store, request, make)  # somebody else was first, and is found now


def permit(store: Store, request: Request, action: Action, door_id: str = "") -> Refused | None:
    """None where this request may do `action`; otherwise Refused, and on record."""
    if may(request.role_at(door_id), action):
        return None
    refused = Refused(action, request.denied_because)
    perform(store, request, action, door_id, lambda _: refused)
    return refused


def refusal(refused: Refused, earlier: Refusals | None, key: Key[Refusals], request: Request, door_id: str) -> Change:
    """A refusal on record; the same one again within a minute is only counted."""
    events: list[AuditEvent] = []
    if earlier is None or request.now >= earlier.due_at:
        events += summary(earlier, door_id, request.now)
        earlier = Refusals(request.actor, refused.action, request.source, request.now, {})
    times = earlier.repeated.get(refused.reason)
    if times is None:
        events.append(request.event(refused.action, Outcome.REFUSED, door=door_id, reason=refused.reason))
    repeated = {**earlier.repeated, refused.reason: 0 if times is None else times + 1}
    return Change(refused, {key: replace(earlier, repeated=repeated)}, events)


def summary(refusals: Refusals | None, door_id: str, now: datetime) -> list[AuditEvent]:
    """The events that count the repetitions of refusals; none where there were none."""
    if refusals is None:
        return []
    who = (refusals.actor, refusals.source)
    return [
        AuditEvent(now, door_id, refusals.action, Outcome.REFUSED, reason, *who, details={"times": times})
        for reason, times in refusals.repeated.items()
        if times
    ]
