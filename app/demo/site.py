"""The page, its files, what it is told, and what people do at it. Everything else is the real server's."""

import json
import logging
import queue
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

from werkzeug.security import safe_join
from werkzeug.utils import send_file
from werkzeug.wrappers import Request, Response

from app.demo import reading
from app.demo.hub import Event, Hub
from app.demo.loopback import Wsgi
from app.demo.office import PEOPLE
from app.demo.refusals import Refused

logger = logging.getLogger(__name__)

FOLDER = Path(__file__).parent
BEAT_SECONDS = 15
LARGEST_BODY = 256 * 1024
# Nothing from other hosts, no scripts or styles within the page, in nobody's frame (w3.org/TR/CSP3)
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
    "media-src 'self' blob:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
HEADERS = {
    "Content-Security-Policy": POLICY,
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cache-Control": "no-store",
}
STUMBLED = "The playground stumbled over that. Its terminal says why; “Start over” begins anew."
FOREIGN = "Open the playground by its own address, {}: other sites can't use it."

Act = Callable[..., dict[str, Any] | None]
Acts = dict[str, tuple[dict[str, Any], Act]]
"""What can be done at the page: by name the fields that it needs (their types, or what counts where they are left
out), and what carries it out."""


class Site:
    """A WSGI application."""

    def __init__(self, url: str, hub: Hub, opening: Callable[[], list[Event]], acts: Acts, rest: Wsgi) -> None:
        host, _, port = url.removeprefix("http://").rpartition(":")
        self._url = url
        self._hosts = {f"{each}:{port}" for each in (host, "localhost")}
        self._hub = hub
        self._opening = opening
        self._acts = acts
        self._rest = rest

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        path = environ["PATH_INFO"]
        if path != "/" and not path.startswith("/playground/"):
            return self._rest(environ, start_response)
        try:
            answer = self._answer(Request(environ), path)
        except Refused as refused:
            answer = _json({"ok": False, "say": str(refused)}, refused.status)
        except Exception:  # a fault of ours: the page says so, and the terminal why
            logger.exception("The playground stumbled over %s.", path)
            answer = _json({"ok": False, "say": STUMBLED}, 500)
        answer.headers.update(HEADERS)
        return answer(environ, start_response)

    def _answer(self, request: Request, path: str) -> Response:
        origin = request.headers.get("Origin")
        is_ours = request.host in self._hosts and origin in (None, f"http://{request.host}")
        if not is_ours:
            raise Refused(FOREIGN.format(self._url), 403)
        name = path.removeprefix("/playground/")
        if request.method == "POST":
            return self._act(request, name)
        if request.method not in ("GET", "HEAD"):
            raise Refused("That can't be done here.", 405)
        if path == "/":
            return _file(request, FOLDER / "page.html")
        if name == "events" and request.method == "GET":
            return Response(self._events(), mimetype="text/event-stream")
        if document := reading.page(name):
            return Response(document, mimetype="text/html")
        if name.startswith("static/") and (file := safe_join(str(FOLDER / "static"), name.removeprefix("static/"))):
            return _file(request, Path(file))
        raise Refused("There is no such page.", 404)

    def _events(self) -> Iterator[bytes]:
        """Everything as it is, then each change, until the page is closed."""
        with self._hub.listen(self._opening) as page:
            while True:
                try:
                    yield f"data: {json.dumps(page.get(timeout=BEAT_SECONDS))}\n\n".encode()
                except queue.Empty:
                    yield b": nothing new\n\n"

    def _act(self, request: Request, name: str) -> Response:
        if request.headers.get("X-Playground") != "1":
            raise Refused(FOREIGN.format(self._url), 403)
        if name not in self._acts:
            raise Refused("The playground knows no such thing.", 404)
        needed, act = self._acts[name]
        return _json({"ok": True, **(act(**_fields(request, needed)) or {})})


def _fields(request: Request, needed: dict[str, Any]) -> dict[str, Any]:
    """What was sent, each of the right type; what has a default may be left out."""
    if (request.content_length or 0) > LARGEST_BODY:
        raise Refused("That is too much at once.", 413)
    try:
        sent = json.loads(request.get_data() or b"{}", parse_constant=_no_number)
    except (ValueError, RecursionError, OSError):  # OSError: what came is no request at all
        raise Refused("That is no JSON.", 400) from None
    found = {}
    for name, kind in needed.items():
        value = sent.get(name, None if isinstance(kind, type) else kind) if isinstance(sent, dict) else None
        wanted = kind if isinstance(kind, type) else (int, float) if isinstance(kind, int | float) else type(kind)
        if not isinstance(value, wanted):
            raise Refused(f"“{name}” is missing, or is not what it should be.", 400)
        found[name] = value
    if "user" in found and found["user"] not in PEOPLE:
        raise Refused("Nobody here is called so.", 404)
    return found


def _no_number(name: str) -> None:
    raise ValueError(f"{name} is no JSON")


def _file(request: Request, path: Path) -> Response:
    if not path.is_file():
        raise Refused("There is no such page.", 404)
    return send_file(path, request.environ, conditional=False)


def _json(value: dict[str, Any], status: int = 200) -> Response:
    return Response(json.dumps(value), status, mimetype="application/json")
