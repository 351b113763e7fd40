"""How access codes are kept: as a slow, keyed hash.

Six digits alone could be found again from any hash in hours. So the hash needs a key that is not in the store (made
from SECRET_KEY for this purpose alone), and it is slow for whoever has both. The salt is the door: one slow
hash is compared with all codes of a door, and a new code can be seen to differ from them.
"""

import hmac
from collections.abc import Sequence
from hashlib import scrypt

from app.domain.access_codes import Hashes

COST = {"n": 2**14, "r": 8, "p": 1}  # 16 MiB; 38 to 48 ms where it was written
PURPOSE = b"access codes"


class CodeHasher:
    """Hashes with every SECRET_KEY there is, while they are rotated: the first makes, all verify."""

    def __init__(self, secret_keys: Sequence[str]) -> None:
        derived = [_keyed(secret.encode(), PURPOSE) for secret in secret_keys]
        self._keys = {_keyed(key, b"id").hex()[:16]: key for key in derived}
        self.key_id = next(iter(self._keys))  # of the key that makes

    def veil(self, visit_id: str, digits: str) -> str:
        """Digits that were begun, as they lie in the store until the call goes on: each moved on by a secret number."""
        return "".join(
            str((int(digit) + step) % 10) for digit, step in zip(digits, self._steps(visit_id), strict=False)
        )

    def unveil(self, visit_id: str, veiled: str) -> str:
        """The digits again."""
        return "".join(
            str((int(digit) - step) % 10) for digit, step in zip(veiled, self._steps(visit_id), strict=False)
        )

    def _steps(self, visit_id: str) -> bytes:
        return _keyed(self._keys[self.key_id], b"keyed in " + visit_id.encode())

    def hashes(self, door_id: str, digits: str) -> Hashes:
        """The hash of a code at a door for the id of each key. Slow."""
        salt = door_id.encode()
        slow = {key_id: scrypt(_keyed(key, digits.encode()), salt=salt, **COST) for key_id, key in self._keys.items()}
        return {key_id: digest.hex() for key_id, digest in slow.items()}


def _keyed(key: bytes, message: bytes) -> bytes:
    return hmac.digest(key, message, "sha256")
