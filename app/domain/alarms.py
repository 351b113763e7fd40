"""What keeps DoorBot from doing its work while its store is well: kept in the office's records until it is over."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

SUSPICIOUS = 3  # so many unverified requests in an hour, and no verified one since
WITHIN = timedelta(hours=1)
GRACE = timedelta(minutes=1)  # in which another process may say that it has verified one
TOLD_AGAIN_AFTER = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class TokenRefused:
    """Slack refuses our token, in its word `why`. `heard`: by whom it was read, in the answer to which delivery."""

    since: datetime
    why: str
    heard: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Verification:
    """Requests in Twilio's name: the newest that did not verify, of the last hour, none before the last that did.

    `failing_since` is set once there are too many of them, at `suspected_at`. `told_at`: when the channels were told
    last; `is_told`: that this was of what lasts.
    """

    failed: tuple[datetime, ...] = ()
    verified_at: datetime | None = None
    failing_since: datetime | None = None
    suspected_at: datetime | None = None
    is_told: bool = False
    told_at: datetime | None = None

    def heard(self, failed: Iterable[datetime], verified_at: datetime | None, now: datetime) -> "Verification":
        """What is known together with what one process has met: failures, and the last request that verified."""
        known = {*self.failed, *failed}
        if not known and not self.failing_since:
            return self
        last = max((at for at in (self.verified_at, verified_at) if at), default=None)
        kept = tuple(sorted(at for at in known if now - at < WITHIN and (last is None or at > last))[-SUSPICIOUS:])
        heard = replace(self, failed=kept, verified_at=last)
        if self.failing_since and last and last > self.failing_since:
            return heard._without_suspicion()
        if len(kept) < SUSPICIOUS:
            return heard if self.is_told else heard._without_suspicion()
        return replace(heard, failing_since=self.failing_since or kept[0], suspected_at=self.suspected_at or now)

    def _without_suspicion(self) -> "Verification":
        return replace(self, failing_since=None, suspected_at=None, is_told=False)

    def is_news(self, now: datetime) -> bool:
        """Whether the channels are to hear of it now: once, and at most once a day."""
        if self.is_told or self.suspected_at is None or now < self.suspected_at + GRACE:
            return False
        return self.told_at is None or now >= self.told_at + TOLD_AGAIN_AFTER

    def told(self, now: datetime) -> "Verification":
        return replace(self, is_told=True, told_at=now)
