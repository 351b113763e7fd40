"""The rules of the door, as the design and the README tell them: one door, what was asked of it, and what must follow.

Everything is looked for anew and minute by minute at every question. Nothing is worked out ahead, nothing is clever.
"""

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from tests.year.facts import ASK_FOR, DAYS_OFF, UNLOCK_MAX, Facts
from tests.year.wallclock import DAY, LONGEST_WALK, MINUTE, first_instant, today

GOOD_AFTER_USE = timedelta(minutes=5)
LIMITS = ((5, timedelta(hours=1)), (20, timedelta(hours=24)))
KEYING = timedelta(seconds=6)


@dataclass
class Unlock:
    """An unlock that was asked for, and how it ended; `left` is None where every ring is released."""

    by: str
    since: datetime
    until: datetime
    left: int | None
    name: str  # by which the record or the diary knows it
    ended: tuple[datetime, str] | None = None

    def is_active(self, now: datetime) -> bool:
        return self.ended is None and self.since <= now < self.until and self.left != 0

    def ending(self) -> tuple[datetime, str]:
        """When it ended and why; by the clock, where nothing else ended it."""
        return self.ended or (self.until, "time")


@dataclass
class Schedule:
    """Weekly times in which rings are released; `first` and `last` are dates."""

    days: list[int]
    span: tuple[int, int]
    by: str
    name: str = ""
    first: date = date.min
    last: date = date.max
    paused_until: datetime | None = None


@dataclass
class SpecialDay:
    """A part of a date that is opened, or closed."""

    day: date
    span: tuple[int, int]
    is_open: bool
    releases: bool
    by: str


@dataclass
class Code:
    """An access code."""

    name: str
    digits: str
    by: str
    until: datetime
    any_hour: bool
    left: int | None
    used_at: datetime | None = None

    def is_live(self, now: datetime) -> bool:
        return (now < self.until and self.left != 0) or self.was_just_used(now)

    def was_just_used(self, now: datetime) -> bool:
        return self.used_at is not None and now < self.used_at + GOOD_AFTER_USE


@dataclass(frozen=True)
class Verdict:
    """What must come of a ring, or of a poll: who may be named for it, and what it follows from."""

    outcome: str
    reason: str
    actors: frozenset[str] = frozenset({""})
    because: str = ""


