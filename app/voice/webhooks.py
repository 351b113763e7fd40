"""Twilio's webhooks: each is handed to a use case and answered with TwiML, whatever breaks."""

import logging
from collections.abc import Callable
from datetime import datetime

from werkzeug.exceptions import BadRequest

from app.domain.decisions import DenyReason
from app.domain.doors import Door
from app.domain.errors import StoreUnavailable
from app.domain.office import Office
from app.domain.visits import Visit, VisitState
from app.forms import Form, first
from app.usecases.faults import Faults
from app.usecases.visits import Visits
from app.voice import twiml
from app.voice.callers import caller_of

logger = logging.getLogger(__name__)

OVER = frozenset({"completed", "busy", "failed", "no-answer", "canceled"})  # CallStatus of a call that has ended
TALKED = frozenset({"completed", "answered"})  # DialCallStatus where somebody picked up
LONGEST_CALL_SID = 64


class Webhooks:
    """One method for each webhook: the form of a verified request goes in, TwiML comes out."""

    def __init__(self, office: Office, visits: Visits, faults: Faults, public_url: str) -> None:
        self._office = office
        self._visits = visits
        self._faults = faults
        self._public_url = public_url

    def ring(self, form: Form, now: datetime) -> str:
        """The intercom calls."""
        call, caller = _call_sid(form, "CallSid"), caller_of(first(form, "From"))
        door = self._office.door_called(first(form, "To"), caller)
        if door is None:
            return twiml.REJECT
        try:
            return self._answer(door, self._visits.ring(door, call, caller, now))
        except Exception as error:  # a human must be reached, whatever broke
            self._fault(error)
            if not door.accepts(caller):
                return twiml.REJECT
            self._visits.remember(door, call, caller, now)
            return twiml.forwarded(door, self._public_url)

    def status(self, form: Form, now: datetime) -> str:
        """The intercom's call has changed; all that matters is its end."""
        call = _call_sid(form, "CallSid")
        door = self._office.door_called(first(form, "To"), caller_of(first(form, "From")))
        if door and first(form, "CallStatus") in OVER:
            self._try(lambda: self._visits.ended(door, call, now))
        return twiml.NOTHING

    def answered(self, door: Door, form: Form, now: datetime) -> str:
        """A telephone has picked up; the webhook tells of its own leg of the call."""
        call, telephone = _call_sid(form, "ParentCallSid"), caller_of(first(form, "To"))
        self._try(lambda: self._visits.answered(door, call, telephone, now))
        return twiml.NOTHING

    def forwarded(self, door: Door, form: Form, now: datetime) -> str:
        """The telephones are done with: somebody talked, or nobody came."""
        call, dial_status = _call_sid(form, "CallSid"), first(form, "DialCallStatus")
        hung_up = first(form, "CallStatus") in OVER
        visit = self._try(lambda: self._visits.forwarded(door, call, dial_status, hung_up, now))
        reached = visit is not None and visit.state is VisitState.ANSWERED
        if dial_status in TALKED or hung_up or reached or (visit and visit.is_over):
            return twiml.HANG_UP
        return twiml.told(door, "nobody")

    def _answer(self, door: Door, visit: Visit) -> str:
        if visit.reason == DenyReason.NOT_AN_INTERCOM:
            return twiml.REJECT
        if visit.is_over:
            return twiml.HANG_UP
        match visit.state:
            case VisitState.RELEASED:
                return twiml.released(door, door.tone, self._public_url)
            case VisitState.DENIED:
                return twiml.told(door, "closed")
        return twiml.forwarded(door, self._public_url)

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


def _call_sid(form: Form, name: str) -> str:
    """A call's id; a request without one is none of Twilio's."""
    call = first(form, name)
    if not (call.isascii() and call.isalnum() and len(call) <= LONGEST_CALL_SID):
        raise BadRequest
    return call
