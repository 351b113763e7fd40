"""Takes pictures of the running product: the playground, the message, the Home tab, and the log page."""

import random
import re
import tempfile
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from playwright.sync_api import Browser, Locator, Page, expect

import app
import config
from app.domain.audit import Action, AuditEvent, Outcome
from benchmarks import history
from tests.demo.conftest import Demo
from tests.demo.page import ADA, HAL
from tests.demo.page import Page as Told

DAYS = 40  # of the past that the log page shows
FEWEST, MOST = 8, 24  # couriers in a day
PATIENCE_MILLISECONDS = 20_000
SATURDAY = 5
LEFT_OPEN = (Action.RING, Outcome.FORWARDED)  # its end is not in the benchmarks' past
WIDE, LOG_HEIGHT = 1480, 1720  # pixels
SIZE = {"width": 1280, "height": 860}


def take(browser: Browser, folder: Path) -> list[Path]:
    """Live through a few minutes of an office, and put a picture of each thing into a folder."""
    with tempfile.TemporaryDirectory() as scratch, Demo(Path(scratch)) as demo:
        _give_a_past(demo)
        return [*_of_the_playground(browser, demo, folder), _of_the_log(browser, demo, folder)]


def _give_a_past(demo: Demo) -> None:
    """Some weeks of couriers, let in by the people whom the playground knows."""
    files = {name: str(demo.folder / demo.env[name]) for name in ("DOORBOT_CONFIG", "SQLITE_PATH")}
    services = app.create_services(config.load({**demo.env, **files}))
    history.append(services.store, "front", _couriers(datetime.now(UTC) - timedelta(days=1)))


def _couriers(until: datetime) -> Iterator[AuditEvent]:
    past, dice = history.Past("front"), random.Random(1)
    for day in (until - timedelta(days=ago) for ago in range(DAYS, 0, -1)):
        if (day - timedelta(days=1)).weekday() < SATURDAY:
            for event in past.events(day, dice.randint(FEWEST, MOST), 1):
                if event.action is Action.GRANT or (event.action, event.outcome) == LEFT_OPEN:
                    continue
                yield replace(event, actor=HAL) if event.actor.startswith("U0HOST") else event


def _of_the_playground(browser: Browser, demo: Demo, folder: Path) -> Iterator[Path]:
    page = _open(browser, demo.url)
    page.set_viewport_size({**SIZE, "width": WIDE})
    page.get_by_role("button", name="Ring", exact=True).click()
    question = page.locator(".message", has_text="Let them in?").last
    expect(question.get_by_role("button", name="Let in", exact=True)).to_be_visible()
    yield _keep(question, folder / "message.png")
    question.get_by_role("button", name="Let in", exact=True).click()
    expect(page.locator("#doorway")).to_have_class(re.compile(r"\bis-open\b"))
    page.wait_for_timeout(1500)  # the door swings open
    yield _keep(page, folder / "playground.png")
    expect(page.locator("#bell-words")).to_have_text("Ring")
    for words in ("/frontdoor unlock for 1h", "/frontdoor code issue Parcel for 2h"):
        page.locator("#words").fill(words)
        page.keyboard.press("Enter")
        page.wait_for_timeout(1000)
    page.get_by_role("button", name="DoorBot’s Home", exact=True).click()
    home = page.locator("#home")
    expect(home).to_contain_text("unlocked until")
    yield _keep(home, folder / "home.png")
    page.close()


def _of_the_log(browser: Browser, demo: Demo, folder: Path) -> Path:
    with Told(demo.url) as playground:
        told = playground.command("log", ADA)
    (address, *_) = re.findall(r"/log/sign-in\?token=[\w-]+", told["html"])
    page = _open(browser, demo.url + address)
    page.get_by_role("button").click()
    page.goto(f"{demo.url}/log?door=front")
    expect(page.locator("#log .entry").first).to_be_visible()
    page.set_viewport_size({**SIZE, "height": LOG_HEIGHT})
    kept = _keep(page, folder / "log.png")
    page.close()
    return kept


def _open(browser: Browser, address: str) -> Page:
    page = browser.new_page(viewport=SIZE, color_scheme="light", reduced_motion="reduce")  # type: ignore[arg-type]
    page.set_default_timeout(PATIENCE_MILLISECONDS)
    page.goto(address)
    return page


def _keep(what: Page | Locator, file: Path) -> Path:
    what.screenshot(path=file)
    return file
