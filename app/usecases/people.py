"""Grant and revoke rights, and say who has which."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from app.domain import people_sentences
from app.domain.audit import Action, Outcome, Source
from app.domain.doors import Door
from app.domain.errors import InvalidInput
from app.domain.grant_terms import GRANT_EXAMPLE, parse_wanted, parse_whom
from app.domain.notices import Notice
from app.domain.outcomes import Granted, ListedRight, PeopleListed, RefusalReason, Refused, Revoked
from app.domain.people import Directory, Grant, Grants, Revocation, is_group
from app.domain.permissions import Role, may
from app.domain.phrases import mention
from app.ports import Hosts, Key, Membership, Snapshot, Store
from app.usecases.requests import Change, Request, perform
from app.usecases.roles import PEOPLE, Roles
from app.usecases.unlocks import new_notice_key

MOST_GRANTS = 500

Act = Callable[[Grants], Change | Refused]


class People:
    """What `doorbot.toml` says of people, changed without editing it. All may raise StoreUnavailable."""

    def __init__(
        self, store: Store, roles: Roles, hosts: Hosts, doors: Mapping[str, Door], tell: Callable[[], None]
    ) -> None:
        self._store = store
        self._roles = roles
        self._hosts = hosts
        self._doors = doors
        self._tell = tell

    def grant(self, request: Request, door_id: str, text: str) -> object:
        """Make a person or a group host or admin of a door, "" of all: Granted, Refused or Repeated."""

        def act(granted: Grants) -> Change | Refused:
            doors, now = self._at(door_id), request.now
            wanted = parse_wanted(text, now, doors[0].hours.timezone)
            if wanted.until and wanted.until <= now:
                return Refused(Action.GRANT, RefusalReason.PAST, hint=f"That time has passed. {GRANT_EXAMPLE}")
            right = Grant(wanted.who, wanted.role, request.actor, now, door_id, wanted.until)
            outcome = self._found(Granted(doors, right), now)
            if isinstance(outcome, Refused):
                return outcome
            if already := self._roles.directory(granted, now).already(right):
                return _granted(request, replace(outcome, right=already, kept=True), granted)
            return _granted(request, outcome, granted)

        return self._perform(request, Action.GRANT, door_id, act)

    def revoke(self, request: Request, door_id: str, text: str) -> object:
        """Take every right at a door, "" at all, whatever the file and groups say: Revoked, Refused or Repeated."""

        def act(granted: Grants) -> Change | Refused:
            who, now = parse_whom(text), request.now
            before = self._roles.directory(granted, now)
            revocation = Revocation(who, request.actor, now, door_id)
            outcome = Revoked(self._at(door_id), revocation, not _could_have(before, who, door_id))
            after = granted.with_revocation(revocation, now)
            if outcome.had_none:
                return _revoked(request, outcome, {})
            if refused := self._keep_admins(request, granted, after, revocation):
                return refused
            return _revoked(request, outcome, {PEOPLE: after})

        return self._perform(request, Action.REVOKE, door_id, act)

    def list(self, request: Request, doors: Sequence[Door]) -> PeopleListed:
        """Who may do what at these doors, for a request that is permitted."""
        granted, everywhere = self._roles.granted(), len(doors) == len(self._doors)
        directory = self._roles.directory(granted, request.now)
        places = [door.id for door in doors] + [""] * everywhere
        rights = [each for each in directory.rights if any(directory.counts(each, place) for place in places)]
        rights.sort(key=lambda each: (-each.role.role, is_group(each.who), each.who, each.door))
        shown = (each for each in rights if not any(other.beyond(each) for other in rights))
        revocations = tuple(each for each in granted.revocations if each.door in ("", *places))
        for group in directory.groups():  # before the people: an answer of Slack's about them is worth most
            self._hosts.members_of(group, request.now, last_known=False)
        listed = tuple(self._listed(each, directory, request.now) for each in shown)
        return PeopleListed(tuple(doors), everywhere, listed, revocations)

    def _listed(self, right: Grant, directory: Directory, now: datetime) -> ListedRight:
        if not is_group(right.who):
            said = self._hosts.membership(right.who, now, last_known=True)
            return ListedRight(right, is_gone=said is Membership.GONE)
        members = self._hosts.members_of(right.who, now, last_known=False)
        if members is None:
            return ListedRight(right)
        kept = (each for each in members if directory.role(each, right.door, {right.who}))
        return ListedRight(right, members=frozenset(kept))

    def _at(self, door_id: str) -> tuple[Door, ...]:
        return (self._doors[door_id],) if door_id else tuple(self._doors.values())

    def _perform(self, request: Request, action: Action, door_id: str, act: Act) -> object:
        """What is granted is the office's record, so it is carried out there, with the role at that door."""

        def checked(snapshot: Snapshot) -> Change | Refused:
            granted = snapshot.get(PEOPLE) or Grants()
            return self._refused(request, action, door_id, granted) or act(granted)

        asker = replace(request, role=request.role_at(door_id), roles={})
        outcome = perform(self._store, asker, action, "", checked, PEOPLE)
        self._tell()
        return outcome

    def _refused(self, request: Request, action: Action, door_id: str, granted: Grants) -> Refused | None:
        """Whether the asker may do that by what holds at this very moment, and everywhere where it is to hold."""
        standing = (
            self._roles.standing_by(granted, request.actor, action, request.now, door_id)
            if request.source is Source.SLACK
            else request
        )
        role = standing.roles.get(door_id, standing.role)
        if not may(role, action):
            return Refused(action, standing.denied_because)
        if not door_id and not all(may(each, action) for each in standing.roles.values()):
            example = f"Name one, such as `/frontdoor {action} {next(iter(self._doors))} @ben`."
            hint = f"You aren't an admin of every door. {example}"
            return Refused(action, RefusalReason.NOT_PERMITTED, hint=hint)
        return None

    def _found(self, outcome: Granted, now: datetime) -> Granted | Refused:
        """The outcome with what Slack says of whom it concerns."""
        who = outcome.right.who
        if is_group(who):
            members = self._hosts.members_of(who, now, last_known=False)
            return _unknown(who) if members is None else replace(outcome, members=len(members))
        match self._hosts.membership(who, now, last_known=False):
            case Membership.UNKNOWN:
                return _unknown(who)
            case Membership.GONE:
                hint = f"{mention(who)} has left this workspace, or is an app. {GRANT_EXAMPLE}"
                return Refused(Action.GRANT, RefusalReason.GONE, hint=hint)
            case membership:
                return replace(outcome, is_guest=membership is Membership.NOT_FULL)

    def _keep_admins(self, request: Request, before: Grants, after: Grants, revocation: Revocation) -> Refused | None:
        """Nobody is left without an admin, and an admin of one door takes nothing from those of every door."""
        who, now = revocation.who, request.now
        if not self._may_be_admin(before, who, now):
            return None
        if revocation.door and request.role < Role.ADMIN:
            hint = f"{mention(who)} is an admin of every door: only another one can revoke that. Ask one."
            return Refused(Action.REVOKE, RefusalReason.NOT_PERMITTED, hint=hint)
        match self._roles.keeps_an_admin(after, now):
            case True:
                return None
            case None:
                hint = "I couldn't check with Slack whether an admin would be left, so nothing was revoked. "
                return Refused(
                    Action.REVOKE, RefusalReason.MEMBERSHIP_UNKNOWN, hint=hint + "Please try again in a minute."
                )
        hint = f"Without {mention(who)} nobody would be an admin for good, so nothing was revoked. "
        return Refused(
            Action.REVOKE, RefusalReason.LAST_ADMIN, hint=hint + "First try `/frontdoor grant @ana admin`, then again."
        )

    def _may_be_admin(self, granted: Grants, who: str, now: datetime) -> bool:
        """Whether an id is an admin of the office, by name or perhaps by a group."""
        directory = self._roles.directory(granted, now)
        if directory.role(who, "") is Role.ADMIN:
            return True
        groups = {each for each, role in directory.groups().items() if role is Role.ADMIN}
        members = {each: self._hosts.members_of(each, now, last_known=False) for each in sorted(groups)}
        possible = {each for each, ids in members.items() if ids is None or who in ids}
        return directory.role(who, "", possible) is Role.ADMIN


