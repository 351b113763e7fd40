"""What people read about the seals."""

from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest

from app.domain import seal_sentences as words
from app.domain.seals import Bad, Breach, SealHead, Wrong
from tests.support import a_door, local

NOON, ZONE = local("2026-11-23T12:00"), ZoneInfo("America/New_York")


@pytest.mark.parametrize(
    ("bad", "said"),
    [
        (Bad(Wrong.CHANGED, 7, 7), "entry 7 was changed"),
        (Bad(Wrong.CHANGED, 7, 9), "entries 7 to 9 were changed"),
        (Bad(Wrong.MISSING, 7, 7), "entry 7 is missing"),
        (Bad(Wrong.MISSING, 7, 9), "entries 7 to 9 are missing"),
        (Bad(Wrong.CUT, 7, 9), "entries 7 to 9 are missing: the end was cut off"),
        (Bad(Wrong.SWAPPED, 7, 8), "entries 7 to 8 changed places"),
        (Bad(Wrong.INSERTED, 7, 7), "entry 7 was inserted"),
        (Bad(Wrong.SEAL, 7, 7), "the seal of entry 7 was changed"),
        (Bad(Wrong.SEAL, 0, 0), "the seal itself was changed or removed"),
    ],
)
def test_what_is_wrong_is_said_plainly(bad: Bad, said: str) -> None:
    assert words.wrong(bad) == said


def test_how_a_log_stands() -> None:
    now, none = NOON + timedelta(hours=2), None
    assert words.stands(NOON, none, none, "", ZONE, now) == "Whole as of 12:00:00."
    assert words.stands(now, NOON, none, "", ZONE, now) == "Whole as of 14:00:00; checked from end to end 12:00."
    assert words.stands(NOON, NOON, none, "", ZONE, now + timedelta(days=1)).startswith("Whole as of Mon 23 Nov 12:00;")
    assert words.stands(none, none, none, "", ZONE, now) == "Not sealed yet."
    breach = Breach(Wrong.CHANGED, 7, 7, NOON)
    assert words.stands(now, NOON, breach, "", ZONE, now).startswith("Not whole: entry 7 was changed (found 12:00).")
    assert "Put the old one behind the new one" in words.stands(now, NOON, none, "other_secret", ZONE, now)
    assert words.stands(now, NOON, none, "a_later_word", ZONE, now).startswith("The log is not sealed")


def test_a_posted_line_names_the_door_and_can_be_copied() -> None:
    head = SealHead(1234, "ab12cd34ef56ab78" * 2, NOON, 0, "")
    assert words.posted(a_door(), "front", head, NOON, ZONE) == "Front door, 12:00:00: `front 1234 ab12cd34ef56ab78`"
    later = NOON + timedelta(days=1)
    assert words.posted(None, "", head, later, ZONE) == "Office, 2026-11-23 12:00:00: `office 1234 ab12cd34ef56ab78`"
    assert words.posted(a_door(), "front", None, NOON, ZONE).startswith("Front door: not whole")
