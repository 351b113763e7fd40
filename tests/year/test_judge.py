"""Whoever judges must be able to disagree: here the application, its file or its record is wrong on purpose."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from app.domain.audit import AuditEvent, LogEntry, Outcome
from app.stores.sqlite import SqliteStore
from tests.voice.panel import AtOnce
from tests.year.facts import FIRST_DAY, YEAR_TOML, doors
from tests.year.life import Life
from tests.year.record import Reader, Unexplained
from tests.year.simulation import Disagreement, an_office
from tests.year.stories import DOOR, lines

LAST_STORY = max(line.day for line in lines())
OTHER_FILES = {
    "hours that end a minute later": ('mon-fri = "09:00-17:00"', 'mon-fri = "09:00-17:01"'),
    "hours that begin a minute later": ('mon-fri = "09:00-17:00"', 'mon-fri = "09:01-17:00"'),
    "holidays of another country": ('country = "US"\nsubdivision = "NY"', 'country = "DE"'),
    "another time zone": ('timezone = "America/New_York"', 'timezone = "America/Chicago"'),
    "a zone without summer time": ('timezone = "America/New_York"', 'timezone = "Etc/GMT+5"'),
    "longer unlocks": ('unlock_for = "2h"', 'unlock_for = "150m"'),
    "closed after hours": ("[hours]", 'after_hours = "closed"\n[hours]'),
    "another admin": ('admins = ["U0ADMIN01", ', 'admins = ["U0HOST001", "U0ADMIN01", '),
}
MISTAKES: dict[str, tuple[str, Callable[..., Any]]] = {
    "a lockdown that holds nothing": ("app.domain.doors.DoorState.lockdown_at", lambda state, now: None),
    "a lockdown without an end": ("app.domain.doors.DoorState.lockdown_at", lambda state, now: state.lockdown),
    "a lock that suspends nothing": ("app.usecases.unlocks.suspension", lambda *_: None),
    "special days that are forgotten": ("app.usecases.planned.applied", lambda door, planned: door),
    "codes that are never good": ("app.domain.access_codes.AccessCode.counts", lambda *_: False),
    "every unlock is a new one": ("app.domain.doors.DoorState.longest_unlock", lambda *_: None),
}


def the_stories(folder: Path, toml: str = YEAR_TOML) -> Sequence[LogEntry]:
    """Live through the stories alone, with an application that reads `toml`; the record of their door."""
    with an_office(folder, lambda: SqliteStore(folder / "doorbot.db"), 1, toml) as office:
        Life(office, 0).live(FIRST_DAY, LAST_STORY)
        return office.log(DOOR)


@pytest.mark.parametrize("what", OTHER_FILES)
def test_an_application_with_another_file_is_found_out(tmp_path: Path, what: str) -> None:
    right, wrong = OTHER_FILES[what]
    assert right in YEAR_TOML
    with pytest.raises(Disagreement):
        the_stories(tmp_path, YEAR_TOML.replace(right, wrong, 1))


@pytest.mark.parametrize("what", MISTAKES)
def test_a_mistake_is_found_out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, what: str) -> None:
    monkeypatch.setattr(*MISTAKES[what])
    with pytest.raises(Disagreement):
        the_stories(tmp_path)


@pytest.fixture(scope="module")
def record(tmp_path_factory: pytest.TempPathFactory) -> Sequence[LogEntry]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("app.services.Soon", AtOnce)
        return the_stories(tmp_path_factory.mktemp("stories"))


def read(entries: Sequence[LogEntry]) -> None:
    reader = Reader(doors()[DOOR])
    for entry in entries:
        reader.read(entry)


def renumbered(entries: Iterable[LogEntry]) -> list[LogEntry]:
    return [replace(entry, seq=seq) for seq, entry in enumerate(entries, start=1)]


def test_the_record_of_the_stories_explains_them(record: Sequence[LogEntry]) -> None:
    read(record)


NEEDED = (
    "unlock", "lock", "lock_down", "lift", "issue_code", "add_schedule", "remove_schedule",
    "pause_schedule", "resume_schedule", "open_day", "close_day",
)  # fmt: skip


@pytest.mark.parametrize("action", NEEDED)
def test_a_record_without_what_was_done_explains_nothing(record: Sequence[LogEntry], action: str) -> None:
    kept = renumbered(each for each in record if each.event.action != action or each.event.outcome == "refused")
    assert len(kept) < len(record)
    with pytest.raises((Unexplained, KeyError)):
        read(kept)


CHANGES: dict[str, Callable[[AuditEvent], AuditEvent]] = {
    "a ring released by somebody else": lambda event: replace(event, actor="U0NOBODY1"),
    "a ring released a day later": lambda event: replace(event, time=event.time + timedelta(days=1)),
    "a ring that was not released": lambda event: replace(event, outcome=Outcome.ASKED, reason="locked"),
    "a ring of another caller": lambda event: replace(event, caller="+12125550111"),
}


@pytest.mark.parametrize("what", CHANGES)
def test_a_ring_that_was_forged_is_not_explained(record: Sequence[LogEntry], what: str) -> None:
    first = next(each for each in record if each.event.outcome is Outcome.RELEASED)
    forged = replace(first, event=CHANGES[what](first.event))
    with pytest.raises(Unexplained):
        read([forged if each is first else each for each in record])


def test_an_entry_that_is_missing_is_missed(record: Sequence[LogEntry]) -> None:
    with pytest.raises(Unexplained):
        read([*record[:5], *record[6:]])
