"""Somebody who can write to the store, or a clock that was wrong, left odd numbers, times and texts: all goes on."""

import json
from contextlib import closing
from datetime import date, timedelta
from typing import Any

import pytest

from app.domain.audit import Action, AuditEvent, Outcome
from app.ports import OFFICE, Key, Store
from app.stores.redis import RedisStore
from app.usecases.housekeeping import TIDY_EVERY
from app.usecases.leases import Leases
from app.usecases.past_doors import DOORS, PastDoors, past_doors
from app.usecases.retention import Retention, first_kept
from app.usecases.summaries import SUMMED, Summaries, month_key
from app.usecases.unlocks import STATE
from tests.support import a_door, local
from tests.tampering import tampering
from tests.usecases.sealed import DOORS as TWO_DOORS
from tests.usecases.sealed import FRONT, HOUR, NOON, SECOND, SIDE, Sealed
from tests.usecases.test_housekeeping import RETENTION, housekeeping, log, record, seal
from tests.usecases.test_summaries import a_visit, an_office, counted_up, pictured

FAKE = b'{"time":1795453200000000,"action":"unlock","outcome":"done"}'
HALF = "\ud800"  # of a pair: JSON can say it, and no encoding has it
YEAR_1 = -62135596800000000
DAY = timedelta(days=1)


@pytest.fixture
def sealed(store: Store) -> Sealed:
    made = Sealed(store)
    made.seal(30)
    return made


def trim(sealed: Sealed) -> None:
    """What housekeeping does, at an office that keeps 400 days."""
    kept = {FRONT: first_kept(sealed.store, FRONT, sealed.now - RETENTION, sealed.now)}
    Retention(sealed.store, sealed.keys).trim(kept)


# Texts and times


@pytest.mark.parametrize("field", ["mac", "tag", "start_tag"])
def test_a_head_with_half_a_pair_is_named_and_the_other_logs_are_sealed(sealed: Sealed, field: str) -> None:
    sealed.raw.change_record(FRONT, "seal", **{field: HALF})
    assert sealed.wrong() == [("seal", 0, 0)]
    sealed.append(1, "side")
    sealed.rounds(2)
    assert (sealed.noticed(), sealed.sealed("side")) == (("seal", 0, 0), 1)


@pytest.mark.parametrize("fields", [{"mac": HALF}, {"sealed": [HALF]}])
def test_a_key_record_with_half_a_pair_was_changed(sealed: Sealed, fields: dict[str, Any]) -> None:
    sealed.raw.change_record(OFFICE, "sealing_key", **fields)
    assert sealed.keys.open(sealed.logs).problem == "key_changed"


@pytest.mark.parametrize(
    "fields", [{"time": YEAR_1}, {"actor": HALF}, {"reason": HALF}, {"details": {"why": HALF}}], ids=str
)
def test_an_entry_that_no_page_could_show_is_unreadable(sealed: Sealed, fields: dict[str, Any]) -> None:
    stored = {"time": 1795453200000000, "action": "ring", "outcome": "forwarded", **fields}
    sealed.raw.put_lines(FRONT, [(n, json.dumps(stored).encode() if n == 7 else t) for n, t in sealed.raw.lines(FRONT)])
    (entry,) = sealed.store.read_log(FRONT, before=8, limit=1)
    assert entry.event.action == "unreadable"
    assert sealed.wrong() == [("changed", 7, 7)]


def test_a_breach_of_the_first_year_is_none(sealed: Sealed) -> None:
    breach = {"wrong": "changed", "first": 3, "last": 3, "found_at": YEAR_1}
    sealed.raw.put_record(FRONT, "breach", json.dumps(breach))
    standing = sealed.recording.sealing.standing(["front"])["front"]
    assert standing.breach is not None
    assert standing.breach.found_at.year == 2026


# Numbers


