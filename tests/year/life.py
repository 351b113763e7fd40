"""What people do in the year, made up by dice: ordinary days, edges that nobody thinks of, and a few bad ideas."""

from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta
from functools import partial
from itertools import pairwise

from tests.support import ADMIN, GUEST, HOST, MEMBER
from tests.year.facts import BEN, SECOND_ADMIN
from tests.year.plans import Plans
from tests.year.rules import Door, Unlock
from tests.year.simulation import Simulation
from tests.year.stories import DOOR, Stories
from tests.year.visitors import Visitors
from tests.year.wallclock import DAY, MINUTE, SECOND, first_instant, today

NOON = time(12)
MOMENT = timedelta(microseconds=1)
EDGES = (timedelta(), -MOMENT, -SECOND, SECOND, timedelta(minutes=-1))
RINGS_A_DAY = {"front": 5}
PEOPLE = (HOST,) * 12 + (ADMIN,) * 5 + (SECOND_ADMIN,) * 2 + (BEN,) * 3 + (MEMBER, GUEST)
GRANTS = (
    "grant {door} <@{ben}|ben>",
    "grant <@{ben}|ben> until {day}",
    "grant {door} <@{ben}|ben> admin until {day}",
    "grant <@{ben}|ben> admin",
    "revoke {door} <@{ben}|ben>",
    "revoke <@{ben}|ben>",
    "revoke <@{ben}|ben>",
)
UNLOCKS = (
    ("unlock", 4),
    ("unlock for {short}", 4),
    ("unlock for {long}h", 2),
    ("unlock until {clock}", 6),
    ("unlock once", 2),
    ("unlock next {few} for {short}", 2),
    ("unlock next {few} until {clock} expecting parcels", 1),
    ("unlock once expecting DoorDash", 1),
    ("unlock for {short} expecting FedEx", 1),
)
CODES = ("", "for 3 uses", "once", "for {long}h", "until friday", "for {short} at any hour", "for 2 uses at any hour")


