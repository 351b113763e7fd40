"""Signing in by a link from Slack: done once, in time, by the browser that opened it, for the person who asked."""

import re
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier
from typing import Any
from urllib.parse import urlencode

import pytest

from app.domain.sessions import IDLE, LINK_KEPT_FOR, LINK_LASTS, SKEW
from app.ports import Membership, Store
from tests.conftest import FakeHosts
from tests.support import ADMIN, HOST, PUBLIC_URL, Office, command_form, stored
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


# The link


def test_a_link_shows_who_will_be_signed_in_and_its_button_does_it(office: Office) -> None:
    browser, token = Browser(office), link_for(office)
    page = browser.open(token)
    assert page.status_code == 200
    assert "Sign in as Ana Admin" in page.text
    answer = browser.press(token)
    assert (answer.status_code, answer.headers["Location"]) == (303, LOG)
    assert is_signed_in(browser)
    assert sign_ins(office) == ["sign_in done"]
    assert [each.actor for each in office.log("")] == [ADMIN]


def test_links_are_for_admins(office: Office) -> None:
    assert "token=" not in office.say("log", HOST)


def test_signing_in_is_nothing_that_can_be_typed(office: Office) -> None:
    assert office.say("sign_in", ADMIN).startswith("I don't know")
    assert sign_ins(office) == []


def test_every_command_gives_another_link(office: Office) -> None:
    assert len({link_for(office) for _ in range(3)}) == 3


def test_a_repeated_delivery_gets_the_entries_but_no_link_and_no_token_lies_in_the_store(
    office: Office, store: Store
) -> None:
    form = command_form("log", ADMIN, trigger_id="again")
    first, again = (str(office.slack_form(form).get_json()["text"]) for _ in range(2))
    found = re.search(r"token=([\w-]{43})", first)
    assert found
    assert "token=" not in again
    assert again.splitlines()[:-1] == first.splitlines()[:-1]
    assert "Type `/frontdoor log` for another one." in again
    assert found[1] not in str(stored(store))
    assert str(stored(store)).count("link:") > 0


def test_the_answer_unfurls_nothing(office: Office) -> None:
    answer = office.command("log", ADMIN)
    assert (answer["unfurl_links"], answer["unfurl_media"], answer["response_type"]) == (False, False, "ephemeral")


def test_the_link_is_whole_however_much_is_on_record(office: Office) -> None:
    for number in range(20):
        office.say(f"lockdown {'long reason ' * 30}{number}", ADMIN)
    assert link_for(office)


def test_the_app_home_gives_a_link_too(office: Office, hosts: FakeHosts) -> None:
    office.press_at_home("show:log", "front", ADMIN)
    (view,) = hosts.opened
    found = re.search(r"token=([\w-]{43})\|", str(view))
    assert found
    assert Browser(office).sign_in(found[1]).status_code == 303


@pytest.mark.parametrize("method", ["get", "head"])
def test_whoever_only_looks_uses_nothing_up_and_changes_nothing(office: Office, store: Store, method: str) -> None:
    token = link_for(office)
    before = stored(store)
    for _ in range(5):
        assert getattr(Browser(office), method)(f"{SIGN_IN}?token={token}").status_code == 200
    assert stored(store) == before
    assert Browser(office).sign_in(token).status_code == 303


def test_a_link_works_once(office: Office) -> None:
    token, browser, other = link_for(office), Browser(office), Browser(office)
    other.open(token)
    browser.sign_in(token)
    for answer in (other.press(token), browser.press(token), other.open(token)):
        assert (answer.status_code, "each works once" in answer.text) == (410, True)
        assert "Type /frontdoor log in Slack again" in answer.text
    assert not is_signed_in(other) or other.post(SIGN_OUT, {}).status_code == 401
    assert sign_ins(office)[:2] == ["sign_in done", "sign_in refused link_used"]


def test_of_presses_at_the_same_time_one_wins(office: Office) -> None:
    token, start = link_for(office), Barrier(6)
    browsers = [Browser(office) for _ in range(6)]
    for browser in browsers:
        browser.open(token)

    def press(browser: Browser) -> int:
        start.wait()
        return browser.press(token).status_code

    with ThreadPoolExecutor(6) as pool:
        assert sorted(pool.map(press, browsers)) == [303, *[410] * 5]
    assert sum(is_signed_in(browser) for browser in browsers) == 1
    assert sign_ins(office).count("sign_in done") == 1


