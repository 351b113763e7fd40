"""What TwiML may say: a strict reader, which refuses whatever Twilio would not understand."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple
from xml.etree import ElementTree

from app.domain.errors import DoorBotError


class TwimlError(DoorBotError):
    """Twilio would play its error message at this point and end the call."""


class Rule(NamedTuple):
    attributes: str = ""
    children: str = ""
    text: str = ""  # pattern of the text that belongs there; empty: none does


_URL, _NUMBER, _COUNT = r"[!-~]+", r"\+[1-9]\d{6,14}", r"[1-9]\d{0,4}"
_GRAMMAR = {
    "Response": Rule(children="Say Play Pause Gather Redirect Dial Hangup Reject"),
    "Say": Rule("language voice", text=".+"),
    "Play": Rule("digits", text=f"({_URL})?"),
    "Pause": Rule("length"),
    "Gather": Rule("input numDigits timeout finishOnKey action method actionOnEmptyResult", "Say Play Pause"),
    "Redirect": Rule("method", text=_URL),
    "Dial": Rule("timeout timeLimit action method answerOnBridge callerId", children="Number"),
    "Number": Rule("url method statusCallback statusCallbackEvent statusCallbackMethod", text=_NUMBER),
    "Hangup": Rule(),
    "Reject": Rule("reason"),
}
_VALUES = {
    **dict.fromkeys(("action", "url", "statusCallback"), _URL),
    **dict.fromkeys(("numDigits", "timeout", "timeLimit"), _COUNT),
    **dict.fromkeys(("actionOnEmptyResult", "answerOnBridge"), "true|false"),
    **dict.fromkeys(("method", "statusCallbackMethod"), "POST"),
    "statusCallbackEvent": r"(\b(initiated|ringing|answered|completed)\b ?)+",
    "length": r"\d{1,4}",
    "digits": "[0-9*#w]+",
    "finishOnKey": "[0-9*#]?",
    "input": "dtmf",
    "callerId": _NUMBER,
    "reason": "rejected|busy",
}


@dataclass(frozen=True)
class Verb:
    """One verb, or a noun inside ``<Dial>``, known to be well-formed."""

    name: str
    attributes: Mapping[str, str]
    text: str
    children: "tuple[Verb, ...]"

    def get(self, name: str, default: str = "") -> str:
        return self.attributes.get(name, default)


def parse(body: bytes, content_type: str) -> tuple[Verb, ...]:
    """The verbs of a TwiML document, or a TwimlError that says what Twilio would not understand."""
    if content_type.partition(";")[0].strip().lower() not in ("text/xml", "application/xml"):
        raise TwimlError(f"the answer's Content-Type is “{content_type}”, not text/xml")
    if len(body) > 64 * 1024:
        raise TwimlError("the document is larger than 64 kB")
    if b"<!DOCTYPE" in body:  # what TwiML never needs, and all that makes this parser unsafe
        raise TwimlError("the document has a DOCTYPE")
    try:
        root = ElementTree.fromstring(body.decode())  # noqa: S314 - small, without entities
    except (ElementTree.ParseError, ValueError) as error:
        raise TwimlError(f"the answer is not XML: {error}") from error
    if root.tag != "Response":
        raise TwimlError(f"the document is a <{root.tag}>, not a <Response>")
    return _verb(root).children


def _verb(element: ElementTree.Element) -> Verb:
    name, rule, text = element.tag, _GRAMMAR[element.tag], " ".join((element.text or "").split())
    for attribute, value in element.attrib.items():
        if attribute not in rule.attributes.split():
            raise TwimlError(f"<{name}> has no attribute “{attribute}”")
        if not re.fullmatch(_VALUES.get(attribute, ".+"), value, re.ASCII):
            raise TwimlError(f"{attribute}=“{value}” is not a value that <{name}> takes")
    for child in element:
        if child.tag not in rule.children.split():
            raise TwimlError(f"<{child.tag}> is not known inside <{name}>")
    stray = " ".join((child.tail or "").strip() for child in element).strip()
    if stray or not re.fullmatch(rule.text, text, re.ASCII):
        raise TwimlError(f"<{name}> cannot hold the text “{stray or text}”")
    if name == "Play" and ("digits" in element.attrib) == bool(text):
        raise TwimlError("<Play> needs either digits or the address of a sound")
    if name == "Dial" and not 1 <= len(element) <= 10:
        raise TwimlError(f"<Dial> holds {len(element)} numbers; it takes 1 to 10")
    return Verb(name, element.attrib, text, tuple(_verb(child) for child in element))
