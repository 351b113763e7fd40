"""Twilio's webhooks: each is handed to a use case and answered with TwiML, whatever breaks."""

import logging
from collections.abc import Callable
from datetime import datetime
from typing import TypeVar

from werkzeug.exceptions import BadRequest

from app.domain.doors import Door
from app.domain.errors import StoreUnavailable
from app.domain.office import Office
from app.domain.visits import VisitState
from app.forms import Form, first
from app.usecases.faults import Faults
from app.usecases.holding import Holding
from app.usecases.telephones import Telephones
from app.usecases.visits import Visits
from app.voice import twiml
from app.voice.answers import Answering
from app.voice.callers import caller_of

logger = logging.getLogger(__name__)

T = TypeVar("T")

OVER = frozenset({"completed", "busy", "failed", "no-answer", "canceled"})  # CallStatus of a call that has ended
LONGEST_CALL_SID = 64


class Webhooks:
    """One method for each webhook: the form of a verified request goes in, TwiML comes out."""

    def __init__(
        self,
        office: Office,
        visits: Visits,
        holding: Holding,
        telephones: Telephones,
        faults: Faults,
        public_url: str,
    ) -> None:
        self._office = office
        self._visits = visits
        self._holding = holding
        self._telephones = telephones
        self._faults = faults
        self._answers = Answering(public_url)

    def ring(self, form: Form, now: datetime) -> str:
        """The intercom calls."""
        call, caller = _call_sid(form, "CallSid"), caller_of(first(form, "From"))
        door = self._office.door_called(first(form, "To"), caller)
        if door is None:
            return twiml.REJECT
        try:
            return self._answers.ring(door, self._visits.ring(door, call, caller, now), now)
        except Exception as error:  # a human must be reached, whatever broke
            self._fault(error)
            if not door.accepts(caller):
                return twiml.REJECT
            self._visits.remember(door, call, caller, now)
            return self._answers.forwarded(door, now, now)

    def held(self, door: Door, form: Form, now: datetime) -> str:
        """The visitor is being held: some seconds are over, a key was pressed, or somebody moved the call here."""
        call, caller = _call_sid(form, "CallSid"), caller_of(first(form, "From"))
        if first(form, "CallStatus") in OVER:
            self._try(lambda: self._visits.ended(door, call, now))
            return twiml.HANG_UP
        try:
            polled = self._holding.poll(door, call, caller, first(form, "Digits"), now)
            return self._answers.held(door, polled.visit, now, polled.sentence)
        except Exception as error:
            self._fault(error)
            return self._answers.forwarded(door, now - door.hold, now)

    def whisper(self, door: Door, form: Form, now: datetime) -> str:
        """A telephone has been picked up; the webhook tells of its own leg of the call."""
        call, telephone = _call_sid(form, "ParentCallSid"), caller_of(first(form, "To"))
        found = self._try(lambda: self._telephones.picked_up(door, call, telephone, now))
        if found is None or found[0] is None:  # nothing is known of the call: it may be answered, nobody may be let in
            return self._answers.whisper(door, "whisper_talk")
        visit, may_release = found
        if visit is None or not visit.is_waiting:
            return twiml.HANG_UP
        return self._answers.whisper(door, "whisper" if may_release else "whisper_lockdown")

    def accepted(self, door: Door, form: Form, now: datetime) -> str:
        """Somebody at a telephone pressed a key, or nobody did."""
        call, telephone, key = _call_sid(form, "ParentCallSid"), caller_of(first(form, "To")), first(form, "Digits")
        if not key:
            return twiml.HANG_UP
        visit = self._try(lambda: self._telephones.pressed(door, call, telephone, key, now))
        if visit is None:
            return twiml.NOTHING  # connects: a human is reached, whatever is known of the call
        if visit.is_waiting:  # some other key
            return self.whisper(door, form, now)
        is_theirs = visit.state is VisitState.ANSWERED and visit.by == telephone
        return twiml.NOTHING if is_theirs else twiml.HANG_UP

    def forwarded(self, door: Door, form: Form, now: datetime) -> str:
        """The telephones are done with: somebody talked, somebody let the visitor in, or nobody came."""
        call, dial_status = _call_sid(form, "CallSid"), first(form, "DialCallStatus")
        hung_up = first(form, "CallStatus") in OVER
        talked = {"true": True, "false": False}.get(first(form, "DialBridged"))
        visit = self._try(lambda: self._telephones.done(door, call, dial_status, hung_up, now, talked))
        if hung_up:
            return twiml.HANG_UP
        if visit is None:
            answered = talked is not False and dial_status in ("completed", "answered")
            return twiml.HANG_UP if answered else twiml.told(door, "nobody")
        return self._answers.held(door, visit, now)

    def status(self, form: Form, now: datetime) -> str:
        """The intercom's call has changed; all that matters is its end."""
        call = _call_sid(form, "CallSid")
        door = self._office.door_called(first(form, "To"), caller_of(first(form, "From")))
        if door and first(form, "CallStatus") in OVER:
            self._try(lambda: self._visits.ended(door, call, now))
        return twiml.NOTHING

    def _try(self, act: Callable[[], T]) -> T | None:
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
