import threading
from collections.abc import Sequence
from datetime import datetime, timedelta
from functools import partial
from itertools import pairwise
from typing import Any

import pytest

from app.domain.audit import Action, AuditEvent, Outcome
from app.domain.errors import StoreUnavailable
from app.domain.notices import FATE_UNKNOWN_AFTER, Notice
from app.domain.office import Office, People
from app.domain.outcomes import RefusalReason, Refused
from app.domain.receipts import Receipt
from app.domain.unlocks import Terms
from app.domain.visits import LOST_AFTER, REMEMBERED_FOR, Visit
from app.ports import OFFICE, Delivery, Key, Store, entries, partition
from app.stores.sqlite import SqliteStore
from app.usecases.breaches import Breaches
from app.usecases.due import BATCH
from app.usecases.housekeeping import TRIM_EVERY, Housekeeping
from app.usecases.notices import Notices
from app.usecases.requests import perform
from app.usecases.retention import Retention
from app.usecases.seal_keys import SealKeys
from app.usecases.sealing import Sealing
from app.usecases.unlocks import STATE
from app.usecases.visits import Visits
from tests.conftest import FakeHosts
from tests.support import INTERCOM, a_door, asked, local

NOON = local("2026-11-23T12:00")
MICROSECOND, HOUR = timedelta(microseconds=1), timedelta(hours=1)
RETENTION, VISITOR_DATA = timedelta(days=400), timedelta(days=90)
DOOR = a_door()
FRONT = partition(DOOR.id)
PEOPLE = People("T0OFFICE1", frozenset(), frozenset())
OFFICE_OF_ONE_DOOR = Office({DOOR.id: DOOR}, PEOPLE, Terms(HOUR, HOUR), RETENTION, VISITOR_DATA)
KEYS = partial(SealKeys, secret_keys=["made-up-secret-key-of-some-length"])
NOTICE = Key[Notice]("notice:1")


def housekeeping(store: Store) -> Housekeeping:
    return a_housekeeper(store, Visits(store))


def a_housekeeper(store: Store, visits: Visits) -> Housekeeping:
    return Housekeeping(store, visits, OFFICE_OF_ONE_DOOR, Retention(store, KEYS(store)))


def seal(store: Store, now: datetime) -> None:
    """What is not sealed is not removed."""
    Sealing(store, KEYS(store), [FRONT, OFFICE], Breaches(store, {})).seal(now)


def sweep(store: Store, now: datetime, hosts: FakeHosts | None = None) -> None:
    """One round of everything."""
    seal(store, now)
    keeper = housekeeping(store)
    keeper.sweep(now)
    keeper.trim(now)
    Notices(store, hosts or FakeHosts(), keeper.partitions).deliver(lambda: now)


def put(store: Store, key: Key[Any], value: object, events: Sequence[AuditEvent] = ()) -> None:
    assert store.commit(store.read(FRONT, key), {key: value}, events)


def get(store: Store, key: Key[Any]) -> Any:
    return store.read(FRONT, key).get(key)


def record(store: Store, *times: datetime) -> None:
    for time in times:
        event = AuditEvent(time, DOOR.id, Action.RING, Outcome.FORWARDED, "locked", caller=INTERCOM)
        assert store.commit(store.read(FRONT, STATE), {}, [event])


def log(store: Store, part: str = FRONT) -> list[AuditEvent]:
    return [entry.event for entry in entries(store, part)][::-1]


def told(store: Store) -> list[tuple[str, str]]:
    return [(event.outcome.value, event.reason) for event in log(store) if event.action is Action.TELL]


# What is kept, and how long


@pytest.mark.parametrize(("away", "is_kept"), [(-MICROSECOND, True), (timedelta(0), True), (MICROSECOND, False)])
def test_an_entry_is_kept_for_retention_and_no_longer(store: Store, away: timedelta, is_kept: bool) -> None:
    record(store, NOON, NOON + HOUR)
    sweep(store, NOON + RETENTION + away)
    assert [event.time for event in log(store)] == [NOON] * is_kept + [NOON + HOUR]


@pytest.mark.parametrize(("away", "is_kept"), [(-MICROSECOND, True), (timedelta(0), True), (MICROSECOND, False)])
def test_a_callers_number_is_kept_for_visitor_data_and_no_longer(store: Store, away: timedelta, is_kept: bool) -> None:
    record(store, NOON, NOON + HOUR)
    sweep(store, NOON + VISITOR_DATA + away)
    assert [event.caller for event in log(store)] == [INTERCOM if is_kept else "", INTERCOM]


