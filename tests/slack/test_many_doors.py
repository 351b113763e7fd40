"""Offices with many doors: what names none is offered a choice, and no message grows beyond Slack's limits."""

import json
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest

from app import create_app
from app.ports import Membership
from app.stores.sqlite import SqliteStore
from tests.conftest import FakeHosts, settings_for
from tests.many_doors import many_doors
from tests.stand_ins import StandIn
from tests.support import ADMIN, GUEST, HOST, MEMBER, AtOnce, Office, press_payload, stored

WithDoors = Callable[[int], Office]


@pytest.fixture
def doors(tmp_path: Path, sqlite_store: SqliteStore, hosts: FakeHosts) -> WithDoors:
    """An office with so many doors, always open."""
    hosts.members = {MEMBER: Membership.FULL}

    def office(number: int) -> Office:
        settings = settings_for(tmp_path, many_doors(number))
        return Office(create_app(settings, store=sqlite_store, hosts=hosts).test_client())

    return office


@pytest.fixture
def slack() -> Iterator[StandIn]:
    """Where answers to presses are sent."""
    with StandIn() as slack:
        yield slack


def elements(answer: dict[str, Any], kind: str) -> list[dict[str, Any]]:
    """Every element of this type in an answer."""
    actions = [block for block in answer.get("blocks", []) if block["type"] == "actions"]
    return [each for block in actions for each in block["elements"] if each["type"] == kind]


def options(menu: dict[str, Any]) -> list[dict[str, Any]]:
    """Every option of a menu, also those in groups."""
    return [option for group in menu.get("option_groups", [menu]) for option in group["options"]]


def press(office: Office, element: dict[str, Any], user: str = HOST, option: int = 0, **changes: Any) -> int:
    """Press a button, or choose from a menu, as Slack tells of it."""
    action = {name: element[name] for name in ("type", "action_id", "value") if name in element}
    if element["type"] == "static_select":
        action["selected_option"] = options(element)[option]
    payload = press_payload("", "", user, actions=[{**action, "block_id": "x", "action_ts": "1.0"}], **changes)
    return office.slack_post(urlencode({"payload": json.dumps(payload)})).status_code


# Which door?


def test_a_command_that_names_no_door_is_answered_with_a_button_for_each(doors: WithDoors) -> None:
    answer = doors(3).command("unlock for 1h")
    assert answer["text"] == "Which door? Say one of: `d000`, `d001`, `d002`."
    assert answer["blocks"][0]["text"]["text"] == "Which door? You typed: /frontdoor unlock for 1h"
    buttons = elements(answer, "button")
    assert [(each["action_id"], each["value"], each["text"]["text"]) for each in buttons] == [
        ("choose:unlock:d000", "d000 for 1h", "Door 000"),
        ("choose:unlock:d001", "d001 for 1h", "Door 001"),
        ("choose:unlock:d002", "d002 for 1h", "Door 002"),
    ]


def test_the_door_that_is_chosen_gets_exactly_what_was_typed(doors: WithDoors) -> None:
    office = doors(3)
    answer = office.command("unlock next 3 expecting AT&amp;T for <@U0ANA0001>")
    assert office.outcomes("d001") == []
    assert press(office, elements(answer, "button")[1]) == 200
    (event,) = office.log("d001")
    assert (event.action, event.outcome, event.actor, event.details["releases"]) == ("unlock", "done", HOST, 3)
    assert event.details["expecting"] == "AT&T"
    assert [office.outcomes(door) for door in ("d000", "d002")] == [[], []]


def test_up_to_ten_doors_have_buttons_and_more_a_menu(doors: WithDoors) -> None:
    ten, eleven = doors(10).command("lock"), doors(11).command("lock")
    assert (len(elements(ten, "button")), elements(ten, "static_select")) == (10, [])
    (menu,) = elements(eleven, "static_select")
    assert elements(eleven, "button") == []
    assert [(each["value"], each["text"]["text"]) for each in options(menu)] == [
        (f"d{n:03}", f"Door {n:03}") for n in range(11)
    ]


