"""The same delivery again: the first answer, byte for byte, acted on once."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from freezegun import freeze_time

import config
from tests.support import ADMIN, GUEST, HOST, Office, command_form, stored

MONDAY_NOON = "2026-11-23T17:00:00Z"
COMMANDS = [
    (HOST, "unlock for 1h"),
    (HOST, "unlock"),
    (HOST, "lock"),
    (HOST, "unlock until 9:00"),
    (HOST, "unlock for ever"),
    (HOST, "log"),
    (GUEST, "unlock"),
    (GUEST, "lock"),
    (GUEST, "status"),
]
MEANWHILE = ["lock", "unlock for 2h"]

Deliver = Callable[[str, str], bytes]


@pytest.fixture
def deliver(office: Office) -> Deliver:
    """Deliver a command with one and the same trigger id."""

    def send(user: str, text: str) -> bytes:
        answer = office.slack_form(command_form(text, user, trigger_id="1.2.once"))
        assert answer.status_code == 200
        return bytes(answer.data)

    return send


@freeze_time(MONDAY_NOON, tick=True)
@pytest.mark.parametrize("meanwhile", MEANWHILE)
@pytest.mark.parametrize(("user", "text"), COMMANDS)
def test_the_same_delivery_gets_the_first_answer_and_acts_once(
    office: Office, deliver: Deliver, user: str, text: str, meanwhile: str
) -> None:
    first = deliver(user, text)
    office.say(meanwhile, ADMIN)
    before = stored(office.services.store)
    assert deliver(user, text) == first
    assert stored(office.services.store) == before


@freeze_time(MONDAY_NOON, tick=True)
def test_an_unlock_delivered_again_after_a_lock_leaves_the_door_locked(office: Office, deliver: Deliver) -> None:
    deliver(HOST, "unlock")
    office.say("lock", ADMIN)
    deliver(HOST, "unlock")
    assert "<Play" not in office.ring()


@freeze_time(MONDAY_NOON, tick=True)
@pytest.mark.parametrize(("user", "text"), [(HOST, "unlock"), (HOST, "lock"), (GUEST, "unlock")])
def test_eight_deliveries_at_once_are_one(office: Office, user: str, text: str) -> None:
    form = command_form(text, user, trigger_id="1.2.once")
    with ThreadPoolExecutor(8) as pool:
        fresh = [Office(office.client.application.test_client()) for _ in range(8)]
        answers = list(pool.map(lambda each: each.slack_form(form).data, fresh))
    assert len(set(answers)) == 1
    assert len([*office.outcomes(), *office.outcomes("")]) == 1


@pytest.mark.parametrize(("user", "text"), [(HOST, "unlock for 1h"), (GUEST, "unlock"), (GUEST, "status")])
def test_ten_minutes_later_the_first_answer_is_forgotten(
    office: Office, deliver: Deliver, user: str, text: str
) -> None:
    def receipts() -> int:
        return str(stored(office.services.store)).count("receipt:")

    with freeze_time(MONDAY_NOON, tick=True) as clock:
        deliver(user, text)
        clock.tick(timedelta(minutes=9, seconds=30))
        office.sweep()
        kept = receipts()
        clock.tick(timedelta(minutes=1))
        office.sweep()
    assert (kept > 0, receipts()) == (True, 0)


def test_commands_without_a_trigger_id_are_each_carried_out(office: Office, always_open: config.Settings) -> None:
    with freeze_time(MONDAY_NOON, tick=True):
        for text in ("unlock", "lock", "unlock"):
            form = command_form(text)
            del form["trigger_id"]
            office.slack_form(form)
    assert office.outcomes() == ["unlock done", "lock done", "unlock done"]
