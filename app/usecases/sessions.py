"""Signing in without a password: a link that works once, and the session that comes of it.

A token is random, known to one browser, and stored as a hash.
"""

import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, cast

from app.domain.audit import Action, AuditEvent, Outcome, Source
from app.domain.errors import StoreUnavailable
from app.domain.known_doors import KnownDoors
from app.domain.office import Office
from app.domain.outcomes import RefusalReason, Refused
from app.domain.people import Grants
from app.domain.permissions import Role, may
from app.domain.proofs import Proofs, token_hash
from app.domain.receipts import Receipt
from app.domain.sessions import Link, Session
from app.ports import OFFICE, Key, Snapshot, Store
from app.usecases.past_doors import DOORS
from app.usecases.requests import TRIES, Change, Request, perform
from app.usecases.roles import PEOPLE, Roles

TOKEN_BYTES = 32


@dataclass(frozen=True, slots=True)
class Admin:
    """Who is signed in, and what of the log this person may read; `form_token` belongs into every form of a page."""

    user_id: str
    door_ids: tuple[str, ...]
    sees_office: bool
    form_token: str = field(default="", repr=False)
    name: str = ""


@dataclass(frozen=True, slots=True)
class SignedIn:
    """A new session; `token` is shown only to its browser."""

    token: str = field(repr=False)


