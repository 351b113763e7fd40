"""A year of an office: the application does what the judge says, and the record alone explains every ring.

YEAR_SEED repeats a year that was disagreed on; YEAR=full lives through a busier one.
"""

import os
import secrets
from collections.abc import Callable
from pathlib import Path

from app.ports import Store
from tests.year.facts import FIRST_DAY, LAST_DAY
from tests.year.life import Life
from tests.year.record import Reader
from tests.year.simulation import an_office

PACE = 1.0 if os.environ.get("YEAR") == "full" else 0.2
SEED = int(os.environ.get("YEAR_SEED", "0")) or secrets.randbelow(10**6) + 1


def test_the_judge_agrees_on_a_year_and_its_record_explains_every_ring(
    tmp_path: Path, stores: Callable[[], Store]
) -> None:
    with an_office(tmp_path, stores, SEED) as office:
        Life(office, PACE).live(FIRST_DAY, LAST_DAY)
        for name, door in office.judge.items():
            reader = Reader(door.facts)
            for entry in office.log(name):
                reader.read(entry)
            rang = {call.id for call in office.calls.calls.values() if call.door == name}
            assert set(reader.explained) == rang, f"YEAR_SEED={SEED}"
            assert reader.door.endings() == door.endings(), f"YEAR_SEED={SEED}"
