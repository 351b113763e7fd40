"""A door that does not ring any more is told once, and once more when it rings again."""

from datetime import date, datetime, timedelta
from threading import Thread
from typing import Any

import pytest

from app.domain.audit import Action, AuditEvent, Outcome
from app.domain.doors import Door
from app.domain.durations import DAY_MINUTES
from app.domain.errors import StoreUnavailable
from app.domain.notices import Notice
from app.domain.receipts import Receipt
from app.domain.schedules import DoorSchedules, SpecialDay
from app.domain.silence import ENOUGH_RINGS
from app.ports import Key, Store, entries, partition
from app.stores.sqlite import SqliteStore
from app.usecases import silence
from app.usecases.planned import SCHEDULES
from app.usecases.silence import LOOK_EVERY, LOOK_EVERY_IN_SILENCE, MOST_DOORS, SILENCE, WRITE_EVERY, Silence
from tests.support import a_door, local

MONDAY = local("2026-11-16T09:00")
LAST_RING = local("2026-11-24T11:02")  # a Tuesday; Thursday is a holiday
THANKSGIVING = {date(2026, 11, 26): "Thanksgiving"}
SECOND, MINUTE, HOUR = timedelta(seconds=1), timedelta(minutes=1), timedelta(hours=1)
WHERE = partition("front")
ANYTHING = Key[Receipt]("receipt:none")


def ring(store: Store, at: datetime, door: str = "front", **changes: Any) -> None:
    """A ring on record."""
    event = AuditEvent(at, door, **{"action": Action.RING, "outcome": Outcome.ASKED, "reason": "locked", **changes})
    assert store.commit(store.read(partition(door), ANYTHING), {}, [event])


def a_past(store: Store, pause: timedelta = HOUR) -> None:
    """Enough rings on Monday and Tuesday, with pauses of so many working hours; the last on Tuesday at 11:02."""
    for each in reversed(range(ENOUGH_RINGS - 1)):
        ring(store, LAST_RING - timedelta(days=1) - each * MINUTE)
    ring(store, LAST_RING - pause)
    ring(store, LAST_RING)


def listen(store: Store, door: Door, since: datetime, until: datetime) -> Silence:
    """Look all the time, as a running process does; the last time at `until`."""
    watch, at = Silence(store, {door.id: door}), since
    while at < until:
        watch.look(at)
        at += LOOK_EVERY
    watch.look(until)
    return watch


def notices(store: Store, door: str = "front") -> list[tuple[str, str]]:
    """What the channels are to be told, in order."""
    names = [due.name for due in store.due([partition(door)], local("2036-01-01T00:00"), 100)]
    found = [store.read(partition(door), key).get(key) for key in (Key[Notice](name) for name in names)]
    return [(each.channel, each.text) for each in found if isinstance(each, Notice)]


def noticed(store: Store, door: str = "front") -> list[str]:
    """What is on record of silence, oldest first."""
    events = [entry.event for entry in entries(store, partition(door))][::-1]
    return [event.reason for event in events if event.action is Action.NOTICE_SILENCE]


EDGES = pytest.mark.parametrize(("away", "reasons"), [(-SECOND, []), (timedelta(), ["silent"])])


@EDGES
def test_a_set_number_of_working_days_without_a_ring_is_told(store: Store, away: timedelta, reasons: list[str]) -> None:
    door = a_door(silence=3, holidays=THANKSGIVING)
    ring(store, LAST_RING)
    listen(store, door, LAST_RING, local("2026-11-30T11:02") + away)
    assert noticed(store) == reasons
    assert len(notices(store)) == len(reasons)


@EDGES
def test_longer_than_three_times_its_longest_pause_is_told(store: Store, away: timedelta, reasons: list[str]) -> None:
    door = a_door(holidays=THANKSGIVING)
    a_past(store, pause=timedelta(hours=2))  # but from Monday 11:02 to Tuesday 09:02 it paused for six
    listen(store, door, LAST_RING, local("2026-11-27T13:02") + away)  # 5:58, 8 and 4:02 hours: eighteen
    assert noticed(store) == reasons


def test_what_is_told_says_since_when_what_it_means_and_what_to_do(store: Store) -> None:
    door = a_door(silence=1)
    ring(store, LAST_RING)
    listen(store, door, LAST_RING, LAST_RING + timedelta(days=1))
    assert notices(store) == [
        (
            "C0FRONTDOOR",
            ":warning: No ring at the front door since Tue 24 Nov 11:02, for 1 working day. If nobody came, all is "
            "well. If the intercom's line is dead, visitors reach nobody at all. Ring once at the panel: it is told "
            "here. If it isn't, check the panel's telephone line, that it calls +12125550100, and that number's "
            "webhook at Twilio.",
        )
    ]


def test_by_itself_it_says_what_is_usual(store: Store) -> None:
    a_past(store)
    listen(store, a_door(), LAST_RING, LAST_RING + timedelta(days=10))
    ((_, text),) = notices(store)
    assert "since Tue 24 Nov 11:02, and in eight weeks it had never paused for more than 7 h of working hours." in text


