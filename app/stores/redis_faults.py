"""Redis's faults as the core knows them: the store is away."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TypeVar

import redis

from app.domain.errors import StoreUnavailable
from app.stores.redis_connections import TIMEOUT_SECONDS
from app.stores.redis_views import told

T = TypeVar("T")

SLOW_SECONDS = 2 * TIMEOUT_SECONDS  # for a new connection and a read


def in_time(read: Callable[[], T]) -> T:
    """A connection may have died while it was idle: unlike a commit, reading can simply be done again."""
    began = time.monotonic()
    try:
        found = read()
    except StoreUnavailable as error:
        if not isinstance(error.__cause__, redis.ConnectionError):
            raise
        found = read()
    if time.monotonic() - began > SLOW_SECONDS:  # there would be no time left for a commit
        raise StoreUnavailable("Redis: too slow")
    return found


@contextmanager
def faults_translated() -> Iterator[None]:
    try:
        yield
    except redis.RedisError as error:
        raise StoreUnavailable(f"Redis: {told(error)}") from error
