"""The store's contract: one suite that every backend passes, with races between threads and between processes in it."""

import itertools
import multiprocessing
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, NamedTuple
from uuid import uuid4

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.domain.audit import Action, AuditEvent, LogEntry, Outcome, Source
from app.domain.doors import DoorState
from app.domain.notices import Notice
from app.domain.receipts import Receipt, Refusals, Unverified
from app.domain.unlocks import Unlock
from app.domain.visits import Visit, VisitState
from app.ports import OFFICE, Committed, DueRecord, Key, Snapshot, Store, entries, partition
from app.stores import records
from app.stores.redis import RedisStore
from app.stores.sqlite import SqliteStore
from tests.servers import ROOT

pytestmark = pytest.mark.parametrize("store", ["sqlite", "redis", "cluster"], indirect=True)

FRONT, BACK = partition("front"), partition("back")
NOON = datetime(2026, 11, 23, 17, 0, tzinfo=UTC)
INTERCOM = "+12125550199"
SECOND, MINUTE = timedelta(seconds=1), timedelta(minutes=1)
MICROSECOND = timedelta(microseconds=1)
STATE = Key[DoorState]("state")
A, B = Key[Receipt]("receipt:a"), Key[Receipt]("receipt:b")
FIRST, SECOND_ANSWER = Receipt("first", NOON), Receipt("second", NOON)
HOSTILE = {
    "quotes": "'; DROP TABLE records; -- \" ` \\",
    "newlines": "one\r\ntwo\n\tthree\u2028four",
    "nul": "before\x00after",
    "emoji": "👩‍👩‍👧‍👦 🚪 é e\u0301 \u202eright to left",
    "numbers": "0 -1 nan 1e999",
    "markup": "<Response><Play digits='9'/></Response> {{7*7}} %s %(x)s ${x} {0}",
    "spaces": "  \t around  ",
    "long": "long \N{DOOR} " * 6_000,
}


def an_event(time: datetime = NOON, **fields: Any) -> AuditEvent:
    return AuditEvent(time, **{"door": "front", "action": Action.RING, "outcome": Outcome.RELEASED, **fields})


def write(store: Store, key: Key[Any], value: object | None, where: str = FRONT) -> None:
    assert store.commit(store.read(where, key), {key: value})


def append(store: Store, *events: AuditEvent, where: str = FRONT) -> None:
    assert store.commit(store.read(where, STATE), {}, events)


def log(store: Store, where: str = FRONT) -> list[LogEntry]:
    return list(entries(store, where))


def numbers(found: Sequence[LogEntry]) -> list[int]:
    return [entry.seq for entry in found]


def due_names(store: Store, now: datetime = NOON, limit: int = 100) -> list[str]:
    return [record.name for record in store.due([FRONT], now, limit)]


def waiting(due_at: datetime) -> Notice:
    return Notice("C0FRONTDOOR", "Hello", due_at)


# Records


def test_a_commit_that_is_to_be_had_widely_is_a_commit(store: Store) -> None:
    before = store.read(FRONT, A)
    assert store.commit_widely(before, {A: FIRST}, [an_event()]) is Committed.YES
    assert store.commit_widely(before, {A: SECOND_ANSWER}, [an_event()]) is Committed.NO
    assert (store.read(FRONT, A).get(A), numbers(log(store))) == (FIRST, [1])


def test_an_absent_record_is_read_as_none(store: Store) -> None:
    assert store.read(FRONT, A).get(A) is None


def test_a_record_that_was_not_read_cannot_be_taken_for_an_absent_one(store: Store) -> None:
    with pytest.raises(KeyError):
        store.read(FRONT, A).get(B)


def test_present_and_absent_records_come_in_one_snapshot(store: Store) -> None:
    write(store, A, FIRST)
    snapshot = store.read(FRONT, STATE, A, B)
    assert (snapshot.get(STATE), snapshot.get(A), snapshot.get(B)) == (None, FIRST, None)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("state", DoorState((Unlock("U0HOST001", NOON, NOON + MINUTE),))),
        ("state", DoorState()),
        ("visit:CA1", Visit("CA1", NOON, VisitState.FORWARDED, "locked", NOON + SECOND)),
        ("receipt:", Receipt("", NOON)),
        ("refusals:U0HOST001:unlock", Refusals("U0HOST001", Action.UNLOCK, Source.SLACK, NOON, {"not_permitted": 7})),
        ("notice:1", Notice("C0FRONTDOOR", "Hello", NOON, NOON + MICROSECOND, True, 3)),
        ("unverified", Unverified(NOON, {"slack": 1, "voice": 2**40})),
    ],
)
def test_every_kind_of_record_is_read_as_it_was_written(store: Store, name: str, value: object) -> None:
    write(store, Key(name), value)
    assert store.read(FRONT, Key(name)).get(Key(name)) == value


def test_a_snapshot_does_not_change_after_it_was_read(store: Store) -> None:
    write(store, A, FIRST)
    snapshot = store.read(FRONT, A)
    write(store, A, SECOND_ANSWER)
    assert snapshot.get(A) == FIRST


