"""Reads a request's body, whole and once, as the signatures need it."""

from typing import Any

from werkzeug.exceptions import LengthRequired, RequestEntityTooLarge

LARGEST_BODY = 64 * 1024
DRAINED_BODY = 16 * 1024 * 1024
CHUNK = 64 * 1024
LONGEST_LENGTH = 19  # digits


def read_body(environ: dict[str, Any], largest: int = LARGEST_BODY) -> bytes:
    """The body of a WSGI request. Raises 411 for a body of no stated length, 413 for one that is too large.

    An oversized body is read and dropped first: a client that is still sending would see a broken pipe, no answer.
    """
    stated = environ.get("CONTENT_LENGTH") or ""
    if not (stated.isascii() and stated.isdigit() and len(stated) <= LONGEST_LENGTH):
        raise LengthRequired
    length, stream = int(stated), environ["wsgi.input"]
    if length > largest:
        left = min(length, DRAINED_BODY)
        while left > 0 and (dropped := len(stream.read(min(CHUNK, left)))):
            left -= dropped
        raise RequestEntityTooLarge
    body: bytes = stream.read(length)
    return body
