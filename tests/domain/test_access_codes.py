"""The rules of codes: which counts when, and how many guesses are looked at."""

from collections import Counter
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.access_codes import (
    AccessCode,
    CodeResult,
    CodeTry,
    DoorCodes,
    WrongTries,
    is_code,
    is_live,
    is_trivial,
    try_code,
)
from app.domain.code_hashes import COST, CodeHasher
from tests.support import HOST, a_door, local

NOON, CLOSING, EVENING = local("2026-11-23T12:00"), local("2026-11-23T17:00"), local("2026-11-23T20:00")
SECOND, MINUTE, HOUR = timedelta(seconds=1), timedelta(minutes=1), timedelta(hours=1)
DAY = 24 * HOUR
DOOR = a_door()
RIGHT, WRONG = {"key": "482913"}, {"key": "111222"}  # what would be hashes


def a_code(**changes: Any) -> AccessCode:
    return replace(AccessCode("FedEx", "482913", "key", HOST, NOON, NOON + 365 * DAY), **changes)


def tried(code: AccessCode, now: datetime, tries: WrongTries | None = None, **hashes: str) -> CodeTry:
    return try_code(DOOR, DoorCodes((code,)), tries or WrongTries(), hashes or RIGHT, now)


def is_right(code: AccessCode, now: datetime) -> bool:
    right = tried(code, now).result is CodeResult.RIGHT
    assert is_live(DoorCodes((code,)), DOOR, now) is right
    return right


# Which code counts


def test_a_code_counts_until_it_expires() -> None:
    code = a_code(expires_at=NOON + HOUR)
    assert [is_right(code, NOON + HOUR + away) for away in (-SECOND, timedelta(0), SECOND)] == [True, False, False]


@pytest.mark.parametrize(("now", "by_host", "by_admin"), [(NOON, True, True), (EVENING, False, True)])
def test_only_a_code_for_any_hour_counts_outside_working_hours(now: datetime, by_host: bool, by_admin: bool) -> None:
    assert (is_right(a_code(), now), is_right(a_code(any_hour=True), now)) == (by_host, by_admin)


@pytest.mark.parametrize("changes", [{"uses_left": 1}, {"expires_at": NOON + SECOND}, {"uses_left": 2}])
def test_a_used_code_stays_good_for_five_minutes_even_if_uses_or_time_ran_out(changes: dict[str, Any]) -> None:
    (used,) = tried(a_code(**changes), NOON).codes.codes
    assert used.used_at == NOON
    for later in (timedelta(0), SECOND, 5 * MINUTE - SECOND):
        again = tried(used, NOON + later)
        assert (again.result, again.codes.codes) == (CodeResult.RIGHT, (used,))
    assert is_right(used, NOON + 5 * MINUTE) is (changes == {"uses_left": 2})


def test_uses_that_count_are_five_minutes_apart_and_used_up_one_by_one() -> None:
    codes, tries, results = DoorCodes((a_code(uses_left=3),)), WrongTries(), []
    for minute in range(0, 24, 3):  # counted at 0, 6 and 12; 15 still belongs to 12
        attempt = try_code(DOOR, codes, tries, RIGHT, NOON + minute * MINUTE)
        codes, tries = attempt.codes, attempt.tries
        results.append((attempt.result is CodeResult.RIGHT, codes.codes[0].uses_left))
    assert results == [*[(True, 2)] * 2, *[(True, 1)] * 2, *[(True, 0)] * 2, *[(False, 0)] * 2]


def test_five_minutes_after_a_use_do_not_outlast_working_hours() -> None:
    (used,) = tried(a_code(expires_at=CLOSING), CLOSING - MINUTE).codes.codes
    assert not is_right(used, CLOSING + MINUTE)


def test_a_right_code_is_named_and_leaves_wrong_tries_as_they_are() -> None:
    codes, tries = DoorCodes((a_code(name="UPS", hash="777123"), a_code())), WrongTries((NOON,) * 4)
    attempt = try_code(DOOR, codes, tries, RIGHT, NOON)
    assert (attempt.code, attempt.tries is tries) == (codes.codes[1], True)
    assert [code.used_at for code in attempt.codes.codes] == [None, NOON]


@pytest.mark.parametrize("hashes", [{}, {"other": "482913"}, {"key": ""}, {"key": "48291"}, {"key": "482913 "}])
def test_anything_but_the_same_hash_by_the_same_key_is_wrong(hashes: dict[str, str]) -> None:
    assert try_code(DOOR, DoorCodes((a_code(),)), WrongTries(), hashes, NOON).result is CodeResult.WRONG