def test_the_offices_own_log_is_kept_as_long(store: Store) -> None:
    event = AuditEvent(NOON, "", Action.VERIFY, Outcome.REFUSED)
    assert store.commit(store.read(OFFICE, STATE), {}, [event])
    sweep(store, NOON + RETENTION)
    assert log(store, OFFICE) == [event]
    sweep(store, NOON + RETENTION + MICROSECOND)
    assert log(store, OFFICE) == []


def test_numbers_go_on_where_the_log_was_emptied(store: Store) -> None:
    record(store, NOON, NOON)
    sweep(store, NOON + RETENTION + MICROSECOND)
    record(store, NOON + RETENTION)
    assert [entry.seq for entry in entries(store, FRONT)] == [3]


@pytest.mark.parametrize(("away", "left"), [(-MICROSECOND, 1), (timedelta(0), 0)])
def test_one_process_looks_for_old_entries_every_ten_minutes(store: Store, away: timedelta, left: int) -> None:
    keeper = housekeeping(store)
    keeper.trim(NOON)
    record(store, NOON - 2 * RETENTION)
    seal(store, NOON)
    keeper.trim(NOON + TRIM_EVERY + away)
    assert len(log(store)) == left


# Visits, receipts, refusals


def test_a_visit_whose_end_nobody_reported_is_closed_and_later_forgotten(store: Store) -> None:
    visits, key = Visits(store), Key[Visit]("visit:CA1")
    visits.ring(DOOR, "CA1", INTERCOM, NOON)
    sweep(store, NOON + LOST_AFTER - MICROSECOND)
    sweep(store, NOON + LOST_AFTER)
    sweep(store, NOON + LOST_AFTER)
    assert [event.outcome for event in log(store)] == ["asked", "lost"]
    sweep(store, NOON + LOST_AFTER + REMEMBERED_FOR)
    assert get(store, key) is None


def test_rings_that_could_not_be_recorded_are_recorded_in_the_next_round(store: Store) -> None:
    visits = Visits(store)
    visits.remember(DOOR, "CA1", INTERCOM, NOON)
    a_housekeeper(store, visits).sweep(NOON + HOUR)
    event = log(store)[0]
    assert (event.time, event.reason, event.details) == (NOON + HOUR, "fault", {"rang_at": NOON.isoformat()})


def test_a_ring_recorded_late_does_not_keep_older_entries_from_being_removed(store: Store) -> None:
    visits = Visits(store)
    visits.remember(DOOR, "CA1", INTERCOM, NOON)
    record(store, NOON + HOUR)
    a_housekeeper(store, visits).sweep(NOON + 2 * HOUR)
    sweep(store, NOON + HOUR + RETENTION + MICROSECOND)
    assert [event.reason for event in log(store) if event.action is Action.RING] == ["fault"]


@pytest.mark.parametrize(("away", "is_kept"), [(-MICROSECOND, True), (timedelta(0), False)])
def test_a_receipt_is_swept_up_after_ten_minutes(store: Store, away: timedelta, is_kept: bool) -> None:
    key = Key[Receipt]("receipt:trigger-1")
    put(store, key, Receipt("done", NOON))
    sweep(store, NOON + timedelta(minutes=10) + away)
    assert (get(store, key) is not None) is is_kept
    assert log(store) == []


@pytest.mark.parametrize(("times", "counted"), [(1, []), (4, [3])])
def test_refusals_are_summed_up_after_a_minute(store: Store, times: int, counted: list[int]) -> None:
    refused = Refused(Action.UNLOCK, RefusalReason.PAST)
    for _ in range(times):
        perform(store, asked(NOON), Action.UNLOCK, DOOR.id, lambda _: refused)
    for away in (-MICROSECOND, timedelta(0), MICROSECOND):
        sweep(store, NOON + timedelta(minutes=1) + away)
    assert [event.details["times"] for event in log(store)[1:]] == counted
    assert store.due([FRONT], NOON + HOUR, 10) == []


@pytest.mark.parametrize("rounds", [1, 3])
def test_refusals_for_several_reasons_are_summed_up_by_reason(store: Store, rounds: int) -> None:
    for reason in (RefusalReason.PAST, RefusalReason.OUTSIDE_HOURS, RefusalReason.PAST):
        refused = Refused(Action.UNLOCK, reason)
        for _ in range(2):
            perform(store, asked(NOON), Action.UNLOCK, DOOR.id, lambda _, refused=refused: refused)  # type: ignore[misc]
    for _ in range(rounds):
        sweep(store, NOON + timedelta(minutes=1))
    counted = [(event.reason, event.details["times"]) for event in log(store) if event.details]
    assert sorted(counted) == [("outside_hours", 1), ("past", 3)]
    assert len(log(store)) == 4


