"""The part of the App Home that only admins of the chosen door see. Pure."""

from datetime import datetime

from app.domain.audit import Action
from app.domain.homes import Home
from app.domain.outcomes import PeopleListed
from app.domain.phrases import the
from app.slack import blocks as messages
from app.slack.kit import Piece, actions, button, header, section, written

EXPLAINED = "A lockdown beats everything: nothing releases the door until an admin lifts it."


def blocks(home: Home, now: datetime) -> list[Piece]:
    """People, lockdown, and the log."""
    seen = home.chosen
    if not seen.may(Action.LOCK_DOWN):
        return []
    door, row = seen.door, []
    if not seen.status.lockdown:
        row.append(button("modal:lock_down", door.id, "Lockdown …", f"Declare a lockdown of {the(door)}", "danger"))
    row.append(button("show:log", door.id, "Show the log", f"Show the log of {the(door)}"))
    return [
        *(_people(home.people, door.id, now) if home.people else []),
        header("Lockdown and log"),
        section(EXPLAINED),
        *actions(f"admin:{door.id}", row),
    ]


def _people(people: PeopleListed, door_id: str, now: datetime) -> list[Piece]:
    """Who may do what, and the dialogs that change it."""
    row = [
        button("modal:grant", door_id, "Grant …", "Grant somebody a right"),
        button("modal:revoke", door_id, "Revoke …", "Revoke somebody's rights"),
    ]
    return [header("People"), written(messages.people(people, now)["text"]), *actions(f"people:{door_id}", row)]
