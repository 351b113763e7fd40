"""Calibration: tones are tried at a door until one is known to open it."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from app.domain import calibration, tone_sentences
from app.domain.audit import Action, Outcome
from app.domain.calibration import OFTEN, REMEMBERED, LastRelease, ToneSetting, usual_profile
from app.domain.doors import Door, DoorState
from app.domain.notices import Notice
from app.domain.outcomes import Calibrating, RefusalReason, Refused, ToneKept, ToneTried
from app.domain.tone_sentences import ALREADY
from app.ports import Key, Snapshot, Store, partition
from app.usecases.planned import SCHEDULES, as_planned
from app.usecases.requests import Change, Request, perform
from app.usecases.touched import Touched
from app.usecases.unlocks import STATE, new_notice_key

TONE = Key[ToneSetting]("tone")
LOOKED_AT = 100  # entries of the log: twenty releases are among them
LAST_RELEASE = Key[LastRelease]("release")


class Tones:
    """Each returns an outcome, and raises StoreUnavailable."""

    def __init__(self, store: Store, doors: Mapping[str, Door]) -> None:
        self._store = store
        self._touched = Touched(doors, "releases")

    def touched(self, door_id: str) -> None:
        """A visit moved on at this door; touches nothing but memory."""
        self._touched.add(door_id)

    def look_back(self, now: datetime) -> None:
        """Note the last release of each door that was touched: a ring pays nothing for that."""
        self._touched.look(lambda door: self._look_back(door, now))

    def _look_back(self, door: Door, now: datetime) -> bool:
        """False where another commit was first."""
        snapshot = self._store.read(partition(door.id), LAST_RELEASE, TONE)
        last, usual = snapshot.get(LAST_RELEASE), usual_profile(door, snapshot.get(TONE)).name
        latest = self._store.read_log(partition(door.id), limit=LOOKED_AT)
        releases = [entry.event for entry in latest if entry.event.outcome is Outcome.RELEASED]
        if not releases or (last and releases[0].time <= last.at):
            return True
        tones = [str(event.details.get("tone", usual)) for event in releases[:REMEMBERED]]
        after = LastRelease(releases[0].time, tones[0], last.offered_at if last else None)
        writes: dict[Key[Any], object] = {LAST_RELEASE: after}
        soon = sum("tone" in event.details for event in releases[:REMEMBERED])
        if soon >= OFTEN and door.channel and after.may_offer(now):
            text, buttons = tone_sentences.offer(door, soon, len(tones))
            writes = {
                LAST_RELEASE: replace(after, offered_at=now),
                new_notice_key(): Notice(door.channel, text, now, buttons=buttons),
            }
        return self._store.commit(snapshot, writes)

    def calibrate(self, request: Request, door: Door) -> object:
        """Begin to try tones, for ten minutes in working hours: Calibrating, Refused or Repeated."""

        def act(snapshot: Snapshot) -> Change | Refused:
            at_door = as_planned(door, snapshot)
            if (snapshot.get(STATE) or DoorState()).lockdown_at(request.now):
                return Refused(Action.TONE, RefusalReason.LOCKDOWN, door)
            if not at_door.hours.is_open(request.now):
                return Refused(Action.TONE, RefusalReason.OUTSIDE_HOURS, at_door)
            setting, begun = snapshot.get(TONE) or ToneSetting(), calibration.begun(request.actor, request.now)
            outcome = Calibrating(door, begun.ends_at, usual_profile(door, setting).name)
            event = request.event(Action.TONE, Outcome.DONE, door=door.id)
            return Change(outcome, {TONE: replace(setting, calibration=begun)}, [event])

        return perform(self._store, request, Action.TONE, door.id, act, TONE, STATE, SCHEDULES)

    def reset(self, request: Request, door: Door) -> object:
        """Go back to the tone in `doorbot.toml`: ToneKept, Refused or Repeated."""

        def act(_: Snapshot) -> Change:
            event = request.event(Action.KEEP_TONE, Outcome.DONE, door=door.id, reason=door.tone.name)
            return Change(ToneKept(door, door.tone.name), {TONE: ToneSetting()}, [event])

        return perform(self._store, request, Action.KEEP_TONE, door.id, act, TONE)

    def opened(self, request: Request, door: Door, profile: str, call: str, *, did_open: bool) -> object:
        """Somebody saw whether the door opened for visit `call`: ToneKept, ToneTried, Refused or Repeated."""

        def act(snapshot: Snapshot) -> Change | Refused:
            setting = snapshot.get(TONE) or ToneSetting()
            tried = setting.calibration
            is_current = tried is not None and call and (tried.profile, tried.visit) == (profile, call)
            if not is_current or not tried or request.now >= tried.ends_at + calibration.ANSWERED_WITHIN:
                return Refused(Action.KEEP_TONE, RefusalReason.TOO_LATE, door, ALREADY)
            after = calibration.answered(setting, did_open=did_open, now=request.now)
            following = after.calibration.profile if after.calibration else ""
            outcome = ToneKept(door, profile) if did_open else ToneTried(door, following)
            details = {"tried": profile, "opened": "yes" if did_open else "no"}
            event = request.event(Action.KEEP_TONE, Outcome.DONE, door=door.id, visit=call, details=details)
            return Change(outcome, {TONE: after}, [event])

        return perform(self._store, request, Action.KEEP_TONE, door.id, act, TONE)
