"""Every door that the office has or had: a door's record outlives its table in `doorbot.toml`."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from app.domain.doors import Door
from app.domain.hours import Hours, parse_weekly


@dataclass(frozen=True, slots=True)
class KnownDoors:
    """By the door's id what it was called, and its timezone, when it was last seen in the file."""

    names: Mapping[str, str] = field(default_factory=dict)
    timezones: Mapping[str, str] = field(default_factory=dict)

    def seen(self, doors: Mapping[str, Door]) -> "KnownDoors":
        """The same with the doors as they are now."""
        names = {door.id: door.name for door in doors.values()}
        timezones = {door.id: door.hours.timezone.key for door in doors.values()}
        return KnownDoors({**self.names, **names}, {**self.timezones, **timezones})

    def past(self, doors: Mapping[str, Door]) -> dict[str, Door]:
        """Those that are not among `doors`: never open, and called by nobody."""
        return {each: self._past(each) for each in self.names if each not in doors}

    def _past(self, door_id: str) -> Door:
        hours = Hours(_zone(self.timezones.get(door_id, "UTC")), parse_weekly({}), {})
        return Door(door_id, self.names[door_id], "", "", hours)


def _zone(key: str) -> ZoneInfo:
    """The zone with this name; UTC where this machine does not know it."""
    try:
        return ZoneInfo(key)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return ZoneInfo("UTC")
