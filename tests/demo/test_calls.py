"""A visitor at the keypad, and people at the telephones, in real time."""

import re

import pytest

from tests.demo.page import ADA, MOBILE, RECEPTION, Page


@pytest.fixture
def locked_down(page: Page) -> Page:
    """The telephones ring at once."""
    page.command("lockdown fire drill", ADA)
    return page


@pytest.fixture
def after_hours(page: Page) -> Page:
    """They do so too, and whoever picks up may let the visitor in."""
    page.ask("clock", preset="saturday")
    return page


def test_a_code_that_is_keyed_releases_the_door_and_a_wrong_one_does_not(page: Page) -> None:
    answer = page.command("code issue Parcel for 1h")
    code = "".join(re.findall(r"\b(\d{3}) (\d{3})\b", answer["text"])[0])
    call = page.ring()
    page.heard(call, "say")
    for key in "000000":  # during what is said, which they end
        page.ask("key", call=call, digits=key)
    page.wait("entry", action="use_code", outcome="denied")
    since = page.mark()
    page.heard(call, "prompt", since)
    page.ask("key", call=call, digits=code)
    page.heard(call, "tone", since)
    assert page.wait("entry", action="use_code", outcome="released")["sentence"]


def test_a_visitor_who_hangs_up_is_gone(page: Page) -> None:
    call = page.ring()
    page.heard(call, "say")
    assert page.try_("ring", intercom="+12125550199")[1]["say"] == "The panel is busy with a call. Hang up first."
    page.ask("hang-up", call=call)
    assert page.wait("call", sid=call, state="ended")["ended_by"] == "visitor"
    assert page.wait("entry", action="end")["sentence"] == "The visitor hung up"
    assert page.try_("hang-up", call=call)[0] == 409
    assert page.try_("key", call=call, digits="1")[0] == 409


def test_whoever_picks_up_hears_the_whisper_and_lets_the_visitor_in_with_9(after_hours: Page) -> None:
    page = after_hours
    call = page.ring()
    page.wait("telephone", call=call, number=MOBILE, state="ringing")
    page.wait("telephone", call=call, number=RECEPTION, state="ringing")
    page.heard(call, "dialling")
    assert page.try_("telephone", call=call, number=MOBILE, act="key", digit="9")[1]["say"] == "Pick it up first."
    page.ask("telephone", call=call, number=MOBILE, act="answer")
    page.wait("telephone", number=RECEPTION, state="quiet")
    assert "Front door" in page.wait("telephone", number=MOBILE, state="whisper")["text"]
    page.wait("telephone", number=MOBILE, state="prompt")
    page.ask("telephone", call=call, number=MOBILE, act="key", digit="9")
    page.heard(call, "tone")
    page.wait("telephone", number=MOBILE, state="quiet")
    assert page.wait("entry", action="admit")["actor"] == MOBILE


def test_with_1_they_talk_until_one_of_them_hangs_up(locked_down: Page) -> None:
    page = locked_down
    call = page.ring()
    page.wait("telephone", call=call, number=RECEPTION, state="ringing")
    page.ask("telephone", call=call, number=RECEPTION, act="answer")
    page.wait("telephone", number=RECEPTION, state="whisper")
    page.ask("telephone", call=call, number=RECEPTION, act="key", digit="1")
    page.wait("telephone", number=RECEPTION, state="talking")
    page.heard(call, "talk")
    assert page.try_("telephone", call=call, number=RECEPTION, act="key", digit="9")[0] == 409
    page.ask("telephone", call=call, number=RECEPTION, act="hang-up")
    assert page.wait("call", sid=call, state="ended")["ended_by"] == "hangup"
    page.wait("telephone", number=RECEPTION, state="quiet")
    page.wait("entry", action="forward", outcome="answered")
    assert not [each for each in page.told if each.get("what") == "tone"]


def test_nobody_wants_the_call_and_the_visitor_is_told_so(locked_down: Page) -> None:
    page = locked_down
    call = page.ring()
    for number in (RECEPTION, MOBILE):
        page.wait("telephone", call=call, number=number, state="ringing")
        page.ask("telephone", call=call, number=number, act="decline")
        page.wait("telephone", number=number, state="quiet")
    page.wait("entry", action="forward", outcome="unanswered")
    assert page.try_("telephone", call=call, number=MOBILE, act="answer")[1]["say"] == "This telephone doesn't ring."
    page.wait("call", sid=call, state="ended")
