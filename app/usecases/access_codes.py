"""Access codes: issue, revoke and list them; and what a visitor keys in.

Whoever holds a visitor uses `hashes` once for six keyed digits, outside the loop that commits, because it is slow; and
inside that loop `use_code`, against a snapshot with CODES and TRIES_KEY. Its writes and its event are committed
together with the visit, so that digits are tried once, and calls at the same time not more often than is allowed.
"""

import secrets
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from typing import Any

from app.domain import code_sentences
from app.domain.access_codes import (
    CODE_DIGITS,
    MOST_CODES,
    AccessCode,
    CodeTry,
    DoorCodes,
    Hashes,
    WrongTries,
    is_trivial,
    try_code,
)
from app.domain.audit import Action, AuditEvent, Outcome, Source
from app.domain.code_hashes import CodeHasher
from app.domain.code_terms import checked_name, parse_terms
from app.domain.doors import Door
from app.domain.errors import InvalidInput
from app.domain.notices import Notice
from app.domain.outcomes import CodeIssued, CodeRevoked, DoorCodesListed, RefusalReason, Refused
from app.domain.permissions import Role
from app.domain.phrases import the
from app.ports import Key, Snapshot, Store, partition
from app.usecases.each import at_each
from app.usecases.planned import SCHEDULES, as_planned
from app.usecases.requests import Change, Request, perform
from app.usecases.unlocks import new_notice_key

CODES = Key[DoorCodes]("codes")
TRIES_KEY = Key[WrongTries]("tries")
ONLY_ADMINS = "Only admins can issue codes for any hour. Leave out `at any hour`, or ask an admin."

Act = Callable[[Door, Snapshot], Change | Refused]


class AccessCodes:
    """Each door has codes of its own. May raise StoreUnavailable."""

    def __init__(self, store: Store, hasher: CodeHasher) -> None:
        self._store = store
        self._hasher = hasher

    def issue(self, request: Request, doors: Sequence[Door], text: str) -> list[object]:
        """A new code for each of `doors`, as "FedEx until friday" asks: CodeIssued, Refused, Repeated, NotReached."""
        return self._each(
            request, Action.ISSUE_CODE, doors, lambda door, found: self._issue(request, door, text, found)
        )

    def revoke(self, request: Request, doors: Sequence[Door], name: str) -> list[object]:
        """End the code of this name at each of `doors`: CodeRevoked, Refused, Repeated or NotReached."""
        return self._each(request, Action.REVOKE_CODE, doors, lambda door, found: _revoke(request, door, name, found))

    def codes(self, request: Request, doors: Sequence[Door]) -> list[DoorCodesListed]:
        """The live codes of each of `doors`, for a request that is permitted."""
        found = self._store.read_many([(partition(door.id), [CODES, TRIES_KEY]) for door in doors])
        return [_listed(door, snapshot, request.now) for door, snapshot in zip(doors, found, strict=True)]

    def hashes(self, door: Door, digits: str, snapshot: Snapshot, now: datetime) -> Hashes:
        """What `use_code` compares: about 50 ms for each SECRET_KEY, and nothing in a lockout."""
        locked_out = (snapshot.get(TRIES_KEY) or WrongTries()).lockout_ends(now)
        return {} if locked_out else self._hasher.hashes(door.id, digits)

    def veiled(self, visit_id: str, digits: str) -> str:
        """Digits that were begun, as they may be stored."""
        return self._hasher.veil(visit_id, digits)

    def unveiled(self, visit_id: str, veiled: str) -> str:
        """The digits that were begun."""
        return self._hasher.unveil(visit_id, veiled)

    def _each(self, request: Request, action: Action, doors: Sequence[Door], act: Act) -> list[object]:
        def at(door: Door) -> object:
            return perform(self._store, request, action, door.id, partial(act, door), CODES, SCHEDULES)

        return at_each(doors, at)

    def _issue(self, request: Request, door: Door, text: str, snapshot: Snapshot) -> Change | Refused:
        now, codes = request.now, snapshot.get(CODES) or DoorCodes()
        terms = parse_terms(text, as_planned(door, snapshot).hours, now)
        if terms.expires_at <= now:
            return Refused(Action.ISSUE_CODE, RefusalReason.PAST, door)
        if terms.any_hour and request.role_at(door.id) < Role.ADMIN:
            return Refused(Action.ISSUE_CODE, RefusalReason.NOT_PERMITTED, door, ONLY_ADMINS)
        _check_room(codes, terms.name, door, now)
        digits, hashed = self._draw(door, codes)
        code = AccessCode(
            terms.name, hashed, self._hasher.key_id, request.actor, now, terms.expires_at, terms.any_hour, terms.uses
        )
        details: dict[str, str | int] = {"name": code.name, "until": code.expires_at.isoformat()}
        details |= {"hours": "any" if code.any_hour else "working"}
        details |= {} if terms.uses is None else {"uses": terms.uses}
        event = request.event(Action.ISSUE_CODE, Outcome.DONE, door=door.id, details=details)
        issued = CodeIssued(door, code, digits)
        return Change(issued, {CODES: codes.with_code(code, now)}, [event], kept=replace(issued, digits=""))

    def _draw(self, door: Door, codes: DoorCodes) -> tuple[str, str]:
        """Six digits that no other code of the door has, and their hash."""
        while True:
            digits = f"{secrets.randbelow(10**CODE_DIGITS):0{CODE_DIGITS}}"
            if is_trivial(digits):
                continue
            hashes = self._hasher.hashes(door.id, digits)
            if not any(code.matches(hashes) for code in codes.codes):
                return digits, hashes[self._hasher.key_id]


