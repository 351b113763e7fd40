"""The TwiML itself: well-formed whatever stands in the file, complete in every language, and the one place of tones."""

import ast
from collections.abc import Iterator
from pathlib import Path
from xml.etree import ElementTree

import pytest

import app
from app.domain.doors import Door
from app.domain.tones import profile_named
from app.languages import LANGUAGES, SENTENCES
from app.voice import twiml
from app.voice.tones import tone_path
from tests.conftest import settings_for
from tests.support import OFFICE_TOML, PUBLIC_URL, TELEPHONE, verbs

APP = Path(app.__file__).parent
GREETING = "Welcome. Third floor, on the left."
SPECIAL = 'A & B <Play digits=\\"9\\"/> ]]> \' \\" \u00fc \U0001f511 &amp; <!-- -->'


def door_of(folder: Path, toml: str) -> Door:
    return settings_for(folder, toml).office.door("")


def in_language(language: str) -> str:
    return OFFICE_TOML.replace(f'greeting = "{GREETING}"', f'language = "{language}"')


def released(door: Door) -> str:
    return twiml.released(door, door.tone, PUBLIC_URL)


def documents(door: Door) -> dict[str, str]:
    """Everything that a visitor may hear at this door."""
    return {
        "released": released(door),
        "forwarded": forwarded(door),
        "rung again": twiml.forwarded(door, PUBLIC_URL, door.forward_to, 20, again=True),
        "fallback": twiml.fallback(door),
        **{key: twiml.held(door, PUBLIC_URL, key, 6, 2) for key in ("asking", "waiting", "code", "wrong_code")},
        **{key: twiml.told(door, key) for key in ("nobody", "closed", "turned_away")},
    }


def whispers(door: Door) -> dict[str, str]:
    """Everything that somebody at a telephone hears."""
    return {key: twiml.whisper(door, PUBLIC_URL, key) for key in ("whisper", "whisper_talk", "whisper_lockdown")}


def forwarded(door: Door) -> str:
    return twiml.forwarded(door, PUBLIC_URL, door.forward_to, 20)


def spoken(*documents: str) -> list[ElementTree.Element]:
    return [say for document in documents for verb in verbs(document) for say in verb.iter("Say")]


def test_special_characters_in_a_greeting_stay_text(tmp_path: Path) -> None:
    door = door_of(tmp_path, OFFICE_TOML.replace(GREETING, SPECIAL))
    play, say, _, _ = verbs(released(door))
    assert (play.tag, say.text) == ("Play", SPECIAL.replace("\\", ""))


def test_special_characters_in_a_sentence_and_a_name_stay_text(tmp_path: Path) -> None:
    toml = OFFICE_TOML.replace('name = "Front door"', f'name = "{SPECIAL}"')
    door = door_of(
        tmp_path, toml + "[doors.front.sentences]\n" + "".join(f'{key} = "{SPECIAL}"\n' for key in SENTENCES)
    )
    found = {name: document for name, document in documents(door).items() if name not in ("released", "rung again")}
    for document in (*found.values(), *whispers(door).values()):
        assert spoken(document)[0].text == SPECIAL.replace("\\", "")
        assert "<Play" not in document


def test_a_whisper_names_the_door(tmp_path: Path) -> None:
    door = door_of(tmp_path, OFFICE_TOML.replace('name = "Front door"', f'name = "{SPECIAL}"'))
    for document in whispers(door).values():
        assert (spoken(document)[0].text or "").startswith(SPECIAL.replace("\\", "") + ".")


def test_whoever_is_held_may_key_a_code_and_is_asked_again_without_one(tmp_path: Path) -> None:
    (gather,) = verbs(twiml.held(door_of(tmp_path, OFFICE_TOML), PUBLIC_URL, "waiting", 4, 2))
    assert (gather.tag, [verb.tag for verb in gather]) == ("Gather", ["Say"])
    assert (gather.get("action"), gather.get("actionOnEmptyResult")) == (f"{PUBLIC_URL}/voice/held/front", "true")
    assert (gather.get("numDigits"), gather.get("timeout"), gather.get("finishOnKey")) == ("4", "2", "")
    assert (gather.get("input"), gather.get("method")) == ("dtmf", "POST")


