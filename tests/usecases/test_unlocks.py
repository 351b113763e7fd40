from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from freezegun import freeze_time

from app.calendars import calendar
from app.clock import utcnow
from app.domain.audit import Action, AuditEvent, Outcome
from app.domain.doors import AfterHours, Door
from app.domain.notices import Notice
from app.domain.outcomes import Locked, RefusalReason, Refused, Unlocked
from app.domain.permissions import Role
from app.domain.sentences import sentence
from app.domain.unlocks import Bound, Terms
from app.domain.visits import VisitState
from app.ports import Committed, Key, Snapshot, Store, entries, partition
from app.usecases.unlocks import Unlocks
from app.usecases.visits import Visits
from tests.support import HOST, INTERCOM, a_door, asked, local

MONDAY = "2026-11-23"
NOON = local(f"{MONDAY}T12:00")
TERMS = Terms(timedelta(hours=2), timedelta(hours=8))
ADDED, REMOVED = date(2026, 12, 24), date(2026, 11, 11)  # the latter is Veterans Day
DOOR = a_door(holidays=calendar("US", "NY", [ADDED], [REMOVED], 2026))


def unlocks(store: Store, terms: Terms = TERMS) -> Unlocks:
    return Unlocks(store, terms, lambda: None)


def unlock(store: Store, now: datetime, text: str = "", door: Door = DOOR) -> Any:
    return unlocks(store).unlock(asked(now), door, text)


def said(outcome: object, now: datetime) -> str:
    return sentence(outcome, now)


def ring(store: Store, now: datetime, door: Door = DOOR) -> VisitState:
    """Where nobody can be asked: what is not released is forwarded at once."""
    return Visits(store).ring(replace(door, channel=""), f"CA{now.timestamp()}", INTERCOM, now).state


def log(store: Store) -> list[AuditEvent]:
    return [entry.event for entry in entries(store, partition("front"))][::-1]


def notices(store: Store, now: datetime) -> list[str]:
    found = [due for due in store.due([partition("front")], now, 100) if due.name.startswith("notice:")]
    keys = [Key[Notice](due.name) for due in found]
    return sorted(notice.text for key in keys if (notice := store.read(partition("front"), key).get(key)))


# How long it lasts


def test_an_unlock_that_would_outlast_the_day_ends_at_closing_time_and_says_so(store: Store) -> None:
    now = local(f"{MONDAY}T16:30")
    answer = said(unlock(store, now), now)
    assert answer == "The front door is unlocked until 17:00 (closing time). Every ring is released."


@pytest.mark.parametrize(
    ("clock", "state"),
    [
        ("16:30", VisitState.RELEASED),
        ("16:59:59.999999", VisitState.RELEASED),
        ("17:00", VisitState.FORWARDED),
        ("17:00:00.000001", VisitState.FORWARDED),
    ],
)
def test_the_last_ring_before_closing_time_is_released_and_the_first_after_it_is_not(
    store: Store, clock: str, state: VisitState
) -> None:
    unlock(store, local(f"{MONDAY}T16:30"))
    assert ring(store, local(f"{MONDAY}T{clock}")) is state


def test_the_clock_at_the_edge_is_what_counts(store: Store) -> None:
    with freeze_time(local(f"{MONDAY}T16:30")) as clock:
        assert unlock(store, utcnow()).unlock.ends_at == local(f"{MONDAY}T17:00")
        clock.move_to(local(f"{MONDAY}T16:59:59.999999"))
        assert ring(store, utcnow()) is VisitState.RELEASED
        clock.tick(timedelta(microseconds=1))
        assert ring(store, utcnow()) is VisitState.FORWARDED


