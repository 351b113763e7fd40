"""Who somebody is: by the file, by grants, by what Slack says of people and groups."""

from collections.abc import Mapping
from datetime import datetime
from types import MappingProxyType
from typing import Any

import pytest

from app.domain.audit import Action
from app.domain.doors import Door
from app.domain.office import People
from app.domain.outcomes import RefusalReason
from app.domain.people import Given, Grant, Grants, Revocation
from app.domain.permissions import Role
from app.ports import OFFICE, Membership, Store
from app.usecases.roles import PEOPLE, Roles, Standing
from tests.conftest import FakeHosts
from tests.support import ADMIN, GUEST, HOST, MEMBER, WORKSPACE, a_door, local

NOON = local("2026-11-23T12:00")
ADMINS_GROUP, HOSTS_GROUP = "S0ADMINS", "S0RECEPTION"
IN_GROUP, SIDER = "U0GROUP01", "U0SIDE001"
NOTHING = Grants()
NO_DOORS: Mapping[str, Door] = MappingProxyType({})


class Workspace(FakeHosts):
    """A workspace with user groups; remembers what it was asked."""

    def __init__(self, groups: dict[str, str] | None = None) -> None:
        super().__init__()
        self.members = {MEMBER: Membership.FULL, HOST: Membership.FULL, IN_GROUP: Membership.FULL}
        self.groups = {ADMINS_GROUP: frozenset(), HOSTS_GROUP: frozenset()}
        self.groups |= {group: frozenset({member}) for group, member in (groups or {}).items()}
        self.unknown: set[str] = set()
        self.asked: list[tuple[str, bool]] = []  # type: ignore[assignment]

    def members_of(self, group: str, now: object, *, last_known: bool) -> frozenset[str] | None:
        self.asked.append((group, last_known))  # type: ignore[arg-type]
        return None if group in self.unknown else super().members_of(group, now, last_known=last_known)

    def membership(self, user_id: str, now: object, *, last_known: bool) -> Membership:
        self.asked.append((user_id, last_known))  # type: ignore[arg-type]
        return super().membership(user_id, now, last_known=last_known)


def standing(
    workspace: FakeHosts,
    user: str,
    action: Action = Action.UNLOCK,
    now: datetime = NOON,
    granted: Grants = NOTHING,
    door_id: str = "",
) -> Standing:
    return roles(workspace).standing_by(granted, user, action, now, door_id)


def roles(workspace: FakeHosts, store: Any = None, doors: Mapping[str, Door] = NO_DOORS) -> Roles:
    people = People(WORKSPACE, frozenset({ADMIN, ADMINS_GROUP}), frozenset({HOST, HOSTS_GROUP}))
    return Roles(people, workspace, store, doors)


@pytest.mark.parametrize(("user", "role"), [(ADMIN, Role.ADMIN), (HOST, Role.HOST), (MEMBER, Role.MEMBER)])
def test_people_are_who_the_file_and_slack_say_they_are(user: str, role: Role) -> None:
    assert standing(Workspace(), user) == Standing(role)


@pytest.mark.parametrize(("group", "role"), [(ADMINS_GROUP, Role.ADMIN), (HOSTS_GROUP, Role.HOST)])
def test_a_user_group_gives_its_members_a_role(group: str, role: Role) -> None:
    assert standing(Workspace({group: IN_GROUP}), IN_GROUP) == Standing(role)


@pytest.mark.parametrize("user", [ADMIN, HOST])
def test_who_is_named_by_id_needs_no_answer_from_slack(user: str) -> None:
    workspace = Workspace()
    standing(workspace, user)
    assert workspace.asked == []


@pytest.mark.parametrize("action", [Action.LOG, Action.VERIFY])
def test_a_named_host_may_be_an_admin_by_group_where_only_admins_may(action: Action) -> None:
    assert standing(Workspace({ADMINS_GROUP: HOST}), HOST, action) == Standing(Role.ADMIN)


def test_a_named_host_who_is_no_admin_stays_a_host() -> None:
    assert standing(Workspace(), HOST, Action.LOG) == Standing(Role.HOST)


