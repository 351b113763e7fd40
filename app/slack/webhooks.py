"""`POST /slack/events`: everything that Slack sends. Verified and looked over here, routed by Bolt."""

import json
import logging
import re
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from http import HTTPStatus
from http.client import HTTPException
from typing import Any

from flask import Blueprint, Response, abort, request
from slack_bolt import Ack, App, BoltRequest
from slack_bolt.authorization import AuthorizeResult
from slack_sdk.errors import SlackClientError
from slack_sdk.webhook import WebhookClient

from app.bodies import read_body
from app.domain.errors import DoorBotError, StoreUnavailable
from app.domain.sentences import SOMETHING_WRONG
from app.forms import first, parse_form
from app.ports import Hosts
from app.slack import blocks, presses
from app.slack.choices import ACTION_ID
from app.slack.commands import Commands, Person
from app.slack.signature import Signature
from app.usecases.faults import Faults
from app.usecases.forgeries import Forgeries

logger = logging.getLogger(__name__)

ANYTHING = re.compile("")
COMMAND = "/frontdoor"
COMMAND_FIELDS = ("command", "text", "user_id", "team_id", "enterprise_id", "trigger_id", "ssl_check")
RESPOND_TIMEOUT_SECONDS = 5


class Webhooks:
    """Slack's requests: refuse what Slack did not sign or what is malformed, hand the rest to Bolt's listeners."""

    def __init__(
        self, commands: Commands, hosts: Hosts, faults: Faults, forgeries: Forgeries, signature: Signature
    ) -> None:
        self._commands = commands
        self._hosts = hosts
        self._faults = faults
        self._forgeries = forgeries
        self._signature = signature
        self._later = ThreadPoolExecutor(1, thread_name_prefix="respond")
        self._bolt = self._listening(_bolt())

    def blueprint(self) -> Blueprint:
        """The one route that the Slack app's manifest names."""
        slack = Blueprint("slack", __name__, url_prefix="/slack")
        slack.post("/events")(self.events)
        return slack

    def events(self) -> Response:
        """Answer one request of Slack's. Bolt parses bodies before it verifies them, so it gets only good ones."""
        body = read_body(request.environ)
        if not self._signature.is_valid(body, request.headers):
            self._forgeries.count("slack")
            abort(401)
        value = _well_formed(body, request.mimetype)
        try:
            answer = self._bolt.dispatch(_for_bolt(value))
        except Exception:
            logger.exception("A signed request of Slack's could not be understood")
            abort(400)
        if answer.status >= HTTPStatus.INTERNAL_SERVER_ERROR:  # Bolt stumbled over a type that it did not expect
            logger.error("A signed request of Slack's could not be understood")
            abort(400)
        return Response(answer.body, answer.status, content_type=answer.first_headers().get("content-type"))

    def _listening(self, bolt: App) -> App:
        bolt.command(COMMAND)(self.command)
        for action in (
            "unlock",
            "extend",
            "lock",
            "admit",
            "admit:unlock",
            "turn_away",
            "tone",
            "keep_tone:yes",
            "keep_tone:no",
        ):
            bolt.action(action)(self.press)
        bolt.action("add_schedule")(self.press)
        bolt.action(ACTION_ID)(self.press)
        bolt.action(ANYTHING)(lambda ack: ack())  # last: a button of another release
        bolt.event("app_home_opened")(self.home_opened)
        return bolt

    def command(self, ack: Ack, body: dict[str, Any]) -> None:
        """`/frontdoor …`: the answer is the response itself."""
        person = Person(
            body["user_id"], _ids(body.get("team_id"), body.get("enterprise_id")), body.get("trigger_id", "")
        )
        ack(**self._answer(lambda: self._commands.run(body.get("text", ""), person)))

    def press(self, ack: Ack, body: dict[str, Any], action: dict[str, Any]) -> None:
        """A button: acknowledged by the response, answered through the response_url; its value names the door first."""
        user, team, container = body["user"], body.get("enterprise") or {}, body.get("container") or {}
        ids = _ids(user.get("team_id"), team.get("id"))
        message = next(iter(_ids(container.get("message_ts"))), "")
        person = Person(user["id"], ids, body.get("trigger_id", ""))
        command = presses.command(action, message)
        answer = self._answer(lambda: self._commands.carry_out(command, person))
        ack()
        if (url := body.get("response_url")) and answer.get("text"):
            self._later.submit(_respond, url, answer)
        if body.get("view"):
            self._later.submit(self._show_home, person)

    def home_opened(self, body: dict[str, Any], event: dict[str, Any]) -> None:
        """Somebody looks at the App Home; its messages tab sends the same event."""
        if event.get("tab") == "home" and isinstance(event.get("user"), str):
            self._later.submit(
                self._show_home, Person(event["user"], _ids(body.get("team_id"), body.get("enterprise_id")))
            )

    def _show_home(self, person: Person) -> None:
        """Publish what holds now; whatever goes wrong is said there too."""
        view = self._answer(lambda: self._commands.home(replace(person, delivery="")))
        self._hosts.show_home(person.user_id, view if view.get("type") == "home" else blocks.home(view, ""))

    def _answer(self, carry_out: Any) -> dict[str, Any]:
        """What a person is told, whatever happens."""
        try:
            answer: dict[str, Any] = carry_out()
        except StoreUnavailable as error:
            logger.error("Store unavailable: %s", error.detail)
            self._faults.store_failed()
            return blocks.private(str(error))
        except DoorBotError as error:
            return blocks.private(blocks.escaped(str(error)))
        except Exception:
            logger.exception("A command met a bug")
            return blocks.private(SOMETHING_WRONG)
        return answer