def test_a_door_that_never_rang_is_told_as_such(store: Store) -> None:
    listen(store, a_door(silence=1), LAST_RING, LAST_RING + timedelta(days=1))
    ((_, text),) = notices(store)
    assert text.startswith(":warning: No ring at the front door yet: I listen since Tue 24 Nov 11:02, for 1 working")


def test_it_is_told_once_however_long_it_lasts_and_by_however_many_processes(store: Store) -> None:
    door = a_door(silence=1)
    ring(store, LAST_RING)
    for _ in range(2):
        listen(store, door, LAST_RING, LAST_RING + timedelta(days=4))
    assert (noticed(store), len(notices(store))) == (["silent"], 1)


def test_processes_that_look_at_the_same_moment_tell_it_once(sqlite_store: SqliteStore) -> None:
    door, now = a_door(silence=1), LAST_RING + timedelta(days=1)
    ring(sqlite_store, LAST_RING)
    listen(sqlite_store, door, LAST_RING, now - MINUTE)
    watches = [Silence(sqlite_store, {door.id: door}) for _ in range(8)]
    threads = [Thread(target=watch.look, args=(now,)) for watch in watches]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (noticed(sqlite_store), len(notices(sqlite_store))) == (["silent"], 1)


def test_the_next_ring_ends_it_and_that_is_told_once_and_within_seconds(store: Store) -> None:
    door, rang = a_door(silence=1), LAST_RING + timedelta(days=2)
    ring(store, LAST_RING)
    watch = listen(store, door, LAST_RING, rang - SECOND)
    ring(store, rang)
    for seconds in (0, 10, 20):
        watch.look(rang - SECOND + LOOK_EVERY_IN_SILENCE + seconds * SECOND)
    assert noticed(store) == ["silent", "rang_again"]
    assert notices(store)[1:] == [("C0FRONTDOOR", ":white_check_mark: The front door rang at 11:02: its line works.")]


def test_a_process_that_starts_during_a_silence_listens_as_closely(store: Store) -> None:
    door, now = a_door(silence=1), LAST_RING + timedelta(days=1)
    ring(store, LAST_RING)
    listen(store, door, LAST_RING, now)
    started = listen(store, door, now, now)
    ring(store, now + SECOND)
    started.look(now + LOOK_EVERY_IN_SILENCE)
    assert noticed(store) == ["silent", "rang_again"]


def test_the_next_silence_is_told_again(store: Store) -> None:
    door, rang = a_door(silence=1), LAST_RING + timedelta(days=1, hours=2)
    ring(store, LAST_RING)
    listen(store, door, LAST_RING, rang)
    ring(store, rang)
    listen(store, door, rang, local("2026-11-30T17:00"))
    assert noticed(store) == ["silent", "rang_again", "silent"]


def test_a_day_that_is_closed_for_once_is_no_silence(store: Store) -> None:
    door, told = a_door(silence=1), local("2026-11-30T11:02")
    closed = [
        SpecialDay(f"2026-11-{day}", 0, DAY_MINUTES, is_open=False, asks_only=False, by="U0HOST001", added_at=MONDAY)
        for day in (25, 26, 27)
    ]
    assert store.commit(store.read(WHERE, SCHEDULES), {SCHEDULES: DoorSchedules(special_days=tuple(closed))})
    ring(store, LAST_RING)
    listen(store, door, LAST_RING, told - SECOND)
    assert noticed(store) == []
    listen(store, door, told, told)
    assert noticed(store) == ["silent"]


def test_what_was_changed_while_it_was_read_is_looked_at_again(counting: "Counting") -> None:
    door = a_door(silence=1)

    class Late(Silence):
        def _new_entries(self, where: str, seen: int) -> Any:
            if not later:
                later.append(counting.read(WHERE, SCHEDULES))
                assert counting.commit(later[0], {SCHEDULES: DoorSchedules(next_number=2)})
            return super()._new_entries(where, seen)

    later: list[Any] = []
    watch = Late(counting, {door.id: door})
    for seconds in (0, 2, 4):
        watch.look(MONDAY + seconds * SECOND)
    assert later
    assert counting.read(WHERE, SILENCE).get(SILENCE) is not None
    assert watch._looked_at == {"front": MONDAY + 2 * SECOND}


def test_a_strangers_call_is_no_sign_of_life(store: Store) -> None:
    door = a_door(silence=1)
    ring(store, LAST_RING)
    ring(store, LAST_RING + HOUR, outcome=Outcome.DENIED, reason="not_an_intercom")
    listen(store, door, LAST_RING + HOUR, LAST_RING + timedelta(days=1, hours=1))
    assert noticed(store) == ["silent"]


def test_a_door_that_is_never_to_be_told_of_is_not_even_looked_at(store: Store) -> None:
    ring(store, LAST_RING)
    listen(store, a_door(silence="never"), LAST_RING, LAST_RING + timedelta(days=3))
    assert (noticed(store), store.read(WHERE, SILENCE).get(SILENCE)) == ([], None)


