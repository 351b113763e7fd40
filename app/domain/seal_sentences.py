"""What people read about the seals of the log. Says what, where, and what to do."""

import re
from datetime import datetime
from zoneinfo import ZoneInfo

from app.domain.audit import Action, AuditEvent, Outcome
from app.domain.doors import Door
from app.domain.errors import InvalidInput
from app.domain.hours import local_clock
from app.domain.phrases import start, the
from app.domain.seals import Bad, Breach, PostedHead, SealHead, Wrong

OFFICE_NAME, OFFICE_ID = "the office's own log", "office"
DONE = {
    "mended": "what was wrong with the log is as it was sealed again",
    "goes_on": "the log is sealed again",
    "anew": "the log is sealed anew, as it is now",
    "posted": "the ends of the log's seals were posted",
}
WHAT_TO_DO = (
    "Ask who could write to DoorBot's store, and run `python -m app log verify` on the server, which names every "
    "entry. Nothing more is sealed there until it is as it was, for which a backup may help; if it can't be, "
    "`python -m app log anew` seals it as it is now. Doors work as ever."
)
POSTED = (
    ":lock: *Where the record stands.* Leave this message here. Should anybody ever rewrite the log, it will not agree "
    'with these lines any more: `python -m app log verify --head "front 7 ab12…"` compares.'
)
SHOWN_DIGITS = 16  # of a tag
FEWEST_DIGITS = 8  # to compare
HEAD = re.compile(r"([a-z][a-z0-9_-]*) ([0-9]{1,15}) ([0-9a-f]{8,32})(?:…|\.\.\.)?", re.ASCII)
PROBLEMS = {
    "": ":white_check_mark: The log is sealed again.",
    "other_secret": (
        "The log is not sealed: the sealing key was made with another SECRET_KEY. Put the old one behind the new one, "
        "`SECRET_KEY=new,old`, and start DoorBot again; a few seconds later the old one can go. If it is lost, "
        "`python -m app log anew` begins anew."
    ),
    "key_changed": (
        "The log is not sealed: the record of the sealing key was changed in DoorBot's store. Put it back from a "
        "backup (`sealing_key` in `office`), and ask who could write there."
    ),
    "key_missing": (
        "The log is not sealed: the record of the sealing key is missing from DoorBot's store, though entries were "
        "sealed. Put it back from a backup (`sealing_key` in `office`), and ask who could write there."
    ),
}


def called(door: Door | None, door_id: str) -> str:
    """How a log is called in the middle of a sentence."""
    return f"the log of {the(door) if door else door_id}" if door or door_id else OFFICE_NAME


def wrong(bad: Bad | Breach) -> str:
    """What is wrong: "entries 7 to 9 are missing"."""
    which, are, were = f"entries {bad.first} to {bad.last}", "are", "were"
    if bad.first == bad.last:
        which, are, were = f"entry {bad.first}", "is", "was"
    match bad.wrong:
        case Wrong.CHANGED:
            return f"{which} {were} changed"
        case Wrong.MISSING:
            return f"{which} {are} missing"
        case Wrong.CUT:
            return f"{which} {are} missing: the end was cut off"
        case Wrong.SWAPPED:
            return f"{which} changed places"
        case Wrong.INSERTED:
            return f"{which} {were} inserted"
        case Wrong.SEAL:
            return f"the seal of {which} was changed" if bad.first else "the seal itself was changed or removed"


def named(bad: Bad, at: datetime | None, zone: ZoneInfo) -> str:
    """The same as a line, with the time that the entry itself says."""
    says = f"; it says {at.astimezone(zone):%Y-%m-%d %H:%M:%S}" if at else ""
    return f"{start(wrong(bad))}{says}."


def whole(head: SealHead | None, unsealed: int, zone: ZoneInfo) -> str:
    """Of a log in which nothing is wrong."""
    left = f" {unsealed:,} newer {'one is' if unsealed == 1 else 'ones are'} not sealed yet." if unsealed else ""
    if head is None:
        return f"nothing is sealed yet.{left}"
    kept = (
        f"Entries {head.start + 1:,} to {head.seq:,} are"
        if head.seq > head.start
        else "No sealed entry is kept, and the seal is"
    )
    return f"whole. {kept} as sealed, as of {head.at.astimezone(zone):%Y-%m-%d %H:%M:%S}.{left}"