# Notices


def notice(store: Store, **fields: Any) -> None:
    put(store, NOTICE, Notice(**{"channel": "C1", "text": "hello", "written_at": NOON, **fields}))


@pytest.mark.parametrize(
    ("delivery", "event"),
    [
        (Delivery.DELIVERED, []),
        (Delivery.REFUSED, [("refused", "slack_refused")]),
        (Delivery.UNKNOWN, [("unknown", "fate_unknown")]),
    ],
)
def test_a_notice_is_sent_once_and_what_became_of_it_is_on_record(
    store: Store, hosts: FakeHosts, delivery: Delivery, event: list[tuple[str, str]]
) -> None:
    hosts.delivery = delivery
    notice(store)
    for minutes in (0, 1, 2, 60):
        sweep(store, NOON + timedelta(minutes=minutes), hosts)
    assert hosts.told == [("C1", "hello")]
    assert (told(store), get(store, NOTICE)) == (event, None)


def test_a_notice_that_certainly_did_not_arrive_is_sent_later(store: Store, hosts: FakeHosts) -> None:
    hosts.delivery = Delivery.TRY_LATER
    notice(store)
    sweep(store, NOON, hosts)
    hosts.delivery = Delivery.DELIVERED
    sweep(store, NOON + timedelta(seconds=5) - MICROSECOND, hosts)
    assert len(hosts.told) == 1
    sweep(store, NOON + timedelta(seconds=5), hosts)
    assert (len(hosts.told), told(store), get(store, NOTICE)) == (2, [], None)


def test_it_is_tried_with_growing_waits_for_an_hour_and_then_given_up_on_record(store: Store, hosts: FakeHosts) -> None:
    hosts.delivery = Delivery.TRY_LATER
    notice(store)
    tries = []
    while waiting := get(store, NOTICE):
        now = waiting.rests_until or NOON
        tries.append((now - NOON).seconds)
        sweep(store, now - MICROSECOND, hosts)
        assert len(hosts.told) == len(tries) - 1
        sweep(store, now, hosts)
    waits = [after - before for before, after in pairwise(tries)]
    assert waits == [5, 10, 20, 40, 80, 160, *[300] * 10]
    assert len(hosts.told) == len(tries)
    assert told(store) == [("refused", "slack_unreachable")]


@pytest.mark.parametrize(("away", "event"), [(-MICROSECOND, []), (timedelta(0), [("unknown", "fate_unknown")])])
def test_a_notice_whose_sender_died_is_recorded_as_unknown_and_never_sent(
    store: Store, hosts: FakeHosts, away: timedelta, event: list[tuple[str, str]]
) -> None:
    put(store, NOTICE, Notice("C1", "hello", NOON).claim(NOON))
    sweep(store, NOON + FATE_UNKNOWN_AFTER + away, hosts)
    sweep(store, NOON + FATE_UNKNOWN_AFTER + away, hosts)
    assert (hosts.told, told(store)) == ([], event)


def test_it_is_claimed_before_it_is_sent(store: Store) -> None:
    class Watching(FakeHosts):
        def tell(self, channel: str, text: str, buttons: object = ()) -> Delivery:
            assert get(store, NOTICE).claimed
            return super().tell(channel, text)

    hosts = Watching()
    notice(store)
    sweep(store, NOON, hosts)
    assert len(hosts.told) == 1


def test_each_notice_has_the_time_at_which_its_own_turn_came(store: Store) -> None:
    """Slack takes a minute for each: none is claimed at a time that has long passed, nor recorded there."""
    clock = [NOON]

    class Slow(FakeHosts):
        def tell(self, channel: str, text: str, buttons: object = ()) -> Delivery:
            clock[0] += timedelta(minutes=1)
            return Delivery.REFUSED

    for number in range(3):
        put(store, Key[Notice](f"notice:{number}"), Notice("C1", str(number), NOON))
    Notices(store, Slow(), [FRONT]).deliver(lambda: clock[0])
    assert [event.time - NOON for event in log(store)] == [timedelta(minutes=minutes) for minutes in range(3)]


