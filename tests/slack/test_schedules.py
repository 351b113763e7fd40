"""Schedules as people meet them in Slack; and that no text makes `/frontdoor` fail."""

import logging
from pathlib import Path
from typing import Any

import pytest
from freezegun import freeze_time
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import config
from app import create_app
from app.domain.sentences import SOMETHING_WRONG
from app.stores.sqlite import SqliteStore
from tests.conftest import FakeHosts, settings_for
from tests.support import ADMIN, GUEST, HOST, MEMBER, OFFICE_TOML, Office, command_form, local, verbs

NOON = local("2026-11-23T12:00")
SIDE = '[doors.side]\nnumber = "+12125550101"\nrelease = "5"\nforward_to = ["+12125550124"]\nchannel = "C0SIDEDOOR"\n'
LUNCH = "schedule add mon-fri 11:00-14:00 called lunch"


@pytest.fixture(autouse=True)
def clock() -> Any:
    with freeze_time(NOON, tick=True) as clock:
        yield clock


def is_released(twiml: str) -> bool:
    return verbs(twiml)[0].tag == "Play"


def test_on_an_ordinary_tuesday_the_office_manager_types_nothing_at_all(office: Office, clock: Any) -> None:
    assert office.say(LUNCH).endswith("Releases by itself until 14:00 (lunch), then asks; next: tomorrow 11:00.")
    clock.move_to(local("2026-11-24T12:10"))
    assert is_released(office.ring())
    assert office.say("") == ("The front door releases by itself until 14:00 (lunch), then asks; next: tomorrow 11:00.")
    clock.move_to(local("2026-11-24T14:00"))
    assert not is_released(office.ring())
    newest = office.told_of_log()
    assert f"Front door: released by schedule 1 of <@{HOST}> (call from …0199)" in newest[1]


def test_a_window_that_is_open_has_a_button_that_suspends_it(office: Office) -> None:
    office.say(LUNCH)
    section, actions = office.command("")["blocks"]
    assert section["text"]["text"].startswith(":unlock: The front door releases by itself")
    (button,) = actions["elements"]
    assert (button["action_id"], button["value"]) == ("lock", "front")
    office.press("lock", "front")
    assert not is_released(office.ring())
    assert office.command("")["blocks"][1]["elements"][0]["action_id"] == "unlock"


def test_they_are_listed_changed_and_removed(office: Office, hosts: FakeHosts) -> None:
    assert office.say("schedule") == (
        "Schedules for the front door:\n"
        "Nothing releases by itself. Try `schedule add mon-fri 11:00-14:00 called lunch`."
    )
    office.say(LUNCH)
    office.say("schedule closed 24 december from noon")
    office.say("schedule open saturday 12 december 10:00-16:00")
    office.say("schedule pause 1 until 7 january")
    assert office.say("schedule front").splitlines() == [
        "Schedules for the front door:",
        "Releases by itself next: Sat 12 Dec 10:00.",
        f"1. Mon–Fri 11:00–14:00 (lunch), paused until Thu 7 Jan 2027, by <@{HOST}>",
        f"• Sat 12 Dec: open 10:00–16:00, rings are released, by <@{HOST}>",
        f"• Thu 24 Dec: closed from 12:00, by <@{HOST}>",
    ]
    office.say("schedule resume 1")
    office.say("schedule remove lunch")
    office.say("schedule remove 24 december")
    assert len(office.say("schedule").splitlines()) == 3
    office.sweep()
    assert len(hosts.told) == 7
    assert {channel for channel, _ in hosts.told} == {"C0FRONTDOOR"}


def test_the_log_tells_all_of_it(office: Office) -> None:
    office.say(LUNCH)
    office.say("schedule pause until 1 december")
    office.say("schedule resume")
    office.say("schedule open saturday 10:00-16:00 asking")
    office.say("schedule close friday from noon")
    office.say("schedule remove friday")
    lines = [line.partition("Front door: ")[2] for line in office.told_of_log()]
    assert lines == [
        f"what is special about 2026-11-27 removed by <@{HOST}>",
        f"2026-11-27 closed 12:00–24:00 by <@{HOST}>",
        f"2026-11-28 open 10:00–16:00 by <@{HOST}>, hosts are asked",
        f"all that releases by itself resumed by <@{HOST}>",
        f"all that releases by itself paused by <@{HOST}>, until Tue 1 Dec 00:00",
        f"schedule 1 added by <@{HOST}>: Mon–Fri 11:00–14:00 (lunch)",
    ]


