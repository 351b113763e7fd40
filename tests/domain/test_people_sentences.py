"""What is said of grants, revocations and lists."""

from datetime import timedelta

import pytest

from app.domain.audit import Action, AuditEvent, LogEntry, Outcome, Source
from app.domain.log_sentences import log_line
from app.domain.outcomes import Granted, ListedRight, PeopleListed, Revoked
from app.domain.people import FROM_THE_FILE, Given, Grant, Revocation
from app.domain.people_sentences import told
from app.domain.phrases import mention
from app.domain.sentences import sentence
from tests.support import ADMIN, HOST, a_door, local

NOON = local("2026-11-23T12:00")
FRONT, SIDE = a_door(), a_door(id="side", name="Side door", zone="Europe/Berlin")
BOTH = (FRONT, SIDE)
BEN, GROUP = "U0BEN0001", "S0RECEPTION"
RIGHT = Grant(BEN, Given.HOST, ADMIN, NOON)
IN_BERLIN = local("2026-11-28T00:00", "Europe/Berlin")


@pytest.mark.parametrize(
    ("outcome", "said"),
    [
        (Granted((FRONT,), RIGHT), f"<@{BEN}> is a host of the front door now."),
        (Granted(BOTH, RIGHT), f"<@{BEN}> is a host of every door now."),
        (
            Granted((SIDE,), Grant(BEN, Given.ADMIN, ADMIN, NOON, "side", IN_BERLIN)),
            f"<@{BEN}> is an admin of the side door now, until the end of Friday.",
        ),
        (
            Granted(BOTH, RIGHT, kept=True),
            f"<@{BEN}> is a host of every door already, granted by <@{ADMIN}>. Nothing was changed.",
        ),
        (
            Revoked(BOTH, Revocation(BEN, ADMIN, NOON)),
            f"<@{BEN}> is neither host nor admin of any door any more, whatever doorbot.toml and user groups say. "
            "`/frontdoor grant` gives a right again.",
        ),
        (
            Revoked((SIDE,), Revocation(BEN, ADMIN, NOON, "side"), had_none=True),
            f"<@{BEN}> is neither host nor admin of the side door, so nothing was changed.",
        ),
    ],
)
def test_the_asker_is_told_what_holds_now(outcome: object, said: str) -> None:
    assert sentence(outcome, NOON, mention) == said


def test_whom_it_concerns_is_told_where_and_until_when() -> None:
    right = Grant(BEN, Given.ADMIN, ADMIN, NOON, "side", IN_BERLIN)
    assert told(Granted((SIDE,), right), NOON).startswith(
        f"<@{ADMIN}> made you an admin of the side door, until the end of Friday."
    )


def test_in_a_terminal_people_are_their_ids() -> None:
    assert sentence(Granted(BOTH, RIGHT, members=None), NOON, str) == f"{BEN} is a host of every door now."


def test_a_list_tells_a_doors_time_and_a_door_that_is_no_more_and_few_of_many_members() -> None:
    members = frozenset(f"U0ID{number:05}" for number in range(11))
    rights = (
        ListedRight(Grant(HOST, Given.HOST, "", FROM_THE_FILE)),
        ListedRight(Grant(BEN, Given.HOST, ADMIN, NOON, "side", IN_BERLIN)),
        ListedRight(Grant(BEN, Given.HOST, ADMIN, NOON, "attic")),
        ListedRight(Grant(GROUP, Given.HOST, ADMIN, NOON), members=members),
        ListedRight(Grant("S0NOBODY1", Given.HOST, ADMIN, NOON), members=frozenset()),
    )
    last_year = NOON - timedelta(days=365)
    revocations = (Revocation(GROUP, ADMIN, last_year, "side"),)
    assert sentence(PeopleListed(BOTH, True, rights, revocations), NOON, str).splitlines() == [
        "Who may do what:",
        f"• {HOST}: host, named in doorbot.toml",
        f"• {BEN}: host of the side door, granted by {ADMIN}, until the end of Friday",
        f"• {BEN}: host of attic, granted by {ADMIN}",
        f"• {GROUP}: host, granted by {ADMIN}; in it: "
        + ", ".join(f"U0ID{number:05}" for number in range(8))
        + " and 3 more",
        f"• S0NOBODY1: host, granted by {ADMIN}; nobody is in it",
        f"• {GROUP}: revoked at the side door by {ADMIN} on 23 November 2025, whatever doorbot.toml says",
    ]


@pytest.mark.parametrize(
    ("action", "reason", "details", "told"),
    [
        (Action.GRANT, "", {"who": BEN, "role": "admin", "at": "side"}, f"{BEN} was made admin of side by {ADMIN}"),
        (
            Action.GRANT,
            "",
            {"who": BEN, "role": "host", "until": local("2026-11-24T18:00").isoformat()},
            f"{BEN} was made host by {ADMIN}, until tomorrow 18:00",
        ),
        (
            Action.GRANT,
            "already_granted",
            {"who": BEN, "role": "host"},
            f"{BEN} was made host by {ADMIN} (already granted)",
        ),
        (Action.REVOKE, "", {"who": GROUP, "at": "side"}, f"{GROUP} was revoked at side by {ADMIN}"),
        (Action.REVOKE, "not_granted", {"who": BEN}, f"{BEN} was revoked by {ADMIN} (not granted)"),
    ],
)
def test_the_log_says_who_did_what_to_whom(
    action: Action, reason: str, details: dict[str, str | int], told: str
) -> None:
    event = AuditEvent(NOON, "", action, Outcome.DONE, reason, ADMIN, Source.SLACK, details=details)
    assert log_line(LogEntry(1, event), {"front": FRONT}, NOON, str) == f"12:00  Office: {told}"


def test_a_refusal_is_told_like_any_other() -> None:
    event = AuditEvent(NOON, "", Action.REVOKE, Outcome.REFUSED, "last_admin", ADMIN, Source.SLACK)
    line = log_line(LogEntry(1, event), {"front": FRONT}, NOON, str)
    refused = "wanted to revoke a right, and was refused: nobody else would be an admin"
    assert line == f"12:00  Office: {ADMIN} {refused}"