def test_without_codes_nothing_is_right() -> None:
    assert not is_live(None, DOOR, NOON)
    assert not is_live(DoorCodes(), DOOR, NOON)
    assert try_code(DOOR, DoorCodes(), WrongTries(), {}, NOON).result is CodeResult.WRONG


def test_expired_codes_go_when_the_next_is_issued() -> None:
    codes = DoorCodes((a_code(expires_at=NOON), a_code(name="UPS", uses_left=0))).with_code(a_code(name="DHL"), NOON)
    assert [code.name for code in codes.codes] == ["DHL"]


def test_guessing_a_code_from_its_hash_takes_memory_and_time() -> None:
    assert 128 * COST["n"] * COST["r"] * COST["p"] >= 16 * 2**20  # bytes, each written and read (RFC 7914, section 6)


def test_a_code_is_found_by_its_name_in_any_letters() -> None:
    codes = DoorCodes((a_code(name="Straße"),))
    assert codes.named("STRASSE", NOON) is codes.codes[0]
    assert codes.named("Strasse 2", NOON) is None
    assert codes.named("Straße", NOON + 366 * DAY) is None


@pytest.mark.parametrize("digits", ["000000", "999999", "123456", "012345", "987654", "543210", "890123"])
def test_codes_that_people_try_first_are_trivial(digits: str) -> None:
    assert is_trivial(digits)


def test_thirty_codes_in_a_million_are_trivial() -> None:
    assert sum(is_trivial(f"{number:06}") for number in range(1_000_000)) == 30


@pytest.mark.parametrize("digits", ["", "12345", "1234567", "12345#", "12345 ", "１２３４５６", "12345²"])
def test_what_is_not_six_digits_is_no_guess(digits: str) -> None:
    assert not is_code(digits)
    assert is_code("000000")


# Guessing


def wrong(tries: WrongTries, now: datetime) -> CodeTry:
    return tried(a_code(), now, tries, **WRONG)


def test_the_fifth_wrong_try_within_an_hour_locks_codes_out_until_only_four_lie_so_near() -> None:
    tries = WrongTries()
    for minute in range(5):
        attempt = wrong(tries, NOON + minute * MINUTE)
        tries = attempt.tries
        assert (attempt.locked_out, attempt.tell) == (minute == 4, minute == 4)
    assert tries.lockout_ends(NOON + 4 * MINUTE) == NOON + HOUR
    assert tries.lockout_ends(NOON + HOUR - SECOND) == NOON + HOUR
    assert tries.lockout_ends(NOON + HOUR) is None


def test_the_twentieth_within_a_day_locks_them_out_for_the_rest_of_it() -> None:
    tries = WrongTries(tuple(NOON + HOUR * number for number in range(19)))
    tries = wrong(tries, NOON + 19 * HOUR).tries
    assert tries.lockout_ends(NOON + 19 * HOUR) == NOON + DAY
    assert tries.lockout_ends(NOON + DAY) is None


def test_in_a_lockout_a_right_code_is_not_looked_at_and_nothing_changes() -> None:
    codes, tries = DoorCodes((a_code(uses_left=1),)), WrongTries((NOON,) * 5, NOON)
    for hashes in (RIGHT, WRONG):
        attempt = try_code(DOOR, codes, tries, hashes, NOON + MINUTE)
        assert attempt.result is CodeResult.LOCKED_OUT
        assert (attempt.codes is codes, attempt.tries is tries, attempt.tell) == (True, True, False)
    assert try_code(DOOR, codes, tries, RIGHT, NOON + HOUR).result is CodeResult.RIGHT


def guessed(step: timedelta, number: int = 10_000) -> tuple[list[datetime], list[datetime], Counter[CodeResult]]:
    """When wrong guesses were looked at and when the channel was told, with the right code as every seventh guess."""
    tries, codes, looked_at, told = WrongTries(), DoorCodes((a_code(any_hour=True),)), [], []
    results: Counter[CodeResult] = Counter()
    for turn in range(number):
        now, is_turn = NOON + turn * step, turn % 7 == 6
        is_lockout = tries.lockout_ends(now) is not None
        attempt = try_code(DOOR, codes, tries, RIGHT if is_turn and is_lockout else WRONG, now)
        assert attempt.result is (CodeResult.LOCKED_OUT if is_lockout else CodeResult.WRONG)
        tries, codes = attempt.tries, attempt.codes
        looked_at += [] if is_lockout else [now]
        told += [now] if attempt.tell else []
        results[attempt.result] += 1
        assert len(tries.times) <= 20
    return looked_at, told, results


