"""Who rings in the year, and what comes of it: answers, codes, and what others do to the door meanwhile."""

from collections.abc import Callable
from functools import partial

from tests.support import ADMIN, HOST
from tests.year.calls import Call
from tests.year.rules import Code, Door
from tests.year.simulation import Simulation
from tests.year.wallclock import SECOND

STRANGER = "+12125550111"
NEVER_ISSUED = "123456"


class Visitors:
    """Each visit is a ring, and a plot that is made up by dice; `people` may press, `unlock` and `lock_down`."""

    def __init__(
        self,
        simulation: Simulation,
        people: tuple[str, ...],
        unlock: Callable[[Door], None],
        lock_down: Callable[[Door], None],
    ) -> None:
        self.simulation, self.dice, self.people = simulation, simulation.random, people
        self._unlock, self._lock_down = unlock, lock_down

    def ring(self, door: Door, plot: Callable[[Call], None] | None = None) -> None:
        """Somebody rings, and something comes of it."""
        id_ = f"CA{self.dice.getrandbits(120):032x}"
        if self.dice.random() < 0.01:
            self.simulation.ring(door.facts.id, id_, STRANGER)
            return
        self.simulation.ring(door.facts.id, id_)
        call = self.simulation.calls.calls[id_]
        if self.dice.random() < 0.06:
            self._soon(self.dice.choice((1, 5, 400)), self.simulation.ring, door.facts.id, id_)
        if call.state == "held":
            (plot or self.dice.choice(self._plots(door)))(call)
        elif call.state == "telephones":
            self._soon(self.dice.randint(10, 20), self.simulation.nobody_comes, call)
        if self.dice.random() < 0.9:
            self._soon(self.dice.randint(30, 90), self.simulation.end, call)

    def _plots(self, door: Door) -> list[Callable[[Call], None]]:
        plots = [self._waits, self._gives_up, self._is_answered, self._is_answered, self._unlocked_meanwhile]
        if self.dice.random() < 0.1:
            plots.append(self._locked_down_meanwhile)
        return plots + [self.keys] * 6 if door.has_code(self.simulation.now) else plots

    def _waits(self, call: Call) -> None:
        for seconds in (3, 7, 25, 29):
            self._soon(seconds, self.simulation.poll, call)
        self._soon(50, self._rang_in_vain, call)

    def _rang_in_vain(self, call: Call) -> None:
        if call.state == "telephones":
            self.simulation.nobody_comes(call)

    def _gives_up(self, call: Call) -> None:
        self._soon(self.dice.randint(1, 20), self.simulation.end, call)

    def _is_answered(self, call: Call) -> None:
        action = self.dice.choice(("admit", "admit", "admit", "turn_away", "admit:unlock"))
        seconds = self.dice.choice((0.5, 4, 12, 40, 700))
        self._soon(seconds, self.simulation.press, call, self.dice.choice(self.people), action)
        if self.dice.random() < 0.2:
            self._soon(seconds + 0.1, self.simulation.press, call, ADMIN, self.dice.choice(("admit", "turn_away")))
        if self.dice.random() < 0.9:
            self._soon(seconds + 1, self.simulation.poll, call)

    def _unlocked_meanwhile(self, call: Call) -> None:
        self._soon(2, self._unlock, self.simulation.judge[call.door])
        self._soon(3, self.simulation.poll, call)

    def _locked_down_meanwhile(self, call: Call) -> None:
        """A drill while somebody waits, before a host's press or between the press and the poll."""
        self._soon(self.dice.choice((2, 4)), self._lock_down, self.simulation.judge[call.door])
        self._soon(3, self.simulation.press, call, HOST, "admit")
        self._soon(5, self.simulation.poll, call)

    def keys(self, call: Call) -> None:
        """A code that was issued at this door, perhaps long ago; or six digits that never were."""
        if call.door in self.simulation.had_codes:
            digits = self.dice.choice([code.digits for code in self._codes_of(call.door)] or [NEVER_ISSUED])
            self._soon(2, self.simulation.poll, call, digits)
            self._soon(4, self.simulation.poll, call)
        self._soon(30, self.simulation.poll, call)

    def _codes_of(self, door: str) -> list[Code]:
        """Those that may be good now, and at times the last few, whatever became of them."""
        codes = self.simulation.judge[door].codes
        if self.dice.random() < 0.3:
            return codes[-3:] if self.dice.random() < 0.5 else []
        return [code for code in codes if code.is_live(self.simulation.now)]

    def _soon(self, seconds: float, act: Callable[..., object], *arguments: object) -> None:
        self.simulation.at(self.simulation.now + seconds * SECOND, partial(act, *arguments))
