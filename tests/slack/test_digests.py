"""The day's visits as they arrive at Slack's Web API, from rings as Twilio sends them."""

import threading
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from freezegun import freeze_time

import config
from app import create_app
from app.ports import Posted, Store
from app.stores.sqlite import SqliteStore
from tests.conftest import FakeHosts, settings_for
from tests.stand_ins import Answer, StandIn
from tests.support import HOST, OFFICE_TOML, Office, call_form

CHANNEL, MONDAY_NOON, MONDAY_EVENING = "C0FRONTDOOR", "2026-11-23T17:00:00Z", "2026-11-23T23:12:00Z"


@pytest.fixture
def slack() -> Iterator[StandIn]:
    with StandIn() as slack:
        slack.answer("/chat.postMessage", *(Answer({"ok": True, "ts": f"{number}.0"}) for number in range(99)))
        slack.answer("/chat.update", Answer({"ok": True, "ts": "1.0"}))
        yield slack


@pytest.fixture
def settings(tmp_path: Path, slack: StandIn) -> config.Settings:
    return settings_for(tmp_path, OFFICE_TOML, SLACK_API_URL=slack.url)


@pytest.fixture
def office(settings: config.Settings, store: Store) -> Office:
    office = Office(create_app(settings, store=store).test_client())
    office.sweep()
    return office


def sweep(office: Office, clock: Any) -> None:
    """A round in which the log is looked at, and nothing rests any more."""
    clock.tick(timedelta(minutes=1))
    office.sweep()


def messages(slack: StandIn) -> list[tuple[str, dict[str, Any]]]:
    return [(each.path, each.fields) for each in slack.messages]


def test_the_days_message_its_thread_and_its_edit(office: Office, slack: StandIn) -> None:
    with freeze_time(MONDAY_NOON) as clock:
        office.say("unlock for 1h")
        for _ in range(2):
            office.ring()
            sweep(office, clock)
    told, day, first, second, edit = messages(slack)
    assert told[1]["text"].startswith(f"<@{HOST}> unlocked")
    assert (day[0], day[1]["text"]) == ("/chat.postMessage", "Front door today: 1 released.")
    assert (first[1]["text"], first[1]["thread_ts"]) == ("12:00  released, by the unlock", "1.0")
    assert (second[1]["text"], second[1]["thread_ts"]) == ("12:01  released, by the unlock", "1.0")
    assert (edit[0], edit[1]["ts"], edit[1]["text"]) == ("/chat.update", "1.0", "Front door today: 2 released.")
    assert {fields["channel"] for _, fields in messages(slack)} == {CHANNEL}


def test_what_slack_has_no_time_for_is_told_when_it_has(office: Office, slack: StandIn) -> None:
    limited = Answer({"ok": False, "error": "ratelimited"}, 429, {"Retry-After": "90"})
    received = []
    with freeze_time(MONDAY_NOON) as clock:
        office.say("unlock for 1h")
        sweep(office, clock)
        office.ring()
        slack.answer("/chat.postMessage", limited, Answer({"ok": True, "ts": "1.0"}), Answer({"ok": True, "ts": "2.0"}))
        for _ in range(4):
            sweep(office, clock)
            received.append(len(slack.messages) - 1)
    assert received == [1, 1, 3, 3]
    assert slack.messages[-1].fields["text"] == "12:01  released, by the unlock"


def test_a_miss_after_hours_is_a_message_of_its_own_besides(office: Office, slack: StandIn) -> None:
    with freeze_time(MONDAY_EVENING) as clock:
        office.ring("CA1")
        office.voice_post("/voice/status", call_form("CA1", CallStatus="completed"))
        for _ in range(3):
            sweep(office, clock)
    assert [(each.fields["text"], each.fields.get("thread_ts")) for each in slack.messages] == [
        ("Front door, 18:12: missed, the visitor hung up", None),
        ("Front door today: 1 missed.", None),
        ("18:12  missed, the visitor hung up", "1.0"),
    ]


def test_a_miss_that_hosts_were_asked_about_gets_only_its_line(
    settings: config.Settings, sqlite_store: SqliteStore, hosts: FakeHosts
) -> None:
    office = Office(create_app(settings, store=sqlite_store, hosts=hosts).test_client())
    with freeze_time(MONDAY_NOON) as clock:
        office.sweep()
        office.ring("CA1")
        office.voice_post("/voice/status", call_form("CA1", CallStatus="completed"))
        sweep(office, clock)
    assert office.outcomes() == ["ring asked", "end hung_up"]
    said = [shown[-1].text for shown in hosts.messages.values()]
    assert said[-2:] == ["Front door today: 1 missed.", "12:00  missed, the visitor hung up"]
    assert hosts.told == []


def test_an_unknown_channel_is_on_record_once_however_many_ring(office: Office, slack: StandIn) -> None:
    slack.answer("/chat.postMessage", Answer({"ok": False, "error": "channel_not_found"}))
    with freeze_time(MONDAY_NOON) as clock:
        office.say("unlock for 1h")
        sweep(office, clock)
        before = office.outcomes().count("tell refused")
        for _ in range(3):
            office.ring()
            sweep(office, clock)
    assert office.outcomes().count("tell refused") == before + 1


def test_a_slack_that_hangs_over_the_days_visits_does_not_hold_up_a_miss(
    settings: config.Settings, sqlite_store: SqliteStore
) -> None:
    hanging, free = threading.Event(), threading.Event()

    class Hanging(FakeHosts):
        def post(self, *given: Any, **more: Any) -> Posted:
            hanging.set()
            assert free.wait(20)
            return super().post(*given, **more)

    hosts = Hanging()
    office = Office(create_app(settings, store=sqlite_store, hosts=hosts).test_client())
    background = office.services.background
    office.sweep()
    with freeze_time(MONDAY_EVENING):
        for call in ("CA1", "CA2"):
            office.ring(call)
            office.voice_post("/voice/status", call_form(call, CallStatus="completed"))
            office.services.digests.touched("front")
            background.sweep("telling")
            if call == "CA1":
                digests = threading.Thread(target=background.sweep, args=("digests",))
                digests.start()
                assert hanging.wait(20)
        assert len(hosts.told) == 2
        free.set()
        digests.join(20)
    assert [shown[0].text for shown in hosts.messages.values()] == [
        "Front door today: 1 missed.",
        "18:12  missed, the visitor hung up",
    ]