def test_none_deletes_a_record(store: Store) -> None:
    write(store, A, FIRST)
    write(store, A, None)
    assert store.read(FRONT, A).get(A) is None


def test_deleting_an_absent_record_is_no_fault(store: Store) -> None:
    assert store.commit(store.read(FRONT, A), {A: None, B: None})


def test_writes_deletes_and_events_go_in_together(store: Store) -> None:
    write(store, A, FIRST)
    assert store.commit(store.read(FRONT, A, B), {A: None, B: SECOND_ANSWER}, [an_event(reason="1"), an_event()])
    after = store.read(FRONT, A, B)
    assert (after.get(A), after.get(B), numbers(log(store))) == (None, SECOND_ANSWER, [2, 1])


def test_a_commit_may_write_what_it_did_not_read(store: Store) -> None:
    assert store.commit(store.read(FRONT, A), {B: SECOND_ANSWER})
    assert store.read(FRONT, B).get(B) == SECOND_ANSWER


def test_a_commit_of_nothing_succeeds_and_changes_nothing(store: Store) -> None:
    write(store, A, FIRST)
    assert store.commit(store.read(FRONT, A), {})
    assert (store.read(FRONT, A).get(A), log(store)) == (FIRST, [])


# Records of several partitions at once


def test_records_of_several_partitions_are_read_together_in_the_order_asked(store: Store) -> None:
    write(store, A, FIRST)
    write(store, B, SECOND_ANSWER, where=BACK)
    front, office, back = store.read_many([(FRONT, [A, B]), (OFFICE, [A]), (BACK, [B, STATE])])
    assert [each.partition for each in (front, office, back)] == [FRONT, OFFICE, BACK]
    assert (front.get(A), front.get(B), office.get(A)) == (FIRST, None, None)
    assert (back.get(B), back.get(STATE)) == (SECOND_ANSWER, None)


def test_each_of_many_snapshots_is_what_a_read_of_its_own_gives(store: Store) -> None:
    write(store, A, FIRST)
    assert store.read_many([(FRONT, [STATE, A]), (BACK, [A])]) == [store.read(FRONT, STATE, A), store.read(BACK, A)]


def test_what_was_not_asked_for_in_one_partition_is_not_known_there(store: Store) -> None:
    front, back = store.read_many([(FRONT, [A]), (BACK, [B])])
    with pytest.raises(KeyError):
        front.get(B)
    with pytest.raises(KeyError):
        back.get(A)


def test_one_partition_can_be_asked_for_twice(store: Store) -> None:
    write(store, A, FIRST)
    first, second = store.read_many([(FRONT, [A]), (FRONT, [B])])
    assert (first.get(A), second.get(B)) == (FIRST, None)


def test_nothing_is_read_where_nothing_is_asked_for(store: Store) -> None:
    assert list(store.read_many([])) == []


def test_each_of_many_snapshots_can_be_committed_against(store: Store) -> None:
    front, back = store.read_many([(FRONT, [A]), (BACK, [A])])
    write(store, A, FIRST)
    assert store.commit(front, {A: SECOND_ANSWER}) is False
    assert store.commit(back, {A: SECOND_ANSWER}) is True
    assert [each.get(A) for each in store.read_many([(FRONT, [A]), (BACK, [A])])] == [FIRST, SECOND_ANSWER]


def test_hundreds_of_partitions_are_read_at_once(store: Store) -> None:
    doors = [partition(f"door{number}") for number in range(300)]
    for number in (0, 150, 299):
        write(store, A, Receipt(f"{number}", NOON), where=doors[number])
    found = store.read_many([(door, [STATE, A, B]) for door in doors])
    answers = {each.partition: receipt.answer for each in found if (receipt := each.get(A))}
    assert ([each.partition for each in found], answers) == (doors, {doors[n]: f"{n}" for n in (0, 150, 299)})


# A commit against what is no longer so


class Rival(NamedTuple):
    """What stood in the record when it was read, and what somebody else made of it before our commit."""

    before: Receipt | None
    after: Receipt | None


RIVALS = {
    "appeared": Rival(None, FIRST),
    "changed": Rival(FIRST, SECOND_ANSWER),
    "deleted": Rival(FIRST, None),
    "changed in one microsecond": Rival(FIRST, replace(FIRST, given_at=NOON + MICROSECOND)),
}
each_rival = pytest.mark.parametrize("rival", RIVALS.values(), ids=RIVALS.keys())


def overtaken(store: Store, rival: Rival) -> Snapshot:
    """A snapshot of A and B that is stale because of what became of A."""
    write(store, A, rival.before)
    snapshot = store.read(FRONT, B, A)
    write(store, A, rival.after)
    return snapshot


@each_rival
def test_a_commit_against_a_stale_snapshot_is_refused(store: Store, rival: Rival) -> None:
    snapshot = overtaken(store, rival)
    assert store.commit(snapshot, {B: FIRST}, [an_event()]) is False