@pytest.mark.parametrize(
    ("after", "status"),
    [(LINK_LASTS - SECOND, 303), (LINK_LASTS, 410), (LINK_KEPT_FOR - SECOND, 410), (-SKEW, 303), (-SKEW - SECOND, 410)],
)
def test_a_link_lasts_five_minutes_also_when_the_clock_is_set_back(
    office: Office, clock: Any, after: timedelta, status: int
) -> None:
    token, browser = link_for(office), Browser(office)
    browser.open(token)
    clock.tick(after)
    answer = browser.press(token)
    assert answer.status_code == status
    assert sign_ins(office) == ["sign_in done" if status == 303 else "sign_in refused link_over"]
    if status == 410:
        assert "older than five minutes" in answer.text
        assert browser.open(token).status_code == 410


def test_links_are_forgotten_after_a_day_and_sessions_when_they_are_over(
    office: Office, store: Store, clock: Any
) -> None:
    signed_in(office)
    clock.tick(IDLE)
    office.sweep()
    assert "session:" not in str(stored(store))
    assert "link:" in str(stored(store))
    clock.tick(LINK_KEPT_FOR)
    office.sweep()
    assert "link:" not in str(stored(store))


def test_whoever_did_not_open_the_link_cannot_use_it(office: Office) -> None:
    token, browser = link_for(office), Browser(office)
    answer = browser.press(token)
    assert (answer.status_code, "Open the link from Slack in this browser" in answer.text) == (403, True)
    assert browser.cookie(SESSION) == ""
    assert sign_ins(office) == ["sign_in refused other_browser"]
    assert browser.sign_in(token).status_code == 303


def test_the_cookie_of_one_link_is_none_for_another(office: Office) -> None:
    mine, other, browser = link_for(office), link_for(office), Browser(office)
    browser.open(mine)
    assert browser.press(other).status_code == 403


@pytest.mark.parametrize("cookie", ["", ".", "x", "x.y", "é.é", "a" * 5000, f"{'n' * 43}.{'0' * 64}"])
def test_a_cookie_that_was_made_up_is_none(office: Office, cookie: str) -> None:
    token, browser = link_for(office), Browser(office)
    answer = browser.client.post(
        SIGN_IN,
        data={"token": token},
        headers={**OWN, "Cookie": f"{OPENED}={cookie}".encode().decode("latin1")},
        base_url=PUBLIC_URL,
    )
    assert answer.status_code == 403


@pytest.mark.parametrize(
    "token", [FORGED, "x", "", "\x00", "é" * 43, "a" * 3000, "'; DROP TABLE records; --", "<script>"]
)
def test_a_forged_link_is_refused_and_only_counted(office: Office, store: Store, token: str) -> None:
    browser = Browser(office)
    before = stored(store)
    opened = browser.get(f"{SIGN_IN}?{urlencode({'token': token})}")
    pressed = browser.press(token)
    assert (opened.status_code, pressed.status_code) == (403 if token else 401, 403)
    for answer in (opened, pressed):
        assert "Type /frontdoor log in Slack" in answer.text
        assert "<script>" not in answer.text
        assert "Set-Cookie" not in answer.headers
    assert stored(store) == before


def test_forged_links_are_summed_up_once_an_hour(office: Office, clock: Any) -> None:
    for _ in range(3):
        Browser(office).press(FORGED)
    office.sweep()
    clock.tick(timedelta(hours=1, seconds=1))
    office.sweep()
    (event,) = office.log("")
    assert (event.action, event.reason, event.details["web"]) == ("verify", "bad_signature", 3)


def test_equal_refusals_within_a_minute_are_counted_and_not_put_on_record_one_by_one(office: Office) -> None:
    token = link_for(office)
    for _ in range(20):
        Browser(office).press(token)
    assert sign_ins(office) == ["sign_in refused other_browser"]


