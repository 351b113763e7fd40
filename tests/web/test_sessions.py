"""Sessions: what a browser is given, how long it counts, and what every answer says to a browser."""

import logging
import re
from collections.abc import Iterator
from datetime import timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from app import create_app
from app.clock import utcnow
from app.domain.sessions import ABSOLUTE, IDLE, SKEW
from app.ports import Membership, Store
from app.stores.redis import RedisStore
from app.stores.sqlite import SqliteStore
from app.web.pages import HEADERS
from tests.conftest import FakeHosts, settings_for
from tests.servers import free_port
from tests.support import ADMIN, HOST, OFFICE_TOML, PUBLIC_URL, Office, stored
from tests.web.browsers import (
    BEN,
    FORGED,
    LOG,
    OPENED,
    OWN,
    SESSION,
    SIGN_IN,
    SIGN_OUT,
    Browser,
    form_token,
    is_signed_in,
    link_for,
    sign_ins,
    signed_in,
)

pytestmark = pytest.mark.usefixtures("clock")

SECOND = timedelta(seconds=1)
BACK_TOML = """
[doors.back]
name = "Back door"
number = "+12125550102"
release = "9"
forward_to = ["+12125550123"]
channel = "C0BACKDOOR"
"""


# Cookies and headers


def test_what_the_cookies_are(office: Office) -> None:
    token, browser = link_for(office), Browser(office)
    (opened,) = browser.open(token).headers.getlist("Set-Cookie")
    session, over = browser.press(token).headers.getlist("Set-Cookie")
    (out,) = browser.post(SIGN_OUT, {"form_token": form_token(office, browser)}).headers.getlist("Set-Cookie")
    for cookie, name, same_site in (
        (opened, OPENED, "Strict"),
        (session, SESSION, "Lax"),
        (over, OPENED, "Strict"),
        (out, SESSION, "Lax"),
    ):
        said, *attributes = cookie.split("; ")
        assert said.startswith(f"{name}=")
        assert {"Secure", "HttpOnly", "Path=/", f"SameSite={same_site}"} <= {*attributes}
        assert "Domain" not in cookie
    assert ("Max-Age=300" in opened, "Max-Age=43200" in session, "Max-Age=0" in over, "Max-Age=0" in out) == (True,) * 4


def test_tokens_are_long_and_the_store_has_none_of_them(office: Office, store: Store) -> None:
    token, browser = link_for(office), Browser(office)
    browser.sign_in(token)
    assert len(browser.cookie(SESSION)) == 43
    for secret in (token, browser.cookie(SESSION), browser.cookie(OPENED) or "-none-"):
        assert secret not in str(stored(store))


def every_answer(office: Office) -> Iterator[Any]:
    token, browser = link_for(office), Browser(office)
    yield browser.open(token)
    yield browser.press(token, {})
    yield browser.press(token)
    yield browser.press(token)
    yield browser.open(token)
    yield browser.open(FORGED)
    yield browser.get(SIGN_IN)
    yield browser.get("/log/nothing")
    yield browser.get("/log.nothing")
    yield browser.get(SIGN_OUT)
    yield browser.client.put(SIGN_IN, base_url=PUBLIC_URL)
    yield browser.client.options(SIGN_IN, base_url=PUBLIC_URL)
    yield browser.post(SIGN_OUT, {})
    yield browser.post(SIGN_OUT, {"form_token": form_token(office, browser)})
    yield browser.post(SIGN_OUT, {})
    yield browser.client.post(SIGN_IN, data=b"x" * 100_000, base_url=PUBLIC_URL)


def test_every_answer_is_framed_by_nobody_kept_by_nobody_and_names_no_token(office: Office) -> None:
    statuses = []
    for answer in every_answer(office):
        statuses.append(answer.status_code)
        assert {name: answer.headers.get(name) for name in HEADERS} == HEADERS
        assert "token" not in answer.headers.get("Location", "")
        assert "frame-ancestors 'none'" in answer.headers["Content-Security-Policy"]
    assert statuses == [200, 403, 303, 410, 410, 403, 401, 404, 404, 405, 405, 200, 403, 200, 401, 413]


