"""A strict judge of what we send to Slack, by its published limits and shapes; it knows only what we use.

docs.slack.dev/reference/block-kit and docs.slack.dev/reference/views. Slack itself takes much that looks wrong in a
client, and refuses with one word what is too long.
"""

import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from typing import Any

Payload = Mapping[str, Any]
Problems = Iterator[str]
Check = Callable[[Any, str], Problems]

LONGEST_MESSAGE = 4000  # what Slack recommends; it cuts at 40,000
MARKUP = re.compile(r"<(@[UW][A-Z0-9]+|!subteam\^S[A-Z0-9]+|https?://[^<>\s|]+(\|[^<>|]+)?)>")
STRAY = re.compile(r"[<>]|&(?!(amp|lt|gt);)")
IN_PLAIN = re.compile(r"<[@#!]|&(amp|lt|gt);|`|\*\S[^*]*\S\*")
PICTURE = re.compile("[\u2580-\u259f]")

found: list[str] = []  # what the running test sent that Slack would not take; conftest looks at it after each test


def judge(problems: Problems) -> None:
    """Keep what is wrong: threads and handlers of errors would swallow an exception."""
    found.extend(problems)


def message(value: Payload) -> Problems:
    """A message, as `chat.postMessage`, a command's answer and a response_url take it."""
    yield from fallback(value.get("text"))
    blocks = value.get("blocks")
    if blocks is not None and not (blocks == [] and "ts" in value):  # an edit takes the blocks away so
        yield from _blocks(blocks, 50, MESSAGE_BLOCKS)


def fallback(value: Any) -> Problems:
    """What a notification shows and a screen reader reads aloud."""
    if not isinstance(value, str) or not re.search(r"\w", value):
        yield f"text: {value!r} says nothing"
    else:
        yield from mrkdwn(LONGEST_MESSAGE)({"type": "mrkdwn", "text": value}, "text")
        if PICTURE.search(value):
            yield "text: nobody can read a picture aloud"


def home(value: Payload) -> Problems:
    """What `views.publish` takes."""
    yield from _shape(value, "home", {"type": one_of("home"), "blocks": anything}, VIEW_EXTRAS)
    yield from _blocks(value.get("blocks"), 100, VIEW_BLOCKS)


def modal(value: Payload) -> Problems:
    """What `views.open` and an answer to a submission take."""
    needed = {"type": one_of("modal"), "title": plain(24), "blocks": anything}
    extras = {"submit": plain(24), "close": plain(24), "notify_on_close": flag, "clear_on_close": flag}
    yield from _shape(value, "modal", needed, {**VIEW_EXTRAS, **extras})
    yield from _blocks(value.get("blocks"), 100, VIEW_BLOCKS)
    inputs = [block for block in value.get("blocks", []) if block.get("type") == "input"]
    if inputs and "submit" not in value:
        yield "modal: it has inputs and cannot be submitted"
    if len([block for block in inputs if block["element"].get("focus_on_load")]) > 1:
        yield "modal: the focus can be on one element only"


def submitted(value: Payload) -> Problems:
    """The answer to a submission: nothing, errors at inputs, or another view."""
    match value.get("response_action"):
        case None if not value:
            return
        case "clear":
            yield from _shape(value, "answer", {"response_action": anything}, {})
        case "update" | "push":
            yield from _shape(value, "answer", {"response_action": anything, "view": anything}, {})
            yield from modal(value["view"])
        case "errors":
            yield from _shape(value, "answer", {"response_action": anything, "errors": anything}, {})
            for block_id, text in value["errors"].items():
                yield from identifier(block_id, "errors")
                yield from _plain_text(text, 300, f"errors.{block_id}")
        case other:
            yield f"answer: {other!r} is no response_action"


def anything(value: Any, where: str) -> Problems:
    return iter(())


def flag(value: Any, where: str) -> Problems:
    if type(value) is not bool:
        yield f"{where}: {value!r} is neither true nor false"


def one_of(*allowed: Any) -> Check:
    def check(value: Any, where: str) -> Problems:
        if value not in allowed:
            yield f"{where}: {value!r} is not one of {allowed}"

    return check


def words(longest: int, pattern: str = r".+") -> Check:
    def check(value: Any, where: str) -> Problems:
        if not isinstance(value, str) or not re.fullmatch(pattern, value, re.DOTALL) or len(value) > longest:
            yield f"{where}: {value!r:.80} is not a text of 1 to {longest} characters like {pattern}"

    return check


