"""The log's page in a real browser, as an admin uses it: at every size, in both colour schemes, in every state."""

import csv
import json
import re
from collections.abc import Callable
from pathlib import Path
from uuid import uuid4

import pytest
from playwright.sync_api import BrowserContext, Locator, Page, expect

from tests.browser.conftest import DESKTOP, PHONE, Watched, sign_in
from tests.browser.looks import overflow, violations
from tests.browser.site import BACK_NAME, HOSTILE, Site
from tests.support import INTERCOM

Opener, PageOpener = Callable[..., BrowserContext], Callable[..., Page]
Keeper = Callable[[Page, str], None]
ARRIVES_WITHIN = 15_000  # milliseconds; a page looks every three seconds
LOOKS = [(size, scheme) for size in (PHONE, DESKTOP) for scheme in ("light", "dark")]


def entries(page: Page) -> Locator:
    return page.locator("#log .entry")


def visits(page: Page) -> Locator:
    return entries(page).filter(has=page.locator("details.visit"))


def exported(page: Page, form: str) -> str:
    with page.expect_download() as download:
        page.get_by_role("link", name=form).click()
    assert download.value.suggested_filename.endswith(f".{form.lower()}")
    return Path(download.value.path()).read_text(encoding="utf-8")


def filter_by(page: Page, *words: str) -> None:
    page.locator("summary", has_text="Filters").click()
    for word in words:
        page.locator("label.choice", has_text=re.compile(f"^{word}$")).click()
    page.get_by_role("button", name="Show these").click()


def expect_a_good_page(page: Page) -> None:
    assert violations(page) == []
    assert overflow(page) <= 0


@pytest.mark.parametrize(("size", "scheme"), LOOKS[::3], ids=["phone, light", "desktop, dark"])
def test_an_admin_finds_out_what_happened(
    open_context: Opener, site: Site, watched: Watched, picture: Keeper, size: tuple[int, int], scheme: str
) -> None:
    page, look = open_context(size, scheme).new_page(), f"{size[0]}-{scheme}"
    sign_in(page, site)
    assert entries(page).count() == 50
    expect_a_good_page(page)
    picture(page, f"log-{look}")

    call = f"CA{uuid4().hex}"
    before = entries(page).count()
    site.ring(call)
    expect(entries(page)).to_have_count(before + 1, timeout=ARRIVES_WITHIN)
    expect(entries(page).first).to_contain_text("hosts were asked")
    expect(page.get_by_role("status")).to_contain_text("1 new entry")
    expect(page.locator("#live")).to_have_text("New entries appear by themselves.")

    filter_by(page, "Front door", "Rings")
    expect(page).to_have_url(re.compile(r"\?door=front&kind=rings$"))
    assert {*entries(page).locator(".where").all_inner_texts()} == {"Front door"}
    picture(page, f"filtered-{look}")

    visits(page).first.locator("summary").click()
    story = visits(page).first.locator(".story li")
    expect(story.first).to_be_visible()
    picture(page, f"story-{look}")

    rows = [json.loads(line) for line in exported(page, "JSON").splitlines()]
    assert rows[0]["visit"] == call
    assert {row["door"] for row in rows} == {"front"}
    table = list(csv.DictReader(exported(page, "CSV").removeprefix("\ufeff").splitlines()))
    assert len(table) == len(rows) > 500
    assert INTERCOM not in str(table)

    number = entries(page).first.locator("form.number")
    expect(number).not_to_contain_text(INTERCOM)
    number.get_by_role("button").click()
    expect(number).to_contain_text(INTERCOM)
    expect_a_good_page(page)

    page.get_by_role("button", name="Sign out").click()
    expect(page.get_by_text("/frontdoor log")).to_be_visible()
    expect_a_good_page(page)


