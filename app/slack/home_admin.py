"""The part of the App Home that only admins of the chosen door see. Pure."""

from datetime import datetime

from app.domain.audit import Action
from app.domain.homes import Home
from app.domain.office import ALL_DOORS
from app.domain.outcomes import PeopleListed
from app.domain.permissions import may
from app.domain.phrases import the
from app.slack import blocks as messages
from app.slack.kit import Piece, actions, button, confirmation, header, section, written

EXPLAINED = "A lockdown beats everything: nothing releases the door until it is over."


def blocks(home: Home, now: datetime) -> list[Piece]:
    """People, lockdown, and the log."""
    seen = home.chosen
    if not seen.may(Action.LOCK_DOWN):
        return []
    door = seen.door
    return [
        *(_people(home.people, door.id, now) if home.people else []),
        header("Lockdown and log"),
        section(EXPLAINED),
        *actions(f"admin:{door.id}", _buttons(home)),
    ]


def _buttons(home: Home) -> list[Piece]:
    """Lockdown where a door is not in one, lift for all of them at once, and the log."""
    door, locked_down = home.chosen.door, [seen for seen in home.doors if seen.status.lockdown]
    row = [button("show:log", door.id, "Show the log", f"Show the log of {the(door)}")]
    if len(locked_down) > 1 and may(home.role, Action.LIFT) and all(seen.may(Action.LIFT) for seen in home.doors):
        asked = confirmation("Lift every lockdown?", "What was in force at each door before counts again.", "Lift all")
        row.insert(
            0,
            button("lift", ALL_DOORS, "Lift everywhere", "Lift everywhere: the lockdown of every door", confirm=asked),
        )
    if len(locked_down) < len(home.doors):
        spoken = f"Declare a lockdown of {the(door)}"
        row.insert(0, button("modal:lock_down", door.id, "Lockdown …", spoken, "danger"))
    return row


def _people(people: PeopleListed, door_id: str, now: datetime) -> list[Piece]:
    """Who may do what, and the dialogs that change it."""
    row = [
        button("modal:grant", door_id, "Grant …", "Grant somebody a right"),
        button("modal:revoke", door_id, "Revoke …", "Revoke somebody's rights"),
    ]
    return [header("People"), written(messages.people(people, now)["text"]), *actions(f"people:{door_id}", row)]
