"""How a page is to those who can't see it, or see it small, dark, large or on paper."""

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

AXE = Axe()
OPTIONS = {"resultTypes": ["violations"], "preload": False, "iframes": False}  # of a page with a frame there is none


def violations(page: Page) -> list[str]:
    """What axe-core finds on a page as it is now: the rule and where it is broken."""
    found = AXE.run(page, options=OPTIONS).response["violations"]
    return [f"{each['id']}: {node['html'][:200]} ({each['help']})" for each in found for node in each["nodes"]]


def overflow(page: Page) -> int:
    """By how many pixels a page is wider than its window."""
    return int(page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth"))
