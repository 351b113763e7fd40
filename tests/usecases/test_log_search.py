"""Pages of the log against a slow and plain reading of the same entries, on both stores."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from itertools import count
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.domain.audit import Action, AuditEvent, LogEntry, Outcome
from app.domain.doors import Door
from app.domain.log_cursors import cursor
from app.domain.log_kinds import ACTIONS, Kind
from app.domain.log_queries import Query
from app.domain.log_sentences import sentence
from app.ports import Store, entries, partition
from app.usecases import log_search
from app.usecases.log_search import Logs, LogSearch, Page
from app.usecases.names import Names
from app.usecases.unlocks import STATE
from tests.conftest import FakeHosts
from tests.support import ADMIN, HOST, INTERCOM, a_door, local

NOON = local("2026-11-23T12:00")
ZONES = ("America/New_York", "Europe/Berlin", "America/New_York")
NAMES = {ADMIN: "Ana Admin", HOST: "Hal Host"}
NUMBER = count()  # so that each example has doors of its own
SMALL_PAGE, SMALL_LOOK = 4, 9

happenings = st.tuples(
    st.integers(0, 3),  # which log, the last is the office
    st.sampled_from([0, 0, 1, 7, 60, 60 * 24]),  # minutes later
    st.sampled_from([Action.RING, Action.ADMIT, Action.UNLOCK, Action.GRANT, Action("remote_open")]),
    st.sampled_from([Outcome.RELEASED, Outcome.DENIED, Outcome.DONE]),
    st.sampled_from(["", ADMIN, HOST, "cli:me"]),
    st.sampled_from(["", "fire drill", "Größe"]),
)
kinds = st.lists(st.sampled_from(Kind), max_size=2, unique=True)
days = st.none() | st.dates(date(2026, 11, 20), date(2026, 12, 10))
parts = st.fixed_dictionaries(
    {
        "kinds": kinds.map(tuple),
        "outcomes": st.lists(st.sampled_from(Outcome), max_size=2, unique=True).map(tuple),
        "who": st.sampled_from(["", "", "ana", HOST, "HOST", "terminal", "nobody"]),
        "text": st.sampled_from(["", "", "ana", "fire", "GRÖSSE", "the unlock", "0199", "12125550199", "yard drill"]),
        "first": days,
        "last": days,
    }
)


@dataclass
class Office:
    """Three doors and an office, with what happened there."""

    store: Store
    logs: Logs

    @property
    def search(self) -> LogSearch:
        hosts = FakeHosts()
        hosts.called = dict(NAMES)
        return LogSearch(self.store, Names(self.store, hosts))

    def slowly(self, query: Query) -> list[LogEntry]:
        """All that is meant, read from one end to the other and sorted."""
        found = [
            (entry.event.time, at, entry.seq, entry)
            for at, each in enumerate(self.logs.ids)
            if not query.doors or each in query.doors
            for entry in entries(self.store, partition(each))
            if self._is_meant(query, entry)
        ]
        return [entry for *_, entry in sorted(found, key=lambda each: each[:3], reverse=True)]

    def _is_meant(self, query: Query, entry: LogEntry) -> bool:
        event, door = entry.event, self.logs.door(entry.event.door)
        day = event.time.astimezone(door.hours.timezone).date()
        known = set().union(*ACTIONS.values())
        named = [NAMES.get(event.actor, event.actor).replace("cli:me", "me at the terminal")] if event.actor else []
        told = sentence(event, door.hours.timezone, lambda each: NAMES.get(each, each).replace("cli:me", "me"))
        place = f"{door.name} {event.door}" if event.door else "Office"
        read = (told, place, event.reason, *named, event.details.get("why", ""), event.caller[-4:])
        text = " ".join(map(str, read)).casefold()
        return (
            (
                not query.kinds
                or any(event.action in ACTIONS.get(kind, ()) for kind in query.kinds)
                or (Kind.OTHER in query.kinds and event.action not in known)
            )
            and (not query.outcomes or event.outcome in query.outcomes)
            and (query.first is None or day >= query.first)
            and (query.last is None or day <= query.last)
            and (
                not query.who
                or query.who == event.actor
                or any(query.who.casefold() in each.casefold() for each in named)
            )
            and all(word in text for word in query.text.casefold().split())
        )


def an_office(store: Store, happened: list[tuple[Any, ...]], first_seq: int = 1) -> Office:
    number = next(NUMBER)
    names = ("Front door", "Hinterhaus", "Loading yard")
    doors: dict[str, Door] = {
        f"d{number}-{at}": a_door(zone=zone, id=f"d{number}-{at}", name=names[at]) for at, zone in enumerate(ZONES)
    }
    ids = (*doors, "")
    time, events = NOON - timedelta(days=3), {each: list[AuditEvent]() for each in ids}
    for log, minutes, action, outcome, actor, why in happened:
        time += timedelta(minutes=minutes)
        details: dict[str, str | int] = {"why": why} if why else {}
        caller = INTERCOM if action is Action.RING else ""
        event = AuditEvent(time, ids[log], action, outcome, "unlock", actor, caller=caller, details=details)
        events[ids[log]].append(event)
    for each, found in events.items():
        if found:
            assert store.commit(store.read(partition(each), STATE), {}, found)
    return Office(store, Logs(ids, doors))


def only_this(store: Store) -> None:
    """The office's log is not told apart by a number: trim what an earlier example left."""
    store.trim_log("office", 10**9)


