"""The Home and dialogs, against the real server."""

import re
from collections.abc import Callable
from typing import Any

import pytest

from tests.demo.page import ADA, CHANNEL, HAL, Event, Page, pressable

Open = Callable[..., Event]


@pytest.fixture
def open_dialog(page: Page) -> Open:
    """Opens one of the Home's dialogs; gives what is then seen."""

    def opened(action: str, user: str = HAL) -> Event:
        page.ask("open-home", user=user)
        home = page.wait("home", user=user)
        since = page.mark()
        page.ask("press", user=user, where="home", element=pressable(home["html"], action))
        view: Event = page.wait("view", user=user, since=since)["view"]
        return view

    return opened


def typed(value: str | None) -> Any:
    return {"type": "plain_text_input", "value": value}


def fill(view: Event, **entered: str | None) -> dict[str, Any]:
    """The values of a dialog's inputs: what a page finds in what was drawn, and what is entered."""
    names = re.findall(r'data-block="([^"]+)"', view["html"])
    return {name: {name: typed(entered.get(name))} for name in names}


def test_a_dialog_says_what_is_missing_without_asking_anybody(page: Page, open_dialog: Open) -> None:
    view = open_dialog("modal:issue_code")
    assert (view["title"], view["close"], view["errors"]) == ("Issue an access code", "Cancel", {})
    since = page.mark()
    page.ask("submit", user=HAL, view=view["id"], values=fill(view))
    again = page.wait("view", user=HAL, since=since)["view"]
    assert again["errors"]["name"] == "Please complete this required field."
    assert again["id"] == view["id"]


def test_a_dialog_is_carried_out_answered_in_its_place_and_put_away(page: Page, open_dialog: Open) -> None:
    view = open_dialog("modal:lock_down", ADA)
    since = page.mark()
    page.ask("submit", user=ADA, view=view["id"], values=fill(view, why="fire drill"))
    shown = page.wait("view", user=ADA, since=since)["view"]
    assert "lockdown" in shown["html"].lower()
    assert (shown["submit"], shown["close"]) == (None, "Close")
    page.wait("entry", action="lock_down")
    page.ask("close", user=ADA, view=shown["id"])
    assert page.wait("view", user=ADA, since=since, is_it=lambda told: not told["view"])["view"] is None
    assert page.try_("close", user=ADA, view=shown["id"])[0] == 409


def test_what_can_not_be_is_said_at_its_input(page: Page, open_dialog: Open) -> None:
    view = open_dialog("modal:issue_code")
    since = page.mark()
    values = fill(view, name="FedEx")
    values |= {"day": {"day": {"type": "datepicker", "selected_date": "2020-01-01"}}} if "day" in values else {}
    page.ask("submit", user=HAL, view=view["id"], values=values)
    shown = page.wait("view", user=HAL, since=since)["view"]
    assert shown["errors"] or "FedEx" in shown["html"]


def test_a_press_in_the_home_shows_there(page: Page) -> None:
    page.ask("open-home", user=HAL)
    home = page.wait("home", user=HAL)
    since = page.mark()
    menu = pressable(home["html"], "unlock:for")
    for_an_hour = {"text": {"type": "plain_text", "text": "never looked at"}, "value": "front for 1h"}
    page.ask("press", user=HAL, where="home", element={**menu, "selected_option": for_an_hour})
    page.wait("home", user=HAL, since=since, is_it=lambda told: "unlocked" in told["html"].lower())
    page.command("lock", ADA)
    page.wait("message", to=CHANNEL, only=None, is_it=lambda told: "locked the front door" in told["text"])