@each_rival
def test_a_refused_commit_writes_no_record(store: Store, rival: Rival) -> None:
    store.commit(overtaken(store, rival), {A: Receipt("mine", NOON), B: Receipt("mine", NOON)}, [an_event()])
    after = store.read(FRONT, A, B)
    assert (after.get(A), after.get(B)) == (rival.after, None)


@each_rival
def test_a_refused_commit_deletes_no_record(store: Store, rival: Rival) -> None:
    write(store, STATE, DoorState())
    store.commit(overtaken(store, rival), {A: None, STATE: None})
    after = store.read(FRONT, A, STATE)
    assert (after.get(A), after.get(STATE)) == (rival.after, DoorState())


@each_rival
def test_a_refused_commit_appends_no_event_and_uses_up_no_number(store: Store, rival: Rival) -> None:
    append(store, an_event())
    assert not store.commit(overtaken(store, rival), {}, [an_event(reason="lost")] * 3)
    append(store, an_event(reason="next"))
    assert [(entry.seq, entry.event.reason) for entry in log(store)] == [(2, "next"), (1, "")]


def test_a_refused_commit_leaves_nothing_due(store: Store) -> None:
    notice = Key[Notice]("notice:1")
    assert not store.commit(overtaken(store, RIVALS["appeared"]), {notice: waiting(NOON)})
    assert due_names(store) == []


def test_a_refused_commit_leaves_what_is_due_as_it_was(store: Store) -> None:
    notice = Key[Notice]("notice:1")
    write(store, notice, waiting(NOON))
    assert not store.commit(overtaken(store, RIVALS["appeared"]), {notice: None})
    assert due_names(store) == ["notice:1"]


def test_what_was_not_read_cannot_make_a_snapshot_stale(store: Store) -> None:
    snapshot = store.read(FRONT, A)
    write(store, B, FIRST)
    append(store, an_event())
    write(store, A, FIRST, where=BACK)
    assert store.commit(snapshot, {A: SECOND_ANSWER})


def test_the_first_of_two_commits_against_one_snapshot_wins(store: Store) -> None:
    snapshot = store.read(FRONT, A)
    assert [store.commit(snapshot, {A: FIRST}), store.commit(snapshot, {A: SECOND_ANSWER})] == [True, False]
    assert store.read(FRONT, A).get(A) == FIRST


def test_a_commit_that_fails_in_the_middle_changes_nothing(store: Store) -> None:
    write(store, A, FIRST)
    with pytest.raises(UnicodeEncodeError):  # half of a surrogate pair can be stored nowhere
        store.commit(store.read(FRONT, A), {A: None, B: FIRST}, [an_event(), an_event(caller="\ud800")])
    after = store.read(FRONT, A, B)
    assert (after.get(A), after.get(B), log(store)) == (FIRST, None, [])
    append(store, an_event())
    assert numbers(log(store)) == [1]


# What is due


@pytest.mark.parametrize(
    ("due_at", "found"), [(NOON - MICROSECOND, True), (NOON, True), (NOON + MICROSECOND, False), (NOON + MINUTE, False)]
)
def test_a_record_is_due_from_its_time_on(store: Store, due_at: datetime, found: bool) -> None:
    write(store, Key("notice:1"), waiting(due_at))
    assert store.due([FRONT], NOON, 10) == ([DueRecord(FRONT, "notice:1")] if found else [])


def test_a_record_without_a_time_is_never_due(store: Store) -> None:
    write(store, STATE, DoorState())
    assert due_names(store, datetime(9999, 1, 1, tzinfo=UTC)) == []


def test_what_is_due_comes_oldest_first(store: Store) -> None:
    for minutes in (3, 1, 5, 2, 4):
        write(store, Key(f"notice:{minutes}"), waiting(NOON - minutes * MINUTE))
    assert due_names(store) == [f"notice:{minutes}" for minutes in (5, 4, 3, 2, 1)]


def test_a_limit_leaves_out_the_youngest(store: Store) -> None:
    for minutes in (3, 1, 2):
        write(store, Key(f"notice:{minutes}"), waiting(NOON - minutes * MINUTE))
    assert due_names(store, limit=2) == ["notice:3", "notice:2"]


def test_what_is_due_is_found_in_every_partition_that_is_asked_for_and_in_no_other(store: Store) -> None:
    for where in (FRONT, BACK, OFFICE):
        write(store, Key("notice:1"), waiting(NOON), where=where)
    found = store.due([OFFICE, FRONT], NOON, 10)
    assert found == [DueRecord(OFFICE, "notice:1"), DueRecord(FRONT, "notice:1")]


def test_every_partition_has_a_limit_of_its_own(store: Store) -> None:
    for where, number in ((FRONT, 3), (BACK, 1), (OFFICE, 2)):
        for n in range(number):
            write(store, Key(f"notice:{n}"), waiting(NOON + n * MICROSECOND - MINUTE), where=where)
    found = store.due([OFFICE, FRONT, BACK], NOON, 2)
    assert [(each.partition, each.name) for each in found] == [
        (OFFICE, "notice:0"),
        (OFFICE, "notice:1"),
        (FRONT, "notice:0"),
        (FRONT, "notice:1"),
        (BACK, "notice:0"),
    ]


