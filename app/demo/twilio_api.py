"""The pretended Twilio REST API: an account with one number, and calls that can be moved."""

import json
import re
from base64 import b64encode
from collections.abc import Callable
from typing import Any

from werkzeug.wrappers import Request, Response

FALLBACK = "https://handler.twilio.com/twiml/EH00000000000000000000000000000000"
PARAMETERS = {  # as they are written, and as they are read
    "VoiceUrl": "voice_url",
    "VoiceMethod": "voice_method",
    "VoiceFallbackUrl": "voice_fallback_url",
    "StatusCallback": "status_callback",
    "StatusCallbackMethod": "status_callback_method",
}
PATH = re.compile(r"/2010-04-01/Accounts/(?P<account>AC\w+?)(?:\.json|/(?P<resource>[\w/]+)\.json)", re.ASCII)

Move = Callable[[str, str], str]
"""Moves a call to an address; returns where the call stands ("" where there is none such)."""


class TwilioApi:
    """Answers what is asked of `/2010-04-01/Accounts/…` (twilio.com/docs/usage/api)."""

    def __init__(self, account: str, auth_token: str, number: str, public_url: str, move: Move) -> None:
        self._account = account
        self._credentials = "Basic " + b64encode(f"{account}:{auth_token}".encode()).decode()
        self._move = move
        self._number: dict[str, Any] = {
            "sid": "PN" + "0" * 32,
            "phone_number": number,
            "capabilities": {"voice": True},
            "voice_url": f"{public_url}/voice/ring",
            "voice_method": "POST",
            "voice_fallback_url": FALLBACK,
            "status_callback": f"{public_url}/voice/status",
            "status_callback_method": "POST",
        }

    def answer(self, request: Request) -> Response:
        """Status and JSON."""
        status, reply = self._answer(request)
        return Response(json.dumps(reply), status, mimetype="application/json")

    def _answer(self, request: Request) -> tuple[int, dict[str, Any]]:
        found = PATH.fullmatch(request.path)
        if request.headers.get("Authorization") != self._credentials:
            return _problem(401, 20003, "Authenticate")
        if found is None or found["account"] != self._account:
            return _problem(404, 20404, f"The requested resource {request.path} was not found")
        match (found["resource"] or "").split("/"):
            case [""]:
                return 200, {"sid": self._account, "status": "active", "type": "Full"}
            case ["IncomingPhoneNumbers"]:
                is_ours = request.args.get("PhoneNumber") == self._number["phone_number"]
                return 200, {"incoming_phone_numbers": [self._number] if is_ours else []}
            case ["IncomingPhoneNumbers", sid] if sid == self._number["sid"]:
                self._number |= {name: request.form[each] for each, name in PARAMETERS.items() if each in request.form}
                return 200, dict(self._number)
            case ["Calls", sid]:
                return self._moved(sid, request.form.get("Url", ""))
        return _problem(404, 20404, f"The requested resource {request.path} was not found")

    def _moved(self, sid: str, url: str) -> tuple[int, dict[str, Any]]:
        """twilio.com/docs/voice/tutorials/how-to-modify-calls-in-progress"""
        status = self._move(sid, url)
        if not status:
            return _problem(404, 20404, f"The requested resource /Calls/{sid}.json was not found")
        if status != "in-progress":
            return _problem(400, 21220, "Call is not in-progress. Cannot redirect.")
        return 200, {"sid": sid, "account_sid": self._account, "status": status}


def _problem(status: int, code: int, message: str) -> tuple[int, dict[str, Any]]:
    """An error as Twilio words it."""
    more = f"https://www.twilio.com/docs/errors/{code}"
    return status, {"code": code, "message": message, "more_info": more, "status": status}
