"""What every page has in common: its frame, its files, and what a browser may do with it."""

from functools import cache
from hashlib import sha256
from pathlib import Path

from flask import Blueprint, Response, send_from_directory, url_for
from werkzeug.exceptions import NotFound

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
KEPT_SECONDS = 31_536_000  # a file that changes gets another address


def blueprint() -> Blueprint:
    """The frame of the pages. Routes are added by who has something to show."""
    pages = Blueprint("pages", __name__, template_folder="templates")

    @pages.get("/log/static/<name>")
    def static(name: str) -> Response:
        if not (STATIC / name).is_file():
            raise NotFound
        found = send_from_directory(STATIC, name)
        found.headers["Cache-Control"] = f"public, max-age={KEPT_SECONDS}, immutable"
        return found

    @pages.after_request
    def protect(response: Response) -> Response:
        for name, value in HEADERS.items():
            response.headers.setdefault(name, value)
        return response

    @pages.app_template_global()
    def file(name: str) -> str:
        """The address of a static file, which changes with what is in it."""
        return url_for("pages.static", name=name, v=_version(name))

    return pages


@cache
def _version(name: str) -> str:
    return sha256((STATIC / name).read_bytes()).hexdigest()[:12]
