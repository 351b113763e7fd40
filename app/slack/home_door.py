"""The part of the App Home that is about one door: its visits of today, its schedule and its codes. Pure."""

from datetime import datetime

from app.domain import digest_sentences
from app.domain.audit import Action
from app.domain.code_sentences import described
from app.domain.homes import Day, Home
from app.domain.hours import local_clock
from app.domain.phrases import mention, the
from app.slack import home_schedule
from app.slack.kit import Piece, actions, button, confirmation, header, section


def blocks(home: Home, now: datetime) -> list[Piece]:
    """What this person may see of the chosen door."""
    return [*_visits(home), *home_schedule.blocks(home, now), *_codes(home, now)]


def _visits(home: Home) -> list[Piece]:
    if home.day is None:
        return []
    return [header("Today"), section(_told(home.day, home))]


def _told(day: Day, home: Home) -> str:
    """The day's figures, and its newest visits."""
    door = home.chosen.door
    now = f"{day.under_way} {'is' if day.under_way == 1 else 'are'} under way now." if day.under_way else ""
    if not day.counts:
        return now or f"Nobody has rung at {the(door)} today."
    first = f"{digest_sentences.figures(door, day.counts)} {now}".strip()
    is_short = day.is_cut or sum(day.counts.values()) > len(day.lines)
    return "\n".join([first, *(["…"] if is_short else []), *day.lines])


def _codes(home: Home, now: datetime) -> list[Piece]:
    """The live codes, each with a way to end it; never their digits."""
    if home.codes is None:
        return []
    door, ends, codes = home.chosen.door, home.codes.lockout_ends, home.codes.codes
    until = (
        f"Locked out until {local_clock(ends, door.hours.timezone, now)}, after too many wrong tries." if ends else ""
    )
    none = "" if codes else f"There are none for {the(door)}. With one, a courier lets themselves in."
    rows = [section(described(code, door, now, mention), _revoke(door.id, code.name)) for code in codes]
    first = [section(f"{until} {none}".strip())] if until or none else []
    issue = button("modal:issue_code", door.id, "Issue a code …", f"Issue a code for {the(door)}")
    return [header("Access codes"), *first, *rows, *actions(f"codes:{door.id}", [issue])]


def _revoke(door_id: str, name: str) -> Piece:
    asked = confirmation("Revoke this code?", f"{name} will release nothing any more.", "Revoke")
    return button(Action.REVOKE_CODE, f"{door_id} {name}", "Revoke", f"Revoke the code {name}", confirm=asked)
