"""What Slack did not sign changes nothing; what it signed but makes no sense is a 4xx, never a 5xx."""

import json
import time
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest
from freezegun import freeze_time
from hypothesis import given
from hypothesis import settings as tried
from hypothesis import strategies as st
from werkzeug.datastructures import Headers

import config
from app import create_app
from app.slack.signature import Signature
from app.stores.sqlite import SqliteStore
from tests.conftest import FakeHosts, settings_for
from tests.support import (
    ALWAYS_OPEN_TOML,
    GUEST,
    HOST,
    OFFICE_TOML,
    Office,
    command_form,
    press_payload,
    slack_headers,
    stored,
)

FORM_TYPE = "application/x-www-form-urlencoded"
UNLOCK = urlencode(command_form("unlock", trigger_id="1.1"))
PRESS = urlencode({"payload": json.dumps(press_payload("unlock", "front", trigger_id="1.2"))})


@pytest.fixture
def settings(always_open: config.Settings) -> config.Settings:
    return always_open


@pytest.fixture
def store(sqlite_store: SqliteStore) -> SqliteStore:
    """One store is enough for what must never reach it."""
    return sqlite_store


def signed(body: str, **changes: str | None) -> dict[str, str]:
    """The headers of a rightly signed body, some of them changed or taken away."""
    names = {"timestamp": "X-Slack-Request-Timestamp", "signature": "X-Slack-Signature"}
    headers: dict[str, str | None] = {**slack_headers(body), **{names[key]: value for key, value in changes.items()}}
    return {name: value for name, value in headers.items() if value is not None}


def at(seconds: float) -> dict[str, str]:
    return slack_headers(UNLOCK, time.time() + seconds)


FORGERIES = {
    "no headers": dict,
    "no signature": lambda: signed(UNLOCK, signature=None),
    "no timestamp": lambda: signed(UNLOCK, timestamp=None),
    "an empty signature": lambda: signed(UNLOCK, signature=""),
    "an empty timestamp": lambda: signed(UNLOCK, timestamp=""),
    "another version": lambda: signed(UNLOCK, signature="v1=" + "0" * 64),
    "a wrong signature": lambda: signed(UNLOCK, signature="v0=" + "0" * 64),
    "a signature beyond ASCII": lambda: signed(UNLOCK, signature="v0=\xe4\xff"),
    "a timestamp that is no number": lambda: signed(UNLOCK, timestamp="noon"),
    "a timestamp beyond ASCII": lambda: signed(UNLOCK, timestamp="\xb2\xb3"),
    "an infinite timestamp": lambda: signed(UNLOCK, timestamp="inf"),
    "a timestamp beyond every float": lambda: signed(UNLOCK, timestamp="9" * 400),
    "a timestamp beyond every integer": lambda: signed(UNLOCK, timestamp="9" * 5000),
    "another time": lambda: signed(UNLOCK, timestamp=str(int(time.time()) - 1)),
    "a stale request": lambda: at(-301),
    "a request from the future": lambda: at(302),
    "another secret": lambda: slack_headers(UNLOCK, secret="another-secret"),
    "another body": lambda: slack_headers(UNLOCK + "&text=unlock"),
}


@pytest.mark.parametrize("forgery", FORGERIES)
def test_a_forged_command_is_refused_and_changes_nothing(office: Office, forgery: str) -> None:
    headers = FORGERIES[forgery]()
    answer = office.client.post("/slack/events", data=UNLOCK, headers=headers, content_type=FORM_TYPE)
    assert answer.status_code == 401
    assert stored(office.services.store) == {}


@pytest.mark.parametrize("body", [PRESS, "payload=", "payload={bad", "{bad", "[]", "ssl_check=1", "\xff"])
def test_whatever_is_not_signed_is_refused(office: Office, body: str) -> None:
    for content_type in (FORM_TYPE, "application/json"):
        answer = office.client.post("/slack/events", data=body.encode("latin-1"), content_type=content_type)
        assert answer.status_code == 401
    assert stored(office.services.store) == {}


@pytest.mark.parametrize("seconds", [0, -290, 290])
def test_its_rightly_signed_twin_is_obeyed(office: Office, seconds: int) -> None:
    answer = office.client.post("/slack/events", data=UNLOCK, headers=at(seconds), content_type=FORM_TYPE)
    assert (answer.status_code, office.outcomes()) == (200, ["unlock done"])


@pytest.mark.parametrize(("secret", "status"), [("new-secret", 200), ("old-secret", 200), ("older-secret", 401)])
def test_while_secrets_are_rotated_each_of_them_verifies(
    tmp_path: Path, hosts: FakeHosts, secret: str, status: int
) -> None:
    settings = settings_for(tmp_path, OFFICE_TOML, SLACK_SIGNING_SECRET="new-secret,old-secret")
    client, body = create_app(settings, hosts=hosts).test_client(), urlencode(command_form("status"))
    headers = slack_headers(body, secret=secret)
    assert client.post("/slack/events", data=body, headers=headers, content_type=FORM_TYPE).status_code == status


