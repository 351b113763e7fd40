"""A door's visits of today, read off the newest entries of its log."""

from collections.abc import Sequence
from datetime import datetime

from app.domain import digest_sentences
from app.domain.audit import LogEntry
from app.domain.digests import Digest
from app.domain.doors import Door
from app.domain.homes import Day

LINES_SHOWN = 12
ENTRIES_READ = 400  # about a hundred visits


def day_of(newest_first: Sequence[LogEntry], door: Door, now: datetime) -> Day:
    """What these entries tell of the visits that ended today, and of those that have not ended."""
    today, counts, lines = _date(now, door), dict[str, int](), list[str]()
    digest = Digest(0, now)
    for entry in reversed(newest_first):
        conclusion = digest.conclusion(entry.event)
        if conclusion and _date(entry.event.time, door) == today:
            counts[conclusion] = counts.get(conclusion, 0) + 1
            lines.append(digest_sentences.line(entry.event, door))
        digest = digest.read_on(entry)
    is_cut = len(newest_first) >= ENTRIES_READ and _date(newest_first[-1].event.time, door) == today
    return Day(counts, tuple(lines[-LINES_SHOWN:]), len(digest.under_way), is_cut)


def _date(moment: datetime, door: Door) -> object:
    return moment.astimezone(door.hours.timezone).date()
