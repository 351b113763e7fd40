"""The App Home: what holds at each door, and what this person may do about it. Pure.

A view has at most 100 blocks: ten doors take thirty of them, and each of the other parts has a limit of its own.
"""

from datetime import datetime

from app.domain import sentences
from app.domain.audit import Action
from app.domain.durations import describe_duration
from app.domain.homes import DoorSeen, Home
from app.domain.outcomes import DoorStatus, Refused
from app.domain.permissions import Role
from app.domain.phrases import the
from app.domain.unlocks import Terms
from app.slack import home_admin, home_door
from app.slack.blocks import escaped
from app.slack.kit import Piece, actions, button, confirmation, context, header, overflow, section, select, written

MENU = "Choose a door"
DIVIDER = {"type": "divider"}
TYPED = "Everything here can be typed too: `/frontdoor help` says how."
ONLY_STATE = "You can see here how the doors are. Hosts can unlock them, and let visitors in; admins say who is a host."


def view(home: Home, now: datetime) -> Piece:
    """What `views.publish` takes."""
    blocks = [block for seen in home.doors for block in _door(seen, home, now)]
    blocks += _choice(home)
    blocks += home_door.blocks(home, now)
    blocks += home_admin.blocks(home, now)
    is_host = any(seen.role >= Role.HOST for seen in (*home.doors, home.chosen))
    return published([*blocks, DIVIDER, context(TYPED if is_host else f"{ONLY_STATE} {TYPED}")])


def refused(outcome: Refused, now: datetime) -> Piece:
    """What somebody sees who may not even see the doors."""
    return said(escaped(sentences.sentence(outcome, now)))


def said(text: str) -> Piece:
    """A view that says one thing, escaped already: why nothing else is there."""
    return published([written(text)])


def published(blocks: list[Piece]) -> Piece:
    return {"type": "home", "blocks": blocks}


def symbol(status: DoorStatus) -> str:
    """The same that the words say, at a glance."""
    if status.lockdown:
        return ":rotating_light:"
    return ":unlock:" if status.unlock or status.releasing_until else ":lock:"


def _door(seen: DoorSeen, home: Home, now: datetime) -> list[Piece]:
    """A door's state, and the buttons that change it."""
    door, sentence = seen.door, sentences.sentence(seen.status, now)
    title = f"*{door.name}*\n" if len(home.choice) > 1 else ""
    return [
        section(f"{title}{symbol(seen.status)} {sentence}"),
        *actions(f"door:{door.id}", _switches(seen, home)),
    ]


def _switches(seen: DoorSeen, home: Home) -> list[Piece]:
    """Unlock and lock, as far as they would do anything, and as far as this person may."""
    status, door, terms = seen.status, seen.door, home.terms
    if status.lockdown:
        return [_lift(seen)] if seen.may(Action.LIFT) else []
    if not seen.may(Action.UNLOCK):
        return []
    switches = []
    releases = bool(status.unlock or status.releasing_until)
    if releases:
        switches.append(button("lock", door.id, "Lock", f"Lock {the(door)}", "primary"))
    if status.is_open and not (status.unlock and status.unlock.left is None):
        usual = describe_duration(terms.unlock_for)
        spoken = f"Unlock for {usual}: {the(door)}"
        style = "" if releases or len(home.doors) > 1 else "primary"  # where each is green, none is
        switches.append(button("unlock", door.id, f"Unlock for {usual}", spoken, style))
    if status.is_open:
        switches.append(overflow("unlock:for", _durations(door.id, terms)))
    return switches


def _lift(seen: DoorSeen) -> Piece:
    door = seen.door
    asked = confirmation("Lift the lockdown?", f"What was in force at {the(door)} before counts again.", "Lift it")
    return button("lift", door.id, "Lift the lockdown", f"Lift the lockdown of {the(door)}", confirm=asked)


def _durations(door_id: str, terms: Terms) -> list[tuple[str, str]]:
    """Other ways to unlock: what is sent, which is what could be typed, and what is read."""
    longest = describe_duration(terms.unlock_max)
    return [
        (f"{door_id} for 30m", "Unlock for 30 minutes"),
        (f"{door_id} for 1h", "Unlock for 1 hour"),
        (f"{door_id} for 2h", "Unlock for 2 hours"),
        (f"{door_id} for {longest}", f"Unlock until closing time, {longest} at most"),
        (f"{door_id} once", "Release the next ring only"),
    ]


def _choice(home: Home) -> list[Piece]:
    """Which door the rest is about, and which doors are shown; nothing where that would change nothing."""
    is_all = len(home.choice) == len(home.doors)
    is_host = any(seen.role >= Role.HOST for seen in home.doors)
    if len(home.choice) < 2 or (is_all and not is_host):
        return []
    chosen, doors = home.chosen, [(door.id, door.name) for door in home.choice]
    some = "" if is_all else f"Here are {len(home.doors)} of {len(home.choice)} doors. "
    more = f"More about {the(chosen.door)}. " if chosen.role >= Role.HOST else ""
    told = section(f"{more}{some}Choose another door in the menu.", select("home:door", doors, chosen.door.id, MENU))
    # The id changes with the choice, or Slack would go on showing what was chosen in this window.
    return [DIVIDER, header(chosen.door.name), {**told, "block_id": f"of:{chosen.door.id}"}]
