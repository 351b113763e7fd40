"""All of a call ends before the intercom loses patience: computed from the TwiML that the visitor hears."""

from datetime import datetime, timedelta
from itertools import product
from xml.etree import ElementTree

import pytest

from app.domain.doors import Door
from app.domain.patience import can_ring_again
from app.domain.visits import Visit, VisitState
from app.languages import LANGUAGES
from app.voice.answers import Answering
from tests.support import PUBLIC_URL, TELEPHONE, a_door, local, verbs

NOON = local("2026-11-23T12:00")
CHARACTERS_A_SECOND = 14
TWILIO_MAY_RING_LONGER = 5  # seconds
SECOND_TELEPHONE = "+12125550124"
ANSWERS = Answering(PUBLIC_URL)
SECONDS = [*range(10, 60, 5), 90, 120]
ALLOWED = [(ask_for, patience) for ask_for, patience in product(SECONDS, SECONDS) if max(ask_for, 25) <= patience]


def a_door_that(ask_for: int, patience: int, language: str = "en-US", channel: str = "C0FRONTDOOR") -> Door:
    spans = {"ask_for": timedelta(seconds=ask_for), "patience": timedelta(seconds=patience)}
    return a_door(forward_to=(TELEPHONE, SECOND_TELEPHONE), language=language, channel=channel, **spans)


def spoken(parent: ElementTree.Element) -> float:
    """How long it takes to say what stands in a verb."""
    return sum(len(say.text or "") for say in parent.iter("Say")) / CHARACTERS_A_SECOND


def heard(twiml: str) -> float:
    """How long a document takes: what is said, and then how long a key is waited for, or a telephone is rung."""
    return sum(spoken(verb) + float(verb.get("timeout", 0)) for verb in verbs(twiml))


def held_until(door: Door) -> datetime:
    """When the poll comes that forwards the call."""
    visit = Visit("CA1", NOON, VisitState.HELD, "locked", held_until=NOON + door.hold, is_asked=True)
    now = NOON + timedelta(seconds=heard(ANSWERS.ring(door, visit, NOON)))
    while now < NOON + door.hold:
        now += timedelta(seconds=heard(ANSWERS.held(door, visit, now)))
    return now


def nobody_comes(door: Door, forwarded_at: datetime) -> datetime:
    """When a call ends for which nobody picks up a telephone, and Twilio takes its time to notice."""
    visit = Visit("CA1", NOON, VisitState.FORWARDED, "locked")
    rung = heard(ANSWERS.held(door, visit, forwarded_at)) + TWILIO_MAY_RING_LONGER
    told = heard(ANSWERS.held(door, visit.moved(VisitState.UNANSWERED), forwarded_at))
    return forwarded_at + timedelta(seconds=rung + told)


def voicemails_come(door: Door, forwarded_at: datetime) -> datetime:
    """When a call ends for which each telephone is picked up at the last moment, and nobody presses a key."""
    visit, now = Visit("CA1", NOON, VisitState.FORWARDED, "locked"), forwarded_at
    for number in range(1, len(door.forward_to) + 1):
        if number > 1 and not can_ring_again(door, NOON, now):
            break
        whispered = heard(ANSWERS.whisper(door, "whisper_lockdown"))
        now += timedelta(seconds=heard(ANSWERS.held(door, visit, now)) + whispered)
        visit = visit.moved(VisitState.FORWARDED, left_out=door.forward_to[:number])
    return now + timedelta(seconds=heard(ANSWERS.held(door, visit.moved(VisitState.UNANSWERED), now)))


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(("ask_for", "patience"), ALLOWED)
def test_all_of_a_call_ends_within_patience(language: str, ask_for: int, patience: int) -> None:
    door = a_door_that(ask_for, patience, language)
    ends = [after(door, held_until(door)) for after in (nobody_comes, voicemails_come)]
    assert max(ends) <= NOON + door.patience


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("patience", [25, 30, 55, 90, 120, 300])
def test_a_call_that_nobody_is_asked_about_rings_as_long_as_it_may(language: str, patience: int) -> None:
    door = a_door_that(10, patience, language, channel="")
    ends = [after(door, NOON) for after in (nobody_comes, voicemails_come)]
    assert NOON + door.patience - timedelta(seconds=10) <= max(ends) <= NOON + door.patience


def test_hosts_are_asked_as_long_as_the_office_says_where_patience_allows() -> None:
    assert a_door_that(25, 55).hold == timedelta(seconds=25)
    assert a_door_that(60, 120).hold == timedelta(seconds=60)
    assert a_door_that(55, 55).hold == timedelta(seconds=28)


@pytest.mark.parametrize(("patience", "is_announced"), [(25, False), (30, True), (55, True)])
def test_where_patience_is_short_the_telephones_ring_without_being_announced(patience: int, is_announced: bool) -> None:
    door = a_door_that(25, patience)
    visit = Visit("CA1", NOON, VisitState.FORWARDED, "locked", is_asked=True)
    told = [verb.tag for verb in verbs(ANSWERS.held(door, visit, held_until(door)))]
    assert told == (["Say", "Dial"] if is_announced else ["Dial"])
