"""Signing in, in a real browser: who opened the link presses the button; nobody else gets in, nothing is used up."""

import re
from collections.abc import Callable
from http.client import HTTPConnection

import pytest
from playwright.sync_api import BrowserContext, Locator, Page, expect

from tests.browser.conftest import DESKTOP, PHONE, Watched, sign_in
from tests.browser.looks import overflow, violations
from tests.browser.site import Site

Opener = Callable[..., BrowserContext]
Keeper = Callable[[Page, str], None]
SESSION, OPENED = "__Host-session", "__Host-sign-in"
HOW = "/frontdoor log"


def button(page: Page) -> Locator:
    return page.get_by_role("button", name="Sign in as Ana Admin")


def look_ahead(site: Site, link: str) -> list[int]:
    """Slack's, a scanner's and a browser's look at a link before anybody opens it: the statuses they get."""
    found = []
    for method in ("HEAD", "GET", "GET"):
        connection = HTTPConnection("127.0.0.1", site.port, timeout=10)
        connection.request(method, link.removeprefix(site.url), headers={"User-Agent": "Slackbot-LinkExpanding 1.0"})
        answer = connection.getresponse()
        answer.read()
        connection.close()
        found.append(answer.status)
    return found


def cookie(context: BrowserContext, name: str) -> str:
    return next((str(each["value"]) for each in context.cookies() if each["name"] == name), "")


def expect_a_page_that_helps(page: Page) -> None:
    expect(page.get_by_text(HOW)).to_be_visible()
    assert violations(page) == []


@pytest.mark.parametrize(
    ("size", "scheme", "scripts"),
    [(PHONE, "light", True), (PHONE, "dark", False), (DESKTOP, "light", False), (DESKTOP, "dark", True)],
    ids=["phone, light", "phone, dark, no scripts", "desktop, light, no scripts", "desktop, dark"],
)
def test_a_link_that_was_looked_at_before_signs_in_who_asked_for_it(
    open_context: Opener, site: Site, picture: Keeper, size: tuple[int, int], scheme: str, scripts: bool
) -> None:
    link, context = site.link(), open_context(size, scheme, java_script_enabled=scripts)
    page = context.new_page()

    assert look_ahead(site, link) == [200, 200, 200]
    page.goto(link)
    assert not scripts or violations(page) == []  # axe-core waits for ever where no script runs
    assert overflow(page) <= 0
    picture(page, f"sign-in-{size[0]}-{scheme}")
    button(page).click()

    expect(page).to_have_url(f"{site.url}/log")
    assert cookie(context, SESSION)
    assert not cookie(context, OPENED)


def test_a_link_works_once(open_context: Opener, site: Site, watched: Watched, picture: Keeper) -> None:
    watched.expected = {410}
    link, first, second = site.link(), open_context().new_page(), open_context().new_page()
    for page in (first, second):
        page.goto(link)
    button(first).click()
    expect(first).to_have_url(f"{site.url}/log")

    button(second).click()
    expect_a_page_that_helps(second)
    picture(second, "link-used")
    second.goto(link)
    expect_a_page_that_helps(second)
    assert not cookie(second.context, SESSION)


def test_who_never_opened_the_link_cannot_use_it_and_uses_nothing_up(
    open_context: Opener, site: Site, watched: Watched
) -> None:
    watched.expected = {401, 403}
    link, thief, owner = site.link(), open_context().new_page(), open_context().new_page()
    thief.goto(f"{site.url}/log/sign-in")
    thief.evaluate(
        """token => { const form = document.createElement('form'); form.method = 'post'; form.action = '/log/sign-in'
          const input = document.createElement('input'); input.name = 'token'; input.value = token
          form.append(input); document.body.append(form); form.submit() }""",
        link.partition("token=")[2],
    )
    expect(thief.get_by_text("Open the link from Slack in this browser")).to_be_visible()
    assert violations(thief) == []
    assert not cookie(thief.context, SESSION)

    owner.goto(link)
    button(owner).click()
    expect(owner).to_have_url(f"{site.url}/log")


@pytest.mark.parametrize("path", ["/log", "/log/sign-in", "/log/sign-in?token=forged", "/log/nowhere"])
def test_who_is_not_signed_in_is_told_what_to_do(
    open_context: Opener, site: Site, watched: Watched, picture: Keeper, path: str
) -> None:
    watched.expected = {401, 403, 404}
    page = open_context().new_page()
    page.goto(site.url + path)

    assert violations(page) == []
    assert page.get_by_role("heading", level=1).inner_text()
    if path != "/log/nowhere":
        expect_a_page_that_helps(page)
    picture(page, f"refused{re.sub('[^a-z]+', '-', path)}")


def test_after_signing_out_going_back_shows_nothing(
    open_context: Opener, site: Site, watched: Watched, picture: Keeper
) -> None:
    watched.expected = {401}
    page = open_context().new_page()
    sign_in(page, site)
    expect(page.get_by_role("cell", name="Front door").first).to_be_visible()
    page.get_by_role("button", name="Sign out").click()
    expect_a_page_that_helps(page)
    picture(page, "signed-out")

    page.go_back()

    expect_a_page_that_helps(page)
    expect(page.get_by_text("Front door")).to_have_count(0)
    assert not cookie(page.context, SESSION)


def test_signing_in_gives_a_session_that_nobody_could_have_prepared(
    open_context: Opener, site: Site, watched: Watched
) -> None:
    watched.expected = {401}
    context, prepared = open_context(), "a" * 43
    page = context.new_page()
    page.goto(f"{site.url}/log/sign-in")
    page.evaluate(f"document.cookie = '{SESSION}={prepared}; path=/; secure'")
    assert cookie(context, SESSION) == prepared

    sign_in(page, site)

    assert cookie(context, SESSION) not in ("", prepared)


def test_a_page_of_somebody_else_can_neither_frame_ours_nor_send_its_forms(
    open_context: Opener, site: Site, watched: Watched, stranger: str
) -> None:
    context = open_context()
    page = context.new_page()
    sign_in(page, site)
    session = cookie(context, SESSION)

    page.goto(f"{stranger}/?{site.url}/log")
    page.wait_for_timeout(500)
    framed = [frame for frame in page.frames if frame.url.startswith(site.url) and "Front door" in frame.content()]
    assert framed == []
    assert any("frame-ancestors" in each for each in watched.troubles)

    watched.expected = {401, 403}
    page.get_by_role("button", name="Sign out").click()
    page.wait_for_url(f"{site.url}/log/sign-out")
    watched.troubles.clear()
    page.goto(f"{site.url}/log")
    expect(page.get_by_role("cell", name="Front door").first).to_be_visible()
    assert cookie(context, SESSION) == session
