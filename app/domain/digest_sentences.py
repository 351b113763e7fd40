"""What a door's channel reads of its visits. Nobody is mentioned: a mention would ring somebody's pocket each time."""

from collections.abc import Mapping

from app.domain.audit import Action, AuditEvent, Outcome, Source
from app.domain.digests import Conclusion
from app.domain.doors import Door
from app.domain.hours import local_clock

FIGURES = {
    Conclusion.RELEASED: "released",
    Conclusion.ANSWERED: "answered by telephone",
    Conclusion.TURNED_AWAY: "turned away",
    Conclusion.DENIED: "denied",
    Conclusion.MISSED: "missed",
    Conclusion.LOST: "whose end is unknown",
}


def figures(door: Door, counts: Mapping[str, int]) -> str:
    """The day's message: "Front door today: 14 released, 1 turned away, 1 missed."."""
    parts = [f"{counts[kind]} {words}" for kind, words in FIGURES.items() if counts.get(kind)]
    return f"{door.name} today: {', '.join(parts)}."


def line(event: AuditEvent, door: Door) -> str:
    """A visit in the day's thread: "12:05  released, by the unlock"."""
    return f"{_clock(event, door)}  {_ended(event)}"


def own_message(event: AuditEvent, door: Door) -> str:
    """A visit in a message of its own: "Front door, 18:12: missed, nobody answered the telephones"."""
    return f"{door.name}, {_clock(event, door)}: {_ended(event)}"


def _ended(event: AuditEvent) -> str:
    reason = event.reason.replace("_", " ")
    match event.action, event.outcome:
        case Action.RING, Outcome.RELEASED:
            return f"released, by the {reason}"
        case _, Outcome.DENIED if event.action in (Action.RING, Action.END):
            return f"denied: {reason}"
        case Action.ADMIT, _:
            return f"released, {'by telephone' if event.source is Source.VOICE else 'by a host'}"
        case Action.USE_CODE, _:
            return f"released, with the code {event.details.get('name', '')}"
        case Action.TURN_AWAY, _:
            return "turned away by a host"
        case Action.FORWARD, Outcome.ANSWERED:
            return "answered by telephone"
        case Action.FORWARD, _:
            return f"missed, nobody answered the telephones{'' if reason == 'no-answer' else f' ({reason})'}"
        case Action.END, Outcome.HUNG_UP:
            return "missed, the visitor hung up"
    return "nobody knows how it ended: the end of the call was never reported"


def _clock(event: AuditEvent, door: Door) -> str:
    return local_clock(event.time, door.hours.timezone, event.time)
