"""The audit log as it grows, read from the server's store."""

import threading
import time
from datetime import datetime, timedelta
from itertools import takewhile
from typing import Any

import config
from app import create_store
from app.demo.hub import Hub
from app.demo.office import NAMES
from app.domain.audit import LogEntry
from app.domain.errors import StoreUnavailable
from app.domain.log_fields import fields, shown_name
from app.domain.log_sentences import sentence
from app.ports import entries, partition

LOOK_SECONDS = 0.3
KEPT = 500
WEEK = timedelta(days=6)  # in which a weekday says which day


class Record:
    """Looks for new entries while somebody watches."""

    def __init__(self, hub: Hub, settings: config.Settings) -> None:
        self._hub = hub
        self._settings = settings
        self._zone = next(iter(settings.office.doors.values())).hours.timezone
        self._lock = threading.Lock()
        self.clear()

    def clear(self) -> None:
        """Begin anew, with another store."""
        self.entries: list[dict[str, Any]] = []
        self._store = create_store(self._settings)
        self._seen = {partition(door): 0 for door in (*self._settings.office.doors, "")}

    def watch(self) -> None:
        """Look again and again, in a thread of its own."""
        threading.Thread(target=self._watch, name="record", daemon=True).start()

    def paused(self) -> threading.Lock:
        """While this is held, nothing looks into the store."""
        return self._lock

    def look(self) -> None:
        """Publish what is new."""
        with self._lock:
            try:
                found = [entry for where in self._seen for entry in self._new(where)]
            except StoreUnavailable:  # it is written to just now
                return
        with self._hub.lock:
            for entry in sorted(found, key=lambda entry: entry.event.time):
                shown = self._shown(entry)
                self.entries = [*self.entries, shown][-KEPT:]
                self._hub.publish("entry", **shown)

    def _watch(self) -> None:
        while True:
            time.sleep(LOOK_SECONDS)
            if self._hub.is_heard:
                self.look()

    def _new(self, where: str) -> list[LogEntry]:
        seen = self._seen[where]
        (newest,) = self._store.newest([where])
        if newest == seen:
            return []
        found = [*takewhile(lambda entry: entry.seq > seen, entries(self._store, where))][::-1]
        self._seen[where] = found[-1].seq if found else seen
        return found

    def _shown(self, entry: LogEntry) -> dict[str, Any]:
        told = sentence(entry.event, self._zone, lambda actor: shown_name(actor, NAMES))
        return {**fields(entry), "sentence": told, "when": self._when(entry.event.time)}

    def _when(self, moment: datetime) -> str:
        """Always with its day: after the clock was moved, "11:20" alone would be that of the wrong one."""
        local = moment.astimezone(self._zone)
        first = datetime.fromisoformat(str(self.entries[0]["time"])) if self.entries else moment
        return f"{local:%a %H:%M}" if moment - first < WEEK else f"{local:%a} {local.day} {local:%b} {local:%H:%M}"
