"""Schedules, special days and what a lock does to them, on every store."""

from datetime import date, timedelta
from typing import Any

import pytest

from app.domain.audit import Action, AuditEvent, Outcome
from app.domain.doors import AfterHours, Door
from app.domain.log_sentences import log_line
from app.domain.notices import Notice
from app.domain.outcomes import Locked, RefusalReason, Refused, Unlocked
from app.domain.permissions import Role
from app.domain.schedules import MOST_SCHEDULES, MOST_SPECIAL_DAYS
from app.domain.sentences import sentence
from app.domain.unlocks import Terms
from app.domain.visits import VisitState
from app.ports import Key, Store, entries, partition
from app.usecases.doors import Doors
from app.usecases.lockdowns import Lockdowns
from app.usecases.planned import SCHEDULES
from app.usecases.schedules import Schedules
from app.usecases.tones import Tones
from app.usecases.unlocks import STATE, Unlocks
from app.usecases.visits import Visits
from tests.support import ADMIN, HOST, INTERCOM, a_door, a_holding, asked, local, stored

MONDAY = "2026-11-23"
NOON = local(f"{MONDAY}T12:00")
DOOR = a_door(holidays={date(2026, 11, 26): "Thanksgiving Day", date(2026, 12, 25): "Christmas Day"}, channel="")
TOLD = a_door(channel="C0FRONTDOOR")
TERMS = Terms(timedelta(hours=2), timedelta(hours=8))
LUNCH = "mon-fri 11:00-14:00 called lunch"


def act(store: Store, verb: str, text: str = "", now: Any = NOON, door: Door = DOOR) -> Any:
    return getattr(Schedules(store, lambda: None), verb)(asked(now), door, text)


def said(store: Store, verb: str, text: str = "", now: Any = NOON, door: Door = DOOR) -> str:
    return sentence(act(store, verb, text, now, door), now)


def lock(store: Store, now: Any = NOON, door: Door = DOOR) -> str:
    return sentence(Unlocks(store, TERMS, lambda: None).lock(asked(now), door), now)


def unlock(store: Store, text: str = "", now: Any = NOON, door: Door = DOOR) -> Any:
    return Unlocks(store, TERMS, lambda: None).unlock(asked(now), door, text)


def ring(store: Store, when: str, door: Door = DOOR) -> tuple[VisitState, str, str]:
    """How a ring at a local time begins, why, and by whom."""
    now = local(when)
    visit = Visits(store).ring(door, f"CA{now.timestamp()}", INTERCOM, now)
    return visit.state, visit.reason, log(store)[-1].actor


def released(store: Store, when: str) -> bool:
    return ring(store, when)[0] is VisitState.RELEASED


def log(store: Store) -> list[AuditEvent]:
    return [entry.event for entry in entries(store, partition("front"))][::-1]


def line(store: Store) -> str:
    """The newest line of the log."""
    entry = next(iter(entries(store, partition("front"))))
    return log_line(entry, {"front": DOOR}, entry.event.time).partition(": ")[2]


def status(store: Store, when: str = f"{MONDAY}T12:00", door: Door = DOOR) -> str:
    now = local(when)
    (found,) = Doors(store).status(asked(now), [door])
    return sentence(found, now)


def notices(store: Store) -> list[str]:
    keys = [Key[Notice](due.name) for due in store.due([partition("front")], NOON + timedelta(days=400), 1000)]
    found = [store.read(partition("front"), key).get(key) for key in keys if key.name.startswith("notice:")]
    return [notice.text for notice in found if notice]


# What they release


