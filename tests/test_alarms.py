"""What keeps DoorBot from its work is told once, and once more when it is over: through the whole application."""

import time
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from freezegun import freeze_time

from app import create_app
from app.background import Round
from app.domain import log_sentences
from app.domain.errors import StoreUnavailable
from app.ports import Store, entries, partition
from app.slack.hosts import SlackHosts
from app.usecases.verifications import Verifications
from tests.conftest import FakeHosts, settings_for
from tests.stand_ins import Answer, StandIn
from tests.support import ADMIN, HOST, OFFICE_TOML, TELEPHONE, Office, a_door, call_form

RING, POST, AUTH, INFO = "/voice/ring", "/chat.postMessage", "/auth.test", "/users.info"
CALL, CHANNEL = "CA" + "1" * 32, "C0FRONTDOOR"
MINUTE, MINUTE_AND_MORE, A_DAY = timedelta(minutes=1), timedelta(seconds=61), timedelta(days=1)
REFUSED = Answer({"ok": False, "error": "token_revoked"})
SIDE_TOML = """
[doors.side]
name = "Side door"
number = "+12125550101"
release = "5"
forward_to = ["+12125550124"]
channel = "C0SIDE"
silence = "never"
"""


@pytest.fixture
def clock() -> Iterator[Any]:
    """Monday noon in New York."""
    with freeze_time("2026-11-23T17:00:00Z") as clock:
        yield clock


def forge(office: Office, clock: Any, times: int = 3, path: str = RING, **changes: str) -> None:
    """So many requests that Twilio seems to have made, and whose signature is wrong."""
    for _ in range(times):
        clock.tick(timedelta(milliseconds=1))
        assert office.voice_post(path, call_form(CALL, **changes), signature="AAAA").status_code == 403


def sweep(office: Office, clock: Any, wait: timedelta = MINUTE_AND_MORE) -> None:
    clock.tick(wait)
    office.sweep()


def told(hosts: FakeHosts, words: str) -> list[str]:
    """The channels that were told something of this kind, in order."""
    return [channel for channel, text in hosts.told if words in text]


def alarms(office: Office, door: str = "") -> list[str]:
    return [line for line in lines(office, door) if "signature" not in line]


def lines(office: Office, door: str = "") -> list[str]:
    """The log in words, oldest first."""
    now = datetime.fromisoformat("2026-11-30T17:00:00Z")
    found = [*entries(office.services.store, partition(door))][::-1]
    return [log_sentences.log_line(entry, office.services.office.doors, now) for entry in found]


# Webhooks that stop verifying

UNVERIFIED, VERIFY_AGAIN = "don't verify", "verify again"


def test_unverified_requests_in_twilios_name_are_told_once_and_their_end_once(
    office: Office, hosts: FakeHosts, clock: Any
) -> None:
    forge(office, clock)
    office.sweep()
    assert hosts.told == []
    for _ in range(3):
        sweep(office, clock)
    assert told(hosts, UNVERIFIED) == [CHANNEL]
    assert hosts.told[0][1].startswith(":warning: Requests in Twilio's name don't verify since 12:00, so DoorBot")
    office.ring()
    for _ in range(3):
        sweep(office, clock)
    assert told(hosts, VERIFY_AGAIN) == [CHANNEL]
    assert told(hosts, UNVERIFIED) == [CHANNEL]
    assert [line.partition("Office: ")[2] for line in alarms(office)] == [
        "requests in Twilio's name stopped verifying",
        "Twilio's requests verify again",
    ]


@pytest.mark.parametrize(
    ("times", "changes"),
    [(2, {}), (3, {"AccountSid": "AC" + "1" * 32}), (3, {"To": TELEPHONE}), (3, {"To": ""})],
    ids=["two", "another account", "another number", "no number"],
)
def test_fewer_or_others_are_no_sign(
    office: Office, hosts: FakeHosts, clock: Any, times: int, changes: dict[str, str]
) -> None:
    forge(office, clock, times, **changes)
    for _ in range(3):
        sweep(office, clock)
    assert (hosts.told, alarms(office)) == ([], [])


def test_a_status_callback_is_a_sign_as_well(office: Office, hosts: FakeHosts, clock: Any) -> None:
    forge(office, clock, 1)
    forge(office, clock, 2, "/voice/status")
    for _ in range(2):
        sweep(office, clock)
    assert told(hosts, UNVERIFIED) == [CHANNEL]


def test_forgeries_among_rings_that_verify_are_no_sign(office: Office, hosts: FakeHosts, clock: Any) -> None:
    for _ in range(10):
        forge(office, clock, 2)
        office.ring()
        sweep(office, clock, MINUTE)
    assert told(hosts, UNVERIFIED) == []


