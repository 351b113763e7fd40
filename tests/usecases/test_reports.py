"""Reports from the log: when asked, and in the channel once a week, whatever processes and stores do meanwhile."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from threading import Barrier, Thread
from typing import Any

import pytest

from app.domain.audit import Action, AuditEvent, LogEntry, Outcome, Source
from app.domain.doors import Door
from app.domain.errors import StoreUnavailable
from app.domain.notices import Notice
from app.domain.office import Office, People
from app.domain.receipts import Receipt
from app.domain.schedules import DoorSchedules, Schedule, SpecialDay
from app.domain.unlocks import Terms
from app.ports import Key, Store, partition
from app.stores.sqlite import SqliteStore
from app.usecases import reports
from app.usecases.notices import Notices
from app.usecases.planned import SCHEDULES
from app.usecases.reports import REPORT, Reports
from tests.conftest import FakeHosts
from tests.support import HOST, a_door, asked, local

MONDAY, LAST_TUESDAY = local("2026-11-30T09:00"), local("2026-11-24T12:00")
SECOND, MINUTE, HOUR, DAY = timedelta(seconds=1), timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
FRONT = a_door(report="weekly")
SIDE = a_door(id="side", name="Side door", channel="C0SIDEDOOR", zone="Europe/Berlin", report="weekly")


def office(*doors: Door, answering: timedelta = 40 * SECOND) -> Office:
    people = People("T0OFFICE1", frozenset(), frozenset())
    return Office({door.id: door for door in doors}, people, Terms(HOUR, HOUR), 400 * DAY, 90 * DAY, answering)


def ring(store: Store, at: datetime, door: str = "front", number: int = 1) -> None:
    """As many rings as `number`, released by an unlock."""
    events = [
        AuditEvent(at, door, Action.RING, Outcome.RELEASED, "unlock", HOST, Source.VOICE, f"CA{at.isoformat()}{each}")
        for each in range(number)
    ]
    assert store.commit(store.read(partition(door), Key[Receipt]("receipt:none")), {}, events)


def plan(store: Store, planned: DoorSchedules) -> None:
    assert store.commit(store.read(partition("front"), SCHEDULES), {SCHEDULES: planned})


def notices(store: Store, *doors: str) -> list[Notice]:
    """What waits to be told, oldest first."""
    found = store.due([partition(door) for door in doors or ("front",)], local("2027-12-31T00:00"), 100)
    read = [store.read(each.partition, Key[Notice](each.name)).get(Key[Notice](each.name)) for each in found]
    return [each for each in read if each]


# When asked


def test_the_last_seven_days_until_now(store: Store) -> None:
    ring(store, MONDAY - 8 * DAY, number=2)
    ring(store, MONDAY - 6 * DAY, number=3)
    ring(store, MONDAY - MINUTE)
    (found,) = Reports(store, office(FRONT)).report(asked(MONDAY), [FRONT])
    assert (found.week.rings, found.span.ends_at, found.saved) == (4, MONDAY, 160 * SECOND)


def test_what_an_answer_costs_is_the_offices_own_setting(store: Store) -> None:
    ring(store, MONDAY - DAY, number=6)
    (found,) = Reports(store, office(FRONT, answering=90 * SECOND)).report(asked(MONDAY), [FRONT])
    assert found.saved == 9 * MINUTE


def test_each_door_has_its_own_log_and_its_own_time(store: Store) -> None:
    ring(store, MONDAY - DAY, number=2)
    ring(store, MONDAY - DAY, "side", number=5)
    front, side = Reports(store, office(FRONT, SIDE)).report(asked(MONDAY), [FRONT, SIDE])
    assert (front.week.hours, side.week.hours) == ({9: 2}, {15: 5})


def test_schedules_that_there_are_already_are_not_suggested(store: Store) -> None:
    for week in range(4):
        for day in range(5):
            ring(store, local("2026-11-02T12:00") + timedelta(weeks=week, days=day))
    (found,) = Reports(store, office(FRONT)).report(asked(MONDAY), [FRONT])
    assert found.suggestion is not None
    plan(store, DoorSchedules((Schedule(1, found.suggestion.days, 720, 725, HOST, MONDAY),)))
    (found,) = Reports(store, office(FRONT)).report(asked(MONDAY), [FRONT])
    assert found.suggestion is None
    plan(store, DoorSchedules((Schedule(1, (0, 1, 2, 3, 4), 720, 725, HOST, MONDAY, last="2026-11-20"),)))
    (found,) = Reports(store, office(FRONT)).report(asked(MONDAY), [FRONT])
    assert found.suggestion is not None  # that one is over


class Counting(SqliteStore):
    """Counts the entries that are read."""

    entries = 0

    def read_log(self, partition: str, *, before: int | None = None, limit: int = 100) -> list[LogEntry]:
        found = super().read_log(partition, before=before, limit=limit)
        self.entries += len(found)
        return found


@pytest.fixture
def counting(sqlite_store: SqliteStore) -> Counting:
    return Counting(sqlite_store._path)


def test_no_more_of_the_log_is_read_than_is_needed(counting: Counting, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reports, "PAGE", 10)
    ring(counting, MONDAY - 40 * DAY, number=300)
    ring(counting, MONDAY - DAY, number=15)
    (found,) = Reports(counting, office(FRONT)).report(asked(MONDAY), [FRONT])
    assert found.before is not None  # one older entry shows that the record reaches back
    assert (found.limit, found.known_since, counting.entries) == (0, None, 20)


@pytest.mark.parametrize(("number", "read", "limit"), [(29, 29, 0), (30, 30, 0), (31, 30, 30), (200, 30, 30)])
def test_a_long_log_is_cut_and_that_is_said(
    counting: Counting, monkeypatch: pytest.MonkeyPatch, number: int, read: int, limit: int
) -> None:
    monkeypatch.setattr(reports, "MOST_ENTRIES", 30)
    monkeypatch.setattr(reports, "FEWEST_ENTRIES", 3)
    ring(counting, MONDAY - DAY, number=number)
    (found,) = Reports(counting, office(FRONT)).report(asked(MONDAY), [FRONT])
    assert (found.week.rings, found.limit) == (read, limit)
    assert counting.entries <= 31


def test_many_doors_share_what_may_be_read(counting: Counting, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reports, "MOST_ENTRIES", 30)
    monkeypatch.setattr(reports, "FEWEST_ENTRIES", 3)
    doors = [a_door(id=f"door{number}") for number in range(20)]
    for door in doors:
        ring(counting, MONDAY - DAY, door.id, number=20)
    few = Reports(counting, office(*doors)).report(asked(MONDAY), doors[:3])
    many = Reports(counting, office(*doors)).report(asked(MONDAY), doors)
    assert ({each.limit for each in few}, {each.limit for each in many}) == ({10}, {3})


def test_asking_changes_nothing(store: Store) -> None:
    ring(store, MONDAY - DAY)
    found = Reports(store, office(FRONT))
    found.report(asked(MONDAY), [FRONT])
    assert (notices(store), len(store.read_log(partition("front")))) == ([], 1)


# Once a week


def test_the_channel_is_told_of_last_week_at_mondays_opening(store: Store) -> None:
    ring(store, LAST_TUESDAY - 7 * DAY, number=1)
    ring(store, LAST_TUESDAY, number=3)
    ring(store, local("2026-11-29T23:59"))
    ring(store, local("2026-11-30T00:01"), number=7)  # it is this week's
    telling = Reports(store, office(FRONT))
    telling.weekly(MONDAY - SECOND)
    assert notices(store) == []
    telling.weekly(MONDAY)
    (notice,) = notices(store)
    assert (notice.channel, notice.written_at) == ("C0FRONTDOOR", MONDAY)
    assert notice.text.startswith("The front door last week, Mon 23 to Sun 29 Nov: 4 rings")


def test_it_is_told_once_however_often_and_by_whomever_it_is_looked_at(store: Store) -> None:
    ring(store, LAST_TUESDAY)
    one, other = Reports(store, office(FRONT)), Reports(store, office(FRONT))
    for seconds in range(0, 60, 2):
        one.weekly(MONDAY + seconds * SECOND)
        other.weekly(MONDAY + seconds * SECOND + SECOND)
    Reports(store, office(FRONT)).weekly(MONDAY + 8 * HOUR)
    assert len(notices(store)) == 1
    one.weekly(MONDAY + 7 * DAY)
    assert [notice.written_at for notice in notices(store)] == [MONDAY, MONDAY + 7 * DAY]


def test_of_many_processes_one_tells(store: Store) -> None:
    ring(store, LAST_TUESDAY)
    together = Barrier(6)

    def process() -> None:
        telling = Reports(store, office(FRONT, SIDE))
        together.wait()
        telling.weekly(MONDAY)

    threads = [Thread(target=process) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(notice.channel for notice in notices(store, "front", "side")) == ["C0FRONTDOOR", "C0SIDEDOOR"]


@pytest.mark.parametrize(
    ("back", "told"),
    [("2026-11-30T15:00", 1), ("2026-11-30T23:59", 1), ("2026-12-01T00:00", 0), ("2026-12-04T09:00", 0)],
)
def test_after_downtime_it_is_caught_up_on_the_same_day_only(store: Store, back: str, told: int) -> None:
    ring(store, LAST_TUESDAY)
    Reports(store, office(FRONT)).weekly(local(back))
    assert len(notices(store)) == told


def test_after_a_holiday_it_is_told_on_the_next_open_day(store: Store) -> None:
    door = a_door(report="weekly", holidays={MONDAY.date(): "Fair"})
    ring(store, LAST_TUESDAY)
    telling = Reports(store, office(door))
    for hours in range(72):
        telling.weekly(MONDAY + hours * HOUR)
    (notice,) = notices(store)
    assert notice.written_at == MONDAY + DAY
    assert "last week, Mon 23 to Sun 29 Nov" in notice.text


def test_each_door_is_told_at_its_own_opening(store: Store) -> None:
    telling = Reports(store, office(FRONT, SIDE))
    telling.weekly(local("2026-11-30T09:00", "Europe/Berlin"))
    assert [notice.channel for notice in notices(store, "front", "side")] == ["C0SIDEDOOR"]
    telling.weekly(MONDAY)
    assert [notice.channel for notice in notices(store, "front", "side")] == ["C0FRONTDOOR", "C0SIDEDOOR"]


@pytest.mark.parametrize("door", [a_door(), a_door(report="weekly", channel="")])
def test_who_has_not_asked_for_it_is_told_nothing(store: Store, door: Door) -> None:
    ring(store, LAST_TUESDAY)
    Reports(store, office(door)).weekly(MONDAY)
    assert (notices(store), store.read(partition("front"), REPORT).get(REPORT)) == ([], None)


def test_a_week_without_a_ring_is_told_too(store: Store) -> None:
    Reports(store, office(FRONT)).weekly(MONDAY)
    (notice,) = notices(store)
    assert notice.text == "Nobody rang at the front door last week, Mon 23 to Sun 29 Nov."


def test_what_is_suggested_can_be_pressed_in_the_channel(store: Store, hosts: FakeHosts) -> None:
    for week in range(4):
        for day in range(5):
            ring(store, local("2026-11-02T12:00") + timedelta(weeks=week, days=day))
    Reports(store, office(FRONT)).weekly(MONDAY)
    Notices(store, hosts, [partition("front")]).deliver(lambda: MONDAY)
    ((text, (button,)),) = hosts.asked
    assert (button.action, button.value, button.label) == (
        "add_schedule",
        "front mon-fri 12:00-12:05",
        "Add as schedule",
    )
    assert "Most rings of the last four weeks came Mon–Fri 12:00–12:05." in text


class Failing(SqliteStore):
    """Cannot read the log of these doors."""

    broken: Iterable[str] = ()
    error: Exception = StoreUnavailable("away")

    def read_log(self, partition: str, *, before: int | None = None, limit: int = 100) -> list[LogEntry]:
        if partition in self.broken:
            raise self.error
        return super().read_log(partition, before=before, limit=limit)


def test_a_store_that_is_away_is_asked_again(sqlite_store: SqliteStore) -> None:
    store = Failing(sqlite_store._path)
    store.broken = [partition("front")]
    telling = Reports(store, office(FRONT))
    with pytest.raises(StoreUnavailable):
        telling.weekly(MONDAY)
    store.broken = []
    telling.weekly(MONDAY + 2 * SECOND)
    assert len(notices(store)) == 1


def test_a_log_that_cannot_be_read_does_not_silence_the_other_doors(
    sqlite_store: SqliteStore, caplog: pytest.LogCaptureFixture
) -> None:
    store, back = Failing(sqlite_store._path), a_door(id="back", channel="C0BACKDOOR", report="weekly")
    store.broken, store.error = [partition("front")], ValueError("not JSON")
    telling = Reports(store, office(FRONT, back))
    for seconds in range(6):
        telling.weekly(MONDAY + seconds * SECOND)
    assert [notice.channel for notice in notices(store, "front", "back")] == ["C0BACKDOOR"]
    assert caplog.text.count("The weekly report of door front met a bug") == 1


class Asked(SqliteStore):
    """Counts how often records are read."""

    times = 0

    def read(self, *given: Any) -> Any:
        self.times += 1
        return super().read(*given)


@pytest.mark.parametrize("start", ["2026-11-30T09:00", "2026-12-01T00:00", "2026-12-02T09:00"])
def test_once_a_week_is_settled_the_store_is_not_asked_again(sqlite_store: SqliteStore, start: str) -> None:
    store = Asked(sqlite_store._path)
    telling = Reports(store, office(FRONT))
    telling.weekly(local(start))
    telling.weekly(local(start) + 2 * SECOND)
    before = store.times
    for hours in range(1, 72):
        telling.weekly(local(start) + hours * HOUR)
    assert store.times == before <= 2
    telling.weekly(local(start) + 7 * DAY)
    assert store.times > before


# Special days


def special(day: str, start: int, end: int, *, is_open: bool) -> DoorSchedules:
    return DoorSchedules(special_days=(SpecialDay(day, start * 60, end * 60, is_open, HOST, MONDAY),))


@pytest.mark.parametrize(
    ("planned", "at"),
    [
        (special("2026-11-30", 0, 24, is_open=False), "2026-12-01T09:00"),
        (special("2026-11-30", 0, 12, is_open=False), "2026-11-30T12:00"),
        (special("2026-11-30", 7, 10, is_open=True), "2026-11-30T07:00"),
        (special("2026-11-29", 10, 16, is_open=True), "2026-11-30T09:00"),  # that is last week's
    ],
)
def test_special_days_count(store: Store, planned: DoorSchedules, at: str) -> None:
    plan(store, planned)
    telling = Reports(store, office(FRONT))
    for minutes in range(0, 60 * 40, 15):
        telling.weekly(local("2026-11-30T00:00") + minutes * MINUTE)
    assert [notice.written_at for notice in notices(store)] == [local(at)]
