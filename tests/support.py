"""Made-up secrets, an office, and requests signed as Slack and Twilio sign them."""

import json
import sqlite3
import time
from collections.abc import Mapping
from concurrent.futures import Executor
from contextlib import closing
from datetime import UTC, date, datetime
from typing import Any
from urllib.parse import urlencode
from uuid import uuid4
from xml.etree import ElementTree
from zoneinfo import ZoneInfo

from flask.testing import FlaskClient
from slack_sdk.signature import SignatureVerifier
from twilio.request_validator import RequestValidator
from werkzeug.test import TestResponse

from app import Services
from app.domain.audit import AuditEvent, Source
from app.domain.code_hashes import CodeHasher
from app.domain.doors import Door
from app.domain.hours import Hours, parse_weekly
from app.domain.permissions import Role
from app.ports import Store, entries, partition
from app.stores.redis import RedisStore
from app.stores.sqlite import SqliteStore
from app.usecases.access_codes import AccessCodes
from app.usecases.holding import Holding
from app.usecases.requests import Request
from app.usecases.steps import nobody, visit_key
from tests.slack import block_kit

PUBLIC_URL = "https://door.example.com"
SIGNING_SECRET = "made-up-signing-secret"
AUTH_TOKEN = "made-up-auth-token"
ACCOUNT_SID = "AC" + "0" * 32

ADMIN, HOST, MEMBER, GUEST = "U0ADMIN01", "U0HOST001", "U0MEMBER1", "U0GUEST01"
WORKSPACE = "T0OFFICE1"
INTERCOM, NUMBER, TELEPHONE = "+12125550199", "+12125550100", "+12125550123"

OFFICE_TOML = f"""
timezone = "America/New_York"

[hours]
mon-fri = "09:00-17:00"

[holidays]
country = "US"
subdivision = "NY"
add = ["2026-12-24"]

[people]
workspace = "{WORKSPACE}"
admins = ["{ADMIN}"]
hosts = ["{HOST}"]

[doors.front]
name = "Front door"
number = "{NUMBER}"
intercoms = ["{INTERCOM}"]
release = "9"
forward_to = ["{TELEPHONE}"]
channel = "C0FRONTDOOR"
greeting = "Welcome. Third floor, on the left."
"""
ALWAYS_OPEN_TOML = OFFICE_TOML.replace('mon-fri = "09:00-17:00"', 'mon-sun = "00:00-24:00"').replace(
    'country = "US"\nsubdivision = "NY"\nadd = ["2026-12-24"]\n', ""
)


def environment(**changes: str) -> dict[str, str]:
    """A complete environment; nothing in it leads outside this machine."""
    return {
        "SLACK_SIGNING_SECRET": SIGNING_SECRET,
        "SLACK_BOT_TOKEN": "xoxb-made-up",
        "TWILIO_ACCOUNT_SID": ACCOUNT_SID,
        "TWILIO_AUTH_TOKEN": AUTH_TOKEN,
        "PUBLIC_URL": PUBLIC_URL,
        "SECRET_KEY": "made-up-secret-key-of-some-length",
        "SLACK_API_URL": "http://127.0.0.1:9/api/",
        "TWILIO_API_URL": "http://127.0.0.1:9",
        "REDIS_URL": "",
        **changes,
    }


def local(text: str, zone: str = "America/New_York") -> datetime:
    """A wall time such as "2026-11-23T16:30", as the aware UTC moment that the code works with."""
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone)).astimezone(UTC)


def a_door(
    hours: str = "09:00-17:00",
    zone: str = "America/New_York",
    days: str = "mon-fri",
    holidays: Mapping[date, str] | None = None,
    **changes: Any,
) -> Door:
    """A front door with these working hours."""
    known = {"id": "front", "name": "Front door", "number": NUMBER, "release": "9", "intercoms": (INTERCOM,)}
    week = Hours(ZoneInfo(zone), parse_weekly({days: hours}), holidays or {})
    return Door(**{**known, "forward_to": (TELEPHONE,), "channel": "C0FRONTDOOR", "hours": week, **changes})


def a_holding(store: Store) -> Holding:
    """What a held visitor's polls come to, where nobody is told of it."""
    return Holding(store, AccessCodes(store, CodeHasher(["made-up-secret-key-of-some-length"])), nobody)


def asked(now: datetime, actor: str = HOST, role: Role = Role.HOST, **changes: Any) -> Request:
    """A request from Slack."""
    return Request(actor, role, Source.SLACK, now, **changes)


