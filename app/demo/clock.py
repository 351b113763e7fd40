"""The playground's clock: the real one, moved forward. The server reads by how much from a file."""

import os
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

from app.clock import utcnow
from app.demo.refusals import Refused
from app.domain.durations import clock_to_utc
from app.domain.hours import Hours

DAY, HOUR = timedelta(days=1), timedelta(hours=1)
A_GOOD_TIME = 11 * 60 + 20  # minutes after midnight
FURTHEST = timedelta(days=800)  # in one go
SATURDAY = 5
STEPS = {"ten-minutes": ("+10 minutes", timedelta(minutes=10)), "hour": ("+1 hour", HOUR)}


class Clock:
    """Tells the time, and moves it; never back, because nothing in an office happens twice."""

    def __init__(self, file: Path, hours: Hours) -> None:
        self._file = file
        self._hours = hours
        self._ahead = timedelta()
        self._found: dict[str, Callable[[datetime], datetime]] = {
            "working-day": self._working_day,
            "before-closing": lambda now: self._closing(now, timedelta(minutes=10)),
            "closing": lambda now: self._closing(now, timedelta()),
            "saturday": lambda now: self._at_a_good_time(now, lambda day: day.weekday() == SATURDAY),
            "clocks-change": lambda now: self._change(now) - HOUR,
        }

    def now(self) -> datetime:
        """The time in the playground, aware, in UTC."""
        return utcnow() + self._ahead

    def reset(self) -> None:
        """The real time; where the office is closed then, or soon will be, a good time of the next working day."""
        self._ahead = timedelta()
        now = self.now()
        is_good = self._hours.is_open(now) and self._hours.is_open(now + HOUR)
        self._put(timedelta() if is_good else self._working_day(now) - now)

    def move(self, preset: str = "", by_seconds: float = 0) -> None:
        """Forward to one of the presets, or by so many seconds. Raises Refused."""
        now = self.now()
        if preset in STEPS:
            by = STEPS[preset][1]
        elif preset:
            if preset not in self._found:
                raise Refused("The clock knows no such time.", 400)
            by = self._found[preset](now) - now
        else:
            by = timedelta(seconds=max(-1, min(by_seconds, FURTHEST.total_seconds())))
        if by < timedelta():
            raise Refused("The clock only moves forward. “Start over” begins anew.", 400)
        self._put(self._ahead + by)

    def shown(self) -> dict[str, Any]:
        """What the page shows of it."""
        now = self.now()
        presets = [{"id": name, "label": label} for name, (label, _) in STEPS.items()]
        presets += [{"id": name, "label": self._label(name, find(now))} for name, find in self._found.items()]
        zone = self._hours.timezone
        return {"now": now.isoformat(), "local": self._words(now), "zone": zone.key, "presets": presets}

    def _put(self, ahead: timedelta) -> None:
        """Whoever reads meanwhile gets the old file or the new one."""
        new = self._file.with_suffix(".new")
        new.write_text(str(ahead.total_seconds()), encoding="ascii")
        os.replace(new, self._file)
        self._ahead = ahead

    def _words(self, moment: datetime) -> str:
        local = moment.astimezone(self._hours.timezone)
        return f"{local:%A} {local.day} {local:%B}, {local:%H:%M}"

    def _label(self, name: str, moment: datetime) -> str:
        local = moment.astimezone(self._hours.timezone)
        match name:
            case "before-closing":
                return f"Ten minutes before closing time: {local:%a %H:%M}"
            case "closing":
                return f"Closing time: {local:%a %H:%M}"
            case "clocks-change":
                is_to_summer = bool((moment + 2 * HOUR).astimezone(self._hours.timezone).dst())
                season = "begins" if is_to_summer else "ends"
                return f"An hour before summer time {season}: {local:%a} {local.day} {local:%b} {local:%H:%M}"
        return f"{local:%A}, {local:%H:%M}"

    def _days(self, now: datetime) -> Iterator[Any]:
        today = self._hours.local_date(now)
        return (today + each * DAY for each in range(FURTHEST.days))

    def _at_a_good_time(self, now: datetime, is_wanted: Callable[[Any], bool]) -> datetime:
        moments = (clock_to_utc(day, A_GOOD_TIME, self._hours.timezone) for day in self._days(now) if is_wanted(day))
        return next(moment for moment in moments if moment > now)

    def _working_day(self, now: datetime) -> datetime:
        return self._at_a_good_time(now, lambda day: self._hours.opening(day) is not None)

    def _closing(self, now: datetime, before: timedelta) -> datetime:
        closings = (closing for day in self._days(now) if (closing := self._hours.closing(day)))
        return next(closing - before for closing in closings if closing - before > now)

    def _change(self, now: datetime) -> datetime:
        """When the clocks change next, by at least an hour from now."""
        hours = (now.replace(minute=0, second=0, microsecond=0) + each * HOUR for each in range(2, FURTHEST.days * 24))
        return next(
            after
            for before, after in pairwise(hours)
            if before.astimezone(self._hours.timezone).utcoffset() != after.astimezone(self._hours.timezone).utcoffset()
        )
