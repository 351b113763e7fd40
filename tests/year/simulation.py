"""Does to the real application what happens in the year, and holds every answer and every entry against the judge's."""

import re
from collections import Counter, defaultdict, deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from heapq import heappop, heappush
from itertools import count
from pathlib import Path
from random import Random
from typing import Any

from freezegun import freeze_time
from freezegun.api import FrozenDateTimeFactory

from app import create_app
from app.domain.audit import Action, AuditEvent, LogEntry, Outcome
from app.ports import Membership, Store, partition
from tests.conftest import FakeHosts, settings_for
from tests.support import ADMIN, HOST, MEMBER, Office, call_form, verbs
from tests.year import facts
from tests.year.asked import Asked, Fact, done, refused
from tests.year.calls import Call, Calls
from tests.year.facts import BEN, CAL, SECOND_ADMIN
from tests.year.people import People
from tests.year.rules import Door

PROCESSES = 2
LEASED = timedelta(seconds=10)  # longer than a lease
NEVER = datetime.min.replace(tzinfo=UTC)
ALARMS = {Action.NOTICE_SILENCE, Action.TELL, Action.VERIFY}  # of which the judge knows nothing
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
Act = Callable[[], None]


class Disagreement(AssertionError):
    """The application did something else than the judge says."""


class NoCalls:
    """The Calls port: a call is never moved, and asks by itself."""

    def move(self, door: object, call: str) -> bool:
        return True


