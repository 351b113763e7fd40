"""What people type: who may, what is understood, and what they are told."""

from pathlib import Path

import pytest
from freezegun import freeze_time

import config
from app import create_app
from app.domain.outcomes import RefusalReason
from app.domain.sentences import REFUSED
from app.ports import Membership
from app.stores.sqlite import SqliteStore
from tests.conftest import FakeHosts, settings_for
from tests.support import (
    ADMIN,
    ALWAYS_OPEN_TOML,
    GUEST,
    HOST,
    MEMBER,
    OFFICE_TOML,
    PUBLIC_URL,
    TELEPHONE,
    WORKSPACE,
    Office,
    command_form,
    stored,
)

MONDAY_NOON, SATURDAY_NOON = "2026-11-23T17:00:00Z", "2026-11-21T17:00:00Z"
UNREACHABLE = "U0UNKNOWN"
COMMANDS = ["", "unlock", "lock", "status", "help", "log", "code", "code issue FedEx"]
ACTIONS = {"": "status", "code": "codes", "code issue FedEx": "issue_code"}
MAY = {
    ADMIN: set(COMMANDS),
    HOST: {*COMMANDS} - {"log"},
    MEMBER: {"", "status", "help"},
    GUEST: set(),
    "U0STRANGER": set(),
    UNREACHABLE: set(),
}
REASONS = {HOST: "not_permitted", MEMBER: "not_permitted", UNREACHABLE: "membership_unknown"}


@pytest.fixture
def settings(always_open: config.Settings) -> config.Settings:
    return always_open


@pytest.fixture
def store(sqlite_store: SqliteStore) -> SqliteStore:
    """What is committed and how is tested elsewhere, on every store."""
    return sqlite_store


@pytest.fixture
def hosts(hosts: FakeHosts) -> FakeHosts:
    hosts.members = {MEMBER: Membership.FULL, UNREACHABLE: Membership.UNKNOWN}
    return hosts


def refusals(office: Office) -> list[tuple[str, str, str]]:
    events = [*office.log(), *office.log("")]
    return [(event.actor, event.action, event.reason) for event in events if event.outcome == "refused"]


@pytest.mark.parametrize(("user", "command"), [(user, command) for user in MAY for command in MAY[user]])
def test_who_may_is_answered_and_not_refused(office: Office, user: str, command: str) -> None:
    answer = office.say(command, user)
    assert answer
    assert refusals(office) == []


@pytest.mark.parametrize(
    ("user", "command"), [(user, command) for user in MAY for command in COMMANDS if command not in MAY[user]]
)
def test_who_may_not_is_refused_told_why_and_on_record(office: Office, user: str, command: str) -> None:
    before = office.say("status", ADMIN)
    answer = office.say(command, user)
    reason = REASONS.get(user, "not_full_member")
    assert refusals(office) == [(user, ACTIONS.get(command, command), reason)]
    assert answer.startswith(("Only hosts", "Only admins", "Only full members", "I couldn't check"))
    assert office.say("status", ADMIN) == before


@pytest.mark.parametrize("command", COMMANDS)
@pytest.mark.parametrize("team", ["T0OTHER01", "", "T0OFFICE11", "t0office1"])
def test_a_host_of_another_workspace_is_a_stranger(office: Office, team: str, command: str) -> None:
    assert office.say(command, ADMIN, team_id=team) == "This DoorBot belongs to another workspace."
    assert refusals(office) == [(ADMIN, ACTIONS.get(command, command), "other_workspace")]


@pytest.mark.parametrize("command", ["unlock", "lock", "log"])
@pytest.mark.parametrize("name", [HOST, ADMIN, "ana"])
def test_a_name_is_never_believed(office: Office, name: str, command: str) -> None:
    office.say(command, GUEST, user_name=name)
    assert refusals(office) == [(GUEST, command, "not_full_member")]


class TestOrganisation:
    """An Enterprise organisation as the workspace."""

    @pytest.fixture
    def settings(self, tmp_path: Path) -> config.Settings:
        return settings_for(tmp_path, ALWAYS_OPEN_TOML.replace(WORKSPACE, "E0OFFICE1"))

    def test_every_workspace_of_it_is_ours(self, office: Office) -> None:
        office.say("unlock", team_id="T0ANYTEAM", enterprise_id="E0OFFICE1")
        assert office.outcomes() == ["unlock done"]

    @pytest.mark.parametrize("other", [{"enterprise_id": "E0OTHER01"}, {}, {"enterprise_id": ""}])
    def test_any_other_is_not(self, office: Office, other: dict[str, str]) -> None:
        office.say("unlock", team_id=WORKSPACE, **other)
        assert refusals(office) == [(HOST, "unlock", "other_workspace")]


