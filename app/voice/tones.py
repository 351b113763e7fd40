"""The audio tone: a door's release key as a sound of our own, and how it is served.

Unlike the digits that Twilio sounds, its length and level can be set. A sound is no secret and changes nothing, so it
is served to anybody who asks; only a signed ring is answered with its address.
"""

import struct
import wave
from collections.abc import Callable, Iterable
from dataclasses import astuple
from functools import lru_cache
from hashlib import sha256
from io import BytesIO
from math import cos, pi, sin, sqrt
from typing import Any

from werkzeug.exceptions import MethodNotAllowed, NotFound
from werkzeug.wrappers import Response

from app.domain.doors import Door
from app.domain.tones import PROFILES, ToneProfile

PATH = "/voice/tones/"
FOREVER = "public, max-age=31536000, immutable"
RENDERING = 1  # part of every address: count up when the same profile is to sound otherwise
RATE = 8000  # samples a second: a telephone's
FULL_SCALE = 32767
FADE = RATE * 5 // 1000  # samples; a hard edge clicks, and a click is heard at all frequencies
ROWS, COLUMNS = (697, 770, 852, 941), (1209, 1336, 1477)  # Hz, ITU-T Q.23
FREQUENCIES = {key: (ROWS[at // 3], COLUMNS[at % 3]) for at, key in enumerate("123456789*0#")}


def tone_path(door: Door, profile: ToneProfile) -> str:
    """Where the sound of the door's release key is served. Another sound has another path: it may be kept forever."""
    made_of = repr((RENDERING, door.release, *astuple(profile)))
    return f"{PATH}{door.id}/{profile.name}-{sha256(made_of.encode()).hexdigest()[:8]}.wav"


@lru_cache(maxsize=64)
def render(key: str, profile: ToneProfile) -> bytes:
    """A WAV file, 16 bit mono: the lead-in, then the key as often as the profile says. It ends with the last tone."""
    tones = _silence(profile.gap).join([_tone(key, profile.length_ms, profile.level_db)] * profile.repeats)
    file = BytesIO()
    with wave.open(file, "wb") as sound:
        sound.setnchannels(1)
        sound.setsampwidth(2)
        sound.setframerate(RATE)
        sound.writeframes(_silence(profile.lead_in) + tones)
    return file.getvalue()


def _silence(seconds: float) -> bytes:
    return bytes(2 * round(RATE * seconds))


def _tone(key: str, length_ms: int, level_db: int) -> bytes:
    """Both frequencies, equally loud; the edges are faded in and out along half a cosine."""
    count = RATE * length_ms // 1000
    each = FULL_SCALE * 10 ** (level_db / 20) / sqrt(2)
    low, high = (2 * pi * frequency / RATE for frequency in FREQUENCIES[key])
    fade = [(1 - cos(pi * (at + 0.5) / FADE)) / 2 for at in range(FADE)]
    envelope = fade + [1.0] * (count - 2 * FADE) + fade[::-1]
    samples = (round(each * now * (sin(low * at) + sin(high * at))) for at, now in enumerate(envelope))
    return struct.pack(f"<{count}h", *samples)


class Tones:
    """A WSGI application: the sounds of the built-in profiles and of each door's own, and nothing else."""

    def __init__(self, doors: Iterable[Door]) -> None:
        self._sounds = {
            tone_path(door, profile): (door.release, profile)
            for door in doors
            for profile in (*PROFILES, door.tone)
            if profile.length_ms
        }

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        return self._answer(environ)(environ, start_response)

    def _answer(self, environ: dict[str, Any]) -> Response:
        path = environ["PATH_INFO"]
        if path not in self._sounds:
            raise NotFound
        if environ["REQUEST_METHOD"] not in ("GET", "HEAD"):
            raise MethodNotAllowed(["GET", "HEAD"])
        response = Response(render(*self._sounds[path]), mimetype="audio/wav", headers={"Cache-Control": FOREVER})
        response.set_etag(path.removeprefix(PATH))
        return response.make_conditional(environ)
