"""Access codes as people meet them in Slack."""

import logging
import re
from pathlib import Path

import pytest
from freezegun import freeze_time

import config
from app.clock import utcnow
from app.domain.access_codes import CodeResult
from app.ports import partition
from app.usecases.access_codes import CODES, TRIES_KEY, use_code
from tests.conftest import FakeHosts, settings_for
from tests.support import ADMIN, GUEST, HOST, MEMBER, OFFICE_TOML, Office, command_form, stored

MONDAY_NOON = "2026-11-23T17:00:00Z"
SIDE = '[doors.side]\nnumber = "+12125550101"\nrelease = "5"\nforward_to = ["+12125550124"]\nchannel = "C0SIDEDOOR"\n'
SHOWN = re.compile(r": (\d{3}) (\d{3})\. ")


@pytest.fixture(autouse=True)
def at_noon() -> object:
    with freeze_time(MONDAY_NOON, tick=True) as clock:
        yield clock


def digits_in(answer: str) -> list[str]:
    return ["".join(found) for found in SHOWN.findall(answer)]


def key(office: Office, digits: str, door_id: str = "front") -> CodeResult:
    """A visitor keys a code at a door of this office."""
    services, now = office.services, utcnow()
    door = services.office.doors[door_id]
    snapshot = services.store.read(partition(door_id), CODES, TRIES_KEY)
    keyed = use_code(snapshot, door, services.access_codes.hashes(door, digits, snapshot, now), "CA1", now)
    assert services.store.commit(snapshot, keyed.writes, [keyed.event])
    return keyed.attempt.result


def test_a_host_issues_a_code_the_courier_keys_it_and_the_admin_reads_who_came(office: Office) -> None:
    answer = office.say("code issue FedEx until tue")
    assert re.fullmatch(
        r"Code FedEx for the front door: \d{3} \d{3}\. Good until tomorrow 17:00, in working hours\. "
        r"I show it only this once\.",
        answer,
    )
    (digits,) = digits_in(answer)
    assert key(office, digits) is CodeResult.RIGHT
    used, issued = office.told_of_log()
    assert used.endswith(f"Front door: released by the code FedEx of <@{HOST}>")
    assert issued.endswith(f"Front door: code FedEx issued by <@{HOST}>, until tomorrow 17:00")


def test_codes_are_listed_and_revoked(office: Office) -> None:
    assert office.say("code") == "Codes for the front door:\nThere are none. Try `code issue FedEx until friday`."
    office.say("code issue FedEx until tue")
    (digits,) = digits_in(office.say("code front issue UPS driver for 2 uses at any hour", ADMIN))
    key(office, digits)
    assert office.say("code front").splitlines() == [
        "Codes for the front door:",
        f"• FedEx, by <@{HOST}>: until tomorrow 17:00, in working hours, not used yet",
        f"• UPS driver, by <@{ADMIN}>: until 17:00, at any hour, 1 use left, last used 12:00",
    ]
    revoked = "The code UPS driver for the front door is revoked: it releases nothing any more."
    assert office.say("code revoke ups DRIVER") == revoked
    assert key(office, digits) is CodeResult.WRONG
    assert "UPS" not in office.say("code")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("code issue", "What is the code called? Try `code issue FedEx until friday`"),
        ("code list", "Try `/frontdoor code issue FedEx until friday`"),
        ("code issue FedEx until then", "“then” is not a day or a time. Try `until friday`"),
        ("code issue FedEx until 9:00", "already passed"),
        ("code issue FedEx until fri at any hour", "Only admins can issue codes for any hour."),
        ("code issue &lt;!channel&gt;", "“&lt;!channel&gt;” can't be a code's name"),
        ("code revoke UPS", "There is no code UPS for the front door."),
        ("code revoke", "Which code? Try `code revoke FedEx`"),
    ],
)
def test_what_can_not_be_done_is_said_with_an_example(office: Office, text: str, said: str) -> None:
    assert said in office.say(text)
    assert office.say("code").endswith("There are none. Try `code issue FedEx until friday`.")


