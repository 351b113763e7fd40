"""The part of the App Home that only admins of the chosen door see. Pure."""

from app.domain.audit import Action
from app.domain.homes import Home
from app.domain.phrases import the
from app.slack.kit import Piece, actions, button, header, section

EXPLAINED = "A lockdown beats everything: nothing releases the door until an admin lifts it."


def blocks(home: Home) -> list[Piece]:
    """Lockdown, and the log."""
    seen = home.chosen
    if not seen.may(Action.LOCK_DOWN):
        return []
    door, row = seen.door, []
    if not seen.status.lockdown:
        row.append(button("modal:lock_down", door.id, "Lockdown …", f"Declare a lockdown of {the(door)}", "danger"))
    row.append(button("show:log", door.id, "Show the log", f"Show the log of {the(door)}"))
    return [header("For admins"), section(EXPLAINED), *actions(f"admin:{door.id}", row)]
