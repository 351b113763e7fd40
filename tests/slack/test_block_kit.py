"""The judge of what we send knows right from wrong: each of Slack's limits from both sides."""

from typing import Any

import pytest

from tests.slack import block_kit

BUTTON = {"type": "button", "action_id": "lock", "value": "front", "text": {"type": "plain_text", "text": "Lock"}}


def section(text: str = "Locked.", **more: Any) -> dict[str, Any]:
    return {"type": "section", "text": {"type": "mrkdwn", "text": text}, **more}


def actions(*elements: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"type": "actions", "elements": list(elements), **more}


def option(value: str, text: str = "Front") -> dict[str, Any]:
    return {"text": {"type": "plain_text", "text": text}, "value": value}


def select(*options: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"type": "static_select", "action_id": "door", "options": list(options), **more}


def entry(element: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"type": "input", "block_id": "door", "label": {"type": "plain_text", "text": "Door"}, "element": element}


def home(*blocks: dict[str, Any]) -> list[str]:
    return list(block_kit.home({"type": "home", "blocks": list(blocks)}))


def modal(*blocks: dict[str, Any], **more: Any) -> list[str]:
    title, submit = ({"type": "plain_text", "text": text} for text in ("Lockdown", "Lock down"))
    view = {"type": "modal", "title": title, "submit": submit, "blocks": list(blocks), **more}
    return list(block_kit.modal({name: value for name, value in view.items() if value is not None}))


GOOD = [
    [section()],
    [section("x" * 3000)],
    [section("<@U0HOST001> &amp; <!subteam^S0RECEPTION> <https://door.example.com/log|log>")],
    [section(accessory=BUTTON)],
    [actions(BUTTON, {**BUTTON, "action_id": "unlock", "text": {"type": "plain_text", "text": "Unlock"}})],
    [section()] * 100,
    [actions(select(*(option(str(number)) for number in range(100))))],
    [actions(select(option("a"), initial_option=option("a")))],
]
BAD = [
    [],
    [section("x" * 3001)],
    [section("")],
    [section("a < b")],
    [section("<!channel>")],
    [section("this & that")],
    [section()] * 101,
    [{"type": "section"}],
    [{"type": "carousel"}],
    [{"type": "divider", "color": "red"}],
    [section(block_id="a"), section(block_id="a")],
    [section(block_id="x" * 256)],
    [actions()],
    [actions(BUTTON, BUTTON)],
    [actions(BUTTON), actions(BUTTON)],  # they sound the same
    [actions({**BUTTON, "text": {"type": "plain_text", "text": "x" * 76}})],
    [actions({**BUTTON, "text": {"type": "mrkdwn", "text": "Lock"}})],
    [actions({**BUTTON, "text": {"type": "plain_text", "text": "*Lock*"}})],
    [actions({**BUTTON, "value": "x" * 2001})],
    [actions({**BUTTON, "style": "green"})],
    [actions({**BUTTON, "accessibility_label": "x" * 76})],
    [actions({**BUTTON, "confirm": {"title": {"type": "plain_text", "text": "Sure?"}}})],
    [actions(select())],
    [actions(select(*(option(str(number)) for number in range(101))))],
    [actions(select(option("a"), option("a")))],
    [actions(select(option("a", "x" * 76)))],
    [actions(select(option("x" * 151)))],
    [actions(select(option("a"), initial_option=option("b")))],
    [actions({"type": "static_select", "action_id": "door"})],
    [actions({"type": "plain_text_input", "action_id": "why"})],
    [{"type": "header", "text": {"type": "mrkdwn", "text": "Front door"}}],
    [{"type": "header", "text": {"type": "plain_text", "text": "x" * 151}}],
    [{"type": "context", "elements": [{"type": "mrkdwn", "text": "x"}] * 11}],
]


@pytest.mark.parametrize("blocks", GOOD)
def test_what_slack_takes_is_right(blocks: list[dict[str, Any]]) -> None:
    assert home(*blocks) == modal(*blocks) == []


@pytest.mark.parametrize("blocks", BAD)
def test_what_slack_refuses_is_wrong(blocks: list[dict[str, Any]]) -> None:
    assert home(*blocks)
    assert modal(*blocks)


def test_an_input_needs_a_modal_that_can_be_submitted() -> None:
    field = entry({"type": "plain_text_input", "action_id": "why"})
    assert modal(field) == []
    assert modal(field, submit=None) == ["modal: it has inputs and cannot be submitted"]
    assert list(block_kit.message({"text": "Why?", "blocks": [field]}))


def test_the_title_of_a_modal_has_24_letters_at_most() -> None:
    assert modal(section(), title={"type": "plain_text", "text": "x" * 24}) == []
    assert modal(section(), title={"type": "plain_text", "text": "x" * 25})


@pytest.mark.parametrize("text", [None, "", ":lock:  "[6:], "\u2581\u2583\u2587 by hour", "<!here>", "x" * 4001])
def test_a_message_has_a_text_that_can_be_read_aloud(text: str | None) -> None:
    assert list(block_kit.message({"text": text}))


def test_a_message_has_50_blocks_at_most() -> None:
    assert list(block_kit.message({"text": "Locked.", "blocks": [section()] * 50})) == []
    assert list(block_kit.message({"text": "Locked.", "blocks": [section()] * 51}))


ANSWERS = [
    ({}, True),
    ({"response_action": "clear"}, True),
    ({"response_action": "errors", "errors": {"days": "Choose a day."}}, True),
    ({"response_action": "errors", "errors": {"days": ""}}, False),
    ({"response_action": "errors", "errors": {"days": "Try `mon-fri`."}}, False),
    ({"response_action": "close"}, False),
]


@pytest.mark.parametrize(("answer", "is_right"), ANSWERS)
def test_an_answer_to_a_submission_has_one_of_four_forms(answer: dict[str, Any], is_right: bool) -> None:
    assert (list(block_kit.submitted(answer)) == []) is is_right
