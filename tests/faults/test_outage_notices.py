"""Slack hears of an outage once, however many processes meet it, and once more when it is over."""

import json
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from urllib.parse import parse_qs

import pytest

from app.clock import utcnow
from app.usecases.faults import STORE_FAILED, Faults
from tests.conftest import FakeHosts
from tests.faults import building, is_forwarded, is_released
from tests.servers import wait_until

SWEEP_SECONDS = 2.5  # a round of every process, and a little


class SlackStandIn(ThreadingHTTPServer):
    """Takes messages as chat.postMessage does."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Methods)
        self.posted: list[str] = []

    def told(self, words: str) -> int:
        return sum(words in text for text in self.posted)


class _Methods(BaseHTTPRequestHandler):
    server: SlackStandIn

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"])).decode()
        is_json = self.headers.get_content_type() == "application/json"
        self.server.posted.append(json.loads(body)["text"] if is_json else parse_qs(body)["text"][0])
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.end_headers()
        self.wfile.write(b'{"ok": true, "ts": "1.0"}')

    def log_message(self, *_: object) -> None:
        """Nothing on the terminal."""


@contextmanager
def slack_stand_in() -> Iterator[SlackStandIn]:
    with SlackStandIn() as server:
        Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
        try:
            yield server
        finally:
            server.shutdown()


def test_two_processes_together_tell_of_an_outage_once_and_once_when_it_is_over(tmp_path: Path) -> None:
    with slack_stand_in() as slack:
        address = f"http://127.0.0.1:{slack.server_port}/api/"
        with building("redis", tmp_path, SLACK_API_URL=address) as house, house.line_to_each_process() as lines:
            house.redis.freeze()
            assert all(is_forwarded(line.ring()) for line in lines)
            wait_until(lambda: slack.told("can't reach its store") > 0, "Slack is told", 10)
            time.sleep(SWEEP_SECONDS)
            assert all(is_forwarded(line.ring()) for line in lines)
            house.redis.thaw()
            wait_until(lambda: slack.told("store is back") > 0, "Slack is told that it is over", 10)
            lines[0].say("unlock for 30m")
            time.sleep(SWEEP_SECONDS)
            assert all(is_released(line.ring()) for line in lines)
            assert (slack.told("can't reach its store"), slack.told("store is back")) == (1, 1)
            assert slack.told("unlocked") == 1


@pytest.mark.parametrize("places", [[], ["/no/such/folder"]], ids=["none", "gone"])
def test_an_outage_is_told_also_where_nothing_can_be_written(
    places: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", places[0] if places else None)
    monkeypatch.setattr(tempfile, "_candidate_tempdir_list", lambda: places)
    hosts = FakeHosts()
    faults = Faults(hosts, ["C0FRONTDOOR"], "https://door.example.com")
    faults.store_failed()
    for _ in range(2):
        faults.tell(utcnow())
    assert hosts.told == [("C0FRONTDOOR", STORE_FAILED)]
