"""The dialog that issues an access code. Pure; the answer alone shows its digits."""

from app.domain.audit import Action
from app.domain.commands import Command
from app.slack import inputs
from app.slack.inputs import Fields, entry, one
from app.slack.kit import Piece
from app.slack.modals import Modal, Opened

USES = [("any", "As often as needed"), ("1", "Once"), ("3", "Three times"), ("10", "Ten times")]
AT_ANY_HOUR = [("any", "At any hour (admins only)")]
HOURS = "Nothing chosen: in working hours."


def _code(_: Opened) -> list[Piece]:
    until = "Until closing time of that day. Nothing chosen: until closing time today."
    return [
        entry("name", "Whose code is it?", inputs.text(40, "FedEx"), hint="The log tells its uses by this name."),
        entry("until", "Good until", inputs.day(), optional=True, hint=until),
        entry("uses", "How often?", inputs.choice(USES, "any")),
        entry("hours", "When is it good?", inputs.checkboxes(AT_ANY_HOUR), optional=True, hint=HOURS),
    ]


def _read(fields: Fields, _: str) -> Command:
    uses, until = one(fields, "uses"), one(fields, "until")
    words = [one(fields, "name"), f"until {until}" if until else ""]
    words += [f"for {uses} uses" if uses != "any" else "", "at any hour" if one(fields, "hours") else ""]
    return Command(Action.ISSUE_CODE, one(fields, "door"), " ".join(word for word in words if word))


DIALOGS = {"issue_code": Modal("Issue an access code", "Issue", _code, _read, "name", may_be_all=True)}
