"""Links that sign in, and the sessions that come of them: how long they last."""

from dataclasses import dataclass
from datetime import datetime, timedelta

LINK_LASTS = timedelta(minutes=5)
LINK_KEPT_FOR = timedelta(days=1)  # so that whoever comes late is told that it is over, not that it is unknown
IDLE = timedelta(hours=1)
ABSOLUTE = timedelta(hours=12)
TOUCHED_AFTER = timedelta(minutes=1)
SKEW = timedelta(minutes=1)  # the clocks of two machines may differ by so much


def lasts(since: datetime, duration: timedelta, now: datetime) -> bool:
    """Whether what began then is not over. A clock that was set back must not make it last longer."""
    return -SKEW <= now - since < duration


@dataclass(frozen=True, slots=True)
class Link:
    """A link that signs one person in, once; stored under the hash of its token."""

    user_id: str
    made_at: datetime
    used_at: datetime | None = None

    @property
    def due_at(self) -> datetime:
        return self.made_at + LINK_KEPT_FOR

    def is_live(self, now: datetime) -> bool:
        return lasts(self.made_at, LINK_LASTS, now)


@dataclass(frozen=True, slots=True)
class Session:
    """A browser in which somebody is signed in; stored under the hash of its token."""

    user_id: str
    began_at: datetime
    used_at: datetime

    @property
    def due_at(self) -> datetime:
        return min(self.used_at + IDLE, self.began_at + ABSOLUTE)

    def is_live(self, now: datetime) -> bool:
        return lasts(self.began_at, ABSOLUTE, now) and lasts(self.used_at, IDLE, now)

    def is_touched(self, now: datetime) -> bool:
        """Whether it is on record that it was used just now."""
        return now < self.used_at + TOUCHED_AFTER
