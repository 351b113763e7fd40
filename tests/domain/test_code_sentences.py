"""Codes in plain words."""

from datetime import timedelta
from typing import Any

import pytest

from app.domain.access_codes import AccessCode, WrongTries
from app.domain.audit import Action, AuditEvent, LogEntry, Outcome
from app.domain.log_sentences import log_line
from app.domain.outcomes import CodeIssued, DoorCodesListed, NotReached
from app.domain.sentences import sentence
from app.usecases.access_codes import lockout_notice
from tests.support import HOST, a_door, local

NOON, FRIDAY = local("2026-11-23T12:00"), local("2026-11-27T17:00")
DOOR = a_door()


def a_code(**changes: Any) -> AccessCode:
    return AccessCode(**{"name": "FedEx", "hash": "", "key_id": "", "by": HOST, "issued_at": NOON} | changes)


@pytest.mark.parametrize(
    ("changes", "good"),
    [
        ({}, "Good until Fri 17:00, in working hours."),
        ({"any_hour": True}, "Good until Fri 17:00, at any hour."),
        ({"uses_left": 1}, "Good until Fri 17:00, for one use, in working hours."),
        ({"uses_left": 3, "any_hour": True}, "Good until Fri 17:00, for 3 uses, at any hour."),
    ],
)
def test_a_code_is_shown_with_all_that_it_is_good_for(changes: dict[str, Any], good: str) -> None:
    issued = CodeIssued(DOOR, a_code(expires_at=FRIDAY, **changes), "012345")
    assert sentence(issued, NOON) == f"Code FedEx for the front door: 012 345. {good} I show it only this once."


def test_the_digits_are_in_no_representation() -> None:
    assert "012345" not in repr(CodeIssued(DOOR, a_code(expires_at=FRIDAY), "012345"))


@pytest.mark.parametrize(
    ("left", "said"), [(None, ""), (0, ", no uses left"), (1, ", 1 use left"), (2, ", 2 uses left")]
)
def test_the_list_says_what_is_left(left: int | None, said: str) -> None:
    code = a_code(expires_at=FRIDAY, uses_left=left, used_at=NOON)
    lines = sentence(DoorCodesListed(DOOR, (code,), None), NOON, str).splitlines()
    assert lines[1] == f"• FedEx, by {HOST}: until Fri 17:00, in working hours{said}, last used 12:00"


def test_a_door_that_was_not_reached_is_named() -> None:
    assert sentence(NotReached(DOOR), NOON).startswith("The front door was not reached, and nothing was changed")


def test_a_long_lockout_is_told_with_its_end() -> None:
    tries = WrongTries(tuple(NOON - timedelta(hours=hour) for hour in range(19, -1, -1)))
    notice = lockout_notice(DOOR, tries, NOON)
    assert (notice.channel, "locked out until 17:00" in notice.text) == ("C0FRONTDOOR", True)


@pytest.mark.parametrize(
    ("action", "outcome", "fields", "said"),
    [
        ("issue_code", "done", {"details": {"name": "FedEx", "hours": "working"}}, f"code FedEx issued by {HOST}"),
        (
            "issue_code",
            "done",
            {"details": {"name": "FedEx", "hours": "any", "uses": 3, "until": FRIDAY.isoformat()}},
            f"code FedEx issued by {HOST}, for 3 uses, at any hour, until Fri 17:00",
        ),
        ("revoke_code", "done", {"details": {"name": "FedEx"}}, f"code FedEx revoked by {HOST}"),
        (
            "issue_code",
            "refused",
            {"reason": "past"},
            f"{HOST} wanted to issue an access code, and was refused: that time was past",
        ),
        (
            "use_code",
            "released",
            {"reason": "code", "details": {"name": "FedEx"}},
            f"released by the code FedEx of {HOST}",
        ),
        ("use_code", "denied", {"reason": "wrong_code"}, "a wrong code was keyed"),
        (
            "use_code",
            "denied",
            {"reason": "wrong_code", "details": {"until": local("2026-11-23T13:00").isoformat()}},
            "a wrong code was keyed; codes are locked out, until 13:00",
        ),
        ("use_code", "denied", {"reason": "lockout"}, "a code was keyed during a lockout, and not looked at"),
    ],
)
def test_the_log_tells_of_codes_by_name(action: str, outcome: str, fields: dict[str, Any], said: str) -> None:
    event = AuditEvent(NOON, "front", Action(action), Outcome(outcome), actor=HOST, **fields)
    assert log_line(LogEntry(1, event), {"front": DOOR}, NOON, str) == f"12:00  Front door: {said}"
