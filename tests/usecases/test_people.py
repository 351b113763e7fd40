"""Grant, revoke, and who may do what, on every store."""

import threading
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest

from app.domain.audit import Action, AuditEvent, Source
from app.domain.doors import Door
from app.domain.errors import StoreUnavailable
from app.domain.notices import Notice
from app.domain.office import People as Named
from app.domain.outcomes import Granted, PeopleListed, RefusalReason, Refused, Repeated, Revoked
from app.domain.people import Given, Grant, Grants
from app.domain.permissions import Role
from app.ports import OFFICE, Key, Membership, Store, entries
from app.usecases.people import MOST_GRANTS, People
from app.usecases.requests import Request
from app.usecases.roles import PEOPLE, Roles
from tests.conftest import FakeHosts
from tests.support import ADMIN, HOST, MEMBER, WORKSPACE, a_door, asked, local

NOON = local("2026-11-23T12:00")  # a Monday
FRIDAY_ENDS = local("2026-11-28T00:00")
HOUR, MOMENT = timedelta(hours=1), timedelta.resolution
BEN, ANA, GROUP = "U0BEN0001", "W0ANA0001", "S0RECEPTION"
FRONT, SIDE = a_door(), a_door(id="side", name="Side door", hosts=frozenset({"U0SIDE001"}), zone="Europe/Berlin")


class Scene:
    """An office's people on a real store, with a Slack that says what it is told to."""

    def __init__(self, store: Store, hosts: FakeHosts, *doors: Door, named: Named | None = None) -> None:
        found = {door.id: door for door in doors or (FRONT, SIDE)}
        named = named or Named(WORKSPACE, frozenset({ADMIN}), frozenset({HOST}))
        hosts.members = dict.fromkeys((ADMIN, HOST, BEN, ANA, MEMBER), Membership.FULL)
        self.store, self.hosts, self.told = store, hosts, 0
        self.roles = Roles(named, hosts, store, found)
        self.people = People(store, self.roles, hosts, found, self._tell)

    def _tell(self) -> None:
        self.told += 1

    def ask(self, who: str, now: datetime, door_id: str, action: Action, **changes: Any) -> Request:
        standing = self.roles.standing(who, action, now, door_id)
        because = standing.denied_because
        return asked(now, who, standing.role, roles=standing.roles, denied_because=because, **changes)

    def grant(self, text: str, door: str = "", who: str = ADMIN, now: datetime = NOON, **changes: Any) -> object:
        return self.people.grant(self.ask(who, now, door, Action.GRANT, **changes), door, text)

    def revoke(self, text: str, door: str = "", who: str = ADMIN, now: datetime = NOON, **changes: Any) -> object:
        return self.people.revoke(self.ask(who, now, door, Action.REVOKE, **changes), door, text)

    def listed(self, *doors: Door) -> PeopleListed:
        return self.people.list(asked(NOON, ADMIN, Role.ADMIN), doors or (FRONT, SIDE))

    def role(self, who: str, door: str = "", now: datetime = NOON, action: Action = Action.LOG) -> Role:
        standing = self.roles.standing(who, action, now, door)
        return standing.roles.get(door, standing.role)

    @property
    def granted(self) -> Grants:
        return self.store.read(OFFICE, PEOPLE).get(PEOPLE) or Grants()

    def events(self) -> list[AuditEvent]:
        return [entry.event for entry in entries(self.store, OFFICE)][::-1]

    def notices(self) -> list[Notice]:
        keys = [Key[Notice](due.name) for due in self.store.due([OFFICE], NOON + HOUR, 100) if "notice" in due.name]
        return [notice for key in keys if (notice := self.store.read(OFFICE, key).get(key))]


@pytest.fixture
def scene(store: Store, hosts: FakeHosts) -> Scene:
    return Scene(store, hosts)


def reason(outcome: object) -> str:
    assert isinstance(outcome, Refused)
    return outcome.reason.value


# Granting


def test_a_grant_counts_from_the_next_command_on_and_is_on_record_in_the_same_commit(scene: Scene) -> None:
    outcome = scene.grant(BEN)
    assert outcome == Granted((FRONT, SIDE), Grant(BEN, Given.HOST, ADMIN, NOON))
    assert (scene.role(BEN), scene.role(BEN, "side")) == (Role.HOST, Role.HOST)
    (event,) = scene.events()
    assert (event.action, event.outcome, event.actor, event.source) == ("grant", "done", ADMIN, "slack")
    assert event.details == {"who": BEN, "role": "host"}


