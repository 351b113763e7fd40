"""Lockdown of every door, and its end: declared in the office's records first, then carried out door by door.

Whichever process comes across a declaration that is not complete goes on with it. What was done at a door after the
declaration, or a later one, counts there: each door knows up to which number declarations are settled.
"""

import logging
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from app.domain import lockdown_sentences
from app.domain.audit import Action, AuditEvent, Outcome
from app.domain.doors import Door, DoorState, Lockdown
from app.domain.errors import StoreUnavailable
from app.domain.lockdowns import Declaration, LockdownTerms, Progress, locked_down, parse_terms, stronger
from app.domain.notices import Notice
from app.domain.outcomes import EveryDoor, LockedDown, RefusalReason, Refused
from app.domain.permissions import Role, may
from app.domain.receipts import Receipt
from app.ports import OFFICE, Committed, Key, Snapshot, Store, partition
from app.usecases.announcements import announcement
from app.usecases.lockdowns import DECLARATION, TIME_HAS_COME, declared, ended, terms_of
from app.usecases.requests import TRIES, Change, Request, perform
from app.usecases.unlocks import STATE, new_notice_key

logger = logging.getLogger(__name__)

AT_ONCE_SECONDS = 1.5  # so long somebody waits for the doors; the rest of them follow in the background
RESUMED_AFTER = timedelta(seconds=3)  # whoever declared it is at it still

Words = Callable[[Declaration, Door], str]


