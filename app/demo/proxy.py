"""Passes on to the real server what belongs to it: method, path, query, headers and body as they are."""

from collections.abc import Callable, Iterable, Iterator
from http.client import HTTPConnection, HTTPException, HTTPResponse
from typing import Any

from werkzeug.wrappers import Request, Response
from werkzeug.wsgi import ClosingIterator, get_input_stream

SECONDS = 60
PIECE = 64 * 1024
OF_ONE_CONNECTION = frozenset(  # RFC 9110, 7.6.1
    {"connection", "keep-alive", "proxy-connection", "te", "trailer", "transfer-encoding", "upgrade", "expect"}
)
AWAY = "DoorBot is starting. Try again in a moment."


class Proxy:
    """A WSGI application."""

    def __init__(self, port: int) -> None:
        self._port = port

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        connection = HTTPConnection("127.0.0.1", self._port, timeout=SECONDS)
        try:
            answer = self._ask(connection, Request(environ))
        except (OSError, HTTPException):
            connection.close()
            return Response(AWAY, 502)(environ, start_response)
        headers = [(name, value) for name, value in answer.getheaders() if name.lower() not in OF_ONE_CONNECTION]
        start_response(f"{answer.status} {answer.reason}", headers)
        return ClosingIterator(_pieces(answer), [answer.close, connection.close])

    def _ask(self, connection: HTTPConnection, request: Request) -> HTTPResponse:
        address = request.environ["RAW_URI"]
        connection.putrequest(request.method, address, skip_host=True, skip_accept_encoding=True)
        for name, value in request.headers.items():
            if name.lower() not in OF_ONE_CONNECTION:
                connection.putheader(name, value)
        is_chunked = "chunked" in request.headers.get("Transfer-Encoding", "")
        if is_chunked:
            connection.putheader("Transfer-Encoding", "chunked")
        has_body = is_chunked or bool(request.content_length)
        body = get_input_stream(request.environ) if has_body else None
        connection.endheaders(body, encode_chunked=is_chunked)  # a stream is sent piece by piece
        return connection.getresponse()


def _pieces(answer: HTTPResponse) -> Iterator[bytes]:
    """The body as it comes, not as a whole."""
    while piece := answer.read1(PIECE):
        yield piece
