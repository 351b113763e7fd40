"""Browsers as far as cookies and forms go: each keeps what it was given, and sends with a form what browsers send."""

import re
from typing import Any

from werkzeug.test import TestResponse

from tests.support import ADMIN, PUBLIC_URL, Office

OWN = {"Sec-Fetch-Site": "same-origin", "Origin": "null"}  # of a form in a page that sends no Referer
SIGN_IN, SIGN_OUT, LOG = "/log/sign-in", "/log/sign-out", "/log"
SESSION, OPENED = "__Host-session", "__Host-sign-in"
BEN = "U0BEN0001"
FORGED = "A" * 43


def link_for(office: Office, user: str = ADMIN, text: str = "log") -> str:
    """The token of a new link, as Slack is told it."""
    said = office.say(text, user)
    found = re.search(rf"<{re.escape(PUBLIC_URL + SIGN_IN)}\?token=([\w-]{{43}})\|", said)
    assert found, said
    return found[1]


class Browser:
    """One browser with cookies of its own."""

    def __init__(self, office: Office) -> None:
        self.client = office.client.application.test_client()

    def get(self, path: str, **options: Any) -> TestResponse:
        return self.client.get(path, base_url=PUBLIC_URL, **options)

    def head(self, path: str) -> TestResponse:
        return self.client.head(path, base_url=PUBLIC_URL)

    def post(self, path: str, form: dict[str, str], headers: dict[str, str] | None = None) -> TestResponse:
        """Send a form, from a page of our own unless the headers say otherwise."""
        sent = {"button": "", **form}  # so that there is a body whose length the client states
        return self.client.post(path, data=sent, headers=OWN if headers is None else headers, base_url=PUBLIC_URL)

    def open(self, token: str) -> TestResponse:
        """Open a link."""
        return self.get(f"{SIGN_IN}?token={token}")

    def press(self, token: str, headers: dict[str, str] | None = None) -> TestResponse:
        """Press the button of the page that a link opened."""
        return self.post(SIGN_IN, {"token": token}, headers)

    def sign_in(self, token: str) -> TestResponse:
        """Open a link, and press the button."""
        assert self.open(token).status_code == 200
        return self.press(token)

    def cookie(self, name: str) -> str:
        """A cookie's value, "" where there is none."""
        found = self.client.get_cookie(name, "door.example.com")
        return found.value if found else ""

    def give(self, name: str, value: str) -> None:
        """Put a cookie into it."""
        self.client.set_cookie(name, value, domain="door.example.com", secure=True)


def signed_in(office: Office, user: str = ADMIN) -> Browser:
    """A browser in which somebody is signed in."""
    browser = Browser(office)
    answer = browser.sign_in(link_for(office, user))
    assert answer.status_code == 303, answer.text
    return browser


def sign_ins(office: Office) -> list[str]:
    """What is on record of signing in and out."""
    events = [each for each in office.log("") if each.action in ("sign_in", "sign_out")]
    assert {each.source for each in events} <= {"web"}
    return [" ".join(filter(None, (each.action, each.outcome, each.reason))) for each in events]


def is_signed_in(browser: Browser) -> bool:
    """Whether signing out is refused only because the form is no page's."""
    return browser.post(SIGN_OUT, {}).status_code == 403


def form_token(office: Office, browser: Browser) -> str:
    return office.services.sessions.proofs.form_token(browser.cookie(SESSION))
