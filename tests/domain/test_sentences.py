from datetime import date, datetime, timedelta
from typing import Any

import pytest

from app.domain.audit import Action, AuditEvent, LogEntry, Outcome, Source
from app.domain.doors import AfterHours, Door
from app.domain.log_sentences import log_line
from app.domain.outcomes import DoorStatus, Locked, RefusalReason, Refused, Unlocked
from app.domain.permissions import REQUIRED
from app.domain.phrases import mention, the
from app.domain.sentences import NOT_PERMITTED, announcement, sentence
from app.domain.unlocks import Bound, Unlock
from tests.support import HOST, INTERCOM, TELEPHONE, a_door, local

NOON, CLOSING = local("2026-11-23T12:00"), local("2026-11-23T17:00")
UNLOCK = Unlock(HOST, NOON, CLOSING)
THANKSGIVING = {date(2026, 11, 26): "Thanksgiving Day"}


@pytest.mark.parametrize(
    ("actor", "shown"),
    [
        ("U0HOST001", "<@U0HOST001>"),
        ("W0HOST001", "<@W0HOST001>"),
        ("S0RECEPTION", "<!subteam^S0RECEPTION>"),
        ("S0RECEPTION> <!channel", "S0RECEPTION> <!channel"),
        ("cli:U0HOST001", "cli:U0HOST001"),
        ("U0HOST001> <!channel", "U0HOST001> <!channel"),
        (TELEPHONE, TELEPHONE),
        ("", ""),
    ],
)
def test_only_the_ids_of_people_and_groups_become_mentions(actor: str, shown: str) -> None:
    assert mention(actor) == shown


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("Front door", "the front door"),
        ("Side Door", "the side Door"),
        ("Back side door", "the back side door"),
        ("IT door", "the IT door"),
        ("The front door", "the front door"),
        ("Garage", "Garage"),
        ("Haustür", "Haustür"),
    ],
)
def test_a_door_is_named_in_the_middle_of_a_sentence(name: str, shown: str) -> None:
    assert the(a_door(name=name)) == shown


@pytest.mark.parametrize(
    ("outcome", "said"),
    [
        (Unlocked(a_door(), UNLOCK), "The front door is unlocked until 17:00. Every ring is released."),
        (
            Unlocked(a_door(), UNLOCK, Bound.CLOSING),
            "The front door is unlocked until 17:00 (closing time). Every ring is released.",
        ),
        (
            Unlocked(a_door(name="Garage"), UNLOCK, Bound.LONGEST),
            "Garage is unlocked until 17:00 (the longest that is allowed). Every ring is released.",
        ),
        (
            Unlocked(a_door(), UNLOCK, kept=True),
            "The front door is already unlocked until 17:00, by <@U0HOST001>. "
            "That stays so; to end it sooner, lock first.",
        ),
        (Locked(a_door(), (UNLOCK,)), "The front door is locked. Rings reach a human."),
        (Locked(a_door(), ()), "The front door is already locked. Rings reach a human."),
        (
            DoorStatus(a_door(), UNLOCK, True, None),
            "The front door is unlocked until 17:00, by <@U0HOST001>. Every ring is released.",
        ),
        (DoorStatus(a_door(), None, True, None), "The front door is locked. Rings reach a human."),
        (DoorStatus(a_door(), None, False, None), "The front door is locked, outside working hours."),
        (
            DoorStatus(a_door(), None, False, local("2026-11-24T09:00")),
            "The front door is locked, outside working hours. It can be unlocked again from tomorrow 09:00.",
        ),
    ],
)
def test_an_outcome_is_said_in_plain_words(outcome: object, said: str) -> None:
    assert sentence(outcome, NOON) == said


