"""Homes that were opened lately follow what happens elsewhere: soon, in Slack's limits, and for little."""

import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from freezegun import freeze_time

import config
from app import create_app
from app.domain.followers import AT_ONCE, FOLLOWED_FOR, MOST_FOLLOWERS, Followers, Pace
from app.ports import OFFICE, Delivery, Membership, Published, Store
from app.stores.sqlite import SqliteStore
from app.usecases.following import FOLLOWERS, shown_key
from app.usecases.leases import Leases
from tests.conftest import FakeHosts, settings_for
from tests.slack.test_home import count_calls, side_doors, texts
from tests.support import ADMIN, ALWAYS_OPEN_TOML, HOST, MEMBER, AtOnce, Office

NOON = datetime(2026, 11, 24, 17, tzinfo=UTC)
SECOND = timedelta(seconds=1)


@pytest.fixture
def hosts(hosts: FakeHosts) -> FakeHosts:
    hosts.members = {MEMBER: Membership.FULL, **{f"U0PERSON{at:03}": Membership.FULL for at in range(300)}}
    return hosts


class Clock:
    """The time, moved by hand."""

    def __init__(self, frozen: Any) -> None:
        self._frozen = frozen

    def now(self) -> datetime:
        return self._frozen.time_to_freeze.replace(tzinfo=UTC)  # type: ignore[no-any-return]

    def pass_(self, by: timedelta) -> None:
        self._frozen.tick(by)


@pytest.fixture(autouse=True)
def clock() -> Iterator[Clock]:
    with freeze_time(NOON) as frozen:
        yield Clock(frozen)


@pytest.fixture
def settings(always_open: config.Settings) -> config.Settings:
    return always_open


def process(settings: config.Settings, store: Store, hosts: FakeHosts) -> Office:
    """One of the processes on a store."""
    office = Office(create_app(settings, store=store, hosts=hosts, later=AtOnce()).test_client())
    office.services.following._leases = Leases(store, uuid4().hex)
    return office


@pytest.fixture
def here(settings: config.Settings, store: Store, hosts: FakeHosts) -> Office:
    return process(settings, store, hosts)


@pytest.fixture
def elsewhere(settings: config.Settings, store: Store, hosts: FakeHosts, monkeypatch: pytest.MonkeyPatch) -> Office:
    """Another process, which leases tell from this one."""
    with monkeypatch.context() as patch:
        patch.setattr("app.services.this_process", lambda: "elsewhere")
        return process(settings, store, hosts)


def follow(office: Office, clock: Clock, rounds: int = 1) -> None:
    """So many rounds, one each second."""
    for _ in range(rounds):
        office.services.following.follow(clock.now())
        clock.pass_(SECOND)


def test_a_change_made_elsewhere_is_seen_in_the_next_round(
    here: Office, elsewhere: Office, hosts: FakeHosts, clock: Clock
) -> None:
    here.open_home(HOST)
    follow(here, clock)
    elsewhere.say("unlock", ADMIN)
    follow(here, clock)
    assert f"is unlocked until 14:00, by <@{ADMIN}>" in texts(hosts.homes[HOST])


CHANGES = {
    "unlock": lambda office: office.say("unlock", ADMIN),
    "lockdown": lambda office: office.say("lockdown fire drill", ADMIN),
    "code": lambda office: office.say("code issue FedEx", ADMIN),
    "schedule": lambda office: office.say("schedule add mon 02:00-03:00 from 2027-05-01", ADMIN),
    "ring": lambda office: office.ring(),
    "grant": lambda office: office.say(f"grant <@{HOST}> admin", ADMIN),
    "revoke": lambda office: office.say(f"revoke <@{HOST}>", ADMIN),
}


@pytest.mark.parametrize("change", CHANGES)
def test_whatever_a_home_shows_is_followed_once(
    here: Office, elsewhere: Office, hosts: FakeHosts, clock: Clock, change: str
) -> None:
    here.open_home(HOST)
    follow(here, clock, 2)
    before, published = str(hosts.homes[HOST]), len(hosts.shown)
    CHANGES[change](elsewhere)
    follow(here, clock, 5)
    assert str(hosts.homes[HOST]) != before
    assert len(hosts.shown) == published + 1


def test_what_time_alone_changes_is_followed_too(here: Office, hosts: FakeHosts, clock: Clock) -> None:
    here.say("unlock for 5m")
    here.open_home(HOST)
    follow(here, clock)
    clock.pass_(timedelta(minutes=5))
    follow(here, clock)
    assert texts(hosts.homes[HOST]).startswith(":lock:")


