"""What the log says of visits, counted exactly once in the background: whatever batches, processes and days do."""

import random
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from statistics import median as exact_median
from typing import Any
from unittest.mock import patch
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain import summaries as domain
from app.domain.audit import Action, AuditEvent, Outcome, Source
from app.domain.decisions import DenyReason
from app.domain.doors import Door
from app.domain.errors import StoreUnavailable
from app.domain.leases import lease
from app.domain.office import Office, People
from app.domain.past_visits import past_visits
from app.domain.summaries import Tally, bucket, median
from app.domain.unlocks import Terms
from app.ports import OFFICE, Key, Store, entries, partition
from app.stores.sqlite import SqliteStore
from app.usecases import summaries
from app.usecases.past_doors import PastDoors
from app.usecases.summaries import LEASE, SUMMED, Summaries, month_key
from tests.support import HOST, a_door, local

NOON = local("2026-11-23T12:00")
FRONT = partition("front")
SECOND, DAY = timedelta(seconds=1), timedelta(days=1)
EVER = date(2026, 1, 1), date(2027, 12, 31)


def an_office(*doors: Door, retention: timedelta = timedelta(days=400)) -> Office:
    people = People("T0OFFICE1", frozenset(), frozenset())
    terms = Terms(timedelta(hours=2), timedelta(hours=8))
    return Office({door.id: door for door in doors or (a_door(),)}, people, terms, retention, timedelta(days=90))


def event(at: datetime, action: Action, outcome: Outcome, visit: str = "", reason: str = "", **more: Any) -> AuditEvent:
    return AuditEvent(at, "front", action, outcome, reason, HOST, Source.VOICE, visit, **more)


def a_visit(at: datetime, visit: str, *steps: tuple[float, Action, Outcome], reason: str = "") -> list[AuditEvent]:
    return [event(at + timedelta(seconds=after), action, outcome, visit, reason) for after, action, outcome in steps]


def append(store: Store, events: Sequence[AuditEvent], where: str = FRONT) -> None:
    for start in range(0, len(events), 200):
        assert store.commit(store.read(where, SUMMED), {}, events[start : start + 200])


RING_ENDS = [Outcome.RELEASED, Outcome.DENIED, Outcome.ASKED, Outcome.HELD, Outcome.FORWARDED]
STEPS = [
    (Action.ADMIT, Outcome.RELEASED),
    (Action.USE_CODE, Outcome.RELEASED),
    (Action.USE_CODE, Outcome.DENIED),
    (Action.TURN_AWAY, Outcome.DENIED),
    (Action.FORWARD, Outcome.FORWARDED),
    (Action.FORWARD, Outcome.ANSWERED),
    (Action.FORWARD, Outcome.UNANSWERED),
    (Action.END, Outcome.HUNG_UP),
    (Action.END, Outcome.LOST),
    (Action.RING, Outcome.RELEASED),
    (Action.RING, Outcome.FORWARDED),
]


def a_life(dice: random.Random, begins: datetime, days: float, rings: int) -> list[AuditEvent]:
    """A made log in the order of time: visits that overlap, end in every way, change their mind, and other entries."""
    found: list[AuditEvent] = []
    for number in range(rings):
        at = begins + timedelta(seconds=round(dice.random() * days * 86400, 3))
        reason = dice.choice(["locked", "", "", "unlock", DenyReason.NOT_AN_INTERCOM.value])
        visit = f"CA{number}"
        steps: list[tuple[float, Action, Outcome]] = [(0, Action.RING, dice.choice(RING_ENDS))]
        after = 0.0
        for step in dice.choices(STEPS, k=dice.randrange(4)):
            after += dice.choice([0.2, 3, 7.5, 31, 600, 3000])
            steps.append((after, *step))
        found += a_visit(at, visit, *steps, reason=reason)
        if dice.random() < 0.2:
            found.append(event(at, Action.UNLOCK, Outcome.DONE))
        if dice.random() < 0.1:
            late = {"rang_at": (at - timedelta(seconds=90)).isoformat()}
            found.append(event(at, Action.RING, Outcome.FORWARDED, f"LATE{number}", "fault", details=late))
    return sorted(found, key=lambda each: each.time)


