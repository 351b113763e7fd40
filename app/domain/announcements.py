"""What every host is told by a direct message, written with what it tells of."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

RETRY_AFTER = timedelta(seconds=30)
GIVE_UP_AFTER = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Announcement:
    """`text` (mrkdwn) for all who are hosts or admins of these doors; of every door where none is named.

    `told` are those to whom a message has been written, and who need none. It is looked at again from `rests_until` on,
    where it is not known yet who else there is.
    """

    text: str
    written_at: datetime
    door_ids: tuple[str, ...] = ()
    told: tuple[str, ...] = ()
    rests_until: datetime | None = None

    @property
    def due_at(self) -> datetime:
        return self.rests_until or self.written_at

    def telling(self, people: Iterable[str], now: datetime) -> "Announcement":
        """The same when these have been told as well, to be looked at again."""
        return replace(self, told=(*self.told, *people), rests_until=now + RETRY_AFTER)

    def is_too_old(self, now: datetime) -> bool:
        """Whether whoever is still not known would not be helped by it any more."""
        return now >= self.written_at + GIVE_UP_AFTER
