"""Who somebody is here."""

from dataclasses import dataclass
from datetime import datetime

from app.domain.audit import Action
from app.domain.office import People
from app.domain.outcomes import RefusalReason
from app.domain.permissions import Role, may
from app.ports import Hosts, Membership


@dataclass(frozen=True, slots=True)
class Standing:
    """A person's role, and the reason that a refusal gives."""

    role: Role
    denied_because: RefusalReason = RefusalReason.NOT_PERMITTED


class Roles:
    """Looks people up: in the file by id, then in its user groups, then in the workspace."""

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
                return Standing(max(named, self._role_by_group(user_id, now, last_known)))
            case Membership.NOT_FULL:  # groups can hold guests: they have what they are named for, and no more
                return Standing(named, RefusalReason.NOT_PERMITTED if named else RefusalReason.NOT_FULL_MEMBER)
            case _:
                return Standing(named, RefusalReason.MEMBERSHIP_UNKNOWN)

    def _role_by_group(self, user_id: str, now: datetime, last_known: bool) -> Role:
        for ids, role in ((self._people.admins, Role.ADMIN), (self._people.hosts, Role.HOST)):
            groups = [group for group in sorted(ids) if group.startswith("S")]
            if groups and self._hosts.is_in_group(user_id, groups, now, last_known=last_known):
                return role
        return Role.MEMBER
