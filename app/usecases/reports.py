"""Reports: what the audit log says of a door's week, when asked, and by itself in the door's channel.

All of it is read from the log: a ring pays nothing for it.
"""

import logging
from collections.abc import Sequence
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
    first_opening,
    is_same_day,
    last_seven_days,
    last_week,
    read_from,
    report,
    this_monday,
)
from app.ports import Key, Snapshot, Store, entries, partition
from app.usecases.planned import SCHEDULES, as_planned, plans
from app.usecases.requests import Request
from app.usecases.unlocks import new_notice_key

logger = logging.getLogger(__name__)

REPORT = Key[WeeklyTold]("report")
MOST_ENTRIES = 20_000  # of all the logs that one answer is made of: Slack waits three seconds
FEWEST_ENTRIES = 2_000  # of each of them
PAGE = 1_000


class Reports:
    """Everything may raise StoreUnavailable."""

    def __init__(self, store: Store, office: Office) -> None:
        self._store = store
        self._answering = office.answering
        self._weekly = [door for door in office.doors.values() if door.report == WEEKLY and door.channel]
        self._settled: dict[str, str] = {}  # by door, the week of which this process knows that nothing is to be told

    def report(self, request: Request, doors: Sequence[Door]) -> list[Report]:
        """The last seven days at each of `doors`, for a request that is permitted."""
        limit = max(MOST_ENTRIES // max(1, len(doors)), FEWEST_ENTRIES)
        return [self._last_seven_days(door, request.now, limit) for door in doors]

    def _last_seven_days(self, door: Door, now: datetime, limit: int) -> Report:
        snapshot = self._store.read(partition(door.id), SCHEDULES)
        return self._report(door, snapshot, last_seven_days(now, door.hours.timezone), now, limit)

    def weekly(self, now: datetime) -> None:
        """Tell each channel that wants it of last week, once, at the first opening of this one.

        Any process may call it at any time: the first commit wins.
        """
        for door in self._weekly:
            week = this_monday(now, door.hours.timezone).isoformat()
            if self._settled.get(door.id) == week:
                continue
            try:
                is_settled = self._settle(door, week, now)
            except StoreUnavailable:
                raise
            except Exception:  # a log that can't be read must not silence the other doors
                logger.exception("The weekly report of door %s met a bug", door.id)
                is_settled = True
            if is_settled:
                self._settled[door.id] = week

    def _settle(self, door: Door, week: str, now: datetime) -> bool:
        """Tell it if it is time to; True where there is nothing more to do this week."""
        snapshot = self._store.read(partition(door.id), REPORT, SCHEDULES)
        told, planned_door = snapshot.get(REPORT), as_planned(door, snapshot)
        opened = first_opening(planned_door.hours, now)
        if told and told.week >= week:
            return True
        if opened is None or now < opened:
            return False
        if not is_same_day(opened, now, door.hours.timezone):  # too late: it is news on that day only
            return True
        found = self._report(door, snapshot, last_week(now, door.hours.timezone), now, MOST_ENTRIES)
        text, buttons = report_sentences.sentence(found, now), report_sentences.buttons(found)
        notice = Notice(door.channel, text, now, buttons=buttons)
        return self._store.commit(snapshot, {REPORT: WeeklyTold(week), new_notice_key(): notice})

    def _report(self, door: Door, snapshot: Snapshot, span: Span, now: datetime, limit: int) -> Report:
        """The report of a door from its log, and what `snapshot` says is planned there."""
        found = self._newest(door, read_from(span), limit + 1)
        today = now.astimezone(door.hours.timezone).date()
        return report(
            as_planned(door, snapshot),
            found[:limit],
            span,
            self._answering,
            planned=plans(snapshot).current(today).schedules,
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