def test_what_became_of_a_notice_is_not_told_twice_where_its_claim_was_taken_for_dead(store: Store) -> None:
    """Sending takes so long that another process gives the claim up; the first one then has no more say."""

    class Slow(FakeHosts):
        def tell(self, channel: str, text: str, buttons: object = ()) -> Delivery:
            Notices(store, FakeHosts(), [FRONT]).deliver(lambda: NOON + FATE_UNKNOWN_AFTER)
            return Delivery.TRY_LATER

    notice(store)
    Notices(store, Slow(), [FRONT]).deliver(lambda: NOON)
    assert (told(store), get(store, NOTICE)) == ([("unknown", "fate_unknown")], None)


def test_a_notice_that_is_not_due_yet_is_left_alone(store: Store, hosts: FakeHosts) -> None:
    notice(store, written_at=NOON + MICROSECOND)
    Notices(store, hosts, [FRONT]).deliver(lambda: NOON)
    assert (hosts.told, get(store, NOTICE).claimed) == ([], False)


def test_notices_are_told_and_nothing_else_that_is_due_is_touched(store: Store, hosts: FakeHosts) -> None:
    key = Key[Receipt]("receipt:trigger-1")
    put(store, key, Receipt("done", NOON))
    notice(store)
    Notices(store, hosts, [FRONT]).deliver(lambda: NOON + HOUR)
    assert (hosts.told, get(store, key)) == ([("C1", "hello")], Receipt("done", NOON))


def test_two_housekeepers_at_once_send_it_once(store: Store) -> None:
    """The first one is still sending while the second one makes its whole round."""
    sending, swept = threading.Event(), threading.Event()

    class Slow(FakeHosts):
        def tell(self, channel: str, text: str, buttons: object = ()) -> Delivery:
            sending.set()
            assert swept.wait(20)
            return super().tell(channel, text)

    slow, other = Slow(), FakeHosts()
    notice(store)
    first = threading.Thread(target=sweep, args=(store, NOON, slow))
    first.start()
    assert sending.wait(20)
    sweep(store, NOON, other)
    swept.set()
    first.join(20)
    assert (len(slow.told), len(other.told), told(store)) == (1, 0, [])


def test_many_housekeepers_send_many_notices_once_each(store: Store, hosts: FakeHosts) -> None:
    for number in range(20):
        put(store, Key[Notice](f"notice:{number}"), Notice("C1", str(number), NOON))
    start = threading.Barrier(4)
    threads = [threading.Thread(target=lambda: (start.wait(20), sweep(store, NOON, hosts))) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert sorted(int(text) for _, text in hosts.told) == list(range(20))


def test_more_than_a_batch_is_dealt_with_round_by_round(sqlite_store: Store, hosts: FakeHosts) -> None:
    for number in range(BATCH + 1):
        put(sqlite_store, Key[Notice](f"notice:{number}"), Notice("C1", str(number), NOON))
    sweep(sqlite_store, NOON, hosts)
    assert len(hosts.told) == BATCH
    sweep(sqlite_store, NOON, hosts)
    assert len(hosts.told) == BATCH + 1


# Trouble


@pytest.mark.parametrize("name", ["notice:0", "hologram:1", "visit:CA0"])
def test_a_record_that_can_not_be_read_does_not_hold_up_the_others(
    sqlite_store: SqliteStore, hosts: FakeHosts, name: str
) -> None:
    with sqlite_store._transaction() as connection:
        due = int(NOON.timestamp() - 60) * 1_000_000
        connection.execute("INSERT INTO records VALUES (?, ?, 'nonsense', ?)", (FRONT, name, due))
    notice(sqlite_store)
    sweep(sqlite_store, NOON, hosts)
    assert hosts.told == [("C1", "hello")]
    assert (FRONT, name) in [(due.partition, due.name) for due in sqlite_store.due([FRONT], NOON, 9)]


def test_a_store_that_is_away_ends_the_round() -> None:
    class Away:
        def due(self, *_: Any) -> Any:
            raise StoreUnavailable

    with pytest.raises(StoreUnavailable):
        housekeeping(Away()).sweep(NOON)  # type: ignore[arg-type]


def test_keeping_house_sends_nothing_so_that_a_slack_that_hangs_does_not_hold_it_up(
    sqlite_store: Store, hosts: FakeHosts
) -> None:
    notice(sqlite_store)
    housekeeping(sqlite_store).sweep(NOON)
    assert hosts.told == []
    assert get(sqlite_store, NOTICE) is not None


def test_writing_can_be_tried_without_a_trace(store: Store) -> None:
    for seconds in range(3):
        housekeeping(store).try_writing(NOON + timedelta(seconds=seconds))
    sweep(store, NOON + HOUR)
    assert (log(store, OFFICE), store.due([OFFICE], NOON + HOUR, 9)) == ([], [])
