"""The doors' numbers at Twilio: where each leads, and where it should."""

import re
from base64 import b64encode
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urldefrag, urlencode

import config
from app.cli.doctor.asking import Answer, NotAsked, ask

PASSWORD = re.compile(r"://[^/?#]*@")
API = "/2010-04-01/Accounts/"


@dataclass(frozen=True)
class Number:
    """A number as Twilio describes it (twilio.com/docs/phone-numbers/api/incomingphonenumber-resource)."""

    number: str
    sid: str
    fields: Mapping[str, Any]

    def get(self, name: str) -> str:
        """A field as text; "" where it is empty."""
        return str(self.fields.get(name) or "")


@dataclass(frozen=True)
class Change:
    """One setting of one number: its name as it is read, as it is written, and in the console."""

    number: Number
    name: str
    parameter: str
    title: str
    after: str

    @property
    def before(self) -> str:
        """What it is now."""
        return self.number.get(self.name)

    @property
    def shown(self) -> str:
        """The same, without a password: Twilio may have been given one in an address."""
        return PASSWORD.sub("://…@", self.before)


class Refused(NotAsked):
    """Twilio answered, and not with what was asked for."""


def fetch(settings: config.Settings, path: str, form: Mapping[str, str] | None = None) -> Answer:
    """Twilio's answer about our account; `path` comes after its SID; with a form something is changed."""
    sid, token = settings.twilio_account_sid, settings.twilio_auth_tokens[0]
    credentials = b64encode(f"{sid}:{token}".encode()).decode()
    headers = {"Authorization": f"Basic {credentials}", "Accept": "application/json"}
    return ask("GET" if form is None else "POST", f"{settings.twilio_api_url}{API}{sid}{path}", form, headers)


def find(settings: config.Settings, number: str) -> Number | None:
    """A number of the account; None where it has none such. Raises NotAsked."""
    answer = fetch(settings, "/IncomingPhoneNumbers.json?" + urlencode({"PhoneNumber": number}))
    if answer.status != 200:
        raise Refused(f"Twilio answers {answer.status}", "Run doctor again in a minute; see status.twilio.com.")
    listed = answer.fields.get("incoming_phone_numbers")
    for each in listed if isinstance(listed, list) else []:
        if isinstance(each, dict) and each.get("phone_number") == number:
            return Number(number, str(each.get("sid", "")), each)
    return None


def changes(number: Number, public_url: str, fallback: str = "") -> list[Change]:
    """What has to be set so that a number leads here; the fallback only where one is given.

    Twilio's connection settings may follow an address after a #: they are left as they are.
    """
    wanted = [
        ("voice_url", "VoiceUrl", "A call comes in", f"{public_url}/voice/ring"),
        ("voice_method", "VoiceMethod", "A call comes in, HTTP method", "POST"),
        ("status_callback", "StatusCallback", "Call status changes", f"{public_url}/voice/status"),
        ("status_callback_method", "StatusCallbackMethod", "Call status changes, HTTP method", "POST"),
    ]
    if fallback:
        wanted.append(("voice_fallback_url", "VoiceFallbackUrl", "Primary handler fails", fallback))
    found = [Change(number, *each) for each in wanted]
    return [each for each in found if urldefrag(each.before).url != urldefrag(each.after).url]


def apply(settings: config.Settings, wanted: list[Change]) -> str:
    """Set these, all of one number; returns what went wrong, "" for nothing."""
    (sid,) = {each.number.sid for each in wanted}
    form = {each.parameter: each.after for each in wanted}
    try:
        answer = fetch(settings, f"/IncomingPhoneNumbers/{sid}.json", form)
    except NotAsked as error:
        return f"{error}. Whether it was set is not known: run doctor again."
    if answer.status >= 500:
        return f"Twilio answers {answer.status}. Whether it was set is not known: run doctor again."
    if answer.status != 200:
        return f"Twilio answers {answer.status} (code {_code(answer)}). Nothing was set there."
    if any(answer.fields.get(each.name) != each.after for each in wanted):
        return "Twilio took it and says something else now: run doctor again."
    return ""


def _code(answer: Answer) -> str:
    code = answer.fields.get("code")
    return str(code) if isinstance(code, int) else "none"
