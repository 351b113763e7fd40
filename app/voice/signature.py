"""Checks that a webhook comes from Twilio (twilio.com/docs/usage/webhooks/webhooks-security).

The same algorithm as `twilio.request_validator`, which the tests hold it against, in a tenth of the time: this stands
on the path of every ring. The address is built from PUBLIC_URL, never from what the request says of itself.
"""

import hmac
from base64 import b64encode
from collections.abc import Iterable
from urllib.parse import urlsplit

from app.forms import Form


class Signature:
    """Verifies `X-Twilio-Signature` with any of the auth tokens (several while they are rotated)."""

    def __init__(self, auth_tokens: Iterable[str], public_url: str) -> None:
        self._keys = [token.encode() for token in auth_tokens]
        self._bases = _with_and_without_port(public_url)

    def is_valid(self, path: str, form: Form, signature: str) -> bool:
        """Whether `signature` (base64) was made by Twilio for this path and form; any text is accepted."""
        parts = [path]
        for name in sorted(form):
            values = form[name]
            for value in values if len(values) == 1 else sorted(set(values)):
                parts += (name, value)
        text, given = "".join(parts), signature.encode("utf-8", "replace")
        for base in self._bases:
            message = (base + text).encode()
            for key in self._keys:
                if hmac.compare_digest(b64encode(hmac.digest(key, message, "sha1")), given):
                    return True
        return False


def _with_and_without_port(public_url: str) -> list[str]:
    """Twilio is not of one mind about whether the port is part of the address (twilio-python#392)."""
    parts = urlsplit(public_url)
    usual = 443 if parts.scheme == "https" else 80
    host = parts.netloc.rpartition(":")[0] if parts.port else f"{parts.netloc}:{usual}"
    return [public_url, f"{parts.scheme}://{host}{parts.path}"]
