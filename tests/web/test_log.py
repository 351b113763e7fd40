"""The log's page: what is seen, by whom, and what becomes of words that others wrote."""

import csv
import io
import json
import re
from datetime import datetime, timedelta
from html import unescape
from html.parser import HTMLParser
from typing import Any

import pytest
from werkzeug.test import TestResponse

from app.domain.audit import Action, AuditEvent, Outcome
from app.domain.errors import StoreUnavailable
from app.ports import partition
from app.usecases import log_search
from app.usecases.unlocks import STATE
from app.web import log_export
from app.web.log import CURSOR
from tests.conftest import FakeHosts
from tests.support import ADMIN, HOST, INTERCOM, PUBLIC_URL, TELEPHONE, Office
from tests.web.browsers import BEN, Browser, form_token, signed_in

NOON = datetime.fromisoformat("2026-11-23T17:00:00Z")
HOSTILE = "<script>alert(1)</script>\"'><img src=x onerror=alert(2)>\u202e{{7*7}}&amp;=1+1"
FETCHED = {"Sec-Fetch-Dest": "empty"}

pytestmark = pytest.mark.usefixtures("clock")


def put(office: Office, action: str, outcome: str, door: str = "front", ago: float = 60, **fields: Any) -> None:
    """Put something on record, so many seconds ago."""
    event = AuditEvent(NOON - timedelta(seconds=ago), door, Action(action), Outcome(outcome), **fields)
    assert office.services.store.commit(office.services.store.read(partition(door), STATE), {}, [event])


def told(page: TestResponse) -> list[str]:
    """The sentences on a page."""
    return [unescape(each) for each in re.findall(r'class="told">(.*?)</', page.text)]


def link(page: TestResponse, words: str) -> str:
    found = re.search(rf'href="([^"]+)"[^>]*>{words}', page.text)
    assert found, words
    return unescape(found[1])


def visit(office: Office) -> None:
    """Somebody rings, is asked about, and is let in."""
    put(office, "ring", "asked", caller=INTERCOM, visit="CA1", ago=71)
    put(office, "admit", "released", actor=HOST, visit="CA1", reason="host", details={"seconds": 11}, ago=60)


def test_the_page_says_what_happened_newest_first(office: Office, hosts: FakeHosts) -> None:
    hosts.called[HOST] = "Hal Host"
    visit(office)
    page = signed_in(office).get("/log")
    assert page.status_code == 200
    assert told(page) == [
        "Ana Admin signed in to the log's page",
        "Released: Hal Host let the visitor in after 11 s",
        "Rang, and hosts were asked",
    ]
    assert '<time datetime="2026-11-23T11:59:00.000-05:00">11:59<span class="seconds">:00</span></time>' in page.text
    assert "…0199" in page.text
    assert INTERCOM not in page.text
    assert "<h2>Today · Monday, 23 November</h2>" in page.text


def test_nobody_sees_it_who_is_not_signed_in(office: Office) -> None:
    visit(office)
    for path in ("/log", "/log/new", "/log/visit/front/CA1?near=1", "/log.csv", "/log.json"):
        answer = Browser(office).get(path)
        assert (answer.status_code, "told" in answer.text, "/frontdoor log" in answer.text) == (401, False, True)
    assert Browser(office).post("/log/number", {"door": "front", "seq": "1"}).status_code == 401


def test_pages_lead_to_each_other(office: Office) -> None:
    for at in range(120):
        put(office, "lock", "done", actor=f"cli:{at}", ago=5000 - at)
    browser = signed_in(office)
    first = browser.get("/log?door=front")
    second = browser.get(link(first, "Older"))
    third = browser.get(link(second, "Older"))
    assert [len(told(each)) for each in (first, second, third)] == [50, 50, 20]
    assert told(browser.get(link(third, "Newer"))) == told(second)
    assert told(browser.get(link(second, "Newer"))) == told(first)
    assert told(first)[0] == "119 at the terminal locked the door"
    assert "That is all." in third.text


