"""Who may do what in the office of the year, as the judge has it: the file, what was granted, and what was revoked."""

from dataclasses import dataclass, field
from datetime import date, datetime
from zoneinfo import ZoneInfo

from tests.support import ADMIN, GUEST, HOST
from tests.year.facts import SECOND_ADMIN
from tests.year.wallclock import DAY, first_instant

MEMBER_RIGHTS, HOST_RIGHTS, ADMIN_RIGHTS = 1, 2, 3
FOR_ADMINS = {"lockdown", "lift", "grant", "revoke"}
GUESTS = {GUEST}


@dataclass
class Right:
    """A role that was given to somebody, at every door where `door` is ""; with no role it is a revocation."""

    who: str
    role: int
    door: str = ""
    until: datetime | None = None


@dataclass
class People:
    """Everybody's rights, oldest first: one counts unless a later revocation takes it away at that door."""

    zones: dict[str, ZoneInfo]  # of each door; and of the office, which is that of its first door
    rights: list[Right] = field(
        default_factory=lambda: [
            Right(ADMIN, ADMIN_RIGHTS),
            Right(SECOND_ADMIN, ADMIN_RIGHTS),
            Right(HOST, HOST_RIGHTS),
        ]
    )

    def say(self, words: list[str], user: str, now: datetime) -> str:
        """`grant front <@U0BEN0001|ben> admin until 2026-12-01`, `revoke <@U0BEN0001|ben>`; why it is refused."""
        verb, *rest = words
        door = "" if rest[0].startswith("<") else rest.pop(0)
        if why := self.refusal(user, door, now, verb):
            return why
        who, *rest = rest
        person = who.strip("<@>").partition("|")[0]
        if verb == "revoke":
            self.rights.append(Right(person, 0, door))
            return ""
        until = rest[rest.index("until") + 1] if "until" in rest else ""
        ends = first_instant(date.fromisoformat(until) + DAY, 0, self.zones[door]) if until else None
        self.rights.append(Right(person, ADMIN_RIGHTS if "admin" in rest else HOST_RIGHTS, door, ends))
        return ""

    def role(self, who: str, door: str, now: datetime) -> int:
        """What somebody is at a door."""
        roles = [0 if who in GUESTS else MEMBER_RIGHTS]
        for number, right in enumerate(self.rights):
            is_meant = right.who == who and right.door in ("", door) and (right.until is None or now < right.until)
            later = self.rights[number + 1 :]
            if is_meant and not any(each.who == who and not each.role and each.door in ("", door) for each in later):
                roles.append(right.role)
        return max(roles)

    def refusal(self, who: str, door: str, now: datetime, verb: str) -> str:
        """Why somebody may not do this; "" where they may."""
        role, needed = self.role(who, door, now), ADMIN_RIGHTS if verb in FOR_ADMINS else HOST_RIGHTS
        if role >= needed:
            return ""
        return "not_permitted" if role else "not_full_member"

    def is_admin(self, who: str, door: str, now: datetime) -> bool:
        return self.role(who, door, now) == ADMIN_RIGHTS
