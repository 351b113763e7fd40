"""What stands above the list: as of when the log is whole, and pictures of the rings."""

import re
from html import unescape
from typing import Any

import pytest

from app.domain.seals import Breach, Sealer, Wrong
from app.domain.summaries import DaySummary, MonthSummary
from app.ports import OFFICE, partition
from app.usecases.sealed_logs import BREACH
from app.usecases.sealing import SEALER
from app.usecases.summaries import month_key
from tests.conftest import FakeHosts
from tests.support import Office
from tests.web.browsers import signed_in
from tests.web.test_log import NOON, put

pytestmark = pytest.mark.usefixtures("clock")


def above(office: Office, address: str = "/log") -> tuple[list[str], list[str]]:
    """What a page says of the seals, and of what was counted."""
    text = re.sub(r"<span aria-hidden=\"true\">(.*?)</span>", r"\1", signed_in(office).get(address).text)
    return [
        [unescape(each) for each in re.findall(rf'<p class="{name}[^>]*>(.*?)</p>', text)]
        for name in ("seal", "pic-(?:counted|nothing)")
    ]  # type: ignore[return-value]


def test_nothing_is_called_whole_or_quiet_before_it_was_looked_at(office: Office) -> None:
    put(office, "ring", "released", reason="unlock", visit="CA1")
    seals, counted = above(office)
    assert seals == ["… Not sealed yet."]
    assert counted == ["Nothing has been counted yet; a few seconds after the start it will be."]


def test_what_is_sealed_and_counted_is_said(office: Office, hosts: FakeHosts) -> None:
    put(office, "ring", "released", reason="unlock", visit="CA1")
    office.services.background.sweep("record", "summaries")
    seals, counted = above(office)
    assert seals == ["✓ Whole as of 12:00:00."] or seals[0].startswith("✓ Whole as of 12:00:00; checked")
    assert counted == ["Counted until 12:00:00."]
    assert "1 ring" in signed_in(office).get("/log").text


def test_quiet_days_are_called_so_once_they_were_counted(office: Office) -> None:
    put(office, "ring", "released", reason="unlock", visit="CA1")
    office.services.background.sweep("summaries")
    _, counted = above(office, "/log?from=2026-11-01&until=2026-11-02")
    assert counted[0].startswith("Nobody rang in these days.")


def test_a_log_that_is_not_what_was_sealed_is_named(office: Office, store: Any) -> None:
    front = partition("front")
    store.commit(store.read(front, BREACH), {BREACH: Breach(Wrong.CHANGED, 7, 7, NOON)})
    seals, _ = above(office)
    assert len(seals) == 1
    assert seals[0].startswith("⚠ The log of the front door: Not whole: entry 7 was changed")


def test_that_nothing_can_be_sealed_hides_no_log_that_is_not_what_was_sealed(office: Office, store: Any) -> None:
    front = partition("front")
    store.commit(store.read(front, BREACH), {BREACH: Breach(Wrong.CHANGED, 7, 7, NOON)})
    store.commit(store.read(OFFICE, SEALER), {SEALER: Sealer(NOON, "key_missing")})
    seals, _ = above(office)
    assert [("sealing key is missing" in each, "entry 7 was changed" in each) for each in seals] == [
        (True, False),
        (False, True),
    ]


@pytest.mark.parametrize(
    "day",
    [
        DaySummary("2026-11-20", hours=(12, -1)),
        DaySummary("2026-11-20", hours=(12, 10**400)),
        DaySummary("2026-11-20", hours=(24, 1)),
        DaySummary("2026-11-20", hours=(12, 1), waits=(10**9, 1)),
        DaySummary("2026-11-20", hours=(12, 1), ends={"released": 10**400}),
        DaySummary("2026-11-20x", hours=(12, 1)),
    ],
)
def test_counts_that_cannot_be_take_no_page_away(office: Office, store: Any, day: DaySummary) -> None:
    front, month = partition("front"), month_key("2026-11")
    assert store.commit(store.read(front, month), {month: MonthSummary((day,))})
    _, counted = above(office)
    assert counted == ["What was counted for the pictures can't be read. The list below is complete all the same."]


def test_days_without_rings_are_quiet_days(office: Office, store: Any) -> None:
    front, month = partition("front"), month_key("2026-11")
    assert store.commit(store.read(front, month), {month: MonthSummary((DaySummary("2026-11-20"),))})
    assert signed_in(office).get("/log").status_code == 200


def test_only_the_first_page_has_pictures(office: Office) -> None:
    for at in range(60):
        put(office, "ring", "released", reason="unlock", visit=f"CA{at}", ago=600 - at)
    browser = signed_in(office)
    first = browser.get("/log").text
    older = re.search(r'href="([^"]+)" rel="next"', first)
    assert older
    assert ('class="pictures"' in first, 'class="pictures"' in browser.get(unescape(older[1])).text) == (True, False)
