"""Requests that nobody signed: counted for each edge, one event an hour, none for each request."""

from collections.abc import Iterator, Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from freezegun import freeze_time

from app import create_app
from app.domain.errors import StoreUnavailable
from app.ports import Key, Snapshot
from app.stores.sqlite import SqliteStore
from tests.conftest import FakeHosts, settings_for
from tests.support import OFFICE_TOML, Office, call_form, command_form, stored

AN_HOUR = timedelta(hours=1, seconds=1)
CALL = "CA" + "1" * 32


@pytest.fixture
def clock() -> Iterator[Any]:
    """Monday noon in New York, as long as a test lasts."""
    with freeze_time("2026-11-23T17:00:00Z", tick=True) as clock:
        yield clock


def forge(office: Office, *, slack: int = 0, voice: int = 0) -> None:
    """So many requests that nobody signed."""
    statuses = [office.client.post("/slack/events", data=command_form("unlock")).status_code for _ in range(slack)]
    statuses += [office.client.post("/voice/ring", data=call_form(CALL)).status_code for _ in range(voice)]
    assert statuses == [401] * slack + [403] * voice


def summaries(office: Office) -> list[Mapping[str, Any]]:
    """What the office's log counts; there must be nothing else on record, but that Twilio's seemed to be among it."""
    assert office.log() == []
    assert {(event.action, event.outcome, event.reason) for event in office.log("")} <= {
        ("verify", "refused", "bad_signature"),
        ("verify", "refused", "webhooks_unverified"),
    }
    counted = [dict(event.details) for event in office.log("") if event.reason == "bad_signature"]
    return [{edge: details[edge] for edge in ("slack", "voice") if edge in details} for details in counted]


def test_a_thousand_forged_requests_leave_one_event_that_counts_them(office: Office, clock: Any) -> None:
    forge(office, slack=400, voice=600)
    office.sweep()
    assert summaries(office) == []
    clock.tick(AN_HOUR)
    office.sweep()
    office.sweep()
    assert summaries(office) == [{"slack": 400, "voice": 600}]


def test_a_forged_request_does_not_touch_the_store(office: Office) -> None:
    forge(office, slack=3, voice=3)
    assert stored(office.services.store) == {}


def test_what_comes_within_the_hour_is_added_and_what_comes_later_begins_another(office: Office, clock: Any) -> None:
    for minutes in (0, 30, 29):
        clock.tick(timedelta(minutes=minutes))
        forge(office, voice=2)
        office.sweep()
    clock.tick(AN_HOUR)
    office.sweep()
    forge(office, slack=1)
    office.sweep()
    clock.tick(AN_HOUR)
    office.sweep()
    assert summaries(office) == [{"voice": 6}, {"slack": 1}]


def test_two_processes_make_one_event(office: Office, clock: Any, tmp_path: Path) -> None:
    settings = settings_for(tmp_path, OFFICE_TOML)
    other = Office(create_app(settings, store=office.services.store, hosts=FakeHosts()).test_client())
    for each in (office, other):
        forge(each, slack=2, voice=1)
        each.sweep()
    clock.tick(AN_HOUR)
    office.sweep()
    other.sweep()
    assert summaries(office) == [{"slack": 4, "voice": 2}]


def test_without_forgeries_there_is_no_event(office: Office, clock: Any) -> None:
    for _ in range(3):
        office.sweep()
        clock.tick(AN_HOUR)
    office.say("status")
    assert summaries(office) == []


@pytest.mark.parametrize("body", ["a=&" * 10_000, "a=%ff"])
def test_what_is_too_malformed_to_be_verified_counts_too(office: Office, clock: Any, body: str) -> None:
    office.client.post("/voice/ring", data=body, content_type="application/x-www-form-urlencoded")
    office.sweep()
    clock.tick(AN_HOUR)
    office.sweep()
    assert summaries(office) == [{"voice": 1}]


class FaultyStore(SqliteStore):
    """A real store that can be away."""

    is_away = False

    def read(self, partition: str, *keys: Key[Any]) -> Snapshot:
        if self.is_away:
            raise StoreUnavailable("a test")
        return super().read(partition, *keys)


def test_what_was_counted_while_the_store_was_away_is_counted_once(tmp_path: Path, clock: Any) -> None:
    store = FaultyStore(tmp_path / "doorbot.db")
    settings = settings_for(tmp_path, OFFICE_TOML.replace('channel = "C0FRONTDOOR"', ""))
    office = Office(create_app(settings, store=store, hosts=FakeHosts()).test_client())
    store.is_away = True
    for _ in range(3):
        forge(office, slack=1, voice=1)
        office.sweep()
    store.is_away = False
    office.sweep()
    clock.tick(AN_HOUR)
    office.sweep()
    assert summaries(office) == [{"slack": 3, "voice": 3}]
