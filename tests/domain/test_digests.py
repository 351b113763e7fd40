"""What a door's day knows, and how long it waits."""

from datetime import timedelta

import pytest

from app.domain.audit import Action, AuditEvent, LogEntry, Outcome
from app.domain.digest_sentences import figures
from app.domain.digests import MOST_UNDER_WAY, Digest
from app.domain.notices import RETRY_FIRST, RETRY_LONGEST
from tests.support import a_door, local

NOON = local("2026-11-23T12:00")


def ring(number: int, outcome: Outcome = Outcome.FORWARDED) -> LogEntry:
    return LogEntry(number, AuditEvent(NOON, "front", Action.RING, outcome, visit=f"CA{number}"))


def test_zeros_are_left_out_and_the_good_news_comes_first() -> None:
    counts = {"missed": 1, "turned_away": 1, "released": 14, "answered": 0}
    assert figures(a_door(), counts) == "Front door today: 14 released, 1 turned away, 1 missed."


def test_the_newest_visits_under_way_are_remembered_and_not_without_end() -> None:
    digest = Digest(0, NOON)
    for number in range(1, MOST_UNDER_WAY + 2):
        digest = digest.read_on(ring(number, Outcome.ASKED))
    assert len(digest.under_way) == MOST_UNDER_WAY
    assert digest.was_asked_about(f"CA{MOST_UNDER_WAY + 1}")
    assert "CA1" not in digest.under_way


def test_a_visit_that_was_asked_about_stays_so_when_it_is_forwarded() -> None:
    forwarded = AuditEvent(NOON, "front", Action.FORWARD, Outcome.FORWARDED, visit="CA1")
    digest = Digest(0, NOON).read_on(ring(1, Outcome.ASKED)).read_on(LogEntry(2, forwarded))
    assert digest.was_asked_about("CA1")


@pytest.mark.parametrize(
    ("tries", "not_before", "wait"),
    [
        (0, timedelta(0), RETRY_FIRST),
        (1, timedelta(0), 2 * RETRY_FIRST),
        (10_000, timedelta(0), RETRY_LONGEST),
        (0, timedelta(seconds=30), timedelta(seconds=30)),
    ],
)
def test_each_retry_waits_longer_and_as_long_as_slack_asks_for(
    tries: int, not_before: timedelta, wait: timedelta
) -> None:
    later = Digest(0, NOON, tries=tries).claim(NOON).retry(NOON, not_before)
    assert (later.rests_until, later.tries, later.claimed) == (NOON + wait, tries + 1, False)


def test_a_new_day_may_complain_again() -> None:
    assert not Digest(0, NOON, day="2026-11-23", complained=True).of_day("2026-11-24").complained
