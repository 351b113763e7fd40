"""Where the embedded store must not lie by accident: on a disk that is lost at the next start."""

from pathlib import Path

import pytest

import config
from app.disks import HOSTS, MOUNTS, vanishing_disk
from tests.support import OFFICE_TOML, environment

DATA = Path("/app/data/doorbot.db")


@pytest.fixture
def mounts(tmp_path: Path) -> Path:
    return tmp_path / "mountinfo"


def mounted(file: Path, **points: str) -> Path:
    """What Linux says of these mounts: by kind, where."""
    lines = [
        f"{number} 22 254:{number} / {point} rw,relatime shared:1 - {kind} /dev/vda rw"
        for number, (kind, point) in enumerate(points.items(), 30)
    ]
    file.write_text("\n".join(lines) + "\n")
    return file


@pytest.mark.parametrize("variable", HOSTS)
def test_on_a_host_that_replaces_its_machines_the_machines_own_disk_vanishes(variable: str, mounts: Path) -> None:
    lost = vanishing_disk(DATA, {variable: "x"}, mounted(mounts, ext4="/"))
    assert lost == f"{HOSTS[variable]} keeps nothing from one start to the next that does not lie on a disk of its own"
    assert vanishing_disk(DATA, {variable: ""}, mounts) == ""


def test_a_disk_of_its_own_stays_and_herokus_app_folder_is_none(mounts: Path) -> None:
    assert vanishing_disk(DATA, {"RENDER": "true"}, mounted(mounts, overlay="/", ext4="/app/data")) == ""
    assert "Heroku" in vanishing_disk(DATA, {"DYNO": "web.1"}, mounted(mounts, squashfs="/", ext4="/app"))
    assert "Render" in vanishing_disk(DATA, {"RENDER": "true"}, mounted(mounts, overlay="/", ext4="/app/database"))


@pytest.mark.parametrize("kind", ["overlay", "tmpfs"])
def test_what_lies_in_a_container_or_in_memory_vanishes_anywhere(kind: str, mounts: Path) -> None:
    assert f"({kind})" in vanishing_disk(DATA, {}, mounted(mounts, ext4="/", **{kind: "/app"}))
    assert vanishing_disk(Path("/srv/doorbot.db"), {}, mounts) == ""


def test_of_two_mounts_at_one_place_the_later_counts_and_odd_names_are_read(mounts: Path) -> None:
    mounted(mounts, tmpfs="/a\\040b", ext4="/a\\040b")
    assert vanishing_disk(Path("/a b/doorbot.db"), {}, mounts) == ""
    mounted(mounts, ext4="/a\\040b", tmpfs="/a\\040b")
    assert vanishing_disk(Path("/a b/doorbot.db"), {}, mounts).startswith("/a b is kept in memory")


def test_where_the_system_tells_of_no_mounts_only_the_host_counts(tmp_path: Path) -> None:
    assert vanishing_disk(DATA, {}, tmp_path / "none") == ""
    assert vanishing_disk(DATA, {"DYNO": "web.1"}, tmp_path / "none") != ""


def test_this_machines_own_list_can_be_read() -> None:
    if MOUNTS.exists():
        assert "memory" in vanishing_disk(Path("/dev/shm/doorbot.db"), {})


def load(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, **changes: str) -> config.Settings:
    monkeypatch.chdir(tmp_path)
    Path("doorbot.toml").write_text(OFFICE_TOML, encoding="utf-8")
    return config.load(environment(**changes))


def test_the_server_refuses_a_store_that_nobody_chose_on_a_disk_that_vanishes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(vanishing_disk, "__defaults__", (tmp_path / "none",))
    with pytest.raises(config.ConfigError) as caught:
        load(tmp_path, monkeypatch, DYNO="web.1")
    (problem,) = caught.value.problems
    assert problem.startswith("REDIS_URL: is missing, and the embedded store can't stand in: Heroku ")
    assert "set SQLITE_PATH" in problem


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"DYNO": "web.1", "REDIS_URL": "redis://127.0.0.1:6379/0"},
        {"DYNO": "web.1", "SQLITE_PATH": "data/doorbot.db"},
    ],
)
def test_whoever_names_a_store_gets_it_and_other_machines_need_not_ask(
    changes: dict[str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert load(tmp_path, monkeypatch, **changes).sqlite_path == Path("data/doorbot.db")
