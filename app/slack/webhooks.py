"""`POST /slack/events`: everything that Slack sends. Verified and looked over here, routed by Bolt."""

import json
import logging
import re
from concurrent.futures import Executor
from http import HTTPStatus
from http.client import HTTPException
from typing import Any

from flask import Blueprint, Response, abort, request
from slack_bolt import Ack, App, BoltRequest
from slack_bolt.authorization import AuthorizeResult
from slack_sdk.errors import SlackClientError
from slack_sdk.webhook import WebhookClient

from app.bodies import read_body
from app.forms import first, parse_form
from app.slack import inputs, presses
from app.slack.answering import Answering
from app.slack.choices import ACTION_ID
from app.slack.commands import Commands
from app.slack.senders import commander, ids, presser
from app.slack.signature import Signature
from app.slack.surfaces import Surfaces
from app.usecases.forgeries import Forgeries

logger = logging.getLogger(__name__)

ANYTHING = re.compile("")
PRESSES = (
    *("unlock", "extend", "lock", "admit", "admit:unlock", "turn_away", "tone", "keep_tone:yes", "keep_tone:no"),
    *("add_schedule", "unlock:for", "lift", "revoke_code", "remove_schedule", "resume_schedule"),
)
LARGEST_BODY = 1024 * 1024  # a press or a submission comes with its whole view, of up to 250 KB before it is encoded
COMMAND = "/frontdoor"
COMMAND_FIELDS = ("command", "text", "user_id", "team_id", "enterprise_id", "trigger_id", "ssl_check")
RESPOND_TIMEOUT_SECONDS = 5


class Webhooks:
    """Slack's requests: refuse what Slack did not sign or what is malformed, hand the rest to Bolt's listeners."""

    def __init__(
        self,
        commands: Commands,
        surfaces: Surfaces,
        answering: Answering,
        forgeries: Forgeries,
        signature: Signature,
        later: Executor,
    ) -> None:
        self._commands = commands
        self._surfaces = surfaces
        self._answer = answering
        self._forgeries = forgeries
        self._signature = signature
        self._later = later
        self._bolt = self._listening(_bolt())

    def blueprint(self) -> Blueprint:
        """The one route that the Slack app's manifest names."""
        slack = Blueprint("slack", __name__, url_prefix="/slack")
        slack.post("/events")(self.events)
        return slack

    def events(self) -> Response:
        """Answer one request of Slack's. Bolt parses bodies before it verifies them, so it gets only good ones."""
        body = read_body(request.environ, LARGEST_BODY)
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
        for action in PRESSES:
            bolt.action(action)(self.press)
        bolt.action(ACTION_ID)(self.press)
        self._surfaces.listen(bolt)
        bolt.action(ANYTHING)(lambda ack: ack())  # last: a button of another release
        return bolt

    def command(self, ack: Ack, body: dict[str, Any]) -> None:
        """`/frontdoor …`: the answer is the response itself."""
        person = commander(body)
        ack(**self._answer(lambda: self._commands.run(body.get("text", ""), person)))
        self._surfaces.acted(person)

    def press(self, ack: Ack, body: dict[str, Any], action: dict[str, Any]) -> None:
        """A button: acknowledged by the response, answered through the response_url; its value names the door first."""
        container, person = body.get("container") or {}, presser(body)
        command = presses.command(action, next(iter(ids(container.get("message_ts"))), ""))
        if body.get("view"):
            self._surfaces.carry_out(command, person)
            ack()
            return
        answer = self._answer(lambda: self._commands.carry_out(command, person))
        ack()
        if (url := body.get("response_url")) and answer.get("text"):
            self._later.submit(_respond, url, answer)
        self._surfaces.acted(person)


def _bolt() -> App:
    """Bolt without what is done in front of it, and without calls to Slack: it would make one in the first request."""
    logging.getLogger("slack_bolt.quiet").setLevel(logging.CRITICAL)
    return App(
        name="doorbot",  # else it searches the whole stack, which takes longer than all the rest
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
    if value["type"] in ("view_submission", "view_closed") and not inputs.are_well_formed(value.get("view")):
        raise ValueError
    return value


def _respond(url: str, answer: dict[str, Any]) -> None:
    """Five answers in half an hour are allowed (docs.slack.dev/interactivity/handling-user-interaction)."""
    try:
        WebhookClient(url, timeout=RESPOND_TIMEOUT_SECONDS).send_dict({**answer, "replace_original": False})
    except (OSError, HTTPException, SlackClientError, ValueError) as error:
        logger.warning("The answer to a press could not be delivered: %s", type(error).__name__)
