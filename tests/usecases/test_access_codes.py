"""Codes on both stores: shown once and kept nowhere, tried no more often than is allowed, told once."""

import logging
import re
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from datetime import datetime, timedelta
from typing import Any

import pytest

from app.domain.access_codes import CodeResult, CodeTry
from app.domain.audit import Action, AuditEvent
from app.domain.code_hashes import CodeHasher
from app.domain.doors import Door
from app.domain.errors import StoreUnavailable
from app.domain.notices import Notice
from app.domain.outcomes import CodeIssued, CodeRevoked, NotReached, RefusalReason, Refused, Repeated
from app.domain.permissions import Role
from app.domain.sentences import sentence
from app.ports import Key, Snapshot, Store, entries, partition
from app.usecases.access_codes import CODES, TRIES_KEY, AccessCodes, use_code
from app.usecases.requests import Request
from tests.support import ADMIN, HOST, a_door, asked, local, stored

NOON, FRIDAY = local("2026-11-23T12:00"), local("2026-12-04T17:00")
SECOND, MINUTE, HOUR = timedelta(seconds=1), timedelta(minutes=1), timedelta(hours=1)
FRONT, SIDE = a_door(), a_door(id="side", name="Side door", channel="")
HASHER = CodeHasher(["made-up-secret-key-of-some-length"])


@pytest.fixture
def codes(store: Store) -> AccessCodes:
    return AccessCodes(store, HASHER)


def host(now: datetime = NOON, **changes: Any) -> Request:
    """A host's request, answered as in a terminal."""
    return asked(now, answer=lambda outcome: sentence(outcome, now), **changes)


def issued(codes: AccessCodes, text: str = "FedEx until 2026-12-04", door: Door = FRONT, **changes: Any) -> CodeIssued:
    (outcome,) = codes.issue(host(**changes), [door], text)
    assert isinstance(outcome, CodeIssued), outcome
    assert re.fullmatch(r"\d{6}", outcome.digits)
    return outcome


def refused(outcomes: list[object]) -> Refused:
    (outcome,) = outcomes
    assert isinstance(outcome, Refused), outcome
    return outcome


def key(store: Store, codes: AccessCodes, digits: str, now: datetime, door: Door = FRONT) -> CodeTry:
    """A visitor keys six digits, as whoever holds the call deals with them."""
    hashes = None
    for _ in range(200):
        with suppress(StoreUnavailable):  # on a busy machine a store may need more than one try
            snapshot = store.read(partition(door.id), CODES, TRIES_KEY)
            hashes = codes.hashes(door, digits, snapshot, now) if hashes is None else hashes
            keyed = use_code(snapshot, door, hashes, "CA1", now)
            if store.commit(snapshot, keyed.writes, [keyed.event]):
                return keyed.attempt
    raise AssertionError("the store never answered")


def other_than(digits: str, by: int = 1) -> str:
    return f"{(int(digits) + by) % 1_000_000:06}"


def events(store: Store, door: Door = FRONT) -> list[AuditEvent]:
    return [entry.event for entry in entries(store, partition(door.id))][::-1]


def told(store: Store, at: datetime) -> Iterator[str]:
    for due in store.due([partition("front"), partition("side")], at, 100):
        if due.name.startswith("notice:"):
            found = Key[Notice](due.name)
            notice = store.read(due.partition, found).get(found)
            assert notice
            yield notice.text


def shows(text: str, digits: str) -> bool:
    """Whether a code stands there, also in the form in which it is said; not as part of a longer number or hash."""
    return any(re.search(rf"(?<![0-9a-f]){form}(?![0-9a-f])", text) for form in (digits, f"{digits[:3]}.?{digits[3:]}"))


# Issue, list, revoke


def test_a_code_that_was_issued_releases_its_door_and_is_on_record_under_its_name(
    store: Store, codes: AccessCodes
) -> None:
    digits = issued(codes).digits
    attempt = key(store, codes, digits, NOON + HOUR)
    assert attempt.result is CodeResult.RIGHT
    assert attempt.code is not None
    assert (attempt.code.name, attempt.code.by) == ("FedEx", HOST)
    made, used = events(store)
    assert (made.action, made.outcome, made.actor, made.details) == (
        Action.ISSUE_CODE,
        "done",
        HOST,
        {"name": "FedEx", "until": FRIDAY.isoformat(), "hours": "working"},
    )
    assert (used.action, used.outcome, used.reason, used.actor) == (Action.USE_CODE, "released", "code", HOST)
    assert (used.details, used.visit, used.source) == ({"name": "FedEx"}, "CA1", "voice")