@pytest.mark.parametrize("user", [GUEST, MEMBER])
@pytest.mark.parametrize(
    ("text", "action"), [("code", "codes"), ("code issue A", "issue_code"), ("code revoke FedEx", "revoke_code")]
)
def test_only_hosts_have_to_do_with_codes(office: Office, user: str, text: str, action: str) -> None:
    office.say("code issue FedEx")
    answer = office.say(text, user)
    assert answer.startswith("Only ")
    assert "FedEx" not in answer
    refusals = [event for event in (*office.log(), *office.log("")) if event.outcome == "refused"]
    assert [(event.actor, event.action) for event in refusals] == [(user, action)]


def test_the_code_is_shown_to_the_asker_once_and_to_nobody_else(
    office: Office, hosts: FakeHosts, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    form = command_form("code issue FedEx for 3 uses", trigger_id="1.2.once")
    first = office.slack_form(form).get_json()
    (digits,) = digits_in(first["text"])
    assert first["response_type"] == "ephemeral"
    again = [office.slack_form(form).get_json()["text"] for _ in range(2)]
    assert again[0].startswith("The code FedEx for the front door was shown when it was issued, and only once.")
    assert again[0] == again[1]
    key(office, digits)
    office.sweep()
    elsewhere = [str(stored(office.services.store)), caplog.text, str(hosts.told), office.say("log", ADMIN)]
    elsewhere += [office.say("code"), office.say("status"), *again]
    for form_of_it in (digits, f"{digits[:3]} {digits[3:]}"):
        assert not re.search(rf"(?<![0-9a-f]){form_of_it}(?![0-9a-f])", "\n".join(elsewhere))
    assert office.outcomes() == ["issue_code done", "use_code released"]


def test_guessing_is_told_to_the_channel_once_and_shown_in_the_list(office: Office, hosts: FakeHosts) -> None:
    (digits,) = digits_in(office.say("code issue FedEx"))
    results = [key(office, f"{(int(digits) + by) % 1_000_000:06}") for by in range(1, 30)]
    assert results.count(CodeResult.WRONG) == 5
    assert key(office, digits) is CodeResult.LOCKED_OUT
    for _ in range(3):
        office.sweep()
    assert [channel for channel, _ in hosts.told] == ["C0FRONTDOOR"]
    assert hosts.told[0][1].startswith(
        "Codes at the front door are locked out until 13:00, after too many wrong tries."
    )
    assert office.say("code").splitlines()[1] == "Locked out until 13:00, after too many wrong tries."
    lines = office.say("log", ADMIN)
    assert "a code was keyed during a lockout, and not looked at" in lines


class TestSeveralDoors:
    @pytest.fixture
    def settings(self, tmp_path: Path) -> config.Settings:
        return settings_for(tmp_path, OFFICE_TOML + SIDE)

    def test_all_issues_one_for_each_door(self, office: Office) -> None:
        form = command_form("code all issue FedEx", trigger_id="1.2.once")
        front, side = digits_in(office.slack_form(form).get_json()["text"])
        assert (key(office, front, "front"), key(office, side, "side")) == (CodeResult.RIGHT, CodeResult.RIGHT)
        assert key(office, front, "side") is CodeResult.WRONG
        again = office.slack_form(form).get_json()["text"].splitlines()
        assert [line.partition(" was shown")[0] for line in again] == [
            "The code FedEx for the front door",
            "The code FedEx for Side",
        ]
        assert [len(listed.splitlines()) for listed in office.say("code").split("Codes for")] == [0, 2, 2]
        assert len(office.say("code all revoke FedEx").splitlines()) == 2

    def test_a_door_must_be_named(self, office: Office) -> None:
        expected = "Which door? Say one of: `front`, `side`."
        assert (office.say("code issue FedEx"), office.say("code revoke FedEx")) == (expected, expected)
        assert office.say("code side").splitlines()[0] == "Codes for Side:"

    def test_a_refusal_for_all_doors_is_in_the_offices_log(self, office: Office) -> None:
        office.say("code all issue FedEx", GUEST)
        office.say("code side issue FedEx", GUEST)
        assert (office.outcomes(""), office.outcomes("side")) == (["issue_code refused"], ["issue_code refused"])
