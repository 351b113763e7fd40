"""Visits as the audit log tells them, once they are history: when they rang, how they ended, who answered."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime

from app.domain.audit import Action, AuditEvent, Outcome
from app.domain.decisions import DenyReason, GrantSource
from app.domain.digests import OF_A_VISIT_UNDER_WAY, Conclusion

AT_THE_RING = {Outcome.RELEASED: Conclusion.RELEASED, Outcome.DENIED: Conclusion.DENIED}
BY_A_PERSON = (Action.ADMIT, Action.TURN_AWAY, Action.FORWARD)
PEOPLE = (GrantSource.HOST, GrantSource.TELEPHONE)


@dataclass(frozen=True, slots=True)
class PastVisit:
    """`conclusion` is None while nobody knows yet. `by`: what released the door, such as "unlock".

    `answered_at`: when a person decided; None where no person did. `was_forwarded`: the telephones rang.
    """

    rang_at: datetime
    conclusion: Conclusion | None = None
    by: str = ""
    answered_at: datetime | None = None
    was_forwarded: bool = False

    @property
    def was_released(self) -> bool:
        return self.conclusion is Conclusion.RELEASED

    @property
    def needed_nobody(self) -> bool:
        """Released without anybody having to answer."""
        return self.was_released and self.by not in PEOPLE

    @property
    def was_taken_by_telephone(self) -> bool:
        """Somebody who was called answered, or let the visitor in."""
        return self.conclusion is Conclusion.ANSWERED or (self.was_released and self.by == GrantSource.TELEPHONE)

    @property
    def seconds(self) -> float | None:
        """How long the visitor waited for a person; None where no person answered."""
        return None if self.answered_at is None else max(0.0, (self.answered_at - self.rang_at).total_seconds())

    def after(self, event: AuditEvent) -> "PastVisit":
        """The visit after one more event of it. What happened last counts: an answer may be taken back."""
        if event.outcome is Outcome.FORWARDED:
            kept = self if event.action is Action.RING else PastVisit(self.rang_at)
            return replace(kept, was_forwarded=True)
        conclusion = _conclusion(event)
        if conclusion is None or (conclusion is Conclusion.LOST and self.conclusion):
            return self
        by = GrantSource.CODE.value if event.action is Action.USE_CODE else event.reason
        answered = event.action in BY_A_PERSON and conclusion is not Conclusion.MISSED
        return replace(
            self,
            conclusion=conclusion,
            by=by if conclusion is Conclusion.RELEASED else "",
            answered_at=event.time if answered else None,
        )


def past_visits(events: Iterable[AuditEvent]) -> list[PastVisit]:
    """The visits in a part of a door's log, oldest first; without those that rang before it and callers we refuse."""
    found: dict[str, PastVisit] = {}
    for event in events:
        if event.action is Action.RING and event.visit not in found and event.reason != DenyReason.NOT_AN_INTERCOM:
            found[event.visit] = PastVisit(rang_at(event))
        if event.visit in found:
            found[event.visit] = found[event.visit].after(event)
    return list(found.values())


def rang_at(event: AuditEvent) -> datetime:
    """When somebody rang; a ring that was forwarded because of a fault is put on record later."""
    late = event.details.get("rang_at")
    return datetime.fromisoformat(str(late)) if late else event.time


def _conclusion(event: AuditEvent) -> Conclusion | None:
    if event.action is Action.RING:
        return AT_THE_RING.get(event.outcome)
    return OF_A_VISIT_UNDER_WAY.get((event.action, event.outcome))
