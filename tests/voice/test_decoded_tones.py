"""What a panel would hear of the tones, decoded by a program that knows nothing of DoorBot."""

from __future__ import annotations  # array[int] is only for readers before Python 3.12

from array import array
from pathlib import Path
from xml.etree.ElementTree import Element

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app import create_app
from app.domain.tones import LENGTHS_MS, LEVELS_DB, PROFILE_NAMES, PROFILES, ToneProfile, profile_named
from app.stores.sqlite import SqliteStore
from app.voice.tones import render
from tests.conftest import FakeHosts, settings_for
from tests.dtmf import KEYS, as_on_the_line, keys_in, samples_of, silence, sounded_by_twilio
from tests.support import ALWAYS_OPEN_TOML, PUBLIC_URL, Office, a_door, verbs

SOME_LENGTHS = (LENGTHS_MS[0], 150, 200, 300, 500, 700, 1000, 1500, 2000, LENGTHS_MS[-1])
SOME_LEVELS = (LEVELS_DB[0], LEVELS_DB[-1])
GRID = sorted(
    {(length, level) for length in SOME_LENGTHS for level in SOME_LEVELS}
    | {(length, level) for length in (LENGTHS_MS[0], 500) for level in LEVELS_DB}
)


def a_tone(length_ms: int, level_db: int, repeats: int = 1) -> ToneProfile:
    return ToneProfile("own", 0.5, repeats, 0.5, 1, length_ms, level_db)


@pytest.mark.parametrize(("length", "level"), GRID)
def test_every_key_is_heard_at_every_length_and_level(length: int, level: int) -> None:
    sound = array("h")
    for key in KEYS:
        sound += samples_of(render(key, a_tone(length, level)))
    assert keys_in(sound) == KEYS
    assert keys_in(as_on_the_line(sound)) == KEYS


@given(st.sampled_from(KEYS), st.sampled_from(LENGTHS_MS), st.sampled_from(LEVELS_DB), st.integers(1, 5))
def test_a_tone_is_heard_as_often_as_it_is_repeated(key: str, length: int, level: int, repeats: int) -> None:
    sound = samples_of(render(key, a_tone(length, level, repeats)))
    assert keys_in(sound) == key * repeats
    assert keys_in(as_on_the_line(sound)) == key * repeats


def heard(office: Office, play: Element) -> array[int]:
    """What a `<Play>` sounds like: the digits as Twilio plays them, or the file that it fetches."""
    if play.get("digits"):
        return sounded_by_twilio(play.get("digits", ""))
    address = play.text or ""
    assert address.startswith(f"{PUBLIC_URL}/voice/tones/")
    return samples_of(office.client.get(address.removeprefix(PUBLIC_URL)).data)


OWN = ["length = 0\nrepeats = 5", 'length = "100ms"\nlevel = -24', 'length = "3s"\nlead_in = 0\nlevel = -6']


@pytest.mark.parametrize("key", ["9", "*"])
@pytest.mark.parametrize("tone", [*(f'tone = "{name}"' for name in PROFILE_NAMES), *OWN])
def test_a_released_visitors_panel_hears_the_release_key(
    tmp_path: Path, sqlite_store: SqliteStore, hosts: FakeHosts, key: str, tone: str
) -> None:
    own = "" if tone.startswith("tone") else "[doors.front.tone]\n"
    toml = ALWAYS_OPEN_TOML.replace('release = "9"', f'release = "{key}"') + own + tone
    settings = settings_for(tmp_path, toml)
    office = Office(create_app(settings, store=sqlite_store, hosts=hosts).test_client())
    office.say("unlock for 1h")
    (play,) = [verb for verb in verbs(office.ring()) if verb.tag == "Play"]
    sound = heard(office, play)
    repeats = settings.office.door("").tone.repeats
    assert keys_in(sound) == key * repeats
    assert keys_in(as_on_the_line(sound)) == key * repeats


@pytest.mark.parametrize("name", [profile.name for profile in PROFILES if not profile.length_ms])
def test_every_key_of_the_digits_is_heard_as_often_as_it_is_sent(name: str) -> None:
    profile, sound = profile_named(name), array("h")
    for key in KEYS:
        sound += sounded_by_twilio(a_door(release=key).release_digits(profile))
    assert keys_in(sound) == "".join(key * profile.repeats for key in KEYS)
    assert keys_in(as_on_the_line(sound)) == keys_in(sound)


def test_the_decoder_hears_no_key_in_silence_nor_in_one_frequency() -> None:
    one_frequency = samples_of(render("9", a_tone(500, -10)))
    for at, value in enumerate(samples_of(render("6", a_tone(500, -10)))):
        one_frequency[at] -= value  # both have the same column: what is left is two rows
    assert keys_in(silence(2)) == keys_in(one_frequency) == ""