def test_a_forger_cannot_have_the_channels_told_more_than_once_a_day(
    office: Office, hosts: FakeHosts, clock: Any
) -> None:
    for _ in range(20):
        forge(office, clock)
        sweep(office, clock)
        sweep(office, clock)
        office.ring()
        sweep(office, clock)
    assert (told(hosts, UNVERIFIED), told(hosts, VERIFY_AGAIN)) == ([CHANNEL], [CHANNEL])
    clock.tick(A_DAY)
    forge(office, clock)
    for _ in range(2):
        sweep(office, clock)
    assert told(hosts, UNVERIFIED) == [CHANNEL] * 2


def test_what_several_processes_meet_adds_up_and_is_told_once_to_each_channel(
    store: Store, hosts: FakeHosts, tmp_path: Path, clock: Any
) -> None:
    settings = settings_for(tmp_path, OFFICE_TOML + SIDE_TOML)
    offices = [Office(create_app(settings, store=store, hosts=hosts).test_client()) for _ in range(3)]
    for each in offices:
        forge(each, clock, 1)
    for _ in range(3):
        clock.tick(MINUTE)
        for each in offices:
            each.sweep()
    assert sorted(told(hosts, UNVERIFIED)) == [CHANNEL, "C0SIDE"]
    offices[2].ring()
    for _ in range(3):
        clock.tick(MINUTE)
        for each in offices:
            each.sweep()
    assert sorted(told(hosts, VERIFY_AGAIN)) == [CHANNEL, "C0SIDE"]


def test_while_one_process_verifies_what_another_does_not_nobody_is_told(
    store: Store, hosts: FakeHosts, tmp_path: Path, clock: Any
) -> None:
    settings = settings_for(tmp_path, OFFICE_TOML)
    failing, verifying = (Office(create_app(settings, store=store, hosts=hosts).test_client()) for _ in range(2))
    forge(failing, clock)
    failing.sweep()
    clock.tick(timedelta(seconds=1))
    verifying.ring()
    clock.tick(MINUTE)
    verifying.sweep()
    failing.sweep()
    assert told(hosts, UNVERIFIED) == []


def test_noting_a_request_touches_nothing_but_memory() -> None:
    verifications = Verifications(object(), {"front": a_door()})  # type: ignore[arg-type]
    now = datetime.fromisoformat("2026-11-23T17:00:00Z")
    verifications.passed(now)
    verifications.failed(now)
    assert verifications._verified_at == now


# Slack refuses our token


@pytest.fixture
def slack() -> Iterator[StandIn]:
    with StandIn() as slack:
        slack.answer(POST, Answer({"ok": True, "ts": "1.0"}))
        yield slack


@pytest.fixture
def with_slack(slack: StandIn, store: Store, tmp_path: Path, clock: Any) -> Office:
    """The office with the real client, in front of a Slack that is a stand-in."""
    settings = settings_for(tmp_path, OFFICE_TOML, SLACK_API_URL=slack.url)
    office = Office(create_app(settings, store=store).test_client())
    office.sweep()
    return office


def refuse(slack: StandIn) -> None:
    """From now on Slack takes our token for nothing."""
    for path in (POST, AUTH, INFO):
        slack.answer(path, REFUSED)


def texts(slack: StandIn, words: str) -> list[str]:
    return [str(each.fields["text"]) for each in slack.received if each.path == POST and words in each.fields["text"]]


def test_a_refused_token_is_read_by_admins_and_told_when_it_is_over(
    with_slack: Office, slack: StandIn, clock: Any
) -> None:
    office = with_slack
    refuse(slack)
    office.say("unlock for 1h")
    sweep(office, clock)
    sweep(office, clock)
    since = "Slack refuses DoorBot's token since 12:01 (token_revoked)"
    assert since not in office.say("status", HOST)
    first, second = (office.command("status", ADMIN) for _ in range(2))
    assert since in first["text"]
    assert since in first["blocks"][-1]["text"]["text"]
    assert first["text"].startswith("The front door is unlocked until 13:00")
    assert since not in second["text"]
    assert texts(slack, "Slack refuses") == []
    slack.answer(POST, Answer({"ok": True, "ts": "1.0"}))
    slack.answer(AUTH, Answer())
    slack.answer(INFO, Answer())
    for _ in range(3):
        sweep(office, clock)
    assert len(texts(slack, "takes DoorBot's token again, which it refused since 12:01")) == 1
    assert [line.partition("Office: ")[2] for line in lines(office)] == [
        "Slack refuses DoorBot's token (token_revoked): nobody is asked or told",
        "Slack takes DoorBot's token again",
    ]