@pytest.mark.parametrize(("number", "sizes"), [(100, []), (101, [100, 1]), (200, [100, 100]), (201, [100, 100, 1])])
def test_a_menu_of_more_than_a_hundred_doors_is_in_groups(doors: WithDoors, number: int, sizes: list[int]) -> None:
    (menu,) = elements(doors(number).command("unlock"), "static_select")
    assert [len(group["options"]) for group in menu.get("option_groups", [])] == sizes
    assert ("options" in menu) == (not sizes)
    assert len(options(menu)) == number


def test_groups_are_called_by_their_first_and_last_door(doors: WithDoors) -> None:
    (menu,) = elements(doors(200).command("unlock"), "static_select")
    labels = [group["label"]["text"] for group in menu["option_groups"]]
    assert labels == ["Door 000 – Door 099", "Door 100 – Door 199"]


def test_what_is_chosen_from_a_menu_is_carried_out_there(doors: WithDoors, slack: StandIn) -> None:
    office = doors(200)
    (menu,) = elements(office.command("unlock for 30m"), "static_select")
    assert press(office, menu, option=150, response_url=f"{slack.url}/respond") == 200
    assert office.outcomes("d150") == ["unlock done"]
    (received,) = slack.wait_for(1)
    assert received.fields["text"].startswith("Door 150 is unlocked until ")


def test_a_choice_delivered_twice_acts_once(doors: WithDoors) -> None:
    office = doors(3)
    button = elements(office.command("unlock"), "button")[0]
    for _ in range(2):
        press(office, button, trigger_id="1.2.3")
    assert office.outcomes("d000") == ["unlock done"]


@pytest.mark.parametrize(("user", "reason"), [(MEMBER, "not_permitted"), (GUEST, "not_full_member")])
def test_a_choice_is_obeyed_only_for_whoever_may(doors: WithDoors, user: str, reason: str) -> None:
    office = doors(3)
    button = elements(office.command("unlock"), "button")[0]
    assert press(office, button, user) == 200
    (event,) = office.log("d000")
    assert (event.outcome, event.actor, event.reason) == ("refused", user, reason)


def test_whoever_may_not_is_offered_no_choice(doors: WithDoors) -> None:
    answer = doors(3).command("unlock", MEMBER)
    assert "blocks" not in answer
    assert answer["text"].startswith("Only hosts can unlock")


@pytest.mark.parametrize("text", ["lock bakc", "status bakc", "log bakc"])
def test_a_door_that_there_is_not_is_answered_with_those_there_are(doors: WithDoors, text: str) -> None:
    answer = doors(3).command(text, ADMIN)
    assert answer["text"] == "There is no door `bakc` here. Say one of: `d000`, `d001`, `d002`."
    assert [each["value"] for each in elements(answer, "button")] == ["d000", "d001", "d002"]


def test_a_lift_of_a_door_that_there_is_not_may_be_meant_for_all_but_lifts_none(doors: WithDoors) -> None:
    office = doors(3)
    office.say("lockdown", ADMIN)
    answer = office.command("lift bakc", ADMIN)
    assert [each["value"] for each in elements(answer, "button")] == ["d000", "d001", "d002", "all"]
    assert office.say("status", ADMIN).count("is in lockdown") == 3


def test_what_can_be_for_all_doors_is_offered_for_all(doors: WithDoors) -> None:
    office = doors(3)
    buttons = elements(office.command("code issue FedEx until friday"), "button")
    assert [each["value"] for each in buttons] == [
        f"{door} FedEx until friday" for door in ("d000", "d001", "d002", "all")
    ]
    press(office, buttons[3])
    assert [office.outcomes(f"d{n:03}") for n in range(3)] == [["issue_code done"]] * 3


