"""A stand-in for Twilio's REST API on loopback: it moves the calls that it was told of, and fails on demand."""

import re
from base64 import b64encode
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import unquote

from app.simulated.line import LiveCall
from tests.stand_ins import Answer, Received, StandIn

_NUMBERS = re.compile(
    r"/2010-04-01/Accounts/(?P<account>AC[0-9a-f]{32})"
    r"(\.json|/IncomingPhoneNumbers(\.json\?PhoneNumber=(?P<number>%2B[0-9]+)|/(?P<sid>PN[0-9a-f]{32})\.json))"
)
_PARAMETERS = {  # of a number: as they are written, and as they are read
    "VoiceUrl": "voice_url",
    "VoiceMethod": "voice_method",
    "VoiceFallbackUrl": "voice_fallback_url",
    "VoiceFallbackMethod": "voice_fallback_method",
    "StatusCallback": "status_callback",
    "StatusCallbackMethod": "status_callback_method",
    "FriendlyName": "friendly_name",
}
_CALL = re.compile(r"/2010-04-01/Accounts/(?P<account>AC[0-9a-f]{32})/Calls/(?P<sid>CA[0-9a-f]{32})\.json")


def problem(status: int, code: int, message: str) -> Answer:
    """An error as Twilio words it."""
    more = f"https://www.twilio.com/docs/errors/{code}"
    return Answer({"code": code, "message": message, "more_info": more, "status": status}, status)


BROKEN = problem(500, 20500, "Internal Server Error")
TOO_MANY = problem(429, 20429, "Too Many Requests")
NO_CREDENTIALS = problem(401, 20003, "Authenticate")
NOT_LIVE = problem(400, 21220, "Call is not in-progress. Cannot redirect.")


@dataclass(frozen=True)
class _Fault:
    answer: Answer | None  # None: the true one, late
    delay: float = 0


class TwilioApi(StandIn):
    """`place_call(call_sid=sid, moves=api.register(sid))` is a call that can be moved here while it is in progress."""

    def __init__(self, account_sid: str, auth_token: str) -> None:
        super().__init__()
        self._account_sid = account_sid
        self._credentials = "Basic " + b64encode(f"{account_sid}:{auth_token}".encode()).decode()
        self._calls: dict[str, LiveCall] = {}
        self._faults: list[_Fault] = []
        self.account = {"sid": account_sid, "status": "active", "type": "Full", "friendly_name": "Office"}
        self.numbers: dict[str, dict[str, Any]] = {}

    def add_number(self, number: str, **changes: Any) -> dict[str, Any]:
        """A number of the account, as a new one is: its addresses are Twilio's own examples."""
        self.numbers[number] = {
            "sid": f"PN{len(self.numbers):032x}",
            "account_sid": self._account_sid,
            "phone_number": number,
            "friendly_name": number,
            "capabilities": {"voice": True, "sms": True, "mms": True, "fax": False},
            "voice_url": "https://demo.twilio.com/welcome/voice/",
            "voice_method": "POST",
            "voice_fallback_url": "",
            "voice_fallback_method": "POST",
            "voice_application_sid": "",
            "voice_receive_mode": "voice",
            "trunk_sid": None,
            "status_callback": "",
            "status_callback_method": "POST",
            "sms_url": "https://demo.twilio.com/welcome/sms/reply/",
            **changes,
        }
        return self.numbers[number]

    @property
    def changed(self) -> list[Received]:
        """The requests that were to change something."""
        return [each for each in self.received if each.method == "POST"]

    def register(self, sid: str) -> LiveCall:
        """A call to know of, in progress until `place_call` says otherwise; what it is moved to comes out."""
        return self._calls.setdefault(sid, LiveCall())

    def forget(self, sid: str) -> None:
        """The call has ended: from now on it cannot be moved."""
        self._calls[sid].status = "completed"

    def fail(self, *answers: Answer) -> None:
        """The next requests are answered so, and move nothing."""
        self._faults += [_Fault(answer) for answer in answers]

    def hang(self, seconds: float, *, acts: bool = False) -> None:
        """The next request is answered late; with `acts` the call is moved at once all the same."""
        self._faults.append(_Fault(None if acts else BROKEN, seconds))

    def stop(self) -> None:
        """From now on connections are refused."""
        self.__exit__()

    def _take(self, request: Received) -> Answer:
        with self._arrived:
            self.received.append(request)
            self._arrived.notify_all()
            fault = self._faults.pop(0) if self._faults else _Fault(None)
        return replace(fault.answer or self._answer(request), delay=fault.delay)

    def _answer(self, request: Received) -> Answer:
        if request.headers.get("Authorization") != self._credentials:
            return NO_CREDENTIALS
        found = _NUMBERS.fullmatch(request.path)
        if found and found["account"] == self._account_sid:
            return self._number(request, found["number"], found["sid"])
        asked = _CALL.fullmatch(request.path)
        call = self._calls.get(asked["sid"]) if asked and asked["account"] == self._account_sid else None
        if asked is None or call is None:
            return problem(404, 20404, f"The requested resource {request.path} was not found")
        url = request.fields.get("Url", "")
        if not re.fullmatch(r"https?://[!-~]+", url):
            return problem(400, 21205, f"Url is not a valid URL: {url}")
        if call.status != "in-progress":
            return NOT_LIVE
        call.put(url)
        return Answer(self._instance(asked["sid"], request.path))

    def _number(self, request: Received, number: str | None, sid: str | None) -> Answer:
        """The account, its numbers that are called so, or one of them, changed where a form came."""
        if number:
            known = self.numbers.get(unquote(number))
            return Answer({"incoming_phone_numbers": [known] if known else [], "page": 0, "page_size": 50})
        if sid is None:
            return Answer(self.account)
        one = next((each for each in self.numbers.values() if each["sid"] == sid), None)
        if one is None:
            return problem(404, 20404, f"The requested resource {request.path} was not found")
        if request.method == "POST":
            one |= {_PARAMETERS[name]: value for name, value in request.fields.items()}
        return Answer(one)

    def _instance(self, sid: str, uri: str) -> dict[str, object]:
        """The fields of a call that the official client reads; most are empty for one that lasts."""
        empty = ("annotation", "answered_by", "caller_name", "duration", "end_time", "forwarded_from", "group_sid")
        empty += ("parent_call_sid", "price", "trunk_sid")
        date = "Tue, 10 Aug 2027 16:00:00 +0000"
        return {
            **dict.fromkeys(empty),
            "sid": sid,
            "account_sid": self._account_sid,
            "api_version": "2010-04-01",
            "date_created": date,
            "date_updated": date,
            "start_time": date,
            "direction": "inbound",
            "from": "+12125550199",
            "from_formatted": "(212) 555-0199",
            "to": "+12125550100",
            "to_formatted": "(212) 555-0100",
            "phone_number_sid": "PN" + "0" * 32,
            "price_unit": "USD",
            "queue_time": "0",
            "status": "in-progress",
            "subresource_uris": {"recordings": uri.replace(".json", "/Recordings.json")},
            "uri": uri,
        }
