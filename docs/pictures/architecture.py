"""Draws how DoorBot is put together, from what its modules really import."""

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from html import escape
from pathlib import Path

ROOT = Path(__file__).parents[2]
FOLDER = Path(__file__).parent
FILE = FOLDER / "architecture.svg"
WIDTH, HEIGHT = 960, 660
STYLE = """
:root { --ground: #faf9f6; --surface: #fff; --ink: #1d1f23; --muted: #5a5e66; --line: #8a8d93; --core: #e5f2e9; }
@media (prefers-color-scheme: dark) {
  :root { --ground: #14161a; --surface: #1b1e23; --ink: #e8e6e1; --muted: #a5a9b1; --line: #7d828b; --core: #1b3325; }
}
text { fill: var(--ink); font: 14px system-ui, sans-serif; }
.name { font-weight: 650; }
.small { fill: var(--muted); font-size: 12px; }
rect { fill: var(--surface); stroke: var(--line); }
.ground { fill: var(--ground); stroke: none; }
.outside { fill: none; stroke-dasharray: 4 4; }
.core { fill: var(--core); }
path { fill: none; stroke: var(--line); stroke-width: 1.5; }
marker path { fill: var(--line); stroke: none; }
"""


@dataclass(frozen=True)
class Box:
    """A part, where it is drawn, and what it does; a part of `app` has its size added."""

    name: str
    x: int
    y: int
    width: int
    does: tuple[str, ...]
    look: str = ""
    height: int = 92


OUTSIDE = (
    Box("Slack", 20, 20, 212, ("/frontdoor unlock, buttons",), "outside", 58),
    Box("Twilio", 256, 20, 212, ("the intercom's call",), "outside", 58),
    Box("A browser", 492, 20, 212, ("the admin reads the log",), "outside", 58),
    Box("A terminal", 728, 20, 212, ("the engineer",), "outside", 58),
    Box("SQLite or Redis", 748, 574, 192, ("a file, or a server",), "outside", 58),
)
PARTS = (
    Box("app/slack", 20, 134, 212, ("commands, buttons, dialogs,", "messages, who is who")),
    Box("app/voice", 256, 134, 212, ("a ring comes in,", "TwiML and tones go out")),
    Box("app/web", 492, 134, 212, ("signing in, the log,", "its pictures and exports")),
    Box("app/cli", 728, 134, 212, ("serve, check, doctor,", "ring, log, backup")),
    Box("app/usecases", 20, 284, 920, ("load, decide, commit, tell: unlocks, visits, questions, lockdowns,", "codes, schedules, notices, the sealed log"), "core"),  # noqa: E501
    Box("app/domain", 20, 434, 452, ("decide_ring and all the other rules; every sentence.", "The standard library only, no clock, nothing to wait for"), "core"),  # noqa: E501
    Box("app/ports", 532, 434, 156, ("what the core needs", "from outside"), "core"),
    Box("app/stores", 748, 434, 192, ("compare-and-set, and", "a log without a gap")),
)  # fmt: skip
THE_REST = ("put it together, and tell the background's threads what to do; nothing inside knows them",)
WIRING = Box("config.py, app/services.py, app/__init__.py", 20, 574, 668, THE_REST, "outside", 58)
ARROWS = (  # from a part to one that it imports: down, or to the left
    ("app/slack", "app/usecases"),
    ("app/voice", "app/usecases"),
    ("app/web", "app/usecases"),
    ("app/cli", "app/usecases"),
    ("app/usecases", "app/domain"),
    ("app/usecases", "app/ports"),
    ("app/stores", "app/ports"),
    ("app/ports", "app/domain"),
)
TALKS = (  # over the network, or to a disk
    ("Slack", "app/slack"),
    ("Twilio", "app/voice"),
    ("A browser", "app/web"),
    ("A terminal", "app/cli"),
    ("app/stores", "SQLite or Redis"),
)


def draw() -> str:
    """The drawing as SVG. Raises ValueError where the modules import what the drawing's arrows don't allow."""
    _check()
    boxes = {box.name: box for box in (*OUTSIDE, *PARTS)}
    lines = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" role="img" aria-labelledby="t">',
        '<title id="t">Slack, Twilio, browsers and terminals reach one edge each; the edges use the use cases, '
        "which use the rules and, through ports, a store</title>",
        f"<style>{STYLE}</style>",
        '<defs><marker id="head" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="8" markerHeight="8" '
        'orient="auto-start-reverse"><path d="M0 0 8 4 0 8z"/></marker></defs>',
        f'<rect class="ground" width="{WIDTH}" height="{HEIGHT}"/>',
        *(line for box in (*boxes.values(), WIRING) for line in _box(box)),
        *(_arrow(boxes[start], boxes[end]) for start, end in ARROWS),
        *(_arrow(boxes[start], boxes[end], both=True) for start, end in TALKS),
        f'<text class="small" x="20" y="{HEIGHT - 8}">An arrow between parts means: imports. Who may import a part may '
        "import what that part imports; nothing ever points the other way.</text>",
        "</svg>",
    ]
    return "\n".join(lines) + "\n"


def _box(box: Box) -> Iterator[str]:
    look = f' class="{box.look}"' if box.look else ""
    yield f'<rect{look} x="{box.x}" y="{box.y}" width="{box.width}" height="{box.height}" rx="8"/>'
    yield f'<text class="name" x="{box.x + 14}" y="{box.y + 25}">{escape(box.name)}</text>'
    does = (*box.does, *([_size(box.name)] if box in PARTS else []))
    for number, line in enumerate(does):
        yield f'<text class="small" x="{box.x + 14}" y="{box.y + 44 + 17 * number}">{escape(line)}</text>'


def _arrow(start: Box, end: Box, *, both: bool = False) -> str:
    heads = 'marker-end="url(#head)"' + (' marker-start="url(#head)"' if both else "")
    if start.y == end.y:
        middle = start.y + start.height // 2
        return f'<path d="M{start.x - 4} {middle}H{end.x + end.width + 4}" {heads}/>'
    narrow = min(start, end, key=lambda box: box.width)
    across = narrow.x + narrow.width // 2
    return f'<path d="M{across} {start.y + start.height + 4}V{end.y - 4}" {heads}/>'


def _size(part: str) -> str:
    number = len(_sources(part))
    return f"{number} modules" if number > 1 else "1 module"


def _sources(part: str) -> list[Path]:
    return [*(ROOT / part).rglob("*.py")] or [ROOT / f"{part}.py"]


def _check() -> None:
    """Every import between the parts must follow the arrows."""
    allowed = {box.name: {box.name} for box in PARTS}
    for start, end in reversed(ARROWS):  # from the innermost part outwards
        allowed[start] |= allowed[end]
    for part in allowed:
        wrong = {other for other in _imported(part) & {*allowed} if other not in allowed[part]}
        if wrong:
            raise ValueError(f"{part} imports {', '.join(sorted(wrong))}, which no arrow shows")


def _imported(part: str) -> set[str]:
    """The parts that the modules of a part import."""
    found = set[str]()
    for source in _sources(part):
        for node in ast.walk(ast.parse(source.read_text("utf-8"))):
            if isinstance(node, ast.ImportFrom) and node.module:
                names = [f"{node.module}.{each.name}" for each in node.names]
                found |= {"/".join(name.split(".")[:2]) for name in names}
    return found
