"""A lean HTTP/1.1 client: keep-alive connections, requests that are bytes already, latencies as they were.

It knows just enough of HTTP to find the end of a response, so that on a small machine it leaves the CPU to the
server. Each connection sends its next request as soon as it has the answer to the last (a closed loop).
"""

import selectors
import socket
import time
from collections.abc import Iterable, Iterator

ANSWER_WITHIN = 10.0


class LoadError(Exception):
    """An answer that the case did not expect: its figures would mean nothing."""


class _Connection:
    def __init__(self, address: tuple[str, int]):
        self.socket = socket.create_connection(address, timeout=ANSWER_WITHIN)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._received = b""
        self._sent_at = 0.0

    def send(self, request: bytes) -> None:
        self._received = b""
        self._sent_at = time.perf_counter()
        self.socket.sendall(request)

    def receive(self) -> tuple[float, bytes] | None:
        """Latency and the whole response, or None while some of it is missing."""
        chunk = self.socket.recv(65536)
        if not chunk:
            raise LoadError(f"the server closed the connection after {self._received[:200]!r}")
        self._received += chunk
        if not _is_complete(self._received):
            return None
        return time.perf_counter() - self._sent_at, self._received


class Line:
    """One keep-alive connection, for requests that are sent one by one."""

    def __init__(self, address: tuple[str, int]) -> None:
        self._connection = _Connection(address)

    def __enter__(self) -> "Line":
        return self

    def __exit__(self, *_: object) -> None:
        self._connection.socket.close()

    def ask(self, request: bytes, expect: int = 200) -> bytes:
        """The whole response."""
        self._connection.send(request)
        while (answer := self._connection.receive()) is None:
            pass
        _check(answer[1], expect)
        return answer[1]


def run(address: tuple[str, int], requests: Iterable[bytes], connections: int = 1, expect: int = 200) -> list[float]:
    """Send every request once, over so many connections; the latency of each in seconds."""
    waiting = iter(requests)
    latencies: list[float] = []
    with selectors.DefaultSelector() as selector:
        try:
            for _ in range(connections):
                connection = _Connection(address)
                selector.register(connection.socket, selectors.EVENT_READ, connection)
                _send_next(connection, waiting, selector)
            while selector.get_map():
                _collect(selector, waiting, latencies, expect)
        finally:
            for key in list(selector.get_map().values()):
                key.data.socket.close()
    return latencies


def _collect(selector: selectors.BaseSelector, waiting: Iterator[bytes], latencies: list[float], expect: int) -> None:
    ready = selector.select(ANSWER_WITHIN)
    if not ready:
        raise LoadError(f"no answer within {ANSWER_WITHIN:.0f} s")
    for key, _ in ready:
        connection: _Connection = key.data
        answer = connection.receive()
        if answer is None:
            continue
        latency, response = answer
        _check(response, expect)
        latencies.append(latency)
        _send_next(connection, waiting, selector)


def _check(response: bytes, expect: int) -> None:
    if int(response[9:12]) != expect:
        raise LoadError(f"expected status {expect}, got {response[:500]!r}")


def _send_next(connection: _Connection, waiting: Iterator[bytes], selector: selectors.BaseSelector) -> None:
    request = next(waiting, None)
    if request is None:
        selector.unregister(connection.socket)
        connection.socket.close()
    else:
        connection.send(request)


def _is_complete(response: bytes) -> bool:
    head, blank, body = response.partition(b"\r\n\r\n")
    if not blank:
        return False
    fields = head.lower()
    _, found, rest = fields.partition(b"\r\ncontent-length:")
    if found:
        return len(body) >= int(rest.partition(b"\r\n")[0])
    if b"\r\ntransfer-encoding: chunked" in fields:
        return body.endswith(b"0\r\n\r\n")
    return head[9:12] in (b"204", b"304")
