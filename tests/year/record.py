"""Reads a door's audit log, and nothing else but the office's file: what is on record must explain every ring."""

from dataclasses import dataclass, field
from datetime import date, datetime

from app.domain.audit import AuditEvent, LogEntry
from tests.year.facts import ASK_FOR, Facts
from tests.year.rules import Code, Door, Schedule, SpecialDay, Unlock, Verdict
from tests.year.wallclock import span_of, weekdays_of

DONE, RELEASED, REFUSED = "done", "released", "refused"


class Unexplained(AssertionError):
    """The log says something that does not follow from what it said before."""


@dataclass
class Reader:
    """Reads entry after entry, as somebody does who has to explain a year later why the door was released."""

    facts: Facts
    door: Door = field(init=False)
    explained: dict[str, list[str]] = field(default_factory=dict)  # of each visit, what became of it and why
    _asked: dict[str, AuditEvent] = field(default_factory=dict)
    _seq: int = 0

    def __post_init__(self) -> None:
        self.door = Door(self.facts)

    def read(self, entry: LogEntry) -> None:
        """The next entry; Unexplained where it can't be."""
        event = entry.event
        if entry.seq != self._seq + 1:
            raise Unexplained(f"entry {entry.seq} follows {self._seq}")
        self._seq = entry.seq
        if event.outcome == REFUSED:
            return
        match event.action:
            case "ring":
                self._ring(entry)
            case "use_code":
                self._use_code(entry)
            case "admit" | "turn_away" | "forward" | "end":
                self._step(entry)
            case _:
                self._change(entry)

    def _change(self, entry: LogEntry) -> None:
        """Somebody changed what is in force."""
        event, details = entry.event, entry.event.details
        match event.action:
            case "unlock" if not event.reason:
                left, until = details.get("releases"), instant(details["until"])
                self.door.unlocks.append(
                    Unlock(event.actor, event.time, until, None if left is None else int(left), f"entry {entry.seq}")
                )
            case "lock":
                self.door.lock(event.time)
            case "extend" if not event.reason:
                self._extended(event).until = instant(details["until"])
            case "lock_down" if not event.reason:
                self.door.lockdown = (event.time, instant(details["until"]) if "until" in details else None)
            case "lift" if event.reason == "time" and self.door.in_lockdown(event.time):
                raise Unexplained(f"entry {entry.seq} lifts a lockdown before its time")
            case "lift":
                self.door.lockdown = None
            case "issue_code":
                uses, name = details.get("uses"), str(details["name"])
                left = None if uses is None else int(uses)
                until, any_hour = instant(details["until"]), details["hours"] == "any"
                self.door.codes.append(Code(name, name, event.actor, until, any_hour, left))
            case "revoke_code":
                self.door.codes = [code for code in self.door.codes if code.name != details["name"]]

            case "add_schedule":
                self.door.schedules[int(details["number"])] = Schedule(
                    weekdays_of(str(details["days"])),
                    span_of(f"{details['start']}-{details['end']}"),
                    event.actor,
                    first=day(details.get("first")) or date.min,
                    last=day(details.get("last")) or date.max,
                )
            case "remove_schedule" | "pause_schedule" | "resume_schedule" | "open_day" | "close_day":
                self._replan(event)

    def _replan(self, event: AuditEvent) -> None:
        """What the door does by itself was changed."""
        door, details = self.door, event.details
        number, until = details.get("number"), details.get("until")
        match event.action:
            case "remove_schedule" if number:
                del door.schedules[int(number)]
            case "remove_schedule":
                door.specials = [each for each in door.specials if each.day != day(details["date"])]
            case "pause_schedule" | "resume_schedule" if number:
                door.schedules[int(number)].paused_until = instant(until) if until else None
            case "pause_schedule":
                door.paused_until = instant(until)
            case "resume_schedule":
                door.paused_until = door.suspended_until = None
                for schedule in door.schedules.values():
                    schedule.paused_until = None
            case "open_day" | "close_day":
                span, is_open = span_of(f"{details['start']}-{details['end']}"), event.action == "open_day"
                special_day = day(details["date"]) or date.min
                door.specials.append(SpecialDay(special_day, span, is_open, "asking" not in details, event.actor))
        door.replan(event.time)

    def _extended(self, event: AuditEvent) -> Unlock:
        """The unlock that lasts longer now: of those that run, the one that its owner began, or the longest."""
        running = [each for each in self.door.unlocks if each.left is None and each.is_active(event.time)]
        mine = [each for each in running if each.by == event.actor]
        return max(mine or running, key=lambda each: each.until)

    def _ring(self, entry: LogEntry) -> None:
        """What came of a ring; or, where hosts had been asked, of a poll."""
        event = entry.event
        if event.visit in self._asked:
            verdict = self.door.released(event.time)
        else:  # callers' numbers are erased after a while; why they were turned away is not
            is_strange = event.reason == "not_an_intercom"
            verdict = self.door.ring(event.time, event.caller or ("" if is_strange else self.facts.intercom))
            self._asked[event.visit] = event
        self._agree(entry, verdict)

    def _use_code(self, entry: LogEntry) -> None:
        event, name = entry.event, str(entry.event.details.get("name", ""))
        digits = name if event.outcome == RELEASED else ""
        result, code = self.door.key(digits, event.time)
        by = frozenset({code.by if code else ""})
        self._agree(entry, Verdict(RELEASED if code else "denied", result, by, f"code {name}"))

    def _step(self, entry: LogEntry) -> None:
        """What people and telephones did about a visit that is on record."""
        event, asked = entry.event, self._asked.get(entry.event.visit)
        if asked is None:
            raise Unexplained(f"entry {entry.seq} is of a visit that never rang")
        waited = event.time - asked.time
        is_released = event.action == "admit" and event.outcome == RELEASED
        if is_released and self.door.in_lockdown(event.time):
            raise Unexplained(f"entry {entry.seq} admits in lockdown")
        if event.reason == "nobody_answered" and waited < ASK_FOR:
            raise Unexplained(f"entry {entry.seq}: nobody could answer within {waited}")
        if event.action == "forward" and event.reason == "lockdown" and not self.door.in_lockdown(event.time):
            raise Unexplained(f"entry {entry.seq} is forwarded without a lockdown")
        self._note(event, f"by {event.actor or 'itself'}")

    def _agree(self, entry: LogEntry, verdict: Verdict | None) -> None:
        event = entry.event
        recorded = (event.outcome, event.reason)
        if verdict is None or recorded != (verdict.outcome, verdict.reason) or event.actor not in verdict.actors:
            raise Unexplained(f"entry {entry.seq} at {event.time} says {recorded} by {event.actor}: {verdict}")
        self._note(event, f"because of {verdict.because}" if verdict.because else "by the rules")

    def _note(self, event: AuditEvent, why: str) -> None:
        told = f"{event.time:%Y-%m-%d %H:%M:%S} {event.action} {event.outcome} {event.reason} {why}"
        self.explained.setdefault(event.visit, []).append(told)


def day(text: object) -> date | None:
    return date.fromisoformat(str(text)) if text else None


def instant(text: object) -> datetime:
    return datetime.fromisoformat(str(text))