def test_words_that_no_menu_can_hold_are_answered_in_words_alone(doors: WithDoors) -> None:
    text = f"unlock once expecting {'x' * 60} for <@U0ANA0001>"
    answer = doors(200).command(text)
    assert "blocks" not in answer
    assert answer["text"].startswith("Which door? Say one of: `d000`, ")
    assert answer["text"].endswith("`d009` and 190 more.")


@pytest.mark.parametrize("word", ["unlock", "lock", "tone", "code issue A", "code revoke A", "lift x", "status x"])
def test_markup_in_what_was_typed_stays_text(doors: WithDoors, word: str) -> None:
    answer = doors(2).command(f"{word} <!channel> & <http://a.example|b>", ADMIN)
    shown = [answer["text"], answer["blocks"][0]["text"]["text"]]
    shown += [each["text"]["text"] + each["accessibility_label"] for each in elements(answer, "button")]
    assert not any("<" in each or ">" in each for each in shown)


@pytest.mark.parametrize(
    "action_id",
    ["choose", "choose:", "choose:open", "choose:admit:d000", "choose:unlock:", "choose:unlock:a:b", "xchoose:unlock"],
)
def test_a_choice_that_nobody_offered_changes_nothing(doors: WithDoors, action_id: str) -> None:
    office = doors(2)
    assert press(office, {"type": "button", "action_id": action_id, "value": "d000"}) == 200
    assert stored(office.services.store) == {}


@pytest.mark.parametrize("chosen", [None, 9, "d000", [], {}, {"value": None}, {"value": 9}, {"text": "d000"}])
def test_a_malformed_choice_is_refused(doors: WithDoors, chosen: object) -> None:
    office, action = doors(2), {"type": "static_select", "action_id": "choose:unlock", "selected_option": None}
    payload = press_payload("", "", actions=[{**action, "selected_option": chosen}])
    assert office.slack_post(urlencode({"payload": json.dumps(payload)})).status_code == 400
    assert stored(office.services.store) == {}


def test_a_choice_of_a_door_that_is_gone_says_so(doors: WithDoors, slack: StandIn) -> None:
    button = {"type": "button", "action_id": "choose:unlock:back", "value": "back for 1h"}
    press(doors(2), button, response_url=f"{slack.url}/respond")
    (received,) = slack.wait_for(1)
    assert received.fields["text"] == "There is no door `back` here. Say one of: `d000`, `d001`."
    assert "blocks" not in received.fields


# The state of many doors


def test_up_to_ten_doors_are_told_one_by_one_with_their_buttons(doors: WithDoors) -> None:
    answer = doors(10).command("")
    assert len(answer["text"].splitlines()) == 10
    assert (len(elements(answer, "button")), elements(answer, "static_select")) == (10, [])


def test_of_many_doors_the_first_ten_are_told_and_all_are_in_a_menu(doors: WithDoors) -> None:
    answer = doors(200).command("")
    lines = answer["text"].splitlines()
    assert (len(lines), lines[9]) == (11, "Door 009 is locked. Rings reach a human.")
    assert lines[10] == "190 more doors: 190 locked. `/frontdoor status d010` shows one."
    assert len(elements(answer, "button")) == 10
    (menu,) = elements(answer, "static_select")
    assert len(options(menu)) == 200
    assert (len(answer["blocks"]), answer["blocks"][-2]["text"]["text"]) == (22, lines[10])


def test_of_those_that_are_not_told_the_ones_that_matter_are_named(doors: WithDoors) -> None:
    office = doors(14)
    office.say("unlock d011")
    office.say("unlock d013 once")
    office.say("lockdown d012 fire drill", ADMIN)
    stands = "1 in lockdown (`d012`), 2 unlocked (`d011`, `d013`), 1 locked"
    assert office.say("").splitlines()[10] == f"4 more doors: {stands}. `/frontdoor status d010` shows one."


