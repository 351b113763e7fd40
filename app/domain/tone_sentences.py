"""Calibration in plain words."""

from datetime import datetime

from app.domain.doors import Door
from app.domain.hours import local_clock
from app.domain.notices import Button
from app.domain.outcomes import Calibrating, ToneKept, ToneTried
from app.domain.phrases import the
from app.domain.tones import PROFILE_NAMES

ALREADY = "That question has been answered already, or its time is over. `/frontdoor tone` begins again."


def calibrating(outcome: Calibrating, now: datetime) -> str:
    """The answer to `/frontdoor tone`."""
    until = local_clock(outcome.ends_at, outcome.door.hours.timezone, now)
    return (
        f"Until {until} I try tones at {the(outcome.door)}, from gentle to stubborn: {', '.join(PROFILE_NAMES)}. "
        f"Ring at the door, and let yourself in with the button here; each time I ask whether it opened. "
        f"At the moment its tone is “{outcome.usual}”."
    )


def tried(outcome: ToneTried) -> str:
    """The answer to a tone that did not open the door."""
    if outcome.following:
        return f"Then I try “{outcome.following}” at the next ring that somebody lets in. Please ring again."
    return (
        f"That was the most stubborn tone I have, so {the(outcome.door)} keeps the one it had. Please check that "
        "`release` in doorbot.toml is the key that this panel wants, and that it takes tones at all."
    )


def kept(outcome: ToneKept) -> str:
    """The answer when a tone was kept, or given up."""
    return f"From now on {the(outcome.door)} gets the tone “{outcome.profile}”."


def did_it_open(door: Door, profile: str, call: str) -> tuple[str, tuple[Button, ...]]:
    """What is asked after a tone was tried."""
    text = f":loud_sound: I sent the tone “{profile}” to {the(door)}. Did it open?"
    yes, no = (f"{door.id} {answer} {profile} {call}" for answer in ("yes", "no"))
    return text, (Button("keep_tone:yes", yes, "Yes, it opened", "primary"), Button("keep_tone:no", no, "No"))


def offer(door: Door, soon: int, releases: int) -> tuple[str, tuple[Button, ...]]:
    """What a channel is offered whose visitors often ring twice."""
    text = (
        f":ear: At {the(door)} {soon} of the last {releases} releases came soon after another one: perhaps the panel "
        "does not always hear the tone. In ten minutes we can find one that it does: `/frontdoor tone`."
    )
    return text, (Button("tone", door.id, "Find a better tone"),)