def test_a_page_asks_for_nothing_of_other_hosts_and_has_no_script_or_style_within(office: Office) -> None:
    page = Browser(office).open(link_for(office)).text
    assert re.findall(r'(?:src|href|action)="([^"]*)"', page)
    assert all(each.startswith(("/log/", "#")) for each in re.findall(r'(?:src|href|action)="([^"]*)"', page))
    assert not re.search(r"<script|<style|\sstyle=|\son\w+=", page)


@pytest.mark.parametrize(
    "name", ["<script>alert(1)</script>", '"><img src=x onerror=alert(1)>', "{{ 7 * 7 }}", "a\u202eb"]
)
def test_what_people_are_called_is_text(office: Office, hosts: FakeHosts, name: str) -> None:
    hosts.called[ADMIN] = name
    page = Browser(office).open(link_for(office)).text
    assert "<script" not in page
    assert "<img" not in page
    assert "Sign in as 49" not in page


# Sessions


@pytest.mark.parametrize(
    ("after", "lasts"), [(IDLE - SECOND, True), (IDLE, False), (-SKEW, True), (-SKEW - SECOND, False)]
)
def test_a_session_ends_when_it_is_not_used_for_an_hour(
    office: Office, clock: Any, after: timedelta, lasts: bool
) -> None:
    browser = signed_in(office)
    clock.tick(after)
    assert browser.post(SIGN_OUT, {}).status_code == (403 if lasts else 401)


def test_a_session_ends_after_twelve_hours_however_often_it_is_used(office: Office, clock: Any) -> None:
    browser, uses = signed_in(office), 0
    while browser.post(SIGN_OUT, {}).status_code == 403:
        clock.tick(IDLE / 2)
        uses += 1
    assert uses * IDLE / 2 == ABSOLUTE


def test_use_is_noted_once_a_minute_and_what_the_page_asks_by_itself_is_none(
    office: Office, store: Store, clock: Any
) -> None:
    browser = signed_in(office)
    token, sessions = browser.cookie(SESSION), office.services.sessions
    states = [str(stored(store))]
    for after, counts in ((59, True), (1, False), (0, True), (30, True), (30, True)):
        clock.tick(after)
        assert sessions.admin(token, utcnow(), counts_as_use=counts)
        states.append(str(stored(store)))
    assert [first == second for first, second in pairwise(states)] == [
        True,
        True,
        False,
        True,
        False,
    ]


def admin_of(office: Office, browser: Browser) -> Any:
    return office.services.sessions.admin(browser.cookie(SESSION), utcnow())


def test_it_ends_with_the_right_and_does_not_come_back_with_it(office: Office) -> None:
    office.say(f"grant <@{BEN}> admin", ADMIN)
    browser = signed_in(office, BEN)
    assert is_signed_in(browser)
    office.say(f"revoke <@{BEN}>", ADMIN)
    answer = browser.post(SIGN_OUT, {})
    assert (answer.status_code, "Only admins can read the log" in answer.text) == (403, True)
    office.say(f"grant <@{BEN}> admin", ADMIN)
    assert browser.post(SIGN_OUT, {}).status_code == 401
    assert sign_ins(office) == ["sign_in done", "sign_out done not_permitted"]


def test_it_ends_when_a_right_until_a_time_does(office: Office, clock: Any) -> None:
    office.say(f"grant <@{BEN}> admin for 10 minutes", ADMIN)
    browser = signed_in(office, BEN)
    clock.tick(timedelta(minutes=10))
    assert browser.post(SIGN_OUT, {}).status_code == 403
    assert not admin_of(office, browser)


def test_whoever_leaves_the_workspace_is_signed_out(office: Office, hosts: FakeHosts) -> None:
    browser = signed_in(office)
    hosts.members[ADMIN] = Membership.GONE
    assert browser.post(SIGN_OUT, {}).status_code == 403
    assert sign_ins(office)[-1] == "sign_out done not_full_member"


