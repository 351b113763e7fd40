from dataclasses import fields
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

import config
from app import create_store
from app.domain.errors import StoreUnavailable
from tests.conftest import settings_for
from tests.support import OFFICE_TOML, environment

SECRET = "s3cr3t-that-must-never-be-seen"
REQUIRED = ["SLACK_SIGNING_SECRET", "SLACK_BOT_TOKEN", "TWILIO_ACCOUNT_SID", "TWILIO_AUTH_TOKEN", "PUBLIC_URL"]
REQUIRED += ["SECRET_KEY"]
SECRETS = {
    "SLACK_SIGNING_SECRET": f"{SECRET}-1, {SECRET}-2",
    "SLACK_BOT_TOKEN": f"xoxb-{SECRET}",
    "TWILIO_AUTH_TOKEN": f"{SECRET}-1,{SECRET}-2",
    "SECRET_KEY": f"{SECRET}-1,{SECRET}-2",
    "REDIS_URL": f"redis://:{SECRET}@127.0.0.1:6379/0",
}


@pytest.fixture
def office_file(tmp_path: Path) -> str:
    file = tmp_path / "doorbot.toml"
    file.write_text(OFFICE_TOML, encoding="utf-8")
    return str(file)


def problems(**environ: str) -> list[str]:
    with pytest.raises(config.ConfigError) as caught:
        config.load(environ)
    assert str(caught.value) == "\n".join(caught.value.problems)
    return caught.value.problems


def problem(office_file: str, **changes: str) -> str:
    (found,) = problems(**environment(DOORBOT_CONFIG=office_file, **changes))
    return found


def test_an_empty_environment_is_reported_all_at_once_by_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    found = problems()
    assert [line.partition(":")[0] for line in found] == ["DOORBOT_CONFIG", *REQUIRED]
    assert found[0] == "DOORBOT_CONFIG: there is no file doorbot.toml; start from the example in README.md"


def test_problems_of_environment_and_file_are_reported_together(tmp_path: Path) -> None:
    file = tmp_path / "doorbot.toml"
    file.write_text(OFFICE_TOML.replace("America/New_York", "New York").replace('release = "9"', ""), encoding="utf-8")
    wrong = environment(DOORBOT_CONFIG=str(file), PORT="door", LOG_LEVEL="loud", PUBLIC_URL="")
    names = [line.partition(":")[0] for line in problems(**wrong)]
    assert sorted(names) == ["LOG_LEVEL", "PORT", "PUBLIC_URL", "doors.front.release", "timezone"]


@pytest.mark.parametrize("name", REQUIRED)
@pytest.mark.parametrize("value", ["", "   ", ",", " , "])
def test_every_required_setting_is_missed_by_name_with_where_to_find_it(
    office_file: str, name: str, value: str
) -> None:
    assert problem(office_file, **{name: value}) == f"{name}: is missing: {config.EXAMPLES[name]}"


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("TWILIO_ACCOUNT_SID", "SK" + "0" * 32),
        ("TWILIO_ACCOUNT_SID", "AC" + "0" * 16 + " " + "0" * 16),
        ("SLACK_BOT_TOKEN", "xoxb-made\nup"),
        ("SLACK_BOT_TOKEN", "xoxb-made-up…"),
        ("SLACK_SIGNING_SECRET", "made up"),
        ("TWILIO_AUTH_TOKEN", "made-up,m\xa0de-up"),
        ("SECRET_KEY", "long-enough-for-all-\udcffpurposes"),
        ("SECRET_KEY", "short"),
        ("SECRET_KEY", "long-enough-for-all-purposes,short"),
        ("PUBLIC_URL", "door.example.com"),
        ("PUBLIC_URL", "ftp://door.example.com"),
        ("PUBLIC_URL", "https://"),
        ("PUBLIC_URL", "https://[door"),
        ("PUBLIC_URL", "https://door.example.com:port"),
        ("PUBLIC_URL", "https://door.example.com:99999"),
        ("PUBLIC_URL", "https://user@door.example.com"),
        ("PUBLIC_URL", "https://door.example.com/?a=b"),
        ("PUBLIC_URL", "https://door.example.com#ct=2000"),
        ("SLACK_API_URL", "slack.com"),
        ("TWILIO_API_URL", "javascript:alert(1)"),
        ("REDIS_URL", "127.0.0.1:6379"),
        ("REDIS_URL", "http://127.0.0.1"),
        ("REDIS_URL", "redis://"),
        ("REDIS_URL", "redis://127.0.0.1:x"),
        ("REDIS_URL", "redis://[::1"),
        ("REDIS_URL", "redis://:made[up@127.0.0.1"),
        ("LOG_LEVEL", "loud"),
        ("LOG_LEVEL", "10"),
        *(("PORT", port) for port in ("0", "-1", "65536", "8000.0", "8e3", "٨٠٠٠", "0000000018000", "9" * 5000)),
        *(("WEB_CONCURRENCY", processes) for processes in ("0", "65", "many", "²")),
    ],
)
def test_a_wrong_value_is_reported_by_name(office_file: str, name: str, value: str) -> None:
    assert problem(office_file, **{name: value}).startswith(f"{name}: must ")