def test_where_nothing_changes_nothing_is_published(here: Office, hosts: FakeHosts, clock: Clock) -> None:
    here.open_home(HOST)
    follow(here, clock, 10)
    assert hosts.shown == [(HOST, "")]


def test_what_changes_nothing_that_is_shown_is_not_published(
    here: Office, elsewhere: Office, hosts: FakeHosts, clock: Clock
) -> None:
    here.open_home(MEMBER)
    follow(here, clock)
    elsewhere.say("code issue FedEx")  # which members don't see
    follow(here, clock)
    assert len(hosts.shown) == 1


def test_who_opened_it_half_an_hour_ago_is_not_followed_any_more(here: Office, hosts: FakeHosts, clock: Clock) -> None:
    here.open_home(HOST)
    clock.pass_(FOLLOWED_FOR)
    here.say("unlock", ADMIN)
    follow(here, clock)
    assert len(hosts.shown) == 1


def test_a_stranger_is_not_followed(here: Office, hosts: FakeHosts) -> None:
    here.open_home("U0STRANGER")
    assert here.services.store.read(OFFICE, FOLLOWERS).get(FOLLOWERS) is None


def test_who_loses_the_right_sees_that(here: Office, hosts: FakeHosts, clock: Clock) -> None:
    here.open_home(MEMBER)
    follow(here, clock)
    hosts.members[MEMBER] = Membership.GONE
    follow(here, clock)
    assert texts(hosts.homes[MEMBER]).startswith("Only full members of this workspace")
    assert here.outcomes("") == []  # nobody asked for anything


def test_who_can_not_be_known_just_now_keeps_what_is_shown(here: Office, hosts: FakeHosts, clock: Clock) -> None:
    here.open_home(MEMBER)
    follow(here, clock)
    hosts.members[MEMBER] = Membership.UNKNOWN
    follow(here, clock, 3)
    assert len(hosts.shown) == 1


def test_one_of_the_processes_follows_and_another_takes_over(
    here: Office, elsewhere: Office, hosts: FakeHosts, clock: Clock
) -> None:
    here.open_home(HOST)
    here.say("unlock", ADMIN)
    here.services.following.follow(clock.now())
    published = len(hosts.shown)
    here.say("lock", ADMIN)
    elsewhere.services.following.follow(clock.now())
    assert len(hosts.shown) == published
    clock.pass_(timedelta(seconds=7))  # the first one died
    elsewhere.services.following.follow(clock.now())
    assert len(hosts.shown) == published + 1
    assert texts(hosts.homes[HOST]).startswith(":lock:")


def test_a_process_that_takes_over_publishes_only_what_is_new(
    here: Office, elsewhere: Office, hosts: FakeHosts, clock: Clock
) -> None:
    here.open_home(HOST)
    clock.pass_(timedelta(seconds=7))
    follow(elsewhere, clock, 3)
    assert len(hosts.shown) == 1


def test_the_view_that_is_replaced_is_named(here: Office, hosts: FakeHosts, clock: Clock) -> None:
    here.open_home(HOST)
    here.say("unlock", ADMIN)
    follow(here, clock)
    assert hosts.shown == [(HOST, ""), (HOST, "1.hash")]


def test_a_view_that_was_overtaken_is_made_again_from_what_holds_now(
    here: Office, hosts: FakeHosts, clock: Clock
) -> None:
    here.open_home(HOST)
    here.say("unlock", ADMIN)
    hosts.overtaken = True
    follow(here, clock)
    assert hosts.shown[-2:] == [(HOST, "1.hash"), (HOST, "")]
    assert texts(hosts.homes[HOST]).startswith(":unlock:")


def test_many_are_shown_a_few_at_once_and_one_each_second(here: Office, hosts: FakeHosts, clock: Clock) -> None:
    people = [f"U0PERSON{at:03}" for at in range(20)]
    for each in people:
        here.open_home(each)
    follow(here, clock)
    hosts.shown.clear()
    here.say("unlock", ADMIN)
    counts = []
    for _ in range(18):
        follow(here, clock)
        counts.append(len(hosts.shown))
    assert counts == [*range(int(AT_ONCE), 20), 20, 20, 20]
    assert [who for who, _ in hosts.shown] == people[::-1]  # who opened it last is the likeliest to look


def test_who_acts_does_not_wait_for_the_others(here: Office, hosts: FakeHosts, clock: Clock) -> None:
    for at in range(20):
        here.open_home(f"U0PERSON{at:03}")
    here.open_home(HOST)
    follow(here, clock, 30)
    hosts.shown.clear()
    here.say("unlock")
    assert [who for who, _ in hosts.shown] == [HOST]