@pytest.mark.parametrize("size", [PHONE, DESKTOP], ids=["phone", "desktop"])
def test_everything_can_be_done_without_scripts(
    open_context: Opener, site: Site, picture: Keeper, size: tuple[int, int]
) -> None:
    page = open_context(size, java_script_enabled=False).new_page()
    sign_in(page, site)
    picture(page, f"without-scripts-{size[0]}")
    assert overflow(page) <= 0

    filter_by(page, "Front door", "Asked")
    expect(page).to_have_url(re.compile("door=front.*outcome=asked"))
    page.get_by_role("link", name="Older").click()
    expect(page).to_have_url(re.compile("before="))
    assert {*entries(page).locator(".where").all_inner_texts()} == {"Front door"}
    assert exported(page, "CSV").count("\n") > 100

    visit = visits(page).first
    visit.locator("summary").click()
    visit.get_by_role("link", name="Read it on a page of its own").click()
    expect(page.locator(".story li").nth(1)).to_be_visible()
    page.get_by_role("button", name=re.compile("^Show")).first.click()
    expect(page.get_by_text(INTERCOM)).to_be_visible()
    page.get_by_role("link", name="Back to the log").click()

    page.get_by_role("button", name="Sign out").click()
    expect(page.get_by_text("/frontdoor log")).to_be_visible()


def test_everything_can_be_done_with_the_keyboard(open_context: Opener, site: Site) -> None:
    page = open_context().new_page()
    page.goto(site.link())
    keys = Keys(page)
    keys.to("button", "Sign in as Ana Admin")
    page.keyboard.press("Enter")
    expect(page).to_have_url(f"{site.url}/log")

    page.keyboard.press("Tab")
    assert "Skip" in keys.focused()
    page.keyboard.press("Enter")
    keys.to("summary", "Filters", backwards=True)
    page.keyboard.press("Enter")
    keys.to("input", "rings")
    page.keyboard.press("Space")
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile(r"\?kind=rings$"))

    keys.to("summary", "The whole visit")
    page.keyboard.press("Enter")
    expect(page.locator(".story li").first).to_be_visible()
    keys.to("button", "Show the whole number")
    page.keyboard.press("Enter")
    expect(page.locator(".digits").get_by_text(INTERCOM)).to_be_visible()
    assert INTERCOM in keys.focused()
    keys.to("a", "CSV", backwards=True)
    with page.expect_download():
        page.keyboard.press("Enter")
    keys.to("button", "Sign out", backwards=True)
    page.keyboard.press("Enter")
    expect(page.get_by_text("/frontdoor log")).to_be_visible()


class Keys:
    """Somebody who has no mouse; wherever the focus comes, it must be seen."""

    def __init__(self, page: Page) -> None:
        self._page = page

    def to(self, kind: str, words: str, *, backwards: bool = False) -> None:
        """Go on with Tab until the focus is at something of this kind with these words."""
        for _ in range(150):
            self._page.keyboard.press("Shift+Tab" if backwards else "Tab")
            focused = self.focused()
            if focused.startswith(f"{kind} ") and words in focused:
                return
        raise AssertionError(f"the keyboard does not come to {words}")

    def focused(self) -> str:
        """What has the focus, in short. Fails where it can't be seen."""
        tag, text, seen = self._page.evaluate(FOCUSED)
        assert seen or tag == "body", f"the focus can't be seen at {tag} {text}"
        return f"{tag} {text}"


FOCUSED = """() => {
  const at = document.activeElement, style = getComputedStyle(at), box = at.getBoundingClientRect()
  const shown = at.type === 'checkbox' ? getComputedStyle(at.nextElementSibling || at) : style
  const ring = [style, shown].some(each => each.outlineStyle !== 'none' && parseFloat(each.outlineWidth) > 0)
  const inside = box.bottom > 0 && box.top < innerHeight && box.width > 0
  return [at.localName, (at.value || at.textContent).trim().replace(/\\s+/g, ' '), ring && inside]
}"""


