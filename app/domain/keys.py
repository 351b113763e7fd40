"""Keys made from SECRET_KEY: one for each purpose, with an id that is stored with what it made."""

import hmac
from collections.abc import Mapping, Sequence


class Keys:
    """The keys for one purpose, of every SECRET_KEY there is while they are rotated: the first makes, all verify."""

    def __init__(self, secret_keys: Sequence[str], purpose: bytes) -> None:
        derived = [keyed(secret.encode(), purpose) for secret in secret_keys]
        self.by_id: Mapping[str, bytes] = {keyed(key, b"id").hex()[:16]: key for key in derived}
        self.first_id = next(iter(self.by_id))
        self.first = self.by_id[self.first_id]


def keyed(key: bytes, message: bytes) -> bytes:
    """HMAC-SHA256 (RFC 2104): 32 bytes."""
    return hmac.digest(key, message, "sha256")
