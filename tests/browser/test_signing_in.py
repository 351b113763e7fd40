"""Signing in, in a real browser: who opened the link presses the button; nobody else gets in, nothing is used up."""

import re
from collections.abc import Callable
from http.client import HTTPConnection

from playwright.sync_api import BrowserContext, Page, expect

from tests.browser.conftest import Watched
from tests.browser.looks import violations
from tests.browser.site import Site
from tests.support import ADMIN

Opener = Callable[..., BrowserContext]
SIGN_IN = re.compile("Sign in as Ana Admin")


def sign_in_button(page: Page):  # type: ignore[no-untyped-def]
    return page.get_by_role("button", name=SIGN_IN)


def preview(site: Site, link: str) -> list[int]:
    """Slack's, a scanner's and a browser's looks ahead at a link: the statuses they get."""
    path, found = link.removeprefix(site.url), []
    for method in ("HEAD", "GET", "GET"):
        connection = HTTPConnection("127.0.0.1", site.port, timeout=10)
        connection.request(method, path, headers={"User-Agent": "Slackbot-LinkExpanding 1.0"})
        answer = connection.getresponse()
        answer.read()
        connection.close()
        found.append(answer.status)
    return found
