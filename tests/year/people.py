"""Who may do what in the office of the year, as the judge has it: the file, what was granted, and what was revoked."""

from dataclasses import dataclass, field
from datetime import datetime

from tests.support import ADMIN, GUEST, HOST
from tests.year.facts import SECOND_ADMIN

MEMBER_RIGHTS, HOST_RIGHTS, ADMIN_RIGHTS = 1, 2, 3
FOR_ADMINS = {"lockdown", "lift", "grant", "revoke"}
GUESTS = {GUEST}


@dataclass
class Grant:
    """A role that was given to somebody; at every door where `door` is ""."""

    who: str
    role: int
    door: str
    until: datetime | None


@dataclass
class People:
    """Everybody's role. What was revoked counts no more, until it is granted again."""

    grants: list[Grant] = field(default_factory=list)
    revoked: list[tuple[str, str]] = field(default_factory=list)  # who, at which door ("": everywhere)

    def role(self, who: str, door: str, now: datetime) -> int:
        """What somebody is at a door."""
        is_revoked = any((who, where) in self.revoked for where in ("", door))
        by_file = ADMIN_RIGHTS if who in (ADMIN, SECOND_ADMIN) else HOST_RIGHTS if who == HOST else 0
        granted = [
            grant.role
            for grant in self.grants
            if grant.who == who and grant.door in ("", door) and (grant.until is None or now < grant.until)
        ]
        nothing = 0 if who in GUESTS else MEMBER_RIGHTS
        return max([nothing, 0 if is_revoked else by_file, *granted])

    def refusal(self, who: str, door: str, now: datetime, verb: str) -> str:
        """Why somebody may not do this; "" where they may."""
        role, needed = self.role(who, door, now), ADMIN_RIGHTS if verb in FOR_ADMINS else HOST_RIGHTS
        if role >= needed:
            return ""
        return "not_permitted" if role else "not_full_member"

    def is_admin(self, who: str, door: str, now: datetime) -> bool:
        return self.role(who, door, now) == ADMIN_RIGHTS
