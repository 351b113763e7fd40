"""Local time, found by walking over it minute by minute: nothing here is clever, so that it can be believed."""

from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from zoneinfo import ZoneInfo

SECOND, MINUTE, DAY = timedelta(seconds=1), timedelta(minutes=1), timedelta(days=1)
LONGEST_WALK = 4 * 24 * 60  # minutes
WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


def shown(instant: datetime, zone: ZoneInfo) -> datetime:
    """What the clock on the wall shows, without a zone."""
    return instant.astimezone(zone).replace(tzinfo=None)


def today(instant: datetime, zone: ZoneInfo) -> date:
    return shown(instant, zone).date()


@cache
def first_instant(day: date, minute: int, zone: ZoneInfo) -> datetime:
    """The first instant at which the clock shows so many minutes after the day's midnight, or later.

    So what is shown twice counts the first time, and what is never shown at the jump over it.
    """
    wall = datetime.combine(day, time.min) + minute * MINUTE
    instant = wall.replace(tzinfo=UTC) - 15 * 60 * MINUTE
    while shown(instant + 5 * 60 * MINUTE, zone) < wall:  # no clock was ever put back by five hours
        instant += 60 * MINUTE
    step = 1 if minute % 15 else 15  # clocks differ, and are changed, by quarters of an hour
    while shown(instant, zone) < wall:
        instant += step * MINUTE
    return instant


def instants_showing(day: date, minute: int, zone: ZoneInfo) -> list[datetime]:
    """Every instant at which the clock shows this: one, two where it is put back, none where it jumps."""
    wall = datetime.combine(day, time.min) + minute * MINUTE
    first = first_instant(day, minute, zone)
    around = (first + minutes * MINUTE for minutes in range(3 * 60))
    return [instant for instant in around if shown(instant, zone) == wall]


def minute_of(clock: str) -> int:
    """ "14:00" as a minute of the day."""
    if clock == "noon":
        return 12 * 60
    hour, minute = clock.split(":")
    return int(hour) * 60 + int(minute)


def span_of(text: str) -> tuple[int, int]:
    """ "22:00-02:30" as two minutes of the day on which it begins."""
    start, end = (minute_of(each) for each in text.split("-"))
    return start, end if end > start else end + 24 * 60


def weekdays_of(text: str) -> list[int]:
    """ "mon-fri" or "mon,wed" or "sat", as Monday is 0."""
    days: list[int] = []
    for part in text.split(","):
        first, _, last = part.partition("-")
        day = WEEKDAYS.index(first)
        days.append(day)
        while WEEKDAYS[day] != (last or first):
            day = (day + 1) % 7
            days.append(day)
    return days
