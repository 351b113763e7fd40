"""Small servers on loopback, and questions to the real one."""

import socket
import threading
from collections.abc import Callable, Iterable, Mapping
from http.client import HTTPConnection, HTTPException
from typing import Any

from werkzeug.serving import BaseWSGIServer, WSGIRequestHandler, make_server

Wsgi = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]


class _Quiet(WSGIRequestHandler):
    def log_request(self, *_: object) -> None:
        """The page shows what happens."""


def listener(*ports: int) -> socket.socket:
    """A socket at the first of these ports that is free; 0 is any."""
    for port in ports:
        found = socket.socket()
        found.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            found.bind(("127.0.0.1", port))
            found.listen(64)
        except OSError:
            found.close()
        else:
            return found
    raise SystemExit("No port is free.")


def serve(sock: socket.socket, app: Wsgi) -> BaseWSGIServer:
    """Answer there, each request in a thread of its own, until the process ends."""
    port = sock.getsockname()[1]
    server = make_server("127.0.0.1", port, app, threaded=True, request_handler=_Quiet, fd=sock.fileno())
    sock.close()  # the server has a copy
    threading.Thread(target=server.serve_forever, name=f"port-{port}", daemon=True).start()
    return server


class NoAnswer(Exception):
    """Nobody answers there."""


def post(port: int, path: str, body: bytes, headers: Mapping[str, str], timeout: float) -> tuple[int, bytes]:
    """Status and body of the answer to a POST. Raises TimeoutError and NoAnswer."""
    connection = HTTPConnection("127.0.0.1", port, timeout=timeout)
    try:
        connection.request("POST", path, body, dict(headers))
        answer = connection.getresponse()
        return answer.status, answer.read()
    except TimeoutError:
        raise
    except (OSError, HTTPException) as error:
        raise NoAnswer from error
    finally:
        connection.close()
