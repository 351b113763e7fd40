"""What the audit log says of visits that are history."""

from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.audit import Action, AuditEvent, Outcome, Source
from app.domain.digests import Conclusion
from app.domain.past_visits import PastVisit, past_visits
from tests.support import HOST, TELEPHONE, local

NOON = local("2026-11-23T12:00")
CONCLUSIONS = st.sampled_from(
    [Action.RING, Action.ADMIT, Action.TURN_AWAY, Action.USE_CODE, Action.FORWARD, Action.END, Action.UNLOCK]
)


def event(
    action: Action, outcome: Outcome, reason: str = "", seconds: float = 0, visit: str = "CA1", **details: str | int
) -> AuditEvent:
    at = NOON + timedelta(seconds=seconds)
    return AuditEvent(at, "front", action, outcome, reason, HOST, Source.VOICE, visit, details=details)


ASKED = event(Action.RING, Outcome.ASKED, "locked")
FORWARDED = event(Action.FORWARD, Outcome.FORWARDED, "nobody_answered", 25)
ADMITTED = event(Action.ADMIT, Outcome.RELEASED, "host", 7)
ANSWERED = event(Action.FORWARD, Outcome.ANSWERED, "", 40)
TAKEN_BACK = event(Action.FORWARD, Outcome.FORWARDED, "lockdown", 9)


def ended(*events: AuditEvent) -> dict[str, Any]:
    """What differs from a visit of which nothing is known but that it rang."""
    (visit,) = past_visits(events)
    plain = PastVisit(visit.rang_at)
    return {name: getattr(visit, name) for name in PastVisit.__slots__ if getattr(visit, name) != getattr(plain, name)}


RELEASED = {"conclusion": Conclusion.RELEASED}


@pytest.mark.parametrize(
    ("events", "expected"),
    [
        ([event(Action.RING, Outcome.RELEASED, "unlock")], {**RELEASED, "by": "unlock"}),
        ([event(Action.RING, Outcome.RELEASED, "schedule")], {**RELEASED, "by": "schedule"}),
        ([ASKED, event(Action.RING, Outcome.RELEASED, "unlock", 3)], {**RELEASED, "by": "unlock"}),
        ([ASKED, ADMITTED], {**RELEASED, "by": "host", "answered_at": ADMITTED.time}),
        ([ASKED, event(Action.USE_CODE, Outcome.RELEASED, "valid", 5, name="FedEx")], {**RELEASED, "by": "code"}),
        ([ASKED, event(Action.USE_CODE, Outcome.DENIED, "wrong_code", 5)], {}),
        (
            [ASKED, event(Action.TURN_AWAY, Outcome.DENIED, "", 6)],
            {"conclusion": Conclusion.TURNED_AWAY, "answered_at": NOON + timedelta(seconds=6)},
        ),
        ([ASKED, FORWARDED], {"was_forwarded": True}),
        (
            [ASKED, FORWARDED, ANSWERED],
            {"conclusion": Conclusion.ANSWERED, "was_forwarded": True, "answered_at": ANSWERED.time},
        ),
        (
            [ASKED, FORWARDED, event(Action.FORWARD, Outcome.UNANSWERED, "no-answer", 55)],
            {"conclusion": Conclusion.MISSED, "was_forwarded": True},
        ),
        ([ASKED, event(Action.END, Outcome.HUNG_UP, "", 8)], {"conclusion": Conclusion.MISSED}),
        ([ASKED, event(Action.END, Outcome.LOST, "", 600)], {"conclusion": Conclusion.LOST}),
        ([event(Action.RING, Outcome.DENIED, "closed")], {"conclusion": Conclusion.DENIED}),
        (
            [event(Action.RING, Outcome.HELD, "closed"), event(Action.END, Outcome.DENIED, "closed", 6)],
            {"conclusion": Conclusion.DENIED},
        ),
        ([event(Action.RING, Outcome.FORWARDED, "lockdown")], {"was_forwarded": True}),
    ],
)
def test_every_end_of_a_visit_is_understood(events: list[AuditEvent], expected: dict[str, Any]) -> None:
    assert ended(*events) == expected


