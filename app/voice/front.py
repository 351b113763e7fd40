"""`/voice/…`: verifies what Twilio sends, routes it, answers it.

A WSGI application in front of Flask: its routing and contexts would cost a ring a fifth of its time (`make bench`),
and these few paths need none of them. Everything else goes on to Flask.
"""

import logging
from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Any

from werkzeug.exceptions import BadRequest, Forbidden, HTTPException, MethodNotAllowed, NotFound

from app.bodies import read_body
from app.clock import utcnow
from app.domain.doors import Door
from app.domain.office import Office
from app.forms import Form, first, parse_form
from app.usecases.forgeries import Forgeries
from app.usecases.verifications import Verifications
from app.voice.signature import Signature
from app.voice.tones import PATH as TONES
from app.voice.tones import Tones
from app.voice.twiml import NOTHING
from app.voice.webhooks import Webhooks

logger = logging.getLogger(__name__)

PREFIX = "/voice/"
CHECK = "check"  # asked by ourselves, through PUBLIC_URL: `python -m app doctor`

Wsgi = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]
OfCall = Callable[[Form, datetime], str]
OfDoor = Callable[[Door, Form, datetime], str]


class Front:
    """Answers with TwiML and 200; with 400, 403, 404, 405, 411 or 413 what Twilio did not send so."""

    def __init__(
        self,
        webhooks: Webhooks,
        office: Office,
        signature: Signature,
        forgeries: Forgeries,
        verifications: Verifications,
        account_sid: str,
        rest: Wsgi,
    ) -> None:
        self._of_call: dict[str, OfCall] = {"ring": webhooks.ring, "status": webhooks.status, CHECK: _nothing}
        self._tones = Tones(office.doors.values())
        self._of_door: dict[str, OfDoor] = {
            "held": webhooks.held,
            "whisper": webhooks.whisper,
            "accepted": webhooks.accepted,
            "forwarded": webhooks.forwarded,
        }
        self._office = office
        self._signature = signature
        self._forgeries = forgeries
        self._verifications = verifications
        self._numbers = frozenset(door.number for door in office.doors.values())
        self._account_sid = account_sid
        self._rest = rest

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        path: str = environ.get("PATH_INFO", "")
        if not path.startswith(PREFIX):
            return self._rest(environ, start_response)
        try:
            if path.startswith(TONES):
                return self._tones(environ, start_response)
            document = self._document(environ, path)
        except HTTPException as refusal:
            return refusal(environ, start_response)
        except Exception:  # before the call was known to be one: Twilio then turns to its fallback
            logger.exception("A request to %s met a bug", PREFIX)
            return Forbidden()(environ, start_response)
        body = document.encode()
        headers = [("Content-Type", "text/xml; charset=utf-8"), ("Content-Length", str(len(body)))]
        start_response("200 OK", headers)
        return [body]

    def _document(self, environ: dict[str, Any], path: str) -> str:
        verb, slash, door_id = path[len(PREFIX) :].partition("/")
        door = self._office.doors.get(door_id)
        if not (verb in self._of_door and door) and not (verb in self._of_call and not slash):
            raise NotFound
        if environ["REQUEST_METHOD"] != "POST":
            raise MethodNotAllowed(["POST"])
        now = utcnow()
        form = self._verified(environ, path, now)
        return self._of_door[verb](door, form, now) if door else self._of_call[verb](form, now)

    def _verified(self, environ: dict[str, Any], path: str, now: datetime) -> Form:
        """The form of a request that Twilio signed for our account."""
        body = read_body(environ)
        query = environ.get("QUERY_STRING")
        try:
            form = parse_form(body)
        except ValueError:
            self._forgeries.count("voice")
            raise BadRequest from None
        signed = f"{path}?{query}" if query else path
        given = environ.get("HTTP_X_TWILIO_SIGNATURE", "")
        is_ours, is_valid = (
            first(form, "AccountSid") == self._account_sid,
            self._signature.is_valid(signed, form, given),
        )
        if is_ours and is_valid:
            if path != PREFIX + CHECK:  # signed by ourselves: it doesn't show that Twilio's own signatures verify
                self._verifications.passed(now)
            return form
        self._forgeries.count("voice")
        if is_ours and first(form, "To") in self._numbers:
            self._verifications.failed(now)
        raise Forbidden


def _nothing(_: Form, __: datetime) -> str:
    """The answer to a check: touches no door, and is no ring."""
    return NOTHING