@pytest.mark.parametrize("now", [NOON, CLOSING])
@pytest.mark.parametrize("after_hours", AfterHours)
@pytest.mark.parametrize("ended", [(), (UNLOCK,)])
def test_a_lock_promises_a_human_unless_the_door_is_closed_then(
    ended: tuple[Unlock, ...], after_hours: AfterHours, now: datetime
) -> None:
    promised = sentence(Locked(a_door(after_hours=after_hours), ended), now).endswith(" Rings reach a human.")
    assert promised is not (after_hours is AfterHours.CLOSED and now == CLOSING)


def test_a_terminal_shows_people_by_their_ids() -> None:
    assert "by U0HOST001." in sentence(DoorStatus(a_door(), UNLOCK, True, None), NOON, str)


@pytest.mark.parametrize(
    ("now", "door", "said"),
    [
        ("2026-11-21T12:00", a_door(), "It's Saturday. The front door can be unlocked Mon–Fri 09:00–17:00."),
        ("2026-11-23T08:59", a_door(), "It's 08:59. The front door can be unlocked Mon–Fri 09:00–17:00."),
        ("2026-11-23T17:00", a_door(), "It's 17:00. The front door can be unlocked Mon–Fri 09:00–17:00."),
        (
            "2026-11-26T12:00",
            a_door(holidays=THANKSGIVING),
            "It's Thanksgiving Day. The front door can be unlocked Mon–Fri 09:00–17:00.",
        ),
    ],
)
def test_a_refusal_outside_working_hours_says_why(now: str, door: Door, said: str) -> None:
    assert sentence(Refused(Action.UNLOCK, RefusalReason.OUTSIDE_HOURS, door), local(now)) == said


@pytest.mark.parametrize("action", REQUIRED)
@pytest.mark.parametrize("reason", set(RefusalReason) - {RefusalReason.OUTSIDE_HOURS})
def test_every_refusal_has_words(action: Action, reason: RefusalReason) -> None:
    assert sentence(Refused(action, reason, hint="Try `for 2h`."), NOON).endswith(".")


@pytest.mark.parametrize(("action", "who"), [(Action.UNLOCK, "hosts"), (Action.LOCK, "hosts"), (Action.LOG, "admins")])
def test_who_is_not_permitted_is_told_who_is(action: Action, who: str) -> None:
    said = sentence(Refused(action, RefusalReason.NOT_PERMITTED), NOON)
    assert said == f"{NOT_PERMITTED[action]} Ask an admin."
    assert who in said


def test_what_was_not_understood_is_answered_with_the_hint() -> None:
    assert sentence(Refused(Action.UNLOCK, RefusalReason.NOT_UNDERSTOOD, hint="Try 2h."), NOON) == "Try 2h."


def test_an_outcome_without_words_is_a_bug() -> None:
    with pytest.raises(TypeError, match="no words"):
        sentence(object(), NOON)


def test_the_channel_is_told_who_did_what() -> None:
    unlocked = announcement(Unlocked(a_door(), UNLOCK), HOST, NOON)
    assert unlocked == "<@U0HOST001> unlocked the front door until 17:00: every ring is released."
    assert announcement(Locked(a_door(), (UNLOCK,)), HOST, NOON) == "<@U0HOST001> locked the front door."


# The log


def line(action: Action, outcome: Outcome, now: datetime = NOON, **fields: Any) -> str:
    event = AuditEvent(NOON, "front", action, outcome, **fields)
    return log_line(LogEntry(7, event), {"front": a_door()}, now).removeprefix("12:00  Front door: ")


