"""What a browser has to show besides a token: that it opened the link, that a form was made for its session."""

import hmac
from collections.abc import Sequence
from hashlib import sha256

from app.domain.keys import Keys, keyed

PURPOSE = b"web sign-in"


def token_hash(token: str) -> str:
    """Under what a token's record is stored. A token is random and long: nobody finds it again from this."""
    return sha256(token.encode()).hexdigest()


class Proofs:
    """Made with the first SECRET_KEY, checked with all of them."""

    def __init__(self, secret_keys: Sequence[str]) -> None:
        self._keys = Keys(secret_keys, PURPOSE)

    def opened(self, token: str, nonce: str) -> str:
        """What the browser is given that opens a link."""
        return f"{nonce}.{_opened(self._keys.first, token, nonce)}"

    def has_opened(self, proof: str, token: str) -> bool:
        """Whether a browser opened this link."""
        nonce, _, given = proof.partition(".")
        return any(_is_same(given, _opened(key, token, nonce)) for key in self._keys.by_id.values())

    def form_token(self, token: str) -> str:
        """What every form has that is made for this session."""
        return _form_token(self._keys.first, token)

    def is_form_token(self, form_token: str, token: str) -> bool:
        """Whether a form was made for this session."""
        return any(_is_same(form_token, _form_token(key, token)) for key in self._keys.by_id.values())


def _opened(key: bytes, token: str, nonce: str) -> str:
    return keyed(key, f"opened {nonce} {token_hash(token)}".encode()).hex()


def _form_token(key: bytes, token: str) -> str:
    return keyed(key, f"form {token_hash(token)}".encode()).hex()


def _is_same(given: str, right: str) -> bool:
    return hmac.compare_digest(given.encode(), right.encode())
