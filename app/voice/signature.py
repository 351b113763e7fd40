"""Checks that a webhook comes from Twilio (twilio.com/docs/usage/webhooks/webhooks-security).

The same algorithm as `twilio.request_validator`, which the tests hold it against, in a tenth of the time: this stands
on the path of every ring. The address is built from PUBLIC_URL, never from what the request says of itself.
"""

import hmac
from base64 import b64encode
from collections.abc import Iterable, Mapping, Sequence
from hashlib import sha1
from urllib.parse import urlsplit

Params = Mapping[str, Sequence[str]]  # a form: every name with all its values


class Signature:
    """Verifies `X-Twilio-Signature` with any of the auth tokens (several while they are rotated)."""

    def __init__(self, auth_tokens: Iterable[str], public_url: str) -> None:
        self._keys = [token.encode() for token in auth_tokens]
        self._bases = _with_and_without_port(public_url)

    def is_valid(self, path: str, params: Params, signature: str) -> bool:
        """Whether `signature` (base64) was made by Twilio for this path and form; any text is accepted."""
        form = "".join(name + value for name in sorted(params) for value in sorted(set(params[name])))
        given = signature.encode("utf-8", "replace")
        return any(
            hmac.compare_digest(b64encode(hmac.digest(key, (base + path + form).encode(), sha1)), given)
            for base in self._bases
            for key in self._keys
        )


def _with_and_without_port(public_url: str) -> list[str]:
    """Twilio is not of one mind about whether the port is part of the address (twilio-python#392)."""
    parts = urlsplit(public_url)
    usual = 443 if parts.scheme == "https" else 80
    host = parts.netloc.rpartition(":")[0] if parts.port else f"{parts.netloc}:{usual}"
    return [public_url, f"{parts.scheme}://{host}{parts.path}"]
