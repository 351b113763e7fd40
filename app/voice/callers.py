"""Who calls, as Twilio says it."""

import re

from app.domain.doors import WITHHELD

E164 = re.compile(r"\+[1-9][0-9]{1,14}", re.ASCII)
ADDRESS = re.compile(r"(sip|client):[\w.+@:;=-]{1,100}", re.ASCII)
# Numbers that stand for words on a telephone's keys: ANONYMOUS, RESTRICTED, UNKNOWN, BLOCKED, PRIVATE
# (help.twilio.com/articles/223179988).
KEYED_WORDS = frozenset({"+266696687", "+7378742833", "+8656696", "+2562533", "+7748283"})


def caller_of(value: str) -> str:
    """The caller: an E.164 number, a SIP or client address, or "withheld" for whatever is neither."""
    if E164.fullmatch(value) and value not in KEYED_WORDS:
        return value
    return value if ADDRESS.fullmatch(value) else WITHHELD
