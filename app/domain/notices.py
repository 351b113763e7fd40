"""Messages to Slack: written with the change they tell of, claimed before they are sent."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

FATE_UNKNOWN_AFTER = timedelta(minutes=1)  # a claim so old belongs to a process that died while sending
RETRY_FIRST = timedelta(seconds=5)
RETRY_LONGEST = timedelta(minutes=5)
GIVE_UP_AFTER = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Notice:
    """`text` (mrkdwn) for a channel. `due_at`: when to send it or, once claimed, when its fate counts as unknown."""

    channel: str
    text: str
    written_at: datetime
    due_at: datetime
    claimed: bool = False
    tries: int = 0

    def claim(self, now: datetime) -> "Notice":
        return replace(self, claimed=True, due_at=now + FATE_UNKNOWN_AFTER)

    def retry(self, now: datetime) -> "Notice | None":
        """The same notice for later, each time twice as late; None when it is too old to be of use."""
        wait = min(RETRY_FIRST * 2**self.tries, RETRY_LONGEST)
        if now + wait > self.written_at + GIVE_UP_AFTER:
            return None
        return replace(self, claimed=False, due_at=now + wait, tries=self.tries + 1)
