"""The rules of the door, strongest first. One pure function decides; its one reason goes into the log."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from app.domain.doors import AfterHours, Door, DoorState
from app.domain.schedules import DoorSchedules
from app.domain.timetable import Timetable


class GrantSource(StrEnum):
    """What released the door."""

    UNLOCK = "unlock"
    SCHEDULE = "schedule"
    HOST = "host"
    TELEPHONE = "telephone"
    CODE = "code"


class DenyReason(StrEnum):
    """The one reason why a ring is denied."""

    LOCKDOWN = "lockdown"
    CLOSED = "closed"
    NOT_AN_INTERCOM = "not_an_intercom"


class AskReason(StrEnum):
    """Why a ring is left to a human."""

    LOCKED = "locked"
    AFTER_HOURS = "after_hours"
    FAULT = "fault"


@dataclass(frozen=True, slots=True)
class Granted:
    """The door is released; `by` is who made that possible; `schedule`: which one, as the log calls it."""

    source: GrantSource
    by: str
    schedule: str = ""


@dataclass(frozen=True, slots=True)
class Denied:
    """The door stays locked and nobody is asked; in lockdown the call still reaches a human voice."""

    reason: DenyReason


@dataclass(frozen=True, slots=True)
class AskHosts:
    """The rules leave it to a human."""

    reason: AskReason


Decision = Granted | Denied | AskHosts


def decide_ring(door: Door, state: DoorState, planned: DoorSchedules, caller: str, now: datetime) -> Decision:
    """Decide a ring by `caller` (E.164 or "withheld") at `now` (aware UTC) from what is in force at the door.

    `door` is the one in which its special days are applied.
    """
    if not door.accepts(caller):
        return Denied(DenyReason.NOT_AN_INTERCOM)
    if state.lockdown_at(now):
        return Denied(DenyReason.LOCKDOWN)
    unlock = state.active_unlock(now)
    if unlock and unlock.left is None:
        return Granted(GrantSource.UNLOCK, unlock.by)
    if source := Timetable(planned, door.hours).at(now):
        return Granted(GrantSource.SCHEDULE, source.by, source.reference)
    if unlock:  # a counted one is used up only when nothing else releases
        return Granted(GrantSource.UNLOCK, unlock.by)
    if door.hours.is_open(now) or door.after_hours is AfterHours.ASK:
        return AskHosts(AskReason.LOCKED)
    if door.after_hours is AfterHours.CLOSED:
        return Denied(DenyReason.CLOSED)
    return AskHosts(AskReason.AFTER_HOURS)
