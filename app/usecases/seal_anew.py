"""Begins a chain anew where what is wrong can't be put right: on record, told, and never by itself."""

from collections.abc import Sequence

from app.domain import seal_sentences as words
from app.domain.audit import Action, Outcome
from app.domain.seals import Breach
from app.ports import Snapshot, Store
from app.usecases.breaches import Breaches
from app.usecases.requests import Request
from app.usecases.seal_keys import SealKeys
from app.usecases.sealed_logs import BREACH, CHECK, HEAD, read_each


def begin_anew(store: Store, keys: SealKeys, breaches: Breaches, request: Request, logs: Sequence[str]) -> list[str]:
    """Seal logs with which something is wrong as they are now; all of them where the key is lost. Returns which.

    The sealer does it within seconds. Raises StoreUnavailable.
    """
    opened = keys.open(logs)
    found = dict(zip(logs, read_each(store, [(log, [BREACH]) for log in logs]), strict=True))
    broken = [log for log, snapshot in found.items() if snapshot is None or snapshot.get(BREACH) is not None]
    wanted = broken if opened.key else [*logs]
    if opened.key:
        keys.forget(wanted)
    for log in wanted:
        snapshot = found[log]
        breach = snapshot.get(BREACH) if snapshot else None
        details = _details(breach) if breach else {}
        event = request.event(Action.SEAL, Outcome.DONE, door=log.partition(":")[2], reason="anew", details=details)
        notices = breaches.notices(words.anew(breaches.name(log), request.actor), request.now)
        store.commit(Snapshot(log, {}, {}), {HEAD: None, CHECK: None, BREACH: None, **notices}, [event])
    if not opened.key:
        keys.renew()
    return wanted


def _details(breach: Breach) -> dict[str, str | int]:
    return {"what": breach.wrong.value, "first": breach.first, "last": breach.last}