def test_what_is_not_set_has_its_usual_value(office_file: str) -> None:
    environ = environment(DOORBOT_CONFIG=office_file)
    del environ["SLACK_API_URL"], environ["TWILIO_API_URL"]
    found = config.load(environ)
    assert (found.slack_api_url, found.twilio_api_url) == ("https://slack.com/api/", "https://api.twilio.com")
    assert (found.redis_url, found.sqlite_path) == ("", Path("data/doorbot.db"))
    assert (found.log_level, found.port, found.processes) == ("INFO", 8000, 1)


@pytest.mark.parametrize(
    ("name", "value", "field", "expected"),
    [
        ("PORT", " 5000 ", "port", 5000),
        ("WEB_CONCURRENCY", "64", "processes", 64),
        ("LOG_LEVEL", "debug", "log_level", "DEBUG"),
        ("PUBLIC_URL", "https://door.example.com/", "public_url", "https://door.example.com"),
        ("PUBLIC_URL", "https://door.example.com:8443/in", "public_url", "https://door.example.com:8443/in"),
        ("SLACK_API_URL", "http://127.0.0.1:9/api", "slack_api_url", "http://127.0.0.1:9/api/"),
        ("SLACK_API_URL", "http://127.0.0.1:9/api/", "slack_api_url", "http://127.0.0.1:9/api/"),
        ("REDIS_URL", "rediss://:p@cache:6380/1", "redis_url", "rediss://:p@cache:6380/1"),
        ("SQLITE_PATH", "/var/lib/doorbot.db", "sqlite_path", Path("/var/lib/doorbot.db")),
        ("SLACK_BOT_TOKEN", " xoxb-1 ", "slack_bot_token", "xoxb-1"),
    ],
)
def test_a_setting_is_read(office_file: str, name: str, value: str, field: str, expected: object) -> None:
    found = config.load(environment(DOORBOT_CONFIG=office_file, **{name: value}))
    assert getattr(found, field) == expected


@pytest.mark.parametrize(
    ("name", "field"),
    [
        ("SLACK_SIGNING_SECRET", "slack_signing_secrets"),
        ("TWILIO_AUTH_TOKEN", "twilio_auth_tokens"),
        ("SECRET_KEY", "secret_keys"),
    ],
)
def test_while_a_secret_is_rotated_it_is_a_list(office_file: str, name: str, field: str) -> None:
    new, old = "the-new-one-is-first", "the-old-one-still-verifies"
    found = config.load(environment(DOORBOT_CONFIG=office_file, **{name: f" {new} ,{old}, "}))
    assert getattr(found, field) == (new, old)


def test_no_secret_is_in_the_repr(tmp_path: Path) -> None:
    found = settings_for(tmp_path, OFFICE_TOML, **SECRETS)
    assert SECRET not in repr(found)
    assert SECRET in "".join(str(getattr(found, field.name)) for field in fields(found))


