"""A Slack that refuses our token: on record, told to admins in their next answer, and when it is over."""

import logging
from datetime import datetime, timedelta
from typing import Any

import pytest

from app.domain.doors import Door
from app.domain.errors import StoreUnavailable
from app.domain.notices import Notice
from app.domain.permissions import Role
from app.ports import OFFICE, Key, Store, TokenHeard, entries
from app.stores.sqlite import SqliteStore
from app.usecases.tokens import ASK_AFTER, ASKED_AGAIN_AFTER, FIRST_ASKED_AFTER, READ_EVERY, TOKEN, Tokens
from tests.conftest import FakeHosts
from tests.support import ADMIN, HOST, a_door, asked, local

NOON = local("2026-11-23T12:00")
SECOND, MICROSECOND = timedelta(seconds=1), timedelta(microseconds=1)
DOORS: dict[str, Door] = {"front": a_door(), "side": a_door(id="side"), "back": a_door(id="back", channel="C0BACK")}
NEWS = (
    ":warning: Slack refuses DoorBot's token since 12:00 (invalid_auth): nobody is asked or told in Slack, and "
    "visitors at a locked door reach the telephones only. Put the Bot User OAuth Token of the Slack app (xoxb-…) into "
    "SLACK_BOT_TOKEN, and start DoorBot again."
)


class Slack(FakeHosts):
    """A Slack that may be away: then asking it tells nothing. `knows`: what was heard in passing."""

    is_away = False
    asks = 0
    knows = TokenHeard()

    def token(self, *, ask: bool = False) -> TokenHeard:
        self.asks += ask
        if ask and not self.is_away:
            self.knows = TokenHeard(self.refusal, self.knows.answers + 1)
        return self.knows

    def refuse(self, why: str = "invalid_auth") -> None:
        """From now on, and in the answer to a message just now."""
        self.refusal, self.knows = why, TokenHeard(why, self.knows.answers + 1)


@pytest.fixture
def slack() -> Slack:
    return Slack()


def tokens(store: Store, slack: Slack) -> Tokens:
    return Tokens(store, slack, DOORS)


def refused(store: Store, slack: Slack, now: datetime = NOON) -> Tokens:
    """A process that has noticed at noon that the token is refused."""
    slack.refuse()
    ours = tokens(store, slack)
    ours.look(now)
    return ours


def told(store: Store) -> list[tuple[str, str]]:
    keys = [Key[Notice](due.name) for due in store.due([OFFICE], NOON + timedelta(days=9), 100)]
    found = [store.read(OFFICE, key).get(key) for key in keys]
    return sorted((each.channel, each.text) for each in found if isinstance(each, Notice))


def log(store: Store) -> list[str]:
    return [f"{entry.event.action} {entry.event.outcome} {entry.event.reason}" for entry in entries(store, OFFICE)][
        ::-1
    ]


def test_a_refusal_is_on_record_and_nobody_is_told_in_slack(store: Store, slack: Slack) -> None:
    refused(store, slack)
    alarm = store.read(OFFICE, TOKEN).get(TOKEN)
    assert alarm is not None
    assert (alarm.since, alarm.why) == (NOON, "invalid_auth")
    assert (log(store), told(store)) == (["tell refused token_refused"], [])


def test_a_refusal_that_slack_does_not_repeat_when_asked_is_none(store: Store, slack: Slack) -> None:
    slack.refuse()
    slack.refusal = ""
    tokens(store, slack).look(NOON)
    assert (slack.asks, log(store)) == (1, [])


def test_while_slack_cannot_be_asked_it_is_asked_again(store: Store, slack: Slack) -> None:
    slack.is_away = True
    ours = refused(store, slack)
    for at in (SECOND, ASKED_AGAIN_AFTER - MICROSECOND):
        ours.look(NOON + at)
    assert (slack.asks, log(store)) == (1, [])
    slack.is_away = False
    ours.look(NOON + ASKED_AGAIN_AFTER)
    assert (slack.asks, log(store)) == (2, ["tell refused token_refused"])


def test_many_processes_put_it_on_record_once_and_its_end_is_told_once(store: Store, slack: Slack) -> None:
    processes = [refused(store, slack) for _ in range(3)]
    for each in processes:
        each.look(NOON + SECOND)
    slack.refusal = ""
    for seconds in (60, 62, 120):
        for each in processes:
            each.look(NOON + seconds * SECOND)
    assert log(store) == ["tell refused token_refused", "tell done token_accepted"]
    over = (
        ":white_check_mark: Slack takes DoorBot's token again, which it refused since 12:00. Nobody was asked or told "
        "here meanwhile; `/frontdoor log` says what happened."
    )
    assert told(store) == [("C0BACK", over), ("C0FRONTDOOR", over)]
    assert store.read(OFFICE, TOKEN).get(TOKEN) is None


def test_a_process_with_another_token_ends_it_as_soon_as_it_starts(store: Store, slack: Slack) -> None:
    refused(store, slack)
    tokens(store, Slack()).look(NOON + timedelta(hours=3))
    assert log(store) == ["tell refused token_refused", "tell done token_accepted"]


