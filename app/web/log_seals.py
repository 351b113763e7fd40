"""What the page says of the log's seals: as of when it is whole, or what is wrong with it."""

from dataclasses import dataclass
from datetime import datetime

from app.domain.phrases import start
from app.domain.seal_sentences import called, stands
from app.usecases.log_search import Logs
from app.usecases.sealing import Sealing

NAMED = 5  # so many logs are named one by one


@dataclass(frozen=True)
class SealLine:
    """A sentence, and whether all is well; not even sealed yet is neither."""

    is_well: bool
    text: str
    symbol: str = "⚠"


class Seals:
    """Reads how the logs stand that somebody sees. Raises StoreUnavailable."""

    def __init__(self, sealing: Sealing) -> None:
        self._sealing = sealing

    def lines(self, logs: Logs, now: datetime) -> list[SealLine]:
        """One sentence where all is well, otherwise one for each log that is not what was sealed."""
        standing, zone = self._sealing.standing(logs.ids), logs.door("").hours.timezone
        problem = next((each.problem for each in standing.values() if each.problem), "")
        broken = [(each, held.breach) for each, held in standing.items() if held.breach]
        if problem or not broken:
            sealed = [held for held in standing.values() if held.sealed]
            as_of = min((held.as_of for held in sealed if held.as_of), default=None)
            checked = [held.checked_at for held in sealed if held.checked_at]
            checked_at = min(checked) if checked and len(checked) == len(sealed) else None
            symbol = "⚠" if problem else "✓" if as_of else "…"
            return [SealLine(not problem, stands(as_of, checked_at, None, problem, zone, now), symbol)]
        lines = [
            SealLine(False, f"{start(called(logs.doors.get(each), each))}: {stands(None, None, breach, '', zone, now)}")
            for each, breach in broken[:NAMED]
        ]
        more = len(broken) - len(lines)
        return [*lines, SealLine(False, f"{more} more logs are not what was sealed.")] if more else lines
