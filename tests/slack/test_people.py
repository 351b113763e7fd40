"""Grants, revocations and lists as people meet them in Slack."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from freezegun import freeze_time

import config
from app.ports import Membership
from app.slack import blocks
from tests.conftest import FakeHosts, settings_for
from tests.support import ADMIN, GUEST, HOST, MEMBER, OFFICE_TOML, Office, command_form

MONDAY_NOON = "2026-11-23T17:00:00Z"
BEN, ANA, GROUP, SIDER = "U0BEN0001", "U0ANA0001", "S0RECEPTION", "U0SIDE001"
AT_BEN, AT_GROUP = f"<@{BEN}|ben>", f"<!subteam^{GROUP}|@reception>"
SIDE = f"""
[doors.side]
name = "Side door"
number = "+12125550101"
release = "5"
forward_to = ["+12125550124"]
channel = "C0SIDEDOOR"
hosts = ["{SIDER}"]
"""


@pytest.fixture(autouse=True)
def clock() -> Any:
    with freeze_time(MONDAY_NOON, tick=True) as clock:
        yield clock


@pytest.fixture
def hosts(hosts: FakeHosts) -> FakeHosts:
    hosts.members = dict.fromkeys((ADMIN, HOST, BEN, ANA, MEMBER), Membership.FULL)
    return hosts


def test_an_admin_makes_a_host_who_unlocks_and_loses_the_right_again(office: Office) -> None:
    assert office.say("unlock", BEN) == "Only hosts can unlock a door here. Ask an admin."
    assert office.say(f"grant {AT_BEN}", ADMIN) == f"<@{BEN}> is a host of the front door now."
    assert "unlocked until" in office.say("unlock", BEN)
    said = (
        f"<@{BEN}> is neither host nor admin of the front door any more, whatever doorbot.toml and user groups say. "
        "`/frontdoor grant` gives a right again."
    )
    assert office.say(f"revoke {AT_BEN}", ADMIN) == said
    assert office.say("lock", BEN) == "Only hosts can lock a door here. Ask an admin."
    assert office.outcomes("") == ["grant done", "revoke done"]
    assert [line.split("  ")[1] for line in office.told_of_log()][1] == (f"Office: <@{BEN}> was revoked by <@{ADMIN}>")


def test_a_right_ends_by_itself(office: Office, clock: Any) -> None:
    said = f"<@{BEN}> is an admin of the front door now, until 14:00."
    assert office.say(f"grant {AT_BEN} admin until 14:00", ADMIN) == said
    assert office.say("log", BEN).startswith(f"12:00  Office: <@{BEN}> was made admin by <@{ADMIN}>, until 14:00")
    clock.tick(timedelta(hours=2))
    assert office.say("log", BEN).startswith("Only admins can read the log.")


def test_a_group_is_granted_and_revoked(office: Office, hosts: FakeHosts) -> None:
    hosts.groups[GROUP] = frozenset({BEN})
    assert office.say(f"grant {AT_GROUP} until friday", ADMIN) == (
        f"Whoever is in <!subteam^{GROUP}> is a host of the front door now, until the end of Friday. "
        "The group has 1 member now, and Slack is asked every five minutes who is in it."
    )
    assert "unlocked until" in office.say("unlock", BEN)
    assert office.say(f"revoke {AT_GROUP}", ADMIN) == (
        f"<!subteam^{GROUP}> gives nobody a right at the front door any more. Who has one by name keeps it."
    )
    assert office.say(f"revoke {AT_GROUP}", ADMIN) == (
        f"<!subteam^{GROUP}> gives nobody a right at the front door, so nothing was changed."
    )


def test_who_was_granted_something_is_told_once(office: Office, hosts: FakeHosts) -> None:
    office.say(f"grant {AT_BEN}", ADMIN)
    for _ in range(3):
        office.sweep()
    made = f"<@{ADMIN}> made you a host of the front door. `/frontdoor help` lists what can be typed."
    assert hosts.told == [(BEN, made)]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("grant", "Whom? Name a person or a user group. Try `/frontdoor grant @ben`"),
        ("grant @ben", "Slack didn't tell me who “@ben” is."),
        ("grant @ben", "“Escape channels, users, and links” (`should_escape`)"),
        (f"grant {AT_BEN} until 9:00", "That time has passed. Try `/frontdoor grant @ben`"),
        (f"grant {AT_BEN} king", "I don't understand “king”: a role is `host` or `admin`."),
        ("grant <@U0GONE001|x>", "<@U0GONE001> has left this workspace, or is an app. Try"),
        ("grant <@U0WHO0001|x>", "I couldn't ask Slack about <@U0WHO0001>, so nothing was granted."),
        (f"grant {AT_GROUP}", f"I couldn't ask Slack about <!subteam^{GROUP}>, so nothing was granted."),
        (f"grant <@{GUEST}|x>", "They are a guest in this workspace; they have this right all the same."),
        (f"grant <@{HOST}|x>", f"<@{HOST}> is a host of the front door already, named in doorbot.toml. Nothing was"),
        (f"grant <@{ADMIN}|x>", f"<@{ADMIN}> is an admin of the front door already, named in doorbot.toml."),
        ("revoke", "Whom? Name a person or a user group. Try `/frontdoor revoke @ben`."),
        (f"revoke {AT_BEN} admin", "Revoking takes every role away."),
        (f"revoke {AT_BEN}", f"<@{BEN}> is neither host nor admin of the front door, so nothing was changed."),
        (f"revoke <@{ADMIN}|x>", f"Without <@{ADMIN}> nobody would be an admin for good, so nothing was revoked."),
    ],
)
def test_what_can_not_be_done_is_said_with_what_to_do(office: Office, hosts: FakeHosts, text: str, said: str) -> None:
    hosts.members |= {"U0GONE001": Membership.GONE, "U0WHO0001": Membership.UNKNOWN}
    assert said in office.say(text, ADMIN)


@pytest.mark.parametrize("user", [HOST, MEMBER, GUEST])
@pytest.mark.parametrize("text", [f"grant {AT_BEN}", f"revoke <@{HOST}>"])
def test_only_admins_grant_and_revoke_and_who_tried_is_on_record(office: Office, user: str, text: str) -> None:
    assert office.say(text, user).startswith(("Only admins can", "Only full members"))
    assert office.outcomes("") == [f"{text.split()[0]} refused"]


def test_the_same_delivery_grants_once(office: Office) -> None:
    form = command_form(f"grant {AT_BEN}", ADMIN, trigger_id="1.2.once")
    first = office.slack_form(form).get_json()
    office.say(f"revoke {AT_BEN}", ADMIN)
    assert office.slack_form(form).get_json() == first
    assert office.say("unlock", BEN).startswith("Only hosts")


def test_people_lists_who_may_what_from_where_and_until_when(office: Office, hosts: FakeHosts) -> None:
    hosts.groups[GROUP] = frozenset({ANA, BEN})
    hosts.members["U0GONE001"] = Membership.FULL
    office.say("grant <@U0GONE001>", ADMIN)
    office.say(f"grant {AT_BEN} admin until 24 december", ADMIN)
    office.say(f"grant {AT_GROUP}", ADMIN)
    office.say(f"revoke <@{HOST}>", ADMIN)
    hosts.members["U0GONE001"] = Membership.GONE
    assert office.say("people", ADMIN).splitlines() == [
        "Who may do what:",
        f"• <@{ADMIN}>: admin, named in doorbot.toml",
        f"• <@{BEN}>: admin, granted by <@{ADMIN}>, until the end of 24 December",
        f"• <@U0GONE001>: host, granted by <@{ADMIN}>; has left the workspace, so this counts for nothing",
        f"• <!subteam^{GROUP}>: host, granted by <@{ADMIN}>; in it: <@{ANA}>, <@{BEN}>",
        f"• <@{HOST}>: revoked by <@{ADMIN}> on 23 November, whatever doorbot.toml and user groups say",
    ]
    hosts.groups[GROUP] = None
    assert "Slack doesn't tell who is in it right now, so it gives nobody a right" in office.say("people", ADMIN)


def test_hosts_may_see_people_and_members_may_not(office: Office) -> None:
    assert office.say("people", HOST).startswith("Who may do what:")
    assert office.say("people", MEMBER) == "Only hosts can see who may do what here. Ask an admin."


def test_a_long_list_is_cut_between_lines(office: Office, hosts: FakeHosts) -> None:
    for number in range(80):
        hosts.members[f"U0ID{number:05}"] = Membership.FULL
        office.say(f"grant <@U0ID{number:05}>", ADMIN)
    text = office.say("people", ADMIN)
    lines = text.splitlines()
    assert len(text) <= 3000
    assert lines[-1] == f"… and {83 - len(lines) + 1} more."
    assert all(line.startswith("• <@U0") and line.endswith((f"<@{ADMIN}>", "toml")) for line in lines[1:-1])


def test_somebody_whom_the_file_names_and_who_left_may_nothing(office: Office, hosts: FakeHosts) -> None:
    hosts.members[HOST] = Membership.GONE
    assert office.say("unlock", HOST).startswith("Only full members of this workspace can use DoorBot")


def test_a_group_is_shown_to_the_asker_and_called_in_no_message() -> None:
    assert blocks.escaped(f"<!subteam^{GROUP}>") == f"&lt;!subteam^{GROUP}&gt;"
    assert blocks.message(f"<!subteam^{GROUP}>", ())["text"] == f"&lt;!subteam^{GROUP}&gt;"


@pytest.mark.parametrize("markup", ["<!channel>", "<!here|x>", "<#C0FRONTDOOR>", "<https://example.com|x>"])
@pytest.mark.parametrize("words", ["grant {}", "revoke {}", "grant <@U0BEN0001> {}", "people {}", "grant front {}"])
def test_markup_that_was_typed_is_never_markup_in_the_answer(office: Office, words: str, markup: str) -> None:
    answer = str(office.command(words.format(markup), ADMIN))
    assert not any(sign in answer for sign in ("<!", "<#", "<http"))


def test_help_names_the_words(office: Office) -> None:
    text = office.say("help", ADMIN)
    assert all(f"/frontdoor {word}" in text for word in ("people", "grant @ben"))


class TestSeveralDoors:
    @pytest.fixture
    def settings(self, tmp_path: Path) -> config.Settings:
        return settings_for(tmp_path, OFFICE_TOML + SIDE)

    @pytest.fixture
    def hosts(self, hosts: FakeHosts) -> FakeHosts:
        hosts.members[SIDER] = Membership.FULL
        return hosts

    def test_a_grant_without_a_door_is_for_every_door(self, office: Office) -> None:
        assert office.say(f"grant {AT_BEN}", ADMIN) == f"<@{BEN}> is a host of every door now."
        assert "unlocked" in office.say("unlock side", BEN)
        assert "of any door any more" in office.say(f"revoke all {AT_BEN}", ADMIN)

    def test_a_grant_for_a_door_is_for_that_door(self, office: Office) -> None:
        assert office.say(f"grant side {AT_BEN}", ADMIN) == f"<@{BEN}> is a host of the side door now."
        assert "The side door is unlocked" in office.say("unlock side", BEN)
        assert office.say("unlock front", BEN).startswith("Only hosts can unlock a door here.")
        assert office.outcomes("front") == ["unlock refused"]

    @pytest.mark.parametrize("text", ["unlock", "unlock for 1h", "lock", "code issue FedEx"])
    def test_who_is_host_of_one_door_need_not_name_it(self, office: Office, text: str) -> None:
        assert "side door" in office.say(text, SIDER)
        assert office.outcomes("") == office.outcomes("front") == []

    def test_who_is_host_of_some_doors_is_asked_which(self, office: Office, tmp_path: Path) -> None:
        office.say(f"grant side {AT_BEN}", ADMIN)
        office.say(f"grant front {AT_BEN}", ADMIN)
        assert office.say("unlock", BEN) == "Which door? Say one of: `front`, `side`."
        assert office.say("unlock front", BEN).startswith("The front door is unlocked")

    def test_an_admin_of_one_door_grants_locks_down_and_reads_the_log_there(self, office: Office) -> None:
        office.say(f"grant side {AT_BEN} admin", ADMIN)
        assert office.say(f"grant <@{ANA}>", BEN) == f"<@{ANA}> is a host of the side door now."
        assert office.say("lockdown smoke", BEN).startswith("The side door is in lockdown")
        assert "Only admins" in office.say(f"grant front <@{ANA}>", BEN)
        assert "Only admins" in office.say(f"grant all <@{ANA}>", BEN)
        assert office.say("lift elsewhere", BEN) == "There is no door `elsewhere` here. Say one of: `front`, `side`."
        assert office.say("lift", BEN) == "The lockdown of the side door is over."
        log = office.told_of_log("log", BEN)
        assert all("Side door:" in line for line in log)
        assert "declared a lockdown" in str(log)

    @pytest.mark.parametrize("text", ["code", "code all", "people", "schedule", "schedule all"])
    def test_what_is_read_is_that_of_ones_own_doors(self, office: Office, text: str) -> None:
        office.say("code front issue UPS", ADMIN)
        answer = office.say(text, SIDER)
        assert "side" in answer.lower()
        assert "front" not in answer.lower()

    def test_an_admin_who_was_revoked_at_a_door_does_not_lift_there_by_naming_none(self, office: Office) -> None:
        office.say(f"grant {AT_BEN} admin", ADMIN)
        office.say(f"revoke side {AT_BEN}", ADMIN)
        assert office.say("lockdown smoke", BEN).startswith("Every door is in lockdown")
        refused = "You aren't an admin of every door. Name one, such as `/frontdoor lift front`."
        assert (office.say("lift", BEN), office.say("lift all", BEN)) == (refused, refused)
        assert "Only admins" in office.say("lift side", BEN)
        assert office.outcomes("side")[-2:] == ["lock_down done", "lift refused"]
        assert office.say("lift front", BEN) == "The lockdown of the front door is over."
        assert office.say("lift", ADMIN) == "The lockdown of the side door is over."

    def test_everybody_in_the_workspace_sees_every_state_and_buttons_where_they_may_press(self, office: Office) -> None:
        answer = office.command("status", SIDER)
        assert [line.split(" is ")[0] for line in answer["text"].splitlines()] == ["The front door", "The side door"]
        pressed = [each["value"] for block in answer["blocks"] for each in block.get("elements", [])]
        assert pressed == ["side"]

    def test_a_guest_who_is_named_for_one_door_sees_that_one(self, office: Office, hosts: FakeHosts) -> None:
        hosts.members[SIDER] = Membership.NOT_FULL
        assert office.say("status", SIDER).splitlines() == ["The side door is locked. Rings reach a human."]
        assert "/frontdoor unlock" in office.say("help", SIDER)
        assert office.say("unlock front", SIDER).startswith("Only hosts can unlock a door here.")

    def test_a_host_who_is_revoked_at_a_door_has_the_others(self, office: Office) -> None:
        office.say(f"revoke front <@{HOST}>", ADMIN)
        assert office.say("unlock front", HOST).startswith("Only hosts")
        assert office.say("unlock side", HOST).startswith("The side door is unlocked")
        assert "front" not in office.say("code", HOST)

    def test_people_of_one_door(self, office: Office) -> None:
        office.say(f"grant side {AT_BEN} admin", ADMIN)
        assert office.say("people side", ADMIN).splitlines() == [
            "Who may do what at the side door:",
            f"• <@{ADMIN}>: admin, named in doorbot.toml",
            f"• <@{BEN}>: admin of the side door, granted by <@{ADMIN}>",
            f"• <@{HOST}>: host, named in doorbot.toml",
            f"• <@{SIDER}>: host of the side door, named in doorbot.toml",
        ]
        assert BEN not in office.say("people front", ADMIN)