def test_slack_is_left_alone_for_as_long_as_it_asks(here: Office, hosts: FakeHosts, clock: Clock) -> None:
    here.open_home(HOST)
    follow(here, clock)
    here.say("unlock", ADMIN)
    hosts.home_delivery = Published(Delivery.TRY_LATER, retry_after=timedelta(seconds=30))
    published = len(hosts.shown)
    follow(here, clock, 10)
    assert len(hosts.shown) == published + 1
    hosts.home_delivery = Published(Delivery.DELIVERED)
    follow(here, clock, 25)
    assert len(hosts.shown) == published + 2
    assert texts(hosts.homes[HOST]).startswith(":unlock:")


@pytest.mark.parametrize("delivery", [Delivery.REFUSED, Delivery.UNKNOWN])
def test_a_view_that_slack_does_not_take_is_not_sent_again_and_again(
    here: Office, hosts: FakeHosts, clock: Clock, delivery: Delivery
) -> None:
    here.open_home(HOST)
    here.say("unlock", ADMIN)
    hosts.home_delivery = Published(delivery)
    published = len(hosts.shown)
    follow(here, clock, 10)
    assert len(hosts.shown) == published + 1


def test_where_nobody_follows_a_round_reads_once(here: Office, clock: Clock) -> None:
    calls = count_calls(here.services.store)
    follow(here, clock)
    assert calls == {"read": 1}


def test_a_round_costs_the_same_for_any_number_of_doors_and_people(
    tmp_path: Path, hosts: FakeHosts, clock: Clock
) -> None:
    """A few round trips; nothing of it is on the path of a ring."""
    costs = []
    for doors, people in ((1, 1), (200, 20)):
        (folder := tmp_path / str(doors)).mkdir()
        settings = settings_for(folder, ALWAYS_OPEN_TOML + side_doors(doors - 1))
        office = process(settings, SqliteStore(folder / "x.db"), hosts)
        for at in range(people):
            office.open_home(f"U0PERSON{at:03}")
        follow(office, clock, 30)
        calls = count_calls(office.services.store)
        follow(office, clock)
        costs.append(calls)
    assert costs[0] == costs[1]
    assert sum(costs[0].values()) <= 7


def test_what_was_chosen_is_forgotten_after_a_while(here: Office, clock: Clock) -> None:
    here.choose_at_home("home:door", "front")
    assert here.services.store.read(OFFICE, shown_key(HOST)).get(shown_key(HOST))
    clock.pass_(timedelta(days=91))
    here.sweep()
    assert here.services.store.read(OFFICE, shown_key(HOST)).get(shown_key(HOST)) is None


def test_followers_are_the_newest_and_are_noted_once_a_minute() -> None:
    followers = Followers()
    for at in range(MOST_FOLLOWERS + 5):
        followers = followers.opened(f"U{at}", NOON + at * SECOND)
    assert [each.who for each in followers.people] == [f"U{at}" for at in range(5, MOST_FOLLOWERS + 5)]
    last = f"U{MOST_FOLLOWERS + 4}"
    at_last = NOON + (MOST_FOLLOWERS + 4) * SECOND
    assert followers.opened(last, at_last + 59 * SECOND) is followers
    again = followers.opened(last, at_last + 60 * SECOND)
    assert (len(again.people), again.people[-1].opened_at) == (MOST_FOLLOWERS, at_last + 60 * SECOND)


def test_the_pace_leaves_room_for_a_few_and_grows_by_one_each_second() -> None:
    pace, shown = Pace(), 0
    for at in range(60):
        while pace.has_room(NOON + at * SECOND):
            pace.spend(NOON + at * SECOND, timedelta())
            shown += 1
    assert shown == AT_ONCE + 59


def test_what_a_process_was_showing_when_it_died_is_shown_anew(
    here: Office, hosts: FakeHosts, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    here.open_home(HOST)
    here.say("unlock", ADMIN)
    here.services.following.follow(clock.now())
    here.say("lock", ADMIN)
    with monkeypatch.context() as dying:
        dying.setattr(hosts, "show_home", lambda *_: sys.exit())  # Slack may have taken it
        with pytest.raises(SystemExit):
            here.services.following.follow(clock.now())
    here.say("unlock", ADMIN)  # the very view that was shown before
    published = len(hosts.shown)
    here.services.following.follow(clock.now())
    assert len(hosts.shown) == published + 1