def test_a_search_says_where_it_stopped_in_the_direction_it_went(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    for at in range(30, 0, -1):
        put(office, "lock", "done", actor=HOST, ago=60 * at)
    monkeypatch.setattr(log_search, "LOOKED_AT", 10)
    browser = signed_in(office)
    page = browser.get("/log?door=front&q=nothing")
    for _ in range(2):
        page = browser.get(link(page, "Search older than"))
    up = browser.get(link(page, "Newer"))
    assert "Search newer than" in up.text
    assert "Search older than" not in up.text
    assert "none of them match" in up.text
    assert "Search older than" in browser.get(link(up, "Search newer than")).text


def test_a_page_without_entries_does_not_speak_for_those_before_it(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    for at in range(15, 0, -1):
        put(office, "lock", "done", actor=f"cli:n{at:02}", ago=60 * at)
    monkeypatch.setattr(log_search, "LOOKED_AT", 10)
    browser = signed_in(office)
    first = browser.get("/log?door=front&who=n03")
    assert len(told(first)) == 1
    rest = browser.get(link(first, "Search older than")).text
    assert ("Nothing older matches." in rest, "Nothing matches" in rest) == (True, False)


def test_a_link_to_what_has_been_trimmed_does_not_say_that_nothing_is_on_record(office: Office) -> None:
    for at in range(60, 0, -1):
        put(office, "lock", "done", actor=HOST, ago=60 * at)
    browser = signed_in(office)
    older = link(browser.get("/log"), "Older")
    office.services.store.trim_log(partition("front"), 30)
    assert "Nothing older is on record." in browser.get(older).text


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("kind=rings", 2),
        ("kind=rings&outcome=released", 1),
        ("who=hal", 1),
        (f"who={HOST}", 1),
        ("q=let+the+visitor", 1),
        ("q=0199", 1),
        ("q=12125550199", 0),
        ("from=2026-11-23&until=2026-11-23&door=front", 2),
        ("until=2026-11-22", 0),
        ("door=.office", 1),
        ("kind=people", 0),
        ("utm_source=somewhere", 3),
    ],
)
def test_filters_are_in_the_address(office: Office, hosts: FakeHosts, query: str, found: int) -> None:
    hosts.called[HOST] = "Hal Host"
    visit(office)
    page = signed_in(office).get(f"/log?{query}")
    assert (len(told(page)), 'class="problem"' in page.text) == (found, False)


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("door=back", "There is no door that you may see called “back”."),
        ("kind=<b>", "There is no kind of entry called “<b>”."),
        ("outcome=x", "There is no outcome called “x”."),
        ("from=yesterday", "“yesterday” is no day. Write it like 2026-11-23."),
        ("until=2026-02-30", "“2026-02-30” is no day. Write it like 2026-11-23."),
        ("from=2026-11-23&until=2026-11-22", "The first day is after the last one, so I left both out."),
        ("q=" + "x" * 999, f"I looked for the first 200 characters of “{'x' * 40}…” only."),
    ],
)
def test_what_was_not_understood_is_said(office: Office, query: str, said: str) -> None:
    browser = signed_in(office)
    page = browser.get(f"/log?{query}")
    assert page.status_code == 200
    assert said in unescape(page.text)
    assert browser.get(f"/log.csv?{query}").status_code == 400


@pytest.mark.parametrize("value", ["%00", "%ff%fe", "%ED%A0%80", "'", "-1", "9" * 400, "…", "%0d%0aSet-Cookie:x=1"])
@pytest.mark.parametrize("name", ["door", "kind", "outcome", "who", "from", "until", "q", "before", "after", "near"])
def test_odd_parameters_are_never_a_fault(office: Office, name: str, value: str) -> None:
    visit(office)
    browser = signed_in(office)
    assert browser.get(f"/log?{name}={value}").status_code == 200
    assert browser.get(f"/log/new?{name}={value}", headers=FETCHED).status_code in (200, 204, 409)
    assert browser.get(f"/log/visit/front/CA1?{name}={value}").status_code == 404


