"""Answers and messages as Slack shows them (Block Kit). Pure: values in, JSON values out."""

import json
import re
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from itertools import accumulate, takewhile
from typing import Any

from app.domain import door_sentences, log_sentences, report_sentences, sentences
from app.domain.audit import LogEntry
from app.domain.doors import Door
from app.domain.notices import Button
from app.domain.outcomes import DoorCodesListed, DoorStatus, PeopleListed
from app.domain.phrases import listed, the
from app.domain.reports import Report
from app.domain.schedule_outcomes import SchedulesListed

MOST_DOORS = 10  # of which each is shown with its buttons; a message holds 50 blocks
MOST_OPTIONS, LONGEST_OPTION = 100, 75  # of a menu, and of each of its groups; both its name and its value
LONGEST_TEXT = 2900  # a section holds 3,000 characters (docs.slack.dev/reference/block-kit/blocks/section-block)

HELP = """*What you can type*
`/frontdoor` shows each door's state
`/frontdoor unlock` releases every ring for a while; also `unlock for 2h`, `unlock until 14:00`, `unlock until 2pm`
`/frontdoor unlock once` releases the next ring, `unlock next 3` the next three rings
`/frontdoor unlock once expecting DoorDash for @ana` also tells Ana when it is here
`/frontdoor lock` ends all that at once
`/frontdoor tone` finds a tone that opens the door every time; `tone reset` forgets it
`/frontdoor lockdown fire drill` lets nothing release a door until `lift`; also `lockdown until 18:00 …` (admins)
`/frontdoor code issue FedEx until friday` makes an access code; also `for 2h`, `for 3 uses`, `once`, `at any hour`
`/frontdoor code` lists the codes, `/frontdoor code revoke FedEx` ends one; `code all …` is for every door
`/frontdoor people` says who may do what
`/frontdoor grant @ben` makes a host; also `grant @ben admin`, `grant @ben until friday`; `revoke @ben` ends it (admins)
`/frontdoor schedule add mon-fri 11:00-14:00` releases rings by itself; `schedule` lists, `schedule remove 1` ends it
`/frontdoor schedule pause until 7 january`, `schedule resume`
`/frontdoor schedule closed 24 december from noon`, `schedule open saturday 10:00-16:00` change one day's hours
`/frontdoor status` says what is in force
`/frontdoor report` sums up the last seven days: who was let in and how, who waited, and when most rings come
`/frontdoor log` shows who came and who let them in (admins)
`/frontdoor help` shows this"""
LINKED = "<{link}|Open the whole log>: the link is yours alone and works once, for five minutes."
LINKED_BEFORE = "The link to the whole log was shown once. Type `/frontdoor log` for another one."
NO_UNFURLING = {"unfurl_links": False, "unfurl_media": False}
PICTURE = re.compile(r"\n?```.*?```", re.DOTALL)  # shown, and left out of what is read aloud
MENU = "doors"  # the block that has the menu
MENTION = re.compile(r"&lt;@([UW][A-Z0-9]+)&gt;", re.ASCII)
GROUP_MENTION = re.compile(r"&lt;!subteam\^(S[A-Z0-9]+)&gt;", re.ASCII)
MANY_DOORS = "\nWith several doors, name one: `/frontdoor unlock {door} for 2h`. Doors: {doors}."


def private(text: str, blocks: list[dict[str, Any]] | None = None) -> dict[str, Any]:
    """An answer that only the asker sees."""
    answer: dict[str, Any] = {"response_type": "ephemeral", "text": text}
    return {**answer, "blocks": blocks} if blocks else answer


def help_text(doors: Mapping[str, Door]) -> str:
    if len(doors) == 1:
        return HELP
    return HELP + MANY_DOORS.format(door=next(iter(doors)), doors=listed(doors))


def outcome(value: object, now: datetime) -> str:
    """The answer to a command as JSON: this is what is kept and given again."""
    return json.dumps(private(_for_asker(sentences.sentence(value, now))))


def statuses(found: Sequence[DoorStatus], now: datetime, may_unlock: Collection[str]) -> dict[str, Any]:
    """Each door's state, with a button where this person `may_unlock` it (by its id); many doors in a menu."""
    shown, others = found[:MOST_DOORS], found[MOST_DOORS:]
    lines = [escaped(sentences.sentence(status, now)) for status in shown]
    blocks: list[dict[str, Any]] = []
    for status, line in zip(shown, lines, strict=True):
        releases = status.unlock or status.releasing_until
        icon = ":rotating_light:" if status.lockdown else ":unlock:" if releases else ":lock:"
        blocks.append(section(f"{icon} {line}"))
        if status.door.id in may_unlock and not status.lockdown and (status.unlock or status.is_open):
            blocks.append(_buttons(status))
    if others:
        lines.append(door_sentences.others(others))
        blocks += [section(lines[-1]), menu("choose:status", {each.door.id: each.door.name for each in found})]
    return private("\n".join(lines), blocks)


def codes(found: Sequence[DoorCodesListed], now: datetime) -> dict[str, Any]:
    """The live codes of each door; of many doors only those that have any."""
    told = [each for each in found if each.codes or each.lockout_ends] if len(found) > MOST_DOORS else found
    lines = [escaped(sentences.sentence(each, now)) for each in told]
    fitting = list(takewhile(lambda length: length <= LONGEST_TEXT, accumulate(len(line) + 1 for line in lines)))
    shown = lines[: len(fitting)] or [line[:LONGEST_TEXT] for line in lines[:1]]
    return private("\n".join([*shown, *door_sentences.left_out(found, told, len(shown))]))


