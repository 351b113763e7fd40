"""Who somebody is here."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from app.domain.audit import Action
from app.domain.doors import Door
from app.domain.office import People
from app.domain.outcomes import RefusalReason
from app.domain.people import Directory, Grants, named_in_file
from app.domain.permissions import Role, may
from app.ports import OFFICE, Hosts, Key, Membership, Store

PEOPLE = Key[Grants]("people")


@dataclass(frozen=True, slots=True)
class Standing:
    """A person's role, the reason that a refusal gives, and the role at doors where it is another."""

    role: Role
    denied_because: RefusalReason = RefusalReason.NOT_PERMITTED
    roles: Mapping[str, Role] = field(default_factory=dict)


class Roles:
    """Looks people up: in the file and among the grants by id, then in the workspace, then in user groups."""

    def __init__(self, people: People, hosts: Hosts, store: Store, doors: Mapping[str, Door]) -> None:
        self._file = named_in_file(people, doors.values())
        self._hosts = hosts
        self._store = store

    def standing(self, user_id: str, action: Action, now: datetime, door_id: str = "") -> Standing:
        """What this person may do, for an action at a door or, with "", anywhere. Raises StoreUnavailable.

        Nobody waits for Slack whom the file names for it by id.
        """
        return self.standing_by(self.granted(), user_id, action, now, door_id)

    def granted(self) -> Grants:
        """What was granted and revoked. Raises StoreUnavailable."""
        return self._store.read(OFFICE, PEOPLE).get(PEOPLE) or Grants()

    def standing_by(self, granted: Grants, user_id: str, action: Action, now: datetime, door_id: str = "") -> Standing:
        """What this person may do by these grants."""
        by_file = self.directory(Grants(revocations=granted.revocations), now).roles(user_id)
        is_named = any(by_file.values())
        if is_named and self._hosts.glance(user_id, now) is Membership.GONE:
            return Standing(Role.NOBODY, RefusalReason.NOT_FULL_MEMBER)
        asked_for = [by_file.get(door_id, by_file[""])] if door_id else by_file.values()
        if is_named and all(may(role, action) for role in asked_for):
            return _standing(by_file)
        last_known = action is Action.LOCK  # locking is never a danger, even on an old answer from Slack
        directory = self.directory(granted, now)
        match self._hosts.membership(user_id, now, last_known=last_known):
            case Membership.FULL:
                groups, all_known = self._groups_of(user_id, directory, now, last_known)
                roles = {place: max(Role.MEMBER, role) for place, role in directory.roles(user_id, groups).items()}
                return _standing(roles, RefusalReason.NOT_PERMITTED if all_known else RefusalReason.MEMBERSHIP_UNKNOWN)
            case Membership.NOT_FULL:  # groups can hold guests: they have what they are named for, and no more
                named = directory.roles(user_id)
                is_anybody = any(named.values())
                return _standing(named, RefusalReason.NOT_PERMITTED if is_anybody else RefusalReason.NOT_FULL_MEMBER)
            case Membership.GONE:
                return Standing(Role.NOBODY, RefusalReason.NOT_FULL_MEMBER)
        return _standing(by_file, RefusalReason.MEMBERSHIP_UNKNOWN)

    def directory(self, granted: Grants, now: datetime) -> Directory:
        """All rights that are not over: the file's and these."""
        return Directory.at(self._file, granted, now)

    def hosts_of(self, door_ids: Iterable[str], now: datetime) -> tuple[frozenset[str], bool]:
        """Everybody who is host or admin at one of these doors, and whether Slack told the members of every group.

        Asks nothing about single people: also a guest may be among a group's members. Raises StoreUnavailable.
        """
        directory, all_known = self.directory(self.granted(), now), True
        groups_of: dict[str, set[str]] = {person: set() for person in directory.people()}
        for group in directory.groups():
            members = self._hosts.members_of(group, now, last_known=False)
            all_known = all_known and members is not None
            for person in members or ():
                groups_of.setdefault(person, set()).add(group)
        doors = [*door_ids]
        found = (
            person
            for person, groups in groups_of.items()
            if any(directory.role(person, door_id, groups) >= Role.HOST for door_id in doors)
        )
        gone = {each for each in directory.people() if self._hosts.glance(each, now) is Membership.GONE}
        return frozenset(found) - gone, all_known

    def keeps_an_admin(self, granted: Grants, now: datetime) -> bool | None:
        """Whether by these grants somebody is an admin everywhere and for good; None where only Slack knows."""
        lasting = Grants(tuple(each for each in granted.grants if each.until is None), granted.revocations)
        directory, all_known = self.directory(lasting, now), True
        named = {each.who for each in self._file}
        for person in directory.people():
            if _is_admin_everywhere(directory, person, ()):
                membership = self._hosts.membership(person, now, last_known=True)
                if membership is Membership.UNKNOWN and person not in named:
                    all_known = False
                elif membership is not Membership.GONE:
                    return True
        for group in [group for group, role in directory.groups().items() if role is Role.ADMIN]:
            is_found = self._has_an_admin(group, directory, now)
            if is_found:
                return True
            all_known = all_known and is_found is not None
        return False if all_known else None

    def _has_an_admin(self, group: str, directory: Directory, now: datetime) -> bool | None:
        """Whether a member of this group is an admin everywhere by it; None where Slack doesn't tell."""
        members = self._hosts.members_of(group, now, last_known=False)
        all_known = members is not None
        for person in sorted(members or ()):
            if _is_admin_everywhere(directory, person, {group}):
                membership = self._hosts.membership(person, now, last_known=False)
                if membership is Membership.FULL:
                    return True
                all_known = all_known and membership is not Membership.UNKNOWN
        return False if all_known else None

    def _groups_of(self, user_id: str, directory: Directory, now: datetime, last_known: bool) -> tuple[set[str], bool]:
        """The groups that give this person a role, and whether Slack told about all that could."""
        groups: set[str] = set()
        all_known = True
        for group, role in directory.groups().items():
            if all(has >= role for has in directory.roles(user_id, groups).values()):
                continue
            members = self._hosts.members_of(group, now, last_known=last_known)
            all_known = all_known and members is not None
            if user_id in (members or ()):
                groups.add(group)
        return groups, all_known


def _standing(roles: Mapping[str, Role], denied_because: RefusalReason = RefusalReason.NOT_PERMITTED) -> Standing:
    office = roles[""]
    return Standing(office, denied_because, {door: role for door, role in roles.items() if role is not office})


def _is_admin_everywhere(directory: Directory, person: str, groups: Collection[str]) -> bool:
    return min(directory.roles(person, groups).values()) is Role.ADMIN
