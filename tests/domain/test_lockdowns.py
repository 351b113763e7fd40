"""What is asked for with a lockdown: it is never refused for its words, and holds rather too long than too short."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.doors import DoorState, Lockdown
from app.domain.lockdowns import LockdownTerms, parse_terms, stronger
from tests.support import ADMIN, HOST, local

NEW_YORK = ZoneInfo("America/New_York")
NOON = local("2026-11-23T12:00")
HOUR, MICROSECOND = timedelta(hours=1), timedelta(microseconds=1)


def terms(text: str, now: datetime = NOON) -> LockdownTerms:
    return parse_terms(text, now, NEW_YORK)


@pytest.mark.parametrize(
    ("text", "why", "ends"),
    [
        ("until 18:00 fire drill", "fire drill", "2026-11-23T18:00"),
        ("until 18:00", "", "2026-11-23T18:00"),
        ("fire drill until 18:00", "fire drill", "2026-11-23T18:00"),
        ("UNTIL 6 pm Fire Drill", "Fire Drill", "2026-11-23T18:00"),
        ("until 6pm fire drill", "fire drill", "2026-11-23T18:00"),
        ("until 11:00 night watch", "night watch", "2026-11-24T11:00"),
        ("until tomorrow 9:00 repairs", "repairs", "2026-11-24T09:00"),
        ("until noon", "", "2026-11-24T12:00"),
        ("until midnight", "", "2026-11-24T00:00"),
        ("for 2h", "", "2026-11-23T14:00"),
        ("for 1h 30m fire drill", "fire drill", "2026-11-23T13:30"),
        ("for half an hour", "", "2026-11-23T12:30"),
        ("fire drill for 2 hours", "fire drill", "2026-11-23T14:00"),
    ],
)
def test_until_when_may_come_first_or_last(text: str, why: str, ends: str) -> None:
    assert terms(text) == LockdownTerms(why, local(ends))


@pytest.mark.parametrize(
    ("text", "unread"),
    [
        ("", False),
        ("fire drill", False),
        ("for fire drill", False),
        ("for 2 people at the door", False),
        ("waiting for 2h at the door", False),
        ("until the police have gone", True),
        ("until 6 fire drill", True),
        ("until 25:00", True),
        ("until", True),
        ("for 0h drill", False),
    ],
)
def test_what_is_no_time_is_why_and_it_lasts_until_it_is_lifted(text: str, unread: bool) -> None:
    assert terms(text) == LockdownTerms(text, None, unread)


@pytest.mark.parametrize("why", ["for 2 hours nobody comes in", "until 18:00", "for 2h", "until", "fire drill"])
def test_until_lifted_makes_a_reason_of_all_that_follows(why: str) -> None:
    assert terms(f"Until lifted {why}") == LockdownTerms(why)


def test_a_time_of_day_is_the_next_such_also_over_a_clock_change() -> None:
    evening = local("2027-03-13T23:00")  # clocks go forward that night
    assert terms("until 8:00", evening).ends_at == local("2027-03-14T08:00")
    assert terms("until 23:00", evening).ends_at == local("2027-03-14T23:00")


@given(st.text() | st.lists(st.sampled_from(["until", "for", "18:00", "2h", "fire", "6", "pm", "<!x>"])).map(" ".join))
def test_no_text_is_refused_and_none_keeps_markup(text: str) -> None:
    found = terms(text)
    assert found.ends_at is None or found.ends_at > NOON
    assert len(found.why) <= 200
    assert not {"<", ">"} & set(found.why)


@pytest.mark.parametrize(
    ("running", "asked", "holds"),
    [
        (None, HOUR, HOUR),
        (None, None, None),
        (HOUR, 2 * HOUR, 2 * HOUR),
        (2 * HOUR, HOUR, 2 * HOUR),
        (HOUR, HOUR, HOUR),
    ],
)
def test_one_with_an_end_never_shortens_another(
    running: timedelta | None, asked: timedelta | None, holds: timedelta | None
) -> None:
    before = Lockdown(ADMIN, NOON, "", NOON + running) if running else None
    found = stronger(before, Lockdown(HOST, NOON, "", NOON + asked if asked else None))
    assert found.ends_at == (NOON + holds if holds else None)


def test_one_without_an_end_stays_and_a_newer_one_without_an_end_counts() -> None:
    endless = Lockdown(ADMIN, NOON, "smoke")
    assert stronger(endless, Lockdown(HOST, NOON, "drill", NOON + HOUR)) is endless
    assert stronger(endless, Lockdown(HOST, NOON, "drill")).by == HOST


@pytest.mark.parametrize(("away", "holds"), [(-MICROSECOND, True), (timedelta(0), False), (MICROSECOND, False)])
def test_it_holds_until_its_end_and_not_a_moment_longer(away: timedelta, holds: bool) -> None:
    state = DoorState(lockdown=Lockdown(ADMIN, NOON, "", NOON + HOUR))
    assert bool(state.lockdown_at(NOON + HOUR + away)) is holds
