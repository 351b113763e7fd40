"""A stand-in for Twilio's REST API on loopback: it moves the calls that it was told of, and fails on demand."""

import re
from base64 import b64encode
from dataclasses import dataclass, replace

from app.cli.line import LiveCall
from tests.stand_ins import Answer, Received, StandIn

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
