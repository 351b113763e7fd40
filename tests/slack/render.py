"""Draws what we send to Slack as HTML, near enough to judge how it reads; it raises where it does not know something.

`python -m tests.slack.gallery FOLDER` writes pages to look at.
"""

import re
from collections.abc import Mapping
from html import escape
from typing import Any

Piece = Mapping[str, Any]

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
}
NAMES = {"U0ADMIN01": "Ada", "U0HOST001": "Hal", "U0MEMBER1": "Mia", "U0GUEST01": "Guy"}
STYLE = """
body { font: 15px/1.46 Lato, "Noto Sans", sans-serif; margin: 0; padding: 16px; color: #1d1c1d; background: #fff; }
body.dark { color: #d1d2d3; background: #1a1d21; }
main { max-width: 620px; } .modal { width: 520px; border: 1px solid #8888; border-radius: 8px; padding: 16px; }
header { font-size: 18px; font-weight: 900; margin: 14px 0 4px; } hr { border: 0; border-top: 1px solid #8884; }
.row { display: flex; gap: 8px; flex-wrap: wrap; margin: 8px 0; } .section { display: flex; gap: 12px; margin: 8px 0; }
.text { white-space: pre-wrap; }
.section > div { flex: 1; white-space: pre-wrap; } .context { font-size: 13px; opacity: .75; margin: 8px 0; }
.button { border: 1px solid #8888; border-radius: 4px; padding: 3px 11px; font-weight: 700; white-space: nowrap;
  height: 24px; }
.primary { background: #007a5a; color: #fff; } .danger { background: #e01e5a; color: #fff; }
.menu { border: 1px solid #8888; border-radius: 4px; padding: 3px 11px; white-space: nowrap; height: 24px; }
.label { font-weight: 700; margin-top: 12px; } .hint { font-size: 13px; opacity: .75; } .input { padding: 6px 11px; }
code { color: #e01e5a; background: #8882; padding: 1px 3px; border-radius: 3px; } .mention { color: #1264a3; }
.dark .mention { color: #1d9bd1; } h1 { font-size: 20px; } .foot { text-align: right; margin-top: 16px; }
"""


def page(title: str, *parts: str, is_dark: bool = False) -> str:
    """A whole page."""
    body = f'<body class="{"dark" if is_dark else ""}"><main>{"".join(parts)}</main></body>'
    return f"<!doctype html><meta charset=utf-8><title>{escape(title)}</title><style>{STYLE}</style>{body}"


def view(value: Piece) -> str:
    """An App Home, or a dialog with its frame."""
    blocks = "".join(block(each) for each in value["blocks"])
    if value["type"] == "home":
        return blocks
    buttons = [value[name]["text"] for name in ("close", "submit") if name in value]
    foot = " ".join(f'<span class="button">{escape(each)}</span>' for each in buttons)
    return f"<div class=modal><h1>{plain(value['title'])}</h1>{blocks}<div class=foot>{foot}</div></div><br>"


def message(value: Piece) -> str:
    """A message; one without blocks is its text."""
    return "".join(block(each) for each in value.get("blocks", [])) or f"<div class=text>{marked(value['text'])}</div>"


def block(value: Piece) -> str:
    match value["type"]:
        case "section":
            beside = element(value["accessory"]) if "accessory" in value else ""
            return f"<div class=section><div>{text(value['text'])}</div>{beside}</div>"
        case "actions":
            return f"<div class=row>{''.join(element(each) for each in value['elements'])}</div>"
        case "context":
            return f"<div class=context>{' '.join(text(each) for each in value['elements'])}</div>"
        case "header":
            return f"<header>{plain(value['text'])}</header>"
        case "divider":
            return "<hr>"
        case "input":
            optional = " (optional)" if value.get("optional") else ""
            hint = f"<div class=hint>{plain(value['hint'])}</div>" if "hint" in value else ""
            return f"<div class=label>{plain(value['label'])}{optional}</div>{element(value['element'])}{hint}"
    raise ValueError(f"the renderer does not know {value['type']}")


def element(value: Piece) -> str:
    match value["type"]:
        case "button":
            return f'<span class="button {value.get("style", "")}">{plain(value["text"])}</span>'
        case "overflow":
            offered = "".join(f"<br>{plain(each['text'])}" for each in value["options"])
            return f'<span class=menu title="{escape(offered)}">⋯</span>'
        case "static_select":
            return f"<span class=menu>{_chosen(value)} ▾</span>"
        case "users_select":
            return f"<span class=menu>{plain(value['placeholder'])} ▾</span>"
        case "radio_buttons" | "checkboxes":
            return "".join(f"<div>{_tick(value, each)} {text(each['text'])}</div>" for each in value["options"])
        case "datepicker" | "timepicker" | "plain_text_input":
            first = next(
                (value[name] for name in ("initial_date", "initial_time", "initial_value") if name in value), ""
            )
            return f"<div class='menu input'>{escape(first) or plain(value['placeholder'])}</div>"
    raise ValueError(f"the renderer does not know {value['type']}")


def text(value: Piece) -> str:
    return plain(value) if value["type"] == "plain_text" else marked(value["text"])


def plain(value: Piece) -> str:
    return _emoji(escape(value["text"]))


def marked(value: str) -> str:
    """mrkdwn as HTML; its own escapes are the same as those of HTML."""
    shown = re.sub(r"<@(\w+)>", lambda found: f"\0@{NAMES.get(found[1], found[1])}\1", value)
    shown = re.sub(r"<!subteam\^(\w+)>", "\0@\\1\1", shown)
    shown = re.sub(r"```(.+?)```", r"<pre>\1</pre>", shown, flags=re.DOTALL)
    shown = re.sub(r"`([^`\n]+)`", r"<code>\1</code>", shown)
    shown = re.sub(r"(?<!\w)\*([^*\n]+)\*(?!\w)", r"<b>\1</b>", shown)
    return _emoji(shown.replace("\0", "<span class=mention>").replace("\1", "</span>"))


def _emoji(value: str) -> str:
    return re.sub(r":([a-z_]{2,}):", lambda found: EMOJI[found[1]], value)


def _chosen(value: Piece) -> str:
    return plain(value["initial_option"]["text"]) if "initial_option" in value else plain(value["placeholder"])


def _tick(value: Piece, option: Piece) -> str:
    is_chosen = option in (*value.get("initial_options", ()), value.get("initial_option"))
    return ("◉" if is_chosen else "○") if value["type"] == "radio_buttons" else ("☑" if is_chosen else "☐")
