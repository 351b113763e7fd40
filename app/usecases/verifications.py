"""Notices that requests in Twilio's name stop verifying: then no ring reaches DoorBot, and nothing else would tell."""

from collections import deque
from collections.abc import Mapping
from datetime import datetime, timedelta

from app.domain import alarm_sentences as words
from app.domain.alarms import SUSPICIOUS, WITHIN, Verification
from app.domain.audit import Action, AuditEvent, Outcome
from app.domain.doors import Door
from app.ports import OFFICE, Key, Store
from app.usecases.channels import to_every_channel

WEBHOOKS = Key[Verification]("webhooks")
READ_EVERY = timedelta(seconds=30)


class Verifications:
    """Every process looks, because each of them meets requests. `look` may raise StoreUnavailable."""

    def __init__(self, store: Store, doors: Mapping[str, Door]) -> None:
        self._store = store
        self._doors = doors
        self._failed = deque[datetime](maxlen=SUSPICIOUS)
        self._verified_at: datetime | None = None
        self._read_at: datetime | None = None

    def passed(self, now: datetime) -> None:
        """A request verified; touches nothing but memory."""
        self._verified_at = now

    def failed(self, now: datetime) -> None:
        """One that names our account and one of our numbers did not; touches nothing but memory."""
        self._failed.append(now)

    def look(self, now: datetime) -> None:
        """Bring together what the processes have met, and tell what comes of it."""
        failed = [at for at in list(self._failed) if now - at < WITHIN]
        if not failed and self._read_at is not None and timedelta() <= now - self._read_at < READ_EVERY:
            return
        self._read_at = now
        snapshot = self._store.read(OFFICE, WEBHOOKS)
        before = snapshot.get(WEBHOOKS) or Verification()
        after, events, text = before.heard(failed, self._verified_at, now), list[AuditEvent](), ""
        if after.failing_since and after.is_news(now):
            events.append(_noticed(now, Outcome.REFUSED, "webhooks_unverified"))
            text = words.warning(words.webhooks(after.failing_since, next(iter(self._doors.values())), now))
            after = after.told(now)
        elif before.is_told and not after.is_told:
            events.append(_noticed(now, Outcome.DONE, "webhooks_verified"))
            text = words.WEBHOOKS_OVER
        if after != before:
            notices = to_every_channel(self._doors, text, now) if text else {}
            self._store.commit(snapshot, {WEBHOOKS: after, **notices}, events)


def _noticed(now: datetime, outcome: Outcome, reason: str) -> AuditEvent:
    return AuditEvent(now, "", Action.VERIFY, outcome, reason)
