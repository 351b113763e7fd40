"""Fixtures: the office's settings, a store of each kind, the application."""

import os
import tempfile
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import hypothesis
import pytest
from flask import Flask
from jinja2 import FileSystemBytecodeCache

import config
from app import create_app
from app.domain import code_hashes
from app.domain.notices import Button
from app.ports import Delivery, Membership, Posted, Published, Store, TokenHeard
from app.slack import blocks
from app.stores import redis_connections, redis_faults
from app.stores.redis import RedisStore
from app.stores.sqlite import SqliteStore
from tests.redis_servers import RedisCluster
from tests.servers import RedisServer
from tests.slack import block_kit
from tests.support import ALWAYS_OPEN_TOML, OFFICE_TOML, Office, environment

hypothesis.settings.register_profile("everyday", max_examples=40, deadline=None)  # others each time they run
hypothesis.settings.load_profile("everyday")


@dataclass(frozen=True)
class Shown:
    """What a message showed at one time."""

    channel: str
    text: str
    buttons: tuple[Button, ...] = ()
    thread: str = ""


class FakeHosts:
    """The Hosts port: remembers what was told, and knows who is a member."""

    def __init__(self) -> None:
        self.told: list[tuple[str, str]] = []
        self.messages: dict[str, list[Shown]] = {}  # what each message showed, one thing after the other
        self.asked: list[tuple[str, tuple[Button, ...]]] = []  # the same texts, with their buttons
        self.delivery = Delivery.DELIVERED
        self.homes: dict[str, dict[str, Any]] = {}
        self.shown: list[tuple[str, str]] = []  # to whom a Home was published, and over which one
        self.home_delivery = Published(Delivery.DELIVERED)
        self.overtaken = False  # whether Homes are published by others too
        self.opened: list[dict[str, Any]] = []  # the dialogs
        self.members: dict[str, Membership] = {}
        self.groups: dict[str, frozenset[str] | None] = {}
        self.called: dict[str, str] = {}  # what people are called
        self.refusal = ""  # Slack's word for why it does not take our token
        self.answers = 0

    def tell(self, channel: str, text: str, buttons: Sequence[Button] = ()) -> Delivery:
        block_kit.judge(block_kit.message(blocks.message(text, buttons)))
        self.told.append((channel, text))
        self.asked.append((text, tuple(buttons)))
        return self.delivery

    def post(self, channel: str, text: str, buttons: Sequence[Button] = (), thread: str = "") -> Posted:
        block_kit.judge(block_kit.message(blocks.message(text, buttons)))
        ts = f"1700000000.{len(self.messages):06}"
        self.messages[ts] = [Shown(channel, text, tuple(buttons), thread)]
        return Posted(self.delivery, ts if self.delivery is Delivery.DELIVERED else "")

    def edit(self, channel: str, ts: str, text: str, buttons: Sequence[Button] = ()) -> Posted:
        block_kit.judge(block_kit.message(blocks.message(text, buttons)))
        self.messages[ts].append(Shown(channel, text, tuple(buttons)))
        return Posted(self.delivery, ts)

    def membership(self, user_id: str, now: object, *, last_known: bool) -> Membership:
        return self.members.get(user_id, Membership.NOT_FULL)

    def glance(self, user_id: str, now: object) -> Membership:
        return self.members.get(user_id, Membership.UNKNOWN)

    def members_of(self, group: str, now: object, *, last_known: bool) -> frozenset[str] | None:
        return self.groups.get(group)

    def names(self, user_ids: Collection[str], *, waits: bool = True) -> dict[str, str]:
        return {each: self.called[each] for each in user_ids if each in self.called}

    def heard_names(self) -> dict[str, str]:
        return {**self.called}

    def show_home(self, user_id: str, view: dict[str, Any], shown: str = "") -> Published:
        block_kit.judge(block_kit.home(view))
        self.shown.append((user_id, shown))
        if self.overtaken and shown:
            return Published(Delivery.REFUSED, is_overtaken=True)
        if self.home_delivery.delivery is Delivery.DELIVERED:
            self.homes[user_id] = view
        return replace(self.home_delivery, hash=f"{len(self.shown)}.hash")

    def open_view(self, trigger_id: str, view: dict[str, Any]) -> bool:
        block_kit.judge(block_kit.modal(view))
        self.opened.append(view)
        return True

    def token(self, *, ask: bool = False) -> TokenHeard:
        self.answers += ask
        return TokenHeard(self.refusal, self.answers)


