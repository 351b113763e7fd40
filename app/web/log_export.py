"""The log as a file: exactly what is filtered, newest first, streamed.

A ring has priority over all of this: few exports at once, a little at a time, and a pause after each piece that is as
long as the piece took.
"""

import csv
import io
import json
import logging
import re
import time
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from http import HTTPStatus
from itertools import islice
from threading import BoundedSemaphore

from flask import Blueprint, Response, request

from app.clock import utcnow
from app.domain.audit import LogEntry
from app.domain.errors import StoreUnavailable
from app.domain.log_fields import OFFICE_NAME, details_of, fields, shown_name
from app.domain.log_queries import in_words
from app.domain.log_sentences import sentence
from app.domain.phrases import is_person, masked
from app.domain.plain_text import NO_CONTROLS
from app.usecases.log_record import LogRecord
from app.usecases.log_search import LogSearch
from app.usecases.names import Names
from app.web.log import View, Views
from app.web.messages import Said, page

logger = logging.getLogger(__name__)

AT_ONCE = 2  # in each process
PIECE = 100  # entries between two pauses
SHORTEST_PAUSE, LONGEST_PAUSE = 0.001, 0.25
RETRY_SECONDS = "30"
BUSY = "Others are exporting the log right now. Please try again in half a minute."
CUT_OFF = "THIS EXPORT IS NOT COMPLETE: the log could not be read any further. Please export it again."
AWAY = "Open the log from Slack, and export from its page."
FORMULA = re.compile(r"""(^|;)(\s*"*\s*)(?=[=+\-@＝＋－＠])""")  # some spreadsheets end a cell at a semicolon
HEADINGS = (
    *("time", "local_time", "zone", "door", "door_name", "seq", "what_happened", "action", "outcome", "reason"),
    *("actor", "actor_name", "source", "visit", "caller", "details"),
)


class LogExports:
    """`/log.csv` and `/log.json`."""

    def __init__(self, views: Views, search: LogSearch, record: LogRecord, names: Names) -> None:
        self._views = views
        self._search = search
        self._record = record
        self._names = names
        self._free = BoundedSemaphore(AT_ONCE)

    def add_to(self, pages: Blueprint) -> None:
        """Their routes."""
        pages.get("/log.csv", endpoint="csv")(lambda: self._export("csv", "text/csv; charset=utf-8"))
        pages.get("/log.json", endpoint="json")(lambda: self._export("json", "application/x-ndjson; charset=utf-8"))

    def _export(self, form: str, content_type: str) -> Response:
        view = self._views.view(utcnow())
        if request.headers.get("Sec-Fetch-Site") in ("cross-site", "same-site"):  # it would be on their record
            raise Said(HTTPStatus.FORBIDDEN, AWAY)
        if view.asked.problems:
            raise Said(HTTPStatus.BAD_REQUEST, *view.asked.problems)
        headers = {"Content-Disposition": f'attachment; filename="{_file_name(view, form)}"'}
        if request.method == "HEAD":
            return Response(headers=headers, content_type=content_type)
        if not self._free.acquire(blocking=False):
            busy = page(request, HTTPStatus.SERVICE_UNAVAILABLE, BUSY)
            busy.headers["Retry-After"] = RETRY_SECONDS
            return busy
        release = _once(self._free.release)
        try:
            found = self._search.all(view.query, view.logs, view.now)
            self._record.exported(view.admin, form.upper(), in_words(view.query, view.door_names), view.now)
        except BaseException:
            release()
            raise
        lines = CsvLines(view, self._names) if form == "csv" else JsonLines()
        answer = Response(_pieces(found, lines, release), headers=headers, content_type=content_type)
        answer.call_on_close(release)
        return answer


class JsonLines:
    """An object a line, with the fields of `python -m app log --json`, and callers masked."""

    head = ""

    def line(self, entry: LogEntry) -> str:
        return json.dumps(fields(entry, masks=True)) + "\n"

    def cut_off(self) -> str:
        return json.dumps({"error": CUT_OFF}) + "\n"


class CsvLines:
    """RFC 4180, for spreadsheets: they know UTF-8 by its mark, and no cell of ours is a formula to them."""

    def __init__(self, view: View, names: Names) -> None:
        self._view = view
        self._names = names
        self._known: dict[str, str] = {}
        self.head = "\ufeff" + _csv(HEADINGS)

    def line(self, entry: LogEntry) -> str:
        event, shown = entry.event, fields(entry, masks=True)
        door = self._view.logs.door(event.door)
        local = event.time.astimezone(door.hours.timezone)
        return _csv(
            (
                shown["time"],
                f"{local:%Y-%m-%d %H:%M:%S}",
                door.hours.timezone.key,
                event.door,
                door.name if event.door else OFFICE_NAME,
                entry.seq,
                sentence(event, door.hours.timezone, self._name),
                event.action,
                event.outcome,
                event.reason,
                shown["actor"],
                self._name(str(shown["actor"])) if event.actor else "",
                event.source,
                event.visit,
                masked(event.caller),
                "; ".join(f"{key}: {value}" for key, value in zip(event.details, details_of(event), strict=True)),
            )
        )

    def cut_off(self) -> str:
        return _csv([CUT_OFF])

    def _name(self, actor: str) -> str:
        if actor not in self._known:
            names = self._names.names([actor], self._view.now, waits=False) if is_person(actor) else {}
            self._known[actor] = shown_name(actor, names)
        return self._known[actor]


Lines = CsvLines | JsonLines


def _pieces(found: Iterator[LogEntry | None], lines: Lines, over: Callable[[], None]) -> Iterator[bytes]:
    """The file in pieces. A fault is said in its last line: a file that simply ends would be believed."""
    try:
        yield lines.head.encode()
        while True:
            began = time.perf_counter()
            batch = list(islice(found, PIECE))
            if not batch:
                return
            if text := "".join(lines.line(entry) for entry in batch if entry):
                yield text.encode()
            time.sleep(min(LONGEST_PAUSE, max(SHORTEST_PAUSE, time.perf_counter() - began)))
    except Exception as fault:
        if not isinstance(fault, StoreUnavailable):
            logger.exception("An export met a fault")
        yield lines.cut_off().encode()
    finally:
        over()


def _csv(cells: Iterable[object]) -> str:
    """A line of cells, none of which is a formula to a spreadsheet (owasp.org/www-community/attacks/CSV_Injection)."""
    line = io.StringIO()
    csv.writer(line).writerow(FORMULA.sub(r"\1\2'", str(cell).translate(NO_CONTROLS)) for cell in cells)
    return line.getvalue()


def _file_name(view: View, form: str) -> str:
    """ "doorbot-log-front-2026-11-01-to-2026-11-23.csv": only of letters that every system takes."""
    query, zone = view.query, view.logs.door("").hours.timezone
    doors = [each or "office" for each in query.doors]
    where = doors[0] if len(doors) == 1 else f"{len(doors)}-doors" if doors else ""
    last: datetime = view.now.astimezone(zone)
    days = f"{query.first}-to-{query.last or last.date()}" if query.first else f"to-{query.last or last.date()}"
    filtered = "filtered" if query.walks else ""
    return "-".join(part for part in ("doorbot-log", where, filtered, days) if part) + f".{form}"


def _once(act: Callable[[], None]) -> Callable[[], None]:
    """The same, the first time only."""
    left = [act]
    return lambda: left.pop()() if left else None
