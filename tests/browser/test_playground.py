"""The playground in a real browser: a person who has only just come, and the panel, which opens by what it hears."""

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from playwright.sync_api import BrowserContext, Locator, expect
from playwright.sync_api import Page as BrowserPage

from tests.browser.conftest import DESKTOP, PHONE, Watched
from tests.browser.looks import overflow, violations
from tests.browser.test_reading import Keys
from tests.demo.conftest import Demo
from tests.demo.page import ADA, CHANNEL, HAL, Page

Opener = Callable[..., BrowserContext]
Keeper = Callable[[BrowserPage, str], None]
PATIENCE = 20_000  # milliseconds; a call is lived through in real time
OPEN = re.compile(r"\bis-open\b")


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    with Demo(tmp_path_factory.mktemp("playground")) as demo:
        yield demo


@pytest.fixture
def watched(demo: Demo) -> Iterator[Watched]:
    """The same watch as over the other pages."""
    watched = Watched(demo)  # type: ignore[arg-type]  # it needs the address only
    yield watched
    assert watched.troubles == []


@pytest.fixture
def api(demo: Demo) -> Iterator[Page]:
    """Everything begins anew."""
    with Page(demo.url) as page:
        page.ask("start-over")
        page.wait("snapshot", since=1)
        yield page


class Visitor:
    """Somebody who uses the page."""

    def __init__(self, page: BrowserPage, url: str) -> None:
        self.page = page
        page.set_default_timeout(PATIENCE)
        page.goto(url)
        expect(page.locator("#clock-words")).not_to_have_text("…")

    def be(self, name: str) -> None:
        self.page.get_by_role("radio", name=name).check()

    def type(self, *words: str) -> None:
        for each in words:
            self.page.locator("#words").fill(each)
            self.page.keyboard.press("Enter")

    def room(self, name: str) -> None:
        self.page.get_by_role("button", name=name, exact=True).click()

    def ring(self) -> None:
        self.page.get_by_role("button", name="Ring", exact=True).click()

    def hang_up(self) -> None:
        self.page.locator("#bell", has_text="Hang up").click()
        self.expect_over()

    def key(self, digits: str) -> None:
        for digit in digits:
            self.page.get_by_role("button", name=f"Key {digit}", exact=True).click()

    def hear_with(self, **settings: int) -> None:
        """Set the panel's ear."""
        if self.page.locator("#ear").get_attribute("open") is None:
            self.page.locator("#ear summary").click()
        for name, value in settings.items():
            self.page.locator(f"#ear-{name}-range").fill(str(value))

    @property
    def door(self) -> Locator:
        return self.page.locator("#doorway")

    @property
    def heard(self) -> Locator:
        return self.page.locator("#heard")

    def message(self, words: str) -> Locator:
        return self.page.locator(".message", has_text=words).last

    def is_shut(self) -> bool:
        """As it is now: waiting for it would wait until it has fallen shut."""
        return self.door.get_attribute("aria-label") == "The door is shut."

    def expect_open(self) -> None:
        expect(self.door).to_have_class(OPEN, timeout=PATIENCE)
        expect(self.door).to_have_attribute("aria-label", "The door is open.")

    def expect_over(self) -> None:
        expect(self.page.locator("#bell-words")).to_have_text("Ring", timeout=PATIENCE)

    def expect_recorded(self, words: str) -> None:
        expect(self.page.locator("#entries .entry", has_text=words).first).to_be_visible()

    def expect_good(self) -> None:
        assert violations(self.page) == []
        assert overflow(self.page) <= 0


@pytest.fixture
def come(open_context: Opener, demo: Demo, api: Page) -> Callable[..., Visitor]:
    """A visitor to a playground in which nothing has happened yet."""

    def came(**options: Any) -> Visitor:
        return Visitor(open_context(**options).new_page(), demo.url)

    return came