def pages_down(office: Office, query: Query) -> Iterator[Page]:
    page = office.search.page(query, office.logs, "", NOON)
    yield page
    while page.older:
        page = office.search.page(query, office.logs, page.older, NOON)
        yield page


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    """Pages of few entries, so that there are many."""
    monkeypatch.setattr(log_search, "PAGE", SMALL_PAGE)
    monkeypatch.setattr(log_search, "LOOKED_AT", SMALL_LOOK)


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(happened=st.lists(happenings, max_size=70), asked=parts, chosen=st.sets(st.integers(0, 3), max_size=2))
def test_pages_are_what_a_slow_reading_finds_in_both_directions(
    store: Store, small: None, happened: list[tuple[Any, ...]], asked: dict[str, Any], chosen: set[int]
) -> None:
    only_this(store)
    office = an_office(store, happened)
    query = Query(doors=tuple(office.logs.ids[at] for at in sorted(chosen)), **asked)
    wanted = office.slowly(query)
    pages = [*pages_down(office, query)]
    assert [entry for page in pages for entry in page.entries] == wanted
    assert all(len(page.entries) <= SMALL_PAGE for page in pages)
    assert [each for each in office.search.all(query, office.logs, NOON) if each] == wanted
    if not query.walks:
        assert all(len(page.entries) == SMALL_PAGE for page in pages[:-1])
    climbed, page = [pages[-1].entries], pages[-1]
    while page.newer and not page.is_first:
        page = office.search.newer(query, office.logs, page.newer, NOON)
        climbed.append(page.entries)
    assert page.is_first
    assert climbed[-1] == pages[0].entries
    seen = {id_of(entry) for found in climbed for entry in found}
    assert seen == {id_of(entry) for entry in wanted}


def id_of(entry: LogEntry) -> tuple[str, int]:
    return entry.event.door, entry.seq


@settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(happened=st.lists(happenings, max_size=20), more=st.lists(happenings, max_size=20), asked=parts)
def test_news_are_exactly_what_came_since(
    store: Store, happened: list[tuple[Any, ...]], more: list[tuple[Any, ...]], asked: dict[str, Any]
) -> None:
    only_this(store)
    office = an_office(store, happened)
    query = Query(**{**asked, "first": None, "last": None})
    before, top = office.slowly(query), office.search.page(query, office.logs, "", NOON).top
    assert not office.search.is_news(query, office.logs, top)
    for at, (log, _, action, outcome, actor, why) in enumerate(more):
        where = office.logs.ids[log]
        time = NOON + timedelta(days=200, seconds=at)
        event = AuditEvent(time, where, action, outcome, "unlock", actor, details={"why": why} if why else {})
        assert store.commit(store.read(partition(where), STATE), {}, [event])
    assert office.search.is_news(query, office.logs, top) is bool(more)
    news = office.search.news(query, office.logs, top, NOON)
    assert news
    after = office.slowly(query)
    assert list(news.entries) == after[: len(after) - len(before)]
    assert not office.search.is_news(query, office.logs, news.top)


def some(store: Store, number: int, step: int = 1) -> Office:
    only_this(store)
    return an_office(store, [(0, step, Action.RING, Outcome.RELEASED, HOST, "")] * number)


def test_a_search_stops_and_says_where(store: Store, small: None) -> None:
    office = some(store, 30)
    page = office.search.page(Query(text="nothing like it"), office.logs, "", NOON)
    assert (page.entries, bool(page.older)) == ((), True)
    last_looked_at = office.slowly(Query())[SMALL_LOOK]
    assert page.stopped_at == last_looked_at.event.time