@pytest.mark.parametrize("number", [1000, 10**15, 2**63 - 1])
def test_an_entry_far_ahead_is_named_and_the_door_goes_on(sealed: Sealed, number: int) -> None:
    sealed.raw.put_lines(FRONT, [*sealed.raw.lines(FRONT), (number, FAKE)])
    assert sealed.wrong() == [("missing", 31, number - 1)]
    if isinstance(sealed.store, RedisStore) or number < 2**63 - 1:  # SQLite has no number after that
        sealed.append(2)
        assert len(sealed.raw.lines(FRONT)) == 33
        sealed.rounds()
        assert sealed.noticed() == ("missing", 31, number - 1)
    assert sealed.store.first_at([FRONT], NOON - DAY) == [1]
    assert sealed.store.read_log(FRONT, before=number + 1, limit=100)


def test_an_entry_of_the_highest_number_of_all_keeps_no_page_and_no_door_away(redis_server: Any) -> None:
    redis_server.client().flushall()
    sealed = Sealed(RedisStore(redis_server.url))
    sealed.seal(3)
    sealed.raw.put_lines(FRONT, [*sealed.raw.lines(FRONT), (2**64 - 1, FAKE)])
    sealed.append(2)
    assert len(sealed.store.read_log(FRONT)) == 6
    assert sealed.store.read_log(FRONT, before=2**64, limit=3)
    sealed.rounds(2)
    assert sealed.noticed() == ("missing", 4, 2**64 - 2)


@pytest.mark.parametrize("number", [-5, -(2**63)])
def test_an_entry_below_all_is_named_and_old_ones_still_go(sqlite_store: Store, number: int) -> None:
    sealed = Sealed(sqlite_store)
    sealed.seal(30)
    sealed.raw.put_lines(FRONT, [(number, FAKE), *sealed.raw.lines(FRONT)])
    assert sealed.wrong() == [("inserted", number, number)]
    sealed.rounds(2)
    assert sealed.store.first_at([FRONT], NOON + DAY) == [31 if sealed.noticed() is None else 32]
    sealed.now += 2 * RETENTION
    trim(sealed)
    assert sealed.kept() == [each for each in sealed.kept() if each > 30]


@pytest.mark.parametrize("seq", ["abc", "nan", "-1", "1e300"])
def test_a_last_number_that_is_none_stops_no_door(redis_server: Any, seq: str) -> None:
    redis_server.client().flushall()
    sealed = Sealed(RedisStore(redis_server.url))
    sealed.seal(30)
    sealed.raw.put_record(FRONT, "seq", seq)
    sealed.append(2)
    sealed.rounds(2)
    assert (sealed.wrong(), sealed.sealed(), sealed.noticed()) == ([], 32, None)


# Retention


def an_ancient_one(sealed: Sealed, count: int = 1) -> None:
    ancient = AuditEvent(NOON - 10 * RETENTION, "front", Action.RING, Outcome.FORWARDED, "locked")
    assert sealed.store.commit(sealed.store.read(FRONT, STATE), {}, [ancient] * count)


def test_an_hour_of_a_wrong_clock_costs_no_entry(sealed: Sealed) -> None:
    an_ancient_one(sealed, 10)
    sealed.seal(20)
    trim(sealed)
    assert (sealed.kept(), sealed.wrong()) == ([*range(1, 61)], [])


def test_a_time_to_come_keeps_nothing_for_ever(store: Store) -> None:
    sealed = Sealed(store, now=NOON + 1000 * DAY)
    sealed.append(1)
    sealed.now = NOON
    sealed.seal(5)
    sealed.now += RETENTION + DAY
    trim(sealed)
    assert (sealed.kept(), sealed.wrong()) == ([], [])


def test_times_that_were_changed_make_no_checkpoint_wipe_out_the_log(sealed: Sealed) -> None:
    """Whoever lets the log say that all of it is old does not get it removed before anybody has been told."""
    an_ancient_one(sealed)
    sealed.seal()
    ancient = sealed.raw.lines(FRONT)[-1][1]
    forged = ancient.replace(b"locked", b"lucked")
    sealed.raw.put_lines(FRONT, [*((number, forged) for number in range(1, 31)), (31, ancient)])
    trim(sealed)
    assert (len(sealed.kept()), sealed.wrong()) == (31, [("changed", 1, 30)])
    sealed.rounds(2)
    assert [event.reason for event in sealed.events()] == ["broken"]