identifier = words(255)
DATE, TIME = words(10, r"\d{4}-\d\d-\d\d"), words(5, r"\d\d:\d\d")


def number(least: int, most: int) -> Check:
    def check(value: Any, where: str) -> Problems:
        if type(value) is not int or not least <= value <= most:
            yield f"{where}: {value!r} is not a number from {least} to {most}"

    return check


def plain(longest: int) -> Check:
    """A plain_text object."""

    def check(value: Any, where: str) -> Problems:
        yield from _shape(value, where, {"type": one_of("plain_text"), "text": words(longest)}, {"emoji": flag})
        yield from _plain_text(value.get("text"), longest, where) if isinstance(value, Mapping) else ()

    return check


def mrkdwn(longest: int) -> Check:
    """A text object of either kind. In mrkdwn nothing but mentions and links may be markup."""

    def check(value: Any, where: str) -> Problems:
        if not isinstance(value, Mapping) or value.get("type") != "mrkdwn":
            yield from plain(longest)(value, where)
            return
        yield from _shape(value, where, {"type": anything, "text": words(longest)}, {"verbatim": flag})
        if stray := STRAY.search(MARKUP.sub("", str(value.get("text")))):
            yield f"{where}: {stray[0]!r} is not escaped in {value.get('text')!r:.80}"

    return check


def _plain_text(text: Any, longest: int, where: str) -> Problems:
    yield from words(longest)(text, where)
    if isinstance(text, str) and (markup := IN_PLAIN.search(text)):
        yield f"{where}: {markup[0]!r} would be read as it stands"


def confirm(value: Any, where: str) -> Problems:
    needed = {"title": plain(100), "text": mrkdwn(300), "confirm": plain(30), "deny": plain(30)}
    yield from _shape(value, where, needed, {"style": one_of("primary", "danger")})


def option(value: Any, where: str) -> Problems:
    yield from _shape(value, where, {"text": mrkdwn(75), "value": words(150)}, {"description": mrkdwn(75)})


def options(most: int) -> Check:
    """Options of a menu: each value once."""

    def check(value: Any, where: str) -> Problems:
        yield from _list(value, 1, most, where)
        for each in value:
            yield from option(each, f"{where}.option")
        yield from _twice((each["value"] for each in value), f"{where}: option")

    return check


def groups(value: Any, where: str) -> Problems:
    yield from _list(value, 1, 100, where)
    for each in value:
        yield from _shape(each, where, {"label": plain(75), "options": options(100)}, {})
    yield from _twice((each["value"] for group in value for each in group["options"]), f"{where}: option")


def _list(value: Any, least: int, most: int, where: str) -> Problems:
    if not isinstance(value, list) or not least <= len(value) <= most:
        yield f"{where}: there are {len(value)}, not {least} to {most}"


def _twice(values: Iterator[Any], where: str) -> Problems:
    yield from (f"{where} {value!r} is there {times} times" for value, times in Counter(values).items() if times > 1)


def _shape(value: Any, where: str, needed: Mapping[str, Check], allowed: Mapping[str, Check]) -> Problems:
    """What must be there, what may be there, and nothing else."""
    if not isinstance(value, Mapping):
        yield f"{where}: {value!r:.80} is no object"
        return
    yield from (f"{where}: {name} is missing" for name in needed if name not in value)
    for name, part in value.items():
        check = needed.get(name) or allowed.get(name)
        yield from check(part, f"{where}.{name}") if check else (f"{where}: {name} is not known",)


ID, PLACEHOLDER, FOCUS = {"action_id": identifier}, {"placeholder": plain(150)}, {"focus_on_load": flag}
MENU = {**PLACEHOLDER, **FOCUS, "confirm": confirm}
VIEW_EXTRAS = {"callback_id": identifier, "private_metadata": words(3000), "external_id": identifier}
BUTTON = {
    "value": words(2000),
    "url": words(3000),
    "style": one_of("primary", "danger"),
    "confirm": confirm,
    "accessibility_label": words(75),
}
CHOICES = {"options": options(100), "option_groups": groups, "initial_option": option, **MENU}
INPUT_TEXT = {
    "multiline": flag,
    "min_length": number(0, 3000),
    "max_length": number(1, 3000),
    "initial_value": words(3000),
}
ELEMENTS: Mapping[str, tuple[Mapping[str, Check], Mapping[str, Check]]] = {
    "button": ({**ID, "text": plain(75)}, BUTTON),
    "overflow": ({**ID, "options": options(5)}, {"confirm": confirm}),
    "static_select": (ID, CHOICES),
    "users_select": (ID, {**MENU, "initial_user": words(20, "[UW].+")}),
    "checkboxes": ({**ID, "options": options(10)}, {**FOCUS, "initial_options": options(10), "confirm": confirm}),
    "radio_buttons": ({**ID, "options": options(10)}, {**FOCUS, "initial_option": option, "confirm": confirm}),
    "datepicker": (ID, {**MENU, "initial_date": DATE}),
    "timepicker": (ID, {**MENU, "initial_time": TIME, "timezone": words(64)}),
    "plain_text_input": (ID, {**PLACEHOLDER, **FOCUS, **INPUT_TEXT}),
}
INTERACTIVE = frozenset(ELEMENTS) - {"plain_text_input"}
INPUTS = frozenset(ELEMENTS) - {"button", "overflow"}


