"""Nobody waits for a Slack that never stops answering: a socket's timeout starts anew with each byte."""

import socket
import threading
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from app import create_app
from app.ports import Membership
from app.slack import deadlines
from app.slack.deadlines import Deadline
from app.slack.hosts import SlackHosts
from app.stores.sqlite import SqliteStore
from tests.conftest import FakeHosts, settings_for
from tests.support import MEMBER, OFFICE_TOML, AtOnce, Office

NOW = datetime(2026, 11, 23, 17, tzinfo=UTC)


class Dripping:
    """Sends one byte of an answer after the other, for twenty seconds or until it is told to stop."""

    def __init__(self) -> None:
        self.stopped, self.ended = threading.Event(), threading.Event()
        self._server = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._server.getsockname()[1]}/"
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    def close(self) -> None:
        self.stopped.set()
        self._thread.join()
        self._server.close()

    def _serve(self) -> None:
        connection, _ = self._server.accept()
        with connection, suppress(OSError):
            connection.sendall(b"HTTP/1.1 200 OK\r\nX-Slow: ")
            for _ in range(100):
                connection.sendall(b"x")
                if self.stopped.wait(0.2):
                    break
        self.ended.set()


@pytest.fixture
def slack() -> Iterator[Dripping]:
    slack = Dripping()
    yield slack
    slack.close()


def test_a_question_is_given_up_while_the_answer_still_trickles_in(slack: Dripping) -> None:
    assert SlackHosts("xoxb-made-up", slack.url).membership(MEMBER, NOW, last_known=False) is Membership.UNKNOWN
    assert not slack.ended.is_set()


def test_a_dialog_is_given_up_too(slack: Dripping) -> None:
    assert not SlackHosts("xoxb-made-up", slack.url).open_view("1.2.3", {"type": "modal"})
    assert not slack.ended.is_set()


def test_what_is_in_time_is_returned_or_raised() -> None:
    deadline = Deadline(20)
    assert deadline(lambda: 7) == 7
    with pytest.raises(KeyError):
        deadline(lambda: {}["x"])


def test_what_is_given_up_does_not_pile_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(deadlines, "AT_ONCE", 2)
    deadline, go_on, begun = Deadline(0.01), threading.Event(), threading.Semaphore(0)

    def hang() -> None:
        begun.release()
        go_on.wait(20)

    for _ in range(4):
        with pytest.raises(TimeoutError):
            deadline(hang)
    assert [begun.acquire(timeout=seconds) for seconds in (20, 20, 0.01)] == [True, True, False]
    go_on.set()


def test_a_press_is_acknowledged_before_the_dialog_that_tells_of_its_refusal(
    tmp_path: Path, sqlite_store: SqliteStore, hosts: FakeHosts
) -> None:
    hosts.members = {MEMBER: Membership.FULL}
    left: list[tuple[Any, ...]] = []

    class Later(AtOnce):
        def submit(self, act: Any, /, *arguments: Any, **_: Any) -> Any:
            left.append((act, *arguments))

    settings = settings_for(tmp_path, OFFICE_TOML)
    office = Office(create_app(settings, store=sqlite_store, hosts=hosts, later=Later()).test_client())
    for press in ("unlock", "show:log"):
        assert office.press_at_home(press, "front", MEMBER).status_code == 200
        assert hosts.opened == []
        act, *arguments = left.pop(0)
        act(*arguments)
        assert "Only" in str(hosts.opened.pop())