@pytest.mark.parametrize(
    ("now", "reason"),
    [
        ("2026-11-21T12:00", "It's Saturday. "),
        ("2026-11-23T08:59", "It's 08:59. "),
        ("2026-11-23T08:59:59.999999", "It's 08:59. "),
        ("2026-11-23T17:00", "It's 17:00. "),
        ("2026-11-26T12:00", "It's Thanksgiving Day. "),
        ("2026-12-24T12:00", "It's a day off. "),
    ],
)
def test_outside_working_hours_an_unlock_is_refused_with_the_reason(store: Store, now: str, reason: str) -> None:
    outcome = unlock(store, local(now))
    assert said(outcome, local(now)) == f"{reason}The front door can be unlocked Mon–Fri 09:00–17:00."
    assert ring(store, local(now)) is VisitState.FORWARDED
    assert (log(store)[0].outcome, log(store)[0].reason) == (Outcome.REFUSED, "outside_hours")


@pytest.mark.parametrize("now", ["2026-11-23T09:00", "2026-11-23T16:59:59.999999", "2026-11-11T12:00"])
def test_in_working_hours_and_on_a_holiday_that_was_removed_it_is_granted(store: Store, now: str) -> None:
    assert isinstance(unlock(store, local(now), "for 1s"), Unlocked)
    assert ring(store, local(now)) is VisitState.RELEASED


def test_an_unlock_longer_than_allowed_is_shortened_with_the_reason(store: Store) -> None:
    outcome: Any = unlocks(store, Terms(TERMS.unlock_for, timedelta(hours=3))).unlock(asked(NOON), DOOR, "for 4h")
    assert said(outcome, NOON) == (
        "The front door is unlocked until 15:00 (the longest that is allowed). Every ring is released."
    )
    assert log(store)[0].details == {"until": local(f"{MONDAY}T15:00").isoformat(), "bound": "longest"}


def test_without_a_length_the_usual_one_counts(store: Store) -> None:
    assert unlock(store, NOON).unlock.ends_at == NOON + TERMS.unlock_for


def test_until_a_past_time_is_refused(store: Store) -> None:
    outcome = unlock(store, NOON, "until 11:59")
    assert said(outcome, NOON) == "That time has already passed. Try `for 2h`, or a time later today."
    assert ring(store, NOON) is VisitState.FORWARDED


def test_until_now_is_past(store: Store) -> None:
    assert unlock(store, NOON, "until 12:00").reason is RefusalReason.PAST


@pytest.mark.parametrize("text", ["for", "until late", "banana", "until 3", "for 100 years"])
def test_what_can_not_be_read_is_refused_with_an_example_and_on_record(store: Store, text: str) -> None:
    outcome = unlock(store, NOON, text)
    assert isinstance(outcome, Refused)
    assert "Try " in said(outcome, NOON)
    assert [event.reason for event in log(store)] == ["not_understood"]
    assert ring(store, NOON) is VisitState.FORWARDED


# One unlock and another


@pytest.mark.parametrize("text", ["for 30m", "until 12:30", "for 2h", "until 14:00"])
def test_a_new_unlock_never_shortens_a_running_one(store: Store, text: str) -> None:
    unlock(store, NOON, "for 2h")
    outcome = unlocks(store).unlock(asked(NOON, "U0OTHER01"), DOOR, text)
    already = "The front door is already unlocked until 14:00, by <@U0HOST001>."
    assert said(outcome, NOON) == f"{already} That stays so; to end it sooner, lock first."
    assert ring(store, NOON + timedelta(minutes=119)) is VisitState.RELEASED
    assert log(store)[1].reason == "already_unlocked"


def test_a_new_unlock_prolongs_a_running_one(store: Store) -> None:
    unlock(store, NOON, "for 1h")
    unlock(store, NOON + timedelta(minutes=50), "for 1h")
    assert ring(store, NOON + timedelta(minutes=109)) is VisitState.RELEASED
    assert ring(store, NOON + timedelta(minutes=110)) is VisitState.FORWARDED


def test_who_asked_a_moment_earlier_does_not_shorten_it_either(store: Store) -> None:
    unlock(store, NOON, "for 2h")
    assert unlock(store, NOON - timedelta(milliseconds=5), "for 30m").kept
    assert ring(store, NOON + timedelta(hours=1)) is VisitState.RELEASED


