"""How access codes are kept: as a slow, keyed hash.

Six digits alone could be found again from any hash in hours. So the hash needs a key that is not in the store (made
from SECRET_KEY for this purpose alone), and it is slow for whoever has both. The salt is the door: one slow
hash is compared with all codes of a door, and a new code can be seen to differ from them.
"""

from collections.abc import Sequence
from hashlib import scrypt

from app.domain.access_codes import Hashes
from app.domain.keys import Keys, keyed

COST = {"n": 2**14, "r": 8, "p": 1}  # 16 MiB; 38 to 48 ms where it was written
PURPOSE = b"access codes"


class CodeHasher:
    """Hashes with every SECRET_KEY there is, while they are rotated: the first makes, all verify."""

    def __init__(self, secret_keys: Sequence[str]) -> None:
        self._keys = Keys(secret_keys, PURPOSE)
        self.key_id = self._keys.first_id

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
        return keyed(self._keys.first, b"keyed in " + visit_id.encode())

    def hashes(self, door_id: str, digits: str) -> Hashes:
        """The hash of a code at a door for the id of each key. Slow."""
        salt = door_id.encode()
        by_id = self._keys.by_id.items()
        slow = {key_id: scrypt(keyed(key, digits.encode()), salt=salt, **COST) for key_id, key in by_id}
        return {key_id: digest.hex() for key_id, digest in slow.items()}
