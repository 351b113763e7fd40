"""Tells a door's channel of its visits, from the audit log: a ring pays nothing for it.

`gather` reads what is new in the log and never waits for Slack; `tell` tells it. What is to be told is claimed in the
store first. What may or may not have been told is recorded as such, and never told again.
"""

import logging
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta

from app.domain import digest_sentences as words
from app.domain.audit import Action, AuditEvent, LogEntry, Outcome
from app.domain.digests import MOST_LINES, Conclusion, Digest, Line, is_news
from app.domain.doors import Door
from app.domain.notices import Notice
from app.ports import Delivery, DueRecord, Hosts, Key, Posted, Store, entries, partition
from app.usecases.due import door_of, look_at_due
from app.usecases.requests import TRIES
from app.usecases.touched import Touched
from app.usecases.unlocks import new_notice_key

logger = logging.getLogger(__name__)

DIGEST = Key[Digest]("digest")
LOOK_EVERY = timedelta(seconds=30)  # also at doors of which this process knows nothing new: another may have died
LOOK_BACK = timedelta(days=2)
PAGE = 50

Clock = Callable[[], datetime]


class Digests:
    """Any process may do any of it: the first commit wins. Everything but `touched` may raise StoreUnavailable."""

    def __init__(self, store: Store, hosts: Hosts, doors: Mapping[str, Door]) -> None:
        self._store = store
        self._hosts = hosts
        self._doors = {door.id: door for door in doors.values() if door.channel}
        self._partitions = [partition(door_id) for door_id in self._doors]
        self._touched = Touched(self._doors, "visits")
        self._looked_at: datetime | None = None

    def touched(self, door_id: str) -> None:
        """Something was put on record at this door; touches nothing but memory."""
        self._touched.add(door_id)

    def gather(self, now: datetime) -> None:
        """Read what is new in the logs, and note what of it is to be told."""
        if self._looked_at is None or not timedelta(0) <= now - self._looked_at < LOOK_EVERY:
            self._touched.add_all()
            self._looked_at = now
        self._touched.look(lambda door: self._gather(door, now))

    def _gather(self, door: Door, now: datetime) -> bool:
        """Read on in a door's log, the first time from its end; False where there is more to read."""
        where = partition(door.id)
        snapshot = self._store.read(where, DIGEST)
        digest = snapshot.get(DIGEST)
        if digest is None:
            newest = self._store.read_log(where, limit=1)
            return self._store.commit(snapshot, {DIGEST: Digest(newest[0].seq if newest else 0, now)})
        new = self._new_entries(where, digest.seen, now)
        if not new:
            return True
        after, own = _read_on(digest, new, door, now)
        if after is digest:  # there is no room for more, or a day that is not told yet
            return False
        told = {new_notice_key(): Notice(door.channel, "\n".join(own), now)} if own else {}
        return self._store.commit(snapshot, {DIGEST: after, **told}) and after.seen == new[-1].seq

    def _new_entries(self, where: str, seen: int, now: datetime) -> list[LogEntry]:
        """What follows `seen` in the log, oldest first."""
        new = []
        for entry in entries(self._store, where, PAGE):
            if entry.seq <= seen or now - entry.event.time > LOOK_BACK:
                break
            new.append(entry)
        return new[::-1]

    def tell(self, clock: Clock) -> None:
        """Tell what waits. Asks the time for each door: Slack may take over a minute for every one."""
        look_at_due(self._store, self._partitions, clock, {DIGEST.name: lambda due, _: self._tell(due, clock)})

    def _tell(self, due: DueRecord, clock: Clock) -> None:
        door, now = self._doors[door_of(due)], clock()
        snapshot = self._store.read(due.partition, DIGEST)
        digest = snapshot.get(DIGEST)
        if digest is None or digest.due_at is None or now < digest.due_at:  # another process has just dealt with it
            return
        if digest.claimed:  # by a process that died before it could say what became of it
            unknown = [_told(door, now, Outcome.UNKNOWN, "fate_unknown")] if digest.sending else []
            self._store.commit(snapshot, {DIGEST: digest.abandoned(now)}, unknown)
            return
        claimed, events = digest.without_stale(now).claim(now), list[AuditEvent]()
        if claimed.lines != digest.lines:
            claimed, events = _complain(claimed, door, now, "slack_unreachable")
        if self._store.commit(snapshot, {DIGEST: claimed}, events):
            self._settle(door, claimed, *self._send(door, claimed), clock())

    def _send(self, door: Door, digest: Digest) -> tuple[Digest, Posted]:
        """The day's message, the lines in its thread, its figures: what remains, and what became of the last one."""
        posted = Posted(Delivery.DELIVERED)
        if digest.lines and not digest.ts:
            posted = self._hosts.post(door.channel, words.figures(door, digest.counts))
            digest = replace(digest, ts=posted.ts, shown=digest.visits)
        if digest.lines and posted.delivery is Delivery.DELIVERED:
            posted = self._hosts.post(door.channel, "\n".join(line.text for line in digest.lines), thread=digest.ts)
        if posted.delivery is not Delivery.TRY_LATER:
            digest = replace(digest, lines=())
        if posted.delivery is Delivery.DELIVERED and digest.is_outdated:
            return self._edit(door, digest)
        return digest, posted

    def _edit(self, door: Door, digest: Digest) -> tuple[Digest, Posted]:
        """Bring the day's message up to date; where it is gone, the next visit begins a new one."""
        posted = self._hosts.edit(door.channel, digest.ts, words.figures(door, digest.counts))
        match posted.delivery:
            case Delivery.DELIVERED:
                return replace(digest, shown=digest.visits), posted
            case Delivery.REFUSED:
                return replace(digest, ts=""), posted
        return digest, replace(posted, delivery=Delivery.TRY_LATER)  # the same again does no harm

    def _settle(self, door: Door, claimed: Digest, sent: Digest, posted: Posted, now: datetime) -> None:
        """Keep what became of a claim."""
        after, events = sent.resting(now), list[AuditEvent]()
        match posted.delivery:
            case Delivery.TRY_LATER:
                after = sent.retry(now, posted.retry_after)
            case Delivery.UNKNOWN:
                events = [_told(door, now, Outcome.UNKNOWN, "fate_unknown")]
            case Delivery.REFUSED:
                after, events = _complain(after, door, now, "slack_refused")
        for _ in range(TRIES):
            snapshot = self._store.read(partition(door.id), DIGEST)
            stored = snapshot.get(DIGEST)
            if stored is None or (stored.claimed, stored.rests_until) != (True, claimed.rests_until):
                return  # it took too long: the claim is on record as one whose fate is unknown
            if self._store.commit(snapshot, {DIGEST: after.merged(stored)}, events):
                return