class Life:
    """Puts on the simulation's agenda what happens; some of it follows from what happened before.

    `pace` 1 is a busy office, at 0 there are only the stories; days on which clocks are changed are busy at any other.
    """

    def __init__(self, simulation: Simulation, pace: float) -> None:
        self.simulation = simulation
        self.pace = pace
        self.dice = simulation.random
        self.plans, self.stories = Plans(simulation), Stories(simulation)
        self.visitors = Visitors(simulation, PEOPLE, self.unlock, self.lock_down)
        self.visit = self.visitors.ring
        self._codes = 0

    def live(self, first: date, last: date) -> None:
        """Every day from `first` to `last`."""
        day = first
        while day <= last:
            self.stories.plan(day)
            for door in self.simulation.judge.values() if self.pace else ():
                if door.facts.id != DOOR:
                    self._day(door, day)
            if self.pace:
                self._people(day)
            self.simulation.run(datetime.combine(day, NOON, UTC))  # nowhere the next day has begun
            day += DAY
        self.simulation.run(datetime.combine(day, NOON, UTC))

    def _people(self, day: date) -> None:
        """Rights are given and taken."""
        if self.dice.random() < 0.15:
            door, until = self.dice.choice(list(self.simulation.judge)), day + self.dice.randint(1, 20) * DAY
            text = self.dice.choice(GRANTS).format(door=door, ben=BEN, day=until)
            when = datetime.combine(day, time(self.dice.randint(0, 23), self.dice.randint(0, 59)), UTC)
            self._at(when, self.simulation.say_of_people, text, self.dice.choice((ADMIN, SECOND_ADMIN, HOST)))

    def _day(self, door: Door, day: date) -> None:
        midnight = first_instant(day, 0, door.facts.zone)
        edges = self._edges(door, day, midnight)
        is_special = self._is_changed(door, midnight)
        pace = 2 if is_special else self.pace
        for _ in range(round(self.dice.uniform(0, RINGS_A_DAY.get(door.facts.id, 2) * pace)) + 10 * is_special):
            self._at(self._moment(midnight, edges), self.visit, door)
        for edge in edges:
            if self.dice.random() < 0.25 * pace * (2 if is_special else 1):
                self._at(edge + self.dice.choice(EDGES), self.visit, door)
        for act, chance in self._deeds(door):
            if self.dice.random() < chance * pace:
                self._at(self._moment(midnight, edges, door), act)
        if self.dice.random() < 0.12 * pace:
            self._at(self._moment(midnight, edges), self.simulation.sweep)
        if self.dice.random() < 0.01:
            self._at(self._moment(midnight, edges), self.simulation.restart)

    def _deeds(self, door: Door) -> list[tuple[Callable[[], None], float]]:
        """What people do at this door, and how often in a day."""
        share = 1.0 if door.facts.id == "front" else 0.5
        return [
            (partial(self.unlock, door), 0.5 * share),
            (partial(self.unlock, door), 0.3 * share),
            (partial(self.lock, door), 0.25 * share),
            (partial(self.issue_code, door), 0.06 * share),
            (partial(self.revoke_code, door), 0.01 * share),
            (partial(self.guess, door), 0.01 * share),
            (partial(self.lock_down, door), 0.02 * share),
            *((partial(deed, door), chance * share) for deed, chance in self.plans.deeds()),
        ]

    # Moments

    def _is_changed(self, door: Door, midnight: datetime) -> bool:
        """Whether the door's clocks are changed that day."""
        return shift(door, midnight) != shift(door, midnight + DAY)

    def _edges(self, door: Door, day: date, midnight: datetime) -> list[datetime]:
        """Openings, closings and midnight of a day, and where its clocks are changed."""
        spans = door.facts.week[day.weekday()] + self.plans.spans(door, day)
        edges = [first_instant(day, minute, door.facts.zone) for span in spans for minute in span]
        hours = [midnight + hour * 60 * MINUTE for hour in range(25 if self._is_changed(door, midnight) else 0)]
        changed = [hour for before, hour in pairwise(hours) if shift(door, before) != shift(door, hour)]
        return [midnight, *edges, *changed]

    def _moment(self, midnight: datetime, edges: list[datetime], hours_of: Door | None = None) -> datetime:
        """Any time of the day, most often one near an edge, or between two of them; most often in this door's hours."""
        for _ in range(self.dice.choice((1, 4, 4, 4))):
            moment = midnight + self.dice.random() * DAY
            if self.dice.random() < 0.7:
                seconds = self.dice.randint(-3 * 3600, 3 * 3600)
                moment = self.dice.choice(edges) + timedelta(seconds=seconds, microseconds=self.dice.choice((0, 17)))
            if hours_of is None or hours_of.is_open(moment):
                break
        return moment

    def _at(self, when: datetime, act: Callable[..., None], *arguments: object) -> None:
        self.simulation.at(when, partial(act, *arguments))

    def _soon(self, seconds: float, act: Callable[..., object], *arguments: object) -> None:
        """So many seconds from now, as things are then."""
        self.simulation.at(self.simulation.now + seconds * SECOND, partial(act, *arguments))

    # Deeds

    def unlock(self, door: Door) -> None:
        texts, weights = zip(*UNLOCKS, strict=True)
        text = self.dice.choices(texts, weights)[0]
        known = len(door.unlocks)
        self.simulation.say(door.facts.id, self._filled(text, door), self.dice.choice(PEOPLE))
        if len(door.unlocks) > known:
            self._try_end(door, door.unlocks[-1].until)
            self._be_reminded(door.unlocks[-1])
            if self.dice.random() < 0.1:
                self._soon(5, self.simulation.say, door.facts.id, "unlock for 10m", ADMIN)

    def lock(self, door: Door) -> None:
        self.simulation.say(door.facts.id, "lock", self.dice.choice(PEOPLE))
        if door.suspended_until and door.suspended_until > self.simulation.now:
            self._try_end(door, door.suspended_until)
        if self.dice.random() < 0.5:
            self._soon(self.dice.choice((0, 0.000001, 1, 60)), self.visit, door)

    def lock_down(self, door: Door) -> None:
        """For a while; with a ring at once, one later, and one right after it is over."""
        minutes = self.dice.choice((3, 40, 120, 300, 2000))
        kind, user = self.dice.choice(("", "", "for", "until")), self.dice.choice((ADMIN, ADMIN, ADMIN, HOST))
        if kind == "for":
            kind = f"for {minutes}m"
        elif kind:
            now = self.simulation.now.astimezone(door.facts.zone)
            kind = (
                f"until {now.hour:02}:59"
                if now.minute < 59 and not self._is_changed(door, self._midnight(door))
                else ""
            )
            minutes = 59 - now.minute if kind else minutes
        text = f"lockdown {kind} fire drill".replace("  ", " ")
        if minutes <= 300 and not kind.startswith("until") and self._is_nothing_told():
            self.simulation.say_of_all(text, user)
            lift = partial(self.simulation.say_of_all, "lift", ADMIN)
        else:
            self.simulation.say(door.facts.id, text, user)
            lift = partial(self.lift, door)
        if door.lockdown and door.lockdown[1]:
            self._try_end(door, door.lockdown[1])
        self._soon(0, self.visit, door)
        self._soon(minutes * 30, self.visit, door)
        self._soon(minutes * 20, self.unlock, door)
        if not kind or self.dice.random() < 0.3:
            self._soon(minutes * 60 * self.dice.choice((1, 1, 0.5, 2)), lift)
        self._soon(minutes * 60 + 1, self.visit, door)

    def _is_nothing_told(self) -> bool:
        """Today and tomorrow there is no story that a lockdown of all doors would spoil."""
        day = self.simulation.now.date()
        return not any(day + days * DAY in self.stories.days for days in (-1, 0, 1))

    def lift(self, door: Door) -> None:
        self.simulation.say(door.facts.id, "lift", self.dice.choice((ADMIN, SECOND_ADMIN)))

    def _midnight(self, door: Door) -> datetime:
        return first_instant(today(self.simulation.now, door.facts.zone), 0, door.facts.zone)

    def issue_code(self, door: Door) -> None:
        """A code is refused that would never be good; those here are good for long enough, or asked for in hours."""
        text = self._filled(self.dice.choice(CODES), door)
        if not (door.is_open(self.simulation.now) or "any hour" in text):
            return
        self._codes += 1
        self.simulation.say(door.facts.id, f"code issue N{self._codes} {text}".strip(), self.dice.choice((HOST, ADMIN)))
        for _ in range(self.dice.randint(1, 6)):
            self._soon(self.dice.randint(10, 30000), self.visit, door)

    def revoke_code(self, door: Door) -> None:
        live = [code for code in door.codes if code.is_live(self.simulation.now)]
        if live:
            self.simulation.say(door.facts.id, f"code revoke {self.dice.choice(live).name}", HOST)

    def guess(self, door: Door) -> None:
        """Somebody keys whatever comes to mind, until codes are locked out, and goes on."""
        if self.dice.random() < 0.5:
            self.issue_code(door)
        for number in range(self.dice.randint(3, 8)):
            self._soon(30 + 200 * number, self.visit, door, self.visitors.keys)

    def _try_end(self, door: Door, until: datetime) -> None:
        """Ring before, at and after the end of what releases."""
        if self.dice.random() < 0.5:
            for edge in self.dice.sample(EDGES, 2):
                self._at(until + edge, self.visit, door)
        if self.dice.random() < 0.5:
            self._at(self.simulation.now + self.dice.random() * (until - self.simulation.now), self.visit, door)

    def _be_reminded(self, unlock: Unlock) -> None:
        """Now and then the background looks in time, and whoever is asked wants half an hour more."""
        if self.dice.random() < 0.3:
            self._at(unlock.until - self.dice.randint(1, 10) * MINUTE, self.simulation.sweep)
            self._at(unlock.until - self.dice.choice((0, 10, 50, 61)) * SECOND, self.simulation.press_reminder)

    def _filled(self, text: str, door: Door) -> str:
        local = self.simulation.now.astimezone(door.facts.zone)
        minutes = local.hour * 60 + local.minute + self.dice.randint(-60, 400)
        clock = minutes % (24 * 60) // 15 * 15
        return text.format(
            short=self.dice.choice(("20m", "45m", "1h", "90m", "2h")),
            long=self.dice.randint(3, 9),
            few=self.dice.randint(2, 3),
            clock=f"{clock // 60:02}:{clock % 60:02}",
        )


def shift(door: Door, instant: datetime) -> object:
    """How far the door's clocks are from UTC."""
    return instant.astimezone(door.facts.zone).utcoffset()
