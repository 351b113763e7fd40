"""Twilio's webhooks. Each is verified, handed to a use case, and answered with TwiML, whatever breaks."""

import logging
from collections.abc import Callable
from urllib.parse import parse_qs

from flask import Blueprint, Response, abort, request

from app.clock import utcnow
from app.domain.doors import Door
from app.domain.errors import StoreUnavailable
from app.domain.office import Office
from app.domain.visits import Visit, VisitState
from app.usecases.faults import Faults
from app.usecases.forgeries import Forgeries
from app.usecases.visits import Visits
from app.voice import twiml
from app.voice.callers import caller_of
from app.voice.signature import Signature

logger = logging.getLogger(__name__)

MOST_FIELDS = 200
OVER = frozenset({"completed", "busy", "failed", "no-answer", "canceled"})  # CallStatus of a call that has ended

Form = dict[str, list[str]]


class Webhooks:
    """One method for each webhook. `_verified` guards them all; `_twiml` answers for them."""

    def __init__(
        self,
        office: Office,
        visits: Visits,
        faults: Faults,
        forgeries: Forgeries,
        signature: Signature,
        *,
        account_sid: str,
        public_url: str,
    ) -> None:
        self._office = office
        self._visits = visits
        self._faults = faults
        self._forgeries = forgeries
        self._signature = signature
        self._account_sid = account_sid
        self._public_url = public_url

    def blueprint(self) -> Blueprint:
        """The routes under /voice."""
        voice = Blueprint("voice", __name__, url_prefix="/voice")
        voice.post("/ring")(self.ring)
        voice.post("/status")(self.status)
        voice.post("/forwarded/<door_id>")(self.forwarded)
        voice.post("/answered/<door_id>")(self.answered)
        return voice

    def ring(self) -> Response:
        """The intercom calls."""
        form, now = self._verified(), utcnow()
        call, caller = _call_sid(form), caller_of(_first(form, "From"))
        door = self._office.door_called(_first(form, "To"), caller)
        if door is None:
            return _twiml(twiml.REJECT)
        try:
            return _twiml(self._answer(door, self._visits.ring(door, call, caller, now)))
        except Exception as error:
            self._fault(error)
            if not door.accepts(caller):
                return _twiml(twiml.REJECT)
            self._visits.remember(door, call, caller, now)
            return _twiml(twiml.forwarded(door, self._public_url))

    def status(self) -> Response:
        """The intercom's call has changed; all that matters is its end."""
        form, now = self._verified(), utcnow()
        door = self._office.door_called(_first(form, "To"), caller_of(_first(form, "From")))
        if door and _first(form, "CallStatus") in OVER:
            self._try(lambda: self._visits.ended(door, _call_sid(form), now))
        return _twiml(twiml.NOTHING)

    def answered(self, door_id: str) -> Response:
        """A telephone has picked up; the webhook tells of its own leg of the call."""
        form, now = self._verified(), utcnow()
        door, telephone = self._door(door_id), _first(form, "To")
        self._try(lambda: self._visits.answered(door, _first(form, "ParentCallSid"), telephone, now))
        return _twiml(twiml.NOTHING)

    def forwarded(self, door_id: str) -> Response:
        """The telephones are done with: somebody talked, or nobody came."""
        form, now = self._verified(), utcnow()
        door, dial_status = self._door(door_id), _first(form, "DialCallStatus")
        hung_up = _first(form, "CallStatus") in OVER
        visit = self._try(lambda: self._visits.forwarded(door, _call_sid(form), dial_status, hung_up, now))
        if dial_status in ("completed", "answered") or (
            visit and (visit.is_over or visit.state is VisitState.ANSWERED)
        ):
            return _twiml(twiml.HANG_UP)
        return _twiml(twiml.told(door, "nobody"))

    def _answer(self, door: Door, visit: Visit) -> str:
        if visit.reason == "not_an_intercom":
            return twiml.REJECT
        if visit.is_over:
            return twiml.HANG_UP
        match visit.state:
            case VisitState.RELEASED:
                return twiml.released(door)
            case VisitState.DENIED:
                return twiml.told(door, "closed")
        return twiml.forwarded(door, self._public_url)

    def _verified(self) -> Form:
        """The form of a request that Twilio signed for our account; otherwise it ends here with 400, 403 or 413."""
        body = request.get_data(cache=False)
        try:
            form = parse_qs(body.decode(), keep_blank_values=True, max_num_fields=MOST_FIELDS, errors="strict")
        except ValueError:
            self._forgeries.count("voice")
            abort(400)
        path = request.path + ("?" + request.query_string.decode("latin-1") if request.query_string else "")
        signed = self._signature.is_valid(path, form, request.headers.get("X-Twilio-Signature", ""))
        if not signed or _first(form, "AccountSid") != self._account_sid:
            self._forgeries.count("voice")
            abort(403)
        return form

    def _door(self, door_id: str) -> Door:
        return self._office.doors.get(door_id) or abort(404)

    def _try(self, act: Callable[[], Visit | None]) -> Visit | None:
        """Do what must not keep us from answering."""
        try:
            return act()
        except Exception as error:
            self._fault(error)
            return None

    def _fault(self, error: Exception) -> None:
        if isinstance(error, StoreUnavailable):
            logger.error("Store unavailable; calls go to the telephones: %s", error.detail)
            self._faults.store_failed()
        else:
            logger.exception("A call met a bug; it goes to the telephones")
            self._faults.bug_met()


def _first(form: Form, name: str) -> str:
    return form.get(name, [""])[0]


def _call_sid(form: Form) -> str:
    """The call's id; a request without one is none of Twilio's."""
    call = _first(form, "CallSid")
    if not (call.isascii() and call.isalnum() and len(call) <= 64):
        abort(400)
    return call


def _twiml(document: str) -> Response:
    return Response(document, content_type="text/xml; charset=utf-8")
