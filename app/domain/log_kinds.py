"""The entries of the log in groups, and outcomes in words: by what readers look for them."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from app.domain.audit import Action, AuditEvent, Outcome


class Kind(StrEnum):
    """A group of actions."""

    RINGS = "rings"
    UNLOCKS = "unlocks"
    LOCKDOWNS = "lockdowns"
    SCHEDULES = "schedules"
    CODES = "codes"
    PEOPLE = "people"
    TONE = "tone"
    ALARMS = "alarms"
    RECORD = "record"
    OTHER = "other"


KIND_WORDS = {
    Kind.RINGS: "Rings",
    Kind.UNLOCKS: "Unlocks",
    Kind.LOCKDOWNS: "Lockdowns",
    Kind.SCHEDULES: "Schedules",
    Kind.CODES: "Access codes",
    Kind.PEOPLE: "People",
    Kind.TONE: "Tone",
    Kind.ALARMS: "Messages and alarms",
    Kind.RECORD: "Record and sign-ins",
    Kind.OTHER: "Other",
}
ACTIONS: Mapping[Kind, frozenset[Action]] = {
    Kind.RINGS: frozenset({Action.RING, Action.ADMIT, Action.TURN_AWAY, Action.USE_CODE, Action.FORWARD, Action.END}),
    Kind.UNLOCKS: frozenset({Action.UNLOCK, Action.LOCK, Action.EXTEND}),
    Kind.LOCKDOWNS: frozenset({Action.LOCK_DOWN, Action.LIFT}),
    Kind.SCHEDULES: frozenset(
        {
            Action.SCHEDULE,
            Action.ADD_SCHEDULE,
            Action.REMOVE_SCHEDULE,
            Action.PAUSE_SCHEDULE,
            Action.RESUME_SCHEDULE,
            Action.OPEN_DAY,
            Action.CLOSE_DAY,
        }
    ),
    Kind.CODES: frozenset({Action.CODES, Action.ISSUE_CODE, Action.REVOKE_CODE, Action.USE_CODE}),
    Kind.PEOPLE: frozenset({Action.PEOPLE, Action.GRANT, Action.REVOKE}),
    Kind.TONE: frozenset({Action.TONE, Action.KEEP_TONE}),
    Kind.ALARMS: frozenset({Action.TELL, Action.NOTICE_SILENCE, Action.VERIFY}),
    Kind.RECORD: frozenset(
        {
            Action.SIGN_IN,
            Action.SIGN_OUT,
            Action.LOG,
            Action.EXPORT,
            Action.SHOW_NUMBER,
            Action.ERASE_NUMBER,
            Action.SEAL,
            Action.REPORT,
            Action.STATUS,
            Action.HELP,
            Action.UNREADABLE,
        }
    ),
}
KNOWN = frozenset().union(*ACTIONS.values())


def is_of(kind: Kind, action: Action) -> bool:
    """Whether an action belongs to a kind; to the last one belong the words of later releases."""
    return action not in KNOWN if kind is Kind.OTHER else action in ACTIONS[kind]


@dataclass(frozen=True, slots=True)
class Badge:
    """An outcome as it is shown: a word, a symbol (of symbols.html), and how it is coloured."""

    word: str
    symbol: str
    colour: str = ""


BADGES: Mapping[Outcome, Badge] = {
    Outcome.RELEASED: Badge("Released", "check", "good"),
    Outcome.DENIED: Badge("Denied", "cross", "bad"),
    Outcome.ASKED: Badge("Asked", "ask", "open"),
    Outcome.HELD: Badge("Held", "wait", "open"),
    Outcome.FORWARDED: Badge("Forwarded", "phone", "open"),
    Outcome.ANSWERED: Badge("Answered", "phone", "good"),
    Outcome.UNANSWERED: Badge("Unanswered", "missed", "bad"),
    Outcome.HUNG_UP: Badge("Hung up", "missed", "bad"),
    Outcome.LOST: Badge("Lost", "unsure", "bad"),
    Outcome.DONE: Badge("Done", "dot"),
    Outcome.REFUSED: Badge("Refused", "barred", "bad"),
    Outcome.UNKNOWN: Badge("Unknown", "unsure", "bad"),
}
TURNED_AWAY = Badge("Turned away", "cross", "bad")


def badge(event: AuditEvent) -> Badge:
    """How an event ended, at a glance."""
    if (event.action, event.outcome) == (Action.TURN_AWAY, Outcome.DENIED):
        return TURNED_AWAY
    return BADGES.get(event.outcome) or Badge(event.outcome.value.replace("_", " ").capitalize(), "unsure")
