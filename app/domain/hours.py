"""Weekly windows in a door's local time, and the periods in UTC that they make."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from itertools import groupby, pairwise
from typing import Literal, TypeAlias
from zoneinfo import ZoneInfo

from app.domain.durations import DAY_MINUTES, clock_to_utc, parse_clock, plain, quoted
from app.domain.errors import InvalidInput
from app.domain.periods import (
    DAY,
    JUST_BEFORE,
    MERGE_REACH,
    NOTHING_SPECIAL,
    SpecialHours,
    describe_closing,
    joined,
    merged,
    period_of,
    without,
)
from app.domain.periods import (
    Period as Period,
)
from app.domain.periods import (
    Window as Window,
)

WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
SEARCH_DAYS = 400

Weekly: TypeAlias = tuple[tuple[Window, ...], ...]
"""The windows of seven days, Monday first; those of a day in order, without overlap."""


@dataclass(frozen=True, slots=True)
class Closed:
    """Why hours are closed: a holiday's name, a weekday, the local time such as 08:59, or "closed from 12:00"."""

    kind: Literal["holiday", "day", "time", "special"]
    name: str


@dataclass(frozen=True)
class Hours:
    """A week of windows. On a holiday no window starts; one from the evening before still ends.

    What is special about a date beats both.
    """

    timezone: ZoneInfo
    weekly: Weekly
    holidays: Mapping[date, str]
    specials: Mapping[date, SpecialHours] = field(default_factory=dict)

    def period_at(self, now: datetime) -> Period | None:
        """The open period around `now`: windows that touch or overlap are one, some 8 days either way."""
        return joined(now, self._window_at)

    def is_open(self, now: datetime) -> bool:
        return self._window_at(now) is not None

    def next_opening(self, now: datetime) -> datetime | None:
        """The first instant in UTC after `now` at which closed hours open; None: not within 400 days."""
        today = self.local_date(now)
        for days in range(-1, SEARCH_DAYS + 1):  # what began yesterday may be interrupted
            for period in self.periods(today + days * DAY):
                if period.starts_at > now and not self.is_open(period.starts_at - JUST_BEFORE):
                    return period.starts_at
        return None

    def opening(self, day: date) -> datetime | None:
        """When the first of the windows that start on this local date begins, in UTC; None on a closed day."""
        return min((period.starts_at for period in self.periods(day)), default=None)

    def closing(self, day: date) -> datetime | None:
        """When the last of the windows that start on this local date ends, in UTC; None on a closed day."""
        return max((period.ends_at for period in self.periods(day)), default=None)

    def why_closed(self, now: datetime) -> Closed:
        """Asked only while closed."""
        today = self.local_date(now)
        if special := self._why_special(today, now):
            return special
        if today in self.holidays:
            return Closed("holiday", self.holidays[today])
        eve = today - DAY
        if eve in self.holidays and any(now in period for period in self._ordinary_periods(eve)):
            return Closed("holiday", self.holidays[eve])
        if not self.weekly[today.weekday()]:
            return Closed("day", WEEKDAYS[today.weekday()])
        return Closed("time", f"{now.astimezone(self.timezone):%H:%M}")

    def describe(self) -> str:
        """ "Mon–Thu 09:00–17:00, Fri 09:00–12:00 and 13:00–15:00"."""
        runs = groupby(range(7), self.weekly.__getitem__)
        open_runs = [(list(days), windows) for windows, days in runs if windows]
        return ", ".join(f"{_name_days(days)} {_describe(windows)}" for days, windows in open_runs) or "never"

    def local_date(self, now: datetime) -> date:
        """The local date."""
        return now.astimezone(self.timezone).date()

    def _window_at(self, moment: datetime) -> Period | None:
        today = self.local_date(moment)
        # Tomorrow counts too: clocks set back from 00:01 to 23:01 have already been past its midnight.
        for day in (today, today - DAY, today + DAY):
            for period in self.periods(day):
                if moment in period:
                    return period
        return None

    def periods(self, day: date) -> list[Period]:
        """What is open of what begins on a local date; in order, unless the windows of a day were not."""
        ordinary = [] if day in self.holidays else list(self._ordinary_periods(day))
        return self._with_specials(day, ordinary) if self.specials else ordinary

    def _with_specials(self, day: date, ordinary: list[Period]) -> list[Period]:
        opened = (period_of(day, each, self.timezone) for each in self.specials.get(day, NOTHING_SPECIAL).opened)
        periods = merged([*ordinary, *filter(None, opened)])
        for closed_on in (day - DAY, day, day + DAY):
            for window in self.specials.get(closed_on, NOTHING_SPECIAL).closed:
                starts_at, ends_at = (clock_to_utc(closed_on, at, self.timezone) for at in (window.start, window.until))
                is_rest = closed_on == day and window.until == DAY_MINUTES
                periods = without(periods, Period(starts_at, starts_at + MERGE_REACH if is_rest else ends_at))
        return periods

    def _why_special(self, today: date, now: datetime) -> Closed | None:
        """Why it is closed, where that is because of what is special today, or was when the night began."""
        special, eve = self.specials.get(today, NOTHING_SPECIAL), today - DAY
        for window in special.closed:
            if (period := period_of(today, window, self.timezone)) and now in period:
                return Closed("special", describe_closing(window))
        for window in self.specials.get(eve, NOTHING_SPECIAL).closed:
            goes_on = (now in each for each in self._ordinary_periods(eve)) if window.until >= DAY_MINUTES else ()
            if eve not in self.holidays and any(goes_on):
                return Closed("special", describe_closing(window))
        return Closed("time", f"{now.astimezone(self.timezone):%H:%M}") if special.opened else None

    def _ordinary_periods(self, day: date) -> Iterator[Period]:
        """A day's windows as if it were no holiday, without those that a clock change swallows."""
        for window in self.weekly[day.weekday()]:
            if period := period_of(day, window, self.timezone):
                yield period


