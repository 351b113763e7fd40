"""Puts together what a person sees in the App Home."""

from dataclasses import dataclass

from app.domain.audit import Action
from app.domain.door_days import ENTRIES_READ, day_of
from app.domain.doors import Door
from app.domain.homes import DoorSeen, Home, page_of
from app.domain.office import Office
from app.domain.permissions import may
from app.ports import Store, partition
from app.usecases.access_codes import AccessCodes
from app.usecases.doors import Doors
from app.usecases.people import People
from app.usecases.planned import SCHEDULES, plans
from app.usecases.requests import Request


@dataclass(frozen=True)
class Sight:
    """The doors that somebody may see, those that are shown together, and the one that the rest is about."""

    choice: tuple[Door, ...]
    page: tuple[Door, ...]
    chosen: Door


class Homes:
    """Reads as much as is shown, however many doors there are. Raises StoreUnavailable."""

    def __init__(self, office: Office, store: Store, doors: Doors, codes: AccessCodes, people: People) -> None:
        self._office = office
        self._store = store
        self._doors = doors
        self._codes = codes
        self._people = people

    def sight(self, request: Request, chosen: str) -> Sight | None:
        """What is shown to somebody who chose this door ("" for none); None where there is no door to be seen.

        Doors at which this person may do something come first.
        """
        seen = [door for door in self._office.doors.values() if may(request.role_at(door.id), Action.STATUS)]
        if not seen:
            return None
        choice = sorted(seen, key=lambda door: not may(request.role_at(door.id), Action.UNLOCK))
        page = page_of(choice, chosen)
        return Sight(tuple(choice), tuple(page), next((door for door in page if door.id == chosen), page[0]))

    def home(self, request: Request, sight: Sight) -> Home:
        """All that is told of it."""
        statuses = self._doors.status(request, [*sight.page])
        seen = {each.door.id: DoorSeen(each, request.role_at(each.door.id)) for each in statuses}
        at, door = seen[sight.chosen.id], sight.chosen
        home = Home(request.role, self._office.terms, tuple(seen.values()), sight.choice, at)
        if not at.may(Action.UNLOCK):
            return home
        day = day_of(self._store.read_log(partition(door.id), limit=ENTRIES_READ), door, request.now)
        planned = plans(self._store.read(partition(door.id), SCHEDULES))
        home = home.of_host(day, self._codes.codes(request, [door])[0], planned)
        if not at.may(Action.GRANT):
            return home
        scope = sight.choice if may(request.role, Action.GRANT) else (door,)
        return home.of_admin(self._people.list(request, scope))
