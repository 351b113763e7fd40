"""Messages to Slack: written with the change they tell of, claimed before they are sent, told in their order."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

FATE_UNKNOWN_AFTER = timedelta(minutes=1)  # a claim so old belongs to a process that died while sending
RETRY_FIRST = timedelta(seconds=5)
RETRY_LONGEST = timedelta(minutes=5)
GIVE_UP_AFTER = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Button:
    """What can be pressed under a message; `style` is "", "primary" or "danger"."""

    action: str
    value: str
    label: str
    style: str = ""


@dataclass(frozen=True, slots=True)
class Notice:
    """`text` (mrkdwn) for a channel. It stays due until it is dealt with; `rests_until`: claimed, or to be retried.

    From `expires_at` on it would not be true any more, and is not sent.
    """

    channel: str
    text: str
    written_at: datetime
    rests_until: datetime | None = None
    claimed: bool = False
    tries: int = 0
    buttons: tuple[Button, ...] = ()
    expires_at: datetime | None = None

    @property
    def due_at(self) -> datetime:
        """Notices are looked at in the order in which they were written."""
        return self.written_at

    def rests(self, now: datetime) -> bool:
        """Whether nothing is to be done with it yet."""
        return self.rests_until is not None and now < self.rests_until

    def is_stale(self, now: datetime) -> bool:
        """Whether it must not be sent any more."""
        return self.expires_at is not None and now >= self.expires_at

    def claim(self, now: datetime) -> "Notice":
        return replace(self, claimed=True, rests_until=now + FATE_UNKNOWN_AFTER)

    def retry(self, now: datetime) -> "Notice | None":
        """The same notice for later, each time twice as late; None when it is too old to be of use."""
        wait = min(RETRY_FIRST * 2**self.tries, RETRY_LONGEST)
        if now + wait > self.written_at + GIVE_UP_AFTER:
            return None
        return replace(self, claimed=False, rests_until=now + wait, tries=self.tries + 1)
