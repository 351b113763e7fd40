"""What happens at the page: people in Slack, a visitor at the panel, and the record."""

import re

import pytest

from tests.demo.page import ADA, CHANNEL, GUY, HAL, INTERCOM, MIA, MOBILE, RECEPTION, Page, pressable


def test_a_page_begins_with_everything_and_a_new_one_sees_what_happened(page: Page) -> None:
    assert page.snapshot["people"][0] == {
        "id": HAL,
        "name": "Hal",
        "role": "host",
        "about": "Runs the office: may unlock, lock and answer rings.",
    }
    assert [each["role"] for each in page.snapshot["people"]] == ["host", "admin", "member", "guest"]
    assert page.snapshot["doors"][0]["intercom"] == INTERCOM
    assert [each["number"] for each in page.snapshot["telephones"]] == [RECEPTION, MOBILE]
    answer = page.command("unlock for 1h")
    assert re.fullmatch(r"The front door is unlocked until \d\d:\d\d. Every ring is released.", answer["text"])
    page.wait("entry", action="unlock")
    page.ask("open-home", user=HAL)
    page.wait("home", user=HAL)
    with Page(page.url) as another:
        assert answer["ts"] in [each["ts"] for each in another.snapshot["messages"]]
        assert [each["action"] for each in another.snapshot["entries"]] == ["unlock"]
        assert "Unlock" in another.snapshot["homes"][HAL]
        assert another.snapshot["clock"]["zone"] == "America/New_York"


def test_an_unlocked_door_is_released_and_the_record_says_so_in_words(page: Page) -> None:
    page.command("unlock for 1h")
    call = page.ring()
    tone = page.heard(call, "tone")
    assert (tone["digits"], tone["at"], tone["seconds"]) == ("ww9ww9", 0, 2.4)
    assert page.heard(call, "say")["text"] == "Welcome. Third floor, on the left."
    assert page.wait("call", sid=call, state="ended")["ended_by"] == "hangup"
    assert [each["state"] for each in page.told if each["type"] == "call"] == ["ringing", "answered", "ended"]
    entry = page.wait("entry", action="ring")
    assert (entry["outcome"], entry["sentence"], entry["visit"]) == ("released", "Released by the unlock of Hal", call)
    assert re.fullmatch(r"(Mon|Tue|Wed|Thu|Fri) \d\d:\d\d", entry["when"])


def test_let_in_is_heard_at_once_because_the_call_is_moved(page: Page) -> None:
    call = page.ring()
    assert page.heard(call, "say")["text"] == "One moment please, I am asking somebody."
    asked = page.wait("message", to=CHANNEL, sender="doorbot")
    assert "Let them in?" in asked["text"]
    since = page.mark()
    page.ask("press", user=HAL, where=f"message:{asked['ts']}", element=pressable(asked["html"], "admit"))
    assert "/voice/held/front" in page.heard(call, "note", since)["text"]
    page.heard(call, "tone", since)
    edited = page.wait("message", ts=asked["ts"], edited=True)
    assert "Hal" in edited["html"]
    assert "data-press" not in edited["html"]
    assert page.wait("entry", action="admit")["sentence"].startswith("Released: Hal let the visitor in")
    status, answer = page.try_(
        "press", user=HAL, where=f"message:{asked['ts']}", element=pressable(asked["html"], "admit")
    )
    assert (status, answer) == (409, {"ok": False, "say": "This is no longer there."})


def test_who_may_not_is_told_so_and_nobody_else_sees_it(page: Page) -> None:
    for user in (MIA, GUY):
        answer = page.command("unlock", user)
        assert (answer["only"], answer["to"]) == (user, CHANNEL)
        assert "unlocked" not in answer["text"]
    assert "until" in page.command("lockdown until 23:59 fire drill", ADA)["text"]


def test_people_write_to_each_other_and_mention_people(page: Page) -> None:
    page.ask("say", user=MIA, to=CHANNEL, text="<script>alert(1)</script> & thanks @Hal in #front-door")
    said = page.wait("message", sender=MIA, only=None)
    assert "<script" not in said["html"]
    assert said["text"] == (
        "&lt;script&gt;alert(1)&lt;/script&gt; &amp; thanks <@U0HOST001|hal> in <#C0FRONTDOOR|front-door>"
    )
    assert "Mia" in page.command("grant @mia", ADA)["html"]
    assert page.wait("entry", action="grant")["sentence"] == "Mia was made host by Ada"
    page.wait("message", to=MIA, sender="doorbot")  # whoever is granted something is told so


def test_a_command_that_is_none_is_refused_by_slack_itself(page: Page) -> None:
    page.ask("say", user=HAL, to=HAL, text="/backdoor unlock")
    said = page.wait("message", sender="slack")
    assert (said["only"], said["to"]) == (HAL, HAL)
    assert "/backdoor is not a valid command" in said["text"]


@pytest.mark.parametrize(
    ("act", "fields", "status", "say"),
    [
        ("say", {"user": HAL, "to": CHANNEL, "text": "  "}, 400, "Type something first."),
        ("say", {"user": HAL, "to": MIA, "text": "hello"}, 400, "Nobody can write there."),
        ("say", {"user": "U0NOBODY1", "to": CHANNEL, "text": "hello"}, 404, "Nobody here is called so."),
        ("say", {"user": HAL, "to": CHANNEL}, 400, "“text” is missing, or is not what it should be."),
        ("press", {"user": HAL, "where": "message:1.2", "element": {}}, 409, "This message is no longer there."),
        ("press", {"user": GUY, "where": "home", "element": {}}, 409, "Open the Home first."),
        ("submit", {"user": HAL, "view": "V1", "values": {}}, 409, "This dialog is no longer open."),
        ("ring", {"intercom": "+12125550142"}, 404, "There is no such intercom."),
        ("key", {"call": "CA1", "digits": "1"}, 409, "This call is over."),
        ("key", {"call": "CA1", "digits": "x"}, 400, "The panel has the keys 0 to 9, * and #."),
        ("hang-up", {"call": "CA1"}, 409, "This call is over."),
        ("clock", {"preset": "yesterday"}, 400, "The clock knows no such time."),
        ("clock", {"by_seconds": -1}, 400, "The clock only moves forward. “Start over” begins anew."),
        ("clock", {"by_seconds": "1"}, 400, "“by_seconds” is missing, or is not what it should be."),
        ("fly", {}, 404, "The playground knows no such thing."),
    ],
)
def test_what_can_not_be_done_is_said_kindly(any_page: Page, act: str, fields: dict, status: int, say: str) -> None:
    assert any_page.try_(act, **fields) == (status, {"ok": False, "say": say})