def crowded(store: Store) -> None:
    """A door at which many notices are due, and after them two receipts and a visit."""
    for n in range(9):
        write(store, Key(f"notice:{n}"), waiting(NOON - 20 * MINUTE + n * SECOND))
    for n in range(2):
        write(store, Key(f"receipt:{n}"), Receipt("", NOON - 10 * MINUTE - n * SECOND))
    write(store, Key("visit:CA1"), Visit("CA1", NOON - 10 * MINUTE, VisitState.FORWARDED, "locked"))


KINDS: list[tuple[list[str] | None, list[str]]] = [
    (None, ["notice:0", "notice:1", "receipt:1", "receipt:0", "visit:CA1"]),
    (["visit"], ["visit:CA1"]),
    (["receipt", "visit"], ["receipt:1", "receipt:0", "visit:CA1"]),
    (["notice"], ["notice:0", "notice:1"]),
    (["notices", "tone", ""], []),
    ([], []),
]


@pytest.mark.parametrize(("kinds", "names"), KINDS)
def test_no_kind_takes_the_place_of_another(store: Store, kinds: list[str] | None, names: list[str]) -> None:
    crowded(store)
    assert [each.name for each in store.due([FRONT], NOON, 2, kinds)] == names


@pytest.mark.parametrize("limit", [1, 2, 3, 9, 10, 100])
def test_a_limit_is_of_each_kind(store: Store, limit: int) -> None:
    crowded(store)
    found = [each.name.partition(":")[0] for each in store.due([FRONT], NOON, limit)]
    assert {kind: found.count(kind) for kind in found} == {
        "notice": min(limit, 9),
        "receipt": min(limit, 2),
        "visit": 1,
    }


def test_nothing_is_due_where_no_partition_is_asked_for(store: Store) -> None:
    assert list(store.due([], NOON, 10)) == []


@pytest.mark.parametrize("value", [None, waiting(NOON + MINUTE)], ids=["deleted", "put off"])
def test_a_record_that_was_dealt_with_is_no_longer_due(store: Store, value: Notice | None) -> None:
    key = Key[Notice]("notice:1")
    write(store, key, waiting(NOON))
    write(store, key, value)
    assert due_names(store) == []


def test_a_record_that_was_put_forward_is_due_earlier(store: Store) -> None:
    key = Key[Notice]("notice:1")
    write(store, key, waiting(NOON + MINUTE))
    write(store, key, waiting(NOON))
    assert due_names(store) == ["notice:1"]


# The log


def test_an_empty_log_has_no_page(store: Store) -> None:
    assert list(store.read_log(FRONT)) == []


def test_numbers_count_up_without_a_gap_in_and_across_commits(store: Store) -> None:
    for size in (1, 3, 0, 2):
        append(store, *[an_event()] * size)
    assert numbers(log(store)) == [6, 5, 4, 3, 2, 1]


def test_events_of_one_commit_are_numbered_in_their_order(store: Store) -> None:
    append(store, *[an_event(reason=str(number)) for number in (1, 2, 3)])
    assert [(entry.seq, entry.event.reason) for entry in log(store)] == [(3, "3"), (2, "2"), (1, "1")]


def test_every_partition_counts_for_itself(store: Store) -> None:
    append(store, an_event(), an_event())
    append(store, an_event(door="back"), where=BACK)
    append(store, an_event(door=""), where=OFFICE)
    assert [numbers(log(store, where)) for where in (FRONT, BACK, OFFICE)] == [[2, 1], [1], [1]]


PAGES: list[tuple[int | None, int, list[int]]] = [
    (None, 2, [5, 4]),
    (4, 2, [3, 2]),
    (2, 2, [1]),
    (1, 2, []),
    (0, 2, []),
    (6, 9, [5, 4, 3, 2, 1]),
    (10**9, 1, [5]),
    (None, 100, [5, 4, 3, 2, 1]),
]


def test_a_page_begins_below_before_and_goes_back(store: Store) -> None:
    append(store, *[an_event()] * 5)
    found = [(before, limit, numbers(store.read_log(FRONT, before=before, limit=limit))) for before, limit, _ in PAGES]
    assert found == PAGES


def test_pages_together_are_the_whole_log_also_while_it_grows(store: Store) -> None:
    append(store, *[an_event()] * 7)
    pages = entries(store, FRONT, page=3)
    first = next(pages)
    append(store, an_event())
    assert numbers([first, *pages]) == [7, 6, 5, 4, 3, 2, 1]


def test_the_newest_of_many_logs_are_read_together(store: Store) -> None:
    append(store, *[an_event(reason=f"{n}", caller=f"+1212555010{n}") for n in range(5)])
    append(store, an_event(door="back", caller="withheld"), where=BACK)
    front, office, back = store.read_logs([FRONT, OFFICE, BACK], 3)
    assert [list(front), list(office), list(back)] == [
        store.read_log(FRONT, limit=3),
        [],
        [LogEntry(1, an_event(door="back", caller="withheld"))],
    ]
    assert [entry.event.caller for entry in front] == [f"+1212555010{n}" for n in (4, 3, 2)]