def test_every_use_is_on_record_also_those_that_are_not_counted(store: Store, codes: AccessCodes) -> None:
    digits = issued(codes, "FedEx once").digits
    results = [key(store, codes, digits, NOON + minute * MINUTE).result for minute in (1, 2, 5, 6)]
    assert results == [CodeResult.RIGHT] * 3 + [CodeResult.WRONG]
    assert [event.reason for event in events(store)] == ["", "code", "code", "code", "wrong_code"]


def test_a_code_belongs_to_one_door(store: Store, codes: AccessCodes) -> None:
    digits = issued(codes).digits
    assert key(store, codes, digits, NOON, SIDE).result is CodeResult.WRONG


def test_a_revoked_code_releases_nothing_not_even_after_a_use(store: Store, codes: AccessCodes) -> None:
    digits = issued(codes).digits
    assert key(store, codes, digits, NOON).result is CodeResult.RIGHT
    (outcome,) = codes.revoke(host(), [FRONT], "fedex")
    assert isinstance(outcome, CodeRevoked)
    assert key(store, codes, digits, NOON + SECOND).result is CodeResult.WRONG
    assert (events(store)[2].action, events(store)[2].details) == (Action.REVOKE_CODE, {"name": "FedEx"})


def test_an_expired_code_is_wrong_and_not_in_the_list(store: Store, codes: AccessCodes) -> None:
    digits = issued(codes, "FedEx for 1h").digits
    assert [code.name for code in codes.codes(host(), [FRONT])[0].codes] == ["FedEx"]
    assert codes.codes(host(NOON + HOUR), [FRONT])[0].codes == ()
    assert key(store, codes, digits, NOON + HOUR).result is CodeResult.WRONG


def test_the_list_shows_what_is_left_and_a_lockout(store: Store, codes: AccessCodes) -> None:
    digits = issued(codes, "FedEx for 3 uses").digits
    key(store, codes, digits, NOON + MINUTE)
    for _ in range(5):
        key(store, codes, other_than(digits), NOON + 2 * MINUTE)
    (listed,) = codes.codes(host(NOON + 3 * MINUTE), [FRONT])
    (code,) = listed.codes
    assert (code.uses_left, code.used_at, listed.lockout_ends) == (2, NOON + MINUTE, NOON + 62 * MINUTE)


def test_a_name_is_taken_while_its_code_is_live(codes: AccessCodes) -> None:
    issued(codes, "FedEx for 1h")
    again = refused(codes.issue(host(NOON + MINUTE), [FRONT], "FEDEX"))
    assert (again.reason, "`code revoke FedEx` first" in again.hint) == (RefusalReason.NOT_UNDERSTOOD, True)
    assert issued(codes, "FedEx", now=NOON + HOUR).code.expires_at == local("2026-11-23T17:00")
    assert issued(codes, door=SIDE).door is SIDE


def test_a_door_has_at_most_twenty_codes(codes: AccessCodes) -> None:
    found = [issued(codes, f"Code {letter}").digits for letter in "abcdefghijklmnopqrst"]
    assert len(set(found)) == 20
    assert "20 codes for the front door already" in refused(codes.issue(host(), [FRONT], "FedEx")).hint
    codes.revoke(host(), [FRONT], "Code t")
    issued(codes)


def test_a_new_code_differs_from_the_live_ones(codes: AccessCodes, monkeypatch: pytest.MonkeyPatch) -> None:
    drawn = iter([482913, 482913, 123456, 7, 482914])
    monkeypatch.setattr("app.usecases.access_codes.secrets.randbelow", lambda _: next(drawn))
    digits = [issued(codes, name).digits for name in ("FedEx", "UPS", "DHL")]
    assert digits == ["482913", "000007", "482914"]


@pytest.mark.parametrize("name", ["", "UPS", "<@U0HOST001>", "x" * 50, "123456"])
def test_a_code_that_is_not_there_cannot_be_revoked(store: Store, codes: AccessCodes, name: str) -> None:
    issued(codes)
    assert "`code" in refused(codes.revoke(host(), [FRONT], name)).hint
    assert len(codes.codes(host(), [FRONT])[0].codes) == 1