def local_clock(moment: datetime, timezone: ZoneInfo, now: datetime) -> str:
    """ "17:00", "tomorrow 09:00", "Mon 09:00" or "Mon 4 Jan 2027 09:00", seen from `now`.

    A time that occurs twice that day gets its zone: "01:30 EST".
    """
    local, today = moment.astimezone(timezone), now.astimezone(timezone).date()
    clock = f"{local:%H:%M}"
    if local.replace(fold=0).utcoffset() != local.replace(fold=1).utcoffset():
        clock += f" {local:%Z}"
    match (local.date() - today).days:
        case 0:
            return clock
        case 1:
            return f"tomorrow {clock}"
        case days if 1 < days <= 6:
            return f"{local:%a} {clock}"
    year = "" if local.year == today.year else f" {local.year}"
    return f"{local:%a} {local.day} {local:%b}{year} {clock}"


def parse_weekly(table: object) -> Weekly:
    """The `[hours]` table: weekdays ("mon", "mon-fri", "mon,wed") to windows. Raises InvalidInput."""
    if not isinstance(table, Mapping):
        raise InvalidInput(f'Hours are a table, not {quoted(table)}. Try mon-fri = "09:00-17:00".')
    weekly: dict[int, tuple[Window, ...]] = {}
    for key, value in table.items():
        windows = _parse_windows(value)
        for day in parse_days(key):
            if day in weekly:
                raise InvalidInput(f"{quoted(key)} names {WEEKDAYS[day]} again. Name a day once, such as mon-fri.")
            weekly[day] = windows
    return tuple(weekly.get(day, ()) for day in range(7))


def parse_days(key: object) -> Iterator[int]:
    for part in plain(key).split(","):
        ends = [_parse_day(word.strip(), key) for word in part.split("-")]
        if len(ends) > 2:
            raise InvalidInput(f"{quoted(key)} is not a range of days. Try mon-fri.")
        yield from ((ends[0] + step) % 7 for step in range((ends[-1] - ends[0]) % 7 + 1))


def _parse_day(word: str, key: object) -> int:
    for index, name in enumerate(WEEKDAYS):
        if len(word) >= 3 and name.lower().startswith(word):
            return index
    raise InvalidInput(f"{quoted(key)} names no weekdays. Try mon, mon-fri or mon,wed.")


def _parse_windows(value: object) -> tuple[Window, ...]:
    texts = value if isinstance(value, list) else [value]
    windows = [parse_window(part) for text in texts for part in _split(text)]
    windows.sort(key=lambda window: window.start)
    for before, after in pairwise(windows):
        if after.start < before.until:
            raise InvalidInput(f"{_describe((before, after))} overlap. Try 09:00-12:00, 13:00-17:00.")
    return tuple(windows)


def _split(text: object) -> list[str]:
    if isinstance(text, str):
        return text.split(",")
    raise InvalidInput(f'Opening hours are a text, not {quoted(text)}. Try "09:00-17:00".')


def parse_window(text: str) -> Window:
    """Raises InvalidInput."""
    clocks = plain(text).split("-")
    if len(clocks) != 2:
        raise InvalidInput(f"{quoted(text)} is not like 09:00-17:00. Leave a closed day out.")
    start, end = (parse_clock(clock) for clock in clocks)
    if start in (end, DAY_MINUTES):
        raise InvalidInput(f"{quoted(text)} is empty or starts at 24:00. Try 00:00-24:00 or 22:00-06:00.")
    return Window(start, end or DAY_MINUTES)


def _name_days(days: list[int]) -> str:
    first, last = (WEEKDAYS[day][:3] for day in (days[0], days[-1]))
    return "every day" if len(days) == 7 else first if first == last else f"{first}–{last}"


def _describe(windows: tuple[Window, ...]) -> str:
    return " and ".join(window.describe() for window in windows)
