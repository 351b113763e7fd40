"""The documents as pages: as much of Markdown as they use, without pictures. Everything that is shown is escaped."""

import re
from collections.abc import Callable, Iterator
from html import escape
from pathlib import Path

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
INLINE = re.compile(
    r"`(?P<code>[^`]+)`|!\[[^]]*\]\([^)]*\)|\[(?P<words>[^]]+)\]\((?P<address>[^) ]+)\)|\*\*(?P<bold>.+?)\*\*"
    r"|(?<!\w)\*(?P<leaning>[^*\s][^*]*)\*(?!\w)"
)
OURS = re.compile(r"(https?://|#|[\w./-]+\.md(#|$))")
ITEM = re.compile(r"(\*|\d+\.) +")
BLOCK = re.compile(r"#+ |```|\||<|(\*|\d+\.) ")


def page(name: str) -> str | None:
    """The page of `README.md` or `docs/….md`; None where there is no such document."""
    path = ROOT / name
    if not re.fullmatch(r"(docs/[\w-]+|README)\.md", name, re.ASCII) or not path.is_file():
        return None
    lines = path.read_text(encoding="utf-8").splitlines()
    return PAGE.format(title=inline(lines[0].lstrip("# ")), body="\n".join(_blocks(lines)))


def inline(text: str) -> str:
    """Words with code, stress and links."""
    made, end = "", 0
    for found in INLINE.finditer(text):
        made += escape(text[end : found.start()]) + _marked(found)
        end = found.end()
    return made + escape(text[end:])


def _marked(found: re.Match[str]) -> str:
    if found["code"]:
        return f"<code>{escape(found['code'])}</code>"
    if found["bold"]:
        return f"<strong>{inline(found['bold'])}</strong>"
    if found["leaning"]:
        return f"<em>{inline(found['leaning'])}</em>"
    words, address = inline(found["words"] or ""), found["address"] or ""
    return f'<a href="{escape(address)}">{words}</a>' if OURS.match(address) else words


def _blocks(lines: list[str]) -> Iterator[str]:
    at = 0
    while at < len(lines):
        first, begin = lines[at], at
        at += 1
        if first.startswith("```"):
            at = lines.index("```", at)
            yield f'<pre tabindex="0"><code>{escape(chr(10).join(lines[begin + 1 : at]))}</code></pre>'
            at += 1
        elif first.startswith("#"):
            yield _heading(first)
        elif first.startswith("|"):
            at = _while(lines, at, lambda line: line.startswith("|"))
            yield _table(lines[begin:at])
        elif ITEM.match(first):
            at = _while(lines, at, lambda line: bool(ITEM.match(line)) or line.startswith(" "))
            yield _list(lines[begin:at])
        elif first.strip() and not first.startswith("<"):
            at = _while(lines, at, lambda line: bool(line.strip()) and not BLOCK.match(line))
            yield f"<p>{inline(' '.join(lines[begin:at]))}</p>"


def _while(lines: list[str], at: int, goes_on: Callable[[str], bool]) -> int:
    while at < len(lines) and goes_on(lines[at]):
        at += 1
    return at


def _heading(line: str) -> str:
    """With the name by which links go there, as GitHub makes it."""
    marks, _, words = line.partition(" ")
    name = re.sub(r"[^\w\- ]", "", words.lower()).replace(" ", "-")
    return f'<h{len(marks)} id="{name}">{inline(words)}</h{len(marks)}>'


def _list(lines: list[str]) -> str:
    tag = "ul" if lines[0].startswith("*") else "ol"
    items = re.split(r"\n(?=\*|\d+\.)", "\n".join(lines))
    shown = "".join(f"<li>{inline(' '.join(ITEM.sub('', each, count=1).split()))}</li>" for each in items)
    return f"<{tag}>{shown}</{tag}>"


def _table(lines: list[str]) -> str:
    rows = [[cell.strip() for cell in re.split(r"(?<!\\)\|", line.strip().strip("|"))] for line in lines]
    head = "".join(f"<th>{inline(each)}</th>" for each in rows[0])
    body = "".join(f"<tr>{''.join(f'<td>{inline(cell)}</td>' for cell in row)}</tr>" for row in rows[2:])
    return f'<div class="wide" tabindex="0"><table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></div>'