def test_chips_take_a_filter_away(office: Office) -> None:
    page = signed_in(office).get("/log?door=front&kind=rings&q=a+b")
    removed = re.findall(r'<li><span>(.*?)</span> <a href="(.*?)">', page.text)
    assert [(words, unescape(address)) for words, address in removed] == [
        ("Front door", "/log?kind=rings&q=a+b"),
        ("Rings", "/log?door=front&q=a+b"),
        ("“a b”", "/log?door=front&kind=rings"),
    ]


# A visit


def test_a_visits_story_is_a_part_or_a_page_of_its_own(office: Office) -> None:
    visit(office)
    put(office, "ring", "asked", visit="CA2")
    browser = signed_in(office)
    part = browser.get("/log/visit/front/CA1?near=2", headers=FETCHED)
    page = browser.get("/log/visit/front/CA1?near=2", headers={"Sec-Fetch-Dest": "document"})
    assert told(part) == told(page) == ["Rang, and hosts were asked", f"Released: {HOST} let the visitor in after 11 s"]
    assert re.findall(r'class="later">(.*?)<', part.text) == ["11:58:49", "+11 s"]
    assert ("<html" in part.text, "<html" in page.text) == (False, True)


@pytest.mark.parametrize(
    "path", ["front/CA9?near=1", "back/CA1?near=1", ".office/CA1?near=1", "front/CA1", "front/CA1?near=-1"]
)
def test_a_visit_that_is_not_there_is_said_to_be_gone(office: Office, path: str) -> None:
    visit(office)
    assert signed_in(office).get(f"/log/visit/{path}").status_code == 404


# What is new


def cursor(page: TestResponse) -> str:
    found = re.search(r'data-cursor="([^"]+)"', page.text)
    assert found
    return found[1]


def test_what_is_new_comes_once_and_only_if_it_is_looked_for(office: Office) -> None:
    visit(office)
    browser = signed_in(office)
    after = cursor(browser.get("/log?kind=rings"))
    assert browser.get(f"/log/new?kind=rings&after={after}").status_code == 204
    put(office, "lock", "done", actor=HOST, ago=0)
    unasked = browser.get(f"/log/new?kind=rings&after={after}")
    assert (unasked.status_code, unasked.text) == (204, "")
    put(office, "ring", "denied", reason="closed", ago=0)
    new = browser.get(f"/log/new?kind=rings&after={unasked.headers[CURSOR]}")
    assert told(new) == ["Rang outside working hours, and was told that it is closed"]
    assert browser.get(f"/log/new?kind=rings&after={new.headers[CURSOR]}").status_code == 204


def test_looking_for_news_does_not_keep_a_session_alive(office: Office, clock: Any) -> None:
    browser = signed_in(office)
    after = cursor(browser.get("/log"))
    for _ in range(7):
        clock.tick(timedelta(minutes=10))
        last = browser.get(f"/log/new?after={after}", headers=FETCHED)
    assert (last.status_code, last.content_type) == (401, "text/plain; charset=utf-8")


def test_older_pages_and_days_that_are_over_are_not_live(office: Office) -> None:
    browser = signed_in(office)
    assert "data-cursor" in browser.get("/log?until=2026-11-23").text
    assert "data-cursor" not in browser.get("/log?until=2026-11-22").text


# Numbers


def asks(office: Office, browser: Browser, **changes: str) -> TestResponse:
    form = {"form_token": form_token(office, browser), "door": "front", "seq": "1", "back": "", **changes}
    return browser.post("/log/number", form)


def test_a_number_is_shown_when_asked_for_and_that_is_on_record(office: Office) -> None:
    visit(office)
    browser = signed_in(office)
    shown = asks(office, browser, back="q=0199")
    assert (shown.status_code, INTERCOM in shown.text, 'href="/log?q=0199"' in shown.text) == (200, True, True)
    event = office.log("front")[0] if office.log("front")[0].action == "show_number" else office.log("front")[-1]
    assert (event.action, event.actor, event.visit, event.details) == ("show_number", ADMIN, "CA1", {"seq": 1})
    assert INTERCOM not in str(event)


