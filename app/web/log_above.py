"""What stands above the list of the log's first page: pictures of the rings, and how the log is sealed."""

from collections.abc import Mapping
from datetime import datetime

from app.domain.log_queries import Query
from app.domain.pictures import shown_days
from app.usecases.log_search import Logs
from app.usecases.summaries import Summaries
from app.web import pictures
from app.web.log_seals import Seals


class Above:
    """For the doors and days that are looked for. Raises StoreUnavailable."""

    def __init__(self, summaries: Summaries, seals: Seals) -> None:
        self._summaries = summaries
        self._seals = seals

    def shown(self, query: Query, logs: Logs, now: datetime) -> Mapping[str, object]:
        """Values for the templates `pictures.html` and `seals.html`; no pictures where no door is looked for."""
        shown: dict[str, object] = {"seals": self._seals.lines(logs, now)}
        doors = [each for each in query.doors or logs.ids if each]
        if doors:
            today = now.astimezone(logs.door(doors[0]).hours.timezone).date()
            found = self._summaries.of(doors, *shown_days(query.first, query.last, today))
            shown["pictures"] = pictures.view(found, [logs.doors[each] for each in doors], now)
        return shown
