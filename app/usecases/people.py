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
        named_host = user_id in self._people.hosts
        if named_host and may(Role.HOST, action):
            return Standing(Role.HOST)
        last_known = action is Action.LOCK  # locking is never a danger, even on an old answer from Slack
        if self._is_in_group(user_id, self._people.admins, now, last_known):
            return Standing(Role.ADMIN)
        if named_host or self._is_in_group(user_id, self._people.hosts, now, last_known):
            return Standing(Role.HOST)
        return self._member(user_id, now)

    def _is_in_group(self, user_id: str, ids: frozenset[str], now: datetime, last_known: bool) -> bool:
        groups = [group for group in sorted(ids) if group.startswith("S")]
        return bool(groups) and self._hosts.is_in_group(user_id, groups, now, last_known=last_known)

    def _member(self, user_id: str, now: datetime) -> Standing:
        match self._hosts.membership(user_id, now):
            case Membership.FULL:
                return Standing(Role.MEMBER)
            case Membership.NOT_FULL:
                return Standing(Role.NOBODY, RefusalReason.NOT_FULL_MEMBER)
            case _:
                return Standing(Role.NOBODY, RefusalReason.MEMBERSHIP_UNKNOWN)
