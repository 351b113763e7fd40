"""The log's page, its news, and the story of a visit. It is the same page without JavaScript."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from http import HTTPStatus
from urllib.parse import urlencode

from flask import Blueprint, Response, render_template, request, url_for

from app.clock import utcnow
from app.domain.audit import LogEntry
from app.domain.doors import Door
from app.domain.log_fields import OFFICE_NAME
from app.domain.log_kinds import BADGES, KIND_WORDS
from app.domain.log_queries import OFFICE_ID, Asked, Query, asked, chips
from app.domain.office import Office
from app.domain.plain_text import NO_CONTROLS
from app.usecases.audit import AuditLog
from app.usecases.log_search import Logs, LogSearch, Page
from app.usecases.names import Names
from app.usecases.sessions import Admin
from app.web.access import Access
from app.web.log_above import Above
from app.web.log_rows import Rows, clean, people, stopped
from app.web.messages import Said, wants_page

CURSOR = "Log-Cursor"
MANY = "There is much that is new. Reload the page to see it."
NO_VISIT = "This visit is not on record here, or not any more."
AROUND = 200  # entries on each side of one, among which the others of its visit are


@dataclass(frozen=True)
class View:
    """What a request asks for: who asks, which logs that person may read, and what is looked for in them."""

    admin: Admin
    logs: Logs
    asked: Asked
    now: datetime

    @property
    def query(self) -> Query:
        return self.asked.query

    @property
    def door_names(self) -> dict[str, str]:
        """Of the logs that can be chosen, "" is the office."""
        return {each: self.logs.doors[each].name if each else OFFICE_NAME for each in self.logs.ids}


class Views:
    """Makes a view of each request."""

    def __init__(self, office: Office, audit: AuditLog, access: Access) -> None:
        self._doors = office.doors
        self._audit = audit
        self.access = access

    def view(
        self, now: datetime, *, counts_as_use: bool = True, given: Sequence[tuple[str, str]] | None = None
    ) -> View:
        """Raises Said where nobody is signed in, StoreUnavailable. `given`: parameters instead of the address's."""
        admin = self.access.admin(request, now, counts_as_use=counts_as_use)
        admin = replace(admin, name=clean(admin.name))
        logs = self._logs(admin)
        parameters = [*request.args.items(multi=True)] if given is None else given
        return View(admin, logs, asked(parameters, logs.ids), now)

    def _logs(self, admin: Admin) -> Logs:
        doors: dict[str, Door] = {**self._doors}
        if not all(each in doors for each in admin.door_ids):
            doors = {**self._audit.past_doors(self._doors), **doors}
        ids = tuple(each for each in admin.door_ids if each in doors)
        return Logs((*ids, "") if admin.sees_office else ids, doors)


class LogPages:
    """`/log`, `/log/new` and `/log/visit`."""

    def __init__(self, views: Views, search: LogSearch, names: Names, above: Above) -> None:
        self._views = views
        self._search = search
        self._names = names
        self._above = above

    def add_to(self, pages: Blueprint) -> None:
        """Their routes."""
        pages.get("/log", endpoint="log")(self.log)
        pages.get("/log/new", endpoint="new")(self.new)
        pages.get("/log/visit/<door>/<visit>", endpoint="visit")(self.visit)

    def log(self) -> str:
        """A page of the log."""
        view = self._views.view(utcnow())
        if after := request.args.get("after", ""):
            page = self._search.newer(view.query, view.logs, after, view.now)
        else:
            page = self._search.page(view.query, view.logs, request.args.get("before", ""), view.now)
        return render_template(
            "log.html",
            view=view,
            page=page,
            days=self._rows(view, page.entries).days(page.entries),
            names=self._people(view, page.entries),
            **(self._above.shown(view.query, view.logs, view.now) if page.is_first else {}),
            **_filters(view),
            **_links(view, page),
        )

    def new(self) -> Response:
        """What was put on record since a cursor, as rows; 204 where nothing of it is looked for."""
        view, after = self._views.view(utcnow(), counts_as_use=False), request.args.get("after", "")
        if not self._search.is_news(view.query, view.logs, after):
            return Response(status=HTTPStatus.NO_CONTENT)
        page = self._search.news(view.query, view.logs, after, view.now)
        if page is None:
            raise Said(HTTPStatus.CONFLICT, MANY)
        answer = Response(status=HTTPStatus.NO_CONTENT)
        if page.entries:
            days = self._rows(view, page.entries).days(page.entries)
            answer = Response(render_template("log_days.html", view=view, days=days, back=_words(view.query)))
        answer.headers[CURSOR] = page.top
        return answer

    def visit(self, door: str, visit: str) -> str:
        """The story of a visit: in place, or as a page of its own."""
        view, near = self._views.view(utcnow()), request.args.get("near", "")
        is_number = near.isascii() and near.isdigit() and len(near) <= 15
        entries = (
            self._search.around(door, visit, int(near), AROUND) if is_number and door and door in view.logs.ids else []
        )
        if not entries:
            raise Said(HTTPStatus.NOT_FOUND, NO_VISIT)
        story = self._rows(view, entries).story(entries)
        template = "log_visit.html" if wants_page(request) else "log_story.html"
        return render_template(template, view=view, story=story, back="")

    def _rows(self, view: View, entries: Sequence[LogEntry]) -> Rows:
        return Rows(view.logs, self._names.names(people(entries), view.now), view.now)

    def _people(self, view: View, entries: Sequence[LogEntry]) -> list[str]:
        """Who can be chosen: the people in these entries, by name."""
        names = self._names.names(people(entries), view.now, waits=False)
        return sorted({each.translate(NO_CONTROLS) for each in names.values()}, key=str.casefold)


def address(endpoint: str, query: Query, **more: str) -> str:
    """The address of a page with this query."""
    words = _words(query, **more)
    return url_for(f"pages.{endpoint}") + (f"?{words}" if words else "")


def _words(query: Query, **more: str) -> str:
    return urlencode([*query.parameters(), *more.items()])


def _filters(view: View) -> dict[str, object]:
    """What can be chosen, and what is."""
    query = view.query
    removable = [(chip.words, address("log", chip.without)) for chip in chips(query, view.door_names)]
    return {
        "chips": removable,
        "doors": [(each or OFFICE_ID, name, each in query.doors) for each, name in view.door_names.items()],
        "kinds": [(each.value, words, each in query.kinds) for each, words in KIND_WORDS.items()],
        "outcomes": [(each.value, badge.word, each in query.outcomes) for each, badge in BADGES.items()],
        "back": _words(query),
    }


def _links(view: View, page: Page) -> dict[str, object]:
    """Where it goes on from this page."""
    query, today = view.query, view.now.astimezone(view.logs.door("").hours.timezone).date()
    is_live = page.is_first and not (query.last and query.last < today)
    return {
        "older": address("log", query, before=page.older) if page.older else "",
        "newer": address("log", query, after=page.newer) if page.newer else "",
        "first": address("log", query),
        "everything": url_for("pages.log"),
        "new": address("new", query) if is_live else "",
        "exports": [(form, address(form.lower(), query)) for form in ("CSV", "JSON")],
        "stopped": stopped(page.stopped_at, view.logs, view.now) if page.stopped_at else "",
        "went_up": page.went_up,
    }