@pytest.mark.parametrize(
    ("query", "says"),
    [
        ("?q=zzzzzz", "match"),
        ("?from=yesterday&door=nowhere", ""),
        ("?kind=record", "signed in"),
        ("?outcome=released&from=2020-01-01&until=2020-01-02", "Nothing matches"),
        ("?door=back&kind=rings&outcome=released", BACK_NAME),
    ],
    ids=["nothing found", "not understood", "the record", "other days", "one door"],
)
@pytest.mark.parametrize(("size", "scheme"), LOOKS[1:3], ids=["phone, dark", "desktop, light"])
def test_every_state_of_the_page_is_good(
    open_page: PageOpener, site: Site, picture: Keeper, size: tuple[int, int], scheme: str, query: str, says: str
) -> None:
    page = open_page(size=size, scheme=scheme)
    page.goto(f"{site.url}/log{query}")

    expect_a_good_page(page)
    expect(page.locator("#content").get_by_text(says).locator("visible=true").first).to_be_visible()
    picture(page, f"state{re.sub('[^a-z]+', '-', query)}-{size[0]}-{scheme}")


@pytest.mark.parametrize(("size", "scheme"), LOOKS[::3], ids=["phone, light", "desktop, dark"])
def test_pictures_have_their_numbers_behind_them(
    open_page: PageOpener, site: Site, picture: Keeper, size: tuple[int, int], scheme: str
) -> None:
    page = open_page(size=size, scheme=scheme)
    page.goto(f"{site.url}/log?door=front")
    pictures = page.locator("figure.picture")
    assert pictures.count() >= 4
    picture(page, f"pictures-{size[0]}-{scheme}")
    for numbers in pictures.locator("details").all():
        numbers.locator("summary").click()
        expect(numbers.locator("table")).to_be_visible()

    expect_a_good_page(page)
    picture(page, f"numbers-{size[0]}-{scheme}")


def test_what_others_typed_is_text_and_nothing_else(open_page: PageOpener, site: Site, picture: Keeper) -> None:
    page = open_page()
    page.goto(f"{site.url}/log?door=front&q=onerror")
    found = entries(page).count()
    assert found >= 8
    for visit in visits(page).all():
        visit.locator("summary").click()
    page.goto(f"{site.url}/log?q={HOSTILE}&who={HOSTILE}&door={HOSTILE}&from={HOSTILE}&kind={HOSTILE}")
    page.hover("h1")

    assert page.locator("#log script, #log img, b[onmouseover]").count() == 0
    assert "49" not in page.locator(".chips").inner_text()
    expect_a_good_page(page)
    picture(page, "hostile")


def test_a_filtered_view_can_be_sent_to_a_colleague(open_page: PageOpener, site: Site) -> None:
    mine, theirs = open_page(), open_page()
    mine.goto(f"{site.url}/log")
    filter_by(mine, "Rings", "Denied")
    theirs.goto(mine.url)

    assert entries(theirs).count() > 0
    assert entries(theirs).all_inner_texts() == entries(mine).all_inner_texts()


def test_somebody_who_reads_is_not_disturbed_by_what_is_new(open_page: PageOpener, site: Site) -> None:
    page = open_page()
    page.goto(f"{site.url}/log?kind=rings")
    visits(page).nth(3).locator("summary").click()
    expect(page.locator(".story li").first).to_be_visible()
    before = page.locator(".story").bounding_box()

    site.ring()
    button = page.get_by_role("button", name="Show 1 new entry")
    expect(button).to_be_visible(timeout=ARRIVES_WITHIN)
    assert entries(page).count() == 50
    assert page.locator(".story").bounding_box() == before
    button.click()

    expect(entries(page)).to_have_count(51)


def test_what_failed_is_said_where_it_was_asked_and_can_be_tried_again(
    open_page: PageOpener, site: Site, watched: Watched
) -> None:
    watched.expected = {503}
    page = open_page()
    page.goto(f"{site.url}/log?kind=rings&door=front&q=0199")
    busy = re.compile("/log/(visit|number)")
    page.route(busy, lambda route: route.fulfill(status=503, body="The store is away."))
    visit, number = visits(page).first, entries(page).first.locator("form.number")
    visit.locator("summary").click()
    expect(visit.locator(".story-place")).to_contain_text("The store is away.")
    visit.locator("summary").click()
    number.get_by_role("button").click()
    expect(number).to_contain_text("…0199 The store is away.")
    page.unroute(busy)
    page.route("**/log/number", lambda route: route.abort())
    number.get_by_role("button").click()
    expect(number).to_contain_text("…0199 That didn't reach the server. Please try again.")
    page.unroute("**/log/number")
    watched.troubles[:] = [each for each in watched.troubles if "net::ERR_FAILED" not in each]

    number.get_by_role("button").click()
    expect(number).to_contain_text(INTERCOM)
    expect(number).not_to_contain_text("try again")
    visit.locator("summary").click()
    expect(visit.locator(".story li").first).to_be_visible()