def test_from_the_first_ring_to_the_record(come: Callable[..., Visitor], picture: Keeper) -> None:
    visitor = come(size=DESKTOP, scheme="light")
    page = visitor.page
    visitor.expect_good()
    picture(page, "playground-begin-1280-light")

    visitor.ring()
    let_in = visitor.message("Let them in?").get_by_role("button", name="Let in", exact=True)
    expect(visitor.heard).to_contain_text("I am asking somebody")
    picture(page, "playground-asked-1280-light")
    assert visitor.is_shut()
    let_in.click()
    visitor.expect_open()
    expect(visitor.heard).to_contain_text(re.compile("The panel: “I heard 9 for 1[01]0 ms at −10 dB. I open.”"))
    expect(visitor.message("let the visitor in")).to_contain_text("@Hal")
    expect(visitor.heard).to_contain_text("Third floor")
    page.wait_for_timeout(1500)  # for the picture: the door has swung open
    picture(page, "playground-open-1280-light")
    visitor.hang_up()

    visitor.type("/frontdoor unlock for 1h", "/frontdoor code issue Parcel for 1h")
    expect(page.locator(".message.private", has_text="Every ring is released")).to_contain_text("Only visible to you")
    code = re.search(r": (\d{3}) (\d{3})\.", visitor.message("Parcel").inner_text())
    assert code
    visitor.ring()
    expect(visitor.heard).to_contain_text("I open")
    visitor.hang_up()

    visitor.type("/frontdoor lock")
    expect(visitor.message("is locked")).to_be_visible()
    visitor.ring()
    expect(visitor.heard).to_contain_text("I am asking somebody")
    visitor.key("".join(code.groups()))
    expect(visitor.heard).to_contain_text("I open", timeout=PATIENCE)
    visitor.hang_up()

    visitor.be("Ada")
    expect(page.locator(".message.private")).to_have_count(0)  # that was for Hal alone
    visitor.type("/frontdoor lockdown fire drill")
    visitor.ring()
    expect(page.get_by_role("button", name="Answer")).to_have_count(2)
    expect(page.get_by_role("button", name="Let in", exact=True)).to_have_count(0)
    visitor.hang_up()
    for words in ("Hal let the visitor in", "Parcel", "fire drill"):
        visitor.expect_recorded(words)

    visitor.type("/frontdoor log")
    link = visitor.message("Only visible to you").get_by_role("link", name="Open the whole log")
    with page.expect_popup() as opened:
        link.click()
    opened.value.get_by_role("button", name=re.compile("Sign in as Ada")).click()
    expect(opened.value.get_by_text("fire drill").first).to_be_visible()
    picture(page, "playground-record-1280-light")
    visitor.expect_good()


def test_telephones_ring_here_too(come: Callable[..., Visitor], picture: Keeper) -> None:
    visitor = come(scheme="dark")
    page = visitor.page
    page.locator("#clock").click()
    page.get_by_role("menuitem", name=re.compile("Saturday")).click()
    expect(page.locator("#clock-words")).to_contain_text("Saturday")

    visitor.ring()
    page.get_by_role("button", name="Decline: Hal's mobile").click()
    page.get_by_role("button", name="Answer: Reception").click()
    telephone = page.locator(".telephone", has_text="Reception")
    expect(telephone).to_contain_text("Front door")
    expect(page.locator(".telephone", has_text="Hal's mobile")).to_contain_text("quiet")
    picture(page, "playground-telephone-1280-dark")
    visitor.expect_good()
    telephone.get_by_role("button", name="1: Reception").click()
    expect(telephone).to_contain_text("talking")
    telephone.get_by_role("button", name="9: Reception").click()  # goes down the line, to the panel alone
    visitor.expect_open()
    expect(visitor.heard).to_contain_text("it is not on record")
    telephone.get_by_role("button", name="Hang up").click()
    visitor.expect_over()

    visitor.ring()
    page.get_by_role("button", name="Answer: Reception").click()
    telephone.get_by_role("button", name="9: Reception").click()
    expect(visitor.heard).to_contain_text("I open", timeout=PATIENCE)
    visitor.expect_recorded("Released")


def test_a_panel_that_misses_the_beginning_wants_a_patient_tone(come: Callable[..., Visitor], picture: Keeper) -> None:
    visitor = come()
    visitor.hear_with(misses=2500)
    expect(visitor.page.locator("#ear-name")).to_have_text("as you set it")
    visitor.type("/frontdoor unlock for 1h")
    expect(visitor.message("Every ring is released")).to_be_visible()
    visitor.ring()
    expect(visitor.heard.get_by_text("There was a 9 before I listened")).to_have_count(2)
    assert visitor.is_shut()
    visitor.hang_up()

    visitor.ring()  # soon after the last one, DoorBot sounds the next stronger tone
    visitor.expect_open()
    picture(visitor.page, "playground-ear-1280-light")
    visitor.expect_good()


