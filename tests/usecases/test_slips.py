"""Slips of the finger, at the panel and at a keyboard, do no harm."""

from datetime import timedelta
from pathlib import Path

import pytest

from app import create_app
from app.domain.doors import Lockdown
from app.domain.visits import VisitState
from app.ports import Store
from tests.conftest import FakeHosts, settings_for
from tests.support import ADMIN, ALWAYS_OPEN_TOML, INTERCOM, Office, a_door, local
from tests.usecases.calls import Uses, confirm, put_code, put_state

SECOND, DAY = timedelta(seconds=1), timedelta(days=1)
NOON = local("2026-11-23T12:00")
DOOR, CALL, CODE = a_door(), "CA1", "481516"
SECOND_DOOR = ALWAYS_OPEN_TOML.partition("[doors.front]")[2].replace(INTERCOM, "+12125550198").replace("Front", "Back")


@pytest.fixture
def uses(store: Store) -> Uses:
    """A visitor is held at a door that has a code."""
    uses = Uses(store)
    put_code(store, DOOR, CODE, NOON - DAY, NOON + DAY)
    uses.visits.ring(DOOR, CALL, INTERCOM, NOON)
    confirm(store, DOOR, CALL)
    return uses


@pytest.mark.parametrize(
    "parts",
    [
        ["#48151", "6"],
        ["*48151", "6"],
        ["4815*4", "81516"],
        ["12", "", "", "", "4815", "16"],
        ["48", "", "15", "16"],
        ["4", "8", "1", "5", "1", "6"],
    ],
)
def test_a_right_code_after_a_slip_releases(uses: Uses, parts: list[str]) -> None:
    polls = [
        uses.holding.poll(DOOR, CALL, INTERCOM, part, NOON + (3 + 3 * at) * SECOND) for at, part in enumerate(parts)
    ]
    assert polls[-1].visit
    assert polls[-1].visit.state is VisitState.RELEASED


def test_a_right_code_in_lockdown_releases_nobody_whoever_calls(uses: Uses, store: Store) -> None:
    put_state(store, DOOR, lockdown=Lockdown(ADMIN, NOON))
    visit = uses.holding.poll(DOOR, CALL, "withheld", CODE, NOON + SECOND).visit
    assert visit
    assert visit.state is VisitState.FORWARDED


def test_a_mistyped_door_lifts_no_lockdown(tmp_path: Path, sqlite_store: Store, hosts: FakeHosts) -> None:
    settings = settings_for(tmp_path, f"{ALWAYS_OPEN_TOML}\n[doors.back]{SECOND_DOOR}")
    office = Office(create_app(settings, store=sqlite_store, hosts=hosts).test_client())
    office.say("lockdown", ADMIN)
    assert "no door `bakc`" in office.say("lift bakc", ADMIN)
    assert office.say("status", ADMIN).count("is in lockdown") == 2
