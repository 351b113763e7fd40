from dataclasses import FrozenInstanceError, fields

import pytest

from app.domain.audit import Action, AuditEvent, LogEntry, Outcome, Source
from app.domain.commands import VERBS
from app.domain.decisions import DenyReason
from app.domain.visits import VisitState
from tests.support import local

NOON = local("2026-11-23T12:00")


def test_an_event_says_when_where_what_how_why_who_by_which_edge_and_which_visit() -> None:
    names = [field.name for field in fields(AuditEvent)]
    assert names[:8] == ["time", "door", "action", "outcome", "reason", "actor", "source", "visit"]


def test_an_event_can_not_be_changed() -> None:
    entry = LogEntry(1, AuditEvent(NOON, "front", Action.LOCK, Outcome.DONE))
    with pytest.raises(FrozenInstanceError):
        entry.event.reason = "another"  # type: ignore[misc]


def test_what_nobody_asked_for_comes_from_the_system() -> None:
    assert AuditEvent(NOON, "", Action.VERIFY, Outcome.REFUSED).source is Source.SYSTEM


def test_two_events_do_not_share_their_details() -> None:
    first, second = (AuditEvent(NOON, "front", Action.LOCK, Outcome.DONE) for _ in range(2))
    assert first.details is not second.details


@pytest.mark.parametrize("word", VERBS)
def test_a_command_is_on_record_under_the_word_that_was_typed(word: str) -> None:
    # What comes after `code` says which of three it is.
    assert VERBS[word].value == {"code": "codes", "lockdown": "lock_down"}.get(word, word)


@pytest.mark.parametrize("state", [state for state in VisitState if state is not VisitState.TURNED_AWAY])
def test_every_state_of_a_visit_is_an_outcome_on_record(state: VisitState) -> None:
    """But for a visitor whom a host turned away: what the host did says that."""
    assert Outcome(state.value)


def test_values_on_record_are_plain_words() -> None:
    words = [*Action, *Outcome, *Source, *DenyReason]
    assert all(word.replace("_", "").isalpha() and word.islower() for word in words)
