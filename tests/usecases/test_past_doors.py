"""A door that is taken out of `doorbot.toml` leaves a log that can be read, kept no longer than any other."""

from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from freezegun import freeze_time

from app import create_app
from app.domain.access_codes import DoorCodes
from app.domain.audit import Action, AuditEvent, Outcome
from app.domain.digests import Digest
from app.domain.known_doors import KnownDoors
from app.domain.notices import Notice
from app.domain.questions import Question
from app.domain.receipts import Receipt
from app.domain.visits import LOST_AFTER, Visit, VisitState
from app.ports import OFFICE, Key, Store, entries, partition
from app.usecases.housekeeping import LEFT_TO_OTHERS, TRIM_EVERY
from app.usecases.past_doors import DOORS, FORGOTTEN_AFTER, PastDoors, past_doors
from tests.conftest import FakeHosts, settings_for
from tests.support import ADMIN, HOST, OFFICE_TOML, Office, a_door, local

NOON = local("2026-11-23T12:00")
MICROSECOND, DAY = timedelta(microseconds=1), timedelta(days=1)
FRONT, BACK = a_door(), a_door(id="back", name="Back door", zone="Asia/Tokyo")
BACK_TOML = """
[doors.back]
name = "Back door"
number = "+12125550102"
timezone = "Asia/Tokyo"
release = "9"
forward_to = ["+12125550123"]
channel = "C0BACKDOOR"
"""


@pytest.fixture
def two(tmp_path: Path, store: Store, hosts: FakeHosts) -> Office:
    """The office as long as it has two doors."""
    (tmp_path / "two").mkdir()
    settings = settings_for(tmp_path / "two", OFFICE_TOML + BACK_TOML)
    return Office(create_app(settings, store=store, hosts=hosts).test_client())


def put(store: Store, name: str, value: object, *events: AuditEvent) -> None:
    key = Key[Any](name)
    assert store.commit(store.read(partition("back"), key), {key: value}, events)


def get(store: Store, name: str) -> Any:
    return store.read(partition("back"), Key[Any](name)).get(Key[Any](name))


def known(store: Store) -> KnownDoors | None:
    return store.read(OFFICE, DOORS).get(DOORS)


def test_a_door_of_earlier_days_is_known_by_its_name_and_in_its_own_time(store: Store) -> None:
    assert PastDoors(store, {"front": FRONT, "back": BACK}).look() == {}
    (past,) = PastDoors(store, {"front": FRONT}).look().values()
    assert (past.id, past.name, past.hours.timezone.key) == ("back", "Back door", "Asia/Tokyo")
    assert not past.hours.is_open(NOON)
    assert past_doors(store, {"front": FRONT}).keys() == {"back"}


def test_a_door_that_came_back_is_none_of_earlier_days(store: Store) -> None:
    for doors in ({"front": FRONT, "back": BACK}, {"front": FRONT}):
        PastDoors(store, doors).look()
    assert PastDoors(store, {"front": FRONT, "back": BACK}).look() == {}


def test_a_door_is_known_by_what_it_was_called_last(store: Store) -> None:
    for name in ("Back door", "Goods entrance"):
        PastDoors(store, {"back": a_door(id="back", name=name)}).look()
    assert [door.name for door in PastDoors(store, {"front": FRONT}).look().values()] == ["Goods entrance"]


