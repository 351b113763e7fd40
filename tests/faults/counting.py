"""A process that counts without a pause, to be killed: `python -m tests.faults.counting <file or address>`."""

import sys
from pathlib import Path

from app.clock import utcnow
from app.domain.errors import StoreUnavailable
from app.stores.redis import RedisStore
from app.stores.sqlite import SqliteStore
from app.usecases import summaries
from tests.usecases.test_summaries import an_office


def count_for_ever(name: str) -> None:
    summaries.BATCH = 7
    store = RedisStore(name) if "://" in name else SqliteStore(Path(name))
    counting = summaries.Summaries(store, an_office())
    while True:
        try:
            counting.count(utcnow())
        except StoreUnavailable:  # the other one is writing
            continue


if __name__ == "__main__":
    count_for_ever(sys.argv[1])
