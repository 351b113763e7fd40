"""A visitor's whole telephone number, for an admin who asks for it. That somebody did is on record."""

from http import HTTPStatus
from urllib.parse import parse_qsl

from flask import Blueprint, Response, render_template, request

from app.clock import utcnow
from app.domain.audit import LogEntry
from app.usecases.log_record import LogRecord
from app.usecases.log_search import LogSearch
from app.web.access import field
from app.web.log import Views, address
from app.web.messages import Said, wants_page

GONE = "There is no telephone number in this entry. It may have been erased."
MOST_DIGITS = 15


class LogNumbers:
    """`/log/number`."""

    def __init__(self, views: Views, search: LogSearch, record: LogRecord) -> None:
        self._views = views
        self._search = search
        self._record = record

    def add_to(self, pages: Blueprint) -> None:
        """Its route."""
        pages.post("/log/number", endpoint="number")(self.number)

    def number(self) -> Response | str:
        """Show one number: to a script as it is, to everybody else on a page with a way back."""
        back = parse_qsl(field(request, "back"), max_num_fields=None, errors="replace")
        view = self._views.view(utcnow(), given=back)
        self._views.access.check_form(request, view.admin)
        entry = self._entry(field(request, "door"), field(request, "seq"), view.logs.ids)
        number = _number(entry)
        if not (entry and number):
            raise Said(HTTPStatus.NOT_FOUND, GONE)
        self._record.showed_number(view.admin, entry, view.now)
        if not wants_page(request):
            return Response(number, content_type="text/plain; charset=utf-8")
        return render_template("log_number.html", view=view, number=number, back=address("log", view.query))

    def _entry(self, door: str, seq: str, readable: tuple[str, ...]) -> LogEntry | None:
        is_number = seq.isascii() and seq.isdigit() and len(seq) <= MOST_DIGITS
        return self._search.entry(door, int(seq)) if is_number and door in readable else None


def _number(entry: LogEntry | None) -> str:
    """The caller's number, or that of a telephone which was answered; "" where there is none."""
    numbers = (entry.event.caller, entry.event.actor) if entry else ()
    return next((each for each in numbers if each.startswith("+")), "")