@pytest.mark.parametrize("role", [Role.NOBODY, Role.MEMBER])
def test_who_may_not_is_refused_on_record(store: Store, codes: AccessCodes, role: Role) -> None:
    issued(codes)
    assert refused(codes.issue(asked(NOON, role=role), [FRONT], "UPS")).reason is RefusalReason.NOT_PERMITTED
    assert refused(codes.revoke(asked(NOON, role=role), [FRONT], "FedEx")).reason is RefusalReason.NOT_PERMITTED
    assert [event.outcome for event in events(store)] == ["done", "refused", "refused"]
    assert [code.name for code in codes.codes(host(), [FRONT])[0].codes] == ["FedEx"]


def test_a_time_that_has_passed_is_refused(codes: AccessCodes) -> None:
    assert refused(codes.issue(host(), [FRONT], "FedEx until 9:00")).reason is RefusalReason.PAST


def test_codes_for_any_hour_are_issued_by_admins_only(store: Store, codes: AccessCodes) -> None:
    outcome = refused(codes.issue(host(), [FRONT], "FedEx until tue at any hour"))
    assert (outcome.reason, "Only admins" in sentence(outcome, NOON)) == (RefusalReason.NOT_PERMITTED, True)
    of_admin = issued(codes, "Cleaner until tue at any hour", role=Role.ADMIN, actor=ADMIN)
    of_host = issued(codes, "FedEx until tue")
    night = local("2026-11-24T03:00")
    assert key(store, codes, of_host.digits, night).result is CodeResult.WRONG
    assert key(store, codes, of_admin.digits, night).result is CodeResult.RIGHT


# Shown once


def test_a_repeated_delivery_is_told_that_the_code_was_shown(store: Store, codes: AccessCodes) -> None:
    digits = issued(codes, delivery="1.2.once").digits
    before = stored(store)
    for _ in range(3):
        (again,) = codes.issue(host(NOON + MINUTE, delivery="1.2.once"), [FRONT], "FedEx until 2026-12-04")
        assert isinstance(again, Repeated)
        assert again.answer == (
            "The code FedEx for the front door was shown when it was issued, and only once. "
            "If you missed it, revoke it and issue a new one."
        )
    assert not shows(again.answer, digits)
    assert stored(store) == before


def test_a_code_is_nowhere_in_the_store_and_in_no_log(
    store: Store, codes: AccessCodes, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    outcome = issued(codes, "FedEx for 2 uses", delivery="1.2.once")
    digits, said = outcome.digits, sentence(outcome, NOON)
    codes.issue(host(delivery="1.2.once"), [FRONT], "FedEx for 2 uses")
    key(store, codes, digits, NOON)
    key(store, codes, other_than(digits), NOON)
    for _ in range(5):
        key(store, codes, digits, NOON)
    codes.revoke(host(delivery="1.2.other"), [FRONT], "FedEx")
    everything = str(stored(store)) + caplog.text + repr(outcome) + repr(events(store))
    assert shows(said, digits)
    assert not shows(everything, digits)
    assert "FedEx" in everything


def test_codes_for_all_doors_are_different_ones_and_each_door_has_its_own(store: Store, codes: AccessCodes) -> None:
    outcomes = codes.issue(host(delivery="1.2.once"), [FRONT, SIDE], "FedEx")
    digits = [outcome.digits for outcome in outcomes if isinstance(outcome, CodeIssued)]
    assert len(set(digits)) == 2
    for door, of_door in zip((FRONT, SIDE), digits, strict=True):
        assert key(store, codes, of_door, NOON, door).result is CodeResult.RIGHT
    assert [type(outcome) for outcome in codes.issue(host(delivery="1.2.once"), [FRONT, SIDE], "FedEx")] == [
        Repeated,
        Repeated,
    ]
    assert [[event.action for event in events(store, door)] for door in (FRONT, SIDE)] == [
        ["issue_code", "use_code"]
    ] * 2
    assert len(codes.revoke(host(), [FRONT, SIDE], "FedEx")) == 2
    assert all(not listed.codes for listed in codes.codes(host(), [FRONT, SIDE]))


class Cut:
    """A store of which one partition is not reached; otherwise the real one."""

    def __init__(self, store: Store, away: str) -> None:
        self._store, self._away = store, away

    def read(self, partition: str, *keys: Key[Any]) -> Snapshot:
        if partition == self._away:
            raise StoreUnavailable("away")
        return self._store.read(partition, *keys)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._store, name)


