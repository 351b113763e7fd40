from collections.abc import Mapping
from datetime import datetime, timedelta
from threading import Thread
from typing import Any

import pytest

import config
from app.domain.audit import AuditEvent
from app.domain.errors import StoreUnavailable
from app.domain.receipts import Unverified
from app.ports import OFFICE, Store, entries
from app.usecases.forgeries import UNVERIFIED, Forgeries
from app.usecases.housekeeping import Housekeeping
from app.usecases.retention import Retention
from app.usecases.seal_keys import SealKeys
from app.usecases.visits import Visits
from tests.support import local

NOON = local("2026-11-23T12:00")
HOUR, MICROSECOND = timedelta(hours=1), timedelta(microseconds=1)


def counted(store: Store) -> Mapping[str, int]:
    return (store.read(OFFICE, UNVERIFIED).get(UNVERIFIED) or Unverified(NOON)).counts


def count(store: Store, now: datetime, **edges: int) -> None:
    forgeries = Forgeries(store)
    for edge, times in edges.items():
        for _ in range(times):
            forgeries.count(edge)
    forgeries.record(now)


def summaries(store: Store) -> list[AuditEvent]:
    return [entry.event for entry in entries(store, OFFICE)][::-1]


def sweep(store: Store, settings: config.Settings, now: datetime) -> None:
    Housekeeping(store, Visits(store), settings.office, Retention(store, SealKeys(store, settings.secret_keys))).sweep(
        now
    )


def test_nothing_counted_is_nothing_written(store: Store) -> None:
    Forgeries(store).record(NOON)
    assert store.read(OFFICE, UNVERIFIED).get(UNVERIFIED) is None


def test_counts_of_every_process_add_up_by_edge(store: Store) -> None:
    count(store, NOON, slack=2)
    count(store, NOON + MICROSECOND, slack=1, voice=4)
    assert counted(store) == {"slack": 3, "voice": 4}


def test_what_was_recorded_is_not_recorded_again(store: Store) -> None:
    forgeries = Forgeries(store)
    forgeries.count("slack")
    forgeries.record(NOON)
    forgeries.record(NOON)
    assert counted(store) == {"slack": 1}


def test_counts_are_kept_while_the_store_is_away(store: Store) -> None:
    class Away:
        def read(self, *_: Any) -> Any:
            raise StoreUnavailable

    forgeries = Forgeries(Away())  # type: ignore[arg-type]
    forgeries.count("voice")
    with pytest.raises(StoreUnavailable):
        forgeries.record(NOON)
    forgeries._store = store
    forgeries.record(NOON)
    assert counted(store) == {"voice": 1}


def test_requests_counted_at_once_are_all_counted(sqlite_store: Store) -> None:
    forgeries = Forgeries(sqlite_store)
    threads = [Thread(target=lambda: [forgeries.count("slack") for _ in range(500)]) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    forgeries.record(NOON)
    assert counted(sqlite_store) == {"slack": 2000}


@pytest.mark.parametrize(("away", "events"), [(-MICROSECOND, 0), (timedelta(0), 1)])
def test_one_event_sums_up_an_hour(store: Store, settings: config.Settings, away: timedelta, events: int) -> None:
    count(store, NOON, slack=2, voice=1)
    sweep(store, settings, NOON + HOUR + away)
    assert len(summaries(store)) == events


def test_the_event_says_how_many_came_by_which_edge_since_when(store: Store, settings: config.Settings) -> None:
    count(store, NOON, slack=2, voice=1)
    sweep(store, settings, NOON + HOUR)
    sweep(store, settings, NOON + 2 * HOUR)
    (event,) = summaries(store)
    assert (event.action, event.outcome, event.reason) == ("verify", "refused", "bad_signature")
    assert event.details == {"since": NOON.isoformat(), "slack": 2, "voice": 1}


def test_the_next_hour_begins_with_the_next_request(store: Store, settings: config.Settings) -> None:
    count(store, NOON, slack=2)
    sweep(store, settings, NOON + HOUR)
    count(store, NOON + 3 * HOUR, slack=1)
    sweep(store, settings, NOON + 4 * HOUR)
    assert [event.details["slack"] for event in summaries(store)] == [2, 1]