@pytest.mark.parametrize(
    ("membership", "reason"),
    [
        (Membership.NOT_FULL, RefusalReason.NOT_FULL_MEMBER),
        (Membership.UNKNOWN, RefusalReason.MEMBERSHIP_UNKNOWN),
    ],
)
def test_guests_and_people_slack_will_not_tell_of_are_nobody(membership: Membership, reason: RefusalReason) -> None:
    workspace = Workspace()
    workspace.members[GUEST] = membership
    assert standing(workspace, GUEST) == Standing(Role.NOBODY, reason)


@pytest.mark.parametrize("group", [ADMINS_GROUP, HOSTS_GROUP])
@pytest.mark.parametrize("action", [Action.LOCK, Action.UNLOCK, Action.STATUS, Action.LOG])
@pytest.mark.parametrize(
    ("membership", "reason"),
    [
        (Membership.NOT_FULL, RefusalReason.NOT_FULL_MEMBER),
        (Membership.UNKNOWN, RefusalReason.MEMBERSHIP_UNKNOWN),
    ],
)
def test_a_user_group_gives_a_guest_no_role(
    membership: Membership, reason: RefusalReason, action: Action, group: str
) -> None:
    workspace = Workspace({group: GUEST})
    workspace.members[GUEST] = membership
    assert standing(workspace, GUEST, action) == Standing(Role.NOBODY, reason)
    assert [asked for asked, _ in workspace.asked] == [GUEST]


@pytest.mark.parametrize(
    ("membership", "reason"),
    [
        (Membership.NOT_FULL, RefusalReason.NOT_PERMITTED),
        (Membership.UNKNOWN, RefusalReason.MEMBERSHIP_UNKNOWN),
    ],
)
def test_a_guest_who_is_named_as_a_host_is_that_and_no_admin_by_group(
    membership: Membership, reason: RefusalReason
) -> None:
    workspace = Workspace({ADMINS_GROUP: HOST})
    workspace.members[HOST] = membership
    assert standing(workspace, HOST) == Standing(Role.HOST)
    assert standing(workspace, HOST, Action.LOG) == Standing(Role.HOST, reason)


@pytest.mark.parametrize("action", [Action.LOCK, Action.UNLOCK, Action.STATUS, Action.LOG])
def test_only_lock_is_content_with_what_slack_said_last(action: Action) -> None:
    workspace = Workspace()
    standing(workspace, MEMBER, action)
    last_known = action is Action.LOCK
    assert workspace.asked == [(MEMBER, last_known), (ADMINS_GROUP, last_known), (HOSTS_GROUP, last_known)]


@pytest.mark.parametrize(
    ("groups", "unknown", "expected"),
    [
        ({}, {ADMINS_GROUP}, Standing(Role.MEMBER, RefusalReason.MEMBERSHIP_UNKNOWN)),
        ({}, {HOSTS_GROUP}, Standing(Role.MEMBER, RefusalReason.MEMBERSHIP_UNKNOWN)),
        ({HOSTS_GROUP: IN_GROUP}, {ADMINS_GROUP}, Standing(Role.HOST, RefusalReason.MEMBERSHIP_UNKNOWN)),
        ({ADMINS_GROUP: IN_GROUP}, {HOSTS_GROUP}, Standing(Role.ADMIN)),
    ],
)
def test_a_group_that_slack_will_not_tell_of_gives_no_role_and_takes_none(
    groups: dict[str, str], unknown: set[str], expected: Standing
) -> None:
    workspace = Workspace(groups)
    workspace.unknown = unknown
    assert standing(workspace, IN_GROUP) == expected


def test_a_named_host_stays_one_though_slack_will_not_tell_of_a_group() -> None:
    workspace = Workspace()
    workspace.unknown = {ADMINS_GROUP}
    assert standing(workspace, HOST, Action.LOG) == Standing(Role.HOST, RefusalReason.MEMBERSHIP_UNKNOWN)


def test_an_office_without_user_groups_does_not_ask_about_them() -> None:
    workspace = Workspace()
    alone = Roles(People(WORKSPACE, frozenset({ADMIN}), frozenset()), workspace, None, {})  # type: ignore[arg-type]
    alone.standing_by(NOTHING, MEMBER, Action.UNLOCK, NOON)
    assert workspace.asked == [(MEMBER, False)]


