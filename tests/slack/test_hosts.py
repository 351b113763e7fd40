"""The Hosts port on a real HTTP server that stands in for Slack's Web API."""

import socket
import threading
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from app import create_app
from app.ports import Delivery, Membership, Published
from app.slack import hosts as hosts_module
from app.slack.hosts import SlackHosts
from app.stores.sqlite import SqliteStore
from tests.conftest import settings_for
from tests.stand_ins import Answer, StandIn
from tests.support import ALWAYS_OPEN_TOML, HOST, MEMBER, Office

CHANNEL, GROUP, OTHER_GROUP = "C0FRONTDOOR", "S0RECEPTION", "S0FACILITY"
NOW = datetime(2026, 11, 23, 17, tzinfo=UTC)
MOMENT, ALMOST, FIVE_MINUTES = timedelta(microseconds=1), timedelta(seconds=299), timedelta(minutes=5)
INFO, USERS, POST = "/users.info", "/usergroups.users.list", "/chat.postMessage"


@pytest.fixture
def slack() -> Iterator[StandIn]:
    with StandIn() as slack:
        yield slack


@pytest.fixture
def hosts(slack: StandIn, monkeypatch: pytest.MonkeyPatch) -> SlackHosts:
    """With a shorter patience, so that tests of a hanging Slack are quick."""
    monkeypatch.setattr(hosts_module, "TELL_TIMEOUT_SECONDS", 0.3)
    monkeypatch.setattr(hosts_module, "ASK_TIMEOUT_SECONDS", 0.3)
    return SlackHosts("xoxb-made-up", slack.url + "/")


def user(**flags: Any) -> Answer:
    return Answer({"ok": True, "user": {"id": MEMBER, **flags}})


def members(*ids: str) -> Answer:
    return Answer({"ok": True, "users": list(ids)})


def error(code: str) -> Answer:
    return Answer({"ok": False, "error": code})


def raw(text: str) -> Answer:
    return Answer(raw=text.encode())


