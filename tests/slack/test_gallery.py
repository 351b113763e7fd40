"""What people see in Slack can be drawn: every page of the gallery, with nothing that the renderer does not know."""

import re

import pytest

from tests.slack import block_kit, gallery, render


@pytest.fixture(scope="module")
def drawn(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    folder = tmp_path_factory.mktemp("pages")
    pages = {path.stem: path.read_text(encoding="utf-8") for path in gallery.write(folder)}
    assert block_kit.found == []
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


@pytest.mark.parametrize("block", [{"type": "carousel"}, {"type": "actions", "elements": [{"type": "video"}]}])
def test_what_the_renderer_does_not_know_it_says(block: dict[str, object]) -> None:
    with pytest.raises(ValueError, match="does not know"):
        render.block(block)


def test_markup_and_escapes_are_drawn() -> None:
    assert "<b>Front</b> &amp; <code>lock</code>" in render.page("x", render.message({"text": "*Front* &amp; `lock`"}))