def test_no_log_is_read_where_none_is_asked_for(store: Store) -> None:
    append(store, an_event())
    assert list(store.read_logs([], 3)) == []


EVENTS = {
    "everything": AuditEvent(
        NOON + MICROSECOND,
        "front",
        Action.UNLOCK,
        Outcome.DONE,
        "already_unlocked",
        "U0HOST001",
        Source.SLACK,
        "CA1",
        INTERCOM,
        {"until": "14:00", "times": 0, "": "", "big": 2**53 + 1, "ünïcode": "🚪"},
    ),
    "next to nothing": AuditEvent(NOON, "front", Action.RING, Outcome.DENIED),
    "withheld": an_event(caller="withheld", source=Source.VOICE),
    "last microsecond": an_event(NOON.replace(microsecond=999_999)),
    "before 1970": an_event(datetime(1969, 12, 31, 23, 59, 59, 999_999, tzinfo=UTC)),
}


@pytest.mark.parametrize("event", EVENTS.values(), ids=EVENTS.keys())
def test_an_event_is_read_exactly_as_it_was_appended(store: Store, event: AuditEvent) -> None:
    append(store, event)
    assert log(store) == [LogEntry(1, event)]


def test_every_action_source_and_outcome_can_be_on_record(store: Store) -> None:
    every = itertools.product(Action, Outcome, Source)
    events = [an_event(action=action, outcome=outcome, source=source) for action, outcome, source in every]
    append(store, *events)
    assert [entry.event for entry in log(store)] == events[::-1]


def test_events_of_the_office_belong_to_no_door(store: Store) -> None:
    append(store, an_event(door="", action=Action.VERIFY), where=OFFICE)
    assert log(store, OFFICE)[0].event.door == ""


def test_every_event_keeps_its_own_caller(store: Store) -> None:
    callers = ["+12125550101", "", "withheld", "+12125550101", ""]
    append(store, *[an_event(caller=caller) for caller in callers])
    assert [entry.event.caller for entry in log(store)] == callers[::-1]
    assert [entry.event.caller for entry in store.read_log(FRONT, before=4, limit=2)] == callers[2:0:-1]


# What is kept, and for how long

CUTS = [
    (NOON - MINUTE, 0),
    (NOON, 0),
    (NOON + MICROSECOND, 1),
    (NOON + 2 * MINUTE - MICROSECOND, 2),
    (NOON + 2 * MINUTE, 2),
    (NOON + 2 * MINUTE + MICROSECOND, 3),
    (NOON + 4 * MINUTE, 4),
    (NOON + 4 * MINUTE + MICROSECOND, 5),
    (NOON + timedelta(days=400), 5),
]
each_cut = pytest.mark.parametrize(("older_than", "removed"), CUTS)


def append_five(store: Store, where: str = FRONT) -> None:
    """One event a minute from noon on, each with a caller."""
    append(store, *[an_event(NOON + n * MINUTE, caller=f"+1212555010{n}") for n in range(5)], where=where)


def trim(store: Store, older_than: datetime) -> int:
    return store.trim_log(FRONT, store.first_at([FRONT], older_than)[0])


def erase(store: Store, older_than: datetime) -> int:
    return store.erase_callers(FRONT, store.first_at([FRONT], older_than)[0])


@each_cut
def test_trimming_removes_exactly_what_is_older(store: Store, older_than: datetime, removed: int) -> None:
    append_five(store)
    assert trim(store, older_than) == removed
    assert numbers(log(store)) == [5, 4, 3, 2, 1][: 5 - removed]


@each_cut
def test_erasing_takes_exactly_the_older_callers(store: Store, older_than: datetime, removed: int) -> None:
    append_five(store)
    assert erase(store, older_than) == removed
    kept = [f"+1212555010{n}" for n in range(5)][removed:]
    assert [entry.event.caller for entry in log(store)][::-1] == [""] * removed + kept


def test_erasing_touches_nothing_but_the_caller(store: Store) -> None:
    event = EVENTS["everything"]
    append(store, event)
    erase(store, NOON + MINUTE)
    assert log(store) == [LogEntry(1, replace(event, caller=""))]


@pytest.mark.parametrize("older_than", [NOON + 2 * MINUTE, NOON + timedelta(days=400)], ids=["a part", "everything"])
def test_numbers_go_on_after_trimming(store: Store, older_than: datetime) -> None:
    append_five(store)
    trim(store, older_than)
    append(store, an_event(NOON + 9 * MINUTE))
    assert log(store)[0].seq == 6


def test_trimming_takes_the_callers_too(store: Store) -> None:
    append_five(store)
    trim(store, NOON + 3 * MINUTE)
    assert erase(store, NOON + timedelta(days=400)) == 2