COUNT_TONES = """window.tones = 0
const make = AudioContext.prototype.createOscillator
AudioContext.prototype.createOscillator = function () { window.tones++; return make.call(this) }"""
HEARS = """async ({ settings, tones }) => {
  const { Ear, RATE } = await import('/playground/static/hearing.js')
  const found = [], opened = []
  const told = { found: (each) => found.push(`${each.key} ${each.verdict}`), opens: (key) => opened.push(key) }
  const ear = new Ear(settings, told)
  for (const [frequencies, ms, level] of tones) {
    const samples = new Float32Array((ms * RATE) / 1000), loudness = 10 ** (level / 20) / Math.sqrt(frequencies.length)
    for (const each of frequencies) {
      for (let at = 0; at < samples.length; at++) samples[at] += loudness * Math.sin((2 * Math.PI * each * at) / RATE)
    }
    for (let at = 0; at < samples.length; at += 111) ear.hear(samples.subarray(at, at + 111))
  }
  ear.end()
  return [found.join(', '), opened.join('')]
}"""
WELL = {"threshold": -30, "shortest": 40, "misses": 0}
NINE, ONE, QUIET, HUM, CHORD = [852, 1477], [697, 1209], [], [440], [697, 770, 852, 1209, 1336]


@pytest.mark.parametrize(
    ("settings", "tones", "found", "opened"),
    [
        ({}, [(QUIET, 100, 0), (NINE, 100, -10), (QUIET, 100, 0), (ONE, 100, -20)], "9 heard, 1 heard", "91"),
        ({"shortest": 250}, [(NINE, 100, -10), (QUIET, 100, 0), (NINE, 300, -10)], "9 short, 9 heard", "9"),
        ({"threshold": -9}, [(NINE, 100, -10), (QUIET, 100, 0), (NINE, 100, -7)], "9 faint, 9 heard", "9"),
        ({"misses": 1000}, [(NINE, 500, -10), (QUIET, 700, 0), (NINE, 100, -10)], "9 missed, 9 heard", "9"),
        ({"misses": 1000}, [(NINE, 1020, -10)], "9 short", ""),
        ({}, [(HUM, 500, -6), (CHORD, 500, -6), (NINE, 500, -60)], "", ""),
    ],
    ids=["two keys", "too short", "too quiet", "before it listened", "its end only", "no key at all"],
)
def test_the_panel_hears_what_sounds_and_nothing_else(
    open_context: Opener, demo: Demo, settings: dict[str, int], tones: list[Any], found: str, opened: str
) -> None:
    page = open_context().new_page()
    page.goto(demo.url)
    assert page.evaluate(HEARS, {"settings": {**WELL, **settings}, "tones": tones}) == [found, opened]


@pytest.mark.parametrize(("size", "scheme"), [(DESKTOP, "dark"), (PHONE, "light")], ids=["desktop", "phone"])
def test_dialogs_say_what_is_wrong_at_the_place(
    come: Callable[..., Visitor], picture: Keeper, size: tuple[int, int], scheme: str
) -> None:
    visitor = come(size=size, scheme=scheme)
    page, look = visitor.page, f"{size[0]}-{scheme}"
    visitor.room("DoorBot’s Home")
    expect(page.locator("#home")).to_contain_text("The front door is locked")
    visitor.expect_good()
    picture(page, f"playground-home-{look}")
    page.locator("#home").get_by_role("button", name=re.compile("Add to the schedule")).click()
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text("Add to the schedule")
    dialog.get_by_label("Until", exact=True).fill("11:00")
    dialog.get_by_label("Name").fill("lunch")
    dialog.get_by_role("button", name="Add").click()
    expect(dialog.get_by_text("Choose a later time")).to_be_visible()
    expect(dialog.get_by_label("Until", exact=True)).to_be_focused()
    expect(dialog.get_by_label("Name")).to_have_value("lunch")  # what was typed stays
    visitor.expect_good()
    picture(page, f"playground-dialog-{look}")
    dialog.get_by_label("Until", exact=True).fill("14:00")
    dialog.get_by_role("button", name="Add").click()
    expect(dialog).to_contain_text("Mon–Fri")
    dialog.get_by_role("button", name="Close").click()
    expect(page.locator("#home")).to_contain_text("lunch")

    visitor.be("Ada")
    expect(page.locator("#home")).to_contain_text("Lockdown")
    page.locator("#home").get_by_role("button", name="More").last.click()
    page.get_by_role("menuitem", name="Remove").click()
    expect(page.locator("#home")).not_to_contain_text("lunch")
    visitor.be("Guy")
    expect(page.locator("#home")).to_contain_text("Only full members")


def test_a_question_comes_before_what_is_not_easily_undone(come: Callable[..., Visitor]) -> None:
    visitor = come()
    page = visitor.page
    visitor.type("/frontdoor code issue Parcel for 1h")
    expect(visitor.message("Parcel")).to_be_visible()
    visitor.room("DoorBot’s Home")
    revoke = page.get_by_role("button", name="Revoke the code Parcel")
    for answer, left in (("Go back", 1), ("Revoke", 0)):
        revoke.click()
        dialog = page.get_by_role("dialog")
        expect(dialog).to_contain_text("Parcel will release nothing any more.")
        dialog.get_by_role("button", name=answer).click()
        expect(revoke).to_have_count(left)


