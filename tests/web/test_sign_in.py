"""Signing in by a link from Slack: done once, by the browser that opened it, for the person who asked."""

import re

from app.domain.audit import Outcome
from tests.support import ADMIN, PUBLIC_URL, Office

OWN = {"Sec-Fetch-Site": "same-origin", "Origin": PUBLIC_URL}


def link_for(office: Office, user: str = ADMIN) -> str:
    """The path of a new link."""
    found = re.search(rf"<{re.escape(PUBLIC_URL)}(/log/sign-in\?token=[\w-]{{43}})\|", office.say("log", user))
    assert found
    return found[1]


def token_of(link: str) -> str:
    return link.partition("token=")[2]


def test_a_link_signs_in(office: Office) -> None:
    link = link_for(office)
    opened = office.client.get(link, base_url=PUBLIC_URL)
    assert (opened.status_code, f"Sign in as {ADMIN}" in opened.text) == (200, True)
    pressed = office.client.post("/log/sign-in", data={"token": token_of(link)}, headers=OWN, base_url=PUBLIC_URL)
    assert (pressed.status_code, pressed.headers["Location"]) == (303, "/log")
    assert [(each.action, each.outcome) for each in office.log("")] == [("sign_in", Outcome.DONE)]
