"""What people read about the seals of the log. Says what, where, and what to do."""

from app.domain.audit import AuditEvent, Outcome
from app.domain.doors import Door
from app.domain.phrases import the
from app.domain.seals import Bad, Breach, Wrong

OFFICE_NAME = "the office's own log"
WHAT_TO_DO = (
    "Ask who could write to DoorBot's store, and run `python -m app log verify` on the server, which names every "
    "entry. Nothing more is sealed there until it is as it was, for which a backup may help. Doors work as ever."
)
PROBLEMS = {
    "": ":white_check_mark: The log is sealed again.",
    "other_secret": (
        "The log is not sealed: the sealing key was made with another SECRET_KEY. Put the old one behind the new one, "
        "`SECRET_KEY=new,old`, and start DoorBot again; a few seconds later the old one can go."
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


def broken(log: str, breach: Breach) -> str:
    """The notice that a log is not what it was."""
    return f":rotating_light: In {log} {wrong(breach)}. {WHAT_TO_DO}"


def mended(log: str) -> str:
    return f":white_check_mark: What was wrong in {log} is as it was sealed again."


def problem(word: str) -> str:
    """The notice that nothing can be sealed, or that this is over."""
    text = PROBLEMS.get(word, "")
    return f":warning: {text}" if word else text


def happened(event: AuditEvent) -> str:
    """What an event of the seals tells in the log."""
    details = event.details
    if event.reason == "broken" and details.get("what") in [*Wrong]:
        return wrong(Bad(Wrong(str(details["what"])), int(details.get("first", 0)), int(details.get("last", 0))))
    if event.reason == "mended":
        return "what was wrong with the log is as it was sealed again"
    if event.outcome is Outcome.REFUSED:
        return "the log can't be sealed: " + event.reason.replace("_", " ")
    return "the log is sealed again" if event.reason == "goes_on" else ""
