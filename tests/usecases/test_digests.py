"""A day's visits in one message and its thread, each told once, whatever Slack, a store or a process does meanwhile."""

import random
import tempfile
from collections import Counter
from collections.abc import Sequence
from datetime import datetime, timedelta
from itertools import count, pairwise
from pathlib import Path
from threading import Lock, Thread
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.audit import Action, AuditEvent, Outcome, Source
from app.domain.digests import FATE_UNKNOWN_AFTER, MOST_LINES, PACE
from app.domain.doors import Door
from app.domain.errors import StoreUnavailable
from app.domain.notices import Button
from app.domain.receipts import Receipt
from app.ports import Delivery, Key, Posted, Store, entries, partition
from app.stores.sqlite import SqliteStore
from app.usecases.digests import DIGEST, LOOK_EVERY, Digests
from app.usecases.notices import Notices
from tests.conftest import FakeHosts, Shown
from tests.support import HOST, TELEPHONE, a_door, local

NOON = local("2026-11-23T12:00")
SECOND, MINUTE, HOUR = timedelta(seconds=1), timedelta(minutes=1), timedelta(hours=1)
FRONT = partition("front")
LATER = Posted(Delivery.TRY_LATER)
LIMITED = Posted(Delivery.TRY_LATER, retry_after=timedelta(seconds=30))
REFUSED = Posted(Delivery.REFUSED)
UNKNOWN = Posted(Delivery.UNKNOWN)
numbers = count()


class Slack(FakeHosts):
    """Answers each post with the next of `posts`, each edit with the next of `edits`, and delivers from then on."""

    def __init__(self, *posts: Posted | None, edits: Sequence[Posted] = ()) -> None:
        super().__init__()
        self.posts, self.edits = list(posts), list(edits)
        self.attempts = 0
        self._lock = Lock()

    def post(self, channel: str, text: str, buttons: Sequence[Button] = (), thread: str = "") -> Posted:
        with self._lock:
            self.attempts += 1
            answer = self.posts.pop(0) if self.posts else None
            return answer or super().post(channel, text, buttons, thread)

    def edit(self, channel: str, ts: str, text: str, buttons: Sequence[Button] = ()) -> Posted:
        with self._lock:
            self.attempts += 1
            answer = self.edits.pop(0) if self.edits else None
            return answer or super().edit(channel, ts, text, buttons)

    @property
    def days(self) -> list[list[str]]:
        """What each day's message showed, one thing after the other."""
        return [[each.text for each in shown] for shown in self.messages.values() if not shown[0].thread]

    @property
    def lines(self) -> list[str]:
        """The lines in all threads, without their times."""
        replies = [shown[0] for shown in self.messages.values() if shown[0].thread]
        return [line.partition("  ")[2] for reply in replies for line in reply.text.splitlines()]


