"""Where the record stands is posted once a day, in words that read well, and can be compared later."""

from datetime import timedelta

import pytest

from app.domain.errors import InvalidInput
from app.domain.seal_sentences import parse_posted
from app.domain.seals import PostedHead
from app.ports import Store
from tests.support import a_door, local
from tests.usecases.sealed import FRONT, SIDE, Sealed

CHANNEL = "C0RECORD1"
NIGHT, MORNING = local("2026-11-23T08:59:50"), local("2026-11-23T09:00")


def posts(sealed: Sealed) -> list[str]:
    return [text for channel, text in sealed.told() if channel == CHANNEL]


def test_it_is_posted_at_nine_once(store: Store) -> None:
    sealed = Sealed(store, now=NIGHT, channel=CHANNEL)
    sealed.append(30)
    sealed.rounds(2)
    assert posts(sealed) == []
    sealed.rounds(5)
    Sealed(store, now=sealed.now, channel=CHANNEL).rounds(3)
    (text,) = posts(sealed)
    head = sealed.verified().head
    assert head is not None
    assert text.splitlines()[1:] == [f"Front door, 08:59:50: `front 30 {head.tag[:16]}`"]
    (event,) = sealed.events("")
    assert (event.outcome, event.reason, event.details) == ("done", "posted", {"logs": 1})


@pytest.mark.parametrize(("at", "count"), [("2026-11-23T23:59", 1), ("2026-11-24T08:59", 1), ("2026-11-24T09:00", 2)])
def test_it_is_caught_up_on_the_same_day_and_told_anew_the_next(store: Store, at: str, count: int) -> None:
    sealed = Sealed(store, now=MORNING, channel=CHANNEL)
    sealed.seal(3)
    sealed.rounds(2)
    sealed.now = local(at)
    sealed.rounds(2)
    assert len(posts(sealed)) == count


def test_a_server_that_was_away_at_nine_posts_later(store: Store) -> None:
    sealed = Sealed(store, now=local("2026-11-23T17:30"), channel=CHANNEL)
    sealed.append(3)
    sealed.rounds(2)
    assert len(posts(sealed)) == 1


def test_without_a_channel_nothing_is_posted(store: Store) -> None:
    sealed = Sealed(store, now=MORNING)
    sealed.append(3)
    sealed.rounds(3)
    assert (sealed.told(), sealed.events("")) == ([], [])


def test_before_anything_is_sealed_nothing_is_posted_and_then_it_is(store: Store) -> None:
    sealed = Sealed(store, now=MORNING, channel=CHANNEL)
    sealed.rounds(2)
    assert posts(sealed) == []
    sealed.append(1)
    sealed.rounds(2)
    assert len(posts(sealed)) == 1


def test_a_log_that_is_not_whole_is_not_passed_off_as_whole(store: Store) -> None:
    sealed = Sealed(store, now=MORNING - timedelta(hours=1), channel=CHANNEL)
    sealed.append(3, "side")
    sealed.append(3)
    sealed.rounds(2)
    sealed.raw.change(FRONT, 2, b"forwarded", b"released")
    sealed.now = MORNING
    sealed.rounds(2)
    text = posts(sealed)[-1]
    assert "\nFront door: not whole, see `python -m app log verify`" in text
    assert "\nSide door, 08:00:00: `side 3 " in text


def test_two_hundred_doors_are_several_messages_in_their_order(sqlite_store: Store) -> None:
    doors = {f"d{n:03}": a_door(id=f"d{n:03}", name=f"Door {n:03}") for n in range(200)}
    sealed = Sealed(sqlite_store, now=MORNING, channel=CHANNEL, doors=doors)
    for door_id in doors:
        sealed.append(1, door_id)
    sealed.recording.sealing.seal(sealed.now)
    sealed.recording.sealing.seal(sealed.now)
    sealed.recording.sealing.seal(sealed.now)
    sealed.recording.sealing.seal(sealed.now)
    sealed.rounds()
    found = posts(sealed)
    assert len(found) > 2
    assert all(len(text) <= 2600 for text in found)
    lines = [line for text in found for line in text.splitlines() if line.startswith("Door")]
    assert [line[:8] for line in lines] == [f"Door {n:03}" for n in range(200)]


def test_a_posted_line_can_be_given_as_it_was_copied(store: Store) -> None:
    sealed = Sealed(store)
    sealed.seal(5, "side")
    head = sealed.verified(SIDE).head
    assert head is not None
    for text in (
        f"side 5 {head.tag[:16]}",
        f" `side 5 {head.tag[:16]}` ",
        f"side 5 {head.tag[:8]}…",
        f"SIDE 5 {head.tag}",
    ):
        assert sealed.verified(SIDE, [parse_posted(text)]).is_whole
    assert parse_posted("office 52 ab12cd34") == PostedHead("", 52, "ab12cd34")


@pytest.mark.parametrize(
    "text", ["", "front", "front 5", "front 5 ab", "front five ab12cd34", "front 5 xyz12345", "5 ab12cd34"]
)
def test_anything_else_is_not_understood(text: str) -> None:
    with pytest.raises(InvalidInput, match="no posted line"):
        parse_posted(text)
