"""The dialogs of a door's schedule: a weekly window, a special day, a pause. Pure."""

from app.domain.audit import Action
from app.domain.commands import Command
from app.slack import inputs
from app.slack.inputs import Fields, entry, one
from app.slack.kit import Piece
from app.slack.modals import Modal, Opened, Wrong

WEEKDAYS = [
    ("mon", "Monday"),
    ("tue", "Tuesday"),
    ("wed", "Wednesday"),
    ("thu", "Thursday"),
    ("fri", "Friday"),
    ("sat", "Saturday"),
    ("sun", "Sunday"),
]
OPEN, ASKING, CLOSED = "open", "asking", "closed"
SPECIAL = [
    (OPEN, "Open, and every ring is released"),
    (ASKING, "Open, and hosts are asked"),
    (CLOSED, "Closed: no unlock, no schedule, and codes only if good at any hour"),
]


def _schedule(opened: Opened) -> list[Piece]:
    today = opened.now.astimezone(opened.door.hours.timezone).date()
    zone = f"Local time of the door ({opened.door.hours.timezone.key})."
    return [
        entry("days", "On which days?", inputs.checkboxes(WEEKDAYS, ("mon", "tue", "wed", "thu", "fri"))),
        entry("start", "From", inputs.clock("11:00")),
        entry("end", "Until", inputs.clock("14:00"), hint=f"{zone} Rings are released by themselves meanwhile."),
        entry("first", "First day", inputs.day(), optional=True, hint=f"Nothing chosen: from today on ({today})."),
        entry("last", "Last day", inputs.day(), optional=True, hint="Nothing chosen: for good."),
        entry("name", "Name", inputs.text(40, "lunch"), optional=True),
    ]


def _read_schedule(fields: Fields, _: str) -> Command:
    if one(fields, "start") == one(fields, "end"):
        raise Wrong("end", "It would end when it begins. Choose a later time.")
    first, last, name = (one(fields, field) for field in ("first", "last", "name"))
    if first and last and last < first:
        raise Wrong("last", "The last day would be before the first. Choose a later one.")
    words = [
        ",".join(fields.get("days", ())),
        f"{one(fields, 'start')}-{one(fields, 'end')}",
        *(f"{word} {value}" for word, value in (("from", first), ("until", last), ("called", name)) if value),
    ]
    return Command(Action.ADD_SCHEDULE, one(fields, "door"), " ".join(words))


def _special(opened: Opened) -> list[Piece]:
    today = opened.now.astimezone(opened.door.hours.timezone).date()
    return [
        entry("date", "On which day?", inputs.day(today)),
        entry("kind", "What is different?", inputs.choice(SPECIAL, OPEN)),
        entry("start", "From", inputs.clock(), optional=True, hint="Where it is closed all day, choose no times."),
        entry("end", "Until", inputs.clock(), optional=True),
    ]


def _read_special(fields: Fields, _: str) -> Command:
    day, kind, start, end = (one(fields, field) for field in ("date", "kind", "start", "end"))
    if kind != CLOSED and not (start and end):
        raise Wrong("end" if start else "start", "From when until when is it open? Choose both times.")
    if start and start == end:
        raise Wrong("end", "It would end when it begins. Choose a later time.")
    span = f"{start}-{end}" if start and end else f"from {start}" if start else f"until {end}" if end else ""
    words = " ".join(word for word in (day, span, ASKING if kind == ASKING else "") if word)
    return Command(Action.CLOSE_DAY if kind == CLOSED else Action.OPEN_DAY, one(fields, "door"), words)


def _pause(opened: Opened) -> list[Piece]:
    which = f"Schedule {opened.rest} pauses" if opened.rest else "All schedules pause"
    hint = f"{which} until this day begins. Nothing releases by itself meanwhile."
    return [entry("until", "Until", inputs.day(), hint=hint)]


def _read_pause(fields: Fields, rest: str) -> Command:
    return Command(Action.PAUSE_SCHEDULE, one(fields, "door"), f"{rest} until {one(fields, 'until')}".strip())


DIALOGS = {
    "add_schedule": Modal("Add to the schedule", "Add", _schedule, _read_schedule, "start"),
    "special_day": Modal("A special day", "Save", _special, _read_special, "date"),
    "pause_schedule": Modal("Pause the schedule", "Pause", _pause, _read_pause, "until"),
}