def element(kinds: frozenset[str]) -> Check:
    def check(value: Any, where: str) -> Problems:
        kind = value.get("type") if isinstance(value, Mapping) else None
        if kind not in kinds:
            yield f"{where}: {kind!r} does not belong there"
            return
        needed, allowed = ELEMENTS[kind]
        yield from _shape(value, f"{where}.{kind}", {"type": anything, **needed}, allowed)
        if kind == "static_select" and ("options" in value) == ("option_groups" in value):
            yield f"{where}.{kind}: it takes either options or option_groups"
        for first in value.get("initial_options", [value["initial_option"]] if "initial_option" in value else []):
            offered = [*value.get("options", ()), *(o for g in value.get("option_groups", ()) for o in g["options"])]
            if first not in offered:
                yield f"{where}.{kind}: {first!r:.80} is chosen, and not offered"

    return check


def elements(value: Any, where: str) -> Problems:
    yield from _list(value, 1, 25, where)
    for each in value:
        yield from element(INTERACTIVE)(each, where)
    yield from _twice((each.get("action_id") for each in value), f"{where}: action_id")


def texts(most: int, longest: int) -> Check:
    def check(value: Any, where: str) -> Problems:
        yield from _list(value, 1, most, where)
        for each in value:
            yield from mrkdwn(longest)(each, where)

    return check


SECTION = {"text": mrkdwn(3000), "fields": texts(10, 2000), "accessory": element(INTERACTIVE), "expand": flag}
INPUT = {"hint": plain(2000), "optional": flag, "dispatch_action": flag}
MESSAGE_BLOCKS: Mapping[str, tuple[Mapping[str, Check], Mapping[str, Check]]] = {
    "section": ({}, SECTION),
    "actions": ({"elements": elements}, {}),
    "context": ({"elements": texts(10, 3000)}, {}),
    "header": ({"text": plain(150)}, {}),
    "divider": ({}, {}),
}
VIEW_BLOCKS = {**MESSAGE_BLOCKS, "input": ({"label": plain(2000), "element": element(INPUTS)}, INPUT)}


def _blocks(value: Any, most: int, kinds: Mapping[str, tuple[Mapping[str, Check], Mapping[str, Check]]]) -> Problems:
    yield from _list(value, 1, most, "blocks")
    for at, block in enumerate(value):
        kind = block.get("type")
        if kind not in kinds:
            yield f"blocks[{at}]: {kind!r} does not belong there"
            continue
        needed, allowed = kinds[kind]
        extras = {"type": anything, "block_id": identifier, **allowed}
        yield from _shape(block, f"blocks[{at}].{kind}", needed, extras)
        if kind == "section" and not ("text" in block or "fields" in block):
            yield f"blocks[{at}].section: it says nothing"
    yield from _twice((block["block_id"] for block in value if "block_id" in block), "block_id")
    yield from _twice((spoken for _, spoken in _spoken(value)), "two buttons sound the same:")
    yield from (
        f"{seen!r} is {spoken!r} to a voice (WCAG 2.5.3)" for seen, spoken in _spoken(value) if seen not in spoken
    )


def _spoken(blocks: list[Payload]) -> Iterator[tuple[str, str]]:
    """The words on each button, and what a screen reader says of it, in small letters."""
    for block in blocks:
        for each in (*(block.get("elements", ())), *([block["accessory"]] if "accessory" in block else ())):
            if each.get("type") == "button":
                label = each["text"]["text"]
                yield label.rstrip(" …").lower(), each.get("accessibility_label", label).lower()
