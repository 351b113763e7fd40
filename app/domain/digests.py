"""A door's day in its channel: what has been read of the log, and what of that Slack still has to be told."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum

from app.domain.audit import Action, AuditEvent, LogEntry, Outcome
from app.domain.decisions import DenyReason
from app.domain.notices import GIVE_UP_AFTER, RETRY_FIRST, RETRY_LONGEST

FATE_UNKNOWN_AFTER = timedelta(minutes=3)  # two posts of 75 seconds and an edit take no longer
PACE = timedelta(seconds=3)  # between two replies or edits; a channel takes one message a second
MOST_LINES = 40  # of one reply: Slack recommends 4,000 characters at most
MOST_UNDER_WAY = 500
MOST_DOUBLINGS = 10


class Conclusion(StrEnum):
    """How a visit ended, in the order in which the day's message tells it."""

    RELEASED = "released"
    ANSWERED = "answered"
    TURNED_AWAY = "turned_away"
    DENIED = "denied"
    MISSED = "missed"
    LOST = "lost"

    @property
    def is_problem(self) -> bool:
        return self in (Conclusion.MISSED, Conclusion.LOST)


OF_A_VISIT_UNDER_WAY = {
    (Action.ADMIT, Outcome.RELEASED): Conclusion.RELEASED,
    (Action.USE_CODE, Outcome.RELEASED): Conclusion.RELEASED,
    (Action.TURN_AWAY, Outcome.DENIED): Conclusion.TURNED_AWAY,
    (Action.FORWARD, Outcome.ANSWERED): Conclusion.ANSWERED,
    (Action.FORWARD, Outcome.UNANSWERED): Conclusion.MISSED,
    (Action.END, Outcome.DENIED): Conclusion.DENIED,
    (Action.END, Outcome.HUNG_UP): Conclusion.MISSED,
    (Action.END, Outcome.LOST): Conclusion.LOST,
}
UNDECIDED = (Outcome.ASKED, Outcome.HELD, Outcome.FORWARDED)


@dataclass(frozen=True, slots=True)
class Line:
    """What the day's thread is to be told; `at`: when it happened."""

    at: datetime
    text: str


@dataclass(frozen=True, slots=True)
class Digest:
    """`seen`: the last entry of the log that was read. `day`: the local date that `counts` are of, such as 2026-11-23.

    `ts` is Slack's name for the day's message, which shows `shown` visits. `lines` wait for its thread; the first
    `sending` of them are claimed with it. `under_way`: visits that have not ended, and whether hosts were asked about
    them. `complained`: that something did not reach Slack is on record for this day.
    """

    seen: int
    rests_until: datetime
    day: str = ""
    ts: str = ""
    counts: Mapping[str, int] = field(default_factory=dict)
    shown: int = 0
    lines: tuple[Line, ...] = ()
    under_way: Mapping[str, bool] = field(default_factory=dict)
    claimed: bool = False
    sending: int = 0
    tries: int = 0
    complained: bool = False

    @property
    def due_at(self) -> datetime | None:
        """When there is something to be told; None while there is nothing."""
        return self.rests_until if self.claimed or self.lines or self.is_outdated else None

    @property
    def visits(self) -> int:
        return sum(self.counts.values())

    @property
    def is_outdated(self) -> bool:
        """Whether the day's message shows less than there is to show."""
        return bool(self.ts) and self.shown != self.visits

    @property
    def may_turn_over(self) -> bool:
        """Whether a new day may begin: the old one's lines are told, and its figures, unless Slack won't take them."""
        return not (self.claimed or self.lines) and (not self.is_outdated or self.tries > 0)

    def conclusion(self, event: AuditEvent) -> Conclusion | None:
        """How this event ends a visit; None where it does not, or where that visit has ended before."""
        if event.action is not Action.RING:
            return OF_A_VISIT_UNDER_WAY.get((event.action, event.outcome)) if event.visit in self.under_way else None
        if event.outcome is Outcome.RELEASED:
            return Conclusion.RELEASED
        if event.outcome is Outcome.DENIED and event.reason != DenyReason.NOT_AN_INTERCOM:
            return Conclusion.DENIED
        return None

    def was_asked_about(self, visit: str) -> bool:
        """Whether a message of its own tells how this visit ends."""
        return self.under_way.get(visit, False)

    def of_day(self, day: str) -> "Digest":
        """A new day, which has no message yet."""
        return replace(self, day=day, ts="", counts={}, shown=0, complained=False)

    def counted(self, conclusion: Conclusion, lines: Sequence[Line]) -> "Digest":
        """One visit more, and what the day's thread is to be told of it."""
        counts = {**self.counts, conclusion.value: self.counts.get(conclusion.value, 0) + 1}
        return replace(self, counts=counts, lines=(*self.lines, *lines))

    def read_on(self, entry: LogEntry) -> "Digest":
        """An entry has been read: its visit is under way, or has ended."""
        event, under_way = entry.event, dict(self.under_way)
        is_visit = event.action is Action.RING or event.visit in under_way
        if is_visit and event.outcome in UNDECIDED:
            under_way[event.visit] = event.outcome is Outcome.ASKED or self.was_asked_about(event.visit)
        elif self.conclusion(event):
            under_way.pop(event.visit, None)
        newest = list(under_way.items())[-MOST_UNDER_WAY:]
        return replace(self, seen=entry.seq, under_way=dict(newest))

    def without_stale(self, now: datetime) -> "Digest":
        """Without lines that are too old to be of use; their visits stay counted."""
        return replace(self, lines=tuple(line for line in self.lines if is_news(line.at, now)))

    def claim(self, now: datetime) -> "Digest":
        """All that waits is about to be told."""
        return replace(self, claimed=True, sending=len(self.lines), rests_until=now + FATE_UNKNOWN_AFTER)

    def resting(self, now: datetime) -> "Digest":
        """What was claimed is dealt with."""
        return replace(self, claimed=False, sending=0, tries=0, rests_until=now + PACE)

    def retry(self, now: datetime, not_before: timedelta) -> "Digest":
        """What was claimed is to be told later, each time twice as late, and no sooner than Slack asks for."""
        wait = min(RETRY_FIRST * 2 ** min(self.tries, MOST_DOUBLINGS), RETRY_LONGEST)
        later = now + max(wait, not_before)
        return replace(self, claimed=False, sending=0, tries=self.tries + 1, rests_until=later)

    def abandoned(self, now: datetime) -> "Digest":
        """The process that had claimed it is gone: nobody knows what it told."""
        return replace(self, lines=self.lines[self.sending :]).resting(now)

    def merged(self, stored: "Digest") -> "Digest":
        """What became of a claim, together with what was read from the log meanwhile."""
        lines = (*self.lines, *stored.lines[stored.sending :])
        return replace(self, lines=lines, seen=stored.seen, counts=stored.counts, under_way=stored.under_way)


def is_news(at: datetime, now: datetime) -> bool:
    """Whether what happened then is still worth a message."""
    return now - at < GIVE_UP_AFTER