def _bolt() -> App:
    """Bolt without what is done in front of it, and without calls to Slack: it would make one in the first request."""
    logging.getLogger("slack_bolt.quiet").setLevel(logging.CRITICAL)
    return App(
        authorize=lambda: AuthorizeResult(enterprise_id=None, team_id=None, bot_token="-"),  # noqa: S106
        signing_secret="-",  # noqa: S106
        logger=logging.getLogger("slack_bolt.quiet"),  # it logs whole bodies, and advice to its users
        process_before_response=True,
        request_verification_enabled=False,
        ssl_check_enabled=True,
        ignoring_self_events_enabled=False,
        attaching_function_token_enabled=False,
        attaching_conversation_kwargs_enabled=False,
    )


def _for_bolt(value: dict[str, Any]) -> BoltRequest:
    """Bolt takes parsed bodies as from a socket; of a form it would take the word "payload" anywhere for a press."""
    try:
        return BoltRequest(body=value, mode="socket_mode")
    except (AttributeError, KeyError, TypeError, ValueError, RecursionError):  # it expects the right types everywhere
        abort(400)


def _well_formed(body: bytes, mimetype: str) -> dict[str, Any]:
    """The parsed body, when it is of one of the forms that Slack sends; otherwise it ends here with 400."""
    try:
        if mimetype == "application/json":
            return _event(json.loads(body.decode()))
        form = parse_form(body)
        if "payload" in form:
            return _interaction(json.loads(first(form, "payload")))
    except (ValueError, RecursionError):
        abort(400)
    if "ssl_check" not in form and not ("command" in form and first(form, "user_id")):
        abort(400)
    return {name: first(form, name) for name in COMMAND_FIELDS if name in form}


def _event(value: Any) -> dict[str, Any]:
    if not (isinstance(value, dict) and isinstance(value.get("type"), str)):
        raise ValueError
    if not isinstance(value.get("event", {}), dict):
        raise ValueError
    return value


def _interaction(value: Any) -> dict[str, Any]:
    """A press has a user and actions; whatever Bolt looks into is of the right type."""
    if not (isinstance(value, dict) and isinstance(value.get("type"), str)):
        raise ValueError
    if not (isinstance(value.get("user"), dict) and isinstance(value["user"].get("id"), str)):
        raise ValueError
    parts = (value.get(name) for name in ("team", "enterprise", "channel", "container", "view", "message", "state"))
    if not all(part is None or isinstance(part, dict) for part in parts):
        raise ValueError
    if value["type"] == "block_actions" and not presses.are_well_formed(value.get("actions")):
        raise ValueError
    return value


def _ids(*values: Any) -> tuple[str, ...]:
    return tuple(value for value in values if isinstance(value, str) and value)


def _respond(url: str, answer: dict[str, Any]) -> None:
    """Five answers in half an hour are allowed (docs.slack.dev/interactivity/handling-user-interaction)."""
    try:
        WebhookClient(url, timeout=RESPOND_TIMEOUT_SECONDS).send_dict({**answer, "replace_original": False})
    except (OSError, HTTPException, SlackClientError, ValueError) as error:
        logger.warning("The answer to a press could not be delivered: %s", type(error).__name__)
