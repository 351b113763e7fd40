"""Which tone a release sends: the door's own, a stronger one soon after another, or one that is being tried."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from app.domain.doors import Door
from app.domain.tones import PROFILES, ToneProfile, profile_named, stronger

CALIBRATED_FOR = timedelta(minutes=10)
ANSWERED_WITHIN = timedelta(minutes=5)  # somebody has to come back from the door to say whether it opened
AGAIN_WITHIN = timedelta(seconds=90)  # a second ring so soon may be a courier before a door that did not open
REMEMBERED, OFTEN = 20, 5  # of so many releases so many with a stronger tone: the panel seems to be hard of hearing
OFFERED_EVERY = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Calibration:
    """Profiles are tried one after the other on visitors whom a host lets in; `visit` got the one named `profile`."""

    by: str
    ends_at: datetime
    profile: str
    visit: str = ""

    def is_active(self, now: datetime) -> bool:
        return now < self.ends_at


@dataclass(frozen=True, slots=True)
class ToneSetting:
    """What calibration found for a door ("" for nothing), and the one that is going on."""

    kept: str = ""
    calibration: Calibration | None = None

    def tried(self, now: datetime) -> Calibration | None:
        """The calibration that is going on."""
        return self.calibration if self.calibration and self.calibration.is_active(now) else None


@dataclass(frozen=True, slots=True)
class LastRelease:
    """The last release of a door, and when its channel was last offered calibration."""

    at: datetime
    profile: str
    offered_at: datetime | None = None

    def is_recent(self, now: datetime) -> bool:
        return now < self.at + AGAIN_WITHIN

    def may_offer(self, now: datetime) -> bool:
        return self.offered_at is None or now >= self.offered_at + OFFERED_EVERY


def profile_of(door: Door, name: str) -> ToneProfile:
    """The profile of this name; the door's own where a release no longer knows the name, or for ""."""
    try:
        return door.tone if name in ("", door.tone.name) else profile_named(name)
    except KeyError:
        return door.tone


def usual_profile(door: Door, setting: ToneSetting | None) -> ToneProfile:
    """What calibration kept, otherwise what `doorbot.toml` says."""
    return profile_of(door, setting.kept if setting else "")


def profile_for(door: Door, setting: ToneSetting | None, last: LastRelease | None, now: datetime) -> ToneProfile:
    """The profile of a release at `now`: soon after another release it is a stronger one than that."""
    if last is not None and last.is_recent(now):
        return stronger(profile_of(door, last.profile))
    return usual_profile(door, setting)


def begun(by: str, now: datetime) -> Calibration:
    """A calibration from the gentlest profile on."""
    return Calibration(by, now + CALIBRATED_FOR, PROFILES[0].name)


def answered(setting: ToneSetting, *, did_open: bool, now: datetime) -> ToneSetting:
    """Keep what opened the door; otherwise go on with the next profile, and end after the most stubborn one."""
    tried = setting.calibration
    if tried is None or did_open:
        return ToneSetting(tried.profile if tried else setting.kept)
    following = [profile.name for profile in PROFILES][_position(tried.profile) + 1 :]
    if not following:
        return ToneSetting(setting.kept)
    ends_at = max(tried.ends_at, now + ANSWERED_WITHIN)
    return replace(setting, calibration=replace(tried, profile=following[0], visit="", ends_at=ends_at))


def _position(name: str) -> int:
    return next((number for number, profile in enumerate(PROFILES) if profile.name == name), len(PROFILES))
