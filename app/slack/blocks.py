"""Answers and messages as Slack shows them (Block Kit). Pure: values in, JSON values out."""

import json
import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from app.domain import log_sentences, sentences
from app.domain.audit import LogEntry
from app.domain.doors import Door
from app.domain.notices import Button
from app.domain.outcomes import DoorCodesListed, DoorStatus
from app.domain.phrases import the

MOST_SECTIONS = 20
LONGEST_TEXT = 2900  # a section holds 3,000 characters (docs.slack.dev/reference/block-kit/blocks/section-block)

HELP = """*What you can type*
`/frontdoor` shows each door's state
`/frontdoor unlock` releases every ring for a while; also `unlock for 2h`, `unlock until 14:00`, `unlock until 2pm`
`/frontdoor unlock once` releases the next ring, `unlock next 3` the next three rings
`/frontdoor unlock once expecting DoorDash for @ana` also tells Ana when it is here
`/frontdoor lock` ends all that at once
`/frontdoor tone` finds a tone that opens the door every time; `tone reset` forgets it
`/frontdoor lockdown fire drill` lets nothing release a door until `/frontdoor lift`, or `lockdown until 18:00` (admins)
`/frontdoor code issue FedEx until friday` makes an access code; also `for 2h`, `for 3 uses`, `once`, `at any hour`
`/frontdoor code` lists the codes, `/frontdoor code revoke FedEx` ends one; `code all …` is for every door
`/frontdoor status` says what is in force
`/frontdoor log` shows who came and who let them in (admins)
`/frontdoor help` shows this"""
MENTION = re.compile(r"&lt;@([UW][A-Z0-9]+)&gt;", re.ASCII)
MANY_DOORS = "\nWith several doors, name one: `/frontdoor unlock {door} for 2h`. Doors: {doors}."


def private(text: str, blocks: list[dict[str, Any]] | None = None) -> dict[str, Any]:
    """An answer that only the asker sees."""
    answer: dict[str, Any] = {"response_type": "ephemeral", "text": text}
    return {**answer, "blocks": blocks} if blocks else answer


def help_text(doors: Mapping[str, Door]) -> str:
    if len(doors) == 1:
        return HELP
    return HELP + MANY_DOORS.format(door=next(iter(doors)), doors=", ".join(f"`{door}`" for door in doors))


def outcome(value: object, now: datetime) -> str:
    """The answer to a command as JSON: this is what is kept and given again."""
    return json.dumps(private(escaped(sentences.sentence(value, now))))


def statuses(found: list[DoorStatus], now: datetime, *, may_unlock: bool) -> dict[str, Any]:
    """Each door's state, with the buttons that this person may press."""
    text = "\n".join(escaped(sentences.sentence(status, now)) for status in found)
    blocks: list[dict[str, Any]] = []
    for status in found[:MOST_SECTIONS]:
        icon = ":rotating_light:" if status.lockdown else ":unlock:" if status.unlock else ":lock:"
        blocks.append(_section(f"{icon} {escaped(sentences.sentence(status, now))}"))
        if may_unlock and not status.lockdown and (status.unlock or status.is_open):
            blocks.append(_buttons(status))
    return private(text, blocks)


def codes(found: list[DoorCodesListed], now: datetime) -> dict[str, Any]:
    """The live codes of each door."""
    text = "\n".join(escaped(sentences.sentence(listed, now)) for listed in found)
    return private(text[:LONGEST_TEXT])


def log(found: list[LogEntry], doors: Mapping[str, Door], now: datetime) -> dict[str, Any]:
    """The newest entries of the log."""
    lines = [escaped(log_sentences.log_line(entry, doors, now)) for entry in found]
    text = "\n".join(lines) or "Nothing is on record yet."
    return private(text[:LONGEST_TEXT])


def home(answer: dict[str, Any], help_text: str) -> dict[str, Any]:
    """An App Home view: what `/frontdoor` answers, and what else can be typed."""
    shown = answer.get("blocks") or [_section(answer["text"])]
    more = [{"type": "divider"}, _section(help_text)] if help_text else []
    return {"type": "home", "blocks": [*shown, *more]}


def message(text: str, buttons: Sequence[Button]) -> dict[str, Any]:
    """A message to a channel; `text` is what a notification and a screen reader read."""
    shown = escaped(text)
    if not buttons:
        return {"text": shown}
    return {
        "text": shown,
        "blocks": [_section(shown), {"type": "actions", "elements": [_button(each) for each in buttons]}],
    }


def _button(button: Button) -> dict[str, Any]:
    style = {"style": button.style} if button.style else {}
    label = {"type": "plain_text", "text": button.label}
    return {"type": "button", "action_id": button.action, "value": button.value, "text": label, **style}


def _buttons(status: DoorStatus) -> dict[str, Any]:
    door = status.door
    action, label = ("lock", "Lock") if status.unlock else ("unlock", "Unlock")
    button = {
        "type": "button",
        "action_id": action,
        "value": door.id,
        "text": {"type": "plain_text", "text": label},
        "accessibility_label": f"{label} {the(door)}"[:75],
    }
    return {"type": "actions", "block_id": f"door:{door.id}", "elements": [button]}


def _section(text: str) -> dict[str, Any]:
    return {"type": "section", "text": {"type": "mrkdwn", "text": text[:LONGEST_TEXT]}}


def escaped(text: str) -> str:
    """Text in which only mentions of people are markup (docs.slack.dev/messaging/formatting-message-text)."""
    plain = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return MENTION.sub(r"<@\1>", plain)
