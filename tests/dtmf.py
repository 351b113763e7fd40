"""Listens to tones with multimon-ng, a decoder that knows nothing of how they were made."""

from __future__ import annotations  # array[int] is only for readers before Python 3.12

import io
import math
import re
import shutil
import subprocess
import wave
from array import array

import pytest

RATE, DECODER_RATE = 8000, 22050  # samples a second: a telephone's, and what multimon-ng takes
REPEAT = 160, 441  # RATE to DECODER_RATE as the smallest whole numbers
MISSING = "multimon-ng is not installed; `make test` installs it on Debian and Ubuntu, elsewhere see your packages"
# ITU-T Q.23, written down once more: by these the tests sound what Twilio sounds for <Play digits>.
ROWS = {697: "123", 770: "456", 852: "789", 941: "*0#"}
PAIRS = {key: (low, high) for low, keys in ROWS.items() for key, high in zip(keys, (1209, 1336, 1477), strict=True)}
KEYS = "".join(PAIRS)


def keys_in(samples: array[int]) -> str:
    """The keys that the decoder hears, each as often as it hears it begin."""
    if not shutil.which("multimon-ng"):
        pytest.fail(MISSING)
    command = ["multimon-ng", "-q", "-t", "raw", "-a", "DTMF", "-"]
    done = subprocess.run(command, input=_resampled(samples).tobytes(), capture_output=True, check=True, timeout=60)
    return "".join(re.findall(r"^DTMF: (.)$", done.stdout.decode(), re.MULTILINE))


def _resampled(samples: array[int]) -> array[int]:
    """Each sample is held until the next: what that adds lies above 6 kHz, where no key is."""
    taken, made = REPEAT
    padded = samples + silence(0.2)
    padded.extend([0] * (-len(padded) % taken))
    out = array("h", bytes(2 * len(padded) // taken * made))
    for at in range(made):
        out[at::made] = padded[at * taken // made :: taken]
    return out


def samples_of(sound: bytes) -> array[int]:
    """The samples of a WAV file, which must be as a telephone takes it."""
    with wave.open(io.BytesIO(sound)) as file:
        assert (file.getframerate(), file.getsampwidth(), file.getnchannels()) == (RATE, 2, 1)
        return array("h", file.readframes(file.getnframes()))


def silence(seconds: float) -> array[int]:
    return array("h", bytes(2 * round(RATE * seconds)))


def sounded_by_twilio(digits: str) -> array[int]:
    """`<Play digits>` as it was measured: a key sounds for 100 ms, then it is quiet as long; w is half a second."""
    sound = array("h")
    for key in digits:
        sound += silence(0.5) if key == "w" else _key(key) + silence(0.1)
    return sound


def _key(key: str) -> array[int]:
    low, high = (2 * math.pi * frequency / RATE for frequency in PAIRS[key])
    return array("h", (round(7000 * (math.sin(low * at) + math.sin(high * at))) for at in range(RATE // 10)))


def as_on_the_line(samples: array[int]) -> array[int]:
    """What is left of samples once they went through G.711's μ-law and back."""
    return array("h", map(_COMPANDED.__getitem__, samples))


def _companded(sample: int) -> int:
    """A segment doubles the step of the one below it; within it there are 16 steps (ITU-T G.711, 33 is its bias)."""
    size = min(abs(sample), 32635) + 132
    segment = size.bit_length() - 8
    step = size >> (segment + 3) & 15
    value = ((2 * step + 33) << (segment + 2)) - 132
    return -value if sample < 0 else value


_COMPANDED = {sample: _companded(sample) for sample in range(-32768, 32768)}