def test_an_unlock_that_is_over_holds_nothing_up(store: Store) -> None:
    unlock(store, NOON, "for 10m")
    assert not unlock(store, NOON + timedelta(minutes=10), "for 5m").kept


# Lock


@pytest.mark.parametrize("clock", ["12:00", "16:59:59.999999", "17:00", "23:59"])
def test_lock_ends_everything_at_any_hour(store: Store, clock: str) -> None:
    unlock(store, NOON, "for 5h")
    now = local(f"{MONDAY}T{clock}")
    assert isinstance(unlocks(store).lock(asked(now), DOOR), Locked)
    assert ring(store, now) is VisitState.FORWARDED
    assert ring(store, NOON + timedelta(minutes=1)) is VisitState.FORWARDED


@pytest.mark.parametrize("now", ["2026-11-21T03:00", "2026-11-26T12:00", "2026-11-23T12:00"])
def test_lock_of_a_locked_door_says_so_and_tells_nobody(store: Store, now: str) -> None:
    outcome = unlocks(store).lock(asked(local(now)), DOOR)
    assert said(outcome, local(now)) == "The front door is already locked. Rings reach a human."
    assert notices(store, local(now)) == []
    assert log(store)[0].details == {"ended": 0}


def test_lock_says_what_it_ended(store: Store) -> None:
    unlock(store, NOON, "for 1h")
    outcome: Any = unlocks(store).lock(asked(NOON), DOOR)
    assert [ended.by for ended in outcome.ended] == [HOST]
    assert said(outcome, NOON) == "The front door is locked. Rings reach a human."


@pytest.mark.parametrize(
    ("clock", "told"), [("12:00", " Rings reach a human."), ("17:00", ""), ("16:59:59.999999", " Rings reach a human.")]
)
def test_lock_of_a_door_that_is_closed_after_hours_promises_no_human_then(
    sqlite_store: Store, clock: str, told: str
) -> None:
    door, now = a_door(after_hours=AfterHours.CLOSED), local(f"{MONDAY}T{clock}")
    assert said(unlocks(sqlite_store).lock(asked(now), door), now) == f"The front door is already locked.{told}"
    assert (ring(sqlite_store, now, door) is VisitState.FORWARDED) is bool(told)


def test_who_may_not_changes_nothing(store: Store) -> None:
    unlock(store, NOON, "for 1h")
    guest = asked(NOON, "U0GUEST01", Role.NOBODY, denied_because=RefusalReason.NOT_FULL_MEMBER)
    assert unlocks(store).lock(guest, DOOR) == Refused(Action.LOCK, RefusalReason.NOT_FULL_MEMBER)
    assert ring(store, NOON) is VisitState.RELEASED


# Telling the channel


def test_the_channel_is_told_in_the_same_commit(store: Store) -> None:
    unlock(store, NOON, "for 1h")
    unlocks(store).lock(asked(NOON), DOOR)
    assert notices(store, NOON) == [
        "<@U0HOST001> locked the front door.",
        "<@U0HOST001> unlocked the front door until 13:00: every ring is released.",
    ]


def test_the_background_is_woken_to_tell(sqlite_store: Store) -> None:
    woken: list[bool] = []
    Unlocks(sqlite_store, TERMS, lambda: woken.append(True)).unlock(asked(NOON), DOOR, "")
    assert woken == [True]


def test_a_door_without_a_channel_tells_nobody(store: Store) -> None:
    unlock(store, NOON, "", a_door(channel=""))
    assert notices(store, NOON) == []


# Two people at the same moment


class Interrupted:
    """A store on which something else is committed between the first reading and its commit."""

    def __init__(self, store: Store, meanwhile: Callable[[], object]) -> None:
        self._store = store
        self._meanwhile: Callable[[], object] | None = meanwhile

    def commit(self, snapshot: Snapshot, *change: Any) -> bool:
        meanwhile, self._meanwhile = self._meanwhile, None
        if meanwhile:
            meanwhile()
        return self._store.commit(snapshot, *change)

    def commit_widely(self, *change: Any) -> Committed:
        return Committed.YES if self.commit(*change) else Committed.NO

    def __getattr__(self, name: str) -> Any:
        return getattr(self._store, name)


