"""What the pictures above the log are drawn from: the visits of some doors on some days, added up."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from app.domain.summaries import Tally

WEEKS_SHOWN = timedelta(weeks=4)


@dataclass(frozen=True, slots=True)
class Pictures:
    """`days` are those on which somebody rang, from `first_day` to `last_day`, in each door's own local time.

    `as_of`: until when the log is counted; None where nothing ever was. `behind`: entries that are still to be counted.
    `unreadable`: entries of these doors that never can be. `is_too_much`: nothing was read, because it would have been
    too much. `is_unreadable`: what was counted can't be read.
    """

    first_day: date
    last_day: date
    days: Mapping[date, Tally] = field(default_factory=dict)
    as_of: datetime | None = None
    behind: int = 0
    unreadable: int = 0
    is_too_much: bool = False
    is_unreadable: bool = False

    @property
    def total(self) -> Tally:
        """All days together."""
        total = Tally()
        for tally in self.days.values():
            total.add(tally)
        return total


def usual_days(today: date) -> tuple[date, date]:
    """The days that are shown where nobody chose others: four weeks until today."""
    return today - WEEKS_SHOWN + timedelta(days=1), today
