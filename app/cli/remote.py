"""Commands that go to a running server, signed as Twilio and Slack would sign them."""

import argparse
import http.client
import json
import secrets
from urllib.error import HTTPError, URLError
from urllib.parse import urlencode
from urllib.request import Request, urlopen

from slack_sdk.signature import SignatureVerifier

import config
from app.clock import utcnow
from app.domain.doors import WITHHELD
from app.domain.errors import DoorBotError
from app.simulated.call import place_call
from app.simulated.line import Moment
from app.simulated.webhooks import address

NOT_RELEASED = 3
SLACK_PATIENCE_SECONDS = 3
ANY_CALLER = "+12125550199"


def ring(args: argparse.Namespace, settings: config.Settings) -> int:
    """Ring as the intercom would, and tell what the visitor hears."""
    door = settings.office.door(args.door)
    caller = args.caller or (door.intercoms[0] if door.intercoms else ANY_CALLER)
    print(f"Ringing at {door.name} ({door.number}) from {caller} …", flush=True)
    story = place_call(
        public_url=settings.public_url,
        account_sid=settings.twilio_account_sid,
        auth_token=settings.twilio_auth_tokens[0],
        number=door.number,
        caller="anonymous" if caller == WITHHELD else caller,
        url=args.url,
        digits=args.digits,
        telephones=args.telephones,
        real_time=True,
        tell=_tell,
    )
    sounds = f"{settings.public_url}/voice/tones/{door.id}/"
    released = door.release in story.released or any(address.startswith(sounds) for address in story.audio)
    print("Released." if released else "Not released.")
    return 0 if released else NOT_RELEASED


def slash(args: argparse.Namespace, settings: config.Settings) -> int:
    """Send `/frontdoor TEXT` as Slack would, and print the private answer."""
    print(send_command(address(args.url or settings.public_url), settings, args.text, args.user))
    return 0


def send_command(url: str, settings: config.Settings, text: str, user: str) -> str:
    """The text of the answer to `/frontdoor text` from `user`. DoorBotError says what to do where there is none."""
    form = {
        "command": "/frontdoor",
        "text": text,
        "user_id": user,
        "team_id": settings.office.people.workspace,
        "channel_id": next(iter(settings.office.doors.values())).channel,
        "trigger_id": f"{secrets.randbelow(10**13)}.{secrets.token_hex(16)}",
    }
    body = urlencode(form)
    timestamp = str(int(utcnow().timestamp()))
    signature = SignatureVerifier(settings.slack_signing_secrets[0]).generate_signature(timestamp=timestamp, body=body)
    headers = {
        "Content-Type": "application/x-www-form-urlencoded",
        "X-Slack-Request-Timestamp": timestamp,
        "X-Slack-Signature": signature or "",
    }
    answer = _post(f"{url}/slack/events", body.encode(), headers)
    try:
        return str(json.loads(answer)["text"])
    except (ValueError, KeyError, TypeError, RecursionError):
        raise DoorBotError(f"What answers at {url} is not DoorBot: check PUBLIC_URL, and the proxy.") from None


def _post(url: str, body: bytes, headers: dict[str, str]) -> bytes:
    try:
        with urlopen(Request(url, body, headers), timeout=SLACK_PATIENCE_SECONDS) as answer:  # noqa: S310
            content: bytes = answer.read()
    except HTTPError as error:
        hint = "SLACK_SIGNING_SECRET differs between here and the server" if error.code == 401 else "see its log"
        raise DoorBotError(f"The server at {url} answered {error.code}: {hint}.") from None
    except TimeoutError:
        raise DoorBotError("The server took more than 3 seconds; Slack would show “operation_timeout”.") from None
    except (URLError, http.client.HTTPException, OSError):
        raise DoorBotError(f"Nothing answers at {url}: is the server running?") from None
    return content


def _tell(moment: Moment) -> None:
    print(f"  {moment.at:5.1f} s  {moment.text}", flush=True)
