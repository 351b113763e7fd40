from datetime import timedelta

import pytest

from app.domain.notices import Notice
from tests.support import local

NOON = local("2026-11-23T12:00")
SECOND = timedelta(seconds=1)
NOTICE = Notice("C0FRONTDOOR", "unlocked", NOON, NOON)


def test_a_claim_holds_for_a_minute() -> None:
    claimed = NOTICE.claim(NOON + SECOND)
    assert claimed.claimed
    assert claimed.due_at == NOON + timedelta(seconds=61)
    assert not NOTICE.claimed


def test_it_is_tried_again_later_and_later_within_an_hour() -> None:
    notice, now, waits = NOTICE, NOON, []
    while (later := notice.claim(now).retry(now)) is not None:
        waits.append((later.due_at - now) // SECOND)
        assert not later.claimed
        notice, now = later, later.due_at
    assert waits == [5, 10, 20, 40, 80, 160, *[300] * 10]


@pytest.mark.parametrize(("away", "is_tried"), [(0, True), (1, False)])
def test_it_is_given_up_when_the_next_try_would_come_after_an_hour(away: int, is_tried: bool) -> None:
    last = NOON + timedelta(hours=1) - 5 * SECOND + away * timedelta(microseconds=1)
    assert (NOTICE.retry(last) is not None) is is_tried


def test_it_stays_the_same_message() -> None:
    later = NOTICE.retry(NOON)
    assert later is not None
    assert (later.channel, later.text, later.written_at, later.tries) == ("C0FRONTDOOR", "unlocked", NOON, 1)