def test_a_silent_slack_ends_no_session(office: Office, hosts: FakeHosts) -> None:
    office.say(f"grant <@{BEN}> admin", ADMIN)
    browser = signed_in(office, BEN)
    hosts.members[BEN] = Membership.UNKNOWN
    assert browser.post(SIGN_OUT, {}).status_code == 503
    hosts.members[BEN] = Membership.FULL
    assert is_signed_in(browser)


class TestSeveralDoors:
    @pytest.fixture
    def office(self, tmp_path: Path, store: Store, hosts: FakeHosts) -> Office:
        (tmp_path / "two").mkdir()
        settings = settings_for(tmp_path / "two", OFFICE_TOML + BACK_TOML)
        return Office(create_app(settings, store=store, hosts=hosts).test_client())

    def test_an_admin_reads_all_doors_and_the_office(self, office: Office) -> None:
        admin = admin_of(office, signed_in(office))
        assert (admin.user_id, admin.door_ids, admin.sees_office) == (ADMIN, ("front", "back"), True)

    def test_an_admin_of_one_door_reads_that_one_and_the_record_says_so(self, office: Office) -> None:
        office.say(f"grant back <@{BEN}> admin", ADMIN)
        browser = signed_in(office, BEN)
        admin = admin_of(office, browser)
        assert (admin.door_ids, admin.sees_office) == (("back",), False)
        browser.post(SIGN_OUT, {"form_token": form_token(office, browser)})
        assert [each.details for each in office.log("")][-2:] == [{"doors": "back"}] * 2

    def test_an_admin_who_was_revoked_at_a_door_does_not_read_there(self, office: Office) -> None:
        office.say(f"grant <@{BEN}> admin", ADMIN)
        browser = signed_in(office, BEN)
        office.say(f"revoke front <@{BEN}>", ADMIN)
        admin = admin_of(office, browser)
        assert (admin.door_ids, admin.sees_office) == (("back",), True)

    def test_past_doors_are_read_by_admins_of_the_office(
        self, office: Office, tmp_path: Path, store: Store, hosts: FakeHosts
    ) -> None:
        office.sweep()
        office.say(f"grant front <@{BEN}> admin", ADMIN)
        office.say(f"grant back <@{BEN}> admin", ADMIN)
        one = Office(create_app(settings_for(tmp_path, OFFICE_TOML), store=store, hosts=hosts).test_client())
        assert admin_of(one, signed_in(one)).door_ids == ("front", "back")
        assert admin_of(one, signed_in(one, BEN)).door_ids == ("front",)


# Signing out, and forms


def test_signing_out_ends_the_session_for_whoever_has_its_cookie(office: Office) -> None:
    browser, other = signed_in(office), Browser(office)
    other.give(SESSION, browser.cookie(SESSION))
    answer = browser.post(SIGN_OUT, {"form_token": form_token(office, browser)})
    assert (answer.status_code, "You are signed out" in answer.text) == (200, True)
    assert browser.cookie(SESSION) == ""
    assert other.post(SIGN_OUT, {}).status_code == 401
    assert sign_ins(office) == ["sign_in done", "sign_out done"]


@pytest.mark.parametrize("given", ["", "x", "é", "0" * 64, "of another session"])
def test_a_form_belongs_to_its_session(office: Office, given: str) -> None:
    browser, other = signed_in(office), signed_in(office)
    token = form_token(office, other) if given == "of another session" else given
    assert browser.post(SIGN_OUT, {"form_token": token}).status_code == 403
    assert is_signed_in(browser)


@pytest.mark.parametrize("cookie", ["", "x", "é" * 43, "a" * 10_000, "\x00", FORGED])
def test_a_session_that_was_made_up_is_none(office: Office, cookie: str) -> None:
    headers = {**OWN, "Cookie": f"{SESSION}={cookie}".encode().decode("latin1")}
    answer = office.client.post(SIGN_OUT, data={"a": "b"}, headers=headers, base_url=PUBLIC_URL)
    assert (answer.status_code, "Type /frontdoor log in Slack" in answer.text) == (401, True)


