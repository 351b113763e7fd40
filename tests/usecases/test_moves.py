from datetime import timedelta

from app.domain.doors import Door
from app.domain.visits import Visit, VisitState
from app.ports import Store, partition
from app.usecases.moves import TRIED_FOR, Moves
from app.usecases.steps import visit_key
from tests.support import HOST, a_door, local

NOON = local("2026-11-23T12:00")
DOOR, CALL = a_door(), "CA1"
RELEASED = Visit(CALL, NOON, VisitState.HELD, "locked").decided(VisitState.RELEASED, HOST, NOON, reason="host")


class Twilio:
    """Moves no call, until it does."""

    def __init__(self) -> None:
        self.works = False
        self.asked = 0

    def move(self, door: Door, call: str) -> bool:
        self.asked += 1
        return self.works


class Moving:
    """Calls are moved at once, and again in each round."""

    def __init__(self, store: Store) -> None:
        self.now, self.twilio = NOON, Twilio()
        self._store = store
        self._moves = Moves(store, self.twilio, lambda: self.now)

    def keep(self, visit: Visit | None) -> None:
        snapshot = self._store.read(partition(DOOR.id), visit_key(CALL))
        assert self._store.commit(snapshot, {visit_key(CALL): visit})

    def move(self, visit: Visit | None, rounds: int = 3) -> int:
        """How often Twilio was asked."""
        self.keep(visit)
        self._moves.move(DOOR, CALL)
        for _ in range(rounds):
            self.sweep()
        return self.twilio.asked

    def sweep(self) -> None:
        self._moves.sweep(self._moves.move)


def test_a_call_that_was_not_moved_is_moved_again_until_it_is(store: Store) -> None:
    moving = Moving(store)
    assert moving.move(RELEASED) == 4
    moving.twilio.works = True
    moving.sweep()
    moving.sweep()
    assert moving.twilio.asked == 5


def test_a_call_that_has_asked_by_itself_keeps_its_tone(store: Store) -> None:
    assert Moving(store).move(RELEASED.moved(RELEASED.state, heard=True)) == 1


def test_nobody_is_called_back_who_has_gone(store: Store) -> None:
    assert Moving(store).move(RELEASED.ended(NOON)) == 1
    assert Moving(store).move(None) == 1


def test_what_was_not_decided_is_moved_once(store: Store) -> None:
    for state in (VisitState.HELD, VisitState.FORWARDED, VisitState.TURNED_AWAY):
        assert Moving(store).move(Visit(CALL, NOON, state, "locked")) == 1


def test_it_is_given_up_after_a_minute(store: Store) -> None:
    moving = Moving(store)
    assert moving.move(RELEASED, rounds=0) == 1
    moving.now = NOON + TRIED_FOR - timedelta(microseconds=1)
    moving.sweep()
    moving.now = NOON + TRIED_FOR
    moving.sweep()
    assert moving.twilio.asked == 2
