"""Who opened the App Home lately, and what each was shown last."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

FOLLOWED_FOR = timedelta(minutes=30)
MOST_FOLLOWERS = 200
NOTED_EVERY = timedelta(minutes=1)
KEPT_FOR = timedelta(days=90)
AT_ONCE = 5.0


@dataclass(frozen=True, slots=True)
class Follower:
    """Somebody whose App Home follows changes made elsewhere."""

    who: str
    opened_at: datetime


@dataclass(frozen=True, slots=True)
class Followers:
    """All of them, who opened last comes last; the absent record is nobody."""

    people: tuple[Follower, ...] = ()

    def opened(self, who: str, now: datetime) -> "Followers":
        """With somebody who opened it at `now`; this very record where that was noted a moment ago."""
        if any(each.who == who and timedelta(0) <= now - each.opened_at < NOTED_EVERY for each in self.people):
            return self
        others = [each for each in self.recent(now) if each.who != who]
        return Followers((*others, Follower(who, now))[-MOST_FOLLOWERS:])

    def recent(self, now: datetime) -> Sequence[Follower]:
        """Those who opened it lately."""
        return [each for each in self.people if now - each.opened_at < FOLLOWED_FOR]


@dataclass(frozen=True, slots=True)
class HomeShown:
    """What one person chose and was shown: the door, a digest of the view, and Slack's hash of it."""

    at: datetime
    door: str = ""
    digest: str = ""
    hash: str = ""
    claims: int = 0

    @property
    def due_at(self) -> datetime:
        """When it is forgotten; a door is chosen anew then."""
        return self.at + KEPT_FOR

    def claimed(self) -> "HomeShown":
        """Before a view is published; nobody knows what is shown until that is done."""
        return replace(self, digest="", claims=self.claims + 1)

    def showing(self, digest: str, slack_hash: str, now: datetime) -> "HomeShown":
        """After a view was published."""
        return replace(self.claimed(), at=now, digest=digest, hash=slack_hash)


@dataclass(slots=True)
class Pace:
    """How many views may still be published: a few at once, and one each second; none while Slack wants rest.

    views.publish takes 100 a minute and more (docs.slack.dev/apis/web-api/rate-limits); people who act take some too.
    """

    left: float = AT_ONCE
    at: datetime | None = None
    rests_until: datetime | None = None

    def has_room(self, now: datetime) -> bool:
        """Whether one more may be published now."""
        if self.at is not None:
            self.left = min(AT_ONCE, self.left + max(0.0, (now - self.at).total_seconds()))
        self.at = now
        return self.left >= 1 and not (self.rests_until and now < self.rests_until)

    def spend(self, now: datetime, retry_after: timedelta) -> None:
        """One was published, or Slack wants to be left alone."""
        self.left -= 1
        if retry_after:
            self.rests_until = now + retry_after
