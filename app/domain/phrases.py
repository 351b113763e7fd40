"""Parts of sentences: people, doors and telephones as they are named everywhere."""

import re
from collections.abc import Callable, Collection

from app.domain.doors import Door

GROUP_ID = re.compile(r"S[A-Z0-9]{2,}", re.ASCII)
NAMED = 10  # so many doors are named in one sentence

Name = Callable[[str], str]


def is_person(actor: str) -> bool:
    """Whether this is a person's id in Slack."""
    return actor[:1] in ("U", "W") and actor.isalnum()


def mention(actor: str) -> str:
    """How Slack shows a person or a user group: their ids become mentions, everything else stays."""
    if GROUP_ID.fullmatch(actor):
        return f"<!subteam^{actor}>"
    return f"<@{actor}>" if is_person(actor) else actor


def the(door: Door) -> str:
    """A door's name in the middle of a sentence."""
    first, _, rest = door.name.partition(" ")
    if first == "The":
        return f"the {rest}"
    if not rest.lower().endswith("door"):
        return door.name
    return f"the {first.lower() if first.istitle() else first} {rest}"


def masked(number: str) -> str:
    """A telephone number's last four digits; of an address only its kind."""
    return f"…{number[-4:]}" if number.startswith("+") else number.partition(":")[0]


def start(text: str) -> str:
    """Text with a capital letter, at the start of a sentence."""
    return text[:1].upper() + text[1:]


def listed(door_ids: Collection[str]) -> str:
    """ "`front`, `side`", and how many more there are."""
    ids = list(door_ids)
    more = f" and {len(ids) - NAMED} more" if len(ids) > NAMED else ""
    return ", ".join(f"`{each}`" for each in ids[:NAMED]) + more