def people(found: PeopleListed, now: datetime) -> dict[str, Any]:
    """Who may do what; what is too much for one answer is left out line by line."""
    lines, shown = _for_asker(sentences.sentence(found, now)).splitlines(), list[str]()
    while lines and len("\n".join([*shown, lines[0]])) <= LONGEST_TEXT:
        shown.append(lines.pop(0))
    return private("\n".join([*shown, *([f"… and {len(lines)} more."] if lines else [])]))


def schedules(found: Sequence[SchedulesListed], now: datetime) -> dict[str, Any]:
    """What is planned for each door."""
    text = "\n".join(escaped(sentences.sentence(listed, now)) for listed in found)
    return private(text[:LONGEST_TEXT])


def log(found: list[LogEntry], doors: Mapping[str, Door], now: datetime, link: str) -> dict[str, Any]:
    """The newest entries of the log, and a link that signs in, "" where it was shown before."""
    lines = [_for_asker(log_sentences.log_line(entry, doors, now)) for entry in found]
    text = "\n".join(lines) or "Nothing is on record yet."
    more = LINKED.format(link=link) if link else LINKED_BEFORE
    return private(f"{text[: LONGEST_TEXT - len(more)]}\n{more}") | NO_UNFURLING


def reports(found: list[Report], now: datetime, more: str) -> dict[str, Any]:
    """The report of each door, with what it suggests; `more` says what is left out.

    Of several reports only the first lines are read aloud, and their buttons name the doors.
    """
    several = len(found) > 1
    messages = [
        message(sentences.sentence(each, now), report_sentences.buttons(each, names_door=several)) for each in found
    ]
    blocks = [block for each in messages for block in each.get("blocks") or [section(each["text"])]]
    text = "\n".join(each["text"].partition("\n")[0] if several else each["text"] for each in messages)
    return private(f"{text}\n{more}", [*blocks, section(more)]) if more else private(text, blocks)


def with_news(answer: dict[str, Any], news: str) -> dict[str, Any]:
    """The same answer, with something else that this person has to know."""
    if not news:
        return answer
    text = "\n".join(each for each in (answer.get("text", ""), escaped(news)) if each)
    shown = answer.get("blocks")
    return {**answer, "text": text, **({"blocks": [*shown, section(escaped(news))]} if shown else {})}


def message(text: str, buttons: Sequence[Button]) -> dict[str, Any]:
    """A message to a channel; `text` is what a notification and a screen reader read."""
    shown = escaped(text)
    spoken = PICTURE.sub("", shown)
    if not buttons and spoken == shown:
        return {"text": shown}
    actions = [{"type": "actions", "elements": [_button(each) for each in buttons]}] if buttons else []
    return {"text": spoken, "blocks": [section(shown), *actions]}


def menu(action_id: str, options: Mapping[str, str]) -> dict[str, Any]:
    """A menu of doors: what is to be carried out for each (at most LONGEST_OPTION characters), and its name."""
    every = [{"text": _plain(name), "value": value} for value, name in options.items()]
    groups = [every[start : start + MOST_OPTIONS] for start in range(0, len(every), MOST_OPTIONS)]
    offered = {"options": every} if len(groups) == 1 else {"option_groups": [_group(each) for each in groups]}
    select = {"type": "static_select", "action_id": action_id, "placeholder": _plain("Choose a door"), **offered}
    return {"type": "actions", "block_id": MENU, "elements": [select]}


def _group(options: list[dict[str, Any]]) -> dict[str, Any]:
    first, last = (options[at]["text"]["text"][: LONGEST_OPTION // 2 - 1] for at in (0, -1))
    return {"label": _plain(f"{first} – {last}"), "options": options}


def _plain(text: str) -> dict[str, Any]:
    return {"type": "plain_text", "text": text[:LONGEST_OPTION]}


def _button(button: Button) -> dict[str, Any]:
    style = {"style": button.style} if button.style else {}
    label = {"type": "plain_text", "text": button.label}
    return {"type": "button", "action_id": button.action, "value": button.value, "text": label, **style}


def _buttons(status: DoorStatus) -> dict[str, Any]:
    door = status.door
    action, label = ("lock", "Lock") if status.unlock or status.releasing_until else ("unlock", "Unlock")
    button = {
        "type": "button",
        "action_id": action,
        "value": door.id,
        "text": {"type": "plain_text", "text": label},
        "accessibility_label": f"{label} {the(door)}"[:75],
    }
    return {"type": "actions", "block_id": f"door:{door.id}", "elements": [button]}


def section(text: str) -> dict[str, Any]:
    return {"type": "section", "text": {"type": "mrkdwn", "text": text[:LONGEST_TEXT]}}


def _for_asker(text: str) -> str:
    """The same where nobody but the asker reads it, who can be shown a user group without calling its members."""
    return GROUP_MENTION.sub(r"<!subteam^\1>", escaped(text))


def escaped(text: str) -> str:
    """Text in which only mentions of people are markup (docs.slack.dev/messaging/formatting-message-text)."""
    plain = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return MENTION.sub(r"<@\1>", plain)