@pytest.mark.parametrize(
    ("when", "state"),
    [
        (f"{MONDAY}T10:59:59.999999", VisitState.FORWARDED),
        (f"{MONDAY}T11:00", VisitState.RELEASED),
        (f"{MONDAY}T13:59:59.999999", VisitState.RELEASED),
        (f"{MONDAY}T14:00", VisitState.FORWARDED),
        ("2026-11-24T11:00", VisitState.RELEASED),
        ("2026-11-26T12:00", VisitState.FORWARDED),
        ("2026-11-28T12:00", VisitState.FORWARDED),
    ],
)
def test_rings_in_a_schedules_window_are_released_by_whoever_added_it(
    store: Store, when: str, state: VisitState
) -> None:
    act(store, "add", LUNCH, local("2026-11-20T12:00"))
    assert ring(store, when)[0] is state
    if state is VisitState.RELEASED:
        event = log(store)[-1]
        assert (event.reason, event.details) == ("schedule", {"schedule": "1"})
        assert line(store) == f"released by schedule 1 of <@{HOST}> (call from …0199)"


def test_a_ring_is_decided_in_one_commit_of_one_read(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    act(store, "add", LUNCH)
    reads, commits = [], []
    monkeypatch.setattr(store, "read", lambda *args, read=store.read: reads.append(args) or read(*args))
    monkeypatch.setattr(store, "commit", lambda *args, commit=store.commit: commits.append(args) or commit(*args))
    Visits(store).ring(DOOR, "CA1", INTERCOM, NOON)
    assert (len(reads), len(commits)) == (1, 1)


def test_a_held_visitor_is_released_when_the_window_opens(store: Store) -> None:
    act(store, "add", LUNCH)
    before = local("2026-11-24T10:59:50")
    assert Visits(store).ring(TOLD, "CA1", INTERCOM, before).state is VisitState.HELD
    polled = a_holding(store).poll(TOLD, "CA1", INTERCOM, "", before + timedelta(seconds=2)).visit
    assert polled
    assert polled.state is VisitState.HELD
    polled = a_holding(store).poll(TOLD, "CA1", INTERCOM, "", before + timedelta(seconds=10)).visit
    assert polled
    assert (polled.state, polled.reason, polled.by) == (VisitState.RELEASED, "schedule", HOST)
    assert log(store)[-1].details == {"schedule": "1"}


def test_an_unlock_beats_a_schedule_and_a_lockdown_beats_both(store: Store) -> None:
    act(store, "add", LUNCH)
    unlock(store, "for 1h")
    assert ring(store, f"{MONDAY}T12:30")[1] == "unlock"
    assert ring(store, f"{MONDAY}T13:00")[1] == "schedule"
    Lockdowns(store, {"front": DOOR}, lambda: None).lock_down(asked(NOON, ADMIN, Role.ADMIN), DOOR, "fire drill")
    assert ring(store, f"{MONDAY}T13:01")[:2] == (VisitState.FORWARDED, "lockdown")


def test_what_is_counted_is_not_used_up_while_a_schedule_releases(store: Store) -> None:
    act(store, "add", LUNCH)
    unlock(store, "once until 15:00")
    assert [ring(store, f"{MONDAY}T{clock}")[:2] for clock in ("12:30", "14:00", "14:01")] == [
        (VisitState.RELEASED, "schedule"),
        (VisitState.RELEASED, "unlock"),
        (VisitState.FORWARDED, "locked"),
    ]


def test_without_a_schedule_nothing_is_written_at_a_ring_but_the_visit(store: Store) -> None:
    ring(store, f"{MONDAY}T12:00")
    assert "schedules" not in str(stored(store))


# Lock


def test_lock_suspends_the_window_that_is_open_says_until_when_and_the_next_day_it_is_back(store: Store) -> None:
    act(store, "add", LUNCH)
    assert lock(store) == (
        "The front door is locked. Its schedule (lunch) releases nothing until 14:00; next: tomorrow 11:00."
    )
    assert [released(store, f"{MONDAY}T{clock}") for clock in ("12:00", "13:59:59.999999")] == [False, False]
    assert [released(store, f"2026-11-24T{clock}") for clock in ("10:59", "11:00")] == [False, True]
    event = next(event for event in log(store) if event.action is Action.LOCK)
    assert event.details == {"ended": 0, "until": local(f"{MONDAY}T14:00").isoformat()}


def test_the_suspension_is_told_in_the_log_in_the_status_and_to_the_channel(store: Store) -> None:
    act(store, "add", LUNCH, door=TOLD)
    lock(store, door=TOLD)
    assert line(store) == f"<@{HOST}> locked the door, and nothing releases by itself, until 14:00"
    assert status(store) == (
        "The front door is locked. Rings reach a human. "
        "Nothing releases by itself until 14:00, because of a lock; next: tomorrow 11:00."
    )
    assert (
        f"<@{HOST}> locked the front door. Its schedule (lunch) releases nothing until 14:00; next: tomorrow 11:00."
        in (notices(store))
    )


def test_a_second_lock_says_what_holds_still(store: Store) -> None:
    act(store, "add", LUNCH)
    lock(store)
    assert lock(store, local(f"{MONDAY}T13:00")) == (
        "The front door is already locked. Its schedule releases nothing until 14:00; next: tomorrow 11:00."
    )
    assert lock(store, local(f"{MONDAY}T15:00")) == "The front door is already locked. Rings reach a human."


def test_lock_outside_a_window_suspends_nothing(store: Store) -> None:
    act(store, "add", LUNCH)
    unlock(store, now=local(f"{MONDAY}T10:00"))
    assert lock(store, local(f"{MONDAY}T10:59:59")) == "The front door is locked. Rings reach a human."
    assert released(store, f"{MONDAY}T11:00")


def test_a_locked_window_can_be_unlocked_and_resumed(store: Store) -> None:
    act(store, "add", LUNCH)
    lock(store)
    unlock(store, "for 10m")
    assert [ring(store, f"{MONDAY}T12:{minute}")[1] for minute in ("05", "10")] == ["unlock", "locked"]
    answer = said(store, "resume", now=local(f"{MONDAY}T12:15"))
    assert answer == (
        "What the front door does by itself counts again. "
        "Releases by itself until 14:00 (lunch), then rings the telephones; next: tomorrow 11:00."
    )
    assert ring(store, f"{MONDAY}T12:16")[1] == "schedule"
    assert said(store, "resume").startswith("What the front door does by itself was not paused.")


def test_the_window_of_a_special_day_is_suspended_like_any_other(store: Store) -> None:
    act(store, "open_day", "saturday 10:00-16:00")
    saturday = local("2026-11-28T12:00")
    assert "(special day) releases nothing until 16:00" in lock(store, saturday)
    assert not released(store, "2026-11-28T12:01")


# Add


def test_what_was_added_is_said_with_what_is_in_force_and_next(store: Store) -> None:
    assert said(store, "add", "mon-fri 11:00-14:00 from 1 december until 23 december called lunch") == (
        "Schedule 1, Mon–Fri 11:00–14:00 (lunch), from Tue 1 Dec until Wed 23 Dec: the front door releases every ring "
        "then, in working hours and not on holidays. Releases by itself next: Tue 1 Dec 11:00."
    )
    (event,) = log(store)
    assert (event.action, event.outcome, event.actor) == (Action.ADD_SCHEDULE, Outcome.DONE, HOST)
    assert event.details == {
        "number": 1,
        "days": "mon,tue,wed,thu,fri",
        "start": "11:00",
        "end": "14:00",
        "name": "lunch",
        "first": "2026-12-01",
        "last": "2026-12-23",
    }
    assert line(store) == (
        f"schedule 1 added by <@{HOST}>: Mon–Fri 11:00–14:00 (lunch), from 2026-12-01, to 2026-12-23"
    )


def test_several_windows_are_a_schedule_each_and_each_is_on_record(store: Store) -> None:
    answer = said(store, "add", "mon-fri 11:00-12:00, 16:00-18:00")
    assert answer.startswith("Schedules 1, Mon–Fri 11:00–12:00; 2, Mon–Fri 16:00–18:00: the front door releases")
    assert "Working hours are Mon–Fri 09:00–17:00: what lies outside them does not count." in answer
    assert [event.details["number"] for event in log(store)] == [1, 2]


@pytest.mark.parametrize("text", ["mon-fri 17:00-19:00", "sat-sun 11:00-14:00", "thu 11:00-14:00 until 26 november"])
def test_a_schedule_that_could_never_release_is_refused_with_the_hours(store: Store, text: str) -> None:
    outcome = act(store, "add", text, local("2026-11-26T08:00") if "until" in text else NOON)
    assert (type(outcome), outcome.reason) == (Refused, RefusalReason.OUTSIDE_HOURS)
    answer = sentence(outcome, NOON)
    assert "the working hours of the front door are Mon–Fri 09:00–17:00, without holidays" in answer
    assert answer.endswith("Try `schedule add mon 09:00-17:00`.")
    assert (log(store)[-1].outcome, log(store)[-1].reason) == (Outcome.REFUSED, "outside_hours")


def test_a_schedule_that_is_over_is_refused(store: Store) -> None:
    outcome = act(store, "add", "mon-fri 11:00-14:00 until 20 november")
    assert outcome.reason is RefusalReason.PAST
    assert sentence(outcome, NOON).startswith("It would have ended on 2026-11-20. Try `schedule add")


def test_what_is_not_understood_is_refused_and_on_record(store: Store) -> None:
    outcome = act(store, "add", "whenever")
    assert outcome.reason is RefusalReason.NOT_UNDERSTOOD
    assert [(event.action, event.outcome) for event in log(store)] == [(Action.ADD_SCHEDULE, Outcome.REFUSED)]


def test_there_is_a_limit_and_it_is_said_what_to_do(store: Store) -> None:
    act(store, "add", "mon-fri " + ", ".join(["11:00-14:00"] * MOST_SCHEDULES))
    answer = said(store, "add", LUNCH)
    assert answer == "The front door can have 20 schedules. Remove one first, such as `schedule remove 1`."
    act(store, "remove", "1")
    assert said(store, "add", LUNCH).startswith(f"Schedule {MOST_SCHEDULES + 1}, ")


def test_special_days_have_a_limit_too(store: Store) -> None:
    for month in ("january", "march"):
        assert not isinstance(act(store, "close_day", f"1 {month} until 30 {month}"), Refused)
    assert len(log(store)) == MOST_SPECIAL_DAYS
    assert said(store, "close_day", "1 june").startswith("The front door can have 60 special days.")


def test_those_who_may_not_change_nothing(store: Store) -> None:
    for verb in ("add", "remove", "pause", "resume", "open_day", "close_day"):
        request = asked(NOON, "U0MEMBER1", Role.MEMBER)
        outcome = getattr(Schedules(store, lambda: None), verb)(request, DOOR, LUNCH)
        assert sentence(outcome, NOON) == "Only hosts can change the schedule here. Ask an admin."
    assert store.read(partition("front"), SCHEDULES).get(SCHEDULES) is None


def test_the_same_delivery_adds_once(store: Store) -> None:
    for _ in range(2):
        Schedules(store, lambda: None).add(asked(NOON, delivery="trigger-1"), DOOR, LUNCH)
    planned = store.read(partition("front"), SCHEDULES).get(SCHEDULES)
    assert planned
    assert len(planned.schedules) == 1


# List, remove, pause, resume


def test_the_list_tells_numbers_words_special_days_pauses_and_what_is_in_force(store: Store) -> None:
    act(store, "add", LUNCH)
    act(store, "add", "mon,wed 15:00-16:00 until 23 december")
    act(store, "pause", "2 until 1 december")
    act(store, "close_day", "24 december from noon")
    act(store, "open_day", "saturday 12 december 10:00-16:00 asking")
    (listed,) = Schedules(store, lambda: None).list(asked(NOON), [DOOR])
    assert sentence(listed, NOON, str).splitlines() == [
        "Schedules for the front door:",
        "Releases by itself until 14:00 (lunch), then rings the telephones; next: tomorrow 11:00.",
        f"1. Mon–Fri 11:00–14:00 (lunch), by {HOST}",
        f"2. Mon, Wed 15:00–16:00, until Wed 23 Dec, paused until Tue 1 Dec, by {HOST}",
        f"• Sat 12 Dec: open 10:00–16:00, hosts are asked, by {HOST}",
        f"• Thu 24 Dec: closed from 12:00, by {HOST}",
    ]


def test_numbers_stay_the_same_and_are_never_used_again(store: Store) -> None:
    act(store, "add", "mon-fri 10:00-11:00, 12:00-13:00")
    assert said(store, "remove", "1").startswith("Schedule 1, Mon–Fri 10:00–11:00, of the front door is removed.")
    assert said(store, "add", LUNCH).startswith("Schedule 3, ")
    assert said(store, "remove", "LUNCH").startswith("Schedule 3, Mon–Fri 11:00–14:00 (lunch), ")
    assert said(store, "remove", "#2").startswith("Schedule 2, ")
    assert [event.details["number"] for event in log(store) if event.action is Action.REMOVE_SCHEDULE] == [1, 3, 2]
    assert not released(store, f"{MONDAY}T12:30")


@pytest.mark.parametrize(
    ("verb", "text", "answer"),
    [
        ("remove", "", "Which one? Try `schedule remove 1`"),
        ("remove", "7", "There is no schedule “7” at the front door."),
        ("remove", "24 december", "Nothing is special about 2026-12-24 at the front door."),
        ("pause", "", "Until when? Try `schedule pause until 7 january`"),
        ("pause", "7 until friday", "There is no schedule “7” at the front door."),
        ("pause", "until today", "2026-11-23 has begun already. Try `schedule pause until friday`"),
        ("pause", "until 20 november", "2026-11-20 has begun already."),
        ("resume", "7", "There is no schedule “7” at the front door."),
        ("open_day", "20 november 10:00-16:00", "That has passed: Fri 20 Nov: open 10:00–16:00"),
        ("open_day", "today 10:00-12:00", "That has passed: Mon 23 Nov: open 10:00–12:00"),
        ("close_day", "yesterday", "That has passed: Sun 22 Nov: closed all day."),
    ],
)
def test_what_can_not_be_done_is_said_with_what_to_do_and_changes_nothing(
    store: Store, verb: str, text: str, answer: str
) -> None:
    act(store, "add", LUNCH)
    before = store.read(partition("front"), SCHEDULES).get(SCHEDULES)
    assert said(store, verb, text).startswith(answer)
    assert store.read(partition("front"), SCHEDULES).get(SCHEDULES) == before
    assert log(store)[-1].outcome is Outcome.REFUSED


@pytest.mark.parametrize(
    ("text", "which"),
    [
        ("until wednesday", "All that the front door releases by itself"),
        ("1 until wednesday", "Schedule 1 (lunch) of the front door"),
    ],
)
def test_a_pause_ends_at_the_beginning_of_its_day(store: Store, text: str, which: str) -> None:
    act(store, "add", LUNCH)
    assert said(store, "pause", text).startswith(
        f"{which} is paused until Wed 25 Nov, and counts again from that day on."
    )
    assert [released(store, f"2026-11-{day}T12:30") for day in (23, 24, 25)] == [False, False, True]
    pause = next(event for event in log(store) if event.action is Action.PAUSE_SCHEDULE)
    assert pause.details["until"] == local("2026-11-25T00:00").isoformat()


def test_a_pause_of_all_is_told_in_the_status_and_leaves_hours_and_unlocks_alone(store: Store) -> None:
    act(store, "add", LUNCH)
    act(store, "open_day", "saturday 10:00-16:00")
    act(store, "pause", "until 7 january")
    assert status(store) == (
        "The front door is locked. Rings reach a human. "
        "Nothing releases by itself until Thu 7 Jan 2027 (paused); next: Thu 7 Jan 2027 11:00."
    )
    assert not released(store, "2026-11-28T12:00")
    assert isinstance(unlock(store, now=local("2026-11-28T12:00")), Unlocked)


def test_one_is_resumed_alone(store: Store) -> None:
    act(store, "add", "mon-fri 11:00-12:30, 13:00-14:00")
    for number in (1, 2):
        act(store, "pause", f"{number} until friday")
    assert said(store, "resume", "2").startswith("Schedule 2 of the front door counts again.")
    assert [released(store, f"{MONDAY}T{clock}") for clock in ("12:00", "13:00")] == [False, True]
    assert line(store).startswith("released by schedule")


# Special days


def test_an_opened_saturday_can_be_unlocked_asks_before_it_and_releases_in_it(store: Store) -> None:
    answer = said(store, "open_day", "saturday 12 december 10:00-16:00")
    assert answer.startswith("The front door, Sat 12 Dec: open 10:00–16:00, rings are released.")
    rings = [
        ring(store, f"2026-12-12T{clock}")[:2] for clock in ("09:59:59.999999", "10:00", "15:59:59.999999", "16:00")
    ]
    assert rings == [
        (VisitState.FORWARDED, "after_hours"),
        (VisitState.RELEASED, "schedule"),
        (VisitState.RELEASED, "schedule"),
        (VisitState.FORWARDED, "after_hours"),
    ]
    assert log(store)[-2].details == {"schedule": "2026-12-12"}
    outcome = unlock(store, "for 8h", local("2026-12-12T12:00"))
    assert outcome.unlock.ends_at == local("2026-12-12T16:00")
    late = unlock(store, now=local("2026-12-12T17:00"))
    assert sentence(late, local("2026-12-12T17:00")) == (
        "It's 17:00. The front door can be unlocked Mon–Fri 09:00–17:00, and today 10:00–16:00."
    )


def test_an_opened_holiday_that_asks_has_hours_and_releases_nothing(store: Store) -> None:
    act(store, "open_day", "26 november 10:00-16:00 asking")
    act(store, "add", LUNCH)
    assert ring(store, "2026-11-26T12:00")[:2] == (VisitState.FORWARDED, "locked")
    assert isinstance(unlock(store, now=local("2026-11-26T12:00")), Unlocked)


def test_closed_from_noon_on_the_24th(store: Store) -> None:
    act(store, "add", LUNCH)
    now = local("2026-12-24T12:00")
    assert said(store, "close_day", "from noon on 24 december").startswith(
        "The front door, Thu 24 Dec: closed from 12:00."
    )
    assert [ring(store, f"2026-12-24T{clock}")[:2] for clock in ("11:59:59.999999", "12:00", "13:00")] == [
        (VisitState.RELEASED, "schedule"),
        (VisitState.FORWARDED, "after_hours"),
        (VisitState.FORWARDED, "after_hours"),
    ]
    assert sentence(unlock(store, now=now), now) == (
        "It's closed from 12:00. The front door can be unlocked Mon–Fri 09:00–17:00."
    )
    assert unlock(store, "until 13:00", local("2026-12-24T11:30")).unlock.ends_at == now
    tones: Any = Tones(store, {"front": DOOR})
    assert tones.calibrate(asked(now), DOOR).reason is RefusalReason.OUTSIDE_HOURS
    (found,) = Doors(store).status(asked(now), [DOOR])
    assert (found.is_open, found.next_opening) == (False, local("2026-12-28T09:00"))


def test_what_runs_past_a_newly_closed_time_is_shortened_in_the_same_commit(store: Store) -> None:
    unlock(store, "until 16:00")
    unlock(store, "once until 13:00 expecting DoorDash")
    unlock(store, "next 2 until 15:00")
    answer = said(store, "close_day", "today from 14:00", door=TOLD)
    assert "The unlock by <@U0HOST001> ends at 14:00." in answer
    state = store.read(partition("front"), STATE).get(STATE)
    assert state
    assert [each.ends_at for each in state.unlocks] == [
        local(f"{MONDAY}T{clock}") for clock in ("14:00", "13:00", "14:00")
    ]
    assert log(store)[-1].details["unlocks_end"] == local(f"{MONDAY}T14:00").isoformat()
    assert line(store) == f"2026-11-23 closed 14:00–24:00 by <@{HOST}>; an unlock was shortened"
    assert [ring(store, f"{MONDAY}T{clock}")[0] for clock in ("13:59", "14:00")] == [
        VisitState.RELEASED,
        VisitState.FORWARDED,
    ]


def test_closing_now_ends_unlocks_now_and_opening_again_brings_none_back(store: Store) -> None:
    unlock(store, "until 16:00")
    assert "ends now." in said(store, "close_day", "today")
    assert not released(store, f"{MONDAY}T12:00:01")
    assert said(store, "remove", "today").startswith(
        "What was special (Mon 23 Nov: closed all day) of the front door is removed."
    )
    assert ring(store, f"{MONDAY}T12:00:02")[1] == "locked"


def test_an_opened_day_that_is_removed_shortens_what_ran_in_it(store: Store) -> None:
    act(store, "open_day", "saturday 10:00-16:00 asking")
    saturday = local("2026-11-28T12:00")
    unlock(store, "for 3h", saturday)
    assert "ends now." in said(store, "remove", "saturday", saturday)
    assert not released(store, "2026-11-28T12:01")


def test_unlocks_that_end_before_stay_as_they_are(store: Store) -> None:
    unlock(store, "for 1h")
    assert "ends" not in said(store, "close_day", "today from 14:00")
    state = store.read(partition("front"), STATE).get(STATE)
    assert state
    assert state.unlocks[0].ends_at == NOON + timedelta(hours=1)


def test_what_is_opened_on_a_closed_day_stays_closed_and_it_is_said_how_to_end_that(store: Store) -> None:
    act(store, "close_day", "friday from noon")
    answer = said(store, "open_day", "friday 15:00-20:00")
    assert (
        "But Fri 27 Nov is closed from 12:00, and that stays so; to end it, `schedule remove 2026-11-27` first."
        in answer
    )
    assert not released(store, "2026-11-27T15:30")


def test_several_days_are_closed_at_once(store: Store) -> None:
    answer = said(store, "close_day", "24 december until 2 january")
    assert answer == "The front door, Thu 24 Dec to Sat 2 Jan 2027: closed all day."
    assert [event.details["date"] for event in log(store)][::9] == ["2026-12-24", "2027-01-02"]


def test_what_is_over_is_dropped_when_something_else_is_written(store: Store) -> None:
    act(store, "close_day", "24 november")
    act(store, "add", "mon-fri 11:00-14:00 until 24 november")
    act(store, "add", "mon-fri 15:00-16:00", local("2026-11-26T10:00"))
    planned = store.read(partition("front"), SCHEDULES).get(SCHEDULES)
    assert planned
    assert (planned.special_days, [each.number for each in planned.schedules]) == ((), [2])


# The status


@pytest.mark.parametrize(
    ("when", "said"),
    [
        (f"{MONDAY}T12:00", "The front door releases by itself until 14:00 (lunch), then asks; next: tomorrow 11:00."),
        (f"{MONDAY}T15:00", "The front door is locked. Rings reach a human. Releases by itself next: tomorrow 11:00."),
        (
            f"{MONDAY}T18:00",
            "The front door is locked, outside working hours. It can be unlocked again from tomorrow 09:00. "
            "Releases by itself next: tomorrow 11:00.",
        ),
    ],
)
def test_what_is_in_force_now_and_next_is_always_answered(store: Store, when: str, said: str) -> None:
    act(store, "add", LUNCH, local("2026-11-20T12:00"), TOLD)
    assert status(store, when, TOLD) == said


@pytest.mark.parametrize(
    ("after_hours", "then"),
    [(AfterHours.ASK, "asks"), (AfterHours.FORWARD, "rings the telephones"), (AfterHours.CLOSED, "is closed")],
)
def test_what_follows_closing_time_is_what_after_hours_says(store: Store, after_hours: AfterHours, then: str) -> None:
    door = a_door(after_hours=after_hours)
    act(store, "add", "mon-fri 16:00-18:00", door=door)
    assert f"until 17:00 (schedule 1), then {then}; next:" in status(store, f"{MONDAY}T16:30", door)


@pytest.mark.parametrize(
    ("asked_for", "more"),
    [
        ("next 2 until 15:00", f" After 14:00, the next 2 rings are released until 15:00, by <@{HOST}>."),
        ("once until 13:00", ""),
    ],
)
def test_while_a_schedule_releases_nobody_reads_that_the_door_is_locked(
    store: Store, asked_for: str, more: str
) -> None:
    act(store, "add", LUNCH, door=TOLD)
    unlock(store, asked_for)
    assert status(store, door=TOLD) == (
        f"The front door releases by itself until 14:00 (lunch), then asks; next: tomorrow 11:00.{more}"
    )
    assert status(store, f"{MONDAY}T14:00", TOLD).startswith("The front door is locked")


def test_no_end_is_told_of_what_never_ends(store: Store) -> None:
    door = a_door("00:00-24:00", days="mon-sun")
    act(store, "add", "every day 00:00-24:00 called always", door=door)
    assert status(store, door=door) == "The front door releases by itself for more than a week (always)."
    act(store, "add", "every day 00:00-24:00 until 30 november", door=door)
    act(store, "remove", "1", door=door)
    assert "until Tue 1 Dec 00:00 (schedule 2), then asks" in status(store, door=door)


def test_beside_an_unlock_it_is_told_what_releases_longer(store: Store) -> None:
    act(store, "add", LUNCH)
    unlock(store, "for 1h")
    assert status(store) == (
        f"The front door is unlocked until 13:00, by <@{HOST}>. Every ring is released. "
        "Its schedule (lunch) releases until 14:00."
    )


def test_in_lockdown_that_is_said_first(store: Store) -> None:
    Lockdowns(store, {"front": DOOR}, lambda: None).lock_down(asked(NOON, ADMIN, Role.ADMIN), DOOR, "")
    assert "In lockdown nothing releases it. Releases by itself until 14:00" in said(store, "add", LUNCH)
    assert status(store).startswith("The front door is in lockdown")


def test_the_channel_is_told_of_each_change(store: Store) -> None:
    for verb, text in (
        ("add", LUNCH),
        ("pause", "1 until friday"),
        ("resume", "1"),
        ("close_day", "24 december"),
        ("remove", "1"),
    ):
        act(store, verb, text, door=TOLD)
    told = [text.removeprefix(f"<@{HOST}> ").split(".")[0] for text in notices(store)]
    assert sorted(told) == [
        "added to the schedule of the front door: Mon–Fri 11:00–14:00 (lunch)",
        "changed the hours of the front door: Thu 24 Dec: closed all day",
        "paused schedule 1 (lunch) at the front door until Fri 27 Nov",
        "removed schedule 1, Mon–Fri 11:00–14:00 (lunch), of the front door",
        "resumed schedule 1 (lunch) at the front door",
    ]


def test_two_doors_have_schedules_of_their_own_in_their_own_time(store: Store) -> None:
    berlin = a_door(id="side", name="Side door", zone="Europe/Berlin", channel="")
    act(store, "add", LUNCH, door=berlin)
    now = local(f"{MONDAY}T12:00", "Europe/Berlin")
    assert Visits(store).ring(berlin, "CA1", INTERCOM, now).state is VisitState.RELEASED
    assert Visits(store).ring(DOOR, "CA2", INTERCOM, NOON).state is VisitState.FORWARDED
    assert Visits(store).ring(berlin, "CA3", INTERCOM, NOON).reason == "after_hours"


def test_a_lock_in_a_race_with_another_change_loses_nothing(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    act(store, "add", LUNCH)
    commit, changed = store.commit, []

    def first_another(*args: Any) -> bool:
        if not changed:
            changed.append(True)
            act(store, "add", "mon-fri 15:00-16:00")
        return commit(*args)

    monkeypatch.setattr(store, "commit", first_another)
    outcome: Any = Unlocks(store, TERMS, lambda: None).lock(asked(NOON), DOOR)
    assert isinstance(outcome, Locked)
    planned = store.read(partition("front"), SCHEDULES).get(SCHEDULES)
    assert planned
    assert (len(planned.schedules), planned.suspended_until) == (2, local(f"{MONDAY}T14:00"))
