"""The Calls port on Twilio's REST API (twilio.com/docs/voice/tutorials/how-to-modify-calls-in-progress)."""

import logging

from twilio.base.exceptions import TwilioException
from twilio.http.http_client import TwilioHttpClient
from twilio.rest import Client

from app.domain.doors import Door

logger = logging.getLogger(__name__)

TIMEOUT_SECONDS = 3  # the call asks by itself every few seconds
FAULTS = (TwilioException, OSError, ValueError, TypeError, KeyError, AttributeError)
"""Whatever may go wrong with an answer of Twilio's: none, an error, no JSON, or something else in it."""


class TwilioCalls:
    """Moves live calls. Twilio's own client: it has no timeout and logs whole requests unless told otherwise."""

    def __init__(self, account_sid: str, auth_token: str, api_url: str, public_url: str) -> None:
        logging.getLogger("twilio.http_client").setLevel(logging.WARNING)
        self._client = Client(
            account_sid, auth_token, http_client=TwilioHttpClient(timeout=TIMEOUT_SECONDS, max_retries=0)
        )
        self._client.region = self._client.edge = None  # or it would put their names into any address
        self._client.api.base_url = api_url
        self._public_url = public_url

    def move(self, door: Door, call: str) -> bool:
        address = f"{self._public_url}/voice/held/{door.id}"
        try:
            self._client.calls(call).update(url=address, method="POST")
        except FAULTS as error:
            logger.warning("A call could not be moved, and will ask by itself: %s", _kind(error))
            return False
        return True


def _kind(error: Exception) -> str:
    """What went wrong, without addresses and numbers; 21220 is a call that has ended."""
    return f"{type(error).__name__} {getattr(error, 'code', '')}".strip()
