"""Equal refusals of one person collapse to one a minute, counted."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from freezegun import freeze_time

from tests.support import GUEST, HOST, Office


@pytest.fixture
def clock() -> Iterator[Any]:
    """Monday noon in New York, as long as a test lasts."""
    with freeze_time("2026-11-23T17:00:00Z", tick=True) as clock:
        yield clock


def refusals(office: Office) -> list[tuple[str, str, int | str | None]]:
    """Who was refused why, and how many times more, from the logs of the office and of its door."""
    events = [*office.log(""), *office.log()]
    return [(event.actor, event.reason, event.details.get("times")) for event in events]


def test_the_first_is_on_record_at_once_and_the_others_are_counted_a_minute_later(office: Office, clock: Any) -> None:
    for _ in range(5):
        office.say("unlock", GUEST)
    office.sweep()
    first = (GUEST, "not_full_member", None)
    assert refusals(office) == [first]
    clock.tick(timedelta(seconds=61))
    office.sweep()
    office.sweep()
    assert refusals(office) == [first, (GUEST, "not_full_member", 4)]


def test_a_single_refusal_is_on_record_once(office: Office, clock: Any) -> None:
    office.say("unlock", GUEST)
    clock.tick(timedelta(seconds=61))
    office.sweep()
    assert refusals(office) == [(GUEST, "not_full_member", None)]


def test_a_minute_later_the_same_refusal_is_on_record_again(office: Office, clock: Any) -> None:
    for _ in range(2):
        office.say("unlock", GUEST)
        office.say("unlock", GUEST)
        clock.tick(timedelta(seconds=61))
    office.sweep()
    assert [times for _, _, times in refusals(office)] == [None, 1, None, 1]


def test_refusals_of_different_people_and_reasons_do_not_collapse(office: Office, clock: Any) -> None:
    office.say("unlock", GUEST)
    office.say("unlock", "U0GUEST02")
    office.say("unlock until 9:00", HOST)
    office.say("unlock for ever", HOST)
    assert [reason for _, reason, _ in refusals(office)] == ["not_full_member"] * 2 + ["past", "not_understood"]


def test_refused_questions_are_collapsed_as_well(office: Office, clock: Any) -> None:
    for _ in range(3):
        office.say("status", GUEST)
    clock.tick(timedelta(seconds=61))
    office.sweep()
    assert refusals(office) == [(GUEST, "not_full_member", None), (GUEST, "not_full_member", 2)]


def test_a_refused_person_is_told_why_every_time(office: Office, clock: Any) -> None:
    assert len({office.say("unlock", GUEST) for _ in range(3)}) == 1