@pytest.mark.parametrize(
    ("events", "expected"),
    [
        # A lockdown came before the tone: the visitor reached a human after all, or nobody.
        ([ASKED, ADMITTED, TAKEN_BACK], {"was_forwarded": True}),
        (
            [ASKED, ADMITTED, TAKEN_BACK, ANSWERED],
            {"conclusion": Conclusion.ANSWERED, "was_forwarded": True, "answered_at": ANSWERED.time},
        ),
        # Whoever took the call was not connected with it.
        (
            [ASKED, FORWARDED, ANSWERED, event(Action.FORWARD, Outcome.FORWARDED, "not_connected", 50)],
            {"was_forwarded": True},
        ),
        (
            [ASKED, FORWARDED, ANSWERED, event(Action.FORWARD, Outcome.UNANSWERED, "not_connected", 50)],
            {"conclusion": Conclusion.MISSED, "was_forwarded": True},
        ),
        # The visitor had gone before the tone could be played.
        ([ASKED, ADMITTED, event(Action.END, Outcome.HUNG_UP, "", 8)], {"conclusion": Conclusion.MISSED}),
        # Nobody reported the end of a call that was decided.
        (
            [ASKED, ADMITTED, event(Action.END, Outcome.LOST, "", 600)],
            {**RELEASED, "by": "host", "answered_at": ADMITTED.time},
        ),
        # A fault at a poll is put on record when the store is back; the visit had gone on.
        (
            [ASKED, ADMITTED, event(Action.RING, Outcome.FORWARDED, "fault", 70)],
            {**RELEASED, "by": "host", "answered_at": ADMITTED.time, "was_forwarded": True},
        ),
    ],
)
def test_what_happened_last_counts(events: list[AuditEvent], expected: dict[str, Any]) -> None:
    assert ended(*events) == expected


def test_a_ring_that_was_recorded_late_rang_when_it_rang() -> None:
    rang_at = NOON - timedelta(minutes=3)
    (visit,) = past_visits([event(Action.RING, Outcome.FORWARDED, "fault", rang_at=rang_at.isoformat())])
    assert visit.rang_at == rang_at


def test_visits_at_the_same_time_are_told_apart() -> None:
    events = [ASKED, event(Action.RING, Outcome.ASKED, "locked", 1, "CA2"), event(Action.END, Outcome.HUNG_UP, "", 2)]
    first, second = past_visits(events)
    assert (first.conclusion, second.conclusion) == (Conclusion.MISSED, None)


@pytest.mark.parametrize(
    "events",
    [
        [event(Action.RING, Outcome.DENIED, "not_an_intercom")],
        [ADMITTED],  # it rang before what was read of the log
        [event(Action.UNLOCK, Outcome.DONE)],
        [AuditEvent(NOON, "front", Action.TELL, Outcome.REFUSED, "slack_refused")],
    ],
)
def test_what_is_no_visit_is_left_out(events: list[AuditEvent]) -> None:
    assert past_visits(events) == []


def test_what_needed_a_person_and_what_did_not() -> None:
    def visit(by: str, conclusion: Conclusion = Conclusion.RELEASED) -> PastVisit:
        return PastVisit(NOON, conclusion, by)

    assert [visit(by).needed_nobody for by in ("unlock", "schedule", "code", "host", "telephone")] == [True] * 3 + [
        False
    ] * 2
    assert not visit("", Conclusion.ANSWERED).needed_nobody
    assert visit("", Conclusion.ANSWERED).was_taken_by_telephone
    assert visit("telephone").was_taken_by_telephone
    assert not visit("host").was_taken_by_telephone


def test_a_wait_is_never_less_than_nothing() -> None:
    """Two processes' clocks may differ."""
    assert PastVisit(NOON, answered_at=NOON - timedelta(seconds=1)).seconds == 0
    assert PastVisit(NOON, answered_at=NOON + timedelta(seconds=9)).seconds == 9
    assert PastVisit(NOON).seconds is None


@given(st.lists(st.tuples(CONCLUSIONS, st.sampled_from(Outcome), st.sampled_from(["CA1", "CA2", ""])), max_size=12))
def test_whatever_the_log_holds_each_visit_is_told_once(found: list[tuple[Action, Outcome, str]]) -> None:
    events = [event(action, outcome, "", at, visit) for at, (action, outcome, visit) in enumerate(found)]
    visits = past_visits(events)
    assert len(visits) == len({each.visit for each in events if each.action is Action.RING})
    assert all((visit.by == "") or visit.was_released for visit in visits)


def test_nothing_of_a_telephone_is_kept() -> None:
    """Neither who called nor who answered: a report names nobody."""
    answered = AuditEvent(NOON, "front", Action.ADMIT, Outcome.RELEASED, "telephone", TELEPHONE, visit="CA1")
    assert TELEPHONE not in repr(past_visits([ASKED, answered]))
