"""Who somebody is here."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from app.domain.audit import Action
from app.domain.office import People
from app.domain.outcomes import RefusalReason
from app.domain.permissions import Role, may
from app.ports import Hosts, Membership


@dataclass(frozen=True, slots=True)
class Standing:
    """A person's role, the reason that a refusal gives, and the role at doors where it is another."""

    role: Role
    denied_because: RefusalReason = RefusalReason.NOT_PERMITTED
    roles: Mapping[str, Role] = field(default_factory=dict)


class Roles:
    """Looks people up: in the file by id, then in the workspace, then in the user groups that the file names."""

    def __init__(self, people: People, hosts: Hosts) -> None:
        self._people = people
        self._hosts = hosts

    def standing(self, user_id: str, action: Action, now: datetime) -> Standing:
        """What this person may do. Asks Slack only about people whom the file does not name by id."""
        if user_id in self._people.admins:
            return Standing(Role.ADMIN)
        if user_id in self._people.hosts and may(Role.HOST, action):
            return Standing(Role.HOST)
        last_known = action is Action.LOCK  # locking is never a danger, even on an old answer from Slack
        named = Role.HOST if user_id in self._people.hosts else Role.NOBODY
        match self._hosts.membership(user_id, now, last_known=last_known):
            case Membership.FULL:
                role = self._role_by_group(user_id, now, last_known)
                unknown = RefusalReason.MEMBERSHIP_UNKNOWN
                return Standing(named, unknown) if role is None else Standing(max(named, role))
            case Membership.NOT_FULL:  # groups can hold guests: they have what they are named for, and no more
                return Standing(named, RefusalReason.NOT_PERMITTED if named else RefusalReason.NOT_FULL_MEMBER)
            case _:
                return Standing(named, RefusalReason.MEMBERSHIP_UNKNOWN)

    def _role_by_group(self, user_id: str, now: datetime, last_known: bool) -> Role | None:
        """The highest role that a group is known to give; None where none is, and Slack did not tell about all."""
        all_known = True
        for ids, role in ((self._people.admins, Role.ADMIN), (self._people.hosts, Role.HOST)):
            groups = [group for group in sorted(ids) if group.startswith("S")]
            is_member = bool(groups) and self._hosts.is_in_group(user_id, groups, now, last_known=last_known)
            if is_member:
                return role
            all_known = all_known and is_member is not None
        return Role.MEMBER if all_known else None
