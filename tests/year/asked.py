"""The judge is told what was typed and pressed, takes it apart in its own way, and says what must be on record."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from tests.year.facts import UNLOCK_FOR, UNLOCK_MAX
from tests.year.people import People
from tests.year.planned import plan
from tests.year.rules import Code, Door, Unlock
from tests.year.wallclock import DAY, first_instant, instants_showing, minute_of, today

ACTIONS = {
    "unlock": "unlock",
    "lock": "lock",
    "lockdown": "lock_down",
    "lift": "lift",
    "code issue": "issue_code",
    "code revoke": "revoke_code",
    "schedule add": "add_schedule",
    "schedule remove": "remove_schedule",
    "schedule pause": "pause_schedule",
    "schedule resume": "resume_schedule",
    "schedule open": "open_day",
    "schedule closed": "close_day",
}
LET_IN_UNLOCK, MORE = timedelta(minutes=30), timedelta(minutes=30)
WORTHWHILE = timedelta(minutes=1)


@dataclass(frozen=True)
class Fact:
    """What must be on record: `actors` are those who may be named, `until` what it says of its end."""

    action: str
    outcome: str
    reason: str | None = ""  # None: it does not matter
    actors: frozenset[str] | None = None
    until: datetime | None = None


def done(action: str, user: str, **more: datetime | str | None) -> list[Fact]:
    return [Fact(action, "done", actors=frozenset({user}), **more)]  # type: ignore[arg-type]


def refused(action: str, reason: str) -> list[Fact]:
    return [Fact(action, "refused", reason)]


def length_of(text: str) -> timedelta:
    """ "2h" or "45m"."""
    return timedelta(hours=int(text[:-1])) if text.endswith("h") else timedelta(minutes=int(text[:-1]))


@dataclass
class Asked:
    """Carries out what was typed at one door, as the rules have it."""

    door: Door
    people: People

    def say(self, words: list[str], user: str, now: datetime, number: str, *, digits: str = "") -> list[Fact]:
        """What `/frontdoor <words>` must leave on record; `words` come without the door's name.

        `digits` are those of a code that was issued: only the application can draw them.
        """
        verb, *rest = words
        action = ACTIONS.get(verb) or ACTIONS[f"{verb} {rest[0]}"]
        if why := self.people.refusal(user, self.door.facts.id, now, verb):
            return refused(action, why)
        match verb:
            case "unlock":
                return self._unlock(rest, user, now, number)
            case "lock":
                return done(action, user, until=self.door.lock(now))
            case "lockdown":
                return [*self.lockdown_over(now), *self._lock_down(user, self._lockdown_end(rest, now), now)]
            case "lift":
                over, self.door.lockdown = self.lockdown_over(now), None
                return [*over, *done(action, user)]
            case "code":
                return self._code(rest, user, now, digits)
            case "schedule":
                return [Fact(action, "done", actors=frozenset({user}))] * plan(self.door, rest, user, now)
        raise AssertionError(words)

    def lockdown_over(self, now: datetime) -> list[Fact]:
        """A lockdown that has ended by the clock holds no more; that goes on record when somebody looks."""
        if self.door.lockdown is None or self.door.in_lockdown(now):
            return []
        self.door.lockdown = None
        return [Fact("lift", "done", "time")]

    def _lock_down(self, user: str, until: datetime | None, now: datetime) -> list[Fact]:
        """One with an end never shortens one that is running."""
        running = self.door.lockdown
        if running and until and (running[1] is None or running[1] >= until):
            return done("lock_down", user, reason="already_locked_down")
        self.door.lockdown = (now, until)
        return done("lock_down", user, until=until)

    def _lockdown_end(self, rest: list[str], now: datetime) -> datetime | None:
        match rest:
            case ["for", length, *_]:
                return now + length_of(length)
            case ["until", clock, *_]:
                return next(each for each in self._shown_today(clock, now) if each > now)
        return None

    def _unlock(self, rest: list[str], user: str, now: datetime, number: str) -> list[Fact]:
        if self.door.in_lockdown(now):
            return refused("unlock", "lockdown")
        if not self.door.is_open(now):
            return refused("unlock", "outside_hours")
        left = {"once": 1, "next": int(rest[1]) if rest[:1] == ["next"] else 0}.get(rest[0] if rest else "")
        rest = rest[{"once": 1, "next": 2}.get(rest[0] if rest else "", 0) :]
        expecting = "expecting" in rest
        when = rest[: rest.index("expecting")] if expecting else rest
        asked = self._asked_end(when, now)
        if asked is None or asked <= now:
            return refused("unlock", "past")
        until = self.door.longest(now, asked)
        is_new = self.door.unlock(Unlock(user, now, until, left, number), expecting=expecting)
        return done("unlock", user, until=until) if is_new else done("unlock", user, reason="already_unlocked")

    def _asked_end(self, when: list[str], now: datetime) -> datetime | None:
        """Until when it was asked for; None where that is past."""
        match when:
            case []:
                return now + UNLOCK_FOR
            case ["for", length]:
                return now + length_of(length)
            case ["until", clock]:
                return self._clock_time(clock, now)
        raise AssertionError(when)

    def _clock_time(self, clock: str, now: datetime) -> datetime | None:
        """Today's, the second of two where the first is past; after midnight only if the door is open until then."""
        if to_come := [instant for instant in self._shown_today(clock, now) if instant > now]:
            return to_come[0]
        zone = self.door.facts.zone
        tomorrow = first_instant(today(now, zone) + DAY, minute_of(clock), zone)
        return tomorrow if tomorrow <= min(self.door.closing(now), now + UNLOCK_MAX) else None

    def _shown_today(self, clock: str, now: datetime) -> list[datetime]:
        """When the door's clock shows this today; where it never does, when it jumps over it."""
        zone, minute = self.door.facts.zone, minute_of(clock)
        this = today(now, zone)
        return instants_showing(this, minute, zone) or [first_instant(this, minute, zone)]

    def _code(self, rest: list[str], user: str, now: datetime, digits: str) -> list[Fact]:
        do, name, *terms = rest
        if do == "revoke":
            self.door.codes = [code for code in self.door.codes if code.name != name]
            return done("revoke_code", user)
        any_hour, terms = (
            terms[-3:] == ["at", "any", "hour"],
            terms[:-3] if terms[-3:] == ["at", "any", "hour"] else terms,
        )
        if any_hour and not self.people.is_admin(user, self.door.facts.id, now):
            return refused("issue_code", "not_permitted")
        uses, until = None, None
        while terms:
            match terms:
                case ["once", *terms]:
                    uses = 1
                case ["for", number, "uses", *terms]:
                    uses = int(number)
                case ["for", length, *terms]:
                    until = now + length_of(length)
                case ["until", "friday", *terms]:
                    until = self.door.next_closing(now, weekday=4)
        until = until or self.door.next_closing(now)
        self.door.codes.append(Code(name, digits, user, until, any_hour, uses))
        return done("issue_code", user, until=until)

    def unlock_beside_admission(self, user: str, now: datetime, number: str) -> list[Fact]:
        """Whoever lets a visitor in can unlock the door for half an hour with it, in working hours."""
        if not self.door.is_open(now):
            return []
        until = self.door.longest(now, now + LET_IN_UNLOCK)
        self.door.unlock(Unlock(user, now, until, None, number), expecting=True)
        return done("unlock", user, until=until)

    def extend(self, user: str, since: datetime, told: datetime, now: datetime) -> list[Fact]:
        """*30 more minutes* than the end that a reminder told of, for the unlock that began then."""
        if why := self.people.refusal(user, self.door.facts.id, now, "extend"):
            return refused("extend", why)
        if self.door.in_lockdown(now):
            return refused("extend", "lockdown")
        active = [each for each in self.door.unlocks if each.left is None and each.is_active(now)]
        mine = [each for each in active if each.since == since]
        if not active:
            return refused("extend", "too_late")
        longest = max(each.until for each in active)
        end = min(mine[0].until, told) if mine else longest
        until = self.door.longest(now, end + MORE)
        if until < end + WORTHWHILE:
            return refused("extend", "too_late")
        if not mine or longest >= until:
            return done("extend", user, reason="already_unlocked")
        mine[0].until = until
        return done("extend", user, until=until)
