"""The Hosts port on Slack's Web API. Every call is bounded in time, and none is repeated by the client itself."""

import logging
import time
from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from http import HTTPStatus
from http.client import HTTPException
from threading import Lock, Thread, local
from typing import Any, TypeVar
from urllib.error import URLError

from slack_sdk.errors import SlackApiError, SlackClientError
from slack_sdk.web import SlackResponse

from app.domain.notices import Button
from app.ports import Delivery, Membership, Posted, Published, TokenHeard
from app.slack.blocks import message
from app.slack.client import Client, Token
from app.slack.deadlines import Deadline
from app.slack.names import NamesHeard

logger = logging.getLogger(__name__)

T = TypeVar("T")

ASK_TIMEOUT_SECONDS = 1  # somebody waits: Slack gives a command three seconds in all
ASKING_SECONDS = 1.5  # after that a request asks nothing more
TELL_TIMEOUT_SECONDS = 10
POST_TIMEOUT_SECONDS = 75
LONGEST_RETRY_AFTER_SECONDS = 600
NO_UNFURLING = {"unfurl_links": False, "unfurl_media": False}
FRESH_FOR = timedelta(minutes=5)
ASKED_AGAIN_AFTER = timedelta(seconds=30)  # where Slack did not tell: it may be away
NEVER = datetime.min.replace(tzinfo=UTC)
GONE_FLAGS = ("deleted", "is_bot", "is_workflow_bot")
NOT_FULL_FLAGS = ("is_restricted", "is_ultra_restricted", "is_stranger")
FAULTS = (SlackClientError, OSError, HTTPException, ValueError, TypeError, KeyError, AttributeError)
"""Whatever may go wrong with an answer of Slack's: none, an error, no HTTP, no JSON, or something else in it."""