def test_a_door_chosen_from_the_menu_is_shown_with_its_button(doors: WithDoors, slack: StandIn) -> None:
    office = doors(12)
    (menu,) = elements(office.command(""), "static_select")
    press(office, menu, option=11, response_url=f"{slack.url}/respond")
    (received,) = slack.wait_for(1)
    assert received.fields["text"] == "Door 011 is locked. Rings reach a human."
    (button,) = elements(received.fields, "button")
    assert (button["action_id"], button["value"]) == ("unlock", "d011")


def test_a_member_sees_many_doors_and_no_buttons_but_the_menu(doors: WithDoors) -> None:
    answer = doors(12).command("", MEMBER)
    assert (elements(answer, "button"), len(elements(answer, "static_select"))) == ([], 1)


@pytest.mark.parametrize("number", [1, 10, 11, 200])
def test_the_home_of_many_doors_is_one_that_slack_takes(doors: WithDoors, hosts: FakeHosts, number: int) -> None:
    office = doors(number)
    body = {
        "type": "event_callback",
        "team_id": "T0OFFICE1",
        "event": {"type": "app_home_opened", "user": HOST, "tab": "home"},
    }
    assert office.slack_post(json.dumps(body), content_type="application/json").status_code == 200
    for _ in range(500):
        if HOST in hosts.homes:
            break
        time.sleep(0.01)
    view = hosts.homes[HOST]
    assert 0 < len(view["blocks"]) <= 100
    assert elements(view, "static_select") == []


# The codes and the log of many doors


def test_of_many_doors_only_those_with_codes_are_listed(doors: WithDoors) -> None:
    office = doors(12)
    assert office.say("code") == "No door has codes."
    office.say("code d003 issue FedEx")
    office.say("code d007 issue UPS")
    lines = office.say("code").splitlines()
    assert [lines[0], lines[2], lines[4]] == ["Codes for Door 003:", "Codes for Door 007:", "10 other doors have none."]


def test_of_very_many_codes_as_many_are_listed_as_can_be_read(doors: WithDoors) -> None:
    office = doors(60)
    for n in range(60):
        office.say(f"code d{n:03} issue {'x' * 30}")
    text = office.say("code")
    assert len(text) < 3200
    listed = text.count("Codes for ")
    assert text.splitlines()[-1] == f"…and {60 - listed} more: `/frontdoor code d{listed:03}` lists one."


def test_the_log_of_many_doors_is_merged(doors: WithDoors) -> None:
    office = doors(40)
    for n in range(0, 40, 2):
        office.say(f"lock d{n:03}")
    lines = office.told_of_log()
    assert [line.split("  ")[1].split(":")[0] for line in lines] == [f"Door {n:03}" for n in range(38, 8, -2)]


def test_help_names_the_first_doors_and_counts_the_others(doors: WithDoors) -> None:
    assert doors(12).say("help").splitlines()[-1].endswith("`d008`, `d009` and 2 more.")


# What Slack sends back


def as_sent_back(value: Any) -> Any:
    """A view as Slack has it in what it tells of a press: each plain text says whether it has emoji."""
    if isinstance(value, list):
        return [as_sent_back(each) for each in value]
    if not isinstance(value, dict):
        return value
    more = {"emoji": True} if value.get("type") == "plain_text" else {}
    return {name: as_sent_back(each) for name, each in value.items()} | more


def test_a_press_in_the_home_of_two_hundred_doors_comes_with_all_of_it(
    tmp_path: Path, sqlite_store: SqliteStore, hosts: FakeHosts
) -> None:
    toml = many_doors(200).replace('name = "Door ', 'name = "Büro Süd – Lieferanteneingang über den Hof ')
    app = create_app(settings_for(tmp_path, toml), store=sqlite_store, hosts=hosts, later=AtOnce())
    office = Office(app.test_client())
    office.open_home(ADMIN)
    assert office.press("unlock", "d000", ADMIN, view=as_sent_back(hosts.homes[ADMIN])).status_code == 200
    assert office.outcomes("d000") == ["unlock done"]