def test_slacks_own_example_verifies() -> None:
    """docs.slack.dev/authentication/verifying-requests-from-slack"""
    body = (
        b"token=xyzz0WbapA4vBCDEFasx0q6G&team_id=T1DC2JH3J&team_domain=testteamnow&channel_id=G8PSS9T3V"
        b"&channel_name=foobar&user_id=U2CERLKJA&user_name=roadrunner&command=%2Fwebhook-collect&text="
        b"&response_url=https%3A%2F%2Fhooks.slack.com%2Fcommands%2FT1DC2JH3J%2F397700885554%2F96rGlfmibIGlgcZRskXaIFfN"
        b"&trigger_id=398738663015.47445629121.803a0bc887a14d10d2c447fce8b6703c"
    )
    signature = "v0=a2114d57b48eac39b9ad189dd8316235a7b4a8d21a10bd27519666489c69b503"
    headers = Headers({"X-Slack-Request-Timestamp": "1531420618", "X-Slack-Signature": signature})
    verifier = Signature(["8f742231b10e8888abcd99yyyzzz85a5"])
    with freeze_time("2018-07-12T18:36:58Z"):
        assert verifier.is_valid(body, headers)
        assert not verifier.is_valid(body + b"&", headers)


def test_a_body_that_is_no_utf8_is_refused(office: Office) -> None:
    body = UNLOCK.encode() + b"&x=\xff\xfe"
    headers = slack_headers(UNLOCK)
    assert office.client.post("/slack/events", data=body, headers=headers, content_type=FORM_TYPE).status_code == 401


def test_a_body_of_ten_megabytes_is_refused(office: Office) -> None:
    assert office.slack_post(b"text=" + b"x" * 10_000_000).status_code == 413


@pytest.mark.parametrize("length", ["", "x", "-1", "1e3", "9" * 30, "9" * 5000])
def test_a_body_of_no_sensible_length_is_refused(office: Office, length: str) -> None:
    answer = office.client.post("/slack/events", data=UNLOCK, environ_overrides={"CONTENT_LENGTH": length})
    assert answer.status_code in (411, 413)


def test_events_are_only_posted(office: Office) -> None:
    methods = ["GET", "PUT", "DELETE", "PATCH"]
    assert [office.client.open("/slack/events", method=method).status_code for method in methods] == [405] * 4


MALFORMED = {
    "nothing": "",
    "a word": "unlock",
    "10,000 fields": "a=&" * 10_000 + UNLOCK,
    "percent-encoded bytes that are no UTF-8": UNLOCK + "&x=%ff",
    "no user": UNLOCK.replace("user_id", "user"),
    "no payload": "payload=",
    "a cut payload": "payload={bad",
    "a list as payload": "payload=[]",
    "a number as payload": "payload=9",
    "null as payload": "payload=null",
    "an empty payload": "payload={}",
    "JSON that says it is a form": '{"type": "event_callback"}',
    "a deep payload": "payload=" + "[" * 20_000,
}


@pytest.mark.parametrize("what", MALFORMED)
def test_a_signed_but_malformed_form_is_refused(office: Office, what: str) -> None:
    assert 400 <= office.slack_post(MALFORMED[what]).status_code < 500
    assert stored(office.services.store) == {}


@pytest.mark.parametrize("body", [f"{PRESS}&payload=[]", "{=1&" + UNLOCK])
def test_of_a_signed_but_ambiguous_form_one_reading_counts(office: Office, body: str) -> None:
    assert office.slack_post(body).status_code == 200
    assert office.outcomes() == ["unlock done"]


BAD_VIEW, BAD_ENTERPRISE = '{"type": "x", "view": 9}', '{"type": "x", "enterprise": 9}'


@pytest.mark.parametrize(
    "body", [BAD_VIEW, BAD_ENTERPRISE, " ", "{bad", "[]", "[{}]", "null", "9", '"a"', "{}", '{"type": 9}', "[" * 20_000]
)
def test_signed_but_malformed_json_is_refused(office: Office, body: str) -> None:
    assert office.slack_post(body, content_type="application/json").status_code == 400


def test_no_depth_of_json_is_too_deep_for_a_4xx(office: Office) -> None:
    for depth in range(800, 1000):
        body = '{"type": "x", "x": ' + "[" * depth + "]" * depth + "}"
        assert office.slack_post(body, content_type="application/json").status_code < 500, depth


def test_the_challenge_for_a_new_address_is_answered(office: Office) -> None:
    body = json.dumps({"type": "url_verification", "challenge": "3eZbrw1a", "token": "x"})
    assert office.slack_post(body, content_type="application/json").get_json() == {"challenge": "3eZbrw1a"}


def test_the_check_of_the_certificate_is_answered(office: Office) -> None:
    assert office.slack_post("ssl_check=1&token=x").status_code == 200


