"""Domain values to their stored form and back.

A record is a JSON object with `v`, the version of its form; what has its default is left out, so that a default is part
of the form, and never changes. A release reads the forms of earlier ones, and ignores
fields that only later ones know, so that two releases can run side by side. Times are whole microseconds since 1970,
UTC. A record that cannot be read is a fault, never an empty one: the caller must end up with a locked door.
"""

import json
from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import Any

from app.domain.access_codes import DoorCodes, WrongTries
from app.domain.alarms import TokenRefused, Verification
from app.domain.announcements import Announcement
from app.domain.audit import Action, AuditEvent, LogEntry, Outcome
from app.domain.calibration import LastRelease, ToneSetting
from app.domain.digests import Digest
from app.domain.doors import DoorState
from app.domain.followers import Followers, HomeShown
from app.domain.known_doors import KnownDoors
from app.domain.leases import Lease
from app.domain.lockdowns import Declaration
from app.domain.names import PeopleNames
from app.domain.notices import Notice
from app.domain.people import Grants
from app.domain.questions import Question
from app.domain.receipts import Receipt, Refusals, Unverified
from app.domain.reminders import Reminder
from app.domain.reports import WeeklyTold
from app.domain.schedules import DoorSchedules
from app.domain.seals import Breach, SealCheck, Sealer, SealHead, SealingKey, SealsTold, SealTags
from app.domain.sessions import Link, Session
from app.domain.silence import Rhythm
from app.domain.summaries import MonthSummary, Summed
from app.domain.visits import Visit
from app.ports import Snapshot
from app.stores.codec import EPOCH as EPOCH
from app.stores.codec import UnreadableRecord as UnreadableRecord
from app.stores.codec import encoder, kind_from, object_from
from app.stores.codec import from_micros as from_micros
from app.stores.codec import to_micros as to_micros

VERSION = 1
KINDS: Mapping[str, type] = {
    "state": DoorState,
    "visit": Visit,
    "question": Question,
    "tone": ToneSetting,
    "release": LastRelease,
    "receipt": Receipt,
    "refusals": Refusals,
    "notice": Notice,
    "digest": Digest,
    "report": WeeklyTold,
    "unverified": Unverified,
    "codes": DoorCodes,
    "tries": WrongTries,
    "followers": Followers,
    "home": HomeShown,
    "doors": KnownDoors,
    "schedules": DoorSchedules,
    "people": Grants,
    "lease": Lease,
    "reminder": Reminder,
    "silence": Rhythm,
    "token_refused": TokenRefused,
    "webhooks": Verification,
    "announcement": Announcement,
    "declaration": Declaration,
    "names": PeopleNames,
    "link": Link,
    "session": Session,
    "summary": MonthSummary,
    "summed": Summed,
    "sealing_key": SealingKey,
    "seal": SealHead,
    "tags": SealTags,
    "check": SealCheck,
    "breach": Breach,
    "sealer": Sealer,
    "seals_told": SealsTold,
}
APART = ("door", "caller")  # of an audit event: stored beside it
DUMP = json.JSONEncoder(separators=(",", ":")).encode


def encode(value: Any) -> str:
    """The stored form of a record."""
    kind: Any = type(value)
    return DUMP({"v": VERSION, **encoder(kind)(value)})


def stored_form(value: object | None) -> tuple[str, int | None] | None:
    """A record as text, with the time when it is to be looked at; None for a record to be deleted."""
    if value is None:
        return None
    due_at = getattr(value, "due_at", None)
    return encode(value), None if due_at is None else to_micros(due_at)


def decode(name: str, stored: str | None) -> Any:
    """The record stored under `name` (its kind stands before the first colon), or None where there is none."""
    if stored is None:
        return None
    return _decode(KINDS[name.partition(":")[0]], stored)


def snapshot(partition: str, stored: Mapping[str, str | None]) -> Snapshot:
    """What was read of a partition, with every record decoded."""
    return Snapshot(partition, {name: decode(name, text) for name, text in stored.items()}, stored)


@lru_cache(maxsize=4096)  # the same text is the same value, and a door's state is read far more often than it changes
def _decode(kind: type, stored: str) -> Any:
    return kind_from(kind, stored)


def encode_event(event: AuditEvent) -> str:
    """The stored form of an audit event, without what is kept apart: door, number and caller."""
    fields = encoder(AuditEvent)(event)
    return DUMP({name: value for name, value in fields.items() if value and name not in APART})


def decode_event(stored: str, door: str, caller: str) -> AuditEvent:
    """The audit event, put together again."""
    event: AuditEvent = kind_from(AuditEvent, stored, {"door": door, "caller": caller})
    if "\\ud" in stored or "\\uD" in stored:  # half of a pair, for instance, which no page could show
        try:
            json.dumps(object_from(stored), ensure_ascii=False).encode()
        except UnicodeEncodeError as error:
            raise UnreadableRecord(f"no text: {stored!r:.60}") from error
    return event


def log_entries(partition: str, rows: Iterable[tuple[int, str, str]]) -> list[LogEntry]:
    """Entries of a partition's log, newest first, from their stored parts: number, text and caller.

    One that can't be read any more is in the list all the same: whoever reads a log must see that it was there.
    """
    door, found = partition.partition(":")[2], list[LogEntry]()
    for seq, stored, caller in rows:
        try:
            event = decode_event(stored, door, caller)
        except UnreadableRecord:
            at = event_micros(stored)
            newer = found[-1].event.time if found else EPOCH
            event = AuditEvent(newer if at is None else from_micros(at), door, Action.UNREADABLE, Outcome.UNKNOWN)
        found.append(LogEntry(seq, event))
    return found


def event_micros(stored: str) -> int | None:
    """The time of a stored event, in microseconds since 1970; None where it has none that can be read."""
    try:
        return to_micros(from_micros(object_from(stored).get("time", "")))
    except UnreadableRecord:
        return None
