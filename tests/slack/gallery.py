"""Pages with what people see in Slack, to be looked at: `python -m tests.slack.gallery FOLDER`.

Everything is made by the real application, spoken to as Slack speaks.
"""

import sys
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from html import escape
from pathlib import Path
from typing import Any

from freezegun import freeze_time

from app import create_app
from app.demo import render
from app.ports import Membership
from app.slack.dialogs import DIALOGS
from app.stores.sqlite import SqliteStore
from tests.conftest import FakeHosts, settings_for
from tests.support import ADMIN, GUEST, HOST, MEMBER, OFFICE_TOML, AtOnce, Office

TUESDAY = "2026-11-24T16:20:00Z"  # 11:20 in New York
STYLE = """
body { font: 15px/1.46 Lato, "Noto Sans", sans-serif; margin: 0; padding: 16px; color: #1d1c1d; background: #fff; }
body.dark { color: #d1d2d3; background: #1a1d21; color-scheme: dark; }
main { max-width: 620px; } .modal { width: 520px; border: 1px solid #8888; border-radius: 8px; padding: 16px; }
.bk-header { font-size: 18px; font-weight: 900; margin: 14px 0 4px; } hr { border: 0; border-top: 1px solid #8884; }
.bk-actions { display: flex; gap: 8px; flex-wrap: wrap; margin: 8px 0; }
.bk-section { display: flex; gap: 12px; margin: 8px 0; } .bk-main { flex: 1; } .bk-text { white-space: pre-wrap; }
.bk-context { font-size: 13px; opacity: .75; margin: 8px 0; } .bk-menu { position: relative; }
.bk-button { font: inherit; border: 1px solid #8888; border-radius: 4px; padding: 3px 11px; font-weight: 700;
  white-space: nowrap; color: inherit; background: none; }
.primary { background: #007a5a; color: #fff; } .danger { background: #e01e5a; color: #fff; }
fieldset { border: 0; margin: 0; padding: 0; } .bk-label { display: block; font-weight: 700; margin-top: 12px; }
.bk-optional { font-weight: 400; opacity: .75; } .bk-hint { font-size: 13px; opacity: .75; margin: 0; }
.bk-choice { display: block; }
.bk-field { font: inherit; color: inherit; background: none; border: 1px solid #8888; border-radius: 4px;
  box-sizing: border-box; padding: 6px 11px; width: 100%; }
code { color: #e01e5a; background: #8882; padding: 1px 3px; border-radius: 3px; } .mention { color: #1264a3; }
.dark .mention { color: #1d9bd1; } h1 { font-size: 20px; } .foot { text-align: right; margin-top: 16px; }
"""
PEOPLE = {"admin": ADMIN, "host": HOST, "member": MEMBER, "guest": GUEST}


@dataclass(frozen=True)
class Page:
    """A page's name, and what is on it."""

    name: str
    parts: tuple[str, ...]


def pages(folder: Path) -> Iterator[Page]:
    """All pages; `folder` is for the store."""
    with freeze_time(TUESDAY, tick=True):
        for number in (1, 3, 40):
            hosts = FakeHosts()
            office = _office(folder, number, hosts)
            _story(office)
            for person, user in PEOPLE.items():
                office.open_home(user)
                yield Page(f"home-{number}-{person}", (render.view(hosts.homes[user]),))
        yield Page("home-lockdown", tuple(_in_lockdown(office, hosts)))
        yield Page("dialogs", tuple(_dialogs(office, hosts)))
        yield Page("messages", tuple(_messages(office)))


def write(folder: Path) -> list[Path]:
    """Every page, in light and dark."""
    written = []
    with tempfile.TemporaryDirectory() as stores:
        for each in pages(Path(stores)):
            for shade in ("light", "dark"):
                file = folder / f"{each.name}-{shade}.html"
                file.write_text(page(each.name, *each.parts, is_dark=shade == "dark"), encoding="utf-8")
                written.append(file)
    return written


def page(title: str, *parts: str, is_dark: bool = False) -> str:
    """A whole page."""
    body = f'<body class="{"dark" if is_dark else ""}"><main>{"".join(parts)}</main></body>'
    return f"<!doctype html><meta charset=utf-8><title>{escape(title)}</title><style>{STYLE}</style>{body}"


def _office(folder: Path, number: int, hosts: FakeHosts) -> Office:
    hosts.members = {MEMBER: Membership.FULL}
    others = "".join(
        f'[doors.side{at}]\nname = "Side door {at}"\nnumber = "+1212555{1000 + at}"\nrelease = "5"\n'
        f'forward_to = ["+12125550124"]\n'
        for at in range(1, number)
    )
    (home := folder / str(number)).mkdir()
    settings = settings_for(home, OFFICE_TOML + others)
    app = create_app(settings, store=SqliteStore(home / "doorbot.db"), hosts=hosts, later=AtOnce())
    return Office(app.test_client())


def _story(office: Office) -> None:
    """What happened until now."""
    several = len(office.services.office.doors) > 1
    door = "front " if several else ""
    with freeze_time("2026-11-24T15:00:00Z", tick=True):
        office.say(f"unlock {door}for 30m")
        office.ring()
        office.ring()
        office.say(f"lock {door}")
    office.say(f"code {door}issue FedEx until friday")
    office.say(f"code {door}issue Cleaning crew until 2026-12-24 for 3 uses at any hour", ADMIN)
    office.say(f"schedule {door}add mon-fri 11:00-14:00 called lunch")
    office.say(f"schedule {door}add tue,thu 15:00-16:00 from 2026-12-01 until 2026-12-23")
    office.say(f"schedule {door}closed 24 december from noon")
    office.say(f"schedule {door}open saturday 12 december 10:00-16:00")
    if several:
        office.say("unlock side1 for 2h")
        office.say("lockdown side2 fire drill", ADMIN)


def _in_lockdown(office: Office, hosts: FakeHosts) -> Iterator[str]:
    office.say("lockdown fire drill", ADMIN)
    for user in (ADMIN, HOST):
        office.open_home(user)
        yield render.view(hosts.homes[user])
    office.say("lift", ADMIN)


def _dialogs(office: Office, hosts: FakeHosts) -> Iterator[str]:
    """Each dialog, and what is answered to one."""
    for name in DIALOGS:
        hosts.opened.clear()
        office.press_at_home(f"modal:{name}", "front 1" if name == "pause_schedule" else "front", ADMIN)
        yield render.view(hosts.opened[0])
    office.press_at_home("modal:issue_code", "front", ADMIN)
    answer = office.submit(hosts.opened[-1], ADMIN, name={"type": "plain_text_input", "value": "DHL"})
    yield render.view(answer["view"])
    office.press_at_home("show:log", "front", ADMIN)
    yield render.view(hosts.opened[-1])


def _messages(office: Office) -> Iterator[str]:
    """Answers to commands."""
    say: Callable[[str], dict[str, Any]] = office.command
    for text in ("", "help", "code front", "schedule front", "unlock", "people", "report front"):
        yield f"<p><b>/frontdoor {text}</b></p>{render.message(say(text))}"


if __name__ == "__main__":
    for path in write(Path(sys.argv[1])):
        print(path)