def test_what_others_typed_is_text_and_nothing_else(come: Callable[..., Visitor], api: Page) -> None:
    visitor = come()
    hostile = "<img src=x onerror=alert(1)><script>alert(1)</script>"
    for user, text in ((ADA, f"/frontdoor lockdown {hostile}"), (ADA, f"{hostile} *bold* &lt;b&gt; <https://a.b|c>")):
        api.ask("say", user=user, to=CHANNEL, text=text)
    told = visitor.message("bold")
    expect(told).to_contain_text(f"{hostile} bold &lt;b&gt; <https://a.b|c>")
    expect(told.locator("b", has_text="bold")).to_be_visible()
    visitor.expect_recorded("onerror=alert(1)")
    visitor.room("DoorBot")
    expect(visitor.message("onerror=alert(1)")).to_contain_text("lockdown")
    visitor.room("DoorBot’s Home")
    expect(visitor.page.locator("#home")).to_contain_text("onerror=alert(1)")
    assert visitor.page.locator("main :is(img, script), main a[href^='https://a.b']").count() == 0


def test_everything_can_be_done_with_the_keyboard(come: Callable[..., Visitor]) -> None:
    visitor = come(reduced_motion="reduce")
    page, keys = visitor.page, Keys(visitor.page)
    press = page.keyboard.press
    keys.to("button", "Do it for me")
    keys.to("input", HAL)
    press("ArrowDown")
    expect(page.locator("#room-about")).to_be_visible()
    expect(page.get_by_role("radio", name="Ada")).to_be_checked()
    press("ArrowUp")
    keys.to("input", "")
    page.keyboard.type("/frontdoor unl")
    press("ArrowDown")
    press("Enter")
    expect(page.locator("#words")).to_have_value("/frontdoor unlock for 1h")
    press("Control+A")
    page.keyboard.type("/frontdoor code issue Key for 1h")
    press("Enter")
    code = visitor.message("Key").inner_text()
    keys.to("button", "Ring")
    press("Enter")
    expect(visitor.heard).to_contain_text("I am asking somebody")
    found = re.search(r": (\d{3}) (\d{3})\.", code)
    assert found
    page.keyboard.type("".join(found.groups()))  # within the panel, keys are its keys
    visitor.expect_open()
    visitor.expect_over()

    keys.to("button", "Move the clock", backwards=True)
    press("Enter")
    press("ArrowDown")
    press("Enter")
    expect(page.locator("#clock")).to_be_focused()
    keys.to("button", "DoorBot’s Home")
    press("Enter")
    keys.to("button", "⋯")
    press("Enter")
    press("ArrowDown")
    press("Escape")
    assert "⋯" in keys.focused()
    keys.to("button", "Issue a code …")
    press("Enter")
    expect(page.get_by_label("Whose code is it?")).to_be_focused()
    press("Escape")
    expect(page.get_by_role("dialog")).to_have_count(0)
    assert "Issue a code" in keys.focused()


def test_the_tour_shows_it_and_ends_with_the_guide(
    come: Callable[..., Visitor], watched: Watched, picture: Keeper
) -> None:
    visitor = come(size=PHONE, scheme="dark")
    page, tour = visitor.page, visitor.page.locator("#tour")
    visitor.expect_good()
    picture(page, "playground-tour-390-dark")
    for _ in range(2):
        page.get_by_role("button", name="Do it for me").click()
        expect(page.locator(".tour-done")).to_have_text("Done", timeout=PATIENCE)
        page.get_by_role("button", name="Next", exact=True).click()
    visitor.expect_open()
    picture(page, "playground-tour-open-390-dark")
    while page.get_by_role("button", name="Skip", exact=True).count():
        page.get_by_role("button", name="Skip", exact=True).click()
    expect(tour).to_contain_text("Now for real")
    visitor.expect_good()
    with page.expect_popup() as opened:
        tour.get_by_role("link", name="The set-up guide").click()
    guide = opened.value
    expect(guide.get_by_role("heading", name="Make the Slack app")).to_be_visible()
    assert (violations(guide), overflow(guide) <= 0) == ([], True)
    picture(guide, "playground-guide-390-dark")
    guide.get_by_role("link", name="privacy notice").click()
    expect(guide.get_by_role("heading", name="The notice at the door")).to_be_in_viewport()


