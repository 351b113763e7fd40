"""Who looks at a page, and whether a form came from it."""

from dataclasses import replace
from datetime import datetime
from http import HTTPStatus
from urllib.parse import urlsplit

from flask import Request

from app.domain.outcomes import RefusalReason, Refused
from app.usecases.names import Names
from app.usecases.sessions import Admin, Sessions
from app.web.messages import HOW_TO_SIGN_IN, Said

SESSION = "__Host-session"
USUAL_PORTS = {"https": ":443", "http": ":80"}  # browsers leave them out
LONGEST_COOKIE = 200
CHECK_FAILED = "I couldn't check with Slack who you are. Please try again in a minute."
NO_ADMIN = "Only admins can read the log, and you aren't one any more. Ask an admin."
FORM_FAILED = "This form is out of date, or it came from another page. Go back, reload the page, and try again."


class Access:
    """Lets admins in. What is refused ends as a page that says what to do, or as plain text for a program."""

    def __init__(self, sessions: Sessions, names: Names, public_url: str) -> None:
        self._sessions = sessions
        self._names = names
        parts = urlsplit(public_url.lower())
        self._origin = f"{parts.scheme}://{parts.netloc}".removesuffix(USUAL_PORTS[parts.scheme])

    def admin(self, request: Request, now: datetime, *, counts_as_use: bool = True) -> Admin:
        """Who is signed in, and what this person may read now. Raises Said (401, 403 or 503), StoreUnavailable.

        What the page asks by itself does not count as use: otherwise an open page would never end a session.
        """
        token = session_token(request)
        found = self._sessions.admin(token, now, counts_as_use=counts_as_use) if token else None
        if found is None:
            raise Said(HTTPStatus.UNAUTHORIZED, HOW_TO_SIGN_IN)
        if isinstance(found, Refused):
            if found.reason is RefusalReason.MEMBERSHIP_UNKNOWN:
                raise Said(HTTPStatus.SERVICE_UNAVAILABLE, CHECK_FAILED)
            raise Said(HTTPStatus.FORBIDDEN, NO_ADMIN)
        names = self._names.names([found.user_id], now)
        return replace(found, name=names.get(found.user_id, found.user_id))

    def check_form(self, request: Request, admin: Admin) -> None:
        """Raise Said (403) unless a form with `form_token` was sent from one of this person's own pages."""
        token = session_token(request)
        is_own = self._sessions.proofs.is_form_token(field(request, "form_token"), token)
        if not (admin.form_token and is_own and self.is_same_origin(request)):
            raise Said(HTTPStatus.FORBIDDEN, FORM_FAILED)

    def is_same_origin(self, request: Request) -> bool:
        """Whether a page of our own sent this (www.w3.org/TR/fetch-metadata).

        A page that sends no Referer sends "null" as its Origin, so that an older browser can't show where it is.
        """
        site, origin = request.headers.get("Sec-Fetch-Site"), request.headers.get("Origin", "null").lower()
        return origin == self._origin if site is None else site == "same-origin" and origin in ("null", self._origin)


def field(request: Request, name: str) -> str:
    """A field of a form, or ""; how large a form may be is seen to before (app/web/pages.py)."""
    return request.form.get(name, "")


def session_token(request: Request) -> str:
    """The session's token in a request, or ""."""
    token = request.cookies.get(SESSION, "")
    return token if len(token) <= LONGEST_COOKIE and token.isascii() else ""