def test_who_was_granted_something_is_told_by_a_message_of_their_own(scene: Scene) -> None:
    scene.grant(f"{BEN} admin until friday", "front")
    (notice,) = scene.notices()
    assert (notice.channel, scene.told) == (BEN, 1)
    made = f"<@{ADMIN}> made you an admin of the front door, until the end of Friday."
    assert notice.text == f"{made} `/frontdoor help` lists what can be typed."


def test_groups_and_oneself_and_what_was_so_already_are_not_told(scene: Scene) -> None:
    scene.hosts.groups[GROUP] = frozenset({BEN})
    for text in (GROUP, f"{ADMIN} host", HOST):
        assert isinstance(scene.grant(text), Granted)
    assert scene.notices() == []


def test_a_grant_for_one_door_counts_there_alone(scene: Scene) -> None:
    scene.grant(f"{BEN} admin", "side")
    assert [scene.role(BEN, door) for door in ("", "front", "side")] == [Role.MEMBER, Role.MEMBER, Role.ADMIN]
    assert scene.events()[0].details == {"who": BEN, "role": "admin", "at": "side"}


def test_a_grant_ends_at_the_end_of_the_day_where_the_door_is(scene: Scene) -> None:
    scene.grant(f"{BEN} until friday")
    scene.grant(f"{ANA} until friday", "side")
    in_berlin = local("2026-11-28T00:00", "Europe/Berlin")
    assert scene.role(BEN, now=FRIDAY_ENDS - MOMENT) is Role.HOST
    assert scene.role(BEN, now=FRIDAY_ENDS) is Role.MEMBER
    assert [scene.role(ANA, "side", now) for now in (in_berlin - MOMENT, in_berlin)] == [Role.HOST, Role.MEMBER]


def test_a_right_that_is_over_is_dropped_with_the_next_change(scene: Scene) -> None:
    scene.grant(f"{BEN} for 1h")
    scene.grant(ANA, now=NOON + HOUR)
    assert [each.who for each in scene.granted.grants] == [ANA]


def test_a_right_for_good_is_not_shortened(scene: Scene) -> None:
    scene.grant(BEN)
    outcome = scene.grant(f"{BEN} until friday")
    assert isinstance(outcome, Granted)
    assert (outcome.kept, outcome.right.until) == (True, None)
    assert scene.role(BEN, now=FRIDAY_ENDS) is Role.HOST
    assert scene.events()[-1].reason == "already_granted"


@pytest.mark.parametrize(("who", "role"), [(ADMIN, Given.ADMIN), (HOST, Given.HOST)])
def test_whom_the_file_names_keeps_it(scene: Scene, who: str, role: Given) -> None:
    outcome = scene.grant(who)
    assert isinstance(outcome, Granted)
    assert (outcome.kept, outcome.right.role, outcome.right.is_from_file) == (True, role, True)
    assert scene.granted == Grants()


def test_a_grant_is_carried_out_once_for_each_delivery(scene: Scene) -> None:
    first = scene.grant(BEN, delivery="1.2.once")
    scene.revoke(BEN)
    assert isinstance(first, Granted)
    assert isinstance(scene.grant(BEN, delivery="1.2.once"), Repeated)
    assert scene.role(BEN) is Role.MEMBER


@pytest.mark.parametrize(
    ("membership", "expected"),
    [(Membership.GONE, "gone"), (Membership.UNKNOWN, "membership_unknown")],
)
def test_who_has_left_or_is_not_known_gets_nothing(scene: Scene, membership: Membership, expected: str) -> None:
    scene.hosts.members[BEN] = membership
    assert reason(scene.grant(BEN)) == expected
    assert scene.granted == Grants()


def test_a_guest_may_be_named_and_the_answer_says_that_it_is_one(scene: Scene) -> None:
    scene.hosts.members[BEN] = Membership.NOT_FULL
    outcome = scene.grant(BEN)
    assert isinstance(outcome, Granted)
    assert outcome.is_guest
    assert (scene.role(BEN), scene.role(ANA)) == (Role.HOST, Role.MEMBER)


