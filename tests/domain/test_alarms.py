"""When requests in Twilio's name that don't verify are more than a forger's."""

from datetime import datetime, timedelta

import pytest

from app.domain.alarms import GRACE, TOLD_AGAIN_AFTER, WITHIN, Verification
from tests.support import local

NOON = local("2026-11-23T12:00")
SECOND, MICROSECOND = timedelta(seconds=1), timedelta(microseconds=1)
THREE = [NOON, NOON + SECOND, NOON + 2 * SECOND]
LAST = THREE[-1]


def heard(*failed: datetime, verified_at: datetime | None = None, now: datetime = LAST) -> Verification:
    return Verification().heard(failed, verified_at, now)


def told(now: datetime = LAST + GRACE) -> Verification:
    return heard(*THREE).told(now)


def test_what_is_well_is_not_worth_a_record() -> None:
    assert heard(verified_at=NOON) == Verification()


@pytest.mark.parametrize(("count", "since"), [(2, None), (3, NOON)])
def test_three_failures_are_suspicious(count: int, since: datetime | None) -> None:
    assert heard(*THREE[:count]).failing_since == since


@pytest.mark.parametrize(("beyond", "since"), [(-MICROSECOND, NOON), (timedelta(), None)])
def test_they_are_so_within_an_hour(beyond: timedelta, since: datetime | None) -> None:
    assert heard(*THREE, now=NOON + WITHIN + beyond).failing_since == since


@pytest.mark.parametrize("at", [NOON, THREE[1], LAST, LAST + SECOND])
def test_none_before_the_last_that_verified_counts(at: datetime) -> None:
    assert heard(*THREE, verified_at=at).failing_since is None


def test_what_verified_before_them_changes_nothing() -> None:
    assert heard(*THREE, verified_at=NOON - MICROSECOND).failing_since == NOON


def test_what_several_processes_met_adds_up_and_counts_once() -> None:
    one = heard(THREE[0], THREE[1])
    assert one.heard(THREE[:2], None, LAST) == one
    assert one.heard([LAST], None, LAST).failing_since == NOON


@pytest.mark.parametrize(("beyond", "is_news"), [(-MICROSECOND, False), (timedelta(), True)])
def test_another_process_has_a_minute_to_say_that_it_verified_one(beyond: timedelta, is_news: bool) -> None:
    suspected = heard(*THREE)
    now = LAST + GRACE + beyond
    assert suspected.heard([now], None, now).is_news(now) is is_news
    assert not suspected.heard([], LAST + SECOND, now).is_news(now)


def test_it_is_told_once_however_long_it_lasts() -> None:
    now = LAST + timedelta(days=3)
    assert not told().heard([now, now - SECOND, now - 2 * SECOND], None, now).is_news(now)


def test_what_was_told_stands_until_one_verifies() -> None:
    later = told().heard([], None, NOON + timedelta(days=2))
    assert (later.is_told, later.failing_since) == (True, NOON)
    over = later.heard([], NOON + timedelta(days=2), NOON + timedelta(days=2))
    assert (over.is_told, over.failing_since, over.failed) == (False, None, ())


def test_what_was_not_told_fades_with_its_hour() -> None:
    faded = heard(*THREE).heard([], None, NOON + WITHIN)
    assert (faded.failing_since, faded.suspected_at) == (None, None)


def test_failures_before_the_last_verified_request_do_not_come_back() -> None:
    over = told().heard([], LAST + SECOND, LAST + SECOND)
    assert over.heard(THREE, None, LAST + 2 * SECOND) == over


@pytest.mark.parametrize(("beyond", "is_news"), [(-MICROSECOND, False), (timedelta(), True)])
def test_the_next_outage_is_told_a_day_later_at_the_soonest(beyond: timedelta, is_news: bool) -> None:
    over = told().heard([], LAST + SECOND, LAST + SECOND)
    now = LAST + GRACE + TOLD_AGAIN_AFTER + beyond
    failed = [now - GRACE - each * SECOND for each in range(3)]
    again = over.heard(failed, None, now - GRACE).heard(failed, None, now)
    assert again.failing_since == failed[-1]
    assert again.is_news(now) is is_news