def test_an_empty_log_can_be_trimmed_and_has_no_callers(store: Store) -> None:
    assert (trim(store, NOON), erase(store, NOON)) == (0, 0)


def test_trimming_and_erasing_can_be_repeated(store: Store) -> None:
    append_five(store)
    cut = NOON + 2 * MINUTE
    once, again = [(erase(store, cut), trim(store, cut)) for _ in range(2)]
    assert (once, again) == ((2, 2), (0, 0))


def test_a_log_that_was_trimmed_can_be_trimmed_further(store: Store) -> None:
    append_five(store)
    assert [trim(store, NOON + n * MINUTE) for n in (1, 3, 4, 9)] == [1, 2, 1, 1]
    assert log(store) == []


def test_only_callers_that_were_there_are_counted_as_erased(store: Store) -> None:
    append(store, an_event(caller="withheld"), an_event(), an_event(caller=INTERCOM))
    assert erase(store, NOON + MINUTE) == 2


def test_trimming_leaves_records_and_other_partitions_alone(store: Store) -> None:
    append_five(store)
    append_five(store, where=BACK)
    write(store, A, FIRST)
    trim(store, NOON + timedelta(days=400))
    erase(store, NOON + timedelta(days=400))
    assert store.read(FRONT, A).get(A) == FIRST
    assert [entry.event.caller for entry in log(store, BACK)] == [f"+1212555010{n}" for n in (4, 3, 2, 1, 0)]


@pytest.mark.parametrize("trimmed", [0, 3, 6])
@given(steps=st.lists(st.integers(0, 3), min_size=8, max_size=30), cut=st.integers(-1, 100))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=15)
def test_a_time_is_found_in_a_log_of_any_beginning(store: Store, trimmed: int, steps: list[int], cut: int) -> None:
    where = f"door:{uuid4().hex}"
    times = [NOON + sum(steps[: n + 1]) * SECOND for n in range(len(steps))]
    append(store, *[an_event(time) for time in times], where=where)
    store.trim_log(where, trimmed + 1)
    older = sum(time < NOON + cut * SECOND for time in times)
    assert list(store.first_at([where], NOON + cut * SECOND)) == [max(older, trimmed) + 1]


def test_times_are_looked_up_in_several_logs_at_once(store: Store) -> None:
    append_five(store)
    append(store, an_event(NOON + 2 * MINUTE), where=BACK)
    assert list(store.first_at([BACK, FRONT, OFFICE], NOON + 2 * MINUTE)) == [1, 3, 0]


def test_lines_are_read_as_they_are_stored_oldest_first(store: Store) -> None:
    append_five(store)
    found = store.read_lines(FRONT, after=2, limit=2)
    stored = records.encode_event(an_event(NOON + 2 * MINUTE))
    assert ([line.seq for line in found], found[0].text) == ([3, 4], stored)
    assert list(store.read_lines(FRONT, after=5, limit=2)) == []


def test_the_newest_number_of_several_logs_is_read_at_once(store: Store) -> None:
    append_five(store)
    append(store, an_event(NOON), where=BACK)
    store.trim_log(BACK, 9)
    assert list(store.newest([BACK, FRONT, OFFICE])) == [0, 5, 0]


def test_callers_of_single_entries_can_be_erased(store: Store) -> None:
    append_five(store)
    assert store.erase_callers_at(FRONT, [2, 4, 9]) == 2
    assert store.erase_callers_at(FRONT, [2, 4]) == 0
    assert [entry.seq for entry in log(store) if entry.event.caller] == [5, 3, 1]


# Partitions

SIMILAR = ["door:front", "door:front2", "door:fron", "door:Front", "door:front:records", "door", "office", "door:"]


def test_partitions_with_similar_names_do_not_leak_into_each_other(store: Store) -> None:
    for where in SIMILAR:
        write(store, A, Receipt(where, NOON - timedelta(hours=1)), where=where)
        append(store, an_event(door=where.partition(":")[2], reason=where), where=where)
    assert [store.read(where, A).get(A) for where in SIMILAR] == [
        Receipt(where, NOON - timedelta(hours=1)) for where in SIMILAR
    ]
    assert [[entry.event.reason for entry in log(store, where)] for where in SIMILAR] == [[each] for each in SIMILAR]
    assert [record.partition for record in store.due(SIMILAR, NOON, 100)] == SIMILAR


def test_a_record_deleted_in_one_partition_stays_in_the_other(store: Store) -> None:
    for where in (FRONT, BACK):
        write(store, A, FIRST, where=where)
    write(store, A, None, where=BACK)
    assert store.read(FRONT, A).get(A) == FIRST


# Hostile content


def test_hostile_text_survives_in_a_record(store: Store) -> None:
    wanted = {f"receipt:{name}": Receipt(text, NOON) for name, text in HOSTILE.items()}
    assert store.commit(store.read(FRONT, A), {Key(name): value for name, value in wanted.items()})
    assert store.read(FRONT, *map(Key, wanted)).values == wanted


