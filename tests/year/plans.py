"""What hosts plan ahead in the year: schedules and special days, made up by dice, and each of them means something."""

from collections.abc import Callable
from datetime import date

from tests.support import ADMIN, HOST
from tests.year.rules import Door
from tests.year.simulation import Simulation
from tests.year.wallclock import DAY, WEEKDAYS, today

MOST_SCHEDULES = 5


class Plans:
    """Types `/frontdoor schedule …`."""

    def __init__(self, simulation: Simulation) -> None:
        self.simulation, self.dice = simulation, simulation.random

    def deeds(self) -> list[tuple[Callable[[Door], None], float]]:
        """What is done, and how often in a day."""
        return [
            (self.add, 0.08),
            (self.remove, 0.02),
            (self.pause, 0.02),
            (self.resume, 0.02),
            (self.open_day, 0.05),
            (self.close_day, 0.05),
        ]

    def spans(self, door: Door, day: date) -> list[tuple[int, int]]:
        """What is planned for a day."""
        weekly = [each.span for each in door.schedules.values() if day.weekday() in each.days]
        return weekly + [each.span for each in door.specials if each.day == day]

    def add(self, door: Door) -> None:
        """One or two windows that begin within the hours of some of their days."""
        if len(self._current(door)) >= MOST_SCHEDULES:
            self.remove(door)
            return
        days, spans = self._days_and_hours(door)
        windows = [self._window(*self.dice.choice(spans)) for _ in range(self.dice.choice((1, 1, 2)))]
        text = f"add {days} {', '.join(windows)}"
        if self.dice.random() < 0.3:
            first = self._today(door) + self.dice.randint(0, 20) * DAY
            text += f" from {first} until {first + self.dice.randint(14, 60) * DAY}"
        if self.dice.random() < 0.3:
            text += " called lunch"
        self._say(door, text)

    def remove(self, door: Door) -> None:
        if current := self._current(door):
            self._say(door, f"remove {self.dice.choice(current)}")
        elif to_come := [each.day for each in door.specials if each.day > self._today(door)]:
            self._say(door, f"remove {self.dice.choice(to_come)}")

    def pause(self, door: Door) -> None:
        """One schedule, or all that the door does by itself."""
        if current := self._current(door):
            which = self.dice.choice(["", f" {self.dice.choice(current)}"])
            self._say(door, f"pause{which} until {self._today(door) + self.dice.randint(1, 10) * DAY}")

    def resume(self, door: Door) -> None:
        """Where something is paused or suspended; otherwise there is nothing to be resumed."""
        now = self.simulation.now
        paused = [number for number in self._current(door) if (door.schedules[number].paused_until or now) > now]
        if paused and self.dice.random() < 0.5:
            self._say(door, f"resume {self.dice.choice(paused)}")
        elif paused or any(until and until > now for until in (door.paused_until, door.suspended_until)):
            self._say(door, "resume")

    def open_day(self, door: Door) -> None:
        day = self._today(door) + self.dice.randint(1, 14) * DAY
        start = self.dice.randint(0, 21) * 60
        text = f"open {day} {clock(start)}-{clock(start + self.dice.randint(1, 8) * 30)}"
        self._say(door, text + self.dice.choice(("", "", " asking")))

    def close_day(self, door: Door) -> None:
        """All day, a part of it, or from noon; also today, while the door is open."""
        day = self._today(door) + self.dice.randint(0, 14) * DAY
        start = self.dice.randint(0, 21) * 60
        part = f"{clock(start)}-{clock(start + self.dice.randint(1, 8) * 30)}"
        if day == self._today(door):
            self._say(door, f"closed {day}")
        else:
            more = self.dice.choice(("", "from noon", part, part, f"until {day + 2 * DAY}"))
            self._say(door, f"closed {day} {more}".strip())

    def _say(self, door: Door, text: str) -> None:
        self.simulation.say(door.facts.id, f"schedule {text}", self.dice.choice((HOST, HOST, ADMIN)))

    def _current(self, door: Door) -> list[int]:
        """Schedules that are not over: nobody can name those that are."""
        return [number for number, each in door.schedules.items() if each.last >= self._today(door)]

    def _today(self, door: Door) -> date:
        return today(self.simulation.now, door.facts.zone)

    def _days_and_hours(self, door: Door) -> tuple[str, list[tuple[int, int]]]:
        """Some weekdays, and the hours of one of them."""
        week = door.facts.week
        day = self.dice.choice([day for day in week if week[day]])
        return self.dice.choice((WEEKDAYS[day], "mon-sun", "mon-sun" if day > 4 else "mon-fri")), week[day]

    def _window(self, start: int, end: int) -> str:
        """Begins within hours on the day on which they begin, and may go beyond them."""
        begin = start + self.dice.randint(0, (min(end, 24 * 60) - start - 15) // 15) * 15
        return f"{clock(begin)}-{clock(begin + self.dice.randint(1, 16) * 15)}"


def clock(minute: int) -> str:
    """A time of day; 24:00 is only an end."""
    return f"{minute // 60 % 24:02}:{minute % 60:02}"