@pytest.mark.parametrize("user", [GUEST, MEMBER])
@pytest.mark.parametrize(
    ("text", "action"),
    [
        ("schedule", "schedule"),
        (LUNCH, "add_schedule"),
        ("schedule remove 1", "remove_schedule"),
        ("schedule pause until friday", "pause_schedule"),
        ("schedule resume", "resume_schedule"),
        ("schedule open saturday 10:00-16:00", "open_day"),
        ("schedule closed friday", "close_day"),
    ],
)
def test_only_hosts_have_to_do_with_schedules(office: Office, user: str, text: str, action: str) -> None:
    before = office.say("schedule")
    assert office.say(text, user).startswith("Only ")
    assert office.say("schedule") == before
    refusals = [event for event in (*office.log(), *office.log("")) if event.outcome == "refused"]
    assert [(event.actor, event.action) for event in refusals] == [(user, action)]


def test_a_delivery_that_is_repeated_acts_once(office: Office) -> None:
    form = command_form(LUNCH, trigger_id="1.2.once")
    first, again = (office.slack_form(form).get_json()["text"] for _ in range(2))
    assert first == again
    assert office.outcomes() == ["add_schedule done"]


def test_a_name_is_never_markup(office: Office, hosts: FakeHosts) -> None:
    office.say("schedule add mon-fri 11:00-14:00 called &lt;!channel&gt; &amp; <@U0ADMIN01>")
    office.sweep()
    told = [text for _, text in hosts.told]
    for text in (office.say("schedule"), office.say("log", ADMIN)):
        assert "!channel &amp; @U0ADMIN01" in text
    assert all("<!" not in text and "<@U0ADMIN01>" not in text for text in told)


def test_a_code_and_a_hosts_unlock_heed_special_days(office: Office, clock: Any) -> None:
    office.say("schedule closed tomorrow from noon")
    assert "Good until tomorrow 12:00, in working hours." in office.say("code issue FedEx until tue")
    clock.move_to(local("2026-11-24T11:50"))
    office.ring("CA1")
    office.press("admit:unlock", "front CA1 unlock")
    assert office.say("status").startswith("The front door is unlocked until 12:00")
    clock.move_to(local("2026-11-24T12:00"))
    assert not is_released(office.ring())


class TestSeveralDoors:
    @pytest.fixture
    def settings(self, tmp_path: Path) -> config.Settings:
        return settings_for(tmp_path, OFFICE_TOML + SIDE)

    def test_all_is_each_of_them(self, office: Office) -> None:
        answer = office.say("schedule all add mon-fri 11:00-14:00").splitlines()
        assert [line.partition(": ")[2].partition(" releases")[0] for line in answer] == ["the front door", "Side"]
        office.say("schedule side remove 1")
        assert [len(listed.splitlines()) for listed in office.say("schedule").split("Schedules for")] == [0, 3, 2]

    def test_a_door_must_be_named_to_change_something(self, office: Office) -> None:
        assert office.say(LUNCH) == "Which door? Say one of: `front`, `side`."
        assert office.say("schedule side").startswith("Schedules for Side:")


# Anything that can be typed

WORDS = st.sampled_from(
    [
        *(
            "unlock",
            "lock",
            "status",
            "schedule",
            "code",
            "lockdown",
            "lift",
            "tone",
            "log",
            "help",
            "report",
            "add",
            "remove",
        ),
        *("pause", "resume", "open", "closed", "issue", "revoke", "all", "front", "back", "mon-fri", "saturday", "1"),
        *(
            "24 december",
            "2026-12-24",
            "the 24th",
            "from",
            "until",
            "for",
            "noon",
            "11:00-14:00",
            "14:00",
            "2h",
            "once",
        ),
        *(
            "next 3",
            "expecting",
            "<@U0HOST001>",
            "<@U0HOST001|ana>",
            "called",
            "lunch",
            "asking",
            "&lt;",
            "\0",
            "\ud83d",
        ),
        *("99999999999999999999", "٣", "\u202e", "x" * 200, "tomorrow", "every day", "FedEx", "at any hour", "why?"),
    ]
)
TYPED = st.text(max_size=60) | st.lists(WORDS, max_size=8).map(" ".join)


@settings(max_examples=120, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(TYPED, st.sampled_from([ADMIN, HOST, MEMBER]))
def test_any_text_gets_a_kind_and_private_answer(
    office_on_sqlite: Office, caplog: pytest.LogCaptureFixture, text: str, user: str
) -> None:
    caplog.set_level(logging.WARNING)
    answer = office_on_sqlite.command(text.encode("utf-8", "replace").decode(), user)
    assert answer["response_type"] == "ephemeral"
    assert answer["text"].strip()
    assert SOMETHING_WRONG not in answer["text"]
    assert caplog.messages == []


@pytest.fixture
def office_on_sqlite(settings: config.Settings, sqlite_store: SqliteStore, hosts: FakeHosts) -> Office:
    return Office(create_app(settings, store=sqlite_store, hosts=hosts).test_client())
