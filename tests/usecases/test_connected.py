"""Whether a telephone was connected is Twilio's to say: our answer to the key that took the call may have been lost."""

from datetime import datetime, timedelta

import pytest

from app.domain import visit_sentences
from app.domain.audit import Action
from app.domain.visits import Visit, VisitState
from app.ports import Store, entries, partition
from app.usecases.steps import nobody, visit_key
from app.usecases.telephones import TALK, Telephones
from tests.support import TELEPHONE, a_door, local

NOON = local("2026-11-23T12:00")
OTHER = "+12125550124"
DOOR, CALL = a_door(forward_to=(TELEPHONE, OTHER)), "CA1"
SOON, LATE = NOON + timedelta(seconds=10), NOON + timedelta(seconds=50)


@pytest.fixture
def telephones(store: Store) -> Telephones:
    snapshot = store.read(partition(DOOR.id), visit_key(CALL))
    assert store.commit(snapshot, {visit_key(CALL): Visit(CALL, NOON, VisitState.FORWARDED, "locked")})
    return Telephones(store, nobody)


def outcomes(store: Store) -> list[str]:
    return [f"{each.event.outcome} {each.event.reason}".strip() for each in entries(store, partition(DOOR.id))][::-1]


def taken(telephones: Telephones) -> Telephones:
    """The other telephone was a voicemail; this one takes the call."""
    for telephone in (OTHER, TELEPHONE):
        telephones.picked_up(DOOR, CALL, telephone, NOON)
    telephones.pressed(DOOR, CALL, TELEPHONE, TALK, SOON)
    return telephones


def done(telephones: Telephones, talked: bool | None, now: datetime = SOON) -> Visit:
    visit = telephones.done(DOOR, CALL, "completed", False, now, talked)
    assert visit
    return visit


def test_a_telephone_that_took_the_call_and_was_not_connected_rings_again(telephones: Telephones, store: Store) -> None:
    visit = done(taken(telephones), talked=False)
    assert (visit.state, visit.by, visit.decided_at) == (VisitState.FORWARDED, "", None)
    assert visit.left_out == (OTHER,)
    assert outcomes(store) == ["answered", "forwarded not_connected"]


def test_where_there_is_no_time_for_that_the_visitor_is_told(telephones: Telephones, store: Store) -> None:
    assert done(taken(telephones), talked=False, now=LATE).state is VisitState.UNANSWERED
    assert outcomes(store) == ["answered", "unanswered not_connected"]


@pytest.mark.parametrize("talked", [True, None])
def test_a_talk_that_is_over_is_over(telephones: Telephones, store: Store, talked: bool | None) -> None:
    assert done(taken(telephones), talked).state is VisitState.ANSWERED
    assert outcomes(store) == ["answered"]


def test_a_talk_that_began_while_the_store_was_away_is_on_record(telephones: Telephones, store: Store) -> None:
    visit = done(telephones, talked=True)
    assert visit.state is VisitState.ANSWERED
    assert visit_sentences.message(visit, DOOR, "").endswith(" Answered by telephone.")
    entry = next(entries(store, partition(DOOR.id)))
    assert (entry.event.action, entry.event.outcome, entry.event.actor) == (Action.FORWARD, "answered", "")


def test_a_visitor_who_left_meanwhile_is_not_called(telephones: Telephones, store: Store) -> None:
    visit = taken(telephones).done(DOOR, CALL, "completed", True, SOON, False)
    assert visit
    assert visit.state is VisitState.ANSWERED
    assert outcomes(store) == ["answered"]