@pytest.fixture(scope="session", autouse=True)
def codes_are_hashed_quickly() -> Iterator[None]:
    """Here; a server of its own takes its time (and tests/domain/test_access_codes.py knows how long)."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(code_hashes, "COST", {"n": 2, "r": 1, "p": 1})
        yield


@pytest.fixture(scope="session", autouse=True)
def templates_are_compiled_once(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """For all the applications that the tests make."""
    cache = FileSystemBytecodeCache(str(tmp_path_factory.mktemp("templates")))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Flask, "jinja_options", {"bytecode_cache": cache})
        yield


@pytest.fixture(autouse=True)
def what_slack_is_sent_is_valid() -> Iterator[None]:
    """Every payload of every test is judged (tests/slack/block_kit.py)."""
    block_kit.found.clear()
    yield
    assert block_kit.found == []


@pytest.fixture(scope="session")
def temporary_folders(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("temporary")


@pytest.fixture(autouse=True)
def own_temporary_folder(temporary_folders: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The lock files by which processes agree are each test's own."""
    monkeypatch.setattr(tempfile, "tempdir", tempfile.mkdtemp(dir=temporary_folders))


@pytest.fixture
def hosts() -> FakeHosts:
    return FakeHosts()


@pytest.fixture(scope="session")
def redis_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RedisServer]:
    """A real Redis-compatible server for the whole run; each test gets it empty through `store`."""
    with RedisServer(tmp_path_factory.mktemp("redis")) as server:
        yield server


@pytest.fixture(scope="session")
def redis_cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RedisCluster]:
    """A real cluster for the whole run: three masters, each with a replica."""
    with RedisCluster(tmp_path_factory.mktemp("redis-cluster")) as cluster:
        yield cluster


@pytest.fixture
def patient_redis(monkeypatch: pytest.MonkeyPatch) -> None:
    """Its client waits longer than a ring can: where tests run beside each other, nothing is said about time."""
    monkeypatch.setattr(redis_connections, "TIMEOUT_SECONDS", 10 * redis_connections.TIMEOUT_SECONDS)
    monkeypatch.setattr(redis_faults, "SLOW_SECONDS", 10 * redis_faults.SLOW_SECONDS)


@pytest.fixture(params=["sqlite", "redis"])
def store(request: pytest.FixtureRequest, tmp_path: Path, patient_redis: None) -> Iterator[Store]:
    """Every backend, one after the other; on a cluster only where a test asks for that."""
    if request.param == "sqlite":
        yield SqliteStore(tmp_path / "doorbot.db")
        return
    server = request.getfixturevalue("redis_cluster" if request.param == "cluster" else "redis_server")
    server.empty()
    store = RedisStore(server.url)
    yield store
    store.close()  # what is thrown away in a circle of references would leave it open


@pytest.fixture
def sqlite_store(tmp_path: Path) -> SqliteStore:
    return SqliteStore(tmp_path / "doorbot.db")


def settings_for(folder: Path, office: str, **changes: str) -> config.Settings:
    """Settings with this `doorbot.toml`."""
    file = folder / "doorbot.toml"
    file.write_text(office, encoding="utf-8")
    return config.load(environment(DOORBOT_CONFIG=str(file), SQLITE_PATH=str(folder / "doorbot.db"), **changes))


@pytest.fixture
def settings(tmp_path: Path) -> config.Settings:
    """New York, Mon–Fri 09:00–17:00, with its holidays."""
    return settings_for(tmp_path, OFFICE_TOML)


@pytest.fixture
def always_open(tmp_path: Path) -> config.Settings:
    """The same office, open day and night."""
    return settings_for(tmp_path, ALWAYS_OPEN_TOML)


@pytest.fixture
def app(settings: config.Settings, store: Store, hosts: FakeHosts) -> Any:
    return create_app(settings, store=store, hosts=hosts)


@pytest.fixture
def office(app: Any) -> Office:
    """The application, spoken to as Slack and Twilio speak, on every store."""
    return Office(app.test_client())


def pytest_sessionfinish(session: pytest.Session) -> None:
    """In CI nothing may be skipped: a test that did not run has shown nothing."""
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    if os.environ.get("CI") and reporter and reporter.stats.get("skipped"):
        session.exitstatus = pytest.ExitCode.TESTS_FAILED
