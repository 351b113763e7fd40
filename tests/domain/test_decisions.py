from datetime import datetime, timedelta
from typing import get_args

import pytest

from app.domain.decisions import (
    AskHosts,
    AskReason,
    Decision,
    Denied,
    DenyReason,
    Granted,
    GrantSource,
    decide_ring,
)
from app.domain.doors import WITHHELD, AfterHours, DoorState
from app.domain.schedules import DoorSchedules
from app.domain.unlocks import Unlock
from tests.support import HOST, INTERCOM, a_door, local

MICROSECOND = timedelta(microseconds=1)
NOON, NIGHT = local("2026-11-23T12:00"), local("2026-11-23T22:00")
STRANGER = "+12125550142"
GRANTED = Granted(GrantSource.UNLOCK, HOST)
ASK = AskHosts(AskReason.LOCKED)


def unlocked(starts_at: datetime = NOON, minutes: float = 60) -> DoorState:
    return DoorState((Unlock(HOST, starts_at, starts_at + timedelta(minutes=minutes)),))


def decide(state: DoorState, now: datetime, caller: str = INTERCOM, **door: object) -> Decision:
    return decide_ring(a_door(**door), state, DoorSchedules(), caller, now)  # type: ignore[arg-type]


def test_a_locked_door_is_left_to_a_human() -> None:
    assert decide(DoorState(), NOON) == ASK


def test_an_unlock_releases_and_names_who_made_it() -> None:
    assert decide(unlocked(), NOON) == GRANTED


@pytest.mark.parametrize(
    ("away", "decision"),
    [
        (-MICROSECOND, ASK),
        (timedelta(0), GRANTED),
        (MICROSECOND, GRANTED),
        (timedelta(hours=1) - MICROSECOND, GRANTED),
        (timedelta(hours=1), ASK),
        (timedelta(hours=1) + MICROSECOND, ASK),
    ],
)
def test_an_unlock_releases_from_its_start_until_just_before_its_end(away: timedelta, decision: Decision) -> None:
    assert decide(unlocked(), NOON + away) == decision


@pytest.mark.parametrize("after_hours", AfterHours)
def test_an_unlock_that_is_active_releases_whatever_the_hours_say(after_hours: AfterHours) -> None:
    assert decide(unlocked(NIGHT), NIGHT, after_hours=after_hours) == GRANTED


@pytest.mark.parametrize("caller", [STRANGER, WITHHELD, "", "sip:door@example.com", INTERCOM + "0"])
@pytest.mark.parametrize("now", [NOON, NIGHT])
def test_a_stranger_is_denied_even_while_the_door_is_unlocked(caller: str, now: datetime) -> None:
    assert decide(unlocked(now), now, caller) == Denied(DenyReason.NOT_AN_INTERCOM)


@pytest.mark.parametrize("caller", [STRANGER, WITHHELD, "sip:door@example.com"])
def test_a_door_that_lists_no_intercoms_is_rung_by_anybody(caller: str) -> None:
    assert decide(unlocked(), NOON, caller, intercoms=()) == GRANTED
    assert decide(DoorState(), NOON, caller, intercoms=()) == ASK


def test_a_withheld_number_is_an_intercom_where_it_is_listed() -> None:
    assert decide(unlocked(), NOON, WITHHELD, intercoms=(INTERCOM, WITHHELD)) == GRANTED


@pytest.mark.parametrize(
    ("after_hours", "decision"),
    [
        (AfterHours.FORWARD, AskHosts(AskReason.AFTER_HOURS)),
        (AfterHours.ASK, ASK),
        (AfterHours.CLOSED, Denied(DenyReason.CLOSED)),
    ],
)
@pytest.mark.parametrize("clock", ["08:59:59.999999", "17:00", "23:59"])
def test_after_hours_says_what_happens_at_night(after_hours: AfterHours, decision: Decision, clock: str) -> None:
    assert decide(DoorState(), local(f"2026-11-23T{clock}"), after_hours=after_hours) == decision


@pytest.mark.parametrize("after_hours", AfterHours)
@pytest.mark.parametrize("clock", ["09:00", "16:59:59.999999"])
def test_after_hours_says_nothing_in_hours(after_hours: AfterHours, clock: str) -> None:
    assert decide(DoorState(), local(f"2026-11-23T{clock}"), after_hours=after_hours) == ASK


def test_only_a_grant_is_a_grant() -> None:
    assert get_args(Decision) == (Granted, Denied, AskHosts)
    assert not isinstance(decide(DoorState(), NOON), Granted)
