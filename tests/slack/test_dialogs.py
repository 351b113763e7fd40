"""Dialogs ask by clicking for what could be typed: each is opened, filled in, and does the same as the command."""

import json
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any
from urllib.parse import urlencode
from uuid import uuid4

import hypothesis
import pytest
from freezegun import freeze_time
from hypothesis import given
from hypothesis import strategies as st

import config
from app import create_app
from app.ports import Membership, Store
from app.slack.dialogs import DIALOGS
from app.usecases.access_codes import CODES
from app.usecases.planned import SCHEDULES
from tests.conftest import FakeHosts, settings_for
from tests.slack import block_kit
from tests.support import ADMIN, HOST, MEMBER, OFFICE_TOML, WORKSPACE, AtOnce, Office, press_payload, stored
from tests.test_architecture import ROOT

TUESDAY = "2026-11-24T16:00:00Z"  # 11:00 in New York


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


class Desk:
    """Opens a dialog and fills it in."""

    def __init__(self, office: Office, hosts: FakeHosts) -> None:
        self.office = office
        self.hosts = hosts

    def open(self, name: str, target: str = "front", user: str = HOST, /) -> dict[str, Any]:
        self.office.press_at_home(f"modal:{name}", target, user)
        return self.hosts.opened[-1]

    def say(self, name: str, target: str = "front", user: str = HOST, /, **entered: Any) -> str:
        """What is answered in the dialog's place."""
        answer = self.office.submit(self.open(name, target, user), user, **entered)
        assert answer["response_action"] == "update", answer
        return str(answer["view"]["blocks"][0]["text"]["text"])

    def errors(self, name: str, target: str = "front", user: str = HOST, /, **entered: Any) -> dict[str, str]:
        """What has to be mended, by the input at which that is said."""
        answer = self.office.submit(self.open(name, target, user), user, **entered)
        assert answer["response_action"] == "errors", answer
        return dict(answer["errors"])


@pytest.fixture
def desk(office: Office, hosts: FakeHosts) -> Desk:
    return Desk(office, hosts)


def text(value: str) -> dict[str, Any]:
    return {"type": "plain_text_input", "value": value}


def clock(at: str | None) -> dict[str, Any]:
    return {"type": "timepicker", "selected_time": at}


def day(on: str | None) -> dict[str, Any]:
    return {"type": "datepicker", "selected_date": on}


def picked(value: str) -> dict[str, Any]:
    return {"type": "radio_buttons", "selected_option": {"text": {"type": "plain_text", "text": "x"}, "value": value}}


def ticked(*values: str) -> dict[str, Any]:
    options = [{"text": {"type": "plain_text", "text": "x"}, "value": value} for value in values]
    return {"type": "checkboxes", "selected_options": options}


def person(user: str | None) -> dict[str, Any]:
    return {"type": "users_select", "selected_user": user}


