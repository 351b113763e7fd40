"""What is passed on to the real server, and who may use the playground."""

import re
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from http.client import HTTPConnection, HTTPResponse
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from werkzeug.test import EnvironBuilder, run_wsgi_app

from app.demo import loopback
from app.demo.proxy import Proxy
from tests.demo.conftest import Demo
from tests.demo.page import ADA, Page
from tests.servers import free_port

Ask = Callable[..., HTTPResponse]


class Echo(ThreadingHTTPServer):
    """Answers as a WSGI server would, and remembers what it got."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), self._handler())
        self.got: list[tuple[str, str, list[tuple[str, str]], bytes]] = []
        self.may_end = threading.Event()
        threading.Thread(target=self.serve_forever, args=(0.02,), daemon=True).start()

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        echo = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                body = self._chunks() if self.headers.get("Transfer-Encoding") else self._whole()
                echo.got.append((self.command, self.path, self.headers.items(), body))
                self.send_response(302, "Found")
                self.send_header("Location", "/elsewhere")
                for cookie in ("a=1; Path=/", "b=2, 3; Path=/"):
                    self.send_header("Set-Cookie", cookie)
                self.send_header("Transfer-Encoding", "chunked")
                self.end_headers()
                if self.command != "HEAD":
                    self._piece(b"first,\r\n")
                    echo.may_end.wait(10)
                    self._piece(b"second,\r\n")
                    self._piece(b"")

            do_POST = do_HEAD = do_PUT = do_GET  # noqa: N815 - the names that the library calls

            def _whole(self) -> bytes:
                return self.rfile.read(int(self.headers.get("Content-Length") or 0))

            def _chunks(self) -> bytes:
                found = b""
                while size := int(self.rfile.readline(), 16):
                    found += self.rfile.read(size)
                    self.rfile.readline()
                self.rfile.readline()
                return found

            def _piece(self, data: bytes) -> None:
                self.wfile.write(b"%x\r\n%s\r\n" % (len(data), data))

            def log_message(self, *_: object) -> None:
                """Nothing."""

        return Handler


@pytest.fixture
def echo() -> Iterator[Echo]:
    with Echo() as echo:
        yield echo
        echo.may_end.set()
        echo.shutdown()


@pytest.fixture
def proxy(echo: Echo) -> Iterator[int]:
    sock = loopback.listener(0)
    port = sock.getsockname()[1]
    server = loopback.serve(sock, Proxy(echo.server_port))
    yield port
    server.shutdown()
    server.server_close()


@pytest.fixture
def asked(proxy: int) -> Iterator[Ask]:
    """Sends a request through the proxy; gives the answer, of which nothing has been read yet."""
    with ExitStack() as stack:

        def ask(method: str, path: str, body: Any = None, **headers: str) -> HTTPResponse:
            connection = stack.enter_context(closing(HTTPConnection("127.0.0.1", proxy, timeout=10)))
            sent = {name.replace("_", "-"): value for name, value in headers.items()}
            connection.request(method, path, body, sent, encode_chunked="Transfer-Encoding" in sent)
            return stack.enter_context(connection.getresponse())

        yield ask


def test_a_request_and_its_answer_are_passed_on_as_they_are(echo: Echo, asked: Ask) -> None:
    echo.may_end.set()
    path = "/voice/ring/%2Fx%20y?b=2&a=%C3%B6&a=&=+"
    body = "CallToken=%257B&q=ü".encode()
    answer = asked("POST", path, body, Cookie="s=1; t=2", Host="door.example.com:80", X_Twilio_Signature="a+b=")
    assert (answer.status, answer.reason, answer.getheader("Location")) == (302, "Found", "/elsewhere")
    assert answer.headers.get_all("Set-Cookie") == ["a=1; Path=/", "b=2, 3; Path=/"]
    assert answer.read() == b"first,\r\nsecond,\r\n"
    ((method, got, headers, sent),) = echo.got
    assert (method, got, sent) == ("POST", path, body)
    assert {"Host": "door.example.com:80", "Cookie": "s=1; t=2"}.items() <= dict(headers).items()
    assert ("X-Twilio-Signature", "a+b=") in headers
    assert [value for name, value in headers if name == "Content-Length"] == [str(len(body))]


def test_what_is_streamed_arrives_before_it_has_ended(echo: Echo, asked: Ask) -> None:
    answer = asked("GET", "/log.csv")
    assert answer.read1(100) == b"first,\r\n"
    echo.may_end.set()
    assert answer.read() == b"second,\r\n"


def test_bodies_of_every_kind_arrive(echo: Echo, asked: Ask) -> None:
    echo.may_end.set()
    large = bytes(range(256)) * 4096
    answers = [
        asked("PUT", "/large", large),
        asked("POST", "/pieces", iter([b"one", b"two"]), Transfer_Encoding="chunked"),
        asked("POST", "/waits", b"body", Expect="100-continue"),
        asked("HEAD", "/head"),
    ]
    assert [(each.status, each.read()) for each in answers] == [*[(302, b"first,\r\nsecond,\r\n")] * 3, (302, b"")]
    bodies = [("PUT", large), ("POST", b"onetwo"), ("POST", b"body"), ("HEAD", b"")]
    assert [(method, body) for method, _, _, body in echo.got] == bodies


def test_a_server_that_is_starting_is_said_to_be() -> None:
    request = EnvironBuilder("/log").get_environ() | {"RAW_URI": "/log"}
    body, status, _ = run_wsgi_app(Proxy(free_port()), request)
    assert (status, b"".join(body)) == ("502 BAD GATEWAY", b"DoorBot is starting. Try again in a moment.")


# The real server behind it


def test_the_real_server_is_at_the_same_address(any_page: Page) -> None:
    assert any_page.request("GET", "/healthz") == (200, b"ok\n")
    assert any_page.request("GET", "/log")[0] == 401
    assert any_page.request("POST", "/voice/ring", "a=1")[0] == 403
    assert any_page.request("POST", "/slack/events", "a=1")[0] == 401
    assert any_page.request("GET", "/nowhere")[0] == 404


def test_an_admin_signs_in_by_the_link_and_exports_the_log(page: Page) -> None:
    page.command("unlock for 1h")
    link = re.search(rf"{re.escape(page.url)}(/log/sign-in\?token=([\w-]+))", page.command("log", ADA)["text"])
    assert link
    connection = HTTPConnection(page.host, timeout=10)
    connection.request("GET", link[1])
    opened = connection.getresponse()
    assert opened.status == 200
    opened.read()
    form = {"Content-Type": "application/x-www-form-urlencoded", "Origin": "null", "Sec-Fetch-Site": "same-origin"}
    connection.request("POST", "/log/sign-in", f"token={link[2]}&button=", {**form, "Cookie": cookies(opened)})
    entered = connection.getresponse()
    assert (entered.status, entered.getheader("Location")) == (303, "/log")
    entered.read()
    connection.request("GET", "/log.csv", headers={"Cookie": cookies(entered)})
    export = connection.getresponse()
    assert (export.status, export.getheader("Content-Type")) == (200, "text/csv; charset=utf-8")
    assert b",unlock," in export.read()
    page.wait("entry", action="export")
    connection.close()


def cookies(answer: HTTPResponse) -> str:
    found = answer.headers.get_all("Set-Cookie") or []
    return "; ".join(each.partition(";")[0] for each in found)


# Who may use it


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"X-Playground": "0"},
        {"X-Playground": "1", "Origin": "http://evil.example"},
        {"X-Playground": "1", "Origin": "null"},
        {"X-Playground": "1", "Host": "evil.example"},
        {"X-Playground": "1", "Host": "evil.example:8000"},
        {"X-Playground": "1", "Host": "127.0.0.1"},
    ],
)
def test_other_sites_can_do_nothing(any_page: Page, headers: dict[str, str]) -> None:
    status, answer = any_page.try_("ring", headers, intercom="+12125550199")
    assert (status, answer["ok"]) == (403, False)
    assert any_page.url in answer["say"]


@pytest.mark.parametrize(
    "path", ["/", "/playground/events", "/playground/static/style.css", "/playground/docs/set-up.md"]
)
def test_other_sites_can_read_nothing(any_page: Page, path: str) -> None:
    assert any_page.request("GET", path, headers={"Host": "evil.example:8000"})[0] == 403
    assert any_page.request("GET", path, headers={"Origin": "http://evil.example"})[0] == 403


def test_the_page_may_be_called_localhost_too(any_page: Page) -> None:
    host = any_page.host.replace("127.0.0.1", "localhost")
    headers = {"X-Playground": "1", "Host": host, "Origin": f"http://{host}"}
    assert any_page.try_("key", headers, call="CA1", digits="1")[0] == 409


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/playground/ring", 404),
        ("GET", "/playground/static/../__main__.py", 404),
        ("GET", "/playground/static/%2e%2e/__main__.py", 404),
        ("GET", "/playground/static/nothing.js", 404),
        ("PUT", "/playground/ring", 405),
        ("HEAD", "/playground/docs/set-up.md", 200),
        ("HEAD", "/playground/events", 404),
    ],
)
def test_there_is_nothing_else(any_page: Page, method: str, path: str, status: int) -> None:
    assert any_page.request(method, path)[0] == status


@pytest.mark.parametrize("body", ["", "[]", "{", '{"user": 1}', '"x"', "x" * 300_000, "[" * 100_000])
def test_what_is_no_request_is_refused(any_page: Page, body: str) -> None:
    status, answer = any_page.request("POST", "/playground/say", body, {"X-Playground": "1"})
    assert status in (400, 413)
    assert b'"ok": false' in answer


def test_what_is_no_number_is_refused(any_page: Page) -> None:
    body = '{"by_seconds": NaN}'
    status, answer = any_page.request("POST", "/playground/clock", body, {"X-Playground": "1"})
    assert status == 400
    assert b'"ok": false' in answer


def test_the_page_gets_nothing_from_elsewhere(demo: Demo) -> None:
    connection = HTTPConnection(demo.url.removeprefix("http://"), timeout=10)
    connection.request("GET", "/playground/docs/set-up.md")
    answer = connection.getresponse()
    assert ">From nothing to the first real ring</h1>" in answer.read().decode()
    policy = answer.getheader("Content-Security-Policy") or ""
    assert "default-src 'none'; script-src 'self'; style-src 'self'" in policy
    assert (answer.getheader("Cache-Control"), answer.getheader("X-Content-Type-Options")) == ("no-store", "nosniff")
    connection.close()