@pytest.mark.parametrize("word", ["", "x", "zzzzzzzz.1.2.3.4", "12345678.1", "é", "1" * 400, "12345678.1.1.1.1"])
def test_a_cursor_that_cant_be_read_is_the_first_page(store: Store, small: None, word: str) -> None:
    office = some(store, 9)
    first = office.search.page(Query(), office.logs, "", NOON)
    assert office.search.page(Query(), office.logs, word, NOON) == first
    assert office.search.newer(Query(), office.logs, word, NOON) == first


def test_a_cursor_of_other_doors_is_the_first_page(store: Store, small: None) -> None:
    office = some(store, 9)
    older = office.search.page(Query(), office.logs, "", NOON).older
    fewer = replace(office.logs, ids=office.logs.ids[:2])
    assert office.search.page(Query(), fewer, older, NOON).is_first


def test_a_cursor_keeps_its_place_while_entries_come_and_old_ones_go(store: Store, small: None) -> None:
    office = some(store, 20)
    older = office.search.page(Query(), office.logs, "", NOON).older
    wanted = office.search.page(Query(), office.logs, older, NOON).entries
    where = partition(office.logs.ids[0])
    late = AuditEvent(NOON + timedelta(days=9), office.logs.ids[0], Action.RING, Outcome.RELEASED)
    assert store.commit(store.read(where, STATE), {}, [late])
    assert office.search.page(Query(), office.logs, older, NOON).entries == wanted
    store.trim_log(where, wanted[-1].seq)
    page = office.search.page(Query(), office.logs, older, NOON)
    assert (page.entries, page.older) == (wanted, "")


def test_going_up_from_where_the_log_was_trimmed_finds_what_is_left(store: Store, small: None) -> None:
    office = some(store, 60)
    *_, last = pages_down(office, Query())
    store.trim_log(partition(office.logs.ids[0]), 58)
    page = office.search.newer(Query(), office.logs, last.newer, NOON)
    assert [entry.seq for entry in page.entries] == [60, 59, 58]


def test_going_up_costs_nothing_for_what_was_trimmed(store: Store) -> None:
    office, counting = some(store, 2000), Counting(store)
    where = partition(office.logs.ids[0])
    store.trim_log(where, 1990)
    search = LogSearch(counting, Names(store, FakeHosts()))  # type: ignore[arg-type]
    news = search.news(Query(), office.logs, cursor(office.logs.ids, [1, 1, 1, 1]), NOON)
    assert news
    assert len(news.entries) == 11
    assert counting.asked.count("read_log") <= 2


def test_an_entry_that_cant_be_read_is_on_the_page_and_found_by_its_words(store: Store) -> None:
    event = AuditEvent(NOON, "", Action.UNREADABLE, Outcome.UNKNOWN)
    assert sentence(event, a_door().hours.timezone, str) == "This entry can't be read: it was damaged, or changed"


@pytest.mark.parametrize("day", [date.min, date(1, 1, 2), date(9999, 12, 30), date.max])
def test_days_far_away_are_days(store: Store, day: date) -> None:
    office = some(store, 3)
    assert len(office.search.page(Query(first=day), office.logs, "", NOON).entries) == (3 if day.year < 2000 else 0)
    assert len(office.search.page(Query(last=day), office.logs, "", NOON).entries) == (0 if day.year < 2000 else 3)


class Counting:
    """A store that counts what it is asked."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self.asked: list[str] = []

    def __getattr__(self, name: str) -> Any:
        self.asked.append(name)
        return getattr(self.store, name)


def test_nothing_new_is_one_question_and_a_page_a_few_however_many_doors(store: Store) -> None:
    doors = {f"many{at}": a_door(id=f"many{at}") for at in range(200)}
    logs, counting = Logs((*doors, ""), doors), Counting(store)
    for each in doors:
        event = AuditEvent(datetime.now(UTC), each, Action.LOCK, Outcome.DONE)
        assert store.commit(store.read(partition(each), STATE), {}, [event])
    search = LogSearch(counting, Names(store, FakeHosts()))  # type: ignore[arg-type]
    page = search.page(Query(), logs, "", NOON)
    assert len(page.entries) == log_search.PAGE
    assert (counting.asked[:2], len(counting.asked) < 60) == (["newest", "read_logs"], True)
    counting.asked.clear()
    assert not search.is_news(Query(), logs, page.top)
    assert counting.asked == ["newest"]