@pytest.mark.parametrize("name", DIALOGS)
def test_each_dialog_opens_without_asking_the_store_or_slack(
    desk: Desk, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise AssertionError("three seconds are too short for questions")

    for method in ("read", "read_many", "commit"):
        monkeypatch.setattr(desk.office.services.store, method, fail)
    for method in ("membership", "members_of", "glance"):
        monkeypatch.setattr(desk.hosts, method, fail)
    view = desk.open(name)
    assert (view["callback_id"], view["private_metadata"]) == (name, "front")
    assert len(desk.hosts.opened) == 1


@pytest.mark.parametrize("name", DIALOGS)
def test_another_workspace_is_shown_no_dialog(desk: Desk, name: str) -> None:
    payload = {**press_payload(f"modal:{name}", "front"), "user": {"id": ADMIN, "team_id": "T0OTHER01"}}
    assert desk.office.slack_form({"payload": json.dumps(payload)}).status_code == 200
    assert desk.hosts.opened == []


@pytest.mark.parametrize("name", DIALOGS)
def test_who_may_not_is_refused_when_it_is_submitted(desk: Desk, name: str) -> None:
    entered = {
        "add_schedule": {},
        "special_day": {"kind": picked("closed")},
        "pause_schedule": {"until": day("2026-12-01")},
        "issue_code": {"name": text("FedEx")},
        "lock_down": {},
        "grant": {"who": person(MEMBER)},
        "revoke": {"who": person(HOST)},
    }
    said = desk.say(name, "front", MEMBER, **entered[name])
    assert said.startswith(("Only hosts can", "Only admins can"))
    assert [event.outcome for event in desk.office.log()] + [event.outcome for event in desk.office.log("")] == [
        "refused"
    ]


class TestSchedule:
    def test_weekdays_times_dates_and_a_name(self, desk: Desk) -> None:
        said = desk.say(
            "add_schedule",
            days=ticked("mon", "wed", "thu"),
            start=clock("11:30"),
            end=clock("13:45"),
            first=day("2026-12-01"),
            last=day("2026-12-23"),
            name=text(" big\n lunch "),
        )
        assert said.startswith("Schedule 1, Mon, Wed, Thu 11:30–13:45 (big lunch), from Tue 1 Dec until Wed 23 Dec:")
        (schedule,) = self.planned(desk).schedules
        assert (schedule.days, schedule.start, schedule.end) == ((0, 2, 3), 690, 825)
        assert (schedule.first, schedule.last, schedule.name) == ("2026-12-01", "2026-12-23", "big lunch")
        assert schedule.by == HOST

    def test_nothing_changed_is_lunch_from_now_on(self, desk: Desk) -> None:
        desk.say("add_schedule")
        assert desk.office.say("schedule").splitlines()[2].startswith("1. Mon–Fri 11:00–14:00, by")

    @pytest.mark.parametrize(
        ("entered", "at"),
        [
            ({"end": clock("11:00")}, "end"),
            ({"first": day("2026-12-02"), "last": day("2026-12-01")}, "last"),
            ({"start": clock("20:00"), "end": clock("21:00")}, "start"),  # outside working hours
            ({"days": ticked("sat", "sun")}, "start"),
            ({"last": day("2026-11-01")}, "start"),  # past
            ({"name": text("*`_")}, "start"),
        ],
    )
    def test_what_can_not_be_is_said_at_its_input(self, desk: Desk, entered: dict[str, Any], at: str) -> None:
        errors = desk.errors("add_schedule", **entered)
        assert list(errors) == [at]
        assert self.planned(desk) is None

    def test_special_days_open_ask_and_close(self, desk: Desk) -> None:
        desk.say("special_day", date=day("2026-12-12"), start=clock("10:00"), end=clock("16:00"))
        desk.say("special_day", date=day("2026-12-13"), kind=picked("asking"), start=clock("10:00"), end=clock("12:00"))
        desk.say("special_day", date=day("2026-12-22"), kind=picked("closed"))
        desk.say("special_day", date=day("2026-12-23"), kind=picked("closed"), start=clock("12:00"))
        desk.say("special_day", date=day("2026-12-28"), kind=picked("closed"), end=clock("12:00"))
        found = [each.describe(date(2026, 11, 24)) for each in self.planned(desk).special_days]
        assert found == [
            "Sat 12 Dec: open 10:00–16:00, rings are released",
            "Sun 13 Dec: open 10:00–12:00, hosts are asked",
            "Tue 22 Dec: closed all day",
            "Wed 23 Dec: closed from 12:00",
            "Mon 28 Dec: closed until 12:00",
        ]

    @pytest.mark.parametrize(
        ("entered", "at"),
        [
            ({}, "start"),
            ({"start": clock("10:00")}, "end"),
            ({"end": clock("10:00")}, "start"),
            ({"kind": picked("closed"), "start": clock("10:00"), "end": clock("10:00")}, "end"),
            ({"kind": picked("closed"), "date": day("2026-11-01")}, "date"),
        ],
    )
    def test_a_special_day_that_can_not_be(self, desk: Desk, entered: dict[str, Any], at: str) -> None:
        assert list(desk.errors("special_day", **entered)) == [at]

    def test_one_schedule_is_paused_removed_and_resumed_from_its_menu(self, desk: Desk) -> None:
        desk.say("add_schedule", name=text("lunch"))
        desk.say("add_schedule", start=clock("15:00"), end=clock("16:00"))
        desk.office.open_home()
        desk.office.choose_at_home("schedule:change", "pause_schedule front 2")
        answer = desk.office.submit(desk.hosts.opened[-1], until=day("2026-12-01"))
        assert "paused until Tue 1 Dec" in str(answer)
        assert "Paused until Tue 1 Dec" in str(desk.hosts.homes[HOST])
        desk.office.choose_at_home("schedule:change", "resume_schedule front 2")
        assert [each.paused_until for each in self.planned(desk).schedules] == [None, None]
        desk.office.choose_at_home("schedule:change", "remove_schedule front 1")
        assert [each.number for each in self.planned(desk).schedules] == [2]

    def test_all_of_it_is_paused_and_resumed(self, desk: Desk) -> None:
        desk.say("add_schedule")
        desk.say("pause_schedule", until=day("2026-12-01"))
        desk.office.open_home()
        desk.office.press_at_home("resume_schedule", "front")
        assert self.planned(desk).paused_until is None

    def test_a_pause_until_today_is_refused(self, desk: Desk) -> None:
        desk.say("add_schedule")
        assert list(desk.errors("pause_schedule", until=day("2026-11-24"))) == ["until"]

    def test_a_special_day_is_removed_from_the_home(self, desk: Desk) -> None:
        desk.say("special_day", date=day("2026-12-23"), kind=picked("closed"))
        desk.office.press_at_home("remove_schedule", "front 2026-12-23")
        assert self.planned(desk).special_days == ()

    @pytest.mark.parametrize("value", ["", "front", "unlock front", "lock_down", "remove_schedule", "pause_schedule"])
    def test_a_menu_of_another_release_changes_nothing(self, desk: Desk, value: str) -> None:
        assert desk.office.choose_at_home("schedule:change", value).status_code == 200
        assert self.planned(desk) is None

    def test_the_list_offers_to_add(self, desk: Desk) -> None:
        blocks = desk.office.command("schedule")["blocks"]
        assert [each["action_id"] for each in blocks[1]["elements"]] == ["modal:add_schedule", "modal:special_day"]

    def planned(self, desk: Desk) -> Any:
        return desk.office.services.store.read("door:front", SCHEDULES).get(SCHEDULES)


class TestCodes:
    def test_the_digits_are_shown_in_the_answer_and_never_again(self, desk: Desk) -> None:
        view = desk.open("issue_code")
        answer = str(desk.office.submit(view, name=text("FedEx"), until=day("2026-11-27"), uses=picked("3")))
        assert "Code FedEx for the front door: " in answer
        digits = answer.partition("front door: ")[2][:7]
        desk.office.open_home()
        kept = [str(stored(desk.office.services.store)), str(desk.hosts.homes), str(desk.hosts.told)]
        assert not any(digits in each or digits.replace(" ", "") in each for each in kept)
        (code,) = desk.office.services.store.read("door:front", CODES).get(CODES).codes  # type: ignore[union-attr]
        assert (code.name, code.uses_left, code.any_hour) == ("FedEx", 3, False)

    def test_only_admins_issue_for_any_hour(self, desk: Desk) -> None:
        assert desk.say("issue_code", name=text("Crew"), hours=ticked("any")).startswith("Only admins can issue codes")
        assert "at any hour" in desk.say("issue_code", "front", ADMIN, name=text("Crew"), hours=ticked("any"))

    @pytest.mark.parametrize("name", ["123456", "x" * 41, "a<b", "until friday"])
    def test_a_name_that_can_not_be_is_said_at_the_name(self, desk: Desk, name: str) -> None:
        assert list(desk.errors("issue_code", name=text(name))) == ["name"]


class TestPeople:
    def test_somebody_is_made_a_host_until_a_day_and_revoked(self, desk: Desk) -> None:
        said = desk.say("grant", "front", ADMIN, who=person(MEMBER), until=day("2026-12-04"))
        assert said.startswith(f"<@{MEMBER}> is a host of the front door now, until")
        assert desk.say("revoke", "front", ADMIN, who=person(MEMBER)).startswith(
            f"<@{MEMBER}> is neither host nor admin"
        )

    def test_the_people_are_listed_for_admins(self, desk: Desk) -> None:
        desk.office.open_home(ADMIN)
        assert f"<@{HOST}>: host, named in doorbot.toml" in str(desk.hosts.homes[ADMIN])
        desk.office.open_home(HOST)
        assert "named in doorbot.toml" not in str(desk.hosts.homes[HOST])

    def test_nobody_chosen_is_said_at_the_person(self, desk: Desk) -> None:
        assert list(desk.errors("grant", "front", ADMIN, who=person(None))) == ["who"]

    def test_a_day_that_is_past_is_said_too(self, desk: Desk) -> None:
        assert desk.errors("grant", "front", ADMIN, who=person(MEMBER), until=day("2026-11-01"))

    def test_the_last_admin_stays(self, desk: Desk) -> None:
        said = desk.say("revoke", "front", ADMIN, who=person(ADMIN))
        assert said.startswith(f"Without <@{ADMIN}> nobody would be an admin")


class TestLockdown:
    def test_why_is_told(self, desk: Desk) -> None:
        desk.say("lock_down", "front", ADMIN, why=text("fire drill"))
        assert "fire drill" in desk.office.say("status")
        assert "<Play" not in desk.office.ring()

    def test_it_ends_when_it_was_said_to(self, desk: Desk) -> None:
        desk.say("lock_down", "front", ADMIN, why=text("fire drill"), until=clock("12:00"))
        assert desk.office.say("status").startswith("The front door is in lockdown")
        with freeze_time("2026-11-24T17:00:00Z"):  # noon
            assert desk.office.say("status").startswith("The front door is locked.")

    def test_without_a_time_it_lasts_until_it_is_lifted_whatever_the_reason_sounds_like(self, desk: Desk) -> None:
        said = desk.say("lock_down", "front", ADMIN, why=text("for 2 minutes nobody comes in"))
        assert "until an admin types" in said
        assert "for 2 minutes nobody comes in" in desk.office.say("status")

    def test_a_time_that_is_past_means_tomorrow(self, desk: Desk) -> None:
        assert "until tomorrow 10:00" in desk.say("lock_down", "front", ADMIN, until=clock("10:00"))

    def test_it_is_seen_at_once_in_the_home_of_who_declared_it(self, desk: Desk) -> None:
        desk.office.open_home(ADMIN)
        desk.say("lock_down", "front", ADMIN)
        assert ":rotating_light:" in str(desk.hosts.homes[ADMIN])


class TestSeveralDoors:
    @pytest.fixture
    def settings(self, tmp_path: Path) -> config.Settings:
        side = '[doors.side]\nnumber = "+12125550101"\nrelease = "5"\nforward_to = ["+12125550124"]\n'
        return settings_for(tmp_path, OFFICE_TOML + side)

    @pytest.mark.parametrize("name", DIALOGS)
    def test_a_button_of_a_door_that_is_no_more_opens_no_dialog_of_another(self, desk: Desk, name: str) -> None:
        told = desk.open(name, "gone 1")
        assert "callback_id" not in told
        assert told["blocks"][0]["text"]["text"] == "There is no door `gone` here. Say one of: `front`, `side`."

    @pytest.mark.parametrize("name", DIALOGS)
    def test_the_door_is_asked_for_and_is_first_the_one_it_was_opened_at(self, desk: Desk, name: str) -> None:
        first = desk.open(name, "side")["blocks"][0]
        assert (first["block_id"], first["element"]["initial_option"]["value"]) == ("door", "side")

    def test_another_door_can_be_chosen(self, desk: Desk) -> None:
        desk.say("add_schedule", "front", door=picked("side"))
        assert (desk.office.outcomes("front"), desk.office.outcomes("side")) == ([], ["add_schedule done"])

    def test_a_lockdown_can_be_of_every_door(self, desk: Desk) -> None:
        desk.say("lock_down", "front", ADMIN, door=picked("all"), why=text("fire drill"))
        assert desk.office.outcomes("front")[-1] == desk.office.outcomes("side")[-1] == "lock_down done"

    def test_codes_can_be_for_every_door(self, desk: Desk) -> None:
        said = desk.say("issue_code", "front", door=picked("all"), name=text("FedEx"))
        assert said.count("Code FedEx for") == 2

    def test_a_grant_can_be_for_every_door(self, desk: Desk) -> None:
        assert "every door" in desk.say("grant", "front", ADMIN, door=picked("all"), who=person(MEMBER))


# What is not of Slack's form, or of another release


def send(office: Office, **changes: Any) -> Any:
    view = {"type": "modal", "callback_id": "add_schedule", "private_metadata": "front", "state": {"values": {}}}
    payload = {
        "type": "view_submission",
        "user": {"id": HOST, "team_id": WORKSPACE},
        "trigger_id": "1.2",
        "view": {**view, **changes.pop("view", {})},
        **changes,
    }
    return office.slack_post(urlencode({"payload": json.dumps(payload)}))


INPUTS = "days start end first name door who until kind date"
PARTS = "type value selected_user selected_option selected_options selected_time selected_date"
KEYS = st.sampled_from(f"{INPUTS} {PARTS}".split())
MALFORMED: list[dict[str, Any]] = [
    {"callback_id": None},
    {"callback_id": 1},
    {"private_metadata": 1},
    {"state": "x"},
    {"state": {"values": []}},
    {"state": {"values": {"days": None}}},
    {"state": {"values": {"days": {}}}},
    {"state": {"values": {"days": {"days": 1}}}},
    {"state": {"values": {"days": {"days": {"selected_options": 1}}}}},
    {"state": {"values": {"days": {"days": {"selected_options": ["mon"]}}}}},
    {"state": {"values": {"days": {"days": {"selected_options": [{"value": 1}]}}}}},
    {"state": {"values": {"start": {"start": {"selected_time": 11}}}}},
    {"state": {"values": {"start": {"start": {"selected_option": "x"}}}}},
    {"state": {"values": {"name": {"name": {"value": "x" * 3001}}}}},
]


@pytest.mark.parametrize("view", MALFORMED, ids=str)
def test_a_malformed_submission_is_refused_and_changes_nothing(office: Office, view: dict[str, Any]) -> None:
    assert send(office, view=view).status_code == 400
    assert stored(office.services.store) == {}


ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=20) | st.sampled_from(["front", "mon", "11:00"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=4),
    max_leaves=12,
)


