"""Who may import whom, who may ask the time, and how long things may be. See "The shape of the code" in the design."""

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support import OFFICE_TOML, environment

ROOT = Path(__file__).parent.parent
SOURCES = [ROOT / "config.py", *sorted((ROOT / "app").rglob("*.py"))]
EDGES = ("app.slack", "app.voice", "app.web", "app.cli", "app.demo")
CORE = ("app.domain", "app.usecases", "app.ports")
SHARED = ("app.clock", "app.bodies", "app.forms", "app.languages")  # small things that edges have in common
WEB = ("flask", "werkzeug")
MAY_IMPORT = {  # besides the standard library
    "app.domain": ("app.domain",),
    "app.ports": ("app.domain",),
    "app.usecases": CORE,
    "app.stores": ("app.stores", "app.domain", "app.ports", "app.redis_urls", "redis"),
    "app.slack": (*CORE, *SHARED, *WEB, "app.slack", "slack_bolt", "slack_sdk"),
    "app.voice": (*CORE, *SHARED, *WEB, "app.voice", "twilio"),
    "app.web": (*CORE, *SHARED, *WEB, "app.web"),
    "app.simulated": ("app.simulated", "app.domain.errors", "twilio"),
    "app.demo": (
        *("app.demo", "app.simulated", "app.clock", "mistune", *CORE, *WEB),
        *("config", "app.create_store", "app.fallback_twiml"),  # it reads the server's settings and its log
    ),
    "app.clock": (),
    "app.bodies": WEB,
    "app.forms": WEB,
    "app.languages": (),
    "app.redis_urls": (),
}
CLOCKS = {"now", "utcnow", "today", "time", "time_ns", "localtime", "gmtime"}
LONGEST_MODULE, LONGEST_FUNCTION = 250, 40


def module(source: Path) -> str:
    parts = source.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def is_within(name: str, packages: tuple[str, ...]) -> bool:
    return any(name == package or name.startswith(package + ".") for package in packages)


def tree(source: Path) -> ast.Module:
    return ast.parse(source.read_text(encoding="utf-8"))


def imported(source: Path) -> Iterator[str]:
    """Full names of all that a module imports, anywhere in it."""
    for node in ast.walk(tree(source)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert not node.level, f"{module(source)} has a relative import"
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def is_standard(name: str) -> bool:
    return name.partition(".")[0] in sys.stdlib_module_names


def of(package: str) -> list[Path]:
    return [source for source in SOURCES if is_within(module(source), (package,))]


@pytest.mark.parametrize("package", MAY_IMPORT)
def test_a_package_imports_what_it_may_and_nothing_else(package: str) -> None:
    wrong = [
        f"{module(source)} imports {name}"
        for source in of(package)
        for name in imported(source)
        if not is_standard(name) and not is_within(name, MAY_IMPORT[package])
    ]
    assert of(package)
    assert wrong == []


@pytest.mark.parametrize("edge", EDGES)
def test_edges_never_import_each_other(edge: str) -> None:
    others = tuple(other for other in EDGES if other != edge)
    wrong = [f"{module(source)}: {name}" for source in of(edge) for name in imported(source) if is_within(name, others)]
    assert wrong == []


def test_nothing_of_the_real_server_imports_the_demo() -> None:
    rest = [source for source in SOURCES if not is_within(module(source), ("app.demo",))]
    assert [module(source) for source in rest if any(is_within(name, ("app.demo",)) for name in imported(source))] == []


def test_a_simulated_call_is_for_the_terminal_and_the_demo_alone() -> None:
    rest = [source for source in SOURCES if not is_within(module(source), ("app.demo", "app.simulated"))]
    users = {module(source) for source in rest if any(is_within(name, ("app.simulated",)) for name in imported(source))}
    assert users == {"app.cli", "app.cli.remote"}


def test_the_demo_is_not_named_in_the_real_server_either() -> None:
    rest = [source for source in SOURCES if not is_within(module(source), ("app.demo",))]
    named = [module(source) for source in rest if "app.demo" in source.read_text(encoding="utf-8")]
    assert named == ["app.cli"]  # whose `demo` is another program from there on


def test_neither_is_there_where_the_real_server_is(tmp_path: Path) -> None:
    """Whatever is imported for it, in a fresh interpreter, and whatever it is asked for."""
    (tmp_path / "doorbot.toml").write_text(OFFICE_TOML)
    files = {"DOORBOT_CONFIG": str(tmp_path / "doorbot.toml"), "SQLITE_PATH": str(tmp_path / "doorbot.db")}
    script = """
import sys
from app import create_app
asked = create_app().test_client()
paths = "/", "/playground/events", "/playground/static/main.js", "/playground/docs/set-up.md"
print({asked.get(path).status_code for path in paths} | {asked.post("/playground/ring", json={}).status_code})
print([name for name in sys.modules if name.startswith(("app.demo", "app.simulated"))])
from app.cli import main
print([name for name in sys.modules if name.startswith("app.demo")])
"""
    command = [sys.executable, "-c", script]
    env = {"PYTHONPATH": str(ROOT), **environment(**files)}
    done = subprocess.run(command, cwd=tmp_path, env=env, capture_output=True, text=True, check=False)
    assert done.stdout.splitlines() == ["{404}", "[]", "[]"], done.stderr


def test_only_the_wiring_imports_the_stores() -> None:
    users = [source for source in SOURCES if any(is_within(name, ("app.stores",)) for name in imported(source))]
    assert {module(source) for source in users if not is_within(module(source), ("app.stores",))} == {"app.services"}


def asks_the_time(source: Path) -> list[str]:
    """Where a module asks a clock of the day; a monotonic one is allowed everywhere."""
    lines = source.read_text(encoding="utf-8").splitlines()
    found = []
    for node in ast.walk(tree(source)):
        if isinstance(node, ast.Attribute) and node.attr in CLOCKS and isinstance(node.value, ast.Name | ast.Attribute):
            owner = ast.unparse(node.value).rpartition(".")[2]
            if owner in ("datetime", "date", "time"):
                found.append(f"{module(source)}:{node.lineno}: {lines[node.lineno - 1].strip()}")
    return found


@pytest.mark.parametrize("source", SOURCES, ids=module)
def test_only_the_clock_asks_the_time(source: Path) -> None:
    if module(source) == "app.clock":
        assert len(asks_the_time(source)) == 1
    else:
        assert asks_the_time(source) == []


@pytest.mark.parametrize("source", SOURCES, ids=module)
def test_no_module_and_no_function_is_too_long(source: Path) -> None:
    assert len(source.read_text(encoding="utf-8").splitlines()) <= LONGEST_MODULE
    functions = [node for node in ast.walk(tree(source)) if isinstance(node, ast.FunctionDef)]
    lengths = {node.name: (node.end_lineno or 0) - node.lineno + 1 for node in functions}
    assert {name: length for name, length in lengths.items() if length > LONGEST_FUNCTION} == {}


@pytest.mark.parametrize("source", SOURCES, ids=module)
def test_every_module_says_what_it_is_for(source: Path) -> None:
    assert ast.get_docstring(tree(source))