def test_a_field_beside_the_entry_does_not_say_its_time(redis_server: Any) -> None:
    redis_server.client().flushall()
    sealed = Sealed(RedisStore(redis_server.url))
    sealed.seal(30)
    lines = sealed.raw.lines(FRONT)
    with closing(redis_server.client()) as client:
        client.delete("doorbot:{door:front}:log")
        for number, text in lines:
            client.execute_command("XADD", "doorbot:{door:front}:log", f"{number}-0", "a", '{"time":0}', "event", text)
    assert sealed.store.first_at([FRONT], NOON - DAY) == [1]


# Clocks


def test_a_clock_that_is_set_back_stops_no_upkeep(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    keeper, tidied = housekeeping(store), list[int]()
    monkeypatch.setattr(store, "tidy", lambda: tidied.append(1))
    keeper.sweep(NOON + 365 * DAY)
    keeper.trim(NOON + 365 * DAY)
    record(store, NOON - 2 * RETENTION)
    seal(store, NOON)
    keeper.sweep(NOON)
    keeper.sweep(NOON + TIDY_EVERY / 2)
    keeper.trim(NOON)
    assert (len(tidied), log(store)) == (2, [])


@pytest.mark.parametrize("told", ['{"day":"9999-12-31"}', "{"])
def test_the_daily_post_is_stopped_by_no_note_of_a_day_to_come(store: Store, told: str) -> None:
    sealed = Sealed(store, channel="C0RECORD1")
    sealed.seal(3)
    sealed.raw.put_record(OFFICE, "seals_told", told)
    sealed.rounds(3)
    assert [channel for channel, _ in sealed.told()] == ["C0RECORD1"]


def test_a_lease_that_can_t_be_read_is_taken(store: Store) -> None:
    store.ping()
    assert Leases(store, "one").hold("record", NOON)
    tampering(store).put_record(OFFICE, "lease:record", "{")
    assert Leases(store, "one").hold("record", NOON + SECOND)
    assert not Leases(store, "two").hold("record", NOON + SECOND)


# Doors of earlier days


def test_the_note_of_past_doors_is_made_again_where_it_can_t_be_read(store: Store) -> None:
    store.ping()
    back = {"back": a_door(id="back", name="Back door")}
    PastDoors(store, back).look()
    tampering(store).put_record(OFFICE, "doors", "{")
    assert past_doors(store, {}) == {}
    PastDoors(store, back).look()
    assert [*past_doors(store, {})] == ["back"]
    assert store.read(OFFICE, DOORS).get(DOORS)


def test_the_log_of_a_door_that_nobody_knows_any_more_is_missed(store: Store) -> None:
    before = Sealed(store)
    before.append(3, "side")
    before.seal(3)
    left = Sealed(store, now=before.now, doors={"front": TWO_DOORS["front"]})
    assert left.keys.open(left.logs).also(left.logs) == [FRONT, OFFICE, SIDE]
    left.raw.put_record(SIDE, "seal", None)
    left.raw.put_lines(SIDE, [])
    left.rounds(2)
    assert (left.noticed("side"), left.noticed()) == (("seal", 0, 0), None)


# Summaries


MONTH = month_key("2026-11")  # one that is gone is gone: the office may have kept it long enough


@pytest.mark.parametrize(("key", "text"), [(SUMMED, None), (SUMMED, "{"), (MONTH, "{")])
def test_what_was_counted_and_can_t_be_read_is_counted_again_once(
    store: Store, key: Key[Any], text: str | None
) -> None:
    def ring(number: int) -> None:
        told = a_visit(local("2026-11-20T12:00"), f"CA{number}", (0, Action.RING, Outcome.RELEASED))
        assert store.commit(store.read(FRONT, STATE), {}, told)

    ring(1)
    counted_up(Summaries(store, an_office()), rounds=1)
    tampering(store).put_record(FRONT, key.name, text)
    ring(2)
    counted_up(Summaries(store, an_office()), rounds=2)
    assert {day: tally.rings for day, tally in pictured(store).items()} == {date(2026, 11, 20): 2}
    Summaries(store, an_office()).trim(NOON + HOUR)