@pytest.mark.parametrize(
    ("changes", "status"),
    [
        ({"seq": "2"}, 404),
        ({"seq": "9" * 30}, 404),
        ({"seq": "x"}, 404),
        ({"seq": "0"}, 404),
        ({"door": "back"}, 404),
        ({"form_token": "x"}, 403),
        ({"back": "https://evil.example/"}, 200),
    ],
)
def test_what_is_not_to_be_shown_is_not(office: Office, changes: dict[str, str], status: int) -> None:
    visit(office)
    answer = asks(office, signed_in(office), **changes)
    assert answer.status_code == status
    assert "evil" not in answer.text
    assert (INTERCOM in answer.text) is (status == 200)


def test_another_site_cant_ask_for_a_number(office: Office) -> None:
    visit(office)
    browser = signed_in(office)
    form = {"form_token": form_token(office, browser), "door": "front", "seq": "1"}
    other = browser.post("/log/number", form, {"Sec-Fetch-Site": "cross-site", "Origin": "https://evil.example"})
    assert (other.status_code, INTERCOM in other.text) == (403, False)


# Who may see what


def test_an_admin_of_one_door_sees_that_door_only(tmp_path: Any, store: Any, hosts: FakeHosts) -> None:
    from app import create_app
    from tests.conftest import settings_for
    from tests.support import OFFICE_TOML

    side = OFFICE_TOML.partition("[doors.front]")[2].replace('"Front door"', '"Side door"')
    side = side.replace("+12125550100", "+12125550101").replace('release = "9"', f'release = "9"\nadmins = ["{BEN}"]')
    app = create_app(settings_for(tmp_path, f"{OFFICE_TOML}[doors.side]{side}"), store=store, hosts=hosts)
    office = Office(app.test_client())
    visit(office)
    put(office, "lock", "done", "side", actor=HOST)
    browser = signed_in(office, BEN)
    assert told(browser.get("/log")) == [f"{HOST} locked the door"]
    assert told(browser.get("/log?door=front&door=.office")) == [f"{HOST} locked the door"]
    assert browser.get("/log/visit/front/CA1?near=1").status_code == 404
    assert asks(office, browser).status_code == 404
    assert "front" not in browser.get("/log.json").text


# Words that others wrote


