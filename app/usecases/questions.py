"""Asks in Slack about a visit, and edits that message as the visit goes on.

The message is claimed in the store before it is posted, and posted once; whatever it shows afterwards is an edit.
"""

import logging
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from concurrent.futures import TimeoutError as StillWaiting
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from app.domain import visit_sentences
from app.domain.audit import Action, AuditEvent, Outcome
from app.domain.doors import Door
from app.domain.errors import StoreUnavailable
from app.domain.notices import Notice
from app.domain.questions import CONFIRMED_WITHIN, Question
from app.domain.visits import Visit
from app.ports import Delivery, DueRecord, Hosts, Key, Posted, Snapshot, Store, partition
from app.usecases.due import door_of, look_at_due
from app.usecases.holding import Holding
from app.usecases.planned import SCHEDULES, as_planned
from app.usecases.requests import TRIES
from app.usecases.steps import MoveCall, question_key, visit_key
from app.usecases.unlocks import new_notice_key

logger = logging.getLogger(__name__)

POSTING_AT_ONCE = 16
UNKNOWN = "fate_unknown"
TOO_LATE_TO_ASK = timedelta(minutes=2)  # no intercom lets a call last so long
MOST_EDITS = 10  # a visit has fewer turns

Clock = Callable[[], datetime]


