"""What happens for certain, at a door at which nothing else does: the sentences that were promised, one by one.

A line tells when, on the door's clock, what happens, and what must go on record. `ring A` begins the call A, which can
`poll`, `key` a code's name and `end`; a host can `admit` and `turn_away` it. Everything else is typed by whom it names.
What a `sweep` comes to (*, anything) depends on how often others look.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from functools import partial
from zoneinfo import ZoneInfo

from tests.support import ADMIN, HOST
from tests.year.facts import CAL
from tests.year.simulation import Simulation

DOOR = "annex"
PEOPLE = {"host": HOST, "admin": ADMIN, "cal": CAL}
STORIES = """
# An unlock lasts until it was asked for, and a shorter one does not shorten it.
2026-11-09 10:00:00 host: unlock for 3h -> unlock done
2026-11-09 11:00:00 admin: unlock for 1h -> unlock done already_unlocked
2026-11-09 12:59:59 ring A -> ring released unlock
2026-11-09 13:00:00 ring B -> ring asked locked
2026-11-09 13:00:03 admit B -> admit released host
2026-11-09 13:00:04 poll B ->
2026-11-09 13:01:00 ring C -> ring asked locked
2026-11-09 13:01:04 turn_away C -> turn_away denied
2026-11-09 13:15:00 sweep -> *
2026-11-09 16:00:00 host: unlock -> unlock done
2026-11-09 16:59:59 ring D -> ring released unlock
2026-11-09 17:00:00 ring E -> ring forwarded after_hours
2026-11-09 17:00:00 host: unlock -> unlock refused outside_hours
2026-11-09 17:01:00 end D ->
2026-11-09 17:01:00 end E -> end hung_up

# What counts releases waits beside what does not.
2026-11-10 09:00:00 host: unlock next 2 until 12:00 -> unlock done
2026-11-10 09:10:00 admin: unlock for 30m -> unlock done
2026-11-10 09:20:00 ring A -> ring released unlock
2026-11-10 09:40:00 ring B -> ring released unlock
2026-11-10 09:41:00 ring C -> ring released unlock
2026-11-10 09:42:00 ring D -> ring asked locked
2026-11-10 09:42:28 poll D -> forward forwarded nobody_answered
2026-11-10 09:43:00 host: unlock until 09:30 -> unlock refused past
2026-11-10 10:00:00 sweep -> *

# On holidays nothing is unlocked.
2026-11-11 10:00:00 host: unlock -> unlock refused outside_hours
2026-11-11 10:00:01 ring A -> ring forwarded after_hours

# A schedule releases; a lock suspends its window, and on the next day it is back.
2026-11-12 10:30:00 host: schedule add mon-fri 11:00-14:00 called lunch -> add_schedule done
2026-11-12 10:59:59 ring A -> ring asked locked
2026-11-12 11:00:00 ring B -> ring released schedule
2026-11-12 12:00:00 host: lock -> lock done
2026-11-12 12:00:01 ring C -> ring asked locked
2026-11-12 13:59:59 ring D -> ring asked locked
2026-11-12 14:00:00 ring E -> ring asked locked
2026-11-13 11:00:00 ring A -> ring released schedule
2026-11-13 12:00:00 host: lock -> lock done
2026-11-13 12:10:00 host: schedule resume -> resume_schedule done
2026-11-13 12:10:01 ring B -> ring released schedule
2026-11-26 12:00:00 ring A -> ring forwarded after_hours
2026-11-27 12:00:00 ring A -> ring released schedule

# A code of working hours, and one of any hour.
2026-11-16 09:00:00 host: code issue FedEx until friday -> issue_code done
2026-11-16 09:10:00 ring A -> ring asked locked
2026-11-16 09:10:03 key A FedEx -> use_code released code
2026-11-16 09:20:00 ring B -> ring asked locked
2026-11-16 09:20:03 key B nonsense -> use_code denied wrong_code
2026-11-16 18:00:00 admin: code issue UPS for 1h at any hour -> issue_code done
2026-11-16 18:10:00 ring C -> ring held after_hours
2026-11-16 18:10:03 key C UPS -> use_code released code
2026-11-16 19:00:00 ring D -> ring forwarded after_hours
2026-11-20 16:59:00 ring A -> ring asked locked
2026-11-20 16:59:03 key A FedEx -> use_code released code

# Special days: a Saturday that is open, and the 23rd that ends at noon.
2026-12-01 10:00:00 host: schedule open 2026-12-12 10:00-16:00 -> open_day done
2026-12-01 10:01:00 host: schedule closed 2026-12-23 from noon -> close_day done
2026-12-12 09:59:59 ring A -> ring forwarded after_hours
2026-12-12 10:00:00 ring B -> ring released schedule
2026-12-12 15:59:59 ring C -> ring released schedule
2026-12-12 16:00:00 ring D -> ring forwarded after_hours
2026-12-23 09:00:00 host: unlock for 5h -> unlock done
2026-12-23 11:59:59 ring A -> ring released unlock
2026-12-23 12:00:00 ring B -> ring forwarded after_hours
2026-12-23 12:00:01 host: unlock -> unlock refused outside_hours

# Until the 7th of January the schedule is paused.
2026-12-28 09:00:00 host: schedule pause until 2027-01-07 -> pause_schedule done
2026-12-28 12:00:00 ring A -> ring asked locked
2027-01-06 12:00:00 ring A -> ring asked locked
2027-01-07 12:00:00 ring A -> ring released schedule

