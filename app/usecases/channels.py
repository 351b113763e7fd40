"""What the whole office is told: each channel once, however many doors it is for."""

from collections.abc import Mapping
from datetime import datetime

from app.domain.doors import Door
from app.domain.notices import Notice
from app.ports import Key
from app.usecases.unlocks import new_notice_key


def to_every_channel(doors: Mapping[str, Door], text: str, now: datetime) -> dict[Key[Notice], Notice]:
    """Notices to be committed in the office's partition."""
    channels = sorted({door.channel for door in doors.values() if door.channel})
    return {new_notice_key(): Notice(channel, text, now) for channel in channels}
