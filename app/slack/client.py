"""Slack's own client, which remembers what Slack's last answer said of our token."""

from typing import Any

from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError
from slack_sdk.web import SlackResponse

from app.ports import TokenHeard

REFUSALS = frozenset({"invalid_auth", "not_authed", "account_inactive", "token_revoked", "token_expired"})


class Token:
    """What is known of it; one for all clients that use it."""

    def __init__(self) -> None:
        self.heard = TokenHeard()

    def note(self, refusal: str) -> None:
        """An answer refused the token with this word, or took it ("")."""
        self.heard = TokenHeard(refusal, self.heard.answers + 1)


class Client(WebClient):
    """A WebClient without repetitions: an answer that is neither "ok" nor a refusal says nothing of the token."""

    def __init__(self, token: str, known: Token, url: str, timeout: float) -> None:
        super().__init__(token, base_url=url, timeout=timeout, retry_handlers=[])  # type: ignore[arg-type]  # to a socket
        self._known = known

    def api_call(self, *args: Any, **kwargs: Any) -> SlackResponse:
        try:
            answer = super().api_call(*args, **kwargs)
        except SlackApiError as error:
            said = error.response.data.get("error") if isinstance(error.response.data, dict) else ""
            if said in REFUSALS:
                self._known.note(str(said))
            raise
        self._known.note("")
        return answer
