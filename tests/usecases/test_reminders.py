"""Ten minutes before an unlock ends its owner is asked; the unlock ends by itself, whatever becomes of that."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import pytest
from freezegun import freeze_time

import config
from app import create_app
from app.domain.notices import Button
from app.domain.unlocks import Terms
from app.ports import Delivery, Store
from app.usecases.unlocks import Unlocks
from tests.conftest import FakeHosts
from tests.stand_ins import StandIn
from tests.support import ADMIN, HOST, MEMBER, Office, a_door, asked, local

DAY = "2026-11-23"  # a Monday
SECOND, MICROSECOND = timedelta(seconds=1), timedelta(microseconds=1)
MINUTE = 60 * SECOND


def at(clock: str) -> datetime:
    return local(f"{DAY}T{clock}")


@dataclass
class Day:
    """A Monday at the office; `to` passes the time, and lets the background have a round then."""

    office: Office
    hosts: FakeHosts
    clock: Any

    def to(self, clock: str, microseconds: int = 0) -> None:
        self.clock.move_to(at(clock) + microseconds * MICROSECOND)
        self.office.sweep()

    @property
    def reminders(self) -> list[tuple[str, str]]:
        """Who was told what in a direct message."""
        return [(who, text) for who, text in self.hosts.told if who.startswith("U") and "locks by itself" in text]

    @property
    def buttons(self) -> list[Button]:
        """Those under the last of them."""
        text = self.reminders[-1][1]
        return list(next(buttons for asked, buttons in reversed(self.hosts.asked) if asked == text))

    def press(self, label: str, user: str = HOST, **changes: Any) -> str:
        """Press a button under the last reminder; the answer."""
        button = next(each for each in self.buttons if each.label == label)
        with StandIn() as slack:
            self.office.press(button.action, button.value, user, response_url=f"{slack.url}/respond", **changes)
            return str(slack.wait_for(1)[0].fields["text"])

    def is_released(self) -> bool:
        return "<Play" in self.office.ring()


@pytest.fixture
def day(office: Office, hosts: FakeHosts) -> Iterator[Day]:
    with freeze_time(at("12:00"), tick=False) as clock:
        yield Day(office, hosts, clock)


def test_ten_minutes_before_the_end_and_not_a_moment_sooner(day: Day) -> None:
    day.office.say("unlock for 2h")
    day.to("13:50", -1)
    assert day.reminders == []
    day.to("13:50")
    assert day.reminders == [(HOST, "The front door locks by itself in 10 minutes, at 14:00.")]
    assert [(each.label, each.action) for each in day.buttons] == [("30 more minutes", "extend"), ("Lock now", "lock")]


def test_it_comes_once(day: Day) -> None:
    day.office.say("unlock for 1h")
    for clock in ("12:50", "12:51", "12:59"):
        day.to(clock)
    assert len(day.reminders) == 1


@pytest.mark.parametrize(("length", "times"), [("20m", 1), ("19m 59s", 0)])
def test_a_short_unlock_is_not_reminded_of(day: Day, length: str, times: int) -> None:
    day.office.say(f"unlock for {length}")
    day.to("12:15")
    assert len(day.reminders) == times


@pytest.mark.parametrize("command", ["unlock once", "unlock next 3 for 1h", "unlock once expecting DoorDash"])
def test_releases_that_are_counted_are_not_reminded_of(day: Day, command: str) -> None:
    day.office.say(command)
    for clock in ("12:55", "13:55"):
        day.to(clock)
    assert day.reminders == []


def test_whoever_lets_somebody_in_and_unlocks_is_reminded_too(day: Day) -> None:
    day.office.ring("CA1")
    day.office.press("admit:unlock", "front CA1 unlock")
    day.to("12:20")
    assert day.reminders == [(HOST, "The front door locks by itself in 10 minutes, at 12:30.")]


def test_an_unlock_that_is_shortened_is_reminded_of_before_its_new_end(day: Day) -> None:
    day.office.say("unlock for 4h")
    day.office.say("schedule closed today from 14:00")
    day.to("13:50", -1)
    assert day.reminders == []
    for clock in ("13:50", "13:55", "15:50"):
        day.to(clock)
    told = "The front door locks by itself in 10 minutes, at 14:00. It can't stay unlocked for longer."
    assert day.reminders == [(HOST, told)]


def test_where_a_schedule_goes_on_releasing_nobody_is_reminded(day: Day) -> None:
    day.office.say("schedule add mon-fri 13:00-15:00")
    day.office.say("unlock for 1h")
    day.to("12:50")
    assert day.reminders == []
    day.to("13:00")
    assert day.is_released()


# Half an hour more


def test_never_into_what_is_closed_today(day: Day) -> None:
    day.office.say("unlock for 1h")
    day.office.say("schedule closed today from 13:15")
    day.to("12:50")
    assert day.press("Until 13:15 (closing time)").startswith(
        "The front door stays unlocked until 13:15 (closing time)"
    )
    day.to("13:15")
    assert not day.is_released()


def test_half_an_hour_more(day: Day) -> None:
    day.office.say("unlock for 1h")
    day.to("12:50")
    assert day.press("30 more minutes") == "The front door stays unlocked until 13:30. Every ring is released."
    day.to("13:30", -1)
    assert day.is_released()
    day.to("13:30")
    assert not day.is_released()
    (event,) = [each for each in day.office.log() if each.action == "extend"]
    assert (event.outcome, event.actor, event.details["until"]) == ("done", HOST, at("13:30").isoformat())


def test_the_channel_is_told_of_it(day: Day) -> None:
    day.office.say("unlock for 1h")
    day.to("12:50")
    day.press("30 more minutes")
    day.office.sweep()
    assert day.hosts.told[-1] == ("C0FRONTDOOR", f"<@{HOST}> extended the unlock of the front door until 13:30.")


def test_the_new_end_is_reminded_of_as_well(day: Day) -> None:
    day.office.say("unlock for 1h")
    day.to("12:50")
    day.press("30 more minutes")
    day.to("13:20", -1)
    assert len(day.reminders) == 1
    day.to("13:20")
    assert day.reminders[1:] == [(HOST, "The front door locks by itself in 10 minutes, at 13:30.")]
    assert day.press("30 more minutes").startswith("The front door stays unlocked until 14:00.")


def test_pressed_twice_it_is_half_an_hour_all_the_same(day: Day) -> None:
    day.office.say("unlock for 1h")
    day.to("12:50")
    assert day.press("30 more minutes", trigger_id="1").startswith("The front door stays unlocked until 13:30.")
    assert day.press("30 more minutes", trigger_id="1").startswith("The front door stays unlocked until 13:30.")
    assert day.press("30 more minutes", trigger_id="2").startswith("The front door is already unlocked until 13:30")
    day.to("13:30")
    assert not day.is_released()


def test_it_ends_at_closing_time_and_the_button_says_so(day: Day) -> None:
    day.clock.move_to(at("15:45"))
    day.office.say("unlock for 1h")
    day.to("16:35")
    assert [each.label for each in day.buttons] == ["Until 17:00 (closing time)", "Lock now"]
    answer = day.press("Until 17:00 (closing time)")
    assert answer == "The front door stays unlocked until 17:00 (closing time). Every ring is released."


def test_where_nothing_more_is_possible_nothing_is_offered(day: Day) -> None:
    day.clock.move_to(at("16:00"))
    day.office.say("unlock for 1h")
    day.to("16:50")
    assert day.reminders == [
        (HOST, "The front door locks by itself in 10 minutes, at 17:00. It can't stay unlocked for longer.")
    ]
    assert [each.label for each in day.buttons] == ["Lock now"]


def test_never_longer_than_the_longest_that_is_allowed(store: Store) -> None:
    door, now = a_door(days="mon-sun", hours="00:00-24:00"), at("12:00")
    unlocks = Unlocks(store, Terms(timedelta(hours=1), timedelta(hours=1)), lambda: None)
    unlock: Any = unlocks.unlock(asked(now), door, "")
    begun = int(unlock.unlock.starts_at.timestamp() * 1_000_000)
    refused: Any = unlocks.extend(asked(now), door, str(begun))
    assert refused.reason == "too_late"
    longer: Any = unlocks.extend(asked(now + 10 * MINUTE), door, str(begun))
    assert (longer.unlock.ends_at, longer.bound) == (now + 70 * MINUTE, "longest")


@pytest.mark.parametrize(
    ("before", "clock", "answer", "reason"),
    [
        ("lock", "12:51", "That unlock of the front door is over already. To unlock it again, try", "too_late"),
        ("", "13:00", "That unlock of the front door is over already. To unlock it again, try", "too_late"),
        ("lockdown smoke", "12:51", "This door is in lockdown", "lockdown"),
    ],
)
def test_too_late_is_said_kindly_and_changes_nothing(
    day: Day, before: str, clock: str, answer: str, reason: str
) -> None:
    day.office.say("unlock for 1h")
    day.to("12:50")
    if before:
        day.office.say(before, ADMIN)
    day.to(clock)
    assert day.press("30 more minutes").startswith(answer)
    assert (day.office.log()[-1].action, day.office.log()[-1].reason) == ("extend", reason)
    assert not day.is_released()


def test_what_somebody_else_has_unlocked_meanwhile_stays_so(day: Day) -> None:
    day.office.say("unlock for 1h")
    day.to("12:50")
    day.office.say("unlock for 2h", ADMIN)
    assert day.press("30 more minutes").startswith(f"The front door is already unlocked until 14:50, by <@{ADMIN}>.")


def test_whoever_may_not_unlock_may_not_extend_either(day: Day) -> None:
    day.office.say("unlock for 1h")
    day.to("12:50")
    day.press("30 more minutes", MEMBER)
    assert (day.office.log()[-1].action, day.office.log()[-1].outcome) == ("extend", "refused")
    day.to("13:00")
    assert not day.is_released()


@pytest.mark.parametrize(
    "value", ["front", "front x", "front 1", "front 1 2 3", "front 99999999999999999999999", "f 1"]
)
def test_a_button_that_names_no_unlock_changes_nothing(day: Day, value: str) -> None:
    assert day.office.press("extend", value).status_code == 200
    assert not day.is_released()
    assert all(event.outcome == "refused" for event in day.office.log() if event.action == "extend")


def test_lock_now_locks_now(day: Day) -> None:
    day.office.say("unlock for 1h")
    day.to("12:50")
    assert day.press("Lock now").startswith("The front door is locked.")
    assert not day.is_released()


# Only where the door would really lock then


def test_no_reminder_of_an_unlock_that_was_ended(day: Day) -> None:
    day.office.say("unlock for 1h")
    day.office.say("lock", ADMIN)
    day.to("12:50")
    assert day.reminders == []


def test_only_the_owner_of_the_longest_is_reminded(day: Day) -> None:
    day.office.say("unlock for 1h")
    day.office.say("unlock for 2h", ADMIN)
    for clock in ("12:50", "13:50"):
        day.to(clock)
    assert [who for who, _ in day.reminders] == [ADMIN]


def test_in_lockdown_nobody_is_reminded_until_it_is_lifted(day: Day) -> None:
    day.office.say("unlock for 1h")
    day.office.say("lockdown", ADMIN)
    day.to("12:50")
    assert day.reminders == []
    day.office.say("lift", ADMIN)
    day.to("12:55", 1)
    assert day.reminders == [(HOST, "The front door locks by itself in 5 minutes, at 13:00.")]


def test_where_a_schedule_goes_on_releasing_there_is_nothing_to_be_reminded_of(day: Day) -> None:
    day.office.say("schedule add mon-fri 13:00-15:00")
    day.office.say("unlock for 1h")
    day.to("12:50")
    assert day.reminders == []
    day.to("13:00")
    assert day.is_released()


def test_a_schedule_that_is_over_by_then_changes_nothing(day: Day) -> None:
    day.office.say("schedule add mon-fri 12:00-13:00")
    day.office.say("unlock for 1h")
    day.to("12:50")
    assert len(day.reminders) == 1


def test_closing_time_of_a_special_day_bounds_it_as_well(day: Day) -> None:
    day.office.say("unlock for 1h")
    day.office.say("schedule closed 23 november from 13:20")
    day.to("12:50")
    label = day.buttons[0].label
    assert label == "Until 13:20 (closing time)"
    assert day.press(label) == "The front door stays unlocked until 13:20 (closing time). Every ring is released."


def test_an_unlock_that_a_special_day_shortened_is_reminded_of_before_its_new_end(day: Day) -> None:
    day.office.say("unlock for 3h")
    day.office.say("schedule closed 23 november from 13:20")
    day.to("13:10", -1)
    assert day.reminders == []
    day.to("13:10")
    assert [text for _, text in day.reminders] == [
        "The front door locks by itself in 10 minutes, at 13:20. It can't stay unlocked for longer."
    ]


# Late, or never


@pytest.mark.parametrize(
    ("clock", "told"), [("12:59", ["The front door locks by itself in 1 minute, at 13:00."]), ("13:00", [])]
)
def test_after_downtime_it_comes_while_the_unlock_lasts_and_never_later(day: Day, clock: str, told: list[str]) -> None:
    day.office.say("unlock for 1h")
    day.to(clock)
    day.to("13:30")
    assert [text for _, text in day.reminders] == told


def test_what_slack_does_not_take_in_time_is_given_up_and_on_record(day: Day) -> None:
    day.office.say("unlock for 1h")
    day.office.sweep()
    day.hosts.delivery = Delivery.TRY_LATER
    for clock in ("12:50", "12:51", "12:55", "12:59:50"):
        day.to(clock)
    tried = len(day.reminders)
    assert tried > 1
    day.hosts.delivery = Delivery.DELIVERED
    day.to("13:05")
    assert len(day.reminders) == tried
    assert [(event.outcome, event.reason) for event in day.office.log() if event.action == "tell"] == [
        ("refused", "too_late")
    ]
    assert not day.is_released()


def test_one_whose_fate_is_unknown_is_on_record_and_not_sent_again(day: Day) -> None:
    day.office.say("unlock for 1h")
    day.office.sweep()
    day.hosts.delivery = Delivery.UNKNOWN
    for clock in ("12:50", "12:52", "12:55"):
        day.to(clock)
    assert len(day.reminders) == 1
    assert [(event.outcome, event.reason) for event in day.office.log() if event.action == "tell"] == [
        ("unknown", "fate_unknown")
    ]


def test_two_processes_send_one(day: Day, settings: config.Settings, store: Store) -> None:
    other = Office(create_app(settings, store=store, hosts=day.hosts).test_client())
    day.office.say("unlock for 1h")
    day.to("12:50")
    day.clock.tick(10 * SECOND)  # the other one holds the lease from now on
    other.sweep()
    day.office.sweep()
    assert len(day.reminders) == 1