def slack_headers(body: str | bytes, timestamp: float | None = None, secret: str = SIGNING_SECRET) -> dict[str, str]:
    """The headers with which Slack signs a body."""
    at = str(int(time.time() if timestamp is None else timestamp))
    signature = SignatureVerifier(secret).generate_signature(timestamp=at, body=body)
    return {"X-Slack-Request-Timestamp": at, "X-Slack-Signature": signature or ""}


def command_form(text: str, user: str = HOST, **changes: str) -> dict[str, str]:
    """What Slack sends for `/frontdoor text`."""
    return {
        "command": "/frontdoor",
        "text": text,
        "user_id": user,
        "user_name": "somebody",
        "team_id": WORKSPACE,
        "team_domain": "office",
        "channel_id": "C0FRONTDOOR",
        "api_app_id": "A0DOORBOT",
        "trigger_id": uuid4().hex,
        "response_url": "http://127.0.0.1:9/respond",
        **changes,
    }


def press_payload(action: str, value: str, user: str = HOST, **changes: Any) -> dict[str, Any]:
    """What Slack sends for a button."""
    return {
        "type": "block_actions",
        "user": {"id": user, "team_id": WORKSPACE},
        "team": {"id": WORKSPACE},
        "trigger_id": uuid4().hex,
        "actions": [{"type": "button", "action_id": action, "block_id": f"door:{value}", "value": value}],
        **changes,
    }


def call_form(call: str, **changes: str) -> dict[str, str]:
    """What Twilio sends when the intercom calls."""
    return {
        "CallSid": call,
        "AccountSid": ACCOUNT_SID,
        "ApiVersion": "2010-04-01",
        "Direction": "inbound",
        "CallStatus": "ringing",
        "From": INTERCOM,
        "To": NUMBER,
        "CallToken": "%7B%22parentCallInfoToken%22%3A%22x%22%7D",
        "CallerState": "Köln",
        "StirVerstat": "",
        **changes,
    }


def twilio_signature(path: str, form: Mapping[str, Any], token: str = AUTH_TOKEN, base: str = PUBLIC_URL) -> str:
    """The signature that Twilio's own library makes."""
    return str(RequestValidator(token).compute_signature(base + path, dict(form)))


def verbs(twiml: str) -> list[ElementTree.Element]:
    """The verbs of a TwiML document; fails where it is no well-formed XML, or no TwiML."""
    response = ElementTree.fromstring(twiml)
    assert response.tag == "Response"
    return list(response)


def stored(store: Store) -> dict[str, Any]:
    """All that a store holds, to be compared with what it held before."""
    if isinstance(store, RedisStore):
        return {key: value for server in store._servers.each() for key, value in _in_redis(server.client).items()}
    assert isinstance(store, SqliteStore)
    with closing(sqlite3.connect(store._path)) as connection:
        tables = connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall()
        rows = {table: connection.execute(f"SELECT * FROM {table}").fetchall() for (table,) in tables}
    return {table: found for table, found in rows.items() if found}


def _in_redis(redis: Any) -> dict[str, Any]:
    readers = {"hash": redis.hgetall, "zset": lambda key: redis.zrange(key, 0, -1, withscores=True)}
    return {key: readers.get(redis.type(key), redis.xrange)(key) for key in redis.scan_iter()}


class AtOnce(Executor):
    """Does at once what others do later."""

    def submit(self, act: Any, /, *arguments: Any, **named: Any) -> Any:
        act(*arguments, **named)


def _first(view: Mapping[str, Any]) -> dict[str, Any]:
    """What a dialog's inputs have at first, as Slack sends it back."""
    kinds = {
        "initial_option": "selected_option",
        "initial_options": "selected_options",
        "initial_time": "selected_time",
        "initial_date": "selected_date",
        "initial_value": "value",
    }
    return {
        block["block_id"]: {"type": block["element"]["type"]}
        | {sent: block["element"][first] for first, sent in kinds.items() if first in block["element"]}
        for block in view["blocks"]
        if block["type"] == "input"
    }