def test_what_was_interrupted_is_resumed_by_the_same_delivery_and_nothing_is_issued_twice(
    store: Store, codes: AccessCodes
) -> None:
    cut = AccessCodes(Cut(store, "door:side"), HASHER)  # type: ignore[arg-type]
    first, missed = cut.issue(host(delivery="1.2.once"), [FRONT, SIDE], "FedEx")
    assert isinstance(first, CodeIssued)
    assert isinstance(missed, NotReached)
    assert sentence(missed, NOON).startswith("The side door was not reached")
    again, resumed = codes.issue(host(delivery="1.2.once"), [FRONT, SIDE], "FedEx")
    assert isinstance(again, Repeated)
    assert isinstance(resumed, CodeIssued)
    assert [len(listed.codes) for listed in codes.codes(host(), [FRONT, SIDE])] == [1, 1]
    assert key(store, codes, first.digits, NOON).result is CodeResult.RIGHT


def test_with_nothing_done_yet_the_store_is_said_to_be_away(store: Store) -> None:
    with pytest.raises(StoreUnavailable):
        AccessCodes(Cut(store, "door:front"), HASHER).issue(host(), [FRONT, SIDE], "FedEx")  # type: ignore[arg-type]


# Rotation of SECRET_KEY


def test_codes_stay_good_while_their_key_is_in_the_list(store: Store) -> None:
    old, new = "the-old-secret-key", "the-new-secret-key"
    digits = issued(AccessCodes(store, CodeHasher([old])), "FedEx until tue").digits
    both = AccessCodes(store, CodeHasher([new, old]))
    assert key(store, both, digits, NOON).result is CodeResult.RIGHT
    later = issued(both, "UPS until tue").digits
    only_new = AccessCodes(store, CodeHasher([new]))
    assert key(store, only_new, digits, NOON).result is CodeResult.WRONG
    assert key(store, only_new, later, NOON).result is CodeResult.RIGHT


def test_a_new_code_differs_from_those_of_the_old_key(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    drawn = iter([482913, 482913, 7])
    monkeypatch.setattr("app.usecases.access_codes.secrets.randbelow", lambda _: next(drawn))
    issued(AccessCodes(store, CodeHasher(["the-old-secret-key"])))
    both = AccessCodes(store, CodeHasher(["the-new-secret-key", "the-old-secret-key"]))
    assert issued(both, "UPS").digits == "000007"


# Guessing


def test_fifty_guesses_are_five_tries_one_message_and_a_right_code_that_does_not_release(
    store: Store, codes: AccessCodes
) -> None:
    digits = issued(codes).digits
    results = Counter(key(store, codes, other_than(digits, by), NOON + by * SECOND).result for by in range(1, 51))
    assert results == {CodeResult.WRONG: 5, CodeResult.LOCKED_OUT: 45}
    before = store.read(partition("front"), CODES, TRIES_KEY)
    assert key(store, codes, digits, NOON + MINUTE).result is CodeResult.LOCKED_OUT
    assert store.read(partition("front"), CODES, TRIES_KEY) == before
    assert list(told(store, NOON + HOUR)) == [
        "Codes at the front door are locked out until 13:00, after too many wrong tries. Visitors still reach a human. "
        "I tell this once a day at most; `/frontdoor code` shows how it stands."
    ]
    assert Counter(event.reason for event in events(store)[1:]) == {"wrong_code": 5, "lockout": 46}
    assert key(store, codes, digits, NOON + HOUR + SECOND).result is CodeResult.RIGHT


def test_guesses_at_the_same_time_are_no_more_tries(store: Store, codes: AccessCodes) -> None:
    digits = issued(codes).digits
    results: list[CodeResult] = []
    start = threading.Barrier(8)

    def guess(number: int) -> None:
        start.wait(20)
        for by in range(4):
            results.append(key(store, codes, other_than(digits, 1 + 4 * number + by), NOON + SECOND).result)

    threads = [threading.Thread(target=guess, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert Counter(results) == {CodeResult.WRONG: 5, CodeResult.LOCKED_OUT: 27}
    assert len(list(told(store, NOON + HOUR))) == 1


def test_the_try_that_locks_codes_out_says_until_when(store: Store, codes: AccessCodes) -> None:
    digits = issued(codes).digits
    for _ in range(6):
        key(store, codes, other_than(digits), NOON)
    assert [event.details for event in events(store)[1:]] == [
        *[{}] * 4,
        {"until": (NOON + HOUR).isoformat()},
        {},
    ]


def test_a_door_without_a_channel_tells_nobody(store: Store, codes: AccessCodes) -> None:
    for _ in range(6):
        key(store, codes, "482913", NOON, SIDE)
    assert list(told(store, NOON + HOUR)) == []
    assert codes.codes(host(), [SIDE])[0].lockout_ends == NOON + HOUR