def test_hostile_text_survives_in_the_name_of_a_record(store: Store) -> None:
    names = [f"notice:{text}" for text in HOSTILE.values()]
    assert store.commit(store.read(FRONT, A), {Key(name): waiting(NOON) for name in names})
    assert store.read(FRONT, *map(Key, names)).values == dict.fromkeys(names, waiting(NOON))
    assert sorted(due_names(store)) == sorted(names)


def test_hostile_text_survives_in_an_event(store: Store) -> None:
    texts = HOSTILE.values()
    events = [an_event(reason=t, actor=t, visit=t, caller=t, details={t: t}) for t in texts]
    append(store, *events)
    assert [entry.event for entry in log(store)] == events[::-1]


def test_hostile_text_survives_in_the_name_of_a_partition(store: Store) -> None:
    for text in HOSTILE.values():
        where = partition(text)
        write(store, A, FIRST, where=where)
        append(store, an_event(door=text), where=where)
        assert store.read(where, A).get(A) == FIRST
        assert log(store, where) == [LogEntry(1, an_event(door=text))]


def test_records_with_hostile_text_are_compared_exactly(store: Store) -> None:
    def is_stale_after_a_space(key: Key[Receipt], text: str) -> bool:
        write(store, key, Receipt(text, NOON))
        snapshot = store.read(FRONT, key)
        write(store, key, Receipt(f"{text} ", NOON))
        return not store.commit(snapshot, {key: FIRST})

    assert all(is_stale_after_a_space(Key(f"receipt:{name}"), text) for name, text in HOSTILE.items())


# Races

CONTESTS = [Key[Receipt](f"receipt:{number}") for number in range(25)]
ONCE = [Key[DoorState](f"state:{number}") for number in range(25)]
INCREMENTS = 20
COUNTER = Key[Unverified]("unverified:counter")
THREADS, PROCESSES = 6, 3
PATIENCE_SECONDS = 20.0
Race = Callable[[Store, str, Any], int]


def appear(store: Store, me: str, start: Any) -> int:
    """Contend for records that nobody has written; how many were won."""
    won = 0
    for key in CONTESTS:
        start.wait(PATIENCE_SECONDS)
        snapshot = store.read(FRONT, key)
        event = an_event(actor=me, visit=key.name)
        won += snapshot.get(key) is None and store.commit(snapshot, {key: Receipt(me, NOON)}, [event])
    return won


def use_up(store: Store, me: str, start: Any) -> int:
    """Contend for unlocks that are good for one release; how many were used."""
    used = 0
    for key in ONCE:
        start.wait(PATIENCE_SECONDS)
        snapshot = store.read(FRONT, key)
        used += snapshot.get(key) is not None and store.commit(snapshot, {key: None}, [an_event(actor=me)])
    return used


def counter(n: int) -> Unverified:
    return Unverified(NOON, {"n": n})


def count_in(snapshot: Snapshot) -> int:
    found = snapshot.get(COUNTER)
    return found.counts["n"] if found else 0


def count_up(store: Store, me: str, start: Any) -> int:
    """Add to one number again and again, with an event for each step; how many additions went in."""
    for _ in range(INCREMENTS):
        start.wait(PATIENCE_SECONDS)
        while True:
            snapshot = store.read(FRONT, COUNTER)
            n = count_in(snapshot) + 1
            if store.commit(snapshot, {COUNTER: counter(n)}, [an_event(actor=me, details={"n": n})]):
                break
    return INCREMENTS


def open_store(address: str) -> Store:
    return RedisStore(address) if "://" in address else SqliteStore(Path(address))


_start: Any = None  # in a process of its own: the barrier at which it waits for the others


def remember(start: Any) -> None:
    global _start
    _start = start


def run_in_process(race: Race, address: str, me: str) -> int:
    return run_race(race, open_store(address), me, _start)


def run_race(race: Race, store: Store, me: str, start: Any) -> int:
    try:
        return race(store, me, start)
    except BaseException:
        start.abort()  # nobody is to wait for one who will not come
        raise


class Processes:
    """Processes of their own, each with a store of its own on the same place."""

    def __init__(self) -> None:
        context = multiprocessing.get_context("spawn")
        self._start = context.Barrier(PROCESSES)
        self.pool = ProcessPoolExecutor(PROCESSES, context, remember, (self._start,))

    def run(self, race: Race, address: str) -> int:
        self._start.reset()
        return sum(self.pool.map(run_in_process, [race] * PROCESSES, [address] * PROCESSES, "123"))


@pytest.fixture(scope="module")
def processes() -> Iterator[Processes]:
    started = Processes()
    with started.pool:
        yield started


