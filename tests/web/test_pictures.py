"""Pictures above the log: what is drawn, what stands in the tables behind, and what is said."""

import random
import re
from collections import Counter
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from html.parser import HTMLParser
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from flask import Flask, render_template
from hypothesis import given, settings
from hypothesis import strategies as st

from app.domain.digests import Conclusion
from app.domain.doors import Door
from app.domain.pictures import Block, Pictures, busiest, is_closed, shown_days, slots
from app.domain.summaries import Tally, bucket, median
from app.web import charts, pages, pictures
from tests.support import a_door, local

NOW = local("2026-11-22T14:03:21")
FIRST, LAST = date(2026, 10, 26), date(2026, 11, 22)
DAY = timedelta(days=1)
TEMPLATES = Path(pages.__file__).parent / "templates"
OUTSIDE = {"rings": "Rings per day", "hours": "Rings by hour of the week", "outcomes": "How visits ended"}


class Page(HTMLParser):
    """What a page has: its elements, the cells of its tables, and the texts and titles in its pictures."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.tables: dict[str, list[list[str]]] = {}
        self.texts: dict[str, list[str]] = {}
        self.titles: dict[str, list[str]] = {}
        self.words = ""
        self._figure, self._open = "", list[str]()
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: Any) -> None:
        known = dict(attrs)
        self.elements.append((tag, known))
        if tag == "figure":
            self._figure = known["id"].removeprefix("picture-")
        if tag == "table":
            self.tables[self._figure] = []
        if tag == "tr":
            self.tables[self._figure].append([])
        if tag in ("th", "td"):
            self.tables[self._figure][-1].append("")
        if tag not in ("link", "path", "rect", "circle"):
            self._open.append(tag)

    def handle_startendtag(self, tag: str, attrs: Any) -> None:
        self.elements.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        while self._open and self._open.pop() != tag:
            pass

    def handle_data(self, data: str) -> None:
        data = data.replace("\u00a0", " ")
        self.words += data
        where = self._open[-1] if self._open else ""
        if where in ("th", "td"):
            self.tables[self._figure][-1][-1] += data
        if where == "text":
            self.texts.setdefault(self._figure, []).append(data)
        if where == "title":
            self.titles.setdefault(self._figure, []).append(data)


@pytest.fixture(scope="module")
def flask() -> Flask:
    app = Flask(__name__, static_folder=None)
    app.register_blueprint(pages.blueprint())
    return app


def rendered(flask: Flask, shown: Pictures, doors: Sequence[Door] = (), now: datetime = NOW) -> tuple[str, Page]:
    with flask.test_request_context():
        html = render_template("pictures.html", pictures=pictures.view(shown, doors or [a_door()], now))
    return html, Page(html)


def a_day(dice: random.Random, rings: int) -> Tally:
    """A day of made visits."""
    tally = Tally()
    for _ in range(rings):
        tally.hours[dice.randrange(24)] += 1
        if end := dice.choice([*Conclusion, None, Conclusion.RELEASED, Conclusion.RELEASED]):
            tally.ends[end.value] += 1
        if dice.random() < 0.4:
            tally.waits[bucket(dice.lognormvariate(2.5, 1.5))] += 1
    return tally


def made(first: date, last: date, most: int, seed: int = 1) -> dict[date, Tally]:
    """Days with up to so many rings each, some of them with none."""
    dice = random.Random(seed)
    days = {first + number * DAY: a_day(dice, dice.randint(0, most)) for number in range((last - first).days + 1)}
    return {day: tally for day, tally in days.items() if tally.rings}


def a_picture(first: date = FIRST, last: date = LAST, most: int = 30, seed: int = 1, **changes: Any) -> Pictures:
    known = {"first_day": first, "last_day": last, "days": made(first, last, most, seed), "as_of": NOW}
    return Pictures(**{**known, **changes})


RANGES = st.tuples(st.integers(0, 900), st.integers(1, 2000), st.integers(0, 2**32))


@settings(max_examples=12)
@given(RANGES)
def test_the_tables_hold_the_numbers_that_are_drawn_and_all_of_them(flask: Flask, given: tuple[int, int, int]) -> None:
    length, most, seed = given
    shown = a_picture(LAST - length * DAY, LAST, min(most, 6_000 // (length + 1)), seed)
    if not shown.days:
        return
    _, page = rendered(flask, shown)
    total = shown.total
    rings = dict(page.tables["rings"][1:])
    drawn = dict(title.split(": ") for title in page.titles["rings"][1:] if not title.endswith("closed"))
    assert {name: number.split()[0] for name, number in drawn.items()} == {k: v for k, v in rings.items() if v != "0"}
    assert sum(plain(number) for number in rings.values()) == total.rings
    hours = [plain(cell) for row in page.tables["hours"][1:] for cell in row[1:]]
    assert [plain(title.rpartition(": ")[2]) for title in page.titles["hours"][1:]] == hours
    assert sum(hours) == total.rings
    ends = page.tables["outcomes"][1:]
    assert [f"{count} · {share}" for _, count, share in ends] == page.texts["outcomes"][1::2]
    assert [word for word, _, _ in ends] == page.texts["outcomes"][::2]
    assert sum(plain(count) for _, count, _ in ends) == total.rings
    if half := median(total.waits):
        waits = page.tables["waits"][1:]
        dots = [title.split(": ") for title in page.titles["waits"][1:] if not title.endswith("closed")]
        assert dots == [[name, wait] for name, wait, _ in waits[:-1]]
        assert sum(plain(count) for _, _, count in waits[:-1]) == plain(waits[-1][2]) == sum(total.waits.values())
        assert page.texts["waits"]
        assert half > 0


def plain(number: str) -> int:
    return int(number.replace(",", ""))


@settings(max_examples=12)
@given(RANGES)
def test_nothing_is_drawn_outside_of_a_picture(flask: Flask, given: tuple[int, int, int]) -> None:
    length, most, seed = given
    shown = a_picture(LAST - length * DAY, LAST, min(most, 6_000 // (length + 1)), seed)
    if not shown.days:
        return
    html, page = rendered(flask, shown)
    heights = [float(known["viewbox"].split()[3]) for tag, known in page.elements if known.get("role") == "img"]  # type: ignore[union-attr]
    assert len(heights) in (3, 4)
    for tag, known in page.elements:
        numbers = {name: float(known.get(name) or 0) for name in ("x", "y", "cx", "cy", "width", "height")}
        if tag in ("rect", "circle", "text"):
            assert all(number >= 0 for number in numbers.values()), known
            assert numbers["x"] + numbers["cx"] + numbers["width"] <= charts.WIDTH + 0.01, known
            assert numbers["y"] + numbers["cy"] + numbers["height"] <= max(heights) + 0.01, known
    assert "nan" not in html


def test_nothing_is_said_by_style_or_script(flask: Flask) -> None:
    """The policy of the pages forbids both within a page."""
    _, page = rendered(flask, a_picture())
    assert not [tag for tag, known in page.elements if tag in ("style", "script") or "style" in known]
    assert not [name for _, known in page.elements for name in known if name.startswith("on")]


PLAIN = {
    *("link", "details", "summary", "h2", "span", "p", "div", "figure", "figcaption", "strong"),
    *("svg", "title", "desc", "g", "rect", "path", "circle", "text"),
    *("table", "caption", "thead", "tbody", "tr", "th", "td"),
}
HOSTILE = ["<script>alert(1)</script>", '"><img src=x onerror=alert(1)>', "</title></svg><b>", "{{ 7*7 }}"]


@pytest.mark.parametrize("name", HOSTILE)
def test_a_door_may_be_called_anything(flask: Flask, name: str) -> None:
    for shown in (a_picture(), Pictures(FIRST, LAST, as_of=NOW), Pictures(FIRST, LAST, is_too_much=True)):
        _, page = rendered(flask, shown, [a_door(name=name)])
        assert {tag for tag, _ in page.elements} <= PLAIN
        assert name in page.words


def test_every_picture_has_a_name_a_sentence_and_a_table(flask: Flask) -> None:
    html, page = rendered(flask, a_picture())
    images = [known for tag, known in page.elements if known.get("role") == "img"]
    ids = [known["id"] for _, known in page.elements if "id" in known]
    assert len(images) == len(page.tables) == html.count("<figcaption>") == 4
    assert len(ids) == len(set(ids))
    for image in images:
        assert {image["aria-labelledby"], image["aria-describedby"]} <= set(ids)
    for key, title in OUTSIDE.items():
        assert page.titles[key][0] == f"{title}, Front door, Mon 26 Oct 2026 to Sun 22 Nov 2026"


def test_nobody_rang(flask: Flask) -> None:
    _, page = rendered(flask, Pictures(FIRST, LAST, as_of=NOW))
    assert "Nobody rang in these days. Once somebody does, pictures here show when visitors come" in page.words
    assert not page.tables
    _, page = rendered(flask, Pictures(LAST, LAST, as_of=NOW))
    assert "Nobody rang on Sun 22 Nov 2026." in page.words


def test_nobody_had_to_wait(flask: Flask) -> None:
    days = {LAST: Tally(Counter({12: 3}), Counter({"released": 3}))}
    _, page = rendered(flask, Pictures(FIRST, LAST, days, NOW))
    assert "Nobody had to wait for a person's answer." in page.words
    assert "waits" not in page.tables


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"is_too_much": True}, "That is too much for one picture. Choose a door, or fewer dates."),
        ({"is_unreadable": True}, "can't be read. The list below is complete all the same."),
        ({}, "Counted until 14:03:21."),
        ({"as_of": None}, "Nothing has been counted yet"),
        ({"as_of": NOW - timedelta(minutes=61)}, "Nothing has been counted since 13:02: what came later is missing"),
        ({"behind": 12_345}, "12,345 more entries of the log are still being counted"),
        ({"behind": 1}, "1 more entry of the log is still being counted"),
        ({"unreadable": 2}, "2 entries of the log can't be read and are not counted."),
    ],
)
def test_what_is_missing_is_said(flask: Flask, changes: dict[str, Any], expected: str) -> None:
    assert expected in rendered(flask, a_picture(**changes))[1].words


def test_the_partial_shows_nothing_where_there_is_nothing_to_show(flask: Flask) -> None:
    with flask.test_request_context():
        assert render_template("pictures.html").strip() == ""


# What is drawn as one, and what is seen in it


def drawn(first: date, last: date, days: dict[date, Tally], doors: Sequence[Door] = ()) -> list[Any]:
    return slots(Pictures(first, last, days), doors or [a_door()], LAST)


@pytest.mark.parametrize(
    ("length", "number", "first"),
    [(1, 1, 1), (28, 28, 1), (69, 69, 1), (70, 10, 7), (365, 53, 1), (770, 110, 7), (800, 27, 17)],
)
def test_days_become_weeks_and_months_where_they_are_many(length: int, number: int, first: int) -> None:
    begins = LAST - (length - 1) * DAY
    found = drawn(begins, LAST, made(begins, LAST, 9) | {begins: Tally(Counter({9: 1}))})
    assert (len(found), (found[0].last - found[0].first).days + 1) == (number, first)
    assert found[-1].last == LAST
    for one, other in pairwise(found):
        assert other.first == one.last + DAY
        assert other.first.weekday() == 0 or length < 70 or (length > 770 and other.first.day == 1)


def test_a_long_time_begins_with_the_first_ring_and_days_that_are_to_come_are_not_drawn() -> None:
    found = drawn(date.min, date.max, {LAST - 3 * DAY: Tally(Counter({9: 1}))})
    assert [slot.first for slot in found] == [LAST - each * DAY for each in (3, 2, 1, 0)]


def test_at_a_door_farther_east_it_may_be_tomorrow_already() -> None:
    tomorrow = LAST + DAY
    assert drawn(LAST, tomorrow, {tomorrow: Tally(Counter({0: 1}))})[-1].tally.rings == 1


def test_a_day_is_closed_where_every_door_is() -> None:
    weekdays = a_door(holidays={date(2026, 11, 11): "Veterans Day"})
    always = a_door(days="mon-sun", hours="00:00-24:00")
    november = [date(2026, 11, day) for day in (10, 11, 14, 15)]
    assert [is_closed([weekdays], day) for day in november] == [False, True, True, True]
    assert [is_closed([weekdays, always], day) for day in november] == [False] * 4


def test_closed_days_are_told_apart(flask: Flask) -> None:
    _, page = rendered(flask, a_picture())
    assert len([known for _, known in page.elements if known.get("class") == "pic-closed"]) == 2 * 8 + 1
    assert "Sat 31 Oct 2026: closed" in page.titles["rings"]
    assert "closed all day" in page.words


HOURS = st.dictionaries(st.tuples(st.integers(0, 6), st.integers(8, 14)), st.integers(1, 50), max_size=20)


@given(HOURS)
def test_the_part_of_the_week_that_stands_out_is_the_best_of_all(by_hour: dict[tuple[int, int], int]) -> None:
    found, total = busiest(by_hour), sum(by_hour.values())
    if not by_hour:
        assert found is None
        return

    def worth(days: range, hours: range) -> int:
        held = sum(rings for (day, hour), rings in by_hour.items() if day in days and hour in hours)
        return 168 * held - 3 * total * len(days) * len(hours)

    days = [range(first, last) for first in range(7) for last in range(first + 1, 8)]
    hours = [range(first, last) for first in range(8, 15) for last in range(first + 1, 16)]
    assert found is not None
    assert worth(found.days, found.hours) == max(worth(one, other) for one in days for other in hours)
    assert found.rings == sum(n for (day, hour), n in by_hour.items() if day in found.days and hour in found.hours)


def test_when_couriers_come(flask: Flask) -> None:
    lunch = {FIRST + number * DAY: Tally(Counter({11: 5, 12: 5, 17: 1})) for number in (1, 2, 3, 8, 9, 10)}
    assert busiest(Pictures(FIRST, LAST, lunch).by_hour) == Block(range(1, 4), range(11, 13), 60)
    _, page = rendered(flask, Pictures(FIRST, LAST, lunch, NOW))
    assert "Most rings come Tue–Thu from 11:00 to 13:00: 91 % of all rings." in page.words


def test_when_couriers_come_on_one_day_is_seen_against_that_day(flask: Flask) -> None:
    day = {LAST: Tally(Counter({9: 1, 11: 4, 12: 6, 15: 1, 17: 1}))}
    _, page = rendered(flask, Pictures(LAST, LAST, day, NOW))
    assert "Most rings come Sun from 11:00 to 13:00: 77 % of all rings." in page.words


def test_rings_at_all_hours_show_no_pattern(flask: Flask) -> None:
    always = {FIRST + number * DAY: Tally(Counter(range(24))) for number in range(28)}
    assert "no hours stand out" in rendered(flask, Pictures(FIRST, LAST, always, NOW))[1].words


@pytest.mark.parametrize(
    ("rings", "expected"),
    [
        ({LAST: 1}, "1 ring, at most 1 a day. "),
        ({LAST: 9, FIRST: 9}, "18 rings, at most 9 a day. "),
        ({LAST: 1200, FIRST: 9}, "1,209 rings. The busiest day was Sun 22 Nov 2026, with 1,200."),
    ],
)
def test_how_many_rang(flask: Flask, rings: dict[date, int], expected: str) -> None:
    days = {day: Tally(Counter({12: number})) for day, number in rings.items()}
    assert expected in rendered(flask, Pictures(FIRST, LAST, days, NOW))[1].words


def test_a_wait_that_is_far_longer_stands_at_the_top_and_is_in_the_table(flask: Flask) -> None:
    days = {FIRST + each * DAY: Tally(Counter({12: 1}), waits=Counter({bucket(8): 1})) for each in range(9)}
    days[LAST] = Tally(Counter({12: 1}), waits=Counter({bucket(3000): 1}))
    html, page = rendered(flask, Pictures(FIRST, LAST, days, NOW))
    (top,) = re.findall(r'<path class="pic-dot" d="M\S+ (\S+)h8', html)
    assert float(top) == charts.TOP + 3
    assert page.tables["waits"][-2][0] == "Sun 22 Nov 2026"
    assert page.tables["waits"][-2][1].startswith("49 min")


def test_four_weeks_are_shown_where_nobody_chose() -> None:
    assert shown_days(None, None, LAST) == (FIRST, LAST)
    assert shown_days(None, LAST, LAST + DAY) == (FIRST, LAST)
    assert shown_days(FIRST, None, LAST) == (FIRST, LAST)
    assert shown_days(LAST + DAY, None, LAST) == (LAST + DAY, LAST + DAY)
    assert shown_days(None, date.min, LAST) == (date.min, date.min)