class Telling:
    """One process that tells of a door."""

    def __init__(self, store: Store, slack: FakeHosts, door: Door | None = None) -> None:
        self.store, self.slack = store, slack
        door = door or a_door()
        self.digests = Digests(store, slack, {door.id: door})
        self.notices = Notices(store, slack, [partition(door.id)])

    def round(self, now: datetime) -> None:
        self.digests.touched("front")
        self.digests.gather(now)
        self.notices.deliver(lambda: now)
        self.digests.tell(lambda: now)

    def rounds(self, now: datetime, seconds: int = 60) -> datetime:
        """As many rounds as there are in this time."""
        for _ in range(seconds // 2):
            self.round(now)
            now += 2 * SECOND
        return now


@pytest.fixture
def slack() -> Slack:
    return Slack()


@pytest.fixture
def telling(store: Store, slack: Slack) -> Telling:
    """A process that has begun to tell."""
    return begun(store, slack)


def begun(store: Store, slack: FakeHosts, door: Door | None = None) -> Telling:
    telling = Telling(store, slack, door)
    telling.round(NOON - MINUTE)
    return telling


def event(action: Action, outcome: Outcome, visit: str, at: datetime, reason: str = "", **more: Any) -> AuditEvent:
    return AuditEvent(at, "front", action, outcome, reason, source=Source.VOICE, visit=visit, **more)


def released(at: datetime = NOON, reason: str = "unlock") -> list[AuditEvent]:
    return [event(Action.RING, Outcome.RELEASED, f"CA{next(numbers)}", at, reason, actor=HOST)]


def ends(
    action: Action, outcome: Outcome, at: datetime = NOON, reason: str = "", ring: Outcome = Outcome.FORWARDED
) -> list[AuditEvent]:
    """A visit that is not decided when it rings."""
    call = f"CA{next(numbers)}"
    return [event(Action.RING, ring, call, at, "locked"), event(action, outcome, call, at, reason)]


def missed(at: datetime = NOON, ring: Outcome = Outcome.FORWARDED) -> list[AuditEvent]:
    return ends(Action.FORWARD, Outcome.UNANSWERED, at, "no-answer", ring)


def keyed() -> list[AuditEvent]:
    """A visitor who is held, keys a wrong code, and then the right one."""
    return [
        event(Action.RING, Outcome.HELD, "CAkey", NOON, "after_hours"),
        event(Action.USE_CODE, Outcome.DENIED, "CAkey", NOON, "wrong_code"),
        event(Action.USE_CODE, Outcome.RELEASED, "CAkey", NOON, "valid", details={"name": "FedEx"}),
    ]


def happen(store: Store, events: Sequence[AuditEvent]) -> None:
    assert store.commit(store.read(FRONT, Key[Receipt]("receipt:none")), {}, events)


def tells(store: Store) -> list[tuple[Outcome, str]]:
    found = [entry.event for entry in entries(store, FRONT)]
    return [(each.outcome, each.reason) for each in found if each.action is Action.TELL][::-1]


# One message a day


def test_the_days_first_visit_begins_a_message_and_the_next_ones_change_it(
    store: Store, slack: Slack, telling: Telling
) -> None:
    for number in range(3):
        happen(store, released(NOON + number * MINUTE))
        telling.round(NOON + number * MINUTE)
    (ts, *replies) = slack.messages
    assert slack.days == [[f"Front door today: {number} released." for number in (1, 2, 3)]]
    assert [slack.messages[each][0] for each in replies] == [
        Shown("C0FRONTDOOR", f"12:0{number}  released, by the unlock", (), ts) for number in range(3)
    ]
    assert (slack.told, tells(store)) == ([], [])


@pytest.mark.parametrize(
    ("visit", "figures", "line"),
    [
        (released(), "1 released", "released, by the unlock"),
        (ends(Action.ADMIT, Outcome.RELEASED, ring=Outcome.ASKED), "1 released", "released, by telephone"),
        ([*keyed(), event(Action.END, Outcome.LOST, "CAkey", NOON)], "1 released", "released, with the code FedEx"),
        (ends(Action.TURN_AWAY, Outcome.DENIED), "1 turned away", "turned away by a host"),
        (
            [event(Action.RING, Outcome.DENIED, "CAx", NOON, "closed")],
            "1 denied",
            "denied: closed",
        ),
        (ends(Action.END, Outcome.DENIED, reason="closed"), "1 denied", "denied: closed"),
        (ends(Action.FORWARD, Outcome.ANSWERED), "1 answered by telephone", "answered by telephone"),
        (missed(), "1 missed", "missed, nobody answered the telephones"),
        (
            ends(Action.FORWARD, Outcome.UNANSWERED, reason="busy"),
            "1 missed",
            "missed, nobody answered the telephones (busy)",
        ),
        (ends(Action.END, Outcome.HUNG_UP), "1 missed", "missed, the visitor hung up"),
        (
            ends(Action.END, Outcome.LOST),
            "1 whose end is unknown",
            "nobody knows how it ended: the end of the call was never reported",
        ),
    ],
)
def test_every_end_of_a_visit_is_counted_and_told_in_plain_words(
    telling: Telling, visit: list[AuditEvent], figures: str, line: str
) -> None:
    happen(telling.store, visit)
    telling.round(NOON)
    assert isinstance(telling.slack, Slack)
    assert (telling.slack.days, telling.slack.lines) == ([[f"Front door today: {figures}."]], [line])


def test_a_hosts_answer_in_slack_reads_so(store: Store, slack: Slack, telling: Telling) -> None:
    ring = event(Action.RING, Outcome.ASKED, "CA1", NOON)
    answer = AuditEvent(NOON, "front", Action.ADMIT, Outcome.RELEASED, "", HOST, Source.SLACK, "CA1")
    happen(store, [ring, answer])
    telling.round(NOON)
    assert slack.lines == ["released, by a host"]


@pytest.mark.parametrize(
    "nothing",
    [
        [event(Action.RING, Outcome.DENIED, "CA1", NOON, "not_an_intercom")],
        [event(Action.RING, Outcome.FORWARDED, "CA1", NOON, "locked")],
        [event(Action.RING, Outcome.ASKED, "CA1", NOON, "locked")],
        [AuditEvent(NOON, "front", Action.TELL, Outcome.REFUSED, "slack_refused")],
        [AuditEvent(NOON, "front", Action.UNLOCK, Outcome.DONE, actor=HOST)],
        [event(Action.END, Outcome.LOST, "CA1", NOON)],  # of a visit from before we began
    ],
)
def test_what_ends_no_visit_is_not_told(telling: Telling, nothing: list[AuditEvent]) -> None:
    happen(telling.store, nothing)
    telling.rounds(NOON)
    assert (telling.slack.messages, telling.slack.told) == ({}, [])


def test_a_visit_ends_once(store: Store, slack: Slack, telling: Telling) -> None:
    """A released ring whose end nobody reports, and a call that was answered, add `lost` to the log."""
    visits = [*released(), *ends(Action.FORWARD, Outcome.ANSWERED)]
    happen(store, [*visits, *(event(Action.END, Outcome.LOST, each.visit, NOON) for each in visits)])
    telling.rounds(NOON)
    assert slack.days == [["Front door today: 1 released, 1 answered by telephone."]]


def test_a_visit_that_an_unlock_releases_while_hosts_are_asked_ends_once(store: Store, slack: Slack) -> None:
    telling = begun(store, slack, a_door(notices="each"))
    happen(store, ends(Action.RING, Outcome.RELEASED, NOON, "unlock", Outcome.ASKED))
    telling.rounds(NOON)
    assert slack.told == []  # its own message tells so
    assert store.read(FRONT, DIGEST).get(DIGEST).counts == {"released": 1}  # type: ignore[union-attr]


def test_nobody_is_mentioned(store: Store, slack: Slack, telling: Telling) -> None:
    happen(store, [*released(), *ends(Action.FORWARD, Outcome.ANSWERED)])
    telling.rounds(NOON)
    said = " ".join(shown[-1].text for shown in slack.messages.values())
    assert HOST not in said
    assert TELEPHONE not in said


def test_what_happened_before_the_first_time_is_history(store: Store, slack: Slack) -> None:
    happen(store, released())
    telling = begun(store, slack)
    happen(store, released(NOON + MINUTE))
    telling.rounds(NOON + MINUTE)
    assert slack.days == [["Front door today: 1 released."]]


def test_a_visit_that_spans_a_restart_is_told_by_the_next_process(store: Store, slack: Slack, telling: Telling) -> None:
    ring, end = missed(ring=Outcome.ASKED)
    happen(store, [ring])
    telling.round(NOON)
    happen(store, [end])
    Telling(store, slack).round(NOON + MINUTE)
    assert slack.days == [["Front door today: 1 missed."]]
    assert slack.told == []  # it was asked about, and the next process still knows


def test_every_process_looks_at_every_door_now_and_then(store: Store, slack: Slack, telling: Telling) -> None:
    """Whoever put it on record may have died."""
    happen(store, released())
    telling.digests.gather(NOON - MINUTE + LOOK_EVERY - SECOND)
    assert not store.read(FRONT, DIGEST).get(DIGEST).counts  # type: ignore[union-attr]
    telling.digests.gather(NOON - MINUTE + LOOK_EVERY)
    assert store.read(FRONT, DIGEST).get(DIGEST).counts == {"released": 1}  # type: ignore[union-attr]


def test_a_door_without_a_channel_tells_nobody(store: Store, slack: Slack) -> None:
    telling = begun(store, slack, a_door(channel=""))
    happen(store, missed())
    telling.rounds(NOON)
    assert (slack.messages, slack.told, store.read(FRONT, DIGEST).get(DIGEST)) == ({}, [], None)


# Messages of their own


@pytest.mark.parametrize(
    ("notices", "ring", "days", "own"),
    [
        ("digest", Outcome.FORWARDED, 1, ["missed", "hung up"]),
        ("digest", Outcome.HELD, 1, ["missed", "hung up"]),
        ("digest", Outcome.ASKED, 1, []),
        ("each", Outcome.FORWARDED, 0, ["released", "missed", "hung up"]),
        ("each", Outcome.ASKED, 0, ["released"]),
        ("problems", Outcome.FORWARDED, 0, ["missed", "hung up"]),
        ("problems", Outcome.ASKED, 0, []),
    ],
)
def test_what_gets_a_message_of_its_own(
    store: Store, slack: Slack, notices: str, ring: Outcome, days: int, own: list[str]
) -> None:
    telling = begun(store, slack, a_door(notices=notices))
    for visit in (released(), missed(ring=ring), ends(Action.END, Outcome.HUNG_UP, ring=ring)):
        happen(store, visit)
        telling.round(NOON)
    telling.rounds(NOON)
    assert len(slack.days) == days
    assert [next(word for word in ("released", "hung up", "missed") if word in text) for _, text in slack.told] == own


def test_a_message_of_its_own_says_where_and_when(store: Store, slack: Slack, telling: Telling) -> None:
    happen(store, missed(local("2026-11-23T18:12")))
    telling.round(local("2026-11-23T18:12"))
    assert slack.told == [("C0FRONTDOOR", "Front door, 18:12: missed, nobody answered the telephones")]


def test_many_at_once_are_gathered(store: Store, slack: Slack) -> None:
    telling = begun(store, slack, a_door(notices="each"))
    happen(store, released() * (MOST_LINES + 1))
    telling.rounds(NOON)
    assert [len(text.splitlines()) for _, text in slack.told] == [MOST_LINES, 1]


# A new day


@pytest.mark.parametrize("zone", ["America/New_York", "Europe/Berlin", "Australia/Lord_Howe"])
@pytest.mark.parametrize("day", ["2026-03-07", "2026-03-08", "2026-03-29", "2026-10-25", "2026-11-01", "2026-10-04"])
def test_a_new_day_begins_with_the_first_visit_after_local_midnight(sqlite_store: Store, zone: str, day: str) -> None:
    slack, before = Slack(), local(f"{day}T23:59", zone)
    first = local(f"{day}T00:00", zone)
    telling = Telling(sqlite_store, slack, a_door(zone=zone))
    telling.round(first)
    for at in (first, before, before + MINUTE):
        happen(sqlite_store, released(at))
        telling.rounds(at, 10)
    assert slack.days == [
        ["Front door today: 1 released.", "Front door today: 2 released."],
        ["Front door today: 1 released."],
    ]


def test_the_old_days_lines_are_told_before_a_new_day_begins(store: Store, telling: Telling) -> None:
    midnight = local("2026-11-24T00:00")
    slack = Slack(Posted(Delivery.DELIVERED, "1.0"), LIMITED)
    telling = begun(store, slack)
    happen(store, [*released(midnight - MINUTE, "yesterday"), *released(midnight, "today")])
    telling.rounds(midnight, 20)
    assert slack.lines == []
    telling.rounds(midnight + MINUTE)
    assert slack.lines == ["released, by the yesterday", "released, by the today"]
    first, second = (shown[0] for shown in slack.messages.values() if shown[0].thread)
    assert first.thread == "1.0" != second.thread


def test_figures_that_slack_does_not_take_do_not_hold_up_the_new_day(store: Store) -> None:
    slack, midnight = Slack(edits=[LATER] * 100), local("2026-11-24T00:00")
    telling = begun(store, slack)
    for at in (midnight - 2 * MINUTE, midnight - MINUTE, midnight + MINUTE):
        happen(store, released(at))
        telling.rounds(at, 30)
    telling.rounds(midnight + HOUR, 10)
    assert slack.days == [["Front door today: 1 released."], ["Front door today: 1 released."]]


def test_what_nobody_told_for_an_hour_is_only_counted(store: Store, slack: Slack, telling: Telling) -> None:
    happen(store, [*released(NOON), *missed(NOON)])
    happen(store, released(NOON + HOUR))
    Telling(store, slack).rounds(NOON + HOUR + MINUTE)
    assert slack.days == [["Front door today: 2 released, 1 missed."]]
    assert (len(slack.lines), slack.told) == (1, [])


# What Slack makes of it


def test_what_slack_puts_off_is_told_later_and_no_sooner_than_it_asks_for(store: Store) -> None:
    slack = Slack(LIMITED)
    telling = begun(store, slack)
    happen(store, released())
    telling.rounds(NOON, 30)
    assert (slack.attempts, slack.messages) == (1, {})
    happen(store, released(NOON + 20 * SECOND))
    telling.round(NOON + 30 * SECOND)
    assert (slack.days, len(slack.lines)) == ([["Front door today: 2 released."]], 2)
    assert tells(store) == []


def test_lines_that_slack_puts_off_keep_their_order_and_the_days_message(store: Store) -> None:
    slack = Slack(Posted(Delivery.DELIVERED, "1.0"), LATER, LATER)
    slack.messages["1.0"] = [Shown("C0FRONTDOOR", "Front door today: 1 released.")]
    telling = begun(store, slack)
    for number in range(5):
        happen(store, released(NOON + number * SECOND, f"number {number}"))
        telling.round(NOON + number * SECOND)
    telling.rounds(NOON + MINUTE)
    assert slack.lines == [f"released, by the number {number}" for number in range(5)]
    assert slack.days == [["Front door today: 1 released.", "Front door today: 5 released."]]


def test_lines_are_given_up_after_an_hour_and_that_is_on_record_once(store: Store) -> None:
    slack = Slack(*[LATER] * 1000)
    telling, now = begun(store, slack), NOON
    while now < NOON + 3 * HOUR:
        happen(store, released(now))
        telling.rounds(now, 10)
        now += 10 * MINUTE
    slack.posts.clear()
    telling.rounds(now + 5 * MINUTE)
    assert tells(store) == [(Outcome.REFUSED, "slack_unreachable")]
    assert slack.days == [["Front door today: 18 released."]]
    assert 0 < len(slack.lines) <= 6


def test_what_slack_refuses_is_on_record_once_a_day_and_tried_at_each_visit(store: Store) -> None:
    slack = Slack(*[REFUSED] * 3)
    telling = begun(store, slack)
    for number in range(4):
        happen(store, released(NOON + number * MINUTE))
        telling.rounds(NOON + number * MINUTE, 30)
    assert tells(store) == [(Outcome.REFUSED, "slack_refused")]
    assert slack.attempts == 5
    assert (slack.days, len(slack.lines)) == ([["Front door today: 4 released."]], 1)


def test_a_days_message_that_somebody_deleted_is_begun_anew_with_the_next_visit(store: Store) -> None:
    slack = Slack(edits=[REFUSED])
    telling = begun(store, slack)
    for number in range(4):
        happen(store, released(NOON + number * MINUTE))
        telling.rounds(NOON + number * MINUTE, 30)
    first, second = slack.days
    assert first == ["Front door today: 1 released."]
    assert second == ["Front door today: 3 released.", "Front door today: 4 released."]


@pytest.mark.parametrize("answer", [LATER, UNKNOWN])
def test_figures_are_shown_in_the_end(store: Store, answer: Posted) -> None:
    slack = Slack(edits=[answer, answer])
    telling = begun(store, slack)
    for number in range(2):
        happen(store, released(NOON + number * MINUTE))
        telling.rounds(NOON + number * MINUTE, 30)
    assert slack.days == [["Front door today: 1 released.", "Front door today: 2 released."]]
    assert tells(store) == []


def test_lines_whose_fate_is_unknown_are_on_record_and_not_repeated(store: Store) -> None:
    slack = Slack(Posted(Delivery.DELIVERED, "1.0"), UNKNOWN)
    slack.messages["1.0"] = [Shown("C0FRONTDOOR", "Front door today: 1 released.")]
    telling = begun(store, slack)
    happen(store, released())
    telling.rounds(NOON)
    assert (slack.attempts, tells(store)) == (2, [(Outcome.UNKNOWN, "fate_unknown")])
    happen(store, released(NOON + MINUTE))
    telling.rounds(NOON + MINUTE)
    assert slack.days == [["Front door today: 1 released.", "Front door today: 2 released."]]


def test_a_days_message_whose_fate_is_unknown_is_not_repeated_before_the_next_visit(store: Store) -> None:
    slack = Slack(UNKNOWN)
    telling = begun(store, slack)
    happen(store, released())
    telling.rounds(NOON)
    assert (slack.attempts, tells(store)) == (1, [(Outcome.UNKNOWN, "fate_unknown")])
    happen(store, released(NOON + MINUTE))
    telling.rounds(NOON + MINUTE)
    assert slack.days == [["Front door today: 2 released."]]


def test_another_door_does_not_wait(store: Store) -> None:
    slack = Slack(LIMITED)
    doors = {name: a_door(id=name, name=f"The {name} door", channel=f"C{name}") for name in ("front", "back")}
    digests = Digests(store, slack, doors)
    digests.gather(NOON)
    for name in doors:
        happened = AuditEvent(NOON, name, Action.RING, Outcome.RELEASED, "unlock", visit=f"CA{name}")
        assert store.commit(store.read(partition(name), DIGEST), {}, [happened])
        digests.touched(name)
    digests.gather(NOON)
    digests.tell(lambda: NOON)
    assert {shown[0].channel for shown in slack.messages.values()} == {"Cback"}


def test_a_thousand_visits_are_gathered_and_slack_is_given_time(store: Store) -> None:
    posted: list[datetime] = []
    now = NOON

    class Timed(Slack):
        def post(self, channel: str, text: str, buttons: Sequence[Button] = (), thread: str = "") -> Posted:
            posted.append(now)
            return super().post(channel, text, buttons, thread)

    slack = Timed()
    telling = begun(store, slack)
    happen(store, [each for number in range(1000) for each in released(NOON, f"number {number}")])
    for _ in range(100):
        telling.round(now)
        now += 2 * SECOND
    assert slack.lines == [f"released, by the number {number}" for number in range(1000)]
    assert slack.days[0][-1] == "Front door today: 1000 released."
    assert len(posted) == 1 + 1000 // MOST_LINES
    assert min(later - earlier for earlier, later in pairwise(posted[1:])) >= PACE


# Processes that die, and several at once


class Killed(BaseException):
    """The process ends here."""


@pytest.mark.parametrize("at", ["post", "edit"])
def test_what_a_process_claimed_that_was_killed_is_on_record_as_unknown_and_not_repeated(store: Store, at: str) -> None:
    class Deadly(Slack):
        def edit(self, *_: Any) -> Posted:
            raise Killed

        def post(self, *given: Any, **more: Any) -> Posted:
            if at == "post" and more.get("thread"):
                raise Killed
            return super().post(*given, **more)

    slack, dying = Slack(), Deadly()
    dying.messages = slack.messages
    telling = begun(store, slack)
    happen(store, released(NOON, "first"))
    telling.round(NOON)
    happen(store, released(NOON + MINUTE, "second"))
    with pytest.raises(Killed):
        Telling(store, dying).round(NOON + MINUTE)
    happen(store, released(NOON + 2 * MINUTE, "third"))
    telling.rounds(NOON + 2 * MINUTE, 30)
    assert "released, by the third" not in slack.lines  # the claim may still be somebody's
    telling.rounds(NOON + MINUTE + FATE_UNKNOWN_AFTER)
    assert tells(store) == [(Outcome.UNKNOWN, "fate_unknown")]
    repeated = Counter(slack.lines)
    assert repeated == {f"released, by the {each}": 1 for each in ("first", *["second"] * (at == "edit"), "third")}
    assert slack.days == [["Front door today: 1 released.", "Front door today: 3 released."]]


def test_whoever_took_longer_than_a_claim_lasts_changes_nothing_any_more(store: Store) -> None:
    """Another process has put it on record as unknown meanwhile."""
    other = Slack()

    class Slow(Slack):
        def post(self, *given: Any, **more: Any) -> Posted:
            Telling(store, other).round(NOON + FATE_UNKNOWN_AFTER)
            return super().post(*given, **more)

    telling = begun(store, Slow())
    happen(store, released())
    telling.round(NOON)
    assert (other.messages, tells(store)) == ({}, [(Outcome.UNKNOWN, "fate_unknown")])
    digest = store.read(FRONT, DIGEST).get(DIGEST)
    assert digest is not None
    assert (digest.ts, digest.lines, digest.claimed) == ("", (), False)


def test_what_happens_while_slack_is_being_told_is_told_afterwards(store: Store) -> None:
    class Slow(Slack):
        def post(self, *given: Any, **more: Any) -> Posted:
            if len(self.messages) < 4:
                happen(store, released(NOON, f"number {len(self.messages)}"))
                other = Telling(store, self)
                other.digests.gather(NOON)
            return super().post(*given, **more)

    slack = Slow()
    telling = begun(store, slack)
    happen(store, released(NOON, "start"))
    telling.rounds(NOON)
    assert Counter(slack.lines) == {
        f"released, by the {each}": 1 for each in ("start", *map("number {}".format, range(4)))
    }
    assert slack.days[0][-1] == "Front door today: 5 released."


def test_several_processes_at_once_tell_each_line_once(store: Store) -> None:
    slack = Slack()
    begun(store, slack)
    stop = NOON + FATE_UNKNOWN_AFTER - 5 * SECOND

    def process() -> None:
        telling, now = Telling(store, slack), NOON
        while now < stop:
            try:
                telling.round(now)
            except StoreUnavailable:
                continue
            now += random.choice((SECOND, 2 * SECOND, 3 * SECOND))

    def ring() -> None:
        for number in range(60):
            happen(store, missed(NOON) if number % 10 == 0 else released(NOON, f"number {number}"))

    threads = [Thread(target=act) for act in (process, process, process, ring)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    Telling(store, slack).rounds(stop)
    assert Counter(slack.lines) == {
        **{f"released, by the number {number}": 1 for number in range(60) if number % 10},
        "missed, nobody answered the telephones": 6,
    }
    assert sum(len(text.splitlines()) for _, text in slack.told) == 6
    assert slack.days == [slack.days[0]]
    assert slack.days[0][-1] == "Front door today: 54 released, 6 missed."
    assert tells(store) == []


def test_a_store_that_is_away_loses_nothing(sqlite_store: Store) -> None:
    class Away:
        away = False

        def __getattr__(self, name: str) -> Any:
            if self.away:
                raise StoreUnavailable("away")
            return getattr(sqlite_store, name)

    slack, store = Slack(), Away()
    telling = begun(store, slack)  # type: ignore[arg-type]
    happen(sqlite_store, released())
    store.away = True
    for _ in range(3):
        with pytest.raises(StoreUnavailable):
            telling.round(NOON)
    store.away = False
    telling.digests.gather(NOON)  # it still knows that there is something new
    telling.digests.tell(lambda: NOON)
    assert slack.days == [["Front door today: 1 released."]]


def test_a_record_that_cannot_be_read_does_not_hold_up_another_door(
    sqlite_store: SqliteStore, caplog: pytest.LogCaptureFixture
) -> None:
    slack = Slack()
    doors = {name: a_door(id=name, name=name.capitalize()) for name in ("back", "front")}
    digests = Digests(sqlite_store, slack, doors)
    digests.gather(NOON)
    with sqlite_store._transaction() as connection:
        connection.execute("UPDATE records SET value = '{}' WHERE partition = 'door:back'")
    happen(sqlite_store, released())
    digests.touched("back")
    digests.touched("front")
    digests.gather(NOON)
    digests.tell(lambda: NOON)
    assert slack.days == [["Front today: 1 released."]]
    assert "The visits at back could not be read" in caplog.text


# Whatever happens

EVENING = local("2026-11-23T23:40")
FIRST = st.sampled_from([Outcome.RELEASED, Outcome.FORWARDED, Outcome.HELD, Outcome.ASKED, Outcome.DENIED])
NEXT = st.sampled_from(
    [
        (Action.ADMIT, Outcome.RELEASED),
        (Action.TURN_AWAY, Outcome.DENIED),
        (Action.FORWARD, Outcome.UNANSWERED),
        (Action.FORWARD, Outcome.ANSWERED),
        (Action.END, Outcome.HUNG_UP),
        (Action.END, Outcome.LOST),
    ]
)
STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("ring"), st.integers(0, 15), FIRST),
        st.tuples(st.just("goes on"), st.integers(0, 15), NEXT),
        st.tuples(st.just("round"), st.sampled_from([None, LATER, LIMITED]), st.none()),
        st.tuples(st.just("time"), st.integers(1, 55), st.none()),
    ),
    max_size=60,  # within an hour: every line is told
)
FIGURES = {
    "released": lambda each: each.outcome is Outcome.RELEASED,
    "answered by telephone": lambda each: each.outcome is Outcome.ANSWERED,
    "turned away": lambda each: each.action is Action.TURN_AWAY,
    "denied": lambda each: (each.action, each.outcome) == (Action.RING, Outcome.DENIED),
    "missed": lambda each: each.outcome in (Outcome.UNANSWERED, Outcome.HUNG_UP),
    "whose end is unknown": lambda each: each.outcome is Outcome.LOST,
}


