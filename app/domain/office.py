"""The office: its doors, its people and what holds for all of them, as `doorbot.toml` says."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from functools import cached_property

from app.domain.doors import Door
from app.domain.errors import WhichDoor
from app.domain.phrases import listed
from app.domain.tones import release_warning
from app.domain.unlocks import Terms

ANYBODY = ""  # a caller who is none of a number's intercoms
ALL_DOORS = "all"  # instead of a door's id, where a command can be for each of them


@dataclass(frozen=True)
class People:
    """Who is named in the file. Ids are Slack users (U…, W…) or user groups (S…)."""

    workspace: str
    admins: frozenset[str]
    hosts: frozenset[str]


@dataclass(frozen=True)
class Office:
    """Everything in `doorbot.toml`."""

    doors: Mapping[str, Door]
    people: People
    terms: Terms
    retention: timedelta
    visitor_data: timedelta
    answering: timedelta = timedelta(seconds=40)  # what answering one ring costs a person
    seals: str = ""  # the channel that is told each day where the log's seals stand

    def door(self, door_id: str) -> Door:
        """The door with this id; with "" the only one. WhichDoor names the doors there are."""
        if not door_id and len(self.doors) == 1:
            return next(iter(self.doors.values()))
        if door_id.lower() in self.doors:
            return self.doors[door_id.lower()]
        problem = f"There is no door `{door_id[:40]}` here." if door_id else "Which door?"
        raise WhichDoor(f"{problem} Say one of: {listed(self.doors)}.", door_id)

    def warnings(self) -> list[str]:
        """What is allowed, but had better be looked at."""
        keys = (release_warning(door.id, door.release) for door in self.doors.values())
        holds = (door.hold_warning() for door in self.doors.values())
        untold = (
            f"doors.{door.id}: has no channel to tell its report to" for door in self.doors.values() if door.untold
        )
        return [warning for warning in (*keys, *holds, *untold) if warning]

    def chosen(self, door_id: str) -> list[Door]:
        """All doors for "all", otherwise the one that `door` finds."""
        return list(self.doors.values()) if door_id == ALL_DOORS else [self.door(door_id)]

    def one_of(self, door_id: str) -> Door | None:
        """The door that is meant; None where all are, because "all" was said, or nothing where there are several."""
        is_every = len(self.doors) > 1 and door_id in ("", ALL_DOORS)
        return None if is_every else self.door("" if door_id == ALL_DOORS else door_id)

    def door_called(self, number: str, caller: str) -> Door | None:
        """The door that `caller` rings by calling `number`; a stranger counts for the first; None: no door's number."""
        doors = self._doors_by_caller.get(number)
        return None if doors is None else doors.get(caller) or doors[ANYBODY]

    @cached_property
    def _doors_by_caller(self) -> Mapping[str, Mapping[str, Door]]:
        """By the number that is called, and by who calls it: a ring must not wait for two hundred doors to be asked."""
        found: dict[str, dict[str, Door]] = {}
        for door in self.doors.values():
            of_number = found.setdefault(door.number, {ANYBODY: door})
            if not of_number[ANYBODY].intercoms and of_number[ANYBODY] is not door:
                continue  # an earlier door takes whoever calls
            of_number |= {caller: door for caller in door.intercoms if caller not in of_number}
            if not door.intercoms:
                of_number[ANYBODY] = door
        return found
