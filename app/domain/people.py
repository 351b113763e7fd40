"""Who may do what, and from where: the rights that doorbot.toml names, those granted since, and what was revoked.

A right belongs to a person's id (U…, W…) or to a user group's (S…), at one door or ("") everywhere. Strongest first:
1. what was granted after the last revocation of that id; it counts as it was granted, and for nothing more;
2. a revocation: by it neither the file nor a group gives that person anything, at that door or everywhere;
3. what the file names, by id or by group, and what was granted to a group.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from enum import StrEnum

from app.domain.doors import Door
from app.domain.office import People
from app.domain.permissions import Role

FROM_THE_FILE = datetime.min.replace(tzinfo=UTC)  # older than every revocation
NO_GROUPS: frozenset[str] = frozenset()


class Given(StrEnum):
    """A role that can be named in the file and granted."""

    HOST = "host"
    ADMIN = "admin"

    @property
    def role(self) -> Role:
        return Role[self.name]


@dataclass(frozen=True, slots=True)
class Grant:
    """A right: whose, which, by whom ("" is the file) and since when; until when it lasts, None for good."""

    who: str
    role: Given
    by: str
    at: datetime
    door: str = ""
    until: datetime | None = None

    @property
    def is_from_file(self) -> bool:
        return not self.by

    def is_live(self, now: datetime) -> bool:
        return self.until is None or now < self.until

    def contains(self, other: "Grant") -> bool:
        """Whether it gives at least what another right of the same id gives: where, what, and how long."""
        lasts = self.until is None or (other.until is not None and other.until <= self.until)
        return self.who == other.who and covers(self.door, other.door) and self.role.role >= other.role.role and lasts

    def beyond(self, other: "Grant") -> bool:
        """Whether it gives all that another one gives, and more."""
        return self.contains(other) and not other.contains(self)


@dataclass(frozen=True, slots=True)
class Revocation:
    """Since then an id has no right at a door ("" everywhere) but those that were granted later."""

    who: str
    by: str
    at: datetime
    door: str = ""


@dataclass(frozen=True, slots=True)
class Grants:
    """What was granted and revoked; the absent record is nothing."""

    grants: tuple[Grant, ...] = ()
    revocations: tuple[Revocation, ...] = ()

    def moment(self, now: datetime) -> datetime:
        """When something new is dated: after all that is there, whatever other processes' clocks show."""
        dates = [each.at for each in self.grants] + [each.at for each in self.revocations]
        return max(now, max(dates, default=FROM_THE_FILE) + timedelta.resolution)

    def with_grant(self, grant: Grant, now: datetime) -> "Grants":
        """With another right; those that it contains, and those that are over, are dropped."""
        kept = (each for each in self.grants if each.is_live(now) and not grant.contains(each))
        return replace(self, grants=(*kept, replace(grant, at=self.moment(now))))

    def with_revocation(self, revocation: Revocation, now: datetime) -> "Grants":
        """With a revocation; what it ends or contains, and rights that are over, are dropped."""

        def stays(each: Grant | Revocation) -> bool:
            return not (each.who == revocation.who and covers(revocation.door, each.door))

        return Grants(
            tuple(each for each in self.grants if each.is_live(now) and stays(each)),
            (*(each for each in self.revocations if stays(each)), replace(revocation, at=self.moment(now))),
        )


def covers(scope: str, door_id: str) -> bool:
    """Whether what holds for `scope`, a door's id or "" for everywhere, holds at a door, or for "" everywhere."""
    return scope in ("", door_id)


def named_in_file(people: People, doors: Iterable[Door]) -> tuple[Grant, ...]:
    """The rights that `doorbot.toml` names, for every door and for single ones."""
    named = [("", people.admins, people.hosts), *((door.id, door.admins, door.hosts) for door in doors)]
    return tuple(
        Grant(who, role, "", FROM_THE_FILE, door_id)
        for door_id, admins, hosts in named
        for role, ids in ((Given.ADMIN, admins), (Given.HOST, hosts))
        for who in sorted(ids)
    )


@dataclass(frozen=True)
class Directory:
    """All rights that are not over, and what was revoked of them."""

    rights: tuple[Grant, ...]
    revocations: tuple[Revocation, ...]

    @classmethod
    def at(cls, named: Iterable[Grant], record: Grants, now: datetime) -> "Directory":
        """What counts at `now`."""
        return cls((*named, *(each for each in record.grants if each.is_live(now))), record.revocations)

    def counts(self, right: Grant, door_id: str) -> bool:
        """Whether a right gives something at a door, or with "" everywhere: no later revocation takes it away."""
        return covers(right.door, door_id) and not any(
            each.who == right.who and covers(each.door, door_id) and each.at >= right.at for each in self.revocations
        )

    def role(self, person: str, door_id: str, groups: Collection[str] = NO_GROUPS) -> Role:
        """What a member of these groups is at a door, or with "" in the office, by their rights alone."""
        revoked = any(each.who == person and covers(each.door, door_id) for each in self.revocations)
        owners = {person} if revoked else {person, *groups}
        roles = (each.role.role for each in self.rights if each.who in owners and self.counts(each, door_id))
        return max(roles, default=Role.NOBODY)

    def roles(self, person: str, groups: Collection[str] = NO_GROUPS) -> dict[str, Role]:
        """The same in the office ("") and at each door where it may be another."""
        owners = {person, *groups}
        places = {each.door for each in self.rights if each.who in owners}
        places |= {each.door for each in self.revocations if each.who in owners}
        return {door_id: self.role(person, door_id, groups) for door_id in sorted({"", *places})}

    def already(self, wanted: Grant) -> Grant | None:
        """A right that gives all that is wanted, everywhere where it is wanted."""
        places = {wanted.door, *(each.door for each in self.revocations if covers(wanted.door, each.door))}
        same = (each for each in self.rights if each.contains(wanted))
        return next((each for each in same if all(self.counts(each, door_id) for door_id in places)), None)

    def groups(self) -> Mapping[str, Role]:
        """The user groups that give a role somewhere, and the highest one; those that give most come first."""
        highest: dict[str, Role] = {}
        for right in self.rights:
            if is_group(right.who) and self.counts(right, right.door):
                highest[right.who] = max(right.role.role, highest.get(right.who, Role.NOBODY))
        return dict(sorted(highest.items(), key=lambda each: (-each[1], each[0])))

    def people(self) -> list[str]:
        """Everybody who has a right by id."""
        return sorted({each.who for each in self.rights if not is_group(each.who)})

    def held(self, who: str, door_id: str) -> list[Grant]:
        """The rights of an id that count at a door; with "" at any."""
        mine = (each for each in self.rights if each.who == who)
        return [each for each in mine if (not door_id and self.counts(each, each.door)) or self.counts(each, door_id)]


def is_group(who: str) -> bool:
    """Whether an id is a user group's."""
    return who.startswith("S")