def test_without_a_channel_it_is_on_record(store: Store) -> None:
    ring(store, LAST_RING)
    listen(store, a_door(silence=1, channel=""), LAST_RING, LAST_RING + timedelta(days=1))
    assert (noticed(store), notices(store)) == (["silent"], [])


def test_a_server_that_was_gone_for_days_does_not_take_that_for_silence(store: Store) -> None:
    door, back = a_door(silence=1), LAST_RING + timedelta(days=3)
    ring(store, LAST_RING)
    listen(store, door, LAST_RING, LAST_RING + HOUR)
    listen(store, door, back, back + MINUTE)
    assert noticed(store) == []
    listen(store, door, back + LOOK_EVERY, local("2026-11-30T11:02"))
    assert noticed(store) == ["silent"]


def test_a_log_that_was_there_before_the_first_look_counts_as_past_and_not_as_silence(store: Store) -> None:
    a_past(store)
    now = LAST_RING + timedelta(days=20)
    listen(store, a_door(), now, now)
    rhythm = store.read(WHERE, SILENCE).get(SILENCE)
    assert rhythm is not None
    assert (rhythm.rings, rhythm.longest, noticed(store)) == (ENOUGH_RINGS + 1, 7 * HOUR, [])


def test_of_a_very_long_log_the_newest_is_read(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(silence, "MOST_ENTRIES", 5)
    a_past(store)
    listen(store, a_door(), LAST_RING, LAST_RING)
    rhythm = store.read(WHERE, SILENCE).get(SILENCE)
    assert rhythm is not None
    assert (rhythm.rings, rhythm.seen) == (5, ENOUGH_RINGS + 1)


class Counting(SqliteStore):
    """A real store that counts what is asked of it, and may be away or hold what can't be read."""

    reads = commits = 0
    is_away = False
    broken = ""

    def read(self, partition: str, *keys: Key[Any]) -> Any:
        self.reads += 1
        if self.is_away:
            raise StoreUnavailable("a test")
        if partition == self.broken:
            raise ValueError("a test")
        return super().read(partition, *keys)

    def commit(self, *given: Any, **more: Any) -> bool:
        self.commits += 1
        return super().commit(*given, **more)


@pytest.fixture
def counting(tmp_path: Any) -> Counting:
    return Counting(tmp_path / "doorbot.db")


def doors(count: int) -> dict[str, Door]:
    return {f"d{at}": a_door(id=f"d{at}", silence=1) for at in range(count)}


def test_a_door_is_looked_at_every_ten_minutes_and_written_of_every_half_hour(counting: Counting) -> None:
    watch, door = Silence(counting, {"front": a_door()}), "front"
    for seconds in range(0, 3600, 2):
        watch.look(MONDAY + seconds * SECOND)
    assert (counting.reads, counting.commits) == (6, 2)
    assert door in watch._doors
    assert WRITE_EVERY == 3 * LOOK_EVERY


def test_many_doors_are_looked_at_a_few_in_a_round(counting: Counting) -> None:
    watch = Silence(counting, doors(MOST_DOORS + 2))
    reads = []
    for seconds in (0, 2, 4):
        watch.look(MONDAY + seconds * SECOND)
        reads.append(counting.reads)
    assert reads == [MOST_DOORS, MOST_DOORS + 2, MOST_DOORS + 2]


def test_many_silent_doors_do_not_keep_the_others_from_being_looked_at(counting: Counting) -> None:
    watch = Silence(counting, doors(8 * MOST_DOORS))
    watch._silent |= {f"d{at}" for at in range(7 * MOST_DOORS)}
    for seconds in range(0, 1200, 2):
        watch.look(MONDAY + seconds * SECOND)
        watch._silent |= {f"d{at}" for at in range(7 * MOST_DOORS)}
    assert min(watch._looked_at.values()) >= MONDAY + LOOK_EVERY - MINUTE
    assert len(watch._looked_at) == 8 * MOST_DOORS


def test_what_the_store_kept_from_being_looked_at_is_looked_at_next(counting: Counting) -> None:
    watch = Silence(counting, doors(1))
    counting.is_away = True
    with pytest.raises(StoreUnavailable):
        watch.look(MONDAY)
    counting.is_away = False
    watch.look(MONDAY + SECOND)
    assert counting.commits == 1


def test_a_clock_that_was_set_back_does_not_stop_it(counting: Counting) -> None:
    watch = Silence(counting, doors(1))
    watch.look(MONDAY)
    watch.look(MONDAY - HOUR)
    assert counting.reads == 2


def test_a_store_that_is_away_is_said_so(counting: Counting) -> None:
    counting.is_away = True
    with pytest.raises(StoreUnavailable):
        Silence(counting, doors(1)).look(MONDAY)


def test_a_door_whose_records_cannot_be_read_does_not_hold_up_the_others(counting: Counting) -> None:
    counting.broken = partition("d0")
    Silence(counting, doors(2)).look(MONDAY)
    counting.broken = ""
    assert counting.read(partition("d1"), SILENCE).get(SILENCE)
    assert counting.read(partition("d0"), SILENCE).get(SILENCE) is None