def test_a_group_gives_its_members_what_it_was_granted(scene: Scene) -> None:
    scene.hosts.groups[GROUP] = frozenset({BEN, "U0GUEST01"})
    outcome = scene.grant(f"{GROUP} admin")
    assert isinstance(outcome, Granted)
    assert outcome.members == 2
    assert [scene.role(who) for who in (BEN, ANA, "U0GUEST01")] == [Role.ADMIN, Role.MEMBER, Role.NOBODY]
    scene.hosts.groups[GROUP] = frozenset({ANA})
    assert [scene.role(who) for who in (BEN, ANA)] == [Role.MEMBER, Role.ADMIN]


def test_a_group_that_slack_does_not_tell_of_gets_nothing_and_gives_nothing(scene: Scene) -> None:
    assert reason(scene.grant(GROUP)) == "membership_unknown"
    scene.hosts.groups[GROUP] = frozenset({BEN})
    scene.grant(GROUP)
    scene.hosts.groups[GROUP] = None
    standing = scene.roles.standing(BEN, Action.UNLOCK, NOON)
    assert (standing.role, standing.denied_because) == (Role.MEMBER, RefusalReason.MEMBERSHIP_UNKNOWN)


@pytest.mark.parametrize("text", ["", "@ben", f"{BEN} owner", f"{BEN} until christmas", f"{BEN} {ANA}"])
def test_what_is_not_understood_grants_nothing(scene: Scene, text: str) -> None:
    assert reason(scene.grant(text)) == "not_understood"
    assert scene.granted == Grants()


def test_a_time_that_has_passed_grants_nothing(scene: Scene) -> None:
    assert reason(scene.grant(f"{BEN} until 9:00")) == "past"
    assert scene.granted == Grants()


def test_there_is_room_for_so_many(scene: Scene) -> None:
    full = Grants(tuple(Grant(f"U0ID{number:06}", Given.HOST, ADMIN, NOON) for number in range(MOST_GRANTS)))
    assert scene.store.commit(scene.store.read(OFFICE, PEOPLE), {PEOPLE: full})
    assert reason(scene.grant(BEN)) == "not_understood"
    scene.revoke("U0ID000007")
    assert isinstance(scene.grant(BEN), Granted)


# Revoking


@pytest.mark.parametrize("who", [HOST, BEN])
def test_a_revocation_counts_from_the_next_command_on_whatever_the_file_and_groups_say(scene: Scene, who: str) -> None:
    scene.hosts.groups[GROUP] = frozenset({HOST, BEN})
    scene.grant(GROUP)
    scene.grant(who)
    outcome = scene.revoke(who)
    assert isinstance(outcome, Revoked)
    assert not outcome.had_none
    assert scene.role(who) is Role.MEMBER
    assert scene.role(BEN if who == HOST else HOST) is Role.HOST
    assert scene.events()[-1].details == {"who": who}


def test_a_later_grant_counts_again_and_for_nothing_more_than_was_granted(scene: Scene) -> None:
    scene.grant(f"{ANA} admin")
    scene.revoke(ADMIN, who=ANA)
    scene.grant(f"{ADMIN} until friday", who=ANA)
    assert [scene.role(ADMIN, now=now) for now in (NOON, FRIDAY_ENDS)] == [Role.HOST, Role.MEMBER]


def test_a_revocation_at_one_door_leaves_the_others(scene: Scene) -> None:
    scene.revoke(HOST, "side")
    assert [scene.role(HOST, door) for door in ("", "front", "side")] == [Role.HOST, Role.HOST, Role.MEMBER]
    assert scene.events()[-1].details == {"who": HOST, "at": "side"}


def test_who_has_nothing_has_nothing_to_lose(scene: Scene) -> None:
    outcome = scene.revoke(BEN)
    assert isinstance(outcome, Revoked)
    assert outcome.had_none
    assert (scene.granted, scene.events()[-1].reason) == (Grants(), "not_granted")


def test_a_revocation_needs_no_answer_from_slack_about_whom_it_concerns(scene: Scene) -> None:
    scene.grant(f"{BEN} admin")
    scene.hosts.members = {ADMIN: Membership.UNKNOWN, BEN: Membership.UNKNOWN}
    assert isinstance(scene.revoke(BEN), Revoked)
    assert scene.granted.grants == ()