def test_over_midnight_there_is_one_today(open_page: PageOpener, site: Site) -> None:
    page = open_page()
    page.goto(f"{site.url}/log?kind=rings&q=0199")
    heading = page.locator("#log h2").first
    expect(heading).to_contain_text("Today")
    yesterday = heading.inner_text().removeprefix("Today · ")
    day = page.locator("#log .day").first.evaluate(
        """day => { const next = day.cloneNode(true), words = "Today · Monday, 1 January 2035";
          next.dataset.day = "2035-01-01"; next.querySelector("h2").textContent = words;
          next.querySelector("table").ariaLabel = words;
          next.querySelectorAll(".entry:not(:first-child)").forEach(entry => entry.remove());
          return next.outerHTML; }"""
    )
    page.route("**/log/new?*", lambda route: route.fulfill(status=200, body=day, headers={"Log-Cursor": ""}))
    expect(page.locator("#log h2").first).to_have_text("Today · Monday, 1 January 2035", timeout=ARRIVES_WITHIN)
    page.unroute("**/log/new?*")
    assert page.locator("#log h2").nth(1).inner_text() == yesterday
    assert page.locator("#log table").nth(1).get_attribute("aria-label") == yesterday


def test_a_page_that_stays_open_says_when_the_session_is_over(
    open_context: Opener, site: Site, watched: Watched
) -> None:
    watched.expected = {401}
    context = open_context()
    page, other = context.new_page(), context.new_page()
    sign_in(page, site)
    other.goto(f"{site.url}/log")
    other.get_by_role("button", name="Sign out").click()

    expect(page.locator("#live")).to_contain_text("/frontdoor log", timeout=ARRIVES_WITHIN)
    expect_a_good_page(page)


def test_on_paper_it_is_the_list_and_nothing_to_press(open_page: PageOpener, site: Site, picture: Keeper) -> None:
    page = open_page(scheme="dark")
    page.goto(f"{site.url}/log?kind=rings")
    page.emulate_media(media="print")

    expect(entries(page).first).to_be_visible()
    for control in page.get_by_role("button").all():
        expect(control).to_be_hidden()
    paper, ink = page.evaluate(
        "[getComputedStyle(document.body).backgroundColor, getComputedStyle(document.body).color]"
    )
    assert brightness(paper) > 0.9 > 0.4 > brightness(ink)
    assert violations(page) == []  # also where it is dark on the screen: paper never is
    picture(page, "print")


def brightness(colour: str) -> float:
    """0 for black, 1 for white; what lets everything through is paper."""
    red, green, blue, *alpha = (float(part) for part in re.findall(r"[\d.]+", colour))
    return 1.0 if alpha == [0.0] else (red + green + blue) / 765


def test_at_twice_the_size_nothing_is_cut_off(open_page: PageOpener, site: Site, picture: Keeper) -> None:
    page = open_page(size=(640, 450), device_scale_factor=2)
    page.goto(f"{site.url}/log")

    expect_a_good_page(page)
    picture(page, "zoomed")


def test_with_forced_colours_and_less_motion_it_is_all_there(
    open_page: PageOpener, site: Site, picture: Keeper
) -> None:
    page = open_page(forced_colors="active", reduced_motion="reduce")
    page.goto(f"{site.url}/log")

    expect(entries(page)).to_have_count(50)
    expect_a_good_page(page)
    picture(page, "forced-colours")
