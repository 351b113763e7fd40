"""What a person is told, whatever happens: the one place in which Slack's edge translates errors."""

import logging
from collections.abc import Callable

from app.domain.errors import DoorBotError, StoreUnavailable
from app.domain.sentences import SOMETHING_WRONG
from app.slack import blocks
from app.slack.answers import Answer
from app.usecases.faults import Faults

logger = logging.getLogger(__name__)


class Answering:
    """Carries something out, and answers in any case."""

    def __init__(self, faults: Faults) -> None:
        self._faults = faults

    def __call__(self, carry_out: Callable[[], Answer]) -> Answer:
        try:
            return carry_out()
        except StoreUnavailable as error:
            logger.error("Store unavailable: %s", error.detail)
            self._faults.store_failed()
            return blocks.private(str(error))
        except DoorBotError as error:
            return blocks.private(blocks.escaped(str(error)))
        except Exception:
            logger.exception("A command met a bug")
            return blocks.private(SOMETHING_WRONG)