def recount(store: Store, zone: str, *wheres: str) -> dict[date, Tally]:
    """The same as the pictures, counted plainly from whole logs."""
    found: dict[date, Tally] = {}
    for where in wheres or (FRONT,):
        told = [entry.event for entry in reversed([*entries(store, where)])]
        for visit in past_visits(told):
            rang = visit.rang_at.astimezone(ZoneInfo(zone))
            tally = found.setdefault(rang.date(), Tally())
            tally.hours[rang.hour] += 1
            if visit.conclusion:
                tally.ends[visit.conclusion.value] += 1
            if visit.seconds is not None:
                tally.waits[bucket(visit.seconds)] += 1
    return found


def same(found: dict[date, Tally], expected: dict[date, Tally]) -> bool:
    return {day: (+t.hours, +t.ends, +t.waits) for day, t in found.items()} == {
        day: (t.hours, t.ends, t.waits) for day, t in expected.items()
    }


def counted_up(counting: Summaries, now: datetime = NOON, rounds: int = 50) -> None:
    for _ in range(rounds):
        counting.count(now)


def pictured(store: Store, *door_ids: str) -> dict[date, Tally]:
    return dict(Summaries(store, an_office()).of(door_ids or ("front",), *EVER).days)


@given(st.integers(0, 2**32), st.integers(1, 40), st.integers(1, 6), st.data())
def test_counts_in_any_batches_are_those_of_a_plain_recount(
    tmp_path_factory: pytest.TempPathFactory, seed: int, batch: int, most: int, data: st.DataObject
) -> None:
    """The log grows meanwhile, and two processes count."""
    store = SqliteStore(tmp_path_factory.mktemp("store") / "doorbot.db")
    told = a_life(random.Random(seed), local("2026-03-06T00:00"), 40, 60)
    processes = [Summaries(store, an_office()) for _ in range(2)]
    with patch.multiple(summaries, BATCH=batch, MOST_BATCHES=most):
        while told:
            size = data.draw(st.integers(1, len(told)))
            append(store, told[:size])
            del told[:size]
            data.draw(st.sampled_from(processes)).count(NOON)
        counted_up(processes[0], rounds=1 + 400 // (batch * most))
    assert same(pictured(store), recount(store, "America/New_York"))


def test_counts_are_those_of_a_plain_recount_on_both_stores(store: Store) -> None:
    append(store, a_life(random.Random(), local("2026-03-01T00:00"), 200, 700))
    counted_up(Summaries(store, an_office()))
    assert same(pictured(store), recount(store, "America/New_York"))


def test_nothing_new_costs_one_look_and_writes_nothing(store: Store) -> None:
    append(store, a_visit(NOON, "CA1", (0, Action.RING, Outcome.RELEASED)))
    counting = Summaries(store, an_office())
    counting.count(NOON)
    with patch.multiple(store, read=None, commit=None, read_log=None, first_at=None):
        counting.count(NOON + DAY)


def test_a_release_that_a_lockdown_takes_back_is_corrected(store: Store) -> None:
    asked = a_visit(NOON, "CA1", (0, Action.RING, Outcome.ASKED), (7, Action.ADMIT, Outcome.RELEASED))
    back = a_visit(NOON, "CA1", (8, Action.FORWARD, Outcome.FORWARDED), (40, Action.FORWARD, Outcome.UNANSWERED))
    counting = Summaries(store, an_office())
    append(store, asked)
    counting.count(NOON)
    before = pictured(store)[date(2026, 11, 23)]
    append(store, back)
    counting.count(NOON)
    after = pictured(store)[date(2026, 11, 23)]
    assert (before.rings, before.ends, before.waits) == (1, {"released": 1}, {bucket(7): 1})
    assert (after.rings, after.ends, after.waits) == (1, {"missed": 1}, {})


def test_a_door_that_moves_to_another_timezone_corrects_the_day_that_it_counted(store: Store) -> None:
    late = local("2026-11-23T23:30")
    append(store, a_visit(late, "CA1", (0, Action.RING, Outcome.ASKED), (7, Action.ADMIT, Outcome.RELEASED)))
    Summaries(store, an_office()).count(NOON)
    append(store, a_visit(late, "CA1", (9, Action.TURN_AWAY, Outcome.DENIED)))
    Summaries(store, an_office(a_door(zone="Europe/Berlin"))).count(NOON)
    found = pictured(store)
    assert [(day.day, tally.rings, tally.ends) for day, tally in found.items()] == [(23, 1, {"turned_away": 1})]


def test_callers_that_are_no_intercom_did_not_ring(store: Store) -> None:
    refused = (0, Action.RING, Outcome.DENIED)
    append(store, a_visit(NOON, "CA1", refused, reason=DenyReason.NOT_AN_INTERCOM.value))
    counted_up(Summaries(store, an_office()), rounds=1)
    assert pictured(store) == {}


@pytest.mark.parametrize(
    ("day", "hours"),
    [("2026-03-08", {1: 1, 3: 1}), ("2026-11-01", {1: 2, 2: 1})],
)
def test_hours_are_those_of_the_clock_on_the_wall_also_on_days_of_23_and_25_hours(
    store: Store, day: str, hours: dict[int, int]
) -> None:
    first = local(f"{day}T01:30")
    for number in range(sum(hours.values())):
        append(store, a_visit(first + timedelta(hours=number), f"CA{number}", (0, Action.RING, Outcome.RELEASED)))
    counted_up(Summaries(store, an_office()), rounds=1)
    assert {each.isoformat(): dict(tally.hours) for each, tally in pictured(store).items()} == {day: hours}


def spoil(store: Any, seq: int) -> None:
    """Make an entry unreadable."""
    if isinstance(store, SqliteStore):
        with store._transaction() as connection:
            connection.execute("UPDATE log SET event = '{' WHERE partition = ? AND seq = ?", (FRONT, seq))
        return
    name = f"doorbot:{{{FRONT}}}:log"
    client = store._servers.holding("door:front").client
    later = client.xrange(name, f"{seq + 1}-0", "+")
    client.delete(name)
    for number, fields in [*((f"{each}-0", {"event": "{}"}) for each in range(1, seq)), (f"{seq}-0", {"event": "{"})]:
        client.xadd(name, fields, id=number)
    for number, fields in later:
        client.xadd(name, fields, id=number)


def test_entries_that_cannot_be_read_are_skipped_and_counted(store: Store) -> None:
    ring = [event(NOON + each * SECOND, Action.RING, Outcome.RELEASED, f"CA{each}") for each in range(3)]
    append(store, [event(NOON, Action.UNLOCK, Outcome.DONE), *ring])
    spoil(store, 1)
    bad = {"rang_at": "yesterday"}, {"rang_at": "2026-11-23T12:00:00"}
    append(store, [event(NOON, Action.RING, Outcome.FORWARDED, f"B{at}", details=each) for at, each in enumerate(bad)])
    counted_up(Summaries(store, an_office()), rounds=1)
    found = Summaries(store, an_office()).of(["front"], *EVER)
    assert (found.total.rings, found.unreadable) == (3, 3)


@pytest.mark.parametrize("trimmed", [1, 30, 99, 100])
def test_a_log_that_was_trimmed_before_it_was_counted_is_counted_from_where_it_begins(
    store: Store, trimmed: int
) -> None:
    append(store, [event(NOON + each * SECOND, Action.RING, Outcome.RELEASED, f"CA{each}") for each in range(100)])
    store.trim_log(FRONT, trimmed + 1)
    counting = Summaries(store, an_office())
    with patch.multiple(summaries, BATCH=10):
        counted_up(counting)
        assert sum(tally.rings for tally in pictured(store).values()) == 100 - trimmed
        append(store, a_visit(NOON, "CA200", (0, Action.RING, Outcome.RELEASED)))
        counted_up(counting)
    assert sum(tally.rings for tally in pictured(store).values()) == 101 - trimmed


def test_a_round_takes_so_much_and_no_more_and_each_door_gets_its_turn(store: Store) -> None:
    doors = [a_door(id=f"d{number}") for number in range(8)]
    rings = [event(NOON + each * SECOND, Action.RING, Outcome.RELEASED, f"CA{each}") for each in range(60)]
    for number, door in enumerate(doors):
        append(store, rings if number == 0 else rings[:1], partition(door.id))
    counting = Summaries(store, an_office(*doors))

    def counted() -> list[int]:
        ids = [door.id for door in doors]
        return [sum(tally.rings for tally in pictured(store, each).values()) for each in ids]

    with patch.multiple(summaries, BATCH=10, MOST_BATCHES=6):
        counting.count(NOON)
        assert counted() == [10, 1, 1, 1, 1, 1, 0, 0]
        assert Summaries(store, an_office()).of(["d0"], *EVER).behind == 50
        counting.count(NOON)
        assert counted() == [50, 1, 1, 1, 1, 1, 1, 1]
        counting.count(NOON)
    assert counted() == [60, *[1] * 7]
    assert Summaries(store, an_office()).of(["d0"], *EVER).behind == 0


def test_a_door_that_cannot_be_counted_does_not_hold_up_the_others(store: Store) -> None:
    doors = [a_door(id=each) for each in ("back", "front")]
    for door in doors:
        append(store, a_visit(NOON, "CA1", (0, Action.RING, Outcome.RELEASED)), partition(door.id))
    counting, count = Summaries(store, an_office(*doors)), Summaries._count

    def fails(self: Summaries, door: Door, newest: int, now: datetime) -> bool:
        if door.id == "back":
            raise KeyError("a bug")
        return count(self, door, newest, now)

    with patch.object(Summaries, "_count", fails):
        counting.count(NOON)
    assert pictured(store, "front")
    assert not pictured(store, "back")


def test_months_past_retention_are_removed_and_stay_so(store: Store) -> None:
    for day in ("2026-08-31", "2026-09-01", "2026-11-20"):
        append(store, a_visit(local(f"{day}T12:00"), day, (0, Action.RING, Outcome.ASKED)))
    office = an_office(retention=timedelta(days=80))
    counting = Summaries(store, office)
    counted_up(counting, rounds=1)
    counting.trim(NOON)
    assert [day.isoformat() for day in pictured(store)] == ["2026-09-01", "2026-11-20"]
    keys = [month_key(month) for month in ("2026-08", "2026-09", "2026-11")]
    found = store.read(FRONT, SUMMED, *keys)
    assert [found.get(key) is not None for key in keys] == [False, True, True]
    assert found.get(SUMMED).months == ("2026-09", "2026-11")  # type: ignore[union-attr]


def test_what_is_told_later_of_a_visit_in_a_removed_month_brings_nothing_back(store: Store) -> None:
    counting = Summaries(store, an_office(retention=timedelta(hours=1)))
    last_month = local("2026-10-31T23:00")
    append(store, a_visit(last_month, "CA1", (0, Action.RING, Outcome.ASKED)))
    counting.count(NOON)
    counting.trim(local("2026-11-01T12:00"))
    append(store, a_visit(last_month, "CA1", (3600, Action.END, Outcome.LOST)))
    counted_up(counting)
    assert pictured(store) == {}


def test_a_door_that_left_the_file_is_counted_in_its_own_timezone(store: Store) -> None:
    past = a_door(id="back", zone="Asia/Tokyo")
    PastDoors(store, {"back": past, "front": a_door()}).look()
    append(
        store, a_visit(local("2026-11-23T23:30", "Asia/Tokyo"), "CA1", (0, Action.RING, Outcome.RELEASED)), "door:back"
    )
    counted_up(Summaries(store, an_office()), rounds=1)
    assert {day: dict(tally.hours) for day, tally in pictured(store, "back").items()} == {date(2026, 11, 23): {23: 1}}


def test_several_doors_are_added_up_in_one_round_trip(store: Store) -> None:
    doors = [a_door(id=each) for each in ("back", "front", "side")]
    for door in doors:
        append(store, a_life(random.Random(), local("2026-10-20T00:00"), 30, 40), partition(door.id))
    counting = Summaries(store, an_office(*doors))
    counted_up(counting)
    with patch.multiple(store, read=None, read_log=None, read_logs=None, commit=None):
        found = counting.of(["back", "front"], *EVER)
    assert same(dict(found.days), recount(store, "America/New_York", "door:back", "door:front"))


def test_only_the_days_that_are_asked_for_are_given(store: Store) -> None:
    for day in range(20, 27):
        append(store, a_visit(local(f"2026-11-{day}T12:00"), f"CA{day}", (0, Action.RING, Outcome.RELEASED)))
    counting = Summaries(store, an_office())
    counting.count(NOON)
    found = counting.of(["front"], date(2026, 11, 22), date(2026, 11, 24))
    assert [day.day for day in found.days] == [22, 23, 24]


def test_too_much_at_once_is_not_read_at_all(store: Store) -> None:
    counting, doors = Summaries(store, an_office()), ["back", "front", "side"]
    with patch.object(summaries, "MOST_RECORDS", 6):
        assert not counting.of(doors, date(2026, 10, 5), date(2026, 11, 1)).is_too_much
        with patch.multiple(store, read_many=None):
            assert counting.of(doors, date(2026, 9, 30), date(2026, 11, 1)).is_too_much
            assert counting.of(["front"], date.min, date.max).is_too_much


def test_as_of_when_is_told(store: Store) -> None:
    counting = Summaries(store, an_office())
    assert counting.of(["front"], *EVER).as_of is None
    store.commit(store.read(OFFICE, LEASE), {LEASE: lease("1", NOON)})
    assert counting.of(["front"], *EVER).as_of == NOON


@dataclass(frozen=True)
class Damaged:
    """What is no summary."""

    days: str = ""


def test_a_summary_that_cannot_be_read_takes_no_page_away(store: Store) -> None:
    append(store, a_visit(NOON, "CA1", (0, Action.RING, Outcome.RELEASED)))
    counting = Summaries(store, an_office())
    counting.count(NOON)
    assert store.commit(store.read(FRONT, SUMMED), {Key[Any]("summary:2026-11"): Damaged("x")})
    assert counting.of(["front"], *EVER).is_unreadable


def test_a_store_that_is_away_is_said(store: Store) -> None:
    def away(*_: object, **__: object) -> object:
        raise StoreUnavailable("away")

    with patch.multiple(store, read_many=away, read_logs=away), pytest.raises(StoreUnavailable):
        Summaries(store, an_office()).of(["front"], *EVER)


@given(st.lists(st.floats(0, 20_000), min_size=1, max_size=60))
def test_a_median_is_right_within_three_per_cent_or_half_a_second(waits: list[float]) -> None:
    found, exact = median(Counter(map(bucket, waits))), exact_median(waits)
    assert found is not None
    assert abs(found - exact) <= max(0.5, 0.0305 * exact)


def test_nobody_who_waited_makes_no_median() -> None:
    assert median({}) is None


def test_a_month_of_forty_rings_a_day_is_small(tmp_path: Path) -> None:
    dice, store = random.Random(1), SqliteStore(tmp_path / "doorbot.db")
    for day in range(1, 31):
        rings = []
        for number in range(40):
            at = local(f"2026-11-{day:02}T{dice.randrange(8, 19):02}:{dice.randrange(60):02}")
            steps = [
                (0, Action.RING, Outcome.ASKED),
                dice.choice([(dice.lognormvariate(2.3, 0.6), *STEPS[0]), (9, *STEPS[7])]),
            ]
            rings += a_visit(at, f"CA{day:016}{number:016}", *steps)
        append(store, sorted(rings, key=lambda each: each.time))
    counted_up(Summaries(store, an_office()))
    text = store.read(FRONT, month_key("2026-11")).stored["summary:2026-11"]
    position = store.read(FRONT, SUMMED).stored["summed"]
    assert sum(tally.rings for tally in pictured(store).values()) == 1200
    assert len(text or "") < 8_000
    assert len(position or "") < 8_000


def test_visits_are_carried_for_a_while_and_never_too_many(store: Store) -> None:
    rings = [event(NOON + each * SECOND, Action.RING, Outcome.RELEASED, f"CA{each}") for each in range(700)]
    append(store, rings)
    counting = Summaries(store, an_office())
    counting.count(NOON)
    assert len(store.read(FRONT, SUMMED).get(SUMMED).carried) == domain.MOST_CARRIED  # type: ignore[union-attr]
    append(store, [event(NOON + timedelta(hours=5), Action.RING, Outcome.ASKED, "LATER")])
    counting.count(NOON)
    assert [each.visit for each in store.read(FRONT, SUMMED).get(SUMMED).carried] == ["LATER"]  # type: ignore[union-attr]


@pytest.mark.parametrize("at", ["read_log", "commit"])
def test_whoever_is_overtaken_by_another_process_writes_nothing(store: Store, at: str) -> None:
    append(store, a_life(random.Random(), local("2026-10-20T00:00"), 30, 40))
    one, other, does, is_first = Summaries(store, an_office()), Summaries(store, an_office()), getattr(store, at), True

    def overtaken(*given: Any, **more: Any) -> Any:
        nonlocal is_first
        if is_first:
            is_first = False
            other.count(NOON)
        return does(*given, **more)

    with patch.object(store, at, overtaken):
        one.count(NOON)
    assert not is_first
    assert same(pictured(store), recount(store, "America/New_York"))