def test_what_the_playground_refuses_it_says(come: Callable[..., Visitor], watched: Watched) -> None:
    watched.expected = {409}
    visitor = come()
    visitor.ring()
    expect(visitor.heard).to_contain_text("I am asking somebody")
    visitor.page.locator("#clock").click()
    visitor.page.get_by_role("menuitem", name="+1 hour").click()
    expect(visitor.page.get_by_role("status").filter(has_text="Let the call end first")).to_be_visible()
    visitor.hang_up()
    expect(visitor.heard).to_contain_text("The visitor hung up")

    visitor.page.get_by_role("button", name="Start over").click()
    visitor.page.get_by_role("dialog").get_by_role("button", name="Start over").click()
    expect(visitor.page.get_by_text("Nothing has happened yet")).to_be_visible()
    expect(visitor.page.locator(".message")).to_have_count(0)


def test_whoever_comes_back_in_mid_call_finds_it_as_it_is(come: Callable[..., Visitor]) -> None:
    visitor = come()
    page = visitor.page
    visitor.be("Ada")
    visitor.type("/frontdoor lockdown fire drill")
    expect(visitor.message("fire drill")).to_be_visible()
    page.locator("#bell").dblclick()  # means once
    expect(page.get_by_role("button", name="Answer")).to_have_count(2)
    page.reload()
    expect(page.get_by_role("button", name="Answer")).to_have_count(2)
    expect(page.locator("#display-words")).to_have_text(re.compile("Calling|Connected"))
    expect(visitor.door).to_have_class(re.compile(r"\bwaits\b"))
    expect(visitor.heard).to_contain_text("Somebody is at the door")
    visitor.hang_up()


def test_nothing_rings_on_when_the_playground_is_closed(
    open_context: Opener, tmp_path: Path, watched: Watched, demo: Demo
) -> None:
    page = open_context().new_page()
    page.add_init_script(COUNT_TONES)
    with Demo(tmp_path) as closing:
        watched.site = SimpleNamespace(url=closing.url)  # type: ignore[assignment]
        visitor = Visitor(page, closing.url)
        visitor.be("Ada")
        visitor.type("/frontdoor lockdown fire drill")
        expect(visitor.message("fire drill")).to_be_visible()
        visitor.ring()
        expect(page.get_by_role("button", name="Answer")).to_have_count(2)
    expect(page.get_by_role("alert").filter(has_text="does not answer")).to_be_visible()
    before = page.evaluate("tones")
    page.wait_for_timeout(4500)  # telephones ring every four seconds
    assert (before > 0, page.evaluate("tones")) == (True, before)
    watched.troubles = [each for each in watched.troubles if "Failed to load" not in each]


def test_who_and_where_one_is_can_be_seen_in_forced_colours(come: Callable[..., Visitor]) -> None:
    visitor = come(forced_colors="active")
    look = "(node) => { const is = getComputedStyle(node); return [is.color, is.outlineStyle].join() }"
    for chosen, other in (
        (".person:has(:checked)", ".person:last-child"),
        (".rooms [aria-current]", ".rooms li:last-child button"),
    ):
        assert visitor.page.locator(chosen).evaluate(look) != visitor.page.locator(other).evaluate(look)
    visitor.expect_good()


def test_a_scene_that_was_skipped_is_made_up_for(come: Callable[..., Visitor]) -> None:
    visitor = come()
    page = visitor.page
    for _ in range(10):
        page.get_by_role("button", name="Skip", exact=True).click()
    expect(page.locator("#tour-title")).to_contain_text("keys it in")
    page.get_by_role("button", name="Do it for me").click()
    expect(visitor.heard).to_contain_text("I open", timeout=PATIENCE)
    visitor.hang_up()


def test_what_is_heard_is_followed_though_its_box_shrinks_and_stays_where_somebody_reads(
    come: Callable[..., Visitor],
) -> None:
    visitor = come()
    is_at_end = "(box) => box.scrollTop + box.clientHeight >= box.scrollHeight - 2"
    visitor.ring()
    expect(visitor.heard).to_contain_text("I am asking somebody")
    visitor.heard.evaluate("(box) => { box.style.flex = 'none'; box.style.height = '2.5rem' }")
    visitor.page.wait_for_timeout(200)
    assert visitor.heard.evaluate(is_at_end)
    expect(visitor.heard).to_contain_text("keys are awaited")
    assert visitor.heard.evaluate(is_at_end)
    visitor.heard.evaluate("(box) => box.scrollTo(0, 0)")
    visitor.page.wait_for_timeout(200)
    visitor.hang_up()
    expect(visitor.heard).to_contain_text("hung up")
    assert visitor.heard.evaluate("(box) => box.scrollTop") == 0
