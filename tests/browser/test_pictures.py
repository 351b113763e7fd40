"""The README's pictures show what is: the drawing is of today's modules, and the others can be taken again."""

from pathlib import Path

from playwright.sync_api import Browser

from docs.pictures import architecture, screens

PNG = b"\x89PNG\r\n\x1a\n"


def test_the_drawing_is_of_these_modules() -> None:
    assert architecture.FILE.read_text(encoding="utf-8") == architecture.draw(), "run: make pictures"


def test_the_pictures_can_be_taken_of_the_running_product(tmp_path: Path, browser: Browser) -> None:
    taken = screens.take(browser, tmp_path)
    assert sorted(each.name for each in taken) == sorted(each.name for each in architecture.FOLDER.glob("*.png"))
    assert all(each.read_bytes().startswith(PNG) for each in taken)
