"""How the release key is sounded: profiles from gentle to stubborn, and keys that had better not be it."""

from collections.abc import Mapping
from dataclasses import dataclass

TWILIO_KEY_MS = 100  # as measured; Twilio documents no length, and none can be set
LENGTHS_MS = range(100, 3001)  # of an audio tone
LEVELS_DB = range(-24, -5)  # above -3 two tones would clip; what is quieter drowns in a panel's own noise
OWN = "own"  # the name of a profile that is a door's own


@dataclass(frozen=True, slots=True)
class ToneProfile:
    """How the release key is sent: seconds before it, how often, seconds between, whole seconds before hang-up.

    `length_ms` is that of each audio tone; 0: the digits that Twilio sounds, whose length nobody can set.
    `level_db` is an audio tone's, in dBFS of the sum of its two frequencies: 0 is a full-scale sine.
    """

    name: str
    lead_in: float
    repeats: int
    gap: float
    trailing_silence: int
    length_ms: int = 0
    level_db: int = -10

    @property
    def sounding_ms(self) -> int:
        """For how long the key sounds in all."""
        return self.repeats * (self.length_ms or TWILIO_KEY_MS)

    def describe(self) -> str:
        """ "twice for 500 ms at -10 dB, after 1 s, 1 s apart": what follows the key in a sentence."""
        how = f"for {self.length_ms} ms at {self.level_db} dB" if self.length_ms else "as Twilio sounds it"
        times = {1: "once", 2: "twice"}.get(self.repeats, f"{self.repeats} times")
        apart = f", {self.gap:g} s apart" if self.repeats > 1 else ""
        return f"{times} {how}, after {self.lead_in:g} s{apart}"


STANDARD = ToneProfile("standard", lead_in=1, repeats=2, gap=1, trailing_silence=2)
# From gentle to stubborn: each sounds longer in all than the one before. The courier waits for the lead-in.
PROFILES: tuple[ToneProfile, ...] = (
    ToneProfile("gentle", lead_in=1, repeats=1, gap=1, trailing_silence=2),
    STANDARD,
    ToneProfile("patient", lead_in=2, repeats=3, gap=1, trailing_silence=3),
    ToneProfile("long", lead_in=1, repeats=2, gap=1, trailing_silence=2, length_ms=500),
    ToneProfile("stubborn", lead_in=1.5, repeats=3, gap=1, trailing_silence=3, length_ms=2000, level_db=-7),
)
PROFILE_NAMES = tuple(profile.name for profile in PROFILES)

# DoorKing's factory setting, 9876 for the first relay and 5432 for the second: release once, hold open, end the hold,
# hold open for an hour (manual of the 1808, 2.4.6). A second relay's 3 is left out: other panels are released by it.
HOLDS_OPEN: Mapping[str, str] = {
    **dict.fromkeys("84", "holds the door open until it is told otherwise"),
    **dict.fromkeys("62", "holds the door open for an hour"),
    "7": "ends a hold and does not release the door",
}


def profile_named(name: str) -> ToneProfile:
    """The built-in profile of this name. Raises KeyError."""
    return {profile.name: profile for profile in PROFILES}[name]


def stronger(profile: ToneProfile) -> ToneProfile:
    """The first built-in profile that sounds longer in all; where there is none, the profile itself."""
    return next((each for each in PROFILES if each.sounding_ms > profile.sounding_ms), profile)


def release_warning(door_id: str, key: str) -> str:
    """What to say where `key` may do more at the panel than release the door once; "" for other keys."""
    if key not in HOLDS_OPEN:
        return ""
    return (
        f"doors.{door_id}.release: on DoorKing panels key {key} usually {HOLDS_OPEN[key]}; "
        'theirs for a single release is 9, or 5 for a second door. If yours is one of them, set release = "9".'
    )