class Office:
    """Talks to an application as Slack and Twilio do."""

    def __init__(self, client: FlaskClient) -> None:
        self.client = client

    @property
    def services(self) -> Services:
        found: Services = self.client.application.extensions["doorbot"]
        return found

    def sweep(self) -> None:
        """One round of what happens in the background."""
        self.services.background.sweep()

    def log(self, door: str = "front") -> list[AuditEvent]:
        """The audit log of a door ("" for the office's), oldest first."""
        newest_first = entries(self.services.store, partition(door))
        return [entry.event for entry in newest_first][::-1]

    def outcomes(self, door: str = "front") -> list[str]:
        """The audit log of a door in short, such as "ring released"."""
        return [f"{event.action} {event.outcome}" for event in self.log(door)]

    def slack_post(self, body: str | bytes, **options: Any) -> TestResponse:
        content_type = options.pop("content_type", "application/x-www-form-urlencoded")
        headers = {**slack_headers(body), **options.pop("headers", {})}
        return self.client.post("/slack/events", data=body, headers=headers, content_type=content_type)

    def slack_form(self, form: Mapping[str, str]) -> TestResponse:
        return self.slack_post(urlencode(form))

    def command(self, text: str, user: str = HOST, **changes: str) -> dict[str, Any]:
        """The answer to `/frontdoor text`."""
        answer = self.slack_form(command_form(text, user, **changes))
        assert answer.status_code == 200, answer.text
        block_kit.judge(block_kit.message(answer.get_json()))
        return dict(answer.get_json())

    def say(self, text: str, user: str = HOST, **changes: str) -> str:
        """The text of the answer to `/frontdoor text`."""
        return str(self.command(text, user, **changes)["text"])

    def told_of_log(self, text: str = "log", user: str = ADMIN) -> list[str]:
        """The entries that the answer to `/frontdoor log` tells, without the link after them."""
        return self.say(text, user).splitlines()[:-1]

    def press(self, action: str, value: str, user: str = HOST, **changes: Any) -> TestResponse:
        return self.slack_post(urlencode({"payload": json.dumps(press_payload(action, value, user, **changes))}))

    def open_home(self, user: str = HOST, **changes: Any) -> TestResponse:
        """Somebody opens the App Home."""
        event = {"type": "app_home_opened", "user": user, "tab": "home"}
        body = {"type": "event_callback", "team_id": WORKSPACE, "api_app_id": "A0DOORBOT", "event": event, **changes}
        return self.slack_post(json.dumps(body), content_type="application/json")

    def press_at_home(self, action: str, value: str, user: str = HOST, **changes: Any) -> TestResponse:
        """Somebody presses a button in the App Home."""
        home = {"type": "home", "callback_id": "", "private_metadata": "", "state": {"values": {}}}
        return self.press(action, value, user, view=home, **changes)

    def choose_at_home(self, action: str, value: str, user: str = HOST) -> TestResponse:
        """Somebody chooses from a menu in the App Home."""
        option = {"text": {"type": "plain_text", "text": "x"}, "value": value}
        menu = {"type": "static_select", "action_id": action, "block_id": "b", "selected_option": option}
        return self.press_at_home(action, value, user, actions=[menu])

    def submit(self, view: Mapping[str, Any], user: str = HOST, **entered: Any) -> dict[str, Any]:
        """Somebody fills in a dialog, by the names of its inputs, and submits it: the answer."""
        state = {"values": {name: {name: value} for name, value in {**_first(view), **entered}.items()}}
        payload = {
            "type": "view_submission",
            "user": {"id": user, "team_id": WORKSPACE},
            "team": {"id": WORKSPACE},
            "trigger_id": uuid4().hex,
            "view": {**view, "id": "V1", "state": state},
        }
        answer = self.slack_post(urlencode({"payload": json.dumps(payload)}))
        assert answer.status_code == 200, answer.text
        said: dict[str, Any] = answer.get_json() if answer.data else {}
        block_kit.judge(block_kit.submitted(said))
        return said

    def voice_post(self, path: str, form: Mapping[str, str], signature: str | None = None) -> TestResponse:
        given = twilio_signature(path, form) if signature is None else signature
        return self.client.post(path, data=form, headers={"X-Twilio-Signature": given})

    def ring(self, call: str | None = None, **changes: str) -> str:
        """The TwiML that answers a ring."""
        answer = self.voice_post("/voice/ring", call_form(call or f"CA{uuid4().hex}", **changes))
        assert answer.status_code == 200, answer.text
        return answer.text

    def wait_until_asked(self, call: str, door: str = "front") -> None:
        """Until Slack has confirmed the question about a visit: the thread that asks may be at it still."""
        key = visit_key(call)
        for _ in range(500):
            visit = self.services.store.read(partition(door), key).get(key)
            if visit and visit.is_confirmed:
                return
            time.sleep(0.01)
        raise AssertionError("Slack's answer was not kept")