class SlackHosts:
    """Tells channels, and knows who is who; what Slack said of a person is kept for five minutes."""

    def __init__(self, token: str, api_url: str) -> None:
        self._token = Token()
        self._asking = Client(token, self._token, api_url, ASK_TIMEOUT_SECONDS)
        self._in_time = Deadline(ASK_TIMEOUT_SECONDS)
        self._telling = Client(token, self._token, api_url, TELL_TIMEOUT_SECONDS)
        self._posting = Client(token, self._token, api_url, POST_TIMEOUT_SECONDS)
        self._names = NamesHeard(self._user)
        self._known: dict[str, tuple[datetime, object]] = {}
        self._lock = Lock()
        self._asked_at: dict[str, datetime] = {}
        self._to_ask: dict[str, datetime] = {}  # people whom Slack is to be asked about while nobody waits
        self._is_asking = False
        self._request = local()  # `now`: which request this thread serves; `until`: how long it may go on asking

    def tell(self, channel: str, text: str, buttons: Sequence[Button] = ()) -> Delivery:
        return self._send(self._telling.chat_postMessage, channel, text, buttons, **NO_UNFURLING).delivery

    def post(self, channel: str, text: str, buttons: Sequence[Button] = (), thread: str = "") -> Posted:
        in_thread = {"thread_ts": thread} if thread else {}
        return self._send(self._posting.chat_postMessage, channel, text, buttons, **NO_UNFURLING, **in_thread)

    def edit(self, channel: str, ts: str, text: str, buttons: Sequence[Button] = ()) -> Posted:
        no_more_buttons: dict[str, Any] = {} if buttons else {"blocks": []}
        return self._send(self._telling.chat_update, channel, text, buttons, ts=ts, **no_more_buttons)

    def _send(
        self, method: Callable[..., SlackResponse], channel: str, text: str, buttons: Sequence[Button], **more: Any
    ) -> Posted:
        """Call a method that takes a message; what went wrong is said once, in the log."""
        try:
            answer = method(channel=channel, **message(text, buttons), **more)
            return Posted(Delivery.DELIVERED, str(answer["ts"]))
        except SlackApiError as error:
            return Posted(self._refused(channel, error), retry_after=_retry_after(error))
        except URLError as error:  # raised before the request was sent in full
            logger.warning("Slack can't be reached: %s", error.reason)
            return Posted(Delivery.TRY_LATER)
        except FAULTS as error:  # sent, but no answer that can be read
            logger.warning("Slack's answer to a message was lost: %s", error)
            return Posted(Delivery.UNKNOWN)

    def membership(self, user_id: str, now: datetime, *, last_known: bool) -> Membership:
        found = self._fresh(f"user:{user_id}", now, lambda: self._membership(user_id), last_known=last_known)
        return Membership.UNKNOWN if found is None else found

    def glance(self, user_id: str, now: datetime) -> Membership:
        at, said = self._said(f"user:{user_id}")
        if not _is_fresh(at, now):
            self._refresh(user_id, now)
        return said if isinstance(said, Membership) else Membership.UNKNOWN

    def members_of(self, group: str, now: datetime, *, last_known: bool) -> frozenset[str] | None:
        return self._fresh(f"group:{group}", now, lambda: self._members(group), last_known=last_known)

    def names(self, user_ids: Collection[str], *, waits: bool = True) -> Mapping[str, str]:
        return self._names.names(user_ids, waits=waits)

    def heard_names(self) -> Mapping[str, str]:
        return self._names.heard()

    def show_home(self, user_id: str, view: Mapping[str, object], shown: str = "") -> Published:
        expected = {"hash": shown} if shown else {}
        try:
            answer = self._telling.views_publish(user_id=user_id, view=dict(view), **expected)
            return Published(Delivery.DELIVERED, str(answer["view"].get("hash", "")))
        except SlackApiError as error:
            if _code(error) == "hash_conflict":
                return Published(Delivery.REFUSED, is_overtaken=True)
            return Published(self._refused(f"the App Home of {user_id}", error), retry_after=_retry_after(error))
        except FAULTS as error:
            logger.warning("The App Home of %s could not be shown: %s", user_id, _code(error))
            return Published(Delivery.UNKNOWN)

    def open_view(self, trigger_id: str, view: Mapping[str, object]) -> bool:
        try:
            self._in_time(lambda: self._asking.views_open(trigger_id=trigger_id, view=dict(view)))
        except FAULTS as error:
            logger.warning("A dialog could not be opened: %s", _code(error))
            return False
        return True

    def token(self, *, ask: bool = False) -> TokenHeard:
        if ask:
            try:
                self._telling.auth_test()
            except FAULTS as error:
                logger.warning("Slack could not be asked about our token: %s", error)
        return self._token.heard

    def _refused(self, channel: str, error: SlackApiError) -> Delivery:
        """What an answer other than `ok` means (docs.slack.dev/reference/methods/chat.postMessage)."""
        code = _code(error)
        status = error.response.status_code
        logger.warning("Slack did not take a message to %s: %s %s", channel, status, code)
        if status == HTTPStatus.TOO_MANY_REQUESTS or code in ("ratelimited", "service_unavailable"):
            return Delivery.TRY_LATER
        unreadable = status == HTTPStatus.OK and not code.isidentifier()  # slack_sdk puts prose there
        if unreadable or status >= HTTPStatus.INTERNAL_SERVER_ERROR or code in ("internal_error", "fatal_error"):
            return Delivery.UNKNOWN
        return Delivery.REFUSED

    def _membership(self, user_id: str) -> Membership:
        """docs.slack.dev/reference/objects/user-object; whom Slack does not know has left, or was never here."""
        try:
            user = self._asking.users_info(user=user_id)["user"]
            self._names.note(user)
        except SlackApiError as error:
            if error.response.get("error") == "user_not_found":
                return Membership.GONE
            if error.response.get("error") == "user_not_visible":
                return Membership.NOT_FULL
            raise
        if any(user.get(flag) for flag in GONE_FLAGS):
            return Membership.GONE
        is_other = user.get("id") != user_id or any(user.get(flag) for flag in NOT_FULL_FLAGS)
        return Membership.NOT_FULL if is_other else Membership.FULL

    def _user(self, user_id: str) -> Mapping[str, Any]:
        """What Slack says of a person; LookupError where it says that it knows nobody of this id."""
        try:
            found: Mapping[str, Any] = self._in_time(lambda: self._asking.users_info(user=user_id)["user"])
        except SlackApiError as error:
            if _code(error) in ("user_not_found", "user_not_visible"):
                raise LookupError from error
            raise
        return found

    def _members(self, group: str) -> frozenset[str]:
        return frozenset(self._asking.usergroups_users_list(usergroup=group)["users"])

    def _fresh(self, name: str, now: datetime, ask: Callable[[], T], *, last_known: bool) -> T | None:
        """What Slack says, or said within five minutes; where it can't be asked None, or what it said last."""
        at, value = self._said(name)
        if _is_fresh(at, now):
            return value  # type: ignore[return-value]
        if not self._may_ask(now):
            return value if last_known else None  # type: ignore[return-value]
        try:
            found = self._in_time(ask)
        except FAULTS as error:
            logger.warning("Slack could not be asked about %s: %s", name, type(error).__name__)
            self._request.until = 0  # nor will it answer this request's next question
            return value if last_known else None  # type: ignore[return-value]
        with self._lock:
            self._known[name] = (now, found)
        return found

    def _said(self, name: str) -> tuple[datetime | None, object]:
        """What Slack said last, and when."""
        with self._lock:
            return self._known.get(name, (None, None))

    def _refresh(self, user_id: str, now: datetime) -> None:
        """Ask about a person while nobody waits; what Slack does not tell stays as it was, and is asked later."""
        with self._lock:
            is_recent = timedelta(0) <= now - self._asked_at.get(user_id, NEVER) < ASKED_AGAIN_AFTER
            if is_recent or user_id in self._to_ask:
                return
            self._asked_at[user_id] = self._to_ask[user_id] = now
            was_asking, self._is_asking = self._is_asking, True
        if not was_asking:
            Thread(target=self._ask_meanwhile, name="people", daemon=True).start()

    def _ask_meanwhile(self) -> None:
        """One person after the other: a thread that ends when there is nobody left."""
        while True:
            with self._lock:
                if not self._to_ask:
                    self._is_asking = False
                    return
                user_id, now = next(iter(self._to_ask.items()))
            self.membership(user_id, now, last_known=True)
            with self._lock:
                self._to_ask.pop(user_id)

    def _may_ask(self, now: datetime) -> bool:
        """Whether the request that came at `now`, on this thread, still has time for a question."""
        if getattr(self._request, "now", None) != now:
            self._request.now, self._request.until = now, time.monotonic() + ASKING_SECONDS
        return bool(time.monotonic() < self._request.until)


def _is_fresh(at: datetime | None, now: datetime) -> bool:
    return at is not None and timedelta(0) <= now - at < FRESH_FOR


def _retry_after(error: SlackApiError) -> timedelta:
    """How long Slack wants to be left alone (docs.slack.dev/apis/web-api/rate-limits)."""
    seconds = str((error.response.headers or {}).get("Retry-After", "0"))
    return timedelta(seconds=min(int(seconds), LONGEST_RETRY_AFTER_SECONDS) if seconds.isdecimal() else 0)


def _code(error: Exception) -> str:
    """Slack's word for what went wrong, or else what kind of fault it was."""
    if not isinstance(error, SlackApiError):
        return type(error).__name__
    return str(error.response.get("error", "")) if isinstance(error.response.data, dict) else ""
