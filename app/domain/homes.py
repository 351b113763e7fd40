"""What a person sees who opens the App Home: every door's state, and one door with all that belongs to it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from app.domain.audit import Action
from app.domain.doors import Door
from app.domain.outcomes import DoorCodesListed, DoorStatus, PeopleListed
from app.domain.permissions import Role, may
from app.domain.schedules import DoorSchedules
from app.domain.unlocks import Terms

DOORS_SHOWN = 10  # at once; the others can be chosen


@dataclass(frozen=True)
class Day:
    """A door's visits since its midnight; `lines` are the newest of them, oldest first. `is_cut`: there were more."""

    counts: Mapping[str, int]  # by Conclusion
    lines: tuple[str, ...]
    under_way: int = 0
    is_cut: bool = False


@dataclass(frozen=True)
class DoorSeen:
    """A door's state, and what this person is there."""

    status: DoorStatus
    role: Role

    @property
    def door(self) -> Door:
        return self.status.door

    def may(self, action: Action) -> bool:
        return may(self.role, action)


@dataclass(frozen=True)
class Home:
    """`doors` are shown, `choice` has all; what belongs to the chosen door is None where this person may not see it.

    `role` is what the person is in the office.
    """

    role: Role
    terms: Terms
    doors: tuple[DoorSeen, ...]
    choice: tuple[Door, ...]
    chosen: DoorSeen
    day: Day | None = None
    codes: DoorCodesListed | None = None
    planned: DoorSchedules | None = None
    people: PeopleListed | None = None

    def of_host(self, day: Day, codes: DoorCodesListed, planned: DoorSchedules) -> "Home":
        """With what hosts of the chosen door see of it."""
        return replace(self, day=day, codes=codes, planned=planned)

    def of_admin(self, people: PeopleListed) -> "Home":
        """With what admins of the chosen door see besides."""
        return replace(self, people=people)


def page_of(doors: Sequence[Door], chosen: str) -> list[Door]:
    """The doors that are shown together: ten, among them the chosen one."""
    at = next((number for number, door in enumerate(doors) if door.id == chosen), 0)
    first = at - at % DOORS_SHOWN
    return list(doors[first : first + DOORS_SHOWN])
