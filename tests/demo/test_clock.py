"""A clock that can be moved, and a server that follows it."""

import re
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from freezegun import freeze_time

from app.demo.clock import Clock
from app.demo.refusals import Refused
from tests.demo.conftest import Demo
from tests.demo.page import CHANNEL, HAL, INTERCOM, RECEPTION, Page
from tests.support import a_door, local

Start = Callable[[str], Clock]


@pytest.fixture
def start(tmp_path: Path) -> Start:
    """A clock that was set to a local time in New York, whose office is open mon-fri 08:00-18:00."""

    def started(text: str) -> Clock:
        with freeze_time(local(text)):
            clock = Clock(tmp_path / "clock", a_door("08:00-18:00").hours)
            clock.reset()
        return clock

    return started


@pytest.mark.parametrize(
    ("real", "shown"),
    [
        ("2026-11-24T11:20", "Tuesday 24 November, 11:20"),
        ("2026-11-24T16:59", "Tuesday 24 November, 16:59"),
        ("2026-11-24T17:30", "Wednesday 25 November, 11:20"),  # the tour would not be over at closing time
        ("2026-11-24T05:00", "Tuesday 24 November, 11:20"),
        ("2026-11-27T23:00", "Monday 30 November, 11:20"),
        ("2026-11-28T12:00", "Monday 30 November, 11:20"),
    ],
)
def test_it_starts_in_working_hours(start: Start, tmp_path: Path, real: str, shown: str) -> None:
    clock = start(real)
    with freeze_time(local(real)):
        assert clock.shown()["local"] == shown
        ahead = timedelta(seconds=float((tmp_path / "clock").read_text()))
        assert clock.now() == local(real) + ahead


@pytest.mark.parametrize(
    ("preset", "moved"),
    [
        ("ten-minutes", "2026-11-24T11:30"),
        ("hour", "2026-11-24T12:20"),
        ("working-day", "2026-11-25T11:20"),
        ("before-closing", "2026-11-24T17:50"),
        ("closing", "2026-11-24T18:00"),
        ("saturday", "2026-11-28T11:20"),
        ("clocks-change", "2027-03-14T01:00"),
    ],
)
def test_it_moves_to_what_the_page_offers(start: Start, preset: str, moved: str) -> None:
    clock = start("2026-11-24T11:20")
    with freeze_time(local("2026-11-24T11:20")):
        assert preset in [each["id"] for each in clock.shown()["presets"]]
        clock.move(preset)
        assert clock.now() == local(moved)


def test_it_never_stands_still_at_a_preset(start: Start) -> None:
    clock = start("2026-11-24T11:20")
    with freeze_time(local("2026-11-24T11:20")):
        found = []
        for preset in (
            "closing",
            "closing",
            "before-closing",
            "saturday",
            "saturday",
            "clocks-change",
            "clocks-change",
        ):
            clock.move(preset)
            found.append(clock.shown()["local"])
        assert found == [
            "Tuesday 24 November, 18:00",
            "Wednesday 25 November, 18:00",
            "Thursday 26 November, 17:50",
            "Saturday 28 November, 11:20",
            "Saturday 5 December, 11:20",
            "Sunday 14 March, 01:00",
            "Sunday 7 November, 01:00",
        ]
        (change,) = [each["label"] for each in clock.shown()["presets"] if each["id"] == "clocks-change"]
        assert change == "An hour before summer time begins: Sun 12 Mar 01:00"


def test_it_goes_on_from_where_it_was_put_and_never_back(start: Start) -> None:
    clock = start("2026-11-24T11:20")
    with freeze_time(local("2026-11-24T11:21")) as time:
        clock.move(by_seconds=3600)
        time.tick(timedelta(minutes=1))
        assert clock.now() == local("2026-11-24T12:22")
        with pytest.raises(Refused, match="only moves forward"):
            clock.move(by_seconds=-60)
        with pytest.raises(Refused, match="only moves forward"):
            clock.move(by_seconds=-1e300)
        with pytest.raises(Refused, match="no such time"):
            clock.move("yesterday")


# The real server


def test_a_schedule_and_an_unlock_follow_it(page: Page) -> None:
    page.command("schedule add mon-fri 10:00-12:00 called lunch")
    page.command("unlock for 30m")
    before = page.snapshot["clock"]
    page.ask("clock", preset="working-day")
    moved = page.wait("clock", is_it=lambda told: "11:20" in told["local"])
    assert moved["now"] > before["now"]
    page.ask("ring", intercom=INTERCOM)
    assert page.wait("entry", action="ring")["sentence"] == "Released by schedule 1 of Hal"
    refused = page.try_("clock", preset="closing")
    assert refused[1]["say"] == "Somebody is at the door. Let the call end first, then move the clock."
    page.wait("call", state="ended")
    page.ask("clock", preset="closing")
    since = page.mark()
    page.ask("ring", intercom=INTERCOM)
    page.wait("telephone", number=RECEPTION, state="ringing", since=since)
    assert page.wait("entry", action="ring", since=since)["reason"] == "after_hours"


def test_signatures_hold_months_ahead_and_what_is_due_is_done(page: Page) -> None:
    page.command("unlock for 30m")
    since = page.mark()
    page.ask("clock", by_seconds=25 * 60)
    page.wait("message", to=HAL, sender="doorbot", since=since)  # the reminder
    page.ask("clock", preset="clocks-change")
    page.wait("clock", since=since, is_it=lambda told: "01:00" in told["local"])
    assert "locked" in page.command("status")["text"]
    page.ask("ring", intercom=INTERCOM)
    page.wait("telephone", number=RECEPTION, state="ringing")
    entry = page.wait("entry", action="ring")
    assert entry["reason"] == "after_hours"
    assert re.fullmatch(r"Sun \d+ (Mar|Nov) 01:00", entry["when"])


def test_other_terminals_speak_to_the_same_server(page: Page, demo: Demo) -> None:
    page.ask("clock", preset="working-day")
    told = demo.run("slash", "unlock for 1h", "--as", HAL)
    assert (told.returncode, "until 12:2" in told.stdout) == (0, True), told.stdout + told.stderr
    rung = demo.run("ring")
    assert (rung.returncode, "Released." in rung.stdout) == (0, True), rung.stdout + rung.stderr
    page.wait("entry", action="ring", outcome="released")
    page.wait("message", to=CHANNEL, is_it=lambda said: "unlocked the front door" in said["text"])


def test_starting_over_makes_everything_new(page: Page, demo: Demo) -> None:
    page.command("unlock for 1h")
    page.ask("clock", preset="saturday")
    page.ask("ring", intercom=INTERCOM)
    page.wait("entry", action="ring")
    since = page.mark()
    page.ask("start-over")
    new = page.wait("snapshot", since=since)
    assert (new["messages"], new["entries"], new["calls"], new["homes"], new["views"]) == ([], [], [], {}, {})
    assert "Saturday" not in new["clock"]["local"]
    assert datetime.fromisoformat(new["clock"]["now"]) < datetime.fromisoformat(page.told[0]["at"]) + timedelta(days=2)
    assert page.command("status")["text"] == "The front door is locked. Rings reach a human."
    assert demo.run("log").stdout == ""