@pytest.mark.parametrize(
    ("action", "outcome", "fields", "said"),
    [
        ("ring", "released", {"reason": "unlock", "actor": HOST}, "released by the unlock of <@U0HOST001>"),
        (
            "ring",
            "released",
            {"reason": "unlock", "actor": HOST, "caller": INTERCOM},
            "released by the unlock of <@U0HOST001> (call from …0199)",
        ),
        (
            "ring",
            "forwarded",
            {"reason": "after_hours"},
            "rang, and the telephones were rung: it was outside working hours",
        ),
        (
            "ring",
            "denied",
            {"reason": "not_an_intercom", "caller": "withheld"},
            "a call from none of this door's intercoms was rejected (call from withheld)",
        ),
        ("forward", "answered", {"actor": TELEPHONE}, "answered by telephone …0123"),
        ("forward", "answered", {"actor": "client:ana"}, "answered by telephone client"),
        (
            "ring",
            "forwarded",
            {"reason": "locked", "caller": "sip:ana@example.com"},
            "rang, and the telephones were rung: nobody is asked in Slack (call from sip)",
        ),
        ("forward", "answered", {}, "answered by telephone"),
        ("forward", "unanswered", {"reason": "busy"}, "nobody answered the telephones (busy)"),
        ("end", "hung_up", {}, "the visitor hung up"),
        ("end", "lost", {}, "the end of the call was never reported"),
        ("lock", "done", {"actor": HOST, "source": Source.SLACK}, "<@U0HOST001> locked the door"),
        (
            "unlock",
            "done",
            {"actor": HOST, "details": {"until": CLOSING.isoformat(), "bound": "closing"}},
            "<@U0HOST001> unlocked the door, until 17:00",
        ),
        (
            "unlock",
            "done",
            {"actor": HOST, "details": {"until": local("2026-11-24T02:00").isoformat(), "bound": "asked"}},
            "<@U0HOST001> unlocked the door, until tomorrow 02:00",
        ),
        (
            "verify",
            "refused",
            {"reason": "bad_signature", "details": {"since": NOON.isoformat(), "slack": 3, "voice": 12}},
            "requests with a wrong signature were refused: 3 at slack, 12 at voice",
        ),
        ("tell", "refused", {"reason": "slack_refused"}, "a message did not reach Slack: slack refused"),
        ("tell", "unknown", {"reason": "fate_unknown"}, "a message may or may not have reached Slack"),
        (
            "unlock",
            "done",
            {"actor": HOST, "reason": "already_unlocked"},
            "<@U0HOST001> unlocked the door (already unlocked)",
        ),
        (
            "unlock",
            "refused",
            {"actor": HOST, "reason": "outside_hours"},
            "<@U0HOST001> wanted to unlock the door, and was refused: it was outside working hours",
        ),
        (
            "lock",
            "refused",
            {"actor": "U0GUEST01", "reason": "not_full_member", "details": {"times": 3}},
            "<@U0GUEST01> wanted to lock the door, and was refused: they are no full member of the workspace (3 more)",
        ),
    ],
)
def test_an_entry_of_the_log_is_a_line(action: str, outcome: str, fields: dict[str, Any], said: str) -> None:
    assert line(Action(action), Outcome(outcome), **fields) == said


@pytest.mark.parametrize(("days", "shown"), [(0, "12:00"), (1, "Mon 23 Nov 12:00"), (400, "Mon 23 Nov 2026 12:00")])
def test_an_entry_shows_the_local_time_and_as_much_of_the_date_as_is_needed(days: int, shown: str) -> None:
    entry = LogEntry(1, AuditEvent(NOON, "front", Action.END, Outcome.HUNG_UP))
    assert (
        log_line(entry, {"front": a_door()}, NOON + timedelta(days=days)) == f"{shown}  Front door: the visitor hung up"
    )


@pytest.mark.parametrize(("door", "name"), [("", "Office"), ("gone", "gone")])
def test_an_entry_of_no_known_door_shows_the_first_doors_time(door: str, name: str) -> None:
    event = AuditEvent(NOON, door, Action.END, Outcome.HUNG_UP)
    assert log_line(LogEntry(1, event), {"front": a_door()}, NOON) == f"12:00  {name}: the visitor hung up"


@pytest.mark.parametrize("action", Action)
@pytest.mark.parametrize("outcome", Outcome)
def test_every_event_there_can_be_has_a_line(action: Action, outcome: Outcome) -> None:
    assert line(action, outcome, reason="no_answer")