def test_ten_thousand_guesses_at_once_are_five_and_the_channel_is_told_once() -> None:
    looked_at, told, results = guessed(timedelta(milliseconds=300))
    assert (len(looked_at), len(told)) == (5, 1)
    assert results[CodeResult.LOCKED_OUT] == 9_995


def test_ten_thousand_guesses_within_a_day_are_twenty_and_the_channel_is_told_once() -> None:
    looked_at, told, _ = guessed(DAY / 10_000)
    assert (len(looked_at), len(told)) == (20, 1)


def test_ten_thousand_guesses_within_a_week_are_no_more_than_twenty_a_day() -> None:
    looked_at, told, _ = guessed(MINUTE)  # 6.9 days
    assert len(looked_at) == 7 * 20
    assert len(told) <= 7


def test_a_chance_of_one_in_a_thousand_takes_fifty_days() -> None:
    looked_at, _, _ = guessed(10 * MINUTE)  # 69 days
    guesses = 1_000_000 // 1_000
    assert looked_at[guesses - 1] - NOON > 49 * DAY  # the last of a day's twenty comes in its first hours


@given(st.lists(st.integers(0, 7200), max_size=200), st.sampled_from([(5, HOUR), (20, DAY)]))
def test_whenever_somebody_guesses_no_more_than_the_limit_is_looked_at(
    waits: list[int], limit: tuple[int, timedelta]
) -> None:
    tries, now, looked_at = WrongTries(), NOON, []
    for wait in waits:
        now += wait * SECOND
        attempt = wrong(tries, now)
        tries = attempt.tries
        looked_at += [now] if attempt.result is CodeResult.WRONG else []
    number, within = limit
    assert all(later - first >= within for first, later in zip(looked_at, looked_at[number:], strict=False))


def test_the_channel_is_told_again_of_a_lockout_a_day_later() -> None:
    told = []
    for day in (timedelta(0), 2 * HOUR, DAY - HOUR, DAY + HOUR):
        tries = WrongTries((NOON + day,) * 4, told[0] if told else None)
        told += [NOON + day] if wrong(tries, NOON + day).tell else []
    assert told == [NOON, NOON + DAY + HOUR]


def test_a_clock_that_goes_back_ends_no_lockout() -> None:
    tries = WrongTries((NOON,) * 5)
    assert tries.lockout_ends(NOON - MINUTE) == NOON + HOUR


# Hashes


def test_a_hash_needs_the_key_the_door_and_the_digits() -> None:
    ours, theirs = CodeHasher(["a secret of our own"]), CodeHasher(["a secret of theirs"])
    hashes = [*ours.hashes("front", "482913").items(), *ours.hashes("front", "482913").items()]
    assert hashes[0] == hashes[1]
    others = [ours.hashes("side", "482913"), ours.hashes("front", "482914"), theirs.hashes("front", "482913")]
    assert len({hashes[0][1], *(found for each in others for found in each.values())}) == 4
    assert theirs.key_id != ours.key_id


def test_while_keys_are_rotated_the_first_makes_and_all_verify() -> None:
    old, both = CodeHasher(["the old secret key"]), CodeHasher(["the new secret key", "the old secret key"])
    assert both.key_id != old.key_id
    assert both.hashes("front", "482913").keys() == {both.key_id, old.key_id}
    assert both.hashes("front", "482913").items() > old.hashes("front", "482913").items()


def test_a_hash_tells_neither_the_digits_nor_the_key() -> None:
    assert "482913" not in repr(CodeHasher(["a secret"])) + repr(a_code())


@given(st.text("0123456789", max_size=5), st.text("0123456789abcdef", min_size=1, max_size=32))
def test_digits_that_were_begun_are_veiled_and_come_back(digits: str, visit: str) -> None:
    hasher = CodeHasher(["a secret"])
    veiled = hasher.veil(visit, digits)
    assert (len(veiled), veiled.isdigit() or not veiled) == (len(digits), True)
    assert hasher.unveil(visit, veiled) == digits


def test_the_same_digits_look_different_in_every_visit_and_without_the_key_they_stay_hidden() -> None:
    hasher = CodeHasher(["a secret"])
    assert len({hasher.veil(f"CA{number}", "48291") for number in range(100)}) > 90
    assert CodeHasher(["another secret"]).unveil("CA1", hasher.veil("CA1", "48291")) != "48291"