def test_a_group_loses_what_it_gives_and_its_members_keep_what_they_have_by_name(scene: Scene) -> None:
    scene.hosts.groups[GROUP] = frozenset({BEN, HOST})
    scene.grant(f"{GROUP} admin")
    scene.revoke(GROUP)
    assert [scene.role(who) for who in (BEN, HOST)] == [Role.MEMBER, Role.HOST]


# The last admin


def test_the_only_admin_is_not_removed_by_anybody(scene: Scene) -> None:
    for door in ("", "front"):
        assert reason(scene.revoke(ADMIN, door)) == "last_admin"
    assert scene.role(ADMIN) is Role.ADMIN
    assert scene.granted == Grants()


def test_who_is_not_the_last_may_remove_themselves(scene: Scene) -> None:
    scene.grant(f"{BEN} admin")
    assert isinstance(scene.revoke(ADMIN), Revoked)
    assert (scene.role(ADMIN), scene.role(BEN)) == (Role.MEMBER, Role.ADMIN)
    assert reason(scene.revoke(BEN, who=BEN)) == "last_admin"


def gone(scene: Scene) -> None:
    scene.grant(f"{BEN} admin")
    scene.hosts.members[BEN] = Membership.GONE


def for_a_while(scene: Scene) -> None:
    scene.grant(f"{BEN} admin until friday")


def of_one_door(scene: Scene) -> None:
    scene.grant(f"{BEN} admin", "front")


def of_all_but_one(scene: Scene) -> None:
    scene.grant(f"{BEN} admin")
    scene.revoke(BEN, "side")


def only_a_host(scene: Scene) -> None:
    scene.grant(BEN)


def an_empty_group(scene: Scene) -> None:
    scene.hosts.groups[GROUP] = frozenset()
    scene.grant(f"{GROUP} admin")


def a_group_of_revoked_people(scene: Scene) -> None:
    scene.hosts.groups[GROUP] = frozenset({BEN})
    scene.grant(f"{GROUP} admin")
    scene.revoke(BEN)


def a_group_of_guests(scene: Scene) -> None:
    scene.hosts.groups[GROUP] = frozenset({"U0GUEST01"})
    scene.grant(f"{GROUP} admin")


def a_group_of_the_same(scene: Scene) -> None:
    scene.hosts.groups[GROUP] = frozenset({ADMIN})
    scene.grant(f"{GROUP} admin")


NOT_ENOUGH: list[Callable[[Scene], None]] = [
    *(gone, for_a_while, of_one_door, of_all_but_one, only_a_host),
    *(an_empty_group, a_group_of_revoked_people, a_group_of_guests, a_group_of_the_same),
]


@pytest.mark.parametrize("other", NOT_ENOUGH)
def test_another_who_is_no_admin_of_every_door_for_good_is_not_enough(
    scene: Scene, other: Callable[[Scene], None]
) -> None:
    other(scene)
    assert reason(scene.revoke(ADMIN)) == "last_admin"
    assert scene.role(ADMIN) is Role.ADMIN


def test_a_group_with_a_member_is_enough_and_one_that_is_not_known_is_not(scene: Scene) -> None:
    scene.hosts.groups[GROUP] = frozenset({BEN})
    scene.grant(f"{GROUP} admin")
    scene.hosts.groups[GROUP] = None
    assert reason(scene.revoke(ADMIN)) == "membership_unknown"
    scene.hosts.groups[GROUP] = frozenset({BEN})
    scene.hosts.members[BEN] = Membership.UNKNOWN
    assert reason(scene.revoke(ADMIN)) == "membership_unknown"
    scene.hosts.members[BEN] = Membership.FULL
    assert isinstance(scene.revoke(ADMIN), Revoked)
    assert reason(scene.revoke(GROUP, who=BEN)) == "last_admin"
    assert reason(scene.revoke(BEN, who=BEN)) == "last_admin"


def test_an_admin_of_the_file_whom_slack_can_not_tell_of_counts(store: Store, hosts: FakeHosts) -> None:
    scene = Scene(store, hosts, named=Named(WORKSPACE, frozenset({ADMIN, ANA}), frozenset()))
    scene.hosts.members = {}
    scene.hosts.members |= dict.fromkeys((ADMIN, ANA), Membership.UNKNOWN)
    assert isinstance(scene.revoke(ANA), Revoked)