@pytest.mark.parametrize("retry", ["1", "2", "3"])
def test_events_that_are_delivered_again_change_nothing(office: Office, retry: str) -> None:
    event = {"type": "app_home_opened", "user": HOST, "tab": "home"}
    body = json.dumps({"type": "event_callback", "team_id": "T0OFFICE1", "event_id": "Ev1", "event": event})
    headers = {"X-Slack-Retry-Num": retry, "X-Slack-Retry-Reason": "http_timeout"}
    assert office.slack_post(body, content_type="application/json", headers=headers).status_code < 500
    assert (office.outcomes(), office.outcomes("")) == ([], [])  # who looks at the App Home is all that is kept


@pytest.fixture(scope="module")
def anybody(tmp_path_factory: pytest.TempPathFactory) -> Office:
    """One office for everything that chance sends to it."""
    settings = settings_for(tmp_path_factory.mktemp("office"), ALWAYS_OPEN_TOML)
    return Office(create_app(settings, hosts=FakeHosts()).test_client())


NAMES = st.sampled_from(
    [
        "type",
        "user",
        "user_id",
        "id",
        "team",
        "team_id",
        "enterprise",
        "enterprise_id",
        "actions",
        "action_id",
        "value",
        "block_id",
        "selected_option",
        "trigger_id",
        "view",
        "event",
        "authorizations",
        "channel",
        "message",
        "response_url",
        "response_urls",
        "container",
        "state",
        "command",
        "text",
        "payload",
        "ssl_check",
        "is_ext_shared_channel",
        "function_data",
        "callback_id",
        "challenge",
    ]
)
WORDS = st.sampled_from(
    [
        "block_actions",
        "view_submission",
        "event_callback",
        "shortcut",
        "unlock",
        "lock",
        "front",
        "button",
        GUEST,
        "1",
        "\ud800",
    ]
)
ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5) | WORDS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=6),
    max_leaves=12,
)


def changed(value: Any, path: list[int], new: Any) -> Any:
    """`value` with the part that `path` leads to replaced by `new`."""
    if not path or not value or not isinstance(value, dict | list):
        return new
    keys = list(value) if isinstance(value, dict) else list(range(len(value)))
    chosen = keys[path[0] % len(keys)]
    parts = dict(value) if isinstance(value, dict) else dict(enumerate(value))
    parts[chosen] = changed(parts[chosen], path[1:], new)
    return parts if isinstance(value, dict) else list(parts.values())


PATHS = st.lists(st.integers(0, 20), min_size=1, max_size=4)
EVENT = {
    "type": "event_callback",
    "team_id": "T0OFFICE1",
    "enterprise_id": None,
    "authorizations": [{"team_id": "T0OFFICE1", "is_enterprise_install": False}],
    "is_ext_shared_channel": True,
    "event": {
        "type": "message",
        "user": GUEST,
        "channel": "C1",
        "item": {},
        "message": {},
        "team": "T1",
        "user_team": "T1",
    },
}
CHOICE = {"type": "static_select", "action_id": "choose:unlock", "selected_option": {"value": "front for 1h"}}
PRESSES = st.builds(
    changed,
    st.sampled_from([press_payload("unlock", "front", GUEST), press_payload("", "", GUEST, actions=[CHOICE])]).map(
        lambda payload: {**payload, "view": {}, "enterprise": None}
    ),
    PATHS,
    ANYTHING,
)


@given(payload=ANYTHING | PRESSES)
@tried(deadline=None, max_examples=150)
def test_no_signed_payload_is_a_5xx_or_opens_anything(anybody: Office, payload: Any) -> None:
    assert anybody.slack_form({"payload": json.dumps(payload)}).status_code < 500
    assert "unlock done" not in anybody.outcomes()


@given(body=ANYTHING | st.builds(changed, st.just(EVENT), PATHS, ANYTHING))
@tried(deadline=None, max_examples=150)
def test_no_signed_event_is_a_5xx(anybody: Office, body: Any) -> None:
    assert anybody.slack_post(json.dumps(body), content_type="application/json").status_code < 500


@given(form=st.dictionaries(NAMES | st.text(max_size=5), st.text(max_size=20) | WORDS, max_size=8))
@tried(deadline=None, max_examples=100)
def test_no_signed_form_is_a_5xx_or_opens_anything(anybody: Office, form: dict[str, str]) -> None:
    body = urlencode({"command": "/frontdoor", "user_id": GUEST, **form}, errors="replace")
    assert anybody.slack_post(body).status_code < 500
    assert "unlock done" not in anybody.outcomes()


@given(text=st.text(max_size=60), user=st.sampled_from([HOST, GUEST]))
@tried(deadline=None, max_examples=100)
def test_every_text_is_answered_in_words(anybody: Office, text: str, user: str) -> None:
    assert anybody.say(text, user)
    assert anybody.say(f"unlock {text}", GUEST)
