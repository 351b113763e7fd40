"""The report."""

from app.domain.audit import Action
from app.domain.commands import Command
from app.domain.office import Office
from app.domain.permissions import may
from app.slack import blocks
from app.slack.answers import Answer, Handlers, answer_to, doors_named, first_answer
from app.usecases.doors import Doors
from app.usecases.reports import Reports
from app.usecases.requests import Request

MOST_DOORS = 10


class ReportVerbs:
    """`report`: it reads, and changes nothing."""

    def __init__(self, office: Office, reports: Reports, doors: Doors) -> None:
        self._office = office
        self._reports = reports
        self._doors = doors

    def handlers(self) -> Handlers:
        return {Action.REPORT: self._report}

    def _report(self, request: Request, command: Command) -> Answer:
        """The door that was named, or all where this person may see it; of very many the first ones."""
        named = doors_named(self._office, command)
        seen = [door for door in named if may(request.role_at(door.id), Action.REPORT)]
        if not seen and (refused := self._doors.permit(request, Action.REPORT, named[0].id)):
            return answer_to(refused, request)
        left_out = seen[MOST_DOORS:]
        more = f"Not shown: {len(left_out)} more. Try `/frontdoor report {left_out[0].id}`." if left_out else ""
        return first_answer(
            self._doors,
            request,
            lambda: blocks.reports(self._reports.report(request, seen[:MOST_DOORS]), request.now, more),
        )
