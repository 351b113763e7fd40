"""Shows people their App Home, and again when something changed elsewhere, while they may still be looking.

One process does that for all, by a lease. A round costs a few round trips to the store, however many follow, and one
where nobody does; a view is made only where something changed that it depends on, and published only where it is
another one than the last.
"""

import json
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from hashlib import sha256
from typing import Any

from app.domain.audit import Action, Source
from app.domain.followers import Followers, HomeShown, Pace
from app.domain.homes import Home
from app.domain.outcomes import RefusalReason, Refused
from app.domain.people import Grants
from app.ports import OFFICE, Delivery, Hosts, Key, Published, Snapshot, Store
from app.usecases.homes import Homes, Sight
from app.usecases.leases import Leases
from app.usecases.marks import Mark, Marks
from app.usecases.requests import TRIES, Request, permit
from app.usecases.roles import PEOPLE, Roles

FOLLOWERS = Key[Followers]("followers")
LEASE = "homes"
ALL_RIGHTS = Action.LOCK_DOWN  # who asks for this is told all that they are

View = dict[str, Any]


def shown_key(who: str) -> Key[HomeShown]:
    """The record of what a person was shown."""
    return Key(f"home:{who}")


@dataclass(frozen=True)
class Views:
    """How a Home looks, and a refusal in its place."""

    home: Callable[[Home, datetime], View]
    refused: Callable[[Refused, datetime], View]


class Following:
    """Raises StoreUnavailable."""

    def __init__(
        self, store: Store, hosts: Hosts, roles: Roles, homes: Homes, marks: Marks, leases: Leases, views: Views
    ) -> None:
        self._store = store
        self._hosts = hosts
        self._roles = roles
        self._homes = homes
        self._marks = marks
        self._leases = leases
        self._views = views
        self._pace = Pace()
        self._known: dict[str, Mark] = {}  # what each follower's Home depended on when it was looked at last
        self._followers: frozenset[str] = frozenset()  # as of the last round

    def opened(self, request: Request) -> None:
        """Somebody opened their App Home: it is shown, and follows what happens for a while."""
        if self._sight(request, HomeShown(request.now)):
            self._note(request)
            self._followers |= {request.actor}
        else:
            permit(self._store, request, Action.STATUS)  # puts the refusal on record
        self._show(request, always=True)

    def chose(self, request: Request, door_id: str) -> None:
        """Somebody chose the door that the rest of their App Home is about."""
        key = shown_key(request.actor)
        for _ in range(TRIES):
            snapshot = self._store.read(OFFICE, key)
            chosen = replace(snapshot.get(key) or HomeShown(request.now), door=door_id, at=request.now)
            if self._store.commit(snapshot, {key: chosen}):
                break
        self.opened(request)

    def follows(self, who: str) -> bool:
        """Whether somebody opened their App Home lately, as far as this process has heard."""
        return who in self._followers

    def acted(self, request: Request) -> None:
        """Somebody who follows did something: their App Home tells so at once."""
        self._show(request)

    def follow(self, now: datetime) -> None:
        """One round: show each follower what is new there; who opened it last comes first."""
        snapshot = self._store.read(OFFICE, FOLLOWERS, PEOPLE)
        followers = (snapshot.get(FOLLOWERS) or Followers()).recent(now)
        self._followers = frozenset(each.who for each in followers)
        if not followers or not self._leases.hold(LEASE, now):
            self._known.clear()
            return
        granted = snapshot.get(PEOPLE) or Grants()
        requests = [self._request(granted, each.who, now) for each in reversed(followers)]
        requests = [each for each in requests if each.denied_because is not RefusalReason.MEMBERSHIP_UNKNOWN]
        marks = self._read_marks(requests, now) if requests else {}
        self._known = {who: mark for who, mark in self._known.items() if who in marks}
        for request in requests:
            mark = marks[request.actor]
            if self._known.get(request.actor) != mark:
                if not self._pace.has_room(now):
                    return
                if self._follow(request):
                    self._known[request.actor] = mark

    def _follow(self, request: Request) -> bool:
        """Show what is new to one follower; False where that has to be done again."""
        published = self._show(request)
        if published is None:
            return True
        self._pace.spend(request.now, published.retry_after)
        return published.delivery is not Delivery.TRY_LATER

    def _read_marks(self, requests: list[Request], now: datetime) -> dict[str, Mark]:
        """What each Home depends on."""
        shown = self._store.read(OFFICE, *(shown_key(request.actor) for request in requests))
        sights = [(request, self._sight(request, _shown(shown, request))) for request in requests]
        nothing: dict[str, Mark] = {request.actor: request.denied_because for request, sight in sights if sight is None}
        seen = [(request, sight) for request, sight in sights if sight]
        return nothing | (self._marks.marks(seen, now) if seen else {})

    def _show(self, request: Request, *, always: bool = False) -> Published | None:
        """Publish what this person sees; None where that is shown already."""
        published = self._publish(request, always=always)
        if published and published.is_overtaken:  # what is newer must not be replaced by what is older
            published = self._publish(request, always=True, knows_hash=False)
        return published

    def _publish(self, request: Request, *, always: bool, knows_hash: bool = True) -> Published | None:
        """Show the view. It is claimed before: nobody knows whether what a process that died was showing is shown."""
        key = shown_key(request.actor)
        for _ in range(TRIES):
            snapshot = self._store.read(OFFICE, key)
            shown = _shown(snapshot, request)
            view = self._view(request, shown)
            digest = sha256(json.dumps(view, sort_keys=True).encode()).hexdigest()[:16]
            if digest == shown.digest and not always:
                return None
            if self._store.commit(snapshot, {key: shown.claimed()}):
                break
        claimed = self._store.read(OFFICE, key)
        published = self._hosts.show_home(request.actor, view, shown.hash if knows_hash else "")
        if published.delivery is Delivery.DELIVERED and claimed.get(key) == shown.claimed():
            self._store.commit(claimed, {key: shown.showing(digest, published.hash, request.now)})
        return published

    def _view(self, request: Request, shown: HomeShown) -> View:
        sight = self._sight(request, shown)
        if sight is None:
            return self._views.refused(Refused(Action.STATUS, request.denied_because), request.now)
        return self._views.home(self._homes.home(request, sight), request.now)

    def _sight(self, request: Request, shown: HomeShown) -> Sight | None:
        return self._homes.sight(request, shown.door)

    def _request(self, granted: Grants, who: str, now: datetime) -> Request:
        standing = self._roles.standing_by(granted, who, ALL_RIGHTS, now)
        denied_because, roles = standing.denied_because, standing.roles
        return Request(who, standing.role, Source.SYSTEM, now, denied_because=denied_because, roles=roles)

    def _note(self, request: Request) -> None:
        """Remember that somebody opened their App Home."""
        for _ in range(TRIES):
            snapshot = self._store.read(OFFICE, FOLLOWERS)
            followers = snapshot.get(FOLLOWERS) or Followers()
            after = followers.opened(request.actor, request.now)
            if after is followers or self._store.commit(snapshot, {FOLLOWERS: after}):
                return


def _shown(snapshot: Snapshot, request: Request) -> HomeShown:
    return snapshot.get(shown_key(request.actor)) or HomeShown(request.now)
