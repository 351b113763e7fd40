"""Somebody at the panel guesses access codes for days, three in each call, through the webhooks and on one store."""

from collections.abc import Iterator
from datetime import datetime, timedelta

import pytest
from freezegun import freeze_time
from freezegun.api import FrozenDateTimeFactory

import config
from app import create_app
from app.clock import utcnow
from app.domain.code_hashes import CodeHasher
from app.stores.sqlite import SqliteStore
from tests.conftest import FakeHosts
from tests.support import ADMIN, Office, call_form
from tests.voice.panel import AtOnce, six_digits

GUESSES, IN_A_CALL = 450, 3  # 10,000 come to the same, and take half a minute
DAYS = timedelta(days=5)
CALLS = -(-GUESSES // IN_A_CALL)


class Guesser:
    """Rings, keys, and waits to see what comes of it."""

    def __init__(self, office: Office, clock: FrozenDateTimeFactory) -> None:
        self.office = office
        self._clock = clock
        self._calls = 0

    def ring(self, *codes: str) -> str:
        """What the visitor is answered at last, half a minute later."""
        self._calls += 1
        call = f"CA{self._calls:032}"
        self.office.ring(call)
        for digits in codes:
            self._held(call, digits, 2)
        answer = self._held(call, "", 30)
        self.office.voice_post("/voice/status", call_form(call, CallStatus="completed"))
        return answer

    def _held(self, call: str, digits: str, after: float) -> str:
        self._clock.tick(after)
        form = call_form(call, Digits=digits, CallStatus="in-progress")
        return self.office.voice_post("/voice/held/front", form).text


@pytest.fixture(scope="module")
def clock() -> Iterator[FrozenDateTimeFactory]:
    with freeze_time("2026-11-23T17:00:00Z", ignore=["_pytest.timing"]) as frozen:
        yield frozen


@pytest.fixture
def looked_at(monkeypatch: pytest.MonkeyPatch) -> list[datetime]:
    """When a keyed code was compared with those there are."""
    times: list[datetime] = []
    hashes = CodeHasher.hashes

    def counted(self: CodeHasher, door_id: str, digits: str) -> object:
        times.append(utcnow())
        return hashes(self, door_id, digits)

    monkeypatch.setattr(CodeHasher, "hashes", counted)
    return times


@pytest.fixture
def guesser(
    settings: config.Settings,
    sqlite_store: SqliteStore,
    hosts: FakeHosts,
    clock: FrozenDateTimeFactory,
    monkeypatch: pytest.MonkeyPatch,
) -> Guesser:
    monkeypatch.setattr("app.services.Soon", AtOnce)
    return Guesser(Office(create_app(settings, store=sqlite_store, hosts=hosts).test_client()), clock)


def most_within(times: list[datetime], span: timedelta) -> int:
    """The greatest number of them within any such span."""
    return max(sum(start <= time < start + span for time in times) for start in times)


def test_thousands_of_guesses_lead_nowhere_but_to_a_human(
    guesser: Guesser, looked_at: list[datetime], hosts: FakeHosts, clock: FrozenDateTimeFactory
) -> None:
    office, begun = guesser.office, utcnow()
    code = six_digits(office.say("code issue FedEx until 2026-12-24 at any hour", ADMIN))
    guesses = iter([guess for guess in (f"{number:06}" for number in range(GUESSES + IN_A_CALL)) if guess != code])
    looked_at.clear()
    told_at: list[datetime] = []
    for number in range(CALLS):
        clock.move_to(begun + DAYS * number / CALLS)
        assert "<Dial" in guesser.ring(*(next(guesses) for _ in range(IN_A_CALL)))
        if number % 10 == 9:  # the code that is right, while none is looked at
            assert "<Dial" in guesser.ring("999999", "999998", "999997", "999996", "999995", code)
        office.sweep()
        told_at += [utcnow()] * (sum("locked out" in text for _, text in hosts.told) - len(told_at))
    uses = [event for event in office.log() if event.action == "use_code"]
    assert len(uses) == CALLS * IN_A_CALL + CALLS // 10 * 6
    assert {event.outcome for event in uses} == {"denied"}
    assert sum(event.reason == "wrong_code" for event in uses) == len(looked_at)
    assert most_within(looked_at, timedelta(hours=1)) <= 5
    assert most_within(looked_at, timedelta(hours=24)) <= 20
    assert len(looked_at) == 20 * DAYS.days
    assert len(told_at) == DAYS.days
    clock.tick(timedelta(hours=24))
    assert "<Play" in guesser.ring(code)
