"""The dialogs that grant and revoke rights. Pure."""

from app.domain.audit import Action
from app.domain.commands import Command
from app.slack import inputs
from app.slack.inputs import Fields, entry, one
from app.slack.kit import Piece, context
from app.slack.modals import Modal, Opened

ROLES = [
    ("host", "Host: unlocks, answers rings, looks after the schedule"),
    ("admin", "Admin: also grants and locks down"),
]
GROUPS = "A whole user group is granted by typing: `/frontdoor grant @reception`."


def _grant(_: Opened) -> list[Piece]:
    return [
        entry("who", "To whom?", inputs.person()),
        entry("role", "What?", inputs.choice(ROLES, "host")),
        entry("until", "Until", inputs.day(), optional=True, hint="To the end of that day. Nothing chosen: for good."),
        context(GROUPS),
    ]


def _read_grant(fields: Fields, _: str) -> Command:
    until = one(fields, "until")
    words = f"<@{one(fields, 'who')}> {one(fields, 'role')}{f' until {until}' if until else ''}"
    return Command(Action.GRANT, one(fields, "door"), words)


def _revoke(_: Opened) -> list[Piece]:
    return [
        entry("who", "Whose rights?", inputs.person()),
        context("All of them end with the next action, also those that doorbot.toml or a user group gives."),
    ]


def _read_revoke(fields: Fields, _: str) -> Command:
    return Command(Action.REVOKE, one(fields, "door"), f"<@{one(fields, 'who')}>")


DIALOGS = {
    "grant": Modal("Grant a right", "Grant", _grant, _read_grant, "who", may_be_all=True),
    "revoke": Modal("Revoke rights", "Revoke", _revoke, _read_revoke, "who", may_be_all=True),
}