def test_whoever_is_no_admin_any_more_is_refused(office: Office) -> None:
    office.say(f"grant <@{BEN}> admin", ADMIN)
    token, browser = link_for(office, BEN), Browser(office)
    browser.open(token)
    office.say(f"revoke <@{BEN}>", ADMIN)
    for answer in (browser.press(token), browser.open(token)):
        assert (answer.status_code, "Only admins can read the log" in answer.text) == (403, True)
    assert sign_ins(office) == ["sign_in refused not_permitted"]


def test_while_slack_says_nothing_of_somebody_they_are_told_to_try_again(office: Office, hosts: FakeHosts) -> None:
    office.say(f"grant <@{BEN}> admin", ADMIN)
    token, browser = link_for(office, BEN), Browser(office)
    browser.open(token)
    hosts.members[BEN] = Membership.UNKNOWN
    assert browser.press(token).status_code == 503
    hosts.members[BEN] = Membership.FULL
    assert browser.press(token).status_code == 303


# Other sites


@pytest.mark.parametrize(
    "headers",
    [
        {"Sec-Fetch-Site": "cross-site", "Origin": "https://evil.example"},
        {"Sec-Fetch-Site": "same-site", "Origin": "https://other.example.com"},
        {"Sec-Fetch-Site": "none"},
        {"Sec-Fetch-Site": "same-origin", "Origin": "https://evil.example"},
        {"Sec-Fetch-Site": "", "Origin": PUBLIC_URL},
        {"Origin": "https://evil.example"},
        {"Origin": f"{PUBLIC_URL}.evil.example"},
        {"Origin": "http://door.example.com"},
        {"Origin": "null"},
        {},
    ],
)
def test_a_form_of_another_site_does_nothing(office: Office, headers: dict[str, str]) -> None:
    token, browser = link_for(office), Browser(office)
    browser.open(token)
    assert browser.press(token, headers).status_code == 403
    assert browser.cookie(SESSION) == ""
    assert sign_ins(office) == ["sign_in refused other_site"]
    browser.press(token)
    assert browser.post(SIGN_OUT, {"form_token": form_token(office, browser)}, headers).status_code == 403
    assert is_signed_in(browser)


@pytest.mark.parametrize(
    "headers", [OWN, {"Origin": PUBLIC_URL}, {"Sec-Fetch-Site": "same-origin"}, {**OWN, "Origin": PUBLIC_URL}]
)
def test_a_form_of_our_own_is_taken_from_browsers_new_and_old(office: Office, headers: dict[str, str]) -> None:
    token, browser = link_for(office), Browser(office)
    browser.open(token)
    assert browser.press(token, headers).status_code == 303


def test_a_session_that_somebody_put_into_a_browser_is_not_the_one_that_is_signed_in(office: Office) -> None:
    browser, thief = Browser(office), signed_in(office)
    planted = thief.cookie(SESSION)
    browser.give(SESSION, planted)
    browser.sign_in(link_for(office))
    assert browser.cookie(SESSION) not in ("", planted)
    assert is_signed_in(browser)
    assert thief.post(SIGN_OUT, {}).status_code == 401  # what was in the browser before is over


@pytest.mark.parametrize("name", ["next", "return_to", "url", "redirect"])
def test_nothing_leads_elsewhere(office: Office, name: str) -> None:
    token, browser = link_for(office), Browser(office)
    browser.get(f"{SIGN_IN}?token={token}&{name}=https://evil.example")
    answer = browser.client.post(
        f"{SIGN_IN}?{name}=//evil.example",
        data={"token": token, name: "https://evil.example"},
        headers={**OWN, "X-Forwarded-Host": "evil.example"},
        base_url=PUBLIC_URL,
    )
    assert answer.headers["Location"] == LOG


@pytest.mark.parametrize(
    "path", ["//log/sign-in", "/log//sign-in", "/log/sign-in/", "/log/./sign-in", "/log/%2e%2e/log/sign-in"]
)
def test_no_address_is_mended_by_a_redirect_that_would_repeat_the_token(office: Office, path: str) -> None:
    answer = office.client.get(f"{path}?token={FORGED}", base_url="https://evil.example")
    assert answer.status_code == 404
    assert "Location" not in answer.headers


def test_whatever_host_a_request_names_addresses_are_ours(office: Office) -> None:
    token = link_for(office)
    page = office.client.get(f"{SIGN_IN}?token={token}", base_url="https://evil.example")
    assert page.status_code == 200
    assert "evil.example" not in page.text