def _listed(door: Door, snapshot: Snapshot, now: datetime) -> DoorCodesListed:
    codes, tries = snapshot.get(CODES) or DoorCodes(), snapshot.get(TRIES_KEY) or WrongTries()
    return DoorCodesListed(door, codes.live(now), tries.lockout_ends(now))


def _check_room(codes: DoorCodes, name: str, door: Door, now: datetime) -> None:
    the_door = the(door)
    if taken := codes.named(name, now):
        example = f"Try another name, or `code revoke {taken.name}` first."
        raise InvalidInput(f"There is a code {taken.name} for {the_door} already. {example}")
    live = codes.live(now)
    if len(live) >= MOST_CODES:
        example = f"Revoke one first, such as `code revoke {live[0].name}`."
        raise InvalidInput(
            f"There are {MOST_CODES} codes for {the_door} already, and more would help guessers. {example}"
        )


def _revoke(request: Request, door: Door, name: str, snapshot: Snapshot) -> Change:
    codes = snapshot.get(CODES) or DoorCodes()
    if not name:
        raise InvalidInput("Which code? Try `code revoke FedEx`; `code` lists those there are.")
    code = codes.named(checked_name(name), request.now)
    if code is None:
        raise InvalidInput(f"There is no code {name} for {the(door)}. Try `code` to see those there are.")
    event = request.event(Action.REVOKE_CODE, Outcome.DONE, door=door.id, details={"name": code.name})
    return Change(CodeRevoked(door, code), {CODES: codes.without(code)}, [event])


@dataclass(frozen=True)
class Keyed:
    """What came of six keyed digits, and what is to be committed for it together with the visit."""

    attempt: CodeTry
    writes: Mapping[Key[Any], object]
    event: AuditEvent


def use_code(snapshot: Snapshot, door: Door, hashes: Hashes, visit_id: str, now: datetime) -> Keyed:
    """Try what was keyed against the door's CODES and TRIES_KEY as they are in `snapshot`.

    `attempt.result` RIGHT: release the door, by `attempt.code`; otherwise the visitor goes on to a human.
    `attempt.tell`: a notice is among the writes, and the background is to be woken after the commit.
    """
    codes, tries = snapshot.get(CODES) or DoorCodes(), snapshot.get(TRIES_KEY) or WrongTries()
    attempt = try_code(door, codes, tries, hashes, now)
    writes: dict[Key[Any], object] = {}
    if attempt.codes is not codes:
        writes[CODES] = attempt.codes
    if attempt.tries is not tries:
        writes[TRIES_KEY] = attempt.tries
    if attempt.tell and door.channel:
        writes[new_notice_key()] = lockout_notice(door, attempt.tries, now)
    return Keyed(attempt, writes, _used(attempt, door, visit_id, now))


def lockout_notice(door: Door, tries: WrongTries, now: datetime) -> Notice:
    """What the door's channel is told of a lockout."""
    return Notice(door.channel, code_sentences.lockout(door, the(door), tries, now), now)


def _used(attempt: CodeTry, door: Door, visit_id: str, now: datetime) -> AuditEvent:
    """Every use and every wrong try is on record, under the code's name where there is one; never with digits."""
    code, outcome = attempt.code, Outcome.RELEASED if attempt.code else Outcome.DENIED
    ends = attempt.tries.lockout_ends(now) if attempt.locked_out else None
    details = ({"name": code.name} if code else {}) | ({"until": ends.isoformat()} if ends else {})
    by = code.by if code else ""
    return AuditEvent(
        now, door.id, Action.USE_CODE, outcome, attempt.result, by, Source.VOICE, visit_id, details=details
    )