def concluded(log: Sequence[AuditEvent]) -> list[AuditEvent]:
    """The events that end a visit, found another way: the first of each call that leaves nobody waiting."""
    first: dict[str, AuditEvent] = {}
    for each in log:
        if each.outcome not in (Outcome.ASKED, Outcome.HELD, Outcome.FORWARDED):
            first.setdefault(each.visit, each)
    return list(first.values())


def expected(visits: Sequence[AuditEvent]) -> list[str]:
    """What each day's message shows in the end."""
    days = []
    for is_tomorrow in (False, True):
        today = [each for each in visits if (each.time >= local("2026-11-24T00:00")) is is_tomorrow]
        numbers = {name: sum(map(belongs, today)) for name, belongs in FIGURES.items()}
        if today:
            days.append(f"Front door today: {', '.join(f'{n} {name}' for name, n in numbers.items() if n)}.")
    return days


@given(STEPS)
def test_the_figures_are_the_logs_and_every_line_is_told_once(steps: list[tuple[str, Any, Any]]) -> None:
    store, slack, now = SqliteStore(Path(tempfile.mkdtemp()) / "doorbot.db"), Slack(), EVENING
    telling, log, rung = begun(store, slack), list[AuditEvent](), set[int]()
    for kind, value, more in steps:
        now += SECOND
        if kind == "time":
            now += value * SECOND
        elif kind == "round":
            slack.posts = [value]
            telling.round(now)
        elif (kind == "ring") == (value not in rung):
            rung.add(value)
            action, outcome = (Action.RING, more) if kind == "ring" else more
            log.append(event(action, outcome, f"CA{value}", now, f"number {len(log)}"))
            happen(store, log[-1:])
    slack.posts = []
    telling.rounds(now)
    assert [day[-1] for day in slack.days] == expected(concluded(log))
    assert len(slack.lines) == len(concluded(log))
    assert len({each for each in slack.lines if "number" in each}) == sum("number" in each for each in slack.lines)