class Sessions:
    """Links and sessions, in the office's records. Raises StoreUnavailable."""

    def __init__(self, store: Store, roles: Roles, office: Office, secret_keys: Sequence[str]) -> None:
        self._store = store
        self._roles = roles
        self._doors = office.doors
        self.proofs = Proofs(secret_keys)

    def invite(self, request: Request, answer: Callable[[str], str]) -> str:
        """What `answer` makes of a new link's token, for a request that is permitted.

        The same delivery again gets what it makes of "": the token must not lie readable in the store.
        """
        token = secrets.token_urlsafe(TOKEN_BYTES)
        link, receipt = _link(token), Key[Receipt](f"receipt:{request.delivery}")
        for _ in range(TRIES):
            snapshot = self._store.read(OFFICE, link, receipt)
            if request.delivery and (first := snapshot.get(receipt)):
                return first.answer
            kept = {receipt: Receipt(answer(""), request.now)} if request.delivery else {}
            if self._store.commit(snapshot, {link: Link(request.actor, request.now), **kept}):
                return answer(token)
        raise StoreUnavailable("too many commits at once")

    def look(self, token: str, now: datetime) -> str | Refused | None:
        """Whom a link would sign in; None for a link that is not ours. Changes nothing."""
        found = self._store.read(OFFICE, _link(token), PEOPLE, DOORS)
        link = found.get(_link(token))
        if link is None:
            return None
        admin = self._admin(found, link.user_id, now)
        return _over(link, now) or (admin if isinstance(admin, Refused) else link.user_id)

    def proof(self, token: str) -> str:
        """What the browser is given that opens a link, and must have when it signs in by it."""
        return self.proofs.opened(token, secrets.token_urlsafe(TOKEN_BYTES))

    def sign_in(
        self, token: str, now: datetime, refused_because: RefusalReason | None = None, earlier: str = ""
    ) -> SignedIn | Refused | None:
        """Use a link up for a new session; None for a link that is not ours. What is refused is on record.

        `refused_because`: why the request itself is not to be trusted. `earlier` is the browser's session, which ends.
        """
        found = self._store.read(OFFICE, _link(token), PEOPLE, DOORS)
        link = found.get(_link(token))
        if link is None:
            return None
        admin = self._admin(found, link.user_id, now)
        request = Request(link.user_id, Role.ADMIN, Source.WEB, now)
        keys = [_link(token), _session(earlier)] if earlier else [_link(token)]

        def act(snapshot: Snapshot) -> Change | Refused:
            link = snapshot.get(_link(token))
            if link is None:
                return Refused(Action.SIGN_IN, RefusalReason.LINK_OVER)
            if refused := _over(link, now):
                return refused
            if refused_because:
                return Refused(Action.SIGN_IN, refused_because)
            if isinstance(admin, Refused):
                return admin
            signed_in = SignedIn(secrets.token_urlsafe(TOKEN_BYTES))
            writes: dict[Key[Any], object | None] = {_session(earlier): None} if earlier else {}
            writes |= {_link(token): replace(link, used_at=now)}
            writes |= {_session(signed_in.token): Session(link.user_id, now, now)}
            return Change(signed_in, writes, [_of_admin(Action.SIGN_IN, admin, now)])

        return cast(SignedIn | Refused, perform(self._store, request, Action.SIGN_IN, "", act, *keys))

    def admin(self, token: str, now: datetime, *, counts_as_use: bool = True) -> Admin | Refused | None:
        """Who is signed in by this session, as their rights are now: one round trip. None where nobody is.

        A session ends with the right to read any log at all.
        """
        key = _session(token)
        found = self._store.read(OFFICE, key, PEOPLE, DOORS)
        session = found.get(key)
        if session is None or not session.is_live(now):
            return None
        admin = self._admin(found, session.user_id, now)
        if isinstance(admin, Refused):
            if admin.reason is not RefusalReason.MEMBERSHIP_UNKNOWN:
                self._end(key, _event(Action.SIGN_OUT, session.user_id, now, admin.reason))
            return admin
        if counts_as_use and not session.is_touched(now):
            self._store.commit(found, {key: replace(session, used_at=now)})  # who was first noted the same, or ended it
        return replace(admin, form_token=self.proofs.form_token(token))

    def sign_out(self, token: str, admin: Admin, now: datetime) -> None:
        """End a session."""
        self._end(_session(token), _of_admin(Action.SIGN_OUT, admin, now))

    def _end(self, key: Key[Session], event: AuditEvent) -> None:
        for _ in range(TRIES):
            snapshot = self._store.read(OFFICE, key)
            if snapshot.get(key) is None:
                return
            if self._store.commit(snapshot, {key: None}, [event]):
                return
        raise StoreUnavailable("too many commits at once")

    def _admin(self, found: Snapshot, user_id: str, now: datetime) -> Admin | Refused:
        """What somebody may read of the log; Refused where that is nothing."""
        standing = self._roles.standing_by(found.get(PEOPLE) or Grants(), user_id, Action.LOG, now)
        sees_office = may(standing.role, Action.LOG)
        past = (found.get(DOORS) or KnownDoors()).past(self._doors) if sees_office else {}
        doors = (*self._doors, *past)
        door_ids = tuple(each for each in doors if may(standing.roles.get(each, standing.role), Action.LOG))
        if not (sees_office or door_ids):
            return Refused(Action.SIGN_IN, standing.denied_because)
        return Admin(user_id, door_ids, sees_office)


def _of_admin(action: Action, admin: Admin, now: datetime) -> AuditEvent:
    """What somebody did; with their doors where they don't read all."""
    return _event(action, admin.user_id, now, doors="" if admin.sees_office else ", ".join(admin.door_ids))


def _event(action: Action, user_id: str, now: datetime, reason: str = "", doors: str = "") -> AuditEvent:
    details = {"doors": doors} if doors else {}
    return AuditEvent(now, "", action, Outcome.DONE, reason, user_id, Source.WEB, details=details)


def _over(link: Link, now: datetime) -> Refused | None:
    if link.used_at:
        return Refused(Action.SIGN_IN, RefusalReason.LINK_USED)
    return None if link.is_live(now) else Refused(Action.SIGN_IN, RefusalReason.LINK_OVER)


def _link(token: str) -> Key[Link]:
    return Key(f"link:{token_hash(token)}")


def _session(token: str) -> Key[Session]:
    return Key(f"session:{token_hash(token)}")
