"""The office of the year: its file, and what the judge reads in it on its own."""

import tomllib
from dataclasses import dataclass
from datetime import date, timedelta
from zoneinfo import ZoneInfo

from tests.support import ADMIN, HOST, TELEPHONE, WORKSPACE
from tests.year.wallclock import span_of, weekdays_of

FIRST_DAY, LAST_DAY = date(2026, 11, 1), date(2027, 10, 31)
SECOND_ADMIN, BEN, CAL = "U0ADMIN02", "U0BEN0001", "U0CAL0001"
UNLOCK_FOR, UNLOCK_MAX, ASK_FOR = timedelta(hours=2), timedelta(hours=6), timedelta(seconds=25)

YEAR_TOML = f"""
timezone = "America/New_York"
unlock_for = "2h"
unlock_max = "6h"

[hours]
mon-fri = "09:00-17:00"

[holidays]
country = "US"
subdivision = "NY"
add = ["2026-12-24", "2027-10-03"]
remove = ["2027-02-12"]

[people]
workspace = "{WORKSPACE}"
admins = ["{ADMIN}", "{SECOND_ADMIN}"]
hosts = ["{HOST}"]

[doors.front]
name = "Front door"
number = "+12125550100"
intercoms = ["+12125550199"]
release = "9"
forward_to = ["{TELEPHONE}"]
channel = "C0FRONTDOOR"

[doors.dock]
name = "Loading dock"
number = "+12125550101"
intercoms = ["+12125550198"]
release = "5"
forward_to = ["{TELEPHONE}"]
channel = "C0DOCK"
after_hours = "closed"
[doors.dock.hours]
mon-thu = "22:00-02:30"
fri = "22:00-24:00"
sat = "00:00-03:00, 22:00-01:30"
sun = "02:15-04:00, 22:00-02:30"

[doors.isle]
name = "Island office"
number = "+12125550102"
intercoms = ["+12125550197"]
release = "9"
forward_to = ["{TELEPHONE}"]
channel = "C0ISLE"
timezone = "Australia/Lord_Howe"
after_hours = "ask"
[doors.isle.hours]
mon-fri = "08:00-12:00, 13:00-18:00"
sat = "20:00-01:45"
sun = "02:10-05:00"

[doors.annex]
name = "Annex"
number = "+12125550104"
intercoms = ["+12125550195"]
release = "9"
forward_to = ["{TELEPHONE}"]
channel = "C0ANNEX"

[doors.lab]
name = "Laboratory"
number = "+12125550103"
intercoms = ["+12125550196"]
release = "9"
forward_to = ["{TELEPHONE}"]
timezone = "Europe/Berlin"
[doors.lab.hours]
mon-fri = "08:00-16:00"
sat = "22:00-02:30"
sun = "20:00-23:30"
"""

# The State of New York's holidays of this year, copied from a calendar by hand, with the file's own changes.
DAYS_OFF = frozenset(
    date.fromisoformat(day)
    for day in (
        "2026-11-03",  # Election Day
        "2026-11-11",  # Veterans Day
        "2026-11-26",  # Thanksgiving
        "2026-12-24",  # added
        "2026-12-25",
        "2027-01-01",
        "2027-01-18",  # Martin Luther King Jr.
        "2027-02-15",  # Washington's Birthday
        "2027-05-31",  # Memorial Day
        "2027-06-18",  # Juneteenth is a Saturday
        "2027-06-19",
        "2027-07-04",
        "2027-07-05",  # the Fourth of July is a Sunday
        "2027-09-06",  # Labor Day
        "2027-10-03",  # added
        "2027-10-11",  # Columbus Day
    )
)


@dataclass(frozen=True)
class Facts:
    """What the file says of a door. `asks`: there is a channel in which somebody can be asked."""

    id: str
    zone: ZoneInfo
    week: dict[int, list[tuple[int, int]]]
    after_hours: str
    asks: bool
    number: str
    intercom: str


def doors() -> dict[str, Facts]:
    """Every door, as the judge reads the file."""
    file = tomllib.loads(YEAR_TOML)
    return {
        name: Facts(
            id=name,
            zone=ZoneInfo(door.get("timezone", file["timezone"])),
            week=_week(door.get("hours", file["hours"])),
            after_hours=door.get("after_hours", "forward"),
            asks="channel" in door,
            number=door["number"],
            intercom=door["intercoms"][0],
        )
        for name, door in file["doors"].items()
    }


def _week(table: dict[str, str]) -> dict[int, list[tuple[int, int]]]:
    week: dict[int, list[tuple[int, int]]] = {day: [] for day in range(7)}
    for days, spans in table.items():
        for day in weekdays_of(days):
            week[day] += [span_of(span.strip()) for span in spans.split(",")]
    return week