@pytest.mark.parametrize("command", [*COMMANDS, "unlock for", "nonsense", "unlock until never"])
@pytest.mark.parametrize("user", [HOST, GUEST])
def test_every_answer_is_for_the_asker_alone(office: Office, user: str, command: str) -> None:
    answer = office.command(command, user)
    assert (answer["response_type"], type(answer["text"])) == ("ephemeral", str)


UNDERSTOOD = {
    "unlock": "14:00",
    "unlock for 2h": "14:00",
    "unlock 2h": "14:00",
    "unlock until 14:00": "14:00",
    "unlock until 2pm": "14:00",
    "unlock until 2:15 PM": "14:15",
    "unlock for 90m": "13:30",
    "unlock for half an hour": "12:30",
    "unlock front for 1h": "13:00",
    "  UNLOCK   Front   FOR  1H ": "13:00",
    "unlock\u00a0for\u00a01h": "13:00",
    "unlock for 1\u00a0h": "13:00",
    "unlock until 17:00": "17:00",
    "unlock until 9pm": "17:00 (closing time)",
    "unlock for 9h": "17:00 (closing time)",
    "unlock until midnight": "17:00 (closing time)",
}


@freeze_time(MONDAY_NOON, tick=True)
@pytest.mark.parametrize("text", UNDERSTOOD)
def test_an_unlock_says_until_when_and_what_shortened_it(office_in_hours: Office, text: str) -> None:
    assert office_in_hours.say(text) == f"The front door is unlocked until {UNDERSTOOD[text]}. Every ring is released."


NOT_UNDERSTOOD = [
    "unlock soon",
    "unlock for",
    "unlock for ever",
    "unlock for -2h",
    "unlock for 0h",
    "unlock for 999999999999d",
    "unlock until",
    "unlock until 25:00",
    "unlock until 2",
    "unlock back for 2h",
    "unlock “for 2h”",
    "unlock for 1h &amp; 30m",
    "unlock for ２h",
    "unlock for 2h please",
    "unlock \0",
    "unlock for " + "9" * 3000,
]


@freeze_time(MONDAY_NOON, tick=True)
@pytest.mark.parametrize("text", NOT_UNDERSTOOD)
def test_what_is_not_understood_is_answered_with_an_example(office_in_hours: Office, text: str) -> None:
    answer = office_in_hours.say(text)
    assert "Try " in answer
    assert len(answer) < 300
    assert refusals(office_in_hours) == [(HOST, "unlock", "not_understood")]
    assert "locked" in office_in_hours.say("status")


@freeze_time(MONDAY_NOON, tick=True)
@pytest.mark.parametrize("text", ["unlock until 9:00", "unlock until 11:59", "unlock until 9am"])
def test_a_time_that_has_passed_is_refused(office_in_hours: Office, text: str) -> None:
    assert "already passed" in office_in_hours.say(text)
    assert refusals(office_in_hours) == [(HOST, "unlock", "past")]


@freeze_time(SATURDAY_NOON, tick=True)
def test_outside_working_hours_an_unlock_is_refused_and_a_lock_is_not(office_in_hours: Office) -> None:
    expected = "It's Saturday. The front door can be unlocked Mon–Fri 09:00–17:00."
    assert office_in_hours.say("unlock") == expected
    assert office_in_hours.say("lock").startswith("The front door is already locked.")
    assert refusals(office_in_hours) == [(HOST, "unlock", "outside_hours")]


@pytest.fixture
def office_in_hours(tmp_path: Path, store: SqliteStore, hosts: FakeHosts) -> Office:
    """New York, Mon–Fri 09:00–17:00."""
    return Office(create_app(settings_for(tmp_path, OFFICE_TOML), store=store, hosts=hosts).test_client())


@pytest.mark.parametrize("text", ["nonsense", "unlocked", "payload", "/frontdoor", "öffne", "9", "{", "lock please"])
def test_another_word_is_answered_with_words_that_are_known(office: Office, text: str) -> None:
    answer = office.say(text)
    assert "Try `/frontdoor unlock for 2h`" in answer or "Say one of: `front`" in answer
    assert stored(office.services.store) == {}