def test_where_nothing_is_new_nothing_is_written(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    PastDoors(store, {"front": FRONT}).look()
    monkeypatch.setattr(store, "commit", None)
    PastDoors(store, {"front": FRONT}).look()


def test_of_two_processes_that_start_at_once_neither_forgets_the_doors_of_the_other(store: Store) -> None:
    PastDoors(store, {"front": FRONT}).look()
    PastDoors(store, {"back": BACK}).look()
    found = known(store)
    assert found is not None
    assert found.names == {"front": "Front door", "back": "Back door"}


@pytest.mark.parametrize("zone", ["Mars/Olympus", "", "../../etc/passwd", "x" * 300])
def test_a_timezone_that_this_machine_does_not_know_is_utc(zone: str) -> None:
    past = KnownDoors({"back": "Back door"}, {"back": zone}).past({})
    assert past["back"].hours.timezone.key == "UTC"


def test_its_log_can_be_read_by_its_id_and_says_its_name(two: Office, office: Office) -> None:
    with freeze_time(NOON):
        two.sweep()
        two.say("lock back")
        assert office.say("log back", ADMIN).splitlines()[0] == f"02:00  Back door: <@{HOST}> locked the door"
        assert f"Back door: <@{HOST}> locked" in office.say("log", ADMIN)
        assert "Back door" not in office.say("log front", ADMIN)


def test_it_is_no_door_otherwise(two: Office, office: Office) -> None:
    with freeze_time(NOON):
        two.sweep()
        office.sweep()
        assert office.say("lock back") == "There is no door `back` here. Say one of: `front`."
        assert "Back" not in office.say("status")


def event(at: datetime) -> AuditEvent:
    return AuditEvent(at, "back", Action.RING, Outcome.DENIED, caller="+12125550199")


def test_its_log_is_kept_no_longer_than_any_other(two: Office, office: Office, store: Store) -> None:
    put(store, "state", None, event(NOON), event(NOON + DAY))
    with freeze_time(NOON):
        two.sweep()
    with freeze_time(NOON + timedelta(days=91)):
        office.sweep()
    assert [entry.event.caller for entry in entries(store, partition("back"))] == ["+12125550199", ""]
    with freeze_time(NOON + timedelta(days=401)):
        office.sweep()
    assert [entry.seq for entry in entries(store, partition("back"))] == [2]


def test_a_visit_whose_end_nobody_reports_is_closed(two: Office, office: Office, store: Store) -> None:
    with freeze_time(NOON):
        two.sweep()
        put(store, "visit:CA1", Visit("CA1", NOON, VisitState.FORWARDED, "locked"))
    lost = NOON + LOST_AFTER + LEFT_TO_OTHERS
    for now, outcomes in ((lost - MICROSECOND, []), (lost, ["end lost"])):
        with freeze_time(now):
            office.sweep()
        assert office.outcomes("back") == outcomes


def test_the_question_about_it_is_brought_to_its_end(
    two: Office, office: Office, store: Store, hosts: FakeHosts
) -> None:
    with freeze_time(NOON):
        two.sweep()
        posted = hosts.post("C0BACKDOOR", "Somebody is ringing")
        put(store, "visit:CA1", Visit("CA1", NOON, VisitState.FORWARDED, "locked", is_asked=True))
        put(store, "question:CA1", Question("C0BACKDOOR", NOON, shown=1, ts=posted.ts))
    with freeze_time(NOON + LOST_AFTER + LEFT_TO_OTHERS):
        office.sweep()
        office.services.asking._pool.shutdown()  # type: ignore[attr-defined]  # once it is done
    last = hosts.messages[posted.ts][-1]
    assert last.text == "02:00: somebody rang at the back door. :dash: The visitor hung up before anybody answered."
    assert last.buttons == ()


def test_what_nobody_can_deal_with_any_more_is_forgotten_after_a_day(two: Office, office: Office, store: Store) -> None:
    with freeze_time(NOON):
        two.sweep()
    put(store, "question:CA1", Question("C0BACKDOOR", NOON))
    put(store, "digest", Digest(0, NOON, claimed=True))
    put(store, "codes", DoorCodes())
    for now, there in ((NOON + FORGOTTEN_AFTER - MICROSECOND, True), (NOON + FORGOTTEN_AFTER + TRIM_EVERY, False)):
        with freeze_time(now):
            office.sweep()
        assert [get(store, name) is not None for name in ("question:CA1", "digest", "codes")] == [there, there, True]


def test_receipts_are_forgotten_and_notices_told(two: Office, office: Office, store: Store, hosts: FakeHosts) -> None:
    with freeze_time(NOON):
        two.sweep()
        office.sweep()
        put(store, "notice:1", Notice("C0BACKDOOR", "Hello", NOON))
        put(store, "receipt:1", Receipt("", NOON))
        office.sweep()
    assert ("C0BACKDOOR", "Hello") in hosts.told
    with freeze_time(NOON + timedelta(hours=1)):
        office.sweep()
    assert [get(store, name) for name in ("notice:1", "receipt:1")] == [None, None]


def test_a_record_of_them_that_cannot_be_read_holds_up_nothing(
    office: Office, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    def unreadable(_: object) -> None:
        raise ValueError("made up")

    monkeypatch.setattr(PastDoors, "look", unreadable)
    receipt = Key[Receipt]("receipt:1")
    assert store.commit(store.read(partition("front"), receipt), {receipt: Receipt("", NOON)})
    with freeze_time(NOON + timedelta(hours=1)):
        office.sweep()
    assert store.read(partition("front"), receipt).get(receipt) is None
