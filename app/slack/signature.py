"""Checks that a request comes from Slack (docs.slack.dev/authentication/verifying-requests-from-slack)."""

from collections.abc import Iterable

from slack_sdk.signature import SignatureVerifier
from werkzeug.datastructures import Headers


class Signature:
    """Verifies a request with any of the signing secrets (several while they are rotated)."""

    def __init__(self, signing_secrets: Iterable[str]) -> None:
        self._verifiers = [SignatureVerifier(secret) for secret in signing_secrets]

    def is_valid(self, body: bytes, headers: Headers) -> bool:
        """Whether Slack signed this body within the last five minutes; any input is accepted."""
        timestamp = headers.get("X-Slack-Request-Timestamp", "")
        given = headers.get("X-Slack-Signature", "")
        try:
            return any(verifier.is_valid(body, timestamp, given) for verifier in self._verifiers)
        except (ValueError, TypeError, OverflowError):  # slack_sdk raises on a body, time or signature that is odd
            return False
