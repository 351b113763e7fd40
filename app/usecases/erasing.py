"""Erases a visitor's number from every entry at once, on request. The seals stay whole: numbers lie outside them."""

from collections.abc import Sequence

from app.domain.audit import Action, Outcome
from app.ports import OFFICE, Snapshot, Store
from app.usecases.requests import Request

PAGE = 500


def erase_number(store: Store, request: Request, logs: Sequence[str], number: str) -> int:
    """From how many entries it was erased; on record without the number. Raises StoreUnavailable."""
    erased = sum(_erase_in(store, log, number) for log in logs)
    event = request.event(Action.ERASE_NUMBER, Outcome.DONE, door="", details={"entries": erased})
    store.commit(Snapshot(OFFICE, {}, {}), {}, [event])
    return erased


def _erase_in(store: Store, log: str, number: str) -> int:
    """A page at a time, newest first: an entry that is written meanwhile is of a ring that came after the request."""
    erased, before = 0, None
    while page := store.read_log(log, before=before, limit=PAGE):
        before = page[-1].seq
        if found := [entry.seq for entry in page if entry.event.caller == number]:
            erased += store.erase_callers_at(log, found)
    return erased
