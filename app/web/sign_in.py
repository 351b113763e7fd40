"""Signing in by a link from Slack, and signing out.

Opening a link uses up nothing, because previews and scanners open links too: the button on its page does. Addresses
are relative or made from PUBLIC_URL, never from Host, and none that we answer with has a token in it.
"""

import re
from http import HTTPStatus

from flask import Blueprint, Response, render_template, request

from app.clock import utcnow
from app.domain.outcomes import RefusalReason, Refused
from app.domain.sessions import ABSOLUTE, LINK_LASTS
from app.usecases.forgeries import Forgeries
from app.usecases.names import Names
from app.usecases.sessions import Sessions, SignedIn
from app.web.access import CHECK_FAILED, LONGEST_COOKIE, NO_ADMIN, SESSION, Access, field, session_token
from app.web.messages import HOW_TO_SIGN_IN, page

OPENED = "__Host-sign-in"
TOKEN = re.compile(r"[A-Za-z0-9_-]{43}", re.ASCII)
AGAIN = "Type /frontdoor log in Slack again, and open the new link."
UNKNOWN = (HTTPStatus.FORBIDDEN, "This link is not known here. " + AGAIN)
REFUSED = {
    RefusalReason.LINK_USED: (HTTPStatus.GONE, "This link has been used: each works once. " + AGAIN),
    RefusalReason.LINK_OVER: (HTTPStatus.GONE, "This link is older than five minutes. " + AGAIN),
    RefusalReason.OTHER_BROWSER: (
        HTTPStatus.FORBIDDEN,
        "Open the link from Slack in this browser, then press the button. Cookies must be allowed.",
    ),
    RefusalReason.OTHER_SITE: (
        HTTPStatus.FORBIDDEN,
        "That came from another site. Open the link from Slack, then press the button there.",
    ),
    RefusalReason.MEMBERSHIP_UNKNOWN: (HTTPStatus.SERVICE_UNAVAILABLE, CHECK_FAILED),
}
NOT_ALLOWED = (HTTPStatus.FORBIDDEN, NO_ADMIN)


class SignIn:
    """`/log/sign-in` and `/log/sign-out`."""

    def __init__(self, sessions: Sessions, access: Access, names: Names, forgeries: Forgeries) -> None:
        self._sessions = sessions
        self._access = access
        self._names = names
        self._forgeries = forgeries

    def add_to(self, pages: Blueprint) -> None:
        """Their routes."""
        pages.get("/log/sign-in", endpoint="sign_in")(self.opened)
        pages.post("/log/sign-in")(self.pressed)
        pages.post("/log/sign-out")(self.sign_out)

    def opened(self) -> Response:
        """Show who will be signed in. Writes nothing, and gives the browser what it needs to go on."""
        token, now = request.args.get("token", ""), utcnow()
        if not token:
            return page(request, HTTPStatus.UNAUTHORIZED, HOW_TO_SIGN_IN)
        found = self._sessions.look(token, now) if TOKEN.fullmatch(token) else None
        if not isinstance(found, str):
            return self._refused(found)
        name = self._names.names([found], now).get(found, found)
        answer = Response(render_template("sign_in.html", name=name, token=token))
        _set_cookie(answer, OPENED, self._sessions.proof(token), "Strict", int(LINK_LASTS.total_seconds()))
        return answer

    def pressed(self) -> Response:
        """Sign in: the first press wins."""
        token, now = field(request, "token"), utcnow()
        if not TOKEN.fullmatch(token):
            return self._refused(None)
        found = self._sessions.sign_in(token, now, self._mistrusted(token), session_token(request))
        if not isinstance(found, SignedIn):
            return self._refused(found)
        answer = Response(status=HTTPStatus.SEE_OTHER, headers={"Location": f"{request.script_root}/log"})
        _set_cookie(answer, SESSION, found.token, "Lax", int(ABSOLUTE.total_seconds()))
        _set_cookie(answer, OPENED, "", "Strict", 0)
        return answer

    def sign_out(self) -> Response:
        """End this browser's session."""
        now = utcnow()
        admin = self._access.admin(request, now)
        self._access.check_form(request, admin)
        self._sessions.sign_out(session_token(request), admin, now)
        answer = page(
            request, HTTPStatus.OK, HOW_TO_SIGN_IN.replace("Type", "To come back, type"), title="You are signed out"
        )
        _set_cookie(answer, SESSION, "", "Lax", 0)
        return answer

    def _mistrusted(self, token: str) -> RefusalReason | None:
        """Why this press is not taken for that of whoever opened the link."""
        if not self._access.is_same_origin(request):
            return RefusalReason.OTHER_SITE
        proof = request.cookies.get(OPENED, "")
        if len(proof) > LONGEST_COOKIE or not self._sessions.proofs.has_opened(proof, token):
            return RefusalReason.OTHER_BROWSER
        return None

    def _refused(self, refused: Refused | None) -> Response:
        """What to do instead. Links that we never made are only counted."""
        if refused is None:
            self._forgeries.count("web")
            return page(request, *UNKNOWN)
        return page(request, *REFUSED.get(refused.reason, NOT_ALLOWED))


def _set_cookie(answer: Response, name: str, value: str, same_site: str, seconds: int) -> None:
    """`__Host-`: browsers take it only over https, for this host alone, and for all paths."""
    answer.set_cookie(name, value, max_age=seconds, path="/", secure=True, httponly=True, samesite=same_site)