class Declarations:
    """`lock_down` and `lift` return an outcome; everything raises StoreUnavailable."""

    def __init__(self, store: Store, doors: Mapping[str, Door], tell: Callable[[], None]) -> None:
        self._store = store
        self._doors = doors
        self._tell = tell

    def lock_down(self, request: Request, text: str) -> object:
        """Nothing releases any door from now on: EveryDoor, Refused or Repeated."""
        zones = {door.hours.timezone for door in self._doors.values()}
        read = (parse_terms(text, request.now, zone) for zone in zones)  # 18:00 is over where that comes last
        terms = max(read, key=lambda terms: terms.ends_at or request.now)

        def words(declaration: Declaration, door: Door) -> str:
            return lockdown_sentences.declared_everywhere(declaration, door, request.now, is_zoned=len(zones) > 1)

        return self._declare(request, Action.LOCK_DOWN, terms, list(self._doors.values()), words)

    def lift(self, request: Request) -> object:
        """What was in force before counts again at every door: EveryDoor, Refused or Repeated."""
        with suppress(StoreUnavailable, ValueError):
            self._end(request.now)  # of one whose time has come the lift would be the end that nobody is told of
        locked = self._in_lockdown(request.now)

        def words(declaration: Declaration, _: Door) -> str:
            return lockdown_sentences.lifted_everywhere(declaration.by)

        return self._declare(request, Action.LIFT, LockdownTerms(""), locked, words)

    def resume(self, now: datetime) -> None:
        """Go on with what is not complete, and tell once that the time of a lockdown has come."""
        declaration = self._store.read(OFFICE, DECLARATION).get(DECLARATION)
        if declaration is None:
            return
        if declaration.has_ended(now):
            self._end(now)
        elif declaration.pending and now >= declaration.at + RESUMED_AFTER:
            self._confirm(declaration, self._carry_out(declaration, now), now, {})

    def _in_lockdown(self, now: datetime) -> list[Door]:
        """The doors at which a lockdown holds, or may hold soon."""
        newest = self._store.read(OFFICE, DECLARATION).get(DECLARATION)
        pending = newest.pending if newest and newest.action is Action.LOCK_DOWN else ()
        try:
            held = self._held(now)
        except (StoreUnavailable, ValueError):  # of some doors: for all that can be seen it is each of them
            held = list(self._doors.values())
        return [door for door in self._doors.values() if door.id in pending or door in held]

    def _held(self, now: datetime) -> list[Door]:
        """The doors at which a lockdown holds."""
        found = self._store.read_many([(partition(door_id), [STATE]) for door_id in self._doors])
        states = [snapshot.get(STATE) or DoorState() for snapshot in found]
        return [door for door, state in zip(self._doors.values(), states, strict=True) if state.lockdown_at(now)]

    def _declare(
        self, request: Request, action: Action, terms: LockdownTerms, doors: Sequence[Door], words: Words
    ) -> object:
        """Put it on the office's record, carry it out at once, and say how far that went."""
        now, made = request.now, list[Declaration]()

        def act(snapshot: Snapshot) -> Change | Refused:
            if refused := _not_everywhere(request, action, self._doors):
                return refused
            before = snapshot.get(DECLARATION)
            number, every = before.number + 1 if before else 1, tuple(self._doors)
            declaration = Declaration(
                number, action, request.actor, request.source, now, terms.why, terms.ends_at, every
            )
            if before and before.pending and before.action is action is Action.LOCK_DOWN:  # it goes on in this one
                declaration = replace(declaration, ends_at=stronger(before.lockdown, declaration.lockdown).ends_at)
            made[:] = [declaration]
            outcome = self._outcome(declaration, doors, terms, declaration.pending, [])
            writes = {DECLARATION: declaration, **self._told(declaration, words, doors, now)}
            return Change(outcome, writes, [_event(declaration, now)])

        found = perform(self._store, request, action, "", act, DECLARATION)
        if not isinstance(found, EveryDoor):
            return found
        self._tell()
        progress = self._carry_out(made[0], now, unconfirmed=found.unconfirmed)
        outcome = self._outcome(made[0], doors, terms, progress.left(made[0]), progress.kept)
        outcome = replace(outcome, unconfirmed=progress.unconfirmed)
        receipt = Key[Receipt](f"receipt:{request.delivery}")
        kept = {receipt: Receipt(request.answer(outcome), now)} if request.delivery else {}
        try:
            self._confirm(made[0], progress, now, kept)
        except StoreUnavailable as error:  # it is gone over again in the background, which changes nothing any more
            logger.warning("How far a declaration went could not be noted: %s", error.detail)
        return outcome

    def _outcome(
        self,
        declaration: Declaration,
        doors: Sequence[Door],
        terms: LockdownTerms,
        pending: Sequence[str],
        kept: Sequence[str],
    ) -> EveryDoor:
        lockdown = declaration.lockdown if declaration.action is Action.LOCK_DOWN else None
        left, longer = ([self._doors[door_id] for door_id in ids] for ids in (pending, kept))
        of = len(self._doors)
        return EveryDoor(declaration.action, tuple(doors), of, lockdown, tuple(left), tuple(longer), terms.unread)

    def _told(
        self, declaration: Declaration, words: Words, doors: Sequence[Door], now: datetime
    ) -> dict[Key[Any], object]:
        """Each channel is told once, however many doors have it, and each host; nobody where nothing changes."""
        if not doors:
            return {}
        channels = {door.channel: door for door in self._doors.values() if door.channel}
        notices = {new_notice_key(): Notice(each, words(declaration, door), now) for each, door in channels.items()}
        is_lockdown = declaration.action is Action.LOCK_DOWN and not declaration.is_over
        what_to_do = lockdown_sentences.WHAT_TO_DO if is_lockdown else ""
        actor = "" if declaration.is_over else declaration.by
        return {**notices, **announcement(words(declaration, doors[0]) + what_to_do, now, actor)}

    def _carry_out(self, declaration: Declaration, now: datetime, *, unconfirmed: bool = False) -> Progress:
        """Go from door to door, as long as somebody can be let wait."""
        until, progress = time.monotonic() + AT_ONCE_SECONDS, Progress(unconfirmed=unconfirmed)
        for door_id in declaration.pending:
            if time.monotonic() > until:
                break
            try:
                door = self._doors.get(door_id)  # one that is no more needs nothing
                if door and self._settle(declaration, door, now, progress):
                    progress.kept.append(door_id)
                progress.done.append(door_id)
            except StoreUnavailable as error:
                logger.warning("%s of %s has to wait: %s", declaration.action.value, door_id, error.detail)
                progress.failed.append(door_id)
            except Exception:  # what can't be read at one door must not keep it from the others
                logger.exception("%s of %s met a bug", declaration.action.value, door_id)
                progress.failed.append(door_id)
        return progress

    def _settle(self, declaration: Declaration, door: Door, now: datetime, progress: Progress) -> bool:
        """Carry it out at one door, unless that has been done, or something later was; True where more is in force."""
        waits = declaration.action is Action.LOCK_DOWN
        for _ in range(TRIES):
            snapshot = self._store.read(partition(door.id), STATE)
            state = snapshot.get(STATE) or DoorState()
            if state.settled >= declaration.number:
                return False
            lockdown, events = _settled(declaration, state, door, now)
            writes = {STATE: locked_down(state, lockdown, declaration.number)}
            if waits and not progress.unconfirmed:  # once it was not confirmed the other doors need not wait for that
                committed = self._store.commit_widely(snapshot, writes, events)
                progress.unconfirmed = committed is Committed.HERE_ONLY
                is_done = committed is not Committed.NO
            else:
                is_done = self._store.commit(snapshot, writes, events)
            if is_done:
                return lockdown is not None and lockdown.number != declaration.number
        raise StoreUnavailable("too many commits at once")

    def _confirm(
        self, declaration: Declaration, progress: Progress, now: datetime, more: Mapping[Key[Any], object]
    ) -> None:
        """Note where it has been carried out, and that it is complete."""
        for _ in range(TRIES):
            snapshot = self._store.read(OFFICE, DECLARATION)
            stored = snapshot.get(DECLARATION)
            if stored is None or stored.number != declaration.number:  # a later one counts
                return
            pending = tuple(door_id for door_id in progress.left(declaration) if door_id in stored.pending)
            events = [_event(declaration, now, "complete")] if stored.pending and not pending else []
            if self._store.commit(snapshot, {DECLARATION: replace(stored, pending=pending), **more}, events):
                return

    def _end(self, now: datetime) -> None:
        """The time of a lockdown of every door has come: told once, and not for each of them."""
        snapshot = self._store.read(OFFICE, DECLARATION)
        declaration = snapshot.get(DECLARATION)
        if declaration is None or not declaration.has_ended(now):
            return
        over = replace(declaration, pending=(), is_over=True)
        text = lockdown_sentences.ended_everywhere(over, self._held(now))
        told = self._told(over, lambda _, __: text, list(self._doors.values()), now)
        event = AuditEvent(now, "", Action.LIFT, Outcome.DONE, TIME_HAS_COME)
        if self._store.commit(snapshot, {DECLARATION: over, **told}, [event]):
            self._tell()


