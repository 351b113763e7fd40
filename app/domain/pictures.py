"""What the pictures above the log are drawn from: the visits of some doors on some days, added up."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from itertools import accumulate, groupby, product

from app.domain.doors import Door
from app.domain.summaries import Tally

USUALLY_SHOWN = timedelta(weeks=4)
MOST_DAYS, MOST_WEEKS = 69, 110  # that are drawn one by one
DAY = timedelta(days=1)
STANDS_OUT = 3


@dataclass(frozen=True, slots=True)
class Pictures:
    """`days` are those on which somebody rang, from `first_day` to `last_day`, in each door's own local time.

    `as_of`: until when the log is counted; None where nothing ever was. `behind`: entries that are still to be counted.
    `unreadable`: entries of these doors that never can be. `is_too_much`: nothing was read, because it would have been
    too much. `is_unreadable`: what was counted can't be read.
    """

    first_day: date
    last_day: date
    days: Mapping[date, Tally] = field(default_factory=dict)
    as_of: datetime | None = None
    behind: int = 0
    unreadable: int = 0
    is_too_much: bool = False
    is_unreadable: bool = False

    @property
    def total(self) -> Tally:
        """All days together."""
        return together(self.days.values())

    @property
    def by_hour(self) -> dict[tuple[int, int], int]:
        """How many rang in each hour of the week, by weekday (0 is Monday) and hour."""
        found = Counter[tuple[int, int]]()
        for day, tally in self.days.items():
            for hour, rings in tally.hours.items():
                found[day.weekday(), hour] += rings
        return +found


@dataclass(frozen=True, slots=True)
class Slot:
    """What is drawn as one: a day, a week from its Monday, or a month; the first and the last one may be cut short."""

    first: date
    last: date
    tally: Tally
    is_closed: bool = False


@dataclass(frozen=True, slots=True)
class Block:
    """A part of the week: these days, and these hours of each; `rings` came in it."""

    days: range
    hours: range
    rings: int

    @property
    def size(self) -> int:
        return len(self.days) * len(self.hours)


def shown_days(first: date | None, last: date | None, today: date) -> tuple[date, date]:
    """The days that are shown, where somebody chose some or none: until today, and of four weeks."""
    last = last or max(first or today, today)
    return first or (last - USUALLY_SHOWN + DAY if last.toordinal() > USUALLY_SHOWN.days else last), last


def together(found: Iterable[Tally]) -> Tally:
    """All of these added up."""
    total = Tally()
    for tally in found:
        total.add(tally)
    return total


def slots(pictures: Pictures, doors: Sequence[Door], today: date) -> list[Slot]:
    """The days in order until today, by week or by month where they are many; many begin with the first ring."""
    newest = max(pictures.days, default=today)  # at a door farther east it may be tomorrow already
    first, last = pictures.first_day, min(pictures.last_day, max(today, newest))
    if (last - first).days >= MOST_DAYS:
        first = max(first, min(pictures.days, default=last))
    days = [first + number * DAY for number in range((last - first).days + 1)]
    is_daily = len(days) <= MOST_DAYS
    found = []
    for _, group in groupby(days, _day if is_daily else _monday if len(days) <= 7 * MOST_WEEKS else _month):
        each = [*group]
        tally = together(pictures.days[day] for day in each if day in pictures.days)
        found.append(Slot(each[0], each[-1], tally, is_daily and is_closed(doors, each[0])))
    return found


def unit(found: Sequence[Slot]) -> str:
    """What each of these is: a day, a week or a month."""
    longest = max((slot.last - slot.first).days for slot in found)
    return "day" if longest == 0 else "week" if longest < 7 else "month"


def is_closed(doors: Sequence[Door], day: date) -> bool:
    """Whether none of these doors has working hours on this day, as the office's file says."""
    return all(day in door.hours.holidays or not door.hours.weekly[day.weekday()] for door in doors)


def busiest(by_hour: Mapping[tuple[int, int], int], weekdays: int = 7) -> Block | None:
    """The part of the week that stands out; None where nobody rang. `weekdays`: of so many there are figures.

    It gets larger as long as that brings more rings than three times as many hours would on average.
    """
    if not by_hour:
        return None
    upto, total = _sums(by_hour), sum(by_hour.values())
    blocks = (
        Block(
            range(first, last),
            range(begin, end),
            upto[last][end] - upto[first][end] - upto[last][begin] + upto[first][begin],
        )
        for first, last, begin, end in _rectangles(by_hour)
    )
    return max(blocks, key=lambda block: 24 * weekdays * block.rings - STANDS_OUT * total * block.size)


def _rectangles(by_hour: Mapping[tuple[int, int], int]) -> Iterator[tuple[int, int, int, int]]:
    hours = [hour for _, hour in by_hour]
    for first, begin in product(range(7), range(min(hours), max(hours) + 1)):
        for last, end in product(range(first + 1, 8), range(begin + 1, max(hours) + 2)):
            yield first, last, begin, end


def _sums(by_hour: Mapping[tuple[int, int], int]) -> list[list[int]]:
    """How many rang before a weekday and before an hour."""
    rows = [[0] * 25]
    for day in range(7):
        row = [0, *accumulate(by_hour.get((day, hour), 0) for hour in range(24))]
        rows.append([before + more for before, more in zip(rows[-1], row, strict=True)])
    return rows


def _day(day: date) -> date:
    return day


def _monday(day: date) -> date:
    return day - day.weekday() * DAY


def _month(day: date) -> date:
    return day.replace(day=1)
