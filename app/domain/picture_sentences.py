"""What is to be seen in the pictures above the log, in words."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from app.domain.digests import Conclusion
from app.domain.doors import Door
from app.domain.durations import describe_duration
from app.domain.hours import WEEKDAYS, local_clock
from app.domain.pictures import Pictures, Slot, busiest, unit
from app.domain.summaries import Tally, median

FEW = 8  # rings that show no pattern
MANY = 4  # less than one in four rings is no pattern either
STALE = timedelta(minutes=1)
CONCLUSIONS = {
    Conclusion.RELEASED.value: "Released",
    Conclusion.ANSWERED.value: "Answered by telephone",
    Conclusion.TURNED_AWAY.value: "Turned away",
    Conclusion.DENIED.value: "Told that it is closed",
    Conclusion.MISSED.value: "Missed",
    Conclusion.LOST.value: "End unknown",
}
NO_BREAK = "\u00a0"
UNDER_WAY = "Not over yet"
TOO_MUCH = "That is too much for one picture. Choose a door, or fewer dates."
UNREADABLE = "What was counted for the pictures can't be read. The list below is complete all the same."
EXACTNESS = "Medians are right within 3 %, or within half a second."


def heading(doors: Sequence[Door]) -> str:
    """Whose pictures these are."""
    return doors[0].name if len(doors) == 1 else f"{len(doors)} doors"


def days(first: date, last: date) -> str:
    """ "Mon 2 Nov 2026 to Sun 29 Nov 2026"; of one day its name."""
    return day_named(first) if first == last else f"{day_named(first)} to {day_named(last)}"


def day_named(day: date) -> str:
    return f"{day:%a} {day.day} {day:%b} {day.year}"


def slot_named(slot: Slot) -> str:
    """ "Mon 23 Nov 2026", or "23 Nov to 29 Nov 2026" where it is longer."""
    if slot.first == slot.last:
        return day_named(slot.first)
    return f"{slot.first.day} {slot.first:%b} to {slot.last.day} {slot.last:%b} {slot.last.year}"


def nobody_rang(first: date, last: date) -> str:
    when = f"on {day_named(first)}" if first == last else "in these days"
    return f"Nobody rang {when}. Once somebody does, pictures here show when visitors come and how it goes."


def rings(slots: Sequence[Slot]) -> str:
    total = sum(slot.tally.rings for slot in slots)
    most = max(slots, key=lambda slot: slot.tally.rings)
    if len(slots) == 1:
        return f"{_count(total, 'ring')} on {slot_named(most)}."
    if total < FEW or sum(slot.tally.rings == most.tally.rings for slot in slots) > 1:
        return f"{_count(total, 'ring')}, at most {most.tally.rings:,} a {unit(slots)}."
    when = f"{most.first:%B %Y}" if unit(slots) == "month" else slot_named(most)
    return f"{_count(total, 'ring')}. The busiest {unit(slots)} was {when}, with {most.tally.rings:,}."


def hours(pictures: Pictures) -> str:
    """When most visitors come."""
    by_hour = pictures.by_hour
    weekdays = min(7, (pictures.last_day - pictures.first_day).days + 1)
    total, block = sum(by_hour.values()), busiest(by_hour, weekdays)
    if block is None or total < FEW:
        return f"With {_count(total, 'ring')} no pattern is to be seen yet."
    if MANY * block.rings < total:
        return "Rings come all over the week: no hours stand out."
    first, last = WEEKDAYS[block.days[0]][:3], WEEKDAYS[block.days[-1]][:3]
    on = first if first == last else f"{first}–{last}"
    share = percent(block.rings, total)
    rings = "Most rings come" if 2 * block.rings > total else "Busiest is"
    return f"{rings} {on} from {block.hours[0]:02}:00 to {block.hours[-1] + 1:02}:00: {share} of all rings."


def outcomes(total: Tally) -> str:
    released, missed = (total.ends[each.value] for each in (Conclusion.RELEASED, Conclusion.MISSED))
    visitors = "The visitor was" if total.rings == 1 else f"Of {total.rings:,} visitors {released:,} were"
    if total.rings == 1:
        return f"{visitors} released." if released else "The visitor was not released."
    share = f" ({percent(released, total.rings)})" if released else ""
    return f"{visitors} released{share}, and {f'{missed:,}' if missed else 'none'} {_was(missed)} missed."


def waits(total: Tally) -> str:
    half, answers = median(total.waits), sum(total.waits.values())
    if half is None:
        return "Nobody had to wait for a person's answer."
    if answers == 1:
        return f"One visitor waited for a person, for {seconds(half)}."
    return f"Half of the {answers:,} who were answered by a person waited {seconds(half)} or less."


def seconds(wait: float) -> str:
    return describe_duration(timedelta(seconds=round(wait))).replace(" ", NO_BREAK)


def counted(pictures: Pictures, timezone: ZoneInfo, now: datetime) -> list[str]:
    """As of when the pictures are, and what is missing in them."""
    found = list[str]()
    if pictures.as_of is None:
        found.append("Nothing has been counted yet; a few seconds after the start it will be.")
    elif now - pictures.as_of > STALE:
        since = local_clock(pictures.as_of, timezone, now)
        found.append(f"Nothing has been counted since {since}: what came later is missing until it goes on by itself.")
    else:
        found.append(f"Counted until {pictures.as_of.astimezone(timezone):%H:%M:%S}.")
    if pictures.behind:
        more = _count(pictures.behind, "more entry", "more entries")
        found.append(f"{more} of the log {_is(pictures.behind)} still being counted; the pictures grow meanwhile.")
    if pictures.unreadable:
        entries = _count(pictures.unreadable, "entry", "entries")
        found.append(f"{entries} of the log can't be read and {_is(pictures.unreadable)} not counted.")
    return found


def percent(part: int, whole: int) -> str:
    """A share; what is little is never called none of it, nor nearly all of it all."""
    share = round(100 * part / whole) if whole else 0
    if part and not share:
        return f"under 1{NO_BREAK}%"
    return f"over 99{NO_BREAK}%" if share == 100 and part < whole else f"{share}{NO_BREAK}%"


def _count(number: int, noun: str, several: str = "") -> str:
    return f"{number:,} {noun if number == 1 else several or noun + 's'}"


def _is(number: int) -> str:
    return "is" if number == 1 else "are"


def _was(number: int) -> str:
    return "was" if number == 1 else "were"
