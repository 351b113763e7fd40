"""The App Home shows each person what holds, and exactly what that person may do."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from freezegun import freeze_time

import config
from app import create_app
from app.domain.errors import StoreUnavailable
from app.domain.homes import DOORS_SHOWN
from app.ports import Membership, Store
from app.stores.sqlite import SqliteStore
from tests.conftest import FakeHosts, settings_for
from tests.support import ADMIN, ALWAYS_OPEN_TOML, GUEST, HOST, MEMBER, OFFICE_TOML, AtOnce, Office

MOST_BLOCKS = 100
TUESDAY = "2026-11-24T16:00:00Z"  # 11:00 in New York


def side_doors(number: int) -> str:
    """So many doors more."""
    return "".join(
        f'[doors.side{at}]\nname = "Side door {at}"\nnumber = "+1212555{1000 + at}"\nrelease = "5"\n'
        f'forward_to = ["+12125550124"]\n'
        for at in range(number)
    )


@pytest.fixture
def hosts(hosts: FakeHosts) -> FakeHosts:
    hosts.members = {MEMBER: Membership.FULL}
    return hosts


@pytest.fixture(autouse=True)
def on_a_tuesday() -> Iterator[None]:
    with freeze_time(TUESDAY, tick=True):
        yield


@pytest.fixture
def app(settings: config.Settings, store: Store, hosts: FakeHosts) -> Any:
    return create_app(settings, store=store, hosts=hosts, later=AtOnce())


def with_doors(folder: Path, number: int, hosts: FakeHosts, office: str = OFFICE_TOML) -> Office:
    settings = settings_for(folder, office + side_doors(number - 1))
    app = create_app(settings, store=SqliteStore(folder / "doors.db"), hosts=hosts, later=AtOnce())
    return Office(app.test_client())


def texts(view: dict[str, Any]) -> str:
    """All that can be read."""
    return "\n".join(str(block.get("text", {}).get("text", "")) for block in view["blocks"])


def elements(view: dict[str, Any]) -> list[dict[str, Any]]:
    found = [element for block in view["blocks"] for element in block.get("elements", []) if "action_id" in element]
    return found + [block["accessory"] for block in view["blocks"] if "accessory" in block]


def pressable(view: dict[str, Any]) -> set[str]:
    return {element["action_id"] for element in elements(view)}


HOSTS_MAY = {"unlock", "unlock:for", "modal:add_schedule", "modal:special_day", "modal:issue_code"}
ADMINS_MAY = {*HOSTS_MAY, "modal:grant", "modal:revoke", "modal:lock_down", "show:log"}


@pytest.mark.parametrize(
    ("user", "may"),
    [(HOST, HOSTS_MAY), (ADMIN, ADMINS_MAY), (MEMBER, set()), (GUEST, set())],
    ids=["host", "admin", "member", "guest"],
)
def test_everybody_sees_what_they_may_do_and_nothing_else(
    office: Office, hosts: FakeHosts, user: str, may: set[str]
) -> None:
    assert office.open_home(user).status_code == 200
    assert pressable(hosts.homes[user]) == may


def test_a_guest_is_told_why_there_is_nothing(office: Office, hosts: FakeHosts) -> None:
    office.open_home(GUEST)
    assert texts(hosts.homes[GUEST]).startswith("Only full members of this workspace")
    assert [(event.action, event.reason) for event in office.log("")] == [("status", "not_full_member")]


def test_a_member_sees_the_state_and_who_can_do_more(office: Office, hosts: FakeHosts) -> None:
    office.open_home(MEMBER)
    view = hosts.homes[MEMBER]
    assert texts(view).startswith(":lock: The front door is locked.")
    assert "Hosts can unlock them" in str(view["blocks"][-1])
    assert "Access codes" not in texts(view)


def test_another_workspace_is_shown_no_doors(office: Office, hosts: FakeHosts) -> None:
    office.open_home(ADMIN, team_id="T0OTHER01")
    assert "front door" not in str(hosts.homes[ADMIN])
    assert [event.reason for event in office.log("")] == ["other_workspace"]


def test_an_unlocked_door_can_be_locked(office: Office, hosts: FakeHosts) -> None:
    office.say("unlock")
    office.open_home()
    view = hosts.homes[HOST]
    assert texts(view).startswith(":unlock: The front door is unlocked until 13:00")
    assert "lock" in pressable(view)
    assert "unlock" not in pressable(view)


def test_a_door_that_releases_the_next_ring_can_be_locked_and_unlocked(office: Office, hosts: FakeHosts) -> None:
    office.say("unlock once")
    office.open_home()
    assert {"lock", "unlock"} <= pressable(hosts.homes[HOST])


def test_outside_working_hours_nothing_offers_to_unlock(office: Office, hosts: FakeHosts) -> None:
    with freeze_time("2026-11-25T02:00:00Z"):
        office.open_home()
    assert "It can be unlocked again from" in texts(hosts.homes[HOST])
    assert not {"unlock", "unlock:for", "lock"} & pressable(hosts.homes[HOST])


def test_in_lockdown_only_admins_have_a_button_and_are_asked_before_they_lift(office: Office, hosts: FakeHosts) -> None:
    office.say("lockdown fire drill", ADMIN)
    for user in (HOST, ADMIN):
        office.open_home(user)
    assert texts(hosts.homes[HOST]).startswith(":rotating_light: The front door is in lockdown since")
    assert not {"unlock", "unlock:for", "lock", "lift"} & pressable(hosts.homes[HOST])
    (lift,) = [each for each in elements(hosts.homes[ADMIN]) if each["action_id"] == "lift"]
    assert lift["confirm"]["title"]["text"] == "Lift the lockdown?"
    office.press_at_home("lift", lift["value"], ADMIN)
    assert texts(hosts.homes[ADMIN]).startswith(":lock:")


@pytest.mark.parametrize(
    ("label", "until"),
    [
        ("Unlock for 30 minutes", "11:30"),
        ("Unlock for 1 hour", "12:00"),
        ("Unlock for 2 hours", "13:00"),
        ("Unlock until closing time, 8 h at most", "17:00"),
    ],
)
def test_each_duration_unlocks_for_as_long_as_it_says(office: Office, hosts: FakeHosts, label: str, until: str) -> None:
    office.open_home()
    (menu,) = [each for each in elements(hosts.homes[HOST]) if each["action_id"] == "unlock:for"]
    (value,) = [each["value"] for each in menu["options"] if each["text"]["text"] == label]
    office.choose_at_home("unlock:for", value)
    assert f"unlocked until {until}" in texts(hosts.homes[HOST])


def test_a_press_is_seen_at_once_by_whoever_pressed(office: Office, hosts: FakeHosts) -> None:
    office.open_home()
    office.press_at_home("unlock", "front")
    assert texts(hosts.homes[HOST]).startswith(":unlock:")
    assert hosts.opened == []


def test_a_command_is_seen_at_once_by_whoever_typed_it(office: Office, hosts: FakeHosts) -> None:
    office.open_home()
    office.say("unlock")
    assert texts(hosts.homes[HOST]).startswith(":unlock:")


def test_a_press_that_is_delivered_again_is_not_said_to_have_changed_nothing(office: Office, hosts: FakeHosts) -> None:
    for _ in range(2):
        office.press_at_home("unlock", "front", trigger_id="1.2.3")
    assert office.outcomes() == ["unlock done"]
    assert all(told["title"]["text"] != "Nothing was changed" for told in hosts.opened)


def test_a_press_that_is_refused_says_why(office: Office, hosts: FakeHosts) -> None:
    office.press_at_home("unlock", "front", MEMBER)
    (dialog,) = hosts.opened
    assert texts(dialog) == "Only hosts can unlock a door here. Ask an admin."


def test_the_days_visits_are_told_to_hosts(office: Office, hosts: FakeHosts) -> None:
    with freeze_time("2026-11-23T16:00:00Z"):  # yesterday
        office.say("unlock")
        office.ring()
    office.say("unlock")
    office.ring()
    office.open_home()
    assert "Front door today: 1 released.\n11:00  released, by the unlock" in texts(hosts.homes[HOST])
    office.open_home(MEMBER)
    assert "released, by the unlock" not in texts(hosts.homes[MEMBER])


def test_a_day_without_visits_is_told_so(office: Office, hosts: FakeHosts) -> None:
    office.open_home()
    assert "Nobody has rung at the front door today." in texts(hosts.homes[HOST])


def test_codes_are_listed_without_their_digits_and_can_be_revoked(office: Office, hosts: FakeHosts) -> None:
    digits = office.say("code issue FedEx").partition(": ")[2][:7]
    office.open_home()
    view = hosts.homes[HOST]
    assert "FedEx, by" in texts(view)
    assert digits not in str(view)
    (revoke,) = [each for each in elements(view) if each["action_id"] == "revoke_code"]
    assert revoke["confirm"]["text"]["text"] == "FedEx will release nothing any more."
    office.press_at_home("revoke_code", revoke["value"])
    assert "FedEx" not in texts(hosts.homes[HOST])


def test_as_many_codes_as_a_door_can_have_fit(office: Office, hosts: FakeHosts) -> None:
    for number in range(20):
        office.say(f"code issue {'W' * 37}{number:03}")
    office.open_home(ADMIN)
    assert len(hosts.homes[ADMIN]["blocks"]) <= MOST_BLOCKS


def test_the_log_is_shown_to_admins_in_a_dialog(office: Office, hosts: FakeHosts) -> None:
    office.say("unlock")
    office.press_at_home("show:log", "front", ADMIN)
    office.press_at_home("show:log", "front", HOST)
    of_admin, of_host = hosts.opened
    assert f"<@{HOST}> unlocked the door" in texts(of_admin)
    assert texts(of_host) == "Only admins can read the log. Ask an admin."


@pytest.mark.parametrize("number", [2, 3, 10, 11, 40, 200])
def test_many_doors_fit_and_the_others_can_be_chosen(tmp_path: Path, hosts: FakeHosts, number: int) -> None:
    office = with_doors(tmp_path, number, hosts, ALWAYS_OPEN_TOML)
    office.open_home(ADMIN)
    view = hosts.homes[ADMIN]
    assert len(view["blocks"]) <= MOST_BLOCKS
    assert len([each for each in elements(view) if each["action_id"] == "unlock"]) == min(number, DOORS_SHOWN)
    (menu,) = [each for each in elements(view) if each["action_id"] == "home:door"]
    offered = menu.get("options") or [option for group in menu["option_groups"] for option in group["options"]]
    assert [option["value"] for option in offered] == ["front", *(f"side{at}" for at in range(number - 1))]


def test_the_chosen_door_is_kept_and_shown(tmp_path: Path, hosts: FakeHosts) -> None:
    office = with_doors(tmp_path, 40, hosts, ALWAYS_OPEN_TOML)
    office.open_home()
    office.choose_at_home("home:door", "side30")
    assert "More about Side door 30." in texts(hosts.homes[HOST])
    assert "*Side door 30*" in texts(hosts.homes[HOST])
    office.open_home()
    assert "More about Side door 30." in texts(hosts.homes[HOST])
    office.open_home(ADMIN)
    assert "More about the front door." in texts(hosts.homes[ADMIN])


def test_a_member_of_few_doors_has_nothing_to_choose(tmp_path: Path, hosts: FakeHosts) -> None:
    with_doors(tmp_path, 3, hosts).open_home(MEMBER)
    assert pressable(hosts.homes[MEMBER]) == set()


def test_a_member_of_many_doors_can_look_at_each(tmp_path: Path, hosts: FakeHosts) -> None:
    with_doors(tmp_path, 11, hosts).open_home(MEMBER)
    assert pressable(hosts.homes[MEMBER]) == {"home:door"}
    assert "Here are 10 of 11 doors. Choose another door in the menu." in texts(hosts.homes[MEMBER])


def test_several_lockdowns_are_lifted_together(tmp_path: Path, hosts: FakeHosts) -> None:
    office = with_doors(tmp_path, 3, hosts)
    office.say("lockdown", ADMIN)
    office.open_home(ADMIN)
    view = hosts.homes[ADMIN]
    assert "modal:lock_down" not in pressable(view)
    (lift,) = [each for each in elements(view) if each.get("value") == "all"]
    office.press_at_home("lift", lift["value"], ADMIN)
    assert ":rotating_light:" not in texts(hosts.homes[ADMIN])
    assert "modal:lock_down" in pressable(hosts.homes[ADMIN])


def test_a_door_with_all_that_it_can_have_fits_beside_nine_others(tmp_path: Path, hosts: FakeHosts) -> None:
    office = with_doors(tmp_path, 12, hosts)
    for number in range(20):
        office.say(f"code front issue {'W' * 37}{number:03}")
        office.say(f"schedule front add mon-fri 10:{number:02}-11:00 called {'M' * 38}{number:02}")
        office.say(f"schedule front closed 2026-12-{number + 1:02} from 10:{number:02}")
    office.open_home(ADMIN)
    view = hosts.homes[ADMIN]
    assert len([each for each in elements(view) if each["action_id"] == "schedule:change"]) == 20
    assert len([each for each in elements(view) if each["action_id"] == "revoke_code"]) == 20
    assert "… and 12 more: `/frontdoor schedule` lists them all." in texts(view)
    assert 80 < len(view["blocks"]) <= MOST_BLOCKS


def test_a_chosen_door_that_is_gone_is_forgotten(office: Office, hosts: FakeHosts) -> None:
    office.choose_at_home("home:door", "back")
    assert texts(hosts.homes[HOST]).startswith(":lock: The front door is locked.")


def test_the_rights_are_those_at_each_door(tmp_path: Path, hosts: FakeHosts) -> None:
    toml = ALWAYS_OPEN_TOML.replace(f'hosts = ["{HOST}"]', "hosts = []")
    toml += '[doors.back]\nnumber = "+12125550102"\nrelease = "5"\nforward_to = ["+12125550124"]\n'
    toml += f'hosts = ["{MEMBER}"]\n'
    office = with_doors(tmp_path, 1, hosts, toml)
    office.open_home(MEMBER)
    view = hosts.homes[MEMBER]
    assert [each["value"] for each in elements(view) if each["action_id"] == "unlock"] == ["back"]
    assert texts(view).startswith("*Back*")  # where there is something to be done comes first
    office.choose_at_home("home:door", "front", MEMBER)
    assert "modal:issue_code" not in pressable(hosts.homes[MEMBER])


def test_a_store_that_does_not_answer_is_said_there_too(
    office: Office, hosts: FakeHosts, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise StoreUnavailable("away")

    monkeypatch.setattr(office.services.store, "read", fail)
    monkeypatch.setattr(office.services.store, "read_many", fail)
    assert office.open_home().status_code == 200
    assert texts(hosts.homes[HOST]) == str(StoreUnavailable("away"))


def test_the_messages_tab_is_not_the_home(office: Office, hosts: FakeHosts) -> None:
    event = {"type": "app_home_opened", "user": HOST, "tab": "messages"}
    office.open_home(event=event)
    assert hosts.homes == {}


def test_home_opened_costs_the_same_for_any_number_of_doors(tmp_path: Path, hosts: FakeHosts) -> None:
    """Round trips are counted, not seconds."""
    counts = []
    for number in (11, 200):
        (folder := tmp_path / str(number)).mkdir()
        office = with_doors(folder, number, hosts, ALWAYS_OPEN_TOML)
        calls = count_calls(office.services.store)
        office.open_home()
        counts.append(dict(calls))
    assert counts[0] == counts[1]


def count_calls(store: Any) -> dict[str, int]:
    """How often each method is called from now on."""
    calls: dict[str, int] = {}
    for name in ("read", "read_many", "read_log", "read_logs", "commit", "due"):
        setattr(store, name, _counting(name, getattr(store, name), calls))
    return calls


def _counting(name: str, method: Callable[..., Any], calls: dict[str, int]) -> Callable[..., Any]:
    def counted(*arguments: Any, **named: Any) -> Any:
        calls[name] = calls.get(name, 0) + 1
        return method(*arguments, **named)

    return counted
