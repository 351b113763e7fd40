"""Fixtures: a browser, a site with a past, and pages that are watched while tests use them."""

import os
import re
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from tests.browser import chromium
from tests.browser.site import People, Site

PATIENCE_MILLISECONDS = 10_000
TALLEST = 1800  # pixels of a picture
PHONE, DESKTOP = (390, 844), (1280, 900)
REPORT = """addEventListener('securitypolicyviolation', e =>
  console.error('policy: ' + e.violatedDirective + ' ' + e.blockedURI + ' ' + e.sample))"""


@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    """One Chromium for the tests of a process; no test shares a profile with another."""
    path = chromium.find()
    assert path, chromium.MISSING
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=["--no-sandbox", "--disable-quic"])
        yield browser
        browser.close()


@pytest.fixture(scope="package")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    with People() as slack, Site(tmp_path_factory.mktemp("site"), slack) as site:
        site.live_through()
        yield site


@pytest.fixture
def stranger() -> Iterator[str]:
    """The address of somebody else's site: its page frames the address after its `?`, and has a form for ours."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            ours = self.path.partition("?")[2]
            page = f"""<!doctype html><title>x</title><link rel="icon" href="data:,"><iframe src="{ours}"></iframe>
              <form method="post" action="{ours}/sign-out"><button>Sign out</button></form>"""
            self.send_response(200)
            self.send_header("Content-Type", "text/html")
            self.end_headers()
            self.wfile.write(page.encode())

        def log_message(self, *_: object) -> None:
            """Nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
        yield f"http://localhost:{server.server_port}"
        server.shutdown()


@dataclass
class Watched:
    """What a browser told of a page that must not happen; each line says what."""

    site: Site
    troubles: list[str] = field(default_factory=list)
    expected: set[int] = field(default_factory=set)  # statuses with which pages may be answered, besides good ones

    def watch(self, context: BrowserContext) -> None:
        context.add_init_script(REPORT)
        context.on("request", lambda request: self._asked(request.url))
        context.on("response", lambda response: self._answered(response.status, response.url))
        context.on("console", lambda message: self._told(message.type, message.text))
        context.on("weberror", lambda error: self.troubles.append(f"script: {error.error}"))
        context.on("dialog", lambda dialog: (self.troubles.append(f"dialog: {dialog.message}"), dialog.dismiss()))

    def _asked(self, url: str) -> None:
        if not url.startswith((f"{self.site.url}/", "data:", "blob:", "about:")):
            self.troubles.append(f"asked another host: {url}")

    def _answered(self, status: int, url: str) -> None:
        if status >= 400 and status not in self.expected:
            self.troubles.append(f"{status}: {url}")

    def _told(self, kind: str, text: str) -> None:
        refused = re.search("Failed to load resource: .* status of (\\d+)", text)
        if kind in ("error", "warning") and not (refused and int(refused[1]) in self.expected):
            self.troubles.append(f"{kind}: {text}")


@pytest.fixture
def watched(site: Site) -> Iterator[Watched]:
    """Fails the test, at its end, where a page did what no page may."""
    watched = Watched(site)
    yield watched
    assert watched.troubles == []


@pytest.fixture
def open_context(browser: Browser, watched: Watched) -> Iterator[Callable[..., BrowserContext]]:
    """Makes a profile of its own: of this size, in this colour scheme, with or without scripts."""
    with ExitStack() as stack:

        def opened(size: tuple[int, int] = DESKTOP, scheme: str = "light", **options: Any) -> BrowserContext:
            viewport = {"width": size[0], "height": size[1]}
            context = browser.new_context(viewport=viewport, color_scheme=scheme, accept_downloads=True, **options)
            stack.callback(context.close)
            context.set_default_timeout(PATIENCE_MILLISECONDS)
            watched.watch(context)
            return context

        yield opened


def sign_in(page: Page, site: Site) -> None:
    """As an admin does: by the link from Slack, and the button on its page."""
    page.goto(site.link())
    page.get_by_role("button", name=re.compile("Sign in")).click()
    page.wait_for_url(re.compile("/log($|\\?)"))


@pytest.fixture(scope="package")
def cookies(browser: Browser, site: Site) -> list[Any]:
    """Those of an admin's session, to begin where signing in isn't what is tested."""
    with browser.new_context() as context:
        sign_in(context.new_page(), site)
        return context.cookies()


@pytest.fixture
def open_page(open_context: Callable[..., BrowserContext], cookies: list[Any]) -> Callable[..., Page]:
    """A new page of a profile of its own, signed in."""

    def opened(**options: Any) -> Page:
        context = open_context(**options)
        context.add_cookies(cookies)
        return context.new_page()

    return opened


@pytest.fixture
def picture(request: pytest.FixtureRequest) -> Callable[[Page, str], None]:
    """Keeps a picture of a page, where SCREENSHOTS names a folder."""
    folder = os.environ.get("SCREENSHOTS")

    def keep(page: Page, name: str) -> None:
        if folder:
            path = Path(folder) / f"{name}.png"
            path.parent.mkdir(parents=True, exist_ok=True)
            high = min(TALLEST, page.evaluate("document.documentElement.scrollHeight"))
            clip: Any = {"x": 0, "y": 0, "width": page.evaluate("innerWidth"), "height": high}
            page.screenshot(path=path, full_page=True, clip=clip)

    return keep
