"""A Slack that refuses our token can't be told of it: it is kept on record, and told when it is over."""

import logging
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta

from app.domain import alarm_sentences as words
from app.domain.alarms import TokenRefused
from app.domain.audit import Action, AuditEvent, Outcome
from app.domain.doors import Door
from app.domain.errors import StoreUnavailable
from app.domain.permissions import Role
from app.ports import OFFICE, Hosts, Key, Store
from app.usecases.channels import to_every_channel
from app.usecases.requests import TRIES, Request

logger = logging.getLogger(__name__)

TOKEN = Key[TokenRefused]("token_refused")
READ_EVERY = timedelta(seconds=30)
FIRST_ASKED_AFTER = timedelta(minutes=1)
ASKED_AGAIN_AFTER = timedelta(seconds=10)
ASK_AFTER = timedelta(hours=1)  # of not a word from Slack


class Tokens:
    """Every process looks, because each of them hears what Slack answers it. `look` may raise StoreUnavailable."""

    def __init__(self, store: Store, hosts: Hosts, doors: Mapping[str, Door]) -> None:
        self._store = store
        self._hosts = hosts
        self._doors = doors
        self._answers = 0  # of Slack's, of which we know
        self._ask_at: datetime | None = None
        self._asked_at: datetime | None = None
        self._read_at: datetime | None = None
        self._stands = self._is_logged = False

    def look(self, now: datetime) -> None:
        """Note what Slack said of our token; ask it where it refused it, or has said nothing for long."""
        heard = self._hosts.token()
        if self._ask_at is None or heard.answers != self._answers:
            self._ask_at = now + (FIRST_ASKED_AFTER if self._ask_at is None else ASK_AFTER)
            self._answers = heard.answers
        if is_time_to_read := _is_over(self._read_at, READ_EVERY, now):
            self._stands, self._read_at = self._store.read(OFFICE, TOKEN).get(TOKEN) is not None, now
        is_doubtful = (self._stands and is_time_to_read) or (bool(heard.refusal) and not self._stands)
        if (is_doubtful or now >= self._ask_at) and _is_over(self._asked_at, ASKED_AGAIN_AFTER, now):
            self._ask(now)

    def _ask(self, now: datetime) -> None:
        """Ask Slack; where it can't be reached nothing is known, and it is asked again."""
        self._asked_at, self._ask_at = now, now + ASK_AFTER
        heard = self._hosts.token(ask=True)
        if heard.answers != self._answers:
            self._answers = heard.answers
            self._log(heard.refusal)
            self._settle(heard.refusal, now)

    def news(self, request: Request) -> str:
        """What an admin reads with the next answer, once; "" where there is nothing, or for anybody else."""
        if not request.delivery or Role.ADMIN not in (request.role, *request.roles.values()):
            return ""
        try:
            return self._news(request)
        except Exception:  # what was asked for has been done, and must be answered
            logger.exception("An admin could not be told what stands")
            return ""

    def _news(self, request: Request) -> str:
        for _ in range(TRIES):
            snapshot = self._store.read(OFFICE, TOKEN)
            alarm = snapshot.get(TOKEN)
            if alarm is None or alarm.heard.get(request.actor, request.delivery) != request.delivery:
                return ""
            heard = replace(alarm, heard={**alarm.heard, request.actor: request.delivery})
            if heard == alarm or self._store.commit(snapshot, {TOKEN: heard}):
                return words.warning(words.token(alarm, self._first_door, request.now))
        raise StoreUnavailable("too many commits at once")

    @property
    def _first_door(self) -> Door:
        """What belongs to no door is told in its time."""
        return next(iter(self._doors.values()))

    def _log(self, refusal: str) -> None:
        """On stderr, once for each process."""
        if refusal and not self._is_logged:
            logger.error("Slack refuses SLACK_BOT_TOKEN: %s. Nobody is asked or told in Slack", refusal)
        elif self._is_logged and not refusal:
            logger.warning("Slack takes SLACK_BOT_TOKEN again")
        self._is_logged = bool(refusal)

    def _settle(self, refusal: str, now: datetime) -> None:
        """Put on record that it is refused, or that this is over."""
        snapshot = self._store.read(OFFICE, TOKEN)
        alarm = snapshot.get(TOKEN)
        if refusal and alarm is None:
            event = AuditEvent(now, "", Action.TELL, Outcome.REFUSED, "token_refused", details={"why": refusal})
            self._store.commit(snapshot, {TOKEN: TokenRefused(now, refusal)}, [event])
        elif alarm and not refusal:
            event = AuditEvent(now, "", Action.TELL, Outcome.DONE, "token_accepted")
            notices = to_every_channel(self._doors, words.token_over(alarm, self._first_door, now), now)
            self._store.commit(snapshot, {TOKEN: None, **notices}, [event])
        self._read_at = None  # what holds now is read in the next round


def _is_over(since: datetime | None, wait: timedelta, now: datetime) -> bool:
    return since is None or not timedelta() <= now - since < wait
