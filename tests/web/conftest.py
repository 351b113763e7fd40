"""A clock that stands still, and people whom Slack knows."""

from collections.abc import Iterator
from typing import Any

import pytest
from freezegun import freeze_time

from app.ports import Membership
from tests.conftest import FakeHosts
from tests.support import ADMIN
from tests.web.browsers import BEN


@pytest.fixture
def clock() -> Iterator[Any]:
    """Monday noon in New York."""
    with freeze_time("2026-11-23T17:00:00Z") as clock:
        yield clock


@pytest.fixture(autouse=True)
def known(hosts: FakeHosts) -> None:
    hosts.called = {ADMIN: "Ana Admin"}
    hosts.members[BEN] = Membership.FULL