def test_of_two_unlocks_at_once_the_shorter_one_gives_way(store: Store) -> None:
    late: Any = Interrupted(store, lambda: unlock(store, NOON + timedelta(milliseconds=3), "for 2h"))
    assert unlock(late, NOON, "for 30m").kept
    assert [event.reason for event in log(store)] == ["", "already_unlocked"]
    assert ring(store, NOON + timedelta(hours=1)) is VisitState.RELEASED


def test_a_lock_in_the_middle_of_an_unlock_is_not_lost(store: Store) -> None:
    unlock(store, NOON, "for 2h")
    late: Any = Interrupted(store, lambda: unlocks(store).lock(asked(NOON), DOOR))
    assert not unlock(late, NOON, "for 30m").kept
    assert ring(store, NOON + timedelta(hours=1)) is VisitState.FORWARDED


def test_an_unlock_in_the_middle_of_a_lock_is_ended(store: Store) -> None:
    late: Any = Interrupted(store, lambda: unlock(store, NOON, "for 2h"))
    outcome: Any = unlocks(late).lock(asked(NOON), DOOR)
    assert len(outcome.ended) == 1
    assert ring(store, NOON) is VisitState.FORWARDED


def test_the_same_delivery_twice_at_once_acts_once(store: Store) -> None:
    request = asked(NOON, delivery="trigger-1", answer=lambda outcome: said(outcome, NOON))
    late: Any = Interrupted(store, lambda: unlocks(store).unlock(request, DOOR, "for 1h"))
    outcome: Any = unlocks(late).unlock(request, DOOR, "for 1h")
    assert outcome.answer == "The front door is unlocked until 13:00. Every ring is released."
    assert len(log(store)) == len(notices(store, NOON)) == 1


# Clock changes

ZONES = ["America/New_York", "Europe/Berlin", "Africa/Cairo", "Australia/Lord_Howe"]
CHANGES = [  # zone, the evening before, real hours between 22:00 and 06:00
    ("America/New_York", "2026-03-07", 7),
    ("America/New_York", "2026-10-31", 9),
    ("Europe/Berlin", "2026-03-28", 7),
    ("Europe/Berlin", "2026-10-24", 9),
    ("Africa/Cairo", "2026-04-23", 7),
    ("Africa/Cairo", "2026-10-29", 9),
    ("Australia/Lord_Howe", "2026-10-03", 7.5),
    ("Australia/Lord_Howe", "2026-04-04", 8.5),
]


@pytest.mark.parametrize(("zone", "evening", "hours"), CHANGES)
def test_a_night_shift_closes_by_the_wall_clock_though_the_night_has_another_length(
    sqlite_store: Store, zone: str, evening: str, hours: float
) -> None:
    night, now = a_door("22:00-06:00", zone, "mon-sun"), local(f"{evening}T22:00", zone)
    long_terms = Terms(timedelta(hours=2), timedelta(hours=12))
    outcome: Any = unlocks(sqlite_store, long_terms).unlock(asked(now), night, "for 12h")
    assert outcome.bound is Bound.CLOSING
    assert outcome.unlock.ends_at - now == timedelta(hours=hours)
    assert " until tomorrow 06:00 (closing time)." in said(outcome, now)


@pytest.mark.parametrize(("zone", "evening", "hours"), CHANGES)
def test_two_hours_in_such_a_night_are_two_real_hours(
    sqlite_store: Store, zone: str, evening: str, hours: float
) -> None:
    night, now = a_door("22:00-06:00", zone, "mon-sun"), local(f"{evening}T23:30", zone)
    ends_at = unlock(sqlite_store, now, "for 2h", night).unlock.ends_at
    assert ends_at - now == timedelta(hours=2)
    assert ring(sqlite_store, ends_at - timedelta.resolution, night) is VisitState.RELEASED
    assert ring(sqlite_store, ends_at, night) is VisitState.FORWARDED


