from dataclasses import replace

import pytest

from app.domain.tones import (
    HOLDS_OPEN,
    LENGTHS_MS,
    LEVELS_DB,
    OWN,
    PROFILES,
    STANDARD,
    ToneProfile,
    profile_named,
    release_warning,
    stronger,
)
from tests.support import a_door

GENTLE, PATIENT, LONG, STUBBORN = map(profile_named, ("gentle", "patient", "long", "stubborn"))
LOUDEST = replace(STUBBORN, name=OWN, length_ms=3000, repeats=5)


def own(**changes: float) -> ToneProfile:
    return replace(STANDARD, name=OWN, **changes)


@pytest.mark.parametrize(
    ("profile", "digits"),
    [
        (GENTLE, "ww9"),
        (STANDARD, "ww9ww9"),
        (PATIENT, "wwww9ww9ww9"),
        (own(lead_in=0, repeats=1), "9"),
        (own(lead_in=0.5, repeats=3, gap=0.5), "w9w9w9"),
        (own(lead_in=2, repeats=2, gap=1.5), "wwww9www9"),
    ],
)
def test_the_release_key_is_sent_as_the_tone_profile_says(profile: ToneProfile, digits: str) -> None:
    assert a_door().release_digits(profile) == digits


def test_a_door_that_says_nothing_of_its_tone_has_the_standard_one() -> None:
    assert a_door().tone is STANDARD
    assert STANDARD.trailing_silence == 2


def test_from_gentle_to_stubborn_the_key_sounds_longer_and_longer() -> None:
    sounding = [profile.sounding_ms for profile in PROFILES]
    assert sounding == sorted(set(sounding))
    assert [bool(profile.length_ms) for profile in PROFILES] == [False, False, False, True, True]


@pytest.mark.parametrize("profile", PROFILES, ids=lambda profile: profile.name)
def test_a_built_in_profile_keeps_what_a_door_may_set_and_no_courier_waiting(profile: ToneProfile) -> None:
    assert profile.lead_in <= 2
    assert profile.length_ms == 0 or profile.length_ms in LENGTHS_MS
    assert profile.level_db in LEVELS_DB
    assert profile_named(profile.name) is profile
    assert len({profile, replace(profile)}) == 1


@pytest.mark.parametrize(
    ("profile", "next_one"),
    [
        (GENTLE, STANDARD),
        (STANDARD, PATIENT),
        (PATIENT, LONG),
        (LONG, STUBBORN),
        (STUBBORN, STUBBORN),
        (own(repeats=1), STANDARD),
        (own(), PATIENT),
        (own(repeats=5), LONG),
        (own(repeats=5, length_ms=200), STUBBORN),
        (LOUDEST, LOUDEST),
    ],
)
def test_a_stronger_profile_sounds_longer_until_there_is_none(profile: ToneProfile, next_one: ToneProfile) -> None:
    assert stronger(profile) == next_one


@pytest.mark.parametrize(
    ("profile", "words"),
    [
        (GENTLE, "once as Twilio sounds it, after 1 s"),
        (STANDARD, "twice as Twilio sounds it, after 1 s, 1 s apart"),
        (STUBBORN, "3 times for 2000 ms at -7 dB, after 1.5 s, 1 s apart"),
    ],
)
def test_a_profile_can_be_told(profile: ToneProfile, words: str) -> None:
    assert profile.describe() == words


@pytest.mark.parametrize("key", HOLDS_OPEN)
def test_a_key_that_may_hold_a_door_open_is_warned_about_with_what_it_does_and_what_to_set(key: str) -> None:
    warning = release_warning("front", key)
    assert warning.startswith(f"doors.front.release: on DoorKing panels key {key} usually {HOLDS_OPEN[key]};")
    assert warning.endswith('set release = "9".')


@pytest.mark.parametrize("key", sorted(set("0123456789*#") - set("87642")))
def test_other_keys_are_not_warned_about(key: str) -> None:
    assert release_warning("front", key) == ""
