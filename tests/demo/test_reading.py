"""The documents as pages: every link in them leads somewhere, and nothing of Markdown is left standing."""

import re
from html.parser import HTMLParser
from urllib.parse import urljoin, urlsplit

import pytest

from app.demo import reading

NAMES = ["README.md", *(f"docs/{each.name}" for each in sorted((reading.ROOT / "docs").glob("*.md")))]


class Found(HTMLParser):
    """What a page has, and whether its elements are closed in order."""

    def __init__(self, name: str) -> None:
        super().__init__()
        self.ids: list[str] = []
        self.links: list[str] = []
        self.words = ""
        self._open: list[str] = []
        page = reading.page(name)
        assert page, name
        self.feed(page)
        assert self._open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        known = dict(attrs)
        self.ids += [known["id"] or ""] if "id" in known else []
        self.links += [known["href"] or ""] if tag == "a" else []
        if tag not in ("meta", "link"):
            self._open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self._open.pop() == tag

    def handle_data(self, data: str) -> None:
        if not {"pre", "code"} & {*self._open}:
            self.words += data


@pytest.mark.parametrize("name", NAMES)
def test_every_document_can_be_read_and_every_link_followed(name: str) -> None:
    found = Found(name)
    assert not re.search(r"\*\*|`|\]\(|^#|^\||<img", found.words, re.MULTILINE), found.words
    assert len(found.ids) == len({*found.ids})
    for link in found.links:
        address = urlsplit(urljoin(f"/{name}", link))
        if not address.scheme and address.path != "/":
            there = Found(address.path.removeprefix("/"))
            assert address.fragment in ("", *there.ids), link


def test_what_is_written_is_text_and_nothing_else() -> None:
    hostile = "<b>&</b> [x](javascript:alert) `<i>` **<u>** a * b"
    shown = "&lt;b&gt;&amp;&lt;/b&gt; x <code>&lt;i&gt;</code> <strong>&lt;u&gt;</strong> a * b"
    assert reading.body(hostile) == f"<p>{shown}</p>\n"


@pytest.mark.parametrize(
    "name", ["docs/nothing.md", "docs/../README.md", "docs/pictures/log.png", "Makefile", "/etc/x.md"]
)
def test_there_is_nothing_else_to_read(name: str) -> None:
    assert reading.page(name) is None