def test_a_press_tells_it_too_through_its_response_url(with_slack: Office, slack: StandIn, clock: Any) -> None:
    refuse(slack)
    with_slack.say("unlock for 1h")
    sweep(with_slack, clock)
    sweep(with_slack, clock)
    with_slack.press("lock", "front", ADMIN, response_url=slack.url + "/respond")
    for _ in range(500):
        if answers := [each for each in slack.received if each.path == "/respond"]:
            break
        time.sleep(0.01)
    (answer,) = answers
    assert answer.fields["text"].startswith("The front door is locked.")
    assert "token_revoked" in answer.fields["text"]


def test_it_is_noticed_also_when_nobody_does_anything(with_slack: Office, slack: StandIn, clock: Any) -> None:
    refuse(slack)
    sweep(with_slack, clock)
    assert "token_revoked" in with_slack.say("status", ADMIN)


def test_one_message_that_is_refused_is_no_alarm_while_the_token_is_good(
    with_slack: Office, slack: StandIn, clock: Any
) -> None:
    slack.answer(POST, Answer({"ok": False, "error": "channel_not_found"}))
    with_slack.say("unlock for 1h")
    sweep(with_slack, clock)
    sweep(with_slack, clock)
    assert lines(with_slack) == []


@pytest.mark.parametrize("word", ["invalid_auth", "not_authed", "account_inactive", "token_revoked", "token_expired"])
def test_each_of_slacks_words_for_a_refused_token_counts(slack: StandIn, word: str) -> None:
    hosts = SlackHosts("xoxb-made-up", slack.url + "/")
    slack.answer(POST, Answer({"ok": False, "error": word}), Answer({"ok": True, "ts": "1.0"}))
    hosts.tell(CHANNEL, "Hello")
    assert (hosts.token().refusal, hosts.token().answers) == (word, 1)
    hosts.tell(CHANNEL, "Hello")
    assert (hosts.token().refusal, hosts.token().answers) == ("", 2)


@pytest.mark.parametrize(
    "answer",
    [
        Answer({"ok": False, "error": "ratelimited"}, 429),
        Answer({"ok": False, "error": "channel_not_found"}),
        Answer("<html>", 503),
        Answer([1]),
        Answer(raw=b""),
    ],
)
def test_what_says_nothing_of_the_token_changes_nothing(slack: StandIn, answer: Answer) -> None:
    hosts = SlackHosts("xoxb-made-up", slack.url + "/")
    for path in (POST, AUTH):
        slack.answer(path, answer)
    hosts.tell(CHANNEL, "Hello")
    assert hosts.token(ask=True).answers == 0


# A silent door


def test_a_door_that_falls_silent_and_rings_again(store: Store, hosts: FakeHosts, tmp_path: Path, clock: Any) -> None:
    toml = OFFICE_TOML.replace('channel = "C0FRONTDOOR"', 'channel = "C0FRONTDOOR"\nsilence = 1') + SIDE_TOML
    office = Office(create_app(settings_for(tmp_path, toml), store=store, hosts=hosts).test_client())
    office.ring(CallStatus="ringing")
    for _ in range(24 * 3 + 2):  # a day, and what was before the first look
        sweep(office, clock, 20 * MINUTE)
    assert told(hosts, "No ring at the front door since Mon 23 Nov 12:00, for 1 working day.") == [CHANNEL]
    sweep(office, clock)
    office.ring()
    sweep(office, clock)
    sweep(office, clock)
    assert told(hosts, "The front door rang at 12:4") == [CHANNEL]
    heard = [line for line in lines(office, "front") if ("ring" in line and "silence" in line) or "usual" in line]
    assert [line.partition("Front door: ")[2] for line in heard] == [
        "no ring for longer than is usual here",
        "it rings again, after the silence",
    ]
    assert told(hosts, "side door") == []


# Who watches


def test_what_one_of_the_watched_meets_does_not_stop_the_others(
    caplog: pytest.LogCaptureFixture,
) -> None:
    looked: list[str] = []

    def away(_: datetime) -> None:
        raise StoreUnavailable("a test")

    def broken(_: datetime) -> None:
        raise ValueError("a test")

    Round("watching", (away, broken, lambda _: looked.append("last"))).go()
    assert looked == ["last"]
    assert [each.levelname for each in caplog.records] == ["WARNING", "ERROR"]


def test_a_store_that_is_away_is_told_by_the_same_office_once_and_its_return_once(
    office: Office, hosts: FakeHosts, clock: Any
) -> None:
    for _ in range(3):
        office.services.faults.store_failed()
        office.services.background.sweep("telling")
        clock.tick(MINUTE)
    for _ in range(3):
        sweep(office, clock)
    assert (told(hosts, "can't reach its store"), told(hosts, "store is back")) == ([CHANNEL], [CHANNEL])
