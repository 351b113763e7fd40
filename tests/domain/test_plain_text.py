"""What others read of what somebody wrote."""

import pytest

from app.domain.lockdowns import parse_terms
from app.domain.plain_text import NO_MARKUP
from app.domain.unlocks import parse_asked
from tests.support import HOST, local

NOON = local("2026-11-23T12:00")


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("fire drill", "fire drill"),
        ("<!channel> fire", "!channel fire"),
        ("fire\u202ellird", "firellird"),
        ("fire\ud800\x00\x9b", "fire"),
        ("fire\ndrill", "fire drill"),
        ("Übung “Brand” 🔥", "Übung “Brand” 🔥"),
    ],
)
def test_markup_and_what_cannot_be_seen_is_taken_out(written: str, read: str) -> None:
    assert written.translate(NO_MARKUP) == read


def test_of_what_is_expected_and_of_reasons_too() -> None:
    assert parse_asked("once expecting Door\u202eDash", HOST).expecting == "DoorDash"
    assert parse_terms("fire\u2066 drill", NOON, NOON.tzinfo).why == "fire drill"  # type: ignore[arg-type]