def test_while_it_stands_slack_is_asked_every_half_minute(store: Store, slack: Slack) -> None:
    ours = refused(store, slack)
    for seconds in range(2, 121, 2):
        ours.look(NOON + seconds * SECOND)
    assert slack.asks <= 1 + timedelta(minutes=2) // READ_EVERY + 1
    assert slack.asks >= 4
    assert log(store) == ["tell refused token_refused"]


def test_a_slack_of_which_nothing_is_heard_is_asked_after_a_minute_and_then_each_hour(
    store: Store, slack: Slack
) -> None:
    ours, asks = tokens(store, slack), []
    for at in (timedelta(), FIRST_ASKED_AFTER - MICROSECOND, FIRST_ASKED_AFTER):
        ours.look(NOON + at)
        asks.append(slack.asks)
    for at in (ASK_AFTER - MICROSECOND, ASK_AFTER):
        ours.look(NOON + FIRST_ASKED_AFTER + at)
        asks.append(slack.asks)
    assert asks == [0, 0, 1, 1, 2]


def test_a_slack_that_answers_all_the_time_is_not_asked(store: Store, slack: Slack) -> None:
    ours = tokens(store, slack)
    for minutes in range(0, 300, 30):
        slack.knows = TokenHeard("", minutes + 1)
        ours.look(NOON + minutes * timedelta(minutes=1))
    assert slack.asks == 0


def test_it_is_said_on_stderr_once_also_while_the_store_is_away(
    tmp_path: Any, slack: Slack, caplog: pytest.LogCaptureFixture
) -> None:
    class Away(SqliteStore):
        reads = 0

        def read(self, partition: str, *keys: Key[Any]) -> Any:
            self.reads += 1
            if self.reads > 1:
                raise StoreUnavailable("a test")
            return super().read(partition, *keys)

    slack.refuse()
    ours = Tokens(Away(tmp_path / "doorbot.db"), slack, DOORS)
    with caplog.at_level(logging.WARNING):
        for seconds in (0, 10, 20):
            with pytest.raises(StoreUnavailable):
                ours.look(NOON + seconds * SECOND)
    assert [each.getMessage() for each in caplog.records] == [
        "Slack refuses SLACK_BOT_TOKEN: invalid_auth. Nobody is asked or told in Slack"
    ]


# What admins read


def test_an_admin_reads_it_once_with_the_next_answer(store: Store, slack: Slack) -> None:
    ours, now = refused(store, slack), NOON + SECOND
    read = [ours.news(asked(now, ADMIN, Role.ADMIN, delivery=delivery)) for delivery in ("1", "2")]
    assert read == [NEWS, ""]


def test_each_admin_reads_it_and_the_same_delivery_gets_it_again(store: Store, slack: Slack) -> None:
    ours, now = refused(store, slack), NOON + SECOND
    given = [(ADMIN, "1"), ("U0ADMIN02", "2"), (ADMIN, "1"), (ADMIN, "3")]
    read = [ours.news(asked(now, actor, Role.ADMIN, delivery=delivery)) for actor, delivery in given]
    assert read == [NEWS, NEWS, NEWS, ""]


def test_the_admin_of_one_door_reads_it_and_a_host_does_not(store: Store, slack: Slack) -> None:
    ours, now = refused(store, slack), NOON + SECOND
    assert ours.news(asked(now, HOST, Role.HOST, delivery="1")) == ""
    assert ours.news(asked(now, HOST, Role.HOST, delivery="2", roles={"side": Role.ADMIN})) == NEWS


def test_what_is_no_answer_to_a_command_tells_nothing_and_uses_nothing_up(store: Store, slack: Slack) -> None:
    ours, now = refused(store, slack), NOON + SECOND
    assert ours.news(asked(now, ADMIN, Role.ADMIN)) == ""
    assert ours.news(asked(now, ADMIN, Role.ADMIN, delivery="1")) == NEWS


def test_a_new_refusal_is_read_again(store: Store, slack: Slack) -> None:
    ours = refused(store, slack)
    ours.news(asked(NOON, ADMIN, Role.ADMIN, delivery="1"))
    slack.refusal = ""
    ours.look(NOON + READ_EVERY)
    slack.refuse()
    ours.look(NOON + 2 * READ_EVERY)
    assert "since 12:01" in ours.news(asked(NOON + 2 * READ_EVERY, ADMIN, Role.ADMIN, delivery="2"))


def test_where_nothing_stands_nothing_is_read(store: Store, slack: Slack) -> None:
    assert tokens(store, slack).news(asked(NOON, ADMIN, Role.ADMIN, delivery="1")) == ""


def test_an_answer_does_not_fail_because_of_it(slack: Slack) -> None:
    class Broken:
        def read(self, *_: object) -> None:
            raise StoreUnavailable("a test")

    ours = Tokens(Broken(), slack, DOORS)  # type: ignore[arg-type]
    assert ours.news(asked(NOON, ADMIN, Role.ADMIN, delivery="1")) == ""
