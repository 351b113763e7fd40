"""Each channel hears of things in the order in which they happened, whatever Slack or another process makes of them."""

from collections.abc import Callable
from datetime import datetime, timedelta
from threading import Event, Thread

import pytest

from app.domain.notices import FATE_UNKNOWN_AFTER, RETRY_FIRST, Notice
from app.ports import Delivery, Key, Store, partition
from app.usecases.notices import Notices
from tests.conftest import FakeHosts
from tests.support import local

NOON = local("2026-11-23T12:00")
SECOND, MICROSECOND = timedelta(seconds=1), timedelta(microseconds=1)
FRONT = partition("front")


class Moody(FakeHosts):
    """Answers each message with the next of these, and delivers from then on."""

    def __init__(self, *answers: Delivery) -> None:
        super().__init__()
        self._answers = list(answers)

    def tell(self, channel: str, text: str, buttons: object = ()) -> Delivery:
        super().tell(channel, text)
        return self._answers.pop(0) if self._answers else Delivery.DELIVERED

    @property
    def texts(self) -> list[str]:
        return [text for _, text in self.told]


def write(store: Store, *texts: str, channel: str = "C1", at: datetime = NOON) -> None:
    """Notices, a second apart; their names sort the other way round."""
    for number, text in enumerate(texts):
        key = Key[Notice](f"notice:{channel}:{9 - number}")
        notice = Notice(channel, text, at + number * SECOND)
        assert store.commit(store.read(FRONT, key), {key: notice})


def deliver(store: Store, hosts: FakeHosts, now: datetime = NOON + 5 * SECOND) -> None:
    Notices(store, hosts, [FRONT]).deliver(lambda: now)


def test_they_are_sent_in_the_order_in_which_they_were_written(store: Store) -> None:
    hosts = Moody()
    write(store, "unlocked", "locked", "unlocked again")
    deliver(store, hosts)
    assert hosts.texts == ["unlocked", "locked", "unlocked again"]


@pytest.mark.parametrize(
    ("after", "sent"), [(RETRY_FIRST - MICROSECOND, ["unlocked"]), (RETRY_FIRST, ["unlocked", "unlocked", "locked"])]
)
def test_newer_ones_wait_for_the_retry_of_an_older_one(store: Store, after: timedelta, sent: list[str]) -> None:
    hosts = Moody(Delivery.TRY_LATER)
    write(store, "unlocked", "locked")
    deliver(store, hosts, NOON + SECOND)
    deliver(store, hosts, NOON + SECOND + after)
    assert hosts.texts == sent


@pytest.mark.parametrize("delivery", [Delivery.REFUSED, Delivery.UNKNOWN])
def test_newer_ones_do_not_wait_for_one_that_is_not_tried_again(store: Store, delivery: Delivery) -> None:
    hosts = Moody(delivery)
    write(store, "unlocked", "locked")
    deliver(store, hosts)
    assert hosts.texts == ["unlocked", "locked"]


def test_newer_ones_wait_no_longer_than_until_an_older_one_is_given_up(store: Store) -> None:
    hosts, now = Moody(*[Delivery.TRY_LATER] * 100), NOON + SECOND
    write(store, "unlocked", "locked")
    while "locked" not in hosts.texts:
        assert now < NOON + timedelta(hours=2)
        deliver(store, hosts, now)
        now += timedelta(minutes=5)
    assert now > NOON + timedelta(minutes=55)


def test_other_channels_do_not_wait(store: Store) -> None:
    hosts = Moody(Delivery.TRY_LATER)
    write(store, "unlocked", "locked")
    write(store, "front unlocked", "front locked", channel="C2", at=NOON + MICROSECOND)
    deliver(store, hosts)
    deliver(store, hosts)
    assert hosts.told == [("C1", "unlocked"), ("C2", "front unlocked"), ("C2", "front locked")]


@pytest.mark.parametrize(("away", "sent"), [(-MICROSECOND, []), (timedelta(0), ["locked"])])
def test_newer_ones_wait_for_a_claim_until_its_process_counts_as_dead(
    store: Store, away: timedelta, sent: list[str]
) -> None:
    hosts, key = Moody(), Key[Notice]("notice:0")
    assert store.commit(store.read(FRONT, key), {key: Notice("C1", "unlocked", NOON - SECOND).claim(NOON)})
    write(store, "locked")
    deliver(store, hosts, NOON + FATE_UNKNOWN_AFTER + away)
    assert hosts.texts == sent


class Slow(Moody):
    """Something happens while Slack is being told the first message."""

    def __init__(self, meanwhile: Callable[[], None]) -> None:
        super().__init__()
        self._meanwhile = meanwhile

    def tell(self, channel: str, text: str, buttons: object = ()) -> Delivery:
        if not self.told:
            self._meanwhile()
        return super().tell(channel, text)


def test_another_process_does_not_overtake_the_one_that_is_sending(store: Store) -> None:
    sending, looked, other = Event(), Event(), Moody()

    def meanwhile() -> None:
        sending.set()
        assert looked.wait(20)

    slow = Slow(meanwhile)
    write(store, "unlocked", "locked")
    first = Thread(target=deliver, args=(store, slow))
    first.start()
    assert sending.wait(20)
    deliver(store, other)
    looked.set()
    first.join(20)
    assert (other.texts, slow.texts) == ([], ["unlocked", "locked"])


def test_a_process_that_loses_the_claim_leaves_the_newer_ones_to_the_winner(store: Store) -> None:
    """Between its look at the older one and its claim, another process has claimed it."""
    losing = Moody()

    class Losing:
        def __getattr__(self, name: str) -> object:
            return getattr(store, name)

        def commit(self, snapshot: object, writes: object, events: object = ()) -> bool:
            return False

    write(store, "unlocked", "locked")
    deliver(Losing(), losing)  # type: ignore[arg-type]
    assert losing.texts == []
