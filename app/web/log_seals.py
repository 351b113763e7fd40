"""What the page says of the log's seals: as of when it is whole, or what is wrong with it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from app.domain.hours import local_clock
from app.domain.phrases import start
from app.domain.seal_sentences import called, unverifiable, wrong
from app.usecases.log_search import Logs
from app.usecases.sealing import Sealing, Standing

NAMED = 5  # so many logs are named one by one
NOTHING_YET = "Nothing is sealed yet. The server does that within seconds."
WHAT_TO_DO = "Run python -m app log verify on the server: it names every entry."


@dataclass(frozen=True)
class SealLine:
    """A sentence, and whether all is well."""

    is_well: bool
    text: str


class Seals:
    """Reads how the logs stand that somebody sees. Raises StoreUnavailable."""

    def __init__(self, sealing: Sealing) -> None:
        self._sealing = sealing

    def lines(self, logs: Logs, now: datetime) -> list[SealLine]:
        """One sentence where all is well, otherwise one for each log that is not what was sealed."""
        standing = self._sealing.standing(logs.ids)
        zone = logs.door("").hours.timezone
        if problem := next((each.problem for each in standing.values() if each.problem), ""):
            return [SealLine(False, unverifiable(problem).replace("`", ""))]
        broken = {each: held for each, held in standing.items() if held.breach}
        if not broken:
            return [_whole([*standing.values()], zone, now)]
        return _broken(broken, logs, zone, now)


def _whole(standing: Sequence[Standing], zone: ZoneInfo, now: datetime) -> SealLine:
    sealed = [each.as_of for each in standing if each.as_of and each.sealed]
    if not sealed:
        return SealLine(True, NOTHING_YET)
    text = f"Sealed, and whole as of {_when(min(sealed), zone, now)}."
    checked = [each.checked_at for each in standing if each.sealed]
    known = [each for each in checked if each]
    if known and len(known) == len(checked):
        text += f" Compared with its seals from end to end: {_when(min(known), zone, now)}."
    return SealLine(True, text)


def _broken(broken: Mapping[str, Standing], logs: Logs, zone: ZoneInfo, now: datetime) -> list[SealLine]:
    lines = []
    for each, held in [*broken.items()][:NAMED]:
        if held.breach:
            where, found = start(called(logs.doors.get(each), each)), _when(held.breach.found_at, zone, now)
            lines.append(SealLine(False, f"{where} is not what was sealed: {wrong(held.breach)}, found {found}."))
    more = len(broken) - len(lines)
    others = f"{more} more logs are not what was sealed. " if more else ""
    return [*lines, SealLine(False, others + WHAT_TO_DO)]


def _when(moment: datetime, zone: ZoneInfo, now: datetime) -> str:
    """ "14:03:21", with the day where it is another one."""
    local, today = moment.astimezone(zone), now.astimezone(zone).date()
    return f"{local:%H:%M:%S}" if local.date() == today else local_clock(moment, zone, now)
