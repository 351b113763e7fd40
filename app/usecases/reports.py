"""Reports: what the audit log says of a door's week, when asked, and by itself in the door's channel.

All of it is read from the log: a ring pays nothing for it.
"""

import logging
from collections.abc import Callable, Sequence
from datetime import datetime
from itertools import islice

from app.domain import report_sentences
from app.domain.audit import LogEntry
from app.domain.doors import Door
from app.domain.errors import StoreUnavailable
from app.domain.notices import Notice
from app.domain.office import Office
from app.domain.reports import (
    WEEKLY,
    Report,
    Span,
    WeeklyTold,
    is_due,
    last_seven_days,
    last_week,
    read_from,
    report,
    this_monday,
)
from app.domain.suggestions import Recurring
from app.ports import Key, Store, entries, partition
from app.usecases.requests import Request
from app.usecases.unlocks import new_notice_key

logger = logging.getLogger(__name__)

REPORT = Key[WeeklyTold]("report")
MOST_ENTRIES = 20_000  # of all the logs that one answer is made of: Slack waits three seconds
FEWEST_ENTRIES = 2_000  # of each of them
PAGE = 1_000

Planned = Callable[[Door, datetime], Sequence[Recurring]]  # the schedules that a door has already


def nothing_planned(_: Door, __: datetime) -> Sequence[Recurring]:
    """For uses without schedules."""
    return ()


class Reports:
    """Everything may raise StoreUnavailable."""

    def __init__(self, store: Store, office: Office, planned: Planned = nothing_planned) -> None:
        self._store = store
        self._answering = office.answering
        self._planned = planned
        self._weekly = [door for door in office.doors.values() if door.report == WEEKLY and door.channel]
        self._told: dict[str, str] = {}  # the week that each door's channel has been told, as far as this process knows

    def report(self, request: Request, doors: Sequence[Door]) -> list[Report]:
        """The last seven days at each of `doors`, for a request that is permitted."""
        limit = max(MOST_ENTRIES // max(1, len(doors)), FEWEST_ENTRIES)
        now = request.now
        return [self._report(door, last_seven_days(now, door.hours.timezone), now, limit) for door in doors]

    def weekly(self, now: datetime) -> None:
        """Tell each channel that wants it of last week, once, at the first opening of this one.

        Any process may call it at any time: the first commit wins.
        """
        for door in self._weekly:
            week = this_monday(now, door.hours.timezone).isoformat()
            if self._told.get(door.id) == week or not is_due(door.hours, now):
                continue
            try:
                self._tell(door, week, now)
            except StoreUnavailable:
                raise
            except Exception:  # a log that can't be read must not silence the other doors
                logger.exception("The weekly report of door %s met a bug", door.id)
            self._told[door.id] = week

    def _tell(self, door: Door, week: str, now: datetime) -> None:
        """Once this returns, some process has told it."""
        snapshot = self._store.read(partition(door.id), REPORT)
        told = snapshot.get(REPORT)
        if told and told.week >= week:
            return
        found = self._report(door, last_week(now, door.hours.timezone), now, MOST_ENTRIES)
        notice = Notice(
            door.channel, report_sentences.sentence(found, now), now, buttons=report_sentences.buttons(found)
        )
        self._store.commit(snapshot, {REPORT: WeeklyTold(week), new_notice_key(): notice})

    def _report(self, door: Door, span: Span, now: datetime, limit: int) -> Report:
        found = self._newest(door, read_from(span), limit + 1)
        return report(
            door,
            found[:limit],
            span,
            self._answering,
            planned=self._planned(door, now),
            limit=limit if len(found) > limit else 0,
        )

    def _newest(self, door: Door, since: datetime, limit: int) -> list[LogEntry]:
        """As many entries as are allowed, and no more than one that is older: it shows that the record goes on."""
        found = list[LogEntry]()
        for entry in islice(entries(self._store, partition(door.id), min(PAGE, limit)), limit):
            found.append(entry)
            if entry.event.time < since:
                break
        return found