def _could_have(directory: Directory, who: str, door_id: str) -> bool:
    """Whether an id has a right there, or a person would have one by being in a group."""
    groups = frozenset() if is_group(who) else directory.groups().keys()
    found = [directory.role(who, door_id, groups)] if door_id else directory.roles(who, groups).values()
    return any(found)


def _unknown(who: str) -> Refused:
    hint = f"I couldn't ask Slack about {mention(who)}, so nothing was granted. Please try again in a minute."
    return Refused(Action.GRANT, RefusalReason.MEMBERSHIP_UNKNOWN, hint=hint)


def _granted(request: Request, outcome: Granted, granted: Grants) -> Change:
    right = outcome.right
    details = {"who": right.who, "role": right.role.value} | ({"at": right.door} if right.door else {})
    details |= {"until": right.until.isoformat()} if right.until else {}
    reason = "already_granted" if outcome.kept else ""
    event = request.event(Action.GRANT, Outcome.DONE, door="", reason=reason, details=details)
    if outcome.kept:
        return Change(outcome, {}, [event])
    if len(granted.grants) >= MOST_GRANTS:
        raise InvalidInput(
            f"{MOST_GRANTS} rights are granted already. Revoke some, or grant a whole user group: "
            "`/frontdoor grant @reception`."
        )
    writes: dict[Key[Any], object] = {PEOPLE: granted.with_grant(right, request.now)}
    if not is_group(right.who) and right.who != request.actor:
        told = people_sentences.told(outcome, request.now)
        writes[new_notice_key()] = Notice(right.who, told, request.now)
    return Change(outcome, writes, [event])


def _revoked(request: Request, outcome: Revoked, writes: Mapping[Key[Any], object]) -> Change:
    revocation = outcome.revocation
    details = {"who": revocation.who} | ({"at": revocation.door} if revocation.door else {})
    reason = "not_granted" if outcome.had_none else ""
    event = request.event(Action.REVOKE, Outcome.DONE, door="", reason=reason, details=details)
    return Change(outcome, writes, [event])
