"""Reading the log can itself be put on record: exports, and looking at a visitor's whole number."""

from collections.abc import Mapping
from datetime import datetime

from app.domain.audit import Action, AuditEvent, LogEntry, Outcome, Source
from app.domain.errors import StoreUnavailable
from app.domain.receipts import Receipt
from app.ports import Key, Store, partition
from app.usecases.requests import TRIES
from app.usecases.sessions import Admin

NOTHING = Key[Receipt]("receipt:")  # of a delivery without a name: never written, so that nobody is in the way


class LogRecord:
    """Raises StoreUnavailable."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def exported(self, admin: Admin, form: str, filtered: str, now: datetime) -> None:
        """Somebody takes away a copy of what is filtered, in words."""
        self._append(admin, Action.EXPORT, "", {"format": form, "filter": filtered}, now)

    def showed_number(self, admin: Admin, entry: LogEntry, now: datetime) -> None:
        """Somebody asked for the number in an entry; it goes on record at that door, without the number."""
        event = entry.event
        self._append(admin, Action.SHOW_NUMBER, event.door, {"seq": entry.seq}, now, event.visit)

    def _append(
        self, admin: Admin, action: Action, door: str, details: Mapping[str, str | int], now: datetime, visit: str = ""
    ) -> None:
        event = AuditEvent(now, door, action, Outcome.DONE, "", admin.user_id, Source.WEB, visit=visit, details=details)
        for _ in range(TRIES):
            if self._store.commit(self._store.read(partition(door), NOTHING), {}, [event]):
                return
        raise StoreUnavailable("too many commits at once")
