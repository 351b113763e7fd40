"""The documents as pages, without their pictures. Whatever is no Markdown in them is shown as it is written."""

import re
from html import escape
from pathlib import Path

import mistune

ROOT = Path(__file__).resolve().parents[2]
PAGE = """<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>{title} · DoorBot</title>
<link rel="icon" href="/playground/static/icon.svg" type="image/svg+xml">
<link rel="stylesheet" href="/playground/static/page.css">
<link rel="stylesheet" href="/playground/static/reading.css">
<nav aria-label="Back"><a href="/">The playground</a></nav>
<main class="reading">
{body}
</main>
</html>
"""
OURS = re.compile(r"(https?://|#|[\w./-]+\.md(#|$))")


def page(name: str) -> str | None:
    """The page of `README.md` or `docs/….md`; None where there is no such document."""
    path = ROOT / name
    if not re.fullmatch(r"(docs/[\w-]+|README)\.md", name, re.ASCII) or not path.is_file():
        return None
    text = path.read_text(encoding="utf-8")
    return PAGE.format(title=escape(text.partition("\n")[0].lstrip("# ")), body=body(text))


def body(markdown: str) -> str:
    """Markdown as HTML."""
    made = mistune.create_markdown(renderer=_Reading(), plugins=["table"])(markdown)
    assert isinstance(made, str)
    return made


class _Reading(mistune.HTMLRenderer):
    """What the pages want of their own: names to link to, links to what is there, and keys that scroll."""

    def heading(self, text: str, level: int, **_: object) -> str:
        """With the name by which links go there, as GitHub makes it."""
        words = re.sub(r"<[^>]+>", "", text)
        name = re.sub(r"[^\w\- ]", "", mistune.util.unescape(words).lower()).replace(" ", "-")
        return f'<h{level} id="{escape(name)}">{text}</h{level}>\n'

    def link(self, text: str, url: str, title: str | None = None) -> str:
        return super().link(text, url, title) if OURS.match(url) else text

    def image(self, *_: object, **__: object) -> str:
        return ""

    def inline_html(self, html: str) -> str:
        return "" if html.startswith("<img") else escape(html)

    def block_html(self, html: str) -> str:
        return self.inline_html(html)

    def codespan(self, text: str) -> str:
        return super().codespan(text.replace("\\|", "|"))  # so it has to be written in tables

    def block_code(self, code: str, *_: object, **__: object) -> str:
        return f'<pre tabindex="0"><code>{escape(code)}</code></pre>\n'

    def table(self, text: str) -> str:
        return f'<div class="wide" tabindex="0"><table>{text}</table></div>\n'