# From a date until another one.
2027-02-01 09:00:00 host: schedule add tue 15:00-16:00 from 2027-02-09 until 2027-02-16 -> add_schedule done
2027-02-02 15:30:00 ring A -> ring asked locked
2027-02-09 15:30:00 ring A -> ring released schedule
2027-02-16 15:59:59 ring A -> ring released schedule
2027-02-23 15:30:00 ring A -> ring asked locked

# A lockdown beats everything, until it is lifted, or until its time.
2027-03-03 11:30:00 host: unlock once -> unlock done
2027-03-03 11:30:01 admin: lockdown fire drill -> lock_down done
2027-03-03 11:30:01 ring A -> ring forwarded lockdown
2027-03-03 11:31:00 host: unlock -> unlock refused lockdown
2027-03-03 11:32:00 host: lift -> lift refused not_permitted
2027-03-03 11:45:00 admin: lift -> lift done
2027-03-03 11:45:01 ring B -> ring released schedule
2027-03-04 10:00:00 admin: lockdown for 30m leak -> lock_down done
2027-03-04 10:05:00 admin: lockdown for 10m drill -> lock_down done already_locked_down
2027-03-04 10:29:59 ring A -> ring forwarded lockdown
2027-03-04 10:30:00 ring B -> ring asked locked
2027-03-04 10:30:00 admin: lift -> lift done time; lift done
2027-03-05 10:00:00 ring A -> ring asked locked
2027-03-05 10:00:02 admin: lockdown -> lock_down done
2027-03-05 10:00:03 admit A -> admit refused lockdown
2027-03-05 10:00:04 poll A -> forward forwarded lockdown
2027-03-05 10:00:05 admin: lift -> lift done
2027-03-05 10:05:00 ring B -> ring asked locked
2027-03-05 10:05:02 admit B -> admit released host
2027-03-05 10:05:03 admin: lockdown -> lock_down done
2027-03-05 10:05:03 poll B -> forward forwarded lockdown
2027-03-05 10:06:00 admin: lift -> lift done

# On the day after the clocks were changed, eleven is eleven.
2027-03-15 10:59:59 ring A -> ring asked locked
2027-03-15 11:00:00 ring B -> ring released schedule
2027-03-15 13:59:59 ring C -> ring released schedule
2027-03-15 14:00:00 ring D -> ring asked locked

# Rights are granted and revoked.
2027-04-05 09:00:00 cal: unlock -> unlock refused not_permitted
2027-04-05 09:01:00 admin: grant annex <@U0CAL0001|cal> until 2027-04-06 -> grant done
2027-04-05 09:02:00 cal: unlock for 10m -> unlock done
2027-04-06 23:59:59 cal: lock -> lock done
2027-04-07 00:00:00 cal: lock -> lock refused not_permitted
2027-04-07 09:00:00 admin: grant <@U0CAL0001|cal> -> grant done
2027-04-07 09:01:00 cal: unlock for 10m -> unlock done
2027-04-07 09:02:00 admin: revoke annex <@U0CAL0001|cal> -> revoke done
2027-04-07 09:03:00 cal: lock -> lock refused not_permitted
2027-04-07 09:04:00 admin: revoke <@U0CAL0001|cal> -> revoke done
2027-04-08 09:00:00 host: schedule remove 1 -> remove_schedule done
2027-04-08 12:00:00 ring A -> ring asked locked
"""


@dataclass(frozen=True)
class Line:
    """One line of a story."""

    day: date
    clock: str
    deed: str
    on_record: list[str]


def lines() -> Iterator[Line]:
    """Every line, in order."""
    for text in STORIES.strip().splitlines():
        if text and not text.startswith("#"):
            told, _, must = text.partition("->")
            day, clock, deed = told.strip().split(" ", 2)
            yield Line(date.fromisoformat(day), clock, deed, [each.strip() for each in must.split(";") if each.strip()])


class Stories:
    """Puts the stories of a day on the simulation's agenda."""

    def __init__(self, simulation: Simulation) -> None:
        self.simulation = simulation
        self.days: dict[date, list[Line]] = {}
        for line in lines():
            self.days.setdefault(line.day, []).append(line)

    def plan(self, day: date) -> None:
        zone: ZoneInfo = self.simulation.judge[DOOR].facts.zone
        for line in self.days.get(day, []):
            when = datetime.fromisoformat(f"{day}T{line.clock}").replace(tzinfo=zone)
            self.simulation.at(when, partial(self.tell, line))

    def tell(self, line: Line) -> None:
        """It happens; the judge and the application agree on it, and so do they with the story."""
        who, colon, text = line.deed.partition(": ")
        where = "" if text.startswith(("grant", "revoke")) else DOOR
        if not colon:
            self._call(line)
        elif not where:
            self.simulation.say_of_people(text, PEOPLE[who])
        else:
            self.simulation.say(DOOR, text, PEOPLE[who])
        told = [f"{each.action} {each.outcome} {each.reason or ''}".strip() for each in self.simulation.last[where]]
        assert line.on_record in (told, ["*"]), f"{line}: {told}"

    def _call(self, line: Line) -> None:
        if line.deed == "sweep":
            self.simulation.sweep()
            return
        what, letter, *rest = line.deed.split()
        id_ = f"CA{line.day:%Y%m%d}{ord(letter):024}"
        if what == "ring":
            self.simulation.ring(DOOR, id_)
            return
        call = self.simulation.calls.calls[id_]
        match what:
            case "poll":
                self.simulation.poll(call)
            case "key":
                codes = {code.name: code.digits for code in self.simulation.judge[DOOR].codes}
                self.simulation.poll(call, codes.get(rest[0], "123456"))
            case "end":
                self.simulation.end(call)
            case _:
                self.simulation.press(call, HOST, what)