def test_whoever_picks_up_is_asked_for_one_key_and_no_voicemail_waits_for_one(tmp_path: Path) -> None:
    for document in whispers(door_of(tmp_path, OFFICE_TOML)).values():
        (gather,) = verbs(document)
        assert (gather.get("numDigits"), gather.get("timeout"), gather.get("finishOnKey")) == ("1", "3", "")
        assert gather.get("action") == f"{PUBLIC_URL}/voice/accepted/front"
        assert gather.get("actionOnEmptyResult") == "true"


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_language_has_every_sentence_and_a_voice_of_its_own(tmp_path: Path, language: str) -> None:
    door = door_of(tmp_path, in_language(language))
    found = spoken(*documents(door).values(), *whispers(door).values())
    assert {say.text for say in found} == {
        SENTENCES[key][language[:2]].replace("{door}", "Front door") for key in SENTENCES
    }
    assert {(say.get("language"), say.get("voice")) for say in found} == {(language, LANGUAGES[language])}


@pytest.mark.parametrize("key", SENTENCES)
def test_no_two_languages_share_a_sentence(key: str) -> None:
    needed = {language.partition("-")[0] for language in LANGUAGES}
    assert set(SENTENCES[key]) == needed
    assert len(set(SENTENCES[key].values())) == len(needed)


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_fallback_dials_the_telephones_and_needs_nothing_of_ours(tmp_path: Path, language: str) -> None:
    document = twiml.fallback(door_of(tmp_path, in_language(language)))
    say, dial, nobody, hang_up = verbs(document)
    assert [verb.tag for verb in (say, dial, nobody, hang_up)] == ["Say", "Dial", "Say", "Hangup"]
    assert [number.text for number in dial] == [TELEPHONE]
    assert "http" not in document.partition("?>")[2]


@pytest.mark.parametrize("key", [*"0123456789*#"])
def test_only_a_released_ring_plays_the_key(tmp_path: Path, key: str) -> None:
    door = door_of(tmp_path, OFFICE_TOML.replace('release = "9"', f'release = "{key}"'))
    found = {**documents(door), **whispers(door)}
    playing = [name for name, document in found.items() if "<Play" in document or "digits" in document]
    assert playing == ["released"]
    assert verbs(released(door))[0].get("digits") == f"ww{key}ww{key}"


@pytest.mark.parametrize("key", [*"0123456789*#"])
@pytest.mark.parametrize("name", ["long", "stubborn"])
def test_a_door_with_an_audio_tone_plays_its_sound_first_and_only_where_it_is_released(
    tmp_path: Path, key: str, name: str
) -> None:
    door = door_of(tmp_path, OFFICE_TOML.replace('release = "9"', f'release = "{key}"\ntone = "{name}"'))
    playing = [each for each, document in documents(door).items() if "<Play" in document or "tones" in document]
    assert playing == ["released"]
    play, say, pause, hang_up = verbs(released(door))
    assert (play.tag, play.attrib, play.text) == ("Play", {}, PUBLIC_URL + tone_path(door, door.tone))
    assert (say.tag, pause.get("length"), hang_up.tag) == ("Say", str(door.tone.trailing_silence), "Hangup")


def test_a_door_can_be_released_with_another_profile_than_its_own(tmp_path: Path) -> None:
    door = door_of(tmp_path, OFFICE_TOML)
    play, _, pause, _ = verbs(twiml.released(door, profile_named("patient"), PUBLIC_URL))
    assert (play.get("digits"), pause.get("length")) == ("wwww9ww9ww9", "3")


def files_that_say(name: str) -> set[str]:
    """Where the application's source has this name, in code or as a text."""

    def words(tree: ast.AST) -> Iterator[object]:
        for node in ast.walk(tree):
            yield from (getattr(node, part, None) for part in ("attr", "id", "name", "value", "arg"))

    sources = {file.relative_to(APP).as_posix(): file.read_text(encoding="utf-8") for file in APP.rglob("*.py")}
    return {file for file, source in sources.items() if name in words(ast.parse(source))}


def test_the_release_digits_are_known_to_the_door_sent_by_the_twiml_and_shown_by_check() -> None:
    terminal_s_check = "cli/local.py"  # for whoever sets up the intercom; it prints them
    assert files_that_say("release_digits") == {"domain/doors.py", "voice/twiml.py", terminal_s_check}


def test_the_address_of_a_sound_is_only_written_into_the_twiml() -> None:
    assert files_that_say("tone_path") == {"voice/tones.py", "voice/twiml.py"}


def test_only_the_twiml_module_can_write_twiml() -> None:
    assert files_that_say("VoiceResponse") == {"voice/twiml.py"}
