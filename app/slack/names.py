"""What Slack calls people: noted whenever it is asked about somebody, and asked for by a thread of its own."""

import time
from collections.abc import Callable, Collection, Mapping
from threading import Condition, Thread
from typing import Any

from app.domain.names import MOST_NAMES, plain_name

WAITING_SECONDS = 1.5  # somebody waits for a page
ASKED_AGAIN_SECONDS = 300
FRESH_SECONDS = 86_400  # people are seldom called otherwise
REST_SECONDS = 30  # after an answer that did not come: Slack may be away
MOST_TO_ASK = 200

User = Mapping[str, Any]


class NamesHeard:
    """Keeps names in memory; `ask` is one question to Slack about a person, and may raise anything."""

    def __init__(self, ask: Callable[[str], User]) -> None:
        self._ask = ask
        self._changed = Condition()
        self._heard: dict[str, tuple[str, float]] = {}  # and when
        self._asked_at: dict[str, float] = {}
        self._to_ask: list[str] = []
        self._is_asking = False
        self._rests_until = 0.0

    def note(self, user: User) -> None:
        """What Slack said of somebody (docs.slack.dev/reference/objects/user-object)."""
        profile, who = user.get("profile"), user.get("id")
        shown = profile if isinstance(profile, Mapping) else {}
        found = (shown.get("display_name"), shown.get("real_name"), user.get("real_name"), user.get("name"))
        name = next((plain for each in found if isinstance(each, str) and (plain := plain_name(each))), "")
        if name and isinstance(who, str):
            with self._changed:
                self._heard.pop(who, None)
                self._heard[who] = (name, time.monotonic())
                if len(self._heard) > MOST_NAMES:
                    self._heard.pop(next(iter(self._heard)))

    def heard(self) -> Mapping[str, str]:
        """All names that are known."""
        with self._changed:
            return {who: name for who, (name, _) in self._heard.items()}

    def names(self, user_ids: Collection[str], *, waits: bool) -> Mapping[str, str]:
        """The names of those of whom one is known, after waiting a little for the others where `waits`."""
        wanted = {each for each in user_ids if each[:1] in ("U", "W")}
        with self._changed:
            unknown = wanted - self._heard.keys()
            old = time.monotonic() - FRESH_SECONDS
            self._start({each for each in wanted if each in unknown or self._heard[each][1] < old})
            if waits and unknown:
                self._changed.wait_for(lambda: not unknown & {*self._to_ask}, WAITING_SECONDS)
            return {each: self._heard[each][0] for each in wanted if each in self._heard}

    def _start(self, wanted: Collection[str]) -> None:
        """Have these asked about who were not lately."""
        now = time.monotonic()
        if now < self._rests_until:
            return
        lately = now - ASKED_AGAIN_SECONDS
        self._asked_at = {who: at for who, at in self._asked_at.items() if at > lately}
        new = sorted(who for who in wanted if who not in self._asked_at)[: MOST_TO_ASK - len(self._to_ask)]
        self._to_ask += new
        self._asked_at |= dict.fromkeys(new, now)
        if self._to_ask and not self._is_asking:
            self._is_asking = True
            Thread(target=self._ask_all, name="names", daemon=True).start()

    def _ask_all(self) -> None:
        """One person after the other: a thread that ends when there is nobody left, or when Slack does not answer."""
        while True:
            with self._changed:
                if not self._to_ask:
                    self._is_asking = False
                    return
                who = self._to_ask[0]
            answers = self._asked(who)
            with self._changed:
                self._to_ask.remove(who)
                if not answers:
                    self._rest()
                self._changed.notify_all()

    def _asked(self, who: str) -> bool:
        """Ask about somebody; whether Slack answered, be it that it knows nobody of this id."""
        try:
            self.note({**self._ask(who), "id": who})
        except LookupError:
            return True
        except Exception:
            return False
        return True

    def _rest(self) -> None:
        for who in self._to_ask:
            self._asked_at.pop(who, None)
        self._to_ask.clear()
        self._rests_until = time.monotonic() + REST_SECONDS
