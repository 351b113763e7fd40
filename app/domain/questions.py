"""The message in a door's channel that asks about a visit, and later tells how it ended."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from app.domain.notices import GIVE_UP_AFTER, RETRY_FIRST, RETRY_LONGEST

CONFIRMED_WITHIN = timedelta(seconds=5)  # where Slack takes longer, the telephones ring
FATE_UNKNOWN_AFTER = timedelta(seconds=90)  # a post so old was made by a process that died; longer than one may take
EDITED_WITHIN = timedelta(seconds=15)
KEPT_FOR = timedelta(hours=24)


@dataclass(frozen=True, slots=True)
class Question:
    """What the message shows is a matter of its visit; this is what is known of the message.

    `changed` counts what it should show, `shown` is the number of that which it does show; `ts` is Slack's name for it.
    `rests_until`: another thread is at it, or Slack is to be tried again. `is_lost`: nobody knows whether it is there.
    """

    channel: str
    asked_at: datetime
    expecting: str = ""
    changed: int = 1
    shown: int = 0
    ts: str = ""
    is_posting: bool = False
    is_lost: bool = False
    rests_until: datetime | None = None
    tries: int = 0

    @property
    def is_settled(self) -> bool:
        return self.shown == self.changed

    @property
    def is_untried(self) -> bool:
        """Nobody has tried yet to post it."""
        return not (self.ts or self.is_posting or self.is_lost or self.tries or self.shown)

    @property
    def due_at(self) -> datetime:
        if self.is_settled:
            return self.asked_at + KEPT_FOR
        return self.rests_until or self.asked_at

    def change(self) -> "Question":
        """The visit has moved on."""
        return replace(self, changed=self.changed + 1)

    def posting(self, now: datetime) -> "Question":
        return replace(self, is_posting=True, rests_until=now + FATE_UNKNOWN_AFTER)

    def editing(self, now: datetime) -> "Question":
        return replace(self, rests_until=now + EDITED_WITHIN)

    def shows(self, number: int, ts: str) -> "Question":
        return replace(self, shown=number, ts=ts, is_posting=False, is_lost=False, rests_until=None, tries=0)

    def found(self, ts: str) -> "Question":
        """Somebody pressed a button of the message, though Slack has not said yet, or never, that it is there."""
        return replace(self, ts=ts, is_posting=False, is_lost=False, rests_until=None)

    def lost(self) -> "Question":
        """Nobody knows whether it was posted, so it is not posted again."""
        return replace(self, is_posting=False, is_lost=True, rests_until=None)

    def retry(self, now: datetime, retry_after: timedelta) -> "Question | None":
        """The same for later, each time twice as late; None when it is too old to be of use.

        What the message shows is uncertain until then: an edit without an answer may arrive after a newer one.
        """
        wait = max(retry_after, min(RETRY_FIRST * 2**self.tries, RETRY_LONGEST))
        if now + wait > self.asked_at + GIVE_UP_AFTER:
            return None
        return replace(self, shown=0, is_posting=False, rests_until=now + wait, tries=self.tries + 1)