class Scripts(HTMLParser):
    """What of a page would run, or be drawn, and is not ours."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        names = dict(attrs)
        ours = tag == "script" and (names.get("src") or "").startswith("/log/static/")
        if tag in ("script", "img", "iframe", "style", "base") and not ours:
            self.found.append(tag)
        self.found += [name for name, value in attrs if name.startswith("on") or name == "style"]
        self.found += [value for name, value in attrs if name in ("href", "src") and "script:" in (value or "")]


@pytest.mark.parametrize("path", ["/log", "/log?q=script", f"/log?who={'%3Cscript%3E'}", "/log/visit/front/CA1?near=1"])
def test_words_that_others_wrote_are_only_words(office: Office, hosts: FakeHosts, path: str) -> None:
    hosts.called |= {HOST: HOSTILE, ADMIN: HOSTILE}
    put(office, "ring", "asked", caller=HOSTILE, visit="CA1", reason=HOSTILE)
    put(office, "lock_down", "done", actor=HOST, visit="CA1", details={"why": HOSTILE})
    put(office, "unlock", "done", actor=HOST, visit=f"CA2{HOSTILE}", details={"expecting": HOSTILE, "until": HOSTILE})
    put(office, "issue_code", "done", actor=HOSTILE, details={"name": HOSTILE, "uses": HOSTILE})
    put(office, "grant", "done", "", actor=HOST, details={"who": HOSTILE, "role": HOSTILE, "at": HOSTILE})
    put(office, "remote_open", "half_done", actor=f"cli:{HOSTILE}", reason=HOSTILE)
    page = signed_in(office).get(path)
    seen = Scripts()
    seen.feed(page.text)
    assert (page.status_code, seen.found) == (200, [])
    assert "\u202e" not in page.text
    assert "49" not in "".join(told(page)).replace("+49", "")
    assert "default-src 'none'" in page.headers["Content-Security-Policy"]


def test_a_name_from_right_to_left_stays_by_itself(office: Office, hosts: FakeHosts) -> None:
    hosts.called[HOST] = "דנה לוי"
    put(office, "lock", "done", actor=HOST)
    assert "\u2068דנה לוי\u2069 locked the door" in told(signed_in(office).get("/log"))


# Export


def cells(answer: TestResponse) -> list[dict[str, str]]:
    return [*csv.DictReader(io.StringIO(answer.get_data().decode("utf-8-sig"), newline=""))]


def test_an_export_is_what_is_filtered_and_on_record(office: Office, hosts: FakeHosts) -> None:
    hosts.called[HOST] = "Hal Host"
    visit(office)
    browser = signed_in(office)
    answer = browser.get("/log.csv?kind=rings&door=front")
    rows = cells(answer)
    assert [row["what_happened"] for row in rows] == told(browser.get("/log?kind=rings&door=front"))
    assert [(row["caller"], row["actor_name"], row["door_name"]) for row in rows] == [
        ("", "Hal Host", "Front door"),
        ("…0199", "", "Front door"),
    ]
    assert answer.headers["Content-Disposition"].startswith('attachment; filename="doorbot-log-front-filtered-')
    assert answer.get_data().startswith(b"\xef\xbb\xbftime,")
    assert b"\r\n" in answer.get_data()
    (event,) = [each for each in office.log("") if each.action == "export"]
    assert (event.actor, event.details) == (ADMIN, {"format": "CSV", "filter": "Front door; Rings"})


def test_json_lines_have_the_terminals_fields_with_masked_numbers(office: Office) -> None:
    visit(office)
    put(office, "forward", "answered", actor=TELEPHONE, ago=1)
    lines = signed_in(office).get("/log.json?door=front").text.splitlines()
    newest, *_, oldest = map(json.loads, lines)
    assert (newest["actor"], oldest["caller"], oldest["seq"]) == ("…0123", "…0199", 1)
    assert "+1212" not in str(lines)


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r"])
def test_no_cell_is_a_formula(office: Office, start: str) -> None:
    evil = f'{start}HYPERLINK("http://evil.example","x")\n,;"'
    put(office, "remote_open", "done", actor=evil, reason=evil, visit=evil, details={"why": evil, evil: evil})
    rows = cells(signed_in(office).get("/log.csv?door=front"))
    assert len(rows) == 1
    assert not [value for value in rows[0].values() if value.startswith(("=", "+", "-", "@", "\t", "\r"))]


@pytest.mark.parametrize("between", [";", "; ", ';"', ";\t", ";\n"])
def test_no_part_of_a_cell_is_a_formula_where_cells_end_elsewhere(office: Office, between: str) -> None:
    put(office, "lock_down", "done", actor=HOST, details={"why": f"lunch{between}=1+1"})
    exported = signed_in(office).get("/log.csv?door=front").get_data().decode()
    assert "'=1+1" in exported
    assert not re.search(r";\s*\"*\s*=", exported)


def test_what_cant_be_seen_is_not_in_cells_and_not_in_the_way_of_a_search(office: Office) -> None:
    put(office, "remote_open", "done", reason="to\u202enight", visit="CA\x9b", actor=f"{HOST}\u2066")
    browser = signed_in(office)
    (row,) = cells(browser.get("/log.csv?q=tonight"))
    assert (row["reason"], row["visit"], row["actor"]) == ("tonight", "CA", HOST)
    assert len(told(browser.get("/log?door=front&q=tonight"))) == 1


@pytest.mark.parametrize("name", ["Zo\u00eb", "Zoe\u0308"])
@pytest.mark.parametrize("typed", ["zo%C3%AB", "ZOE%CC%88"])
def test_letters_are_found_however_their_accents_are_written(
    office: Office, hosts: FakeHosts, name: str, typed: str
) -> None:
    hosts.called[HOST] = name
    put(office, "lock", "done", actor=HOST)
    browser = signed_in(office)
    for address in (f"/log?door=front&who={typed}", f"/log?door=front&q={typed}"):
        assert len(told(browser.get(address))) == 1


def test_details_take_no_other_fields_place(office: Office) -> None:
    visit(office)
    evil = {"time": "noon", "door": "back", "caller": TELEPHONE, "seq": 7}
    put(office, "show_number", "done", actor=ADMIN, visit="CA1", ago=1, details=evil)
    browser = signed_in(office)
    newest, *_ = map(json.loads, browser.get("/log.json?door=front").text.splitlines())
    assert (newest["seq"], newest["door"], newest.get("caller"), newest["detail_seq"]) == (3, "front", None, 7)
    assert newest["time"] == cells(browser.get("/log.csv?door=front"))[0]["time"] == "2026-11-23T16:59:59.000000+00:00"


def test_another_site_cant_put_an_export_on_record(office: Office) -> None:
    browser = signed_in(office)
    for site in ("cross-site", "same-site"):
        answer = browser.get("/log.csv", headers={"Sec-Fetch-Site": site})
        assert (answer.status_code, "Open the log" in answer.text) == (403, True)
    assert not [each for each in office.log("") if each.action == "export"]
    assert browser.get("/log.csv", headers={"Sec-Fetch-Site": "none"}).status_code == 200


def test_a_head_request_exports_nothing(office: Office) -> None:
    browser = signed_in(office)
    assert (browser.head("/log.csv").status_code, browser.head("/log.csv").text) == (200, "")
    assert not [each for each in office.log("") if each.action == "export"]


def test_two_export_at_once_and_others_are_told_when_to_come_back(office: Office) -> None:
    visit(office)
    browser = signed_in(office)
    first, second = (browser.get("/log.csv", buffered=False) for _ in range(2))
    third = browser.get("/log.json")
    assert (third.status_code, third.headers["Retry-After"], "try again" in third.text) == (503, "30", True)
    first.close()
    assert browser.get("/log.json").status_code == 200
    second.close()


def test_an_export_that_cant_go_on_says_so_in_its_last_line(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    for at in range(300):
        put(office, "lock", "done", actor=HOST, ago=900 - at)
    browser = signed_in(office)
    monkeypatch.setattr(log_export.time, "sleep", lambda _: fail(office, monkeypatch))
    answer = browser.get("/log.json?door=front")
    lines = [json.loads(line) for line in answer.text.splitlines()]
    assert (len(lines) < 300, "NOT COMPLETE" in lines[-1]["error"]) == (True, True)
    assert browser.get("/log.json").status_code == 503


def test_an_export_that_meets_a_fault_says_so_in_its_last_line(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    for at in range(300):
        put(office, "lock", "done", actor=HOST, ago=900 - at)
    browser = signed_in(office)
    monkeypatch.setattr(log_export.time, "sleep", lambda _: [][0])
    for _ in range(3):  # and makes room for the next
        lines = browser.get("/log.csv?door=front").text.splitlines()
        assert (len(lines) < 300, "NOT COMPLETE" in lines[-1]) == (True, True)


def fail(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    """From now on the store does not answer."""

    def away(*_: Any, **__: Any) -> None:
        raise StoreUnavailable("gone")

    for name in ("read_log", "read_logs", "read", "newest"):
        monkeypatch.setattr(office.services.store, name, away)


def test_a_store_that_is_away_is_a_page_that_says_so(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    browser = signed_in(office)
    fail(office, monkeypatch)
    answer = browser.get("/log")
    assert (answer.status_code, PUBLIC_URL in answer.text) == (503, False)
