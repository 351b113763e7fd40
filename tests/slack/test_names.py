"""What people are called: as Slack says on a real connection, without letting anybody wait for it long."""

import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from app.domain.names import MOST_NAMES
from app.slack import names as names_module
from app.slack.hosts import SlackHosts
from app.slack.names import NamesHeard
from tests.servers import wait_until
from tests.slack.test_hosts import NOW
from tests.stand_ins import Answer, StandIn
from tests.support import ADMIN, HOST, MEMBER

INFO = "/users.info"


@pytest.fixture
def slack() -> Iterator[StandIn]:
    with StandIn() as slack:
        yield slack


@pytest.fixture
def hosts(slack: StandIn) -> SlackHosts:
    return SlackHosts("xoxb-made-up", slack.url + "/")


def user(user_id: str = ADMIN, **fields: Any) -> Answer:
    return Answer({"ok": True, "user": {"id": user_id, **fields}})


def asked(slack: StandIn) -> list[str]:
    """About whom Slack was asked."""
    return [each.fields["user"] for each in slack.received if each.path == INFO]


@pytest.mark.parametrize(
    ("fields", "name"),
    [
        ({"name": "ana", "real_name": "Ana Admin", "profile": {"display_name": "Ana", "real_name": "A. Admin"}}, "Ana"),
        ({"name": "ana", "profile": {"display_name": "", "real_name": "Ana Admin"}}, "Ana Admin"),
        ({"name": "ana", "profile": {"display_name": " \u202e\n"}, "real_name": "Ana Admin"}, "Ana Admin"),
        ({"name": "ana"}, "ana"),
        ({"name": "ana", "profile": None}, "ana"),
        ({"name": "ana", "deleted": True}, "ana"),
        ({"profile": {"display_name": "<!channel>\u202e Ana\nAdmin "}}, "!channel Ana Admin"),
        ({"profile": {"display_name": "x" * 500}}, "x" * 80),
    ],
)
def test_somebody_is_called_as_they_call_themselves(
    hosts: SlackHosts, slack: StandIn, fields: dict[str, Any], name: str
) -> None:
    slack.answer(INFO, user(**fields))
    assert hosts.names([ADMIN]) == {ADMIN: name}


@pytest.mark.parametrize("fields", [{}, {"name": 5}, {"name": "", "profile": {"display_name": ["x"]}}])
def test_somebody_without_a_name_has_none(hosts: SlackHosts, slack: StandIn, fields: dict[str, Any]) -> None:
    slack.answer(INFO, user(**fields))
    assert hosts.names([ADMIN]) == {}


def test_slack_is_asked_once_about_a_name(hosts: SlackHosts, slack: StandIn) -> None:
    slack.answer(INFO, user(name="ana"))
    assert [hosts.names([ADMIN]) for _ in range(3)] == [{ADMIN: "ana"}] * 3
    assert asked(slack) == [ADMIN]


def test_a_name_that_came_with_the_membership_is_known_at_once(hosts: SlackHosts, slack: StandIn) -> None:
    slack.answer(INFO, user(name="ana"))
    hosts.membership(ADMIN, NOW, last_known=False)
    assert hosts.names([ADMIN]) == hosts.heard_names() == {ADMIN: "ana"}
    assert asked(slack) == [ADMIN]


@pytest.mark.parametrize("who", ["S0RECEPTION", "", "+12125550123", "telephone", "-"])
def test_what_is_no_person_is_not_asked_about(hosts: SlackHosts, slack: StandIn, who: str) -> None:
    assert hosts.names([who]) == {}
    assert asked(slack) == []


@pytest.mark.parametrize("error", ["user_not_found", "user_not_visible"])
def test_somebody_whom_slack_does_not_know_keeps_no_other_from_being_asked_about(
    hosts: SlackHosts, slack: StandIn, error: str
) -> None:
    slack.answer(INFO, Answer({"ok": False, "error": error}), user(name="hal"))
    assert hosts.names([ADMIN, HOST]) == {HOST: "hal"}
    assert hosts.names([ADMIN, HOST]) == {HOST: "hal"}
    assert asked(slack) == [ADMIN, HOST]


def test_after_a_fault_the_others_are_left_for_later(
    hosts: SlackHosts, slack: StandIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    slack.answer(INFO, Answer(status=500))
    assert hosts.names([ADMIN, HOST, MEMBER]) == {}
    assert hosts.names([ADMIN, HOST, MEMBER]) == {}
    assert asked(slack) == [ADMIN]
    slack.answer(INFO, user(name="somebody"))
    moment = time.monotonic() + names_module.REST_SECONDS
    monkeypatch.setattr(names_module.time, "monotonic", lambda: moment)
    assert hosts.names([HOST]) == {HOST: "somebody"}


class Slow:
    """A Slack that answers when it is told to."""

    def __init__(self) -> None:
        self.may_go_on = threading.Event()

    def ask(self, who: str) -> dict[str, Any]:
        assert self.may_go_on.wait(30)
        return {"id": who, "name": who.lower()}


def test_nobody_waits_long_and_the_rest_is_known_later(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(names_module, "WAITING_SECONDS", 0.05)
    slow = Slow()
    heard = NamesHeard(slow.ask)
    assert heard.names(["U1", "U2"], waits=True) == {}
    slow.may_go_on.set()
    wait_until(lambda: len(heard.heard()) == 2, "both are known")
    assert heard.names(["U1", "U2"], waits=True) == {"U1": "u1", "U2": "u2"}


def test_who_need_not_wait_does_not(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(names_module, "WAITING_SECONDS", 30)
    slow = Slow()
    heard = NamesHeard(slow.ask)
    assert heard.names(["U1"], waits=False) == {}  # otherwise `Slow` would not be told before the wait is over
    slow.may_go_on.set()
    wait_until(lambda: heard.heard() == {"U1": "u1"}, "it is known")


def test_a_name_is_asked_for_anew_after_a_day_and_nobody_waits_for_that(monkeypatch: pytest.MonkeyPatch) -> None:
    names = iter(["Ana", "Ana Admin"])
    heard = NamesHeard(lambda who: {"id": who, "name": next(names)})
    assert heard.names(["U1"], waits=True) == {"U1": "Ana"}
    later = time.monotonic() + names_module.FRESH_SECONDS + 1
    monkeypatch.setattr(names_module.time, "monotonic", lambda: later)
    assert heard.names(["U1"], waits=True)["U1"].startswith("Ana")
    wait_until(lambda: heard.heard() == {"U1": "Ana Admin"}, "the new name is known")


def test_memory_is_bounded() -> None:
    heard = NamesHeard(lambda who: {"id": who, "name": "x"})
    for number in range(MOST_NAMES + 5):
        heard.note({"id": f"U{number}", "name": "x"})
    assert len(heard.heard()) == MOST_NAMES
    assert "U0" not in heard.heard()


@pytest.mark.parametrize("raises", [KeyError("user"), TimeoutError(), ValueError("no JSON"), AttributeError()])
def test_no_answer_of_slacks_is_a_fault_of_ours(raises: Exception) -> None:
    def ask(_: str) -> dict[str, Any]:
        raise raises

    heard: Callable[..., Any] = NamesHeard(ask).names
    assert heard(["U1", "U2"], waits=True) == {}
