"""A real server with a past behind it, and the people who use it."""

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlencode
from uuid import uuid4

from app.domain.audit import Action, AuditEvent, Outcome, Source
from app.stores.sqlite import SqliteStore
from app.usecases.sealed_logs import HEAD
from app.usecases.summaries import SUMMED
from benchmarks import history
from tests.servers import DoorBot, wait_until
from tests.stand_ins import Answer, Received, StandIn
from tests.support import (
    ADMIN,
    ALWAYS_OPEN_TOML,
    HOST,
    INTERCOM,
    MEMBER,
    NUMBER,
    call_form,
    command_form,
    environment,
    slack_headers,
    twilio_signature,
)

PATTERN = re.compile(r"https?://\S+?/log/sign-in\?token=[\w-]+")
NAMES = {ADMIN: "Ana Admin", HOST: "Hal <script>alert('name')</script> Host", MEMBER: "Mia Member"}
BACK, BACK_NUMBER = "back", "+12125550101"
BACK_NAME = "Back <b onmouseover=alert('door')>& yard</b>"
OFFICE = (
    ALWAYS_OPEN_TOML
    + f"""
[doors.{BACK}]
name = "{BACK_NAME}"
timezone = "Europe/Berlin"
number = "{BACK_NUMBER}"
intercoms = ["{INTERCOM}"]
release = "9"
forward_to = ["+12125550124"]
channel = "C0BACKDOOR"
"""
)
HOSTILE = "<img src=x onerror=alert('why')>\"'><script>alert('why')</script>\u202e{{7*7}}"
ENTRIES = 1500  # at both doors, in sixty days


def hostile_events(now: datetime) -> list[AuditEvent]:
    """Entries as another release may have written them, with hostile words wherever a record has room for some."""
    fields = {"reason": HOSTILE, "actor": HOSTILE, "visit": "CA" + HOSTILE.replace("/", ""), "caller": HOSTILE}
    details: dict[str, str | int] = {HOSTILE: HOSTILE, "why": HOSTILE, "schedule": HOSTILE, "name": HOSTILE}
    return [
        AuditEvent(now, "front", action, outcome, source=Source.SLACK, details=details, **fields)
        for action, outcome in (
            (Action.RING, Outcome.RELEASED),
            (Action.ADMIT, Outcome.RELEASED),
            (Action.UNLOCK, Outcome.DONE),
            (Action.LOCK_DOWN, Outcome.DONE),
            (Action.ISSUE_CODE, Outcome.DONE),
            (Action.USE_CODE, Outcome.RELEASED),
            (Action.STATUS, Outcome.REFUSED),
            (Action("of_a_later_release"), Outcome.DONE),
        )
    ]


class People(StandIn):
    """Slack, where everybody has a name."""

    def _take(self, request: Received) -> Answer:
        answer = super()._take(request)
        if request.path != "/api/users.info":
            return answer
        user = request.fields["user"]
        name = NAMES.get(user, f"Person {user[-3:]}")
        profile = {"display_name": name, "real_name": name}
        return Answer({"ok": True, "user": {"id": user, "real_name": name, "profile": profile}})


class Site(DoorBot):
    """DoorBot on a store with a past, reached at its own address, as browsers on the same machine reach it."""

    def __init__(self, folder: Path, slack: StandIn) -> None:
        (folder / "doorbot.toml").write_text(OFFICE)
        self.store = SqliteStore(folder / "doorbot.db")
        history.fill(self.store, ["front", BACK], ENTRIES, datetime.now(UTC))
        self.store.tidy()
        files = {"DOORBOT_CONFIG": str(folder / "doorbot.toml"), "SQLITE_PATH": str(folder / "doorbot.db")}
        super().__init__(environment(**files, SLACK_API_URL=f"{slack.url}/api/", TMPDIR=str(folder)), folder)
        self._env = {**(self._env or {}), "PUBLIC_URL": self.url}

    def say(self, text: str, user: str = ADMIN) -> Mapping[str, Any]:
        """The answer to `/frontdoor text`."""
        body = urlencode(command_form(text, user))
        status, answer = self.post("/slack/events", body, slack_headers(body))
        assert status == 200, answer
        return {"text": answer}

    def link(self, user: str = ADMIN) -> str:
        """The link that `/frontdoor log` answers with."""
        found = PATTERN.search(self.say("log", user)["text"])
        assert found, "the answer has no link"
        return found.group()

    def ring(self, call: str = "", **changes: str) -> str:
        """The intercom calls: what the visitor hears, as TwiML."""
        form = call_form(call or f"CA{uuid4().hex}", **{"From": INTERCOM, "To": NUMBER, **changes})
        signature = {"X-Twilio-Signature": twilio_signature("/voice/ring", form, base=self.url)}
        status, answer = self.post("/voice/ring", urlencode(form), signature)
        assert status == 200, answer
        return answer

    def live_through(self) -> None:
        """An hour of today: hostile words wherever somebody can type some, a lockdown, a code, grants, refusals."""
        for text, user in (
            (f"unlock front for 1h expecting {HOSTILE} for <@{ADMIN}>", HOST),
            ("lockdown back " + HOSTILE, ADMIN),
            ("lift back", ADMIN),
            ("code front issue " + HOSTILE[:30], HOST),
            (f"grant front <@{MEMBER}> until friday", ADMIN),
            (f"revoke front <@{MEMBER}>", ADMIN),
            ("lockdown front", MEMBER),
            ("schedule front add mon-fri 11:00-14:00 called " + HOSTILE[:20], HOST),
        ):
            self.say(text, user)
        history.append(self.store, "front", hostile_events(datetime.now(UTC)))
        self.ring()
        self.ring(From="+12125550142")  # no intercom of ours
        self.say("lock front", HOST)
        self.ring()
        wait_until(self.is_counted_and_sealed, "the past is counted and sealed")

    def is_counted_and_sealed(self) -> bool:
        found = [self.store.read(f"door:{door}", SUMMED, HEAD) for door in ("front", BACK)]
        return all((counted := each.get(SUMMED)) and not counted.behind and each.get(HEAD) for each in found)