def stands(
    as_of: datetime | None,
    checked_at: datetime | None,
    breach: Breach | None,
    problem: str,
    zone: ZoneInfo,
    now: datetime,
) -> str:
    """How a log stands, for its page: "Whole as of 14:03:21; checked from end to end 11:20." Or what is wrong."""
    if breach:
        found = local_clock(breach.found_at, zone, now)
        return f"Not whole: {wrong(breach)} (found {found}). python -m app log verify names everything that is wrong."
    if problem:
        return PROBLEMS.get(problem, PROBLEMS["key_changed"]).replace("`", "")
    if as_of is None:
        return "Not sealed yet."
    at = as_of.astimezone(zone)
    when = f"{at:%H:%M:%S}" if at.date() == now.astimezone(zone).date() else local_clock(as_of, zone, now)
    checked = f"; checked from end to end {local_clock(checked_at, zone, now)}" if checked_at else ""
    return f"Whole as of {when}{checked}."


def unverifiable(problem: str) -> str:
    """Why no log can be verified."""
    return PROBLEMS.get(problem) or "Nothing is sealed yet: the server does that, within seconds after it starts."


def broken(log: str, breach: Breach) -> str:
    """The notice that a log is not what it was."""
    return f":rotating_light: In {log} {wrong(breach)}. {WHAT_TO_DO}"


def mended(log: str) -> str:
    return f":white_check_mark: What was wrong in {log} is as it was sealed again."


def anew(log: str, actor: str) -> str:
    """The notice that somebody has a log sealed as it is now."""
    return f":warning: {start(log)} is sealed anew, as it is now, by {actor}. What was wrong before stays on record."


def problem(word: str) -> str:
    """The notice that nothing can be sealed, or that this is over."""
    text = PROBLEMS.get(word, "")
    return f":warning: {text}" if word else text


def posted(door: Door | None, door_id: str, head: SealHead | None, now: datetime, zone: ZoneInfo) -> str:
    """The line of a log in the daily message: "Front door at 09:00:02: `front 1234 ab12cd34ef56ab78`"."""
    name = door.name if door else door_id or "Office"
    if head is None:
        return f"{name}: not whole, see `python -m app log verify`"
    at = head.at.astimezone(zone)
    when = f"{at:%H:%M:%S}" if at.date() == now.astimezone(zone).date() else f"{at:%Y-%m-%d %H:%M:%S}"
    return f"{name}, {when}: `{door_id or OFFICE_ID} {head.seq} {head.tag[:SHOWN_DIGITS]}`"


def parse_posted(text: str) -> PostedHead:
    """What such a line says between its backticks. Raises InvalidInput."""
    found = HEAD.fullmatch(text.strip().strip("`").lower())
    if not found:
        raise InvalidInput(
            f"“{text[:80]}” is no posted line. Give what stands between its backticks, such as "
            f"`front 1234 ab12cd34ef56ab78`; of the last part at least {FEWEST_DIGITS} digits."
        )
    return PostedHead("" if found[1] == OFFICE_ID else found[1], int(found[2]), found[3])


def happened(event: AuditEvent, who: str) -> str:
    """What an event of the seals tells in the log, "" for any other."""
    details = event.details
    match event.action, event.outcome, event.reason:
        case Action.ERASE_NUMBER, Outcome.DONE, _ if "entries" in details:
            return f"a visitor's number was erased by {who}, from {details['entries']} entries"
        case Action.SEAL, Outcome.REFUSED, "broken" if details.get("what") in [*Wrong]:
            bad = Bad(Wrong(str(details["what"])), int(details.get("first", 0)), int(details.get("last", 0)))
            return f"the log is not what was sealed: {wrong(bad)}"
        case Action.SEAL, Outcome.REFUSED, _:
            return f"the log can't be sealed: {event.reason.replace('_', ' ')}"
        case Action.SEAL, Outcome.DONE, _:
            return DONE.get(event.reason, "") + (f", by {who}" if who else "")
    return ""