CUT_SHORT = raw('HTTP/1.1 200 OK\r\nContent-Length: 500\r\nContent-Type: application/json\r\n\r\n{"ok":')
UNREADABLE = {
    "no JSON": Answer("<html>busy</html>"),
    "JSON that is no object": Answer([1]),
    "an empty body": Answer(""),
    "no HTTP": raw("garbage\r\n\r\n"),
    "no status": raw("HTTP/1.1 abc\r\n\r\n"),
    "an endless line": raw("HTTP/1.1 200 OK\r\nX: " + "x" * 70_000 + "\r\n\r\n"),
    "a hang-up without a word": raw(""),
    "an answer cut short": CUT_SHORT,
    "an answer that is no UTF-8": Answer(raw=b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n\xff\xfe"),
    "no answer in time": Answer(delay=3),
}


def test_a_message_is_delivered_with_our_token(hosts: SlackHosts, slack: StandIn) -> None:
    assert hosts.tell(CHANNEL, "<!channel> & <@U0HOST001>") is Delivery.DELIVERED
    (request,) = slack.received
    assert (request.path, request.headers["Authorization"]) == (POST, "Bearer xoxb-made-up")
    assert (request.fields["channel"], request.fields["text"]) == (CHANNEL, "&lt;!channel&gt; &amp; <@U0HOST001>")


DELIVERIES = [
    (error("channel_not_found"), Delivery.REFUSED),
    (error("not_in_channel"), Delivery.REFUSED),
    (error("is_archived"), Delivery.REFUSED),
    (error("invalid_auth"), Delivery.REFUSED),
    (error("ratelimited"), Delivery.TRY_LATER),
    (error("service_unavailable"), Delivery.TRY_LATER),
    (error("internal_error"), Delivery.UNKNOWN),
    (error("fatal_error"), Delivery.UNKNOWN),
    (Answer({"ok": False, "error": "ratelimited"}, 429, {"Retry-After": "30"}), Delivery.TRY_LATER),
    (Answer("slow down", 429, {"Retry-After": "30", "Content-Type": "text/plain"}), Delivery.TRY_LATER),
    (Answer({"ok": False, "error": "invalid_auth"}, 403), Delivery.REFUSED),
    (Answer({"ok": False}, 500), Delivery.UNKNOWN),
    (Answer("<html>", 503, {"Content-Type": "text/html"}), Delivery.UNKNOWN),
]


@pytest.mark.parametrize(("answer", "delivery"), DELIVERIES)
def test_what_became_of_a_message_is_what_slack_says(
    hosts: SlackHosts, slack: StandIn, answer: Answer, delivery: Delivery
) -> None:
    slack.answer(POST, answer)
    assert hosts.tell(CHANNEL, "text") is delivery
    assert len(slack.received) == 1


@pytest.mark.parametrize("what", UNREADABLE)
def test_a_message_whose_answer_cannot_be_read_is_perhaps_delivered(
    hosts: SlackHosts, slack: StandIn, what: str
) -> None:
    slack.answer(POST, UNREADABLE[what])
    assert hosts.tell(CHANNEL, "text") is Delivery.UNKNOWN
    assert len(slack.received) == 1  # and is not sent again


HOME: dict[str, Any] = {"type": "home", "blocks": [{"type": "divider"}]}
DIALOG: dict[str, Any] = {
    "type": "modal",
    "title": {"type": "plain_text", "text": "Lockdown"},
    "blocks": [{"type": "divider"}],
}
PUBLISH, OPEN = "/views.publish", "/views.open"


def test_a_home_is_published_over_the_one_that_is_shown(hosts: SlackHosts, slack: StandIn) -> None:
    slack.answer(PUBLISH, Answer({"ok": True, "view": {"id": "V1", "hash": "1.abc"}}))
    assert hosts.show_home(HOST, HOME) == Published(Delivery.DELIVERED, "1.abc")
    assert hosts.show_home(HOST, HOME, "1.abc") == Published(Delivery.DELIVERED, "1.abc")
    assert [request.fields.get("hash") for request in slack.received] == [None, "1.abc"]
    assert [(each.fields["user_id"], each.payload["view"]) for each in slack.received] == [(HOST, HOME)] * 2


PUBLISHED = [
    (error("hash_conflict"), Published(Delivery.REFUSED, is_overtaken=True)),
    (error("not_enabled"), Published(Delivery.REFUSED)),
    (
        Answer({"ok": False, "error": "ratelimited"}, 429, {"Retry-After": "30"}),
        Published(Delivery.TRY_LATER, retry_after=timedelta(seconds=30)),
    ),
    (Answer({"ok": False}, 500), Published(Delivery.UNKNOWN)),
    (Answer({"ok": True}), Published(Delivery.UNKNOWN)),
    (Answer({"ok": True, "view": {}}), Published(Delivery.DELIVERED)),
    *((answer, Published(Delivery.UNKNOWN)) for answer in UNREADABLE.values()),
]


@pytest.mark.parametrize(("answer", "published"), PUBLISHED)
def test_what_became_of_a_home_is_what_slack_says(
    hosts: SlackHosts, slack: StandIn, answer: Answer, published: Published
) -> None:
    slack.answer(PUBLISH, answer)
    assert hosts.show_home(HOST, HOME) == published
    assert len(slack.received) == 1


def test_a_home_waits_where_slack_is_not_there() -> None:
    assert SlackHosts("xoxb-made-up", nowhere()).show_home(HOST, HOME).delivery is Delivery.UNKNOWN


def test_a_dialog_is_opened_for_a_trigger(hosts: SlackHosts, slack: StandIn) -> None:
    assert hosts.open_view("1.2", DIALOG) is True
    (request,) = slack.received
    assert (request.path, request.fields["trigger_id"], request.payload["view"]) == (OPEN, "1.2", DIALOG)


@pytest.mark.parametrize("answer", [error("expired_trigger_id"), Answer({"ok": False}, 500), *UNREADABLE.values()])
def test_a_dialog_that_slack_does_not_open_is_no_fault(hosts: SlackHosts, slack: StandIn, answer: Answer) -> None:
    slack.answer(OPEN, answer)
    assert hosts.open_view("1.2", DIALOG) is False
    assert len(slack.received) == 1


def nowhere() -> str:
    """An address on which nobody listens."""
    with socket.socket() as reserved:
        reserved.bind(("127.0.0.1", 0))
        return f"http://127.0.0.1:{reserved.getsockname()[1]}/"


def test_a_slack_that_cannot_be_reached_has_certainly_not_been_told() -> None:
    hosts = SlackHosts("xoxb-made-up", nowhere())
    assert hosts.tell(CHANNEL, "text") is Delivery.TRY_LATER
    assert hosts.membership(MEMBER, NOW, last_known=False) is Membership.UNKNOWN
    assert hosts.members_of(GROUP, NOW, last_known=True) is None


def test_somebody_without_flags_is_a_full_member(hosts: SlackHosts, slack: StandIn) -> None:
    slack.answer(INFO, user(deleted=False, is_restricted=False))
    assert hosts.membership(MEMBER, NOW, last_known=False) is Membership.FULL
    assert slack.received[0].fields == {"user": MEMBER}


FLAGS = {
    **dict.fromkeys(("is_restricted", "is_ultra_restricted", "is_stranger"), Membership.NOT_FULL),
    **dict.fromkeys(("deleted", "is_bot", "is_workflow_bot"), Membership.GONE),
}


@pytest.mark.parametrize("flag", FLAGS)
def test_guests_and_outsiders_are_no_full_members_and_bots_and_the_deactivated_nobody(
    hosts: SlackHosts, slack: StandIn, flag: str
) -> None:
    slack.answer(INFO, user(**{flag: True}))
    assert hosts.membership(MEMBER, NOW, last_known=False) is FLAGS[flag]


def test_a_guest_who_left_is_gone(hosts: SlackHosts, slack: StandIn) -> None:
    slack.answer(INFO, user(deleted=True, is_restricted=True))
    assert hosts.membership(MEMBER, NOW, last_known=False) is Membership.GONE


@pytest.mark.parametrize(
    ("code", "membership"), [("user_not_found", Membership.GONE), ("user_not_visible", Membership.NOT_FULL)]
)
def test_whom_slack_does_not_know_is_no_full_member(
    hosts: SlackHosts, slack: StandIn, code: str, membership: Membership
) -> None:
    slack.answer(INFO, error(code))
    assert hosts.membership(MEMBER, NOW, last_known=False) is membership


NO_ANSWERS = {
    **UNREADABLE,
    "an error": error("invalid_auth"),
    "an error of no name": Answer({"ok": False}),
    "too many requests": Answer({"ok": False, "error": "ratelimited"}, 429, {"Retry-After": "30"}),
    "a fault": Answer("oops", 500, {"Content-Type": "text/plain"}),
    "nothing in it": Answer({"ok": True}),
    "null": Answer({"ok": True, "user": None, "users": None}),
    "a number": Answer({"ok": True, "user": 9, "users": 9}),
    "lists": Answer({"ok": True, "user": [], "users": [[]]}),
}


@pytest.mark.parametrize("what", NO_ANSWERS)
def test_where_slack_gives_no_answer_nothing_is_known_of_anybody(hosts: SlackHosts, slack: StandIn, what: str) -> None:
    slack.answer(INFO, NO_ANSWERS[what])
    slack.answer(USERS, NO_ANSWERS[what])
    assert hosts.membership(MEMBER, NOW, last_known=False) is Membership.UNKNOWN
    assert hosts.members_of(GROUP, NOW + MOMENT, last_known=True) is None


def test_what_slack_said_of_a_person_is_believed_for_five_minutes_and_not_longer(
    hosts: SlackHosts, slack: StandIn
) -> None:
    slack.answer(INFO, user(), user(deleted=True))
    found = [hosts.membership(MEMBER, NOW + later, last_known=False) for later in (timedelta(0), ALMOST, FIVE_MINUTES)]
    assert found == [Membership.FULL, Membership.FULL, Membership.GONE]
    assert len(slack.received) == 2


def test_a_clock_that_is_set_back_makes_no_answer_last_longer(hosts: SlackHosts, slack: StandIn) -> None:
    slack.answer(INFO, user(), user(deleted=True))
    found = [
        hosts.membership(MEMBER, NOW - earlier, last_known=False) for earlier in (timedelta(0), timedelta(hours=1))
    ]
    assert found == [Membership.FULL, Membership.GONE]


def test_what_slack_said_of_one_person_is_not_said_of_another(hosts: SlackHosts, slack: StandIn) -> None:
    slack.answer(INFO, user(), user(deleted=True))
    assert [hosts.membership(person, NOW, last_known=False) for person in (MEMBER, HOST)] == [
        Membership.FULL,
        Membership.GONE,
    ]


def test_a_failure_is_not_remembered(hosts: SlackHosts, slack: StandIn) -> None:
    slack.answer(INFO, error("internal_error"), user())
    found = [hosts.membership(MEMBER, NOW + later, last_known=False) for later in (timedelta(0), MOMENT)]
    assert found == [Membership.UNKNOWN, Membership.FULL]


def test_an_old_membership_is_not_believed_when_slack_cannot_be_asked(hosts: SlackHosts, slack: StandIn) -> None:
    slack.answer(INFO, user(), error("internal_error"))
    found = [hosts.membership(MEMBER, NOW + later, last_known=False) for later in (timedelta(0), FIVE_MINUTES)]
    assert found == [Membership.FULL, Membership.UNKNOWN]


def test_a_group_is_asked_for_its_members(hosts: SlackHosts, slack: StandIn) -> None:
    slack.answer(USERS, members("U0OTHER01"), members(MEMBER))
    found = [hosts.members_of(group, NOW, last_known=False) for group in (GROUP, OTHER_GROUP)]
    assert found == [{"U0OTHER01"}, {MEMBER}]
    assert [request.fields["usergroup"] for request in slack.received] == [GROUP, OTHER_GROUP]


@pytest.mark.parametrize("last_known", [True, False])
def test_the_members_of_a_group_are_believed_for_five_minutes_and_not_longer(
    hosts: SlackHosts, slack: StandIn, last_known: bool
) -> None:
    slack.answer(USERS, members(MEMBER), members())
    moments = [NOW, NOW + ALMOST, NOW + FIVE_MINUTES]
    found = [hosts.members_of(GROUP, moment, last_known=last_known) for moment in moments]
    assert found == [{MEMBER}, {MEMBER}, set()]


@pytest.mark.parametrize("last_known", [True, False])
def test_the_last_known_members_count_only_where_that_is_allowed(
    hosts: SlackHosts, slack: StandIn, last_known: bool
) -> None:
    slack.answer(USERS, members(MEMBER), error("internal_error"))
    hosts.members_of(GROUP, NOW, last_known=last_known)
    found = hosts.members_of(GROUP, NOW + FIVE_MINUTES, last_known=last_known)
    assert found == ({MEMBER} if last_known else None)


class TestGlance:
    """What is known at once, while Slack is asked by somebody who does not wait."""

    def glanced(self, hosts: SlackHosts, later: timedelta, expected: Membership) -> None:
        """Until a glance shows this: Slack is asked in another thread."""
        for _ in range(500):
            if hosts.glance(MEMBER, NOW + later) is expected:
                return
            time.sleep(0.01)
        raise AssertionError(f"{expected} was never seen")

    def test_nobody_waits_and_slack_is_asked_once(self, hosts: SlackHosts, monkeypatch: pytest.MonkeyPatch) -> None:
        asked, go_on = threading.Event(), threading.Event()

        def hang(user_id: str) -> Membership:
            assert not asked.is_set()
            asked.set()
            assert go_on.wait(20)
            return Membership.GONE

        monkeypatch.setattr(hosts, "_membership", hang)
        assert {hosts.glance(MEMBER, NOW) for _ in range(20)} == {Membership.UNKNOWN}
        assert asked.wait(20)
        go_on.set()
        self.glanced(hosts, timedelta(0), Membership.GONE)

    def test_what_slack_said_is_known_from_the_next_glance_on_and_asked_again_when_it_is_old(
        self, hosts: SlackHosts, slack: StandIn
    ) -> None:
        slack.answer(INFO, user(), user(deleted=True))
        self.glanced(hosts, timedelta(0), Membership.FULL)
        assert hosts.glance(MEMBER, NOW + ALMOST) is Membership.FULL
        assert len(slack.received) == 1
        assert hosts.glance(MEMBER, NOW + FIVE_MINUTES) is Membership.FULL
        self.glanced(hosts, FIVE_MINUTES, Membership.GONE)
        assert len(slack.received) == 2

    def test_what_slack_said_last_counts_while_it_says_nothing(self, hosts: SlackHosts, slack: StandIn) -> None:
        slack.answer(INFO, user(deleted=True), error("internal_error"))
        self.glanced(hosts, timedelta(0), Membership.GONE)
        for later in range(1, 4):
            assert hosts.glance(MEMBER, NOW + later * FIVE_MINUTES) is Membership.GONE
        slack.wait_for(2)

    def test_a_slack_that_does_not_tell_is_asked_twice_a_minute_and_not_at_each_glance(
        self, hosts: SlackHosts, slack: StandIn
    ) -> None:
        slack.answer(INFO, error("internal_error"), error("internal_error"), user())
        for _ in range(50):
            hosts.glance(MEMBER, NOW)
            time.sleep(0.01)
        assert len(slack.received) == 1
        hosts.glance(MEMBER, NOW + timedelta(seconds=30))
        slack.wait_for(2)
        self.glanced(hosts, timedelta(seconds=60), Membership.FULL)


class TestSlowSlack:
    """Somebody waits for an answer: Slack gives a command three seconds in all."""

    @pytest.fixture
    def office(self, slack: StandIn, tmp_path: Path, sqlite_store: SqliteStore) -> Office:
        groups = '"S0GROUP01", "S0GROUP02"'
        toml = ALWAYS_OPEN_TOML.replace('admins = ["', f'admins = [{groups}, "')
        toml = toml.replace('hosts = ["', 'hosts = ["S0GROUP03", "S0GROUP04", "')
        return Office(
            create_app(settings_for(tmp_path, toml, SLACK_API_URL=slack.url), store=sqlite_store).test_client()
        )

    @pytest.mark.parametrize("delay", [0.8, 10])
    def test_a_command_is_answered_within_three_seconds(self, office: Office, slack: StandIn, delay: float) -> None:
        slack.answer(USERS, Answer({"ok": True, "users": []}, delay=delay))
        slack.answer(INFO, Answer({"ok": True, "user": {"id": MEMBER}}, delay=delay))
        began = time.monotonic()
        assert office.say("unlock", MEMBER)
        assert time.monotonic() - began < 3
        assert "<Play" not in office.ring()

    def test_after_a_question_without_an_answer_a_command_asks_no_more(self, office: Office, slack: StandIn) -> None:
        slack.answer(USERS, error("internal_error"))
        assert office.say("unlock", MEMBER).startswith("I couldn't check with Slack who you are.")
        assert len(slack.received) == 1

    def test_a_host_who_is_named_by_id_does_not_wait_at_all(self, office: Office, slack: StandIn) -> None:
        slack.answer(INFO, Answer(delay=10))
        assert "unlocked until" in office.say("unlock", HOST)
        assert {request.path for request in slack.wait_for(1)} == {INFO}

    def test_a_host_who_is_named_by_id_and_leaves_loses_the_right(self, office: Office, slack: StandIn) -> None:
        slack.answer(INFO, Answer({"ok": True, "user": {"id": HOST, "deleted": True}}))
        office.say("unlock", HOST)
        for _ in range(500):
            if office.say("unlock", HOST).startswith("Only full members"):
                return
            time.sleep(0.01)
        raise AssertionError("a right was never lost")