@given(name=st.sampled_from([*DIALOGS]), values=st.dictionaries(KEYS, st.dictionaries(KEYS, ANYTHING)), rest=st.text())
@hypothesis.settings(suppress_health_check=[hypothesis.HealthCheck.function_scoped_fixture])
def test_whatever_is_submitted_is_answered_or_refused(office: Office, name: str, values: Any, rest: str) -> None:
    view = {"callback_id": name, "private_metadata": rest, "state": {"values": values}}
    answer = send(office, view=view, trigger_id=uuid4().hex)
    assert answer.status_code in (200, 400)
    if answer.data and answer.status_code == 200:
        block_kit.judge(block_kit.submitted(answer.get_json()))


@pytest.mark.parametrize("callback", ["", "other", "add_schedule ", "unlock"])
def test_a_dialog_of_another_release_changes_nothing(office: Office, callback: str) -> None:
    assert send(office, view={"callback_id": callback}).status_code == 200
    assert stored(office.services.store) == {}


@pytest.mark.parametrize("name", DIALOGS)
def test_a_dialog_with_nothing_in_it_is_answered(office: Office, name: str) -> None:
    answer = send(office, view={"callback_id": name})
    assert (answer.status_code, answer.get_json()["response_action"] in ("errors", "update")) == (200, True)


def test_a_dialog_that_was_closed_is_no_news(office: Office) -> None:
    assert send(office, type="view_closed").status_code == 200
    assert stored(office.services.store) == {}


def test_a_dialog_that_slack_does_not_open_changes_nothing(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(desk.hosts, "open_view", lambda *_: False)
    assert desk.office.press_at_home("modal:lock_down", "front", ADMIN).status_code == 200
    assert desk.office.outcomes() == []


def test_no_dialog_asks_for_what_no_command_takes() -> None:
    """Each says the same words that could be typed: what it makes of its answers goes through the same use case."""
    sources = [(ROOT / "app/slack/dialogs").glob("*.py")]
    assert all("usecases" not in path.read_text() for paths in sources for path in paths)
