"""What was planned for a door, read with whatever else is read of it."""

from app.domain.doors import Door
from app.domain.schedules import NOTHING_PLANNED, DoorSchedules, applied
from app.ports import Key, Snapshot

SCHEDULES = Key[DoorSchedules]("schedules")


def as_planned(door: Door, snapshot: Snapshot) -> Door:
    """The door with its special days applied, from a snapshot with SCHEDULES; the same door where there are none."""
    return applied(door, plans(snapshot))


def plans(snapshot: Snapshot) -> DoorSchedules:
    """What was planned, from a snapshot with SCHEDULES."""
    return snapshot.get(SCHEDULES) or NOTHING_PLANNED
