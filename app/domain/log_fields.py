"""The parts of an entry: as plain fields for programs, and as people are named in it."""

from collections.abc import Mapping

from app.domain.audit import AuditEvent, LogEntry
from app.domain.phrases import masked
from app.domain.plain_text import NO_CONTROLS

OFFICE_NAME = "Office"
TERMINAL = "cli:"


def fields(entry: LogEntry, *, masks: bool = False) -> dict[str, str | int]:
    """An entry as one flat object; with `masks` only the last four digits of telephone numbers.

    A detail that is called like another field, as an entry's number in `show_number`, is a `detail_…`.
    """
    event = entry.event
    actor = _masked(event.actor) if masks else event.actor
    known: dict[str, str | int] = {
        "time": event.time.isoformat(timespec="microseconds"),
        "seq": entry.seq,
        "door": event.door,
        "visit": event.visit,
        "action": event.action.value,
        "actor": actor,
        "source": event.source.value,
        "outcome": event.outcome.value,
        "reason": event.reason,
    }
    caller = {"caller": masked(event.caller) if masks else event.caller} if event.caller else {}
    taken = {*known, "caller"}
    details = {f"detail_{key}" if key in taken else key: value for key, value in event.details.items()}
    return {**known, **caller, **details}


def _masked(actor: str) -> str:
    return masked(actor) if actor.startswith("+") else actor


def details_of(event: AuditEvent) -> list[str]:
    """What else is known of an event, as texts without characters that can't be seen."""
    return [str(value).translate(NO_CONTROLS) for value in event.details.values()]


def shown_name(actor: str, names: Mapping[str, str]) -> str:
    """What a person is called where others read it: by name, or by id where no name is known."""
    if actor.startswith(TERMINAL):
        return f"{actor.removeprefix(TERMINAL)} at the terminal".translate(NO_CONTROLS)
    return (names.get(actor) or actor).translate(NO_CONTROLS)
