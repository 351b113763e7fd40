"""What is in force at a door, from its records."""

from datetime import datetime

from app.domain.doors import Door, DoorState
from app.domain.outcomes import DoorStatus
from app.domain.schedules import DoorSchedules, applied
from app.domain.timetable import outlook


def status(door: Door, state: DoorState, planned: DoorSchedules, now: datetime) -> DoorStatus:
    """What is in force at `door` at `now`, and what is next; the status has the door with its special days applied."""
    door = applied(door, planned)
    is_open = door.hours.is_open(now)
    opening = None if is_open else door.hours.next_opening(now)
    planning = vars(outlook(door, planned, now))
    return DoorStatus(door, state.active_unlock(now), is_open, opening, state.lockdown_at(now), **planning)
