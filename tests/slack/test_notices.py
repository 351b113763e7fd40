"""The door's channel hears of every unlock and lock exactly once."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from freezegun import freeze_time

import config
from app import create_app
from app.stores.sqlite import SqliteStore
from tests.conftest import FakeHosts, settings_for
from tests.stand_ins import Answer, StandIn
from tests.support import ADMIN, ALWAYS_OPEN_TOML, GUEST, HOST, Office

CHANNEL, MONDAY_NOON = "C0FRONTDOOR", "2026-11-23T17:00:00Z"


@freeze_time(MONDAY_NOON, tick=True)
def test_an_unlock_and_a_lock_are_each_told_once(office: Office, hosts: FakeHosts) -> None:
    office.say("unlock for 1h")
    office.sweep()
    office.say("lock", ADMIN)
    for _ in range(3):
        office.sweep()
    assert hosts.told == [
        (CHANNEL, f"<@{HOST}> unlocked the front door until 13:00: every ring is released."),
        (CHANNEL, f"<@{ADMIN}> locked the front door."),
    ]


@freeze_time(MONDAY_NOON, tick=True)
@pytest.mark.parametrize(
    ("user", "commands", "times"),
    [
        (HOST, ["lock"], 0),
        (HOST, ["unlock for 2h", "unlock for 1h"], 1),
        (HOST, ["unlock for 1h", "unlock for 2h"], 2),
        (HOST, ["unlock until 9:00", "unlock for ever", "status", "help", "nonsense"], 0),
        (GUEST, ["unlock", "lock", "status"], 0),
    ],
)
def test_what_changes_nothing_is_not_told(
    office: Office, hosts: FakeHosts, user: str, commands: list[str], times: int
) -> None:
    for command in commands:
        office.say(command, user)
    office.sweep()
    assert len(hosts.told) == times


@freeze_time(MONDAY_NOON, tick=True)
def test_nothing_is_told_before_the_command_is_answered(office: Office, hosts: FakeHosts) -> None:
    office.say("unlock")
    assert hosts.told == []


class TestAsSlackGetsIt:
    """Messages as they arrive at Slack's Web API."""

    @pytest.fixture
    def slack(self) -> Iterator[StandIn]:
        with StandIn() as slack:
            yield slack

    @pytest.fixture
    def settings(self, tmp_path: Path, slack: StandIn) -> config.Settings:
        toml = ALWAYS_OPEN_TOML.replace('name = "Front door"', 'name = "<!channel> & <@U0OTHER01> door"')
        return settings_for(tmp_path, toml, SLACK_API_URL=slack.url)

    @pytest.fixture
    def office(self, settings: config.Settings, sqlite_store: SqliteStore) -> Office:
        return Office(create_app(settings, store=sqlite_store).test_client())

    def test_people_are_mentioned_and_nothing_else_is_markup(self, office: Office, slack: StandIn) -> None:
        office.say("unlock for 1h <!everyone>", HOST)
        office.say("unlock for 1h", HOST, user_name="<!here>")
        office.sweep()
        (message,) = slack.messages
        assert message.path == "/chat.postMessage"
        assert message.fields["text"].startswith(f"<@{HOST}> unlocked ")
        assert "&lt;!channel&gt; &amp; " in message.fields["text"]
        assert "<!" not in message.fields["text"]

    def test_a_message_that_slack_did_not_take_is_told_before_newer_ones(self, office: Office, slack: StandIn) -> None:
        limited = Answer({"ok": False, "error": "ratelimited"}, 429, {"Retry-After": "5"})
        slack.answer("/chat.postMessage", limited, Answer())
        with freeze_time(MONDAY_NOON, tick=True) as clock:
            office.say("unlock")
            office.sweep()
            office.say("lock")
            office.sweep()
            clock.tick(timedelta(seconds=6))
            office.sweep()
        words = [message.fields["text"].split()[1] for message in slack.messages]
        assert words == ["unlocked", "unlocked", "locked"]

    def test_links_in_a_message_are_not_unfolded(self, office: Office, slack: StandIn) -> None:
        office.say("unlock")
        office.sweep()
        fields = slack.messages[0].fields
        assert (fields["channel"], fields["unfurl_links"], fields["unfurl_media"]) == (CHANNEL, False, False)
