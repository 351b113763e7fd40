"""What was typed after `schedule`, as the judge understands it."""

from datetime import date, datetime

from tests.year.rules import Door, Schedule, SpecialDay
from tests.year.wallclock import DAY, first_instant, minute_of, span_of, weekdays_of

WHOLE_DAY = (0, 24 * 60)


def plan(door: Door, words: list[str], user: str, now: datetime) -> int:
    """Change what the door does by itself; returns of how many changes there must be a record."""
    do, *rest = words
    changes = {"add": _add, "remove": _remove, "pause": _pause, "resume": _resume, "open": _open, "closed": _close}
    number = changes[do](door, rest, user)
    door.replan(now)
    return number


def _add(door: Door, rest: list[str], user: str) -> int:
    """ "mon-fri 11:00-14:00, 16:00-18:00 from 2026-12-01 until 2026-12-23 called lunch"."""
    days, *rest = rest
    spans: list[tuple[int, int]] = []
    while rest and rest[0][0].isdigit():
        spans.append(span_of(rest.pop(0).rstrip(",")))
    first, last, name = date.min, date.max, ""
    while rest:
        match rest:
            case ["from", day, *rest]:
                first = date.fromisoformat(day)
            case ["until", day, *rest]:
                last = date.fromisoformat(day)
            case ["called", name, *rest]:
                pass
    for span in spans:
        door.schedules[door.next_number] = Schedule(weekdays_of(days), span, user, name, first, last)
        door.next_number += 1
    return len(spans)


def _remove(door: Door, rest: list[str], _: str) -> int:
    """A schedule by its number, or all that is special about a date."""
    if rest[0].isdigit():
        del door.schedules[int(rest[0])]
        return 1
    door.specials = [each for each in door.specials if each.day != date.fromisoformat(rest[0])]
    return 1


def _pause(door: Door, rest: list[str], _: str) -> int:
    """ "until 2027-01-07", or "1 until 2027-01-07": that day it is back."""
    *which, _until, day = rest
    until = first_instant(date.fromisoformat(day), 0, door.facts.zone)
    if which:
        door.schedules[int(which[0])].paused_until = until
    else:
        door.paused_until = until
    return 1


def _resume(door: Door, rest: list[str], _: str) -> int:
    """One schedule's pause; or every pause, and what a lock suspends."""
    if rest:
        door.schedules[int(rest[0])].paused_until = None
        return 1
    door.paused_until = door.suspended_until = None
    for schedule in door.schedules.values():
        schedule.paused_until = None
    return 1


def _open(door: Door, rest: list[str], user: str) -> int:
    """ "2026-12-12 10:00-16:00", where rings are released; with "asking" they are not."""
    day, span, *more = rest
    door.specials.append(SpecialDay(date.fromisoformat(day), span_of(span), True, more != ["asking"], user))
    return 1


def _close(door: Door, rest: list[str], user: str) -> int:
    """ "2026-12-24", "2026-12-24 12:00-14:00" or "2026-12-24 from noon"; also "2026-12-24 until 2026-12-27"."""
    first, *more = rest
    span, last = WHOLE_DAY, first
    match more:
        case ["from", clock]:
            span = (minute_of(clock), 24 * 60)
        case ["until", last]:
            pass
        case [text]:
            span = span_of(text)
    day, count = date.fromisoformat(first), 0
    while day <= date.fromisoformat(last):
        door.specials.append(SpecialDay(day, span, False, False, user))
        day, count = day + DAY, count + 1
    return count
