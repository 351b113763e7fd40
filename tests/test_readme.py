"""What the README says is so, and nothing is missing from it."""

import os
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

import config
from app.cli import _parser
from app.domain.access_codes import CodeResult
from app.domain.audit import Action, Outcome, Source
from app.domain.commands import VERBS
from app.domain.decisions import AskReason, DenyReason, GrantSource
from app.domain.outcomes import RefusalReason
from app.domain.tones import OWN, PROFILE_NAMES, ToneProfile
from app.doorbot_toml import DOOR_KEYS, OFFICE_KEYS, TONE
from app.languages import LANGUAGES, SENTENCES
from tests.conftest import settings_for
from tests.support import OFFICE_TOML, environment

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")
CODE = set(re.findall(r"`([^`\n]+)`", README))
WORDS = {word for span in CODE for word in re.findall(r"[\w-]+", span)}
OPTIONAL = ("REDIS_URL", "REDIS_CERTIFICATE", "SQLITE_PATH", "DOORBOT_CONFIG", "LOG_LEVEL", "PORT", "WEB_CONCURRENCY")
ENVIRONMENT = [*environment(), *OPTIONAL]
TERMINAL_VERBS = sorted(
    next(action.choices for action in _parser()._actions if action.choices)  # type: ignore[arg-type, union-attr]
)


@pytest.mark.parametrize("name", ENVIRONMENT)
def test_every_variable_of_the_environment_is_explained(name: str) -> None:
    assert re.search(rf"^\| .*`{name}`", README, re.MULTILINE)


def test_no_variable_is_explained_that_the_settings_do_not_read() -> None:
    source = (ROOT / "config.py").read_text()
    explained = re.findall(
        r"`([A-Z][A-Z_]{3,})`", README.partition("### Environment")[2].partition("### doorbot.toml")[0]
    )
    assert {name for name in explained if f'"{name}"' not in source} <= set(config.LOG_LEVELS)


@pytest.mark.parametrize("key", sorted(OFFICE_KEYS | DOOR_KEYS))
def test_every_setting_of_the_office_is_explained(key: str) -> None:
    section = README.partition("### doorbot.toml")[2].partition("## What can be done")[0]
    assert re.search(rf"^\| [^|]*\b{key}\b", section, re.MULTILINE)


@pytest.mark.parametrize("word", [*LANGUAGES, *SENTENCES])
def test_every_language_and_sentence_is_named(word: str) -> None:
    assert word in WORDS


@pytest.mark.parametrize("verb", sorted(VERBS))
def test_every_slack_command_is_in_the_table(verb: str) -> None:
    assert re.search(rf"^\|[^|]*`/frontdoor {verb}\b", README, re.MULTILINE)


@pytest.mark.parametrize("verb", TERMINAL_VERBS)
def test_every_terminal_verb_is_in_the_table(verb: str) -> None:
    assert verb in WORDS


def test_every_command_line_in_the_readme_can_be_parsed() -> None:
    lines = [span for span in CODE if span.startswith("python -m app ") and "…" not in span]
    for line in lines:
        arguments = re.findall(r'"[^"]*"|\S+', line)[3:]
        _parser().parse_args([argument.strip('"') for argument in arguments])
    assert len(lines) >= 4


@pytest.mark.parametrize("target", sorted(set(re.findall(r"(?:`|\$ )make (\w+)", README))))
def test_every_make_target_exists(target: str) -> None:
    assert re.search(rf"^{target}:", (ROOT / "Makefile").read_text(), re.MULTILINE)


@pytest.mark.parametrize(
    "word",
    [*Action, *Source, *Outcome, *RefusalReason, *GrantSource, *DenyReason, *AskReason, *CodeResult],
)
def test_every_word_of_the_audit_log_is_listed(word: str) -> None:
    assert word in WORDS


def test_every_file_it_points_to_exists() -> None:
    for link in re.findall(r"\]\(([^)#]+)\)", README):
        assert (ROOT / link).exists(), link


def test_the_example_office_is_right() -> None:
    env = environment(DOORBOT_CONFIG=str(ROOT / "doorbot.toml"))
    settings = config.load(env)
    assert list(settings.office.doors) == ["front"]
    keys = tomllib.loads((ROOT / "doorbot.toml").read_text(encoding="utf-8"))
    assert set(keys) == OFFICE_KEYS
    assert set(keys["doors"]["front"]) == DOOR_KEYS - {
        "sentences",
        "hours",
        "timezone",
        "after_hours",
        "admins",
        "hosts",
    }


def test_the_tones_are_told_as_they_are_and_the_table_of_a_doors_own_can_be_used(tmp_path: Path) -> None:
    assert re.findall(r"^\| `(\w+)` \| (?:an audio tone|after|the same)", README, re.MULTILINE) == [*PROFILE_NAMES]
    table = README.partition("```toml\n")[2].partition("```")[0]
    tone = settings_for(tmp_path, OFFICE_TOML + table).office.door("").tone
    assert tone == ToneProfile(OWN, 1.5, 3, 0.5, 2, length_ms=800, level_db=-12)
    assert {key for key in TONE if key in table} == TONE.keys()


def test_make_run_says_what_is_missing_and_ends_with_status_78(tmp_path: Path) -> None:
    env = {"PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}", "HOME": str(tmp_path)}
    command = dict(line.split(": ", 1) for line in (ROOT / "Procfile").read_text().splitlines())["web"]
    done = subprocess.run(["sh", "-c", command], env=env, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 78
    assert all(name in done.stderr for name in config.EXAMPLES)
    assert "Traceback" not in done.stderr
