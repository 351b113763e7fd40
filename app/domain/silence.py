"""How often a door rings, in its working hours, and when it has been silent for longer than that makes plausible."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from app.domain.audit import Action, AuditEvent
from app.domain.decisions import DenyReason
from app.domain.doors import Door
from app.domain.hours import Hours

NEVER = "never"
PAST = timedelta(weeks=8)
WEEK = timedelta(weeks=1)
ENOUGH_RINGS = 20
TIMES = 3  # so many times the longest pause of its past is more than chance
AWAY_AFTER = timedelta(hours=1)  # between two looks: meanwhile nobody was there who could have heard a ring
SECOND, MICROSECOND = timedelta(seconds=1), timedelta(microseconds=1)


@dataclass(frozen=True, slots=True)
class Week:
    """Seven days of a door's past: how often it rang, and the longest pause that ended then, in working seconds."""

    begins_at: datetime
    rings: int
    longest: int


@dataclass(frozen=True, slots=True)
class Rhythm:
    """What is known of a door's rings up to the log's entry `seen`.

    `since`: the last ring, or when DoorBot began to listen. `waited`: how much working time, in microseconds, passed
    from then until `looked_at`, as working hours were known then. `told_at`: when the silence that lasts was noticed.
    """

    seen: int
    looked_at: datetime
    since: datetime
    has_rung: bool = False
    waited: int = 0
    weeks: tuple[Week, ...] = ()
    told_at: datetime | None = None

    def looked(self, seen: int, rings: Sequence[datetime], hours: Hours, now: datetime) -> "Rhythm":
        """What is known after the log was read on up to `seen`, with these new rings, oldest first."""
        rhythm = self
        if now - self.looked_at > AWAY_AFTER:
            rhythm = replace(self, looked_at=max(self.looked_at, min(rings, default=now)))
        for rang_at in rings:
            rhythm = rhythm._rang(rang_at, hours)
        weeks = tuple(week for week in rhythm.weeks if week.begins_at + WEEK > now - PAST)
        waited = rhythm.quiet(hours, now) // MICROSECOND
        return replace(rhythm, seen=seen, looked_at=max(now, rhythm.looked_at), waited=waited, weeks=weeks)

    def _rang(self, rang_at: datetime, hours: Hours) -> "Rhythm":
        """One ring more. A pause that was noticed as silence teaches nothing: the line may have been dead."""
        pause = self.quiet(hours, rang_at) // SECOND if self.has_rung and not self.told_at else 0
        *earlier, last = self.weeks or (Week(rang_at, 0, 0),)
        if rang_at >= last.begins_at + WEEK:
            earlier, last = [*earlier, last], Week(rang_at, 0, 0)
        last = replace(last, rings=last.rings + 1, longest=max(last.longest, pause))
        since = max(rang_at, self.since) if self.has_rung else rang_at
        looked_at = max(rang_at, self.looked_at)
        waited = working_time(hours, since, looked_at) // MICROSECOND
        return Rhythm(self.seen, looked_at, since, has_rung=True, waited=waited, weeks=(*earlier, last))

    def quiet(self, hours: Hours, now: datetime) -> timedelta:
        """How long it has not rung, in working time in which a ring would have been heard."""
        since_looked = working_time(hours, self.looked_at, now) - working_time(hours, now, self.looked_at)
        return max(timedelta(), self.waited * MICROSECOND + since_looked)

    @property
    def rings(self) -> int:
        return sum(week.rings for week in self.weeks)

    @property
    def longest(self) -> timedelta:
        """The longest pause of its past, in working time."""
        return max((week.longest for week in self.weeks), default=0) * SECOND

    def is_silent(self, door: Door, now: datetime) -> bool:
        """Whether it has not rung for longer than is plausible, or for as long as was set for this door."""
        patience = self._patience(door)
        return patience is not None and self.quiet(door.hours, now) >= patience

    def _patience(self, door: Door) -> timedelta | None:
        day = usual_day(door.hours)
        if not day or door.silence == NEVER:
            return None
        if isinstance(door.silence, int):
            return day * door.silence
        return max(TIMES * self.longest, day) if self.rings >= ENOUGH_RINGS else None


def first_look(seen: int, rings: Sequence[datetime], hours: Hours, now: datetime) -> Rhythm:
    """What the log tells when it is read for the first time; nobody knows whether a ring was missed since its end."""
    recent = [at for at in rings if now - PAST < at <= now]
    if not recent:
        return Rhythm(seen, now, now)
    return replace(Rhythm(seen, recent[0], recent[0]).looked(seen, recent, hours, recent[-1]), looked_at=now)


def rang_at(event: AuditEvent) -> datetime | None:
    """When the intercom rang, of which this event tells; None for any other: a stranger proves nothing of its line."""
    if event.action is not Action.RING or event.reason == DenyReason.NOT_AN_INTERCOM:
        return None
    late = event.details.get("rang_at")
    return datetime.fromisoformat(late) if isinstance(late, str) else event.time


def working_time(hours: Hours, since: datetime, until: datetime) -> timedelta:
    """How much of the time between two instants lies in working hours."""
    total, moment = timedelta(), since
    while moment < until:
        if period := hours.period_at(moment):
            end = min(period.ends_at, until)
            total, moment = total + (end - moment), end
        elif opening := hours.next_opening(moment):
            moment = opening
        else:
            break
    return total


def usual_day(hours: Hours) -> timedelta:
    """How long a working day is here, on average; nothing where the door is never open."""
    days = [windows for windows in hours.weekly if windows]
    minutes = sum(window.until - window.start for windows in days for window in windows)
    return timedelta(minutes=minutes) / len(days) if days else timedelta()