@pytest.fixture
def address(store: Store, request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Where another process finds the same store."""
    if isinstance(store, SqliteStore):
        return str(tmp_path / "doorbot.db")
    kind = request.node.callspec.params["store"]
    return str(request.getfixturevalue("redis_cluster" if kind == "cluster" else "redis_server").url)


@pytest.fixture
def hasty_switches() -> Iterator[None]:
    """Threads give way to each other at every opportunity."""
    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    yield
    sys.setswitchinterval(before)


@pytest.fixture(params=["threads", "processes"])
def run(request: pytest.FixtureRequest, store: Store, address: str, hasty_switches: None) -> Callable[[Race], int]:
    """Runs a race between threads on one store, or between processes that have one each; the sum of what they say."""
    if request.param == "processes":
        processes: Processes = request.getfixturevalue("processes")
        return lambda race: processes.run(race, address)

    def between_threads(race: Race) -> int:
        start = threading.Barrier(THREADS)
        with ThreadPoolExecutor(THREADS) as pool:
            return sum(pool.map(lambda n: run_race(race, store, f"{n}", start), range(THREADS)))

    return between_threads


def test_every_contest_has_exactly_one_winner_and_one_event(store: Store, run: Callable[[Race], int]) -> None:
    won = run(appear)
    snapshot = store.read(FRONT, *CONTESTS)
    winners = {entry.event.visit: entry.event.actor for entry in log(store)}
    assert won == len(CONTESTS)
    assert winners == {key.name: str(getattr(snapshot.get(key), "answer", None)) for key in CONTESTS}
    assert numbers(log(store)) == list(range(len(CONTESTS), 0, -1))


def test_what_is_good_for_one_release_is_used_up_exactly_once(store: Store, run: Callable[[Race], int]) -> None:
    once = DoorState((Unlock("U0HOST001", NOON, NOON + MINUTE),))
    assert store.commit(store.read(FRONT, *ONCE), dict.fromkeys(ONCE, once))
    assert run(use_up) == len(ONCE)
    assert numbers(log(store)) == list(range(len(ONCE), 0, -1))


def test_no_addition_is_lost_and_the_log_tells_them_in_order(store: Store, run: Callable[[Race], int]) -> None:
    added = run(count_up)
    assert count_in(store.read(FRONT, COUNTER)) == added
    told = [(entry.seq, entry.event.details["n"]) for entry in log(store)]
    assert told == [(n, n) for n in range(added, 0, -1)]


def test_partitions_are_numbered_without_a_gap_while_threads_write_to_all(store: Store, hasty_switches: None) -> None:
    doors = [partition(f"door{number}") for number in range(4)]
    with ThreadPoolExecutor(THREADS) as pool:
        list(pool.map(lambda n: append(store, an_event(), an_event(), where=doors[n % 4]), range(80)))
    assert [numbers(log(store, door)) for door in doors] == [list(range(40, 0, -1))] * 4


def test_two_sweeps_may_trim_the_same_log_at_once(store: Store, hasty_switches: None) -> None:
    append(store, *[an_event(NOON + n * SECOND, caller=INTERCOM) for n in range(200)])
    start = threading.Barrier(THREADS)

    def sweep(_: int) -> int:
        start.wait(PATIENCE_SECONDS)
        return sum(trim(store, NOON + n * SECOND) for n in range(0, 200, 10))

    with ThreadPoolExecutor(THREADS) as pool:
        assert sum(pool.map(sweep, range(THREADS))) == 190
    assert numbers(log(store)) == list(range(200, 190, -1))


WRITER = """
import sys
from tests.stores.test_contract import COUNTER, FRONT, an_event, counter, open_store
store = open_store(sys.argv[1])
for n in range(1, 10**6):
    events = [an_event(reason="a"), an_event(reason="b")]
    assert store.commit(store.read(FRONT, COUNTER), {COUNTER: counter(n)}, events)
    print(n, flush=True)
"""


def test_a_process_killed_while_it_writes_leaves_whole_commits_only(store: Store, address: str) -> None:
    command = [sys.executable, "-c", WRITER, address]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as writer:
        assert writer.stdout is not None
        confirmed = [int(writer.stdout.readline()) for _ in range(30)]
        writer.kill()
        confirmed += [int(line) for line in writer.stdout.read().splitlines()]
    committed = count_in(store.read(FRONT, COUNTER))
    assert committed in (confirmed[-1], confirmed[-1] + 1)
    assert [(each.seq, each.event.reason) for each in log(store)] == [
        (n, "b" if n % 2 == 0 else "a") for n in range(2 * committed, 0, -1)
    ]


# Upkeep


def test_a_store_that_answers_is_pinged_without_a_word(store: Store) -> None:
    store.ping()
    assert log(store) == []


def test_upkeep_changes_nothing_that_is_stored(store: Store) -> None:
    write(store, A, FIRST)
    append_five(store)
    before = log(store)
    store.tidy()
    assert (store.read(FRONT, A).get(A), log(store)) == (FIRST, before)


def test_callers_are_erased_in_pieces(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("app.stores.sqlite_log.PIECE", 2)
    monkeypatch.setattr("app.stores.redis.PIECE", 2)
    append_five(store)
    append_five(store)
    assert [store.erase_callers(FRONT, below) for below in (4, 4, 10, 12)] == [3, 0, 6, 1]
    assert {entry.event.caller for entry in log(store)} == {""}