@dataclass
class Door:
    """All that the judge remembers of a door."""

    facts: Facts
    unlocks: list[Unlock] = field(default_factory=list)
    over: list[Unlock] = field(default_factory=list)
    lockdown: tuple[datetime, datetime | None] | None = None
    schedules: dict[int, Schedule] = field(default_factory=dict)
    specials: list[SpecialDay] = field(default_factory=list)
    next_number: int = 1
    paused_until: datetime | None = None
    suspended_until: datetime | None = None
    codes: list[Code] = field(default_factory=list)
    wrong: list[datetime] = field(default_factory=list)

    def endings(self) -> list[tuple[datetime, str, datetime, str]]:
        """Every unlock there was: when it began, by whom, when it ended, and why."""
        return sorted((each.since, each.by, *each.ending()) for each in [*self.over, *self.unlocks])

    # When the door is open, and when it releases by itself

    def is_open(self, now: datetime) -> bool:
        """Working hours: the week's, but not on days off; dates that were opened; never what was closed."""
        if any(not each.is_open and self._is_in(each.day, each.span, now) for each in self.specials):
            return False
        if any(each.is_open and self._is_in(each.day, each.span, now) for each in self.specials):
            return True
        working_days = [day for day in self._days_around(now) if day not in DAYS_OFF]
        return any(
            self._is_in(day, span, now) and not self._is_night_of_closed(day, now)
            for day in working_days
            for span in self.facts.week[day.weekday()]
        )

    def _is_night_of_closed(self, day: date, now: datetime) -> bool:
        """What is closed until the end of a day is so for the whole night of whatever begins on that day."""
        closed = (each for each in self.specials if not each.is_open and each.day == day and each.span[1] == 24 * 60)
        return any(now >= first_instant(day, each.span[0], self.facts.zone) for each in closed)

    def closing(self, now: datetime) -> datetime:
        """The first whole minute at which it is no longer open."""
        instant = now.replace(second=0, microsecond=0)
        for _ in range(LONGEST_WALK):
            if not self.is_open(instant):
                return instant
            instant += MINUTE
        raise AssertionError("never closes")

    def next_closing(self, now: datetime, weekday: int | None = None) -> datetime:
        """The end of the first working day, of this weekday or of any, that is not over."""
        day = today(now, self.facts.zone) - DAY
        while True:
            end = self._end_of(day)
            if end and end > now and weekday in (None, day.weekday()):
                return end
            day += DAY

    def _end_of(self, day: date) -> datetime | None:
        """When the last of the hours end that began on this day; None where it has none."""
        spans = [each.span for each in self.specials if each.is_open and each.day == day]
        spans += [] if day in DAYS_OFF else self.facts.week[day.weekday()]
        if not spans:
            return None
        start = min(first_instant(day, start, self.facts.zone) for start, _ in spans)
        end = max(first_instant(day, end, self.facts.zone) for _, end in spans)
        while end > start and not self.is_open(end - MINUTE):
            end -= MINUTE
        return end if end > start else None

    def releasing(self, now: datetime) -> list[str]:
        """By whom rings are released now without anybody's doing; nobody outside working hours."""
        if not self.is_open(now):
            return []
        if any(until and now < until for until in (self.suspended_until, self.paused_until)):
            return []
        opened = (each for each in self.specials if each.is_open and each.releases)
        in_force = (each for each in opened if self._is_in(each.day, each.span, now))
        by_date = [each.by for each in in_force if not self._is_night_of_closed(each.day, now)]
        return by_date + [each.by for each in self.schedules.values() if self._counts(each, now)]

    def _counts(self, schedule: Schedule, now: datetime) -> bool:
        if schedule.paused_until and now < schedule.paused_until:
            return False
        return any(
            self._is_in(day, schedule.span, now) and not self._is_night_of_closed(day, now)
            for day in self._days_around(now)
            if day.weekday() in schedule.days and schedule.first <= day <= schedule.last and day not in DAYS_OFF
        )

    def _days_around(self, now: datetime) -> list[date]:
        """Spans may reach over midnight: those of yesterday can still be going on."""
        this = today(now, self.facts.zone)
        return [this - DAY, this, this + DAY]

    def _is_in(self, day: date, span: tuple[int, int], now: datetime) -> bool:
        start, end = (first_instant(day, minute, self.facts.zone) for minute in span)
        return start <= now < end

    # What is asked of it

    def unlock(self, new: Unlock, *, expecting: bool = False) -> bool:
        """Whether it is a new one: a timed one that ends no later than one that is running is none."""
        running = [each for each in self.unlocks if each.left is None and each.is_active(new.since)]
        if new.left is None and not expecting and any(each.until >= new.until for each in running):
            return False
        self.unlocks.append(new)
        return True

    def longest(self, now: datetime, asked: datetime) -> datetime:
        """An unlock that is asked for until `asked` ends then, or at closing, or at the longest that is allowed."""
        return min(asked, self.closing(now), now + UNLOCK_MAX)

    def lock(self, now: datetime) -> datetime | None:
        """Ends every unlock, and suspends the window that is open until the moment that this returns, when it ends."""
        for each in self.unlocks:
            if each.is_active(now):
                each.ended = (now, "locked")
        self._tidy(now)
        if not self.releasing(now):
            return None
        instant = now.replace(second=0, microsecond=0) + MINUTE
        while self.releasing(instant):
            instant += MINUTE
        self.suspended_until = instant
        return instant

    def replan(self, now: datetime) -> None:
        """Hours have changed: no unlock outlasts them."""
        for each in self.unlocks:
            if each.is_active(now) and not self.is_open(now):
                each.until = now
            elif each.is_active(now):
                each.until = min(each.until, self.closing(now))

    def in_lockdown(self, now: datetime) -> bool:
        return self.lockdown is not None and (self.lockdown[1] is None or now < self.lockdown[1])

    # Rings, polls and codes

    def ring(self, now: datetime, caller: str) -> Verdict:
        """What must come of a ring; one that is released may use up what counts releases."""
        if caller != self.facts.intercom:
            return Verdict("denied", "not_an_intercom")
        if self.in_lockdown(now):
            return Verdict("forwarded", "lockdown")
        return self.released(now) or self._not_released(now)

    def released(self, now: datetime) -> Verdict | None:
        """By an unlock or by a schedule; None where nothing releases. Nothing does in lockdown."""
        if self.in_lockdown(now):
            return None
        self._tidy(now)
        active = [each for each in self.unlocks if each.is_active(now)]
        unlimited = [each for each in active if each.left is None]
        if unlimited:
            return Verdict("released", "unlock", frozenset(each.by for each in unlimited), unlimited[0].name)
        if by := self.releasing(now):  # unlimited as well: what counts releases is used up only where nothing is
            return Verdict("released", "schedule", frozenset(by), "schedule")
        if counted := [each for each in active if each.left]:
            oldest = min(counted, key=lambda each: each.since)
            oldest.left = (oldest.left or 0) - 1
            if oldest.left == 0:
                oldest.ended = (now, "used up")
            return Verdict("released", "unlock", frozenset({oldest.by}), oldest.name)
        return None

    def _not_released(self, now: datetime) -> Verdict:
        is_open, after_hours = self.is_open(now), self.facts.after_hours
        if is_open or after_hours == "ask":
            outcome, reason = "asked" if self.facts.asks else "forwarded", "locked"
        else:
            outcome, reason = {"forward": ("forwarded", "after_hours"), "closed": ("denied", "closed")}[after_hours]
        return Verdict("held" if outcome != "asked" and self.has_code(now) else outcome, reason)

    def held_for(self, verdict: Verdict) -> timedelta:
        """How long the visitor is held: while hosts are asked, or just long enough to begin keying a code."""
        return ASK_FOR if verdict.outcome == "asked" else KEYING

    def has_code(self, now: datetime) -> bool:
        return any(self._is_good(each, now) for each in self.codes)

    def _is_good(self, code: Code, now: datetime) -> bool:
        return code.is_live(now) and (code.any_hour or self.is_open(now))

    def key(self, digits: str, now: datetime) -> tuple[str, Code | None]:
        """What must come of six keyed digits."""
        for number, within in LIMITS:
            if len([at for at in self.wrong if now < at + within]) >= number:
                return "lockout", None
        right = [each for each in self.codes if each.digits == digits and self._is_good(each, now)]
        if not right:
            self.wrong.append(now)
            return "wrong_code", None
        self.use(right[0], now)
        return "code", right[0]

    def use(self, code: Code, now: datetime) -> None:
        """One use is counted, unless it belongs to the one before."""
        if not code.was_just_used(now):
            code.used_at = now
            code.left = None if code.left is None else code.left - 1

    def _tidy(self, now: datetime) -> None:
        """Keep apart what can never count again."""
        self.over += [each for each in self.unlocks if each.ended or each.until <= now]
        self.unlocks = [each for each in self.unlocks if not (each.ended or each.until <= now)]