@pytest.mark.parametrize(("zone", "evening", "hours"), CHANGES)
def test_until_two_in_the_afternoon_is_that_wall_time_on_the_day_of_the_change(
    sqlite_store: Store, zone: str, evening: str, hours: float
) -> None:
    day = date.fromisoformat(evening) + timedelta(days=1)
    now = local(f"{day}T07:00", zone)
    outcome = unlock(sqlite_store, now, "until 14:00", a_door("06:00-18:00", zone, "mon-sun"))
    assert outcome.unlock.ends_at == local(f"{day}T14:00", zone)
    assert " until 14:00." in said(outcome, now)


@pytest.mark.parametrize(("zone", "evening", "hours"), CHANGES)
def test_until_an_hour_after_midnight_is_that_of_the_coming_morning(
    sqlite_store: Store, zone: str, evening: str, hours: float
) -> None:
    night, now = a_door("22:00-06:00", zone, "mon-sun"), local(f"{evening}T23:30", zone)
    outcome = unlock(sqlite_store, now, "until 05:00", night)
    assert outcome.unlock.ends_at == local(f"{date.fromisoformat(evening) + timedelta(days=1)}T05:00", zone)
    assert " until tomorrow 05:00." in said(outcome, now)


def test_until_an_hour_at_which_the_door_is_closed_by_then_has_passed(sqlite_store: Store) -> None:
    night = a_door("22:00-02:00", days="mon-sun")
    assert unlock(sqlite_store, local(f"{MONDAY}T23:00"), "until 02:01", night).reason is RefusalReason.PAST
    assert unlock(sqlite_store, local(f"{MONDAY}T23:00"), "until 22:30", night).reason is RefusalReason.PAST


def test_a_day_whose_midnight_does_not_exist_opens_when_its_clocks_begin(sqlite_store: Store) -> None:
    cairo, one = a_door("00:00-08:00", "Africa/Cairo", "mon-sun"), local("2026-04-24T01:00", "Africa/Cairo")
    assert unlock(sqlite_store, one - timedelta.resolution, "", cairo).reason is RefusalReason.OUTSIDE_HOURS
    assert isinstance(unlock(sqlite_store, one, "", cairo), Unlocked)


def test_a_window_that_ends_at_such_a_midnight_ends_there(sqlite_store: Store) -> None:
    cairo, now = a_door("18:00-24:00", "Africa/Cairo", "mon-sun"), local("2026-04-23T23:30", "Africa/Cairo")
    outcome = unlock(sqlite_store, now, "for 2h", cairo)
    assert (outcome.bound, outcome.unlock.ends_at - now) == (Bound.CLOSING, timedelta(minutes=30))


def test_until_a_time_that_is_skipped_is_the_moment_of_the_jump(sqlite_store: Store) -> None:
    now = local("2026-03-08T01:30")
    outcome = unlock(sqlite_store, now, "until 2:30", a_door("00:00-24:00", days="mon-sun"))
    assert outcome.unlock.ends_at == local("2026-03-08T03:00")


def test_an_end_that_comes_twice_is_told_with_its_zone(sqlite_store: Store) -> None:
    now = local("2026-11-01T00:30")
    outcome = unlock(sqlite_store, now, "for 2h", a_door("00:00-24:00", days="mon-sun"))
    assert " until 01:30 EST." in said(outcome, now)


@pytest.mark.parametrize("zone", ZONES)
def test_an_ordinary_night_shift_may_be_unlocked_on_both_sides_of_midnight(sqlite_store: Store, zone: str) -> None:
    night = a_door("22:00-02:00", zone)  # Monday to Friday: the last one ends on Saturday
    assert isinstance(unlock(sqlite_store, local("2026-07-11T01:59", zone), "", night), Unlocked)
    assert unlock(sqlite_store, local("2026-07-11T02:00", zone), "", night).reason is RefusalReason.OUTSIDE_HOURS
    assert unlock(sqlite_store, local("2026-07-13T01:00", zone), "", night).reason is RefusalReason.OUTSIDE_HOURS