def _settled(
    declaration: Declaration, state: DoorState, door: Door, now: datetime
) -> tuple[Lockdown | None, list[AuditEvent]]:
    """What is in force at a door once it is carried out there, and what of that goes on record."""
    request, before = Request(declaration.by, Role.ADMIN, declaration.source, now), state.lockdown_at(now)
    events = ended(state, door, now)
    if declaration.action is Action.LIFT:
        return None, [*events, request.event(Action.LIFT, Outcome.DONE, door=door.id)] if before else events
    lockdown = stronger(before, declaration.lockdown)
    return lockdown, [*events, declared(request, LockedDown(door, lockdown, kept=lockdown is before))]


def _not_everywhere(request: Request, action: Action, doors: Mapping[str, Door]) -> Refused | None:
    """Whether a lift is asked for by somebody who may not lift at each door; locking down never waits for that."""
    allowed = [door_id for door_id in doors if may(request.role_at(door_id), action)]
    if action is not Action.LIFT or len(allowed) == len(doors):
        return None
    example = f" Name one, such as `/frontdoor lift {allowed[0]}`." if allowed else " Ask one who is."
    return Refused(action, RefusalReason.NOT_PERMITTED, hint=f"You aren't an admin of every door.{example}")


def _event(declaration: Declaration, now: datetime, reason: str = "") -> AuditEvent:
    """What goes on the office's record."""
    details = {"doors": len(declaration.pending), **terms_of(declaration.lockdown)}
    by, source = declaration.by, declaration.source
    return AuditEvent(now, "", declaration.action, Outcome.DONE, reason, by, source, details=details)
