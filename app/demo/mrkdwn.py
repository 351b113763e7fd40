"""Slack's mrkdwn as HTML. What is not known markup is text, and text is escaped: nothing that anybody typed is HTML.

docs.slack.dev/messaging/formatting-message-text.
"""

import re
from collections.abc import Callable
from html import escape, unescape

NAMES: dict[str, str] = {"U0ADMIN01": "Ada", "U0HOST001": "Hal", "U0MEMBER1": "Mia", "U0GUEST01": "Guy"}
"""What people are called, by their ids."""
EMOJI = {
    "lock": "🔒",
    "unlock": "🔓",
    "rotating_light": "🚨",
    "bell": "🔔",
    "white_check_mark": "✅",
    "no_entry": "⛔",
    "telephone_receiver": "📞",
    "warning": "⚠️",
    "dash": "💨",
    "bar_chart": "📊",
    "bulb": "💡",
    "calendar": "📅",
    "ear": "👂",
    "loud_sound": "🔊",
}
TOKEN = re.compile(r"```\n?(?P<pre>.+?)```|`(?P<code>[^`\n]+)`|<(?P<tag>[^<>\n]+)>", re.DOTALL)
STYLES = (
    (re.compile(r"(?<![\w*])\*(?=\S)([^*\n]+?)(?<=\S)\*(?![\w*])"), r"<b>\1</b>"),
    (re.compile(r"(?<![\w_])_(?=\S)([^_\n]+?)(?<=\S)_(?![\w_])"), r"<i>\1</i>"),
    (re.compile(r"(?<![\w~])~(?=\S)([^~\n]+?)(?<=\S)~(?![\w~])"), r"<s>\1</s>"),
)
SHORT = re.compile(r":([a-z0-9_+-]{2,}):")
LINK = re.compile(r"(https?://|mailto:)[^\s\"'<>]+")
KEPT = re.compile("\0(\\d+)\0")


def html(text: str) -> str:
    """A mrkdwn text. Its own escapes (&amp; &lt; &gt;) stand for their characters."""
    kept: list[str] = []  # what is HTML already, and must not be looked at again

    def keep(found: re.Match[str]) -> str:
        kept.append(_token(found))
        return f"\0{len(kept) - 1}\0"

    return _quotes(_styled(text.replace("\0", ""), keep), kept)


def plain(text: str) -> str:
    """A plain_text: no markup, but emoji."""
    return _emoji(escape(text))


def _styled(text: str, keep: Callable[[re.Match[str]], str]) -> str:
    shown = escape(unescape_three(TOKEN.sub(keep, text)), quote=True)
    for pattern, made in STYLES:
        shown = pattern.sub(made, shown)
    return _emoji(shown)


def _quotes(shown: str, kept: list[str]) -> str:
    """Lines that begin with > stand in a quotation."""
    lines = [
        f'<span class="bk-quote">{line[4:].lstrip()}</span>' if line.startswith("&gt;") else line
        for line in shown.split("\n")
    ]
    return KEPT.sub(lambda found: kept[int(found[1])], "\n".join(lines))


def _token(found: re.Match[str]) -> str:
    if found["pre"] is not None:
        return f"<pre>{_literal(found['pre'])}</pre>"
    if found["code"] is not None:
        return f"<code>{_literal(found['code'])}</code>"
    target, _, label = found["tag"].partition("|")
    return _mention(target, label) or _link(target, label) or escape(found[0])


def _mention(target: str, label: str) -> str:
    """A person, a group, a channel, or everybody; "" for anything else."""
    if who := re.fullmatch(r"@([UW]\w+)", target, re.ASCII):
        name = f"@{NAMES.get(who[1]) or label or who[1]}"
    elif group := re.fullmatch(r"!subteam\^(\w+)", target, re.ASCII):
        name = label or f"@{group[1]}"
    elif channel := re.fullmatch(r"#(C\w+)", target, re.ASCII):
        name = f"#{label or channel[1]}"
    elif target in ("!here", "!channel", "!everyone"):
        name = f"@{target[1:]}"
    else:
        return ""
    return f'<span class="mention">{escape(name)}</span>'


def _link(target: str, label: str) -> str:
    """A link, which opens in a window of its own; "" for what is no address of the web."""
    address = unescape_three(target)
    if not LINK.fullmatch(address):
        return ""
    shown = unescape_three(label) or address
    return f'<a href="{escape(address)}" target="_blank" rel="noopener noreferrer">{escape(shown)}</a>'


def _literal(text: str) -> str:
    """What stands in code: mentions are names there too, everything else as it is."""
    named = re.sub(r"<@([UW]\w+)>", lambda found: f"@{NAMES.get(found[1], found[1])}", text)
    return escape(unescape_three(named))


def unescape_three(text: str) -> str:
    """Slack's three escapes as characters, and no others."""
    return re.sub(r"&(amp|lt|gt);", lambda found: unescape(found[0]), text)


def _emoji(text: str) -> str:
    """Those that we send; others stay as they are written, as Slack shows what it does not know."""
    return SHORT.sub(lambda found: EMOJI.get(found[1], found[0]), text)