@pytest.mark.parametrize("name", SECRETS)
def test_no_secret_is_in_any_message(office_file: str, name: str) -> None:
    everything_wrong = {
        "PUBLIC_URL": f"https://user:{SECRET}@door.example.com",
        "REDIS_URL": f"redis://:{SECRET}@127.0.0.1:port",
        "SLACK_API_URL": f"https://{SECRET}@slack.com",
        "SECRET_KEY": SECRET[:15],
        "TWILIO_ACCOUNT_SID": SECRET,
        "PORT": SECRET,
        "WEB_CONCURRENCY": SECRET,
        "LOG_LEVEL": SECRET,
    }
    found = problems(**environment(DOORBOT_CONFIG=office_file, **{name: SECRETS[name], **everything_wrong}))
    assert len(found) == len(everything_wrong)
    assert SECRET[:10] not in "\n".join(found)


def test_no_secret_is_in_the_message_of_a_store_that_can_not_be_reached(tmp_path: Path) -> None:
    found = settings_for(tmp_path, OFFICE_TOML, REDIS_URL=f"redis://:{SECRET}@127.0.0.1:9/0")
    with pytest.raises(StoreUnavailable) as caught:
        create_store(found).ping()
    assert SECRET not in str(caught.value) + caught.value.detail


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"timezone = ", "is not valid TOML"),
        (b"timezone = 1\ntimezone = 2", "is not valid TOML"),
        (b"\xff\xfe", "can't be read"),
        (b"a = 1\x00", "is not valid TOML"),
    ],
)
def test_a_file_that_can_not_be_read_is_one_problem(tmp_path: Path, content: bytes, said: str) -> None:
    file = tmp_path / "doorbot.toml"
    file.write_bytes(content)
    assert said in problem(str(file))


def test_a_folder_is_no_file(tmp_path: Path) -> None:
    assert "can't be read" in problem(str(tmp_path))


@pytest.mark.parametrize("path", ["nowhere.toml", "/nowhere/doorbot.toml", "x" * 5000])
def test_a_file_that_is_not_there_is_a_problem(path: str) -> None:
    assert problem(path).startswith("DOORBOT_CONFIG: ")


@pytest.mark.parametrize(
    ("url", "word", "used"),
    [
        ("rediss://:p@cache:6380", "", "rediss://:p@cache:6380"),
        ("rediss://:p@cache:6380", "checked", "rediss://:p@cache:6380"),
        ("rediss://:p@cache:6380", "unchecked", "rediss://:p@cache:6380?ssl_cert_reqs=none"),
        (
            "rediss://cache?ssl_check_hostname=no",
            "unchecked",
            "rediss://cache?ssl_check_hostname=no&ssl_cert_reqs=none",
        ),
        ("rediss://cache?ssl_cert_reqs=required", "unchecked", "rediss://cache?ssl_cert_reqs=required"),
        ("redis://cache:6379", "unchecked", "redis://cache:6379"),
    ],
)
def test_a_redis_whose_certificate_nobody_signed_is_used_unchecked_only_where_that_is_said(
    url: str, word: str, used: str, tmp_path: Path
) -> None:
    assert settings_for(tmp_path, OFFICE_TOML, REDIS_URL=url, REDIS_CERTIFICATE=word).redis_url == used


def test_the_word_about_the_certificate_is_one_of_two(office_file: str) -> None:
    assert problem(office_file, REDIS_CERTIFICATE="no") == "REDIS_CERTIFICATE: must be checked or unchecked"


NAMES = [*REQUIRED, "REDIS_URL", "SQLITE_PATH", "DOORBOT_CONFIG", "SLACK_API_URL", "TWILIO_API_URL", "LOG_LEVEL"]
NAMES += ["PORT", "WEB_CONCURRENCY"]
TEXT = st.characters(exclude_categories=["Cs"], exclude_characters="\x00")  # what an environment can hold
VALUES = st.text(TEXT, max_size=40) | st.sampled_from(["https://", "http://[", "redis://h:", "AC", "1", "a,b"]).flatmap(
    lambda start: st.text(TEXT, max_size=10).map(lambda rest: start + rest)
)


@given(st.dictionaries(st.sampled_from(NAMES), VALUES, max_size=4))
@hypothesis_settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60)
def test_any_environment_is_settings_or_a_config_error(office_file: str, changes: dict[str, str]) -> None:
    try:
        config.load({**environment(DOORBOT_CONFIG=office_file), **changes})
    except config.ConfigError as error:
        assert all(": " in line for line in error.problems)  # noqa: PT017
