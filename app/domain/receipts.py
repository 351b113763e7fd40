"""What is remembered about requests: first answers, counted refusals, counted forgeries."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from app.domain.audit import Action, Source

RECEIPT_KEPT_FOR = timedelta(minutes=10)
REFUSALS_COLLAPSE_FOR = timedelta(minutes=1)
UNVERIFIED_SUMMED_FOR = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Receipt:
    """The first answer to a command; the same delivery again gets it and does nothing."""

    answer: str
    given_at: datetime

    @property
    def due_at(self) -> datetime:
        return self.given_at + RECEIPT_KEPT_FOR


@dataclass(frozen=True, slots=True)
class Refusals:
    """What a person was refused within a minute: of equal refusals the first is on record, the others are counted.

    `repeated` has every reason that was given, with how often it was given again.
    """

    actor: str
    action: Action
    source: Source
    since: datetime
    repeated: Mapping[str, int]

    @property
    def due_at(self) -> datetime:
        return self.since + REFUSALS_COLLAPSE_FOR


@dataclass(frozen=True, slots=True)
class Unverified:
    """Requests whose signature was not right, by edge, since the last summary."""

    since: datetime
    counts: Mapping[str, int] = field(default_factory=dict)

    @property
    def due_at(self) -> datetime:
        return self.since + UNVERIFIED_SUMMED_FOR
