"""Requests as bytes, as Twilio and Slack send theirs."""

from collections.abc import Callable, Mapping
from urllib.parse import urlencode

Sign = Callable[[bytes], Mapping[str, str]]


def post_form(
    path: str, fields: Mapping[str, str], headers: Mapping[str, str] | None = None, sign: Sign | None = None
) -> bytes:
    """A whole HTTP/1.1 request; `sign` makes further headers from its body."""
    body = urlencode(fields).encode()
    more = {**(headers or {}), **(sign(body) if sign else {})}
    lines = [
        f"POST {path} HTTP/1.1",
        "Host: door.example.com",
        "Content-Type: application/x-www-form-urlencoded; charset=UTF-8",
        f"Content-Length: {len(body)}",
        "Accept: */*",
        *(f"{name}: {value}" for name, value in more.items()),
    ]
    return "\r\n".join([*lines, "", ""]).encode() + body


def get(path: str, cookie: str) -> bytes:
    """A GET as a browser sends it that shows a page of ours."""
    lines = (f"GET {path} HTTP/1.1", "Host: door.example.com", "Accept: text/html", f"Cookie: {cookie}")
    return "\r\n".join([*lines, "", ""]).encode()


def ring_fields(number: int) -> dict[str, str]:
    """The 22 fields of a call's first webhook, for a call that has not been seen before."""
    place = {
        f"{side}{part}": value
        for side in ("Caller", "Called", "From", "To")
        for part, value in (("City", "NEW YORK"), ("State", "NY"), ("Zip", "10001"), ("Country", "US"))
    }
    return place | {
        "AccountSid": "AC" + "0" * 32,
        "ApiVersion": "2010-04-01",
        "CallSid": f"CA{number:032x}",
        "CallStatus": "ringing",
        "From": "+12125550199",
        "To": "+12125550100",
    }