def test_an_admin_of_the_file_who_has_left_does_not(store: Store, hosts: FakeHosts) -> None:
    scene = Scene(store, hosts, named=Named(WORKSPACE, frozenset({ADMIN, ANA}), frozenset()))
    scene.hosts.members[ANA] = Membership.GONE
    assert reason(scene.revoke(ADMIN)) == "last_admin"


def test_hosts_are_revoked_where_only_a_group_gives_admins(store: Store, hosts: FakeHosts) -> None:
    named = Named(WORKSPACE, frozenset({GROUP}), frozenset({HOST}))
    scene = Scene(store, hosts, named=named)
    hosts.groups[GROUP] = frozenset({ADMIN})
    assert isinstance(scene.revoke(HOST), Revoked)
    assert reason(scene.revoke(ADMIN)) == "last_admin"


# Who may


@pytest.mark.parametrize("who", [HOST, MEMBER, "U0GUEST01"])
def test_only_admins_grant_and_revoke(scene: Scene, who: str) -> None:
    assert reason(scene.grant(BEN, who=who)) in ("not_permitted", "not_full_member")
    assert reason(scene.revoke(HOST, who=who)) in ("not_permitted", "not_full_member")
    assert scene.granted == Grants()


def test_an_admin_of_one_door_grants_and_revokes_there_alone(scene: Scene) -> None:
    scene.grant(f"{BEN} admin", "side")
    assert isinstance(scene.grant(f"{ANA} admin", "side", who=BEN), Granted)
    assert isinstance(scene.revoke(ANA, "side", who=BEN), Revoked)
    assert isinstance(scene.revoke(HOST, "side", who=BEN), Revoked)
    for door in ("", "front"):
        assert reason(scene.grant(ANA, door, who=BEN)) == "not_permitted"
        assert reason(scene.revoke(HOST, door, who=BEN)) == "not_permitted"
    assert reason(scene.revoke(ADMIN, "side", who=BEN)) == "not_permitted"


def test_an_admin_of_all_but_one_door_grants_nothing_there(scene: Scene) -> None:
    scene.grant(f"{BEN} admin")
    scene.revoke(BEN, "side")
    refused = scene.grant(ANA, who=BEN)
    assert isinstance(refused, Refused)
    assert "You aren't an admin of every door. Name one, such as `/frontdoor grant front @ben`." in refused.hint
    assert reason(scene.grant(f"{BEN} admin", "side", who=BEN)) == "not_permitted"
    assert isinstance(scene.grant(ANA, "front", who=BEN), Granted)


def test_who_was_revoked_a_moment_ago_revokes_nobody_any_more(scene: Scene) -> None:
    scene.grant(f"{BEN} admin")
    requests = {who: scene.ask(who, NOON, "", Action.REVOKE) for who in (ADMIN, BEN)}  # both judged before either acts
    assert isinstance(scene.people.revoke(requests[ADMIN], "", BEN), Revoked)
    assert reason(scene.people.revoke(requests[BEN], "", ADMIN)) == "not_permitted"
    assert (scene.role(ADMIN), scene.role(BEN)) == (Role.ADMIN, Role.MEMBER)


def test_whoever_runs_the_server_may_and_the_last_admin_stays(scene: Scene) -> None:
    request = Request("cli:root", Role.ADMIN, Source.CLI, NOON)
    assert isinstance(scene.people.grant(request, "", f"{BEN} admin"), Granted)
    assert isinstance(scene.people.revoke(request, "", ADMIN), Revoked)
    assert reason(scene.people.revoke(request, "", BEN)) == "last_admin"


def test_grantees_are_asked_about_like_members_of_groups(scene: Scene) -> None:
    scene.grant(BEN)
    scene.hosts.members[BEN] = Membership.UNKNOWN
    standing = scene.roles.standing(BEN, Action.UNLOCK, NOON)
    assert (standing.role, standing.denied_because) == (Role.NOBODY, RefusalReason.MEMBERSHIP_UNKNOWN)


@pytest.mark.parametrize("who", [HOST, BEN, "U0SIDE001"])
def test_who_leaves_the_workspace_loses_the_right(scene: Scene, who: str) -> None:
    scene.grant(BEN)
    scene.hosts.members[who] = Membership.GONE
    for door in ("", "side"):
        assert scene.role(who, door, action=Action.UNLOCK) is Role.NOBODY


# Lists


