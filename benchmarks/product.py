"""DoorBot itself: an office, made-up secrets, and requests signed as Twilio and Slack sign them."""

import hashlib
import hmac
import json
import time
from base64 import b64encode
from collections.abc import Mapping
from pathlib import Path

from benchmarks.http import post_form, ring_fields

PUBLIC_URL = "https://door.example.com"
SIGNING_SECRET, AUTH_TOKEN = "made-up-signing-secret", "made-up-auth-token"
OFFICE = """
timezone = "America/New_York"
[hours]
mon-sun = "00:00-24:00"
[people]
workspace = "T0OFFICE1"
admins = ["U0ADMIN01"]
hosts = ["U0HOST001"]
"""
DOOR = """
[doors.{id}]
name = "{name}"
number = "{number}"
intercoms = ["{intercom}"]
release = "9"
forward_to = ["+12125550123"]
"""
A_NUMBER = 90  # so many doors share one, and differ by their intercoms


def office(doors: int) -> str:
    """`doorbot.toml` with so many doors; the one that rings is the last."""
    others = (
        DOOR.format(
            id=f"d{n:03}",
            name=f"Door {n:03}",
            number=f"+12125550{101 + n // A_NUMBER}",
            intercom=f"+12125550{110 + n % A_NUMBER}",
        )
        for n in range(doors - 1)
    )
    front = DOOR.format(id="front", name="Front door", number="+12125550100", intercom="+12125550199")
    return OFFICE + "".join(others) + front


def environment(scratch: Path, doors: int = 1, **more: str) -> dict[str, str]:
    """A complete environment; nothing in it leads outside this machine."""
    file = scratch / f"doorbot-{doors}.toml"
    file.write_text(office(doors))
    return {
        "DOORBOT_CONFIG": str(file),
        "SQLITE_PATH": str(scratch / f"doorbot-{doors}.db"),
        "SLACK_SIGNING_SECRET": SIGNING_SECRET,
        "SLACK_BOT_TOKEN": "xoxb-made-up",
        "SLACK_API_URL": "http://127.0.0.1:9/api/",
        "TWILIO_ACCOUNT_SID": "AC" + "0" * 32,
        "TWILIO_AUTH_TOKEN": AUTH_TOKEN,
        "PUBLIC_URL": PUBLIC_URL,
        "SECRET_KEY": "made-up-secret-key-of-some-length",
        "WEB_CONCURRENCY": "1",
        "LOG_LEVEL": "ERROR",
        "REDIS_URL": "",
        **more,
    }


def released_ring(number: int) -> bytes:
    """A call that has not been seen before, at an unlocked door."""
    fields = ring_fields(number)
    return post_form("/voice/ring", fields, {"X-Twilio-Signature": _twilio_signature("/voice/ring", fields)})


def forged_ring(number: int) -> bytes:
    """The same with a signature of the right form that is not Twilio's."""
    return post_form("/voice/ring", ring_fields(number), {"X-Twilio-Signature": "0" * 27 + "="})


def status_command(number: int) -> bytes:
    """`/frontdoor`: reads."""
    return _command("", number)


def acting_command(number: int) -> bytes:
    """`/frontdoor unlock` and `/frontdoor lock` in turn: each reads, commits and is on record."""
    return _command("unlock for 2h" if number % 2 else "lock", number)


def unlock_command(number: int) -> bytes:
    """`/frontdoor unlock`, for as long as is allowed."""
    return _command("unlock front for 8h", number)


def home_event() -> tuple[bytes, Mapping[str, str]]:
    """Slack's word that somebody opened the App Home: its body and its headers."""
    event = {"type": "app_home_opened", "user": "U0HOST001", "tab": "home"}
    body = json.dumps({"type": "event_callback", "team_id": "T0OFFICE1", "event": event}).encode()
    return body, _slack_headers(body)


def _command(text: str, number: int) -> bytes:
    fields = {
        "token": "made-up",
        "team_id": "T0OFFICE1",
        "team_domain": "office",
        "channel_id": "C0FRONTDOOR",
        "channel_name": "front-door",
        "user_id": "U0HOST001",
        "user_name": "hal",
        "command": "/frontdoor",
        "text": text,
        "api_app_id": "A0DOORBOT",
        "is_enterprise_install": "false",
        "response_url": "https://hooks.slack.com/commands/made-up",
        "trigger_id": f"{number}.738474920.8088930838d88f008e0",
    }
    return post_form("/slack/events", fields, sign=_slack_headers)


def _slack_headers(body: bytes) -> Mapping[str, str]:
    at = str(int(time.time()))
    digest = hmac.new(SIGNING_SECRET.encode(), f"v0:{at}:".encode() + body, hashlib.sha256).hexdigest()
    return {"X-Slack-Request-Timestamp": at, "X-Slack-Signature": f"v0={digest}"}


def _twilio_signature(path: str, fields: Mapping[str, str]) -> str:
    text = PUBLIC_URL + path + "".join(name + fields[name] for name in sorted(fields))
    return b64encode(hmac.digest(AUTH_TOKEN.encode(), text.encode(), "sha1")).decode()
