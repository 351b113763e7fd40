"""The sounds themselves, and how they are served."""

import math
from collections.abc import Callable
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import pytest
from werkzeug.test import TestResponse

from app import create_app
from app.domain.doors import Door
from app.domain.tones import LEVELS_DB, PROFILES, STANDARD, ToneProfile, profile_named
from app.stores.sqlite import SqliteStore
from app.voice.tones import PATH, RATE, render, tone_path
from tests.conftest import FakeHosts, settings_for
from tests.dtmf import KEYS, samples_of
from tests.support import ALWAYS_OPEN_TOML, Office, a_door, stored

LONG, STUBBORN = profile_named("long"), profile_named("stubborn")
OWN = "[doors.front.tone]\nlength = '250ms'\n"
FADE = RATE * 5 // 1000

OfficeOf = Callable[[str], Office]


@pytest.fixture
def office_of(tmp_path: Path, sqlite_store: SqliteStore, hosts: FakeHosts) -> OfficeOf:
    def make(toml: str) -> Office:
        return Office(create_app(settings_for(tmp_path, toml), store=sqlite_store, hosts=hosts).test_client())

    return make


@pytest.fixture
def office(office_of: OfficeOf) -> Office:
    return office_of(ALWAYS_OPEN_TOML + OWN)


def front(office: Office) -> Door:
    return office.services.office.door("front")


def get(office: Office, path: str, method: str = "GET", **headers: str) -> TestResponse:
    """What somebody gets who signs nothing."""
    return office.client.open(path, method=method, headers=headers)


# The sound


def test_a_file_has_the_lead_in_the_tones_and_the_gaps_and_ends_with_the_last_tone() -> None:
    samples = samples_of(render("9", replace(LONG, lead_in=0.5, repeats=3, gap=1.5, length_ms=100)))
    parts = {"lead-in": 4000, "tone 1": 800, "gap 1": 12000, "tone 2": 800, "gap 2": 12000, "tone 3": 800}
    assert len(samples) == sum(parts.values())
    at = 0
    for name, length in parts.items():
        part = samples[at : at + length]
        assert any(part) == name.startswith("tone"), name
        at += length


@pytest.mark.parametrize("level", LEVELS_DB)
def test_the_level_is_that_of_the_sum_and_nothing_is_clipped(level: int) -> None:
    tone = samples_of(render("5", replace(LONG, lead_in=0, repeats=1, length_ms=1000, level_db=level)))
    steady = tone[FADE:-FADE]
    power = sum(sample * sample for sample in steady) / len(steady)
    assert 10 * math.log10(power / (32767**2 / 2)) == pytest.approx(level, abs=0.1)
    assert max(map(abs, tone)) < 32767