def _read_on(digest: Digest, new: list[LogEntry], door: Door, now: datetime) -> tuple[Digest, list[str]]:
    """The digest after as many entries as can be told at once, and the messages of their own that they make."""
    own: list[str] = []
    for entry in new:
        event = entry.event
        if conclusion := digest.conclusion(event):
            if max(len(digest.lines), len(own)) >= MOST_LINES:
                break
            if (day := event.time.astimezone(door.hours.timezone).date().isoformat()) > digest.day:
                if not digest.may_turn_over:
                    break
                digest = digest.of_day(day)
            tells = is_news(event.time, now)
            if tells and _is_own(conclusion, door, asked=digest.was_asked_about(event.visit)):
                own.append(words.own_message(event, door))
            in_thread = [Line(event.time, words.line(event, door))] if tells and door.notices == "digest" else []
            digest = digest.counted(conclusion, in_thread)
        digest = digest.read_on(entry)
    return digest, own


def _is_own(conclusion: Conclusion, door: Door, *, asked: bool) -> bool:
    """Whether a visit gets a message of its own here; one that hosts were asked about has it already."""
    return not asked and (conclusion.is_problem or door.notices == "each")


def _complain(digest: Digest, door: Door, now: datetime, reason: str) -> tuple[Digest, list[AuditEvent]]:
    """Put on record, once a day, that something did not reach Slack."""
    events = [] if digest.complained else [_told(door, now, Outcome.REFUSED, reason)]
    return replace(digest, complained=True), events


def _told(door: Door, now: datetime, outcome: Outcome, reason: str) -> AuditEvent:
    return AuditEvent(now, door.id, Action.TELL, outcome, reason)
