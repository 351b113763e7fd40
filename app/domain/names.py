"""What people are called, so that a log can name those who left."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from app.domain.plain_text import NO_MARKUP

MOST_NAMES, LONGEST_NAME = 1000, 80


@dataclass(frozen=True, slots=True)
class PeopleNames:
    """By a person's id what Slack called them last; those that were noted last come last."""

    names: Mapping[str, str] = field(default_factory=dict)

    def noted(self, names: Mapping[str, str]) -> "PeopleNames":
        """With these too; of too many the oldest are forgotten."""
        changed = {who: name for who, name in names.items() if self.names.get(who) != name}
        kept = {who: name for who, name in self.names.items() if who not in changed}
        return PeopleNames(dict([*kept.items(), *changed.items()][-MOST_NAMES:]))


def plain_name(name: str) -> str:
    """A name as people wrote it, without what could be taken for anything else; "" where nothing is left."""
    return " ".join(name.translate(NO_MARKUP).split())[:LONGEST_NAME]