@pytest.mark.parametrize("name", ["text", "channel_name", "user_name", "team_domain"])
def test_the_word_payload_in_a_field_is_only_a_word(office: Office, name: str) -> None:
    answer = office.slack_form({**command_form("help"), name: "payload"})
    assert (answer.status_code, answer.is_json) == (200, True)


MARKUP = [
    "<!channel>",
    "<!here|x>",
    "<!everyone>",
    "<#C0FRONTDOOR>",
    "<https://example.com|x>",
    "&lt;!channel&gt;",
]


@pytest.mark.parametrize("words", ["{}", "unlock {}", "unlock until {}", "lock {}", "status {}", "log {}"])
@pytest.mark.parametrize("markup", MARKUP)
def test_markup_that_was_typed_is_never_markup_in_the_answer(office: Office, words: str, markup: str) -> None:
    answer = str(office.command(words.format(markup), ADMIN))
    assert not any(sign in answer for sign in ("<!", "<#", "<http"))


def test_an_ampersand_is_escaped_once(office: Office) -> None:
    assert "“1h &amp; 30m”" in office.say("unlock for 1h &amp; 30m")


def test_the_log_shows_what_happened_newest_first(office: Office) -> None:
    office.say("unlock")
    office.ring()
    office.ring(From="+12125550111")
    *lines, link = office.say("log", ADMIN).splitlines()
    told = ["none of this door's intercoms", f"released by the unlock of <@{HOST}>", f"<@{HOST}> unlocked"]
    assert [words in line for words, line in zip(told, lines, strict=True)] == [True] * 3
    assert "+1212" not in str(lines)
    assert f"<{PUBLIC_URL}/log/sign-in?token=" in link


def test_an_empty_log_says_so(office: Office) -> None:
    assert office.say("log", ADMIN).splitlines()[0] == "Nothing is on record yet."


@pytest.mark.parametrize(("user", "buttons"), [(HOST, ["unlock"]), (ADMIN, ["unlock"]), (MEMBER, [])])
def test_the_state_has_buttons_for_whoever_may_press_them(office: Office, user: str, buttons: list[str]) -> None:
    blocks = office.command("", user)["blocks"]
    found = [element["action_id"] for block in blocks for element in block.get("elements", [])]
    assert found == buttons


def test_the_state_of_an_unlocked_door_names_who_unlocked_it_and_offers_to_lock_it(office: Office) -> None:
    office.say("unlock")
    answer = office.command("status")
    assert f"by <@{HOST}>. Every ring is released." in answer["text"]
    assert answer["blocks"][1]["elements"][0]["action_id"] == "lock"


def test_help_lists_every_command(office: Office) -> None:
    text = office.say("help", MEMBER)
    assert all(f"`/frontdoor {word}" in text for word in ("unlock", "lock", "status", "log", "help"))
    assert TELEPHONE not in text


class TestSeveralDoors:
    """Two doors: a command must name one, and only who may is told which there are."""

    @pytest.fixture
    def settings(self, tmp_path: Path) -> config.Settings:
        side = '[doors.side]\nnumber = "+12125550101"\nrelease = "5"\nforward_to = ["+12125550124"]\n'
        return settings_for(tmp_path, ALWAYS_OPEN_TOML + side)

    @pytest.mark.parametrize("text", ["unlock", "lock", "unlock back", "lock back", "status back", "log back", "open"])
    def test_a_guest_is_refused_on_record_and_is_not_told_the_doors(self, office: Office, text: str) -> None:
        assert office.say(text, GUEST) == REFUSED[RefusalReason.NOT_FULL_MEMBER]
        action = "help" if text == "open" else text.split()[0]
        assert [(event.actor, event.action, event.reason) for event in office.log("")] == [
            (GUEST, action, "not_full_member")
        ]

    @pytest.mark.parametrize("text", ["unlock", "lock"])
    def test_a_host_is_asked_which_and_nothing_is_on_record(self, office: Office, text: str) -> None:
        assert office.say(text) == "Which door? Say one of: `front`, `side`."
        assert stored(office.services.store) == {}

    def test_a_refusal_at_a_door_that_was_named_is_on_its_record(self, office: Office) -> None:
        office.say("unlock side", GUEST)
        assert (office.outcomes("side"), office.outcomes(""), office.outcomes()) == (["unlock refused"], [], [])


def test_a_command_without_a_user_is_malformed(office: Office) -> None:
    form = command_form("unlock")
    del form["user_id"]
    assert office.slack_form(form).status_code == 400