@pytest.mark.parametrize("key", KEYS)
def test_the_edges_are_clean(key: str) -> None:
    tone = [0, *samples_of(render(key, replace(STUBBORN, lead_in=0, repeats=1, length_ms=100))), 0]
    steps = [abs(after - before) for before, after in pairwise(tone)]
    loudest = max(map(abs, tone))
    assert max(map(abs, [*tone[:5], *tone[-5:]])) < loudest / 20
    assert max(steps[: FADE // 4] + steps[-FADE // 4 :]) < max(steps) / 4


def test_a_sounds_path_says_whose_it_is_and_changes_with_all_that_it_is_made_of() -> None:
    door, changes = a_door(), {"lead_in": 2, "repeats": 4, "gap": 2, "length_ms": 501, "level_db": -11}
    profiles = [LONG, *(replace(LONG, **{name: value}) for name, value in changes.items())]
    paths = [tone_path(door, profile) for profile in profiles] + [tone_path(a_door(release="8"), LONG)]
    assert len(set(paths)) == len(paths)
    assert all(path.startswith("/voice/tones/front/long-") and path.endswith(".wav") for path in paths)
    assert tone_path(a_door(), replace(LONG)) == paths[0]


# How it is served


@pytest.mark.parametrize("profile", [LONG, STUBBORN, None], ids=["long", "stubborn", "own"])
def test_a_sound_is_served_to_anybody_and_may_be_kept_forever(office: Office, profile: ToneProfile | None) -> None:
    wanted = profile or front(office).tone
    answer = get(office, tone_path(front(office), wanted))
    assert (answer.status_code, answer.data) == (200, render("9", wanted))
    assert answer.headers["Content-Type"] == "audio/wav"
    assert answer.headers["Content-Length"] == str(len(answer.data))
    assert answer.headers["Cache-Control"] == "public, max-age=31536000, immutable"
    assert answer.headers["ETag"].startswith('"')


def test_head_tells_the_same_without_the_sound(office: Office) -> None:
    path = tone_path(front(office), LONG)
    whole, head = get(office, path), get(office, path, "HEAD")
    assert (head.status_code, head.data) == (200, b"")
    for name in ("Content-Type", "Content-Length", "Cache-Control", "ETag"):
        assert head.headers[name] == whole.headers[name]


@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_who_has_it_already_is_not_sent_it_again(office: Office, method: str) -> None:
    path = tone_path(front(office), LONG)
    etag = get(office, path).headers["ETag"]
    for known in (etag, f'"other", {etag}', f"W/{etag}", "*"):
        answer = get(office, path, method, **{"If-None-Match": known})
        assert (answer.status_code, answer.data, answer.headers["ETag"]) == (304, b"", etag)
        assert answer.headers["Cache-Control"].endswith("immutable")
    assert get(office, path, method, **{"If-None-Match": '"other"'}).status_code == 200
    other = get(office, tone_path(front(office), STUBBORN), method, **{"If-None-Match": etag})
    assert other.status_code == 200


def test_each_sound_has_an_etag_of_its_own(office: Office) -> None:
    paths = [tone_path(front(office), profile) for profile in (LONG, STUBBORN, front(office).tone)]
    assert len({get(office, path).headers["ETag"] for path in paths}) == 3


@pytest.mark.parametrize("method", ["GET", "HEAD", "POST"])
def test_a_sound_that_nobody_is_answered_with_does_not_exist(office: Office, method: str) -> None:
    door = front(office)
    path = tone_path(door, LONG)
    wrong = [
        PATH,
        f"{PATH}front",
        path.removesuffix(".wav"),
        path + "/",
        path.replace("long", "loud"),
        path.replace("/front/", "/side/"),
        path.replace("/tones/", "/tones/../tones/"),
        f"{PATH}front/long-00000000.wav",
        f"{PATH}front/\u00fc%00.wav",
        tone_path(a_door(release="8"), LONG),
        tone_path(door, replace(LONG, length_ms=501)),
        tone_path(door, STANDARD),
        tone_path(door, PROFILES[0]),
    ]
    assert {path: get(office, path, method).status_code for path in wrong} == dict.fromkeys(wrong, 404)


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH", "OPTIONS"])
def test_a_sound_can_only_be_got(office: Office, method: str) -> None:
    answer = get(office, tone_path(front(office), LONG), method)
    assert (answer.status_code, answer.headers["Allow"]) == (405, "GET, HEAD")


def test_another_doors_own_sound_is_at_its_own_path_only(office_of: OfficeOf) -> None:
    side = OWN.replace("front", "side").replace("250ms", "300ms")
    rest = 'number = "+12125550101"\nrelease = "5"\nforward_to = ["+12125550123"]\n'
    office = office_of(ALWAYS_OPEN_TOML + OWN + "[doors.side]\n" + rest + side)
    doors = office.services.office.doors
    found = {
        (door.id, other.id): get(office, tone_path(door, other.tone)).status_code
        for door in doors.values()
        for other in doors.values()
    }
    assert found == {("front", "front"): 200, ("side", "side"): 200, ("front", "side"): 404, ("side", "front"): 404}


def test_who_asks_for_a_sound_changes_nothing(office: Office) -> None:
    store = office.services.store
    office.sweep()
    before = stored(store)
    for method in ("GET", "HEAD", "POST"):
        get(office, tone_path(front(office), LONG), method)
        get(office, f"{PATH}front/long-00000000.wav", method)
    office.sweep()
    assert stored(store) == before
