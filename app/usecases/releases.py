"""What a release brings with it, the tone, a counted unlock used up, who is told; and what takes it back."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from app.domain import calibration, sentences, tone_sentences
from app.domain.audit import Action, Outcome
from app.domain.decisions import DenyReason, Granted, GrantSource
from app.domain.doors import Door, DoorState
from app.domain.notices import Notice
from app.domain.visits import Visit, VisitState
from app.ports import Key, Snapshot
from app.usecases.planned import SCHEDULES
from app.usecases.steps import NO_DETAILS, Move, visit_event
from app.usecases.tones import LAST_RELEASE, TONE
from app.usecases.unlocks import STATE, new_notice_key

KEYS = (STATE, SCHEDULES, TONE, LAST_RELEASE)  # what has to be read for a release


@dataclass(frozen=True)
class Release:
    """The name of the tone that is sent, and what else is to be committed; `tells` where Slack is to be told.

    That a release took place is seen from the log, off the ring's path (`Tones.look_back`).
    """

    tone: str
    state: DoorState
    writes: Mapping[Key[Any], object]
    details: Mapping[str, str | int]
    tells: bool = False


def release(snapshot: Snapshot, door: Door, now: datetime, *, by_unlock: bool = True) -> Release:
    """Release a door, whatever decided so; `snapshot` has KEYS."""
    setting, last = snapshot.get(TONE), snapshot.get(LAST_RELEASE)
    profile = calibration.profile_for(door, setting, last, now)
    is_usual = profile is calibration.usual_profile(door, setting)
    details: Mapping[str, str | int] = NO_DETAILS if is_usual else {"tone": profile.name}
    state = snapshot.get(STATE) or DoorState()
    after, expected = state.after_release(now, by_unlock=by_unlock)
    if after is state:
        return Release(profile.name, state, {}, details)
    told = {new_notice_key(): Notice(each.tell, sentences.arrival(each, door), now) for each in expected}
    return Release(profile.name, after, {STATE: after, **told}, details, tells=bool(told))


def release_for(granted: Granted, snapshot: Snapshot, door: Door, now: datetime) -> Release:
    """Release a door because the rules say so; the record names the schedule that did."""
    released = release(snapshot, door, now, by_unlock=granted.source is GrantSource.UNLOCK)
    if not granted.schedule:
        return released
    return replace(released, details={**released.details, "schedule": granted.schedule})


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
    return Release(
        tried.profile, usual.state, {**usual.writes, **question, **going_on}, {"tone": tried.profile}, tells=True
    )


def heard(visit: Visit) -> Move | None:
    """A tone that somebody decided on is about to be played."""
    if visit.state is VisitState.RELEASED and visit.decided_at and not visit.heard:
        return Move(visit.moved(visit.state, heard=True))
    return None


def taken_back(snapshot: Snapshot, visit: Visit, door: Door, now: datetime) -> Move | None:
    """A lockdown came before a call could be given its tone, or asked for it again: it reaches a human instead."""
    if visit.state is not VisitState.RELEASED or not (snapshot.get(STATE) or DoorState()).lockdown_at(now):
        return None
    reason = DenyReason.LOCKDOWN.value
    event = visit_event(visit, door, now, Action.FORWARD, Outcome.FORWARDED, reason=reason)
    return Move(visit.undecided().moved(VisitState.FORWARDED, reason=reason, left_out=()), [event])
