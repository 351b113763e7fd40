"""The watch itself: what no page may do is seen, or the other tests of pages would show nothing."""

from collections.abc import Callable

import pytest
from playwright.sync_api import BrowserContext

from tests.browser.conftest import Watched
from tests.browser.site import Site


@pytest.mark.parametrize(
    ("script", "seen"),
    [
        ("alert('boo')", "dialog: boo"),
        ("console.error('boo')", "error: boo"),
        ("setTimeout(() => { throw new Error('boo') })", "script: boo"),
        ("fetch('http://127.0.0.1:9/boo').catch(() => 0)", "asked another host: http://127.0.0.1:9/boo"),
        ("fetch('/boo')", "404: "),
    ],
)
def test_what_no_page_may_do_is_seen(
    open_context: Callable[..., BrowserContext], site: Site, watched: Watched, script: str, seen: str
) -> None:
    page = open_context().new_page()
    page.goto(f"{site.url}/healthz")

    page.evaluate(f"() => {{ {script} }}")
    page.wait_for_timeout(300)

    assert any(trouble.startswith(seen) for trouble in watched.troubles), watched.troubles
    watched.troubles.clear()
