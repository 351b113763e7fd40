"""The audit log: one fact an event, append-only."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

WORD = re.compile(r"[a-z][a-z_]{0,39}", re.ASCII)


class Word(StrEnum):
    """A word that is stored. One that only a later release knows is kept as it is, so that this one can show it."""

    @classmethod
    def _missing_(cls, value: object) -> "Word | None":
        if not isinstance(value, str) or not WORD.fullmatch(value):
            return None
        word = str.__new__(cls, value)
        word._name_, word._value_ = value.upper(), value
        return word


class Action(Word):
    """What was done; the same word as the use case, the Slack word and the terminal verb."""

    RING = "ring"
    ADMIT = "admit"
    TURN_AWAY = "turn_away"
    USE_CODE = "use_code"
    FORWARD = "forward"
    END = "end"
    UNLOCK = "unlock"
    LOCK = "lock"
    LOCK_DOWN = "lock_down"
    LIFT = "lift"
    CODES = "codes"
    ISSUE_CODE = "issue_code"
    REVOKE_CODE = "revoke_code"
    TONE = "tone"
    KEEP_TONE = "keep_tone"
    SCHEDULE = "schedule"
    ADD_SCHEDULE = "add_schedule"
    REMOVE_SCHEDULE = "remove_schedule"
    PAUSE_SCHEDULE = "pause_schedule"
    RESUME_SCHEDULE = "resume_schedule"
    OPEN_DAY = "open_day"
    CLOSE_DAY = "close_day"
    EXTEND = "extend"
    PEOPLE = "people"
    GRANT = "grant"
    REVOKE = "revoke"
    REPORT = "report"
    STATUS = "status"
    LOG = "log"
    HELP = "help"
    TELL = "tell"
    NOTICE_SILENCE = "notice_silence"
    VERIFY = "verify"
    SIGN_IN = "sign_in"
    SIGN_OUT = "sign_out"
    EXPORT = "export"
    SHOW_NUMBER = "show_number"
    ERASE_NUMBER = "erase_number"
    SEAL = "seal"
    UNREADABLE = "unreadable"


class Source(Word):
    """The edge by which it came."""

    SLACK = "slack"
    VOICE = "voice"
    CLI = "cli"
    WEB = "web"
    SYSTEM = "system"


class Outcome(Word):
    """How it ended."""

    RELEASED = "released"
    DENIED = "denied"
    ASKED = "asked"
    HELD = "held"
    FORWARDED = "forwarded"
    ANSWERED = "answered"
    UNANSWERED = "unanswered"
    HUNG_UP = "hung_up"
    LOST = "lost"
    DONE = "done"
    REFUSED = "refused"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class AuditEvent:
    """When, who, by which edge, what, which door, outcome, one reason, which visit.

    `door` is empty for what belongs to the whole office. `caller` (E.164 or "withheld") is kept apart from the
    rest, because it is erased earlier. `details` holds plain values only.
    """

    time: datetime
    door: str
    action: Action
    outcome: Outcome
    reason: str = ""
    actor: str = ""
    source: Source = Source.SYSTEM
    visit: str = ""
    caller: str = ""
    details: Mapping[str, str | int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class LogEntry:
    """An audit event with its number, which counts up without a gap for each door."""

    seq: int
    event: AuditEvent
