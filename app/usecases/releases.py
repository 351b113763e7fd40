"""What a release brings with it: the tone that is sent, a counted unlock used up, and who is told."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from app.domain import calibration, sentences, tone_sentences
from app.domain.doors import Door, DoorState
from app.domain.notices import Notice
from app.domain.visits import Visit
from app.ports import Key, Snapshot
from app.usecases.tones import LAST_RELEASE, TONE
from app.usecases.unlocks import STATE, new_notice_key

KEYS = (STATE, TONE, LAST_RELEASE)  # what has to be read for a release


@dataclass(frozen=True)
class Release:
    """The name of the tone that is sent, and what else is to be committed; `tells` where Slack is to be told."""

    tone: str
    state: DoorState
    writes: Mapping[Key[Any], object]
    tells: bool = False


def release(snapshot: Snapshot, door: Door, now: datetime, *, by_unlock: bool = True) -> Release:
    """Release a door, whatever decided so; `snapshot` has KEYS."""
    profile, last = calibration.released(door, snapshot.get(TONE), snapshot.get(LAST_RELEASE), now)
    state = snapshot.get(STATE) or DoorState()
    after, expected = state.after_release(now, by_unlock=by_unlock)
    notices = [Notice(each.tell, sentences.arrival(each, door), now) for each in expected]
    if door.channel and last.wants_calibration(now):
        text, buttons = tone_sentences.offer(door, last.soon.count("1"), len(last.soon))
        notices.append(Notice(door.channel, text, now, buttons=buttons))
        last = replace(last, offered_at=now)
    writes: dict[Key[Any], object] = {LAST_RELEASE: last, **{new_notice_key(): notice for notice in notices}}
    if after is not state:
        writes[STATE] = after
    return Release(profile.name, after, writes, tells=bool(notices))


def release_for_host(snapshot: Snapshot, door: Door, visit: Visit, now: datetime) -> Release:
    """Release a door for a host's answer: while it is calibrated, with the tone that is being tried."""
    setting = snapshot.get(TONE)
    tried = setting.tried(now) if setting else None
    if setting is None or tried is None or not door.channel:
        return release(snapshot, door, now, by_unlock=False)
    usual = release(snapshot, door, now, by_unlock=False)
    text, buttons = tone_sentences.did_it_open(door, tried.profile, visit.id)
    question = {new_notice_key(): Notice(door.channel, text, now, buttons=buttons)}
    going_on = {TONE: replace(setting, calibration=replace(tried, visit=visit.id))}
    return Release(tried.profile, usual.state, {**usual.writes, **question, **going_on}, tells=True)
