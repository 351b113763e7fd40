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
        """One sentence where all is well, otherwise why nothing is sealed, and each log that is not as sealed."""
        standing, zone = self._sealing.standing(logs.ids), logs.door("").hours.timezone
        problem = next((each.problem for each in standing.values() if each.problem), "")
        broken = [(each, held.breach) for each, held in standing.items() if held.breach]
        if not (problem or broken):
            sealed = [held for held in standing.values() if held.sealed]
            as_of = min((held.as_of for held in sealed if held.as_of), default=None)
            checked = [held.checked_at for held in sealed if held.checked_at]
            checked_at = min(checked) if checked and len(checked) == len(sealed) else None
            return [SealLine(True, stands(as_of, checked_at, None, "", zone, now), "✓" if as_of else "…")]
        lines = [SealLine(False, stands(None, None, None, problem, zone, now))] if problem else []
        lines += [
            SealLine(False, f"{start(called(logs.doors.get(each), each))}: {stands(None, None, breach, '', zone, now)}")
            for each, breach in broken[:NAMED]
        ]
        more = len(broken) - NAMED
        are = "log is" if more == 1 else "logs are"
        return [*lines, SealLine(False, f"{more} more {are} not what was sealed.")] if more > 0 else lines