def test_the_list_says_who_may_what_from_where_and_until_when(scene: Scene) -> None:
    scene.hosts.groups[GROUP] = frozenset({ANA, HOST})
    scene.grant(f"{GROUP} until friday", "side")
    scene.grant(f"{BEN} admin", "front")
    scene.revoke(HOST)
    listed = scene.listed()
    found = [(each.right.who, each.right.role, each.right.door, each.right.by, each.members) for each in listed.rights]
    assert found == [
        (ADMIN, "admin", "", "", None),
        (BEN, "admin", "front", ADMIN, None),
        ("U0SIDE001", "host", "side", "", None),
        (GROUP, "host", "side", ADMIN, {ANA}),
    ]
    assert [(each.who, each.by, each.door) for each in listed.revocations] == [(HOST, ADMIN, "")]
    assert [each.right.who for each in scene.listed(FRONT).rights] == [ADMIN, BEN]


def test_the_list_says_who_has_left_and_which_group_is_not_known(scene: Scene) -> None:
    scene.hosts.groups[GROUP] = frozenset()
    scene.grant(GROUP)
    scene.hosts.groups[GROUP] = None
    scene.hosts.members[HOST] = Membership.GONE
    found = {each.right.who: (each.is_gone, each.members) for each in scene.listed().rights}
    assert (found[HOST], found[ADMIN], found[GROUP]) == ((True, None), (False, None), (False, None))


def test_what_a_higher_right_contains_is_not_listed_twice(scene: Scene) -> None:
    scene.grant(f"{HOST} admin", "front")
    scene.grant(f"{HOST} admin until friday")
    assert [(each.right.role, each.right.door) for each in scene.listed().rights if each.right.who == HOST] == [
        ("admin", ""),
        ("admin", "front"),
        ("host", ""),
    ]
    scene.grant(f"{HOST} admin")
    assert [each.right.role for each in scene.listed().rights if each.right.who == HOST] == ["admin"]


def test_everybody_who_is_host_or_admin_somewhere_can_be_told(scene: Scene) -> None:
    scene.hosts.groups[GROUP] = frozenset({ANA, HOST})
    scene.grant(GROUP, "front")
    scene.grant(BEN, "side")
    scene.revoke(HOST)
    assert scene.roles.hosts_of(["front", "side"], NOON) == ({ADMIN, ANA, BEN, "U0SIDE001"}, True)
    assert scene.roles.hosts_of(["side"], NOON) == ({ADMIN, BEN, "U0SIDE001"}, True)
    scene.hosts.groups[GROUP] = None
    scene.hosts.members[BEN] = Membership.GONE
    assert scene.roles.hosts_of(["front", "side"], NOON) == ({ADMIN, "U0SIDE001"}, False)


def test_a_store_that_can_not_be_reached_is_said(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    request = scene.ask(ADMIN, NOON, "", Action.GRANT)

    def away(*_: object) -> None:
        raise StoreUnavailable

    monkeypatch.setattr(scene.store, "commit", away)
    with pytest.raises(StoreUnavailable):
        scene.people.grant(request, "", BEN)


def test_two_admins_who_revoke_each_other_at_the_same_time_leave_one(scene: Scene) -> None:
    scene.grant(f"{BEN} admin")
    requests = {who: scene.ask(who, NOON, "", Action.REVOKE) for who in (ADMIN, BEN)}
    start, outcomes = threading.Barrier(2), list[object]()

    def revoke(who: str, other: str) -> None:
        start.wait(20)
        outcomes.append(scene.people.revoke(requests[who], "", other))

    threads = [threading.Thread(target=revoke, args=pair) for pair in ((ADMIN, BEN), (BEN, ADMIN))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert sorted(type(outcome).__name__ for outcome in outcomes) == ["Refused", "Revoked"]
    assert sorted([scene.role(ADMIN), scene.role(BEN)]) == [Role.MEMBER, Role.ADMIN]


def test_many_grants_at_the_same_time_are_all_kept(scene: Scene) -> None:
    people = [f"U0MANY{number:03}" for number in range(8)]
    scene.hosts.members |= dict.fromkeys(people, Membership.FULL)
    threads = [threading.Thread(target=scene.grant, args=(who,)) for who in people]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert sorted(each.who for each in scene.granted.grants) == people
    assert len(scene.events()) == 8
