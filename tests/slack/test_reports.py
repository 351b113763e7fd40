"""`/frontdoor report`, from rings as Twilio sends them to blocks as Slack shows them."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest
from freezegun import freeze_time

import config
from app import create_app
from app.domain.audit import Action, AuditEvent, LogEntry, Outcome
from app.domain.commands import Command
from app.domain.permissions import Role
from app.domain.reports import last_seven_days, report
from app.domain.suggestions import Suggestion
from app.ports import Membership, Store
from app.slack import blocks
from app.slack.verbs.reports import MOST_DOORS, ReportVerbs
from app.stores.sqlite import SqliteStore
from tests.conftest import FakeHosts, settings_for
from tests.stand_ins import Answer, StandIn
from tests.support import ADMIN, GUEST, HOST, MEMBER, OFFICE_TOML, Office, asked, call_form, local, stored

MONDAY_NOON = "2026-11-23T17:00:00Z"
SIDE = """
[doors.side]
name = "Side door"
number = "+12125550101"
release = "9"
forward_to = ["+12125550124"]
timezone = "Europe/Berlin"
"""


def a_week(office: Office) -> None:
    """A ring that an unlock releases, one that a host lets in, and one that nobody answers; then it is Monday noon."""
    with freeze_time("2026-11-18T17:00:00Z") as clock:
        office.ring("CA1")
        office.wait_until_asked("CA1")
        clock.tick(timedelta(seconds=9))
        office.press("admit", "front CA1")
        office.ring("CA2")
        office.wait_until_asked("CA2")
        clock.tick(timedelta(seconds=9))
        office.voice_post("/voice/status", call_form("CA2", CallStatus="completed"))
        office.say("unlock for 1h")
        office.ring("CA3")


@pytest.fixture
def busy(office: Office) -> Office:
    a_week(office)
    return office


def test_the_answer_has_the_picture_and_its_text_reads_well_without_it(busy: Office) -> None:
    with freeze_time(MONDAY_NOON):
        answer = busy.command("report")
    words = [
        "The front door in the last seven days, since Mon 16 Nov 12:00: 3 rings.",
        "2 released: 1 by a host, 1 by an unlock.",
        "1 missed.",
        "Half of those who were answered by a person waited 9 s or less.",
        "Busiest from 12:00 to 13:00, with 3 rings.",
        "About 1 minute of answering saved: 1 ring released without anybody answering, at 40 s each.",
        "The record begins Wed 18 Nov 12:00.",
    ]
    assert answer["text"].splitlines() == words
    ((kind, text),) = [(block["type"], block["text"]) for block in answer["blocks"]]
    assert (kind, text["type"], answer["response_type"]) == ("section", "mrkdwn", "ephemeral")
    assert text["text"].splitlines() == [*words[:5], "```", "▇▇", "12", "```", *words[5:]]


@pytest.mark.parametrize("user", [HOST, ADMIN])
@pytest.mark.parametrize("text", ["report", "report front", "report all", "REPORT Front"])
def test_hosts_and_admins_may_see_it(busy: Office, user: str, text: str) -> None:
    with freeze_time(MONDAY_NOON):
        assert busy.say(text, user).startswith("The front door in the last seven days")
    assert not any(outcome.startswith("report") for outcome in busy.outcomes() + busy.outcomes(""))


@pytest.mark.parametrize(("user", "begins"), [(MEMBER, "Only hosts can see the report"), (GUEST, "Only full members")])
def test_others_may_not_and_that_is_on_record(busy: Office, hosts: FakeHosts, user: str, begins: str) -> None:
    hosts.members = {MEMBER: Membership.FULL}
    with freeze_time(MONDAY_NOON):
        assert busy.say("report", user).startswith(begins)
    assert busy.outcomes("")[-1] == "report refused"


@pytest.mark.parametrize("text", ["report back", "report weekly"])
def test_an_unknown_door_is_answered_with_those_there_are(busy: Office, text: str) -> None:
    with freeze_time(MONDAY_NOON):
        answer = busy.say(text)
    assert answer == f"There is no door `{text.split()[1]}` here. Say one of: `front`."


def test_the_same_delivery_gets_the_same_answer(busy: Office) -> None:
    with freeze_time(MONDAY_NOON) as clock:
        first = busy.command("report", trigger_id="T1")
        busy.ring("CA9")
        assert busy.command("report", trigger_id="T1") == first
        clock.tick(1)
        assert "4 rings" in busy.say("report", trigger_id="T2")


def test_a_report_reads_and_writes_nothing_but_its_receipt(office: Office, store: Store) -> None:
    with freeze_time(MONDAY_NOON):
        office.say("unlock for 1h")
        office.ring()
        before = stored(store)
        office.command("report", trigger_id="")
        assert stored(store) == before


class TestDoors:
    """An office of several doors."""

    @pytest.fixture
    def settings(self, tmp_path: Path) -> config.Settings:
        return settings_for(tmp_path, OFFICE_TOML + SIDE)

    def test_each_is_a_section_in_its_own_time(self, busy: Office) -> None:
        with freeze_time(MONDAY_NOON):
            answer = busy.command("report")
            assert answer["blocks"] == busy.command("report all")["blocks"]
            assert len(busy.command("report side")["blocks"]) == 1
        front, side = (block["text"]["text"] for block in answer["blocks"])
        assert front.startswith("The front door in the last seven days, since Mon 16 Nov 12:00: 3 rings.")
        assert side == "Nobody rang at the side door in the last seven days, since Mon 16 Nov 18:00."
        assert answer["text"].splitlines() == [front.splitlines()[0], side]

    def test_buttons_name_the_door_and_only_first_lines_are_read_aloud(self, office: Office) -> None:
        week = last_seven_days(local("2026-11-23T12:00"), office.services.office.doors["front"].hours.timezone)
        doors = office.services.office.doors.values()
        rang = [LogEntry(1, AuditEvent(week.starts_at, "", Action.RING, Outcome.RELEASED, "unlock", visit="CA1"))]
        suggestion = Suggestion((0, 1), 660, 840)
        found = [
            replace(
                report(door, rang, week, timedelta(seconds=40)), suggestion=suggestion, door=replace(door, name=name)
            )
            for door, name in zip(doors, ("Front door", "Side door " * 20), strict=True)
        ]
        answer = blocks.reports(found, week.ends_at, "")
        first, second = answer["text"].splitlines()
        assert first == "The front door in the last seven days, since Mon 16 Nov 12:00: 1 ring."
        assert second.endswith(": 1 ring.")
        labels = [each["text"]["text"] for block in answer["blocks"] for each in block.get("elements", [])]
        assert labels[0] == "Add as schedule (Front door)"
        assert labels[1].startswith("Add as schedule (Side door")
        assert len(labels[1]) == 75

    def test_whoever_is_a_host_at_one_door_sees_that_one(self, busy: Office) -> None:
        def seen(**roles: Role) -> tuple[str, list[str]]:
            services, now = busy.services, local("2026-11-23T12:00")
            verbs = ReportVerbs(services.office, services.reports, services.doors)
            request = asked(now, MEMBER, Role.MEMBER, roles=roles, answer=lambda outcome: blocks.outcome(outcome, now))
            answer = verbs.handlers()[Action.REPORT](request, Command(Action.REPORT, "all"))
            return answer["text"].partition(" in the last")[0], busy.outcomes("front")[-1:]

        assert seen(side=Role.HOST)[0] == "Nobody rang at the side door"
        assert seen(side=Role.MEMBER) == ("Only hosts can see the report here. Ask an admin.", ["report refused"])


def many(number: int) -> str:
    doors = (
        SIDE.replace("doors.side", f"doors.side{each}").replace("5550101", f"55501{each:02}")
        for each in range(1, number)
    )
    return OFFICE_TOML + "".join(doors)


def test_of_very_many_doors_the_first_are_shown_and_the_others_can_be_named(
    tmp_path: Path, sqlite_store: SqliteStore, hosts: FakeHosts
) -> None:
    settings = settings_for(tmp_path, many(MOST_DOORS + 3))
    office = Office(create_app(settings, store=sqlite_store, hosts=hosts).test_client())
    answer = office.command("report")
    more = "Not shown: 3 more. Try `/frontdoor report side10`."
    assert (len(answer["blocks"]), answer["blocks"][-1]["text"]["text"]) == (MOST_DOORS + 1, more)
    assert answer["text"].endswith(more)
    assert office.say("report side12").startswith("Nobody rang")


def test_a_suggestion_has_a_button(office: Office) -> None:
    for days in range(28):
        with freeze_time(local(f"{date(2026, 10, 26) + timedelta(days=days)}T12:00")) as clock:
            office.ring()
            clock.tick(timedelta(minutes=9))
            office.ring()
    with freeze_time("2026-11-22T17:00:01Z"):
        answer = office.command("report")
    section, actions = answer["blocks"]
    assert section["text"]["text"].endswith(
        "`/frontdoor schedule front add mon-fri 12:00-12:10` releases them by itself."
    )
    (button,) = actions["elements"]
    assert (button["action_id"], button["value"]) == ("add_schedule", "front mon-fri 12:00-12:10")
    assert button["text"] == {"type": "plain_text", "text": "Add as schedule"}


# In the channel


@pytest.fixture
def slack() -> Iterator[StandIn]:
    with StandIn() as slack:
        slack.answer("/chat.postMessage", Answer({"ok": True, "ts": "1.0"}))
        slack.answer("/chat.update", Answer({"ok": True, "ts": "1.0"}))
        yield slack


def test_the_weekly_report_reaches_the_channel_with_its_picture(tmp_path: Path, store: Store, slack: StandIn) -> None:
    weekly = OFFICE_TOML.replace("release =", 'report = "weekly"\nrelease =')
    office = Office(create_app(settings_for(tmp_path, weekly, SLACK_API_URL=slack.url), store=store).test_client())
    a_week(office)
    with freeze_time("2026-11-23T13:59:59Z") as clock:
        office.sweep()
        before = len(slack.received)
        for _ in range(10):
            clock.tick(timedelta(seconds=2))
            office.sweep()
    told = [each.fields for each in slack.received[before:] if "last week" in each.fields["text"]]
    assert len(told) == 1
    assert told[0]["channel"] == "C0FRONTDOOR"
    assert told[0]["text"].startswith("The front door last week, Mon 16 to Sun 22 Nov: 3 rings.")
    assert "`" not in told[0]["text"]
    assert "```" in str(told[0]["blocks"])


def test_a_message_without_a_picture_is_as_it_was() -> None:
    assert blocks.message("`help` helps", ()) == {"text": "`help` helps"}
