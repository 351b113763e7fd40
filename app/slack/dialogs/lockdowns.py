"""The dialog that declares a lockdown. Pure."""

from app.domain.audit import Action
from app.domain.commands import Command
from app.domain.lockdowns import UNTIL_LIFTED
from app.slack import inputs
from app.slack.inputs import Fields, entry, one
from app.slack.kit import Piece, section
from app.slack.modals import Modal, Opened

EXPLAINED = (
    ":rotating_light: From the very next ring on nothing releases the door: no unlock, no schedule, no code and no "
    "host. Whoever rings still reaches a human. Every host is told, with who declared it and why."
)


def _lockdown(_: Opened) -> list[Piece]:
    until = "A time that is past means tomorrow. Nothing chosen: until an admin lifts it."
    return [
        section(EXPLAINED),
        entry("why", "Why?", inputs.text(200, "fire drill"), optional=True),
        entry("until", "Until", inputs.clock(), optional=True, hint=until),
    ]


def _read(fields: Fields, _: str) -> Command:
    until = one(fields, "until")
    words = [f"until {until}" if until else UNTIL_LIFTED, one(fields, "why")]
    return Command(Action.LOCK_DOWN, one(fields, "door"), " ".join(word for word in words if word))


DIALOGS = {"lock_down": Modal("Declare a lockdown", "Lock down", _lockdown, _read, "until", may_be_all=True)}
