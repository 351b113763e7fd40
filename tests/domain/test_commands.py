from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.audit import Action
from app.domain.commands import LONGEST, SECOND_WORDS, WORDS, Command, may_be_for_all, parse, typed
from app.domain.errors import InvalidInput

DOORS = {"front", "side"}


@pytest.mark.parametrize("text", ["", "   ", "\t\n", "\u00a0"])
def test_nothing_typed_asks_for_the_status(text: str) -> None:
    assert parse(text, DOORS) == Command(Action.STATUS)


@pytest.mark.parametrize(
    ("text", "command"),
    [
        ("unlock", Command(Action.UNLOCK)),
        ("UNLOCK Front", Command(Action.UNLOCK, "front")),
        ("unlock for 2h", Command(Action.UNLOCK, "", "for 2h")),
        ("unlock  side   until\t2 pm", Command(Action.UNLOCK, "side", "until 2 pm")),
        ("unlock back for 2h", Command(Action.UNLOCK, "", "back for 2h")),
        ("lock side", Command(Action.LOCK, "side")),
        ("lock\u00a0side", Command(Action.LOCK, "side")),
        ("status front", Command(Action.STATUS, "front")),
        ("log", Command(Action.LOG)),
        ("help me", Command(Action.HELP, "", "me")),
        ("code", Command(Action.CODES)),
        ("code Side", Command(Action.CODES, "side")),
        ("code issue FedEx until friday", Command(Action.ISSUE_CODE, "", "FedEx until friday")),
        ("code all ISSUE UPS  driver", Command(Action.ISSUE_CODE, "all", "UPS driver")),
        ("code ALL", Command(Action.CODES, "all")),
        ("code side revoke UPS driver", Command(Action.REVOKE_CODE, "side", "UPS driver")),
        ("code issue", Command(Action.ISSUE_CODE)),
        ("schedule", Command(Action.SCHEDULE)),
        ("schedule side", Command(Action.SCHEDULE, "side")),
        ("schedule all ADD mon-fri 11:00-14:00", Command(Action.ADD_SCHEDULE, "all", "mon-fri 11:00-14:00")),
        ("schedule remove 1", Command(Action.REMOVE_SCHEDULE, "", "1")),
        ("schedule pause until friday", Command(Action.PAUSE_SCHEDULE, "", "until friday")),
        ("schedule front resume", Command(Action.RESUME_SCHEDULE, "front")),
        ("schedule open sat 10:00-16:00", Command(Action.OPEN_DAY, "", "sat 10:00-16:00")),
        ("schedule closed the 24th", Command(Action.CLOSE_DAY, "", "the 24th")),
        ("schedule close the 24th", Command(Action.CLOSE_DAY, "", "the 24th")),
        ("unlock all", Command(Action.UNLOCK, "", "all")),
        ("Lock down", Command(Action.LOCK_DOWN)),
        ("lock down side fire drill", Command(Action.LOCK_DOWN, "side", "fire drill")),
        ("unlock a &amp; b", Command(Action.UNLOCK, "", "a & b")),
    ],
)
def test_a_command_is_a_verb_perhaps_a_door_and_the_rest(text: str, command: Command) -> None:
    assert parse(text, DOORS) == command


def test_a_door_may_be_called_down() -> None:
    assert parse("lock down", {"down"}) == Command(Action.LOCK, "down")


@pytest.mark.parametrize("text", ["open", "unlok", "front", "ring", "tell", "verify", "forward", "end", "<!channel>"])
def test_an_unknown_verb_is_answered_with_an_example(text: str) -> None:
    with pytest.raises(InvalidInput, match="Try `/frontdoor unlock for 2h` or `/frontdoor help`"):
        parse(text, DOORS)


@pytest.mark.parametrize("text", ["code list", "code back issue FedEx", "code 123456", "code front side"])
def test_an_unknown_word_of_codes_is_answered_with_an_example(text: str) -> None:
    with pytest.raises(InvalidInput, match=r"after `code`\. Try `/frontdoor code issue FedEx until friday`"):
        parse(text, DOORS)


def test_an_unknown_verb_is_repeated_no_longer_than_a_line() -> None:
    with pytest.raises(InvalidInput) as caught:
        parse("x" * 100_000, DOORS)
    assert len(str(caught.value)) < 150


def test_a_very_long_command_is_cut() -> None:
    assert len(parse("unlock " + "x" * 100_000, DOORS).rest) < LONGEST


@given(st.text())
def test_any_text_is_a_command_or_invalid_input(text: str) -> None:
    with suppress(InvalidInput):
        assert parse(text, DOORS).door_id in {"", "all", *DOORS}


@pytest.mark.parametrize(
    ("command", "door", "text"),
    [
        (Command(Action.UNLOCK, "", "for 2h"), "", "/frontdoor unlock for 2h"),
        (Command(Action.UNLOCK, "", "for 2h"), "front", "/frontdoor unlock front for 2h"),
        (Command(Action.LOCK), "side", "/frontdoor lock side"),
        (Command(Action.ISSUE_CODE, "", "FedEx"), "side", "/frontdoor code side issue FedEx"),
        (Command(Action.CLOSE_DAY, "", "24 december"), "", "/frontdoor schedule closed 24 december"),
    ],
)
def test_a_command_is_said_as_it_is_typed(command: Command, door: str, text: str) -> None:
    assert typed(command, door) == text


@pytest.mark.parametrize("action", WORDS)
def test_what_is_said_to_be_typed_is_understood_so(action: Action) -> None:
    rest = "" if action in SECOND_WORDS else "one two"
    text = typed(Command(action, "", rest), "front").removeprefix("/frontdoor ")
    assert parse(text, DOORS) == Command(action, "front", rest)
    assert may_be_for_all(action) == (parse(text.replace("front", "all"), DOORS).door_id == "all")