class Simulation:
    """The office, some processes of the application on one store, the judge, and what is still to happen."""

    def __init__(
        self, folder: Path, stores: Callable[[], Store], clock: FrozenDateTimeFactory, seed: int, toml: str
    ) -> None:
        self.random, self.seed, self.clock = Random(seed), seed, clock
        self.judge = {name: Door(each) for name, each in facts.doors().items()}
        zones = {name: each.facts.zone for name, each in self.judge.items()}
        self.people = People({**zones, "": next(iter(zones.values()))})
        self.calls = Calls(self.judge, self.people)
        self.had_codes: set[str] = set()
        self.counted: Counter[str] = Counter()
        self._folder, self._stores, self._toml = folder, stores, toml
        self._hosts = FakeHosts()
        self._hosts.members |= dict.fromkeys((MEMBER, ADMIN, SECOND_ADMIN, HOST, BEN, CAL), Membership.FULL)
        self._agenda: list[tuple[datetime, int, Act]] = []
        self._numbers = count(1)
        self._read = 0
        self.last: dict[str, list[Fact]] = {}  # what the judge expected of each door, and rightly, the last time
        self._seen: dict[str, int] = defaultdict(int)
        self._diary: dict[str, deque[str]] = defaultdict(lambda: deque(maxlen=25))
        self.now = NEVER
        self.restart()

    # Time

    def at(self, when: datetime, act: Act) -> None:
        """Do this then; what is in the past by now happens at once."""
        heappush(self._agenda, (when, next(self._numbers), act))

    def run(self, until: datetime) -> None:
        """Let everything happen up to a moment."""
        while self._agenda and self._agenda[0][0] < until:
            when, _, act = heappop(self._agenda)
            self.now = max(when, self.now)
            self.clock.move_to(self.now)
            act()

    def restart(self) -> None:
        """Every process anew, on the same store."""
        settings = settings_for(self._folder, self._toml)
        self.stores = [self._stores() for _ in range(PROCESSES)]
        self._offices = [
            Office(create_app(settings, store=store, hosts=self._hosts, calls=NoCalls()).test_client())
            for store in self.stores
        ]
        self._sweeper, self._swept_at = self._offices[0], NEVER
        self.counted["restart"] += 1

    @property
    def office(self) -> Office:
        """Any of the processes."""
        return self.random.choice(self._offices)

    # What happens

    def say(self, door: str, text: str, user: str) -> list[Fact]:
        """Somebody types `/frontdoor verb door rest`; returns what the judge made of it."""
        verb, _, rest = text.partition(" ")
        answer = self.office.say(f"{verb} {door} {rest}".strip(), user)
        digits = "".join(re.findall(r": (\d{3}) (\d{3})\.", answer)[0]) if ": " in answer and "issue" in rest else ""
        number = f"{door}-{next(self._numbers)}"
        expected = Asked(self.judge[door], self.people).say(text.split(), user, self.now, number, digits=digits)
        if digits:
            self.had_codes.add(door)
        self._compare(door, f"{user} types {text!r}: {answer}", expected)
        return expected

    def say_of_people(self, text: str, user: str) -> None:
        """Somebody types a grant or a revoke."""
        answer = self.office.say(text, user)
        action, why = text.partition(" ")[0], self.people.say(text.split(), user, self.now)
        self._compare(
            "", f"{user} types {text!r}: {answer}", refused(action, why) if why else done(action, user, reason=None)
        )

    def press_reminder(self) -> None:
        """Whoever is asked in a message whether an unlock is to last longer says yes."""
        asked = [(to, button) for (to, _), (_, buttons) in self._told() for button in buttons]
        for user, button in asked:
            if button.action == "extend":
                self._extend(user, button.value)

    def _told(self) -> list[Any]:
        """Messages since this was asked last."""
        told = list(zip(self._hosts.told, self._hosts.asked, strict=True))[self._read :]
        self._read += len(told)
        return told

    def _extend(self, user: str, value: str) -> None:
        assert self.office.press("extend", value, user).status_code == 200
        door, *times = value.split()
        since, told = (EPOCH + timedelta(microseconds=int(each)) for each in times)
        expected = Asked(self.judge[door], self.people).extend(user, since, told, self.now)
        self._compare(door, f"{user} presses 30 more minutes", expected)

    def ring(self, door: str, call: str, caller: str = "") -> str:
        """The intercom calls, and what it hears."""
        known = self.judge[door].facts
        form = {"From": caller or known.intercom, "To": known.number}
        heard = hears(self.office.ring(call, **form))
        self._heard(door, f"{call} rings", heard, *self.calls.ring(self.judge[door], call, form["From"], self.now))
        return heard

    def poll(self, call: Call, digits: str = "") -> str:
        """A held call asks how to go on."""
        heard = hears(self._voice(call, f"/voice/held/{call.door}", Digits=digits))
        expected = self.calls.poll(self.judge[call.door], call, digits, self.now)
        self._heard(call.door, f"{call.id} polls {digits}", heard, *expected)
        return heard

    def nobody_comes(self, call: Call) -> None:
        """The telephones have rung in vain."""
        more = {"DialCallStatus": "no-answer", "DialBridged": "false"}
        heard = hears(self._voice(call, f"/voice/forwarded/{call.door}", **more))
        self._heard(call.door, f"{call.id}: nobody comes", heard, *self.calls.nobody_came(call))

    def end(self, call: Call) -> None:
        """Twilio reports the end of a call."""
        self._voice(call, "/voice/status", CallStatus="completed")
        self._compare(call.door, f"{call.id} ends", self.calls.ended(call))

    def press(self, call: Call, user: str, action: str) -> None:
        """Somebody presses a button under a ring."""
        value = f"{call.door} {call.id}" + (" unlock" if action == "admit:unlock" else "")
        assert self.office.press(action, value, user).status_code == 200
        door = self.judge[call.door]
        if action == "turn_away":
            expected = self.calls.turn_away(door, call, user, self.now)
        else:
            expected = self.calls.admit(door, call, user, self.now, unlock=action == "admit:unlock")
        self._compare(call.door, f"{user} presses {action} for {call.id}", expected)

    def say_of_all(self, text: str, user: str) -> None:
        """Somebody types a lockdown, or its end, of every door."""
        answer = self.office.say(text, user)
        words = text.split()
        for name, door in self.judge.items():
            held = words != ["lift"] or door.in_lockdown(self.now)
            asked = Asked(door, self.people)
            expected = asked.say(words, user, self.now, "") if held else asked.lockdown_over(self.now)
            self._compare(name, f"{user} types {text!r} for all doors: {answer}", expected)

    def sweep(self) -> None:
        """A round in the background of one process; of the same one as before, as long as it has the lease."""
        if self.now > self._swept_at + LEASED:
            self._sweeper = self.office
        self._swept_at = self.now
        self._sweeper.sweep()
        for name, door in self.judge.items():
            over = Asked(door, self.people).lockdown_over(self.now)
            self._compare(name, "the background looks", [*self.calls.lost(name, self.now), *over])

    # What came of it

    def log(self, door: str) -> list[LogEntry]:
        """The whole log of a door, oldest first."""
        found: list[LogEntry] = []
        before: int | None = None
        while page := self.stores[0].read_log(partition(door), before=before, limit=500):
            found += page
            before = page[-1].seq
        return found[::-1]

    def _voice(self, call: Call, path: str, **more: str) -> str:
        known = self.judge[call.door].facts
        form = call_form(call.id, From=known.intercom, To=known.number, CallStatus="in-progress") | more
        answer = self.office.voice_post(path, form)
        assert answer.status_code == 200, answer.text
        return answer.text

    def _heard(self, door: str, what: str, heard: str, expected: str, on_record: list[Fact]) -> None:
        self._compare(door, f"{what} and hears: {heard}", on_record)
        if heard != expected:
            self._disagree(door, f"hears {heard!r}, and must hear {expected!r}")

    def _compare(self, door: str, what: str, expected: list[Fact]) -> None:
        """What went on record with this is exactly what the judge expects."""
        zone = self.judge[door or "front"].facts.zone
        self._diary[door].append(f"{self.now.astimezone(zone):%a %Y-%m-%d %H:%M:%S.%f %z} {what}")
        new = self._news(door, len(expected) + 3)
        self._seen[door] += len(new)
        events = [entry.event for entry in new]
        refusals = [each for each in expected if each.outcome == "refused"]
        found = [each for each in events if each.outcome is not Outcome.REFUSED and self._is_judged(each)]
        wanted = [each for each in expected if each not in refusals]
        if len(found) != len(wanted) or not all(is_told_by(*pair) for pair in zip(wanted, found, strict=True)):
            self._disagree(door, f"is recorded as {list(map(short, events))}, and must be {expected}")
        for event in events:  # equal refusals within a minute are summed up later, by how many times they came
            is_new = event.outcome is Outcome.REFUSED and event.time == self.now and "times" not in event.details
            if is_new and event.reason not in {each.reason for each in refusals}:
                self._disagree(door, f"is recorded as {short(event)}, and must be {refusals}")
        self.last[door] = expected
        self.counted.update(f"{each.action} {each.outcome} {each.reason}".strip() for each in expected)

    def _news(self, door: str, most: int) -> list[LogEntry]:
        """What went on record since this was asked last, in order; most often no more than `most` entries."""
        new = [each for each in self.stores[0].read_log(partition(door), limit=most) if each.seq > self._seen[door]]
        if len(new) == most:
            return self._news(door, most * 10)
        if [entry.seq for entry in new[::-1]] != list(range(self._seen[door] + 1, self._seen[door] + 1 + len(new))):
            self._disagree(door, f"is recorded with these numbers: {[entry.seq for entry in new]}")
        return new[::-1]

    def _is_judged(self, event: AuditEvent) -> bool:
        """In the office's own log only what is said of people is; what concerns all doors is in each door's."""
        return event.action in (("grant", "revoke") if not event.door else set(Action) - ALARMS)

    def _disagree(self, door: str, problem: str) -> None:
        diary = "\n  ".join(self._diary[door])
        raise Disagreement(f"At the {door} the last of these {problem}.\n  {diary}\n(YEAR_SEED={self.seed})")


