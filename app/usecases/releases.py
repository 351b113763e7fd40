"""What a release brings with it."""

from datetime import datetime
from typing import Any

from app.domain import sentences
from app.domain.doors import Door, DoorState
from app.domain.notices import Notice
from app.ports import Key, Snapshot
from app.usecases.unlocks import STATE, new_notice_key


def used_up(snapshot: Snapshot, door: Door, now: datetime) -> dict[Key[Any], object]:
    """What a release changes: a counted unlock has one less, and who expects somebody is told; mostly nothing."""
    state = snapshot.get(STATE) or DoorState()
    after, expected = state.after_release(now)
    if after is state:
        return {}
    told = {new_notice_key(): Notice(each.tell, sentences.arrival(each, door), now) for each in expected}
    return {STATE: after, **told}
