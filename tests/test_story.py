"""The main job, end to end, on every store."""

from freezegun import freeze_time

from tests.support import Office

MONDAY_NOON = "2026-11-23T17:00:00Z"  # 12:00 in New York


@freeze_time(MONDAY_NOON, tick=True)
def test_a_ring_is_released_while_the_door_is_unlocked_and_not_after_lock(office: Office) -> None:
    assert "<Gather" in office.ring()
    assert office.say("unlock for 30m") == "The front door is unlocked until 12:30. Every ring is released."
    assert '<Response><Play digits="ww9ww9" />' in office.ring()
    office.say("lock")
    assert "<Play" not in office.ring()