def test_programs_are_told_in_plain_text(office: Office) -> None:
    for headers in ({"Sec-Fetch-Dest": "empty"}, {"Accept": "application/json"}):
        answer = office.client.post(SIGN_OUT, data={"a": "b"}, headers={**OWN, **headers}, base_url=PUBLIC_URL)
        assert (answer.status_code, answer.mimetype) == (401, "text/plain")
        assert answer.text.startswith("You aren't signed in.\nType /frontdoor log in Slack")


@pytest.mark.parametrize(
    ("body", "content_type", "status"),
    [
        (b"token=%ff%fe", "application/x-www-form-urlencoded", 403),
        (b"&" * 5000, "application/x-www-form-urlencoded", 403),
        (b"token=" + b"a" * 20_000, "application/x-www-form-urlencoded", 413),
        (b"{", "application/json", 403),
        (b"--x\r\nbroken", "multipart/form-data; boundary=x", 403),
        (b"--x", "multipart/form-data", 403),
        (b"\x00\xff", "", 403),
    ],
)
def test_odd_bodies_are_refused_and_never_a_fault(office: Office, body: bytes, content_type: str, status: int) -> None:
    answer = office.client.post(SIGN_IN, data=body, content_type=content_type, base_url=PUBLIC_URL)
    assert answer.status_code == status


def test_a_body_of_no_stated_length_is_refused(office: Office) -> None:
    answer = office.client.post(SIGN_IN, headers={"Transfer-Encoding": "chunked"}, base_url=PUBLIC_URL)
    assert answer.status_code in (403, 411)


def test_what_else_the_server_answers_keeps_its_own_headers(office: Office) -> None:
    for path in ("/healthz", "/nothing", "/logs"):
        assert "Content-Security-Policy" not in office.client.get(path).headers
    assert office.client.post("/slack/events").status_code == 411


@pytest.mark.parametrize("name", ["nothing.css", "..%2flayout.html", "..", "%00", "a" * 5000, "page.css/"])
def test_only_the_pages_own_files_are_served(office: Office, name: str) -> None:
    assert office.client.get(f"/log/static/{name}").status_code == 404


def test_the_pages_files_may_be_kept(office: Office) -> None:
    answer = office.client.get("/log/static/page.css", buffered=True)
    assert (answer.status_code, answer.mimetype) == (200, "text/css")
    assert "immutable" in answer.headers["Cache-Control"]


# Around it


@pytest.fixture(params=["sqlite", "redis"])
def without_store(request: pytest.FixtureRequest, tmp_path: Path, hosts: FakeHosts, settings: Any) -> Office:
    """An application whose store can't be reached."""
    (tmp_path / "file").touch()
    unreachable: dict[str, Store] = {
        "sqlite": SqliteStore(tmp_path / "file" / "doorbot.db"),
        "redis": RedisStore(f"redis://127.0.0.1:{free_port()}/0"),
    }
    return Office(create_app(settings, store=unreachable[request.param], hosts=hosts).test_client())


def test_while_the_store_is_away_a_page_says_so(without_store: Office) -> None:
    browser = Browser(without_store)
    browser.give(SESSION, FORGED)
    for answer in (browser.open(FORGED), browser.press(FORGED), browser.post(SIGN_OUT, {})):
        assert (answer.status_code, "memory can&#39;t be reached" in answer.text) == (503, True)
        assert answer.headers["Content-Security-Policy"] == HEADERS["Content-Security-Policy"]