def hears(twiml: str) -> str:
    """What a visitor hears, in a word."""
    if "<Play" in twiml:
        return "tone"
    tags = [verb.tag for verb in verbs(twiml)]
    for tag, word in (("Gather", "held"), ("Dial", "telephones"), ("Reject", "rejected")):
        if tag in tags:
            return word
    told = {"we are closed": "closed", "nobody can come": "nobody", "nobody can let you in": "turned away"}
    return next((word for part, word in told.items() if part in twiml), "told" if "Say" in tags else "hangup")


def short(event: AuditEvent) -> str:
    return f"{event.action} {event.outcome} {event.reason} by {event.actor or '-'} {dict(event.details) or ''}".strip()


def is_told_by(fact: Fact, event: AuditEvent) -> bool:
    """Whether an entry says what must be said."""
    until: Any = event.details.get("until")
    return (
        (fact.action, fact.outcome) == (event.action, event.outcome)
        and fact.reason in (None, event.reason)
        and (fact.actors is None or event.actor in fact.actors)
        and (fact.until is None or (until is not None and datetime.fromisoformat(until) == fact.until))
    )


@contextmanager
def an_office(
    folder: Path, stores: Callable[[], Store], seed: int, toml: str = facts.YEAR_TOML
) -> Iterator[Simulation]:
    """The office on the evening before its year, on a clock of its own; the application reads `toml`."""
    with freeze_time("2026-10-31T12:00:00Z") as clock:
        yield Simulation(folder, stores, clock, seed, toml)
