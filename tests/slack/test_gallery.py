"""What people see in Slack can be drawn: every page of the gallery, with nothing that the renderer does not know."""

import re
from html import unescape
from html.parser import HTMLParser
from typing import Any

import pytest

from app.demo import render
from tests.slack import block_kit, gallery


@pytest.fixture(scope="module")
def drawn(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    folder = tmp_path_factory.mktemp("pages")
    pages = {path.stem: path.read_text(encoding="utf-8") for path in gallery.write(folder)}
    assert block_kit.found == []
    assert [name for name, page in pages.items() if "bk-unknown" in page] == []
    return pages


def words(page: str) -> str:
    """What can be read on a page."""
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page.partition("<body")[2]))


def test_there_is_a_page_for_each_person_each_number_of_doors_and_each_shade(drawn: dict[str, str]) -> None:
    homes = {f"home-{number}-{who}-{shade}" for number in (1, 3, 40) for who in gallery.PEOPLE for shade in SHADES}
    assert homes <= drawn.keys()
    assert {f"{page}-{shade}" for page in ("home-lockdown", "dialogs", "messages") for shade in SHADES} <= drawn.keys()


SHADES = ("light", "dark")
SEEN = {
    "home-1-admin-light": ["Lock", "Unlock for 2 h", "Mon–Fri 11:00–14:00 (lunch)", "@Hal", "Lockdown …"],
    "home-3-host-dark": ["Side door 2 is in lockdown", "Access codes", "Revoke"],
    "home-40-admin-light": ["Here are 10 of 40 doors"],
    "home-3-member-light": ["🔓", "Hosts can unlock them"],
    "home-1-guest-light": ["Only full members of this workspace"],
    "home-lockdown-light": ["Lift everywhere", "🚨"],
    "dialogs-light": ["Declare a lockdown", "Good until", "I show it only this once", "The log"],
    "messages-dark": ["What you can type", "Which door?"],
}


@pytest.mark.parametrize("page", SEEN)
def test_what_is_there_can_be_read(drawn: dict[str, str], page: str) -> None:
    assert [each for each in SEEN[page] if each not in words(drawn[page])] == []


@pytest.mark.parametrize(
    "block",
    [
        {"type": "carousel"},
        {"type": "actions", "elements": [{"type": "video"}]},
        {"type": "input", "label": {"type": "plain_text", "text": "x"}, "element": {"type": "file_input"}},
        {"type": "context", "elements": [{"type": "image"}]},
    ],
)
def test_what_the_renderer_does_not_know_it_says(block: dict[str, object]) -> None:
    assert "The playground can't show" in unescape(render.block(block))


def test_what_is_not_as_slack_describes_it_is_said_too() -> None:
    incomplete = {"type": "section", "text": {"type": "mrkdwn"}}
    assert "can't read a block of type “section”" in unescape(render.block(incomplete))
    assert "can't read a block of type “?”" in unescape(render.block({}))


def test_markup_and_escapes_are_drawn() -> None:
    assert "<b>Front</b> &amp; <code>lock</code>" in render.message({"text": "*Front* &amp; `lock`"})


HOSTILE = '<img src=x onerror=alert(1)>"\'><script>x</script> <https://a.b/"onclick=x|y> <javascript:alert(1)|z>'
KINDS = {
    "button": {"value": HOSTILE, "accessibility_label": HOSTILE, "style": HOSTILE, "url": "javascript:alert(1)"},
    "overflow": {},
    "static_select": {"placeholder": HOSTILE},
    "users_select": {"placeholder": HOSTILE, "initial_user": HOSTILE},
    "radio_buttons": {},
    "checkboxes": {},
    "datepicker": {"initial_date": HOSTILE},
    "timepicker": {"initial_time": HOSTILE},
    "plain_text_input": {"initial_value": HOSTILE, "multiline": True},
    HOSTILE: {},
}


def objects(value: Any) -> Any:
    """Texts as the text objects that Block Kit wants."""
    return {"type": "plain_text", "text": value} if isinstance(value, str) else value


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("text_type", ["mrkdwn", "plain_text"])
def test_nothing_that_somebody_typed_is_html(kind: str, text_type: str) -> None:
    text = {"type": text_type, "text": HOSTILE}
    option = {"text": text, "value": HOSTILE, "description": text}
    confirm = {"title": text, "text": text, "confirm": text, "deny": text, "style": HOSTILE}
    more = {name: objects(value) if name == "placeholder" else value for name, value in KINDS[kind].items()}
    element = {"type": kind, "action_id": HOSTILE, "text": text, "confirm": confirm, "options": [option], **more}
    blocks = [
        {"type": "section", "block_id": HOSTILE, "text": text, "fields": [text], "accessory": element},
        {"type": "actions", "block_id": HOSTILE, "elements": [element]},
        {"type": "input", "block_id": HOSTILE, "label": text, "hint": text, "element": element},
        *({"type": each, "text": text, "elements": [text]} for each in ("context", "header", HOSTILE)),
    ]
    drawn = Tags()
    drawn.feed(render.message({"blocks": blocks}) + render.message({"text": HOSTILE}))

    assert not {"img", "script"} & drawn.tags
    assert not [name for name in drawn.attributes if name.startswith("on")]
    assert not [link for link in drawn.links if not link.startswith(("https://a.b", "#"))]


class Tags(HTMLParser):
    """What a browser makes of a text."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.attributes: set[str] = set()
        self.links: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.attributes |= {name for name, _ in attrs}
        self.links += [value or "" for name, value in attrs if name in ("href", "src")]