def test_a_bug_is_a_page_that_says_so_and_is_logged_without_the_token(
    office: Office, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    token = link_for(office)

    def stumble(*_: object) -> None:
        raise RuntimeError("a bug")

    monkeypatch.setattr(office.services.sessions, "look", stumble)
    answer = Browser(office).open(token)
    assert (answer.status_code, "something went wrong" in answer.text) == (500, True)
    assert "a bug" in caplog.text
    assert token not in caplog.text


def test_nothing_secret_is_logged(office: Office, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    token, browser = link_for(office), Browser(office)
    browser.press(token)
    browser.open(token)
    nonce = browser.cookie(OPENED)
    browser.press(token)
    for _ in range(2):
        browser.press(token)
    session = browser.cookie(SESSION)
    form = form_token(office, browser)
    browser.post(SIGN_OUT, {"form_token": form})
    office.sweep()
    assert not [secret for secret in (token, nonce, session, form) if secret in caplog.text]


def test_a_path_in_public_url_is_in_every_address(tmp_path: Path, store: Store, hosts: FakeHosts) -> None:
    """The proxy takes it off requests."""
    settings = settings_for(tmp_path, OFFICE_TOML, PUBLIC_URL=f"{PUBLIC_URL}:443/office/door/")
    office = Office(create_app(settings, store=store, hosts=hosts).test_client())
    said = office.say("log", ADMIN)
    found = re.search(rf"<{re.escape(PUBLIC_URL)}:443/office/door/log/sign-in\?token=([\w-]{{43}})\|", said)
    assert found
    browser = Browser(office)
    page = browser.open(found[1])
    assert all(
        each.startswith(("/office/door/log/", "#")) for each in re.findall(r'(?:src|href|action)="([^"]*)"', page.text)
    )
    answer = browser.press(found[1], {"Origin": PUBLIC_URL})
    assert (answer.status_code, answer.headers["Location"]) == (303, f"/office/door{LOG}")


def test_a_rotated_key_ends_no_session_and_no_sign_in(tmp_path: Path, store: Store, hosts: FakeHosts) -> None:
    def office_with(keys: str) -> Office:
        settings = settings_for(tmp_path, OFFICE_TOML, SECRET_KEY=keys)
        return Office(create_app(settings, store=store, hosts=hosts).test_client())

    old, new = "an-old-secret-key-of-some-length", "a-new-secret-key-of-some-length"
    before, after = office_with(old), office_with(f"{new},{old}")
    browser, pending, token = signed_in(before), Browser(before), link_for(before)
    pending.open(token)
    moved, moved_on = Browser(after), Browser(after)
    moved.give(SESSION, browser.cookie(SESSION))
    moved_on.give(OPENED, pending.cookie(OPENED))
    assert moved.post(SIGN_OUT, {"form_token": form_token(before, browser)}).status_code == 200
    assert moved_on.press(token).status_code == 303


# Every page asks


@pytest.mark.parametrize(
    ("path", "mimetype"), [(LOG, "text/html"), ("/log.csv", "text/plain"), ("/log.json", "text/plain")]
)
def test_nothing_of_the_log_is_shown_to_whoever_is_not_signed_in(office: Office, path: str, mimetype: str) -> None:
    office.say("lock")
    answer = Browser(office).get(path)
    assert (answer.status_code, answer.mimetype) == (401, mimetype)
    assert "Type /frontdoor log in Slack" in answer.text
    assert HOST not in answer.text
    assert {name: answer.headers.get(name) for name in HEADERS} == HEADERS


@pytest.mark.parametrize("path", [LOG, "/log.csv", "/log.json", "/log/new"])
def test_whoever_is_revoked_sees_nothing_more_at_the_very_next_request(office: Office, path: str) -> None:
    office.say(f"grant <@{BEN}> admin", ADMIN)
    browser = signed_in(office, BEN)
    assert browser.get(path, buffered=True).status_code not in (401, 403)
    office.say(f"revoke <@{BEN}>", ADMIN)
    assert browser.get(path).status_code == 403
    assert browser.get(path).status_code == 401


def test_a_page_that_only_looks_for_new_entries_is_signed_out_after_an_hour(office: Office, clock: Any) -> None:
    browser, looks = signed_in(office), 0
    while browser.get("/log/new").status_code != 401:
        clock.tick(timedelta(minutes=10))
        looks += 1
    assert looks * timedelta(minutes=10) == IDLE