# Doors and grants

SIDE = a_door(id="side", hosts=frozenset({SIDER}), admins=frozenset({"S0SIDE001"}))
DOORS = {"front": a_door(), "side": SIDE}


def placed(workspace: FakeHosts, user: str, action: Action, door_id: str = "", *grants: Grant) -> Standing:
    return roles(workspace, doors=DOORS).standing_by(Grants(grants), user, action, NOON, door_id)


def test_who_is_named_for_one_door_is_somebody_there() -> None:
    workspace = Workspace()
    workspace.members[SIDER] = Membership.FULL
    assert placed(workspace, SIDER, Action.UNLOCK) == Standing(
        Role.MEMBER, RefusalReason.MEMBERSHIP_UNKNOWN, {"side": Role.HOST}
    )
    workspace.groups["S0SIDE001"] = frozenset({SIDER})
    assert placed(workspace, SIDER, Action.UNLOCK) == Standing(Role.MEMBER, roles={"side": Role.ADMIN})


def test_a_host_who_is_named_for_the_door_in_question_needs_no_answer_from_slack() -> None:
    workspace = Workspace()
    assert placed(workspace, SIDER, Action.UNLOCK, "side").roles == {"side": Role.HOST}
    assert workspace.asked == []
    placed(workspace, SIDER, Action.UNLOCK, "front")
    assert workspace.asked != []


def test_only_groups_that_could_give_more_are_asked_about() -> None:
    workspace = Workspace()
    placed(workspace, HOST, Action.LOG)
    assert [asked for asked, _ in workspace.asked] == [HOST, ADMINS_GROUP, "S0SIDE001"]  # and not the hosts'


@pytest.mark.parametrize(("action", "last_known"), [(Action.LOCK, True), (Action.UNLOCK, False)])
def test_somebody_with_a_grant_is_asked_about_and_for_lock_the_last_answer_will_do(
    action: Action, last_known: bool
) -> None:
    workspace = Workspace()
    grant = Grant(MEMBER, Given.HOST, ADMIN, NOON)
    assert placed(workspace, MEMBER, action, "", grant).role is Role.HOST
    assert workspace.asked[0] == (MEMBER, last_known)
    workspace.members[MEMBER] = Membership.UNKNOWN
    assert placed(workspace, MEMBER, action, "", grant) == Standing(Role.NOBODY, RefusalReason.MEMBERSHIP_UNKNOWN)


def test_a_guest_has_what_was_granted_by_name() -> None:
    workspace = Workspace()
    grant = Grant(GUEST, Given.HOST, ADMIN, NOON, "side")
    assert placed(workspace, GUEST, Action.UNLOCK, "", grant) == Standing(Role.NOBODY, roles={"side": Role.HOST})


@pytest.mark.parametrize("user", [ADMIN, HOST, MEMBER])
@pytest.mark.parametrize("action", [Action.LOCK, Action.UNLOCK, Action.STATUS, Action.LOG])
def test_who_has_left_is_nobody_wherever_they_are_named(user: str, action: Action) -> None:
    workspace = Workspace({ADMINS_GROUP: user})
    workspace.members[user] = Membership.GONE
    grant = Grant(user, Given.ADMIN, ADMIN, NOON)
    assert placed(workspace, user, action, "", grant) == Standing(Role.NOBODY, RefusalReason.NOT_FULL_MEMBER)


@pytest.mark.parametrize("user", [ADMIN, HOST])
def test_who_was_revoked_is_a_member_still(user: str) -> None:
    workspace = Workspace({ADMINS_GROUP: user})
    workspace.members[ADMIN] = Membership.FULL
    revoked = Grants((), (Revocation(user, "U0OTHER01", NOON),))
    assert standing(workspace, user, granted=revoked) == Standing(Role.MEMBER)


def test_a_store_is_read_once(store: Store) -> None:
    reads: list[tuple[Any, ...]] = []

    class Counting:
        def read(self, *arguments: Any) -> Any:
            reads.append(arguments)
            return store.read(*arguments)

    roles(Workspace(), Counting(), DOORS).standing(HOST, Action.UNLOCK, NOON)
    assert reads == [(OFFICE, PEOPLE)]
