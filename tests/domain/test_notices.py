from datetime import datetime, timedelta

import pytest

from app.domain.notices import Notice
from tests.support import local

NOON = local("2026-11-23T12:00")
SECOND, MICROSECOND = timedelta(seconds=1), timedelta(microseconds=1)
NOTICE = Notice("C0FRONTDOOR", "unlocked", NOON)


@pytest.mark.parametrize("now", [NOON - timedelta(days=1), NOON])
def test_a_new_notice_does_not_rest(now: datetime) -> None:
    assert not NOTICE.rests(now)


def test_a_claim_holds_for_a_minute() -> None:
    claimed = NOTICE.claim(NOON + SECOND)
    assert (claimed.claimed, NOTICE.claimed) == (True, False)
    assert claimed.rests(NOON + 61 * SECOND - MICROSECOND)
    assert not claimed.rests(NOON + 61 * SECOND)


def test_whatever_becomes_of_it_it_stays_due_since_it_was_written() -> None:
    claimed = NOTICE.claim(NOON + SECOND)
    later = claimed.retry(NOON + SECOND)
    assert later is not None
    assert [each.due_at for each in (NOTICE, claimed, later)] == [NOON] * 3


def test_it_is_tried_again_later_and_later_within_an_hour() -> None:
    notice, now, waits = NOTICE, NOON, []
    while (later := notice.claim(now).retry(now)) is not None:
        assert later.rests_until is not None
        waits.append((later.rests_until - now) // SECOND)
        assert not later.claimed
        notice, now = later, later.rests_until
    assert waits == [5, 10, 20, 40, 80, 160, *[300] * 10]


@pytest.mark.parametrize(("away", "is_tried"), [(0, True), (1, False)])
def test_it_is_given_up_when_the_next_try_would_come_after_an_hour(away: int, is_tried: bool) -> None:
    last = NOON + timedelta(hours=1) - 5 * SECOND + away * timedelta(microseconds=1)
    assert (NOTICE.retry(last) is not None) is is_tried


def test_it_stays_the_same_message() -> None:
    later = NOTICE.retry(NOON)
    assert later is not None
    assert (later.channel, later.text, later.written_at, later.tries) == ("C0FRONTDOOR", "unlocked", NOON, 1)