class Questions:
    """Brings messages to where their visits are. Raises StoreUnavailable."""

    def __init__(
        self, store: Store, hosts: Hosts, doors: Mapping[str, Door], holding: Holding, move: MoveCall, clock: Clock
    ) -> None:
        self._store = store
        self._hosts = hosts
        self._doors = doors
        self._holding = holding
        self._move = move
        self._clock = clock
        self._posting = ThreadPoolExecutor(POSTING_AT_ONCE, thread_name_prefix="posting")

    def sweep(self, soon: Callable[[Door, str], None]) -> None:
        """Hand every message that is due to `soon`: it waits for Slack again, or its process died."""

        def hand_on(due: DueRecord, _: datetime) -> None:
            soon(self._doors[door_of(due)], due.name.partition(":")[2])

        partitions = [partition(door_id) for door_id in self._doors]
        look_at_due(self._store, partitions, self._clock, {"question": hand_on})

    def settle(self, door: Door, call: str) -> None:
        """Bring the message about a visit to where the visit is; returns when it is there, or has to wait."""
        for _ in range(MOST_EDITS):
            if not self._step(door, call):
                return

    def _step(self, door: Door, call: str) -> bool:
        """Do the next thing; True where there may be another one to do."""
        now, key = self._clock(), question_key(call)
        snapshot = self._store.read(partition(door.id), key, visit_key(call), SCHEDULES)
        question, visit, door = snapshot.get(key), snapshot.get(visit_key(call)), as_planned(door, snapshot)
        if question is None or (question.rests_until and now < question.rests_until):
            return False
        if visit is None or question.is_settled:
            if visit is None or now >= question.due_at:
                self._store.commit(snapshot, {key: None})
            return False
        if question.is_posting:  # by a process that died before it could say what became of it
            self._store.commit(snapshot, {key: question.lost()}, [_told(door, visit, now, Outcome.UNKNOWN, UNKNOWN)])
            return True
        if question.is_untried and visit.is_waiting and now >= visit.started_at + TOO_LATE_TO_ASK:
            self._store.commit(snapshot, {key: replace(question, shown=question.changed)})
            return False  # DoorBot was away, and nobody is at the door any more: its end is told when that is known
        if question.is_lost:
            return self._tell_ending(snapshot, key, question, visit, door, now)
        claimed = question.editing(now) if question.ts else question.posting(now)
        if not self._store.commit(snapshot, {key: claimed}):
            return True
        posted = self._edit(question, visit, door) if question.ts else self._post(question, visit, door)
        return self._record(door, call, question, posted)

    def _edit(self, question: Question, visit: Visit, door: Door) -> Posted:
        text = visit_sentences.message(visit, door, question.expecting)
        posted = self._hosts.edit(question.channel, question.ts, text, visit_sentences.buttons(visit, door))
        is_unclear = posted.delivery is Delivery.UNKNOWN  # an edit can be made again
        return replace(posted, delivery=Delivery.TRY_LATER) if is_unclear else replace(posted, ts=question.ts)

    def _post(self, question: Question, visit: Visit, door: Door) -> Posted:
        """Post it; where Slack does not confirm it in time the telephones ring, and its answer is waited for still."""
        text, buttons = visit_sentences.message(visit, door, question.expecting), visit_sentences.buttons(visit, door)
        posting = self._posting.submit(self._hosts.post, question.channel, text, buttons)
        try:
            posted = posting.result(CONFIRMED_WITHIN.total_seconds())
        except StillWaiting:
            self._hand_over(door, visit.id)
            return posting.result()
        if posted.delivery is not Delivery.DELIVERED:
            self._hand_over(door, visit.id)
        return posted

    def _hand_over(self, door: Door, call: str) -> None:
        try:
            if self._holding.hand_over(door, call, self._clock()):
                self._move(door, call)
        except StoreUnavailable as error:  # the call's own polling comes to the same
            logger.warning("A call could not be handed to the telephones: %s", error.detail)

    def _record(self, door: Door, call: str, before: Question, posted: Posted) -> bool:
        """Keep what became of the message that was to show `before`; True where it is to show something newer."""
        key, now = question_key(call), self._clock()
        for _ in range(TRIES):
            snapshot = self._store.read(partition(door.id), key, visit_key(call))
            question, visit = snapshot.get(key), snapshot.get(visit_key(call))
            if question is None or visit is None:
                return False
            if question.ts and not before.ts:  # a press has said meanwhile which message it is
                return True
            after, outcome, reason = _after(question, before.changed, posted, now)
            events = [_told(door, visit, now, outcome, reason)] if outcome else []
            writes: dict[Key[Any], object | None] = {key: after}
            if posted.delivery is Delivery.DELIVERED and visit.is_held and not visit.is_confirmed:
                writes[visit_key(call)] = replace(visit, is_confirmed=True)
            if self._store.commit(snapshot, writes, events):
                return after is not None and not after.is_settled
        raise StoreUnavailable("too many commits at once")

    def _tell_ending(
        self, snapshot: Snapshot, key: Key[Question], question: Question, visit: Visit, door: Door, now: datetime
    ) -> bool:
        """Nobody knows which message asked, if any: how it ended is told in one that does not ask."""
        if visit.awaits_the_tone:  # which is about to be heard, or missed: that is seen in a later round
            return False
        if visit.is_waiting:
            self._store.commit(snapshot, {key: replace(question, shown=question.changed)})
        else:
            text = visit_sentences.message(visit, door, question.expecting)
            self._store.commit(snapshot, {key: None, new_notice_key(): Notice(question.channel, text, now)})
        return False


def _after(
    question: Question, number: int, posted: Posted, now: datetime
) -> tuple[Question | None, Outcome | None, str]:
    """What remains of a question once it was posted or edited; and what goes on record about that, if anything."""
    match posted.delivery:
        case Delivery.DELIVERED:
            return question.shows(number, posted.ts), None, ""
        case Delivery.REFUSED:
            return None, Outcome.REFUSED, "slack_refused"
        case Delivery.UNKNOWN:
            return question.lost(), Outcome.UNKNOWN, UNKNOWN
    later = question.retry(now, posted.retry_after)
    return (later, None, "") if later else (None, Outcome.REFUSED, "slack_unreachable")


def _told(door: Door, visit: Visit, now: datetime, outcome: Outcome, reason: str) -> AuditEvent:
    return AuditEvent(now, door.id, Action.TELL, outcome, reason, visit=visit.id)
