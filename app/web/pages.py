"""What every page has in common: its frame, its files, and what a browser may do with it."""

import logging
from collections.abc import Callable, Iterable
from functools import cache
from hashlib import sha256
from http import HTTPStatus
from io import BytesIO
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from flask import Blueprint, Response, request, send_from_directory, url_for
from werkzeug.exceptions import HTTPException, MethodNotAllowed, NotFound

from app.bodies import read_body
from app.domain.errors import StoreUnavailable
from app.domain.sentences import SOMETHING_WRONG
from app.web.messages import Said, page

logger = logging.getLogger(__name__)

Wsgi = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]

FOLDER = Path(__file__).parent
STATIC = FOLDER / "static"
# Nothing from other hosts, no scripts or styles within a page, in nobody's frame (w3.org/TR/CSP3)
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'"
)
HEADERS = {
    "Content-Security-Policy": POLICY,
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=()",
    "Strict-Transport-Security": "max-age=31536000",
    "Cache-Control": "no-store",
}
LARGEST_FORM = 16 * 1024
KEPT_SECONDS = 31_536_000  # a file that changes gets another address


def is_page(path: str) -> bool:
    """Whether an address is one of the pages' or of what belongs to them."""
    return path == "/log" or path.startswith(("/log/", "/log."))


def at(public_url: str, rest: Wsgi) -> Wsgi:
    """Let addresses begin with the path that PUBLIC_URL has, which a proxy took off the request's."""
    prefix = urlsplit(public_url).path

    def prefixed(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        return rest({**environ, "SCRIPT_NAME": prefix}, start_response)

    return prefixed


def blueprint() -> Blueprint:
    """The frame of the pages. Routes are added by who has something to show."""
    pages = Blueprint("pages", __name__, template_folder="templates")

    @pages.get("/log/static/<name>")
    def static(name: str) -> Response:
        if name not in {each.name for each in STATIC.iterdir()}:
            raise NotFound
        found = send_from_directory(STATIC, name)
        found.headers["Cache-Control"] = f"public, max-age={KEPT_SECONDS}, immutable"
        return found

    @pages.before_request
    def read() -> None:
        """A form is small: one that is not is refused, and read to its end all the same."""
        if request.method == "POST":
            request.environ["wsgi.input"] = BytesIO(read_body(request.environ, LARGEST_FORM))

    @pages.after_app_request
    def protect(response: Response) -> Response:
        if is_page(request.path):
            for name, value in HEADERS.items():
                response.headers.setdefault(name, value)
        return response

    @pages.app_template_global()
    def file(name: str) -> str:
        """The address of a static file, which changes with what is in it."""
        return url_for("pages.static", name=name, v=_version(name))

    _answer_errors(pages)
    return pages


def _answer_errors(pages: Blueprint) -> None:
    """Whatever goes wrong is a page that says what to do."""

    @pages.errorhandler(HTTPException)  # of a page
    @pages.app_errorhandler(HTTPException)  # of an address that is none
    def refused(error: HTTPException) -> Response | HTTPException:
        if not is_page(request.path):
            return error
        said = error if isinstance(error, Said) else Said(error.code or HTTPStatus.BAD_REQUEST)
        answer = page(request, said.status, *said.sentences, title=said.title)
        if isinstance(error, MethodNotAllowed) and error.valid_methods:
            answer.headers["Allow"] = ", ".join(sorted(error.valid_methods))
        return answer

    @pages.errorhandler(StoreUnavailable)
    def away(error: StoreUnavailable) -> Response:
        logger.error("Store unavailable: %s", error.detail)
        return page(request, HTTPStatus.SERVICE_UNAVAILABLE, str(error))

    @pages.errorhandler(Exception)
    def failed(_: Exception) -> Response:
        logger.exception("A page met a bug")
        return page(request, HTTPStatus.INTERNAL_SERVER_ERROR, SOMETHING_WRONG)


@cache
def _version(name: str) -> str:
    return sha256((STATIC / name).read_bytes()).hexdigest()[:12]
